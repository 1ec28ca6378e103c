//! The README and the papers in `docs/` are run: the first flow, the commands, the tables.

use crate::support::App;

const README: &str = include_str!("../../README.md");
const FLOWS: &str = include_str!("../../docs/flows.md");
const EFFECTS: &str = include_str!("../../docs/effects.md");
const OPERATORS: &str = include_str!("../../docs/operators.md");

/// The code blocks of that language in a paper, in order.
fn blocks(paper: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    paper
        .split(&open)
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_first_flow_has_no_fault_and_can_be_walked() {
    let flow = blocks(README, "toml").remove(0);
    let app = App::start(&[("table", &flow)]);
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
    let flow = blocks(README, "toml").remove(0).replacen("type = ", "tpye = ", 1);
    let app = App::stopped(&[("table", &flow)]);
    let checked = app.deity(&["check", "phases/table.toml"]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        said.contains("phases/table.toml:6:") && said.contains("did you mean `type`?"),
        "{said}"
    );
}

#[test]
fn every_kind_of_field_has_a_line() {
    let missed = |kind: &&deity::flow::Kind| !FLOWS.contains(&format!("\n| `{}` | ", kind.name()));
    let missed: Vec<_> = deity::flow::Kind::ALL.iter().filter(missed).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn every_command_is_one_that_there_is() {
    let app = App::stopped(&[]);
    let mut seen = 0;
    let shown: Vec<_> = [README, OPERATORS].map(|paper| blocks(paper, "sh")).concat();
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
            ["tests/run", ..] | ["lynx", ..] => seen += 1,
            _ => panic!("nobody runs this line: {line}"),
        }
    }
    assert!(seen > 8, "{seen}");
}

#[test]
fn every_setting_and_every_limit_stands_in_the_tables_with_its_default() {
    let app = App::stopped(&[]);
    let shown = String::from_utf8(app.deity(&["settings"]).stdout).unwrap();
    let tables = OPERATORS.split("## Settings").nth(1).unwrap();
    for line in shown.lines() {
        let (name, value) = line.trim_end_matches("default").trim().split_once(' ').unwrap();
        let name = name.trim_start_matches("limits.");
        let row = tables
            .lines()
            .find(|row| row.starts_with('|') && row.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("`{name}` is not in docs/operators.md"));
        let value = value.trim();
        assert!(value == "(not set)" || row.contains(value), "{name} is {value}: {row}");
    }
}

#[test]
fn the_flow_with_an_effect_is_read_without_a_word() {
    let flow = blocks(EFFECTS, "toml").remove(0);
    let app = App::stopped(&[("lamps", &flow)]);
    let checked = app.deity(&["check"]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(said.contains("1 file checked: 0 errors, 0 warnings"), "{said}");
}

#[test]
fn the_script_is_the_whole_shop() {
    let flow: Vec<String> = blocks(EFFECTS, "toml")
        .remove(0)
        .lines()
        .filter_map(|line| match line {
            _ if line.starts_with("headers = ") => None,
            _ if line.starts_with("http = \"POST ") => Some("run = \"order.sh\"".to_owned()),
            _ if line.starts_with("http = \"DELETE ") => Some("run = \"order.sh\"\nmethod = \"DELETE\"".to_owned()),
            _ => Some(line.to_owned()),
        })
        .collect();
    let mut app = App::stopped(&[("lamps", &flow.join("\n"))]);
    app.program("order.sh", &blocks(EFFECTS, "bash").remove(0));
    app.run();
    let mut browser = app.browser("/lamps");
    browser.press("Start now");
    browser.fill("Lamps", "9").press("Order");
    assert!(
        browser.page.text().contains("There are only eight lamps."),
        "{}",
        browser.page.text()
    );
    browser.fill("Lamps", "8").press("Order");
    assert_eq!(browser.page.heading(), "Ordered");
    assert!(
        browser.page.text().contains("The shop calls your order N-1."),
        "{}",
        browser.page.text()
    );
    let orders = std::fs::read_to_string(app.data().join("orders.txt")).unwrap();
    assert!(
        orders.ends_with(" lamps=8\n") && orders.lines().count() == 1,
        "{orders}"
    );
}

#[test]
fn every_key_of_an_effect_stands_in_the_table() {
    let flow = blocks(EFFECTS, "toml")
        .remove(0)
        .replace("[effects.order]\n", "[effects.order]\nnothing-like-it = 1\n");
    let app = App::stopped(&[("lamps", &flow)]);
    let said = String::from_utf8(app.deity(&["check"]).stdout).unwrap();
    let keys = said.split("it may have: ").nth(1).unwrap().lines().next().unwrap();
    let table = EFFECTS
        .split("| key of an effect |")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    assert!(keys.split(", ").count() > 10, "{keys}");
    for key in keys.split(", ") {
        assert!(
            table.contains(&format!("`{key}")),
            "`{key}` is not in the table of effects"
        );
    }
}

#[test]
fn every_kind_of_field_stands_in_the_table() {
    // An unknown kind makes the checks say which there are.
    let flow = "title = \"T\"\nstart = \"a\"\n[screens.a]\nfields.x = { type = \"nothing-like-it\", label = \"X\" }\n\
                actions.go = \"b\"\n[screens.b]\nend = \"done\"\n";
    let app = App::stopped(&[("t", flow)]);
    let said = String::from_utf8(app.deity(&["check"]).stdout).unwrap();
    let kinds = said
        .split("the kinds are: ")
        .nth(1)
        .expect("the list of kinds")
        .lines()
        .next()
        .unwrap();
    let table = FLOWS
        .split("## Fields")
        .nth(1)
        .unwrap()
        .split("## Expressions")
        .next()
        .unwrap();
    for kind in kinds
        .split([',', ' '])
        .filter(|kind| !kind.is_empty() && *kind != "and")
    {
        let kind = kind.trim_matches('`');
        assert!(
            table.contains(&format!("`{kind}`")),
            "`{kind}` is not in docs/flows.md: {kinds}"
        );
    }
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
    assert!(String::from_utf8_lossy(&help.stdout).contains("--quick"));
    let wrong = run(&["--quik"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("--quik"));
}
