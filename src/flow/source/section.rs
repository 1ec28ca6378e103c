//! `[sections.NAME]`, and what a screen shows of the answers before it: `review`, `summary`.
//!
//! Owns their keys. Must not know which screens are of a section.

use toml::de::DeValue;

use super::super::diagnostic::{Diagnostic, Sink};
use super::table::Table;
use super::{At, File, Span, each};

/// `[sections.NAME]`
#[derive(Debug)]
pub(crate) struct Section {
    pub name: At<String>,
    pub title: Option<At<String>>,
    /// What has come together so far, in words.
    pub total: Option<At<String>>,
    /// Its pages say which of the sections it is.
    pub numbered: bool,
}

/// `summary = { fields = ["rent", "food"], total = "rent + food", label = "Together" }`
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub fields: Vec<At<String>>,
    pub total: Option<At<String>>,
    pub label: Option<At<String>>,
    pub span: Span,
}

/// Reads the sections of a flow.
pub(super) fn read(table: &mut Table<'_>, sink: &Sink) -> Vec<Section> {
    each(table.table("sections", "`sections`").as_ref(), |name, value| {
        let mut table = Table::from(value, format!("section `{}`", name.value), sink)?;
        let section = Section {
            name,
            title: table.words("title"),
            total: table.words("total"),
            numbered: table.flag("numbered").is_some_and(|flag| flag.value),
        };
        table.finish();
        Some(section)
    })
}

/// Whether a screen is a review, and of which sections; of all where none is named.
pub(super) fn review(table: &mut Table<'_>, sink: &Sink) -> (bool, Vec<At<String>>) {
    let Some(value) = table.value("review") else {
        return (false, Vec::new());
    };
    if !matches!(value.get_ref(), DeValue::Array(_)) {
        return (table.flag("review").is_some_and(|flag| flag.value), Vec::new());
    }
    let named = table.texts("review");
    if named.is_empty() {
        let fault = Diagnostic::error("empty-list", &value.span(), "this review names no section");
        sink.push(fault.help("write review = true for one of all answers, or name sections: review = [\"income\"]"));
    }
    (true, named)
}

/// Reads what a screen sums up.
pub(super) fn summary(table: &mut Table<'_>, sink: &Sink) -> Option<Summary> {
    let value = table.value("summary")?;
    let mut table = Table::from(value, "`summary`", sink)?;
    let summary = Summary {
        fields: table.texts("fields"),
        total: table.text("total"),
        label: table.words("label"),
        span: value.span(),
    };
    table.finish();
    Some(summary)
}

/// Where a section is named: no words for people.
pub(super) fn named(file: &File) -> Vec<Span> {
    let fragments = file.shared.fragments.iter().flat_map(|fragment| &fragment.screens);
    let screens = file.screens.iter().chain(fragments);
    let of = |screen: &super::Screen| {
        let tasks = screen.tasks.iter().filter_map(|task| task.section.clone());
        screen.section.clone().into_iter().chain(tasks).collect::<Vec<_>>()
    };
    let is = |name: &At<String>| file.sections.iter().any(|section| section.name.value == name.value);
    screens.flat_map(of).filter(is).map(|name| name.span).collect()
}
