//! Saved values in the addresses and headers of what takes back, or asks about, another effect.
//!
//! Owns which of them may stand where. What is typed may stand nowhere there; nor may what one host
//! said be told to another. Must not know how a value is written there (`address`).

use super::super::address::{self, Address};
use super::super::diagnostic::Diagnostic;
use super::super::source::{At, Effect as Written, File, Saved, Span, place};
use super::calls::{is_called, only_probes};
use super::means::filled_from;
use super::{Checker, Place};

/// One who builds the addresses of an effect.
#[derive(Clone, Copy)]
pub(super) struct Addresses<'a> {
    pub(super) checker: &'a Checker<'a>,
    pub(super) file: &'a File,
    pub(super) effect: &'a Written,
    pub(super) places: &'a [Place<'a>],
}

/// What an address is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    Url,
    Header,
}

impl Addresses<'_> {
    /// Builds one of the part `range` of a text; `None` where that has a fault.
    pub(super) fn build(self, text: &At<String>, range: Span, kind: As) -> Option<Address> {
        let source = text.value.as_str();
        let part = |range: Span| source.get(range).unwrap_or_default();
        if !part(range.clone()).contains("{{") || part(range.clone()).contains("{%") {
            return filled_from(self.checker, text, range).map(Address::from);
        }
        let mut address = Address::default();
        let mut sound = true;
        let mut at = range.start;
        while let Some(open) = part(at..range.end).find("{{").map(|open| at + open) {
            let Some(close) = part(open..range.end).find("}}") else {
                break;
            };
            let end = open + close + 2;
            address.push_words(filled_from(self.checker, text, at..open)?);
            let name = part(open + 2..end - 2).trim();
            let around = (part(range.start..open), part(end..range.end));
            if self.may_stand(text, name, open..end, (kind == As::Url).then_some(around)) {
                address.push_saved(name);
                for place in self.places {
                    self.checker.reads_in(*place, text, name, open..end);
                }
            } else {
                sound = false;
            }
            at = end;
        }
        address.push_words(filled_from(self.checker, text, at..range.end)?);
        sound.then_some(address)
    }

    /// Whether the saved value `name` may stand here; `around` it is what else stands in a URL.
    fn may_stand(self, text: &At<String>, name: &str, range: Span, around: Option<(&str, &str)>) -> bool {
        let savers: Vec<(&Written, &Saved)> = self
            .file
            .effects
            .iter()
            .flat_map(|effect| effect.save.iter().map(move |saved| (effect, saved)))
            .filter(|(_, saved)| saved.name.value == name)
            .collect();
        if savers.is_empty() {
            // What is typed, or is no name alone, was told by itself.
            return filled_from(self.checker, text, range).is_some();
        }
        let Some((label, help)) = self.wrong(&savers, around) else {
            return true;
        };
        let fault = Diagnostic::error(
            "saved-in-address",
            &place(self.checker.source, &text.span, &range),
            format!("`{name}` cannot stand here"),
        );
        self.checker.sink.push(fault.label(label).help(help));
        false
    }

    fn wrong(
        self,
        savers: &[(&Written, &Saved)],
        around: Option<(&str, &str)>,
    ) -> Option<(&'static str, &'static str)> {
        let helps = self
            .file
            .effects
            .iter()
            .any(|other| other.undoes(self.effect) || other.asks(self.effect));
        let kind = |saved: &Saved| saved.kind.as_ref().is_some_and(|kind| kind.value == "options");
        let optional = |saved: &Saved| saved.required.as_ref().is_some_and(|required| !required.value);
        let here = base(self.effect);
        // What is in a variable is seen when it is asked.
        let elsewhere = |saver: &Written| match (&here, base(saver)) {
            (Some(here), Some(there)) => *here != there,
            _ => false,
        };
        Some(if !helps || is_called(self.file, self.effect) {
            (
                "only in what takes back, or asks about, another effect",
                "put it into `send`",
            )
        } else if savers.iter().any(|(saver, _)| saver.asks(self.effect)) && only_probes(self.file, self.effect) {
            (
                "what it asks about has not answered",
                "ask by the key, by {{ reference }} in `send`, or by what another effect saved before",
            )
        } else if savers.iter().any(|(_, saved)| kind(saved)) {
            ("a list", "name one value that is a text or a number")
        } else if savers.iter().any(|(_, saved)| optional(saved)) {
            (
                "it may be missing",
                "take out its required = false: a reply without it is then no answer",
            )
        } else if savers.iter().any(|(saver, _)| saver.http.is_none()) {
            ("a program said it, and no host", "put it into `send`")
        } else if savers.iter().any(|(saver, _)| elsewhere(saver)) {
            ("another host said it", "put it into `send`, if this one may know it")
        } else if around.is_some_and(|(before, after)| !address::is_segment(before, after)) {
            (
                "not a segment of its own",
                "let it stand between slashes, such as https://example.org/orders/{{ number }}, or behind `=` in the query",
            )
        } else {
            return None;
        })
    }
}

/// Scheme and host of where an effect is asked for, where the file alone says them.
fn base(effect: &Written) -> Option<String> {
    let line = effect.http.as_ref()?.value.trim();
    let url = line.split_once(' ').map_or(line, |(_, url)| url.trim());
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?']).next()?;
    let plain = !scheme.contains('$') && !host.contains('$');
    plain.then(|| format!("{scheme}://{host}").to_ascii_lowercase())
}
