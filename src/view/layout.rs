//! What every page begins and ends with.

use askama::Template;

use super::article::link_words;
use super::{Visit, languages};
use crate::flow::Flow;
use crate::site::{Banner, Link, Office};
use crate::words::Words;

/// What is around a page.
pub(super) struct Top {
    pub(super) words: Words,
    pub(super) lang: String,
    /// Written from right to left.
    pub(super) rtl: bool,
    pub(super) title: String,
    /// What the page is about: its heading, mostly.
    pub(super) name: String,
    /// HTML.
    pub(super) header: String,
    /// HTML.
    pub(super) footer: String,
    /// HTML: the languages of the flow, at the end of what the page says.
    pub(super) languages: String,
    /// What the office says on all its pages.
    pub(super) notice: Option<String>,
    /// Where people can ring, and when.
    pub(super) contact: Option<Contact>,
    /// The browser shows no style: what style would put in its place is put there by the page.
    pub(super) text: bool,
}

/// Where people can ring, and when.
#[derive(Clone)]
pub(super) struct Contact {
    pub(super) telephone: Option<String>,
    pub(super) hours: Option<String>,
}

/// How much of the office a page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// Its name and its links.
    Name,
    /// Its mark too.
    Mark,
    /// That, and the banner.
    All,
}

/// The band across the page.
#[derive(Template)]
#[template(path = "header.html")]
struct Header<'a> {
    root: &'a str,
    /// An SVG element.
    mark: &'a str,
    office: &'a str,
    service: &'a str,
    banner: Option<(&'a Banner, Option<(&'a str, &'a str)>)>,
}

/// The links at its foot.
#[derive(Template)]
#[template(path = "footer.html")]
struct Footer<'a> {
    root: &'a str,
    /// Paths and labels.
    links: Vec<(&'a str, &'a str)>,
}

impl Top {
    /// A page of a flow.
    pub(super) fn of(visit: &Visit<'_>, flow: &Flow, name: &str, wrong: bool) -> Self {
        Self::made(visit, Some(flow), name, Shows::Name).wrong(wrong)
    }

    /// The page on which a flow begins.
    pub(super) fn start(visit: &Visit<'_>, flow: &Flow, name: &str) -> Self {
        Self::made(visit, Some(flow), name, Shows::All)
    }

    /// The page on which it ends.
    pub(super) fn end(visit: &Visit<'_>, flow: &Flow, name: &str) -> Self {
        Self::made(visit, Some(flow), name, Shows::Mark)
    }

    /// A page of a flow, where it is known.
    pub(super) fn about(visit: &Visit<'_>, flow: Option<&Flow>, name: fn(Words) -> &'static str) -> Self {
        Self::made(visit, flow, name(visit.words(flow)), Shows::Name)
    }

    /// A page of no flow.
    pub(super) fn plain(visit: &Visit<'_>, name: &str) -> Self {
        Self::made(visit, None, name, Shows::Name)
    }

    /// A page of no flow, in the language of a tag.
    pub(super) fn told(visit: &Visit<'_>, lang: &str, name: &str) -> Self {
        let words = visit.site.vocabulary.of(lang);
        Self::written(visit, None, (lang, words), (name, Shows::Name))
    }

    fn made(visit: &Visit<'_>, flow: Option<&Flow>, name: &str, shows: Shows) -> Self {
        let lang = flow.map_or_else(|| visit.lang(), |flow| flow.lang.as_str());
        Self::written(visit, flow, (lang, visit.words(flow)), (name, shows))
    }

    fn written(
        visit: &Visit<'_>,
        flow: Option<&Flow>,
        (lang, words): (&str, Words),
        (name, shows): (&str, Shows),
    ) -> Self {
        let office = flow.map_or_else(|| visit.site.office_in(lang), |flow| visit.site.of_flow(flow));
        let service = flow.map(|flow| flow.title.as_str());
        Self {
            words,
            lang: lang.to_owned(),
            rtl: words.is_rtl(),
            title: match service.filter(|service| *service != name) {
                Some(service) => words.page_title(name, service),
                None => name.to_owned(),
            },
            name: name.to_owned(),
            header: header(visit, &office, service, shows, words),
            footer: footer(visit, &office, words),
            languages: match flow {
                Some(flow) => languages::links(flow, visit),
                None => languages::of_front(visit, lang),
            },
            notice: office.notice.map(str::to_owned),
            contact: (office.telephone.is_some() || office.hours.is_some()).then(|| Contact {
                telephone: office.telephone.map(str::to_owned),
                hours: office.hours.map(str::to_owned),
            }),
            text: visit.text,
        }
    }

    /// Says in the title whether something on the page is wrong.
    fn wrong(self, wrong: bool) -> Self {
        let title = if wrong {
            self.words.page_error(self.title)
        } else {
            self.title
        };
        Self { title, ..self }
    }
}

fn header(visit: &Visit<'_>, office: &Office<'_>, service: Option<&str>, shows: Shows, words: Words) -> String {
    let banner = office.banner.filter(|_| shows == Shows::All);
    let header = Header {
        root: visit.root,
        mark: office.mark.filter(|_| shows != Shows::Name).unwrap_or_default(),
        office: office.name,
        service: service.unwrap_or_default(),
        banner: banner.map(|banner| {
            let link = banner.link.as_ref();
            (banner, link.map(|link| (link.path.as_str(), label(link, words))))
        }),
    };
    header.render().unwrap_or_default()
}

fn footer(visit: &Visit<'_>, office: &Office<'_>, words: Words) -> String {
    let links = office.links.iter();
    let footer = Footer {
        root: visit.root,
        links: links.map(|link| (link.path.as_str(), label(link, words))).collect(),
    };
    footer.render().unwrap_or_default()
}

/// What people read of a link.
fn label(link: &Link, words: Words) -> &str {
    link_words(&link.name, link.label.as_deref(), words)
}
