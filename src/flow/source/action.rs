//! `actions.NAME` as written, in its three forms.
//!
//! Owns the keys of an action and of a branch. Must not know what screens there are.

use toml::Spanned;
use toml::de::DeValue;

use super::super::diagnostic::{Diagnostic, Sink};
use super::table::{Table, text, wrong_type};
use super::{Action, At, Branch, Lead};

/// Reads an action: `"screen"`, a list of branches, or a table.
pub(super) fn read<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Action> {
    let mut action = Action {
        name,
        label: None,
        kind: None,
        when: None,
        branches: Vec::new(),
        seal: None,
        cancel: None,
        call: Vec::new(),
        declined: None,
        failed: None,
    };
    match value.get_ref() {
        DeValue::String(_) | DeValue::Array(_) => action.branches = branches(value, sink),
        DeValue::Table(_) => {
            let mut table = Table::from(value, format!("action `{}`", action.name.value), sink)?;
            table.planned(&["set", "check"]);
            action.label = table.words("label");
            if let Some(to) = table.value("to") {
                action.branches = branches(to, sink);
            }
            action.when = table.text("when");
            action.kind = table.text("kind");
            action.seal = table.flag("seal");
            action.cancel = table.flag("cancel");
            action.call = table.texts("call");
            action.declined = table.value("declined").and_then(|value| lead(value, sink));
            action.failed = table.value("failed").and_then(|value| lead(value, sink));
            table.finish();
            leads_somewhere(&action, sink);
        }
        other => {
            let wanted = "a screen's name, a list of branches or a table";
            let what = format!("action `{}`", action.name.value);
            sink.push(wrong_type(&value.span(), &what, wanted, other));
            return None;
        }
    }
    Some(action)
}

/// Where an effect that was not done leads: `"screen"`, or `{ to = "screen", undo = true }`.
fn lead<'a>(value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Lead> {
    if let DeValue::Table(_) = value.get_ref() {
        let mut table = Table::from(value, "this", sink)?;
        let to = table.text("to");
        let undo = table.flag("undo").map(|undo| undo.value);
        table.finish();
        if to.is_none() {
            sink.push(
                Diagnostic::error("missing-key", &value.span(), "this does not say where it leads")
                    .label("needs `to`")
                    .help("write { to = \"screen\", undo = true }"),
            );
        }
        return Some(Lead { to: to?, undo });
    }
    let to = text(value, "where this leads", sink);
    Some(Lead { to, undo: None })
}

fn leads_somewhere(action: &Action, sink: &Sink) {
    let cancels = action.cancels();
    let name = &action.name.value;
    if cancels && let Some(branch) = action.branches.first() {
        sink.push(
            Diagnostic::error(
                "cancel-with-target",
                &branch.to.span,
                format!("action `{name}` gives up, so it leads nowhere"),
            )
            .label("not with cancel = true")
            .help("take out `to`, or `cancel`"),
        );
    } else if !cancels && action.branches.is_empty() {
        sink.push(
            Diagnostic::error(
                "missing-key",
                &action.name.span,
                format!("action `{name}` does not say where it leads"),
            )
            .label("needs `to`")
            .help("add to = \"screen\", or cancel = true"),
        );
    }
}

pub(super) fn branches<'a>(value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Vec<Branch> {
    match value.get_ref() {
        DeValue::Array(all) if all.is_empty() => {
            sink.push(
                Diagnostic::error("empty-list", &value.span(), "this action leads nowhere")
                    .label("no branches")
                    .help("write a screen's name, or [{ when = \"...\", to = \"screen\" }, { to = \"screen\" }]"),
            );
            Vec::new()
        }
        DeValue::Array(all) => all.iter().filter_map(|one| branch(one, sink)).collect(),
        DeValue::Table(_) => branch(value, sink).into_iter().collect(),
        _ => {
            let to = text(value, "the target of an action", sink);
            vec![Branch { when: None, to }]
        }
    }
}

fn branch<'a>(value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Branch> {
    if let DeValue::String(_) = value.get_ref() {
        let to = text(value, "a branch", sink);
        return Some(Branch { when: None, to });
    }
    let mut table = Table::from(value, "a branch", sink)?;
    let when = table.text("when");
    let to = table.text("to");
    let wrong = table.value("to").is_some();
    table.finish();
    if to.is_none() && !wrong {
        sink.push(
            Diagnostic::error("missing-key", &value.span(), "this branch does not say where it leads")
                .label("needs `to`")
                .help("add to = \"screen\""),
        );
    }
    Some(Branch { when, to: to? })
}

impl Action {
    pub(crate) fn seals(&self) -> bool {
        self.seal.as_ref().is_some_and(|seal| seal.value)
    }

    pub(crate) fn cancels(&self) -> bool {
        self.cancel.as_ref().is_some_and(|cancel| cancel.value)
    }
}
