//! The items of lists: which there are, where they lie, and what an address means among them.
//!
//! Owns the lookups in a session's items, and the making of new ones. Must not know the path.

use super::{ListItem, Place, Session};
use crate::flow::{Flow, List, Scope, Screen, Strand, Value};
use crate::limits;
use rust_decimal::prelude::ToPrimitive as _;

/// The keys of the items of a list that were not removed, in their order.
pub(super) fn of<'a>(session: &'a Session, list: &'a str, inside: u32) -> impl Iterator<Item = u32> + 'a {
    let there = move |item: &&ListItem| item.list == list && item.inside == inside && item.removed == 0;
    session.items.iter().filter(there).map(|item| item.key)
}

/// The item of a key.
pub(super) fn item(session: &Session, key: u32) -> Option<&ListItem> {
    session.items.iter().find(|item| item.key == key)
}

/// An item and those that it lies in, the innermost first: their keys and their lists.
pub(super) fn around(session: &Session, key: u32) -> Vec<(u32, String)> {
    let outer = |known: &&ListItem| item(session, known.inside);
    std::iter::successors(item(session, key), outer)
        .map(|item| (item.key, item.list.clone()))
        .take(limits::LIST_DEPTH)
        .collect()
}

/// Whether an item lies in another one, or is it.
pub(super) fn lies_in(session: &Session, key: u32, outer: u32) -> bool {
    around(session, key).iter().any(|(key, _)| *key == outer)
}

/// The outermost of the removed items that an item lies in, itself included; `None` where all are there.
pub(super) fn removed(session: &Session, key: u32) -> Option<u32> {
    let around = around(session, key);
    let gone = |key: &u32| item(session, *key).is_some_and(|item| item.removed > 0);
    around.iter().rev().map(|(key, _)| *key).find(gone)
}

/// Whether anything was answered or typed for an item.
pub(super) fn is_touched(session: &Session, key: u32) -> bool {
    let first = Place {
        frame: 0,
        item: key,
        screen: String::new(),
    };
    let own = session.answers.range(first..).next();
    own.is_some_and(|(place, _)| place.item == key) || session.items.iter().any(|item| item.inside == key)
}

/// How many items a list may have.
pub(super) fn bounds(list: &List, scope: &Scope<'_>) -> std::ops::RangeInclusive<usize> {
    let number = |bound: &crate::flow::Expr| bound.eval(scope)?.as_number()?.trunc().to_usize();
    let min = list.min.as_ref().and_then(number).unwrap_or(0);
    min..=most(list, scope)
}

/// The most items that a list may have.
pub(super) fn most(list: &List, scope: &Scope<'_>) -> usize {
    let said = list.max.as_ref().map(|max| max.eval(scope));
    let number = said.map(|value| {
        value
            .as_ref()
            .and_then(Value::as_number)
            .and_then(|n| n.trunc().to_usize())
    });
    let most = limits::LIST_ITEMS as usize;
    match number {
        None => limits::LIST_ITEMS_USUAL as usize,
        Some(number) => number.unwrap_or(most).min(most),
    }
}

/// Whether the screens of a list's items read that list.
pub(super) fn reads_itself(flow: &Flow, list: &str) -> bool {
    let mut lists = flow.strands.iter().filter(|strand| strand.name == list);
    lists.any(|strand| strand.list().is_some_and(|list| list.reads_itself))
}

/// The item of a list that was made for another list's item.
pub(super) fn made_for(session: &Session, list: &str, inside: u32, of: u32) -> Option<u32> {
    let same = |item: &&ListItem| item.list == list && item.inside == inside && item.of == of;
    session.items.iter().find(same).map(|item| item.key)
}

/// Gives an item a key, and puts it behind the others; `of`: the key of the item that it is made for.
pub(super) fn make(session: &mut Session, list: &Strand, inside: u32, of: u32) -> u32 {
    session.keys = session.keys.saturating_add(1);
    session.items.push(ListItem {
        key: session.keys,
        list: list.name.clone(),
        inside,
        removed: 0,
        of,
    });
    session.keys
}

/// Of items that were added and never begun only the latest are kept.
pub(super) fn forget_empty(session: &mut Session, list: &str, inside: u32) {
    let empty: Vec<u32> = of(session, list, inside)
        .filter(|key| !is_touched(session, *key))
        .collect();
    let over = empty.len().saturating_sub(limits::EMPTY_ITEMS);
    let gone: Vec<u32> = empty.into_iter().take(over).collect();
    session.items.retain(|item| !gone.contains(&item.key));
}

/// The address of a screen as it is seen from another place: of the same item, or of one around it.
pub(super) fn place_from(flow: &Flow, session: &Session, here: &Place, screen: &Screen) -> Place {
    let wanted = flow.lists_around(screen).len();
    let around = if here.item == 0 {
        Vec::new()
    } else {
        around(session, here.item)
    };
    // The innermost comes first.
    let at = around.len().checked_sub(wanted).and_then(|skip| around.get(skip));
    Place {
        frame: 0,
        item: at.filter(|_| wanted > 0).map_or(0, |(key, _)| *key),
        screen: screen.name.clone(),
    }
}

/// The page of the list that an item is of.
pub(super) fn page_of(flow: &Flow, session: &Session, key: u32) -> Option<Place> {
    let item = item(session, key)?;
    flow.strands.iter().find(|strand| strand.name == item.list)?;
    Some(Place {
        frame: 0,
        item: item.inside,
        screen: item.list.clone(),
    })
}
