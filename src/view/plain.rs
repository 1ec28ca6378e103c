//! The pages without a session: start, index, not found, busy, errors.

use std::sync::Arc;

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

/// Where a flow begins.
#[derive(Template)]
#[template(path = "start.html")]
pub(super) struct StartPage {
    top: Top,
    at: At,
    /// The page before it was too old.
    stale: bool,
    heading: String,
    /// HTML.
    body: String,
    items: Vec<Drawn>,
    carried: Vec<(String, String)>,
    typed: Vec<Row>,
    buttons: Vec<Button>,
}

impl StartPage {
    fn single(&self) -> bool {
        self.buttons.len() == 1
    }
}

pub(super) fn start(start: &Start) -> StartPage {
    let flow = &start.flow;
    let values = Values::new();
    let scope = Scope {
        values: &values,
        today: flow.day(start.now),
        reference: "",
    };
    let first = flow.screen(flow.start);
    let (content, buttons) = match first.filter(|_| starts_itself(flow)) {
        Some(screen) => {
            let asking = Asking::new(screen, scope, None, None, &[]);
            (Content::of(screen, &flow.title, &asking), offered(screen, &scope))
        }
        None => (
            Content {
                name: flow.title.clone(),
                heading: None,
                body: String::new(),
                items: Vec::new(),
            },
            vec![Button::new(own::OPEN, "Start now", None)],
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
        top: Top::of(flow, &content.name, false),
        at: at(&start.ticket, screen),
        stale: start.stale,
        heading: content.name,
        body: content.body,
        items: content.items,
        typed: carried.map_or_else(Vec::new, |(_, typed)| rows::typed(Some(flow), typed, &scope)),
        carried: carried.map_or_else(Vec::new, |(_, typed)| without_secrets(flow, typed)),
        buttons,
    }
}

/// What goes along in hidden fields: never a secret, whatever screen it is said to be of.
fn without_secrets(flow: &Flow, typed: &Form) -> Vec<(String, String)> {
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

/// The list of flows.
#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct Index<'a> {
    top: Top,
    flows: &'a [Arc<Flow>],
}

pub(super) fn index(flows: &[Arc<Flow>]) -> Index<'_> {
    Index {
        top: Top::plain("What would you like to do?"),
        flows,
    }
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
}

pub(super) fn not_found(flow: Option<&Flow>, typed: &Form, visit: &Visit<'_>) -> NotFound {
    let values = Values::new();
    let scope = Scope {
        values: &values,
        today: flow.map_or_else(Default::default, |flow| flow.day(0)),
        reference: "",
    };
    NotFound {
        top: flow.map_or_else(
            || Top::plain("Page not found"),
            |flow| Top::of(flow, "Page not found", false),
        ),
        typed: rows::typed(flow, typed, &scope),
        start: flow.map(|flow| (flow.name.clone(), flow.title.clone())),
        root: visit.root.to_owned(),
        id: visit.id.to_owned(),
    }
}

/// A session that cannot be read.
#[derive(Template)]
#[template(path = "lost.html")]
pub(super) struct LostPage {
    top: Top,
    reference: String,
    contact: Option<String>,
    typed: Vec<Row>,
    id: String,
}

pub(super) fn lost(lost: &Lost, visit: &Visit<'_>) -> LostPage {
    let flow = lost.flow.as_deref();
    let values = Values::new();
    let scope = Scope {
        values: &values,
        today: flow.map_or_else(Default::default, |flow| flow.day(0)),
        reference: &lost.reference,
    };
    let title = "This cannot be read here";
    LostPage {
        top: flow.map_or_else(|| Top::plain(title), |flow| Top::of(flow, title, false)),
        reference: lost.reference.clone(),
        contact: lost.contact.as_deref().map(str::to_owned),
        typed: rows::typed(flow, &lost.typed, &scope),
        id: visit.id.to_owned(),
    }
}

/// A flow that nobody can start at present.
#[derive(Template)]
#[template(path = "closed.html")]
pub(super) struct ClosedPage {
    top: Top,
    contact: Option<String>,
    typed: Vec<Row>,
}

pub(super) fn closed(closed: &Closed) -> ClosedPage {
    let values = Values::new();
    let scope = Scope {
        values: &values,
        today: closed.flow.day(0),
        reference: "",
    };
    ClosedPage {
        top: Top::of(&closed.flow, "This cannot be started now", false),
        contact: closed.contact.as_deref().map(str::to_owned),
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
        top: Top::of(flow, "Not all of it arrived", false),
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
    let values = Values::new();
    let scope = Scope {
        values: &values,
        today: flow.map_or_else(Default::default, |flow| flow.day(0)),
        reference: "",
    };
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
        top: flow.map_or_else(
            || Top::plain("Please try again"),
            |flow| Top::of(flow, "Please try again", false),
        ),
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
    heading: &'static str,
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
    let values = Values::new();
    let scope = Scope {
        values: &values,
        today: flow.map_or_else(Default::default, |flow| flow.day(0)),
        reference: "",
    };
    Error {
        top: flow.map_or_else(|| Top::plain(heading), |flow| Top::of(flow, heading, false)),
        heading,
        words,
        typed: rows::typed(flow, typed, &scope),
        flow: flow.map(|flow| (flow.name.clone(), flow.title.clone())),
        root: visit.root.to_owned(),
        id: visit.id.to_owned(),
    }
}

fn of_problem(problem: Problem) -> (&'static str, &'static str) {
    match problem {
        Problem::Bad => (
            "This could not be read",
            "Nothing was changed. Go back, load the page again, and send it once more.",
        ),
        Problem::Foreign => (
            "This came from another site",
            "Nothing was changed. Start from our own page.",
        ),
        Problem::Method => ("This cannot be done here", "Pages here can be read, and forms sent."),
        Problem::Slow => ("This took too long", "Nothing was changed. Go back and send it again."),
        Problem::TooLarge => (
            "This is too much",
            "Nothing was changed. Go back, shorten your answers, and send them again.",
        ),
        Problem::TargetTooLong => ("This address is too long", "Check the link that brought you here."),
        Problem::MediaType => (
            "This is not a form that can be read",
            "Nothing was changed. Send the form from its page, with a browser that writes it as UTF-8.",
        ),
        Problem::Misdirected => ("This is for another site", "Check the address."),
        Problem::HeaderTooLarge => (
            "Your browser sent too much",
            "Nothing was changed. Try another browser, or a private window.",
        ),
        Problem::TooEarly => (
            "This was sent too early",
            "Nothing was changed. Go back and send it again.",
        ),
        Problem::Busy => (
            "Please try again",
            "There is much to do now. Wait a little, then load this page again.",
        ),
    }
}
