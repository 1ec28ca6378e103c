//! Screens that come and go: off the path while their condition does not hold.
//!
//! Owns where a way leads that comes to such a screen: past it, on the way of its first action,
//! as if nothing had been answered there. Must not know what was pressed.

use std::collections::BTreeSet;

use crate::flow::{Action, Branch, Flow, Scope, Screen};

/// The screen on which a way to the screen `to` comes out. Circles of such screens are a fault of the
/// definition; should one be served all the same, the way ends in it.
pub(super) fn lands(flow: &Flow, mut to: u16, scope: &Scope<'_>) -> u16 {
    for _ in &flow.screens {
        let gone = |screen: &&Screen| screen.when.as_ref().is_some_and(|when| !when.holds(scope));
        let Some(screen) = flow.screen(to).filter(gone) else {
            break;
        };
        let holds = |branch: &&Branch| branch.when.as_ref().is_none_or(|when| when.holds(scope));
        let Some(branch) = past(screen).iter().find(holds) else {
            break;
        };
        to = branch.to;
    }
    to
}

/// The ways past a screen that is not there.
pub(super) fn past(screen: &Screen) -> &[Branch] {
    let way = screen.actions.first().filter(|_| screen.when.is_some());
    way.map_or(&[], |action| &action.branches)
}

/// The screens that may not be there to which an action leads, itself or past others of them.
pub(super) fn behind<'a>(flow: &'a Flow, action: &'a Action) -> impl Iterator<Item = &'a Screen> {
    let leads = action
        .call
        .iter()
        .flat_map(|call| call.declined.iter().chain([&call.failed]));
    let targets = action.branches.iter().map(|branch| branch.to);
    let mut open: Vec<u16> = targets.chain(leads.map(|lead| lead.to)).collect();
    let mut found = BTreeSet::new();
    std::iter::from_fn(move || {
        while let Some(number) = open.pop() {
            let screen = flow.screen(number).filter(|screen| screen.when.is_some());
            if let Some(screen) = screen.filter(|_| found.insert(number)) {
                open.extend(past(screen).iter().map(|branch| branch.to));
                return Some(screen);
            }
        }
        None
    })
}
