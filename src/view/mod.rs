//! The pages: HTML for whatever the engine answers.
//!
//! Owns every page and its style: one struct per template. Pure: the clock, the ids and all
//! decisions come in with the reply. Must not know the store, HTTP or status numbers.

mod article;
mod at;
mod field;
mod layout;
mod notice;
mod plain;
mod rows;
mod screen;
mod session;
mod specimen;
mod style;
mod time;
mod waiting;

use std::sync::Arc;

use askama::Template;
pub use specimen::{Specimen, dictionary, specimens};

use crate::engine::{Reply, Shown};
use crate::flow::{Flow, Form, Scope, Screen};
use crate::machine::{Page, Presentation, State, Verdict};
use crate::site::{Site, Stop};

/// The request that a page answers, where the page speaks of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit<'a> {
    /// What stands before the path of a flow: empty, or `/forms`.
    pub root: &'a str,
    /// By which the operator finds it in the log; empty if nobody logs it.
    pub id: &'a str,
    /// What the office says of itself.
    pub site: &'a Site,
}

/// A page, drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// How the request came out.
    pub status: Status,
    /// The whole document, in UTF-8.
    pub html: String,
    /// Of a flow marked `private`: caches may not keep it.
    pub private: bool,
    /// How soon the page looks again by itself, and where: a `Refresh` header.
    pub refresh: Option<String>,
    /// Whose it is.
    pub whose: Whose,
    /// The browser is asked to forget what it cached: the session was finished on this device, or
    /// is over and of a flow marked `private`.
    pub over: bool,
}

/// Whose a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Nothing on it is somebody's: people come in by it.
    Anybodys,
    /// A start page: people come in by it, and its ticket is for one of them.
    Ticketed,
    /// It has ids or what somebody typed.
    Somebodys,
}

impl Whose {
    /// Somebody's, if something was typed.
    fn of(typed: &Form) -> Self {
        if typed.0.is_empty() {
            Self::Anybodys
        } else {
            Self::Somebodys
        }
    }
}

/// How a request came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done, or shown.
    Done,
    /// Fields did not pass.
    Invalid,
    /// Not applied.
    Conflict,
    /// The session is over.
    Gone,
    /// Nothing there, or nothing for this id.
    NotFound,
    /// Nobody can start it at present.
    Closed,
    /// It is there and cannot be read.
    Lost,
    /// Not a request that could be judged.
    Problem(Problem),
}

/// Why a request could not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Not a request that any page of ours sends.
    Bad,
    /// A form of another site.
    Foreign,
    /// Another method than GET, HEAD or POST.
    Method,
    /// It took too long to arrive.
    Slow,
    /// More was sent than a form may hold.
    TooLarge,
    /// The address is too long.
    TargetTooLong,
    /// Not sent as a form.
    MediaType,
    /// For another host.
    Misdirected,
    /// The header is too large.
    HeaderTooLarge,
    /// A form that was sent before the connection was sure to be the sender's.
    TooEarly,
    /// Too much to do; later.
    Busy,
}

impl Drawn {
    /// Lets the page fetch something of our own, which no other may: the dictionary.
    #[must_use]
    pub fn fetching(self) -> Self {
        let policy = "default-src 'none';connect-src 'self'";
        Self {
            html: self.html.replacen("default-src 'none'", policy, 1),
            ..self
        }
    }
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Bad,
        Self::Foreign,
        Self::Method,
        Self::Slow,
        Self::TooLarge,
        Self::TargetTooLong,
        Self::MediaType,
        Self::Misdirected,
        Self::HeaderTooLarge,
        Self::TooEarly,
        Self::Busy,
    ];
}

/// The page of a reply.
pub fn page(reply: &Reply, visit: &Visit<'_>) -> Drawn {
    match reply {
        Reply::Session(shown) => of_session(shown),
        Reply::Start(start) => {
            let status = if start.stale { Status::Conflict } else { Status::Done };
            let drawn = draw(status, &plain::start(start));
            Drawn {
                private: start.flow.private,
                whose: if !start.stale && start.carried.is_none() {
                    Whose::Ticketed
                } else {
                    Whose::Somebodys
                },
                ..drawn
            }
        }
        Reply::NotFound { flow, typed } => Drawn {
            private: flow.as_ref().is_some_and(|flow| flow.private),
            whose: Whose::of(typed),
            ..draw(Status::NotFound, &plain::not_found(flow.as_deref(), typed, visit))
        },
        Reply::Lost(lost) => Drawn {
            private: lost.flow.as_ref().is_some_and(|flow| flow.private),
            ..draw(Status::Lost, &plain::lost(lost, visit))
        },
        Reply::Closed(closed) => Drawn {
            private: closed.flow.private,
            ..draw(Status::Closed, &plain::closed(closed))
        },
        Reply::Cut { flow, typed, .. } => draw(Status::Problem(Problem::Bad), &plain::cut(flow, typed, visit)),
        Reply::Tampered { .. } => error(Problem::Bad, visit),
        Reply::Returning(back) => {
            let status = if back.used { Status::Conflict } else { Status::Done };
            Drawn {
                private: back.flow.private,
                ..draw(status, &waiting::returning(back))
            }
        }
        Reply::Busy { again, flow } => draw(
            Status::Problem(Problem::Busy),
            &plain::busy(again, flow.as_deref(), visit),
        ),
    }
}

/// A flow on the index.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Which.
    pub flow: Arc<Flow>,
    /// It can be started at present.
    pub open: bool,
}

/// The front page of the office: its flows.
pub fn index(listed: &[Listed], _visit: &Visit<'_>) -> Drawn {
    let flows: Vec<_> = listed.iter().map(|one| Arc::clone(&one.flow)).collect();
    Drawn {
        whose: Whose::Anybodys,
        ..draw(Status::Done, &plain::index(&flows))
    }
}

/// A page of the site's own, or one that leads to another host; of a flow's own link, the flow.
pub fn article(stop: &Stop<'_>, _flow: Option<&Flow>, _visit: &Visit<'_>) -> Drawn {
    Drawn {
        whose: Whose::Anybodys,
        ..draw(Status::Done, &article::article(stop))
    }
}

/// The page of a request that could not be judged.
pub fn error(problem: Problem, visit: &Visit<'_>) -> Drawn {
    unread(problem, None, &Form::default(), visit)
}

/// The same of a form in which it can be read what was typed.
pub fn unread(problem: Problem, flow: Option<&Flow>, typed: &Form, visit: &Visit<'_>) -> Drawn {
    draw(Status::Problem(problem), &plain::error(problem, flow, typed, visit))
}

fn of_session(shown: &Shown) -> Drawn {
    let reference = shown.session.at.reference();
    let scope = Scope {
        values: &shown.showing.path.values,
        today: shown.showing.path.today,
        reference: &reference,
        words: shown.flow.words(),
    };
    let status = match shown.showing.verdict {
        Verdict::Done => Status::Done,
        Verdict::Invalid => Status::Invalid,
        Verdict::Conflict => Status::Conflict,
        Verdict::Gone => Status::Gone,
    };
    let drawn = match &shown.showing.page {
        Page::Screen(at) => with_screen(shown, at, |screen| {
            draw(status, &screen::draw(shown, at, screen, scope))
        }),
        Page::Receipt(at) => with_screen(shown, at, |screen| {
            draw(status, &session::receipt(shown, at, screen, scope))
        }),
        Page::Short(at) => draw(status, &session::short(shown, at, scope)),
        Page::Over => draw(status, &session::over(shown, scope)),
        Page::Left => draw(status, &session::left(shown)),
        Page::Cancelling(at) => draw(status, &session::cancelling(shown, at)),
        Page::NotApplied(reason, at) => draw(status, &session::not_applied(shown, *reason, at, scope)),
        Page::Between(at) => draw(status, &session::between(shown, at)),
        Page::Lacking(at) => draw(status, &waiting::lacking(shown, at, scope)),
        Page::Waiting(at) => {
            let page = waiting::waiting(shown, at, scope);
            Drawn {
                refresh: page.refresh.clone(),
                ..draw(status, &page)
            }
        }
    };
    Drawn {
        private: shown.flow.private,
        over: match shown.showing.page {
            Page::Left => true,
            _ => shown.flow.private && !matches!(shown.session.state, State::Live),
        },
        ..drawn
    }
}

/// Draws with the presentation's screen, which the definition always has.
fn with_screen(shown: &Shown, at: &Presentation, draw: impl FnOnce(&Screen) -> Drawn) -> Drawn {
    shown
        .flow
        .screen(at.id.screen)
        .map_or_else(|| error(Problem::Bad, &Visit::default()), draw)
}

fn draw(status: Status, template: &impl Template) -> Drawn {
    // Templates fail only where a Display in them does, and ours do not.
    let html = template.render().unwrap_or_default();
    Drawn {
        status,
        html: style::dress(&html),
        private: false,
        refresh: None,
        whose: Whose::Somebodys,
        over: false,
    }
}
