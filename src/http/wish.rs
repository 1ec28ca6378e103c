//! The languages that a person reads.
//!
//! Owns what of a request says so: `?lang=cy` of a link or of a start page's form, then the browser's
//! `Accept-Language`. Must not know which languages there are.

use hyper::Uri;
use hyper::header::ACCEPT_LANGUAGE;
use hyper::http::request::Parts;

use crate::id::Language;
use crate::view::LANG;

/// As many as are looked at: nobody reads more.
const MOST: usize = 16;

/// The language that the address asks for.
pub(super) fn asked(uri: &Uri) -> Option<Language> {
    let query = uri.query().unwrap_or_default().as_bytes();
    let mut all = form_urlencoded::parse(query);
    let (_, tag) = all.find(|(name, _)| name == LANG)?;
    Language::parse(&tag)
}

/// All of them, the most wished for first.
pub(super) fn of(head: &Parts) -> Vec<Language> {
    let lines = head.headers.get_all(ACCEPT_LANGUAGE).iter();
    let line = lines
        .filter_map(|value| value.to_str().ok())
        .collect::<Vec<_>>()
        .join(",");
    let accepted = accept_language::parse(&line);
    let accepted = accepted.iter().filter_map(|tag| Language::parse(tag));
    asked(&head.uri).into_iter().chain(accepted).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(target: &str, header: &str) -> Vec<String> {
        let request = hyper::Request::get(target).header(ACCEPT_LANGUAGE, header);
        let (head, ()) = request.body(()).unwrap().into_parts();
        of(&head).iter().map(|language| language.tag().to_owned()).collect()
    }

    #[test]
    fn an_address_goes_before_a_browser() {
        assert_eq!(wishes("/a", "cy;q=0.8, en-GB, *;q=0.1"), ["en-GB", "cy"]);
        assert_eq!(wishes("/a?x=1&lang=ar", "cy"), ["ar", "cy"]);
        assert_eq!(wishes("/a?lang=%3Cb%3E", ""), Vec::<String>::new());
        assert_eq!(wishes("/a", &"x-y,".repeat(400)).len(), MOST);
    }
}
