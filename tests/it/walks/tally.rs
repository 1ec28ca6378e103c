//! Which transitions there are, and which were taken.

use std::collections::BTreeMap;

use deity::flow::{Flow, Screen};

use super::calls::Stage;
use super::route::is_aside;

/// Ways that no walk can take, each with its flow and the reason.
const CANNOT: &[(&str, &str, &str)] = &[];

/// Every row of the contract's table and every rule of lists and tasks, each with the kinds of page on which it
/// must have been met.
const ROWS: &[(&str, &[&str])] = &[
    ("a list's rule", &["list"]),
    ("a change link", &["driven list", "list", "review", "task list"]),
    ("a change refused", &["of a task", "of an item", "questions"]),
    ("a link back", &["end"]),
    (
        "a link on",
        &[
            "driven list",
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "to the side",
            "words",
        ],
    ),
    ("a link, and it is over", &["any"]),
    ("a link, and it waits", &["any"]),
    (
        "a reload",
        &[
            "driven list",
            "end",
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "to the side",
            "words",
        ],
    ),
    (
        "a reload of what is off the way",
        &["of an item", "questions", "review"],
    ),
    ("a way back", &["questions", "words"]),
    ("added", &["list"]),
    ("added again", &["list", "of an item", "to the side"]),
    ("added another", &["list"]),
    ("amended", &["of a task", "of an item", "questions"]),
    (
        "answered",
        &[
            "driven list",
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "words",
        ],
    ),
    ("asked again whether to give up", &["questions"]),
    ("asked whether to change", &["questions"]),
    ("asked whether to give up", &["questions", "review", "words"]),
    (
        "asked whether to give up while it waits",
        &["questions", "review", "words"],
    ),
    ("asked, with a draft", &["questions"]),
    (
        "back",
        &[
            "driven list",
            "end",
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "to the side",
            "words",
        ],
    ),
    ("back with a draft", &["of a task", "of an item", "questions"]),
    (
        "by a change link",
        &[
            "added again",
            "amended",
            "answered",
            "asked, with a draft",
            "back",
            "back with a draft",
            "done already",
            "more time",
            "replayed",
            "to the side",
            "to the side with a draft",
        ],
    ),
    ("called", &["questions", "review", "words"]),
    ("cancelled", &["questions", "review"]),
    ("cancelled again", &["questions", "review"]),
    (
        "cut short",
        &[
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "to the side",
            "words",
        ],
    ),
    ("declined", &["questions", "review"]),
    ("done", &["questions", "review", "words"]),
    ("done already", &["questions", "review"]),
    ("ended", &["end", "questions", "review"]),
    ("failed", &["questions", "review"]),
    (
        "from outside",
        &[
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "to the side",
            "words",
        ],
    ),
    ("given up while it waits", &["questions", "review"]),
    ("gone", &["list", "of an item", "to the side"]),
    ("invalid", &["of a task", "of an item", "questions"]),
    ("kept", &["of a task", "of an item", "questions", "review"]),
    ("led to what lacks", &["driven list", "list"]),
    ("more time", &["questions", "review", "words"]),
    ("no room", &["list"]),
    (
        "no such action",
        &[
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "to the side",
            "words",
        ],
    ),
    (
        "no such field",
        &[
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "to the side",
            "words",
        ],
    ),
    (
        "no such page",
        &[
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "to the side",
            "words",
        ],
    ),
    ("not applied, it waits", &["questions", "review"]),
    ("not offered", &["list"]),
    ("over", &["questions", "review", "words"]),
    ("put back", &["list"]),
    ("receipt again", &["end", "questions", "review", "words"]),
    ("removed", &["list"]),
    ("removed already", &["list"]),
    (
        "replayed",
        &[
            "driven list",
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "words",
        ],
    ),
    ("sealed", &["questions", "review", "to the side"]),
    ("settled after it was given up", &["review"]),
    ("shown another", &["review"]),
    ("stands elsewhere", &["end"]),
    ("tasks lack", &["task list"]),
    ("there already", &["list", "of an item"]),
    (
        "to the side",
        &[
            "driven list",
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "words",
        ],
    ),
    ("to the side with a draft", &["of a task", "of an item", "questions"]),
    ("too few or too many", &["list"]),
    (
        "too late",
        &[
            "driven list",
            "end",
            "list",
            "of a task",
            "of an item",
            "questions",
            "review",
            "task list",
            "to the side",
            "words",
        ],
    ),
    ("waits", &["questions", "review", "words"]),
];

#[derive(Clone, Default)]
pub(super) struct Tally {
    pub(super) steps: usize,
    /// By row of the table and kind of page.
    pub(super) rows: BTreeMap<(&'static str, &'static str), usize>,
    pub(super) edges: BTreeMap<String, usize>,
}

/// What kind of page a screen is.
pub(super) fn kind(flow: &Flow, screen: &Screen) -> &'static str {
    let number = flow.number(&screen.name).expect("its own");
    let list = flow.list_on(number);
    match () {
        () if is_aside(screen) => "to the side",
        () if list.is_some_and(|(_, list)| list.is_driven()) => "driven list",
        () if list.is_some() => "list",
        () if flow.strands_on(number).next().is_some() => "task list",
        () if screen.end.is_some() => "end",
        () if screen.review => "review",
        () if !flow.lists_around(screen).is_empty() => "of an item",
        () if screen.strand.is_some() => "of a task",
        () if screen.asked().next().is_none() => "words",
        () => "questions",
    }
}

impl Tally {
    pub(super) fn row(&mut self, row: &'static str, kind: &'static str) {
        *self.rows.entry((row, kind)).or_default() += 1;
    }

    pub(super) fn edge(&mut self, edge: String) {
        *self.edges.entry(edge).or_default() += 1;
    }

    pub(super) fn and(&mut self, other: Self) {
        self.steps += other.steps;
        for (row, times) in other.rows {
            *self.rows.entry(row).or_default() += times;
        }
        for (edge, times) in other.edges {
            *self.edges.entry(edge).or_default() += times;
        }
    }

    /// All of them in one.
    pub(super) fn of(tallies: &[Self]) -> Self {
        let mut all = Self::default();
        for tally in tallies {
            all.and(tally.clone());
        }
        all
    }

    pub(super) fn told(&self) -> String {
        let rows = self.rows.iter();
        let rows = rows.map(|((row, kind), times)| format!("{row} ({kind}) {times}\n"));
        rows.collect()
    }

    /// The ways of a flow that were never taken, one a line; and those that cannot be and were.
    pub(super) fn never(&self, flow: &Flow) -> String {
        let cannot = |edge: &String| {
            CANNOT
                .iter()
                .any(|(name, known, _)| *name == flow.name && known == edge)
        };
        let all = edges(flow);
        let lacks = all
            .iter()
            .filter(|edge| !cannot(edge) && !self.edges.contains_key(*edge));
        let lacks = lacks.map(|edge| format!("{}: {edge} was never taken\n", flow.name));
        let taken = all.iter().filter(|edge| cannot(edge) && self.edges.contains_key(*edge));
        let taken = taken.map(|edge| format!("{}: {edge} can be taken after all\n", flow.name));
        lacks.chain(taken).collect()
    }

    /// The kinds of transition that were never taken, one a line.
    pub(super) fn lacks(&self) -> String {
        let all = ROWS
            .iter()
            .flat_map(|(row, kinds)| kinds.iter().map(move |kind| (*row, *kind)));
        let lacks = all.filter(|kind| !self.rows.contains_key(kind));
        lacks.map(|(row, kind)| format!("never: {row} ({kind})\n")).collect()
    }
}

/// The name of a way from a screen.
pub(super) fn edge(flow: &Flow, screen: u16, action: &str, branch: usize) -> String {
    let screen = &flow.screens[usize::from(screen)];
    let action = screen.actions.iter().find(|own| own.name == action).expect("its own");
    let to = action
        .branches
        .get(branch)
        .map_or("?", |branch| &flow.screens[usize::from(branch.to)].name);
    format!("{}.{} {branch} to {to}", screen.name, action.name)
}

/// The name of what came of a call.
pub(super) fn settled(flow: &Flow, screen: u16, action: &str, stage: Stage) -> String {
    let screen = &flow.screens[usize::from(screen)];
    format!("{}.{action} {stage:?}", screen.name)
}

/// All ways of a flow.
pub(super) fn edges(flow: &Flow) -> Vec<String> {
    let mut all = Vec::new();
    for (number, screen) in (0..).zip(&flow.screens) {
        for action in &screen.actions {
            if action.call.is_some() {
                let stages = [Stage::Done, Stage::Declined, Stage::Failed];
                all.extend(stages.map(|stage| settled(flow, number, &action.name, stage)));
                continue;
            }
            for branch in 0..action.branches.len() {
                all.push(edge(flow, number, &action.name, branch));
            }
            all.extend(
                action
                    .cancel
                    .then(|| format!("{}.{} gives up", screen.name, action.name)),
            );
        }
        all.extend(screen.when.is_some().then(|| format!("past {}", screen.name)));
        all.extend(screen.open.then(|| format!("{} finished", screen.name)));
    }
    all
}
