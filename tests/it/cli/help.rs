//! Every example of the help works as it stands: run by a shell, on flows, sessions and effects of a
//! test's own. Only places (ports, the proxy's directory) and references are the test's.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{FLOW, order, out};
use crate::effects::callee::Callee;
use crate::support::{App, eventually, tls};

/// The commands that have examples.
const COMMANDS: [&[&str]; 10] = [
    &[],
    &["serve"],
    &["check"],
    &["rehearse"],
    &["codebook"],
    &["texts"],
    &["sessions"],
    &["effects"],
    &["demo", "ledger"],
    &["demo", "audit"],
];
/// The reference that stands in examples.
const SAMPLE: &str = "K7QXA-4MTP2";

/// A call that the callee does not answer, or refuses.
const DOUBT: &str = r#"
title = "A transfer"
start = "intro"

[screens.intro]
title = "A transfer"
actions.start = { label = "Start now", to = "ask" }

[screens.ask]
title = "What?"
fields.thing = { type = "text", label = "Thing" }
actions.send = { label = "Send", call = "transfer", to = "done", failed = "sorry" }

[screens.done]
title = "Done"
end = "completed"

[screens.sorry]
title = "Not done"
end = "not-done"

[effects.transfer]
http = "POST http://CALLEE/transfers"
save.transfer = "/transfer"
"#;

/// The examples of a command: each without what is said beside it.
fn examples(app: &App, command: &[&str]) -> Vec<String> {
    let help = out(&app.deity(&[command, &["--help"]].concat()));
    let (_, rest) = help.split_once("Examples:\n").expect("examples");
    let lines = rest.lines().take_while(|line| !line.is_empty());
    let begins = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let bare = |line: &str| line.trim().split("  ").next().unwrap().to_owned();
    lines.filter(begins).map(bare).collect()
}

/// A shell's words, with the places of the test.
fn here(app: &App, example: &str) -> String {
    let ports = regex::Regex::new(r"(\d+\.\d+\.\d+\.\d+):\d+").unwrap();
    let line = ports.replace_all(example, "$1:0");
    let line = line.replace("/run/deity/", &format!("{}/", app.dir.path().display()));
    // What reads it is somebody else's program.
    line.split(" | ").next().unwrap().to_owned()
}

fn shell(app: &App, line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_deity"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .current_dir(app.dir.path())
        .env("PATH", path)
        .env("DEITY_CALLEES", "127.0.0.1")
        .env("DEITY_DEMO", "127.0.0.1:8090")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// It comes to its end, and well.
fn ends(app: &App, line: &str) {
    let output = shell(app, line).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{line}: {said}{}", out(&output));
}

/// It serves.
fn serves(app: &App, line: &str) {
    let mut command = shell(app, &format!("exec env {line}"));
    let data = app.dir.path().join("another");
    let mut child = command
        .env("DEITY_DATA", data)
        .env("DEITY_DEMO", "127.0.0.1:0")
        .env("DEITY_LISTEN", "127.0.0.1:0")
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&said).contains("serves on") {
        match stdout.read(&mut buffer) {
            Ok(n @ 1..) => said.extend_from_slice(&buffer[..n]),
            _ => {
                let output = child.wait_with_output().unwrap();
                panic!("{line}: {}", String::from_utf8_lossy(&output.stderr));
            }
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The names of effects in a state, of sessions that were left so.
fn effects(app: &App, status: &str) -> Vec<String> {
    let listed = out(&app.deity(&["effects", "list", "--status", status, "--json"]));
    let one = |line: &str| {
        let effect: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = format!("{}/{}", effect["reference"].as_str().unwrap(), effect["number"]);
        (effect["seen"] != true).then_some(name)
    };
    listed.lines().filter_map(one).collect()
}

#[test]
fn every_example_of_the_help_works() {
    let callee = Callee::answering(|_| None);
    let doubt = DOUBT.replace("CALLEE", &callee.address.to_string());
    let mut app =
        App::stopped(&[("order", FLOW), ("doubt", &doubt), ("my-flow", FLOW)]).argument("--callees=127.0.0.1");
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("phases")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), app.phases().join(file.file_name())).unwrap();
    }
    fs::create_dir(app.dir.path().join("flows")).unwrap();
    fs::write(app.dir.path().join("flows/order.toml"), FLOW).unwrap();
    tls::write(app.dir.path(), |_| {});
    app.run();
    let ended = order(&mut app.browser("/"), "Ada");
    let send = |app: &App, heading: &str| {
        let mut browser = app.browser("/doubt");
        browser.press("Start now");
        browser.fill("Thing", "a").press("Send");
        assert_eq!(browser.page.heading(), heading);
    };
    // One for each example that settles it.
    for _ in 0..4 {
        send(&app, "We do not know yet if this was done");
    }
    callee.answer(|_| Some((403, "{}".to_owned())));
    send(&app, "Not done");

    let mut ran = 0;
    for command in COMMANDS {
        for example in examples(&app, command) {
            let line = here(&app, &example);
            let words: Vec<_> = line.split(' ').filter(|word| !word.contains('=')).collect();
            let is_server = matches!(
                words[..],
                ["deity"] | ["deity", "serve", ..] | ["deity", "demo", "ledger", ..]
            ) && !line.contains("GATEWAY");
            if is_server {
                let place = line.contains("ledger") && !line.contains("--listen");
                serves(
                    &app,
                    &format!("{line}{}", if place { " --listen 127.0.0.1:0" } else { "" }),
                );
            } else if line.contains(SAMPLE) && words[1] == "effects" {
                let status = if words[2] == "seen" { "failed" } else { "in-doubt" };
                assert!(eventually(|| !effects(&app, status).is_empty()), "{line}");
                let name = effects(&app, status).remove(0);
                let bare = name.split('/').next().unwrap();
                let numbered = ["/3", "/4"].map(|number| format!("{SAMPLE}{number}"));
                let line = numbered.iter().fold(line, |line, sample| line.replace(sample, &name));
                ends(&app, &line.replace(SAMPLE, bare));
            } else {
                ends(&app, &line.replace(SAMPLE, &ended));
            }
            ran += 1;
        }
    }
    assert!(ran > 30, "{ran}");
}
