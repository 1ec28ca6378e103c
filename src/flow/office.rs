//! What an office says of itself: in `phases/site.toml` of all its flows, in `[site]` of one.
//!
//! Owns the keys that both may have (`name`, `telephone`, `hours`, `links`), their checks, and what the
//! site says for flows that do not say it ([`Defaults`]). Must not know pages.

use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::check::label_name;
use super::diagnostic::{Diagnostic, Sink, did_you_mean};
use super::source::{At, Span, Table, text, wrong_type};
use crate::limits;
use crate::words::Vocabulary;

/// The links for which the program has a word.
pub(crate) const KNOWN_LINKS: [&str; 4] = ["privacy", "accessibility", "contact", "terms"];

/// What holds for flows that do not say it themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// The BCP 47 tag of the texts.
    pub lang: String,
    /// Where `today()` is taken and deadlines are shown.
    pub time_zone: TimeZone,
    /// The program's own words, in all languages.
    pub vocabulary: Vocabulary,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            lang: "en".to_owned(),
            time_zone: TimeZone::UTC,
            vocabulary: Vocabulary::OWN,
        }
    }
}

/// What an office says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Says {
    /// Its name.
    pub name: Option<String>,
    /// Where people can ring.
    pub telephone: Option<String>,
    /// When somebody answers there.
    pub hours: Option<String>,
    /// The links at the foot of a page, in the order of the file.
    pub links: Vec<Link>,
}

/// A link at the foot of a page, as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name in the file.
    pub name: String,
    /// What people read, where the file says it.
    pub label: Option<String>,
    /// Where it leads.
    pub to: To,
    /// Where that stands in the file.
    pub(crate) span: Span,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// A page of the site's own: `pages/NAME.md`.
    Page(String),
    /// Another host.
    Elsewhere(String),
}

/// Reads the keys that the site and a flow's own `[site]` have in common.
pub(crate) fn says(table: &mut Table<'_>, sink: &Sink) -> Says {
    Says {
        name: line(table, "name", limits::OFFICE_CHARS, sink),
        telephone: line(table, "telephone", limits::OFFICE_CHARS, sink),
        hours: line(table, "hours", limits::OFFICE_CHARS, sink),
        links: links(table, sink),
    }
}

/// One line of words, if the key is there.
pub(crate) fn line(table: &mut Table<'_>, key: &'static str, most: usize, sink: &Sink) -> Option<String> {
    let written = table.words(key)?;
    checked_line(key, &written, most, sink);
    Some(written.value)
}

/// Reports what is no line of words.
pub(crate) fn checked_line(key: &str, written: &At<String>, most: usize, sink: &Sink) {
    let text = written.value.as_str();
    let count = text.chars().count();
    let fault = if text.trim().is_empty() {
        Diagnostic::error("empty-text", &written.span, format!("`{key}` says nothing"))
            .help("write what people are to read, or take it out")
    } else if text.chars().any(char::is_control) {
        Diagnostic::error("one-line", &written.span, format!("`{key}` must be one line")).label("more than a line")
    } else if count > most {
        let message = format!("`{key}` has {count} characters, more than the {most} that are possible");
        Diagnostic::error("too-many", &written.span, message).help("shorten it: it stands on every page")
    } else {
        return;
    };
    sink.push(fault);
}

fn links(table: &mut Table<'_>, sink: &Sink) -> Vec<Link> {
    let Some(value) = table.value("links") else {
        return Vec::new();
    };
    let Some(entries) = Table::from(value, "`links`", sink) else {
        return Vec::new();
    };
    let all: Vec<_> = entries.all().collect();
    if all.len() > limits::LINKS {
        let message = format!(
            "{} links are more than the {} that are possible",
            all.len(),
            limits::LINKS
        );
        sink.push(
            Diagnostic::error("too-many", &value.span(), message)
                .help("they stand on every page: keep the few that people look for"),
        );
        return Vec::new();
    }
    all.into_iter()
        .filter_map(|(name, value)| link(&name, value, sink))
        .collect()
}

/// One entry of `links`: `NAME = "page"`, or a table with `to` and `label`.
fn link(name: &At<String>, value: &Spanned<DeValue<'_>>, sink: &Sink) -> Option<Link> {
    label_name("a link", name, sink);
    let known = KNOWN_LINKS.contains(&name.value.as_str());
    let (to, label) = target(value, "a link", sink)?;
    if !known && let Some(near) = did_you_mean(&name.value, KNOWN_LINKS) {
        let message = format!("there is no word of ours for the link `{}`", name.value);
        sink.push(
            Diagnostic::warning("unknown-link", &name.span, message)
                .label("perhaps misspelt")
                .help(near),
        );
    }
    if !known && label.is_none() && matches!(to.value, To::Elsewhere(_)) {
        let message = format!("the link `{}` needs a `label`", name.value);
        let help = format!("{} = {{ to = \"...\", label = \"Cookies\" }}", name.value);
        sink.push(
            Diagnostic::error("missing-key", &value.span(), message)
                .label("what people read")
                .help(help),
        );
    }
    Some(Link {
        name: name.value.clone(),
        label,
        to: to.value,
        span: to.span,
    })
}

/// Where a link leads, and its words: a text, or a table with `to` and `label`.
pub(crate) fn target(value: &Spanned<DeValue<'_>>, what: &str, sink: &Sink) -> Option<(At<To>, Option<String>)> {
    match value.get_ref() {
        DeValue::String(_) => Some((to(&text(value, what, sink), sink)?, None)),
        DeValue::Table(table) => {
            let mut table = Table::of(table, what, sink);
            let found = table.text("to");
            let label = line(&mut table, "label", limits::OFFICE_CHARS, sink);
            table.finish();
            let Some(found) = found else {
                let message = format!("{what} needs `to`");
                let help = "to = \"privacy\" is the page pages/privacy.md; to = \"https://...\" an address elsewhere";
                sink.push(Diagnostic::error("missing-key", &value.span(), message).help(help));
                return None;
            };
            Some((to(&found, sink)?, label))
        }
        other => {
            sink.push(wrong_type(
                &value.span(),
                what,
                "a page's name or an address in quotes",
                other,
            ));
            None
        }
    }
}

/// A page's name, or an address elsewhere.
fn to(written: &At<String>, sink: &Sink) -> Option<At<To>> {
    let text = written.value.as_str();
    let at = |to| {
        Some(At {
            value: to,
            span: written.span.clone(),
        })
    };
    if super::check::hyphened(text) {
        return at(To::Page(text.to_owned()));
    }
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    // As a browser reads it: what the author wrote may hold spaces, quotes, or letters of any script.
    if let Some(url) = url.filter(|_| text.len() <= limits::ADDRESS_BYTES && !text.chars().any(char::is_control)) {
        return at(To::Elsewhere(url.into()));
    }
    sink.push(
        Diagnostic::error("link", &written.span, format!("a link cannot lead to `{text}`"))
            .label("neither a page nor an address")
            .help("write the name of a page (`privacy` is pages/privacy.md), or an address that begins with https://"),
    );
    None
}

#[cfg(test)]
mod tests {
    use super::{At, Sink, To, to};

    #[test]
    fn a_link_leads_to_a_page_or_to_a_host() {
        let read = |text: &str| {
            let written = At {
                value: text.to_owned(),
                span: 0..text.len(),
            };
            to(&written, &Sink::default()).map(|to| to.value)
        };
        assert_eq!(read("privacy"), Some(To::Page("privacy".to_owned())));
        let elsewhere = |address: &str| Some(To::Elsewhere(address.to_owned()));
        assert_eq!(read("https://example.org"), elsewhere("https://example.org/"));
        assert_eq!(
            read("http://example.org/a \"b\""),
            elsewhere("http://example.org/a%20%22b%22")
        );
        for bad in [
            "",
            "Privacy",
            "../privacy",
            "/privacy",
            "privacy.md",
            "//example.org",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https://user:secret@example.org",
            "https://exa mple.org",
            "https:///x\ny",
            "mailto:a@example.org",
            "ftp://example.org/",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
