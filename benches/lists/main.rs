//! What a long list costs a phase.
//!
//! In one run, side by side: a session of 100 items of 10 answers, one of a flat flow with as many
//! answers, and one of a short flow. Each round changes one answer in each, and draws the page. Engine,
//! decision, record and page are in it; a store in memory, no sockets.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that fails says so and ends"
)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deity::catalog::Catalog;
use deity::engine::{Came, Engine, Reply, Request, World};
use deity::flow::{Flow, Form};
use deity::machine::Page;
use deity::store::Memory;

const ITEMS: usize = 100;
const FIELDS: usize = 10;
const ROUNDS: usize = 300;

const HEAD: &str = "title = \"T\"\nstart = \"intro\"\n[screens.intro]\ntitle = \"T\"\n";
const END: &str = "[screens.check]\ntitle = \"Check\"\nreview = true\nactions.send = \"done\"\n\
                   [screens.done]\ntitle = \"Done\"\nend = \"completed\"\n";

fn fields(of: &str) -> String {
    let field = |n: usize| format!("fields.{of}{n} = {{ type = \"text\", label = \"Answer {n}\", max = 40 }}\n");
    (0..FIELDS).map(field).collect()
}

/// So many screens after each other.
fn flat(screens: usize) -> String {
    let mut flow = format!("{HEAD}actions.start = \"s0\"\n");
    for n in 0..screens {
        let next = if n + 1 < screens {
            format!("s{}", n + 1)
        } else {
            "rest".to_owned()
        };
        write!(
            flow,
            "[screens.s{n}]\ntitle = \"S\"\n{}actions.continue = \"{next}\"\n",
            fields(&format!("a{n}_"))
        )
        .unwrap();
    }
    flow + "[screens.rest]\nfields.rest = { type = \"text\", label = \"Rest\", max = 40 }\nactions.continue = \"check\"\n"
        + END
}

/// A list of as many items, each of one screen.
fn list() -> String {
    format!(
        "{HEAD}actions.start = \"people\"\n[lists.people]\ntitle = \"L\"\nitem = \"{{{{ a0 }}}}\"\nmax = 500\n\
         actions.continue = \"rest\"\n[screens.who]\nin = \"people\"\ntitle = \"S\"\n{}actions.continue = \"people\"\n\
         [screens.rest]\nfields.rest = {{ type = \"text\", label = \"Rest\", max = 40 }}\nactions.continue = \"check\"\n{END}",
        fields("a")
    )
}

/// Where a person stands.
struct At {
    flow: &'static str,
    session: String,
    screen: String,
    place: String,
    bytes: usize,
}

fn request(at: &At, action: Option<&str>, fields: Vec<(String, String)>, post: bool) -> Request {
    Request {
        language: None,
        flow: at.flow.to_owned(),
        session: at.session.clone(),
        screen: at.screen.clone(),
        action: action.map(str::to_owned),
        returning: None,
        secret: deity::engine::Secret::default(),
        block: deity::engine::Block::default(),
        fields: Form(fields),
        post,
        came: Came::Whole,
        inside: true,
    }
}

async fn send(engine: &Engine, at: &At, action: Option<&str>, fields: Vec<(String, String)>, post: bool) -> At {
    let reply = engine.answer(request(at, action, fields, post)).await;
    let page = deity::view::page(&reply, &deity::view::Visit::default());
    let Reply::Session(shown) = reply else {
        panic!("no page of a session: {}", page.html)
    };
    let Page::Screen(here) = &shown.showing.page else {
        panic!("no screen: {}", page.html)
    };
    At {
        flow: at.flow,
        session: shown.id.to_string(),
        screen: here.id.sealed(&shown.session.screen_key()),
        place: here.place.screen.clone(),
        bytes: page.html.len(),
    }
}

fn answers(of: &str, round: usize) -> Vec<(String, String)> {
    (0..FIELDS)
        .map(|n| (format!("{of}{n}"), format!("answer {round}")))
        .collect()
}

/// A session filled in as far as `rest`; the page of `rest`, and one in the middle that is changed.
async fn filled(engine: &Engine, flow: &'static str, screens: usize, lists: bool) -> (At, At) {
    let ticket = match engine.start_page(flow) {
        Some(Reply::Start(start)) => start.ticket,
        other => panic!("no start page: {other:?}"),
    };
    let start = At {
        flow,
        session: ticket,
        screen: String::new(),
        place: String::new(),
        bytes: 0,
    };
    let mut at = send(engine, &start, None, Vec::new(), true).await;
    let mut middle = None;
    for n in 0..screens {
        let of = if lists { "a".to_owned() } else { format!("a{n}_") };
        if lists {
            at = send(engine, &at, Some("add"), Vec::new(), true).await;
        }
        let here = send(engine, &at, Some("continue"), answers(&of, 0), true).await;
        if n == screens / 2 {
            middle = Some(at);
        }
        at = here;
    }
    if lists {
        at = send(engine, &at, Some("continue"), Vec::new(), true).await;
    }
    assert_eq!(at.place, "rest");
    (at, middle.unwrap())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let flows = [("flat", flat(ITEMS)), ("list", list()), ("short", flat(3))];
    let flows = flows.map(|(name, source)| match Flow::read(name, &source) {
        Ok((flow, _)) => flow,
        Err(faults) => panic!("{name}: {faults:?}"),
    });
    let dice = Arc::new(AtomicU64::new(7));
    let world = World {
        clock: Arc::new(|| 1_795_435_200_000),
        random: Arc::new(move |bytes| {
            for byte in bytes {
                *byte = (dice.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed) >> 56) as u8;
            }
        }),
    };
    let engine = Engine::open(Arc::new(Memory::new()), Arc::new(Catalog::of(flows)), world, None)
        .await
        .unwrap();
    let mut people = Vec::new();
    for (flow, screens, lists) in [("flat", ITEMS, false), ("list", ITEMS, true), ("short", 3, false)] {
        people.push(filled(&engine, flow, screens, lists).await);
    }
    let mut took = [Vec::new(), Vec::new(), Vec::new()];
    let mut amends = [Vec::new(), Vec::new(), Vec::new()];
    for round in 1..=ROUNDS {
        for (n, (rest, middle)) in people.iter().enumerate() {
            let of = match n {
                0 => format!("a{}_", ITEMS / 2),
                1 => "a".to_owned(),
                _ => "a1_".to_owned(),
            };
            let start = Instant::now();
            let next = send(
                &engine,
                rest,
                None,
                vec![("rest".to_owned(), format!("r{}", round % 7))],
                true,
            )
            .await;
            let back = send(&engine, &next, Some("back"), Vec::new(), false).await;
            took[n].push(start.elapsed());
            assert_eq!((next.place.as_str(), back.place.as_str()), ("check", "rest"));
            let start = Instant::now();
            let amended = send(&engine, middle, Some("continue"), answers(&of, round), true).await;
            amends[n].push(start.elapsed());
            assert!(amended.bytes > 0);
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    for (what, times) in [
        ("a phase to the review, and back", &mut took),
        ("a change in the middle", &mut amends),
    ] {
        let [flat, list, short] = times.each_mut().map(median);
        let ratio = |of: Duration, to: Duration| of.as_secs_f64() / to.as_secs_f64();
        println!(
            "{what}: list {list:.0?}, flat {flat:.0?}, short {short:.0?}: list/flat {:.2}, list/short {:.2}, flat/short {:.2}",
            ratio(list, flat),
            ratio(list, short),
            ratio(flat, short)
        );
    }
}
