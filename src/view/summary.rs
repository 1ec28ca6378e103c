//! A calculated summary: some answers, and what they come to.
//!
//! Owns which rows it has. Must not know how an answer is said (`rows`).

use std::collections::BTreeMap;

use super::review::{Lines, Section, apart, named, say_sets};
use super::rows::{Row, of_field, set_of};
use crate::engine::Shown;
use crate::flow::{Item, Scope, Summary};
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
    let (mut rows, mut lines, mut known) = (Vec::new(), Lines::new(), BTreeMap::new());
    for name in &summary.fields {
        let visits = shown.showing.path.visits.iter().enumerate();
        for (n, visit) in visits.take_while(|(_, visit)| visit.place != *here) {
            let found = shown.flow.screen(visit.screen).and_then(|screen| {
                let fields = screen.items.iter().enumerate();
                let mut fields = fields.filter_map(|(n, item)| match item {
                    Item::Field(field) => Some((n, field)),
                    Item::Block(_) => None,
                });
                let (item, field) = fields.find(|(_, field)| field.name == *name)?;
                Some((screen, item, field))
            });
            let Some((screen, item, field)) = found else {
                continue;
            };
            let of = (visit.place.item != 0).then(|| {
                let line = known.entry(visit.place.item).or_insert_with(|| {
                    let line = machine::line(&shown.flow, &shown.session, &mut path, visit.place.item);
                    apart(named(line, scope), &mut lines)
                });
                line.clone()
            });
            path.enter(&shown.flow, &shown.session, &visit.place);
            let within = Scope {
                values: &path.values,
                ..*scope
            };
            let answer = shown.session.answers.get(&visit.place);
            if !field.counts(answer.and_then(|answer| answer.fields.get(name)), &within) {
                continue;
            }
            let row = of_field((&visit.place, of.as_deref()), field, answer, open(n), &within);
            rows.extend(row.map(|row| Row {
                label: match &of {
                    Some(of) => scope.words.list_of(of, &row.label),
                    None => row.label,
                },
                set: set_of(screen, item, &within).or_else(|| {
                    // Two that are called alike: those of items are told apart by their lines.
                    let page = screen.title.as_ref().filter(|_| of.is_none());
                    page.map(|page| page.plain(&within))
                }),
                ..row
            }));
        }
    }
    say_sets(&mut rows, scope.words);
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
