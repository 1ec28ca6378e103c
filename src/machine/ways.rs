//! Ways between the screens of a session: where *back* and *on* lead.
//!
//! Owns which screen that is. Must not know what is shown there, nor whether anything is kept.

use super::{Outcome, Path, Place, Session, items};
use crate::flow::Flow;
use crate::id::Way;

/// Where *on* leads: to what the latest step led to where that was settled by somebody else, else to
/// where the transaction stands.
pub(super) fn onward(session: &Session, path: &Path) -> (Option<Place>, Way) {
    let settled = session.asked.iter().any(|asked| asked.settled == session.step);
    match outcome_of(session).filter(|_| settled) {
        Some(outcome) => (Some(outcome.led_to.clone()), outcome.led_way),
        None => (path.present().map(|visit| visit.place.clone()), Way::Path),
    }
}

/// Whether the path leads to a screen, and no seal has closed it.
pub(super) fn is_open(session: &Session, path: &Path, place: &Place) -> bool {
    path.position(place).is_some() && !path.is_sealed(session, place)
}

/// Where *back* leads from a screen: to the one before it on the path, or on which the change link
/// stood that opened it.
pub(super) fn before(flow: &Flow, session: &Session, path: &Path, here: &Place, way: Way) -> Option<(Place, Way)> {
    if let Way::ChangeFrom(_) = way
        && let Some(stood) = stood(flow, session, path, here, way)
    {
        return Some((stood, Way::Path));
    }
    path.before(here).map(|visit| (visit.place.clone(), way.onward()))
}

/// The screen on which the change link stood, while the path leads there.
pub(super) fn stood(flow: &Flow, session: &Session, path: &Path, here: &Place, way: Way) -> Option<Place> {
    let place = items::place_from(flow, session, here, flow.screen(way.from()?)?);
    path.position(&place).map(|_| place)
}

/// What the latest step led to.
fn outcome_of(session: &Session) -> Option<&Outcome> {
    session.outcomes.iter().find(|outcome| outcome.step == session.step)
}
