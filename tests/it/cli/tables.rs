//! `deity sessions export`, of a flow with lists: as JSON, and as a CSV file for each list.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value as Json, json};

use super::{err, out};
use crate::support::{App, Browser};

const CLUB: &str = r#"
title = "A club"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A club"
actions.start = { label = "Start now", to = "outcome" }

[screens.outcome]
fields.outcome = { type = "text", label = "What shall come of it?", max = 80 }
actions.continue = "people"

[lists.people]
title = "Who is in it?"
item = "{{ name.given }}"
actions.add = "Add a person"
actions.continue = { label = "That is all", to = "votes" }

[screens.person]
in = "people"
title = "Who is it?"
fields.name = { type = "group", use = "name", label = "Name" }
fields.size = { type = "decimal", label = "Size", places = 1, as = "Size (m)" }
fields.kind = { type = "choice", label = "Kind", options = [{ value = "a", label = "Adult", as = "ADULT, full" }, { value = "c", label = "Child" }] }
fields.pin = { type = "secret", label = "PIN" }
actions.continue = "pets"

[lists.pets]
in = "people"
as = "Pets"
title = "Pets of {{ name.given }}"
item = "{{ pet }}"
actions.add = "Add a pet"
actions.continue = { label = "No more pets", to = "people" }

[screens.pet]
in = "pets"
fields.pet = { type = "text", label = "What is it called?", max = 40 }
actions.continue = "pets"

[lists.votes]
title = "How many votes has each?"
item = "{{ nth(people.name.given, position) }}"
each = "people"
actions.continue = "check"

[screens.vote]
in = "votes"
fields.votes_of = { type = "integer", label = "How many votes has {{ nth(people.name.given, position) }}?", min = 1 }
actions.continue = "votes"

[screens.check]
title = "Check"
review = true
actions.send = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
end = "completed"

[groups.name]
fields.given = { type = "text", label = "Given name", max = 40, autocomplete = "off" }
"#;

fn person(browser: &mut Browser, name: &str, size: &str, pets: &[&str]) {
    browser.press("Add a person");
    browser.fill("Given name", name).fill("Size", size).fill("PIN", "1234");
    browser.choose("Adult").press("Continue");
    for pet in pets {
        browser.press("Add a pet");
        browser.fill("What is it called?", pet).press("Continue");
    }
    browser.press("No more pets");
}

/// A session whose first person is removed, walked to its end.
fn club(app: &App) {
    let mut browser = app.browser("/club");
    browser.press("Start now");
    browser
        .fill("What shall come of it?", "=1+1, \"much\"")
        .press("Continue");
    person(&mut browser, "Gone", "1", &["Rex"]);
    person(&mut browser, "Ada", "2", &["@tom", "Kit"]);
    person(&mut browser, "Ben", "1.5", &[]);
    browser.press("Remove");
    assert!(
        browser.page.text().contains("You removed Gone"),
        "{}",
        browser.page.text()
    );
    browser.press("That is all");
    for votes in ["2", "1"] {
        browser.press("Continue");
        let box_ = browser.page.heading().to_owned();
        browser.fill(&box_, votes).press("Continue");
    }
    browser.press("Continue");
    browser.press("Send");
    assert_eq!(browser.page.heading(), "Sent", "{}", browser.page.text());
}

#[test]
fn an_export_has_the_items_that_are_there_exactly_and_none_that_was_removed() {
    let app = App::start(&[("club", CLUB)]);
    club(&app);
    let exported = app.deity(&["sessions", "export"]);
    let session: Json = serde_json::from_str(&out(&exported)).unwrap();
    let ada = json!({
        "key": "3", "name": { "given": "Ada" }, "Size (m)": "2", "kind": "ADULT, full",
        "Pets": [{ "key": "4", "pet": "@tom" }, { "key": "5", "pet": "Kit" }],
    });
    let ben = json!({ "key": "6", "name": { "given": "Ben" }, "Size (m)": "1.5", "kind": "ADULT, full", "Pets": [] });
    assert_eq!(
        session["answers"],
        json!({
            "outcome": "=1+1, \"much\"", "people": [ada, ben],
            "votes": [{ "key": "7", "for": "3", "votes_of": 2 }, { "key": "8", "for": "6", "votes_of": 1 }],
        })
    );
    // What was removed is seen by an operator, and told apart.
    let reference = session["reference"].as_str().unwrap();
    let shown = out(&app.deity(&["sessions", "show", reference]));
    let gone = shown
        .find("\nperson of item 1  (does not count at present)")
        .expect(&shown);
    assert!(
        shown[gone..].contains("Gone") && shown[gone..].contains("(not shown)"),
        "{shown}"
    );
    assert!(shown.contains("\nperson of item 3\n"), "{shown}");
}

/// The file of a table, without its mark.
fn table(directory: &std::path::Path, name: &str) -> String {
    let text = fs::read_to_string(directory.join(format!("{name}.csv"))).unwrap();
    text.trim_start_matches('\u{feff}').to_owned()
}

#[test]
fn csv_is_a_file_for_each_list_with_keys_and_runs_nothing_in_a_spreadsheet() {
    let mut app = App::start(&[("club", CLUB)]);
    club(&app);
    let listed: Json = serde_json::from_str(&out(&app.deity(&["sessions", "list", "--json"]))).unwrap();
    let (reference, began) = (listed["reference"].as_str().unwrap(), listed["began"].as_str().unwrap());
    let over = listed["over"].as_str().unwrap();
    let to = app.dir.path().join("tables");
    let csv = format!("--csv={}", to.display());
    let check = |app: &App| {
        let exported = app.deity(&["sessions", "export", &csv]);
        assert_eq!(exported.status.code(), Some(0), "{}", err(&exported));
        assert!(err(&exported).contains("1 session exported"), "{}", err(&exported));
        assert_eq!(out(&exported), "");
        assert_eq!(
            table(&to, "club"),
            format!(
                "reference,status,outcome,began,over,answers.outcome\r\n\
                 {reference},ended,completed,{began},{over},\"'=1+1, \"\"much\"\"\"\r\n"
            )
        );
        assert_eq!(
            table(&to, "club.people"),
            format!(
                "reference,key,position,name.given,Size (m),kind\r\n\
                 {reference},3,1,Ada,2,\"ADULT, full\"\r\n{reference},6,2,Ben,1.5,\"ADULT, full\"\r\n"
            )
        );
        assert_eq!(
            table(&to, "club.pets"),
            format!("reference,people,key,position,pet\r\n{reference},3,4,1,'@tom\r\n{reference},3,5,2,Kit\r\n")
        );
        assert_eq!(
            table(&to, "club.votes"),
            format!("reference,key,position,for,votes_of\r\n{reference},7,1,3,2\r\n{reference},8,2,6,1\r\n")
        );
    };
    check(&app);
    app.stop();
    check(&app);
    let files = fs::read_dir(&to).unwrap().map(|file| file.unwrap());
    let files: Vec<_> = files.map(|file| file.file_name().into_string().unwrap()).collect();
    assert_eq!(files.len(), 4, "nothing else is left: {files:?}");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&to), mode(&to.join("club.csv"))), (0o700, 0o600));
    let raw = app.deity(&["sessions", "export", &csv, "--raw"]);
    assert_eq!(raw.status.code(), Some(0), "{}", err(&raw));
    let text = fs::read_to_string(to.join("club.pets.csv")).unwrap();
    assert!(text.starts_with("reference") && text.contains(",@tom\r\n"), "{text}");
}

#[test]
fn columns_of_a_definition_of_before_stand_in_the_same_file_and_a_flow_without_lists_has_one() {
    let plain = "title = \"One\"\nstart = \"a\"\n[screens.a]\nfields.a = { type = \"text\", label = \"Say a\" }\nactions.continue = \"done\"\n[screens.done]\ntitle = \"Sent\"\nend = \"completed\"\n";
    let mut app = App::start(&[("one", plain)]);
    let say = |app: &App, box_: &str, value: &str| {
        let mut browser = app.browser("/one");
        let start = browser.page.buttons()[0].clone();
        browser.press(&start);
        browser.fill(box_, value).press("Continue");
        assert_eq!(browser.page.heading(), "Sent", "{}", browser.page.text());
    };
    say(&app, "Say a", "first");
    app.stop();
    let later = plain.replace("fields.a =", "fields.b =").replace("Say a", "Say b");
    fs::write(app.phases().join("one.toml"), later).unwrap();
    app.run();
    say(&app, "Say b", "second");
    let to = app.dir.path().join("tables");
    let exported = app.deity(&["sessions", "export", &format!("--csv={}", to.display())]);
    assert_eq!(exported.status.code(), Some(0), "{}", err(&exported));
    let text = table(&to, "one");
    let lines: Vec<_> = text.lines().collect();
    let heads: Vec<_> = lines[0].split(',').collect();
    let rows: Vec<Vec<_>> = lines[1..].iter().map(|line| line.split(',').collect()).collect();
    for (column, value, other) in [("a", "first", "b"), ("b", "second", "a")] {
        let at = |name: &str| heads.iter().position(|head| *head == name).unwrap();
        let row = rows.iter().find(|row| row[at(column)] == value).expect(&text);
        assert_eq!((row[at(other)], row.len()), ("", heads.len()), "{text}");
    }
}
