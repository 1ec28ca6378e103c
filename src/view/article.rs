//! The site's own pages, and the pages that lead to another host.
//!
//! Owns the words of links that say nothing themselves. Must not know where a page is found.

use askama::Template;

use super::Visit;
use super::layout::Top;
use crate::flow::Flow;
use crate::site::Stop;
use crate::words::Words;

/// A page of the site's own.
#[derive(Template)]
#[template(path = "article.html")]
pub(super) struct ArticlePage<'a> {
    top: Top,
    /// HTML.
    body: &'a str,
    /// The address elsewhere, of a page that leads there.
    away: Option<&'a str>,
}

/// What stands at an address below `-/`, for this person.
pub fn stop<'a>(visit: &Visit<'a>, name: &str) -> Option<Stop<'a>> {
    visit.site.stop_in(name, visit.lang())
}

pub(super) fn article<'a>(visit: &Visit<'_>, flow: Option<&Flow>, stop: &Stop<'a>) -> ArticlePage<'a> {
    let words = visit.words(flow);
    let (title, body, away) = match *stop {
        Stop::Article(article) | Stop::Told(article, _) => (article.title.as_str(), article.html.as_str(), None),
        Stop::Elsewhere { name, label, url } => (link_words(name, label, words), "", Some(url)),
    };
    ArticlePage {
        top: match (flow, stop) {
            (Some(flow), _) => Top::of(visit, flow, title, false),
            (None, Stop::Told(_, lang)) => Top::told(visit, lang, title),
            (None, Stop::Article(_)) => Top::told(visit, visit.site.lang(), title),
            (None, Stop::Elsewhere { .. }) => Top::plain(visit, title),
        },
        body,
        away,
    }
}

/// What people read of a link of the site: its own words, or ours for its name.
pub(super) fn link_words<'a>(name: &'a str, label: Option<&'a str>, words: Words) -> &'a str {
    label.unwrap_or(match name {
        "privacy" => words.site_privacy(),
        "accessibility" => words.site_accessibility(),
        "contact" => words.site_contact(),
        "terms" => words.site_terms(),
        other => other,
    })
}
