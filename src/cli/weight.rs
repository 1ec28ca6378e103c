//! Which screens take long on a slow line, and why: for `deity check`.
//!
//! Owns the words about it: seconds, for authors count no bytes. Must not know how a page is drawn or packed.

use std::ops::Range;
use std::sync::Arc;

use crate::flow::{Diagnostic, Flow, Screen};
use crate::http::encoding::Encoding;
use crate::http::weigh;
use crate::limits::PACKET_BYTES;
use crate::site::Site;
use crate::view::{self, Drawn, Specimen};

/// What an answer adds to a review, packed, in place of `Not given`.
const ANSWER_BYTES: usize = 8;
/// Bytes that a modem line of 9,600 bit/s carries in a tenth of a second.
const MODEM_BYTES: usize = 120;

/// A warning for each screen whose page, as it stands or with everything wrong on it, takes more than one
/// packet without style, or more than two with it.
pub(super) fn heavy(flow: &Arc<Flow>, source: &str, site: &Site) -> Vec<Diagnostic> {
    let mut heaviest: Vec<Heavy<'_>> = Vec::new();
    for specimen in view::specimens(flow, site) {
        let found = Heavy::of(specimen);
        if found.text <= PACKET_BYTES && found.graphical <= 2 * PACKET_BYTES {
            continue;
        }
        match heaviest.last_mut() {
            Some(last) if last.screen.name == found.screen.name && last.text < found.text => *last = found,
            Some(last) if last.screen.name == found.screen.name => {}
            _ => heaviest.push(found),
        }
    }
    heaviest.iter().map(|heavy| heavy.told(source)).collect()
}

/// A page that takes long.
struct Heavy<'a> {
    screen: &'a Screen,
    wrong: bool,
    page: Drawn,
    /// Bytes as sent to a text browser, and to another.
    text: usize,
    graphical: usize,
}

impl<'a> Heavy<'a> {
    fn of(specimen: Specimen<'a>) -> Self {
        Self {
            screen: specimen.screen,
            wrong: specimen.wrong,
            text: bytes(&specimen.text, Encoding::Gzip),
            graphical: bytes(&specimen.page, Encoding::Brotli),
            page: specimen.page,
        }
    }

    fn told(&self, source: &str) -> Diagnostic {
        let (screen, html) = (self.screen, &self.page.html);
        let case = if self.wrong {
            " with an error in every field"
        } else {
            ""
        };
        let seconds = |bytes: usize| {
            let tenths = bytes.div_ceil(MODEM_BYTES);
            format!("{}.{}", tenths / 10, tenths % 10)
        };
        let message = format!(
            "the page of `{}`{case} comes slowly: {} seconds in a text browser on a modem line, {} in another browser",
            screen.name,
            seconds(self.text),
            seconds(self.graphical)
        );
        let options = html.matches("<option").count() + html.matches("type=radio").count();
        let counts = [
            (rows(html), "answers to review"),
            (screen.asked().count(), "questions"),
            (options, "options"),
        ];
        let mut parts = vec![format!("{} characters of text", text(html))];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        parts.extend(counts.map(|(count, what)| format!("{count} {what}")));
        let lighter = if screen.review {
            "shorter names (`name`), or a review in the middle of the flow, make it lighter"
        } else {
            "shorter texts, or two screens in place of one, make it lighter"
        };
        Diagnostic::warning("slow", &place(source, screen), message)
            .label(parts.join(", "))
            .help(format!("it works all the same; {lighter}"))
    }
}

/// The page as it is sent, with usual answers where it lists some.
fn bytes(page: &Drawn, encoding: Encoding) -> usize {
    weigh(page.clone(), encoding, None, 0).all() + rows(&page.html) * ANSWER_BYTES
}

/// Answers that the page lists.
fn rows(html: &str) -> usize {
    html.matches("<dt>").count()
}

/// Characters that are read on the page.
fn text(html: &str) -> usize {
    let main = html.split_once("<main>").map_or(html, |(_, main)| main);
    let texts = main.split('<').filter_map(|part| part.split_once('>'));
    texts.map(|(_, text)| text.chars().count()).sum()
}

/// Where the screen begins in its file: its table's head.
pub(super) fn place(source: &str, screen: &Screen) -> Range<usize> {
    let before = source.get(..screen.at.start).unwrap_or_default();
    let heads = ["screens.", "lists."];
    let head = heads.iter().find(|head| before.ends_with(**head));
    screen.at.start - head.map_or(0, |head| head.len())..screen.at.end
}
