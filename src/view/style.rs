//! The style: the parts of `templates/style.css` that a page uses.
//!
//! Owns what dress a page wears. The style stands in the page (a sheet of its own would be another
//! request), so each rule counts. The content policy allows inline style as such: a hash would cost 45
//! bytes that do not compress, and style that somebody managed to plant could load nothing
//! (`default-src 'none'`).

use std::ops::Range;

use memchr::memmem;

/// A part of the sheet.
struct Part {
    /// The plain dress does without it.
    whole: bool,
    /// What stands in the HTML of a page that needs it; nothing: every page does.
    marks: &'static [&'static str],
    rules: &'static str,
}

impl Part {
    fn is_used(&self, body: &str) -> bool {
        let stands = |mark: &&str| memmem::find(body.as_bytes(), mark.as_bytes()).is_some();
        self.marks.is_empty() || self.marks.iter().any(stands)
    }
}

include!(concat!(env!("OUT_DIR"), "/style.rs"));

/// What an office's own colour takes the place of.
const ACCENT: &str = "#078";

/// Other sites do not learn the address, which holds ids. (`no-referrer` would make browsers send
/// `Origin: null` with our own forms.)
const REFERRER: &str = "<meta name=referrer content=same-origin>";

/// Where the style goes in a page that is not dressed yet.
const EMPTY: &str = "<style></style>";

/// The rules of each part, in their order.
pub fn sheet() -> Vec<&'static str> {
    PARTS.iter().map(|part| part.rules).collect()
}

/// All rules, in the office's own colour.
pub(super) fn sheet_in(accent: Option<&str>) -> String {
    let sheet = sheet().concat();
    accent.map_or_else(|| sheet.clone(), |accent| sheet.replace(ACCENT, accent))
}

/// A page in the whole dress, or without style where the browser shows text alone.
pub(super) struct Dressed {
    pub(super) html: String,
    /// The bytes of it that the plain dress does without, in their order.
    pub(super) spare: Vec<Range<usize>>,
}

/// Puts the rules that it uses into a page, and before them what else its head needs.
pub(super) fn dress(html: &str, accent: Option<&str>, text: bool) -> Dressed {
    let (head, body) = html.split_once(EMPTY).unwrap_or((html, ""));
    let mut page = String::with_capacity(html.len() + 2_700);
    let mut spare = Vec::new();
    page.push_str(head);
    if leads_out(body) {
        page.push_str(REFERRER);
    }
    if !text {
        page.push_str("<style>");
        for part in PARTS.iter().filter(|part| part.is_used(body)) {
            let began = page.len();
            match accent {
                Some(accent) => page.push_str(&part.rules.replace(ACCENT, accent)),
                None => page.push_str(part.rules),
            }
            if part.whole {
                spare.push(began..page.len());
            }
        }
        page.push_str("</style>");
    }
    page.push_str(body);
    Dressed { html: page, spare }
}

/// Whether a link of the page leads to another site: to anything but a path, the name of a flow, a
/// query or a fragment. Only such a page can tell another site its address.
fn leads_out(body: &str) -> bool {
    body.split(" href=").skip(1).any(|rest| {
        let target = rest.trim_start_matches('"');
        let path = target.starts_with('/') && !target.starts_with("//") && !target.starts_with("/\\");
        let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let flow = target.starts_with(name) && target.trim_start_matches(name).starts_with(['?', '"', '>', ' ']);
        !(path || flow || target.starts_with(['?', '#', '.']))
    })
}
