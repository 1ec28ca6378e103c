//! `phases/site.toml` and `phases/pages/*.md`: from files to a [`Site`], or to every fault at once.
//!
//! Owns the keys of the file and their checks. Must not know where the files lie.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::accent::{self, Amiss};
use super::{Article, Banner, Link, Site, Tongue, mark, tongue};
use crate::flow::{
    self, At, Defaults, Diagnostic, Says, Sink, Table, To, article, checked_line, did_you_mean, is_language, language,
    line, parse, place, says, target, zone,
};
use crate::limits;
use crate::words::{Said, Vocabulary};

/// The name of the banner's link, and of the page that leads on where that is elsewhere.
const BANNER: &str = "banner";

/// The files of a site, as text.
#[derive(Clone, Debug, Default)]
pub struct Sources<'a> {
    /// `site.toml`, if there is one.
    pub declared: Option<&'a str>,
    /// The pages, by name; those in other languages as `privacy.cy`.
    pub pages: BTreeMap<&'a str, &'a str>,
    /// `site.TAG.toml` by tag; nothing where a file cannot be read.
    pub tongues: BTreeMap<&'a str, Option<&'a str>>,
    /// The site as it was last found good: its pages and languages stay where the new ones are broken.
    pub last: Option<&'a Site>,
}

/// What was found in the files of a site.
#[derive(Debug, Default)]
pub struct Found {
    /// The site, if there is no fault in `site.toml`; without the pages that are broken.
    pub site: Option<Site>,
    /// What it says for flows that do not say it, as far as that can be read.
    pub defaults: Defaults,
    /// What was found in `site.toml`.
    pub declared: Vec<Diagnostic>,
    /// What was found in each page, by its name; nothing of those that are good.
    pub pages: BTreeMap<String, Vec<Diagnostic>>,
    /// What was found in the file of each language, by its tag.
    pub tongues: BTreeMap<String, Vec<Diagnostic>>,
}

/// The words in place of the program's that a file `site.TAG.toml` has; none where it has a fault.
pub fn words_of(tag: &str, source: &str) -> Said {
    tongue::read(tag, source, None).0.unwrap_or_default().words
}

/// Reads a site; every fault at once.
pub fn read(sources: &Sources<'_>) -> Found {
    let mut found = Found::default();
    let mut pages = pages(sources, &mut found);
    let names: Vec<&str> = sources
        .pages
        .keys()
        .copied()
        .filter(|name| !name.contains('.'))
        .collect();
    let vocabulary = vocabulary(sources);
    let sink = Sink::default();
    let site = match sources.declared {
        Some(source) => declared(source, &names, &vocabulary, &sink),
        None => Some(Site::default()),
    };
    found.declared = sink.sorted();
    let site = site.map(|site| Site { vocabulary, ..site });
    found.defaults = site.as_ref().map(Site::defaults).unwrap_or_default();
    let good = !found.declared.iter().any(|one| one.error);
    let site = site.filter(|_| good);
    let articles = pages.remove("").unwrap_or_default();
    let mut tongues = BTreeMap::new();
    let tags = sources
        .tongues
        .keys()
        .map(|tag| (*tag).to_owned())
        .chain(pages.keys().cloned());
    for tag in tags.collect::<BTreeSet<_>>() {
        let (tongue, told) = tongue(&tag, sources, site.as_ref());
        if let Some(site) = &site {
            let mut tongue = tongue.on(&tag, site, pages.remove(&tag).unwrap_or_default());
            tongue.name_after(&articles);
            tongues.insert(tag.clone(), tongue);
        }
        found.tongues.insert(tag, told);
    }
    found.site = site.map(|site| Site {
        tongues,
        ..site.with(articles)
    });
    found
}

/// The pages that are good, by the tag of their language (empty for the site's own) and by name. A broken one stays as
/// it was.
fn pages(sources: &Sources<'_>, found: &mut Found) -> BTreeMap<String, BTreeMap<String, Article>> {
    let mut pages: BTreeMap<String, BTreeMap<String, Article>> = BTreeMap::new();
    for (name, text) in &sources.pages {
        let (own, tag) = name.split_once('.').unwrap_or((*name, ""));
        let held = || {
            let last = sources.last?;
            let articles = if tag.is_empty() {
                &last.articles
            } else {
                &last.tongues.get(tag)?.articles
            };
            articles.get(own).cloned()
        };
        let read = page(own, text).and_then(|article| match strange(own, tag, &sources.pages) {
            Some(fault) => Err(fault),
            None => Ok(article),
        });
        let article = match read {
            Ok(article) => Some(article),
            Err(fault) => {
                found.pages.insert((*name).to_owned(), vec![fault]);
                held()
            }
        };
        if let Some(article) = article {
            pages.entry(tag.to_owned()).or_default().insert(own.to_owned(), article);
        }
    }
    pages
}

/// What is wrong with the name of a page in another language.
fn strange(own: &str, tag: &str, pages: &BTreeMap<&str, &str>) -> Option<Diagnostic> {
    let fault = |code, message: String| Diagnostic::error(code, &(0..0), message).label("named by its file");
    if tag.is_empty() {
        None
    } else if !is_language(tag) {
        let fault = fault("bad-name", format!("a page cannot be called `{own}.{tag}`"));
        Some(fault.help("a page in another language is called NAME.TAG.md, such as privacy.cy.md"))
    } else if !pages.contains_key(own) {
        let fault = fault(
            "no-original",
            format!("there is no page `{own}` of which this could be the `{tag}` one"),
        );
        Some(fault.help(format!(
            "write pages/{own}.md in the language of the site, or give this one its name"
        )))
    } else {
        None
    }
}

/// The program's own words, with those of the office in each language.
fn vocabulary(sources: &Sources<'_>) -> Vocabulary {
    let all = sources
        .tongues
        .keys()
        .map(|tag| ((*tag).to_owned(), tongue(tag, sources, None).0.words));
    Vocabulary::new(all.filter(|(_, said)| !said.is_empty()).collect())
}

/// What the file of a language says, as it was where that is broken; and what was found in it.
fn tongue(tag: &str, sources: &Sources<'_>, site: Option<&Site>) -> (Tongue, Vec<Diagnostic>) {
    let (read, found) = match sources.tongues.get(tag) {
        Some(Some(source)) => tongue::read(tag, source, site),
        Some(None) => (None, Vec::new()),
        None => (Some(Tongue::default()), Vec::new()),
    };
    let held = || sources.last?.tongues.get(tag).cloned();
    (read.or_else(held).unwrap_or_default(), found)
}

/// One page: a heading, and Markdown.
fn page(name: &str, text: &str) -> Result<Article, Diagnostic> {
    let first = text.lines().next().map_or(0, str::len);
    if !flow::hyphened(name) {
        return Err(
            Diagnostic::error("bad-name", &(0..first), format!("a page cannot be called `{name}`"))
                .label("named by its file")
                .help("name the file with lower case letters, digits and hyphens, such as privacy.md"),
        );
    }
    if text.len() > limits::ARTICLE_BYTES {
        let most = limits::ARTICLE_BYTES >> 10;
        return Err(
            Diagnostic::error("too-large", &(0..first), format!("this page is larger than {most} KiB"))
                .help("split it"),
        );
    }
    let (title, html) = article(text).ok_or_else(|| {
        Diagnostic::error("no-heading", &(0..first), "this page does not begin with its heading")
            .label("the first line")
            .help("begin with one `#` and the heading: # Privacy")
    })?;
    Ok(Article { title, html })
}

/// `site.toml`; `None` where it is no TOML at all.
fn declared(source: &str, pages: &[&str], vocabulary: &Vocabulary, sink: &Sink) -> Option<Site> {
    let root = parse(source, sink)?;
    let head = 0..source.lines().next().map_or(0, str::len);
    let mut table = Table::of(root.get_ref(), "the site", sink);
    let said = says(&mut table, sink);
    if said.name.is_none() {
        let fault = Diagnostic::error("missing-key", &head, "the site needs a `name`");
        sink.push(fault.help("add name = \"Northmoor Council\": the office in whose name the pages are"));
    }
    let mark = table.text("mark").and_then(|written| cleaned(source, &written, sink));
    let accent = table.text("accent").map(|written| judged(&written, sink));
    let banner = banner(&mut table, sink);
    let notice = line(&mut table, "notice", limits::NOTICE_CHARS, sink);
    let maintenance = line(&mut table, "maintenance", limits::NOTICE_CHARS, sink);
    let lang = language(table.text("lang").as_ref(), vocabulary, sink);
    let time_zone = zone(table.text("time-zone").as_ref(), sink);
    let groups = groups(&mut table, sink);
    table.finish();
    if let Some(link) = said.links.iter().find(|link| link.name == BANNER) {
        let fault = Diagnostic::error("reserved-name", &link.span, "a link cannot be called `banner`");
        sink.push(fault.label("the banner's own").help("choose another name"));
    }
    let (banner, beside) = banner.unzip();
    let elsewhere = said.links.iter().chain(beside.iter().flatten());
    for link in elsewhere {
        check_target(link, pages, sink);
    }
    if !leads(root.get_ref(), "accessibility") {
        sink.push(
            Diagnostic::warning("no-accessibility", &head, "no page leads to an accessibility statement")
                .help("in the EU and the UK a public service must have one: links.accessibility = \"accessibility\""),
        );
    }
    Some(Site {
        mark,
        accent,
        notice,
        maintenance,
        groups,
        lang,
        time_zone,
        ..Site::of(said, banner, beside.flatten())
    })
}

/// Whether the file has a link of that name, whatever is wrong with it.
fn leads(root: &DeTable<'_>, name: &str) -> bool {
    let named = |table: &DeTable<'_>, name: &str| table.iter().any(|(key, _)| key.get_ref() == name);
    root.iter().any(|(key, value)| match value.get_ref() {
        DeValue::Table(links) => key.get_ref() == "links" && named(links, name),
        _ => false,
    })
}

/// A link leads to a page that is there, or to an address for which the place of its name is free.
fn check_target(link: &flow::Link, pages: &[&str], sink: &Sink) {
    match &link.to {
        To::Page(page) if !pages.contains(&page.as_str()) => sink.push(no_page(page, &link.span, pages)),
        To::Elsewhere(_) if pages.contains(&link.name.as_str()) => {
            let name = &link.name;
            let message = format!("the link `{name}` leads elsewhere, and there is a page pages/{name}.md too");
            sink.push(
                Diagnostic::error("two-pages", &link.span, message)
                    .label("its page would be /-/ and the same name")
                    .help(format!("write links.{name} = \"{name}\", or remove the file")),
            );
        }
        To::Page(_) | To::Elsewhere(_) => {}
    }
}

/// There is no such page.
pub(super) fn no_page(page: &str, span: &Range<usize>, pages: &[&str]) -> Diagnostic {
    let near = did_you_mean(page, pages.iter().copied());
    Diagnostic::error("unknown-page", span, format!("there is no page `{page}`"))
        .label("unknown")
        .help(near.unwrap_or_else(|| format!("write it in Markdown into pages/{page}.md, beside site.toml")))
}

fn cleaned(source: &str, written: &At<String>, sink: &Sink) -> Option<String> {
    match mark::clean(&written.value) {
        Ok(mark) => Some(mark),
        Err(flaws) => {
            for flaw in flaws {
                let span = place(source, &written.span, &flaw.span);
                sink.push(Diagnostic::error("mark", &span, flaw.message).help(flaw.help));
            }
            None
        }
    }
}

fn judged(written: &At<String>, sink: &Sink) -> String {
    let colour = written.value.as_str();
    match accent::judge(colour) {
        Ok(()) => {}
        Err(Amiss::NoColour) => sink.push(
            Diagnostic::error("accent", &written.span, format!("`{colour}` is no colour"))
                .help("write # and three or six hexadecimal digits, such as #078 or #0066cc"),
        ),
        Err(Amiss::TooBright(better)) => sink.push(
            Diagnostic::error(
                "accent",
                &written.span,
                format!("white words cannot be read on `{colour}`"),
            )
            .label("too bright")
            .help(format!("the nearest on which they can: {better}")),
        ),
        Err(Amiss::TooDark(better)) => sink.push(
            Diagnostic::warning(
                "accent",
                &written.span,
                format!("`{colour}` hardly stands out where the page is dark"),
            )
            .label("too dark for who reads white on black")
            .help(format!("the nearest that does: {better}")),
        ),
    }
    colour.to_ascii_lowercase()
}

/// `banner = "Beta: ..."`, or a table with `text`, and with `label` and `to` of a link.
fn banner(table: &mut Table<'_>, sink: &Sink) -> Option<(String, Option<flow::Link>)> {
    let value = table.value("banner")?;
    if let DeValue::String(_) = value.get_ref() {
        let text = line(table, "banner", limits::NOTICE_CHARS, sink)?;
        return Some((text, None));
    }
    let mut inner = Table::from(value, "`banner`", sink)?;
    let text = line(&mut inner, "text", limits::NOTICE_CHARS, sink);
    let label = inner.text("label");
    if let Some(label) = &label {
        checked_line("label", label, limits::OFFICE_CHARS, sink);
    }
    let to = inner
        .value("to")
        .and_then(|to| target(to, "`to`", sink))
        .map(|(to, _)| to);
    inner.finish();
    if text.is_none() {
        let fault = Diagnostic::error("missing-key", &value.span(), "`banner` needs a `text`");
        sink.push(fault.help("text = \"Beta: this is a new service.\""));
    }
    let link = match (label, to) {
        (Some(label), Some(to)) => Some(flow::Link {
            name: BANNER.to_owned(),
            label: Some(label.value),
            span: to.span,
            to: to.value,
        }),
        (Some(At { span, .. }), None) | (None, Some(At { span, .. })) => {
            let fault = Diagnostic::error("missing-key", &span, "the link of `banner` needs both `label` and `to`");
            sink.push(fault.help("label = \"Tell us what you think\", to = \"https://...\""));
            None
        }
        (None, None) => None,
    };
    Some((text?, link))
}

fn groups(table: &mut Table<'_>, sink: &Sink) -> Vec<String> {
    let written = table.texts("groups");
    let mut all: Vec<String> = Vec::new();
    for group in written {
        checked_line("groups", &group, limits::OFFICE_CHARS, sink);
        if all.contains(&group.value) {
            sink.push(
                Diagnostic::error(
                    "duplicate-key",
                    &group.span,
                    format!("`{}` is given twice", group.value),
                )
                .label("the second time")
                .help("keep one of them"),
            );
        }
        if all.len() == limits::GROUPS {
            let message = format!("more than the {} groups that are possible", limits::GROUPS);
            sink.push(Diagnostic::error("too-many", &group.span, message));
            break;
        }
        all.push(group.value);
    }
    all
}

impl Site {
    /// What was said in the file, without what the file alone has.
    fn of(said: Says, banner: Option<String>, beside: Option<flow::Link>) -> Self {
        let mut elsewhere = BTreeMap::new();
        for link in said.links.iter().chain(&beside) {
            if let To::Elsewhere(url) = &link.to {
                elsewhere.insert(link.name.clone(), (link.label.clone(), url.clone()));
            }
        }
        Self {
            name: said.name.unwrap_or_default(),
            telephone: said.telephone,
            hours: said.hours,
            links: said.links.iter().map(|link| Link::of(link, "-/")).collect(),
            banner: banner.map(|text| Banner {
                text,
                link: beside.map(|link| Link::of(&link, "-/")),
            }),
            elsewhere,
            ..Self::default()
        }
    }

    fn with(mut self, articles: BTreeMap<String, Article>) -> Self {
        for link in &mut self.links {
            link.name_after(&articles);
        }
        Self { articles, ..self }
    }
}
