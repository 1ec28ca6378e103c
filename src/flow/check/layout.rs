//! Where every screen stands: on the flow's own path, in a list's items, in a task.
//!
//! Owns [`Layout`]. Must not know what may stand where: that is `strands`'.

use super::super::source::{At, File, Task as WrittenTask};
use super::graph::{Gate, number_of};
use crate::limits;

/// Where every screen stands.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    /// The strands, in the order of the file: an outer one before those in it.
    pub(super) strands: Vec<Hung<'a>>,
    /// By screen: its strand.
    on: Vec<Option<usize>>,
}

/// A strand as written.
#[derive(Debug)]
pub(super) struct Hung<'a> {
    pub(super) name: &'a At<String>,
    /// The number of the screen that it hangs on.
    pub(super) host: usize,
    /// Of a task; `None` of a list's items.
    pub(super) task: Option<&'a WrittenTask>,
    /// Of a list: the one for each of whose items it has one.
    pub(super) each: Option<&'a str>,
}

impl<'a> Layout<'a> {
    /// Finds them; what is wrong with `in` is told by [`check`].
    pub(super) fn of(file: &'a File) -> Self {
        let mut found: Vec<Hung<'a>> = Vec::new();
        for (host, screen) in file.screens.iter().enumerate() {
            let items = screen.list.iter().map(|_| (&screen.name, None));
            let tasks = screen.tasks.iter().map(|task| (&task.name, Some(task)));
            let each = screen
                .list
                .as_ref()
                .and_then(|list| Some(list.each.as_ref()?.value.as_str()));
            found.extend(items.chain(tasks).map(|(name, task)| Hung { name, host, task, each }));
        }
        let mut layout = Self {
            strands: Vec::new(),
            on: vec![None; file.screens.len()],
        };
        // What hangs on a screen that no strand has comes first, then what hangs on those.
        for _ in 0..=limits::STRAND_DEPTH {
            let known = layout.strands.len();
            let (ready, later): (Vec<_>, Vec<_>) = found.into_iter().partition(|hung| {
                let within = file.screens.get(hung.host).and_then(|screen| screen.within.as_ref());
                within.is_none_or(|within| layout.number(&within.value).is_some())
            });
            layout.strands.extend(ready);
            found = later;
            if layout.strands.len() == known {
                break;
            }
        }
        let within = file.screens.iter().map(|screen| screen.within.as_ref());
        let on = within.map(|within| layout.number(&within?.value)).collect();
        layout.on = on;
        layout
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.strands.iter().position(|hung| hung.name.value == name)
    }

    /// The strand on which a screen stands.
    pub(super) fn on(&self, screen: usize) -> Option<usize> {
        self.on.get(screen).copied().flatten()
    }

    /// The strands around a screen, the innermost first.
    pub(super) fn around(&self, screen: usize) -> Vec<usize> {
        let outer = |strand: &usize| self.strands.get(*strand).and_then(|hung| self.on(hung.host));
        std::iter::successors(self.on(screen), outer)
            .take(limits::STRAND_DEPTH + 1)
            .collect()
    }

    /// The lists around a screen, the innermost first.
    pub(super) fn lists(&self, screen: usize) -> Vec<usize> {
        let mut around = self.around(screen);
        around.retain(|strand| self.is_list(*strand));
        around
    }

    /// A list and those in which it lies, the innermost first.
    pub(super) fn lists_with(&self, list: usize) -> Vec<usize> {
        let mut around = vec![list];
        around.extend(
            self.strands
                .get(list)
                .map(|hung| self.lists(hung.host))
                .into_iter()
                .flatten(),
        );
        around
    }

    /// The list of a name, if its items lie in no other's.
    pub(super) fn outermost(&self, name: &str) -> Option<usize> {
        let list = self.number(name).filter(|strand| self.is_list(*strand))?;
        (self.lists_with(list).len() == 1).then_some(list)
    }

    /// The tasks, as what is behind their lists waits for them.
    pub(super) fn gates(&self, file: &File) -> Vec<Gate> {
        let tasks = self.strands.iter().enumerate();
        let gate = |(n, hung): (usize, &Hung<'_>)| {
            let task = hung.task?;
            let hub = file.screens.get(hung.host)?;
            let branches = hub.actions.iter().flat_map(|action| &action.branches);
            let needs = |other: &&Hung<'_>| {
                let needs = other.task.into_iter().flat_map(|task| &task.needs);
                other.host == hung.host && needs.into_iter().any(|need| need.value == hung.name.value)
            };
            let first = |hung: &Hung<'_>| self.first(file, hung);
            Some(Gate {
                hub: hung.host,
                start: first(hung),
                own: (0..file.screens.len())
                    .filter(|screen| self.around(*screen).contains(&n))
                    .collect(),
                must: !task.optional && task.when.is_none(),
                behind: branches
                    .filter_map(|branch| number_of(file, &branch.to.value))
                    .collect(),
                needed_by: self.strands.iter().filter(needs).filter_map(first).collect(),
            })
        };
        tasks.filter_map(gate).collect()
    }

    /// The first screen of a strand.
    fn first(&self, file: &File, hung: &Hung<'_>) -> Option<usize> {
        let list = || file.screens.get(hung.host)?.list.as_ref()?.start.as_ref();
        if let Some(named) = hung.task.map_or_else(list, |task| task.start.as_ref()) {
            return number_of(file, &named.value);
        }
        let n = self.number(&hung.name.value);
        (0..file.screens.len()).find(|screen| n.is_some() && self.on(*screen) == n)
    }

    /// Whether a screen stands on a strand that hangs on this page.
    pub(super) fn hangs(&self, screen: usize, page: usize) -> bool {
        let around = self.around(screen);
        around
            .iter()
            .any(|strand| self.strands.get(*strand).is_some_and(|hung| hung.host == page))
    }

    /// Whether a strand is of a list's items.
    pub(super) fn is_list(&self, strand: usize) -> bool {
        self.strands.get(strand).is_some_and(|hung| hung.task.is_none())
    }

    /// The first screens of what hangs on a screen.
    pub(super) fn starts(&self, file: &File, host: usize) -> Vec<usize> {
        self.hosted(host)
            .filter_map(|(_, hung)| self.first(file, hung))
            .collect()
    }

    /// The strands that hang on a screen.
    pub(super) fn hosted(&self, screen: usize) -> impl Iterator<Item = (usize, &Hung<'a>)> {
        let numbered = self.strands.iter().enumerate();
        numbered.filter(move |(_, hung)| hung.host == screen)
    }
}
