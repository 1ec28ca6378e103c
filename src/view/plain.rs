//! The pages without a session: start, not found, busy, errors.

use askama::Template;

use super::at::{At, Button, offered};
use super::field::Asking;
use super::layout::Top;
use super::rows::{self, Row};
use super::screen::{Content, Drawn};
use super::{Problem, Visit};
use crate::engine::{Came, Closed, Lost, Request, Start};
use crate::flow::{Flow, Form, Scope, Screen, Values};
use crate::machine::{own, starts_itself};
use crate::words::Words;

/// Where a flow begins.
#[derive(Template)]
#[template(path = "start.html")]
pub(super) struct StartPage {
    top: Top,
    at: At,
    /// Behind the address of its form: its language, where it could be another.
    query: String,
    /// The page before it was too old.
    stale: bool,
    heading: String,
    /// HTML.
    body: String,
    items: Vec<Drawn>,
    carried: Vec<(String, String)>,
    typed: Vec<Row>,
    buttons: Vec<Button>,
    /// What is begun can be saved, and come back to.
    saves: bool,
    root: String,
}

impl StartPage {
    fn single(&self) -> bool {
        self.buttons.len() == 1
    }
}

pub(super) fn start(visit: &Visit<'_>, start: &Start) -> StartPage {
    let flow = &start.flow;
    let scope = Scope {
        today: flow.day(start.now),
        ..outside(visit, Some(flow), "")
    };
    let first = flow.screen(flow.start);
    let (content, buttons) = match first.filter(|_| starts_itself(flow)) {
        Some(screen) => {
            let mut asking = Asking::new(screen, scope);
            asking.text = visit.text;
            (Content::of(screen, &flow.title, &asking), offered(screen, &scope))
        }
        None => (
            Content {
                name: flow.title.clone(),
                heading: None,
                body: String::new(),
                items: Vec::new(),
            },
            vec![Button::new(own::OPEN, flow.words().start_now(), None)],
        ),
    };
    let at = |session: &str, screen: &str| At {
        flow: flow.name.clone(),
        session: session.to_owned(),
        screen: screen.to_owned(),
        private: flow.private,
    };
    let carried = start.carried.as_ref();
    let screen = carried.map_or("", |(screen, _)| screen);
    StartPage {
        top: Top::start(visit, flow, &content.name),
        at: at(&start.ticket, screen),
        query: super::languages::query(flow),
        stale: start.stale,
        heading: content.name,
        body: content.body,
        items: content.items,
        typed: carried.map_or_else(Vec::new, |(_, typed)| rows::typed(Some(flow), typed, &scope)),
        carried: carried.map_or_else(Vec::new, |(_, typed)| without_secrets(flow, typed)),
        buttons,
        saves: flow.limits.save,
        root: visit.root.to_owned(),
    }
}

/// What texts may read where there is no session.
fn outside<'a>(visit: &Visit<'_>, flow: Option<&Flow>, reference: &'a str) -> Scope<'a> {
    static NONE: Values = Values::new();
    Scope {
        values: &NONE,
        today: flow.map_or_else(Default::default, |flow| flow.day(0)),
        reference,
        words: visit.words(flow),
        on_page: true,
    }
}

/// What goes along in hidden fields: never a secret, whatever screen it is said to be of.
pub(super) fn without_secrets(flow: &Flow, typed: &Form) -> Vec<(String, String)> {
    let asked = flow.screens.iter().flat_map(Screen::asked);
    let secrets: Vec<&str> = asked
        .filter(|field| field.is_secret())
        .map(|field| field.name.as_str())
        .collect();
    let fields = typed.0.iter().filter(|(name, _)| !secrets.contains(&name.as_str()));
    fields.cloned().collect()
}

/// What a form that starts the flow presses.
pub(super) fn start_action(flow: &Flow) -> String {
    let first = flow.screen(flow.start).and_then(|screen| screen.actions.first());
    first
        .filter(|_| starts_itself(flow))
        .map_or(own::OPEN, |action| &action.name)
        .to_owned()
}

/// Nothing there: the same for all.
#[derive(Template)]
#[template(path = "not-found.html")]
pub(super) struct NotFound {
    top: Top,
    typed: Vec<Row>,
    /// Where to start: the flow's name and title.
    start: Option<(String, String)>,
    root: String,
    id: String,
    /// What was begun may have been saved.
    saves: bool,
}

pub(super) fn not_found(flow: Option<&Flow>, typed: &Form, visit: &Visit<'_>) -> NotFound {
    let scope = outside(visit, flow, "");
    NotFound {
        top: Top::about(visit, flow, Words::not_found_heading),
        typed: rows::typed(flow, typed, &scope),
        start: flow.map(|flow| (flow.name.clone(), flow.title.clone())),
        saves: flow.is_some_and(|flow| flow.limits.save),
        root: visit.root.to_owned(),
        id: visit.id.to_owned(),
    }
}

/// A session that cannot be read.
#[derive(Template)]
#[template(path = "lost.html")]
pub(super) struct LostPage {
    top: Top,
    words: String,
    typed: Vec<Row>,
    id: String,
}

pub(super) fn lost(lost: &Lost, visit: &Visit<'_>) -> LostPage {
    let flow = lost.flow.as_deref();
    let scope = outside(visit, flow, &lost.reference);
    LostPage {
        top: Top::about(visit, flow, Words::lost_heading),
        words: match lost.contact.as_deref() {
            Some(contact) => scope.words.lost_ask(contact, &lost.reference),
            None => scope.words.lost_words(&lost.reference),
        },
        typed: rows::typed(flow, &lost.typed, &scope),
        id: visit.id.to_owned(),
    }
}

/// A flow that nobody can start at present.
#[derive(Template)]
#[template(path = "closed.html")]
pub(super) struct ClosedPage {
    top: Top,
    words: String,
    typed: Vec<Row>,
}

pub(super) fn closed(visit: &Visit<'_>, closed: &Closed) -> ClosedPage {
    let scope = outside(visit, Some(&closed.flow), "");
    ClosedPage {
        top: Top::about(visit, Some(&closed.flow), Words::closed_heading),
        words: match (visit.site.maintenance_in(&closed.flow.lang), closed.contact.as_deref()) {
            (Some(why), _) => why.to_owned(),
            (None, Some(contact)) => scope.words.closed_ask(contact),
            (None, None) => scope.words.closed_words().to_owned(),
        },
        typed: rows::typed(Some(&closed.flow), &closed.typed, &scope),
    }
}

/// A form that did not come whole.
#[derive(Template)]
#[template(path = "cut.html")]
pub(super) struct Cut {
    top: Top,
    typed: Vec<Row>,
    id: String,
}

pub(super) fn cut(flow: &Flow, typed: &Form, visit: &Visit<'_>) -> Cut {
    Cut {
        top: Top::about(visit, Some(flow), Words::cut_heading),
        typed: not_found(Some(flow), typed, visit).typed,
        id: visit.id.to_owned(),
    }
}

/// The same request again.
#[derive(Template)]
#[template(path = "busy.html")]
pub(super) struct Busy {
    top: Top,
    at: At,
    method: &'static str,
    action: Option<String>,
    fields: Vec<(String, String)>,
    /// Never put into a page: to be typed once more. Name and label.
    secrets: Vec<(String, String)>,
    /// The form that is sent again had no boxes.
    bare: bool,
    id: String,
}

pub(super) fn busy(again: &Request, flow: Option<&Flow>, visit: &Visit<'_>) -> Busy {
    let scope = outside(visit, flow, "");
    let asked = flow
        .map_or(&[][..], |flow| &flow.screens)
        .iter()
        .flat_map(Screen::asked);
    let secrets: Vec<(String, String)> = asked
        .filter(|field| field.is_secret() && again.fields.first(&field.name).is_some())
        .map(|field| (field.name.clone(), field.label.plain(&scope)))
        .collect();
    let secret = |name: &String| secrets.iter().any(|(secret, _)| secret == name);
    Busy {
        bare: again.came == Came::Bare,
        top: Top::about(visit, flow, Words::busy_heading),
        at: At {
            flow: again.flow.clone(),
            session: again.session.clone(),
            screen: again.screen.clone(),
            private: flow.is_some_and(|flow| flow.private),
        },
        method: if again.post { "post" } else { "get" },
        action: again.action.clone(),
        fields: again
            .fields
            .0
            .iter()
            .filter(|(name, _)| !secret(name))
            .cloned()
            .collect(),
        secrets,
        id: visit.id.to_owned(),
    }
}

/// A request that could not be judged.
#[derive(Template)]
#[template(path = "error.html")]
pub(super) struct Error {
    top: Top,
    words: &'static str,
    /// What was sent, as far as it can be read.
    typed: Vec<Row>,
    /// The flow's name and title, where it is known.
    flow: Option<(String, String)>,
    root: String,
    id: String,
}

pub(super) fn error(problem: Problem, flow: Option<&Flow>, typed: &Form, visit: &Visit<'_>) -> Error {
    let (heading, words) = of_problem(problem);
    let scope = outside(visit, flow, "");
    Error {
        top: Top::about(visit, flow, heading),
        words: words(scope.words),
        typed: rows::typed(flow, typed, &scope),
        flow: flow.map(|flow| (flow.name.clone(), flow.title.clone())),
        root: visit.root.to_owned(),
        id: visit.id.to_owned(),
    }
}

/// A text by its name in the table.
type Text = fn(Words) -> &'static str;

/// The heading, and what is said below it.
fn of_problem(problem: Problem) -> (Text, Text) {
    match problem {
        Problem::Bad => (Words::problem_bad, Words::problem_bad_words),
        Problem::Foreign => (Words::problem_foreign, Words::problem_foreign_words),
        Problem::Method => (Words::problem_method, Words::problem_method_words),
        Problem::Slow => (Words::problem_slow, Words::problem_slow_words),
        Problem::TooLarge => (Words::problem_too_large, Words::problem_too_large_words),
        Problem::TargetTooLong => (Words::problem_address, Words::problem_address_words),
        Problem::MediaType => (Words::problem_media, Words::problem_media_words),
        Problem::Misdirected => (Words::problem_misdirected, Words::problem_misdirected_words),
        Problem::HeaderTooLarge => (Words::problem_header, Words::problem_header_words),
        Problem::TooEarly => (Words::problem_early, Words::problem_early_words),
        Problem::Busy => (Words::problem_busy, Words::problem_busy_words),
    }
}
