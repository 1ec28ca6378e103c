//! What failed for good stays with the operator until somebody has seen it: notices and undos too,
//! after the session is over too. The log names it in our own words.

use std::sync::Arc;

use deity::engine::{Heard, Job};
use deity::flow::Flow;
use deity::id::{SessionId, SessionKey};
use deity::machine::{Event, Stage, THEIR_WORDS};
use deity::operator::{EffectStatus, Missed, Operator, Reply, Request, Which};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

use super::callee::Callee;
use super::{declined, done, not_done, unknown, variant};
use crate::support::desk::{Desk, Sheet};
use crate::support::{App, Browser};

/// With a notice when the payment is done, and a payment that may be pressed again.
fn flow() -> Flow {
    variant(&[
        (
            "call = \"pay\", to = \"done\"",
            "call = [\"pay\", \"told\"], to = \"done\"",
        ),
        (
            "[effects.pay]",
            "[effects.told]\nhttp = \"POST http://callee.example/told\"\nsend = { name = \"{{ given }}\" }\nwait = false\n\n[effects.pay]",
        ),
    ])
}

fn key(page: &Sheet) -> SessionKey {
    SessionId::parse(&page.session).unwrap().key()
}

/// What an operator is told.
async fn told(desk: &Desk, request: Request) -> Vec<Reply> {
    let (send, mut replies) = mpsc::channel(1000);
    Operator::new(desk.engine.clone()).answer(request, send).await;
    let mut all = Vec::new();
    while let Some(reply) = replies.recv().await {
        all.push(reply);
    }
    all
}

/// The names of effects in the list that an operator meets without asking for anything.
async fn listed(desk: &Desk) -> Vec<String> {
    let request = Request::Effects {
        flow: None,
        status: None,
    };
    let replies = told(desk, request).await;
    // What is being taken back is listed too, and is not what these tests are about.
    let name = |reply: &Reply| match reply {
        Reply::Effect(effect) if effect.status == EffectStatus::Open => None,
        Reply::Effect(effect) => Some(effect.effect.clone()),
        Reply::More { more, .. } => Some(format!("and {more} more")),
        _ => None,
    };
    replies.iter().filter_map(name).collect()
}

async fn see(desk: &Desk, which: Missed, dry_run: bool) -> usize {
    let replies = told(desk, Request::Seen { which, dry_run }).await;
    replies
        .iter()
        .filter(|reply| matches!(reply, Reply::Effect(_) | Reply::More { .. }))
        .count()
}

/// To the receipt, with a notice that the callee refuses.
async fn refused_notice(desk: &Desk) -> Sheet {
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", done(&[("ticket", "T-1")])).await;
    desk.says(&waiting, "told", declined("Ada is not welcome", &[])).await;
    desk.follow(&waiting, Some("on")).await
}

#[tokio::test]
async fn a_notice_that_was_refused_is_listed_until_it_is_seen_and_keeps_its_tombstone() {
    let desk = Desk::open([flow()]).await;
    let page = refused_notice(&desk).await;
    assert_eq!(page.kind, "receipt");
    assert_eq!(listed(&desk).await, ["told"]);
    // The answers go when their time is over; the trace stays.
    for _ in 0..4 {
        desk.wait(40 * 86_400);
        while desk.engine.tick().await.unwrap() {}
    }
    assert_eq!(listed(&desk).await, ["told"]);
    let asked = desk.latest(&page, "told").await;
    assert!(
        asked.sent.is_empty() && asked.label.is_empty(),
        "no answer is kept with it: {asked:?}"
    );
    assert_eq!(see(&desk, Missed::default(), true).await, 1);
    assert_eq!(listed(&desk).await, ["told"], "a dry run changes nothing");
    assert_eq!(see(&desk, Missed::default(), false).await, 1);
    assert!(listed(&desk).await.is_empty());
    let journal = desk.stored(&page).await.journal;
    assert!(
        journal.iter().any(|entry| matches!(entry.event, Event::Seen { .. })),
        "{journal:?}"
    );
    desk.engine.tick().await.unwrap();
    assert_eq!(desk.sessions().await, 0, "nothing holds it any more");
}

/// What `effects show` has of a program's standard error.
async fn stderr(desk: &Desk, page: &Sheet, effect: &str) -> String {
    let which = Which {
        reference: desk.stored(page).await.at.reference(),
        number: Some(desk.latest(page, effect).await.number),
    };
    match &told(desk, Request::Effect(which)).await[..] {
        [Reply::Effect(shown), ..] => shown.stderr.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_stays_listed_after_keep_shows_no_word_of_its_program_any_more() {
    let desk = Desk::open([flow()]).await;
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", done(&[("ticket", "T-1")])).await;
    let number = desk.latest(&waiting, "told").await.number;
    let errands = desk.errands(&waiting, &flow()).await;
    super::taken(&desk, &waiting, &flow(), number).await;
    let job = Job {
        at: key(&waiting),
        flow: Arc::new(flow()),
        errand: errands.into_iter().find(|errand| errand.number == number).unwrap(),
        language: None,
        returning: None,
        callback: None,
    };
    let no = declined("No.", &[]);
    let heard = desk.engine.report_of_run(&job, no, "no shelf for Ada".to_owned()).await;
    assert_eq!(heard.unwrap(), Heard::Settled);
    assert_eq!(stderr(&desk, &waiting, "told").await, "no shelf for Ada");
    desk.wait(30 * 86_400 + 1);
    while desk.engine.tick().await.unwrap() {}
    assert_eq!(listed(&desk).await, ["told"]);
    assert_eq!(stderr(&desk, &waiting, "told").await, "");
}

#[tokio::test]
async fn an_undo_that_the_callee_refuses_is_in_doubt_and_once_ruled_it_is_seen() {
    let desk = Desk::open([flow()]).await;
    let name = desk.hold("a1").await;
    let asks = desk.press(&name, "stop", &[]).await;
    desk.press(&asks, "yes-cancel", &[]).await;
    desk.says(&name, "release", declined("You are Ada", &[])).await;
    let undo = desk.latest(&name, "release").await;
    assert!(matches!(undo.stage, Stage::InDoubt { .. }));
    assert_eq!(
        undo.reason(),
        "the callee declined to take it back",
        "no word of the callee's"
    );
    assert!(undo.heard.contains(THEIR_WORDS), "with the session they are kept");
    assert_eq!(listed(&desk).await, ["release"]);
    let ruling = deity::machine::Ruling::NotDone;
    assert!(desk.engine.rule(key(&name), undo.number, &ruling).await.unwrap());
    assert!(listed(&desk).await.is_empty(), "who says so has seen it");
}

#[tokio::test]
async fn a_call_that_failed_is_listed_and_pressing_again_does_not_hide_it() {
    let desk = Desk::open([flow()]).await;
    let mut waiting = desk.pay().await;
    desk.says(&waiting, "pay", not_done(false)).await;
    assert_eq!(listed(&desk).await, ["pay"]);
    let first = desk.latest(&waiting, "pay").await.number;
    waiting = desk.follow(&waiting, Some("on")).await;
    assert_eq!(waiting.place, "sorry");
    let one = |number| Missed {
        reference: Some(key(&waiting).reference()),
        number: Some(number),
        ..Missed::default()
    };
    let why = told(
        &desk,
        Request::Seen {
            which: one(99),
            dry_run: false,
        },
    )
    .await;
    assert!(matches!(&why[..], [Reply::Failed { .. }]), "{why:?}");
    assert_eq!(see(&desk, one(first), false).await, 1);
    let why = told(
        &desk,
        Request::Seen {
            which: one(first),
            dry_run: false,
        },
    )
    .await;
    assert!(
        matches!(&why[..], [Reply::Failed { message, .. }] if message.contains("seen before")),
        "{why:?}"
    );
}

#[tokio::test]
async fn filters_pick_by_flow_effect_status_and_time() {
    let desk = Desk::open([flow()]).await;
    let early = refused_notice(&desk).await;
    desk.wait(3_600);
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", not_done(false)).await;
    let now = desk.engine.now().div_euclid(1000);
    for (which, count) in [
        (
            Missed {
                flow: Some("other".to_owned()),
                ..Missed::default()
            },
            0,
        ),
        (
            Missed {
                flow: Some("book".to_owned()),
                ..Missed::default()
            },
            2,
        ),
        (
            Missed {
                effect: Some("pay".to_owned()),
                ..Missed::default()
            },
            1,
        ),
        (
            Missed {
                status: Some(EffectStatus::Declined),
                ..Missed::default()
            },
            1,
        ),
        (
            Missed {
                before: Some(now - 60),
                ..Missed::default()
            },
            1,
        ),
        (
            Missed {
                before: Some(now - 7_200),
                ..Missed::default()
            },
            0,
        ),
        (
            Missed {
                reference: Some(key(&early).reference()),
                ..Missed::default()
            },
            1,
        ),
    ] {
        assert_eq!(see(&desk, which.clone(), true).await, count, "{which:?}");
    }
    let before = Missed {
        before: Some(now - 60),
        ..Missed::default()
    };
    see(&desk, before, false).await;
    assert_eq!(listed(&desk).await, ["pay"]);
}

/// A flow whose button may be pressed again and again.
const AGAIN: &str = r#"
title = "Again"
start = "intro"

[screens.intro]
title = "Again"
actions.start = { label = "Start now", to = "ask" }

[screens.ask]
title = "What?"
fields.thing = { type = "text", label = "Thing" }
actions.order = { label = "Order", call = "order", to = "done", failed = "ask" }

[screens.done]
title = "Done"
end = "completed"

[effects.order]
http = "POST http://callee.example/orders"
"#;

#[tokio::test]
async fn of_very_many_failures_of_one_session_the_oldest_are_counted_together() {
    let desk = Desk::open([crate::support::desk::read("again", AGAIN)]).await;
    let mut page = desk.start("again").await;
    for n in 0..70 {
        page = desk.send(&page, &[("thing", &format!("thing {n}"))]).await;
        assert_eq!(page.kind, "waiting", "{n}");
        desk.says(&page, "order", not_done(false)).await;
        page = desk.follow(&page, Some("on")).await;
        assert_eq!(page.place, "ask", "{n}");
    }
    let kept = desk.asked(&page).await.len();
    let mut expected = vec!["order".to_owned(); kept];
    expected.push(format!("and {} more", 70 - kept));
    assert!((60..=65).contains(&kept), "{kept}");
    assert_eq!(listed(&desk).await, expected);
    assert_eq!(desk.stored(&page).await.more_failed as usize, 70 - kept);
    let other = Missed {
        effect: Some("other".to_owned()),
        ..Missed::default()
    };
    assert_eq!(
        see(&desk, other, false).await,
        0,
        "what is counted does not go with nothing"
    );
    assert_eq!(see(&desk, Missed::default(), false).await, kept + 1);
    assert!(listed(&desk).await.is_empty());
    // It goes on as if nothing had been.
    page = desk.send(&page, &[("thing", "a last one")]).await;
    desk.says(&page, "order", done(&[])).await;
    assert_eq!(desk.follow(&page, Some("on")).await.place, "done");
}

#[tokio::test]
async fn what_is_done_after_it_was_given_up_without_an_undo_is_listed_anew() {
    let desk = Desk::open([flow()]).await;
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", not_done(false)).await;
    see(&desk, Missed::default(), false).await;
    assert!(listed(&desk).await.is_empty());
    assert_eq!(
        desk.says(&waiting, "pay", done(&[("ticket", "T-1")])).await,
        Heard::TooLate
    );
    assert_eq!(listed(&desk).await, ["pay"]);
    assert!(
        desk.latest(&waiting, "pay")
            .await
            .reason()
            .contains("after it was given up")
    );
    assert_eq!(desk.says(&waiting, "pay", unknown()).await, Heard::Before);
}

/// One question, a call and a notice over HTTP.
fn over_http(callee: &Callee) -> String {
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
actions.order = {{ label = "Order", call = ["order", "told"], to = "done", failed = "done" }}

[screens.done]
title = "Done"
end = "completed"

[effects.order]
http = "POST http://{0}/orders"

[effects.told]
http = "POST http://{0}/told"
wait = false
"#,
        callee.address
    )
}

fn objects(app: &App, arguments: &[&str]) -> Vec<Json> {
    let output = app.deity(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn orders(app: &App) -> Browser {
    let mut browser = app.browser("/one");
    browser.press("Start now");
    browser.fill("Thing", "a very private thing").press("Order");
    assert_eq!(browser.page.heading(), "Done");
    browser
}

#[test]
fn the_log_names_flow_effect_and_reason_and_the_list_is_the_same_running_and_stopped() {
    let callee = Callee::answering(|asking| match asking.target.as_str() {
        "/told" => Some((403, json!({ "message": "a very private thing: no" }).to_string())),
        _ => Some((200, "{}".to_owned())),
    });
    let mut app = App::stopped(&[("one", &over_http(&callee))]).argument(&format!("--callees={}", callee.address));
    app.run();
    orders(&app);
    let list = ["effects", "list", "--json"];
    app.wait_until(|app| objects(app, &list).iter().any(|one| one["status"] == "declined"));
    let found = objects(&app, &list);
    assert_eq!(found.len(), 1, "{found:?}");
    let reference = found[0]["reference"].as_str().unwrap().to_owned();
    app.wait_for("an effect failed for good");
    let stderr = app.said().1;
    let line = stderr.lines().find(|line| line.contains("failed for good")).unwrap();
    let line: Json = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["flow"], &line["effect"], &line["level"]),
        (&json!("one"), &json!("told"), &json!("WARN"))
    );
    assert_eq!(line["session"], json!(reference), "{line}");
    assert!(
        !stderr.contains("private"),
        "neither answers nor words of callees: {stderr}"
    );
    app.stop();
    assert_eq!(objects(&app, &list), found);
    let dry = objects(&app, &["effects", "seen", "--flow", "one", "--dry-run", "--json"]);
    assert_eq!(dry, found);
    app.run();
    let name = format!("{reference}/{}", found[0]["number"]);
    assert_eq!(objects(&app, &["effects", "seen", &name, "--json"]).len(), 1);
    assert!(objects(&app, &list).is_empty());
    app.stop();
    assert!(objects(&app, &list).is_empty(), "it was on disk");
    let shown = objects(&app, &["effects", "show", &name, "--json"]);
    assert_eq!(shown[0]["seen"], json!(true));
    let session = app.deity(&["sessions", "show", &reference]);
    assert!(String::from_utf8_lossy(&session.stdout).contains("seen by an operator"));
}

#[test]
fn what_is_wrong_with_the_words_of_seen_is_said() {
    let app = App::stopped(&[]);
    for (arguments, words) in [
        (&["effects", "seen"][..], "required"),
        (
            &["effects", "seen", "--status", "open"],
            "[possible values: failed, declined]",
        ),
        (&["effects", "seen", "--before", "yesterday"], "2026-11-29"),
    ] {
        let refused = app.deity(arguments);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains(words), "{refused:?}");
    }
}
