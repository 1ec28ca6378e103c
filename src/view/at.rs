//! Where a page stands, and the ways on from it.

use crate::engine::Shown;
use crate::flow::{ActionKind, Scope, Screen};
use crate::machine::Presentation;

/// The flow and the ids that a page stands on.
pub(super) struct At {
    pub(super) flow: String,
    pub(super) session: String,
    pub(super) screen: String,
    /// No id may stand in a URL.
    pub(super) private: bool,
}

impl At {
    pub(super) fn of(shown: &Shown, presentation: &Presentation) -> Self {
        Self {
            flow: shown.flow.name.clone(),
            session: shown.id.to_string(),
            screen: presentation.id.sealed(&shown.session.screen_key()),
            private: shown.flow.private,
        }
    }
}

/// Navigation: a link, or a button that looks like one.
pub(super) struct Link {
    pub(super) action: String,
    pub(super) label: String,
    /// Said to who does not see the rest of the line.
    pub(super) about: Option<String>,
}

impl Link {
    pub(super) fn new(action: &str, label: &str) -> Self {
        Self {
            action: action.to_owned(),
            label: label.to_owned(),
            about: None,
        }
    }
}

/// A button that posts its form.
pub(super) struct Button {
    pub(super) action: String,
    pub(super) label: String,
    pub(super) class: Option<&'static str>,
}

impl Button {
    pub(super) fn new(action: &str, label: &str, class: Option<&'static str>) -> Self {
        Self {
            action: action.to_owned(),
            label: label.to_owned(),
            class,
        }
    }
}

/// The author's actions that a screen offers now, the main one first.
pub(super) fn offered(screen: &Screen, scope: &Scope<'_>) -> Vec<Button> {
    let offered = screen
        .actions
        .iter()
        .filter(|action| action.when.as_ref().is_none_or(|when| when.holds(scope)));
    offered
        .map(|action| {
            let class = match action.kind {
                ActionKind::Button => None,
                ActionKind::Link => Some("l"),
                // Asks before it does anything: the button that does is on that page.
                ActionKind::Danger if action.cancel => Some("l"),
                ActionKind::Danger => Some("x"),
            };
            Button::new(&action.name, &action.label.plain(scope), class)
        })
        .collect()
}
