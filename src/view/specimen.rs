//! The pages of a flow that nobody is looking at: to be measured, and to make a dictionary of.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Drawn, Visit, page};
use crate::engine::{Reply, Shown};
use crate::flow::{Flow, Screen};
use crate::id::SessionId;
use crate::machine;
use crate::site::Site;

/// The moment that the pages speak of, in seconds since 1970: always the same, so that they weigh
/// the same tomorrow, and that every server of a definition has the same dictionary.
const AS_OF: i64 = 1_790_000_000;
/// The most that a dictionary holds, in bytes: it is fetched once, on the same slow line.
const DICTIONARY_BYTES: usize = 10 << 10;
/// Of a flow of many screens the first pages fill it.
const PAGES: usize = 100;
/// A run of so many bytes is copied, a shorter one is not worth it.
const WORTH: usize = 10;

/// A page of a screen.
#[derive(Clone, Debug)]
pub struct Specimen<'a> {
    /// The screen.
    pub screen: &'a Screen,
    /// Everything on it is wrong.
    pub wrong: bool,
    /// The page.
    pub page: Drawn,
    /// The same in a browser that shows text alone.
    pub text: Drawn,
}

/// A page of every screen, and of every screen that can be filled in wrongly.
pub fn specimens<'a>(flow: &'a Arc<Flow>, site: &'a Site) -> impl Iterator<Item = Specimen<'a>> {
    let kinds = flow.screens.iter().flat_map(|screen| [(screen, false), (screen, true)]);
    let visit = Visit {
        site,
        ..Visit::default()
    };
    let made = machine::Specimens::of(flow, AS_OF);
    kinds.filter_map(move |(screen, wrong)| {
        let (session, showing) = made.as_ref()?.draw(screen, wrong)?;
        let shown = Shown {
            flow: Arc::clone(flow),
            session,
            id: SessionId::of_random([
                0x5e, 0x1b, 0xc7, 0x92, 0x0d, 0x4f, 0xa8, 0x63, 0x9c, 0x71, 0xe4, 0x2a, 0xb5, 0x38, 0xdf, 0x06,
            ]),
            showing,
            now: AS_OF,
            ticket: None,
        };
        let reply = Reply::Session(Box::new(shown));
        Some(Specimen {
            screen,
            wrong,
            page: page(&reply, &visit),
            text: page(&reply, &Visit { text: true, ..visit }),
        })
    })
}

/// What the pages of a flow have in common with each other and with themselves next time: of each
/// page what none before it has, the richest first. Holds the flow's own texts only.
pub fn dictionary(flow: &Arc<Flow>, site: &Site) -> Vec<u8> {
    let specimens = specimens(flow, site).take(PAGES);
    let mut pages: Vec<Vec<u8>> = specimens.map(|s| without_ids(&s.page.html)).collect();
    pages.extend(super::waiting::said(flow).map(String::into_bytes));
    pages.sort_by_key(|page| std::cmp::Reverse(page.len()));
    // Any page of the flow may need any part of the style that is for all flows.
    let style = super::style::sheet_for(&pages, site.accent.as_deref()).into_bytes();
    let mut seen: HashSet<&[u8]> = style.windows(WORTH).collect();
    let mut length = style.len();
    let mut parts = vec![style.clone()];
    for page in &pages {
        let fresh = fresh(page, &seen);
        if length + fresh.len() <= DICTIONARY_BYTES {
            length += fresh.len();
            parts.push(fresh);
            seen.extend(page.windows(WORTH));
        }
    }
    // What stands last is nearest to a page, and copied from for the fewest bits: the skeleton.
    parts.reverse();
    parts.concat()
}

/// The bytes of a page that stand in no run of [`WORTH`] bytes that was seen.
fn fresh(page: &[u8], seen: &HashSet<&[u8]>) -> Vec<u8> {
    let mut known = 0;
    let mut fresh = Vec::new();
    for (at, byte) in page.iter().enumerate() {
        if page.get(at..at + WORTH).is_some_and(|run| seen.contains(run)) {
            known = at + WORTH;
        }
        if at >= known {
            fresh.push(*byte);
        }
    }
    fresh
}

/// A page without what is another on every page.
fn without_ids(html: &str) -> Vec<u8> {
    let mut page = Vec::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("ID") {
        page.extend(before.bytes());
        page.extend(b"ID");
        let value = after.strip_prefix(" value=").or_else(|| after.strip_prefix('='));
        rest = match value {
            Some(value) if !after.starts_with(" value=\"") => {
                page.extend(after.bytes().take(after.len() - value.len()));
                value.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            }
            _ => after,
        };
    }
    page.extend(rest.bytes());
    page
}
