//! Strands: paths of their own that hang on a screen, those of a list's items and of tasks.
//!
//! Owns what a definition says of lists and tasks, and which strand a screen stands on. Must not
//! know sessions: which items there are is `machine`'s.

use super::{Expr, Flow, Head, Screen, Text};

/// What an item's number among those of its list, from 1, is called in expressions.
pub(crate) const POSITION: &str = "position";
/// What its key, as a text, is called there.
pub(crate) const KEY: &str = "key";

/// A path of its own that begins and ends at its host: an item's of a list, or a task's.
#[derive(Debug)]
pub struct Strand {
    /// The list's or the task's name: lower case letters, digits, hyphens.
    pub name: String,
    /// The number of the screen that it hangs on: the list's page, or the task list.
    pub host: u16,
    /// The number of its first screen.
    pub start: u16,
    /// Items of a list, or a task.
    pub of: Hangs,
}

/// What hangs on a screen.
#[derive(Debug)]
pub enum Hangs {
    /// The items of a list: the strand is walked once for each.
    Items(List),
    /// A task.
    Task(Task),
}

/// What a list says of its items.
#[derive(Debug)]
pub struct List {
    /// An item on one line.
    pub line: Text,
    /// The fewest items; 0 where nothing is said.
    pub min: Option<Expr>,
    /// The most items.
    pub max: Option<Expr>,
    /// How many items there are, where that was asked before: then nobody adds or removes any.
    pub count: Option<Expr>,
    /// One item for each item of this list, which is seen where the list is: then nobody adds or
    /// removes any either.
    pub each: Option<String>,
    /// On the button that adds an item; `None` where `count` or `each` say how many there are.
    pub add: Option<Text>,
    /// The names of an item's own values: answers, what effects bring, lists in it.
    pub names: Vec<String>,
    /// The screens of an item read the list: the items before that one.
    pub reads_itself: bool,
}

/// What a task list says of a task.
#[derive(Debug)]
pub struct Task {
    /// What it is called.
    pub title: Text,
    /// What heads it and those that follow.
    pub section: Option<Head>,
    /// The tasks that must be done before, by the numbers of their strands.
    pub needs: Vec<u16>,
    /// There only if this holds.
    pub when: Option<Expr>,
    /// What is behind the list does not wait for it.
    pub optional: bool,
}

impl List {
    /// Whether something else than people says which items there are.
    pub fn is_driven(&self) -> bool {
        self.count.is_some() || self.each.is_some()
    }
}

impl Strand {
    /// What its list says, if it is of items.
    pub fn list(&self) -> Option<&List> {
        match &self.of {
            Hangs::Items(list) => Some(list),
            Hangs::Task(_) => None,
        }
    }

    /// What is said of the task, if it is one.
    pub fn task(&self) -> Option<&Task> {
        match &self.of {
            Hangs::Task(task) => Some(task),
            Hangs::Items(_) => None,
        }
    }
}

impl Flow {
    /// The strand of that number.
    pub fn strand(&self, number: u16) -> Option<&Strand> {
        self.strands.get(usize::from(number))
    }

    /// The strands that hang on a screen, with their numbers, in the order of the file.
    pub fn strands_on(&self, host: u16) -> impl Iterator<Item = (u16, &Strand)> {
        let numbered = (0..).zip(&self.strands);
        numbered.filter(move |(_, strand)| strand.host == host)
    }

    /// The list whose page a screen is, with its strand's number.
    pub fn list_on(&self, screen: u16) -> Option<(u16, &List)> {
        self.strands_on(screen)
            .find_map(|(number, strand)| Some((number, strand.list()?)))
    }

    /// The strand that a strand hangs in; `None` for what hangs on the flow's own path.
    pub fn around(&self, strand: u16) -> Option<u16> {
        self.screen(self.strand(strand)?.host)?.strand
    }

    /// The lists whose items a screen is asked for, the innermost first, by their strands' numbers.
    pub fn lists_around(&self, screen: &Screen) -> Vec<u16> {
        let strands = std::iter::successors(screen.strand, |strand| self.around(*strand));
        strands
            .filter(|strand| self.strand(*strand).is_some_and(|strand| strand.list().is_some()))
            .collect()
    }

    /// What a field is called outside of all items: `people.jobs.pay`.
    pub fn named_outside(&self, screen: &Screen, field: &str) -> String {
        let lists = self.lists_around(screen).into_iter().rev();
        let names = lists
            .filter_map(|list| self.strand(list))
            .map(|strand| strand.name.as_str());
        names.chain([field]).collect::<Vec<_>>().join(".")
    }
}
