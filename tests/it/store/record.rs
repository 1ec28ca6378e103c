//! The record format: read back whole, refused when damaged, small.

use std::path::PathBuf;

use deity::flow::{Form, Value};
use deity::id::{SessionKey, Way};
use deity::limits::SESSION_BYTES;
use deity::machine::{Answer, Place, Session, State};
use deity::store::{Error, record};

use super::samples::{everything, finished, with_effects};

/// Why `bytes` are not the session at `at`.
fn fault(at: SessionKey, bytes: &[u8]) -> String {
    match record::decode(at, bytes) {
        Err(Error::Damaged(why)) => why,
        other => panic!("damaged bytes gave {other:?}"),
    }
}

/// `body` with a version byte before it and a checksum that fits behind it.
fn sealed(session: &Session, clear: &[u8]) -> Vec<u8> {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&session.at.0);
    crc.update(clear);
    [clear, &crc.finalize().to_le_bytes()].concat()
}

#[test]
fn what_was_written_is_read_back() {
    for session in [finished(), everything()] {
        let bytes = record::encode(&session).expect("fits");
        assert_eq!(record::decode(session.at, &bytes).expect("whole"), session);
    }
}

#[test]
fn every_state_is_read_back() {
    let outcome = || "completed".to_owned();
    let over = [
        State::Live,
        State::Cancelled { at: 5 },
        State::Expired {
            at: 5,
            unfinished: false,
        },
        State::Forgotten {
            outcome: outcome(),
            at: i64::MAX,
        },
        State::Ended {
            outcome: outcome(),
            screen: "done".to_owned(),
            at: i64::MIN,
        },
    ];
    for state in over {
        let session = Session { state, ..finished() };
        let bytes = record::encode(&session).expect("fits");
        assert_eq!(record::decode(session.at, &bytes).expect("whole"), session);
    }
}

#[test]
fn the_language_of_the_last_step_is_kept_and_takes_no_byte_where_it_is_the_flows_own() {
    let own = record::encode(&finished()).expect("fits");
    let session = Session {
        language: deity::id::Language::parse("pt-BR"),
        ..finished()
    };
    let bytes = record::encode(&session).expect("fits");
    assert_eq!(record::decode(session.at, &bytes).expect("whole"), session);
    assert!(
        (own.len() + 1..own.len() + 24).contains(&bytes.len()),
        "{} {}",
        own.len(),
        bytes.len()
    );
}

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/store/golden")
        .join(name)
}

/// Records that are on disk somewhere stay readable, whatever version wrote them.
#[test]
fn records_of_earlier_versions_are_still_read() {
    for (version, name, session) in [
        (1, "session-1.record", everything()),
        (2, "session-2.record", with_effects()),
    ] {
        let bytes = std::fs::read(golden(name)).expect("the golden record is there");
        assert_eq!(bytes[0], version);
        assert_eq!(record::decode(session.at, &bytes).expect("readable"), session);
    }
}

/// A session with all that a record can hold.
fn with_all() -> Session {
    let mut session = with_effects();
    session.outcomes[0].led_way = Way::ChangeFrom(3);
    session.outcomes[1].way = Way::SinceChange(3);
    session.passed_over = vec![(128, vec![1, 2, 3]), (255, vec![0])];
    session
}

/// When this fails, the format has changed: what is on disk would be read otherwise, or not at all.
/// New fields stand at the end of entries, new things in new sections (`store::record`), and this
/// file stays as it is. Before the first release it may be made anew: `DEITY_BLESS=1`.
#[test]
fn a_record_of_version_3_is_written_as_it_always_was() {
    let path = golden("session-3.record");
    let session = with_all();
    if std::env::var_os("DEITY_BLESS").is_some() {
        std::fs::write(&path, record::encode(&session).expect("fits")).expect("the golden record can be written");
    }
    let bytes = std::fs::read(&path).expect("the golden record is there");
    assert_eq!(record::decode(session.at, &bytes).expect("readable"), session);
    assert_eq!(record::encode(&session).expect("fits"), bytes);
}

/// The same of a session whose last step was in a language that is not the flow's own.
#[test]
fn a_record_with_a_language_is_written_as_it_always_was() {
    let path = golden("session-3-cy.record");
    let session = Session {
        language: deity::id::Language::parse("cy"),
        ..with_all()
    };
    if std::env::var_os("DEITY_BLESS").is_some() {
        std::fs::write(&path, record::encode(&session).expect("fits")).expect("the golden record can be written");
    }
    let bytes = std::fs::read(&path).expect("the golden record is there");
    assert_eq!(record::decode(session.at, &bytes).expect("readable"), session);
    assert_eq!(record::encode(&session).expect("fits"), bytes);
}

/// `session` with another section behind those that it has.
fn with_section(session: &Session, section: &[u8]) -> Vec<u8> {
    let mut bytes = record::encode(session).expect("fits");
    bytes[1] += 1;
    sealed(session, &[&bytes[..bytes.len() - 4], section].concat())
}

#[test]
fn a_section_that_must_be_understood_is_refused_and_others_are_kept_byte_for_byte() {
    let session = finished();
    let why = fault(session.at, &with_section(&session, &[7, 2, 9, 9]));
    assert!(why.contains("newer program") && why.contains("section 7"), "{why}");
    let bytes = with_section(&session, &[200, 2, 9, 0]);
    let read = record::decode(session.at, &bytes).expect("readable");
    assert_eq!(read.passed_over, [(200, vec![9, 0])]);
    assert_eq!(record::encode(&read).expect("fits"), bytes);
}

#[test]
fn sections_stand_in_order_and_whole() {
    let session = finished();
    for section in [&[200, 3, 9][..], &[200], &[200, 1, 9, 129, 1, 9], &[6, 1, 9, 6, 1, 9]] {
        let why = fault(session.at, &with_section(&session, section));
        assert!(why.contains("section"), "{why}");
    }
}

#[test]
fn a_finished_session_of_eight_screens_takes_three_kilobytes_at_most() {
    let bytes = record::encode(&finished()).expect("fits").len();
    println!("a finished session of eight screens: {bytes} bytes");
    assert!(bytes <= 3 << 10, "{bytes} bytes");
}

#[test]
fn every_changed_bit_is_noticed() {
    let session = everything();
    let bytes = record::encode(&session).expect("fits");
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(fault(session.at, &changed).contains("checksum"), "bit {bit}");
    }
}

#[test]
fn every_cut_is_noticed() {
    let session = everything();
    let bytes = record::encode(&session).expect("fits");
    for length in 0..bytes.len() {
        fault(session.at, &bytes[..length]);
        fault(session.at, &sealed(&session, &bytes[..length.min(bytes.len() - 5)]));
    }
}

#[test]
fn a_record_is_good_at_its_own_key_only() {
    let session = finished();
    let bytes = record::encode(&session).expect("fits");
    let other = SessionKey([0x5b; 16]);
    assert!(fault(other, &bytes).contains("checksum"));
    let moved = Session {
        at: other,
        ..finished()
    };
    assert!(fault(other, &sealed(&moved, &bytes[..bytes.len() - 4])).contains("another key"));
}

#[test]
fn a_newer_programs_record_is_told_from_a_broken_one() {
    let session = finished();
    let bytes = record::encode(&session).expect("fits");
    let mut clear = bytes[..bytes.len() - 4].to_vec();
    clear[0] = 4;
    let why = fault(session.at, &sealed(&session, &clear));
    assert!(why.contains("newer program"), "{why}");
    clear[0] = 0;
    let why = fault(session.at, &sealed(&session, &clear));
    assert!(why.contains("never in use"), "{why}");
}

#[test]
fn bytes_left_over_are_noticed() {
    let session = finished();
    let bytes = record::encode(&session).expect("fits");
    for more in [&[0][..], &[0, 0], &[255]] {
        let longer = [&bytes[..bytes.len() - 4], more].concat();
        assert!(fault(session.at, &sealed(&session, &longer)).contains("section"));
    }
}

/// A session with one answer of `chars` characters.
fn with_text(chars: usize) -> Session {
    let mut session = finished();
    let fields = [("text".to_owned(), Value::Text("x".repeat(chars)))];
    let answer = Answer {
        fields: fields.into(),
        action: None,
        draft: Some(Form::default()),
    };
    session.answers.insert(Place::of("long"), answer);
    session
}

#[test]
fn a_session_over_its_bound_is_not_written() {
    let spare = SESSION_BYTES - record::encode(&with_text(SESSION_BYTES / 2)).expect("fits").len();
    let most = SESSION_BYTES / 2 + spare;
    assert_eq!(
        record::encode(&with_text(most)).expect("exactly fits").len(),
        SESSION_BYTES
    );
    assert!(record::encode(&with_text(most - 1)).is_ok());
    assert_eq!(record::encode(&with_text(most + 1)), Err(record::TooLarge));
}

proptest::proptest! {
    /// Whatever stands on the disk, with a checksum that fits or without: an answer, no panic.
    #[test]
    fn any_bytes_get_an_answer(body: Vec<u8>) {
        let session = finished();
        fault(session.at, &body);
        fault(session.at, &sealed(&session, &[&[1], body.as_slice()].concat()));
        fault(session.at, &sealed(&session, &[&[2], body.as_slice()].concat()));
        fault(session.at, &sealed(&session, &[&[3], body.as_slice()].concat()));
        fault(session.at, &with_section(&session, &[&[6], body.as_slice()].concat()));
    }
}
