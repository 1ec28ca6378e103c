//! Long forms as others publish them, written as flows from docs/ alone: they load without a
//! fault, and somebody walks each to its end through the engine, with two items in each list.

use std::process::Command;

use crate::definition::definitions;
use deity::flow::Flow;

const FOLDER: &str = "tests/definitions/forms";

#[test]
fn long_forms_are_read_without_a_word() {
    for (name, path) in definitions(FOLDER) {
        let source = std::fs::read_to_string(path).unwrap();
        match Flow::read(&name, &source) {
            Ok((_, warnings)) => assert!(warnings.is_empty(), "{name}: {warnings:#?}"),
            Err(faults) => panic!("{name} does not load: {faults:#?}"),
        }
    }
}

#[test]
fn long_forms_are_walked_to_their_ends() {
    for (name, path) in definitions(FOLDER) {
        assert!(
            path.with_extension("walks.toml").exists(),
            "{name} has no walks of its own"
        );
        let done = Command::new(env!("CARGO_BIN_EXE_deity"))
            .args(["rehearse", "--browser", "lynx"])
            .arg(&path)
            .env_remove("DEITY_PHASES")
            .env_remove("DEITY_ORIGIN")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{name}: {told}");
    }
}
