//! What goes into the engine and what comes out: values, no behaviour.
//!
//! Owns [`Request`] and [`Reply`]. Must not know how either travels.

use std::sync::Arc;

use super::{Block, Closed};
use crate::flow::{Flow, Form};
use crate::id::{Language, SessionId, SessionKey};
use crate::machine::{Page, Session, Showing, own};

/// A secret as it was typed: in no log, and no part of what was typed.
#[derive(Clone, Default)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Somebody wants to come back by a return code.
#[derive(Clone, Debug)]
pub struct CodeTyped {
    /// As it was typed.
    pub code: String,
    /// The secret beside it.
    pub secret: Secret,
    /// From where.
    pub block: Block,
}

/// A request into a flow, read but not judged.
#[derive(Clone, Debug)]
pub struct Request {
    /// The flow's name, from the path.
    pub flow: String,
    /// `sessionID` as sent: an id, or a ticket on the way from a start page.
    pub session: String,
    /// `screenID` as sent; on the way from a start page, the name of the screen that `fields`
    /// are carried to, or empty.
    pub screen: String,
    /// `actionID` as sent.
    pub action: Option<String>,
    /// The language of the start page from which it comes.
    pub language: Option<Language>,
    /// `returnID` as sent: by it a person comes back from a page elsewhere.
    pub returning: Option<String>,
    /// The secret with which a person will come back.
    pub secret: Secret,
    /// From where it comes.
    pub block: Block,
    /// All other fields; empty for a GET.
    pub fields: Form,
    /// A POST may write; a GET never does.
    pub post: bool,
    /// How much of a form came.
    pub came: Came,
    /// A GET that comes from outside (a pasted, mailed, bookmarked link) shows no answers.
    pub inside: bool,
}

impl Request {
    /// It waits for a slow hash: nobody's turn is to be taken meanwhile.
    pub fn saves(&self) -> bool {
        self.post && self.action.as_deref() == Some(own::KEEP)
    }
}

/// How much of a form came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// All of it.
    Whole,
    /// All of it, and its page had no boxes: that nothing was typed says nothing of the screen.
    Bare,
    /// The action is the last that came: the end of its name may be lost.
    UpToItsAction,
    /// Something is lost.
    Cut,
}

/// What a request gets, decided to the last word but not drawn.
#[derive(Debug)]
pub enum Reply {
    /// A page of a session.
    Session(Box<Shown>),
    /// The start page, with a fresh ticket.
    Start(Box<Start>),
    /// The flow cannot be started at present: something that it needs of its operator is missing.
    Closed(Box<Closed>),
    /// Unknown session, or a screen id that is not its own: the same page for all.
    NotFound {
        /// The flow of the path, if there is one of that name.
        flow: Option<Arc<Flow>>,
        /// What was typed.
        typed: Form,
    },
    /// The body was cut short on the way: nothing is applied.
    Cut {
        /// The flow.
        flow: Arc<Flow>,
        /// What of it came.
        typed: Form,
        /// The session's short code; empty where there is none.
        reference: String,
    },
    /// An action or field that was never declared, duplicated ids.
    Tampered {
        /// The flow, if there is one of that name.
        flow: Option<Arc<Flow>>,
        /// The session's short code; empty where there is none.
        reference: String,
    },
    /// Somebody came back from a page elsewhere.
    Returning(Box<Returning>),
    /// Code or secret is not right, or there were too many tries.
    NoReturn {
        /// The code as it was typed.
        code: String,
        /// Too many wait at present: the same may be sent again.
        busy: bool,
        /// Whom people may ask, in the operator's words.
        contact: Option<Arc<str>>,
    },
    /// The store has it and cannot read it: people are told whom to ask.
    Lost(Box<Lost>),
    /// The store could not do it now: the same request may be sent again, and is safe to.
    Busy {
        /// What was typed, and the ids, to be sent again.
        again: Box<Request>,
        /// The flow of the path.
        flow: Option<Arc<Flow>>,
    },
}

/// A page of a session.
#[derive(Debug)]
pub struct Shown {
    /// The definition that the session is pinned to.
    pub flow: Arc<Flow>,
    /// The session as committed.
    pub session: Session,
    /// Its id, for links and hidden fields.
    pub id: SessionId,
    /// What to show.
    pub showing: Showing,
    /// The moment that the page speaks of, in seconds since 1970.
    pub now: i64,
    /// A ticket for a new session, where the page offers one (a session that is over).
    pub ticket: Option<String>,
}

impl Shown {
    /// What asks for this page once more: the same request, which is a replay; of a start, which would
    /// make another session, the link to the page.
    #[must_use]
    pub fn again(&self, request: &Request) -> Request {
        let Page::Waiting(presentation) = &self.showing.page else {
            return request.clone();
        };
        if SessionId::parse(&request.session).is_some() || request.returning.is_some() {
            return request.clone();
        }
        Request {
            session: self.id.to_string(),
            screen: presentation.id.sealed(&self.session.key),
            action: Some(own::OPEN.to_owned()),
            fields: Form::default(),
            post: false,
            inside: true,
            ..request.clone()
        }
    }

    /// The session whose effect this page waits for, where something may come of it at any moment.
    pub fn waits(&self) -> Option<SessionKey> {
        let soon = self
            .session
            .waits()
            .is_none_or(|asked| asked.is_open() && (asked.page().is_none() || asked.is_back()));
        (matches!(self.showing.page, Page::Waiting(_)) && soon).then_some(self.session.at)
    }
}

/// A session that cannot be read: its record is damaged, its definition is gone, or the store went
/// back in time.
#[derive(Debug)]
pub struct Lost {
    /// The flow of the path, if there is one of that name.
    pub flow: Option<Arc<Flow>>,
    /// The session's reference, to be told to whom people ask.
    pub reference: String,
    /// Whom people may ask, in the operator's words.
    pub contact: Option<Arc<str>>,
    /// What was typed.
    pub typed: Form,
}

/// The page of a return URL: it shows nothing of the session.
#[derive(Debug)]
pub struct Returning {
    /// The definition that the session is pinned to.
    pub flow: Arc<Flow>,
    /// What the URL carried.
    pub token: String,
    /// Somebody came back by it before, and too long ago; or its time is over.
    pub used: bool,
}

/// The start page.
#[derive(Clone, Debug)]
pub struct Start {
    /// The newest definition.
    pub flow: Arc<Flow>,
    /// The fresh ticket: goes where a session's id goes.
    pub ticket: String,
    /// The moment that the page speaks of, in seconds since 1970.
    pub now: i64,
    /// It answers a start with a ticket that is too old, or of another flow.
    pub stale: bool,
    /// Fields to be carried into the new session: the screen's name and what was typed on it.
    pub carried: Option<(String, Form)>,
}
