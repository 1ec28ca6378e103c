//! The lines above a page.

use askama::Template;

use super::at::Link;
use super::{time, waiting};
use crate::engine::Shown;
use crate::flow::{Scope, Value};
use crate::limits;
use crate::machine::{self, Change, Notice, Page, own};
use crate::words::Words;

/// A line above a page, and the answers that it is about.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Line {
    words: String,
    list: Vec<Changed>,
    /// How many more there are of these.
    more: Option<String>,
    /// What is taken back.
    back: Vec<String>,
    /// Puts an item back.
    restore: Option<Link>,
}

/// How many of the answers that count no more are named.
const NAMED: usize = 20;

/// An answer as it was and as it is.
pub(super) struct Changed(String);

impl Line {
    pub(super) fn of(shown: &Shown, notice: &Notice, scope: &Scope<'_>) -> Self {
        let w = scope.words;
        let (words, changes) = match notice {
            Notice::Changed(changes) => (w.notice_changed(), changes.as_slice()),
            Notice::Different(changes) => (w.notice_different(), changes.as_slice()),
            Notice::WouldChange(changes) => (w.notice_would_change(), changes.as_slice()),
            Notice::Hidden(changes) => (w.notice_no_more(), changes.as_slice()),
            Notice::NoLongerAsked => (w.notice_no_longer_asked(), &[][..]),
            Notice::KeptButFirst => (w.notice_kept_but_first(), &[][..]),
            Notice::KeptAside => (w.notice_kept_aside(), &[][..]),
            Notice::AskedAnew => (w.notice_asked_anew(), &[][..]),
            Notice::StandsHere => (w.notice_stands_here(), &[][..]),
            Notice::MoreTime => (w.notice_more_time(), &[][..]),
            Notice::TakenBack(_) => (w.notice_taken_back(), &[][..]),
            Notice::TooLate => (w.notice_too_late(), &[][..]),
            Notice::TooLarge => (w.notice_too_large(), &[][..]),
            Notice::Removed(_, line) => {
                return Self {
                    restore: Self::restore(shown, notice, w),
                    ..Self::saying(w.notice_removed(line))
                };
            }
            Notice::NotFor(line, 0) => return Self::saying(w.notice_not_for(line)),
            Notice::NotFor(line, done) => return Self::saying(w.notice_not_for_but(*done, line)),
            Notice::CameBack(last, wrong) => return Self::saying(came_back(shown, *last, *wrong, w)),
            Notice::PutBack => (w.notice_put_back(), &[][..]),
            Notice::AddedAnother => (w.notice_added_another(), &[][..]),
            Notice::Unfinished => (w.notice_unfinished(), &[][..]),
        };
        let mut list = changed(shown, notice, changes, scope);
        let all = list.len();
        if let Notice::Hidden(_) = notice {
            list.truncate(NAMED);
        }
        Self {
            words: match notice {
                Notice::Different(_) if list.is_empty() => w.notice_different_somehow(),
                _ => words,
            }
            .to_owned(),
            restore: None,
            more: (all > list.len()).then(|| w.notice_more(all - list.len())),
            list,
            back: match notice {
                Notice::TakenBack(numbers) => numbers
                    .iter()
                    .map(|number| waiting::of_number(&shown.flow, &shown.session, *number, scope))
                    .collect(),
                _ => Vec::new(),
            },
        }
    }
}

impl Line {
    /// Words alone.
    fn saying(words: String) -> Self {
        Self {
            words,
            list: Vec::new(),
            more: None,
            back: Vec::new(),
            restore: None,
        }
    }

    /// Offers to put back what was removed, on the page of its list.
    fn restore(shown: &Shown, notice: &Notice, words: Words) -> Option<Link> {
        let (Notice::Removed(key, _), Page::Screen(at)) = (notice, &shown.showing.page) else {
            return None;
        };
        let lists = shown.flow.list_on(at.id.screen).is_some();
        lists.then(|| Link::new(&format!("{}{key}", own::RESTORE), words.list_restore()))
    }
}

fn changed(shown: &Shown, notice: &Notice, changes: &[Change], scope: &Scope<'_>) -> Vec<Changed> {
    let of_items = changes.iter().any(|change| change.place.item > 0);
    let mut path = of_items.then(|| shown.showing.path.clone());
    let here = match &shown.showing.page {
        Page::Screen(at) => at.place.item,
        _ => 0,
    };
    let draw = |change: &Change| {
        // The words of an item's question are read among its own answers.
        let item = change.place.item;
        let line = path.as_mut().map_or_else(String::new, |path| {
            let line = machine::line(&shown.flow, &shown.session, path, item);
            path.enter(&shown.flow, &shown.session, &change.place);
            line
        });
        let scope = &Scope {
            values: path.as_ref().map_or(scope.values, |path| &path.values),
            ..*scope
        };
        let mut screens = shown.flow.screens.iter();
        let screen = screens.find(|screen| screen.name == change.place.screen)?;
        let field = screen.fields().find(|field| field.name == change.field);
        let value = |value: &Value| match (field, value) {
            (Some(field), value) if !matches!(value, Value::Options(_)) => {
                field.shown(value, scope).replace('\n', ", ")
            }
            _ => value.words(scope.words),
        };
        let words = match field {
            Some(field) if field.is_secret() => secret(shown, notice, change, scope.words).to_owned(),
            _ => said(notice, change, value, scope.words),
        };
        let label = if let Some(field) = field {
            field.key()
        } else {
            let mut looks = screen.load.iter().filter_map(|name| shown.flow.effect(name));
            &looks
                .find(|effect| effect.save.iter().any(|saved| saved.name == change.field))?
                .label
        };
        let label = label.plain(scope);
        let told = item == 0 || item == here || line.trim().is_empty() || label.contains(line.trim());
        let label = if told { label } else { scope.words.list_of(line, &label) };
        Some(Changed(scope.words.notice_change(label, words)))
    };
    changes.iter().filter_map(draw).collect()
}

/// What became of an answer, of what a look-up brought, or of an option of a list.
fn said(notice: &Notice, change: &Change, value: impl Fn(&Value) -> String, words: Words) -> String {
    let or_dash = |side: &Option<Value>| side.as_ref().map_or_else(|| words.notice_none().to_owned(), &value);
    match (&change.before, &change.after) {
        (before, _) if matches!(notice, Notice::Hidden(_)) => short(or_dash(before)),
        (Some(Value::Options(before)), Some(_)) if before.is_empty() => words.notice_more_options().to_owned(),
        (Some(before @ Value::Options(_)), None) => words.notice_option_gone(value(before)),
        (before, after) => words.notice_from_to(or_dash(after), or_dash(before)),
    }
}

/// As much of an answer as names it: all of it stands on its own page.
fn short(words: String) -> String {
    match words.char_indices().nth(limits::LABEL_CHARS) {
        Some((at, _)) => format!("{}…", words.get(..at).unwrap_or_default()),
        None => words,
    }
}

/// What became of a secret, without either value.
fn secret(shown: &Shown, notice: &Notice, change: &Change, words: Words) -> &'static str {
    let answer = shown.session.answers.get(&change.place);
    match notice {
        Notice::Hidden(_) => words.notice_secret_hidden(),
        Notice::WouldChange(_) => words.notice_secret_again(),
        _ if answer.is_some_and(|answer| answer.fields.contains_key(&change.field)) => words.notice_secret_changed(),
        _ => words.notice_secret_removed(),
    }
}

/// When somebody came back last, and what went wrong meanwhile.
fn came_back(shown: &Shown, last: Option<i64>, wrong: u32, w: Words) -> String {
    let moment = |at| time::moment(&shown.flow, at, shown.now);
    let said = match last {
        Some(at) => w.save_came_back_again(moment(at)),
        None => w.save_came_back().to_owned(),
    };
    if wrong == 0 {
        said
    } else {
        format!("{said} {}", w.save_wrong_tries(wrong))
    }
}
