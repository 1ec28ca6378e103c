//! What the ledger promises: money is conserved, a key is done once, what is taken back stays so.

use std::sync::Barrier;
use std::thread;

use deity::demo::{Method, Pence};
use serde_json::json;

use super::{Books, asked, beside};

#[test]
fn sixteen_threads_of_transfers_conserve_all_money() {
    let books = Books::new();
    let file = books.file();
    thread::scope(|scope| {
        for n in 0..16 {
            let file = &file;
            scope.spawn(move || {
                let demo = beside(file);
                for round in 0..8 {
                    // Two threads share each key: they race for it.
                    let key = format!("{}-{round}", n / 2);
                    let (from, to) = [("current", "savings"), ("savings", "energy"), ("current", "water")][round % 3];
                    let fields = [("from", from), ("to", to), ("amount", "33.33")];
                    let (status, said) = asked(&demo, Method::Post, "/transfers", &key, &fields);
                    assert!([200, 422].contains(&status), "{status} {said}");
                }
            });
        }
    });
    let audit = books.audit();
    let declined = 8 * 8 - audit.transfers.len();
    assert!(declined > 0, "the current account runs dry");
    let left = audit.accounts.iter().find(|account| account.id == "current").unwrap();
    assert!(left.balance >= Pence(0) && left.balance < Pence(3333), "{left:?}");
}

#[test]
fn many_who_begin_one_ledger_at_once_all_find_it() {
    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("ledger.sqlite");
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for n in 0..8 {
            let (file, start) = (&file, &start);
            scope.spawn(move || {
                start.wait();
                let fields = [("from", "current"), ("to", "energy"), ("amount", "1")];
                let (status, _) = asked(&beside(file), Method::Post, "/transfers", &n.to_string(), &fields);
                assert_eq!(status, 200);
            });
        }
    });
    assert_eq!(beside(&file).audit().unwrap().transfers.len(), 8);
}

#[test]
fn the_same_key_again_gets_the_first_answer_and_changes_nothing() {
    let books = Books::new();
    let fields = [
        ("from", "current"),
        ("to", "energy"),
        ("amount", "12.50"),
        ("note", "May"),
    ];
    let first = books.post("/transfers", "k", &fields);
    let balance = json!({ "amount": "987.50", "currency": "GBP" });
    assert_eq!(first, (200, json!({ "transfer": "T-1", "balance": balance })));
    let other = [("from", "current"), ("to", "energy"), ("amount", "99")];
    assert_eq!(books.post("/transfers", "k", &other), first);
    assert_eq!(books.get("/transfers", "k"), first);
    assert_eq!(books.audit().transfers.len(), 1);

    let much = [("from", "current"), ("to", "energy"), ("amount", "987.51")];
    let declined = books.post("/transfers", "much", &much);
    assert_eq!(
        declined,
        (
            422,
            json!({ "message": "There is not enough money in this account.",
                    "fields": { "amount": "Enter an amount of £987.50 or less" } })
        )
    );
    let more = [("from", "savings"), ("to", "current"), ("amount", "1000")];
    assert_eq!(books.post("/transfers", "more", &more).0, 200);
    assert_eq!(books.post("/transfers", "much", &much), declined);
    assert_eq!(books.audit().transfers.len(), 2);
}

#[test]
fn what_a_transfer_lacks_is_told_at_its_field() {
    let books = Books::new();
    for (n, (fields, at)) in [
        (vec![("to", "energy"), ("amount", "1")], "from"),
        (vec![("from", "theirs"), ("to", "energy"), ("amount", "1")], "from"),
        (vec![("from", "energy"), ("to", "current"), ("amount", "1")], "from"),
        (vec![("from", "current"), ("to", "card"), ("amount", "1")], "to"),
        (vec![("from", "current"), ("to", "current"), ("amount", "1")], "to"),
        (vec![("from", "current"), ("to", "energy"), ("amount", "-1")], "amount"),
        (
            vec![("from", "current"), ("to", "energy"), ("amount", "0.001")],
            "amount",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (status, said) = books.post("/transfers", &n.to_string(), &fields);
        assert_eq!(
            (status, said["fields"][at].is_string()),
            (422, true),
            "{fields:?}: {said}"
        );
    }
    assert!(books.audit().transfers.is_empty());
}

#[test]
fn the_lists_say_what_can_be_chosen() {
    let books = Books::new();
    let (_, accounts) = books.get("/accounts", "");
    let current = json!({ "id": "current", "label": "Current account, £1,000.00" });
    assert_eq!(accounts["accounts"][0], current);
    assert_eq!(accounts["accounts"].as_array().unwrap().len(), 2);
    assert_eq!(books.get("/payees", "").1["payees"].as_array().unwrap().len(), 3);
    let seats = books.get("/seats", "").1;
    assert_eq!(seats["seats"].as_array().unwrap().len(), 24);
    assert_eq!(seats["seats"][0], json!({ "id": "a1", "label": "Row A, seat 1" }));
    books.post("/holds", "k", &[("seat", "a1")]);
    assert_eq!(books.get("/seats", "").1["seats"][0]["id"], "a2");
}

#[test]
fn what_is_taken_back_before_it_arrives_is_never_done() {
    let books = Books::new();
    let payment = [
        ("amount", "24"),
        ("return_url", "http://a.example/"),
        ("callback_url", "http://a.example/"),
    ];
    for (path, fields) in [
        ("/holds", &[("seat", "a1")] as &[_]),
        ("/payments", &payment),
        ("/renewals", &[("name", "Ada")]),
        ("/applications", &[("organisation", "A choir")]),
    ] {
        assert_eq!(books.get(path, "k").0, 404);
        let back = books.delete(path, "k");
        assert_eq!(back.0, 200, "{path}");
        assert_eq!(books.delete(path, "k"), back);
        let late = (410, json!({ "message": "This was taken back before it arrived." }));
        assert_eq!(books.post(path, "k", fields), late, "{path}");
        assert_eq!(books.post(path, "k", fields), late);
        assert_eq!(books.get(path, "k").0, 410);
    }
    let audit = books.audit();
    assert!(audit.payments.is_empty() && audit.renewals.is_empty());
    assert!(audit.seats.iter().all(|seat| seat.state == "free"));
}

#[test]
fn a_released_seat_is_free_for_the_next_and_the_old_key_holds_nothing() {
    let books = Books::new();
    let price = json!({ "amount": "24.00", "currency": "GBP" });
    let held = (200, json!({ "hold": "H-1", "seat": "a1", "price": price }));
    assert_eq!(books.post("/holds", "one", &[("seat", "a1")]), held);
    let taken = books.post("/holds", "two", &[("seat", "a1")]);
    assert_eq!(
        (taken.0, &taken.1["message"]),
        (409, &json!("That seat has just been taken."))
    );
    assert_eq!(books.delete("/holds", "one"), (200, json!({ "released": true })));
    assert_eq!(books.delete("/holds", "one"), (200, json!({ "released": true })));
    assert_eq!(books.post("/holds", "three", &[("seat", "a1")]).0, 200);
    assert_eq!(books.post("/holds", "one", &[("seat", "a1")]).0, 410);
    let ticket = books.post("/tickets", "t", &[("hold", "H-1"), ("payment", "P-1")]);
    assert_eq!(
        ticket,
        (409, json!({ "message": "The seat is no longer held for you." }))
    );
    assert_eq!(books.audit().seats[0].hold.as_deref(), Some("three"));
}

#[test]
fn of_sixteen_who_want_one_seat_one_gets_it() {
    let books = Books::new();
    let file = books.file();
    let start = Barrier::new(16);
    let held: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|n| {
                let (file, start) = (&file, &start);
                scope.spawn(move || {
                    let demo = beside(file);
                    start.wait();
                    let (status, _) = asked(&demo, Method::Post, "/holds", &n.to_string(), &[("seat", "b4")]);
                    assert!([200, 409].contains(&status), "{status}");
                    usize::from(status == 200)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(held, 1);
    assert_eq!(
        books.audit().seats.iter().filter(|seat| seat.state == "held").count(),
        1
    );
}

#[test]
fn an_application_is_taken_once_if_its_costs_come_to_what_is_asked_for() {
    let books = Books::new();
    let costs = r#"[{"key":"1","cost":"Hall","asked_for":{"amount":"15000.00","currency":"GBP"}},{"key":"2","asked_for":{"amount":"0.50","currency":"GBP"}}]"#;
    let fields = |asked| [("organisation", "A choir"), ("asked", asked), ("costs", costs)];
    let taken = (200, json!({ "application": "G-1" }));
    assert_eq!(books.post("/applications", "k", &fields("15000.50")), taken);
    assert_eq!(books.post("/applications", "k", &fields("15000.50")), taken);
    let wrong = books.post("/applications", "l", &fields("15000"));
    assert_eq!(
        (wrong.0, &wrong.1["fields"]["asked"]),
        (422, &json!("Check the costs again")),
        "{}",
        wrong.1
    );
    let none = books.post("/applications", "m", &[("organisation", "A choir"), ("asked", "1")]);
    assert_eq!(none.0, 422);
    let one = &books.audit().applications[0];
    assert_eq!(
        (one.lines, one.state.as_str(), one.organisation.as_str()),
        (2, "taken", "A choir")
    );
    assert_eq!(books.delete("/applications", "k").0, 200);
    assert_eq!(books.audit().applications[0].state, "withdrawn");
}

#[test]
fn a_renewal_is_registered_once_and_can_be_withdrawn() {
    let books = Books::new();
    let registered = (200, json!({ "registered": "R-1" }));
    assert_eq!(books.post("/renewals", "k", &[("name", "Ada")]), registered);
    assert_eq!(books.post("/renewals", "k", &[("name", "Ada")]), registered);
    assert_eq!(books.get("/renewals", "k"), registered);
    assert_eq!(books.delete("/renewals", "k").0, 200);
    assert_eq!(books.get("/renewals", "k").0, 410);
    assert_eq!(books.audit().renewals[0].state, "withdrawn");
}
