//! Rehearsals: walks through real pages, and what a line makes of them.

mod command;
mod languages;
mod lines;
mod lists;
mod made;
mod measured;
mod paper;
mod parts;
mod real;
mod variants;
mod walks;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value as Json;
use tempfile::TempDir;

/// Runs the program where the shipped flows are.
fn deity(arguments: &[&str]) -> Output {
    deity_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments)
}

fn deity_in(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deity"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("DEITY_PHASES")
        .env_remove("DEITY_ORIGIN")
        .output()
        .expect("the program can be run")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// The reports of a rehearsal that passes.
fn reports(arguments: &[&str]) -> Vec<Json> {
    let mut all = vec!["rehearse"];
    all.extend_from_slice(arguments);
    all.push("--json");
    let done = deity(&all);
    assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
    let lines = out(&done);
    let reports: Vec<Json> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!reports.is_empty());
    reports
}

/// A directory with a flow, `flow.toml`, and its walks.
fn beside(flow: &str, walks: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("phases")).unwrap();
    std::fs::write(directory.path().join("phases/flow.toml"), flow).unwrap();
    if !walks.is_empty() {
        std::fs::write(directory.path().join("phases/flow.walks.toml"), walks).unwrap();
    }
    directory
}

/// A flow with a branch, a look-up, and an effect that may say no.
const FLOW: &str = r#"
title = "Lend a boat"
start = "who"

[screens.who]
title = "Who are you?"
fields.name = { type = "text", label = "Name", max = 20 }
fields.born = { type = "date", label = "Date of birth", max = "today" }
fields.kind = { type = "choice", label = "Boat", options = { canoe = "Canoe", kayak = "Kayak" } }
actions.continue = [{ when = "age(born) < 18", to = "young" }, { to = "which" }]

[screens.young]
title = "You are too young"
end = "too-young"

[screens.which]
title = "Which one?"
load = "boats"
fields.boat = { type = "choice", label = "Number", options = "boat_list" }
actions.lend = { label = "Lend it", call = "lend", to = "done", failed = "sorry" }

[screens.done]
title = "It is yours"
body = "Until {{ until }}."
end = "lent"

[screens.sorry]
title = "It did not work"
end = "not-lent"

[effects.boats]
label = "The boats"
http = "GET http://boats.example/"
send = {}
safe = true
save.boat_list = { at = "/boats", type = "options", value = "/id", label = "/label" }

[effects.lend]
label = "Your boat"
http = "POST http://boats.example/lend"
save.until = { at = "/until", type = "date" }
"#;
