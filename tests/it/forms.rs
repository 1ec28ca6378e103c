//! Long forms as others publish them, written as flows from docs/ alone: they load without a
//! fault, and somebody walks each to its end through the engine, with two items in each list.

use std::process::Command;

use crate::definition::definitions;
use deity::flow::Flow;

const FOLDER: &str = "tests/definitions/forms";

/// Of none of them anything is told.
const TOLD: &[(&str, &[&str])] = &[("household-hub", &[]), ("nested-repeats", &[]), ("travel-refund", &[])];

#[test]
fn long_forms_are_read_without_a_fault() {
    let mut told = Vec::new();
    for (name, path) in definitions(FOLDER) {
        let source = std::fs::read_to_string(path).unwrap();
        match Flow::read(&name, &source) {
            Ok((_, warnings)) => told.push((name, warnings.iter().map(|one| one.code).collect::<Vec<_>>())),
            Err(faults) => panic!("{name} does not load: {faults:#?}"),
        }
    }
    let told: Vec<_> = told.iter().map(|(name, codes)| (name.as_str(), &codes[..])).collect();
    assert_eq!(told, TOLD);
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
