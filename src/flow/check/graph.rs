//! The graph of screens: what can be reached, what has a way to an end, what goes round.
//!
//! Owns [`Graph`] and the faults of its shape. Guards count as possibly true. Must not know what
//! guards read: that is `reads`'s.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::diagnostic::{Diagnostic, Sink, did_you_mean};
use super::super::source::File;
use super::absent::way_past;
use super::asked_of;
use super::layout::Layout;

/// The number of the screen of that name.
pub(super) fn number_of(file: &File, name: &str) -> Option<usize> {
    file.screens.iter().position(|screen| screen.name.value == name)
}

/// The number of the first screen, without a fault.
pub(super) fn start_of(file: &File) -> Option<usize> {
    match &file.start {
        None => (!file.screens.is_empty()).then_some(0),
        Some(start) => number_of(file, &start.value),
    }
}

/// The number of the first screen.
pub(super) fn start(file: &File, sink: &Sink) -> Option<usize> {
    let found = start_of(file);
    if let (None, Some(start)) = (found, &file.start) {
        let names = file.screens.iter().map(|screen| screen.name.value.as_str());
        sink.push(
            Diagnostic::error(
                "unknown-screen",
                &start.span,
                format!("there is no screen `{}` to start at", start.value),
            )
            .label("unknown")
            .maybe_help(did_you_mean(&start.value, names)),
        );
    }
    let ends = found
        .and_then(|n| file.screens.get(n))
        .filter(|screen| screen.end.is_some());
    if let Some(end) = ends {
        let span = file.start.as_ref().map_or(&end.name.span, |start| &start.span);
        sink.push(
            Diagnostic::error(
                "start-at-end",
                span,
                format!("the flow would begin at its end: screen `{}` has `end`", end.name.value),
            )
            .label("nothing could be done")
            .help("start at the screen that people should see first"),
        );
        return None;
    }
    found
}

/// Which screen leads where.
pub(super) struct Graph {
    /// By screen: the screens that its actions lead to, also where an effect is not done.
    next: Vec<BTreeSet<usize>>,
    /// The same without the actions that call an effect: these never lead round idly.
    idle: Vec<BTreeSet<usize>>,
    /// By screen that is not always there: where its first action leads, on which it is passed by.
    past: BTreeMap<usize, BTreeSet<usize>>,
    /// Where it begins; `None` where that is not known.
    start: Option<usize>,
    /// The tasks of task lists.
    gates: Vec<Gate>,
    /// Every target is known: only then do the faults of shape mean anything.
    whole: bool,
    /// By screen: what can be reached from it, found when it is first asked for.
    after: RefCell<BTreeMap<usize, Rc<BTreeSet<usize>>>>,
}

/// A task, as what is behind its list waits for it.
#[derive(Debug)]
pub(super) struct Gate {
    /// The task list.
    pub(super) hub: usize,
    /// The task's first screen.
    pub(super) start: Option<usize>,
    /// Its screens, those of lists in it among them.
    pub(super) own: BTreeSet<usize>,
    /// What is behind the list waits for it.
    pub(super) must: bool,
    /// Where the list's own actions lead.
    pub(super) behind: BTreeSet<usize>,
    /// The first screens of tasks that need it.
    pub(super) needed_by: BTreeSet<usize>,
}

impl Graph {
    pub(super) fn of(file: &File, start: Option<usize>) -> Self {
        let mut whole = start.is_some();
        let layout = Layout::of(file);
        let next = file
            .screens
            .iter()
            .enumerate()
            .map(|(n, screen)| {
                let targets = screen.actions.iter().flat_map(|action| {
                    let leads = [&action.declined, &action.failed]
                        .into_iter()
                        .flatten()
                        .map(|lead| &lead.to);
                    action.branches.iter().map(|branch| &branch.to).chain(leads)
                });
                let found: Vec<_> = targets.map(|to| number_of(file, &to.value)).collect();
                whole &=
                    found.iter().all(Option::is_some) && (screen.end.is_some() || screen.aside || !found.is_empty());
                found.into_iter().flatten().chain(layout.starts(file, n)).collect()
            })
            .collect();
        let idle = file.screens.iter().map(|screen| {
            let plain = screen.actions.iter().filter(|action| action.call.is_empty());
            plain
                .flat_map(|action| &action.branches)
                .filter_map(|branch| number_of(file, &branch.to.value))
                .collect()
        });
        let past = file.screens.iter().enumerate().filter_map(|(n, screen)| {
            let branches = way_past(screen)?.branches.iter();
            Some((n, branches.filter_map(|to| number_of(file, &to.to.value)).collect()))
        });
        Self {
            next,
            idle: idle.collect(),
            past: past.collect(),
            gates: layout.gates(file),
            start,
            whole,
            after: RefCell::default(),
        }
    }

    /// The screens that can be reached from `from` without passing through `avoid`: past it, where it
    /// is not always there.
    pub(super) fn reach(&self, from: usize, avoid: Option<usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = vec![from];
        let mut past = avoid.and_then(|avoid| self.past.get(&avoid));
        let shut = avoid.map_or_else(BTreeMap::new, |avoid| self.shut(avoid));
        while let Some(screen) = open.pop() {
            if Some(screen) == avoid {
                open.extend(past.take().into_iter().flatten());
            } else if found.insert(screen) {
                let next = self.next.get(screen).into_iter().flatten();
                let shut = shut.get(&screen);
                open.extend(next.filter(|to| shut.is_none_or(|shut| !shut.contains(to))));
            }
        }
        found
    }

    /// Where no way leads from a task list to who never comes to the screen `avoid`: what is behind the
    /// list, and tasks that need the one in which that must be passed.
    fn shut(&self, avoid: usize) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut shut: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for gate in self.gates.iter().filter(|gate| gate.own.contains(&avoid)) {
            let mut found = BTreeSet::new();
            let mut open: Vec<usize> = gate.start.into_iter().filter(|start| *start != avoid).collect();
            let mut past = self.past.get(&avoid).filter(|_| gate.start == Some(avoid));
            open.extend(past.take().into_iter().flatten());
            while let Some(screen) = open.pop() {
                if screen != avoid && screen != gate.hub && found.insert(screen) {
                    open.extend(self.next.get(screen).into_iter().flatten());
                }
                if screen == avoid {
                    open.extend(
                        self.past
                            .get(&avoid)
                            .into_iter()
                            .flatten()
                            .filter(|to| !found.contains(to)),
                    );
                }
            }
            let leads = |screen: &usize| self.next.get(*screen).is_some_and(|next| next.contains(&gate.hub));
            if !found.iter().any(leads) {
                let closed = shut.entry(gate.hub).or_default();
                closed.extend(gate.needed_by.iter().copied());
                if gate.must {
                    closed.extend(gate.behind.iter().copied());
                }
            }
        }
        shut
    }

    /// The screens that can be reached from `from`, itself included.
    pub(super) fn after(&self, from: usize) -> Rc<BTreeSet<usize>> {
        let known = self.after.borrow().get(&from).cloned();
        known.unwrap_or_else(|| {
            let found = Rc::new(self.reach(from, None));
            self.after.borrow_mut().insert(from, Rc::clone(&found));
            found
        })
    }

    /// Where the flow begins, if every way through it is known.
    pub(super) fn start(&self) -> Option<usize> {
        self.start.filter(|_| self.whole)
    }

    /// The faults of shape.
    pub(super) fn check(&self, file: &File, sink: &Sink) {
        let Some(start) = self.start() else {
            return;
        };
        let reached = self.reach(start, None);
        for (n, screen) in file.screens.iter().enumerate() {
            if !reached.contains(&n) {
                sink.push(
                    Diagnostic::error(
                        "unreachable",
                        &screen.name.span,
                        format!("screen `{}` cannot be reached", screen.name.value),
                    )
                    .label(if self.next.iter().any(|next| next.contains(&n)) {
                        "only from screens that cannot be reached"
                    } else {
                        "no action leads here"
                    })
                    .help("lead to it from a screen that can be reached, or take it out"),
                );
            }
        }
        self.ends(file, &reached, sink);
        self.loops(file, sink);
    }

    fn ends(&self, file: &File, reached: &BTreeSet<usize>, sink: &Sink) {
        if !file.screens.iter().any(|screen| screen.end.is_some()) {
            sink.push(
                Diagnostic::error("no-end", &file.head, "no screen ends the transaction")
                    .help("give the last screen end = \"completed\""),
            );
            return;
        }
        let mut ending: BTreeSet<usize> = BTreeSet::new();
        loop {
            let before = ending.len();
            for (n, screen) in file.screens.iter().enumerate() {
                let leads = self
                    .next
                    .get(n)
                    .is_some_and(|next| next.iter().any(|to| ending.contains(to)));
                if screen.end.is_some() || leads {
                    ending.insert(n);
                }
            }
            if ending.len() == before {
                break;
            }
        }
        for n in reached.difference(&ending) {
            let Some(screen) = file.screens.get(*n).filter(|screen| !screen.aside) else {
                continue;
            };
            sink.push(
                Diagnostic::error(
                    "no-way-out",
                    &screen.name.span,
                    format!("from screen `{}` no way leads to an end", screen.name.value),
                )
                .label("a person who comes here is caught")
                .help("let an action lead on to a screen with `end`"),
            );
        }
    }

    /// A circle of screens that ask nothing: going round it changes nothing.
    fn loops(&self, file: &File, sink: &Sink) {
        let silent = |n: &usize| {
            file.screens
                .get(*n)
                .is_some_and(|screen| asked_of(screen).next().is_none())
        };
        let mut told = BTreeSet::new();
        for (n, screen) in file.screens.iter().enumerate() {
            if !silent(&n) || told.contains(&n) {
                continue;
            }
            let mut circle = BTreeSet::new();
            let mut open: Vec<usize> = self.idle.get(n).into_iter().flatten().copied().collect();
            while let Some(at) = open.pop() {
                if silent(&at) && circle.insert(at) {
                    open.extend(self.idle.get(at).into_iter().flatten());
                }
            }
            if circle.contains(&n) {
                told.extend(circle);
                sink.push(
                    Diagnostic::error(
                        "empty-loop",
                        &screen.name.span,
                        format!(
                            "from screen `{}` one can go round without being asked anything",
                            screen.name.value
                        ),
                    )
                    .label("a circle without a field")
                    .help("pages offer a way back by themselves: take out the action that leads back"),
                );
            }
        }
    }
}
