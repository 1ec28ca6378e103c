//! Fields that are read before they can be set.
//!
//! Owns the question whether some way through the flow sets a field before it is read. A value
//! that is missing on some ways only is no fault: expressions are total; where a text prints it
//! bare, the author is told. Must not know types.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diagnostic::Diagnostic;
use super::super::field::Role;
use super::super::source::{Field, File, place};
use super::comes::Comings;
use super::graph::Graph;
use super::{Checker, Moment, Use, fields_of};
use crate::limits;

/// Checks every reading of a field.
pub(super) fn check(checker: &Checker<'_>, file: &File, graph: &Graph) {
    let fields: BTreeMap<&str, &Field> = file
        .screens
        .iter()
        .flat_map(fields_of)
        .map(|field| (field.name.value.as_str(), field))
        .collect();
    let mut ways = Ways {
        graph,
        without: BTreeMap::new(),
        after: BTreeMap::new(),
    };
    let mut comings = graph.start().map(|start| Comings::new(file, start));
    let mut found = 0;
    for read in checker.uses.borrow().iter() {
        let name = read.field.as_str();
        if let Some(homes) = checker.saved.get(name).filter(|_| !checker.homes.contains_key(name)) {
            if read.moment == Moment::SoFar {
                continue;
            }
            let judged = comings
                .as_mut()
                .and_then(|comings| judge_saved(read, homes, file, comings));
            if let Some(mut diagnostic) = judged {
                diagnostic.span = place(checker.source, &read.literal, &read.inner);
                checker.judge.push(diagnostic);
                found += 1;
            }
            continue;
        }
        let (Some(home), Some(field)) = (checker.homes.get(name), fields.get(name)) else {
            continue;
        };
        if checker.layout.hangs(*home, read.screen) {
            // The line of an item, on its list's page.
            continue;
        }
        let computes = read.owner.as_deref().and_then(|owner| fields.get(owner));
        let shows = read.told || computes.is_some_and(|owner| owner.kind.role() == Role::Computed);
        let secret = (field.kind.role() == Role::Secret && shows).then(|| secret_shown(read));
        if let Some(mut diagnostic) = secret.or_else(|| judge(read, *home, field, file, &mut ways)) {
            diagnostic.span = place(checker.source, &read.literal, &read.inner);
            checker.judge.push(diagnostic);
            found += 1;
        }
        if found > limits::DIAGNOSTICS {
            break;
        }
    }
}

/// Guards, bounds and rules may read a secret; what people see may not.
fn secret_shown(read: &Use) -> Diagnostic {
    let name = &read.field;
    Diagnostic::error(
        "secret-shown",
        &read.literal,
        format!("`{name}` is a secret: it is never shown again"),
    )
    .label("would be shown")
    .help("take it out; guards, rules and `send` may read a secret, texts and computed values may not")
}

fn judge(read: &Use, home: usize, field: &Field, file: &File, ways: &mut Ways<'_>) -> Option<Diagnostic> {
    let name = &read.field;
    if read.owner.as_deref() == Some(name) {
        let fault = Diagnostic::error("reads-itself", &read.literal, format!("field `{name}` reads itself"));
        return Some(
            fault
                .label("its own value")
                .help("read another field, or take this out"),
        );
    }
    let start = ways.graph.start()?;
    if read.moment == Moment::SoFar {
        return None;
    }
    if home == read.screen {
        if read.moment == Moment::Echoed {
            let computed = field.kind.role() == Role::Computed;
            return (read.bare && !computed).then(|| may_be_missing(read));
        }
        let settled = read.moment == Moment::Posted || field.kind.role() == Role::Computed;
        return (!settled).then(|| {
            Diagnostic::error(
                "read-too-early",
                &read.literal,
                format!("`{name}` is asked on this screen, so it has no value when the page is drawn"),
            )
            .label("not answered yet")
            .help("read it on a later screen")
        });
    }
    let home_name = file.screens.get(home).map_or("", |screen| &screen.name.value);
    if !ways.may_come_before(start, home, read.screen) {
        // What cannot be reached at all is told where it stands.
        return (ways.leads(start, home) && ways.leads(start, read.screen)).then(|| {
            Diagnostic::error(
                "read-too-early",
                &read.literal,
                format!("`{name}` is read before it can be set"),
            )
            .label(format!("asked on screen `{home_name}`"))
            .help(format!(
                "no way through the flow passes `{home_name}` before this screen"
            ))
        });
    }
    let optional = field.required.as_ref().is_some_and(|required| !required.value);
    let conditional = field.when.is_some() || file.screens.get(home).is_some_and(|home| home.when.is_some());
    (read.bare && (optional || conditional || ways.may_miss(start, home, read.screen))).then(|| may_be_missing(read))
}

/// A saved value is there once its effect was done before, or is loaded by the page itself.
fn judge_saved<'a>(
    read: &Use,
    homes: &[(usize, bool)],
    file: &'a File,
    comings: &mut Comings<'a>,
) -> Option<Diagnostic> {
    let name = &read.field;
    let mut entries = file
        .effects
        .iter()
        .flat_map(|effect| effect.save.iter().map(move |saved| (effect, saved)));
    let (effect, saved) = entries.find(|(_, saved)| saved.name.value == *name)?;
    let by = &effect.name.value;
    let here = |(home, shown): &(usize, bool)| *home == read.screen && (*shown || read.moment == Moment::Posted);
    let mut without = false;
    if !homes.iter().any(here) {
        let found = comings.on(effect, read.screen);
        if !found.with {
            let at = homes
                .first()
                .and_then(|(home, shown)| Some((file.screens.get(*home)?, *shown)));
            let (label, help) = match at {
                None => (
                    "no action calls its effect, and no screen loads it".to_owned(),
                    format!("let an action call `{by}`, before this screen"),
                ),
                Some((screen, true)) => (
                    format!("comes with screen `{}`", screen.name.value),
                    format!("add load = \"{by}\" to this screen, or read it behind that one"),
                ),
                Some((screen, false)) => (
                    format!("comes once `{by}` is done, on screen `{}`", screen.name.value),
                    "read it where that leads to, not before, and not where `declined` or `failed` lead".to_owned(),
                ),
            };
            // What cannot be reached at all is told where it stands.
            return found.without.then(|| {
                let message = format!("`{name}` is read where it cannot have been saved");
                Diagnostic::error("read-too-early", &read.literal, message)
                    .label(label)
                    .help(help)
            });
        }
        without = found.without;
    }
    let optional = saved.required.as_ref().is_some_and(|required| !required.value);
    (read.bare && (without || optional)).then(|| may_be_missing(read))
}

/// A text prints what may not be there.
fn may_be_missing(read: &Use) -> Diagnostic {
    let name = &read.field;
    Diagnostic::warning(
        "may-be-missing",
        &read.literal,
        format!("`{name}` may have no value here"),
    )
    .label("prints nothing then")
    .help(format!("write {{% if {name} is defined %}}...{{% endif %}} around it"))
}

/// Ways through the graph, each found once.
struct Ways<'a> {
    graph: &'a Graph,
    /// By screen: what can be reached from the start without passing it.
    without: BTreeMap<usize, BTreeSet<usize>>,
    /// By screen: what can be reached from it.
    after: BTreeMap<usize, BTreeSet<usize>>,
}

impl Ways<'_> {
    /// Some way leads from `first` to `then`.
    fn leads(&mut self, first: usize, then: usize) -> bool {
        let graph = self.graph;
        let after = self.after.entry(first).or_insert_with(|| graph.reach(first, None));
        after.contains(&then)
    }

    /// Some way leads from the start to `then` without passing `first`.
    fn may_miss(&mut self, start: usize, first: usize, then: usize) -> bool {
        let graph = self.graph;
        let without = self
            .without
            .entry(first)
            .or_insert_with(|| graph.reach(start, Some(first)));
        without.contains(&then)
    }

    /// Some way leads from the start over `first` to `then`, without passing `then` earlier.
    fn may_come_before(&mut self, start: usize, first: usize, then: usize) -> bool {
        self.may_miss(start, then, first) && self.leads(first, then)
    }
}
