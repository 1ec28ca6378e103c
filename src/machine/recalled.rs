//! What a look-up's asking remembers of those before it.
//!
//! Owns the marked names under which that stands among what the asking has: options that this session
//! holds, words of options that are offered no more, and what was brought before. Must not know when
//! a look-up is asked for (`ask`), or what counts (`path`).

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{Asked, Purpose};
use super::{Session, looks};
use crate::flow::{Effect, Flow, SavedKind, Value, Values, once_offered};
use crate::limits;

/// An option's value and its label.
type Labelled = (String, String);

/// Marks what was offered before and is held by this session; what [`once_offered`] names begins so
/// too. No name that an author gives does.
const HELD: char = '+';
/// Marks a value that was brought before, and was another; of a list, those of its options that the
/// next one did not have just so. With `@`, a step and a space: what was brought before that step.
const BEFORE: char = '-';

/// Whether a name stands for something that is remembered.
fn is_marked(name: &str) -> bool {
    name.starts_with([HELD, BEFORE])
}

/// Until which step a value of before counted, of the name that it stands under.
fn until(marked: &str, name: &str) -> Option<u64> {
    let (step, of) = marked.strip_prefix(BEFORE)?.strip_prefix('@')?.split_once(' ')?;
    step.parse().ok().filter(|_| of == name)
}

impl Asked {
    /// What it brought, without what a look-up remembers of the ones before it.
    pub fn brought(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.results.iter().filter(|(name, _)| !is_marked(name))
    }

    /// The values under `name` that earlier askings brought and that a page which was offered after
    /// `step` may have shown, the oldest first: the first is what it showed. Of lists, the options that
    /// were not so any more later. Nothing where this asking brought the same, or came before that page.
    pub(super) fn brought_before(&self, name: &str, step: u64) -> Vec<&Value> {
        if self.step <= step {
            return Vec::new();
        }
        let older = self
            .results
            .iter()
            .filter_map(|(known, value)| Some((until(known, name)?, value)));
        let mut older: Vec<_> = older.filter(|(until, _)| *until > step).collect();
        older.sort_by_key(|(until, _)| *until);
        let last = self.results.get(&format!("{BEFORE}{name}"));
        older.into_iter().map(|(_, value)| value).chain(last).collect()
    }

    /// What of an earlier list `name` may be held.
    pub(super) fn may_hold(&self, name: &str) -> &[Labelled] {
        self.options(&format!("{HELD}{name}"))
    }

    fn options(&self, name: &str) -> &[Labelled] {
        self.results.get(name).and_then(Value::as_options).unwrap_or_default()
    }
}

fn is_list(kind: &SavedKind) -> bool {
    matches!(kind, SavedKind::Options { .. })
}

/// Adds options whose values are not there yet.
fn add<'a>(options: &mut Vec<Labelled>, more: impl IntoIterator<Item = &'a Labelled>) {
    for (value, label) in more {
        if options.iter().all(|(known, _)| known != value) {
            options.push((value.clone(), label.clone()));
        }
    }
}

/// What of the asking before it a new one remembers: what of its lists this session holds, the words
/// of what is picked from them, and the values that it brought.
pub(super) fn remembered(flow: &Flow, session: &Session, effect: &Effect, before: &Asked) -> BTreeMap<String, Value> {
    let mut kept = BTreeMap::new();
    for saved in &effect.save {
        let name = &saved.name;
        let mut brought = before.results.get(name).cloned();
        if is_list(&saved.kind) {
            let mut offered = before.options(name).to_vec();
            add(&mut offered, before.may_hold(name));
            let held = looks::held(flow, session, name);
            let (mut holds, mut words) = (offered.clone(), offered.clone());
            holds.retain(|(value, _)| held.contains(value));
            let picked: BTreeSet<_> = looks::picked(flow, session, name).map(|(_, value)| value).collect();
            words.retain(|(value, _)| picked.contains(value.as_str()));
            add(&mut words, before.options(&once_offered(name)));
            words.truncate(limits::WORDS_KEPT);
            for (name, options) in [(format!("{HELD}{name}"), holds), (once_offered(name), words)] {
                if !options.is_empty() {
                    kept.insert(name, Value::Options(options));
                }
            }
            brought = brought.map(|_| Value::Options(offered));
        }
        kept.extend(history(before, name, brought));
    }
    kept
}

/// What was brought before under a name, and now `brought` too, the oldest gone.
fn history(before: &Asked, name: &str, brought: Option<Value>) -> BTreeMap<String, Value> {
    let last = format!("{BEFORE}{name}");
    let mut older: Vec<(u64, Value)> = before
        .results
        .iter()
        .filter_map(|(known, value)| Some((until(known, name)?, value.clone())))
        .collect();
    older.sort_by_key(|(until, _)| *until);
    let known = before.results.get(&last).cloned();
    let latest = match (brought, known) {
        (Some(brought), known) => {
            older.extend(known.map(|known| (before.step, known)));
            Some(brought)
        }
        (None, known) => known,
    };
    let gone = older.len().saturating_sub(limits::BROUGHT_KEPT);
    let older = older.into_iter().skip(gone);
    let older = older.map(|(until, value)| (format!("{BEFORE}@{until} {name}"), value));
    older.chain(latest.map(|value| (last, value))).collect()
}

/// What a look-up brings, with what is remembered of the ones before it: what it was, where it is
/// another now.
pub(super) fn taken_in(asked: &mut Asked, results: BTreeMap<String, Value>) {
    asked.results.retain(|name, _| is_marked(name));
    for (name, value) in &results {
        let last = format!("{BEFORE}{name}");
        let same = match (asked.results.get(&last), value) {
            (Some(Value::Options(before)), Value::Options(now)) => {
                let mut now = now.clone();
                add(&mut now, asked.may_hold(name));
                let gone = gone(before, &now, asked.options(&once_offered(name)));
                if let Some(gone) = gone {
                    asked.results.insert(last, Value::Options(gone));
                    continue;
                }
                true
            }
            (before, now) => before == Some(now),
        };
        if same {
            asked.results.remove(&last);
        }
    }
    asked.results.extend(results);
}

/// The options of a list that the next one does not have just so, first those that are picked; `None`
/// where the two are the same but for the order, nothing where the next one has more.
fn gone(before: &[Labelled], now: &[Labelled], picked: &[Labelled]) -> Option<Vec<Labelled>> {
    let known: BTreeSet<_> = now.iter().collect();
    let mut gone: Vec<_> = before
        .iter()
        .filter(|option| !known.contains(option))
        .cloned()
        .collect();
    if gone.is_empty() && before.len() == now.len() {
        return None;
    }
    gone.sort_by_key(|(value, _)| picked.iter().all(|(known, _)| known != value));
    gone.truncate(limits::GONE_KEPT);
    Some(gone)
}

/// The words of what lists offered once and offer no more, or of lists that `values` does not have: for
/// pages that speak of such an answer. It may not be chosen.
pub(super) fn words(flow: &Flow, session: &Session, values: &Values) -> Values {
    let mut found: BTreeMap<String, Vec<Labelled>> = BTreeMap::new();
    let looks = session
        .asked
        .iter()
        .rev()
        .filter(|asked| asked.purpose == Purpose::Look);
    for asked in looks {
        let Some(effect) = flow.effect(&asked.effect) else {
            continue;
        };
        for saved in effect.save.iter().filter(|saved| is_list(&saved.kind)) {
            let name = &saved.name;
            let words = found.entry(once_offered(name)).or_default();
            if !values.contains_key(name) {
                add(words, asked.options(name));
            }
            add(words, asked.may_hold(name));
            add(words, asked.options(&once_offered(name)));
        }
    }
    found.retain(|_, words| !words.is_empty());
    found
        .into_iter()
        .map(|(name, words)| (name, Value::Options(words)))
        .collect()
}
