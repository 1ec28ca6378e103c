//! What was typed is shown wherever it is not used, but where another site may have typed it.

use deity::http::Settings;

use super::sessions::{FLOW, Walk, serving};
use super::{Answer, FORM, ask, build, get, post};

const NULL: (&str, &str) = ("origin", "null");

fn text(page: &Answer) -> String {
    String::from_utf8(page.body.to_vec()).unwrap()
}

fn body(walk: &Walk, fields: &str) -> String {
    let [session, screen] = walk.ids();
    format!("sessionID={session}&screenID={screen}&actionID=continue{fields}")
}

#[tokio::test]
async fn a_form_with_both_ids_of_a_session_is_taken_though_its_origin_is_hidden() {
    for more in [vec![NULL], vec![NULL, ("sec-fetch-site", "same-origin")]] {
        let walk = Walk::begin(FLOW, Settings::default()).await;
        let answer = ask(walk.app(), post("/bicycle", &more, body(&walk, "&name=Ada&town="))).await;
        assert_eq!(answer.status, 200, "{more:?}");
        assert!(text(&answer).contains("Check your answers"));
    }
    let walk = Walk::begin(FLOW, Settings::default()).await;
    let invalid = ask(walk.app(), post("/bicycle", &[NULL], body(&walk, "&name=&town=Ulm"))).await;
    assert!(invalid.status == 422 && text(&invalid).contains("Ulm"));
}

#[tokio::test]
async fn only_such_a_form_is_taken_and_nothing_that_another_brought_is_shown() {
    let walk = Walk::begin(FLOW, Settings::default()).await;
    let [session, screen] = walk.ids();
    let start = ask(walk.app(), get("/bicycle", &[])).await;
    let ticket = super::sessions::hidden_in(&text(&start), "sessionID").unwrap();
    assert!(ticket.len() > 22, "{ticket}");
    let canary = "&name=Canary&town=Canary";
    let good = body(&walk, canary);
    let wrong = good.replace(&session, "AAAAAAAAAAAAAAAAAAAAAA");
    let other = good.replace(&screen, "AAAA");
    let same = ("sec-fetch-site", "same-origin");
    let cases: [(&[(&str, &str)], &str, String, u16); 13] = [
        (
            &[NULL],
            "/bicycle",
            format!("sessionID={ticket}&screenID=&actionID=start"),
            403,
        ),
        (
            &[NULL, same],
            "/bicycle",
            format!("sessionID={ticket}&screenID=&actionID=start"),
            403,
        ),
        (
            &[NULL],
            "/bicycle",
            format!("sessionID={ticket}&screenID=name{canary}"),
            403,
        ),
        (
            &[NULL],
            "/bicycle",
            format!("sessionID={session}&actionID=continue{canary}"),
            403,
        ),
        (&[NULL], "/bicycle", format!("returnID={ticket}"), 403),
        (&[NULL], "/bicycle", wrong.clone(), 404),
        (&[NULL], "/bicycle", other, 404),
        (&[NULL], "/Bicycle", wrong.clone(), 404),
        (&[NULL], "/bicycle", format!("{wrong}&x=%ff"), 400),
        (&[NULL, ("sec-fetch-site", "cross-site")], "/bicycle", good.clone(), 403),
        (
            &[("sec-fetch-site", "cross-site")],
            "/bicycle",
            format!("{good}%ff"),
            403,
        ),
        (&[("sec-fetch-site", "same-site")], "/Bicycle", good.clone(), 403),
        (&[("origin", "https://evil.test")], "/bicycle", good.clone(), 403),
    ];
    for (headers, path, body, status) in cases {
        let answer = ask(walk.app(), post(path, headers, body.clone())).await;
        assert_eq!(answer.status, status, "{headers:?} {path} {body}");
        let page = text(&answer);
        assert!(!page.contains("Canary"), "{headers:?} {path} {body}: {page}");
        assert!(!page.contains(&session) && !page.contains(&ticket), "{page}");
    }
}

#[tokio::test]
async fn with_both_ids_what_is_not_used_is_shown_though_its_origin_is_hidden() {
    for headers in [vec![NULL], vec![NULL, ("sec-fetch-site", "same-origin")], Vec::new()] {
        let walk = Walk::begin(FLOW, Settings::default()).await;
        let typed = body(&walk, "&name=Ada+Lovelace&town=Ulm");
        let many = "&name=x".repeat(300);
        for (path, body, status) in [
            ("/Bicycle", typed.clone(), 404),
            ("/bicycle", format!("{typed}&x=%ff"), 400),
            ("/bicycle", format!("{typed}{many}"), 413),
        ] {
            let answer = ask(walk.app(), post(path, &headers, body)).await;
            let page = text(&answer);
            assert_eq!(answer.status, status, "{headers:?} {path}: {page}");
            assert!(page.contains("Ada Lovelace"), "{headers:?} {path} {status}: {page}");
        }
    }
}

#[tokio::test]
async fn what_no_definition_knows_may_be_a_secret_and_the_sessions_own_says_what_is() {
    let flow = FLOW.replacen(
        "fields.town",
        "fields.pin = { type = \"secret\", label = \"PIN\", required = false }\nfields.town",
        1,
    );
    let walk = Walk::begin(&flow, Settings::default()).await;
    let typed = body(&walk, "&name=Ada&town=&pin=Geheim&other=Andres");
    let [session, _] = walk.ids();
    let unknown = typed.replace(&session, "AAAAAAAAAAAAAAAAAAAAAA");
    let many = "&name=x".repeat(300);
    // To where the session's flow is not, and where there is none, of a session that is known or not.
    for (path, body, status, shown) in [
        ("/nosuch", typed.clone(), 404, true),
        ("/nosuch", format!("{typed}{many}"), 413, true),
        ("/nosuch", format!("{typed}&x=%ff"), 400, true),
        ("/no/such", typed.clone(), 404, true),
        ("/nosuch", unknown.clone(), 404, false),
        ("/nosuch", format!("{unknown}{many}"), 413, false),
        ("/bicycle", unknown.clone(), 404, true),
        ("/bicycle", format!("{unknown}{many}"), 413, true),
    ] {
        let answer = ask(walk.app(), post(path, &[], body)).await;
        let page = text(&answer);
        assert_eq!((answer.status, page.contains("Ada")), (status, shown), "{path}: {page}");
        assert!(!page.contains("Geheim") && !page.contains("Andres"), "{path}: {page}");
    }
}

/// A text in UTF-16: with its mark, the low byte first and last, and without.
fn in_utf16(text: &str) -> [Vec<u8>; 3] {
    let marked = format!("\u{feff}{text}");
    [
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ]
}

#[tokio::test]
async fn what_is_refused_for_its_encoding_is_shown_as_far_as_it_can_be_read() {
    let flow = FLOW.replacen(
        "fields.town",
        "fields.pin = { type = \"secret\", label = \"PIN\", required = false }\nfields.town",
        1,
    );
    let app = serving(&flow, Settings::default()).await;
    let parts = "--b\r\nContent-Disposition: form-data; name=\"sessionID\"\r\n\r\nSECRET\r\n--b\r\n\
                 Content-Disposition: form-data; name=\"name\"\r\n\r\nAda Löve\r\n--b\r\n\
                 Content-Disposition: form-data; name=\"scan\"; filename=\"a\"\r\n\r\nSECRET\r\n--b--\r\n";
    let ids = "sessionID=SECRET&screenID=SECRET&actionID=continue";
    let [little, big, unmarked] = in_utf16(&format!("{ids}&name=Ada+Löve&pin=SECRET&PIN=SECRET"));
    let utf16 = "application/x-www-form-urlencoded; charset=utf-16";
    let cases: [(&str, Vec<u8>, u16, &str); 13] = [
        (utf16, little, 415, "Ada Löve"),
        (utf16, big, 415, "Ada Löve"),
        (utf16, unmarked, 415, "Ada Löve"),
        ("multipart/form-data", parts.into(), 415, "Ada Löve"),
        (FORM, format!("{ids}&name=Ada+50%&town=Ulm").into(), 400, "Ada 50%"),
        (FORM, format!("{ids}&name=Ada+L%F6ve&town=Ulm").into(), 400, "Ada Löve"),
        (
            FORM,
            [format!("{ids}&name=Ada L").as_bytes(), b"\xf6ve"].concat(),
            400,
            "Ada Löve",
        ),
        (
            "application/x-www-form-urlencoded; charset=iso-8859-1",
            format!("{ids}&name=Ada+L%F6ve&pin=SECRET").into(),
            415,
            "Ada Löve",
        ),
        (
            "application/x-www-form-urlencoded; charset=iso-8859-1",
            format!("{ids}&name=Ada+L%C3%B6ve").into(),
            415,
            "Ada Löve",
        ),
        (
            "text/plain",
            "sessionID=SECRET\r\nname=Ada = Löve\r\npin=SECRET\r\n".into(),
            415,
            "Ada = Löve",
        ),
        ("multipart/form-data; boundary=b", parts.into(), 415, "Ada Löve"),
        ("multipart/form-data; boundary=\"b\"", parts.into(), 415, "Ada Löve"),
        (
            "application/x-www-form-urlencoded-2",
            format!("{ids}&name=Ada+L%3Cve").into(),
            415,
            "Ada L&#60;ve",
        ),
    ];
    for (kind, body, status, shown) in cases {
        let said = String::from_utf8_lossy(&body).into_owned();
        let answer = ask(&app, build("POST", "/bicycle", &[("content-type", kind)], body)).await;
        let page = text(&answer);
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (status, Some("no-store")),
            "{said}"
        );
        assert!(
            page.contains(shown) && page.contains("<dt>Name"),
            "{kind} {said}: {page}"
        );
        assert!(!page.contains("SECRET"), "{kind} {said}: {page}");
        assert!(page.contains("href=\"/bicycle\""), "{page}");
    }
}

#[tokio::test]
async fn of_what_cannot_be_read_at_all_nothing_is_guessed() {
    let app = serving(FLOW, Settings::default()).await;
    let packed = [("content-type", FORM), ("content-encoding", "gzip")];
    for request in [
        build("POST", "/bicycle", &packed, "name=Canary"),
        build("POST", "/nothing", &[("content-type", "text/plain")], "name=Canary"),
        build(
            "POST",
            "/bicycle",
            &[("content-type", "multipart/form-data; boundary=")],
            "name=Canary",
        ),
        post("/bicycle", &[], "=Canary&name=%"),
        post("/bicycle", &[], "name=Canary&sessionID=a&sessionID=b"),
    ] {
        let answer = ask(&app, request).await;
        assert!(matches!(answer.status, 400 | 415), "{}", answer.status);
        assert!(!text(&answer).contains("Canary"), "{}", text(&answer));
    }
    let utf32: Vec<u8> = "name=Canary".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    for (kind, body) in [
        ("application/x-www-form-urlencoded; charset=utf-32", utf32),
        ("application/xml", b"<pin>Canary</pin>".to_vec()),
        ("application/json", br#"{"sessionID":"Canary"}"#.to_vec()),
    ] {
        let answer = ask(&app, build("POST", "/bicycle", &[("content-type", kind)], body)).await;
        let page = text(&answer);
        assert_eq!(answer.status, 415, "{kind}");
        assert!(!page.contains("anary") && !page.contains("C a n"), "{page}");
    }
}

#[tokio::test]
async fn no_id_and_no_secret_is_shown_under_a_name_that_is_spelt_otherwise() {
    let flow = FLOW.replacen(
        "fields.town",
        "fields.pin = { type = \"secret\", label = \"PIN\", required = false }\nfields.town",
        1,
    );
    let app = serving(&flow, Settings::default()).await;
    let parts = "--b\r\nContent-Disposition: form-data; name=\"pin\"\r\n\r\nSECRET\r\n--b--\r\n";
    for body in ["SESSIONID=SECRET&screenid=SECRET&PIN=SECRET&Pin=SECRET&name=Ada", parts] {
        let answer = ask(&app, post("/bicycle", &[], body)).await;
        assert!(!text(&answer).contains("SECRET"), "{body}: {}", text(&answer));
    }
}

#[tokio::test]
async fn a_page_of_a_refusal_names_the_request_as_the_log_does() {
    let app = serving(FLOW, Settings::default()).await;
    let mut seen = std::collections::BTreeSet::new();
    for request in [
        post("/bicycle", &[], "name=%"),
        post("/bicycle", &[("sec-fetch-site", "cross-site")], "name=a"),
        post("/bicycle", &[], "sessionID=x&screenID=y"),
        get("/nowhere", &[]),
        build("PUT", "/bicycle", &[], ""),
    ] {
        let page = text(&ask(&app, request).await);
        let (_, after) = page.split_once("say: request ").unwrap_or_else(|| panic!("{page}"));
        let number = after.split('.').next().unwrap().to_owned();
        assert_eq!(number.len(), 8);
        assert!(seen.insert(number), "each has its own");
    }
}
