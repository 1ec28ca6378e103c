//! Pages of a session as it is: nothing here changes one.
//!
//! Owns what a GET, a link and a repeated submission are shown. Must not know how it is drawn.

use super::form::{self, Pressed};
use super::life;
use super::list;
use super::looks::{self, Names};
use super::news;
use super::shown;
use super::ways::{before, is_open, onward, stood};
use super::{
    Answer, Notice, Page, Path, Place, Presentation, Purpose, Session, Showing, Stage, State, Submission, Typed,
    Verdict, Visit,
};
use crate::flow::{Action, Fault, Flow, Form, Screen};
use crate::id::{ScreenId, Way};

/// What is shown for a link: the presentation `id`, or where `action` leads from it. `None` where
/// the action was never offered there.
pub fn show(flow: &Flow, session: &Session, id: &ScreenId, action: Option<&str>, now: i64) -> Option<Showing> {
    let screen = flow.screen(id.screen)?;
    let path = Path::fold(flow, session, now);
    let pressed = match action {
        None => Pressed::Open,
        Some(_) => form::pressed(flow, screen, action)?,
    };
    if !matches!(
        pressed,
        Pressed::Open | Pressed::Back | Pressed::On | Pressed::Copy | Pressed::Change(..)
    ) {
        return None;
    }
    match session.state {
        State::Ended { .. } if matches!(pressed, Pressed::Copy) => return Some(copy(flow, session, path, now)),
        State::Ended { .. } | State::Forgotten { .. } => return Some(receipt(flow, session, path, now)),
        // Nothing was sent yet.
        State::Live if matches!(pressed, Pressed::Copy) => return None,
        State::Live if session.waits().is_some() => return Some(waiting(flow, session, path)),
        State::Live => {}
        State::Cancelled { .. } | State::Expired { .. } => {
            return Some(Showing {
                page: Page::Over,
                verdict: Verdict::Gone,
                notices: Vec::new(),
                typed: None,
                path,
            });
        }
    }
    let here = Place {
        frame: id.frame,
        item: id.item,
        screen: screen.name.clone(),
    };
    let (target, way) = match pressed {
        Pressed::Back => {
            before(flow, session, &path, &here, id.way).map_or((None, id.way), |(place, way)| (Some(place), way))
        }
        Pressed::On => onward(session, &path),
        Pressed::Change(name, item) => {
            let place = Place {
                item,
                ..Place::of(name)
            };
            // From a list or a task list one goes along what hangs there.
            let hangs = flow.strands_on(id.screen).next().is_some();
            (Some(place), if hangs { Way::Path } else { Way::ChangeFrom(id.screen) })
        }
        _ => (Some(here.clone()), id.way),
    };
    let from = presentation(flow, session, *id, &path);
    let untold = news::untold(flow, session, &from, &path);
    let asked = target.unwrap_or(here);
    let aside = flow.number(&asked.screen).and_then(|number| flow.screen(number));
    let mut showing = if is_open(session, &path, &asked) || aside.is_some_and(Screen::is_aside) {
        place(flow, session, &asked, way, path)
    } else {
        stands_here(flow, session, path, &asked)
    };
    news::add(&mut showing.notices, untold);
    Some(showing)
}

/// The presentation of where the transaction stands.
pub(super) fn present(flow: &Flow, session: &Session, path: &Path) -> Presentation {
    let last = path.present();
    let id = ScreenId {
        step: session.step,
        item: last.map_or(0, |visit| visit.place.item),
        screen: last.map_or(flow.start, |visit| visit.screen),
        ..ScreenId::default()
    };
    presentation(flow, session, id, path)
}

/// The session as it stands, for who comes back to it.
pub fn stands(flow: &Flow, session: &Session, now: i64) -> Showing {
    let path = Path::fold(flow, session, now);
    match session.state {
        State::Live => {
            let here = present(flow, session, &path);
            screen(flow, session, here.id, path)
        }
        State::Ended { .. } | State::Forgotten { .. } => receipt(flow, session, path, now),
        _ => Showing {
            page: Page::Over,
            verdict: Verdict::Gone,
            notices: Vec::new(),
            typed: None,
            path,
        },
    }
}

/// The receipt of a finished session: whole at first, then short.
pub(super) fn receipt(flow: &Flow, session: &Session, path: Path, now: i64) -> Showing {
    let mut here = present(flow, session, &path);
    let whole = life::is_whole(session, now);
    if let State::Forgotten { outcome, .. } = &session.state {
        // Where it ended is no longer known; how it did, is.
        let ends = |screen: &&Screen| screen.end.as_ref() == Some(outcome);
        let screen = flow.screens.iter().find(ends).and_then(|end| flow.number(&end.name));
        here = presentation(
            flow,
            session,
            ScreenId {
                screen: screen.unwrap_or(here.id.screen),
                ..here.id
            },
            &path,
        );
    }
    Showing {
        notices: if whole {
            news::notices(flow, session, &here, &path)
        } else {
            Vec::new()
        },
        page: if whole { Page::Receipt(here) } else { Page::Short(here) },
        verdict: Verdict::Done,
        typed: None,
        path,
    }
}

/// Everything that was sent, where the receipt offers it; else the receipt.
pub(super) fn copy(flow: &Flow, session: &Session, path: Path, now: i64) -> Showing {
    let mut showing = receipt(flow, session, path, now);
    if let Page::Receipt(here) = &showing.page
        && flow
            .screen(here.id.screen)
            .is_some_and(|end| has_copy(session, end, now))
    {
        showing.page = Page::Copy(here.clone());
        showing.notices.clear();
    }
    showing
}

/// Whether the receipt on this end leads to a page of all that was sent: as long as it is whole, where
/// it does not show the same itself, and it went as the person wished.
pub fn has_copy(session: &Session, end: &Screen, now: i64) -> bool {
    let completed = matches!(&session.state, State::Ended { outcome, .. } if outcome == "completed");
    let answered = session.answers.values().any(|answer| !answer.fields.is_empty());
    completed && answered && !end.reviews_all() && life::is_whole(session, now)
}

/// What is under way, or in doubt.
pub(super) fn waiting(flow: &Flow, session: &Session, path: Path) -> Showing {
    let place = session.waits().map(|asked| asked.place.clone());
    let number = place.as_ref().and_then(|place| flow.number(&place.screen));
    let id = ScreenId {
        step: session.step,
        item: place.map_or(0, |place| place.item),
        screen: number.unwrap_or(flow.start),
        ..ScreenId::default()
    };
    Showing {
        page: Page::Waiting(presentation(flow, session, id, &path)),
        verdict: Verdict::Done,
        notices: Vec::new(),
        typed: None,
        path,
    }
}

/// Where the transaction stands, and, unless that is the page that was asked for, a line that says so.
pub(super) fn stands_here(flow: &Flow, session: &Session, path: Path, asked: &Place) -> Showing {
    let same = path.present().is_some_and(|visit| visit.place == *asked);
    let mut showing = here(flow, session, path);
    showing.notices = if same { Vec::new() } else { vec![Notice::StandsHere] };
    showing
}

/// Where the transaction stands.
pub(super) fn here(flow: &Flow, session: &Session, path: Path) -> Showing {
    let id = present(flow, session, &path).id;
    screen(flow, session, id, path)
}

/// A fresh presentation of a screen.
pub(super) fn place(flow: &Flow, session: &Session, place: &Place, way: Way, path: Path) -> Showing {
    let number = flow.number(&place.screen).unwrap_or(flow.start);
    let id = ScreenId {
        step: session.step,
        frame: place.frame,
        item: place.item,
        screen: number,
        way,
        ..ScreenId::default()
    };
    screen(flow, session, id, path)
}

/// The page of a presentation, with what has been answered there, and what its step changed.
pub(super) fn screen(flow: &Flow, session: &Session, id: ScreenId, mut path: Path) -> Showing {
    if session.waits().is_some() {
        return waiting(flow, session, path);
    }
    let presentation = presentation(flow, session, id, &path);
    path.enter(flow, session, &presentation.place);
    let answer = session.answers.get(&presentation.place);
    let draft = answer.and_then(|answer| answer.draft.clone());
    let declined = declined(flow, session, &presentation, &path);
    let typed = match draft {
        _ if declined.is_some() => declined,
        Some(fields) => Some(Typed {
            place: presentation.place.clone(),
            fields,
            faults: Vec::new(),
            is_draft: true,
        }),
        None if presentation.on => None,
        None => answer.and_then(|answer| no_longer_valid(flow, session, &presentation, answer, &path)),
    };
    let notices = news::notices(flow, session, &presentation, &path);
    let page = match session.state {
        State::Ended { .. } => Page::Receipt(presentation),
        State::Live if !lacks(flow, session, &path, &presentation.place).is_empty() => {
            if looks(session, &path, &presentation.place) {
                Page::Waiting(presentation)
            } else {
                Page::Lacking(presentation)
            }
        }
        _ => Page::Screen(presentation.with_shown(flow, session, &path)),
    };
    Showing {
        page,
        verdict: Verdict::Done,
        notices,
        typed,
        path,
    }
}

/// What the page of a screen needs and has no value because a look-up has not brought it: its texts
/// read it, its answers hang on it, its actions go by it or send it, its review shows it.
pub(super) fn lacks<'a>(flow: &'a Flow, session: &Session, path: &Path, place: &Place) -> Names<'a> {
    if path.missing.is_empty() {
        return Names::new();
    }
    let Some(screen) = flow.number(&place.screen).and_then(|number| flow.screen(number)) else {
        return Names::new();
    };
    let mut names = looks::texts_of(flow, screen);
    names.extend(looks::answer_of(flow, screen));
    for action in &screen.actions {
        names.extend(looks::way_of(flow, action));
        names.extend(looks::sends_of(flow, action));
    }
    if screen.shows_answers() {
        let before = path.visits.iter().take_while(|visit| visit.place != *place);
        names.extend(
            before
                .filter_map(|visit| flow.screen(visit.screen))
                .flat_map(|screen| looks::row_of(flow, session, screen)),
        );
    }
    names = looks::with_computed(flow, names);
    names.retain(|name| path.missing.contains(*name));
    names
}

/// Whether an action calls, tells, seals or ends.
pub(super) fn goes_out(flow: &Flow, action: &Action) -> bool {
    let ends = |to: u16| flow.screen(to).is_some_and(|screen| screen.final_end().is_some());
    let branches = || action.branches.iter().any(|branch| ends(branch.to));
    action.call.is_some() || !action.tells.is_empty() || action.seal || branches()
}

/// Whether something is being looked up for a page.
fn looks(session: &Session, path: &Path, here: &Place) -> bool {
    let mut before = path
        .visits
        .iter()
        .take(path.position(here).map_or(usize::MAX, |at| at + 1));
    let open = |place: &Place| {
        let mut asked = session.asked.iter();
        asked.any(|asked| asked.purpose == Purpose::Look && asked.place == *place && asked.is_open())
    };
    before.any(|visit| open(&visit.place))
}

/// What the callee had to say where it declined, on the page that this led to.
fn declined(flow: &Flow, session: &Session, here: &Presentation, path: &Path) -> Option<Typed> {
    let flow = flow.in_language(session.language);
    let screen = flow
        .screen(here.id.screen)
        .filter(|screen| screen.final_end().is_none())?;
    let (asked, message, faults) = session.asked.iter().rev().find_map(|asked| match &asked.stage {
        Stage::Declined { message, faults, .. } if asked.settled == here.id.step && asked.purpose == Purpose::Do => {
            Some((asked, message, faults))
        }
        _ => None,
    })?;
    let message = if asked.item > 0 {
        let line = list::line(flow, session, &mut path.clone(), asked.item);
        flow.words().list_said(line, message)
    } else {
        message.clone()
    };
    let answer = session.answers.get(&here.place);
    let boxes = screen
        .asked()
        .filter_map(|field| Some(field.boxes(answer?.fields.get(&field.name)?)));
    let on_fields = screen.asked().filter_map(|field| {
        let (_, message) = faults.iter().find(|(name, _)| *name == field.name)?;
        Some(Fault::of(field, message.clone()))
    });
    let whole = Fault {
        field: String::new(),
        input: String::new(),
        others: Vec::new(),
        message,
        bare: false,
    };
    Some(Typed {
        place: here.place.clone(),
        fields: Form(boxes.flat_map(|form| form.0).collect()),
        faults: std::iter::once(whole).chain(on_fields).collect(),
        is_draft: true,
    })
}

/// Where the transaction stands because an answer that was given there is valid no more: that
/// answer, and what is wrong with it now.
fn no_longer_valid(flow: &Flow, session: &Session, here: &Presentation, answer: &Answer, path: &Path) -> Option<Typed> {
    let flow = flow.in_language(session.language);
    let screen = flow.screen(here.id.screen).filter(|_| answer.action.is_some())?;
    path.position(&here.place)?;
    let boxes = screen
        .asked()
        .filter_map(|field| Some(field.boxes(answer.fields.get(&field.name)?)));
    let fields = Form(boxes.flat_map(|form| form.0).collect());
    let reference = session.at.reference();
    let scope = path.scope_of(&reference);
    let faults = form::read(screen, &fields, &answer.fields, scope, flow.words()).faults;
    (!faults.is_empty()).then(|| Typed {
        place: here.place.clone(),
        fields,
        faults,
        is_draft: true,
    })
}

/// The screen itself in place of a page that waits for its look-ups.
pub(super) fn at_once(flow: &Flow, session: &Session, path: &Path, page: Page) -> Page {
    match page {
        Page::Waiting(presentation) | Page::Lacking(presentation) => {
            Page::Screen(presentation.with_shown(flow, session, path))
        }
        other => other,
    }
}

/// Asks before giving up, in place of the page that was about to be shown, whatever is still being
/// looked up.
pub(super) fn cancelling(page: Page) -> Page {
    match page {
        Page::Screen(presentation) | Page::Waiting(presentation) | Page::Lacking(presentation) => {
            Page::Cancelling(presentation)
        }
        other => other,
    }
}

pub(super) fn presentation(flow: &Flow, session: &Session, id: ScreenId, path: &Path) -> Presentation {
    let screen = flow.screen(id.screen);
    let place = Place {
        frame: id.frame,
        item: id.item,
        screen: screen.map_or(String::new(), |s| s.name.clone()),
    };
    let open = is_open(session, path, &place);
    let opened = matches!(id.way, Way::ChangeFrom(_)) && stood(flow, session, path, &place, id.way).is_some();
    let leads_back = |visit: &Visit| is_open(session, path, &visit.place);
    let (on, _) = onward(session, path);
    // What is not open leads to the last.
    let stays = on.filter(|on| is_open(session, path, on)).as_ref() == Some(&place);
    let aside = opened && screen.is_some_and(Screen::is_aside);
    Presentation {
        id: ScreenId { shown: None, ..id },
        back: screen.is_some_and(|s| s.back && s.final_end().is_none())
            && (aside || (open && (opened || path.before(&place).is_some_and(leads_back)))),
        on: path.position(&place).is_some()
            && !path.is_front(&place)
            && path.present().is_none_or(|last| last.place != place)
            && !stays,
        place,
    }
}

/// Nothing was kept: the session is as large as it may be.
pub fn too_large(flow: &Flow, session: &Session, submission: &Submission, now: i64) -> Showing {
    let path = Path::fold(flow, session, now);
    let typed = flow
        .screen(submission.screen.screen)
        .and_then(|s| form::typed(s, submission, Vec::new()));
    let mut showing = screen(flow, session, submission.screen, path).with(typed);
    showing.page = at_once(flow, session, &showing.path, showing.page);
    showing.verdict = Verdict::Invalid;
    showing.notices = vec![Notice::TooLarge];
    showing
}

impl Presentation {
    /// The same as a page that offers its actions: its id says what it shows.
    fn with_shown(mut self, flow: &Flow, session: &Session, path: &Path) -> Self {
        self.id.shown = shown::digest(flow, session, path, &self.place);
        self
    }
}

impl Showing {
    /// The same page with what was typed.
    #[must_use]
    pub(super) fn with(mut self, typed: Option<Typed>) -> Self {
        self.typed = typed.or(self.typed);
        self
    }

    /// The in-between page in place of one that shows answers: for a link that comes from
    /// outside.
    #[must_use]
    pub fn from_outside(self) -> Self {
        match self.page {
            Page::Screen(presentation)
            | Page::Receipt(presentation)
            | Page::Waiting(presentation)
            | Page::Lacking(presentation) => Self {
                page: Page::Between(presentation),
                notices: Vec::new(),
                typed: None,
                ..self
            },
            _ => self,
        }
    }
}
