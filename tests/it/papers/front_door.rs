//! README.md: the first flow, what it promises of it, and the commands.

use super::{FIRST_FLOW, OPERATORS, README, blocks, marked};
use crate::support::App;

fn flow() -> String {
    marked(README, "first flow", "toml").remove(0)
}

#[test]
fn the_first_flow_has_no_fault_and_can_be_walked() {
    let app = App::start(&[("table", &flow())]);
    let checked = app.deity(&["check", "phases/table.toml"]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    // It sends nothing anywhere, and the README says what that means.
    assert!(said.contains("1 file checked: 0 errors, 1 warning"), "{said}");
    assert!(said.contains("warning[sent-nowhere]: what ends at `booked`"), "{said}");

    let mut browser = app.browser("/table");
    if browser.page.buttons() != ["Continue"] {
        let start = browser.page.buttons().remove(0);
        browser.press(&start);
    }
    assert_eq!(browser.page.heading(), "When do you want to come?");
    let week = std::time::SystemTime::now() + std::time::Duration::from_hours(7 * 24);
    let day = jiff::Timestamp::try_from(week)
        .unwrap()
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .date();
    let text = [day.day().to_string(), day.month().to_string(), day.year().to_string()];
    browser.fill_date("Which day?", &text[0], &text[1], &text[2]);
    browser.fill("How many people?", "4").press("Continue");
    browser
        .fill("Your name", "Ada")
        .choose("Somebody eats vegan")
        .press("Continue");
    assert_eq!(browser.page.heading(), "Check your booking");
    browser.press("Book the table");
    assert_eq!(browser.page.heading(), "Your table is booked");
    assert!(
        browser.page.text().contains("Thank you, Ada. We expect 4 people on"),
        "{}",
        browser.page.text()
    );

    let exported = app.deity(&["sessions", "export", "--flow", "table"]);
    let line: serde_json::Value = serde_json::from_slice(&exported.stdout).unwrap();
    assert_eq!(
        (&line["outcome"], &line["answers"]["people"]),
        (&"booked".into(), &4.into())
    );
    let shown: serde_json::Value = serde_json::from_str(&blocks(README, "json")[0]).unwrap();
    let keys = |object: &serde_json::Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&line), keys(&shown));
    assert_eq!(keys(&line["answers"]), keys(&shown["answers"]));
    assert_eq!(line["steps"], shown["steps"]);
}

#[test]
fn a_typo_in_the_first_flow_is_told_as_the_readme_promises() {
    let flow = flow().replacen("type = ", "tpye = ", 1);
    let app = App::stopped(&[("table", &flow)]);
    let checked = app.deity(&["check", "phases/table.toml"]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        said.contains("phases/table.toml:6:") && said.contains("did you mean `type`?"),
        "{said}"
    );
}

#[test]
fn what_is_missing_is_said_before_the_commands() {
    let (before, _) = README.split_once("\n## Two commands\n").unwrap();
    let (_, missing) = before.split_once("**Not there yet**").expect("what is missing is said");
    for word in ["files", "coming back", "accounts", "one machine", "encrypted"] {
        assert!(
            missing.contains(word) || missing.contains(&word.replace("one", "more than one")),
            "{word}"
        );
    }
    assert!(before.lines().count() < 60, "not on the first screen");
}

#[test]
fn every_command_is_one_that_there_is() {
    let app = App::stopped(&[]);
    let mut seen = 0;
    let shown: Vec<_> = [README, FIRST_FLOW, OPERATORS]
        .map(|paper| blocks(paper, "sh"))
        .concat();
    for line in shown.iter().flat_map(|block| block.lines()) {
        let words: Vec<_> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        match words.as_slice() {
            // A program that was built without it does not have it.
            ["deity", "demo", ..] if !cfg!(feature = "demo") => seen += 1,
            ["deity", arguments @ ..] => {
                // clap refuses what it does not know before it comes to --help.
                let output = app.deity(&[arguments, &["--help"]].concat());
                assert_eq!(
                    output.status.code(),
                    Some(0),
                    "{line}: {}",
                    String::from_utf8_lossy(&output.stderr)
                );
                seen += 1;
            }
            ["cargo", "run", "--release", "--", arguments @ ..] => {
                let help = app.deity(&[arguments, &["--help"]].concat());
                assert!(help.status.success(), "{line}: {help:?}");
                seen += 1;
            }
            ["tests/run" | "lynx" | "mkdir", ..] => seen += 1,
            _ => panic!("nobody runs this line: {line}"),
        }
    }
    assert!(seen > 16, "{seen}");
}

#[test]
fn the_test_command_explains_itself_and_refuses_what_it_does_not_know() {
    let run = |arguments: &[&str]| {
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run");
        std::process::Command::new(script)
            .args(arguments)
            .output()
            .expect("tests/run can be run")
    };
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    for option in ["--quick", "--long"] {
        assert!(String::from_utf8_lossy(&help.stdout).contains(option), "{option}");
    }
    let wrong = run(&["--quik"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("--quik"));
}
