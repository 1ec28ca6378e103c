//! Effects: from a committed wish to a job, from an answer to a step.
//!
//! Owns the hand-over to whoever runs jobs, the waiting for what they come to, and the commit of
//! their answers. Must not know how an effect is done.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};

use super::Engine;
use super::change::{By, Verdict};
use crate::flow::Flow;
use crate::id::{Callback, EffectKey, Return, SessionKey};
use crate::machine::{self, Asked, Errand, Node, Ruling, Said, Session, Stage};
use crate::store;
use crate::store::planted::{Fault, planted};

/// Seconds after which what found no runner is looked at again.
const POSTPONED: i64 = 1;

/// One try of an effect, to be run now.
#[derive(Debug)]
pub struct Job {
    /// The session's key in the store.
    pub at: SessionKey,
    /// The definition that it is pinned to.
    pub flow: Arc<Flow>,
    /// What is to be done.
    pub errand: Errand,
    /// The language of the session's last step, of a flow that has several: a BCP 47 tag.
    pub language: Option<String>,
    /// What the return URL carries, of a hand-off that begins.
    pub returning: Option<String>,
    /// What the URL of the callback carries.
    pub callback: Option<String>,
}

/// What came of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It counts.
    Settled,
    /// It was known before, or nobody asks for it any more.
    Before,
    /// It came after the effect was given up; what was done is taken back.
    TooLate,
    /// There is no such asking.
    Unknown,
}

/// What was taken of a session, each with its place in the queue: what finds none is not taken, and
/// stays due.
#[derive(Debug, Default)]
pub(super) struct Taken {
    jobs: Vec<(mpsc::OwnedPermit<Job>, Job)>,
    /// There is no room for all that is due, or nobody who would run it.
    postponed: bool,
}

impl Taken {
    /// Hands over what was taken, once that is on disk.
    pub(super) fn hand_over(self) {
        for (place, job) in self.jobs {
            place.send(job);
        }
    }

    /// When the session is due, in seconds since 1970: what found no place, a little later.
    pub(super) fn due(&self, due: i64, now: i64) -> i64 {
        if self.postponed {
            due.max(now.saturating_add(POSTPONED))
        } else {
            due
        }
    }
}

/// Those outside of the engine, and those who wait for them.
#[derive(Debug, Default)]
pub(super) struct Outside {
    jobs: OnceLock<mpsc::Sender<Job>>,
    waiting: Mutex<Waiting>,
}

/// Those who wait for sessions to change.
#[derive(Debug, Default)]
struct Waiting {
    told: HashMap<SessionKey, Arc<Notify>>,
    /// How many were left when those whom nobody waits for were last let go.
    swept: usize,
}

impl Waiting {
    /// Room for one more: those whom nobody told of anything are not kept for ever. Only once
    /// there are twice as many as after the last time, lest many who wait be looked through for
    /// each one who comes.
    fn make_room(&mut self) {
        if self.told.len() > 4_096.max(2 * self.swept) {
            self.told.retain(|_, notify| Arc::strong_count(notify) > 1);
            self.swept = self.told.len();
        }
    }
}

impl Engine {
    /// Hands jobs to `jobs` from now on. `alone`: nobody else uses the store, so that what other
    /// processes had taken is free.
    #[must_use]
    pub fn hire(self, jobs: mpsc::Sender<Job>, alone: bool) -> Self {
        if self.outside.jobs.set(jobs).is_err() {
            tracing::error!("effects are run already");
        }
        let node = Node { alone, ..self.node };
        Self { node, ..self }
    }

    /// Takes what is due in a session that is about to be committed.
    pub(super) fn take(&self, flow: &Arc<Flow>, session: &mut Session, now: i64) -> Taken {
        let wanted = machine::wanted(flow, session, now);
        if wanted == 0 {
            return Taken::default();
        }
        let reserve = |queue: &mpsc::Sender<Job>| (0..wanted).map(|_| queue.clone().try_reserve_owned()).collect();
        let places: Option<Result<Vec<_>, _>> = self.outside.jobs.get().map(reserve);
        let Some(Ok(places)) = places else {
            if places.is_some() {
                tracing::warn!(session = %session.at, "an effect must wait: too much is under way");
            }
            return Taken {
                postponed: true,
                ..Taken::default()
            };
        };
        let errands = machine::take(flow, session, now, self.node);
        if planted(Fault::UndoUnwritten) {
            session
                .asked
                .retain(|asked| !matches!(asked.purpose, machine::Purpose::Undo { .. }));
        }
        let jobs = errands.into_iter().map(|errand| self.job(flow, session, errand));
        Taken {
            jobs: places.into_iter().zip(jobs).collect(),
            postponed: false,
        }
    }

    fn job(&self, flow: &Arc<Flow>, session: &Session, mut errand: Errand) -> Job {
        let (at, number) = (session.at, errand.number);
        if planted(Fault::NewKey) {
            errand.key = EffectKey::of(&session.key, &errand.effect, 0, errand.attempt.into(), number);
        }
        let hand_off = flow
            .effect(&errand.effect)
            .is_some_and(|effect| effect.hand_off.is_some());
        let door = errand.door.as_ref().and_then(|door| Return::open(door, &self.key));
        let own = || flow.lang.clone();
        let language = session.language.map_or_else(own, |language| language.tag().to_owned());
        Job {
            at,
            flow: Arc::clone(flow),
            language: flow.is_translated().then_some(language),
            returning: door.map(|door| Return { number, ..door }.text(&self.key)),
            callback: hand_off.then(|| Callback { at, number }.text(&self.key)),
            errand,
        }
    }

    /// Takes in what was said of an asking by whoever knows, and commits it.
    pub async fn report(&self, at: SessionKey, number: u32, said: Said) -> Result<Heard, store::Error> {
        self.take_in(at, number, None, said).await
    }

    /// The same of a job's own try. Once another one has the asking (the lease was over), only what
    /// is certain counts.
    pub async fn report_of(&self, job: &Job, said: Said) -> Result<Heard, store::Error> {
        self.report_of_run(job, said, String::new()).await
    }

    /// The same, with the end of what a program wrote on standard error.
    pub async fn report_of_run(&self, job: &Job, said: Said, stderr: String) -> Result<Heard, store::Error> {
        let run = (job.errand.attempt, stderr);
        self.take_in(job.at, job.errand.number, Some(run), said).await
    }

    async fn take_in(
        &self,
        at: SessionKey,
        number: u32,
        run: Option<(u16, String)>,
        mut said: Said,
    ) -> Result<Heard, store::Error> {
        let engine = self.clone();
        let heard = self.change(at, move |seen| {
            let Some(before) = seen.session.asking(number) else {
                return Ok(Verdict::Stays(Heard::Unknown));
            };
            let attempt = run.as_ref().map(|(attempt, _)| *attempt);
            if attempt.is_some_and(|attempt| attempt != before.attempts || !engine.has(before)) && !said.is_certain() {
                return Ok(Verdict::Stays(Heard::Before));
            }
            if !seen.fits {
                // It was done; what it brought is left out before that is forgotten.
                tracing::error!(session = %at, "what an effect brought does not fit into the session");
                if let Said::Done(results) = &mut said {
                    results.clear();
                }
            }
            let late = matches!(before.stage, Stage::Failed { .. } | Stage::Declined { .. });
            let session = match &run {
                Some((_, stderr)) => machine::wrote(seen.session, number, stderr),
                None => seen.session.clone(),
            };
            let settled = machine::settle(seen.flow, &session, number, said.clone(), seen.now, engine.tag());
            Ok(match settled {
                Some(session) if late => Verdict::Becomes(Box::new(session), By::Itself, Heard::TooLate),
                Some(session) => Verdict::Becomes(Box::new(session), By::Itself, Heard::Settled),
                None if late && matches!(said, Said::Done(_)) => Verdict::Stays(Heard::TooLate),
                None => Verdict::Stays(Heard::Before),
            })
        });
        Ok(heard.await?.map_or(Heard::Unknown, |changed| changed.answer))
    }

    /// Whether this process has an asking.
    fn has(&self, asked: &Asked) -> bool {
        matches!(asked.stage, Stage::Running { node, .. } if node == self.node.id)
    }

    /// Carries out what an operator rules; `false` where nothing can be ruled.
    pub async fn rule(&self, at: SessionKey, number: u32, ruling: &Ruling) -> Result<bool, store::Error> {
        let (engine, ruling) = (self.clone(), ruling.clone());
        let ruled = self.change(at, move |seen| {
            let ruled = machine::rule(seen.flow, seen.session, number, ruling.clone(), seen.now, engine.tag());
            Ok(match ruled {
                Some(session) => Verdict::Becomes(Box::new(session), By::Itself, true),
                None => Verdict::Stays(false),
            })
        });
        Ok(ruled.await?.is_some_and(|changed| changed.answer))
    }

    /// Acknowledges what failed for good in a session and is picked; how many that were.
    pub async fn acknowledge(
        &self,
        at: SessionKey,
        pick: impl Fn(&Asked) -> bool + Send + 'static,
    ) -> Result<u32, store::Error> {
        let seen = self.change(at, move |seen| {
            Ok(match machine::acknowledge(seen.session, &pick, seen.now) {
                Some((session, count)) => Verdict::Becomes(Box::new(session), By::Itself, count),
                None => Verdict::Stays(0),
            })
        });
        Ok(seen.await?.map_or(0, |changed| changed.answer))
    }

    /// Keeps with an open asking why somebody's word on it was refused; the same words once.
    pub async fn refused(&self, at: SessionKey, number: u32, why: &str) -> Result<(), store::Error> {
        let words = format!("{}{why}", machine::REFUSED);
        let remarked = self.change(at, move |seen| {
            let mut session = seen.session.clone();
            let asked = session.asked.iter_mut().find(|asked| asked.number == number);
            let Some(asked) = asked.filter(|asked| asked.is_open() && !asked.heard.starts_with(&words)) else {
                return Ok(Verdict::Stays(()));
            };
            asked.heard.clone_from(&words);
            Ok(Verdict::Becomes(Box::new(session), By::Itself, ()))
        });
        remarked.await.map(drop)
    }

    /// Tells those who wait for a session that it has changed.
    pub(super) fn tell(&self, at: SessionKey) {
        let mut waiting = self.outside.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = waiting.told.remove(&at) {
            told.notify_waiters();
        }
    }

    /// Completes when something comes of an effect of this session; made before the session is
    /// looked at, so that nothing is missed.
    pub fn changed(&self, at: SessionKey) -> impl Future<Output = ()> + use<> {
        let notify = {
            let mut waiting = self.outside.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.make_room();
            Arc::clone(waiting.told.entry(at).or_default())
        };
        let told = Arc::clone(&notify).notified_owned();
        async move {
            told.await;
            drop(notify);
        }
    }

    /// The random pause before a write is tried again.
    pub fn breath(&self) -> Duration {
        Duration::from_millis(50 + self.tag() % 100)
    }

    /// An asking, with the definition that it is made under.
    pub async fn asking(&self, at: SessionKey, number: u32) -> Result<Option<(Arc<Flow>, Asked)>, store::Error> {
        let Some(loaded) = self.load(at).await? else {
            return Ok(None);
        };
        let asked = loaded.session.asking(number).cloned();
        Ok(asked.map(|asked| (loaded.flow, asked)))
    }

    /// What the URL of a callback carries, read.
    pub fn callback(&self, text: &str) -> Option<Callback> {
        Callback::parse(text, &self.key)
    }
}
