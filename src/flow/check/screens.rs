//! A screen: its parts put together, and what a screen of its kind must have.
//!
//! Owns titles, text blocks, rules, and the difference between an end and any other screen. Must
//! not know where actions lead.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diagnostic::{Diagnostic, did_you_mean};
use super::super::source::{
    At, Block as WrittenBlock, Field as WrittenField, File, Item as WrittenItem, Rule as WrittenRule,
    Screen as Written, Set as WrittenSet,
};
use super::super::{Block, BlockKind, Expr, Field, Item, Kind, Rule, Screen, Set, Text, When};
use super::{Checker, Place, actions, asked_of, calls, fields, fields_of, names, sections, strands};

/// Builds the screen of number `n`.
pub(super) fn build(
    checker: &Checker<'_>,
    file: &File,
    n: usize,
    screen: &Written,
    computed: &mut BTreeMap<String, Expr>,
) -> Screen {
    let at = Place::shown(n);
    heading(checker, screen);
    strands::asks_nothing(checker, screen);
    kind(checker, screen);
    let items: Vec<Item> = screen
        .items
        .iter()
        .map(|item| match item {
            WrittenItem::Field(field) => {
                Item::Field(Box::new(fields::build(checker, file, n, screen, field, computed)))
            }
            WrittenItem::Block(written) => Item::Block(Box::new(block(checker, at.echoed(), screen, written))),
        })
        .collect();
    Screen {
        name: screen.name.value.clone(),
        title: checker.maybe_text(at, screen.title.as_ref()),
        body: checker.maybe_text(at, screen.body.as_ref()),
        section: sections::head(checker, file, at, screen.section.as_ref()),
        within: sections::within(checker, file, n),
        echoes: echoes(&items),
        at: screen.name.span.clone(),
        items,
        sets: screen
            .sets
            .iter()
            .filter_map(|set| together(checker, at, set))
            .collect(),
        rules: screen
            .rules
            .iter()
            .filter_map(|written| rule(checker, at, screen, written))
            .collect(),
        actions: actions::build(checker, file, n, screen),
        review: screen.review,
        reviews: sections::reviewed(file, screen),
        summary: sections::summary(checker, at, screen),
        end: screen.end.as_ref().map(|end| end.value.clone()),
        open: screen.open.as_ref().is_some_and(|open| open.value),
        back: screen.back.unwrap_or(true),
        load: calls::loads(checker, file, n, screen),
        when: checker.maybe_guard(at, screen.when.as_ref()),
        strand: checker.layout.on(n).and_then(|strand| u16::try_from(strand).ok()),
    }
}

/// A page has a heading: its title, or the label of its only question.
fn heading(checker: &Checker<'_>, screen: &Written) {
    let questions = asked_of(screen).count();
    match &screen.title {
        Some(title) if title.value.trim().is_empty() => checker
            .sink
            .push(Diagnostic::error("missing-title", &title.span, "this title is empty").label("the page's heading")),
        None if questions == 0 => checker.sink.push(
            Diagnostic::error(
                "missing-title",
                &screen.name.span,
                format!("screen `{}` needs a `title`", screen.name.value),
            )
            .label("no heading")
            .help("add title = \"...\"; only a screen with a single question may do without"),
        ),
        None if questions > 1 => checker.sink.push(
            Diagnostic::warning(
                "no-heading",
                &screen.name.span,
                format!(
                    "screen `{}` asks {questions} questions and has no title",
                    screen.name.value
                ),
            )
            .label("no heading")
            .help("add title = \"...\", or ask each on a screen of its own"),
        ),
        _ => {}
    }
}

/// An end has an outcome and nothing to do; every other screen leads on.
fn kind(checker: &Checker<'_>, screen: &Written) {
    let name = &screen.name.value;
    let Some(end) = &screen.end else {
        if let Some(open) = screen.open.as_ref().filter(|open| open.value) {
            checker.judge.push(
                Diagnostic::error(
                    "open-without-end",
                    &open.span,
                    format!("screen `{name}` is no end, so it cannot be an open one"),
                )
                .label("only with `end`")
                .help("add end = \"...\", or take out `open`"),
            );
        }
        if screen.actions.is_empty() && !screen.aside {
            checker.judge.push(
                Diagnostic::error(
                    "no-actions",
                    &screen.name.span,
                    format!("screen `{name}` leads nowhere"),
                )
                .label("no actions")
                .help("add actions.continue = \"screen\", or end = \"completed\""),
            );
        }
        return;
    };
    names::label_name("an outcome", end, checker.sink);
    if let Some(action) = screen.actions.first() {
        checker.sink.push(
            Diagnostic::error(
                "end-with-actions",
                &action.name.span,
                format!("screen `{name}` ends the transaction, so it cannot have actions"),
            )
            .label("after the end")
            .help("take out `end`, or the actions"),
        );
    }
    if let Some(field) = asked_of(screen).next() {
        checker.sink.push(
            Diagnostic::error(
                "end-with-fields",
                &field.name.span,
                format!("screen `{name}` ends the transaction, so it cannot ask anything"),
            )
            .label("after the end")
            .help("ask on the screen before"),
        );
    }
    for rule in &screen.rules {
        checker.sink.push(Diagnostic::error(
            "end-with-fields",
            &rule.span,
            "a rule has nothing to check on an end screen",
        ));
    }
}

fn together(checker: &Checker<'_>, at: Place<'_>, set: &WrittenSet) -> Option<Set> {
    // That it has no words was told.
    let legend = checker.naming(at, set.legend.as_ref()?);
    let items = set.items.clone();
    Some(Set { legend, items })
}

fn block(checker: &Checker<'_>, at: Place<'_>, screen: &Written, written: &WrittenBlock) -> Block {
    let lacks = |key: &str| {
        checker.sink.push(
            Diagnostic::error(
                "missing-key",
                &written.name.span,
                format!("block `{}` needs `{key}`", written.name.value),
            )
            .help(format!("add {key} = \"...\"")),
        );
        Text::fixed("")
    };
    let body = match &written.text {
        Some(text) => checker.naming(at, text),
        None => lacks("text"),
    };
    let summary = match (&written.summary, written.kind) {
        (Some(summary), _) => Some(checker.naming(at, summary)),
        (None, BlockKind::Details) => Some(lacks("summary")),
        (None, _) => None,
    };
    Block {
        kind: written.kind,
        summary,
        body,
        when: written.when.as_ref().map(|when| condition(checker, at, screen, when)),
    }
}

/// Where it hangs under no option, nobody sees the text before the page is sent and comes again.
fn condition(checker: &Checker<'_>, at: Place<'_>, screen: &Written, written: &At<String>) -> When {
    let (when, several) = fields::hanging(checker, at, screen, written);
    let read = || fields_of(screen).filter(|field| when.guard.reads().contains(&field.name.value));
    let offers = |field: &WrittenField| {
        let few = |options: &At<Vec<_>>| options.value.len() <= Field::MOST_RADIOS;
        field.options.as_ref().is_some_and(few) || matches!(field.kind, Kind::YesNo | Kind::Confirm)
    };
    if when.local && when.under.is_none() && (several || !read().all(offers)) {
        checker.judge.push(
            Diagnostic::warning(
                "shown-late",
                &written.span,
                "this is not shown before the page is sent and comes again",
            )
            .label("hangs under no option of its page")
            .help("let it need one option, such as \"place == 'abroad'\", or say it on a later screen"),
        );
    }
    when
}

/// The fields of a screen that its own words read.
fn echoes(items: &[Item]) -> Vec<String> {
    let mut read = BTreeSet::new();
    for item in items {
        let (texts, when) = match item {
            Item::Field(field) => ([Some(&field.label), field.hint.as_ref()], None),
            Item::Block(block) => ([Some(&block.body), block.summary.as_ref()], block.when.as_ref()),
        };
        read.extend(texts.into_iter().flatten().flat_map(Text::reads));
        read.extend(when.into_iter().flat_map(|when| when.guard.reads()));
    }
    let own = items.iter().filter_map(|item| match item {
        Item::Field(field) => Some(&field.name),
        Item::Block(_) => None,
    });
    own.filter(|name| read.contains(name)).cloned().collect()
}

fn rule(checker: &Checker<'_>, at: Place<'_>, screen: &Written, written: &WrittenRule) -> Option<Rule> {
    let here: Vec<&str> = fields_of(screen).map(|field| field.name.value.as_str()).collect();
    for field in written
        .fields
        .iter()
        .filter(|field| !here.contains(&field.value.as_str()))
    {
        checker.sink.push(
            Diagnostic::error(
                "unknown-field",
                &field.span,
                format!("there is no field `{}` on screen `{}`", field.value, screen.name.value),
            )
            .label("not on this screen")
            .maybe_help(did_you_mean(&field.value, here.iter().copied())),
        );
    }
    // What is missing was reported where the rule was read.
    let check = checker.guard(at.posted(), written.check.as_ref()?);
    let message = checker.naming(at.posted(), written.message.as_ref()?);
    Some(Rule {
        check,
        message,
        fields: written.fields.iter().map(|field| field.value.clone()).collect(),
    })
}
