//! Links to other hosts, for text browsers.
//!
//! Some of these tell the other host the address of the page on which the link stood, whatever the page
//! says about that, and that address has ids. So they are led to a page of ours without ids, which has
//! the link. Owns that page's address and finding the links. Must not know which browsers these are.

use super::{Drawn, Visit};
use crate::engine::Shown;
use crate::id::{self, ServerKey};
use crate::machine::Page;

/// How a link of an author's text begins.
const LINK: &str = "<a href=\"";

/// A page of a session, fit for the browser that it is for. A hand-off's link goes straight: its host has
/// an address of ours anyway. Where no address has ids, none can be told.
pub(super) fn of_session(drawn: Drawn, shown: &Shown, visit: &Visit<'_>) -> Drawn {
    let straight = !visit.text || shown.flow.private || matches!(shown.showing.page, Page::Waiting(_));
    match visit.key.filter(|_| !straight) {
        Some(key) => Drawn {
            html: led(&drawn.html, key, visit),
            ..drawn
        },
        None => drawn,
    }
}

/// The page with each link to another host in an author's text led to a page of ours.
fn led(html: &str, key: &ServerKey, visit: &Visit<'_>) -> String {
    let mut out = String::with_capacity(html.len() + 100);
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(LINK) {
        out.push_str(before);
        out.push_str(LINK);
        rest = after;
        let Some((address, behind)) = after.split_once('"').filter(|(address, _)| is_elsewhere(address)) else {
            continue;
        };
        let address = address
            .replace("&amp;", "&")
            .replace("&#x27;", "'")
            .replace("&#39;", "'");
        let mark = id::away(&address, key);
        out.push_str(visit.root);
        out.push_str("/-/-?a=");
        out.extend(form_urlencoded::byte_serialize(address.as_bytes()));
        out.push_str("&amp;m=");
        out.push_str(&mark);
        out.push('"');
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn is_elsewhere(address: &str) -> bool {
    let begins = |with: &str| {
        address
            .get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    ["http:", "https:", "//"].iter().any(|with| begins(with))
}

/// The host of an address, for people to know where a link leads.
pub(super) fn host(address: &str) -> &str {
    let (_, rest) = address.split_once("//").unwrap_or(("", address));
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::{host, led};
    use crate::id::{self, ServerKey};
    use crate::view::Visit;

    #[test]
    fn only_links_to_other_hosts_are_led_elsewhere() {
        let key = ServerKey([7; 32]);
        let visit = Visit {
            root: "/forms",
            ..Visit::default()
        };
        for same in [
            "<a href=\"terms\">",
            "<a href=\"mailto:a@example.org\">",
            "<a href=tel>x",
            "<a href=\"httpx\">",
            "<p>\"",
            "",
        ] {
            assert_eq!(led(same, &key, &visit), same);
        }
        let mark = id::away("https://example.org/?a=1&b='x'", &key);
        assert_eq!(
            led(
                "<p><a href=\"https://example.org/?a=1&amp;b=&#x27;x&#x27;\">x</a> <a href=\"y\">y</a>",
                &key,
                &visit
            ),
            format!(
                "<p><a href=\"/forms/-/-?a=https%3A%2F%2Fexample.org%2F%3Fa%3D1%26b%3D%27x%27&amp;m={mark}\">x</a> <a \
                 href=\"y\">y</a>"
            )
        );
        assert!(id::is_away("https://example.org/?a=1&b='x'", &mark, &key));
        assert!(!id::is_away("https://example.net/?a=1&b='x'", &mark, &key));
        assert_eq!(host("https://example.org:8080/x"), "example.org:8080");
        assert_eq!(host("//example.org?x"), "example.org");
    }
}
