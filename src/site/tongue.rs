//! `phases/site.TAG.toml`: what the office says of itself in another language, and its words in place of
//! the program's.
//!
//! Owns the keys of the file: texts stand where `site.toml` has them, without what is not said in words
//! (addresses, the mark, the colour). Must not know where the file lies.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::{Article, Banner, Link, Site};
use crate::flow::{At, Diagnostic, Sink, Table, checked_line, did_you_mean, line, parse, quoted, wrong_type};
use crate::limits;
use crate::words::{self, Said, Written};

/// What the office says in one language. What it does not say is the site's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tongue {
    /// The name of the office.
    pub name: Option<String>,
    /// Where people can ring.
    pub telephone: Option<String>,
    /// When somebody answers there.
    pub hours: Option<String>,
    /// What all pages say.
    pub notice: Option<String>,
    /// Why nothing can be started at present.
    pub maintenance: Option<String>,
    /// The groups of the index, by their names.
    pub groups: BTreeMap<String, String>,
    /// Its own pages, by name.
    pub articles: BTreeMap<String, Article>,
    /// Words in place of the program's.
    pub words: Said,
    /// What start pages say, and the words of its link.
    banner: Option<(Option<String>, Option<String>)>,
    /// What people read of the links, by their names.
    labels: BTreeMap<String, String>,
    /// The site's banner in this language, if it has one.
    pub(super) with_banner: Option<Banner>,
    /// The site's links in this language.
    pub(super) with_links: Vec<Link>,
}

/// Reads the file of a language; every fault at once.
pub(super) fn read(tag: &str, source: &str, site: Option<&Site>) -> (Option<Tongue>, Vec<Diagnostic>) {
    let sink = Sink::default();
    let read = parse(source, &sink).map(|root| {
        let mut table = Table::of(root.get_ref(), "the site in another language", &sink);
        let text = |table: &mut Table<'_>, key, most| line(table, key, most, &sink);
        let tongue = Tongue {
            name: text(&mut table, "name", limits::OFFICE_CHARS),
            telephone: text(&mut table, "telephone", limits::OFFICE_CHARS),
            hours: text(&mut table, "hours", limits::OFFICE_CHARS),
            notice: text(&mut table, "notice", limits::NOTICE_CHARS),
            maintenance: text(&mut table, "maintenance", limits::NOTICE_CHARS),
            banner: banner(&mut table, &sink),
            labels: labels(&mut table, site, &sink),
            groups: groups(&mut table, site, &sink),
            words: table
                .value("words")
                .map(|value| words(tag, value, &sink))
                .unwrap_or_default(),
            ..Tongue::default()
        };
        table.finish();
        if let Some(site) = site {
            let head = 0..source.lines().next().map_or(0, str::len);
            tongue.lacks(site, &head, &sink);
            lacking_words(tag, &tongue.words, &head, &sink);
        }
        tongue
    });
    let found = sink.sorted();
    let good = !found.iter().any(|one| one.error);
    (read.filter(|_| good), found)
}

impl Tongue {
    /// Warns of what the site says and this language does not.
    fn lacks(&self, site: &Site, head: &Range<usize>, sink: &Sink) {
        let says = [
            ("name", !site.name.is_empty(), self.name.is_some()),
            ("hours", site.hours.is_some(), self.hours.is_some()),
            ("notice", site.notice.is_some(), self.notice.is_some()),
            ("maintenance", site.maintenance.is_some(), self.maintenance.is_some()),
            ("banner", site.banner.is_some(), self.banner.is_some()),
        ];
        let mut missing: Vec<String> = says
            .into_iter()
            .filter(|(_, there, said)| *there && !said)
            .map(|(name, ..)| name.to_owned())
            .collect();
        let labelled = site
            .links
            .iter()
            .filter(|link| link.label.is_some() && !self.labels.contains_key(&link.name));
        missing.extend(labelled.map(|link| format!("links.{}.label", link.name)));
        let groups = site.groups.iter().filter(|group| !self.groups.contains_key(*group));
        missing.extend(groups.map(|group| format!("groups.{group:?}")));
        if !missing.is_empty() {
            let message = format!("not said in this language: {}", missing.join(", "));
            sink.push(
                Diagnostic::warning("untold", head, message)
                    .label("pages say it as site.toml does")
                    .help("write it here too, at the place that it has in site.toml"),
            );
        }
    }

    /// The same on a site whose links say only what its file says: with its banner and links in this language,
    /// and with these pages.
    pub(super) fn on(mut self, tag: &str, site: &Site, articles: BTreeMap<String, Article>) -> Self {
        let told = |link: &Link, label: Option<&String>| {
            let page = link
                .path
                .strip_prefix("-/")
                .and_then(|name| Some((name, articles.get(name)?)));
            let path = page.map_or_else(|| link.path.clone(), |(name, _)| format!("-/{name}.{tag}"));
            let label = label.or(link.label.as_ref()).cloned();
            let mut link = Link {
                name: link.name.clone(),
                path: link.path.clone(),
                label,
            };
            link.name_after(&articles);
            Link { path, ..link }
        };
        self.with_links = site
            .links
            .iter()
            .map(|link| told(link, self.labels.get(&link.name)))
            .collect();
        self.with_banner = site.banner.as_ref().map(|banner| {
            let (text, label) = self.banner.clone().unwrap_or_default();
            Banner {
                text: text.unwrap_or_else(|| banner.text.clone()),
                link: banner.link.as_ref().map(|link| told(link, label.as_ref())),
            }
        });
        self.articles = articles;
        self
    }

    /// Links that say nothing yet say the heading of the page in the site's own language.
    pub(super) fn name_after(&mut self, articles: &BTreeMap<String, Article>) {
        for link in &mut self.with_links {
            link.name_after(articles);
        }
    }
}

/// Warns of words for which there are neither the program's nor the office's.
fn lacking_words(tag: &str, said: &Said, head: &Range<usize>, sink: &Sink) {
    let lacking = said.lacks(tag);
    if let (Some(first), false) = (lacking.first(), said.is_empty()) {
        let (count, all) = (lacking.len(), words::names().count());
        let message = format!("{count} of {all} words of the program are not said in `{tag}`, the first is `{first}`");
        sink.push(
            Diagnostic::warning("words-missing", head, message)
                .label("pages say them in English")
                .help(format!("`deity words {tag}` prints all of them")),
        );
    }
}

/// `banner = "..."`, or a table with `text` and `label`.
fn banner(table: &mut Table<'_>, sink: &Sink) -> Option<(Option<String>, Option<String>)> {
    let value = table.value("banner")?;
    if let DeValue::String(_) = value.get_ref() {
        return Some((line(table, "banner", limits::NOTICE_CHARS, sink), None));
    }
    let mut inner = Table::from(value, "`banner`", sink)?;
    let said = (
        line(&mut inner, "text", limits::NOTICE_CHARS, sink),
        line(&mut inner, "label", limits::OFFICE_CHARS, sink),
    );
    inner.finish();
    Some(said)
}

/// `links.NAME.label`.
fn labels<'a>(table: &mut Table<'a>, site: Option<&Site>, sink: &'a Sink) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, value) in entries(table, "links", sink) {
        let Some(mut inner) = Table::from(value, format!("`links.{}`", name.value), sink) else {
            continue;
        };
        let label = line(&mut inner, "label", limits::OFFICE_CHARS, sink);
        inner.finish();
        let known = |site: &Site| site.links.iter().any(|link| link.name == name.value);
        if site.is_some_and(|site| !known(site)) {
            let names = site
                .map_or(&[][..], |site| &site.links)
                .iter()
                .map(|link| link.name.as_str());
            sink.push(stranger("link", &name, did_you_mean(&name.value, names)));
        }
        found.extend(label.map(|label| (name.value, label)));
    }
    found
}

/// `groups."Housing" = "Tai"`.
fn groups<'a>(table: &mut Table<'a>, site: Option<&Site>, sink: &'a Sink) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, value) in entries(table, "groups", sink) {
        let text = quoted(value, "a group", sink);
        checked_line(&name.value, &text, limits::OFFICE_CHARS, sink);
        if site.is_some_and(|site| !site.groups.is_empty() && !site.groups.contains(&name.value)) {
            let names = site.map_or(&[][..], |site| &site.groups).iter().map(String::as_str);
            sink.push(stranger("group", &name, did_you_mean(&name.value, names)));
        }
        found.insert(name.value, text.value);
    }
    found
}

/// The entries of a table under a key.
fn entries<'a>(
    table: &mut Table<'a>,
    key: &'static str,
    sink: &'a Sink,
) -> Vec<(At<String>, &'a Spanned<DeValue<'a>>)> {
    let inner = table
        .value(key)
        .and_then(|value| Table::from(value, format!("`{key}`"), sink));
    inner.map_or_else(Vec::new, |inner| inner.all().collect())
}

/// What is said of something that `site.toml` does not have: it was there before, or is misspelt.
fn stranger(what: &str, name: &At<String>, near: Option<String>) -> Diagnostic {
    Diagnostic::warning(
        "said-of-nothing",
        &name.span,
        format!("site.toml has no {what} `{}`", name.value),
    )
    .label("nobody reads it")
    .help(near.unwrap_or_else(|| "take it out, or name it as site.toml does".to_owned()))
}

/// `words.SECTION.NAME`: texts in place of the program's.
fn words(tag: &str, value: &Spanned<DeValue<'_>>, sink: &Sink) -> Said {
    let mut said = Said::default();
    let Some(sections) = Table::from(value, "`words`", sink) else {
        return said;
    };
    for (section, value) in sections.all() {
        let Some(texts) = Table::from(value, format!("`words.{}`", section.value), sink) else {
            continue;
        };
        for (name, value) in texts.all() {
            let full = format!("{}.{}", section.value, name.value);
            if !words::names().any(|known| known == full) {
                let message = format!("the program has no text `{full}`");
                let near = did_you_mean(&full, words::names());
                let help = near.unwrap_or_else(|| format!("`deity words {tag}` prints all that there are"));
                sink.push(
                    Diagnostic::error("unknown-words", &name.span, message)
                        .label("unknown")
                        .help(help),
                );
                continue;
            }
            let Some(written) = written(value, &full, sink) else {
                continue;
            };
            if let Err(misfit) = said.take(tag, &full, written) {
                sink.push(Diagnostic::error("words", &value.span(), misfit.message).help(misfit.help));
            }
        }
    }
    said
}

/// A text, a list or forms.
fn written(value: &Spanned<DeValue<'_>>, name: &str, sink: &Sink) -> Option<Written> {
    let text = |value: &Spanned<DeValue<'_>>| quoted(value, &format!("`{name}`"), sink).value;
    Some(match value.get_ref() {
        DeValue::String(_) => Written::Text(text(value)),
        DeValue::Array(all) => Written::List(all.iter().map(text).collect()),
        DeValue::Table(forms) => {
            let forms = forms
                .iter()
                .map(|(form, value)| (form.get_ref().to_string(), text(value)));
            Written::Forms(forms.collect())
        }
        other => {
            sink.push(wrong_type(
                &value.span(),
                &format!("`{name}`"),
                "a text in quotes",
                other,
            ));
            return None;
        }
    })
}
