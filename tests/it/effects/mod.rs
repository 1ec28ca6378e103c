//! Effects in the contract's words: what is asked for, what each answer does to the session, what
//! a person is shown meanwhile, what is taken back. The clock and the callee are the test's own.

mod addresses;
mod answers;
mod asking;
mod away;
#[cfg(feature = "demo")]
mod booking;
#[cfg(feature = "demo")]
mod books;
pub(crate) mod callee;
mod clerk;
mod deaths;
mod differs;
mod digest;
mod disorder;
mod doubt;
mod due;
mod each;
mod gone;
#[cfg(feature = "demo")]
mod guest;
mod items;
mod killed;
#[cfg(feature = "demo")]
mod kills;
pub(crate) mod lists;
mod live;
mod looks;
mod open_ends;
mod outward;
mod runners;
mod seen;
mod standing_in;
mod told;
#[cfg(feature = "demo")]
mod town;
mod undoing;

use std::collections::BTreeMap;

use deity::engine::Heard;
use deity::flow::{Flow, Value};
use deity::id::SessionId;
use deity::machine::{Asked, Errand, Node, Purpose, Said, Session, Stage, take};

use crate::support::desk::{Desk, Sheet, read};

/// The faults that suites must show, by their names in `DEITY_PLANT`.
const PLANTED: [&str; 2] = ["new-key", "undo-unwritten"];

/// A seat is held (and can be given back), then paid for (and cannot).
pub(crate) const BOOK: &str = r#"
title = "A booking"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A booking"
actions.start = { label = "Start now", to = "seat" }

[screens.seat]
title = "Which seat?"
load = "seats"
fields.seat = { type = "choice", label = "Seat", options = "seat_list" }
fields.wish = { type = "text", label = "A wish", required = false }
actions.continue = { call = "hold", to = "name", failed = "closed" }
actions.stop = { label = "Cancel", cancel = true }

[screens.name]
title = "Who are you?"
fields.given = { type = "text", label = "Your name", autocomplete = "name" }
actions.continue = "check"
actions.stop = { label = "Cancel", cancel = true }

[screens.check]
title = "Check"
review = true
actions.pay = { label = "Pay", call = "pay", to = "done", declined = "name", failed = { to = "sorry", undo = true } }
actions.stop = { label = "Cancel", cancel = true }

[screens.done]
title = "Booked"
body = "Your ticket is {{ ticket }}."
end = "completed"

[screens.sorry]
title = "Not booked"
end = "not-booked"

[screens.closed]
title = "Closed"
end = "closed"

[effects.seats]
http = "GET http://callee.example/seats"
safe = true
save.seat_list = { at = "/seats", type = "options", value = "/id", label = "/name" }

[effects.hold]
label = "Seat {{ seat }}"
http = "POST http://callee.example/holds"
send = { seat = "{{ seat }}" }
save.hold = "/hold"
undo = "release"

[effects.release]
http = "DELETE http://callee.example/holds"
send = { hold = "{{ hold }}", seat = "{{ seat }}" }

[effects.pay]
label = "Your payment"
http = "POST http://callee.example/payments"
send = { hold = "{{ hold }}", name = "{{ given }}" }
save.ticket = "/ticket"
"#;

pub(crate) fn book() -> Flow {
    read("book", BOOK)
}

/// The flow with something in it replaced.
pub(crate) fn variant(changes: &[(&str, &str)]) -> Flow {
    let mut source = BOOK.to_owned();
    for (from, to) in changes {
        assert!(source.contains(from), "{from}");
        source = source.replace(from, to);
    }
    read("book", &source)
}

/// What is saved of an answer.
pub(crate) fn saved(values: &[(&str, &str)]) -> BTreeMap<String, Value> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::Text((*value).to_owned())))
        .collect()
}

pub(crate) fn done(values: &[(&str, &str)]) -> Said {
    Said::Done(saved(values))
}

pub(crate) fn seats(free: &[&str]) -> Said {
    let options = free
        .iter()
        .map(|seat| ((*seat).to_owned(), format!("Seat {seat}")))
        .collect();
    Said::Done([("seat_list".to_owned(), Value::Options(options))].into())
}

pub(crate) fn declined(message: &str, faults: &[(&str, &str)]) -> Said {
    Said::Declined {
        message: message.to_owned(),
        faults: faults
            .iter()
            .map(|(field, message)| ((*field).to_owned(), (*message).to_owned()))
            .collect(),
    }
}

pub(crate) fn unknown() -> Said {
    Said::Unknown {
        why: "no answer".to_owned(),
        pause: None,
    }
}

pub(crate) fn not_done(again: bool) -> Said {
    Said::NotDone {
        why: "refused the connection".to_owned(),
        pause: None,
        again,
    }
}

impl Desk {
    /// The effects of a session, as the store holds them.
    pub(crate) async fn asked(&self, page: &Sheet) -> Vec<Asked> {
        self.stored(page).await.asked
    }

    /// The latest asking of an effect.
    pub(crate) async fn latest(&self, page: &Sheet, effect: &str) -> Asked {
        let asked = self.asked(page).await;
        let found = asked.iter().rev().find(|asked| asked.effect == effect);
        found
            .unwrap_or_else(|| panic!("{effect} was not asked for: {asked:#?}"))
            .clone()
    }

    /// The callee answers the latest asking of an effect.
    pub(crate) async fn says(&self, page: &Sheet, effect: &str, said: Said) -> Heard {
        let number = self.latest(page, effect).await.number;
        let at = SessionId::parse(&page.session).unwrap().key();
        self.engine.report(at, number, said).await.unwrap()
    }

    /// What a runner would have to do now.
    pub(crate) async fn errands(&self, page: &Sheet, flow: &Flow) -> Vec<Errand> {
        let mut session: Session = self.stored(page).await;
        let now = self.engine.now().div_euclid(1000);
        take(flow, &mut session, now, Node { id: 1, alone: false })
    }

    /// To the page that asks for the name, with seat `seat` held.
    pub(crate) async fn hold(&self, seat: &str) -> Sheet {
        let first = self.start("book").await;
        self.says(&first, "seats", seats(&["a1", "a2", "a3"])).await;
        let seats = self.follow(&first, Some("open")).await;
        let waiting = self.send(&seats, &[("seat", seat)]).await;
        assert_eq!(waiting.kind, "waiting");
        self.says(&waiting, "hold", done(&[("hold", "H-1")])).await;
        let next = self.follow(&waiting, Some("on")).await;
        assert_eq!((next.place.as_str(), next.kind), ("name", "screen"));
        next
    }

    /// To the page that waits for the payment.
    pub(crate) async fn pay(&self) -> Sheet {
        let name = self.hold("a1").await;
        let check = self.send(&name, &[("given", "Ada")]).await;
        let waiting = self.send(&check, &[]).await;
        assert_eq!(waiting.kind, "waiting");
        waiting
    }
}

/// A runner takes what is due, as one that commits what it takes.
pub(crate) async fn taken(desk: &Desk, page: &Sheet, flow: &Flow, number: u32) {
    let at = SessionId::parse(&page.session).unwrap().key();
    let key = deity::store::Key::Session(at);
    let stored = desk.store.get(key).await.unwrap().unwrap();
    let mut session = deity::store::record::decode(at, &stored.bytes).unwrap();
    let now = desk.engine.now().div_euclid(1000);
    let errands = take(flow, &mut session, now, Node { id: 1, alone: false });
    assert!(errands.iter().any(|errand| errand.number == number), "{errands:?}");
    let write = deity::store::Write {
        tag: 7,
        wake: stored.wake,
        bytes: deity::store::record::encode(&session).unwrap(),
    };
    desk.store.cas(key, stored.token, write).await.unwrap();
}

pub(crate) fn is_undo(asked: &Asked) -> bool {
    matches!(asked.purpose, Purpose::Undo { .. })
}

pub(crate) fn is_open(asked: &Asked) -> bool {
    matches!(asked.stage, Stage::Due { .. } | Stage::Running { .. })
}
