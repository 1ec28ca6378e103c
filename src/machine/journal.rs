//! What a session remembers of what happened: its journal and its outcomes.
//!
//! Owns their bounds, and what is forgotten first. Must not know why something happened.

use super::{Entry, Event, Outcome, Path, Purpose, Session, Stage, State};
use crate::limits;

/// Writes an event into the journal of the session's present step; the oldest entries are folded
/// into a count.
pub(super) fn note(session: &mut Session, at: i64, event: Event) {
    session.journal.push(Entry {
        step: session.step,
        at,
        event,
    });
    let mut over = session.journal.len().saturating_sub(limits::JOURNAL_KEPT);
    session.folded += over as u64;
    // The key of its screen ids hangs on how often somebody left.
    session.journal.retain(|entry| {
        let goes = over > 0 && entry.event != Event::Left;
        over -= usize::from(goes);
        !goes
    });
}

/// Keeps an outcome: in place of an older one of the same action of the same presentation; the
/// latest ones and the latest of each screen on the path are kept, older ones go.
pub(super) fn keep(session: &mut Session, outcome: Outcome, path: &Path) {
    session.outcomes.retain(|old| {
        old.offered != outcome.offered
            || old.place != outcome.place
            || old.way != outcome.way
            || old.action != outcome.action
    });
    session.outcomes.push(outcome);
    while session.outcomes.len() > limits::OUTCOMES_KEPT {
        let latest = |o: &Outcome| {
            // Of an item's screens the latest of all.
            let same = |n: &Outcome| n.place == o.place || (o.place.item > 0 && n.place.item == o.place.item);
            let newer = session.outcomes.iter().any(|n| same(n) && n.step > o.step);
            path.position(&o.place).is_some() && !newer
        };
        let Some(oldest) = session.outcomes.iter().position(|o| !latest(o)) else {
            break;
        };
        let gone = session.outcomes.remove(oldest);
        session.kept_from = session.kept_from.max(gone.step);
    }
}

/// Drops every answer, wherever one is kept.
pub(super) fn drop_answers(session: &mut Session) {
    session.answers.clear();
    session.items.clear();
    session.passed_over.clear();
    session.outcomes.clear();
    session.kept_from = session.step;
    // Nobody waits for a look-up any more.
    session.asked.retain(|asked| asked.purpose != Purpose::Look);
    forget_settled(session);
    for entry in &mut session.journal {
        match &mut entry.event {
            Event::Amended { before, .. } | Event::Hidden { before } | Event::HiddenIn { before, .. } => before.clear(),
            Event::Removed { line, .. } => line.clear(),
            _ => {}
        }
    }
}

/// Of a session whose answers were dropped nothing of them is kept with its effects either, but
/// what is still to be done keeps what it sends.
pub(super) fn forget_settled(session: &mut Session) {
    if matches!(
        session.state,
        State::Live | State::Ended { .. } | State::Expired { unfinished: true, .. }
    ) {
        return;
    }
    let missed: Vec<u32> = session
        .asked
        .iter()
        .filter(|asked| session.is_missed(asked))
        .map(|asked| asked.number)
        .collect();
    for asked in session
        .asked
        .iter_mut()
        .filter(|asked| !asked.is_open() && !asked.in_doubt())
    {
        asked.label.clear();
        asked.sent.clear();
        asked.results.clear();
        asked.known.clear();
        asked.stderr.clear();
        // Why it failed, in our own words, stays until it is seen.
        asked.heard = if missed.contains(&asked.number) {
            asked.reason().to_owned()
        } else {
            String::new()
        };
        if let Some(away) = &mut asked.away {
            away.door.clear();
        }
        if let Stage::Declined { message, faults, .. } = &mut asked.stage {
            message.clear();
            faults.clear();
        }
    }
}

/// Makes room in a session that has grown too large: what was there before a change is the first
/// to go. Whether that helped is for the caller to see.
pub fn make_room(session: &mut Session) {
    for entry in &mut session.journal {
        if let Event::Amended { before, .. } | Event::Hidden { before } | Event::HiddenIn { before, .. } =
            &mut entry.event
            && entry.step != session.step
        {
            before.clear();
        }
    }
}
