//! From Markdown to HTML.
//!
//! Owns what of Markdown a text may use. Must not know expressions. Values stand in the Markdown
//! as single characters of a private plane, one for each, and are put in after it was read: so
//! nothing in them is ever Markdown or HTML.

use std::fmt::Write as _;

use crate::words::marks;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

/// The first of the characters that stand for values: the private plane 15.
const FIRST: u32 = 0xF_0000;
/// As many as the plane has.
const COUNT: u32 = 0xFFFE;

/// The character that stands for the value of that number, if there is one.
pub(super) fn stand_in(number: usize) -> Option<char> {
    let number = u32::try_from(number).ok().filter(|number| *number < COUNT)?;
    char::from_u32(FIRST + number)
}

/// The definition's own characters of that plane would be taken for values.
pub(super) fn without_stand_ins(c: char) -> char {
    if number(c).is_some() {
        char::REPLACEMENT_CHARACTER
    } else {
        c
    }
}

fn number(c: char) -> Option<usize> {
    let number = u32::from(c).checked_sub(FIRST).filter(|number| *number < COUNT)?;
    usize::try_from(number).ok()
}

/// The HTML of a Markdown text with `values` for the characters that stand for them.
pub(super) fn render(source: &str, values: &[String]) -> String {
    let mut out = String::with_capacity(source.len() + source.len() / 2);
    let mut links = Vec::new();
    let events = Parser::new_ext(source, Options::empty());
    html::push_html(&mut out, events.flat_map(|event| allowed(event, values, &mut links)));
    out.truncate(out.trim_end().len());
    out
}

/// A whole page in Markdown: its heading, which must come first (`# Privacy`), as plain text, and the
/// HTML of what follows. `None` where it does not begin with a heading that says something.
pub fn article(source: &str) -> Option<(String, String)> {
    let mut events = Parser::new_ext(source, Options::empty());
    let Some(Event::Start(Tag::Heading {
        level: HeadingLevel::H1,
        ..
    })) = events.next()
    else {
        return None;
    };
    let mut heading = String::new();
    for event in events.by_ref() {
        match event {
            Event::End(TagEnd::Heading(_)) => break,
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                heading.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => heading.push(' '),
            _ => {}
        }
    }
    let heading = heading.trim().to_owned();
    let mut out = String::with_capacity(source.len() + source.len() / 2);
    let mut links = Vec::new();
    html::push_html(
        &mut out,
        events.flat_map(|event| allowed(raised(event), &[], &mut links)),
    );
    out.truncate(out.trim_end().len());
    (!heading.is_empty()).then_some((heading, out))
}

/// Headings of an article stand below the one that it begins with: `##` is an `h2`.
fn raised(event: Event<'_>) -> Event<'_> {
    let raise = |level| match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H1,
        HeadingLevel::H3 => HeadingLevel::H2,
        HeadingLevel::H4 => HeadingLevel::H3,
        HeadingLevel::H5 => HeadingLevel::H4,
        HeadingLevel::H6 => HeadingLevel::H5,
    };
    match event {
        Event::Start(Tag::Heading {
            level,
            id,
            classes,
            attrs,
        }) => Event::Start(Tag::Heading {
            level: raise(level),
            id,
            classes,
            attrs,
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(raise(level))),
        other => other,
    }
}

fn allowed<'a>(event: Event<'a>, values: &[String], links: &mut Vec<bool>) -> Vec<Event<'a>> {
    match event {
        Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => lines(&text, values),
        Event::Code(text) => vec![Event::Code(filled(&text, values).into())],
        Event::Start(Tag::Heading { level, .. }) => vec![Event::Start(Tag::Heading {
            level: lower(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        })],
        Event::End(TagEnd::Heading(level)) => vec![Event::End(TagEnd::Heading(lower(level)))],
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            ..
        }) => {
            let url = address(link_type, &dest_url, values);
            links.push(url.is_some());
            let start = url.map(|url| {
                Event::Start(Tag::Link {
                    link_type: LinkType::Inline,
                    dest_url: url.into(),
                    title: filled(&title, values).into(),
                    id: CowStr::Borrowed(""),
                })
            });
            start.into_iter().collect()
        }
        Event::End(TagEnd::Link) => match links.pop() {
            Some(true) => vec![event],
            _ => Vec::new(),
        },
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => Vec::new(),
        Event::Start(Tag::HtmlBlock) => vec![Event::Start(Tag::Paragraph)],
        Event::End(TagEnd::HtmlBlock) => vec![Event::End(TagEnd::Paragraph)],
        Event::Start(Tag::CodeBlock(_)) => {
            vec![Event::Start(Tag::CodeBlock(CodeBlockKind::Indented))]
        }
        other => vec![other],
    }
}

/// No heading is an `h1`: the page has its own.
fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        other => other,
    }
}

/// Text with its values; the lines of a value stay lines.
fn lines<'a>(text: &str, values: &[String]) -> Vec<Event<'a>> {
    if !text.chars().any(|c| number(c).is_some()) {
        return vec![Event::Text(text.to_owned().into())];
    }
    let mut out = Vec::new();
    let mut words = String::new();
    for c in text.chars() {
        let Some(value) = number(c).and_then(|number| values.get(number)) else {
            words.push(c);
            continue;
        };
        for (index, line) in value.split('\n').enumerate() {
            if index > 0 {
                out.push(Event::Text(std::mem::take(&mut words).into()));
                out.push(Event::HardBreak);
            }
            words.push_str(line);
        }
    }
    out.push(Event::Text(words.into()));
    out
}

fn filled(text: &str, values: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match number(c).and_then(|number| values.get(number)) {
            Some(value) => out.push_str(value),
            None => out.push(c),
        }
    }
    out
}

/// Where a link may lead: http, https, mailto, tel and relative. A value in it is one
/// percent-encoded piece.
fn address(kind: LinkType, url: &str, values: &[String]) -> Option<String> {
    if url.chars().any(char::is_control) {
        return None;
    }
    let scheme = url
        .split(['/', '?', '#'])
        .next()
        .and_then(|first| first.split_once(':'));
    let known = ["http", "https", "mailto", "tel"];
    if let Some((scheme, _)) = scheme
        && !known.iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && kind != LinkType::Email
    {
        return None;
    }
    let mut out = String::with_capacity(url.len() + 7);
    if kind == LinkType::Email {
        out.push_str("mailto:");
    }
    for c in url.chars() {
        match number(c).and_then(|number| values.get(number)) {
            Some(value) => encode(&marks::without(value), &mut out),
            None => out.push(c),
        }
    }
    Some(out)
}

fn encode(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let written = write!(out, "%{byte:02X}");
            debug_assert!(written.is_ok(), "a String takes everything");
        }
    }
}
