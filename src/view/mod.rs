//! The pages: HTML for whatever the engine answers.
//!
//! Owns every page and its style: one struct per template. Pure: the clock, the ids and all
//! decisions come in with the reply. Must not know the store, HTTP or status numbers.

mod article;
mod at;
mod away;
mod copy;
mod echo;
mod field;
mod found;
mod index;
mod languages;
mod layout;
mod list;
mod notice;
mod plain;
mod review;
mod rows;
mod saved;
mod screen;
mod session;
mod specimen;
mod style;
mod summary;
mod time;
mod waiting;

use std::ops::Range;
use std::sync::Arc;

use askama::Template;
pub use specimen::{Specimen, dictionary, specimens};
pub use style::sheet;

use crate::engine::{Closed, Reply, Shown, Start};
use crate::flow::{Flow, Form, Scope, Screen, wished};
use crate::id::{Language, ServerKey};
use crate::machine::{Page, Presentation, State, Verdict};
use crate::site::{Site, Stop};
use crate::words::{Words, marks};
pub use article::stop;

/// The parameter of a start page's address that says a language.
pub const LANG: &str = "lang";

/// The request that a page answers, where the page speaks of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit<'a> {
    /// What stands before the path of a flow: empty, or `/forms`.
    pub root: &'a str,
    /// By which the operator finds it in the log; empty if nobody logs it.
    pub id: &'a str,
    /// What the office says of itself.
    pub site: &'a Site,
    /// The browser shows text alone: no style goes out.
    pub text: bool,
    /// The languages that the person reads, the best first.
    pub wishes: &'a [Language],
    /// What the page is, where it can be read in other languages.
    pub switch: Switch<'a>,
    /// Under which addresses elsewhere are marked, for text browsers; without it they are led there
    /// straight.
    pub key: Option<&'a ServerKey>,
}

impl Visit<'_> {
    /// The language of a page of no flow: the one that the person wishes for most of those of the site.
    fn lang(&self) -> &str {
        let all: Vec<&str> = self.site.languages().collect();
        wished(&all, self.wishes).unwrap_or(self.site.lang())
    }

    /// The program's own words on a page of a flow, or of none.
    fn words(&self, flow: Option<&Flow>) -> Words {
        flow.map_or_else(|| self.site.vocabulary.of(self.lang()), Flow::words)
    }
}

/// What a page is that can be read in the other languages of its flow.
#[derive(Clone, Copy, Debug, Default)]
pub enum Switch<'a> {
    /// No such page.
    #[default]
    None,
    /// A start page.
    Start(&'a Start),
    /// A page of a session.
    Session(&'a Shown),
    /// The front page.
    Front,
}

/// A page, drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// How the request came out.
    pub status: Status,
    /// The whole document, in UTF-8, in the whole dress.
    pub html: String,
    /// The bytes of it that the plain dress does without, in their order.
    pub spare: Vec<Range<usize>>,
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
    /// The page in the plain dress, which takes fewer bytes, if that is another than the whole one.
    #[must_use]
    pub fn plain(&self) -> Option<String> {
        let mut plain = String::with_capacity(self.html.len());
        let mut from = 0;
        for part in &self.spare {
            plain.push_str(self.html.get(from..part.start)?);
            from = part.end;
        }
        plain.push_str(self.html.get(from..)?);
        (!self.spare.is_empty()).then_some(plain)
    }

    /// Lets the page fetch something of our own, which no other may: the dictionary.
    #[must_use]
    pub fn fetching(self) -> Self {
        const POLICY: &str = "default-src 'none'";
        const FETCHING: &str = "default-src 'none';connect-src 'self'";
        // The policy stands before all style.
        let more = FETCHING.len() - POLICY.len();
        Self {
            html: self.html.replacen(POLICY, FETCHING, 1),
            spare: self
                .spare
                .into_iter()
                .map(|part| part.start + more..part.end + more)
                .collect(),
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
        Reply::Session(shown) => {
            let visit = &Visit {
                switch: Switch::Session(shown),
                ..*visit
            };
            away::of_session(of_session(shown, visit), shown, visit)
        }
        Reply::Start(start) => of_start(start, visit),
        Reply::NotFound { flow, typed } => {
            let flow = flow.as_ref().map(|flow| spoken(flow, visit));
            Drawn {
                private: flow.as_ref().is_some_and(|flow| flow.private),
                whose: Whose::of(typed),
                ..draw(
                    visit,
                    Status::NotFound,
                    &plain::not_found(flow.as_deref(), typed, visit),
                )
            }
        }
        Reply::NoReturn { code, busy, contact } => {
            let status = if *busy {
                Status::Problem(Problem::Busy)
            } else {
                Status::Invalid
            };
            draw(visit, status, &saved::no_return(visit, code, *busy, contact.as_deref()))
        }
        Reply::Lost(lost) => Drawn {
            private: lost.flow.as_ref().is_some_and(|flow| flow.private),
            ..draw(visit, Status::Lost, &plain::lost(lost, visit))
        },
        Reply::Closed(closed) => {
            let closed = &Closed {
                flow: spoken(&closed.flow, visit),
                ..Closed::clone(closed)
            };
            Drawn {
                private: closed.flow.private,
                ..draw(visit, Status::Closed, &plain::closed(visit, closed))
            }
        }
        Reply::Cut { flow, typed, .. } => {
            let flow = spoken(flow, visit);
            draw(visit, Status::Problem(Problem::Bad), &plain::cut(&flow, typed, visit))
        }
        Reply::Tampered { .. } => error(Problem::Bad, visit),
        Reply::Returning(back) => {
            let status = if back.used { Status::Conflict } else { Status::Done };
            Drawn {
                private: back.flow.private,
                ..draw(visit, status, &waiting::returning(visit, back))
            }
        }
        Reply::Busy { again, flow } => {
            let flow = flow.as_ref().map(|flow| spoken(flow, visit));
            draw(
                visit,
                Status::Problem(Problem::Busy),
                &plain::busy(again, flow.as_deref(), visit),
            )
        }
    }
}

fn of_start(start: &Start, visit: &Visit<'_>) -> Drawn {
    let start = &Start {
        flow: spoken(&start.flow, visit),
        ..start.clone()
    };
    let visit = &Visit {
        switch: Switch::Start(start),
        ..*visit
    };
    let status = if start.stale { Status::Conflict } else { Status::Done };
    Drawn {
        private: start.flow.private,
        whose: if !start.stale && start.carried.is_none() {
            Whose::Ticketed
        } else {
            Whose::Somebodys
        },
        ..draw(visit, status, &plain::start(visit, start))
    }
}

/// The flow in the language that the person wishes for most of those that it has, where no session says one.
fn spoken(flow: &Arc<Flow>, visit: &Visit<'_>) -> Arc<Flow> {
    let wished = flow.wished(visit.wishes);
    let other = wished.and_then(|language| flow.translation(language.tag()));
    Arc::clone(other.unwrap_or(flow))
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
pub fn index(listed: &[Listed], visit: &Visit<'_>) -> Drawn {
    let visit = &Visit {
        switch: Switch::Front,
        ..*visit
    };
    let spoken = |one: &Listed| Listed {
        flow: spoken(&one.flow, visit),
        ..*one
    };
    let listed: Vec<Listed> = listed.iter().map(spoken).collect();
    let listed = listed.as_slice();
    Drawn {
        whose: Whose::Anybodys,
        ..draw(visit, Status::Done, &index::index(visit, listed))
    }
}

/// The page on which one comes back to what was begun.
pub fn come_back(visit: &Visit<'_>) -> Drawn {
    let visit = &Visit {
        switch: Switch::Front,
        ..*visit
    };
    Drawn {
        whose: Whose::Anybodys,
        ..draw(visit, Status::Done, &saved::come_back(visit))
    }
}

/// A page of the site's own, or one that leads to another host; of a flow's own link, the flow.
pub fn article(stop: &Stop<'_>, flow: Option<&Flow>, visit: &Visit<'_>) -> Drawn {
    let flow = flow.map(|flow| flow.in_language(flow.wished(visit.wishes)));
    Drawn {
        whose: Whose::Anybodys,
        ..draw(visit, Status::Done, &article::article(visit, flow, stop))
    }
}

/// The page that leads text browsers on to an address elsewhere.
pub fn away(address: &str, visit: &Visit<'_>) -> Drawn {
    let stop = Stop::Elsewhere {
        name: away::host(address),
        label: None,
        url: address,
    };
    Drawn {
        whose: Whose::Somebodys,
        ..article(&stop, None, visit)
    }
}

/// The page of a request that could not be judged.
pub fn error(problem: Problem, visit: &Visit<'_>) -> Drawn {
    unread(problem, None, &Form::default(), visit)
}

/// The same of a form in which it can be read what was typed.
pub fn unread(problem: Problem, flow: Option<&Flow>, typed: &Form, visit: &Visit<'_>) -> Drawn {
    let flow = flow.map(|flow| flow.in_language(flow.wished(visit.wishes)));
    draw(
        visit,
        Status::Problem(problem),
        &plain::error(problem, flow, typed, visit),
    )
}

fn of_session(shown: &Shown, visit: &Visit<'_>) -> Drawn {
    let reference = shown.session.at.reference();
    let scope = Scope {
        values: &shown.showing.path.values,
        today: shown.showing.path.today,
        reference: &reference,
        words: shown.flow.words(),
        on_page: true,
    };
    let status = match shown.showing.verdict {
        Verdict::Done => Status::Done,
        Verdict::Invalid => Status::Invalid,
        Verdict::Conflict => Status::Conflict,
        Verdict::Gone => Status::Gone,
    };
    let drawn = match &shown.showing.page {
        Page::Screen(at) => with_screen(visit, shown, at, |screen| {
            draw(visit, status, &screen::draw(visit, shown, at, screen, scope))
        }),
        Page::Receipt(at) => with_screen(visit, shown, at, |screen| {
            draw(visit, status, &session::receipt(visit, shown, at, screen, scope))
        }),
        Page::Copy(at) => draw(visit, status, &copy::copy(visit, shown, at, &scope)),
        Page::Short(at) => draw(visit, status, &session::short(visit, shown, at, scope)),
        Page::Over => draw(visit, status, &session::over(visit, shown, scope)),
        Page::Left => draw(visit, status, &session::left(visit, shown)),
        Page::Saving(at) => draw(visit, status, &saved::saving(visit, shown, at)),
        Page::Saved(at) => draw(visit, status, &saved::saved(visit, shown, at)),
        Page::Cancelling(at) => draw(visit, status, &session::cancelling(visit, shown, at)),
        Page::NotApplied(reason, at) => draw(visit, status, &session::not_applied(visit, shown, *reason, at, scope)),
        Page::Between(at) => draw(visit, status, &session::between(visit, shown, at)),
        Page::Lacking(at) => draw(visit, status, &waiting::lacking(visit, shown, at, scope)),
        Page::Waiting(at) => {
            let page = waiting::waiting(visit, shown, at, scope);
            Drawn {
                refresh: page.refresh.clone(),
                ..draw(visit, status, &page)
            }
        }
    };
    Drawn {
        // What shows a code stays in no cache.
        private: shown.flow.private || matches!(shown.showing.page, Page::Saved(_)),
        over: match shown.showing.page {
            Page::Left => true,
            _ => shown.flow.private && !matches!(shown.session.state, State::Live),
        },
        ..drawn
    }
}

/// Draws with the presentation's screen, which the definition always has.
fn with_screen(visit: &Visit<'_>, shown: &Shown, at: &Presentation, draw: impl FnOnce(&Screen) -> Drawn) -> Drawn {
    shown
        .flow
        .screen(at.id.screen)
        .map_or_else(|| error(Problem::Bad, visit), draw)
}

fn draw(visit: &Visit<'_>, status: Status, template: &impl Template) -> Drawn {
    // Templates fail only where a Display in them does, and ours do not.
    let html = template.render().unwrap_or_default();
    let html = marks::resolved(&html).unwrap_or(html);
    let dressed = style::dress(&html, visit.site.accent.as_deref(), visit.text);
    Drawn {
        status,
        html: dressed.html,
        spare: dressed.spare,
        private: false,
        refresh: None,
        whose: Whose::Somebodys,
        over: false,
    }
}
