//! What every kind of page of every flow in `phases/` weighs, byte by byte as it is sent: nobody
//! can add a byte unseen. Targets: one packet, the medians, the header, what goes up again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use deity::engine::{Came, Closed, Lost, Reply, Request, Returning, Start};
use deity::flow::{Flow, Form};
use deity::http::encoding::Encoding;
use deity::http::pack::Dictionary;
use deity::http::{Weight, weigh};
use deity::id::{Return, ServerKey, SessionId, Ticket};
use deity::limits::PACKET_BYTES;
use deity::view::{self, Drawn, Problem, Status, Switch, Visit};

use super::dom::{Dom, sound};
use super::person::Person;
use super::walk::{self, Seen, flow, flows};
use crate::support::{ran, rounds};

/// Status line and header, the time and the longest length included.
const HEAD: usize = 220;
/// The same of a page that looks again by itself: `Refresh` with its address, which is a header and
/// no `<meta>`, because axe (as WCAG's F41) rejects the latter.
const WAITING_HEAD: usize = 288;
/// The same of a page that carries what is somebody's, over plain HTTP.
const USUAL_HEAD: usize = 183;
/// What hidden fields and the button add to what is typed.
const ADDED: usize = 90;
/// Medians over all kinds of page, with their headers: without style in gzip, brotli, dictionary.
const MEDIANS: [usize; 3] = [900, 1_250, 600];
/// The most of a page packed against a dictionary.
const DICTIONARY: usize = 600;

/// Pages over a bound, with what they take: a review of some thirty answers without style, a list whose
/// items have three buttons each against a dictionary. They may not grow.
const OVER: &[(&str, &str, usize)] = &[
    ("grant-application check", "text", 1_650),
    ("grant-application trustees", "dictionary", 620),
    ("household-survey check", "text", 1_400),
];

/// What a page may take at most: the bound, or what is known of it.
fn room(kind: &str, of: &str, bound: usize) -> usize {
    let known = OVER.iter().find(|(known, what, _)| *known == kind && *what == of);
    known.map_or(bound, |(_, _, most)| *most)
}

/// As a request is told on an error page.
pub const VISIT: Visit<'_> = Visit {
    wishes: &[],
    switch: Switch::None,
    root: "",
    id: "7KQ4M2XD",
    site: deity::site::Site::NONE,
    text: false,
    key: None,
};

/// One page, as it is sent and as it is sent back.
struct Size {
    kind: String,
    /// To a text browser, in gzip.
    text: Weight,
    gzip: Weight,
    brotli: Weight,
    dictionary: Weight,
    /// In gzip and brotli on a server that has no time at all.
    busy: [usize; 2],
    raw: usize,
    /// Questions that are wrong, and rows of answers.
    wrong: usize,
    rows: usize,
    /// What its heaviest form adds to a request's body.
    added: usize,
}

impl Size {
    fn of(kind: String, page: &Drawn, text: &Drawn, dictionary: &Dictionary) -> Self {
        let wrong = page.html.split("role=alert").nth(1).unwrap_or_default();
        Self {
            text: weigh(text.clone(), Encoding::Gzip, None, 0),
            gzip: weigh(page.clone(), Encoding::Gzip, None, 0),
            brotli: weigh(page.clone(), Encoding::Brotli, None, 0),
            dictionary: weigh(page.clone(), Encoding::Dictionary, Some(dictionary), 0),
            busy: [Encoding::Gzip, Encoding::Brotli].map(|e| weigh(page.clone(), e, None, u16::MAX).all()),
            raw: page.html.len(),
            wrong: wrong.split("</ul>").next().unwrap_or_default().matches("<li>").count(),
            rows: page.html.matches("<dt>").count(),
            added: added(&Dom::of(&page.html)),
            kind,
        }
    }
}

/// The ids that a form sends, with their names and signs; its longest action.
fn added(dom: &Dom) -> usize {
    let of_form = |form: &usize| {
        let named = |name: &str| {
            let fields = dom.inside(*form).filter(|e| e.get("name") == Some(name));
            let lengths = fields.map(|e| name.len() + 1 + e.get("value").unwrap_or_default().len() + 1);
            lengths.max().unwrap_or(0)
        };
        named("sessionID") + named("screenID") + named("actionID")
    };
    dom.forms().iter().map(of_form).max().unwrap_or(0).saturating_sub(1)
}

/// The pages that belong to no screen: of a session that is begun, given up, over, unknown.
fn of_session(name: &str, source: &str, seen: &mut Seen) {
    let visit = Visit {
        text: seen.text,
        ..VISIT
    };
    let opens = || Person::opens_in(flow(name, source), visit.text);
    let mut person = opens();
    person.presses(&[], None);
    let ids = |person: &Person| {
        let field = |name: &str| {
            let field = person.dom.elements.iter().find(|e| e.get("name") == Some(name));
            (name.to_owned(), field.unwrap().get("value").unwrap().to_owned())
        };
        vec![field("sessionID"), field("screenID")]
    };
    let of = |ids: &[(String, String)], action: &str| [ids, &[("actionID".to_owned(), action.to_owned())]].concat();
    let here = ids(&person);
    person.sends(of(&here, "open"), false, false);
    seen.note("(go on?)", &person.page);
    person.sends(here.clone(), false, true);
    if let Some(action) = person.flow.screens.iter().flat_map(|s| &s.actions).find(|a| a.cancel) {
        let action = action.name.clone();
        if person.offers(&action) {
            person.presses(&[], Some(&action));
            seen.note("(cancel?)", &person.page);
            person.presses(&[], Some("yes-cancel"));
            seen.note("(cancelled)", &person.page);
            person = opens();
            person.presses(&[], None);
        }
    }
    let here = ids(&person);
    person.waits(30 * 24 * 60 * 60);
    person.sends(of(&here, "open"), false, true);
    seen.note("(out of time)", &person.page);
    assert_eq!(person.page.status, Status::Gone);
    let flow = Arc::clone(&person.flow);
    unread(&flow, seen);
    entrances(&flow, seen);
    let again = Request {
        language: None,
        flow: name.to_owned(),
        session: here[0].1.clone(),
        screen: here[1].1.clone(),
        action: Some("continue".to_owned()),
        returning: None,
        secret: deity::engine::Secret::default(),
        block: deity::engine::Block::default(),
        fields: Form::default(),
        post: true,
        came: Came::Whole,
        inside: true,
    };
    let busy = Reply::Busy {
        again: Box::new(again),
        flow: Some(flow),
    };
    seen.note("(busy)", &view::page(&busy, &visit));
}

/// The pages that show nothing of a session.
fn unread(flow: &Arc<Flow>, seen: &mut Seen) {
    let visit = Visit {
        text: seen.text,
        ..VISIT
    };
    let typed = Form::default();
    let unknown = Reply::NotFound {
        flow: Some(Arc::clone(flow)),
        typed,
    };
    seen.note("(not found)", &view::page(&unknown, &visit));
    let closed = Closed {
        flow: Arc::clone(flow),
        contact: Some("Forms desk, 020 7946 0000, forms@example.org".into()),
        typed: Form::default(),
    };
    seen.note("(closed)", &view::page(&Reply::Closed(Box::new(closed)), &visit));
    let lost = Lost {
        flow: Some(Arc::clone(flow)),
        reference: "K7QXA-4MTP2".to_owned(),
        contact: Some("Forms desk, 020 7946 0000, forms@example.org".into()),
        typed: Form::default(),
    };
    seen.note("(lost)", &view::page(&Reply::Lost(Box::new(lost)), &visit));
}

/// The start page where a start was not accepted, and the page of a return URL.
fn entrances(flow: &Arc<Flow>, seen: &mut Seen) {
    let visit = Visit {
        text: seen.text,
        ..VISIT
    };
    let ticket = Ticket {
        at: 1_790_000_000,
        nonce: [7; 16],
    };
    let key = ServerKey([7; 32]);
    let session = SessionId::of_random([7; 16]);
    let start = Start {
        flow: Arc::clone(flow),
        ticket: ticket.sealed(&flow.name, &key),
        now: 1_790_000_000,
        stale: true,
        carried: None,
    };
    seen.note("(start: too old)", &view::page(&Reply::Start(Box::new(start)), &visit));
    for (kind, used) in [("(back from elsewhere)", false), ("(back from elsewhere, again)", true)] {
        let returning = Returning {
            flow: Arc::clone(flow),
            token: Return { session, number: 1 }.text(&key),
            used,
        };
        seen.note(kind, &view::page(&Reply::Returning(Box::new(returning)), &visit));
    }
}

/// The largest page of each kind of a flow, with style or without.
fn walked(name: &str, source: &str, text: bool) -> Seen {
    let mut seen = Seen {
        text,
        ..Seen::default()
    };
    let defined = flow(name, source);
    let all: BTreeSet<String> = defined.screens.iter().map(|s| s.name.clone()).collect();
    // A walk through lists and tasks has some hundred pages.
    let walks = if defined.strands.is_empty() {
        rounds(100, 40)
    } else {
        rounds(20, 8)
    } as u64;
    let mut seed = 0;
    while seed < walks || (seed < 2_000 && seen.screens != all) {
        walk::walk(name, source, seed, &mut seen);
        seed += 1;
    }
    let missed: Vec<_> = all.difference(&seen.screens).collect();
    assert!(missed.is_empty(), "{name}: no walk came to {missed:?}");
    of_session(name, source, &mut seen);
    seen
}

#[test]
fn every_kind_of_page_is_sound_and_one_packet_and_the_median_is_small() {
    let mut sizes = plain();
    for (name, source) in flows() {
        let began = Instant::now();
        let [seen, text] = [false, true].map(|text| walked(&name, &source, text));
        let dictionary = Dictionary::of(view::dictionary(
            &Arc::new(flow(&name, &source)),
            deity::site::Site::NONE,
        ));
        sizes.extend(seen.largest.iter().map(|(kind, page)| {
            let text = text.largest.get(kind).unwrap_or_else(|| panic!("{kind} without style"));
            Size::of(format!("{name} {kind}"), page, text, &dictionary)
        }));
        let pages = seen.pages + text.pages;
        ran(&format!("pages of {name}"), pages, began.elapsed(), "all sound");
    }
    let began = Instant::now();
    let found = held(&sizes);
    ran("sizes of kinds of page", sizes.len(), began.elapsed(), &found);
}

#[test]
fn every_kind_of_page_in_another_language_is_sound_and_one_packet() {
    let mut sizes = Vec::new();
    for (name, source, wishes) in walk::translated() {
        let flow = Arc::new(flow(&name, &source));
        let spoken = flow.translation(wishes[0].tag()).unwrap();
        let dictionary = Dictionary::of(view::dictionary(spoken, deity::site::Site::NONE));
        let [seen, text] = [false, true].map(|text| {
            let mut seen = Seen {
                text,
                wishes,
                ..Seen::default()
            };
            for seed in 0..rounds(20, 12) as u64 {
                walk::walk(&name, &source, seed, &mut seen);
            }
            seen
        });
        sizes.extend(seen.largest.iter().map(|(kind, page)| {
            let text = text.largest.get(kind).unwrap_or_else(|| panic!("{kind} without style"));
            Size::of(format!("{name}.{} {kind}", wishes[0].tag()), page, text, &dictionary)
        }));
    }
    for size in &sizes {
        let [text, brotli, dictionary] = size.all();
        println!("{:44} {text:>6} {brotli:>6} {dictionary:>6}", size.kind);
        // Arabic has two bytes a letter: a review, with what has changed above it, takes a second packet, in the
        // same flight.
        let reviews = size.kind.contains(" check");
        let most = if reviews { 1_600 } else { PACKET_BYTES };
        assert!(text <= PACKET_BYTES && brotli <= most, "{}: {text} {brotli}", size.kind);
        // The address at which a waiting page looks again says the language.
        let waits = size.kind.contains("(waiting");
        let (head, packed) = if waits { (WAITING_HEAD + 4, 760) } else { (HEAD, 640) };
        let heads = [size.text.head, size.gzip.head, size.brotli.head, size.dictionary.head];
        assert!(heads.iter().all(|is| *is <= head), "{}: {heads:?}", size.kind);
        assert!(dictionary <= packed, "{}: {dictionary}", size.kind);
    }
}

/// Prints the sizes and holds them to the bounds.
fn held(sizes: &[Size]) -> String {
    println!(
        "{:44} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}",
        "as sent", "text", "brotli", "dict", "gzip", "raw", "up"
    );
    for size in sizes {
        let [text, brotli, dictionary] = size.all();
        let (kind, gzip, raw, added) = (&size.kind, size.gzip.all(), size.raw, size.added);
        println!("{kind:44} {text:>6} {brotli:>6} {dictionary:>6} {gzip:>6} {raw:>6} {added:>6}");
    }
    let faults: Vec<String> = sizes.iter().flat_map(Size::faults).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let usual = sizes.iter().filter(|size| size.gzip.head <= USUAL_HEAD).count();
    assert!(
        usual * 2 > sizes.len(),
        "most headers are of {USUAL_HEAD} bytes: {usual}"
    );
    let median = |place: usize| {
        let mut all: Vec<usize> = sizes.iter().map(|size| size.all()[place]).collect();
        all.sort_unstable();
        all[all.len() / 2]
    };
    let medians = [0, 1, 2].map(median);
    println!("medians: {medians:?} without style in gzip, in brotli, against a dictionary");
    for (median, most) in medians.iter().zip(MEDIANS) {
        assert!(*median <= most, "medians {medians:?}, at most {MEDIANS:?}");
    }
    format!("medians {medians:?} bytes as sent: text in gzip, brotli, dictionary")
}

impl Size {
    /// As sent without style in gzip, in brotli, and against a dictionary.
    fn all(&self) -> [usize; 3] {
        [self.text.all(), self.brotli.all(), self.dictionary.all()]
    }

    /// What is over its bound.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut fault = |bad: bool, words: String| {
            if bad {
                faults.push(format!("{}: {words}", self.kind));
            }
        };
        let [text, brotli, dictionary] = self.all();
        let waits = self.kind.contains("(waiting");
        let heads = [self.text.head, self.gzip.head, self.brotli.head, self.dictionary.head];
        let most = if waits { WAITING_HEAD } else { HEAD };
        fault(heads.iter().any(|head| *head > most), format!("headers of {heads:?}"));
        fault(
            text > room(&self.kind, "text", PACKET_BYTES),
            format!("{text} bytes without style"),
        );
        // Many errors, and many answers, may take a second packet.
        let long = self.wrong > 1 || self.rows > 10;
        fault(brotli > PACKET_BYTES && !long, format!("{brotli} bytes in brotli"));
        // There is one for the pages of a flow.
        let own = self.kind.contains(' ') && !long;
        let room = room(&self.kind, "dictionary", DICTIONARY + most - HEAD);
        fault(
            own && dictionary > room,
            format!("{dictionary} bytes against a dictionary"),
        );
        let others = [self.gzip.all(), self.busy[0], self.busy[1], brotli];
        fault(
            others.iter().any(|bytes| *bytes > 2 * PACKET_BYTES),
            format!("{others:?} bytes"),
        );
        fault(self.added > ADDED, format!("{} bytes beside what is typed", self.added));
        faults
    }
}

/// All flows, as the index has them.
fn listed() -> Vec<view::Listed> {
    let flows = flows().into_iter().map(|(n, s)| Arc::new(flow(&n, &s)));
    flows.map(|flow| view::Listed { flow, open: true }).collect()
}

/// The pages without a flow.
fn plain() -> Vec<Size> {
    let none = Dictionary::of(Vec::new());
    let pages = |text: bool| {
        let visit = Visit { text, ..VISIT };
        let mut pages: Vec<_> = Problem::ALL
            .map(|problem| (format!("{problem:?}"), view::error(problem, &visit)))
            .into();
        pages.push(("index".to_owned(), view::index(&listed(), &visit)));
        pages
    };
    let both = pages(false).into_iter().zip(pages(true));
    both.map(|((kind, page), (_, text))| Size::of(kind, &page, &text, &none))
        .collect()
}

#[test]
fn the_pages_without_a_flow_are_sound() {
    for problem in Problem::ALL {
        let page = view::error(problem, &VISIT);
        assert_eq!(page.status, Status::Problem(problem));
        sound(&page.html, false);
    }
    let dom = sound(&view::index(&listed(), &VISIT).html, false);
    let links: Vec<&str> = dom.links().filter_map(|a| a.get("href")).collect();
    let expected: Vec<String> = listed().into_iter().map(|one| one.flow.name.clone()).collect();
    assert_eq!(links, expected);
}
