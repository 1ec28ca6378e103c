//! The style: the parts of `templates/style.css` that a page uses.
//!
//! Owns what dress a page wears. The style stands in the page (a sheet of its own would be another
//! request), so each rule counts. The content policy allows inline style as such: a hash would cost 45
//! bytes that do not compress, and style that somebody managed to plant could load nothing
//! (`default-src 'none'`).

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

/// A part of the sheet.
struct Part {
    /// The plain dress does without it.
    whole: bool,
    /// For what few flows have.
    rare: bool,
    /// What stands in the HTML of a page that needs it; nothing: every page does.
    marks: &'static [&'static str],
    rules: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/style.rs"));

/// What finds the marks of each part, made once: every page is looked through for some fifty.
static FINDERS: LazyLock<Vec<Vec<Finder<'static>>>> = LazyLock::new(|| {
    let finders = |part: &Part| part.marks.iter().map(|mark| Finder::new(*mark)).collect();
    PARTS.iter().map(finders).collect()
});

/// The parts that a page needs.
fn used(body: &str) -> impl Iterator<Item = &'static Part> {
    let parts = PARTS.iter().zip(FINDERS.iter());
    let used =
        parts.filter(|(_, marks)| marks.is_empty() || marks.iter().any(|mark| mark.find(body.as_bytes()).is_some()));
    used.map(|(part, _)| part)
}

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

/// The rules that a flow of these pages may need, in the office's own colour: of what few flows have only
/// what its pages use.
pub(super) fn sheet_for(pages: &[Vec<u8>], accent: Option<&str>) -> String {
    let needed = |(part, marks): &(&Part, &Vec<Finder<'static>>)| {
        !part.rare
            || pages
                .iter()
                .any(|page| marks.iter().any(|mark| mark.find(page).is_some()))
    };
    let parts = PARTS.iter().zip(FINDERS.iter()).filter(needed);
    let sheet: String = parts.map(|(part, _)| part.rules).collect();
    match accent {
        Some(accent) => sheet.replace(ACCENT, accent),
        None => sheet,
    }
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
        for part in used(body) {
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
