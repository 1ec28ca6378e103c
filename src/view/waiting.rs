//! The pages of work outside: what is under way, where the person is awaited, what is in doubt,
//! what was taken back.

use askama::Template;

use super::at::{At, Link};
use super::away::host;
use super::layout::Top;
use super::rows::{self, Row};
use super::{Visit, time};
use crate::engine::{Returning, Shown};
use crate::flow::{Flow, Scope};
use crate::machine::{Asked, Place, Presentation, Purpose, Session, Stage, Verdict, own};
use crate::words::Words;

/// The quickest and the slowest that a page looks again by itself, in seconds.
const AGAIN: (i64, i64) = (3, 30);
/// The same while the person is elsewhere, or somebody must look.
const SLOWLY: (i64, i64) = (15, 60);
/// For so many seconds nobody wonders how long it takes.
const SOON: i64 = 30;

/// An effect or a look-up that is not settled.
#[derive(Template)]
#[template(path = "waiting.html")]
pub(super) struct Waiting {
    top: Top,
    at: At,
    text: String,
    reference: Option<String>,
    /// The page elsewhere, and what its link says.
    away: Option<(String, String)>,
    /// The person wishes to give up.
    cancel: bool,
    typed: Vec<Row>,
    link: Link,
    /// The action that gives up a hand-off alone.
    off: Option<Link>,
    /// The action that gives up.
    stop: Option<Link>,
    /// How soon the page looks again by itself, and where.
    pub(super) refresh: Option<String>,
}

pub(super) fn waiting(visit: &Visit<'_>, shown: &Shown, presentation: &Presentation, scope: Scope<'_>) -> Waiting {
    let at = At::of(shown, presentation);
    let session = &shown.session;
    let asked = session.waits();
    let since = asked.map_or(session.touched, |asked| asked.at);
    let said = Said::of(shown, asked, &presentation.place, &scope);
    let (least, most) = said.pace;
    let seconds = ((shown.now - since) / 4).clamp(least, most);
    let link = Link::new(if asked.is_some() { own::ON } else { own::OPEN }, said.on);
    let refresh = format!(
        "{seconds};url={}?sessionID={}&screenID={}&actionID={}",
        at.flow, at.session, at.screen, link.action
    );
    let screen = shown.flow.screen(presentation.id.screen);
    let offers = screen.and_then(|screen| screen.actions.iter().find(|action| action.cancel));
    let cancel = session.cancel.is_some();
    let stop = offers
        .filter(|_| asked.is_some_and(Asked::is_open) && !cancel)
        .map(|action| Link::new(&action.name, &action.label.plain(&scope)));
    Waiting {
        top: Top::of(visit, &shown.flow, &said.heading, false),
        text: said.text,
        reference: said.told.then(|| scope.reference.to_owned()),
        away: asked
            .and_then(Asked::page)
            .filter(|_| !cancel)
            .zip(asked)
            .map(|(page, asked)| {
                let label = label(&shown.flow, asked, &scope);
                (page.to_owned(), scope.words.waiting_away_link(host(page), label))
            }),
        cancel,
        typed: typed(shown, &scope),
        link,
        off: asked
            .filter(|asked| asked.can_be_called_off() && !cancel)
            .map(|_| Link::new(own::CALL_OFF, scope.words.waiting_give_up())),
        stop,
        refresh: (!at.private).then_some(refresh),
        at,
    }
}

/// What a page needs could not be looked up.
#[derive(Template)]
#[template(path = "lacking.html")]
pub(super) struct Lacking {
    top: Top,
    at: At,
    typed: Vec<Row>,
    again: Link,
    back: Option<Link>,
    /// The action that gives up.
    stop: Option<Link>,
}

pub(super) fn lacking(visit: &Visit<'_>, shown: &Shown, presentation: &Presentation, scope: Scope<'_>) -> Lacking {
    let screen = shown.flow.screen(presentation.id.screen);
    let offers = screen.and_then(|screen| screen.actions.iter().find(|action| action.cancel));
    let mut looks = shown.session.asked.iter().rev();
    let looked = looks.find(|asked| {
        let settled = matches!(asked.stage, Stage::Failed { .. } | Stage::Declined { .. });
        asked.purpose == Purpose::Look && settled && asked.place == presentation.place
    });
    let heading = looked.map_or_else(
        || scope.words.waiting_lacking().to_owned(),
        |asked| scope.words.waiting_lacking_what(label(&shown.flow, asked, &scope)),
    );
    Lacking {
        top: Top::of(visit, &shown.flow, &heading, false),
        at: At::of(shown, presentation),
        typed: typed(shown, &scope),
        again: Link::new(own::LOOK_AGAIN, scope.words.page_again()),
        back: presentation.back.then(|| Link::new(own::BACK, scope.words.page_back())),
        stop: offers.map(|action| Link::new(&action.name, &action.label.plain(&scope))),
    }
}

/// What was sent and not applied.
fn typed(shown: &Shown, scope: &Scope<'_>) -> Vec<Row> {
    let conflict = shown
        .showing
        .typed
        .as_ref()
        .filter(|_| shown.showing.verdict == Verdict::Conflict);
    conflict.map_or_else(Vec::new, |typed| rows::typed(Some(&shown.flow), &typed.fields, scope))
}

/// What a waiting page says.
struct Said {
    heading: String,
    text: String,
    /// The person may need the reference.
    told: bool,
    /// What the link says that looks again.
    on: &'static str,
    pace: (i64, i64),
}

impl Said {
    fn of(shown: &Shown, asked: Option<&Asked>, place: &Place, scope: &Scope<'_>) -> Self {
        let when = |at: i64| time::moment(&shown.flow, at, shown.now);
        let words = scope.words;
        let Some(asked) = asked else {
            let mut looks = shown.session.asked.iter().rev();
            let looks = looks.find(|asked| asked.purpose == Purpose::Look && asked.is_open() && asked.place == *place);
            return Self {
                heading: looks.map_or_else(
                    || words.waiting_heading().to_owned(),
                    |asked| words.waiting_about(label(&shown.flow, asked, scope)),
                ),
                text: words.waiting_look_up().to_owned(),
                told: false,
                on: words.waiting_on(),
                pace: AGAIN,
            };
        };
        let about = about(&shown.flow, &shown.session, asked, scope);
        if let Stage::InDoubt { at } = asked.stage {
            return Self {
                heading: words.waiting_doubt().to_owned(),
                text: words.waiting_doubt_words(about, when(at)),
                told: true,
                on: words.waiting_on(),
                pace: SLOWLY,
            };
        }
        let given_up = shown.session.cancel.is_some();
        match asked.away.as_ref().filter(|away| !away.page.is_empty() && !given_up) {
            Some(away) if away.returned.is_none() => Self {
                heading: about,
                text: words.waiting_away(host(&away.page), when(away.until)),
                told: true,
                on: words.waiting_done(),
                pace: SLOWLY,
            },
            away => Self {
                heading: words.waiting_about(about),
                text: under_way(shown, asked, away.is_some(), words),
                told: true,
                on: words.waiting_on(),
                pace: AGAIN,
            },
        }
    }
}

/// How long what is under way may take.
fn under_way(shown: &Shown, asked: &Asked, back: bool, words: Words) -> String {
    let when = |at: i64| time::moment(&shown.flow, at, shown.now);
    if shown.now - asked.at < SOON {
        return words.waiting_soon().to_owned();
    }
    if back {
        return words.waiting_back().to_owned();
    }
    let effect = shown.flow.effect(&asked.effect);
    let until = effect.map(|effect| asked.at.saturating_add(effect.retry.as_secs()));
    match until.filter(|until| *until > shown.now) {
        Some(until) => words.waiting_until(when(asked.at), when(until)),
        None => words.waiting_since(when(asked.at)),
    }
}

/// What the pages of a flow with effects say while one waits.
pub(super) fn said(flow: &Flow) -> Option<String> {
    let words = flow.words();
    let away = flow.effects.iter().any(|effect| effect.hand_off.is_some());
    let elsewhere = || {
        let (give_up, link) = (words.waiting_give_up(), words.waiting_away_link("", ""));
        [&words.waiting_away("", ""), words.waiting_done(), give_up, &link].concat()
    };
    let waits = [words.waiting_soon(), words.waiting_refresh(), words.waiting_on()];
    let shared = [words.page_reference(), &words.waiting_about(""), &waits.concat()].concat();
    (!flow.effects.is_empty()).then(|| if away { elsewhere() + &shared } else { shared })
}

/// What an asking is about, with the amount where it sends one that its label does not name.
fn about(flow: &Flow, session: &Session, asked: &Asked, scope: &Scope<'_>) -> String {
    let label = label(flow, asked, scope);
    let label = match session.turn_of(asked) {
        (which, all) if all > 1 => scope.words.waiting_which(all, label, which),
        _ => label,
    };
    let amounts = asked.sent.iter().map(|(_, value)| value);
    let mut amounts = amounts.filter(|value| value.as_money().is_some());
    let (Some(only), None) = (amounts.next(), amounts.next()) else {
        return label;
    };
    let amount = only.words(scope.words);
    if label.contains(&amount) {
        return label;
    }
    scope.words.waiting_amount(amount, label)
}

/// What an asking is about, in the author's words.
pub(super) fn label(flow: &Flow, asked: &Asked, scope: &Scope<'_>) -> String {
    if !asked.label.is_empty() {
        return asked.label.clone();
    }
    flow.effect(&asked.effect)
        .map_or_else(|| asked.effect.clone(), |effect| effect.label.plain(scope))
}

/// What was taken back in a session that is over, and how far that is.
pub(super) fn undone(shown: &Shown, scope: &Scope<'_>) -> Vec<Row> {
    let (session, words) = (&shown.session, scope.words);
    let row = |asked: &Asked| {
        let Purpose::Undo { of } = asked.purpose else {
            return None;
        };
        let line = match asked.stage {
            Stage::Done { at } => words.over_taken_back_at(time::moment(&shown.flow, at, shown.now)),
            Stage::Failed { .. } | Stage::Declined { .. } => words.over_taken_back_not().to_owned(),
            Stage::InDoubt { .. } => words.over_taken_back_doubt().to_owned(),
            _ => words.over_taken_back_soon().to_owned(),
        };
        let own = !asked.label.is_empty();
        Some(Row {
            label: if own {
                asked.label.clone()
            } else {
                of_number(&shown.flow, session, of, scope)
            },
            lines: vec![line],
            change: None,
            set: None,
        })
    };
    session.asked.iter().filter_map(row).collect()
}

/// What the asking of that number is about.
pub(super) fn of_number(flow: &Flow, session: &Session, number: u32, scope: &Scope<'_>) -> String {
    session
        .asking(number)
        .map_or_else(String::new, |asked| label(flow, asked, scope))
}

/// The page of a return URL: nothing of the session stands in it.
#[derive(Template)]
#[template(path = "returning.html")]
pub(super) struct Back {
    top: Top,
    flow: String,
    title: String,
    token: String,
    used: bool,
}

pub(super) fn returning(visit: &Visit<'_>, back: &Returning) -> Back {
    let words = back.flow.words();
    let heading = if back.used {
        words.returning_used()
    } else {
        words.returning_heading()
    };
    Back {
        top: Top::of(visit, &back.flow, heading, false),
        flow: back.flow.name.clone(),
        title: back.flow.title.clone(),
        token: back.token.clone(),
        used: back.used,
    }
}
