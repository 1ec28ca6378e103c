//! No answer: tried again while that is safe, asked about, and then in doubt, where a person can
//! see it and an operator can settle it.

use deity::machine::{Errand, Node, Ruling, Said, Stage, State, lapse, settle, take};

use super::{book, declined, done, not_done, saved, unknown, variant};
use crate::support::desk::{Desk, NOON};

const RETRY: (&str, &str) = (
    "save.ticket = \"/ticket\"",
    "save.ticket = \"/ticket\"\nretry = \"10m\"",
);
const PROBE: (&str, &str) = (
    "save.ticket = \"/ticket\"",
    "save.ticket = \"/ticket\"\nprobe = \"paid\"\n\n[effects.paid]\nhttp = \"GET http://callee.example/payments\"\nsafe = true\nsend = {}",
);

fn next(stage: &Stage) -> i64 {
    match stage {
        Stage::Due { next } => *next,
        other => panic!("not due: {other:?}"),
    }
}

#[tokio::test]
async fn without_leave_to_try_again_an_unknown_outcome_is_in_doubt_and_stops_there() {
    let desk = Desk::open([book()]).await;
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", unknown()).await;
    assert!(desk.latest(&waiting, "pay").await.in_doubt());
    let page = desk.follow(&waiting, Some("on")).await;
    assert_eq!((page.kind, page.status), ("waiting", 200));
    let reference = desk.stored(&page).await.at.reference();
    for words in ["We do not know yet", "Please do not do it", &reference] {
        assert!(page.html.contains(words), "{words}: {}", page.html);
    }
    assert!(
        !page.html.contains("<button"),
        "nothing could be pressed that repeats it: {}",
        page.html
    );
    // It does not run out of time.
    desk.wait(400 * 24 * 60 * 60);
    while desk.engine.tick().await.unwrap() {}
    assert!(matches!(desk.stored(&page).await.state, State::Live));
    assert_eq!(desk.follow(&page, Some("on")).await.kind, "waiting");
}

#[tokio::test]
async fn with_leave_it_is_tried_again_with_growing_pauses_under_one_key_and_then_in_doubt() {
    let desk = Desk::open([variant(&[RETRY])]).await;
    let waiting = desk.pay().await;
    let flow = variant(&[RETRY]);
    let mut keys = Vec::new();
    let mut pauses = Vec::new();
    let asked_at = desk.latest(&waiting, "pay").await.at;
    loop {
        let errands = desk.errands(&waiting, &flow).await;
        keys.extend(errands.iter().filter(|e| e.effect == "pay").map(|e| e.key));
        // What the runner took is in the store as taken.
        let number = desk.latest(&waiting, "pay").await.number;
        crate::effects::taken(&desk, &waiting, &flow, number).await;
        desk.says(&waiting, "pay", unknown()).await;
        let pay = desk.latest(&waiting, "pay").await;
        if pay.in_doubt() {
            break;
        }
        let now = desk.engine.now() / 1000;
        pauses.push(next(&pay.stage) - now);
        desk.wait(next(&pay.stage) - now);
        assert!(pauses.len() < 100);
    }
    assert!(pauses.len() >= 5, "{pauses:?}");
    assert!(pauses.windows(2).take(6).all(|pair| pair[0] <= pair[1]), "{pauses:?}");
    assert!(
        desk.engine.now() / 1000 <= asked_at + 600,
        "no longer than the flow allows"
    );
    keys.dedup();
    assert_eq!(keys.len(), 1, "one key for one asking");
}

#[tokio::test]
async fn the_callees_own_pause_is_honoured() {
    let desk = Desk::open([variant(&[RETRY])]).await;
    let waiting = desk.pay().await;
    let busy = Said::NotDone {
        why: "429".to_owned(),
        pause: Some(120),
        again: true,
    };
    desk.says(&waiting, "pay", busy).await;
    let next = next(&desk.latest(&waiting, "pay").await.stage);
    // Of this second nobody knows how much is over.
    assert!((NOON + 121..NOON + 160).contains(&next), "{}", next - NOON);
}

#[tokio::test]
async fn the_callees_own_pause_is_kept_whole_by_every_next_try_and_by_the_first_question() {
    for pause in [0, 1, 2, 7, 300, 3_600] {
        for change in [RETRY, PROBE] {
            let flow = [change, ("retry = \"10m\"", "retry = \"2h\"")];
            let flow = variant(&flow[..if change == RETRY { 2 } else { 1 }]);
            let desk = Desk::open([flow]).await;
            let waiting = desk.pay().await;
            let busy = Said::Unknown {
                why: "503".to_owned(),
                pause: Some(pause),
            };
            desk.says(&waiting, "pay", busy).await;
            let after = next(&desk.latest(&waiting, "pay").await.stage) - NOON;
            let most = pause + 1 + pause.min(300) / 4;
            assert!(
                (pause + 1..=most.max(2)).contains(&after),
                "asked for {pause}, got {after}"
            );
        }
    }
}

#[tokio::test]
async fn a_pause_that_is_longer_than_the_flow_allows_is_not_waited_for() {
    for pause in [601, i64::MAX] {
        let desk = Desk::open([variant(&[RETRY])]).await;
        let waiting = desk.pay().await;
        let busy = Said::NotDone {
            why: "429".to_owned(),
            pause: Some(pause),
            again: true,
        };
        desk.says(&waiting, "pay", busy).await;
        assert_eq!(desk.follow(&waiting, Some("on")).await.place, "sorry");
    }
}

#[tokio::test]
async fn a_probe_sends_what_its_own_send_says_and_nothing_that_the_effect_sent() {
    let own = "send = { ref = \"{{ reference }}\", hold = \"{{ hold }}\" }";
    for (send, expected) in [("send = {}", &[][..]), ("", &[]), (own, &["ref", "hold"])] {
        let flow = || variant(&[PROBE, ("safe = true\nsend = {}", &format!("safe = true\n{send}"))]);
        let desk = Desk::open([flow()]).await;
        let waiting = desk.pay().await;
        assert!(!desk.latest(&waiting, "pay").await.sent.is_empty());
        desk.says(&waiting, "pay", unknown()).await;
        let errands = desk.errands(&waiting, &flow()).await;
        let [probe] = errands.as_slice() else {
            panic!("{errands:?}")
        };
        assert_eq!(probe.effect, "paid");
        let names: Vec<_> = probe.sent.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, expected, "{send}");
        let said = format!("{:?}", probe.sent);
        assert!(!said.contains("Ada"), "{said}");
        if !expected.is_empty() {
            let reference = desk.stored(&waiting).await.at.reference();
            assert!(said.contains(&reference) && said.contains("H-1"), "{said}");
        }
    }
}

#[tokio::test]
async fn what_is_only_accepted_is_asked_about_and_never_sent_again_before_an_answer() {
    let desk = Desk::open([variant(&[PROBE])]).await;
    let flow = variant(&[PROBE]);
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", Said::Pending).await;
    let mut asked = 0;
    loop {
        assert_eq!(desk.follow(&waiting, Some("on")).await.kind, "waiting");
        desk.wait(400);
        let errands = desk.errands(&waiting, &flow).await;
        let [errand] = errands.as_slice() else {
            panic!("{errands:?}")
        };
        assert_eq!(errand.about.as_deref(), Some("pay"), "asked, not sent again");
        let pay = desk.latest(&waiting, "pay").await;
        super::taken(&desk, &waiting, &flow, pay.number).await;
        asked += 1;
        let answer = if asked < 4 {
            Said::Pending
        } else {
            done(&[("ticket", "T-1")])
        };
        desk.says(&waiting, "pay", answer).await;
        if asked == 4 {
            break;
        }
    }
    assert_eq!(desk.follow(&waiting, Some("on")).await.place, "done");
}

#[tokio::test]
async fn what_stays_accepted_and_nothing_more_is_in_doubt_in_the_end() {
    let desk = Desk::open([variant(&[PROBE])]).await;
    let flow = variant(&[PROBE]);
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", Said::Pending).await;
    for n in 0.. {
        desk.wait(400);
        let pay = desk.latest(&waiting, "pay").await;
        if pay.in_doubt() {
            assert!((3..20).contains(&n), "{n}");
            return;
        }
        super::taken(&desk, &waiting, &flow, pay.number).await;
        desk.says(&waiting, "pay", Said::Pending).await;
    }
}

#[tokio::test]
async fn whoever_can_be_asked_is_asked_and_what_it_says_counts() {
    for (said, kind, place) in [
        (done(&[("ticket", "T-1")]), "receipt", "done"),
        (declined("No.", &[]), "screen", "name"),
    ] {
        let desk = Desk::open([variant(&[PROBE])]).await;
        let waiting = desk.pay().await;
        desk.says(&waiting, "pay", unknown()).await;
        let flow = variant(&[PROBE]);
        let errands = desk.errands(&waiting, &flow).await;
        let [Errand { effect, about, key, .. }] = errands.as_slice() else {
            panic!("{errands:?}")
        };
        assert_eq!((effect.as_str(), about.as_deref()), ("paid", Some("pay")));
        let session = desk.stored(&waiting).await;
        assert_eq!(*key, session.effect_key(&desk.latest(&waiting, "pay").await));
        desk.says(&waiting, "pay", said).await;
        let page = desk.follow(&waiting, Some("on")).await;
        assert_eq!((page.kind, page.place.as_str()), (kind, place));
    }
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_not_there_only_when_it_is_not_there_twice() {
    let desk = Desk::open([variant(&[PROBE])]).await;
    let flow = variant(&[PROBE]);
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", unknown()).await;
    desk.says(&waiting, "pay", not_done(true)).await;
    // It may be on its way still: nobody is told that it was not done.
    assert_eq!(desk.follow(&waiting, Some("on")).await.kind, "waiting");
    assert!(
        desk.errands(&waiting, &flow).await.is_empty(),
        "it is given the time that a try may take"
    );
    desk.wait(60);
    let errands = desk.errands(&waiting, &flow).await;
    assert_eq!(errands.len(), 1);
    assert_eq!(
        (errands[0].effect.as_str(), errands[0].about.as_deref()),
        ("paid", Some("pay"))
    );
    // No answer between the two proves nothing: it begins anew.
    desk.says(&waiting, "pay", unknown()).await;
    desk.says(&waiting, "pay", not_done(true)).await;
    assert_eq!(desk.follow(&waiting, Some("on")).await.kind, "waiting");
    desk.says(&waiting, "pay", not_done(true)).await;
    let page = desk.follow(&waiting, Some("on")).await;
    assert_eq!((page.kind, page.place.as_str()), ("receipt", "sorry"));
}

#[tokio::test]
async fn what_is_not_there_once_is_asked_about_again_also_where_it_can_be_undone_or_tried_again() {
    const UNDO: (&str, &str) = (
        "probe = \"paid\"\n",
        "probe = \"paid\"\nundo = \"refund\"\n\n[effects.refund]\nhttp = \"DELETE http://callee.example/payments\"\nsend = {}\n",
    );
    const AGAIN: (&str, &str) = ("probe = \"paid\"\n", "probe = \"paid\"\nretry = \"10m\"\n");
    for (change, first) in [(UNDO, unknown()), (AGAIN, Said::Pending)] {
        let flow = variant(&[PROBE, change]);
        let desk = Desk::open([variant(&[PROBE, change])]).await;
        let waiting = desk.pay().await;
        desk.says(&waiting, "pay", first).await;
        desk.says(&waiting, "pay", not_done(true)).await;
        assert_eq!(desk.follow(&waiting, Some("on")).await.kind, "waiting");
        assert!(desk.errands(&waiting, &flow).await.is_empty(), "a pause apart");
        desk.wait(60);
        let errands = desk.errands(&waiting, &flow).await;
        assert_eq!(errands.len(), 1);
        assert_eq!(errands[0].about.as_deref(), Some("pay"), "asked once more");
        desk.says(&waiting, "pay", not_done(true)).await;
        desk.wait(5);
        let errands = desk.errands(&waiting, &flow).await;
        let next: Vec<_> = errands
            .iter()
            .map(|errand| (errand.effect.as_str(), &errand.about))
            .collect();
        if change == UNDO {
            assert_eq!(desk.follow(&waiting, Some("on")).await.place, "sorry");
            assert_eq!(next, [("refund", &None)]);
        } else {
            assert_eq!(next, [("pay", &None)], "and then it is tried again");
        }
    }
}

#[tokio::test]
async fn questions_are_no_tries() {
    let flow = variant(&[PROBE]);
    let desk = Desk::open([variant(&[PROBE])]).await;
    let mut session = desk.stored(&desk.pay().await).await;
    let node = Node { id: 1, alone: true };
    for (n, tried) in [(0, 1), (1, 1), (2, 1)] {
        let now = NOON + n * 60;
        let errands = take(&flow, &mut session, now, node);
        let [errand] = errands.as_slice() else {
            panic!("{errands:?}")
        };
        assert_eq!(errand.about.is_some(), n > 0);
        assert_eq!(session.asking(errand.number).unwrap().tries, tried);
        session = settle(&flow, &session, errand.number, unknown(), now, 0).unwrap();
    }
}

#[tokio::test]
async fn a_probe_that_never_answers_ends_in_doubt() {
    let desk = Desk::open([variant(&[PROBE])]).await;
    let waiting = desk.pay().await;
    let flow = variant(&[PROBE]);
    for n in 0.. {
        let pay = desk.latest(&waiting, "pay").await;
        if pay.in_doubt() {
            assert!(n > 3, "{n}");
            return;
        }
        crate::effects::taken(&desk, &waiting, &flow, pay.number).await;
        desk.says(&waiting, "pay", unknown()).await;
        desk.wait(400);
        assert!(n < 50);
    }
}

#[tokio::test]
async fn a_lease_that_runs_out_counts_as_unknown_and_one_of_a_dead_process_at_once() {
    let flow = variant(&[RETRY]);
    let desk = Desk::open([variant(&[RETRY])]).await;
    let waiting = desk.pay().await;
    let mut session = desk.stored(&waiting).await;
    let one = Node { id: 1, alone: false };
    let errands = take(&flow, &mut session, NOON, one);
    assert_eq!(errands.len(), 1);
    assert!(
        take(&flow, &mut session, NOON, Node { id: 2, alone: false }).is_empty(),
        "two never have it at once"
    );
    let other = Node { id: 2, alone: false };
    assert!(lapse(&flow, &session, NOON + 1, other, 0).is_none());
    let lapsed = lapse(&flow, &session, errands[0].until, other, 0).expect("the lease is over");
    let pay = lapsed.asked.iter().find(|asked| asked.effect == "pay").unwrap();
    assert!(pay.doubt && matches!(pay.stage, Stage::Due { .. }), "{pay:?}");
    assert!(pay.heard.contains("no answer was written down in time"), "{pay:?}");
    // A process that is alone on its store knows that the other one is dead.
    let lapsed = lapse(&flow, &session, NOON + 1, Node { id: 2, alone: true }, 0).expect("it is dead");
    let pay = lapsed.asked.iter().find(|asked| asked.effect == "pay").unwrap();
    assert!(pay.heard.contains("the server was ended"), "{pay:?}");
    assert!(lapse(&flow, &session, NOON + 1, Node { id: 1, alone: true }, 0).is_none());
}

#[tokio::test]
async fn an_operator_says_what_is_true_and_the_person_goes_on() {
    for (ruling, kind, place) in [
        (Ruling::Done(saved(&[("ticket", "T-7")])), "receipt", "done"),
        (Ruling::NotDone, "receipt", "sorry"),
    ] {
        let desk = Desk::open([book()]).await;
        let waiting = desk.pay().await;
        desk.says(&waiting, "pay", unknown()).await;
        let pay = desk.latest(&waiting, "pay").await;
        let at = desk.stored(&waiting).await.at;
        assert!(desk.engine.rule(at, pay.number, &ruling).await.unwrap());
        let page = desk.follow(&waiting, Some("on")).await;
        assert_eq!((page.kind, page.place.as_str()), (kind, place));
        assert!(
            !desk.engine.rule(at, pay.number, &ruling).await.unwrap(),
            "once settled there is nothing to say"
        );
    }
}

#[tokio::test]
async fn an_operator_has_it_tried_again_under_the_same_key() {
    let desk = Desk::open([book()]).await;
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", unknown()).await;
    let pay = desk.latest(&waiting, "pay").await;
    let before = desk.stored(&waiting).await;
    assert!(desk.engine.rule(before.at, pay.number, &Ruling::Again).await.unwrap());
    let errands = desk.errands(&waiting, &book()).await;
    assert_eq!(errands.len(), 1);
    assert_eq!(errands[0].key, before.effect_key(&pay));
    desk.says(&waiting, "pay", done(&[("ticket", "T-1")])).await;
    assert_eq!(desk.follow(&waiting, Some("on")).await.place, "done");
}

#[tokio::test]
async fn behind_a_seal_a_session_that_runs_out_of_time_is_unfinished_and_kept() {
    // The payment leads to one more screen.
    let flow = variant(&[
        ("to = \"done\", declined", "to = \"last\", declined"),
        (
            "[screens.done]",
            "[screens.last]\ntitle = \"One more\"\nactions.go = \"done\"\n\n[screens.done]",
        ),
    ]);
    let desk = Desk::open([flow]).await;
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", done(&[("ticket", "T-1")])).await;
    let last = desk.follow(&waiting, Some("on")).await;
    assert_eq!(last.place, "last");
    assert!(!last.back, "what was paid for cannot be changed any more");
    desk.wait(3 * 60 * 60);
    while desk.engine.tick().await.unwrap() {}
    let session = desk.stored(&last).await;
    assert!(matches!(session.state, State::Expired { unfinished: true, .. }));
    assert!(!session.answers.is_empty());
    assert!(session.asked.iter().all(|asked| !super::is_undo(asked)));
}

#[tokio::test]
async fn the_words_of_a_programs_last_try_are_kept_with_its_asking_and_dropped_with_the_answers() {
    let desk = Desk::open([variant(&[RETRY])]).await;
    let flow = std::sync::Arc::new(variant(&[RETRY]));
    let waiting = desk.pay().await;
    let at = desk.stored(&waiting).await.at;
    for (n, (stderr, said)) in [
        ("first", unknown()),
        ("", unknown()),
        ("last", done(&[("ticket", "T-1")])),
    ]
    .into_iter()
    .enumerate()
    {
        let pay = desk.latest(&waiting, "pay").await;
        let errand = desk.errands(&waiting, &flow).await.remove(0);
        super::taken(&desk, &waiting, &flow, pay.number).await;
        let job = deity::engine::Job {
            at,
            flow: std::sync::Arc::clone(&flow),
            errand,
            language: None,
            returning: None,
            callback: None,
        };
        // Whoever has it no more says only what is certain.
        let certain = desk.engine.report_of_run(&job, said.clone(), stderr.to_owned()).await;
        if n < 2 {
            assert_eq!(certain.unwrap(), deity::engine::Heard::Before);
            desk.says(&waiting, "pay", said).await;
            desk.wait(100);
        } else {
            assert_eq!(desk.latest(&waiting, "pay").await.stderr, "last");
        }
    }
    // The flow keeps its answers for thirty days.
    desk.wait(31 * 24 * 60 * 60);
    while desk.engine.tick().await.unwrap() {}
    let session = desk.stored(&waiting).await;
    assert!(matches!(session.state, State::Forgotten { .. }));
    assert!(!format!("{session:?}").contains("last"));
}
