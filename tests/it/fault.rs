//! The n-th call of the store fails, for n = 1, 2, 3 ... to the end of a walk, in each way that
//! it may: a request that got no answer is sent again, and everything comes out as if nothing had
//! happened. Between two phases the process dies, and every request is sent twice.

use std::sync::Arc;
use std::time::Instant;

use deity::engine::{Reply, Request};
use deity::machine::{Session, State, Verdict};
use deity::store::Memory;

use crate::support::desk::{Desk, Sheet, form, read, sheet};
use crate::support::faulty::{Fault, Faulty, Lie};
use crate::support::ran;

/// What is typed on each screen of the walk, in order.
const TYPED: &[&[(&str, &str)]] = &[
    &[("given", "Ada"), ("pin", "1234")],
    &[("kind", "a")],
    &[("alpha", "7")],
    &[("note", "none"), ("dose", "3")],
    &[],
];
/// Faults that one walk meets at most.
const TRIES: usize = 4;

/// A walk over a store that fails at one call, or lies.
struct Walk {
    desk: Desk,
    store: Arc<Faulty>,
    /// Answers that said "send it again".
    busy: usize,
}

impl Walk {
    async fn begin(lie: Option<Lie>, fault: Option<(usize, Fault)>) -> Self {
        let store = Arc::new(Faulty::over(Arc::new(Memory::new()), lie));
        let desk = Desk::over(Arc::clone(&store) as _, [flow()]).await;
        if let Some((n, fault)) = fault {
            store.arm(n, fault);
        }
        let busy = 0;
        Self { desk, store, busy }
    }

    /// Sends a request until it gets an answer.
    async fn send(&mut self, request: &Request) -> Result<Sheet, String> {
        for _ in 0..TRIES {
            match self.desk.engine.answer(request.clone()).await {
                Reply::Busy { again, .. } => {
                    self.busy += 1;
                    assert_eq!(again.fields, request.fields, "what was typed is there to be sent again");
                }
                reply @ Reply::Session(_) => return Ok(sheet(reply)),
                other => return Err(format!("{other:?}")),
            }
        }
        Err("no answer, however often it was asked".to_owned())
    }

    /// Sends a request, lets the process die, and sends it again, if it is no start: the same page.
    async fn phase(&mut self, request: &Request) -> Result<Sheet, String> {
        let page = self.send(request).await?;
        self.store.crash();
        for _ in 0..TRIES {
            // A start may meet the fault too; then there is another one.
            if let Ok(desk) = self.desk.reopened([flow()]).await {
                self.desk = desk;
                break;
            }
        }
        if deity::id::SessionId::parse(&request.session).is_none() {
            // Each start is a session of its own.
            return Ok(page);
        }
        let again = self.send(request).await?;
        if (&again.place, &again.screen, again.verdict) != (&page.place, &page.screen, page.verdict) {
            return Err(format!("sent again, it gets {again:?}, not {page:?}"));
        }
        Ok(page)
    }

    /// The session at the end, and whether the fault was met on the way.
    async fn walk_through(&mut self) -> Result<(Session, bool), String> {
        let start = Request {
            session: self.desk.ticket("walk"),
            ..Desk::request("walk")
        };
        let mut page = self.phase(&start).await?;
        for typed in TYPED {
            let request = Request {
                fields: form(typed),
                ..Desk::post(&page, None, &[])
            };
            page = self.phase(&request).await?;
            if page.verdict != Verdict::Done {
                return Err(format!("{typed:?} was answered by {page:?}"));
            }
        }
        let met = self.store.disarm();
        Ok((self.desk.stored(&page).await, met))
    }
}

fn flow() -> deity::flow::Flow {
    read("walk", crate::table::WALK)
}

/// What must not depend on faults.
fn compared(session: &Session) -> impl PartialEq + std::fmt::Debug {
    (
        session.step,
        session.state.clone(),
        session.answers.clone(),
        session.journal.clone(),
        session.outcomes.len(),
    )
}

#[tokio::test]
async fn whichever_store_call_fails_the_walk_comes_out_the_same() {
    let began = Instant::now();
    let (expected, _) = Walk::begin(None, None).await.walk_through().await.unwrap();
    assert!(matches!(expected.state, State::Ended { .. }));
    let (mut walks, mut busy) = (0, 0);
    for fault in [Fault::NotApplied, Fault::DoubtDone, Fault::DoubtNotDone] {
        for n in 1.. {
            let mut walk = Walk::begin(None, Some((n, fault))).await;
            let (session, met) = walk
                .walk_through()
                .await
                .unwrap_or_else(|why| panic!("{fault:?} at call {n}: {why}"));
            assert_eq!(compared(&session), compared(&expected), "{fault:?} at call {n}");
            walks += 1;
            busy += walk.busy;
            if !met {
                assert!(n > 20, "{fault:?}: a walk makes more calls than {n}");
                break;
            }
        }
    }
    assert!(busy > 0, "no fault reached a person");
    let found = format!("{busy} requests had to be sent again; the same session each time");
    ran("the n-th store call fails", walks, began.elapsed(), &found);
}

#[tokio::test]
async fn a_store_that_lies_is_noticed() {
    for lie in [Lie::NeverWritten, Lie::WrittenLater, Lie::NoOutcome] {
        let why = Walk::begin(Some(lie), None).await.walk_through().await.err();
        let why = why.unwrap_or_else(|| panic!("{lie:?} was not noticed"));
        println!("{lie:?}: {}", why.chars().take(120).collect::<String>());
    }
}
