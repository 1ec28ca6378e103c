//! Whether an answer is a page for people.
//!
//! Owns the telling of HTML from other answers: a captive portal or a proxy answers in a callee's
//! place with a page of its own and 200. Must not know what an answer means.

use super::response::Response;

/// Bytes in which a page without a type shows that it is one.
const SNIFFED: usize = 1_024;
/// The elements, and the declaration, that pages begin with.
const BEGINNINGS: [&str; 10] = [
    "!doctype html",
    "html",
    "head",
    "title",
    "body",
    "script",
    "style",
    "meta",
    "h1",
    "iframe",
];

/// Whether the body is HTML: the callee says so, or it begins like a page where the callee does
/// not say what it is, or says that it is JSON, which never begins so. An empty body is none.
pub(super) fn is_html(answer: &Response) -> bool {
    let body = answer.body.trim_ascii_start();
    if body.is_empty() {
        return false;
    }
    let said = answer.content_type.as_deref().unwrap_or_default();
    let said = said
        .split([';', ','])
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match said.as_str() {
        "text/html" | "application/xhtml+xml" => true,
        "" | "application/json" => begins_like_a_page(body),
        // No type at all, whatever it is.
        said if !said.contains('/') || said == "*/*" || said == "unknown/unknown" => begins_like_a_page(body),
        _ => false,
    }
}

fn begins_like_a_page(body: &[u8]) -> bool {
    let start = body.get(..SNIFFED).unwrap_or(body);
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let mut rest = start.trim_start_matches('\u{feff}').trim_start();
    // What may stand before the first element.
    for (open, close) in [("<?xml", "?>"), ("<!--", "-->"), ("<!--", "-->")] {
        if let Some((_, after)) = rest.strip_prefix(open).and_then(|rest| rest.split_once(close)) {
            rest = after.trim_start();
        }
    }
    BEGINNINGS.iter().any(|beginning| {
        let after = rest.strip_prefix('<').and_then(|rest| rest.strip_prefix(beginning));
        after.is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(content_type: Option<&str>, body: &str) -> bool {
        is_html(&Response {
            status: 200,
            retry_after: None,
            content_type: content_type.map(str::to_owned),
            encoded: false,
            body: body.into(),
            cut: false,
        })
    }

    #[test]
    fn a_page_is_one_by_its_type_or_by_how_it_begins_where_none_is_given() {
        for page in [
            "<!DOCTYPE html><title>Wi-Fi</title>",
            "\r\n  <html lang=en>",
            "\u{feff}<HTML>",
            "<!-- portal --><head>",
            "<?xml version='1.0'?><!DOCTYPE html>",
            "<h1>It works!</h1>",
        ] {
            assert!(html(None, page), "{page}");
            assert!(html(Some(""), page), "{page}");
            assert!(html(Some("application/json"), page), "{page}");
            assert!(html(Some("text/html; charset=utf-8"), page), "{page}");
            assert!(!html(Some("text/plain"), page), "{page}");
        }
        assert!(html(Some(" Text/HTML"), "Please log in"));
        assert!(html(Some("application/xhtml+xml"), "<p/>"));
    }

    #[test]
    fn what_is_no_page_is_none() {
        for body in [
            "",
            " \n",
            "{\"n\": 1}",
            "ok",
            "<order id=\"1\"/>",
            "<header-1/>",
            "<?xml version='1.0'?><soap:Envelope/>",
        ] {
            assert!(!html(None, body), "{body}");
            assert!(!html(Some("application/json"), body), "{body}");
        }
        assert!(!html(Some("text/html"), "  "), "nothing is no page");
    }
}
