//! The day that people see, and are held against, after the machine was off for longer than anybody
//! can vouch for: the wall clock's, before the leap is confirmed and after. A clock that leaps while
//! the machine runs changes no day before it is confirmed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use deity::engine::Reply;
use deity::machine::State;
use deity::store::Store;

use crate::clock::{DAY, MINUTES, Machine, memory};
use crate::effects::done;
use crate::support::desk::{Desk, Sheet, drawn, read};

const VISIT: &str = r#"
title = "A visit"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A visit"
body = "Today is {{ iso(today()) }}."
actions.start = { label = "Start now", to = "when" }

[screens.when]
title = "When?"
fields.born = { type = "date", label = "Date of birth", max = "today()" }
fields.visit = { type = "date", label = "Day of the visit", min = "today()" }
actions.continue = "check"

[screens.check]
title = "Check"
review = true
body = "As of {{ iso(today()) }}."
actions.send = { label = "Send", call = "book", to = "paid", failed = "sorry" }

[screens.paid]
title = "The fee"
actions.pay = { label = "Pay", to = "done" }

[screens.done]
title = "Thank you"
body = "Sent on {{ iso(today()) }}."
end = "completed"

[screens.sorry]
title = "Not booked"
end = "not-booked"

[effects.book]
http = "POST http://callee.example/visits"
send = { on = "{{ iso(today()) }}", visit = "{{ iso(visit) }}" }
"#;

/// Both clocks begin at noon of 23 November, and the machine is off till noon of the 25th.
const SATURDAY: &str = "2026-11-23";
const MONDAY: &str = "2026-11-25";

async fn serve(machine: &Machine, store: &Arc<dyn Store>) -> Desk {
    let mut desk = Desk::over(Arc::clone(store), [read("visit", VISIT)]).await;
    desk.engine = desk.engine.keep_time(machine.passing()).await.unwrap();
    desk
}

/// A server that was stopped, and its machine switched off, for two days.
async fn after_a_weekend() -> (Machine, Arc<dyn Store>, Desk) {
    let (machine, store) = (Machine::new(), memory());
    let desk = serve(&machine, &store).await;
    desk.engine.write_time().await.unwrap();
    let next = machine.rebooted(2 * DAY);
    let desk = serve(&next, &store).await;
    (next, store, desk)
}

fn start_page(desk: &Desk) -> String {
    let page = desk.engine.start_page("visit").expect("a start page");
    assert!(matches!(page, Reply::Start(_)));
    drawn(&page).1
}

/// Born and to come on these days of November 2026.
async fn days(desk: &Desk, page: &Sheet, born: &str, visit: &str) -> Sheet {
    let date = |name: &str, day: &str| {
        let part = |part: &str, value: &str| (format!("{name}-{part}"), value.to_owned());
        [part("day", day), part("month", "11"), part("year", "2026")]
    };
    let fields = [date("born", born), date("visit", visit)].concat();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    desk.send(page, &fields).await
}

/// Up to the receipt; gives the last page before it, and the receipt.
async fn whole(desk: &Desk, day: &str) -> (Sheet, Sheet) {
    let page = desk.start("visit").await;
    let check = days(desk, &page, day, day).await;
    assert_eq!((check.place.as_str(), check.faults.len()), ("check", 0));
    let waits = desk.press(&check, "send", &[]).await;
    desk.says(&waits, "book", done(&[])).await;
    let paid = desk.follow(&waits, None).await;
    assert_eq!(paid.place, "paid");
    let receipt = desk.press(&paid, "pay", &[]).await;
    assert_eq!(receipt.kind, "receipt");
    (paid, receipt)
}

async fn sent(desk: &Desk, page: &Sheet) -> String {
    format!("{:?}", desk.latest(page, "book").await.sent)
}

async fn confirmed(machine: &Machine, desk: &Desk) {
    machine.pass(60 * MINUTES + 1);
    machine.tick(desk).await;
    assert!(desk.engine.doubt().is_none());
}

#[tokio::test]
async fn after_a_weekend_with_the_machine_off_the_day_is_the_clocks_before_anybody_confirms_it() {
    let (machine, _, desk) = after_a_weekend().await;
    assert!(desk.engine.doubt().is_some());
    assert!(start_page(&desk).contains(&format!("Today is {MONDAY}.")));
    let page = desk.start("visit").await;
    assert!(page.html.contains("25 November"), "kept till then: {}", page.html);
    let refused = days(&desk, &page, "26", "24").await;
    assert_eq!(
        refused.faults.len(),
        2,
        "not born tomorrow, and no visit yesterday: {refused:?}"
    );
    let check = days(&desk, &page, "25", "25").await;
    assert!(check.html.contains(&format!("As of {MONDAY}.")));
    let (paid, receipt) = whole(&desk, "25").await;
    assert!(receipt.html.contains(&format!("Sent on {MONDAY}.")));
    assert!(sent(&desk, &paid).await.contains(MONDAY));
    // What is written down is the time that limits count by.
    let stored = desk.stored(&receipt).await;
    assert!(stored.created < machine.wall.load(Ordering::SeqCst) - DAY);
    confirmed(&machine, &desk).await;
    let later = desk.follow(&receipt, None).await;
    assert!(later.html.contains(&format!("Sent on {MONDAY}.")), "{}", later.html);
    assert!(start_page(&desk).contains(MONDAY));
    // Who was in the middle of it goes on, and nothing is asked for twice.
    let waits = desk.press(&check, "send", &[]).await;
    assert_eq!(desk.asked(&waits).await.len(), 1);
}

#[tokio::test]
async fn what_was_done_meanwhile_stays_done_when_the_leap_is_confirmed_and_when_the_clock_goes_back() {
    for wrong in [false, true] {
        let (machine, _, desk) = after_a_weekend().await;
        let page = desk.start("visit").await;
        let check = days(&desk, &page, "25", "25").await;
        let waits = desk.press(&check, "send", &[]).await;
        desk.says(&waits, "book", done(&[])).await;
        let (_, receipt) = whole(&desk, "25").await;
        if wrong {
            machine.leap(-2 * DAY);
            machine.tick(&desk).await;
            assert!(desk.engine.doubt().is_none());
        } else {
            confirmed(&machine, &desk).await;
        }
        let day = if wrong { SATURDAY } else { MONDAY };
        assert!(start_page(&desk).contains(&format!("Today is {day}.")));
        let paid = desk.follow(&waits, None).await;
        assert_eq!(paid.place, "paid", "{wrong}");
        assert_eq!(desk.press(&paid, "pay", &[]).await.kind, "receipt");
        assert_eq!(desk.asked(&paid).await.len(), 1, "nothing is sent again or taken back");
        // What was finished says what it said then.
        let later = desk.follow(&receipt, None).await;
        assert!(
            later.html.contains(&format!("Sent on {MONDAY}.")),
            "{wrong}: {}",
            later.html
        );
    }
}

#[tokio::test]
async fn nothing_runs_out_by_the_day_that_is_shown() {
    let (machine, store) = (Machine::new(), memory());
    let desk = serve(&machine, &store).await;
    let live = desk.start("visit").await;
    // The note of the time is younger than that.
    machine.pass(120);
    desk.engine.write_time().await.unwrap();
    let next = machine.rebooted(2 * DAY);
    let desk = serve(&next, &store).await;
    next.tick(&desk).await;
    assert!(matches!(desk.stored(&live).await.state, State::Live));
    let check = days(&desk, &live, "25", "25").await;
    assert_eq!(
        check.place, "check",
        "its two idle hours are not over before the leap is confirmed"
    );
    confirmed(&next, &desk).await;
    assert!(
        matches!(desk.stored(&live).await.state, State::Live),
        "it was touched meanwhile"
    );
}

#[tokio::test]
async fn a_clock_that_leaps_while_the_machine_runs_changes_no_day() {
    let (machine, store) = (Machine::new(), memory());
    let desk = serve(&machine, &store).await;
    machine.leap(31 * DAY);
    machine.tick(&desk).await;
    assert!(start_page(&desk).contains(&format!("Today is {SATURDAY}.")));
    let (_, receipt) = whole(&desk, "23").await;
    assert!(receipt.html.contains(&format!("Sent on {SATURDAY}.")));
    // Nor does a service that is started anew in it, or a stop of the machine.
    desk.engine.write_time().await.unwrap();
    let desk = serve(&machine, &store).await;
    assert!(start_page(&desk).contains(SATURDAY));
    let next = machine.rebooted(60);
    let desk = serve(&next, &store).await;
    assert!(start_page(&desk).contains(SATURDAY));
    // Nor one on top of a weekend: that day stays.
    let (machine, _, desk) = after_a_weekend().await;
    machine.leap(31 * DAY);
    machine.tick(&desk).await;
    assert!(start_page(&desk).contains(&format!("Today is {MONDAY}.")));
}

#[tokio::test]
async fn a_clock_that_is_behind_after_a_stop_changes_no_day() {
    let (machine, store) = (Machine::new(), memory());
    let desk = serve(&machine, &store).await;
    desk.engine.write_time().await.unwrap();
    let next = machine.rebooted(-400 * DAY);
    let desk = serve(&next, &store).await;
    assert!(desk.engine.doubt().is_some());
    assert!(start_page(&desk).contains(&format!("Today is {SATURDAY}.")));
}

#[tokio::test]
async fn the_day_outlives_a_start_of_the_service_and_another_stop_of_the_machine() {
    let (machine, store, desk) = after_a_weekend().await;
    let (_, receipt) = whole(&desk, "25").await;
    machine.tick(&desk).await;
    // Killed: what stands in the store is all that is known.
    let desk = serve(&machine, &store).await;
    assert!(start_page(&desk).contains(&format!("Today is {MONDAY}.")));
    let again = desk.follow(&receipt, None).await;
    assert!(again.html.contains(&format!("Sent on {MONDAY}.")));
    let next = machine.rebooted(DAY);
    let desk = serve(&next, &store).await;
    assert!(start_page(&desk).contains("Today is 2026-11-26."));
}

#[tokio::test]
async fn what_was_finished_in_the_last_minute_before_the_power_went_keeps_its_day() {
    let (machine, store) = (Machine::new(), memory());
    let desk = serve(&machine, &store).await;
    desk.engine.write_time().await.unwrap();
    machine.pass(50);
    desk.engine.note_time().await.unwrap();
    let (_, receipt) = whole(&desk, "23").await;
    let next = machine.rebooted(2 * DAY);
    let desk = serve(&next, &store).await;
    let page = desk.follow(&receipt, None).await;
    assert!(page.html.contains(&format!("Sent on {SATURDAY}.")), "{}", page.html);
    confirmed(&next, &desk).await;
    let short = desk.follow(&receipt, None).await;
    assert!(short.html.contains("on 23 November"), "{}", short.html);
}
