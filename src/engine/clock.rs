//! The engine's clock: time that this machine has seen pass, kept over a stop.
//!
//! Owns where both clocks are read, the note of it in the store, and what the log tells of a leap.
//! What a leap is, `time` knows. Must not know what runs out.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Engine;
use super::time::{Clock, Doubt, News, Note, Reading, Span};
use crate::id::SessionKey;
use crate::machine::{self, Leap, Session};
use crate::store::{self, Key, Write, record};

/// Where the store holds the note.
const TIME_SEEN: Key = Key::Meta(*b"time seen       ");
/// How much time may pass, in milliseconds, before it is noted.
const NOTED: i64 = 60_000;

/// What says how time passes.
#[derive(Clone)]
pub struct Passing {
    /// Reads both clocks.
    pub read: Arc<dyn Fn() -> Reading + Send + Sync>,
    /// How long a clock that has leapt must be steady before it is believed.
    pub patience: Duration,
}

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passing")
    }
}

/// The clock, and what is on disk of it.
pub(super) struct Timekeeper {
    passing: Passing,
    clock: Mutex<Clock>,
    noted: tokio::sync::Mutex<Note>,
    /// An operator has confirmed a leap.
    confirmed: AtomicBool,
}

impl Timekeeper {
    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn patience(&self) -> i64 {
        i64::try_from(self.passing.patience.as_millis()).unwrap_or(i64::MAX)
    }
}

impl Engine {
    /// From now on time is what this machine has seen pass; goes on from what the store knows.
    pub async fn keep_time(self, passing: Passing) -> Result<Self, store::Error> {
        let now = (passing.read)();
        let note = match self.store.get(TIME_SEEN).await {
            Ok(stored) => stored.and_then(|stored| Note::decode(&stored.bytes)),
            Err(store::Error::Damaged(why)) => {
                tracing::error!(
                    why,
                    "the note of the time that was seen cannot be read; the clock is believed"
                );
                None
            }
            Err(error) => return Err(error),
        };
        let clock = Clock::begin(note.clone(), now, NOTED);
        let noted = note.unwrap_or_else(|| clock.note());
        let timekeeper = Timekeeper {
            passing,
            clock: Mutex::new(clock),
            noted: tokio::sync::Mutex::new(noted),
            confirmed: AtomicBool::new(false),
        };
        let engine = Self {
            timekeeper: Some(Arc::new(timekeeper)),
            ..self
        };
        for written in [engine.write_time().await, engine.note_time().await] {
            match written {
                // A full disk does not keep the server from its start; it is noted once there is room.
                Err(store::Error::NotApplied(why)) => tracing::warn!(why, "the time is not noted yet"),
                written => written?,
            }
        }
        Ok(engine)
    }

    /// The moment, in milliseconds since 1970: the time that was seen to pass.
    pub fn now(&self) -> i64 {
        match &self.timekeeper {
            None => (self.world.clock)(),
            Some(keeper) => {
                let now = (keeper.passing.read)();
                keeper.clock().look(now)
            }
        }
    }

    /// What the wall clock says, in milliseconds since 1970: for what others have signed, and are told as the
    /// date of an answer.
    pub fn wall(&self) -> i64 {
        match &self.timekeeper {
            None => (self.world.clock)(),
            Some(keeper) => (keeper.passing.read)().wall,
        }
    }

    /// The moment that a page without a session speaks of, in seconds since 1970.
    pub(super) fn shown_now(&self) -> i64 {
        let now = self.now().div_euclid(1000);
        self.presumed().map_or(now, |leap| leap.moved(now))
    }

    /// Whether time is what was seen to pass, or what the wall clock says.
    pub fn keeps_time(&self) -> bool {
        self.timekeeper.is_some()
    }

    /// The leap of the clock that nobody has confirmed, if there is one.
    pub fn doubt(&self) -> Option<Doubt> {
        self.now();
        self.timekeeper.as_ref()?.clock().doubt()
    }

    /// An operator says that the clock is right.
    pub async fn confirm_clock(&self) -> Result<(), store::Error> {
        if let Some(keeper) = &self.timekeeper {
            keeper.confirmed.store(true, Ordering::Release);
        }
        self.note_time().await
    }

    /// Looks at the clock, confirms a leap if it is time to, notes what the next start must know,
    /// and tells what is to be told. To be called every second or so.
    pub async fn note_time(&self) -> Result<(), store::Error> {
        let Some(keeper) = &self.timekeeper else { return Ok(()) };
        let mut noted = keeper.noted.lock().await;
        self.now();
        let mut next = keeper.clock().clone();
        let confirmed = keeper.confirmed.swap(false, Ordering::AcqRel);
        let confirms = next.doubt().is_some() && (confirmed || next.is_ripe(keeper.patience()));
        if confirms {
            next.confirm();
        }
        let note = next.note();
        if noted.differs(&note, NOTED) {
            // First on disk: after a crash nobody would know what to move along.
            self.put_note(&note).await?;
            *noted = note;
        }
        let news = {
            let mut clock = keeper.clock();
            if confirms {
                clock.confirm();
            }
            clock.news()
        };
        for news in news {
            tell(news, keeper.passing.patience);
        }
        Ok(())
    }

    /// Notes the time at a stop.
    pub async fn write_time(&self) -> Result<(), store::Error> {
        let Some(keeper) = &self.timekeeper else { return Ok(()) };
        let mut noted = keeper.noted.lock().await;
        self.now();
        let note = keeper.clock().note();
        self.put_note(&note).await?;
        *noted = note;
        Ok(())
    }

    async fn put_note(&self, note: &Note) -> Result<(), store::Error> {
        let write = Write {
            tag: self.tag(),
            wake: i64::MAX,
            bytes: note.encode(),
        };
        // In a conflict another process on the same store has noted the time.
        let _written = match self.store.get(TIME_SEEN).await? {
            None => self.store.create(TIME_SEEN, write).await?,
            Some(before) => self.swap(TIME_SEEN, &before, write).await?,
        };
        Ok(())
    }

    /// The same engine over the store of a server that is stopped: it knows the leaps that were confirmed,
    /// and keeps no time itself.
    pub async fn recall_time(self) -> Result<Self, store::Error> {
        let note = match self.store.get(TIME_SEEN).await {
            Ok(stored) => stored.and_then(|stored| Note::decode(&stored.bytes)),
            // The next start tells of it.
            Err(store::Error::Damaged(_)) => None,
            Err(error) => return Err(error),
        };
        let leaps = note.map(Note::leaps).unwrap_or_default().into();
        Ok(Self { leaps, ..self })
    }

    /// The session of a record: what was written in it while nobody knew which clock was right is moved
    /// along.
    ///
    /// # Errors
    /// [`store::Error::Damaged`] if it cannot be read.
    pub fn decode(&self, at: SessionKey, bytes: &[u8]) -> Result<Session, store::Error> {
        let mut session = record::decode(at, bytes)?;
        match &self.timekeeper {
            Some(keeper) => {
                let clock = keeper.clock();
                machine::leapt(&mut session, clock.leaps());
                session.presumed = clock.presumed();
            }
            None => machine::leapt(&mut session, &self.leaps),
        }
        Ok(session)
    }

    /// The leap over a stop of the machine by which people see days, though nobody has confirmed it.
    pub(super) fn presumed(&self) -> Option<Leap> {
        self.timekeeper.as_ref()?.clock().presumed()
    }
}

fn tell(news: News, patience: Duration) {
    let way = |by: i64| if by < 0 { "back" } else { "ahead" };
    match news {
        News::Leapt(by) => tracing::error!(
            "the clock of this machine has leapt {} by {}: nothing runs out and nothing is dropped for that. If the \
             clock is wrong, set it right; if it is right, `deity clock confirm` says so, or it is believed when it \
             has been steady for {} minutes",
            way(by),
            Span(by),
            patience.as_secs() / 60
        ),
        News::Back => tracing::warn!("the clock of this machine is right again; nothing has run out meanwhile"),
        News::Confirmed(by) => tracing::warn!(
            "the clock is believed: it went {} by {}; what is due by it runs out now",
            way(by),
            Span(by)
        ),
    }
}
