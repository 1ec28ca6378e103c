//! The pay page, as a browser walks it, and the callback that follows.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use deity::demo::signature;
use serde_json::{Value, json};

use super::{Books, Served, form, parsed};
use crate::support::html;

/// Takes callbacks: each is answered with the next status. Signature and body of each.
fn receiver(statuses: &'static [u16]) -> (String, mpsc::Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/told?session=1", listener.local_addr().unwrap());
    let (told, hears) = mpsc::channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut signed, mut length, mut line) = (String::new(), 0, String::new());
            reader.read_line(&mut line).unwrap();
            assert_eq!(line, "POST /told?session=1 HTTP/1.1\r\n");
            while line != "\r\n" {
                line.clear();
                reader.read_line(&mut line).unwrap();
                let (name, value) = line.split_once(':').unwrap_or_default();
                match name.to_ascii_lowercase().as_str() {
                    "deity-signature" => signed = value.trim().to_owned(),
                    "content-length" => length = value.trim().parse().unwrap(),
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            let _heard = told.send((signed, String::from_utf8(body).unwrap()));
        }
    });
    (url, hears)
}

/// Asks for a payment of £24; its page.
fn ask(served: &Served, key: &str, callback: &str) -> String {
    let fields = [
        ("amount", "24.00"),
        ("return_url", "http://forms.example/back?a=1&b=2"),
        ("callback_url", callback),
    ];
    let headers = [("Idempotency-Key", key)];
    let answer = served
        .send("POST", "/payments", &headers, form(&fields).as_bytes())
        .unwrap();
    let (status, said) = parsed(&answer);
    assert_eq!((status, &said["payment"]), (200, &json!("P-1")), "{said}");
    let page = said["page"].as_str().unwrap();
    let page = page.strip_prefix(&format!("http://{}", served.address)).unwrap();
    assert_eq!(page.len(), "/pay/".len() + 22);
    page.to_owned()
}

fn press(served: &Served, page: &str, choice: &str) -> (u16, Option<String>) {
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = format!("choice={choice}");
    let answer = served.send("POST", page, &headers, body.as_bytes()).unwrap();
    (answer.status, answer.header("location").map(str::to_owned))
}

/// The status, the heading, the buttons and the links of a page.
fn look(served: &Served, page: &str) -> (u16, String, Vec<String>, Vec<String>) {
    let answer = served.send("GET", page, &[], b"").unwrap();
    let (tree, faults) = html::parse(&answer.text());
    assert_eq!(faults, Vec::<String>::new());
    let text = |name: &str| tree.named(name).map(html::Element::text).collect::<Vec<_>>();
    let links = tree
        .named("a")
        .map(|a| a.attribute("href").unwrap().to_owned())
        .collect();
    (answer.status, text("h1").concat(), text("button"), links)
}

fn probe(served: &Served, key: &str) -> (u16, Value) {
    parsed(
        &served
            .send("GET", "/payments", &[("Idempotency-Key", key)], b"")
            .unwrap(),
    )
}

const BACK: &str = "http://forms.example/back?a=1&b=2";

#[test]
fn who_presses_pay_twice_pays_once_and_one_signed_callback_is_sent() {
    let books = Books::new();
    let served = Served::start(&books.demo, None);
    // The first attempt is not taken, so that there is a second.
    let (url, hears) = receiver(&[500, 200, 200]);
    let page = ask(&served, "k", &url);
    assert_eq!(probe(&served, "k"), (202, json!({ "status": "pending" })));
    let (status, heading, buttons, links) = look(&served, &page);
    assert_eq!((status, heading.as_str(), links.len()), (200, "Pay £24.00", 0));
    assert_eq!(buttons, ["Pay £24.00", "Do not pay"]);

    let away = (303, Some(BACK.to_owned()));
    assert_eq!(press(&served, &page, "pay"), away);
    assert_eq!(press(&served, &page, "pay"), away);
    assert_eq!(press(&served, &page, "refuse"), away);
    assert_eq!(probe(&served, "k"), (200, json!({ "payment": "P-1" })));
    for _ in 0..2 {
        let (signed, body) = hears.recv_timeout(Duration::from_secs(30)).unwrap();
        let said: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(said, json!({ "outcome": "done", "payment": "P-1" }));
        let at = signed
            .strip_prefix("t=")
            .and_then(|rest| rest.split_once(','))
            .unwrap()
            .0;
        assert_eq!(
            signed,
            signature("a word", at.parse().unwrap(), "/told?session=1", &body)
        );
    }
    let (status, heading, buttons, links) = look(&served, &page);
    assert_eq!((status, heading.as_str(), buttons.len()), (200, "You paid £24.00", 0));
    assert_eq!(links, [BACK]);
    // Once it is taken it is not sent again: the server ends with nothing left to tell.
    drop(served);
    assert!(hears.try_recv().is_err());
    let audit = books.audit();
    assert_eq!((audit.payments.len(), audit.payments[0].state.as_str()), (1, "paid"));
}

#[test]
fn a_signature_is_the_hmac_of_time_path_and_body() {
    // printf '1700000000./x.{}' | openssl dgst -sha256 -hmac demo
    let known = "6e5f30ca824e15808848fc2e9c3cbae9f5583bf7b3b209df6b7d155c9982d429";
    assert_eq!(
        signature("demo", 1_700_000_000, "/x", "{}"),
        format!("t=1700000000,v1={known}")
    );
}

#[test]
fn who_does_not_pay_is_declined() {
    let books = Books::new();
    let served = Served::start(&books.demo, None);
    let (url, hears) = receiver(&[204]);
    let page = ask(&served, "k", &url);
    assert_eq!(press(&served, &page, "perhaps").0, 400);
    assert_eq!(press(&served, &page, "refuse"), (303, Some(BACK.to_owned())));
    assert_eq!(press(&served, &page, "pay"), (303, Some(BACK.to_owned())));
    let (_, body) = hears.recv_timeout(Duration::from_secs(30)).unwrap();
    let said: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(said, json!({ "outcome": "declined", "message": "You did not pay." }));
    assert_eq!(probe(&served, "k"), (409, json!({ "message": "You did not pay." })));
    assert_eq!(look(&served, &page).1, "You did not pay");
}

#[test]
fn what_was_taken_back_cannot_be_paid_and_what_was_paid_is_given_back() {
    let books = Books::new();
    let served = Served::start(&books.demo, None);
    let page = ask(&served, "k", "http://127.0.0.1:1/");
    assert_eq!(books.delete("/payments", "k"), (200, json!({ "cancelled": true })));
    let (status, heading, buttons, links) = look(&served, &page);
    assert_eq!((status, heading.as_str()), (410, "This payment was taken back"));
    assert_eq!((buttons.len(), links), (0, vec![BACK.to_owned()]));
    assert_eq!(press(&served, &page, "pay"), (410, None));
    assert_eq!(probe(&served, "k").0, 410);
    assert_eq!(books.audit().payments[0].state, "cancelled");

    let books = Books::new();
    let served = Served::start(&books.demo, None);
    let page = ask(&served, "k", "http://127.0.0.1:1/");
    press(&served, &page, "pay");
    let back = (200, json!({ "refunded": true }));
    assert_eq!(books.delete("/payments", "k"), back);
    assert_eq!(books.delete("/payments", "k"), back);
    assert_eq!(press(&served, &page, "pay"), (410, None));
    let audit = books.audit();
    assert_eq!(audit.payments[0].state, "refunded");
    assert!(
        audit
            .accounts
            .iter()
            .filter(|account| account.id == "card")
            .all(|card| card.balance.0 == 0)
    );
}

#[test]
fn a_page_that_nobody_asked_for_is_not_found() {
    let books = Books::new();
    let served = Served::start(&books.demo, None);
    assert_eq!(look(&served, "/pay/AAAAAAAAAAAAAAAAAAAAAA").0, 404);
    assert_eq!(press(&served, "/pay/x", "pay"), (404, None));
}

#[test]
fn an_address_that_could_run_or_split_something_is_refused() {
    let books = Books::new();
    for (n, (back, told)) in [
        ("javascript:alert(1)", "http://a.example/"),
        ("http://a.example/\r\nX: y", "http://a.example/"),
        ("/only/a/path", "http://a.example/"),
        ("https://a.example/", "https://a.example/"),
    ]
    .into_iter()
    .enumerate()
    {
        let fields = [("amount", "1"), ("return_url", back), ("callback_url", told)];
        assert_eq!(books.post("/payments", &n.to_string(), &fields).0, 422, "{back} {told}");
    }
}

#[test]
fn a_seat_is_sold_to_whoever_holds_it_and_paid() {
    let books = Books::new();
    let served = Served::start(&books.demo, None);
    books.post("/holds", "h", &[("seat", "a1")]);
    let page = ask(&served, "p", "http://127.0.0.1:1/");
    let fields = [("hold", "H-1"), ("payment", "P-1")];
    assert_eq!(books.post("/tickets", "early", &fields).0, 409);
    press(&served, &page, "pay");
    let sold = (200, json!({ "ticket": "K-1", "seat": "Row A, seat 1" }));
    assert_eq!(books.post("/tickets", "t", &fields), sold);
    assert_eq!(books.post("/tickets", "t", &fields), sold);
    assert_eq!(books.get("/tickets", "t"), sold);
    assert_eq!(books.post("/tickets", "early", &fields).0, 409);
    // What is sold is neither let go nor paid back behind its holder's back.
    assert_eq!(books.delete("/holds", "h").0, 409);
    assert_eq!(books.delete("/payments", "p").0, 409);
    books.post("/holds", "h2", &[("seat", "a2")]);
    assert_eq!(
        books.post("/tickets", "t2", &[("hold", "H-2"), ("payment", "P-1")]).0,
        409
    );
    let audit = books.audit();
    let seat = &audit.seats[0];
    assert_eq!(
        (seat.state.as_str(), seat.ticket.as_deref(), seat.payment.as_deref()),
        ("sold", Some("t"), Some("P-1"))
    );
}
