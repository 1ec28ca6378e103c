//! The process dies at every write of the store, before or after it, and another one goes on; or
//! the n-th call of the store fails in each way that it may. The person sends again what got no
//! answer. Whatever the n, each key is done exactly once, and everything comes out the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Instant;

use deity::catalog::Catalog;
use deity::engine::{Engine, Job, Reply, Request};
use deity::id::SessionKey;
use deity::machine::{Purpose, Session, Stage};
use deity::store::{Error, Key, KeyKind, Memory, Pending, Store, Stored, Token, Write, Written, record};
use tokio::sync::{mpsc, watch};

use super::clerk::{Callee, patient};
use crate::support::desk::{Desk, NOON, Sheet, form, sheet, world};
use crate::support::faulty::{Fault, Faulty};
use crate::support::ran;

/// How often something is tried that a store may refuse.
const TRIES: usize = 10;

/// When a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Instead of the write.
    Before,
    /// When the write is on disk and nobody was told.
    After,
}

/// A store whose process dies at the `n`th write: from then on nothing comes back from it.
struct Mortal {
    inner: Arc<Memory>,
    left: AtomicUsize,
    when: When,
    dead: watch::Sender<bool>,
}

impl Mortal {
    fn new(inner: Arc<Memory>, n: usize, when: When) -> Self {
        Self {
            inner,
            left: AtomicUsize::new(n),
            when,
            dead: watch::Sender::new(false),
        }
    }

    async fn died(&self) {
        self.dead
            .subscribe()
            .wait_for(|dead| *dead)
            .await
            .expect("it lives as long as this");
    }

    async fn write<T>(&self, write: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Error> {
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        if left > 1 {
            return write.await;
        }
        if left == 1 && self.when == When::After {
            // Whether it was first or not: it is over.
            drop(write.await);
        }
        self.left.store(0, Ordering::SeqCst);
        self.dead.send_replace(true);
        std::future::pending().await
    }
}

impl Store for Mortal {
    fn get(&self, key: Key) -> Pending<'_, Result<Option<Stored>, Error>> {
        self.inner.get(key)
    }

    fn create(&self, key: Key, write: Write) -> Pending<'_, Result<Written, Error>> {
        Box::pin(self.write(self.inner.create(key, write)))
    }

    fn cas(&self, key: Key, expect: Token, write: Write) -> Pending<'_, Result<Written, Error>> {
        Box::pin(self.write(self.inner.cas(key, expect, write)))
    }

    fn delete(&self, key: Key, expect: Token) -> Pending<'_, Result<Written, Error>> {
        Box::pin(self.write(self.inner.delete(key, expect)))
    }

    fn claim(&self, now: i64, lease_until: i64, limit: usize) -> Pending<'_, Result<Vec<(SessionKey, Stored)>, Error>> {
        Box::pin(self.write(self.inner.claim(now, lease_until, limit)))
    }

    fn scan(&self, kind: KeyKind, after: Option<Key>, limit: usize) -> Pending<'_, Result<Vec<(Key, Stored)>, Error>> {
        self.inner.scan(kind, after, limit)
    }

    fn check(&self) -> Pending<'_, Result<(), Error>> {
        self.inner.check()
    }
}

/// How a walk goes, where nothing goes wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// The callee's first answer under each key is lost.
    loses: bool,
    /// The person cancels in the end, instead of paying.
    cancels: bool,
}

/// All of them.
pub(super) const MANNERS: [Manner; 4] = [
    manner(false, false),
    manner(true, false),
    manner(false, true),
    manner(true, true),
];

const fn manner(loses: bool, cancels: bool) -> Manner {
    Manner { loses, cancels }
}

/// What goes wrong, once.
pub(super) enum Trouble {
    None,
    Dies(usize, When),
    Fails(usize, Fault),
    /// The process is up; whoever waits for the call goes away while it is held.
    Leaves(usize, Fault),
}

/// One person, one session, and the processes that serve it, one after the other.
struct Walk {
    memory: Arc<Memory>,
    clock: Arc<AtomicI64>,
    callee: Callee,
    store: Arc<dyn Store>,
    mortal: Option<Arc<Mortal>>,
    /// Holds a call until the caller has gone.
    holds: Option<(Arc<Faulty>, usize, Fault)>,
    engine: Option<(Engine, mpsc::Receiver<Job>)>,
    /// Processes so far.
    lives: u64,
    /// The person has thought better of the first seat.
    changed: bool,
    cancels: bool,
}

impl Walk {
    fn new(trouble: Trouble, manner: Manner) -> (Self, Option<Arc<Faulty>>) {
        let memory = Arc::new(Memory::new());
        let (mut mortal, mut faulty, mut holds) = (None, None, None);
        let mut store: Arc<dyn Store> = Arc::clone(&memory) as _;
        match trouble {
            Trouble::None => {}
            Trouble::Dies(n, when) => {
                let made = Arc::new(Mortal::new(Arc::clone(&memory), n, when));
                store = Arc::clone(&made) as _;
                mortal = Some(made);
            }
            Trouble::Fails(n, fault) | Trouble::Leaves(n, fault) => {
                let made = Arc::new(Faulty::over(Arc::clone(&memory) as _, None));
                if matches!(trouble, Trouble::Leaves(..)) {
                    holds = Some((Arc::clone(&made), n, fault));
                } else {
                    made.arm(n, fault);
                }
                store = Arc::clone(&made) as _;
                faulty = Some(made);
            }
        }
        let walk = Self {
            memory,
            clock: Arc::new(AtomicI64::new(NOON)),
            callee: Callee::new(manner.loses),
            store,
            mortal,
            holds,
            engine: None,
            lives: 0,
            changed: false,
            cancels: manner.cancels,
        };
        (walk, faulty)
    }

    /// Runs something in the process that is alive; nothing comes of it if that dies on the way.
    async fn alive<T>(&mut self, work: impl AsyncFnOnce(&mut Self) -> T) -> Option<T> {
        let mortal = self.mortal.clone();
        let holds = self.holds.as_ref().map(|(store, ..)| Arc::clone(store));
        let died = async {
            match (&mortal, &holds) {
                (Some(mortal), _) => mortal.died().await,
                (_, Some(holds)) => holds.held().await,
                _ => std::future::pending().await,
            }
        };
        let done = tokio::select! {
            biased;
            done = work(self) => Some(done),
            () = died => None,
        };
        if let (None, Some(holds)) = (&done, holds) {
            holds.let_go();
            self.holds = None;
            if let Some((engine, _)) = &self.engine {
                engine.at_rest().await;
            }
        } else if done.is_none() {
            // Whatever was in its memory is gone.
            self.engine = None;
            self.mortal = None;
            self.store = Arc::clone(&self.memory) as _;
        }
        done
    }

    /// The process, begun where there is none.
    async fn engine(&mut self) -> Result<Engine, Error> {
        if let Some((engine, _)) = &self.engine {
            return Ok(engine.clone());
        }
        self.lives += 1;
        let world = world(Arc::clone(&self.clock), 1000 * self.lives);
        let catalog = Arc::new(Catalog::of([patient()]));
        let opened = Engine::open(Arc::clone(&self.store), catalog, world, None).await;
        let engine = opened.map_err(|why| match why {
            deity::engine::Unopened::Store(error) => error,
            why @ deity::engine::Unopened::Keys(_) => panic!("{why}"),
        })?;
        let (jobs, waiting) = mpsc::channel(100);
        let engine = engine.hire(jobs, true);
        self.engine = Some((engine.clone(), waiting));
        engine.take_over().await?;
        Ok(engine)
    }

    /// Runs what was handed out, and what that leads to; then lets a second pass.
    async fn works(&mut self) -> Result<(), Error> {
        let engine = self.engine().await?;
        self.clock.fetch_add(1, Ordering::SeqCst);
        engine.tick().await?;
        while let Some(job) = self.engine.as_mut().and_then(|(_, jobs)| jobs.try_recv().ok()) {
            let said = self.callee.does(&job);
            for _ in 0..TRIES {
                if engine.report(job.at, job.errand.number, said.clone()).await.is_ok() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Sends a request until it gets a page.
    async fn send(&mut self, request: &Request) -> Result<Sheet, String> {
        for _ in 0..TRIES {
            let reply =
                self.alive(async |walk: &mut Self| Ok::<_, Error>(walk.engine().await?.answer(request.clone()).await));
            match reply.await {
                None | Some(Err(_) | Ok(Reply::Busy { .. })) => {}
                Some(Ok(reply @ Reply::Session(_))) => return Ok(sheet(reply)),
                Some(Ok(other)) => return Err(format!("{other:?}")),
            }
            // Refused, because the store could not, it is tried again all the same.
            drop(self.alive(async |walk: &mut Self| walk.works().await).await);
        }
        Err("no answer, however often it was asked".to_owned())
    }

    /// What the person does on a page; nothing at the end.
    fn next(&mut self, page: &Sheet) -> Option<Request> {
        let press = |action, fields: &[_]| Some(Desk::post(page, Some(action), fields));
        let follow = |action: &str| {
            let post = false;
            Some(Request {
                post,
                ..Desk::post(page, Some(action), &[])
            })
        };
        match (page.kind, page.place.as_str()) {
            ("receipt" | "over", _) => None,
            ("cancelling", _) => press("yes-cancel", &[]),
            ("waiting", _) if page.html.contains("actionID=on") => follow("on"),
            ("waiting", _) => follow("open"),
            ("lacking", "seat") => press("look-again", &[]),
            ("screen", "seat") if self.changed => press("continue", &[("seat", "a2")]),
            ("screen", "seat") => press("continue", &[("seat", "a1")]),
            ("screen", "name") => press("continue", &[("given", "Ada")]),
            // Thinks better of it once: the first seat is given back.
            ("screen", "check") if !std::mem::replace(&mut self.changed, true) => follow("change.seat"),
            ("screen", "check") if self.cancels => press("stop", &[]),
            ("screen", "check") => press("pay", &[]),
            other => panic!("not on the way: {other:?}: {}", page.html),
        }
    }

    /// From the start to the receipt: the session as it is then.
    async fn walk(&mut self) -> Result<Session, String> {
        if let Some((store, n, fault)) = self.holds.clone() {
            self.engine().await.map_err(|why| why.to_string())?;
            store.arm(n, fault);
        }
        let ticket = self.ticket().await;
        let mut request = Request {
            session: ticket,
            fields: form(&[]),
            ..Desk::request("book")
        };
        for _ in 0..200 {
            let page = self.send(&request).await?;
            match self.next(&page) {
                Some(next) => request = next,
                None => return self.settled(&page).await,
            }
            drop(self.alive(async |walk: &mut Self| walk.works().await).await);
        }
        Err("it comes to no end".to_owned())
    }

    async fn ticket(&mut self) -> String {
        for _ in 0..TRIES {
            if let Some(Ok(engine)) = self.alive(async |walk: &mut Self| walk.engine().await).await {
                let Some(Reply::Start(start)) = engine.start_page("book") else {
                    panic!("no start page")
                };
                return start.ticket;
            }
        }
        panic!("no process comes up")
    }

    /// The session once nothing of it is open any more.
    async fn settled(&mut self, page: &Sheet) -> Result<Session, String> {
        let at = deity::id::SessionId::parse(&page.session).expect("an id").key();
        for _ in 0..200 {
            let stored = self
                .memory
                .get(Key::Session(at))
                .await
                .expect("memory")
                .expect("a session");
            let session = record::decode(at, &stored.bytes).expect("a record");
            if !session.is_unsettled() {
                return Ok(session);
            }
            drop(self.alive(async |walk: &mut Self| walk.works().await).await);
        }
        Err("something stays open".to_owned())
    }

    /// What must not depend on trouble: what the session says, and what the callee did.
    fn outcome(&self, session: &Session) -> Vec<String> {
        let mut all = vec![
            format!("{:?}", session.state)
                .split(" at")
                .next()
                .unwrap_or_default()
                .to_owned(),
        ];
        for (place, answer) in &session.answers {
            all.push(format!("{place:?} {:?}", answer.fields));
        }
        let books = self.callee.books();
        for asked in session.asked.iter().filter(|asked| asked.purpose != Purpose::Look) {
            let key = session.effect_key(asked).to_string();
            let done = matches!(asked.stage, Stage::Done { .. });
            let (did, undone) = (books.done.get(&key), books.undone.contains(&key));
            all.push(format!("{} {:?} {done}: {did:?} {undone}", asked.effect, asked.results));
        }
        let mut did: Vec<_> = books.done.values().cloned().collect();
        did.sort();
        all.extend(did);
        all
    }
}

/// A walk with trouble, compared with one without: how often work was delivered.
pub(super) async fn same(trouble: Trouble, manner: Manner, expected: &[String]) -> Result<(usize, bool), String> {
    let (mut walk, faulty) = Walk::new(trouble, manner);
    let session = walk.walk().await?;
    let outcome = walk.outcome(&session);
    if outcome != expected {
        return Err(format!("{outcome:#?} instead of {expected:#?}"));
    }
    let met = faulty.map_or(walk.lives > 1, |faulty| faulty.disarm());
    let came = walk.callee.books().came.values().sum();
    Ok((came, met))
}

pub(super) async fn expected(manner: Manner) -> Vec<String> {
    let (mut walk, _) = Walk::new(Trouble::None, manner);
    let session = walk.walk().await.expect("a walk without trouble");
    let outcome = walk.outcome(&session);
    let books = walk.callee.books();
    // Two seats, one of them given back, and a payment; or both given back.
    let did = if manner.cancels { (2, 2) } else { (3, 1) };
    assert_eq!((books.done.len(), books.undone.len()), did);
    outcome
}

#[tokio::test]
async fn at_whichever_write_the_process_dies_each_key_is_done_once_and_all_comes_out_the_same() {
    let began = Instant::now();
    let (mut deaths, mut deliveries) = (0, 0);
    for manner in MANNERS {
        let expected = expected(manner).await;
        for when in [When::Before, When::After] {
            for n in 1.. {
                let walked = same(Trouble::Dies(n, when), manner, &expected).await;
                let (came, died) = walked.unwrap_or_else(|why| panic!("{when:?} write {n}, {manner:?}: {why}"));
                deliveries += came;
                deaths += usize::from(died);
                if !died {
                    assert!(n > 20, "a walk makes more writes than {n}");
                    break;
                }
            }
        }
    }
    let found = format!("{deliveries} deliveries, each key done once; the same session each time");
    ran(
        "the process dies at the n-th write, with effects",
        deaths,
        began.elapsed(),
        &found,
    );
}

#[tokio::test]
async fn whichever_store_call_fails_each_key_is_done_once_and_all_comes_out_the_same() {
    let began = Instant::now();
    let (mut walks, mut deliveries) = (0, 0);
    for manner in MANNERS {
        let expected = expected(manner).await;
        for fault in [Fault::NotApplied, Fault::DoubtDone, Fault::DoubtNotDone] {
            for n in 1.. {
                let walked = same(Trouble::Fails(n, fault), manner, &expected).await;
                let (came, met) = walked.unwrap_or_else(|why| panic!("{fault:?} at call {n}, {manner:?}: {why}"));
                deliveries += came;
                walks += 1;
                if !met {
                    assert!(n > 20, "a walk makes more calls than {n}");
                    break;
                }
            }
        }
    }
    let found = format!("{deliveries} deliveries, each key done once; the same session each time");
    ran(
        "the n-th store call fails, with effects",
        walks,
        began.elapsed(),
        &found,
    );
}

/// Runs the test above in a process of its own, which has the fault.
#[test]
fn the_deaths_would_show_each_fault_that_is_planted_in_effects() {
    if !crate::crash::can_plant("the process dies at the n-th write, with effects") {
        return;
    }
    let name = "effects::deaths::at_whichever_write_the_process_dies_each_key_is_done_once_and_all_comes_out_the_same";
    for plant in super::PLANTED {
        let mut command = std::process::Command::new(std::env::current_exe().expect("this program"));
        command
            .args(["--exact", name])
            .env("DEITY_PLANT", plant)
            .env_remove("DEITY_LEDGER");
        let said = command.output().expect("it runs");
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(
            text.contains("1 failed") && !said.status.success(),
            "{plant} was not noticed: {text}"
        );
    }
}
