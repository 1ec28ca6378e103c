//! Forms that nobody could send.
//!
//! Owns what a screen's form posts at most, held against what is ever read. Must not know the
//! limits that an operator sets.

use super::super::diagnostic::{Diagnostic, Sink};
use super::super::source::File;
use super::super::{Posts, Screen};
use crate::limits;

/// The most of all screens.
pub(super) fn largest(screens: &[Screen]) -> Posts {
    screens
        .iter()
        .map(Screen::posts)
        .fold(Posts::default(), |most, of| Posts {
            fields: most.fields.max(of.fields),
            bytes: most.bytes.max(of.bytes),
        })
}

/// Tells the screens that are too large.
pub(super) fn check(file: &File, screens: &[Screen], sink: &Sink) {
    for (written, screen) in file.screens.iter().zip(screens) {
        let posts = screen.posts();
        let name = &screen.name;
        if posts.fields > limits::FORM_FIELDS {
            let (has, most) = (posts.fields, limits::FORM_FIELDS);
            let message = format!("nobody could send screen `{name}`: its form has up to {has} fields");
            sink.push(
                Diagnostic::error("large-form", &written.name.span, message)
                    .label(format!("at most {most} are read"))
                    .help("ask some of it on a screen of its own; each box of a date and each option counts as one"),
            );
        }
        if posts.bytes > limits::FORM_BYTES {
            let (has, most) = (posts.bytes >> 10, limits::FORM_BYTES >> 10);
            let message = format!("who fills in screen `{name}` to its bounds could not send it: {has} KiB");
            sink.push(
                Diagnostic::error("large-form", &written.name.span, message)
                    .label(format!("at most {most} KiB are read"))
                    .help("lower `max` of its longest fields, or ask some of it on a screen of its own"),
            );
        }
    }
}
