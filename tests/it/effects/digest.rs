//! The daily digest: counts, once a day, whatever is started anew, by mail or a hook.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use deity::engine::Engine;
use deity::operator::{Digest, Filter, Operator, Reply, Request};
use deity::store::sled::{Options, Sled};
use deity::store::{Key, Store, Write};
use serde_json::{Value as Json, json};

use super::callee::{Callee, mail_server};
use super::{not_done, unknown, variant};
use crate::support::App;
use crate::support::desk::{Desk, read};

const DAY: i64 = 86_400;

async fn digest(engine: &Engine) -> Option<Digest> {
    Operator::new(engine.clone()).digest().await.unwrap()
}

/// The digest of the day that is over, and that it was told.
async fn told(engine: &Engine) -> Digest {
    let digest = digest(engine).await.expect("a digest is due");
    Operator::new(engine.clone()).digest_told(&digest).await.unwrap();
    digest
}

/// Three days of a flow whose answers nothing sends, and which are kept for a day.
const FORM: &str = r#"
title = "A form"
start = "intro"
limits = { idle = "2h", total = "2d", keep = "1d" }

[screens.intro]
title = "A form"
actions.start = { label = "Start now", to = "ask" }

[screens.ask]
title = "What?"
fields.thing = { type = "text", label = "Thing" }
actions.continue = "more"

[screens.more]
title = "What else?"
fields.other = { type = "text", label = "Other" }
actions.continue = "done"

[screens.done]
title = "Done"
end = "completed"
"#;

#[tokio::test]
async fn it_counts_what_must_be_seen_to_once_a_day_and_survives_a_start() {
    let flows = || [variant(&[]), read("form", FORM)];
    let desk = Desk::open(flows()).await;
    assert_eq!(digest(&desk.engine).await, None, "the first start notes the moment");
    // One failed, one in doubt.
    let failed = desk.pay().await;
    desk.says(&failed, "pay", not_done(false)).await;
    let doubt = desk.pay().await;
    desk.says(&doubt, "pay", unknown()).await;
    // One answered and left, one only begun, one finished that nothing sends.
    let left = desk.start("form").await;
    desk.send(&left, &[("thing", "a")]).await;
    desk.start("form").await;
    let page = desk.start("form").await;
    let page = desk.send(&page, &[("thing", "a")]).await;
    assert_eq!(desk.send(&page, &[("other", "b")]).await.place, "done");
    assert_eq!(digest(&desk.engine).await, None, "the day is not over");

    desk.wait(DAY);
    while desk.engine.tick().await.unwrap() {}
    let first = told(&desk.engine).await;
    assert_eq!((first.failed, first.in_doubt, first.unreadable), (1, 1, 0), "{first:?}");
    assert_eq!(
        (first.ran_out, first.dropped),
        (1, 1),
        "not what was only begun: {first:?}"
    );
    assert_eq!(first.day, "2026-11-24");
    assert_eq!(digest(&desk.engine).await, None, "a day is told once");
    let again = desk.restarted(flows()).await;
    assert_eq!(digest(&again.engine).await, None, "also by the next process");

    again.wait(DAY);
    while again.engine.tick().await.unwrap() {}
    let due = digest(&again.engine).await.expect("the next day");
    let same = digest(&again.engine).await.expect("not told yet");
    assert_eq!(
        (due.id(), &due),
        (same.id(), &same),
        "it is tried again under the same name"
    );
    let second = told(&again.engine).await;
    assert_eq!((second.failed, second.in_doubt), (1, 1), "until somebody sees to it");
    assert_eq!((second.ran_out, second.dropped), (0, 0), "those were told");
    assert_eq!(first.lines().count(), 4, "{first:?}");
    assert_eq!(second.lines().count(), 2, "{second:?}");

    let number = desk.latest(&failed, "pay").await.number;
    let at = deity::id::SessionId::parse(&failed.session).unwrap().key();
    again
        .engine
        .acknowledge(at, move |asked| asked.number == number)
        .await
        .unwrap();
    let at = deity::id::SessionId::parse(&doubt.session).unwrap().key();
    let number = desk.latest(&doubt, "pay").await.number;
    let ruling = deity::machine::Ruling::Done(super::saved(&[("ticket", "T-1")]));
    assert!(again.engine.rule(at, number, &ruling).await.unwrap());
    again.wait(DAY);
    let third = told(&again.engine).await;
    assert!(third.is_quiet(), "{third:?}");
}

/// A whole export, as `deity sessions export` asks for it; how many rows it has.
async fn exported(engine: &Engine) -> usize {
    let (send, mut replies) = tokio::sync::mpsc::channel(100);
    Operator::new(engine.clone())
        .answer(Request::Export(Filter::default()), send)
        .await;
    let mut rows = 0;
    while let Some(reply) = replies.recv().await {
        rows += usize::from(matches!(reply, Reply::Exported(_)));
    }
    rows
}

#[tokio::test]
async fn what_a_whole_export_had_was_not_dropped_unseen_whatever_was_exported_since() {
    for (hours, dropped) in [(Some(1), 0), (Some(23), 0), (None, 1)] {
        let desk = Desk::open([read("form", FORM)]).await;
        digest(&desk.engine).await;
        let page = desk.start("form").await;
        let page = desk.send(&page, &[("thing", "a")]).await;
        assert_eq!(desk.send(&page, &[("other", "b")]).await.place, "done");
        if let Some(hours) = hours {
            desk.wait(hours * 3_600);
            assert_eq!(exported(&desk.engine).await, 1);
            desk.wait(DAY - hours * 3_600);
        } else {
            desk.wait(DAY);
        }
        while desk.engine.tick().await.unwrap() {}
        // A later export, of what is finished then, has not had it.
        let page = desk.start("form").await;
        let page = desk.send(&page, &[("thing", "c")]).await;
        desk.send(&page, &[("other", "d")]).await;
        desk.wait(1);
        assert_eq!(exported(&desk.engine).await, 1);
        assert_eq!(told(&desk.engine).await.dropped, dropped, "{hours:?}");
    }
}

/// [`FORM`], whose first answer a notice tells at the end.
const HALF_TOLD: &str = r#"
[effects.told]
http = "POST http://callee.example/told"
send = { thing = "{{ thing }}" }
wait = false
"#;

#[tokio::test]
async fn what_is_dropped_is_judged_answer_by_answer() {
    let half = FORM.replace(
        "actions.continue = \"done\"",
        "actions.continue = { call = \"told\", to = \"done\" }",
    );
    let all = HALF_TOLD.replace("thing }}\" }", "thing }}\", other = \"{{ other }}\" }");
    // Without `send` all goes out, in a mail what its words say.
    let whole = HALF_TOLD.replace("send = { thing = \"{{ thing }}\" }\n", "");
    let words = HALF_TOLD.replace("send = { thing = \"{{ thing }}\" }\n", "").replace(
        "http = \"POST http://callee.example/told\"",
        "email.to = \"desk@office.example\"\nemail.subject = \"A form\"\nemail.text = \"{{ thing }}\"",
    );
    let failed = HALF_TOLD;
    for (told_by, done, unsent) in [
        (HALF_TOLD, true, 1),
        (all.as_str(), true, 0),
        (whole.as_str(), true, 0),
        (words.as_str(), true, 1),
        (failed, false, 2),
    ] {
        let desk = Desk::open([read("form", &format!("{half}{told_by}"))]).await;
        digest(&desk.engine).await;
        let page = desk.start("form").await;
        let page = desk.send(&page, &[("thing", "a")]).await;
        let page = desk.send(&page, &[("other", "b")]).await;
        assert_eq!(page.place, "done");
        let said = if done {
            super::done(&[])
        } else {
            super::declined("no", &[])
        };
        desk.says(&page, "told", said).await;
        desk.wait(DAY);
        while desk.engine.tick().await.unwrap() {}
        assert_eq!(desk.stored(&page).await.unsent, unsent, "{told_by}");
        let dropped = u64::from(unsent > 0);
        assert_eq!(told(&desk.engine).await.dropped, dropped, "{told_by}");
    }
}

#[tokio::test]
async fn an_answer_that_was_changed_after_it_was_told_was_not_told() {
    let form = FORM.replace(
        "actions.continue = \"more\"",
        "actions.continue = { call = \"told\", to = \"more\" }",
    );
    for told_again in [true, false] {
        let desk = Desk::open([read("form", &format!("{form}{HALF_TOLD}"))]).await;
        let ask = desk.start("form").await;
        let page = desk.send(&ask, &[("thing", "a")]).await;
        desk.says(&page, "told", super::done(&[])).await;
        let more = desk.send(&ask, &[("thing", "b")]).await;
        let said = if told_again {
            super::done(&[])
        } else {
            super::declined("no", &[])
        };
        desk.says(&more, "told", said).await;
        let page = desk.send(&more, &[("other", "c")]).await;
        assert_eq!(page.place, "done");
        desk.wait(DAY);
        while desk.engine.tick().await.unwrap() {}
        let unsent = if told_again { 1 } else { 2 };
        assert_eq!(desk.stored(&page).await.unsent, unsent, "{told_again}");
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_read_is_counted() {
    let desk = Desk::open([read("form", FORM)]).await;
    digest(&desk.engine).await;
    let page = desk.start("form").await;
    let key = Key::Session(deity::id::SessionId::parse(&page.session).unwrap().key());
    let stored = desk.store.get(key).await.unwrap().unwrap();
    let write = Write {
        tag: 1,
        wake: i64::MAX,
        bytes: b"nonsense".to_vec(),
    };
    desk.store.cas(key, stored.token, write).await.unwrap();
    desk.wait(DAY);
    assert_eq!(told(&desk.engine).await.unreadable, 1);
}

#[tokio::test]
async fn a_clock_that_leapt_silences_it_for_no_longer_than_it_leapt() {
    let desk = Desk::open([read("form", FORM)]).await;
    digest(&desk.engine).await;
    desk.wait(31 * DAY);
    told(&desk.engine).await;
    desk.wait(-31 * DAY);
    assert!(digest(&desk.engine).await.is_some());
}

/// One button, one call that fails for good.
fn one(callee: &Callee) -> String {
    format!(
        r#"
title = "One"
start = "intro"

[screens.intro]
title = "One"
actions.start = {{ label = "Start now", to = "ask" }}

[screens.ask]
title = "What?"
fields.thing = {{ type = "text", label = "Thing" }}
actions.order = {{ label = "Order", call = "order", to = "done", failed = "done" }}

[screens.done]
title = "Done"
end = "completed"

[effects.order]
http = "POST http://{}/orders"
"#,
        callee.address
    )
}

/// A server that was last told of a day long ago, with an effect that failed.
fn behind(callee: &Callee, whom: &str, more: &[String]) -> App {
    let mut app = App::stopped(&[("one", &one(callee))])
        .argument("--callees=127.0.0.1")
        .argument("--digest")
        .argument(whom);
    for argument in more {
        app = app.argument(argument);
    }
    app.run();
    let mut browser = app.browser("/one");
    browser.press("Start now");
    browser.fill("Thing", "a very private thing").press("Order");
    assert_eq!(browser.page.heading(), "Done");
    app.stop();
    let back = async {
        let (store, _) = Sled::open(&app.data(), Options::new(Arc::new(|why| panic!("{why}")))).unwrap();
        let key = Key::Meta(*b"digest told     ");
        let bytes = [&[1][..], &1_700_000_000_i64.to_le_bytes()].concat();
        let write = Write {
            tag: 0,
            wake: i64::MAX,
            bytes,
        };
        match store.get(key).await.unwrap() {
            Some(stored) => store.cas(key, stored.token, write).await.unwrap(),
            None => store.create(key, write).await.unwrap(),
        };
        store.close().await;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(back);
    app
}

#[test]
fn a_hook_program_gets_the_counts_as_json() {
    let callee = Callee::answering(|_| Some((403, "{}".to_owned())));
    let mut app = behind(&callee, "digest.sh", &[]);
    app.program("digest.sh", "#!/bin/sh\ncat >> digest.txt\necho >> digest.txt\n");
    app.run();
    app.wait_for("the daily digest");
    app.stop();
    let text = fs::read_to_string(app.data().join("digest.txt")).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 1, "{text}");
    let json: Json = serde_json::from_str(lines[0]).unwrap();
    assert_eq!((&json["failed"], &json["in_doubt"]), (&json!(1), &json!(0)), "{json}");
}

#[test]
fn a_hook_that_fails_is_told_again_later_and_the_log_says_so() {
    let callee = Callee::answering(|_| Some((403, "{}".to_owned())));
    let hook = Callee::answering(|_| Some((500, "a very private thing".to_owned())));
    let url = format!("http://{}/hook?token=s3cret", hook.address);
    let mut app = behind(&callee, &url, &[]);
    app.run();
    app.wait_for("the daily digest could not be told");
    let stderr = app.stop().stderr;
    assert!(stderr.contains("it answered 500"), "{stderr}");
    assert!(!stderr.contains("private") && !stderr.contains("s3cret"), "{stderr}");
    hook.answer(|_| Some((204, String::new())));
    app.run();
    app.wait_until(|_| hook.asked().len() >= 2);
    let asked = hook.asked();
    assert_eq!(asked[0].header("idempotency-key"), asked[1].header("idempotency-key"));
    assert_eq!(asked[1].json()["failed"], json!(1));
}

#[test]
fn mail_says_the_counts_in_words_and_no_answer() {
    let callee = Callee::answering(|_| Some((403, "{}".to_owned())));
    let (mail, arrived) = mail_server();
    let more = [
        format!("--smtp=smtp://{mail}"),
        "--mail-from=forms@example.org".to_owned(),
    ];
    let mut app = behind(&callee, "ops@example.org", &more);
    app.run();
    let text = arrived.recv_timeout(Duration::from_secs(40)).expect("a message");
    for words in [
        "RCPT TO:<ops@example.org>",
        "1 effect failed for good",
        "deity effects list",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("private"), "{text}");
    app.wait_for("the daily digest");
    app.stop();
}

#[test]
fn a_digest_by_mail_needs_a_mail_server() {
    let app = App::stopped(&[]);
    let refused = app.deity(&["settings", "--digest", "ops@example.org"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("`smtp` and `mail-from`"),
        "{refused:?}"
    );
    let shown = app.deity(&["settings", "--digest", "https://hooks.example.org/deity?token=s3cret"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("https://hooks.example.org/...") && !shown.contains("s3cret"),
        "{shown}"
    );
}
