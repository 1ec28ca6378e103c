//! Two processes on one store, both with runners: no effect is ever run by both at once, what a
//! runner lost is taken up when its lease is over, and each is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deity::catalog::Catalog;
use deity::engine::{Engine, Job, Reply, Request};
use deity::machine::Said;
use deity::store::{Memory, Store};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::clerk::{Callee, patient};
use crate::support::desk::{Desk, NOON, Sheet, sheet, world};
use crate::support::ran;

/// People who press buttons on both.
const PEOPLE: usize = 48;
/// Where each of them wants to sit, one after the other.
const SEATS: [&str; 3] = ["a1", "a2", "a3"];
/// For all of them to get their receipts.
const PATIENCE: Duration = Duration::from_secs(60);

/// What runs now, on either side, and the one clock of both.
struct Watch {
    clock: Arc<AtomicI64>,
    seen: Mutex<Seen>,
    over: AtomicBool,
}

#[derive(Default)]
struct Seen {
    running: BTreeSet<String>,
    /// Tries by key.
    tries: BTreeMap<String, usize>,
    lost: usize,
    most: usize,
    wrong: Vec<String>,
}

impl Watch {
    /// A runner begins; not if its time is over, as a real one would see too.
    fn enter(&self, key: &str, job: &Job) -> bool {
        let mut seen = self.seen.lock().unwrap();
        if job.errand.until <= self.clock.load(Ordering::SeqCst) {
            return false;
        }
        if !seen.running.insert(key.to_owned()) {
            seen.wrong.push(format!("{key} is run by two at once"));
        }
        seen.most = seen.most.max(seen.running.len());
        *seen.tries.entry(key.to_owned()).or_default() += 1;
        true
    }

    /// It ends; `lost`: with a process that dies, so that nobody hears of it.
    fn leave(&self, key: &str, lost: bool) {
        let mut seen = self.seen.lock().unwrap();
        seen.running.remove(key);
        seen.lost += usize::from(lost);
    }

    /// Time passes only while nobody is at work: what runs ends within its lease.
    fn passes(&self) {
        let seen = self.seen.lock().unwrap();
        if seen.running.is_empty() {
            self.clock.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// A process: its engine, and its runners.
async fn process(
    store: Arc<dyn Store>,
    watch: &Arc<Watch>,
    callee: &Arc<Callee>,
    seed: u64,
    all: &mut JoinSet<()>,
) -> Engine {
    let world = world(Arc::clone(&watch.clock), seed);
    let engine = Engine::open(store, Arc::new(Catalog::of([patient()])), world, None)
        .await
        .unwrap();
    let (jobs, mut waiting) = mpsc::channel::<Job>(1000);
    let engine = engine.hire(jobs, false);
    let (runner, at, does) = (engine.clone(), Arc::clone(watch), Arc::clone(callee));
    all.spawn(async move {
        let mut running = JoinSet::new();
        while let Some(job) = waiting.recv().await {
            running.spawn(run(runner.clone(), Arc::clone(&at), Arc::clone(&does), job));
        }
    });
    let (timer, at) = (engine.clone(), Arc::clone(watch));
    all.spawn(async move {
        while !at.over.load(Ordering::SeqCst) {
            timer.tick().await.unwrap();
            at.passes();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    engine
}

/// One try. Every fifth is lost, whether it was done by then or not.
async fn run(engine: Engine, watch: Arc<Watch>, callee: Arc<Callee>, job: Job) {
    let key = format!("{} {}", job.errand.effect, job.errand.key);
    if !watch.enter(&key, &job) {
        return;
    }
    let fate = job.errand.key.bytes()[usize::from(job.errand.attempt) % 16];
    tokio::time::sleep(Duration::from_millis(u64::from(fate % 4))).await;
    let lost = fate.is_multiple_of(5);
    let said = if lost && fate.is_multiple_of(2) {
        None
    } else {
        Some(callee.does(&job))
    };
    watch.leave(&key, lost);
    if let Some(said) = said.filter(|_| !lost) {
        engine.report(job.at, job.errand.number, said).await.unwrap();
        // The network delivers the answer once more; it is known by then.
        let late = Said::NotDone {
            why: "late".to_owned(),
            pause: None,
            again: false,
        };
        engine.report(job.at, job.errand.number, late).await.unwrap();
    }
}

/// To the receipt, now by the one process and now by the other.
async fn person(engines: [Engine; 2], n: usize) -> Sheet {
    let Some(Reply::Start(start)) = engines[0].start_page("book") else {
        panic!("no start page")
    };
    let mut request = Request {
        session: start.ticket,
        ..Desk::request("book")
    };
    let end = Instant::now() + PATIENCE;
    let mut seat = 0;
    for step in n.. {
        assert!(Instant::now() < end, "person {n} comes to no end: {request:?}");
        let page = sheet(engines[step % 2].answer(request.clone()).await);
        let press = |action, fields: &[_]| Desk::post(&page, Some(action), fields);
        let follow = |action| Request {
            post: false,
            ..press(action, &[])
        };
        request = match (page.kind, page.place.as_str()) {
            ("receipt", _) => return page,
            ("waiting", _) if page.html.contains("actionID=on") => follow("on"),
            ("waiting", _) => follow("open"),
            ("lacking", "seat") => press("look-again", &[]),
            ("screen", "seat") => press("continue", &[("seat", SEATS[seat])]),
            ("screen", "name") => press("continue", &[("given", "Ada")]),
            // Thinks better of it: the old seat is given back while the new one is asked for.
            ("screen", "check") if seat + 1 < SEATS.len() => {
                seat += 1;
                follow("change.seat")
            }
            ("screen", "check") => press("pay", &[]),
            other => panic!("not on the way: {other:?}: {}", page.html),
        };
        if page.kind == "waiting" {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    unreachable!("there is always another step")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_never_run_an_effect_at_once_and_each_is_done() {
    let began = Instant::now();
    let watch = Arc::new(Watch {
        clock: Arc::new(AtomicI64::new(NOON)),
        seen: Mutex::default(),
        over: AtomicBool::new(false),
    });
    let callee = Arc::new(Callee::new(false));
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    let mut all = JoinSet::new();
    let one = process(Arc::clone(&store), &watch, &callee, 7, &mut all).await;
    let two = process(Arc::clone(&store), &watch, &callee, 1_000_007, &mut all).await;
    let people: Vec<_> = (0..PEOPLE)
        .map(|n| tokio::spawn(person([one.clone(), two.clone()], n)))
        .collect();
    for person in people {
        assert_eq!(person.await.unwrap().place, "done");
    }
    // Three seats and a payment for each, whoever did it; all seats but the last given back.
    let (did, undid) = ((SEATS.len() + 1) * PEOPLE, (SEATS.len() - 1) * PEOPLE);
    let end = Instant::now() + PATIENCE;
    while callee.books().undone.len() < undid && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    watch.over.store(true, Ordering::SeqCst);
    all.shutdown().await;
    let books = callee.books();
    assert_eq!((books.done.len(), books.undone.len()), (did, undid));
    let seen = watch.seen.lock().unwrap();
    assert!(seen.wrong.is_empty(), "{:#?}", seen.wrong);
    assert!(
        seen.lost > PEOPLE / 4 && seen.most > 2,
        "{} lost, {} at once",
        seen.lost,
        seen.most
    );
    let tries: usize = seen.tries.values().sum();
    let found = format!(
        "{tries} tries, {} lost, up to {} at once; no key twice at once",
        seen.lost, seen.most
    );
    ran("two processes run effects", PEOPLE, began.elapsed(), &found);
}
