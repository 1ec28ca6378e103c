//! A flow in its other languages: each of them a flow of its own, with the same structure.
//!
//! Owns what a translation may be, and what is said of it: texts that it lacks, that say more than
//! their originals, or that were made of other words. Must not know how texts are put over one another:
//! that is `source`'s.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::check::{self, Judged, idents};
use super::diagnostic::{Diagnostic, Sink};
pub(crate) use super::source::MADE_FROM;
use super::source::{self, At, Pair, Span};
use super::text::{Means, Written};
use super::{Defaults, Flow, OptionLists, bundle};
use crate::id::Language;
use crate::words::marks;

/// A text of a flow's own files, for who translates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where it stands in its file: `screens.name.title`.
    pub address: String,
    /// The same, name by name.
    pub path: Vec<String>,
    /// As the author wrote it.
    pub text: String,
    /// Where, in bytes of the whole.
    pub span: Span,
}

/// A text in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translated {
    /// As the translator wrote it.
    pub text: String,
    /// Where, in bytes of the whole.
    pub span: Span,
    /// What it was made of, if the translation says that: the words, or a [`mark`] of them.
    pub made_from: Option<String>,
}

/// A mark of a text by which it is seen whether it has changed: 8 hexadecimal digits.
pub fn mark(text: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(text).into();
    let digits = hash.iter().take(4).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

/// Whether a text was made of these words. That lines end in another way, or that empty ones stand around it, is
/// no change.
pub fn is_made_from(made_from: &str, original: &str) -> bool {
    made_from == mark(original) || bare(made_from) == bare(original)
}

/// A text as translators have it: its lines end in `\n`, and no empty ones stand around it.
pub fn bare(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.trim_matches('\n').to_owned()
}

/// In what a translation differs from a text beside its words, in words: a value, a condition or a link that one
/// has and the other has not. `None` too where braces are not sound, which `check` tells.
pub fn differs(original: &str, translation: &str) -> Option<String> {
    let (was, is) = (Means::of(original)?, Means::of(translation)?);
    let (what, which) = differ(&was, &is, original)?;
    Some(format!("{what}: {which}"))
}

/// The texts for people of a flow's own files and its parts, in their order; of a file that has faults, those
/// that can be read.
pub fn texts(source: &str) -> Vec<Said> {
    let sink = Sink::default();
    let _unused = source::read(source, &sink);
    of(source, &sink)
}

fn of(source: &str, sink: &Sink) -> Vec<Said> {
    let strings = source::strings(source);
    let mut paths: BTreeMap<usize, Vec<String>> = strings.into_iter().map(|(path, at)| (at.span.start, path)).collect();
    let texts = sink.texts().into_iter().filter(|text| !text.value.trim().is_empty());
    let said = texts.filter_map(|text| {
        let path = paths.remove(&text.span.start)?;
        Some(Said {
            address: source::address(&path),
            path,
            text: text.value,
            span: text.span,
        })
    });
    said.collect()
}

/// The texts of a language, by where their originals stand; of a file that has faults, those that can be read.
pub fn translations(source: &str, language: &str) -> BTreeMap<usize, Translated> {
    let file = source::read_in(source, Some(language), &Sink::default());
    let pairs = file.map_or_else(Vec::new, |file| file.pairs);
    let by_place = pairs.into_iter().map(|pair| {
        let translated = Translated {
            text: pair.translated.value,
            span: pair.translated.span,
            made_from: pair.made_from,
        };
        (pair.original.span.start, translated)
    });
    by_place.collect()
}

/// Reads a flow in the languages that it has beside its own. What is wrong with a translation is told; of a
/// definition that was good once (`Judged::Kept`) such a language is left out.
pub(super) fn all(
    flow: &Flow,
    source: &str,
    sink: &Sink,
    judged: (Judged, &Defaults, &OptionLists),
) -> (Vec<Flow>, Vec<Diagnostic>) {
    let (mut flows, mut found) = (Vec::new(), Vec::new());
    let languages = bundle::languages(source);
    if languages.is_empty() {
        return (flows, found);
    }
    let said = of(source, sink);
    for language in languages {
        let sink = Sink::default();
        let read = one(flow, source, language, (&said, &sink), judged);
        let failed = sink.failed();
        for one in sink.sorted() {
            let known = |other: &Diagnostic| other.code == one.code && other.span == one.span;
            // What cannot be translated stands in the flow, and is told once.
            if is_of(source, &one, language) || (one.code == UNNAMED && !found.iter().any(known)) {
                found.push(one);
            }
        }
        flows.extend(read.filter(|_| !failed));
    }
    (flows, found)
}

/// The code of a button whose words cannot be translated.
const UNNAMED: &str = "unnamed-button";

/// What is wrong elsewhere is told of the flow itself.
fn is_of(source: &str, found: &Diagnostic, language: &str) -> bool {
    let piece = bundle::piece_at(source, found.span.start);
    piece.language == Some(language)
}

fn one(
    flow: &Flow,
    source: &str,
    language: &str,
    (said, sink): (&[Said], &Sink),
    judged: (Judged, &Defaults, &OptionLists),
) -> Option<Flow> {
    let mut file = source::read_in(source, Some(language), sink)?;
    if language.eq_ignore_ascii_case(&flow.lang) {
        let message = format!("`{language}` is the language of the flow itself");
        sink.push(Diagnostic::error("own-language", &head(source, language), message).help(
            "call the file by the language that its texts are in, or say the flow's own: lang = \"...\" in its file",
        ));
    }
    let heard: BTreeSet<usize> = sink.texts().iter().map(|text| text.span.start).collect();
    for pair in &file.pairs {
        judge(pair, heard.contains(&pair.translated.span.start), sink);
    }
    lacks(&file.pairs, said, head(source, language), sink);
    file.lang = Some(At {
        value: language.to_owned(),
        span: head(source, language),
    });
    file.home = Some(flow.lang.clone());
    let translated = check::check(&flow.name, source, &file, sink, judged);
    sink.follow(file.expanded.origins.take());
    let mut translated = translated?;
    if !file.pairs.iter().any(|pair| pair.address == "title") {
        translated.title = marks::in_language(&translated.title, &flow.lang);
    }
    // Its texts alone are others: what it could not say is not there.
    (translated.digests.structure == flow.digests.structure).then_some(translated)
}

/// The first line of a translation.
fn head(source: &str, language: &str) -> Span {
    let pieces = bundle::pieces(source);
    let own = pieces
        .iter()
        .find(|piece| piece.part.is_none() && piece.language == Some(language));
    own.map_or(0..0, |piece| {
        let line = piece.text(source).lines().next().map_or(0, str::len);
        piece.range.start..piece.range.start + line
    })
}

/// What is wrong with one text.
fn judge(pair: &Pair, is_text: bool, sink: &Sink) {
    let Pair {
        address,
        original,
        translated,
        made_from,
    } = pair;
    if !is_text {
        let message = format!("`{address}` is nothing that people read");
        sink.push(
            Diagnostic::error("not-a-text", &translated.span, message)
                .label("not a text")
                .help("a translation has texts alone: take this out"),
        );
        return;
    }
    if let Some(what) = differs(&original.value, &translated.value) {
        let message = format!("this text and its original differ in {what}");
        sink.push(
            Diagnostic::error("other-meaning", &translated.span, message)
                .label("not what the original has")
                .help(format!("the original: {}", shortened(&original.value))),
        );
    }
    if made_from
        .as_ref()
        .is_some_and(|made| !is_made_from(made, &original.value))
    {
        let message = format!("the original of `{address}` has changed since this was translated");
        sink.push(
            Diagnostic::warning("stale-text", &translated.span, message)
                .label("perhaps stale")
                .help(format!(
                    "the original is now: {}; `deity texts export` has it for who translates",
                    shortened(&original.value)
                )),
        );
    }
}

/// What is written like a name and is none.
const GRAMMAR: [&str; 10] = ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none"];

/// In what two texts differ beside their words. More conditions are possible (other languages have more forms
/// of plural), as long as they read what the original reads.
fn differ(was: &Means, is: &Means, original: &str) -> Option<(&'static str, String)> {
    let braced = |text: &str| format!("{{{{ {text} }}}}");
    let condition = |text: &str| format!("{{% ... {text} %}}");
    if let Some(value) = lost(&was.values, &is.values).or_else(|| lost(&is.values, &was.values)) {
        return Some(("a value", braced(value)));
    }
    if let Some(value) = was.always.difference(&is.always).next() {
        let written = was.values.get(value).unwrap_or(value);
        return Some(("a value that the original shows in any case", braced(written)));
    }
    if !was.leads_as(is) {
        let link = was.links.symmetric_difference(&is.links).next().cloned();
        return Some(("where a link leads", link.unwrap_or_else(|| "[...](...)".to_owned())));
    }
    if let Some(each) = lost(&was.loops, &is.loops).or_else(|| lost(&is.loops, &was.loops)) {
        return Some(("a loop", format!("{{% for {each} %}}")));
    }
    if let Some(lost) = lost(&was.conditions, &is.conditions) {
        return Some(("a condition", condition(lost)));
    }
    let known = idents::of_text(original).into_iter().map(|(name, ..)| name);
    let known: BTreeSet<_> = known.chain(GRAMMAR).collect();
    let foreign = |written: &&String| {
        let names = idents::of_expr(written);
        names.iter().any(|(name, _)| !known.contains(name))
    };
    let new = is
        .conditions
        .iter()
        .filter(|(spelt, _)| !was.conditions.contains_key(*spelt));
    let new = new.map(|(_, written)| written).find(foreign);
    new.map(|written| ("a condition", condition(written)))
}

/// What the one has and the other has not.
fn lost<'a>(one: &'a Written, other: &Written) -> Option<&'a str> {
    let mut lost = one.iter().filter(|(spelt, _)| !other.contains_key(*spelt));
    lost.next().map(|(_, written)| written.as_str())
}

/// Says what a translation has not yet.
fn lacks(pairs: &[Pair], said: &[Said], head: Span, sink: &Sink) {
    const SHOWN: usize = 8;
    let there: BTreeSet<usize> = pairs.iter().map(|pair| pair.original.span.start).collect();
    let missing = said.iter().filter(|said| !there.contains(&said.span.start));
    let missing: Vec<_> = missing.map(|said| said.address.as_str()).collect();
    if missing.is_empty() {
        return;
    }
    let (count, all) = (missing.len(), said.len());
    let message = format!("{count} of the {all} texts of the flow are not here: they are shown in its own language");
    let mut names = missing.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if count > SHOWN {
        names = format!("{names} and {} more", count - SHOWN);
    }
    sink.push(Diagnostic::warning("missing-texts", &head, message).help(format!("not here: {names}")));
}

fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

/// Of these languages the one that people wish for most, if they wish for any: the tag itself, else one of the
/// same language (`cy` for `cy-GB`).
pub fn wished<'a>(all: &[&'a str], wishes: &[Language]) -> Option<&'a str> {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    wishes.iter().find_map(|wish| {
        let same = |tag: &&&str| tag.eq_ignore_ascii_case(wish.tag());
        let near = |tag: &&&str| primary(tag) == primary(wish.tag());
        let found = all.iter().find(same).or_else(|| all.iter().find(near));
        found.copied()
    })
}

impl Flow {
    /// Whether it can be read in more than one language.
    pub fn is_translated(&self) -> bool {
        self.languages.len() > 1
    }

    /// Of its languages the one that people wish for most, if it is another than its own.
    pub fn wished(&self, wishes: &[Language]) -> Option<Language> {
        let all: Vec<&str> = self.languages.iter().map(String::as_str).collect();
        let found = wished(&all, wishes).filter(|tag| *tag != self.lang)?;
        Language::parse(found)
    }

    /// The flow as it is read in a language: in its own, if it does not have that.
    pub fn in_language(&self, language: Option<Language>) -> &Self {
        let other = language.and_then(|language| self.translation(language.tag()));
        other.map_or(self, Arc::as_ref)
    }

    /// The flow in one of its other languages; `None` for its own, and for one that it does not have.
    pub fn translation(&self, tag: &str) -> Option<&Arc<Self>> {
        self.translations.iter().find(|flow| flow.lang == tag)
    }

    /// The digest of its texts, with those of its translations.
    pub(super) fn with_translations(&mut self, mut flows: Vec<Self>) {
        let tags = std::iter::once(&*self).chain(&flows).map(|flow| flow.lang.clone());
        self.languages = tags.collect();
        if flows.is_empty() {
            return;
        }
        for flow in &mut flows {
            flow.languages = Arc::clone(&self.languages);
        }
        let mut hash = Sha256::new().chain_update(self.digests.texts);
        for piece in bundle::pieces(&self.source) {
            if let Some(language) = piece.language {
                let text = piece.text(&self.source);
                hash.update((language.len() as u64).to_be_bytes());
                hash.update(language);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
        }
        let hash: [u8; 32] = hash.finalize().into();
        self.digests.texts = hash.first_chunk().copied().unwrap_or_default();
        self.translations = flows.into_iter().map(Arc::new).collect();
    }
}
