//! docs/formats.md says what is so: each of its examples is made here.

use deity::id::{Callback, EffectKey, Return, ScreenKey, ServerKey, SessionId, Ticket, away};
use deity::store::key_file::{KeyFile, Keys};

fn holds(what: &str, printed: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(&format!("`{printed}`")), "{what} is {printed}");
}

#[test]
fn the_examples_of_printed_ids_are_what_is_printed() {
    let server = ServerKey([0x5a; 32]);
    let session = SessionId::parse("KioqKioqSiqqKioqKioqKg").unwrap();
    holds("the session", &session.to_string());
    holds("its reference", &session.key().reference());
    let ticket = Ticket {
        at: 1_790_000_000,
        nonce: [3; 16],
    };
    holds("the ticket", &ticket.sealed("passport", &server));
    holds("the return", &Return { session, number: 3 }.text(&server));
    let callback = Callback {
        at: session.key(),
        number: 3,
    };
    holds("the callback", &callback.text(&server));
    holds("the mark of an address", &away("https://example.org/", &server));
    let key = EffectKey::of(&ScreenKey([0x5a; 16]), "hold", 0, 5, 3);
    holds("the asking's key", &key.to_string());
}

#[test]
fn the_example_of_a_key_file_is_what_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    let keys = Keys::new([1; 16], ServerKey([2; 32]));
    KeyFile::at(&path, None).write(&keys, [0; 12]).unwrap();
    let hex: String = std::fs::read(&path)
        .unwrap()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    holds("the key file", &hex);
}
