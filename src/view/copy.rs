//! Everything that was sent, to be looked at and printed.

use askama::Template;

use super::at::{At, Link};
use super::layout::Top;
use super::review::{self, Section};
use super::{Visit, time};
use crate::engine::Shown;
use crate::flow::Scope;
use crate::machine::{Presentation, State, own};

/// All answers of a finished session.
#[derive(Template)]
#[template(path = "copy.html")]
pub(super) struct Copy {
    top: Top,
    at: At,
    /// What and when.
    words: String,
    reference: String,
    sections: Vec<Section>,
    /// To the receipt.
    back: Link,
}

pub(super) fn copy(visit: &Visit<'_>, shown: &Shown, presentation: &Presentation, scope: &Scope<'_>) -> Copy {
    let words = scope.words;
    let at = match shown.session.state {
        State::Ended { at, .. } => at,
        _ => shown.now,
    };
    Copy {
        top: Top::of(visit, &shown.flow, words.receipt_copied(), false),
        at: At::of(shown, presentation),
        words: words.receipt_copied_when(&shown.flow.title, time::moment(&shown.flow, at, shown.now)),
        reference: scope.reference.to_owned(),
        sections: review::sent(shown, &presentation.place, scope),
        back: Link::new(own::OPEN, words.page_back()),
    }
}
