//! The pages of a session that are no screens to be filled in.

use askama::Template;

use super::at::{At, Button, Link};
use super::field::Asking;
use super::layout::Top;
use super::notice::Line;
use super::plain::start_action;
use super::review::{self, Section};
use super::rows::{self, Row};
use super::screen::{Content, Drawn};
use super::{Visit, languages, time, waiting};
use crate::engine::Shown;
use crate::flow::{Scope, Screen};
use crate::machine::{self, Event, Presentation, Purpose, Reason, State, Verdict, own};

/// The end screen of a finished session.
#[derive(Template)]
#[template(path = "receipt.html")]
pub(super) struct Receipt {
    top: Top,
    at: At,
    notices: Vec<Line>,
    heading: String,
    /// It went as the person wished.
    completed: bool,
    /// In the panel, and where the author's own text does not say it.
    reference: Option<String>,
    /// HTML.
    body: String,
    items: Vec<Drawn>,
    review: Option<Vec<Section>>,
    /// What was typed and never submitted.
    drafts: Vec<Row>,
    undone: Vec<Row>,
    /// It was given up too late.
    too_late: bool,
    /// What was sent to it and not applied.
    typed: Option<Vec<Row>>,
    /// To all that was sent; else the receipt's own address.
    link: Link,
    /// Until when what was sent is kept, in words.
    kept: String,
}

pub(super) fn receipt(
    visit: &Visit<'_>,
    shown: &Shown,
    presentation: &Presentation,
    screen: &Screen,
    scope: Scope<'_>,
) -> Receipt {
    let asking = Asking::new(screen, scope);
    let content = Content::of(screen, &shown.flow.title, &asking);
    let (completed, at) = match &shown.session.state {
        State::Ended { outcome, at, .. } => (outcome == "completed", *at),
        _ => (false, shown.now),
    };
    let told = completed || !content.body.contains(scope.reference);
    let conflict = shown.showing.verdict == Verdict::Conflict;
    let words = scope.words;
    Receipt {
        top: Top::end(visit, &shown.flow, &content.name),
        at: At::of(shown, presentation),
        notices: shown
            .showing
            .notices
            .iter()
            .map(|notice| Line::of(shown, notice, &scope))
            .collect(),
        heading: content.name,
        completed,
        reference: told.then(|| scope.reference.to_owned()),
        body: content.body,
        items: content.items,
        review: review::shown(shown, &presentation.place, screen, &scope),
        drafts: rows::drafts(shown, &presentation.place, &scope),
        typed: conflict.then(|| typed(shown, &scope)),
        undone: waiting::undone(shown, &scope),
        too_late: shown.session.journal.iter().any(|entry| entry.event == Event::TooLate),
        link: if machine::has_copy(&shown.session, screen, shown.now) {
            Link::new(own::COPY, words.receipt_copy())
        } else {
            Link::new(own::OPEN, words.page_open())
        },
        kept: words.receipt_kept(time::moment(
            &shown.flow,
            at.saturating_add(shown.flow.limits.keep.as_secs()),
            shown.now,
        )),
    }
}

/// What stays of a finished session's receipt: what, when, reference, outcome.
#[derive(Template)]
#[template(path = "short.html")]
pub(super) struct Short {
    top: Top,
    at: At,
    when: String,
    outcome: String,
    reference: String,
    /// Until when what was sent is kept, if it still is, in words.
    kept: String,
    typed: Vec<Row>,
}

pub(super) fn short(visit: &Visit<'_>, shown: &Shown, presentation: &Presentation, scope: Scope<'_>) -> Short {
    let words = scope.words;
    let moment = |at: i64| time::moment(&shown.flow, at, shown.now);
    let (outcome, at, kept) = match &shown.session.state {
        State::Ended { outcome, at, .. } => {
            let kept = at.saturating_add(shown.flow.limits.keep.as_secs());
            (outcome.as_str(), *at, words.receipt_short_kept(moment(kept)))
        }
        State::Forgotten { outcome, at } => (outcome.as_str(), *at, words.receipt_short_gone().to_owned()),
        _ => ("", shown.now, String::new()),
    };
    Short {
        top: Top::of(visit, &shown.flow, words.receipt_short(), false),
        at: At::of(shown, presentation),
        when: words.receipt_short_when(&shown.flow.title, moment(at)),
        outcome: outcome.replace(['-', '_'], " "),
        reference: scope.reference.to_owned(),
        kept,
        typed: typed(shown, &scope),
    }
}

/// Finished on this device: nothing of the session stands here but its reference.
#[derive(Template)]
#[template(path = "finished.html")]
pub(super) struct Left {
    top: Top,
    words: String,
    flow: String,
    reference: String,
}

pub(super) fn left(visit: &Visit<'_>, shown: &Shown) -> Left {
    let words = shown.flow.words();
    Left {
        top: Top::of(visit, &shown.flow, words.receipt_finished(), false),
        words: words.receipt_finished_words(&shown.flow.title),
        flow: shown.flow.name.clone(),
        reference: shown.session.at.reference(),
    }
}

/// A session that is over and has no receipt.
#[derive(Template)]
#[template(path = "over.html")]
pub(super) struct Over {
    top: Top,
    /// When, and what became of the answers.
    words: String,
    /// Nothing went out.
    nothing: bool,
    reference: String,
    undone: Vec<Row>,
    typed: Vec<Row>,
    /// A new session: its ticket stands in place of the ids.
    start: Option<At>,
    /// Behind the address of its form.
    query: String,
    action: String,
    /// Goes into the new session.
    carried: Vec<(String, String)>,
}

pub(super) fn over(visit: &Visit<'_>, shown: &Shown, scope: Scope<'_>) -> Over {
    let when = |at: i64| time::moment(&shown.flow, at, shown.now);
    let sent = shown.session.asked.iter().any(|asked| asked.purpose != Purpose::Look);
    let w = scope.words;
    let (heading, words, told) = match &shown.session.state {
        State::Expired { at, unfinished: true } => (w.over_time(), w.over_confirmed(when(*at)), true),
        State::Expired { at, .. } => (w.over_time(), w.over_deleted(when(*at)), false),
        State::Cancelled { at } => (w.over_cancelled(), w.over_cancelled_at(when(*at)), false),
        State::Live | State::Ended { .. } | State::Forgotten { .. } => (w.over_over(), String::new(), false),
    };
    let undone = waiting::undone(shown, &scope);
    let last = shown.showing.typed.as_ref();
    let carried = last.filter(|_| shown.flow.carry);
    Over {
        top: Top::of(visit, &shown.flow, heading, false),
        nothing: !sent && !told && !words.is_empty(),
        words,
        reference: scope.reference.to_owned(),
        undone,
        typed: typed(shown, &scope),
        start: shown.ticket.as_ref().map(|ticket| At {
            flow: shown.flow.name.clone(),
            session: ticket.clone(),
            screen: carried.map_or("", |typed| &typed.place.screen).to_owned(),
            private: shown.flow.private,
        }),
        query: languages::query(&shown.flow),
        action: start_action(&shown.flow),
        carried: carried.map_or_else(Vec::new, |typed| typed.fields.0.clone()),
    }
}

/// Why something was not applied, and what was typed.
#[derive(Template)]
#[template(path = "not-applied.html")]
pub(super) struct NotApplied {
    top: Top,
    at: At,
    words: &'static str,
    typed: Vec<Row>,
    /// Puts the item back that it is about, with what was typed.
    restore: Option<Link>,
    carried: Vec<(String, String)>,
    link: Link,
}

pub(super) fn not_applied(
    visit: &Visit<'_>,
    shown: &Shown,
    reason: Reason,
    presentation: &Presentation,
    scope: Scope<'_>,
) -> NotApplied {
    let w = scope.words;
    let gone = reason == Reason::Gone;
    let restore = machine::restorable(&shown.session, &presentation.place).filter(|_| gone);
    NotApplied {
        top: Top::of(visit, &shown.flow, w.not_applied_heading(), false),
        at: At::of(shown, presentation),
        words: match reason {
            Reason::Sealed => w.not_applied_sealed(),
            Reason::NotOffered => w.not_applied_not_offered(),
            Reason::Waits => w.not_applied_waits(),
            Reason::TooOld => w.not_applied_too_old(),
            Reason::Refused => w.not_applied_refused(),
            Reason::Gone => w.not_applied_gone(),
        },
        carried: if restore.is_some() {
            shown
                .showing
                .typed
                .as_ref()
                .map_or_else(Vec::new, |typed| typed.fields.0.clone())
        } else {
            Vec::new()
        },
        restore: restore.map(|key| Link::new(&format!("{}{key}", own::RESTORE), w.list_again())),
        typed: typed(shown, &scope),
        link: Link::new(own::OPEN, w.page_elsewhere()),
    }
}

/// Asks before giving up.
#[derive(Template)]
#[template(path = "cancelling.html")]
pub(super) struct Cancelling {
    top: Top,
    at: At,
    buttons: Vec<Button>,
}

pub(super) fn cancelling(visit: &Visit<'_>, shown: &Shown, presentation: &Presentation) -> Cancelling {
    let words = shown.flow.words();
    Cancelling {
        top: Top::of(visit, &shown.flow, words.cancel_heading(), false),
        at: At::of(shown, presentation),
        buttons: vec![
            Button::new(own::OPEN, words.cancel_no(), None),
            Button::new(own::YES_CANCEL, words.cancel_yes(), Some("x")),
        ],
    }
}

/// Of a link that came from outside: shows no answers.
#[derive(Template)]
#[template(path = "between.html")]
pub(super) struct Between {
    top: Top,
    at: At,
    words: String,
    buttons: Vec<Button>,
}

pub(super) fn between(visit: &Visit<'_>, shown: &Shown, presentation: &Presentation) -> Between {
    let ended = matches!(shown.session.state, State::Ended { .. });
    let words = shown.flow.words();
    let label = if ended {
        words.between_ended()
    } else {
        words.page_go_on()
    };
    let began = time::moment(&shown.flow, shown.session.created, shown.now);
    Between {
        top: Top::of(visit, &shown.flow, words.between_heading(), false),
        at: At::of(shown, presentation),
        words: words.between_words(&shown.flow.title, began),
        buttons: vec![Button::new(own::OPEN, label, None)],
    }
}

/// What was typed and not applied.
fn typed(shown: &Shown, scope: &Scope<'_>) -> Vec<Row> {
    shown
        .showing
        .typed
        .as_ref()
        .map_or_else(Vec::new, |typed| rows::typed(Some(&shown.flow), &typed.fields, scope))
}
