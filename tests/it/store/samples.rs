//! Sessions to be written down: a finished one as people leave it, and one that uses every type.

use std::collections::BTreeMap;

use deity::flow::{Currency, Digests, Form, Value};
use deity::id::{ScreenKey, SessionKey, Way};
use deity::machine::{Answer, Asked, Away, Entry, Event, Outcome, Place, Purpose, Seal, Session, Stage, State};

/// The screens of a passport renewal as they were answered, each with its action and fields.
const ANSWERS: &[(&str, &str, &[(&str, &str)])] = &[
    ("intro", "start", &[]),
    (
        "name",
        "continue",
        &[("given", "Maximiliane Friederike"), ("family", "Featherstonehaugh")],
    ),
    ("birth", "continue", &[("born", "1987-03-27")]),
    ("changed", "continue", &[("changed", "yes")]),
    (
        "previous",
        "continue",
        &[("previous", "Maximiliane Cholmondeley-Warner")],
    ),
    (
        "address",
        "continue",
        &[
            ("line1", "Flat 12, 1048 Upper Tollington Park Road"),
            ("line2", "Stroud Green"),
            ("town", "Newcastle upon Tyne"),
            ("postcode", "NE1 4XX"),
        ],
    ),
    ("check", "submit", &[]),
];

/// A session that went through eight screens to the end, with one answer amended on the way.
pub fn finished() -> Session {
    let mut session = Session {
        items: Vec::new(),
        keys: 0,
        at: SessionKey([0x5a; 16]),
        flow: "passport-renewal".to_owned(),
        digests: Digests {
            structure: [0xd1; 16],
            texts: [0xd2; 16],
        },
        key: ScreenKey([0xc3; 16]),
        created: 1_790_000_000,
        touched: 1_790_000_900,
        step: 0,
        state: State::Ended {
            outcome: "completed".to_owned(),
            screen: "done".to_owned(),
            at: 1_790_000_900,
        },
        seal: None,
        answers: BTreeMap::new(),
        outcomes: Vec::new(),
        kept_from: 0,
        journal: vec![entry(1, Event::Started)],
        folded: 0,
        asked: Vec::new(),
        asks: 0,
        cancel: None,
        passed_over: Vec::new(),
        more_failed: 0,
        unsent: 0,
        sealed_on: 0,
        ended_on: 0,
        language: None,
        code: 0,
        returns: 0,
        presumed: None,
    };
    for (n, (screen, action, fields)) in ANSWERS.iter().enumerate() {
        let next = ANSWERS.get(n + 1).map_or("done", |(screen, ..)| screen);
        step(&mut session, screen, action, next);
        let fields = fields
            .iter()
            .map(|(name, text)| ((*name).to_owned(), value(name, text)));
        session.answers.insert(
            Place::of(screen),
            Answer {
                fields: fields.collect(),
                action: Some((*action).to_owned()),
                draft: None,
            },
        );
    }
    step(&mut session, "name", "continue", "check");
    session.journal.push(entry(
        session.step,
        Event::Amended {
            place: Place::of("name"),
            action: "continue".to_owned(),
            before: vec![("given".to_owned(), Some(Value::Text("Maximiliane".to_owned())))],
        },
    ));
    session.journal.push(entry(session.step + 1, Event::Ended));
    session
}

/// A session in which every type that a record may hold occurs.
pub fn everything() -> Session {
    let mut session = finished();
    let mut place = Place::of("name");
    place.frame = 300;
    place.item = 70_000;
    let amount = |text: &str| text.parse().expect("a decimal");
    let fields = [
        ("text", Value::Text("Zoë\nsecond line".to_owned())),
        ("bool", Value::Bool(true)),
        ("number", Value::Number(amount("-0.10"))),
        (
            "money",
            Value::Money(amount("79228162514264337593543950335"), Currency(*b"GBP")),
        ),
        ("date", Value::Date("2024-02-29".parse().expect("a day"))),
        ("list", Value::List(vec!["a".to_owned(), "b-2".to_owned()])),
    ];
    let answer = Answer {
        fields: fields.map(|(name, value)| (name.to_owned(), value)).into(),
        action: None,
        draft: Some(Form(vec![("given".to_owned(), "typed".to_owned())])),
    };
    session.answers.insert(place.clone(), answer);
    session.state = State::Expired {
        at: -1,
        unfinished: true,
    };
    session.seal = Some(Seal {
        step: 8,
        place: place.clone(),
        at: 1_795_435_200,
    });
    session.folded = u64::MAX;
    let agreed = Event::Answered {
        place: place.clone(),
        action: "agree".to_owned(),
        agreed: Some([7; 16]),
    };
    for event in [
        agreed,
        Event::Kept { place: place.clone() },
        Event::Drafted { place },
        Event::Extended,
        Event::Sealed,
        Event::Cancelled,
        Event::Expired,
        Event::Forgotten,
    ] {
        session.journal.push(entry(9, event));
    }
    session
}

/// The same with every way in which an effect may stand.
pub fn with_effects() -> Session {
    let mut session = everything();
    for (number, (purpose, stage)) in (1..).zip(stages()) {
        session.asked.push(asked(number, purpose, stage));
        session.asks = number;
    }
    session.cancel = Some(1_790_000_070);
    session.journal.extend(events().map(|event| entry(10, event)));
    session
}

fn stages() -> [(Purpose, Stage); 6] {
    let running = Stage::Running {
        until: 1_790_000_020,
        node: u64::MAX,
    };
    let declined = Stage::Declined {
        at: 1_790_000_040,
        message: "There is not enough money".to_owned(),
        faults: vec![("amount".to_owned(), "Enter less".to_owned())],
    };
    [
        (Purpose::Do, Stage::Due { next: 1_790_000_010 }),
        (Purpose::Look, running),
        (Purpose::Tell, Stage::Done { at: 1_790_000_030 }),
        (Purpose::Do, declined),
        (Purpose::Do, Stage::Failed { at: 1_790_000_050 }),
        (Purpose::Undo { of: 1 }, Stage::InDoubt { at: 1_790_000_060 }),
    ]
}

fn asked(number: u32, purpose: Purpose, stage: Stage) -> Asked {
    let seats = Value::Options(vec![("a1".to_owned(), "Row A".to_owned())]);
    Asked {
        number,
        effect: "hold-seat".to_owned(),
        purpose,
        place: Place::of("name"),
        action: "continue".to_owned(),
        step: 3,
        at: 1_790_000_000,
        label: "Seat a1".to_owned(),
        sent: vec![("seat".to_owned(), Value::Text("a1".to_owned()))],
        stage,
        attempts: 2,
        doubt: number.is_multiple_of(2),
        probing: number.is_multiple_of(3),
        away: (number == 1).then(|| Away {
            page: "https://pay.example.org/1".to_owned(),
            door: vec![1, 2, 3],
            until: 1_790_000_900,
            returned: Some(7),
        }),
        results: [("seats".to_owned(), seats)].into(),
        settled: 4,
        heard: "no answer".to_owned(),
        known: BTreeMap::new(),
        stderr: String::new(),
        called_off: false,
        seen: false,
        basis: None,
        absent: false,
        tries: 0,
        item: 0,
    }
}

fn events() -> impl Iterator<Item = Event> {
    let (number, effect) = (1, "hold-seat".to_owned());
    let effects = [
        Event::Asked {
            number,
            effect: effect.clone(),
            undoes: 0,
        },
        Event::Done {
            number,
            effect: effect.clone(),
        },
        Event::Declined {
            number,
            effect: effect.clone(),
        },
        Event::Failed {
            number,
            effect: effect.clone(),
        },
        Event::InDoubt { number, effect },
        Event::Away { number },
        Event::Returned { number },
        Event::CancelWanted,
        Event::TooLate,
    ];
    effects.into_iter()
}

fn step(session: &mut Session, screen: &str, action: &str, next: &str) {
    session.step += 1;
    session.outcomes.push(Outcome {
        step: session.step,
        offered: session.step - 1,
        place: Place::of(screen),
        way: Way::Path,
        action: action.to_owned(),
        digest: 0xfedc_ba98_7654_3210,
        led_to: Place::of(next),
        led_way: Way::Change,
        since: 0,
    });
    let answered = Event::Answered {
        place: Place::of(screen),
        action: action.to_owned(),
        agreed: None,
    };
    session.journal.push(entry(session.step, answered));
}

fn entry(step: u64, event: Event) -> Entry {
    let at = 1_790_000_000;
    Entry { step, at, event }
}

fn value(name: &str, text: &str) -> Value {
    match name {
        "born" => Value::Date(text.parse().expect("a day")),
        "changed" => Value::Bool(text == "yes"),
        _ => Value::Text(text.to_owned()),
    }
}
