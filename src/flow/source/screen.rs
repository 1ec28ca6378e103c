//! `[screens.NAME]` as written.
//!
//! Owns the keys of a screen and of its rules. Must not know those of fields and actions.

use toml::Spanned;
use toml::de::DeValue;

use super::super::diagnostic::{Diagnostic, Sink};
use super::table::{Table, wrong_type};
use super::{At, Rule, Screen, everywhere, fragment, list, section as sections};

/// The screens, and the pages of lists among them.
pub(super) fn all<'a>(table: &mut Table<'a>, sink: &'a Sink) -> Vec<Screen> {
    let mut screens: Vec<Screen> = match table.table("screens", "`screens`") {
        Some(screens) => screens
            .all()
            .filter_map(|(name, value)| read(name, value, sink))
            .collect(),
        None => Vec::new(),
    };
    if let Some(lists) = table.table("lists", "`lists`") {
        screens.extend(lists.all().filter_map(|(name, value)| list::read(name, value, sink)));
        screens.sort_by_key(|screen| screen.name.span.start);
    }
    screens
}

/// Reads a screen.
pub(super) fn read<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Screen> {
    let mut table = Table::from(value, format!("screen `{}`", name.value), sink)?;
    table.planned(&["wait"]);
    let tasks = match table.table("tasks", "`tasks`") {
        Some(tasks) => tasks
            .all()
            .filter_map(|(name, value)| list::task(name, value, sink))
            .collect(),
        None => Vec::new(),
    };
    let within = table.text("in");
    let title = table.words("title");
    let body = table.words("body");
    let section = table.words("section");
    let (items, uses) = fragment::fields(&mut table, sink);
    let rules = match table.value("rules") {
        Some(value) => rules(value, sink),
        None => Vec::new(),
    };
    let (actions, off) = everywhere::of_screen(&mut table, sink);
    let (review, reviews) = sections::review(&mut table, sink);
    let summary = sections::summary(&mut table, sink);
    let end = table.text("end");
    let open = table.flag("open");
    let back = table.flag("back").map(|flag| flag.value);
    let load = table.texts("load");
    let when = table.text("when");
    table.finish();
    Some(Screen {
        name,
        title,
        body,
        section,
        items,
        rules,
        actions,
        review,
        reviews,
        summary,
        end,
        open,
        back,
        load,
        when,
        off,
        aside: false,
        within,
        list: None,
        tasks,
        uses,
        sets: Vec::new(),
    })
}

pub(super) fn rules<'a>(value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Vec<Rule> {
    read_rules(value, &["check", "message", "fields"], sink)
}

/// The rules of a list: they are about the whole of it.
pub(super) fn rules_of_list<'a>(value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Vec<Rule> {
    read_rules(value, &["check", "message"], sink)
}

fn read_rules<'a>(value: &'a Spanned<DeValue<'a>>, must: &[&str], sink: &'a Sink) -> Vec<Rule> {
    match value.get_ref() {
        DeValue::Array(all) => all.iter().filter_map(|one| rule(one, must, sink)).collect(),
        DeValue::Table(_) => rule(value, must, sink).into_iter().collect(),
        other => {
            sink.push(wrong_type(&value.span(), "`rules`", "a list of tables", other));
            Vec::new()
        }
    }
}

fn rule<'a>(value: &'a Spanned<DeValue<'a>>, must: &[&str], sink: &'a Sink) -> Option<Rule> {
    let mut table = Table::from(value, "a rule", sink)?;
    let rule = Rule {
        check: table.text("check"),
        message: table.words("message"),
        fields: table.texts("fields"),
        span: value.span(),
    };
    table.finish();
    for (key, lacks) in [
        ("check", rule.check.is_none()),
        ("message", rule.message.is_none()),
        ("fields", rule.fields.is_empty()),
    ] {
        if lacks && must.contains(&key) {
            sink.push(
                Diagnostic::error("missing-key", &rule.span, format!("a rule needs `{key}`")).help(
                    "for example { check = \"until >= from\", message = \"The last day must not be before the \
                     first\", fields = [\"until\"] }",
                ),
            );
        }
    }
    Some(rule)
}
