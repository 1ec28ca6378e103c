//! What hangs on a page: the items of a list, the tasks of a task list.

use askama::Template;

use super::at::{At, Button, Link};
use super::review::{Lines, apart, named};
use crate::engine::Shown;
use crate::flow::{Hangs, Scope, Screen, Strand};
use crate::machine::{self, Path, Place, Presentation, Standing, Walk, own};

/// A list's page, or a task list.
#[derive(Template)]
#[template(path = "list.html")]
pub(super) struct Hanging<'a> {
    at: &'a At,
    /// Each with what heads it.
    groups: Vec<(Option<String>, Vec<Entry>)>,
    /// *add*, where the list has room.
    add: Option<Button>,
}

/// An item, or a task.
pub(super) struct Entry {
    /// The item on one line; the task's title.
    head: String,
    /// The title leads there.
    way: Option<Link>,
    standing: Option<&'static str>,
    /// To its answers.
    change: Option<Link>,
    remove: Option<Link>,
}

/// What hangs on a screen, drawn; nothing where nothing does.
pub(super) fn draw(shown: &Shown, presentation: &Presentation, screen: &Screen, at: &At, scope: &Scope<'_>) -> String {
    let number = presentation.id.screen;
    let path = &shown.showing.path;
    let strands = shown.flow.strands_on(number).collect::<Vec<_>>();
    let here = path.position(&presentation.place);
    let (Some(here), false) = (here, strands.is_empty()) else {
        return String::new();
    };
    let mut groups: Vec<(Option<String>, Vec<Entry>)> = Vec::new();
    let mut within = path.clone();
    let mut lines = Lines::new();
    for (number, strand) in strands {
        let walks = path.hanging(here).filter(|walk| walk.strand == Some(number));
        let (heading, entries): (_, Vec<Entry>) = match &strand.of {
            Hangs::Items(_) => (
                None,
                walks
                    .filter_map(|walk| item(shown, screen, walk, (&mut within, &mut lines), scope))
                    .collect(),
            ),
            Hangs::Task(task) => (
                task.section
                    .as_ref()
                    .and_then(|section| section.plain(&shown.flow, scope)),
                walks.map(|walk| self::task(shown, strand, walk, scope)).collect(),
            ),
        };
        match groups.last_mut().filter(|_| heading.is_none()) {
            Some((_, before)) => before.extend(entries),
            None => groups.push((heading, entries)),
        }
    }
    groups.retain(|(_, entries)| !entries.is_empty());
    let add = machine::can_add(&shown.flow, path, presentation, scope);
    let on = screen
        .actions
        .first()
        .is_some_and(|action| action.when.as_ref().is_none_or(|when| when.holds(scope)));
    let main = !on || machine::lacks_items(&shown.flow, path, presentation, scope);
    let add = add.map(|label| Button::new(own::ADD, &label.plain(scope), main.then_some("m")));
    Hanging { at, groups, add }.render().unwrap_or_default()
}

/// `within` is a copy of the path, on which the item's own answers are read; `lines` are those of the
/// items before it.
fn item(
    shown: &Shown,
    screen: &Screen,
    walk: &Walk,
    (within, lines): (&mut Path, &mut Lines),
    scope: &Scope<'_>,
) -> Option<Entry> {
    let (_, list) = shown
        .flow
        .number(&screen.name)
        .and_then(|number| shown.flow.list_on(number))?;
    let driven = list.is_driven();
    if walk.standing == Standing::Untouched && !driven {
        return None;
    }
    let path = &shown.showing.path;
    let words = scope.words;
    let line = named(machine::line(&shown.flow, &shown.session, within, walk.item), scope);
    let line = apart(line, lines);
    let done = walk.standing == Standing::Done;
    let first = path.visits.iter().find(|visit| visit.place.item == walk.item)?;
    let to = if done {
        Some(first)
    } else {
        walk.last.and_then(|last| path.visits.get(last))
    }?;
    let label = match walk.standing {
        Standing::Done => words.screen_change(),
        Standing::Begun => words.list_go_on(),
        Standing::Untouched | Standing::Waits => words.list_begin(),
    };
    Some(Entry {
        way: None,
        standing: (!done).then(|| match walk.standing {
            Standing::Begun => words.list_begun(),
            _ => words.list_untouched(),
        }),
        change: Some(link(&own::change(&to.place), label, &line)),
        remove: (!driven).then(|| link(&format!("{}{}", own::REMOVE, walk.item), words.list_remove(), &line)),
        head: line,
    })
}

fn task(shown: &Shown, strand: &Strand, walk: &Walk, scope: &Scope<'_>) -> Entry {
    let words = scope.words;
    let title = strand.task().map(|task| task.title.plain(scope)).unwrap_or_default();
    let path = &shown.showing.path;
    let first = shown.flow.screen(strand.start).map(|screen| Place::of(&screen.name));
    let last = walk
        .last
        .and_then(|last| path.visits.get(last))
        .map(|visit| visit.place.clone());
    let to = match walk.standing {
        Standing::Waits => None,
        Standing::Begun => last,
        Standing::Untouched | Standing::Done => first,
    };
    Entry {
        standing: Some(match walk.standing {
            Standing::Waits => words.task_waits(),
            Standing::Untouched => words.task_untouched(),
            Standing::Begun => words.task_begun(),
            Standing::Done => words.task_done(),
        }),
        way: to.map(|place| Link::new(&own::change(&place), &title)),
        head: title,
        change: None,
        remove: None,
    }
}

fn link(action: &str, label: &str, about: &str) -> Link {
    Link {
        action: action.to_owned(),
        label: label.to_owned(),
        about: Some(about.to_owned()),
    }
}
