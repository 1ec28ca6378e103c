//! Save and come back: the pages around the return code.
//!
//! Owns what they say. The code itself is made anew for its page, from the server's key. Must not know how a secret
//! is kept, nor who may try.

use askama::Template;

use super::at::{At, Link};
use super::layout::Top;
use super::{Visit, time};
use crate::engine::Shown;
use crate::id::ReturnCode;
use crate::limits;
use crate::machine::{self, Presentation, own};
use crate::words::Words;

/// Asks for a secret.
#[derive(Template)]
#[template(path = "saving.html")]
pub(super) struct Saving {
    top: Top,
    at: At,
    /// What is wrong with the one that was typed.
    fault: Option<String>,
    /// One was chosen before, and is asked for.
    again: bool,
    hint: String,
    action: &'static str,
    link: Link,
}

pub(super) fn saving(visit: &Visit<'_>, shown: &Shown, presentation: &Presentation) -> Saving {
    let words = shown.flow.words();
    let faults = shown.showing.typed.iter().flat_map(|typed| &typed.faults);
    // Those of the screen's own fields are told where it is shown again.
    let mut faults = faults.filter(|fault| fault.field.is_empty());
    let fault = faults.next().map(|fault| fault.message.clone());
    let again = shown.session.code > 0;
    Saving {
        top: Top::of(visit, &shown.flow, words.save_button(), fault.is_some()),
        at: At::of(shown, presentation),
        fault,
        again,
        hint: if again {
            words.save_hint_again().to_owned()
        } else {
            words.save_hint(limits::SECRET_CHARS.0)
        },
        action: own::KEEP,
        link: Link::new(own::OPEN, words.save_no()),
    }
}

/// Shows the code.
#[derive(Template)]
#[template(path = "saved.html")]
pub(super) struct Saved {
    top: Top,
    at: At,
    code: String,
    keep: String,
    link: Link,
}

impl Saved {
    fn where_to(&self) -> String {
        self.top.words.save_where(self.top.words.save_come_back())
    }
}

pub(super) fn saved(visit: &Visit<'_>, shown: &Shown, presentation: &Presentation) -> Saved {
    let words = shown.flow.words();
    let code = visit
        .key
        .map(|key| ReturnCode::of(shown.session.at, shown.session.code, key).to_string());
    let until = time::moment(&shown.flow, machine::deadline(&shown.flow, &shown.session), shown.now);
    Saved {
        top: Top::of(visit, &shown.flow, words.save_saved(), false),
        at: At::of(shown, presentation),
        code: code.unwrap_or_default(),
        keep: words.save_keep(until),
        link: Link::new(own::OPEN, words.save_go_on()),
    }
}

/// Asks for code and secret.
#[derive(Template)]
#[template(path = "come-back.html")]
pub(super) struct ComeBack {
    top: Top,
    root: String,
    code: String,
    /// Why it was not possible.
    fault: Option<&'static str>,
    /// Whom people may ask, in the operator's words.
    contact: Option<String>,
}

pub(super) fn come_back(visit: &Visit<'_>) -> ComeBack {
    ComeBack {
        top: Top::about(visit, None, Words::save_come_back),
        root: visit.root.to_owned(),
        code: String::new(),
        fault: None,
        contact: None,
    }
}

pub(super) fn no_return(visit: &Visit<'_>, code: &str, busy: bool, contact: Option<&str>) -> ComeBack {
    let page = come_back(visit);
    let words = page.top.words;
    ComeBack {
        code: code.chars().take(CODE_CHARS).collect(),
        fault: Some(if busy {
            words.save_busy()
        } else {
            words.save_no_return()
        }),
        contact: contact.map(str::to_owned),
        ..page
    }
}

/// Of what was typed as a code, so much is shown again.
const CODE_CHARS: usize = 40;
