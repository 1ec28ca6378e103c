//! What each browser of a rehearsal is sent: lynx the page without style, Chromium the one with it.

use std::fs;
use std::path::Path;

use super::{FLOW, beside, deity_in, err, out};

/// The eight screens that a real lynx goes through in `line/lynx.rs`, with the same answers.
const EIGHT: &str = r#"[walks.eight]
effects.register = { save = { registered = "R-20417" } }
steps = [
  { press = "start" },
  { fill = { given = "Zoë", family = "Müller-Łukasz" }, press = "continue", screen = "birth" },
  { fill = { born = 1987-03-27 }, press = "continue", screen = "changed", see = "Not answered yet" },
  { fill = { changed = "yes" }, press = "continue", screen = "previous" },
  { fill = { previous = "Zoë Çelik" }, press = "continue", screen = "address" },
  { fill = { line1 = "Grüße 4711", town = "Łódź", postcode = "SW1A 1AA" }, press = "continue", screen = "check" },
  { press = "submit", screen = "done" },
]
end = "completed"
"#;
/// A site with all that stands on every page.
const SITE: &str = "name = \"Northmoor Council\"\n[links]\nprivacy = \"https://northmoor.example/privacy\"\n\
                    accessibility = \"https://northmoor.example/accessibility\"\n\
                    contact = \"https://northmoor.example/contact\"\nterms = \"https://northmoor.example/terms\"\n";

#[test]
fn lynx_is_through_eight_screens_over_a_modem_in_little_more_than_a_quarter_of_a_minute() {
    let flow = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("phases/passport-renewal.toml")).unwrap();
    for (site, seconds) in [("", "15.8"), (SITE, "15.8")] {
        let directory = beside(&flow, EIGHT);
        if !site.is_empty() {
            fs::write(directory.path().join("phases/site.toml"), site).unwrap();
        }
        let budget = format!("lynx.seconds={seconds},lynx.page=1000,lynx.packets=12");
        let done = deity_in(
            directory.path(),
            &["rehearse", "flow", "--browser", "lynx", "--budget", &budget],
        );
        assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
        println!("{}", out(&done));
        assert!(out(&done).contains("  8 Application complete"), "{}", out(&done));
    }
}

#[test]
fn only_lynx_has_an_option_for_a_question_that_is_not_answered_and_no_style() {
    let walks = "[walks.one]\nsteps = [{ press = \"Start now\", see = \"Not answered yet\" }]\n";
    let directory = beside(FLOW, walks);
    let with = |browser: &str| {
        // Without TLS there is no dictionary.
        let origin = "http://forms.example.org";
        let arguments = ["rehearse", "flow", "--browser", browser, "--origin", origin, "--json"];
        deity_in(directory.path(), &arguments)
    };
    let (lynx, chromium) = (with("lynx"), with("chromium"));
    assert_eq!(lynx.status.code(), Some(0), "{}", err(&lynx));
    assert_eq!(chromium.status.code(), Some(1), "{}", out(&chromium));
    assert!(err(&chromium).contains("not there"), "{}", err(&chromium));

    fs::write(
        directory.path().join("phases/flow.walks.toml"),
        "[walks.one]\nsteps = [{ press = \"Start now\" }]\n",
    )
    .unwrap();
    let sizes = |browser: &str| {
        let report: serde_json::Value = serde_json::from_str(out(&with(browser)).trim()).unwrap();
        let phases = report["tours"][0]["phases"].as_array().unwrap().clone();
        phases
            .iter()
            .map(|phase| phase["http_down"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let (lynx, chromium) = (sizes("lynx"), sizes("chromium"));
    assert_eq!((lynx.len(), chromium.len()), (2, 2));
    for (lynx, chromium) in lynx.iter().zip(&chromium) {
        assert!(lynx + 250 < *chromium, "{lynx} of lynx, {chromium} of Chromium");
    }
}

#[test]
fn a_button_that_is_not_shown_is_named_once() {
    let start = "[walks.one]\nsteps = [\n  { press = \"Start now\" },\n";
    let filled = "  { fill = { name = \"Zoë\", born = 1990-02-03, kind = \"canoe\" }, press = \"continue\" },\n";
    let directory = beside(FLOW, &format!("{start}{filled}  {{ press = \"Go\" }},\n]\n"));
    let done = deity_in(directory.path(), &["rehearse", "flow", "--browser", "chromium"]);
    assert_eq!(done.status.code(), Some(1), "{}", out(&done));
    assert!(
        err(&done).contains("it has \"Lend it\", \"Back\""),
        "each of them once: {}",
        err(&done)
    );
}
