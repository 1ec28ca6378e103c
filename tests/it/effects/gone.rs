//! Whoever waits for an answer goes away, at whichever store call: a person (a press of *Stop*, a
//! lost connection), a callee that calls back, a runner, the timer. What was begun comes to its
//! end all the same, and what it asked for is handed over: nothing is in doubt that nobody asked.

use std::sync::Arc;
use std::time::Instant;

use deity::engine::Engine;
use deity::machine::Stage;
use deity::store::{Memory, Store};
use tokio::sync::mpsc;

use super::away::{by, elsewhere, flow, token};
use super::deaths::{MANNERS, Trouble, expected, same};
use super::{book, done, seats};
use crate::support::desk::{Desk, sheet};
use crate::support::faulty::{Fault, Faulty};
use crate::support::ran;

const HELD: [Fault; 2] = [Fault::HeldBefore, Fault::HeldAfter];

#[tokio::test]
async fn whoever_goes_away_at_whichever_store_call_all_is_done_once_and_no_job_is_lost() {
    let began = Instant::now();
    let mut walks = 0;
    for manner in MANNERS {
        let expected = expected(manner).await;
        let (without, _) = same(Trouble::None, manner, &expected).await.expect("no trouble");
        for fault in HELD {
            for n in 1.. {
                let walked = same(Trouble::Leaves(n, fault), manner, &expected).await;
                let (came, left) = walked.unwrap_or_else(|why| panic!("{fault:?} at call {n}, {manner:?}: {why}"));
                // What is lost is asked for once more, when its lease is over.
                assert_eq!(came, without, "{fault:?} at call {n}, {manner:?}");
                walks += 1;
                if !left {
                    assert!(n > 20, "a walk makes more calls than {n}");
                    break;
                }
            }
        }
    }
    ran(
        "the caller goes away at the n-th store call",
        walks,
        began.elapsed(),
        "no job lost",
    );
}

/// Runs a call, and goes away when the store holds it; whether it did.
async fn leave<T>(engine: &Engine, faulty: &Faulty, n: usize, fault: Fault, call: impl Future<Output = T>) -> bool {
    faulty.arm(n, fault);
    let left = tokio::select! {
        biased;
        _ = call => false,
        () = faulty.held() => true,
    };
    faulty.let_go();
    engine.at_rest().await;
    faulty.disarm();
    left
}

async fn holding(flow: deity::flow::Flow) -> (Desk, Arc<Faulty>) {
    let faulty = Arc::new(Faulty::over(Arc::new(Memory::new()), None));
    let desk = Desk::over(Arc::clone(&faulty) as Arc<dyn Store>, [flow]).await;
    (desk, faulty)
}

#[tokio::test]
async fn a_return_whose_client_goes_away_is_the_first_one_that_counts() {
    for fault in HELD {
        for n in 1.. {
            let (mut desk, faulty) = holding(flow()).await;
            let page = elsewhere(&desk).await;
            let token = token(&desk, &page).await;
            let (jobs, mut waiting) = mpsc::channel(8);
            desk.engine = desk.engine.hire(jobs, false);
            let back = desk.engine.answer(by(&token, true));
            let left = leave(&desk.engine, &faulty, n, fault, back).await;
            let job = waiting.try_recv().expect("the look-up is handed over");
            assert_eq!(job.errand.about.as_deref(), Some("pay"), "{fault:?} at {n}");
            let again = sheet(desk.engine.answer(by(&token, true)).await);
            assert_eq!(
                (again.kind, again.session),
                ("waiting", page.session),
                "{fault:?} at {n}"
            );
            assert!(waiting.try_recv().is_err(), "it is asked for once");
            if !left {
                assert!(n > 2, "a return makes more calls than {n}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_callback_that_breaks_off_counts_and_what_follows_is_handed_over() {
    for fault in HELD {
        for n in 1.. {
            let (mut desk, faulty) = holding(flow()).await;
            let page = elsewhere(&desk).await;
            let (jobs, mut waiting) = mpsc::channel(8);
            desk.engine = desk.engine.hire(jobs, false);
            let sure = desk.press(&page, "stop", &[]).await;
            desk.press(&sure, "yes-cancel", &[]).await;
            while waiting.try_recv().is_ok() {}
            let asked = desk.latest(&page, "pay").await;
            let at = desk.stored(&page).await.at;
            let told = desk.engine.report(at, asked.number, done(&[("ticket", "T-1")]));
            let left = leave(&desk.engine, &faulty, n, fault, told).await;
            let job = waiting.try_recv().expect("what was paid is paid back");
            assert_eq!(job.errand.effect, "refund", "{fault:?} at {n}");
            if !left {
                assert!(n > 2, "a callback makes more calls than {n}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn what_finds_no_room_in_the_queue_is_run_a_second_later_and_never_unknown() {
    let (mut desk, _) = holding(book()).await;
    let (jobs, mut waiting) = mpsc::channel(1);
    desk.engine = desk.engine.hire(jobs, false);
    let first = desk.start("book").await;
    desk.says(&first, "seats", seats(&["a1", "a2"])).await;
    let page = desk.follow(&first, Some("open")).await;
    // The first job, of the list of seats, still stands in the queue.
    desk.send(&page, &[("seat", "a1")]).await;
    let asked = desk.latest(&page, "hold").await;
    assert!(matches!(asked.stage, Stage::Due { .. }), "{asked:?}");
    assert_eq!(asked.attempts, 0);
    assert!(!desk.engine.tick().await.unwrap(), "not before a second has passed");
    let list = waiting.try_recv().expect("the list of seats");
    assert_eq!(list.errand.effect, "seats");
    assert!(waiting.try_recv().is_err(), "nothing else was handed over");
    desk.wait(1);
    desk.engine.tick().await.unwrap();
    let job = waiting.try_recv().expect("there is room now");
    assert_eq!(
        (job.errand.effect.as_str(), job.errand.attempt, job.errand.doubt),
        ("hold", 1, false)
    );
}
