//! Words that come late or in an order that nobody meant, and sessions with no room left for them:
//! what was done is never forgotten, and what was decided never changed.

use deity::engine::{Heard, Job};
use deity::flow::Flow;
use deity::id::SessionId;
use deity::machine::{Event, Purpose, Ruling, Said, Stage, State};

use super::{book, declined, done, is_open, is_undo, not_done, seats, unknown, variant};
use crate::support::desk::{Desk, Sheet};

const REFUND: (&str, &str) = (
    "save.ticket = \"/ticket\"",
    "save.ticket = \"/ticket\"\nundo = \"refund\"\n\n[effects.refund]\nhttp = \"DELETE http://callee.example/payments\"\nsend = { hold = \"{{ hold }}\" }",
);
/// What is paid is sent as it was looked up on the page that asks for it.
const SENT: (&str, &str) = (
    "send = { hold = \"{{ hold }}\", name = \"{{ given }}\" }",
    "send = { hold = \"{{ hold }}\", price = \"{{ price }}\" }",
);
/// A price is looked up on the page that asks for the payment.
const PRICES: [(&str, &str); 2] = [
    ("review = true\n", "review = true\nload = \"prices\"\n"),
    (
        "[effects.hold]",
        "[effects.prices]\nhttp = \"GET http://callee.example/prices\"\nsafe = true\nsave.price = \"/price\"\n\n[effects.hold]",
    ),
];

/// To the page that waits for a payment while a price that it does not need is looked up once more.
async fn priced(flow: Flow) -> (Desk, Sheet) {
    let desk = Desk::open([flow]).await;
    let name = desk.hold("a1").await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    desk.says(&check, "prices", done(&[("price", "10")])).await;
    let check = desk.follow(&check, Some("open")).await;
    let again = desk.press(&check, "look-again", &[]).await;
    let waiting = desk.press(&again, "pay", &[]).await;
    assert_eq!(waiting.kind, "waiting");
    let before = desk.stored(&waiting).await;
    desk.says(&waiting, "prices", done(&[("price", "12")])).await;
    let prices = desk.latest(&waiting, "prices").await;
    assert_eq!(
        prices.results,
        before
            .asked
            .iter()
            .find(|asked| asked.effect == "prices")
            .unwrap()
            .results,
        "what was asked for stands by what was known then"
    );
    (desk, waiting)
}

#[tokio::test]
async fn what_is_sent_is_not_sent_while_it_is_looked_up_once_more() {
    let desk = Desk::open([variant(&[PRICES.to_vec(), vec![SENT]].concat())]).await;
    let name = desk.hold("a1").await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    desk.says(&check, "prices", done(&[("price", "10")])).await;
    let check = desk.follow(&check, Some("open")).await;
    let again = desk.press(&check, "look-again", &[]).await;
    for page in [&check, &again] {
        let waiting = desk.press(page, "pay", &[]).await;
        assert_eq!((waiting.kind, waiting.status), ("waiting", 409));
    }
    assert!(desk.asked(&check).await.iter().all(|asked| asked.effect != "pay"));
    desk.says(&check, "prices", done(&[("price", "12")])).await;
    let check = desk.follow(&again, Some("open")).await;
    assert_eq!(desk.press(&check, "pay", &[]).await.kind, "waiting");
    let pay = desk.latest(&check, "pay").await;
    assert!(
        pay.sent
            .contains(&("price".to_owned(), deity::flow::Value::Text("12".to_owned()))),
        "{pay:?}"
    );
}

#[tokio::test]
async fn a_look_up_that_comes_while_it_is_paid_changes_nothing_of_what_is_paid() {
    for changes in [PRICES.to_vec(), [PRICES.to_vec(), vec![REFUND]].concat()] {
        let (desk, waiting) = priced(variant(&changes)).await;
        desk.says(&waiting, "pay", done(&[("ticket", "T-99")])).await;
        let page = desk.follow(&waiting, Some("on")).await;
        assert_eq!((page.kind, page.place.as_str()), ("receipt", "done"));
        assert!(page.html.contains("T-99"), "{}", page.html);
        assert!(!desk.asked(&page).await.iter().any(is_undo));
        let again = desk.press(&waiting, "pay", &[]).await;
        assert!(again.kind != "waiting", "nothing is paid twice: {}", again.kind);
    }
}

#[tokio::test]
async fn behind_what_cannot_be_taken_back_a_late_look_up_leads_nowhere_back() {
    let more = [
        ("to = \"done\"", "to = \"extra\""),
        (
            "[screens.done]",
            "[screens.extra]\ntitle = \"More\"\nfields.note = { type = \"text\", label = \"Note\", required = false }\nactions.continue = \"done\"\n\n[screens.done]",
        ),
    ];
    let (desk, waiting) = priced(variant(&[PRICES.to_vec(), more.to_vec()].concat())).await;
    desk.says(&waiting, "pay", done(&[("ticket", "T-99")])).await;
    let page = desk.follow(&waiting, Some("on")).await;
    assert_eq!((page.kind, page.place.as_str()), ("screen", "extra"));
    let again = desk.press(&waiting, "pay", &[]).await;
    assert_eq!(again.place, "extra");
    let pays = desk.asked(&page).await;
    assert_eq!(pays.iter().filter(|asked| asked.effect == "pay").count(), 1);
}

#[tokio::test]
async fn an_undo_that_waited_a_day_for_its_callee_is_in_doubt_and_keeps_what_it_sends() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    desk.press(&name, "yes-cancel", &[]).await;
    desk.says(&name, "release", Said::Postponed(60)).await;
    assert!(is_open(&desk.latest(&name, "release").await));
    desk.wait(86_390);
    desk.says(&name, "release", Said::Postponed(60)).await;
    let release = desk.latest(&name, "release").await;
    assert!(release.in_doubt(), "{release:?}");
    assert_eq!(release.sent.len(), 2);
    let page = desk.follow(&name, None).await;
    assert!(
        page.html.contains("We are finding out whether it was taken back"),
        "{}",
        page.html
    );
}

#[tokio::test]
async fn what_an_operator_finds_not_taken_back_is_told_and_nothing_of_it_kept() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    desk.press(&name, "yes-cancel", &[]).await;
    let number = desk.latest(&name, "release").await.number;
    let at = SessionId::parse(&name.session).unwrap().key();
    assert!(desk.engine.rule(at, number, &Ruling::NotDone).await.unwrap());
    let release = desk.latest(&name, "release").await;
    assert!(matches!(release.stage, Stage::Failed { .. }), "{release:?}");
    assert!(release.sent.is_empty() && release.label.is_empty());
    let page = desk.follow(&name, None).await;
    assert!(page.html.contains("Could not be taken back"), "{}", page.html);
    assert!(!page.html.contains("Is being taken back"));
}

#[tokio::test]
async fn a_no_finds_room_in_a_session_that_is_all_but_full_and_stays_a_no() {
    let names: Vec<String> = (0..12).map(|n| format!("w{n}")).collect();
    let given = "fields.given = { type = \"text\", label = \"Your name\", autocomplete = \"name\" }\n";
    let mut fields = given.to_owned();
    for name in &names {
        fields += &format!("fields.{name} = {{ type = \"lines\", label = \"{name}\", required = false }}\n");
    }
    let desk = Desk::open([variant(&[(given, &fields)])]).await;
    let page = desk.hold("a1").await;
    let long = "\u{1F600}".repeat(5000);
    let mut typed = vec![("given", "Ada")];
    typed.extend(names.iter().map(|name| (name.as_str(), long.as_str())));
    let check = desk.send(&page, &typed).await;
    assert_eq!(check.place, "check", "{:?}", check.faults);
    let waiting = desk.send(&check, &[]).await;
    assert_eq!(waiting.kind, "waiting");
    let words = "x".repeat(500);
    let faults = (0..50).map(|n| (format!("f{n}"), words.clone())).collect();
    let said = Said::Declined { message: words, faults };
    assert_eq!(desk.says(&waiting, "pay", said).await, Heard::Settled);
    let pay = desk.latest(&waiting, "pay").await;
    assert!(matches!(pay.stage, Stage::Declined { .. }), "{:?}", pay.stage);
    let page = desk.follow(&waiting, Some("on")).await;
    assert_eq!((page.kind, page.place.as_str()), ("screen", "name"));
}

#[tokio::test]
async fn behind_a_seal_no_cancel_is_taken_while_it_waits_either() {
    let flow = variant(&[
        (
            "actions.continue = \"check\"",
            "actions.continue = { label = \"Go\", to = \"check\", seal = true }",
        ),
        ("declined = \"name\"", "declined = \"sorry\""),
        (
            "failed = { to = \"sorry\", undo = true } }\nactions.stop = { label = \"Cancel\", cancel = true }",
            "failed = { to = \"sorry\", undo = true } }",
        ),
    ]);
    let desk = Desk::open([flow]).await;
    let name = desk.hold("a1").await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    assert!(desk.stored(&check).await.seal.is_some());
    let waiting = desk.send(&check, &[]).await;
    desk.press(&name, "yes-cancel", &[]).await;
    assert!(desk.stored(&waiting).await.cancel.is_none());
    desk.says(&waiting, "pay", declined("no", &[])).await;
    let session = desk.stored(&waiting).await;
    assert!(matches!(session.state, State::Ended { .. }), "{:?}", session.state);
    assert!(!session.answers.is_empty());
}

#[tokio::test]
async fn what_is_done_after_it_was_declined_is_taken_back() {
    let desk = Desk::open([variant(&[REFUND])]).await;
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", declined("no", &[])).await;
    let heard = desk.says(&waiting, "pay", done(&[("ticket", "T")])).await;
    assert_eq!(heard, Heard::TooLate);
    let refund = desk.latest(&waiting, "refund").await;
    assert!(is_open(&refund), "{refund:?}");
    // A second time it says nothing new.
    desk.says(&waiting, "pay", done(&[("ticket", "T")])).await;
    let asked = desk.asked(&waiting).await;
    assert_eq!(asked.iter().filter(|asked| asked.effect == "refund").count(), 1);
}

#[tokio::test]
async fn an_undo_that_is_not_done_yet_outlives_any_number_of_later_effects() {
    let desk = Desk::open([variant(&[(
        "failed = \"closed\" }",
        "failed = \"seat\" }\nactions.shut = { label = \"Shut\", to = \"closed\" }",
    )])])
    .await;
    let first = desk.start("book").await;
    desk.says(&first, "seats", seats(&["a1", "a2", "a3"])).await;
    let mut page = desk.follow(&first, Some("open")).await;
    let at = SessionId::parse(&page.session).unwrap().key();
    let waiting = desk.send(&page, &[("seat", "a1")]).await;
    let given_up = desk.latest(&waiting, "hold").await.number;
    desk.says(&waiting, "hold", unknown()).await;
    desk.says(&waiting, "release", done(&[])).await;
    let late = desk.engine.report(at, given_up, done(&[("hold", "H")])).await.unwrap();
    assert_eq!(late, Heard::TooLate);
    let open = desk.latest(&waiting, "release").await;
    assert!(is_open(&open) && open.purpose == Purpose::Undo { of: given_up });
    for round in 0..60 {
        page = desk.follow(&page, Some("on")).await;
        let seat = if round % 2 == 0 { "a2" } else { "a3" };
        assert_eq!(desk.send(&page, &[("seat", seat)]).await.kind, "waiting");
        let hold = desk.latest(&page, "hold").await.number;
        desk.engine.report(at, hold, unknown()).await.unwrap();
        let asked = desk.asked(&page).await;
        let undo = asked.iter().find(|asked| asked.purpose == Purpose::Undo { of: hold });
        desk.engine.report(at, undo.unwrap().number, done(&[])).await.unwrap();
    }
    let session = desk.stored(&page).await;
    assert!(session.asking(open.number).is_some_and(is_open));
    assert!(
        session.asked.len() <= 70,
        "and others are forgotten: {}",
        session.asked.len()
    );
}

#[tokio::test]
async fn a_probe_that_never_decides_ends_in_doubt() {
    let probed = [(
        "save.ticket = \"/ticket\"",
        "save.ticket = \"/ticket\"\nprobe = \"paid\"\n\n[effects.paid]\nhttp = \"GET http://callee.example/payments\"\nsafe = true\nsend = {}",
    )];
    let (flow, desk) = (variant(&probed), Desk::open([variant(&probed)]).await);
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", unknown()).await;
    for _ in 0..20 {
        let pay = desk.latest(&waiting, "pay").await;
        let Stage::Due { next } = pay.stage else { break };
        desk.wait((next - desk.engine.now() / 1000).max(0));
        super::taken(&desk, &waiting, &flow, pay.number).await;
        desk.says(&waiting, "pay", Said::Pending).await;
    }
    assert!(desk.latest(&waiting, "pay").await.in_doubt());
    let journal = desk.stored(&waiting).await.journal;
    assert!(
        journal.iter().any(|entry| matches!(entry.event, Event::InDoubt { .. })),
        "{journal:?}"
    );
}

#[tokio::test]
async fn of_a_runner_that_lost_its_lease_only_what_is_certain_counts() {
    let retry = [(
        "save.ticket = \"/ticket\"",
        "save.ticket = \"/ticket\"\nretry = \"10m\"",
    )];
    let mut desk = Desk::open([variant(&retry)]).await;
    let (sender, mut jobs) = tokio::sync::mpsc::channel(100);
    desk.engine = desk.engine.hire(sender, false);
    let waiting = desk.pay().await;
    let mut runs = move || loop {
        let job: Job = jobs.try_recv().unwrap();
        if job.errand.effect == "pay" {
            return job;
        }
    };
    let job = runs();
    // Its lease is over, and after a pause another try has begun.
    for until in [job.errand.until + 1, job.errand.until + 120] {
        desk.wait(until - desk.engine.now() / 1000);
        while desk.engine.tick().await.unwrap() {}
    }
    let second = runs();
    assert_eq!((job.errand.attempt, second.errand.attempt), (1, 2));
    let before = desk.latest(&waiting, "pay").await;
    for said in [not_done(false), unknown(), Said::Pending, Said::Postponed(9)] {
        assert_eq!(desk.engine.report_of(&job, said).await.unwrap(), Heard::Before);
    }
    assert_eq!(desk.latest(&waiting, "pay").await, before);
    assert_eq!(desk.engine.report_of(&second, unknown()).await.unwrap(), Heard::Settled);
    let said = done(&[("ticket", "T")]);
    assert_eq!(desk.engine.report_of(&job, said).await.unwrap(), Heard::Settled);
    assert_eq!(desk.follow(&waiting, Some("on")).await.place, "done");
}

#[tokio::test]
async fn what_each_further_question_brings_is_taken_in_however_many_tries_there_were() {
    let probe = "save.ticket = \"/ticket\"\nprobe = \"paid\"\n\n[effects.paid]\nhttp = \"GET http://callee.example/paid\"\nsend = {}\nsafe = true";
    let mut desk = Desk::open([variant(&[("save.ticket = \"/ticket\"", probe)])]).await;
    let (sender, mut jobs) = tokio::sync::mpsc::channel(100);
    desk.engine = desk.engine.hire(sender, false);
    desk.pay().await;
    // A try, and then questions, which count anew.
    for attempt in [1, 1, 2, 3] {
        let job: Job = loop {
            match jobs.try_recv() {
                Ok(job) if matches!(job.errand.effect.as_str(), "pay" | "paid") => break job,
                Ok(_) => {}
                Err(_) => {
                    desk.wait(1);
                    desk.engine.tick().await.unwrap();
                }
            }
        };
        assert_eq!(job.errand.attempt, attempt);
        let heard = desk.engine.report_of(&job, unknown()).await.unwrap();
        assert_eq!(heard, Heard::Settled, "{:?}", job.errand);
    }
}
