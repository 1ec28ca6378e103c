//! What can be read where: the answers of the flow, and those of the item that a page is about.
//!
//! Owns the types that each strand sees. Outside its list an item's answer is read by way of the
//! list alone. Must not know expressions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{Declared, KEY, POSITION, Type, Types};
use super::{Checker, Place};

/// Names that are known of every item, and that no field may have.
pub(super) const OF_ITEMS: [&str; 2] = [POSITION, KEY];

/// The types by the lists around, each made once.
#[derive(Debug, Default)]
pub(super) struct Scopes(RefCell<BTreeMap<Vec<usize>, Arc<Types>>>);

impl Scopes {
    /// A type was added: what was made before lacks it.
    pub(super) fn forget(&mut self) {
        self.0.get_mut().clear();
    }
}

impl Checker<'_> {
    /// What can be read at these places: where they are of different lists, what all see.
    pub(super) fn types_at(&self, places: &[Place<'_>]) -> Arc<Types> {
        let mut lists: Option<Vec<usize>> = None;
        for place in places {
            let here = match place.among {
                Some(list) => self.layout.lists_with(list),
                None => self.layout.lists(place.screen),
            };
            lists = Some(match lists {
                None => here,
                Some(before) => common(&before, &here),
            });
        }
        self.types_in(lists.unwrap_or_default())
    }

    fn types_in(&self, lists: Vec<usize>) -> Arc<Types> {
        if let Some(known) = self.scopes.0.borrow().get(&lists) {
            return Arc::clone(known);
        }
        let types = Arc::new(self.made(&lists));
        self.scopes.0.borrow_mut().insert(lists, Arc::clone(&types));
        types
    }

    /// All that is read anywhere, of items too.
    pub(super) fn all_types(&self) -> Types {
        let mut types = self.types.clone();
        for (n, hung) in self.layout.strands.iter().enumerate() {
            if self.layout.is_list(n) {
                types.insert(hung.name.value.clone(), self.rows(n));
                of_item(&mut types);
            }
        }
        types
    }

    fn made(&self, lists: &[usize]) -> Types {
        if self.layout.strands.is_empty() {
            return self.types.clone();
        }
        let seen = |name: &str| lists.ends_with(&self.lists_of(name));
        let mut types: Types = self
            .types
            .iter()
            .filter(|(name, _)| seen(name))
            .map(|(name, declared)| (name.clone(), declared.clone()))
            .collect();
        for (n, hung) in self.layout.strands.iter().enumerate() {
            if self.layout.is_list(n) && lists.ends_with(&self.layout.lists(hung.host)) {
                types.insert(hung.name.value.clone(), self.rows(n));
            }
        }
        if !lists.is_empty() {
            of_item(&mut types);
        }
        types
    }

    /// The list itself: its items, with what is asked for each.
    fn rows(&self, list: usize) -> Declared {
        let around = self.layout.lists_with(list);
        let own = |name: &str| self.lists_of(name) == around;
        let mut columns: Types = self
            .types
            .iter()
            .filter(|(name, _)| own(name))
            .map(|(name, declared)| (name.clone(), declared.clone()))
            .collect();
        for (n, hung) in self.layout.strands.iter().enumerate() {
            if self.layout.is_list(n) && self.layout.lists(hung.host) == around {
                columns.insert(hung.name.value.clone(), self.rows(n));
            }
        }
        short(
            &mut columns,
            self.layout.strands.get(list).map(|hung| hung.name.value.as_str()),
        );
        of_item(&mut columns);
        Declared {
            columns: Some(Arc::new(columns)),
            ..Declared::from(Type::Rows)
        }
    }

    /// The lists around the screen that a value comes from, the innermost first.
    pub(super) fn lists_of(&self, name: &str) -> Vec<usize> {
        let asked = self.homes.get(name).copied();
        let saved = || {
            self.saved
                .get(name)
                .and_then(|homes| homes.first())
                .map(|(home, _)| *home)
        };
        asked
            .or_else(saved)
            .map_or_else(Vec::new, |home| self.layout.lists(home))
    }

    /// Whether a screen is asked for the items of the list of this name, or of one in it.
    pub(super) fn is_inside(&self, list: &str, screen: usize) -> bool {
        let named = |strand: &usize| {
            self.layout
                .strands
                .get(*strand)
                .is_some_and(|hung| hung.name.value == list)
        };
        self.layout.lists(screen).iter().any(named)
    }

    /// The names of the values that an item of a list has.
    pub(super) fn names_inside(&self, list: usize) -> Vec<String> {
        let columns = self.rows(list).columns;
        let named = columns.iter().flat_map(|columns| columns.iter());
        let named = named
            .filter(|(_, declared)| declared.whole.is_none())
            .map(|(name, _)| name);
        named
            .filter(|name| !OF_ITEMS.contains(&name.as_str()))
            .cloned()
            .collect()
    }

    /// Whether a screen of a list's items reads that list.
    pub(super) fn reads_inside(&self, list: usize, name: &str) -> bool {
        let uses = self.uses.borrow();
        let mut reads = uses.iter().filter(|read| read.field == name);
        reads.any(|read| self.layout.lists(read.screen).contains(&list))
    }

    /// The list by way of which a value is read that is not seen here.
    pub(super) fn by_way_of(&self, name: &str) -> Option<&str> {
        let outermost = *self.lists_of(name).last()?;
        Some(&self.layout.strands.get(outermost)?.name.value)
    }
}

/// The items of a fragment's list `home.kids` have `home.weight`, which is `weight` to who has the list.
fn short(columns: &mut Types, list: Option<&str>) {
    let Some((frame, _)) = list.and_then(|list| list.rsplit_once('.')) else {
        return;
    };
    let named = columns.iter().filter_map(|(whole, declared)| {
        let name = whole.strip_prefix(frame)?.strip_prefix('.')?;
        let whole = Some(Arc::from(whole.as_str()));
        Some((
            name.to_owned(),
            Declared {
                whole,
                ..declared.clone()
            },
        ))
    });
    let named: Vec<_> = named.filter(|(name, _)| !columns.contains_key(name)).collect();
    columns.extend(named);
}

fn of_item(types: &mut Types) {
    types.insert(POSITION.to_owned(), Declared::from(Type::Number));
    types.insert(KEY.to_owned(), Declared::from(Type::Text));
}

/// The lists that two places have around them both.
fn common(one: &[usize], other: &[usize]) -> Vec<usize> {
    let same = one
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    one.iter().skip(one.len() - same).copied().collect()
}
