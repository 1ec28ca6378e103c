//! What the digests say of sections, of reviews of some, and of summaries.
//!
//! Owns that it counts where there is any: files without them keep the digests that they had. Must not
//! know what the parts mean.

use super::super::source::File;
use super::{Canon, later, names};

/// What a review and a summary show.
pub(super) fn structure(canon: &mut Canon, file: &File) {
    for screen in &file.screens {
        if !screen.reviews.is_empty() {
            canon.text("review");
            canon.text(&screen.name.value);
            names(canon, &screen.reviews);
        }
        if let Some(summary) = &screen.summary {
            canon.text("summary");
            canon.text(&screen.name.value);
            names(canon, &summary.fields);
            canon.expr(summary.total.as_ref());
        }
    }
}

/// What they say.
pub(super) fn texts(canon: &mut Canon, file: &File) {
    for section in &file.sections {
        canon.text("section");
        canon.text(&section.name.value);
        later(canon, "title", section.title.as_ref());
        later(canon, "total", section.total.as_ref());
        canon.flag(section.numbered);
    }
    for summary in file.screens.iter().filter_map(|screen| screen.summary.as_ref()) {
        later(canon, "label", summary.label.as_ref());
    }
}
