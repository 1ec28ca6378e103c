//! Which browsers show text alone.
//!
//! Owns what they call themselves. Must not know what they get in place of a page with style.

use hyper::HeaderMap;
use hyper::header::USER_AGENT;

/// What they begin their `User-Agent` with: lynx, w3m, links, elinks, edbrowse, and eww in Emacs.
const NAMES: [&str; 6] = ["lynx/", "w3m/", "links", "elinks", "edbrowse/", "url/emacs"];

/// Whether the client shows no style. Such a client gets every word that others get, so that nothing is
/// lost where it calls itself another name.
pub(super) fn shows_text(headers: &HeaderMap) -> bool {
    let name = headers.get(USER_AGENT).and_then(|name| name.to_str().ok());
    let begins = |name: &str, text: &str| {
        let head = name.get(..text.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(text))
    };
    name.is_some_and(|name| NAMES.iter().any(|text| begins(name, text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn text_browsers_are_known_by_their_names() {
        let shows = |name: &'static str| {
            let headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(name))]);
            shows_text(&headers)
        };
        for name in [
            "Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8",
            "w3m/0.5.3+git20230121",
            "Links (2.28; Linux 6.1 x86_64; GNU C 12.2; text)",
            "ELinks/0.13.2 (textmode; Linux; 80x24-2)",
            "edbrowse/3.8.8",
            "URL/Emacs Emacs/29.1 (TTY; x86_64-pc-linux-gnu)",
        ] {
            assert!(shows(name), "{name}");
        }
        for name in [
            "",
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)",
            "Dillo/3.0.5",
            "NetSurf/3.10 (Linux)",
            "Lynxfox/1",
        ] {
            assert!(!shows(name), "{name}");
        }
        assert!(!shows_text(&HeaderMap::new()));
    }
}
