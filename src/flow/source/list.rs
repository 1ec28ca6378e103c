//! `[lists.NAME]` and a screen's `tasks` as written.
//!
//! Owns their keys. A list's page is a screen, which is put among the others under the list's
//! name. Must not know which screens stand in a list or a task.

use toml::Spanned;
use toml::de::DeValue;

use super::super::diagnostic::Sink;
use super::table::{Table, words};
use super::{Action, At, List, Screen, Task, action, everywhere, screen};

/// Reads a list, with its page.
pub(super) fn read<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Screen> {
    let mut table = Table::from(value, format!("list `{}`", name.value), sink)?;
    let title = table.words("title");
    let body = table.words("body");
    let section = table.words("section");
    let back = table.flag("back").map(|flag| flag.value);
    let within = table.text("in");
    let when = table.text("when");
    let mut list = List {
        line: table.words("item"),
        min: table.scalar("min"),
        max: table.scalar("max"),
        count: table.text("count"),
        each: table.text("each"),
        start: table.text("start"),
        outward: table.text("as"),
        add: None,
    };
    let mut off = Vec::new();
    let actions = match table.table("actions", "`actions`") {
        Some(actions) => actions
            .all()
            .filter_map(|(name, value)| one(name, value, (&mut list, &mut off), sink))
            .collect(),
        None => Vec::new(),
    };
    let rules = match table.value("rules") {
        Some(value) => screen::rules_of_list(value, sink),
        None => Vec::new(),
    };
    table.finish();
    Some(Screen {
        name,
        title,
        body,
        section,
        items: Vec::new(),
        rules,
        actions,
        review: false,
        reviews: Vec::new(),
        summary: None,
        end: None,
        open: None,
        back,
        when,
        load: Vec::new(),
        off,
        aside: false,
        within,
        list: Some(list),
        tasks: Vec::new(),
        uses: Vec::new(),
        sets: Vec::new(),
    })
}

/// An action of a list's page: `add` is the engine's own, and has a label alone.
fn one<'a>(
    name: At<String>,
    value: &'a Spanned<DeValue<'a>>,
    (list, off): (&mut List, &mut Vec<At<String>>),
    sink: &'a Sink,
) -> Option<Action> {
    if everywhere::is_off(value) {
        off.push(name);
        return None;
    }
    if name.value != "add" {
        return action::read(name, value, sink);
    }
    list.add = match value.get_ref() {
        DeValue::Table(_) => {
            let mut table = Table::from(value, "action `add`", sink)?;
            let label = table.words("label");
            table.finish();
            label
        }
        _ => Some(words(value, "the label of `add`", sink)),
    };
    None
}

/// Reads a task.
pub(super) fn task<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Task> {
    let mut table = Table::from(value, format!("task `{}`", name.value), sink)?;
    let task = Task {
        name,
        title: table.words("title"),
        start: table.text("start"),
        section: table.words("section"),
        needs: table.texts("needs"),
        when: table.text("when"),
        optional: table.flag("optional").is_some_and(|flag| flag.value),
    };
    table.finish();
    Some(task)
}
