//! Sessions as an operator sees them.
//!
//! Owns how a session is summed up, shown, exported and deleted. Must not know who asks and how
//! it is printed.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::keeping::Whole;
use super::{Filter, Operator, Refused, Replies, Reply, answers};
use crate::engine::Removed;
use crate::flow::Flow;
use crate::id::SessionKey;
use crate::machine::{Entry, Event, Path, Session, State};
use crate::store::{Error, Key, KeyKind, Stored};

/// Records read from the store at once.
const PAGE: usize = 256;

/// Where a session stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Being filled in.
    Live,
    /// An end screen was reached.
    Ended,
    /// Given up by the person.
    Cancelled,
    /// Ran out of time.
    Expired,
    /// Ran out of time behind a seal: somebody should look at it.
    Unfinished,
    /// Its answers were dropped.
    Forgotten,
}

/// A session in one line. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What the person can read over the telephone.
    pub reference: String,
    /// The flow's name.
    pub flow: String,
    /// Where it stands.
    pub status: Status,
    /// The outcome that its end screen names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outcome: Option<String>,
    /// Committed steps.
    pub steps: u64,
    /// When it began.
    pub began: String,
    /// When its last phase was committed.
    pub last: String,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub over: Option<String>,
    /// The language of its last step, where that is another than the flow's own: a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<String>,
}

/// A session in full, secrets left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// The line of the list.
    #[serde(flatten)]
    pub summary: Summary,
    /// The screens that were answered: first the path, in its order, then what does not count.
    pub screens: Vec<Screen>,
    /// What happened, oldest first.
    pub journal: Vec<Happened>,
    /// Entries of the journal that were folded away.
    pub folded: u64,
}

/// One answered screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Screen {
    /// Its name.
    pub screen: String,
    /// The item of a list that it was asked for, by its key.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<u32>,
    /// The path leads to it: its answers count.
    pub counts: bool,
    /// The action that was taken on it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub action: Option<String>,
    /// The values of its fields.
    pub fields: serde_json::Map<String, Json>,
}

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// The step.
    pub step: u64,
    /// When.
    pub at: String,
    /// What, in words.
    pub what: String,
}

impl Summary {
    fn of(session: &Session) -> Self {
        let (status, outcome, over) = match &session.state {
            State::Live => (Status::Live, None, None),
            State::Ended { outcome, at, .. } => (Status::Ended, Some(outcome), Some(*at)),
            State::Cancelled { at } => (Status::Cancelled, None, Some(*at)),
            State::Expired { at, unfinished: false } => (Status::Expired, None, Some(*at)),
            State::Expired { at, unfinished: true } => (Status::Unfinished, None, Some(*at)),
            State::Forgotten { outcome, at } => (Status::Forgotten, Some(outcome), Some(*at)),
        };
        Self {
            reference: session.at.reference(),
            language: session.language.map(|language| language.tag().to_owned()),
            flow: session.flow.clone(),
            status,
            outcome: outcome.cloned(),
            steps: session.step,
            began: time(session.created),
            last: time(session.touched),
            over: over.map(time),
        }
    }

    fn fits(&self, filter: &Filter) -> bool {
        filter.flow.as_ref().is_none_or(|flow| *flow == self.flow)
            && filter.status.is_none_or(|status| status == self.status)
    }
}

impl Operator {
    /// A row for each session that fits.
    pub(super) async fn list(&self, filter: &Filter, replies: &Replies) -> Result<u64, Refused> {
        let mut walk = Walk::new(self, filter, replies);
        while let Some((_, summary)) = walk.next().await? {
            walk.tell(Reply::Session(summary)).await;
        }
        Ok(walk.rows)
    }

    /// The answers of each finished session that fits. One that had all of a flow is noted.
    pub(super) async fn export(&self, filter: &Filter, replies: &Replies) -> Result<u64, Refused> {
        let finished = Filter {
            status: filter.status.or(Some(Status::Ended)),
            ..filter.clone()
        };
        let mut whole = Whole::from(self.engine.now().div_euclid(1000));
        let mut walk = Walk::new(self, &finished, replies);
        while let Some((session, summary)) = walk.next().await? {
            let flow = match self.engine.pinned(&session).await {
                Ok(flow) => flow,
                Err(why) => {
                    whole.misses(&session.flow);
                    walk.damaged(format!("session {}: {why}", session.at), 1).await;
                    continue;
                }
            };
            whole.has(&flow);
            let path = Path::fold(&flow, &session, over(&session));
            let mut object = json!(summary);
            if let Some(object) = object.as_object_mut() {
                object.insert("answers".to_owned(), Json::Object(answers::of(&flow, &session, &path)));
            }
            walk.tell(Reply::Exported(object)).await;
        }
        if !walk.unheard {
            whole.note(self, filter).await?;
        }
        Ok(walk.rows)
    }

    /// One session in full.
    pub(super) async fn show(&self, reference: &str, replies: &Replies) -> Result<u64, Refused> {
        let (key, stored) = self.find(reference).await?;
        let session = self.engine.decode(key, &stored.bytes)?;
        let flow = self.engine.pinned(&session).await.ok();
        let detail = Reply::Detail(Box::new(Detail::of(&session, flow.as_deref())));
        Ok(u64::from(replies.send(detail).await.is_ok()))
    }

    /// Removes a session; a damaged one too.
    pub(super) async fn delete(&self, reference: &str, replies: &Replies) -> Result<u64, Refused> {
        let (key, _) = self.find(reference).await?;
        let removed = self.engine.remove(key, move |session, flow| {
            if matches!(session.state, State::Live) && flow.is_some_and(|flow| session.holds(flow)) {
                return Some(Refused::new(
                    format!("session {key} holds something outside, which would never be given back"),
                    "it is given back when the person cancels, or when the session runs out of time",
                ));
            }
            session.is_unsettled().then(|| {
                Refused::new(
                    format!("session {key} has effects that are not settled: deleted, they would be forgotten"),
                    "`deity effects list` shows them; settle them first",
                )
            })
        });
        let row = match removed.await? {
            Some(Ok(Removed::Session(session))) => Reply::Session(Summary::of(&session)),
            Some(Ok(Removed::Damaged(why))) => Reply::Damaged { why, sessions: 1 },
            Some(Err(refused)) => return Err(refused),
            None => {
                return Err(Refused::new(
                    format!("session {reference} is gone"),
                    "somebody else removed it",
                ));
            }
        };
        tracing::info!(session = %key, "deleted by an operator");
        Ok(u64::from(replies.send(row).await.is_ok()))
    }

    /// The session that a reference stands for.
    pub(super) async fn find(&self, reference: &str) -> Result<(SessionKey, Stored), Refused> {
        let Some((low, high)) = SessionKey::range_of(reference) else {
            return Err(Refused::new(
                format!("`{reference}` is no reference"),
                "a reference has ten letters and digits, such as K7QXA-4MTP2; `deity sessions list` shows them",
            ));
        };
        let before = u128::from_be_bytes(low.0).checked_sub(1);
        let after = before.map(|key| Key::Session(SessionKey(key.to_be_bytes())));
        let mut found = Vec::new();
        for (key, stored) in self.engine.store().scan(KeyKind::Session, after, 2).await? {
            match key {
                Key::Session(key) if key <= high => found.push((key, stored)),
                _ => {}
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(_), false) => Err(Refused::new(
                format!("two sessions have the reference {}", low.reference()),
                "this happens once in 10^15 pairs; nothing was done to either",
            )),
            (None, _) => Err(Refused::new(
                format!("there is no session {}", low.reference()),
                "`deity sessions list` shows those that there are",
            )),
        }
    }
}

/// A walk over the sessions of a store, page by page.
pub(super) struct Walk<'a> {
    operator: &'a Operator,
    filter: &'a Filter,
    replies: &'a Replies,
    page: std::vec::IntoIter<(Key, Stored)>,
    last: Option<Key>,
    over: bool,
    /// Nobody is told anything.
    quiet: bool,
    /// Nobody listens any more.
    pub(super) unheard: bool,
    looked: u64,
    pub(super) rows: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(operator: &'a Operator, filter: &'a Filter, replies: &'a Replies) -> Self {
        Self {
            operator,
            filter,
            replies,
            page: Vec::new().into_iter(),
            last: None,
            over: false,
            quiet: false,
            unheard: false,
            looked: 0,
            rows: 0,
        }
    }

    /// One that only looks.
    pub(super) fn quiet(operator: &'a Operator, filter: &'a Filter, replies: &'a Replies) -> Self {
        Self {
            quiet: true,
            ..Self::new(operator, filter, replies)
        }
    }

    /// Counts a session of which nothing is told.
    pub(super) fn pass(&mut self) {
        self.rows += 1;
    }

    /// The next session that fits; what cannot be read is reported and passed over.
    pub(super) async fn next(&mut self) -> Result<Option<(Session, Summary)>, Error> {
        while !self.over && self.filter.limit.is_none_or(|limit| self.rows < limit) {
            let Some((key, stored)) = self.page.next() else {
                self.turn().await?;
                continue;
            };
            self.last = Some(key);
            let Key::Session(key) = key else { continue };
            self.looked += 1;
            match self.operator.engine.decode(key, &stored.bytes) {
                Ok(session) => {
                    let summary = Summary::of(&session);
                    if summary.fits(self.filter) {
                        return Ok(Some((session, summary)));
                    }
                }
                Err(why) => self.damaged(why.to_string(), 1).await,
            }
        }
        Ok(None)
    }

    async fn turn(&mut self) -> Result<(), Error> {
        if self.looked > 0 {
            self.send(Reply::Progress { looked: self.looked }).await;
        }
        let store = self.operator.engine.store();
        self.page = store.scan(KeyKind::Session, self.last, PAGE).await?.into_iter();
        if self.page.len() == 0 {
            self.left_out().await?;
            self.over = true;
        }
        Ok(())
    }

    /// Tells of those that the scan could not read at all.
    async fn left_out(&mut self) -> Result<(), Error> {
        let left_out = self.operator.engine.store().unreadable().await?;
        for session in left_out.sessions {
            let why = format!("session {session}: the part of the store on which it lies cannot be read");
            self.damaged(why, 1).await;
        }
        if left_out.further > 0 {
            let why = format!("{} sessions whose references are lost too", left_out.further);
            self.damaged(why, left_out.further).await;
        }
        Ok(())
    }

    pub(super) async fn tell(&mut self, row: Reply) {
        self.rows += 1;
        self.send(row).await;
    }

    pub(super) async fn damaged(&mut self, why: String, sessions: u64) {
        self.send(Reply::Damaged { why, sessions }).await;
    }

    pub(super) async fn send(&mut self, reply: Reply) {
        if self.quiet {
            return;
        }
        self.unheard |= self.replies.send(reply).await.is_err();
        self.over |= self.unheard;
    }
}

impl Detail {
    fn of(session: &Session, flow: Option<&Flow>) -> Self {
        let path = flow.map(|flow| Path::fold(flow, session, over(session)));
        let mut screens = Vec::new();
        for visit in path.iter().flat_map(|path| &path.visits) {
            if session.answers.contains_key(&visit.place) {
                screens.push(Screen::of(session, flow, &visit.place, true));
            }
        }
        for place in session.answers.keys() {
            if !path.iter().any(|path| path.position(place).is_some()) {
                screens.push(Screen::of(session, flow, place, false));
            }
        }
        Self {
            summary: Summary::of(session),
            screens,
            journal: session.journal.iter().map(Happened::of).collect(),
            folded: session.folded,
        }
    }
}

impl Screen {
    fn of(session: &Session, flow: Option<&Flow>, place: &crate::machine::Place, counts: bool) -> Self {
        let answer = session.answers.get(place);
        let screen = flow.and_then(|flow| flow.screen(flow.number(&place.screen)?));
        let mut fields = serde_json::Map::new();
        for (name, value) in answer.iter().flat_map(|answer| &answer.fields) {
            // Without its definition nobody knows whether a value is a secret.
            let field = screen.and_then(|screen| screen.fields().find(|field| field.name == *name));
            let shown = match field {
                Some(field) if !field.is_secret() => field.json(value),
                Some(_) | None => json!("(not shown)"),
            };
            fields.insert(name.clone(), shown);
        }
        Self {
            screen: place.screen.clone(),
            item: Some(place.item).filter(|item| *item > 0),
            counts,
            action: answer.and_then(|answer| answer.action.clone()),
            fields,
        }
    }
}

impl Happened {
    fn of(entry: &Entry) -> Self {
        let what = match &entry.event {
            Event::Started => "began".to_owned(),
            Event::Answered { place, action, .. } => format!("answered {} ({action})", place.screen),
            Event::Amended { place, action, before } => {
                let fields: Vec<_> = before.iter().map(|(field, _)| field.as_str()).collect();
                format!("changed {} ({action}): {}", place.screen, fields.join(", "))
            }
            Event::Hidden { before } => {
                let fields: Vec<_> = before.iter().map(|(field, _)| field.as_str()).collect();
                format!("no longer asked: {}", fields.join(", "))
            }
            Event::Kept { place } => format!("kept {}, which does not count at present", place.screen),
            Event::Drafted { place } => format!("put aside what was typed on {}", place.screen),
            Event::Extended => "was given more time".to_owned(),
            Event::Sealed => "sealed what was before".to_owned(),
            Event::Ended => "ended".to_owned(),
            Event::Cancelled => "given up".to_owned(),
            Event::Expired => "ran out of time".to_owned(),
            Event::Forgotten => "answers dropped".to_owned(),
            Event::Saved => "saved under a return code".to_owned(),
            Event::CameBack { wrong: 0 } => "came back by the return code".to_owned(),
            Event::CameBack { wrong } => format!("came back by the return code, after {wrong} wrong tries"),
            Event::Left => "finished on a device: its pages open nothing any more".to_owned(),
            Event::Asked {
                number,
                effect,
                undoes: 0,
            } => format!("asked for {effect} ({number})"),
            Event::Asked { number, effect, undoes } => format!("asked for {effect} ({number}) to take back {undoes}"),
            Event::Done { number, effect } => format!("{effect} ({number}) was done"),
            Event::Declined { number, effect } => format!("{effect} ({number}) was declined"),
            Event::Failed { number, effect } => format!("{effect} ({number}) was not done"),
            Event::InDoubt { number, effect } => format!("{effect} ({number}) is in doubt"),
            Event::Away { number } => format!("was sent elsewhere for {number}"),
            Event::Returned { number } => format!("came back from {number}"),
            Event::CancelWanted => "wished to give up".to_owned(),
            Event::Seen { number } => format!("that {number} had failed was seen by an operator"),
            Event::HiddenIn { place, before } => {
                let fields: Vec<_> = before.iter().map(|(field, _)| field.as_str()).collect();
                format!("no longer asked of item {}: {}", place.item, fields.join(", "))
            }
            Event::Added { key } => format!("added item {key}"),
            Event::Removed { key, .. } => format!("removed item {key}"),
            Event::PutBack { key } => format!("put item {key} back"),
            Event::TooLate => "could not be given up any more".to_owned(),
        };
        Self {
            step: entry.step,
            at: time(entry.at),
            what,
        }
    }
}

/// The moment at which a session's computed values are taken: when it was over, else its last
/// phase.
pub(super) fn over(session: &Session) -> i64 {
    match session.state {
        State::Live => session.touched,
        State::Ended { at, .. } | State::Cancelled { at } | State::Expired { at, .. } | State::Forgotten { at, .. } => {
            at
        }
    }
}

/// RFC 3339 in UTC.
pub(super) fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string()
}
