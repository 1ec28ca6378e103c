//! `[fragments.NAME]`, `[groups.NAME]`, `[calls.NAME]`, `[texts]`, and `type = "group"` as written.
//!
//! Owns their keys. Must not know what becomes of them: that is `expand`'s.

use toml::Spanned;
use toml::de::DeValue;

use super::super::diagnostic::{Diagnostic, Sink};
use super::table::{Table, text};
use super::{At, Branch, Item, Rule, Screen, action, each, field, screen};

/// `[fragments.NAME]`: screens that are gone through for whoever calls it.
#[derive(Debug)]
pub(crate) struct Fragment {
    pub name: At<String>,
    pub start: Option<At<String>>,
    /// `in`: the values that it is given, with their types.
    pub takes: Vec<(At<String>, At<String>)>,
    /// `out`: what it gives back, as expressions.
    pub gives: Vec<(At<String>, At<String>)>,
    pub screens: Vec<Screen>,
    pub calls: Vec<Call>,
}

/// `[calls.NAME]`: one calling of a fragment.
#[derive(Debug)]
pub(crate) struct Call {
    pub name: At<String>,
    pub fragment: Option<At<String>>,
    pub with: Vec<(At<String>, At<String>)>,
    /// `in`: the list or the task that its screens are of.
    pub within: Option<At<String>>,
    /// Where it leads once the fragment returns.
    pub then: Vec<Branch>,
}

/// `[groups.NAME]`: questions that stand together wherever it is used.
#[derive(Debug)]
pub(crate) struct Group {
    pub name: At<String>,
    pub takes: Vec<(At<String>, At<String>)>,
    pub items: Vec<Item>,
    pub uses: Vec<Use>,
    pub rules: Vec<Rule>,
}

/// `fields.NAME = { type = "group", use = "address" }`
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// Before which of the items around it stands.
    pub at: usize,
    pub name: At<String>,
    pub group: Option<At<String>>,
    pub legend: Option<At<String>>,
    pub when: Option<At<String>>,
    pub with: Vec<(At<String>, At<String>)>,
}

/// Reads a fragment.
pub(super) fn read<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Fragment> {
    let mut table = Table::from(value, format!("fragment `{}`", name.value), sink)?;
    let fragment = Fragment {
        start: table.text("start"),
        takes: pairs(&mut table, "in", sink),
        gives: pairs(&mut table, "out", sink),
        screens: screen::all(&mut table, sink),
        calls: calls(&mut table, sink),
        name,
    };
    table.finish();
    if fragment.screens.is_empty() {
        let message = format!("fragment `{}` has no screens", fragment.name.value);
        sink.push(Diagnostic::error("no-screens", &fragment.name.span, message));
    }
    for task in fragment.screens.iter().flat_map(|screen| &screen.tasks) {
        let message = "a fragment has no task list";
        sink.push(
            Diagnostic::error("not-supported", &task.name.span, message)
                .help("put the task list into the flow, and call a fragment in each task: [calls.NAME] in = \"task\""),
        );
    }
    Some(fragment)
}

/// The calls of a flow or of a fragment.
pub(super) fn calls<'a>(table: &mut Table<'a>, sink: &'a Sink) -> Vec<Call> {
    each(table.table("calls", "`calls`").as_ref(), |name, value| {
        call(name, value, sink)
    })
}

fn call<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Call> {
    let mut table = Table::from(value, format!("call `{}`", name.value), sink)?;
    let call = Call {
        fragment: table.text("fragment"),
        with: pairs(&mut table, "with", sink),
        within: table.text("in"),
        then: table
            .value("then")
            .map_or_else(Vec::new, |value| action::branches(value, sink)),
        name,
    };
    table.finish();
    let name = &call.name;
    let lacks = [
        ("fragment", call.fragment.is_none(), "which fragment?"),
        ("then", call.then.is_empty(), "where does it lead afterwards?"),
    ];
    for (key, _, label) in lacks.into_iter().filter(|(_, lacks, _)| *lacks) {
        let message = format!("call `{}` needs `{key}`", name.value);
        sink.push(
            Diagnostic::error("missing-key", &name.span, message)
                .label(label)
                .help("for example { fragment = \"address\", then = \"check\" }"),
        );
    }
    Some(call)
}

/// Reads a group.
pub(super) fn group<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Group> {
    let mut table = Table::from(value, format!("group `{}`", name.value), sink)?;
    let takes = pairs(&mut table, "in", sink);
    let (items, uses) = fields(&mut table, sink);
    let rules = table
        .value("rules")
        .map_or_else(Vec::new, |value| screen::rules(value, sink));
    table.finish();
    if items.is_empty() && uses.is_empty() {
        let message = format!("group `{}` has no fields", name.value);
        sink.push(Diagnostic::error("no-fields", &name.span, message).help("add fields.NAME = { type = ... }"));
    }
    Some(Group {
        name,
        takes,
        items,
        uses,
        rules,
    })
}

/// What stands in `fields`: questions and text blocks, and the groups between them.
pub(super) fn fields<'a>(table: &mut Table<'a>, sink: &'a Sink) -> (Vec<Item>, Vec<Use>) {
    let (mut items, mut uses) = (Vec::new(), Vec::new());
    let Some(fields) = table.table("fields", "`fields`") else {
        return (items, uses);
    };
    for (name, value) in fields.all() {
        if is_use(value) {
            uses.extend(one_use(name, value, items.len(), sink));
        } else {
            items.extend(field::read(name, value, sink));
        }
    }
    (items, uses)
}

fn is_use(value: &Spanned<DeValue<'_>>) -> bool {
    let DeValue::Table(table) = value.get_ref() else {
        return false;
    };
    let kind = table.iter().find(|(key, _)| key.get_ref() == "type");
    kind.is_some_and(|(_, kind)| matches!(kind.get_ref(), DeValue::String(kind) if kind == field::GROUP))
}

fn one_use<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, at: usize, sink: &'a Sink) -> Option<Use> {
    let mut table = Table::from(value, format!("field `{}`", name.value), sink)?;
    table.text("type");
    let found = Use {
        at,
        group: table.text("use"),
        legend: table.words("label"),
        when: table.text("when"),
        with: pairs(&mut table, "with", sink),
        name,
    };
    table.finish();
    for (key, _) in [("use", found.group.is_none()), ("label", found.legend.is_none())]
        .iter()
        .filter(|(_, lacks)| *lacks)
    {
        let message = format!("field `{}` needs `{key}`", found.name.value);
        sink.push(
            Diagnostic::error("missing-key", &found.name.span, message)
                .help("for example { type = \"group\", use = \"address\", label = \"Home address\" }"),
        );
    }
    Some(found)
}

/// `[texts]`: words that several places have.
pub(super) fn texts(table: &mut Table<'_>, sink: &Sink) -> Vec<(At<String>, At<String>)> {
    let all = pairs(table, "texts", sink);
    for (name, words) in &all {
        sink.heard(words);
        if ["{{", "{%", "{#"].iter().any(|open| words.value.contains(open)) {
            let message = format!("the shared text `{}` has an expression in it", name.value);
            sink.push(
                Diagnostic::error("not-supported", &words.span, message)
                    .label("plain words only")
                    .help("write the expression where the text is used, around {{ texts.NAME }}"),
            );
        }
    }
    all
}

fn pairs(table: &mut Table<'_>, key: &'static str, sink: &Sink) -> Vec<(At<String>, At<String>)> {
    let Some(pairs) = table.table(key, &format!("`{key}`")) else {
        return Vec::new();
    };
    let one = |(name, value): (At<String>, &Spanned<DeValue<'_>>)| {
        let value = text(value, &format!("`{}`", name.value), sink);
        (name, value)
    };
    pairs.all().map(one).collect()
}
