//! The start page: what may stand behind its button.
//!
//! Owns that rule. Whoever has a start page can press it as often as he likes, and each press is a
//! session of its own: nothing may hang on it. That it calls nothing is `calls`' to see. Must not know how a
//! session starts.

use super::super::Screen;
use super::super::diagnostic::{Diagnostic, Sink};
use super::super::source::File;

/// Finds actions of a start page that seal.
pub(super) fn check(file: &File, start: Option<usize>, screens: &[Screen], sink: &Sink) {
    let Some((written, screen)) = start.and_then(|n| Some((file.screens.get(n)?, screens.get(n)?))) else {
        return;
    };
    if !screen.starts() {
        return;
    }
    for (written, action) in written.actions.iter().zip(&screen.actions) {
        if !action.seal {
            continue;
        }
        sink.push(
            Diagnostic::error(
                "start-seals",
                &written.name.span,
                format!("the start page's action `{}` seals", action.name),
            )
            .label("nothing is confirmed yet")
            .help("the start page has no fields, and each press of it is a session of its own: seal on a later screen"),
        );
    }
}
