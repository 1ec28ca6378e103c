//! A calculated summary: some answers, and what they come to.
//!
//! Owns which rows it has. Must not know how an answer is said (`rows`).

use super::review::{Section, named};
use super::rows::{Row, of_field};
use crate::engine::Shown;
use crate::flow::{Scope, Summary};
use crate::machine::{self, Place};

/// The answers in the order of the summary, those of items one by one; then the total.
pub(super) fn draw(
    shown: &Shown,
    here: &Place,
    summary: &Summary,
    scope: &Scope<'_>,
    open: impl Fn(usize) -> bool,
) -> Section {
    let mut path = shown.showing.path.clone();
    let mut rows = Vec::new();
    for name in &summary.fields {
        let visits = shown.showing.path.visits.iter().enumerate();
        for (n, visit) in visits.take_while(|(_, visit)| visit.place != *here) {
            let screen = shown.flow.screen(visit.screen);
            let Some(field) = screen.and_then(|screen| screen.fields().find(|field| field.name == *name)) else {
                continue;
            };
            let of = (visit.place.item != 0).then(|| {
                let line = machine::line(&shown.flow, &shown.session, &mut path, visit.place.item);
                named(line, scope)
            });
            path.enter(&shown.flow, &shown.session, &visit.place);
            let within = Scope {
                values: &path.values,
                ..*scope
            };
            if field.when.as_ref().is_some_and(|when| !when.guard.holds(&within)) {
                continue;
            }
            let answer = shown.session.answers.get(&visit.place);
            let row = of_field((&visit.place, of.as_deref()), field, answer, open(n), &within);
            rows.extend(row.map(|row| match &of {
                Some(of) => Row {
                    label: scope.words.list_of(of, &row.label),
                    ..row
                },
                None => row,
            }));
        }
    }
    rows.extend(total(summary, scope));
    Section {
        heading: None,
        level: 2,
        rows,
    }
}

fn total(summary: &Summary, scope: &Scope<'_>) -> Option<Row> {
    let total = summary.total.as_ref()?.eval(scope);
    let label = summary.label.as_ref().map(|label| label.plain(scope));
    Some(Row {
        label: label.unwrap_or_else(|| scope.words.section_total().to_owned()),
        lines: vec![total.map_or_else(
            || scope.words.screen_not_given().to_owned(),
            |total| total.words(scope.words),
        )],
        change: None,
        set: None,
    })
}
