//! Forms that do not come whole: nothing of them is applied, and what came is shown.

use std::sync::Arc;
use std::time::Duration;

use deity::http::Settings;
use deity::limits::Http;
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

use super::sessions::{FLOW, Walk, hidden_in};
use super::{FORM, ask, connect, get, post, rest, statuses, talk};

fn encoded(walk: &Walk, rest: &str) -> String {
    let [session, screen] = walk.ids();
    format!("sessionID={session}&screenID={screen}{rest}")
}

#[tokio::test]
async fn every_form_begins_with_its_ids_and_ends_with_its_last_field() {
    let mut walk = Walk::begin(FLOW, Settings::default()).await;
    let mut pages = vec![ask(walk.app(), get("/bicycle", &[])).await];
    pages.push(walk.press("continue", "&name=").await);
    pages.push(walk.press("continue", "&name=Ada").await);
    pages.push(walk.press("submit", "").await);
    for page in pages {
        let text = String::from_utf8_lossy(&page.body).into_owned();
        let forms: Vec<&str> = text.split("<form ").skip(1).collect();
        assert!(!forms.is_empty(), "{text}");
        for form in forms {
            let (form, _) = form.split_once("</form>").unwrap();
            let (_, fields) = form.split_once('>').unwrap();
            assert!(fields.starts_with("<input type=hidden name="), "{form}");
            assert!(fields.find("sessionID") < fields.find("screenID"), "{form}");
            let ends = ["<input type=hidden name=E>", "<input type=hidden name=E value=0>"];
            assert!(ends.iter().any(|end| form.ends_with(end)), "{form}");
            // One that stands in for a screen's own says that it has no boxes.
            assert_eq!(form.ends_with(ends[1]), form.contains("value=yes-cancel"), "{form}");
        }
    }
}

#[tokio::test]
async fn a_form_that_lost_its_end_is_not_applied_and_what_came_is_shown() {
    let walk = Walk::begin(FLOW, Settings::default()).await;
    for rest in ["&name=Ada+Lovel", "&name=Ada+Lovel&town=", "&name=Ada+Lovel&"] {
        let page = ask(walk.app(), post("/bicycle", &[], encoded(&walk, rest))).await;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert_eq!(page.status, 400, "{rest}: {text}");
        assert!(
            text.contains("Not all of it arrived") && text.contains("Ada Lovel"),
            "{text}"
        );
    }
    // Whole it is with its last field, or with the action that stands behind all others.
    for rest in ["&name=&E=", "&name=&actionID=continue"] {
        assert_eq!(
            ask(walk.app(), post("/bicycle", &[], encoded(&walk, rest)))
                .await
                .status,
            422,
            "{rest}"
        );
    }
    assert_eq!(
        ask(walk.app(), post("/bicycle", &[], encoded(&walk, "&E=&E=")))
            .await
            .status,
        400
    );
    // Of what is no session nothing is told.
    let unknown = ask(walk.app(), post("/bicycle", &[], "sessionID=x&screenID=y&name=Ada")).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn an_action_that_lost_its_end_is_no_other_action() {
    let flow = FLOW.replacen(
        "actions.continue = ",
        "actions.continue-later = \"check\"\nactions.continue = ",
        1,
    );
    let walk = Walk::begin(&flow, Settings::default()).await;
    for cut in ["", "c", "continue", "continue-late"] {
        let rest = format!("&name=Ada&town=Ulm&actionID={cut}");
        let page = ask(walk.app(), post("/bicycle", &[], encoded(&walk, &rest))).await;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert_eq!(page.status, 400, "{cut}: {text}");
        assert!(text.contains("Not all of it arrived") && text.contains("Ada"), "{text}");
    }
    let whole = encoded(&walk, "&name=Ada&town=Ulm&actionID=continue&E=");
    assert_eq!(ask(walk.app(), post("/bicycle", &[], whole)).await.status, 200);
}

#[tokio::test]
async fn a_secret_of_a_cut_form_is_not_shown() {
    let flow = FLOW.replace(
        "fields.town = { type = \"text\", label = \"Town\"",
        "fields.town = { type = \"secret\", label = \"Town\"",
    );
    let flow = flow.replace(
        ", max = 60, required = false, autocomplete = \"off\"",
        ", max = 60, required = false",
    );
    let walk = Walk::begin(&flow, Settings::default()).await;
    let page = ask(
        walk.app(),
        post("/bicycle", &[], encoded(&walk, "&name=Ada&town=hushhush")),
    )
    .await;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    assert_eq!(page.status, 400);
    assert!(text.contains("Ada") && !text.contains("hushhush"), "{text}");
}

#[tokio::test]
async fn fewer_bytes_than_announced_and_a_cut_chunk_are_no_submission() {
    let mut walk = Walk::begin(FLOW, Settings::default()).await;
    let body = encoded(&walk, "&name=Zo%C3%AB&town=Leeds&actionID=continue&E=");
    let whole = body.len();
    let head = format!("POST /bicycle HTTP/1.1\r\nHost: deity.test\r\nContent-Type: {FORM}\r\n");
    let app = Arc::clone(walk.shared());
    for cut in [whole - 1, whole - 20, body.find("%AB").unwrap() + 1, 30] {
        let said = talk(&app, format!("{head}Content-Length: {whole}\r\n\r\n{}", &body[..cut])).await;
        assert!(
            statuses(&said).iter().all(|status| matches!(status, 400 | 404)),
            "{cut}: {said}"
        );
        let half = &body[..cut];
        let chunk = format!("{head}Transfer-Encoding: chunked\r\n\r\n{whole:x}\r\n{half}");
        let said = talk(&app, chunk).await;
        assert!(
            statuses(&said).iter().all(|status| matches!(status, 400 | 404)),
            "{cut}: {said}"
        );
    }
    let said = talk(
        &app,
        format!("{head}Content-Length: {whole}\r\n\r\n{}", &body[..whole - 1]),
    )
    .await;
    assert!(
        said.contains("Not all of it arrived") && said.contains("Leeds"),
        "{said}"
    );
    // Nothing of it was kept.
    let page = walk.press("continue", "&name=").await;
    assert_eq!(page.status, 422);
    assert!(hidden_in(&String::from_utf8_lossy(&page.body), "screenID").is_some());
}

/// The flow with a secret among its questions.
fn with_a_secret() -> String {
    FLOW.replacen(
        "fields.town",
        "fields.pin = { type = \"secret\", label = \"PIN\", required = false }\nfields.town",
        1,
    )
}

const TYPED: &str = "&name=Ada+Lovel%C3%A4ce&pin=hushhush";

#[tokio::test]
async fn a_form_that_is_too_large_shows_what_had_come_of_it() {
    let walk = Walk::begin(&with_a_secret(), Settings::default()).await;
    let [session, _] = walk.ids();
    let long = encoded(&walk, &format!("{TYPED}&town={}&E=", "Ulm+".repeat(80_000)));
    let head = format!("POST /bicycle HTTP/1.1\r\nHost: deity.test\r\nContent-Type: {FORM}\r\n");
    let announced = format!("{head}Content-Length: {}\r\n\r\n{long}", long.len());
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n",
        long.len()
    );
    let many = encoded(&walk, &format!("{TYPED}{}&E=", "&town=Ulm".repeat(300)));
    let many = format!("{head}Content-Length: {}\r\n\r\n{many}", many.len());
    for sent in [&announced, &chunked, &many] {
        let said = talk(walk.shared(), sent).await;
        assert_eq!(statuses(&said), [413], "{said:.2000}");
        assert!(said.contains("connection: close\r\n") && said.contains("cache-control: no-store\r\n"));
        assert!(said.contains("This is too much") && said.contains("It was not used."));
        assert!(said.contains("Ada Loveläce") && said.contains("Ulm"), "{said:.2000}");
        assert!(!said.contains("hush") && !said.contains(&session), "{said:.2000}");
        assert!(
            said.len() < 600_000,
            "no more is shown than may be sent: {}",
            said.len()
        );
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_and_for_which_there_is_no_room_shows_what_always_has_room() {
    let limits = Http {
        bodies_bytes: 256 << 10,
        ..Http::default()
    };
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    let walk = Walk::begin(FLOW, settings).await;
    let head = format!("POST /bicycle HTTP/1.1\r\nHost: deity.test\r\nContent-Type: {FORM}\r\n");
    // Somebody else takes all of it.
    let mut other = connect(walk.shared());
    let half = format!("{head}Content-Length: 20000\r\n\r\na={}", "x".repeat(17_000));
    other.write_all(half.as_bytes()).await.unwrap();
    let full = async {
        let large = || post("/bicycle", &[], format!("a={}", "x".repeat(17_000)));
        while ask(walk.app(), large()).await.status != 503 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), full).await.unwrap();
    let long = encoded(&walk, &format!("&name=Ada&town={}&E=", "Ulm+".repeat(80_000)));
    let said = talk(
        walk.shared(),
        format!("{head}Content-Length: {}\r\n\r\n{long}", long.len()),
    )
    .await;
    assert!(statuses(&said) == [413] && said.contains("Ada"), "{said:.2000}");
    assert!(said.len() < 40_000, "{}", said.len());
}

#[tokio::test]
async fn what_is_too_large_and_no_form_of_ours_or_another_sites_is_not_shown() {
    let walk = Walk::begin(FLOW, Settings::default()).await;
    let long = "Ulm+".repeat(80_000);
    let ours = encoded(&walk, &format!("&name=Canary&town={long}&E="));
    let cases = [
        (vec![], "/bicycle", format!("name=Canary&town={long}&E=")),
        (vec![("expect", "100-continue")], "/bicycle", ours),
    ];
    for (headers, path, body) in cases {
        let page = ask(walk.app(), post(path, &headers, body)).await;
        assert_eq!(page.status, 413, "{headers:?} {path}");
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert!(!text.contains("Canary"), "{headers:?} {path}: {text:.2000}");
    }
    let page = ask(walk.app(), post("/bicycle", &[("origin", "https://evil.test")], long)).await;
    assert_eq!(page.status, 403);
}

#[tokio::test(start_paused = true)]
async fn a_form_that_takes_too_long_shows_what_had_come_of_it() {
    let walk = Walk::begin(&with_a_secret(), Settings::default()).await;
    let [session, _] = walk.ids();
    let limits = Http::default();
    // The second one is too large as well, and nobody waits for it for so long.
    for (length, status, least) in [(9000, 408, limits.body_time), (9_000_000, 413, Duration::from_secs(2))] {
        // It stands still in the middle of an ä.
        let body = encoded(&walk, "&name=Ada+Lovelace&pin=hushhush&town=Ulm+an+der+Lahn%C3");
        let head = format!("POST /bicycle HTTP/1.1\r\nHost: deity.test\r\nContent-Type: {FORM}\r\n");
        let mut client = connect(walk.shared());
        let began = Instant::now();
        let sent = format!("{head}Content-Length: {length}\r\n\r\n{body}");
        client.write_all(sent.as_bytes()).await.unwrap();
        let said = rest(&mut client).await;
        let took = began.elapsed();
        assert_eq!(statuses(&said), [status], "{said}");
        assert!(said.contains("connection: close\r\n"));
        assert!(
            said.contains("Ada Lovelace") && said.contains("Ulm an der Lahn<"),
            "{said}"
        );
        assert!(!said.contains("hush") && !said.contains(&session), "{said}");
        assert!(took >= least && took < least + Duration::from_secs(5), "{took:?}");
    }
}
