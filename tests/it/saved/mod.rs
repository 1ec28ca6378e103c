//! Save and come back: by a code that the program makes and a secret that the person chooses.

mod faults;

use std::time::{Duration, Instant};

use deity::engine::{CodeTyped, Reply, Request, Secret};
use deity::id::ReturnCode;
use deity::limits;
use deity::machine::{Event, Notice, own};
use deity::store::code::CodeRecord;
use deity::store::{Key, KeyKind};

use crate::support::app::App;
use crate::support::desk::{Desk, Sheet, drawn, read, sheet};

const FLOW: &str = r#"
title = "Allotment"
save = true
limits = { idle = "2h", total = "1d", saved = "20d", keep = "40d" }

[screens.intro]
title = "Apply for an allotment"
actions.start = { label = "Start now", to = "who" }

[screens.who]
title = "About you"
fields.name = { type = "text", label = "Your name" }
fields.born = { type = "date", label = "Your date of birth", required = false }
actions.continue = "plot"

[screens.plot]
title = "Your plot"
fields.size = { type = "integer", label = "Square metres" }
fields.why = { type = "lines", label = "What for", required = false }
actions.continue = "check"

[screens.check]
title = "Check your answers"
review = true
actions.send = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
body = "Your reference is **{{ reference }}**."
end = "completed"
"#;
const SECRET: &str = "nine blue herons";

async fn desk() -> Desk {
    Desk::open([read("allotment", FLOW)]).await
}

/// On the second page, with an answer on the first.
async fn begun(desk: &Desk) -> Sheet {
    let page = desk.start("allotment").await;
    desk.send(
        &page,
        &[
            ("name", "Adaeze Okonkwo"),
            ("born-day", "3"),
            ("born-month", "5"),
            ("born-year", "1987"),
        ],
    )
    .await
}

async fn save(desk: &Desk, page: &Sheet, secret: &str) -> Sheet {
    let request = Request {
        secret: Secret(secret.to_owned()),
        ..Desk::post(page, Some(own::KEEP), &[])
    };
    sheet(desk.engine.answer(request).await)
}

/// The code that the page shows.
async fn code(desk: &Desk, page: &Sheet) -> String {
    let session = desk.stored(page).await;
    ReturnCode::of(session.at, session.code, desk.engine.key()).to_string()
}

/// Saved, with the page on which that was done.
async fn saved(desk: &Desk) -> (Sheet, String) {
    let page = begun(desk).await;
    let saving = desk.press(&page, own::SAVE, &[("size", "12O"), ("why", "Beans")]).await;
    assert_eq!((saving.kind, saving.status), ("saving", 200));
    let page = save(desk, &saving, SECRET).await;
    assert_eq!((page.kind, page.status), ("saved", 200), "{:?}", page.html);
    let code = code(desk, &page).await;
    (page, code)
}

async fn comes(desk: &Desk, code: &str, secret: &str) -> Reply {
    let typed = CodeTyped {
        code: code.to_owned(),
        secret: Secret(secret.to_owned()),
        block: [4, 192, 0, 2, 0, 0, 0, 0],
    };
    desk.engine.return_by_code(typed).await
}

fn refused(reply: &Reply) -> bool {
    matches!(reply, Reply::NoReturn { busy: false, .. })
}

#[test]
fn a_person_who_closed_the_browser_goes_on_where_they_were_with_what_they_had_typed() {
    let mut app = App::start(&[("allotment", FLOW)]);
    let mut first = app.browser("/allotment");
    first.press("Start now");
    first.fill("Your name", "Adaeze").press("Continue");
    first.fill("Square metres", "twelve").fill("What for", "Beans and peas");
    let page = first.press("Save and come back later");
    assert_eq!(page.heading(), "Save and come back later");
    let old = first.submission(None);
    first.fill("Your secret", SECRET);
    let page = first.press("Save").clone();
    let cached = page
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("cache-control"));
    assert_eq!(cached.map(|(_, value)| value.as_str()), Some("no-store"));
    let text = page.text();
    assert!(
        text.contains("until") && text.contains("Come back to what you began"),
        "{text}"
    );
    let code = page
        .root
        .named("b")
        .map(|b| b.text())
        .find(|text| ReturnCode::parse(text).is_some());
    let code = code
        .expect("the code stands on the page")
        .to_lowercase()
        .replace('-', " ");
    app.kill();
    app.run();
    let mut second = app.browser("/");
    second.follow("Come back to what you began");
    second.fill("Your code", &code).fill("Your secret", "Nine Blue Herons ");
    let page = second.press("Continue");
    assert_eq!(
        (page.status, page.heading().as_str()),
        (200, "Your plot"),
        "{}",
        page.text()
    );
    assert!(
        page.text().contains("You are back where you left off"),
        "{}",
        page.text()
    );
    assert_eq!(second.holds("size"), "twelve");
    assert_eq!(second.holds("why"), "Beans and peas");
    // What the first browser has open opens nothing any more.
    let mut first = first.moved_to(app.address());
    let page = first.submit(&old.0, &old.1, &old.2);
    assert_eq!(page.status, 404);
    // It leads to where one comes back.
    assert!(
        page.links()
            .iter()
            .any(|link| link.contains("Come back to what you began")),
        "{:?}",
        page.links()
    );
    second.fill("Square metres", "120").press("Continue");
    let page = second.press("Send");
    assert_eq!(page.heading(), "Sent");
}

#[tokio::test]
async fn pressed_twice_it_is_one_code_and_another_secret_is_not_taken() {
    let desk = desk().await;
    let page = begun(&desk).await;
    let saving = desk.press(&page, own::SAVE, &[]).await;
    let one = save(&desk, &saving, SECRET).await;
    let before = desk.stored(&one).await;
    let again = save(&desk, &saving, SECRET).await;
    assert_eq!((again.kind, desk.stored(&one).await), ("saved", before.clone()));
    let other = save(&desk, &saving, "ten green bottles").await;
    assert_eq!((other.kind, other.status), ("saving", 422));
    assert!(other.html.contains("not the secret that you chose"), "{}", other.html);
    assert_eq!(desk.store.scan(KeyKind::Code, None, 9).await.unwrap().len(), 1);
    // Both at once, in two windows: who is second is told.
    let page = begun(&desk).await;
    let saving = desk.press(&page, own::SAVE, &[]).await;
    let (one, two) = tokio::join!(
        save(&desk, &saving, "seven white swans"),
        save(&desk, &saving, "six grey geese")
    );
    let mut kinds = [one.kind, two.kind];
    kinds.sort_unstable();
    assert_eq!(kinds, ["saved", "saving"]);
    let code = code(&desk, &page).await;
    let right = if one.kind == "saved" {
        "seven white swans"
    } else {
        "six grey geese"
    };
    assert!(matches!(comes(&desk, &code, right).await, Reply::Session(_)));
    assert_eq!(desk.store.scan(KeyKind::Code, None, 9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_secret_that_others_know_or_guess_is_refused_in_words() {
    let desk = desk().await;
    let page = begun(&desk).await;
    let saving = desk.press(&page, own::SAVE, &[("why", "Lathyrus odoratus")]).await;
    for (secret, words) in [
        ("", "8 characters or more"),
        (" heron 7 ", "8 characters or more"),
        (&"long ".repeat(40), "128 characters or fewer"),
        ("password1", "easy to guess"),
        ("12345678", "easy to guess"),
        ("Adaeze Okonkwo", "one of your answers"),
        ("okonkwo1", "one of your answers"),
        ("03051987", "one of your answers"),
        ("lathyrus odoratus", "one of your answers"),
        ("ALLOTMENT", "one of your answers"),
    ] {
        let page = save(&desk, &saving, secret).await;
        assert_eq!((page.kind, page.status), ("saving", 422), "{secret}");
        assert!(page.html.contains(words), "{secret}: {}", page.html);
        assert!(secret.is_empty() || !page.html.contains(secret), "{secret} is shown");
    }
    assert_eq!(desk.stored(&page).await.code, 0);
    assert_eq!(save(&desk, &saving, SECRET).await.kind, "saved");
}

#[tokio::test]
async fn neither_the_secret_nor_the_code_nor_the_id_is_in_the_store() {
    let desk = desk().await;
    let (page, code) = saved(&desk).await;
    let bare = code.replace('-', "");
    for kind in [KeyKind::Meta, KeyKind::Session, KeyKind::Code] {
        for (_, stored) in desk.store.scan(kind, None, 99).await.unwrap() {
            for words in [SECRET, "herons", &code, &bare, &page.session] {
                let found = stored.bytes.windows(words.len()).any(|part| part == words.as_bytes());
                assert!(!found, "{words} in a record of {kind:?}");
            }
        }
    }
    // Under another server's key the same code and secret open nothing.
    let all = desk.store.scan(KeyKind::Code, None, 9).await.unwrap();
    let server = Key::Meta(*b"server key      ");
    let key = desk.store.get(server).await.unwrap().unwrap();
    desk.store.delete(server, key.token).await.unwrap();
    let thief = desk.restarted([read("allotment", FLOW)]).await;
    assert!(refused(&comes(&thief, &code, SECRET).await));
    assert_eq!(all, thief.store.scan(KeyKind::Code, None, 9).await.unwrap());
}

#[tokio::test]
async fn wrong_and_unknown_look_alike_write_nothing_for_the_unknown_and_take_a_second() {
    let desk = desk().await;
    let (_, code) = saved(&desk).await;
    let unknown = ReturnCode::of(deity::id::SessionKey([1; 16]), 1, desk.engine.key()).to_string();
    let mut pages = Vec::new();
    for (code, secret) in [
        (&code, "ten green bottles"),
        (&unknown, SECRET),
        (&"K7QXA-4MTP2".to_owned(), SECRET),
    ] {
        let began = Instant::now();
        let reply = comes(&desk, code, secret).await;
        assert!(began.elapsed() >= Duration::from_secs(1));
        assert!(refused(&reply), "{reply:?}");
        let (status, html) = drawn(&reply);
        assert_eq!(status, 422);
        assert!(!html.contains(secret));
        pages.push(html.replace(code.as_str(), ""));
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:#?}");
    let records = desk.store.scan(KeyKind::Code, None, 9).await.unwrap();
    assert_eq!(records.len(), 1);
    let record = CodeRecord::decode(&records[0].1.bytes).unwrap();
    assert_eq!((record.wrong, record.all), (1, 1));
}

#[tokio::test]
async fn after_five_wrong_tries_there_are_growing_pauses_and_after_fifty_the_code_is_dead() {
    let desk = desk().await;
    let (_, code) = saved(&desk).await;
    let place = |desk: &Desk| {
        let code = ReturnCode::parse(&code).unwrap();
        Key::Code(code.place(desk.engine.key()))
    };
    let at_once = (0..8).map(|_| comes(&desk, &code, "ten green bottles"));
    let replies = futures_of(at_once).await;
    assert!(replies.iter().all(refused));
    let stored = desk.store.get(place(&desk)).await.unwrap().unwrap();
    let record = CodeRecord::decode(&stored.bytes).unwrap();
    // However many come at once, each is counted before it is computed.
    assert_eq!(
        (record.wrong, record.all),
        (limits::WRONG_TRIES.0, limits::WRONG_TRIES.0)
    );
    assert!(
        refused(&comes(&desk, &code, SECRET).await),
        "the pause is for everybody"
    );
    desk.wait(61);
    let Reply::Session(shown) = comes(&desk, &code, SECRET).await else {
        panic!("a right one is taken after the pause");
    };
    assert_eq!(shown.showing.notices.first(), Some(&Notice::CameBack(None, 5)));
    let (status, html) = drawn(&Reply::Session(shown));
    assert!(
        status == 200 && html.contains("a wrong secret was typed 5 times"),
        "{html}"
    );
    // It resets those in a row; those in all stay.
    let stored = desk.store.get(place(&desk)).await.unwrap().unwrap();
    let record = CodeRecord::decode(&stored.bytes).unwrap();
    assert_eq!((record.wrong, record.all), (0, 5));
    let dead = CodeRecord {
        all: limits::WRONG_TRIES.1,
        ..record
    };
    let write = deity::store::Write {
        tag: 1,
        wake: i64::MAX,
        bytes: dead.encode(),
    };
    desk.store.cas(place(&desk), stored.token, write).await.unwrap();
    desk.wait(86_400);
    assert!(refused(&comes(&desk, &code, SECRET).await));
}

async fn futures_of<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(move |cx| {
        for (each, done) in all.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(reply) = each.as_mut().poll(cx)
            {
                *done = Some(reply);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(done.iter_mut().filter_map(Option::take).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn a_saved_session_lasts_from_its_last_page_on_and_nothing_of_its_code_outlives_it() {
    let desk = desk().await;
    let (page, code) = saved(&desk).await;
    desk.wait(19 * 86_400);
    desk.engine.tick().await.unwrap();
    let back = sheet(comes(&desk, &code, SECRET).await);
    assert_eq!((back.kind, back.place.as_str()), ("screen", "plot"));
    // The pages of before open nothing: only who came back goes on.
    let reply = desk.engine.answer(Desk::post(&page, Some("open"), &[])).await;
    assert!(matches!(reply, Reply::NotFound { .. }), "{reply:?}");
    desk.wait(19 * 86_400);
    let page = desk.send(&back, &[("size", "120")]).await;
    assert_eq!(page.place, "check");
    desk.wait(20 * 86_400);
    desk.engine.tick().await.unwrap();
    let over = sheet(comes(&desk, &code, SECRET).await);
    assert_eq!((over.kind, over.status), ("over", 410));
    desk.wait(4_000 * 86_400);
    desk.engine.tick().await.unwrap();
    assert_eq!(desk.sessions().await, 0);
    assert_eq!(desk.store.scan(KeyKind::Code, None, 9).await.unwrap(), []);
    assert!(refused(&comes(&desk, &code, SECRET).await));
}

#[tokio::test]
async fn the_code_opens_the_receipt_whole_as_long_as_it_is_kept() {
    let desk = desk().await;
    let (page, code) = saved(&desk).await;
    let page = desk.press(&page, "open", &[]).await;
    let page = desk.send(&page, &[("size", "120"), ("why", "")]).await;
    let receipt = desk.send(&page, &[]).await;
    assert_eq!(receipt.kind, "receipt", "{}", receipt.html);
    desk.wait(30 * 86_400);
    assert_eq!(desk.follow(&receipt, Some("open")).await.kind, "short");
    let back = sheet(comes(&desk, &code, SECRET).await);
    assert_eq!(back.kind, "receipt");
    assert_eq!(desk.follow(&back, Some("copy")).await.kind, "copy");
    let left = desk.press(&back, "leave", &[]).await;
    assert_eq!(left.kind, "left");
    // Finished on that device; who has code and secret comes again.
    let again = sheet(comes(&desk, &code, SECRET).await);
    assert_eq!(again.kind, "receipt");
    let session = desk.stored(&again).await;
    let returns = session
        .journal
        .iter()
        .filter(|entry| matches!(entry.event, Event::CameBack { .. }));
    assert_eq!((returns.count(), session.returns), (2, 2));
    let gone = desk.engine.answer(Desk::post(&back, Some("leave"), &[])).await;
    assert!(matches!(gone, Reply::NotFound { .. }), "{gone:?}");
}

#[tokio::test]
async fn a_flow_that_does_not_say_so_offers_no_save() {
    let desk = Desk::open([read("allotment", &FLOW.replace("save = true\n", ""))]).await;
    let page = begun(&desk).await;
    assert!(!page.html.contains(own::SAVE));
    let reply = desk.engine.answer(Desk::post(&page, Some(own::SAVE), &[])).await;
    assert!(matches!(reply, Reply::Tampered { .. }), "{reply:?}");
    let page = save(&desk, &page, SECRET).await;
    assert_eq!(page.kind, "screen");
    assert_eq!(desk.stored(&page).await.code, 0);
}

#[tokio::test]
async fn two_hundred_guesses_a_second_from_the_same_network_hold_nobody_up() {
    let desk = desk().await;
    let (_, code) = saved(&desk).await;
    let (_, own) = saved(&desk).await;
    let mut guesses = Vec::new();
    let mut every = tokio::time::interval(Duration::from_millis(5));
    let mut victim = None;
    for n in 0..600_u16 {
        every.tick().await;
        let guessed = match n % 4 {
            // A code of the guesser's own, with secrets that are wrong.
            0 => own.clone(),
            _ => {
                let [high, low] = n.to_be_bytes();
                let mut at = [9; 16];
                (at[0], at[1]) = (high, low);
                ReturnCode::of(deity::id::SessionKey(at), 1, desk.engine.key()).to_string()
            }
        };
        let engine = desk.engine.clone();
        guesses.push(tokio::spawn(async move {
            let typed = CodeTyped {
                code: guessed,
                secret: Secret(format!("ten green bottles {n}")),
                block: [4, 192, 0, 2, 0, 0, 0, 0],
            };
            engine.return_by_code(typed).await
        }));
        if n == 300 {
            let (engine, code) = (desk.engine.clone(), code.clone());
            victim = Some(tokio::spawn(async move {
                let typed = CodeTyped {
                    code,
                    secret: Secret(SECRET.to_owned()),
                    block: [4, 192, 0, 2, 0, 0, 0, 0],
                };
                let began = Instant::now();
                (engine.return_by_code(typed).await, began.elapsed())
            }));
        }
    }
    let (reply, took) = victim.unwrap().await.unwrap();
    assert!(matches!(reply, Reply::Session(_)), "{reply:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    for guess in guesses {
        assert!(refused(&guess.await.unwrap()));
    }
    // Of the guesser's own code five were computed and no more.
    let all = desk.store.scan(KeyKind::Code, None, 9).await.unwrap();
    let wrong = all
        .iter()
        .map(|(_, stored)| CodeRecord::decode(&stored.bytes).unwrap().all)
        .max();
    assert_eq!(wrong, Some(limits::WRONG_TRIES.0));
    println!("came back in {took:?} beside {} guesses", 600);
}
