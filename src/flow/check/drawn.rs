//! Choices that are drawn from lists: `options = { list = "villages", where = "..." }`.
//!
//! Owns the faults of drawing. Must not know how lists are read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::diagnostic::{Diagnostic, did_you_mean};
use super::super::field::{Drawn, OfItems, Question};
use super::super::option_list::COUNTRIES;
use super::super::source::{At, Draws, Field, File, place};
use super::super::{Expr, OptionList, Picked, Scope, Text, Type, Types, Value, Values};
use super::{Checker, Place, idents};
use crate::limits;
use crate::words::Words;

/// The lists of files beside a flow, by name: each as it was read, or what is wrong with it.
pub type OptionLists = BTreeMap<String, Result<Arc<OptionList>, String>>;

/// The lists with their labels in the language of the flow, and the one that is there without a file.
pub(super) fn told<'a>(file: &File, lists: &'a OptionLists, (tag, words): (&str, Words)) -> Cow<'a, OptionLists> {
    let mut told = Cow::Borrowed(lists);
    for name in file.lists() {
        let own = match lists.get(&name) {
            Some(Ok(list)) => list.told(tag, words),
            None if name == COUNTRIES => OptionList::countries().map(|all| all.told(tag, words).unwrap_or(all)),
            Some(Err(_)) | None => None,
        };
        if let Some(own) = own {
            told.to_mut().insert(name, Ok(Arc::new(own)));
        }
    }
    told
}

/// The list that a field draws from, if it was read.
pub(super) fn list(checker: &Checker<'_>, field: &Field) -> Option<Arc<OptionList>> {
    let named = field.draws.as_ref()?.list.as_ref()?;
    checker.lists.get(&named.value)?.as_ref().ok().cloned()
}

/// The question, of which `several` may be taken. What is wrong with its list is told.
pub(super) fn build(
    checker: &Checker<'_>,
    file: &File,
    (at, field): (Place<'_>, &Field),
    several: Option<(Option<u32>, Option<u32>)>,
) -> Option<Box<dyn Question>> {
    let draws = field.draws.as_ref()?;
    if let Some(from) = &draws.from {
        return of_items(checker, (at, field), (draws, from), several);
    }
    let named = draws.list.as_ref()?;
    if let Some(label) = &draws.label {
        checker.sink.push(
            Diagnostic::error("wrong-key", &label.span, "options of a list have labels of their own")
                .label("has no meaning here")
                .help("take it out: `label` is for options that are made of items, `from`"),
        );
    }
    if let Some(sift) = draws.sift.as_ref().filter(|_| file.has_options(&named.value)) {
        checker.sink.push(
            Diagnostic::error("where", &sift.span, "only a list in a file of its own can be sifted")
                .label("has no meaning here")
                .help("put the list into a CSV file beside the flow, with a column for each thing to sift by"),
        );
        return None;
    }
    let sound = list(checker, field);
    if sound.is_none() {
        unsound(checker, named);
    }
    let list = sound?;
    let sift = draws
        .sift
        .as_ref()
        .and_then(|sift| self::sift(checker, at, sift, list.columns()));
    if let (Some(sift), Some(written)) = (&sift, &draws.sift) {
        two_meanings(checker, draws, &list, written);
        rowless(checker, file, (at, field), &list, (sift, written));
    }
    let sorted = list.of_countries || field.sort.as_ref().is_some_and(|sort| sort.value);
    Some(Box::new(Drawn {
        order: sorted.then(|| list.order(checker.words)),
        list,
        sift,
        several,
    }))
}

/// Options that are made of the items of a list.
fn of_items(
    checker: &Checker<'_>,
    (at, field): (Place<'_>, &Field),
    (draws, from): (&Draws, &At<String>),
    several: Option<(Option<u32>, Option<u32>)>,
) -> Option<Box<dyn Question>> {
    let list = checker.types_at(&[at]).get(&from.value).cloned();
    let Some(columns) = list.and_then(|list| list.columns) else {
        let message = format!("there is no list of items `{}` here", from.value);
        checker.sink.push(
            Diagnostic::error("unknown-list", &from.span, message)
                .label("nothing to choose from")
                .help("name a list of [lists]; one in another list is seen in the items of that one"),
        );
        return None;
    };
    if let Some(sort) = field.sort.as_ref().filter(|sort| sort.value) {
        let fault = Diagnostic::error("wrong-key", &sort.span, "options that are made of items are not sorted");
        checker.sink.push(
            fault
                .label("has no meaning here")
                .help("take it out: they stand in the order of their list"),
        );
    }
    checker.reads(at, from);
    if let Some(label) = label(checker, (at, field), draws, &columns)
        && let Some(Picked::Items(items)) = checker.types.get(&field.name.value)?.picked.as_ref()
    {
        items.set_label(label);
    }
    let sift = draws
        .sift
        .as_ref()
        .and_then(|sift| self::sift(checker, at, sift, &columns));
    let sift = sift.map_or_else(|| Expr::of_list(&from.value), |sift| sift.reading(&from.value));
    let Some(Picked::Items(items)) = checker.types.get(&field.name.value)?.picked.clone() else {
        return None;
    };
    Some(Box::new(OfItems { items, sift, several }))
}

/// What an item is called as an option.
fn label(checker: &Checker<'_>, (at, field): (Place<'_>, &Field), draws: &Draws, columns: &Arc<Types>) -> Option<Text> {
    let Some(written) = &draws.label else {
        let message = format!("the options of `{}` need a `label`", field.name.value);
        checker.sink.push(
            Diagnostic::error("missing-key", &field.name.span, message)
                .label("what does it say of each item?")
                .help("add label = \"{{ name }}\" to its options"),
        );
        return None;
    };
    if !checker.fits(written, limits::TEXT_BYTES) {
        return None;
    }
    for (name, range, _) in idents::of_text(&written.value) {
        if !columns.contains_key(name) {
            checker.reads_in(at, written, name, range);
        }
    }
    match Text::of_rows(&written.value, &checker.types_at(&[at]), columns) {
        Ok(text) => Some(text),
        Err(flaws) => {
            checker.flaws(flaws, |span| place(checker.source, &written.span, span));
            None
        }
    }
}

fn unsound(checker: &Checker<'_>, named: &At<String>) {
    let name = &named.value;
    if let Some(Err(wrong)) = checker.lists.get(name) {
        let fault = Diagnostic::error("list", &named.span, wrong.clone());
        checker.sink.push(fault.label("cannot be read"));
        return;
    }
    let near = did_you_mean(name, checker.lists.keys().map(String::as_str));
    let help = near.unwrap_or_else(|| {
        format!("put a file {name}.csv beside the flow, with the columns value and label, or write [options.{name}]")
    });
    checker.sink.push(
        Diagnostic::error("unknown-list", &named.span, format!("there is no list `{name}`"))
            .label("nothing to choose from")
            .help(help),
    );
}

/// `where`: read in each row, as the page is drawn.
fn sift(checker: &Checker<'_>, at: Place<'_>, written: &At<String>, columns: &Arc<Types>) -> Option<Expr> {
    if !checker.fits(written, limits::EXPR_BYTES) {
        return None;
    }
    for (name, range) in idents::of_expr(&written.value) {
        if !columns.contains_key(name) {
            checker.reads_in(at, written, name, range);
        }
    }
    match Expr::of_rows(&written.value, &checker.types_at(&[at]), columns) {
        Ok(expr) if expr.result() == Type::Bool => {
            if let Some(name) = expr.compared_with_itself() {
                let message = format!("`where` compares the column `{name}` with itself: nothing is left out");
                let help = format!(
                    "a column hides the question of its name: give the question another one, and as = \"{name}\" where other systems know it so"
                );
                let fault = Diagnostic::warning("always-true", &written.span, message);
                checker.judge.push(fault.label("always true").help(help));
            }
            Some(expr)
        }
        Ok(expr) => {
            let message = format!("`where` must be true or false, but it is {}", expr.result());
            let help = "compare a column: area == district".to_owned();
            checker
                .sink
                .push(Diagnostic::error("wrong-type", &written.span, message).help(help));
            None
        }
        Err(flaws) => {
            checker.flaws(flaws, |span| place(checker.source, &written.span, span));
            None
        }
    }
}

/// In a fragment a name of its own stands for that, so a column of that name could not be read.
fn two_meanings(checker: &Checker<'_>, draws: &Draws, list: &OptionList, written: &At<String>) {
    let columns = list.columns();
    if let Some(name) = draws.known.iter().find(|name| columns.contains_key(*name)) {
        let message = format!("`{name}` is a column here, and a name of the fragment or group itself");
        checker.judge.push(
            Diagnostic::error("two-meanings", &written.span, message)
                .label(format!("which `{name}`?"))
                .help("give the question, or what is given, another name, or the column"),
        );
    }
}

/// Tells which answers leave nothing to choose from, where rows are found by an answer that is one of a few.
fn rowless(
    checker: &Checker<'_>,
    file: &File,
    (at, field): (Place<'_>, &Field),
    list: &OptionList,
    (sift, written): (&Expr, &At<String>),
) {
    let Some((column, by)) = sift.needs_field() else {
        return;
    };
    let types = checker.types_at(&[at]);
    let Some(of) = types.get(by).filter(|of| of.of == Type::Text) else {
        return;
    };
    let guards = [
        field.when.as_ref(),
        file.screens.get(at.screen).and_then(|screen| screen.when.as_ref()),
    ];
    let guards: Vec<Expr> = guards
        .into_iter()
        .flatten()
        .filter_map(|when| Expr::parse(&when.value, &types).ok())
        .collect();
    let without = of.options.iter().map(|(value, _)| value).filter(|value| {
        let values = Values::from([(by.to_owned(), Value::Text((*value).clone()))]);
        let scope = Scope {
            values: &values,
            today: jiff::civil::Date::ZERO,
            reference: "",
            words: Words::english(),
            on_page: false,
        };
        let asked = guards
            .iter()
            .all(|guard| guard.eval(&scope) != Some(Value::Bool(false)));
        asked && list.of_column(column, value).is_some_and(<[_]>::is_empty)
    });
    let without: Vec<_> = without.map(String::as_str).collect();
    let Some(first) = without.first() else {
        return;
    };
    let named: Vec<_> = without.iter().take(3).map(|value| format!("`{value}`")).collect();
    let more = without.len() - named.len();
    let more = if more > 0 {
        format!(", or another of {more}")
    } else {
        String::new()
    };
    let named = named.join(", ");
    let message = format!(
        "`{}` has nothing to choose where `{by}` is {named}{more}",
        field.name.value
    );
    checker.judge.push(
        Diagnostic::warning("nothing-to-choose", &written.span, message)
            .label(format!("no row has `{first}` in `{column}`"))
            .help("add rows to the list, or ask only if there are some, with `when`; else it counts as not asked"),
    );
}

/// The lists that a flow draws from, in the order of their names.
pub(super) fn used(file: &File, lists: &OptionLists) -> Vec<Arc<OptionList>> {
    let named = file.lists().into_iter();
    named
        .filter_map(|name| lists.get(&name)?.as_ref().ok().cloned())
        .collect()
}
