//! Clocks that are wrong: ahead or back, for two seconds or for good, while the server runs or at a
//! start. Nothing that people have filled in or sent is lost for that.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use deity::engine::{Passing, Reading, Reply, Request};
use deity::machine::State;
use deity::store::{Memory, Store};

use crate::effects::{book, done, is_open, is_undo, unknown};
use crate::support::desk::{Desk, NOON, Sheet, read, sheet};

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;
pub(crate) const MINUTES: i64 = 10;

const SHORT: &str = r#"
title = "A short form"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A short form"
actions.start = { label = "Start now", to = "name" }

[screens.name]
title = "Who are you?"
fields.given = { type = "text", label = "Your name" }
actions.send = { label = "Send", to = "done" }

[screens.done]
title = "Thank you"
body = "Thank you, {{ given }}."
end = "completed"
"#;

/// A machine with two clocks, in seconds.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) wall: Arc<AtomicI64>,
    passed: Arc<AtomicI64>,
    boot: u8,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            wall: Arc::new(AtomicI64::new(NOON)),
            passed: Arc::new(AtomicI64::new(500)),
            boot: 1,
        }
    }

    pub(crate) fn passing(&self) -> Passing {
        let Self { wall, passed, boot } = self.clone();
        Passing {
            read: Arc::new(move || Reading {
                wall: wall.load(Ordering::SeqCst) * 1000,
                passed: passed.load(Ordering::SeqCst) * 1000,
                boot: [boot; 16],
            }),
            patience: Duration::from_secs(60 * MINUTES.unsigned_abs()),
        }
    }

    /// Time passes, and both clocks see it.
    pub(crate) fn pass(&self, seconds: i64) {
        self.wall.fetch_add(seconds, Ordering::SeqCst);
        self.passed.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Somebody sets the clock.
    pub(crate) fn leap(&self, seconds: i64) {
        self.wall.fetch_add(seconds, Ordering::SeqCst);
    }

    /// It was off for so long.
    pub(crate) fn rebooted(&self, seconds: i64) -> Self {
        self.leap(seconds);
        Self {
            passed: Arc::new(AtomicI64::new(20)),
            boot: self.boot + 1,
            wall: Arc::clone(&self.wall),
        }
    }

    async fn serve(&self, store: &Arc<dyn Store>) -> Desk {
        let mut desk = Desk::over(Arc::clone(store), [read("short", SHORT), book()]).await;
        desk.engine = desk.engine.keep_time(self.passing()).await.unwrap();
        desk
    }

    /// As `serve` does every half second, for a while that is too short to matter.
    pub(crate) async fn tick(&self, desk: &Desk) {
        self.pass(1);
        desk.engine.note_time().await.unwrap();
        while desk.engine.tick().await.unwrap() {}
    }
}

pub(crate) fn memory() -> Arc<dyn Store> {
    Arc::new(Memory::new())
}

/// A session that is being filled in, and one that is finished.
async fn two(machine: &Machine, desk: &Desk) -> (Sheet, Sheet) {
    let live = desk.start("short").await;
    let done = desk.start("short").await;
    let done = desk.send(&done, &[("given", "Ada")]).await;
    assert_eq!((live.kind, done.kind), ("screen", "receipt"));
    machine.pass(90);
    desk.engine.note_time().await.unwrap();
    (live, done)
}

async fn whole(desk: &Desk, (live, done): &(Sheet, Sheet)) {
    assert!(matches!(desk.stored(live).await.state, State::Live));
    let done = desk.stored(done).await;
    assert!(matches!(done.state, State::Ended { .. }) && !done.answers.is_empty());
}

async fn over(desk: &Desk, page: &Sheet) -> bool {
    !matches!(desk.stored(page).await.state, State::Live)
}

#[tokio::test]
async fn a_clock_that_is_wrong_for_two_seconds_drops_and_ends_nothing() {
    for wrong in [31 * DAY, 3 * HOUR, -3 * HOUR, -400 * DAY] {
        let (machine, store) = (Machine::new(), memory());
        let desk = machine.serve(&store).await;
        let both = two(&machine, &desk).await;
        machine.leap(wrong);
        machine.tick(&desk).await;
        machine.tick(&desk).await;
        assert!(desk.engine.doubt().is_some(), "{wrong}");
        whole(&desk, &both).await;
        // People go on as if nothing were.
        let fresh = desk.start("short").await;
        assert_eq!(desk.follow(&both.0, None).await.kind, "screen", "{wrong}");
        machine.leap(-wrong);
        machine.tick(&desk).await;
        assert!(desk.engine.doubt().is_none());
        whole(&desk, &both).await;
        let sent = desk.send(&fresh, &[("given", "Eve")]).await;
        assert_eq!(sent.kind, "receipt", "{wrong}");
        // Two hours after that time is over, no sooner and no later.
        machine.pass(2 * HOUR - 110);
        machine.tick(&desk).await;
        assert!(!over(&desk, &both.0).await, "{wrong}");
        machine.pass(20);
        machine.tick(&desk).await;
        assert!(over(&desk, &both.0).await, "{wrong}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_at_a_start_drops_and_ends_nothing() {
    for wrong in [31 * DAY, 3 * HOUR, -3 * HOUR] {
        let (machine, store) = (Machine::new(), memory());
        let desk = machine.serve(&store).await;
        let both = two(&machine, &desk).await;
        desk.engine.write_time().await.unwrap();
        let next = machine.rebooted(wrong);
        let desk = next.serve(&store).await;
        next.tick(&desk).await;
        next.tick(&desk).await;
        assert!(desk.engine.doubt().is_some());
        whole(&desk, &both).await;
        // Stopped and started once more, it is still nothing that anybody has confirmed.
        let third = next.rebooted(5);
        let desk = third.serve(&store).await;
        third.tick(&desk).await;
        whole(&desk, &both).await;
        third.leap(-wrong);
        third.tick(&desk).await;
        assert!(desk.engine.doubt().is_none());
        whole(&desk, &both).await;
    }
}

#[tokio::test]
async fn a_weekend_is_believed_when_the_clock_has_been_steady_and_who_went_on_meanwhile_loses_nothing() {
    let (machine, store) = (Machine::new(), memory());
    let desk = machine.serve(&store).await;
    let both = two(&machine, &desk).await;
    desk.engine.write_time().await.unwrap();
    let next = machine.rebooted(2 * DAY);
    let desk = next.serve(&store).await;
    let fresh = desk.start("short").await;
    next.pass(60 * MINUTES - 20);
    next.tick(&desk).await;
    whole(&desk, &both).await;
    // Who was at it when the machine was switched off may go on, too.
    next.pass(30);
    next.tick(&desk).await;
    next.tick(&desk).await;
    assert!(desk.engine.doubt().is_none());
    assert_eq!(desk.engine.now() / 1000, next.wall.load(Ordering::SeqCst));
    assert!(over(&desk, &both.0).await, "two hours are over");
    assert!(!over(&desk, &fresh).await);
    assert!(
        matches!(desk.stored(&both.1).await.state, State::Ended { .. }),
        "it is kept for 30 days"
    );
    next.pass(HOUR);
    next.tick(&desk).await;
    let sent = desk.send(&fresh, &[("given", "Ada")]).await;
    assert_eq!(sent.kind, "receipt");
    // What it says of the time is right.
    let stored = desk.stored(&fresh).await;
    let wall = next.wall.load(Ordering::SeqCst);
    assert!(
        (wall - HOUR - 900..=wall - HOUR).contains(&stored.created),
        "{}",
        stored.created - wall
    );
}

/// When a session began and when it was last touched, as an operator is told.
async fn told(engine: &deity::engine::Engine, page: &Sheet) -> [String; 2] {
    let reference = deity::id::SessionId::parse(&page.session).unwrap().key().reference();
    let (send, mut replies) = tokio::sync::mpsc::channel(8);
    deity::operator::Operator::new(engine.clone())
        .answer(deity::operator::Request::Show { reference }, send)
        .await;
    match replies.recv().await {
        Some(deity::operator::Reply::Detail(detail)) => [detail.summary.began, detail.summary.last],
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_operator_sees_times_that_were_moved_along_also_of_a_stopped_server() {
    let (machine, store) = (Machine::new(), memory());
    let desk = machine.serve(&store).await;
    machine.leap(3 * DAY);
    machine.tick(&desk).await;
    let page = desk.start("short").await;
    let before = told(&desk.engine, &page).await;
    assert!(before[0].starts_with("2026-11-23"), "{before:?}");
    desk.engine.confirm_clock().await.unwrap();
    let after = told(&desk.engine, &page).await;
    assert!(after.iter().all(|time| time.starts_with("2026-11-26")), "{after:?}");
    let stopped = Desk::over(Arc::clone(&store), []).await.engine;
    let recalled = stopped.recall_time().await.unwrap();
    assert_eq!(told(&recalled, &page).await, after);
}

#[tokio::test]
async fn an_operator_confirms_at_once() {
    let (machine, store) = (Machine::new(), memory());
    let desk = machine.serve(&store).await;
    let both = two(&machine, &desk).await;
    machine.leap(3 * HOUR);
    machine.tick(&desk).await;
    whole(&desk, &both).await;
    desk.engine.confirm_clock().await.unwrap();
    machine.tick(&desk).await;
    assert!(desk.engine.doubt().is_none());
    assert!(over(&desk, &both.0).await);
}

#[tokio::test]
async fn a_service_that_was_stopped_while_its_machine_went_on_knows_how_long() {
    let (machine, store) = (Machine::new(), memory());
    let desk = machine.serve(&store).await;
    let both = two(&machine, &desk).await;
    desk.engine.write_time().await.unwrap();
    // The weekend passes; a machine that sleeps counts it too.
    machine.pass(2 * DAY);
    let desk = machine.serve(&store).await;
    assert!(desk.engine.doubt().is_none());
    machine.tick(&desk).await;
    assert!(over(&desk, &both.0).await);
}

#[tokio::test]
async fn an_effect_goes_on_while_the_clock_is_wrong() {
    for wrong in [31 * DAY, -3 * HOUR] {
        let (machine, store) = (Machine::new(), memory());
        let mut desk = machine.serve(&store).await;
        let (jobs, mut waiting) = tokio::sync::mpsc::channel(8);
        desk.engine = desk.engine.hire(jobs, true);
        let name = desk.hold("a1").await;
        while waiting.try_recv().is_ok() {}
        machine.leap(wrong);
        machine.tick(&desk).await;
        let sure = desk.press(&name, "stop", &[]).await;
        desk.press(&sure, "yes-cancel", &[]).await;
        machine.tick(&desk).await;
        let job = waiting.try_recv().expect("it is taken back");
        assert_eq!(job.errand.effect, "release");
        let heard = desk.engine.report_of(&job, unknown()).await.unwrap();
        assert_eq!(heard, deity::engine::Heard::Settled);
        for _ in 0..60 {
            machine.tick(&desk).await;
        }
        assert!(waiting.try_recv().is_ok(), "it is tried again within a minute: {wrong}");
        machine.leap(-wrong);
        desk.says(&name, "release", done(&[])).await;
        machine.tick(&desk).await;
        let asked = desk.asked(&name).await;
        let undos: Vec<_> = asked.iter().filter(|asked| is_undo(asked)).collect();
        assert!(
            undos.iter().all(|asked| !is_open(asked)) && undos.len() == 1,
            "{undos:?}"
        );
    }
}

#[tokio::test]
async fn a_start_page_that_lay_open_while_the_clock_was_wrong_begins_a_session() {
    for wrong in [31 * DAY, -31 * DAY] {
        let (machine, store) = (Machine::new(), memory());
        let desk = machine.serve(&store).await;
        let before = desk.ticket("short");
        machine.leap(wrong);
        machine.tick(&desk).await;
        let during = desk.ticket("short");
        machine.leap(-wrong);
        machine.tick(&desk).await;
        for session in [before, during] {
            let request = Request {
                session,
                ..Desk::request("short")
            };
            let reply = desk.engine.answer(request).await;
            assert!(matches!(reply, Reply::Session(_)), "{wrong}: {reply:?}");
            assert_eq!(sheet(reply).kind, "screen");
        }
    }
}
