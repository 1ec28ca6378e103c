//! What was answered or typed, read-only.

use super::at::Link;
use crate::engine::Shown;
use crate::flow::{Field, Flow, Form, Item, Scope, Screen};
use crate::machine::{Answer, Place, Visit, own};
use crate::words::{Words, marks};

/// A question and what was said to it.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) lines: Vec<String>,
    pub(super) change: Option<Link>,
    /// What heads the questions that it stands with on its screen.
    pub(super) set: Option<String>,
}

impl Row {
    /// Elements stand among its words, which must not stand beside each other as columns.
    pub(super) fn is_mixed(&self) -> bool {
        match self.lines.as_slice() {
            [line] => marks::is_mixed(line),
            lines => lines.iter().any(|line| marks::without(line) != *line),
        }
    }

    /// Says what heads the questions that it stands with too.
    pub(super) fn say_set(&mut self, words: Words) {
        let Some(set) = self.set.take() else { return };
        if let Some(change) = &mut self.change {
            change.about = change.about.take().map(|about| words.list_in_set(about, &set));
        }
        self.label = words.list_in_set(&self.label, set);
    }
}

/// The screens on the path before `here` with something typed that was never submitted, each with its
/// change link where it is not sealed.
pub(super) fn drafts(shown: &Shown, here: &Place, scope: &Scope<'_>) -> Vec<Row> {
    let path = &shown.showing.path;
    let sealed = path.sealed(&shown.session);
    let before = path.visits.iter().enumerate();
    let mut within = path.clone();
    let drafted = before
        .take_while(|(_, visit)| visit.place != *here)
        .filter(|(_, visit)| {
            let answer = shown.session.answers.get(&visit.place);
            answer.is_some_and(|answer| answer.draft.is_some())
        });
    let row = |(n, visit): (usize, &Visit)| {
        let screen = shown.flow.screen(visit.screen)?;
        let first = || screen.asked().next().map(Field::key);
        within.enter(&shown.flow, &shown.session, &visit.place);
        let label = screen.title.as_ref().or_else(first)?.plain(&Scope {
            values: &within.values,
            ..*scope
        });
        let change = (!sealed.holds(n)).then(|| Link {
            action: own::change(&visit.place),
            label: scope.words.screen_look().to_owned(),
            about: Some(label.clone()),
        });
        Some(Row {
            label,
            lines: Vec::new(),
            change,
            set: None,
        })
    };
    drafted.filter_map(row).collect()
}

/// The answers of a screen. `of` is the item's line whose they are, if they are an item's.
pub(super) fn of_screen(
    shown: &Shown,
    (visit, screen): (&Visit, &Screen),
    open: bool,
    of: Option<&str>,
    scope: &Scope<'_>,
) -> Vec<Row> {
    let answer = shown.session.answers.get(&visit.place);
    let row = |(n, item): (usize, &Item)| {
        let Item::Field(field) = item else { return None };
        let answered = answer.and_then(|answer| answer.fields.get(&field.name));
        let asked = field.counts(answered, scope);
        let row = asked.then(|| of_field((&visit.place, of), field, answer, open, scope));
        Some(Row {
            set: set_of(screen, n, scope),
            ..row.flatten()?
        })
    };
    screen.items.iter().enumerate().filter_map(row).collect()
}

/// What heads an item of a screen and those that it stands with.
pub(super) fn set_of(screen: &Screen, item: usize, scope: &Scope<'_>) -> Option<String> {
    let sets = screen.sets.iter().filter(|set| set.items.contains(&item));
    let heads: Vec<String> = sets.map(|set| set.legend.plain(scope)).collect();
    (!heads.is_empty()).then(|| heads.join(": "))
}

/// A task that nobody has begun: nothing of it was asked.
pub(super) fn not_begun((place, screen): (&Place, &Screen), scope: &Scope<'_>) -> Option<Row> {
    let first = || screen.asked().next().map(Field::key);
    let label = screen.title.as_ref().or_else(first)?.plain(scope);
    let words = scope.words;
    let change = Link {
        action: own::change(place),
        label: words.list_begin().to_owned(),
        about: Some(label.clone()),
    };
    Some(Row {
        label,
        lines: vec![words.task_untouched().to_owned()],
        change: Some(change),
        set: None,
    })
}

pub(super) fn of_field(
    (place, of): (&Place, Option<&str>),
    field: &Field,
    answer: Option<&Answer>,
    open: bool,
    scope: &Scope<'_>,
) -> Option<Row> {
    let label = field.key().plain(scope);
    let value = if field.is_asked() {
        answer.and_then(|answer| answer.fields.get(&field.name))
    } else {
        Some(scope.values.get(&field.name).filter(|_| field.is_shown())?)
    };
    let words = value.map_or_else(
        || scope.words.screen_not_given().to_owned(),
        |value| field.shown(value, scope),
    );
    let change = (open && field.is_asked()).then(|| Link {
        action: own::change(place),
        label: scope.words.screen_change().to_owned(),
        about: Some(of.map_or_else(|| label.clone(), |of| scope.words.list_of(of, &label))),
    });
    Some(Row {
        label,
        lines: apart(words.lines(), scope),
        change,
        set: None,
    })
}

/// Lines that come from people, each apart from the direction of what is around it.
pub(super) fn apart<'a>(lines: impl Iterator<Item = &'a str>, scope: &Scope<'_>) -> Vec<String> {
    lines.map(|line| scope.words.apart(line).into_owned()).collect()
}

/// What was typed, by question; what belongs to no known question stands under its name, if that is
/// one that a question could have.
pub(super) fn typed(flow: Option<&Flow>, typed: &Form, scope: &Scope<'_>) -> Vec<Row> {
    let screens: &[Screen] = flow.map_or(&[], |flow| &flow.screens);
    let (mut known, mut secret) = (Vec::new(), Vec::new());
    let mut rows = Vec::new();
    for field in screens.iter().flat_map(Screen::asked) {
        let inputs = field.inputs();
        let values: Vec<&str> = inputs
            .iter()
            .flat_map(|input| typed.all(input))
            .filter(|value| !value.is_empty())
            .collect();
        if field.is_secret() {
            secret.extend(inputs.iter().cloned());
        }
        known.extend(inputs.iter().cloned().chain(field.removal()));
        if values.is_empty() || field.is_secret() {
            continue;
        }
        rows.push(Row {
            label: field.key().plain(scope),
            lines: apart(field.said(&values, scope).iter().map(String::as_str), scope),
            change: None,
            set: None,
        });
    }
    // Whoever writes a name in another case, or garbles a form, is still not shown its ids and secrets.
    let hidden = |name: &str| {
        let mut never = ["sessionID", "screenID", "actionID", "returnID"]
            .into_iter()
            .chain(secret.iter().map(String::as_str));
        never.any(|never| never.eq_ignore_ascii_case(name))
            || !name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let others = typed
        .0
        .iter()
        .filter(|(name, value)| !value.is_empty() && !known.contains(name) && !hidden(name));
    rows.extend(others.map(|(name, value)| Row {
        label: name.clone(),
        lines: apart(value.lines(), scope),
        change: None,
        set: None,
    }));
    rows
}
