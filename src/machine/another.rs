//! What of a page's values is another now than it showed: as it was, and as it is.
//!
//! Owns the comparison, as far as anything is known of before: other screens' answers by the journal,
//! what look-ups brought by what their askings remember. Must not know whether a press is refused for
//! it (`submit`), nor how it is worded.

use std::collections::BTreeSet;

use super::looks::Names;
use super::news::is_secret;
use super::shown::{names, reviewed};
use super::{Asked, Change, Event, Path, Place, Session};
use crate::flow::{Field, Flow, Form, SavedKind, Screen, Value, once_offered};
use crate::id::ScreenId;

/// A page that was shown, and the session as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before<'a> {
    pub(super) flow: &'a Flow,
    pub(super) session: &'a Session,
    pub(super) path: &'a Path,
    pub(super) id: &'a ScreenId,
    pub(super) place: &'a Place,
    pub(super) screen: &'a Screen,
    /// What was typed on it.
    pub(super) typed: &'a Form,
}

impl<'a> Before<'a> {
    /// What of the page is known to be another now. An option stands as a list of one with its words;
    /// one that is offered no more is nothing now; a list that only grew is two empty ones.
    pub(super) fn changes(self) -> Vec<Change> {
        let names = super::looks::with_computed(self.flow, names(self.flow, self.path, (self.place, self.screen)));
        let mut changes = self.answers(&names);
        // Where another was picked, its words say so.
        let amended: BTreeSet<String> = changes.iter().map(|change| change.field.clone()).collect();
        changes.extend(
            self.picked()
                .into_iter()
                .filter(|change| !amended.contains(&change.field)),
        );
        let told: BTreeSet<String> = changes
            .iter()
            .flat_map(|change| options_of(change.before.as_ref()))
            .collect();
        changes.extend(self.brought(&names, &told));
        changes.retain(|change| {
            let grew = matches!(&change.before, Some(Value::Options(options)) if options.is_empty());
            grew || change.before != change.after || is_secret(self.flow, change)
        });
        changes
    }

    /// Answers of other screens.
    fn answers(self, names: &Names<'_>) -> Vec<Change> {
        let rows: BTreeSet<&Place> = reviewed(self.flow, self.path, (self.place, self.screen))
            .map(|(visit, _)| &visit.place)
            .collect();
        let mut changes: Vec<Change> = Vec::new();
        for entry in self.session.journal.iter().filter(|entry| entry.step > self.id.step) {
            let Event::Amended { place, before, .. } = &entry.event else {
                continue;
            };
            let shown =
                |name: &String| *place != *self.place && (rows.contains(place) || names.contains(name.as_str()));
            for (name, before) in before.iter().filter(|(name, _)| shown(name)) {
                if changes.iter().any(|change| change.field == *name) {
                    // The first change after the page says what it showed.
                    continue;
                }
                let now = self
                    .session
                    .answers
                    .get(place)
                    .and_then(|answer| answer.fields.get(name));
                let mut change = Change {
                    place: place.clone(),
                    field: name.clone(),
                    before: before.clone(),
                    after: None,
                };
                change.after = now.filter(|_| !is_secret(self.flow, &change)).cloned();
                changes.push(change);
            }
        }
        changes
    }

    /// What is picked from lists: the words of an answer that a review shows, and what was picked on
    /// the page itself.
    fn picked(self) -> Vec<Change> {
        let answers = reviewed(self.flow, self.path, (self.place, self.screen)).flat_map(|(visit, screen)| {
            let answer = self.session.answers.get(&visit.place);
            screen.asked().filter_map(move |field| {
                let value = answer?.fields.get(&field.name)?.as_text()?;
                Some((&visit.place, field, value))
            })
        });
        let typed = self.screen.asked().filter_map(|field| {
            let input = field.inputs().into_iter().next()?;
            let (_, value) = self.typed.0.iter().find(|(name, _)| *name == input)?;
            let value = value.trim();
            (!value.is_empty()).then_some((self.place, field, value))
        });
        let change = |(place, field, value): (&Place, &Field, &str)| {
            let list = field.list()?;
            let now = self.offered(list, value);
            let then = self.label_then(list, value);
            // What the page did not offer either is another thing.
            let then = then.or_else(|| now.clone()).or_else(|| self.once(list, value))?;
            (now.as_ref() != Some(&then)).then(|| Change {
                place: place.clone(),
                field: field.name.clone(),
                before: Some(option(value, then)),
                after: now.map(|label| option(value, label)),
            })
        };
        answers.chain(typed).filter_map(change).collect()
    }

    /// What look-ups brought. Of options that are `told` already nothing more is.
    fn brought(self, names: &Names<'_>, told: &BTreeSet<String>) -> Vec<Change> {
        let mut changes = Vec::new();
        for (place, asked) in self.looks() {
            let saved = self
                .flow
                .effect(&asked.effect)
                .into_iter()
                .flat_map(|effect| &effect.save);
            for saved in saved.filter(|saved| names.contains(saved.name.as_str())) {
                let before = asked.brought_before(&saved.name, self.id.step);
                let change = |before: Value, after: Option<Value>| Change {
                    place: place.clone(),
                    field: saved.name.clone(),
                    before: Some(before),
                    after,
                };
                if !matches!(saved.kind, SavedKind::Options { .. }) {
                    let then = before.first().map(|value| (*value).clone());
                    changes.extend(then.map(|then| change(then, self.path.values.get(&saved.name).cloned())));
                    continue;
                }
                let grew =
                    !before.is_empty() && before.iter().all(|options| options_of(Some(options)).next().is_none());
                let options: BTreeSet<String> = before.iter().flat_map(|options| options_of(Some(options))).collect();
                for value in options.iter().filter(|value| !told.contains(*value)) {
                    let then = self.label_then(&saved.name, value).unwrap_or_default();
                    let now = self.offered(&saved.name, value).map(|label| option(value, label));
                    changes.push(change(option(value, then), now));
                }
                if grew {
                    let none = Value::Options(Vec::new());
                    changes.push(change(none.clone(), Some(none)));
                }
            }
        }
        changes
    }

    /// The latest askings of the path's look-ups, each with its screen.
    fn looks(self) -> impl Iterator<Item = (&'a Place, &'a Asked)> {
        self.path.visits.iter().flat_map(move |visit| {
            let loads = self
                .flow
                .screen(visit.screen)
                .into_iter()
                .flat_map(|screen| &screen.load);
            loads.filter_map(move |effect| Some((&visit.place, self.session.looked_up(&visit.place, effect)?)))
        })
    }

    /// The words of an option of a list, if it is offered now.
    fn offered(self, list: &str, value: &str) -> Option<String> {
        label(self.path.values.get(list), value)
    }

    /// The words of an option that was offered once.
    fn once(self, list: &str, value: &str) -> Option<String> {
        label(self.path.values.get(&once_offered(list)), value)
    }

    /// The words of an option when the page was shown, where they are known to be others now.
    fn label_then(self, list: &str, value: &str) -> Option<String> {
        let mut before = self
            .looks()
            .flat_map(|(_, asked)| asked.brought_before(list, self.id.step));
        before.find_map(|options| label(Some(options), value))
    }
}

fn label(options: Option<&Value>, value: &str) -> Option<String> {
    let options = options.and_then(Value::as_options)?;
    let found = options.iter().find(|(known, _)| known == value);
    found.map(|(_, label)| label.clone())
}

fn option(value: &str, label: String) -> Value {
    Value::Options(vec![(value.to_owned(), label)])
}

/// The values of options.
fn options_of(options: Option<&Value>) -> impl Iterator<Item = String> {
    let options = options.and_then(Value::as_options).unwrap_or_default();
    options.iter().map(|(value, _)| value.clone())
}
