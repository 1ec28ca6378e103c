//! Lists and tasks: what hangs where, and what may stand there.
//!
//! Owns the building and the faults of lists and tasks. Must not know what is asked on their screens.

use std::collections::BTreeSet;

use super::super::diagnostic::{Diagnostic, did_you_mean};
use super::super::source::{At, Effect, File, List as WrittenList, Scalar, Screen, Task as WrittenTask};
use super::super::strand::{Hangs, List, Strand, Task};
use super::super::{Expr, Text, Type, Value};
use super::graph::number_of;
use super::layout::{Hung, Layout};
use super::{Checker, Place, asked_of, names, sections};
use crate::limits;

/// The faults of where things stand.
fn check(checker: &Checker<'_>, file: &File) {
    let layout = &checker.layout;
    if file.screens.iter().all(|screen| screen.within.is_none()) && layout.strands.is_empty() {
        return;
    }
    let mut known = BTreeSet::new();
    for hung in &layout.strands {
        if hung.task.is_some() {
            names::label_name("a task", hung.name, checker.sink);
        }
        if !known.insert(&hung.name.value) {
            let message = format!("there is a list or a task `{}` already", hung.name.value);
            checker.sink.push(
                Diagnostic::error("duplicate-name", &hung.name.span, message)
                    .label("the second one")
                    .help("give it another name: `in` knows it by its name alone"),
            );
        }
    }
    for (n, screen) in file.screens.iter().enumerate() {
        within(checker, layout, screen, n);
        leads(checker, file, n, screen);
        if layout.on(n).is_some() {
            inside(checker, file, n, screen);
        }
    }
    starts_outside(checker, file);
}

fn fault(checker: &Checker<'_>, code: &'static str, at: &At<String>, message: String, help: &str) {
    checker.sink.push(Diagnostic::error(code, &at.span, message).help(help));
}

/// `in` names a list or a task, not too deep.
fn within(checker: &Checker<'_>, layout: &Layout<'_>, screen: &Screen, n: usize) {
    let Some(within) = &screen.within else { return };
    if layout.on(n).is_none() {
        let names = layout.strands.iter().map(|hung| hung.name.value.as_str());
        checker.sink.push(
            Diagnostic::error(
                "unknown-list",
                &within.span,
                format!("there is no list or task `{}`", within.value),
            )
            .label("of what is this screen?")
            .maybe_help(
                did_you_mean(&within.value, names)
                    .or_else(|| Some(format!("add [lists.{}], or a task of that name", within.value))),
            ),
        );
    }
    if screen.list.is_some() && layout.lists(n).len() >= limits::LIST_DEPTH {
        let most = limits::LIST_DEPTH;
        let message = format!("lists can lie {most} deep, one in another, and no deeper");
        fault(
            checker,
            "too-deep",
            within,
            message,
            "ask for this outside the innermost list",
        );
    }
    if !screen.tasks.is_empty() {
        let message = format!("screen `{}` is a task list inside a list or a task", screen.name.value);
        fault(
            checker,
            "tasks-inside",
            within,
            message,
            "let it stand on the flow's own path: take out `in`",
        );
    }
}

/// Actions stay on their strand, or lead back to the page on which it hangs.
fn leads(checker: &Checker<'_>, file: &File, n: usize, screen: &Screen) {
    let layout = &checker.layout;
    let here = layout.on(n);
    let host = here.and_then(|strand| layout.strands.get(strand)).map(|hung| hung.host);
    let targets = screen.actions.iter().flat_map(|action| {
        let leads = [&action.declined, &action.failed].into_iter().flatten();
        let branches = action.branches.iter().map(|branch| &branch.to);
        branches.chain(leads.map(|lead| &lead.to))
    });
    for to in targets {
        let Some(target) = number_of(file, &to.value) else {
            continue;
        };
        let there = layout.on(target);
        let aside = file.screens.get(target).is_some_and(|screen| screen.aside);
        if there == here || Some(target) == host || aside {
            continue;
        }
        let hung = there.and_then(|strand| layout.strands.get(strand));
        match (hung, here.and_then(|strand| layout.strands.get(strand))) {
            (Some(hung), _) if hung.host == n => {
                let message = format!("`{}` is reached from this page by itself", to.value);
                fault(
                    checker,
                    "leads-in",
                    to,
                    message,
                    "let the action lead on, behind the list",
                );
            }
            (_, Some(hung)) => {
                let page = file.screens.get(hung.host).map_or("", |host| &host.name.value);
                let message = format!("`{}` does not stand in `{}`", to.value, hung.name.value);
                let help = format!("lead to a screen of `{}`, or back to `{page}`", hung.name.value);
                fault(checker, "leads-out", to, message, &help);
            }
            (Some(hung), None) => {
                let page = file.screens.get(hung.host).map_or("", |host| &host.name.value);
                let message = format!("`{}` stands in `{}`", to.value, hung.name.value);
                fault(
                    checker,
                    "leads-in",
                    to,
                    message,
                    &format!("lead to `{page}`, from which it is reached"),
                );
            }
            (None, None) => {}
        }
    }
}

/// What a screen of an item or a task may not be or do.
fn inside(checker: &Checker<'_>, file: &File, n: usize, screen: &Screen) {
    if let Some(end) = &screen.end {
        let message = "a list's item or a task does not end the transaction".to_owned();
        fault(
            checker,
            "end-inside",
            end,
            message,
            "lead back to the page of the list, and end behind it",
        );
    }
    let in_list = !checker.layout.lists(n).is_empty();
    for action in &screen.actions {
        if let Some(seal) = action.seal.as_ref().filter(|seal| seal.value && in_list) {
            checker.sink.push(
                Diagnostic::error("seal-inside", &seal.span, "an item of a list cannot be sealed")
                    .help("seal on a screen behind the list"),
            );
        }
        for call in &action.call {
            let effect = file.effects.iter().find(|effect| effect.name.value == call.value);
            if effect.is_some_and(Effect::seals) {
                let message = format!(
                    "effect `{}` cannot be taken back, so it cannot be called here",
                    call.value
                );
                let help = "give it an `undo`, or call it behind the list: items and tasks are changed at any time";
                fault(checker, "effect-inside", call, message, help);
            }
        }
    }
}

fn starts_outside(checker: &Checker<'_>, file: &File) {
    let start = super::graph::start_of(file);
    if let Some(screen) = start
        .filter(|n| checker.layout.on(*n).is_some())
        .and_then(|n| file.screens.get(n))
    {
        let at = file.start.as_ref().unwrap_or(&screen.name);
        let message = format!("the flow would begin inside `{}`", screen.name.value);
        fault(
            checker,
            "start-inside",
            at,
            message,
            "start at a screen of the flow's own path",
        );
    }
}

/// Builds the strands; what is wrong with where things stand is told.
pub(super) fn build(checker: &Checker<'_>, file: &File) -> Vec<Strand> {
    check(checker, file);
    let layout = &checker.layout;
    let all = layout.strands.iter().enumerate();
    all.filter_map(|(n, hung)| {
        let screen = file.screens.get(hung.host)?;
        let (start, of) = match (hung.task, &screen.list) {
            (Some(written), _) => (&written.start, Hangs::Task(task(checker, file, hung, written))),
            (None, Some(written)) => (&written.start, Hangs::Items(list(checker, file, (n, hung), written))),
            (None, None) => return None,
        };
        Some(Strand {
            name: hung.name.value.clone(),
            host: u16::try_from(hung.host).ok()?,
            start: first(checker, file, (n, hung), start.as_ref()),
            of,
        })
    })
    .collect()
}

/// The first screen of a strand: the one that is named, else the first in the file.
fn first(checker: &Checker<'_>, file: &File, (n, hung): (usize, &Hung<'_>), start: Option<&At<String>>) -> u16 {
    let layout = &checker.layout;
    let mut own = (0..file.screens.len()).filter(|screen| layout.on(*screen) == Some(n));
    let found = match start {
        None => own.next(),
        Some(named) => {
            let found = number_of(file, &named.value).filter(|screen| layout.on(*screen) == Some(n));
            if found.is_none() {
                let message = format!("`{}` is no screen of `{}`", named.value, hung.name.value);
                let help = format!("give the screen in = \"{}\"", hung.name.value);
                fault(checker, "unknown-screen", named, message, &help);
            }
            found.or(Some(0))
        }
    };
    if found.is_none() {
        let message = format!("`{}` has no screens", hung.name.value);
        let help = format!("give its screens in = \"{}\"", hung.name.value);
        fault(checker, "empty-list", hung.name, message, &help);
    }
    found.and_then(|screen| u16::try_from(screen).ok()).unwrap_or(0)
}

fn list(checker: &Checker<'_>, file: &File, (n, hung): (usize, &Hung<'_>), written: &WrittenList) -> List {
    let page = Place::shown(hung.host);
    // The line is read among the item's own answers.
    let own = (0..file.screens.len()).find(|screen| checker.layout.on(*screen) == Some(n));
    let line = if let Some(line) = &written.line {
        checker.text_among(page, Place::shown(own.unwrap_or(hung.host)), line)
    } else {
        let message = format!("list `{}` needs `item`", hung.name.value);
        let help = "add item = \"{{ name }}\": an item on one line";
        fault(checker, "missing-key", hung.name, message, help);
        Text::fixed("")
    };
    let count = written
        .count
        .as_ref()
        .and_then(|count| checker.expr(page, count, Type::Number));
    let driven = written.count.is_some() || written.each.is_some();
    if let (Some(add), true) = (&written.add, driven) {
        let message = "a list with `count` or `each` has as many items as that says: nobody adds one".to_owned();
        fault(
            checker,
            "add-and-count",
            add,
            message,
            "take out `actions.add`, or what drives the list",
        );
    }
    let fixed = || Text::fixed(checker.words.list_add());
    let add = match &written.add {
        _ if driven => None,
        Some(label) => Some(checker.naming(page, label)),
        None => Some(fixed()),
    };
    List {
        line,
        min: bound(checker, page, written.min.as_ref()),
        max: bound(checker, page, written.max.as_ref()),
        count,
        each: each(checker, page, written),
        add,
        names: checker.names_inside(n),
        reads_itself: checker.reads_inside(n, &hung.name.value),
    }
}

/// The list for each of whose items there is one.
fn each(checker: &Checker<'_>, page: Place<'_>, written: &WrittenList) -> Option<String> {
    let named = written.each.as_ref()?;
    if let Some(count) = &written.count {
        let message = "a list has `count` or `each`, and not both".to_owned();
        fault(checker, "count-and-each", count, message, "take one of them out");
    }
    let types = checker.types_at(&[page]);
    if types.get(&named.value).is_none_or(|declared| declared.of != Type::Rows) {
        let message = format!("there is no list `{}` here", named.value);
        let help = "name a list that comes before, or the one in whose items this list lies";
        fault(checker, "unknown-list", named, message, help);
    }
    checker.reads(page, named);
    Some(named.value.clone())
}

/// A number, or an expression that comes to one.
fn bound(checker: &Checker<'_>, page: Place<'_>, written: Option<&At<Scalar>>) -> Option<Expr> {
    let written = written?;
    match &written.value {
        Scalar::Number(digits) => {
            let number = digits.parse::<u32>().ok().filter(|n| *n <= limits::LIST_ITEMS);
            if number.is_none() {
                let message = format!("this must be a whole number, {} at most", limits::LIST_ITEMS);
                checker
                    .sink
                    .push(Diagnostic::error("invalid-number", &written.span, message));
            }
            Some(Expr::constant(Value::Number(number.unwrap_or_default().into())))
        }
        Scalar::Text(text) => {
            let text = At {
                value: text.clone(),
                span: written.span.clone(),
            };
            checker.expr(page, &text, Type::Number)
        }
        Scalar::Bool(_) | Scalar::When(_) | Scalar::List(_) => {
            let message = "this must be a number, or an expression in quotes";
            checker
                .sink
                .push(Diagnostic::error("wrong-type", &written.span, message));
            None
        }
    }
}

fn task(checker: &Checker<'_>, file: &File, hung: &Hung<'_>, written: &WrittenTask) -> Task {
    let page = Place::shown(hung.host);
    let title = if let Some(title) = &written.title {
        checker.naming(page, title)
    } else {
        let message = format!("task `{}` needs a `title`", hung.name.value);
        fault(checker, "missing-key", hung.name, message, "add title = \"About you\"");
        Text::fixed("")
    };
    let needs = written.needs.iter().filter_map(|needed| {
        let mut before = checker
            .layout
            .hosted(hung.host)
            .take_while(|(_, other)| other.name.span != hung.name.span);
        let found = before.find(|(_, other)| other.name.value == needed.value);
        if found.is_none() {
            let message = format!("there is no task `{}` before this one", needed.value);
            let help = "name a task of the same list that stands above: people read them in this order";
            fault(checker, "unknown-task", needed, message, help);
        }
        u16::try_from(found?.0).ok()
    });
    Task {
        title,
        section: sections::head(checker, file, page, written.section.as_ref()),
        needs: needs.collect(),
        when: checker.maybe_guard(page, written.when.as_ref()),
        optional: written.optional,
    }
}

/// A list's page and a task list ask nothing themselves.
pub(super) fn asks_nothing(checker: &Checker<'_>, screen: &Screen) {
    if screen.list.is_none() && screen.tasks.is_empty() {
        return;
    }
    if let Some(field) = asked_of(screen).next() {
        let message = format!(
            "screen `{}` lists tasks, so it cannot ask anything itself",
            screen.name.value
        );
        fault(
            checker,
            "asks-and-lists",
            &field.name,
            message,
            "ask on a screen before it, or of a task",
        );
    }
}
