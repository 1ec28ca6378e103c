//! The ways on from a page: its buttons and links, by what they do or say, and by where they stand.
//!
//! Owns finding one. Must not know how it is gone.

use super::page::{Control, Form, Kind, Link, Page};

/// A way on, by its place among those of its kind: the same in every language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Of all buttons, also those that are not shown.
    Button(usize),
    Link(usize),
}

impl Page {
    /// The buttons: the form and the place in it, the button, its words.
    fn buttons(&self) -> impl Iterator<Item = (&Form, usize, &Control, &str)> {
        self.forms.iter().flat_map(|form| {
            let controls = form.controls.iter().enumerate();
            controls.filter_map(move |(at, control)| match &control.kind {
                Kind::Button(words) => Some((form, at, control, words.as_str())),
                _ => None,
            })
        })
    }

    /// The form of a button, its place in it, and its words.
    pub(super) fn nth_button(&self, n: usize) -> Option<(&Form, usize, &str)> {
        self.buttons().nth(n).map(|(form, at, _, words)| (form, at, words))
    }

    /// The words of the buttons, each once, and of the links, for who looks for one.
    pub(super) fn ways_on(&self) -> (Vec<String>, Vec<String>) {
        // The one that Enter presses, which is not shown, has the words of one that is.
        let mut named: Vec<String> = Vec::new();
        for (.., words) in self.buttons() {
            if !named.iter().any(|known| known == words) {
                named.push(words.to_owned());
            }
        }
        let links = self
            .links
            .iter()
            .map(|link| link.label.clone().unwrap_or_else(|| link.words.clone()));
        (named, links.collect())
    }

    /// The button for this action, or with these words.
    pub(super) fn button(&self, wanted: &str) -> Option<Way> {
        let by = |fits: &dyn Fn(&Form, &Control, &str) -> bool| {
            let shown =
                |(form, _, control, words): (&Form, _, &Control, &str)| control.shown && fits(form, control, words);
            self.buttons().position(shown).map(Way::Button)
        };
        by(&|form, control, _| {
            let hidden = || {
                form.controls
                    .iter()
                    .any(|one| is_action(one, wanted) && one.kind == Kind::Hidden)
            };
            is_action(control, wanted) || control.name.is_empty() && hidden()
        })
        .or_else(|| {
            by(&|_, control, _| {
                let label = control.label.as_deref();
                label.is_some_and(|label| label.eq_ignore_ascii_case(wanted))
            })
        })
        .or_else(|| by(&|_, _, words| words.eq_ignore_ascii_case(wanted)))
    }

    /// The actions of shown buttons that begin with this, in the order of the page.
    pub(super) fn actions(&self, prefix: &str) -> Vec<String> {
        let controls = self.forms.iter().flat_map(|form| &form.controls);
        let ours = controls.filter(|control| control.name == ACTION && control.value.starts_with(prefix));
        ours.map(|control| control.value.clone()).collect()
    }

    /// The first button: what Enter presses.
    pub(super) fn first_button(&self) -> Option<Way> {
        self.buttons().next().map(|_| Way::Button(0))
    }

    /// The link with these words, or for this action.
    pub(super) fn link_of(&self, wanted: &str) -> Option<Way> {
        let exact = |text: &str| text.eq_ignore_ascii_case(wanted);
        let by = |fits: &dyn Fn(&Link) -> bool| self.links.iter().position(fits).map(Way::Link);
        by(&|link| link.label.as_deref().is_some_and(exact))
            .or_else(|| by(&|link| exact(&link.words)))
            .or_else(|| by(&|link| action_in(&link.target) == Some(wanted)))
    }

    /// The way to the page in another language, by its tag and its own name.
    pub(super) fn in_language(&self, tag: &str, name: &str) -> Option<Way> {
        let mut buttons = self.buttons();
        let button = buttons.position(|(_, _, control, words)| control.lang == tag && words == name);
        let link = || {
            self.links
                .iter()
                .position(|link| link.lang == tag && link.words == name)
        };
        button.map(Way::Button).or_else(|| link().map(Way::Link))
    }

    /// The action of a way on.
    pub(super) fn action_of(&self, way: Way) -> Option<&str> {
        match way {
            Way::Link(n) => action_in(&self.links.get(n)?.target),
            Way::Button(n) => {
                let (form, _, control, _) = self.buttons().nth(n)?;
                let own = (control.name == ACTION).then_some(control);
                let hidden = || {
                    form.controls
                        .iter()
                        .find(|one| one.name == ACTION && one.kind == Kind::Hidden)
                };
                own.or_else(hidden).map(|control| control.value.as_str())
            }
        }
    }
}

/// The name under which a control sends its action.
const ACTION: &str = "actionID";

/// Whether a control sends this action.
fn is_action(control: &Control, action: &str) -> bool {
    control.name == ACTION && control.value == action
}

/// The action in an address.
fn action_in(target: &str) -> Option<&str> {
    let mut parts = target.split(['?', '&', '#']);
    parts.find_map(|part| part.strip_prefix(ACTION)?.strip_prefix('='))
}
