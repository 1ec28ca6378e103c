//! The contract's table: what every submission gets, the first row that matches.
//!
//! Owns the order of the rows. What a row does stands in `step` (the session changes), `show`
//! (it does not) and `life` (it begins or ends). Must not know how a submission was sent.

use std::collections::BTreeMap;

use super::another::Before;
use super::form::{self, Pressed};
use super::path::branch;
use super::step::{Applied, Turn};
use super::{
    Decision, Notice, Page, Path, Reason, Session, Showing, State, Submission, Verdict, absent, items, language, looks,
    news, own, saved, show, shown,
};
use crate::flow::{Action, Changes, Flow, Scope, Screen};
use crate::id::ScreenId;

/// Decides what becomes of a submission. `session` is as loaded, `now` in seconds since 1970.
pub fn submit(flow: &Flow, session: &Session, submission: &Submission, now: i64) -> Decision {
    let Some(screen) = flow.screen(submission.screen.screen) else {
        return Decision::Tampered;
    };
    let mut path = Path::fold(flow, session, now);
    path.enter(flow, session, &submission.place(screen));
    // A page that stood in for the screen's own (whether to cancel, say) offered none of its actions.
    let entered = || {
        if submission.bare {
            Some(own::OPEN)
        } else {
            entered(session, (submission, screen), &path)
        }
    };
    let action = submission.action.as_deref().or_else(entered);
    let Some(pressed) = form::pressed(flow, screen, action) else {
        return Decision::Tampered;
    };
    if !form::declared(screen, &submission.fields) {
        return Decision::Tampered;
    }
    let turn = Turn {
        flow,
        session,
        submission,
        language: language::spoken(flow, submission),
        screen,
        action: pressed.name(),
        digest: form::digest(session, &submission.fields),
        path,
        now,
    };
    match &session.state {
        State::Ended { .. } | State::Forgotten { .. } => ended(&turn, pressed),
        State::Live if session.waits().is_some() => waits(&turn, pressed),
        State::Live => match pressed {
            Pressed::Author(action) => author(&turn, action),
            _ => own(&turn, pressed),
        },
        // Pressed twice, it is what was wished for.
        State::Cancelled { .. } if matches!(pressed, Pressed::YesCancel) && submission.fields.0.is_empty() => {
            Decision::Show(turn.showing(Page::Over, Verdict::Done))
        }
        State::Cancelled { .. } | State::Expired { .. } => {
            Decision::Show(turn.showing(Page::Over, Verdict::Gone).with(turn.typed()))
        }
    }
}

/// Whether the action of a submission may be the beginning of another one's name, whose end was lost
/// on the way.
pub fn may_be_cut(flow: &Flow, submission: &Submission) -> bool {
    let screen = flow.screen(submission.screen.screen);
    let action = submission.action.as_deref();
    screen
        .zip(action)
        .is_some_and(|(screen, action)| form::begins(flow, screen, action))
}

/// What no actionID (Enter in an old browser) stands for: what it was when the same was sent before,
/// else the first action that the page offered.
fn entered<'a>(session: &Session, (submission, screen): (&Submission, &'a Screen), path: &Path) -> Option<&'a str> {
    let id = &submission.screen;
    let digest = form::digest(session, &submission.fields);
    let before = |action: &&Action| {
        session.outcomes.iter().any(|o| {
            let here = o.offered == id.step && o.place.screen == screen.name && o.way == id.way;
            here && o.action == action.name && o.digest == digest
        })
    };
    let reference = session.at.reference();
    let scope = path.scope_of(&reference);
    let offered = |action: &&Action| action.when.as_ref().is_none_or(|when| when.holds(&scope));
    let first = || screen.actions.iter().find(offered);
    let action = screen.actions.iter().find(before).or_else(first);
    action.map(|action| action.name.as_str())
}

/// A finished session: the receipt; other fields than those that ended it are not applied.
fn ended(turn: &Turn<'_>, pressed: Pressed<'_>) -> Decision {
    let navigation = match pressed {
        Pressed::Leave => return turn.leave(),
        Pressed::Author(_)
        | Pressed::Back
        | Pressed::MoreTime
        | Pressed::YesCancel
        | Pressed::CallOff
        | Pressed::LookAgain
        | Pressed::Save
        | Pressed::Add
        | Pressed::Remove(_)
        | Pressed::Restore(_)
        | Pressed::Finish => false,
        Pressed::Open | Pressed::On | Pressed::Copy | Pressed::Change(..) | Pressed::Language { .. } => {
            turn.submission.fields.0.is_empty()
        }
    };
    let same = turn
        .outcome()
        .is_some_and(|o| o.step == turn.session.step && o.digest == turn.digest);
    let mut showing = match pressed {
        Pressed::Copy if navigation => show::copy(turn.flow, turn.session, turn.path.clone(), turn.now),
        _ => show::receipt(turn.flow, turn.session, turn.path.clone(), turn.now),
    };
    if !navigation && !same {
        showing.verdict = Verdict::Conflict;
        showing = showing.with(turn.typed());
    }
    Decision::Show(showing)
}

/// *Finish on this device*, pressed again on a page whose ids open nothing any more because it was
/// pressed there before: the same page. `None` for anything else, which finds nothing.
pub fn left_before(flow: &Flow, session: &Session, submission: &Submission, now: i64) -> Option<Showing> {
    let screen = flow.screen(submission.screen.screen)?;
    let pressed = form::pressed(flow, screen, submission.action.as_deref())?;
    let again = matches!(pressed, Pressed::Leave) && submission.fields.0.is_empty();
    again.then(|| Showing {
        page: Page::Left,
        verdict: Verdict::Done,
        notices: Vec::new(),
        typed: None,
        path: Path::fold(flow, session, now),
    })
}

/// An effect is under way, or in doubt: nothing runs ahead of it but the wish to give up.
fn waits(turn: &Turn<'_>, pressed: Pressed<'_>) -> Decision {
    let looks = match pressed {
        Pressed::Open | Pressed::On | Pressed::Change(..) => true,
        Pressed::Back | Pressed::MoreTime | Pressed::Language { .. } => turn.submission.fields.0.is_empty(),
        _ => false,
    };
    let same = turn.outcome().is_some_and(|outcome| outcome.digest == turn.digest);
    let cancels = matches!(pressed, Pressed::YesCancel) || matches!(pressed, Pressed::Author(action) if action.cancel);
    let gives_up = cancels || matches!(pressed, Pressed::CallOff);
    if let Some(reason) = turn.out_of_reach().filter(|_| gives_up) {
        return turn.not_applied(reason);
    }
    match pressed {
        Pressed::YesCancel => turn.want_cancel(),
        Pressed::CallOff => turn.call_off(),
        Pressed::Author(action) if action.cancel => {
            let mut showing = show::waiting(turn.flow, turn.session, turn.path.clone());
            if let Page::Waiting(presentation) = showing.page {
                showing.page = Page::Cancelling(presentation);
            }
            Decision::Show(showing)
        }
        _ if looks || same => Decision::Show(show::waiting(turn.flow, turn.session, turn.path.clone())),
        _ => turn.not_applied(Reason::Waits),
    }
}

/// An action of the author's, in a live session.
fn author(turn: &Turn<'_>, action: &Action) -> Decision {
    if let Some(showing) = replayed(turn) {
        return Decision::Show(showing);
    }
    if let Some(reason) = turn.out_of_reach() {
        return turn.not_applied(reason);
    }
    if action.cancel {
        return turn.ask_before_cancel();
    }
    if action.aside {
        return turn.to_the_side(action);
    }
    fields(turn, action)
}

/// An action of the engine's own, in a live session.
fn own(turn: &Turn<'_>, pressed: Pressed<'_>) -> Decision {
    let navigation = !matches!(
        pressed,
        Pressed::Back
            | Pressed::MoreTime
            | Pressed::YesCancel
            | Pressed::CallOff
            | Pressed::LookAgain
            | Pressed::Save
            | Pressed::Add
            | Pressed::Remove(_)
            | Pressed::Restore(_)
            | Pressed::Language { .. }
            | Pressed::Finish
    );
    if navigation {
        let shown = show(
            turn.flow,
            turn.session,
            &turn.submission.screen,
            Some(&turn.action),
            turn.now,
        );
        return shown.map_or(Decision::Tampered, Decision::Show);
    }
    if let Some(showing) = replayed(turn).filter(|_| !turn.adds_another(&pressed)) {
        return match pressed {
            Pressed::Save => Decision::Show(saved::saving(showing)),
            _ => turn.again(showing, &pressed),
        };
    }
    let reason = turn.out_of_reach();
    // An item can be put back from its own page.
    let puts_back = matches!(pressed, Pressed::Restore(_)) && reason == Some(Reason::Gone);
    if let Some(reason) = reason.filter(|_| !puts_back) {
        return turn.not_applied(reason);
    }
    match pressed {
        Pressed::Add => turn.add(),
        Pressed::Remove(key) => turn.remove(key),
        Pressed::Restore(key) => turn.restore(key),
        Pressed::Back => turn.back(),
        Pressed::Language { checked, .. } => turn.switch(checked),
        // Pressed twice, or settled meanwhile: where that led.
        Pressed::CallOff => Decision::Show(show::here(turn.flow, turn.session, turn.path.clone())),
        Pressed::MoreTime => turn.more_time(),
        Pressed::LookAgain => turn.look_again(),
        Pressed::Save => turn.save(),
        Pressed::Finish => another(turn).unwrap_or_else(|| turn.finish()),
        _ => turn.cancel(),
    }
}

/// Of a submission that was made before: the page that it led to, with what has been answered
/// there since.
fn replayed(turn: &Turn<'_>) -> Option<Showing> {
    let outcome = turn.outcome().filter(|outcome| outcome.digest == turn.digest)?;
    let number = turn.flow.number(&outcome.led_to.screen);
    let id = number.map(|screen| ScreenId {
        step: outcome.step,
        frame: outcome.led_to.frame,
        item: outcome.led_to.item,
        screen,
        way: outcome.led_way,
        ..ScreenId::default()
    });
    let position = turn.path.position(&outcome.led_to);
    if turn.path.is_sealed(turn.session, &outcome.led_to) {
        // What lies behind a seal is not shown as if it could be changed.
        let led_to = &outcome.led_to;
        return Some(show::stands_here(turn.flow, turn.session, turn.path.clone(), led_to));
    }
    let stays = outcome.led_to == turn.place() && turn.asks_before_cancel();
    let aside = number
        .and_then(|number| turn.flow.screen(number))
        .is_some_and(Screen::is_aside);
    let Some(id) = id.filter(|_| position.is_some() || stays || aside) else {
        let mut showing = show::here(turn.flow, turn.session, turn.path.clone());
        // Where the very page that was pressed stands again, it is asked.
        let asked = turn.path.present().is_some_and(|visit| visit.place == turn.place());
        showing.notices = vec![if asked {
            Notice::AskedAnew
        } else {
            Notice::NoLongerAsked
        }];
        return Some(showing);
    };
    let mut showing = show::screen(turn.flow, turn.session, id, turn.path.clone());
    if turn.asks_before_cancel() {
        showing.page = show::cancelling(showing.page);
    }
    Some(showing)
}

/// The rows about fields: invalid, no longer offered, off the path, amend, step.
fn fields(turn: &Turn<'_>, action: &Action) -> Decision {
    let place = turn.place();
    let reach = turn.path.position(&place);
    if reach.is_some() && lacking(turn, action) {
        return Decision::Show(as_it_stands(turn));
    }
    let before = if reach.is_some() {
        Path::fold_to(turn.flow, turn.session, turn.now, &place)
    } else {
        let mut path = turn.path.clone();
        path.bring_aside(turn.flow, turn.session, &place);
        path
    };
    let today = turn.session.day(turn.flow, turn.now);
    let reference = turn.session.at.reference();
    let none = BTreeMap::new();
    let answered = turn.session.answers.get(&place).map_or(&none, |answer| &answer.fields);
    let around = Scope {
        values: &before.values,
        today,
        reference: &reference,
        words: turn.flow.words(),
        on_page: false,
    };
    let says = turn.read_in().words();
    let reading = form::read(turn.as_shown(), &turn.submission.fields, answered, around, says);
    if reading.not_offered {
        return turn.not_applied(Reason::NotOffered);
    }
    let another = (reach.is_some() && hangs_on_shown(turn, action)).then(|| another(turn));
    if let Some(decision) = another.flatten() {
        return decision;
    }
    if !reading.faults.is_empty() {
        return turn.invalid(reading.faults);
    }
    let scope = Scope {
        values: &reading.values,
        ..around
    };
    let to = branch(action, &scope).map(|branch| absent::lands(turn.flow, branch.to, &scope));
    let target = to.and_then(|to| turn.flow.screen(to));
    // Where an action that calls leads is known once that is done.
    let offered = action.when.as_ref().is_none_or(|when| when.holds(&scope));
    let Some(target) = target.or((action.call.is_some() && offered).then_some(turn.screen)) else {
        return turn.not_applied(Reason::NotOffered);
    };
    let changes = turn.changes(&reading.fields);
    if !changes.is_empty() && reach.is_some() && turn.kept_by_the_browser() {
        match turn.flow.changes {
            Changes::Amend => {}
            Changes::Confirm => return anew(turn, vec![Notice::WouldChange(changes)], Verdict::Done),
            Changes::Refuse => return turn.not_applied(Reason::Refused),
        }
    }
    if let Some(decision) = turn.holds_up(reach) {
        return decision;
    }
    let led_to = items::place_from(turn.flow, turn.session, &place, target);
    let way_back = !turn.leads_home(target) && before.position(&led_to).is_some();
    turn.apply(&Applied {
        fields: reading.fields,
        action,
        target,
        changes,
        reach,
        way_back: reach.is_some() && way_back && action.call.is_none(),
        values: reading.values,
    })
}

/// The page again, with what was typed, where what it needs is not there.
fn as_it_stands(turn: &Turn<'_>) -> Showing {
    let way = turn.submission.screen.way;
    let showing = show::place(turn.flow, turn.session, &turn.place(), way, turn.path.clone());
    let verdict = Verdict::Conflict;
    Showing { verdict, ..showing }.with(turn.typed())
}

/// Whether a look-up has not brought what the answers of the screen or the action hang on.
fn lacking(turn: &Turn<'_>, action: &Action) -> bool {
    if turn.path.missing.is_empty() {
        return false;
    }
    let mut hangs = looks::answer_of(turn.flow, turn.screen);
    hangs.extend(looks::way_of(turn.flow, action));
    turn.path.misses(&hangs)
        || show::goes_out(turn.flow, action)
            && !show::lacks(turn.flow, turn.session, &turn.path, &turn.place()).is_empty()
}

/// The page anew where what it showed is another now.
fn another(turn: &Turn<'_>) -> Option<Decision> {
    let (id, place) = (&turn.submission.screen, turn.place());
    let (flow, session, path) = (turn.flow, turn.session, &turn.path);
    let on_path = path.position(&place).is_some();
    (on_path && shown::is_another(flow, session, path, id, &place)).then(|| {
        let before = Before {
            flow,
            session,
            path,
            id,
            place: &place,
            screen: turn.screen,
            typed: &turn.submission.fields,
        };
        let changes = before.changes();
        let mut gone = if turn.screen.shows_answers() {
            news::gone_since(flow, session, path, id.step)
        } else {
            Vec::new()
        };
        gone.retain(|gone| changes.iter().all(|change| change.field != gone.field));
        let mut notices = vec![Notice::Different(changes)];
        notices.extend((!gone.is_empty()).then_some(Notice::Hidden(gone)));
        anew(turn, notices, Verdict::Conflict)
    })
}

/// Whether a press goes by what its page showed: the action cannot be had back, or it is the first
/// of several that the page offered only under a condition.
fn hangs_on_shown(turn: &Turn<'_>, action: &Action) -> bool {
    let until = turn.screen.actions.iter().position(|other| other.name == action.name);
    let mut offered = turn.screen.actions.iter().take(until.map_or(0, |at| at + 1));
    let by_when = turn.submission.action.is_none() && offered.any(|action| action.when.is_some());
    by_when || show::goes_out(turn.flow, action)
}

/// The page again, as a fresh presentation, with the difference above it.
fn anew(turn: &Turn<'_>, notices: Vec<Notice>, verdict: Verdict) -> Decision {
    let id = ScreenId {
        step: turn.session.step,
        ..turn.submission.screen
    };
    let mut showing = show::screen(turn.flow, turn.session, id, turn.path.clone());
    showing.notices = notices;
    showing.verdict = verdict;
    Decision::Show(showing.with(turn.typed()))
}
