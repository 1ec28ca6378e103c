//! Forms that do not come whole: nothing of them is applied, and what came is shown.

use std::sync::Arc;

use deity::http::Settings;

use super::sessions::{FLOW, Walk, hidden_in};
use super::{FORM, ask, get, post, statuses, talk};

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
            assert!(form.ends_with("<input type=hidden name=E>"), "{form}");
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
