//! `deity rehearse` as an author types it: tables, JSON, pictures, budgets, exit codes.

use html5ever::tendril::TendrilSink as _;

use super::{FLOW, beside, deity, deity_in, err, out, reports};

#[test]
fn the_lines_that_have_names_are_listed() {
    let listed = out(&deity(&["rehearse", "--lines"]));
    for name in [
        "modem-9600",
        "modem-33k6",
        "modem-56k",
        "gprs",
        "edge",
        "2g-bad",
        "satellite-geo",
        "3g",
        "lan",
    ] {
        assert!(listed.lines().any(|line| line.starts_with(name)), "{name}: {listed}");
    }
    let objects = out(&deity(&["rehearse", "--lines", "--json"]));
    let first: serde_json::Value = serde_json::from_str(objects.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["line"], &first["up"], &first["delay"]),
        (&"modem-9600".into(), &9_600.into(), &0.15.into())
    );
}

#[test]
fn each_phase_and_the_whole_are_told_for_each_browser() {
    let walked = &reports(&["passport-renewal", "--walk", "corrected"])[0];
    assert_eq!(walked["line"], "modem-9600");
    assert_eq!(walked["estimate"], false);
    let tours = walked["tours"].as_array().unwrap();
    let names: Vec<_> = tours
        .iter()
        .map(|tour| (tour["browser"].as_str(), tour["visit"].as_str()))
        .collect();
    assert_eq!(
        names,
        [
            (Some("lynx"), Some("first")),
            (Some("Chromium"), Some("first")),
            (Some("Chromium"), Some("later"))
        ]
    );
    for tour in tours {
        let phases = tour["phases"].as_array().unwrap();
        for figure in ["http_up", "http_down", "up", "down", "packets_up", "packets_down"] {
            let all: u64 = phases.iter().map(|phase| phase[figure].as_u64().unwrap()).sum();
            assert_eq!(tour["sum"][figure], all, "{figure}");
        }
        let waited = phases.iter().filter(|phase| phase["passing"] == false);
        let all: f64 = waited.map(|phase| phase["seconds"].as_f64().unwrap()).sum();
        assert!((tour["sum"]["seconds"].as_f64().unwrap() - all).abs() < 1e-6);
        let limit = tour["sum"]["limit"].as_f64().unwrap();
        assert!(all > limit && all < limit * 1.2, "{all} {limit}");
        for phase in phases {
            assert!(
                phase["up"].as_u64() > phase["http_up"].as_u64(),
                "headers count: {phase}"
            );
        }
    }
    // A text browser connects anew, and asks with less.
    let sum = |n: usize, figure: &str| tours[n]["sum"][figure].as_u64().unwrap();
    assert!(sum(0, "packets_up") > sum(1, "packets_up"));
    assert!(sum(0, "http_up") < sum(1, "http_up"));
    assert!(sum(0, "http_down") > sum(1, "http_down"), "brotli against gzip");
    assert!(sum(2, "packets_up") < sum(1, "packets_up"), "its connection is open");
    let text = out(&deity(&["rehearse", "passport-renewal", "--walk", "corrected"]));
    for wanted in [
        "Application complete",
        "lynx",
        "Chromium, later visit",
        "in all",
        "limit",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn a_browser_of_today_fetches_the_dictionary_while_the_person_reads_and_has_it_later() {
    let tours = reports(&["passport-renewal", "--walk", "corrected", "--browser", "chromium"])[0]["tours"].clone();
    let rows = |tour: usize| tours[tour]["phases"].as_array().unwrap().clone();
    let (first, later) = (rows(0), rows(1));
    let fetched: Vec<_> = first.iter().filter(|row| row["passing"] == true).collect();
    assert_eq!(fetched.len(), 1, "{first:?}");
    assert_eq!(fetched[0]["status"], 200);
    assert!(later.iter().all(|row| row["passing"] == false), "it is kept");
    // The start page came without it, and comes with it.
    let size = |row: &serde_json::Value| row["http_down"].as_u64().unwrap();
    assert!(size(&later[0]) * 4 < size(&first[0]) * 3, "{} {}", later[0], first[0]);
    // Over http from elsewhere browsers take none.
    let plain = reports(&[
        "passport-renewal",
        "--walk",
        "corrected",
        "--browser",
        "chromium",
        "--origin",
        "http://forms.example.org",
    ]);
    let plain = plain[0]["tours"][0]["phases"].as_array().unwrap().clone();
    assert!(plain.iter().all(|row| row["passing"] == false));
    assert!(size(&plain[0]) > size(&first[0]) - 80, "gzip only");
}

#[test]
fn lossy_lines_are_called_estimates() {
    let text = out(&deity(&[
        "rehearse",
        "passport-renewal",
        "--walk",
        "too-young",
        "--line",
        "gprs",
    ]));
    assert!(text.contains("estimates"), "{text}");
    assert_eq!(
        reports(&["passport-renewal", "--walk", "too-young", "--line", "gprs,loss=0"])[0]["estimate"],
        false
    );
}

#[test]
fn the_same_walk_gives_the_same_figures() {
    let arguments = ["seat-booking", "--line", "2g-bad"];
    assert_eq!(reports(&arguments), reports(&arguments));
}

#[test]
fn a_budget_that_is_kept_passes_and_one_that_is_not_says_what_is_over_and_by_how_much() {
    let all = &reports(&["passport-renewal", "--walk", "corrected", "--browser", "lynx"])[0]["tours"][0];
    let page = all["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|phase| phase["http_down"].as_u64().unwrap());
    let page = page.max().unwrap();
    let seconds = all["sum"]["seconds"].as_f64().unwrap().ceil();
    let with = |budget: &str| {
        deity(&[
            "rehearse",
            "passport-renewal",
            "--walk",
            "corrected",
            "--lang",
            "en",
            "--budget",
            budget,
        ])
    };
    let kept = with(&format!(
        "lynx.page={page},seconds=600,packets=60,phase=60,bytes=900000,lynx.seconds={seconds}"
    ));
    assert_eq!(kept.status.code(), Some(0), "{}", err(&kept));
    let over = with(&format!("lynx.page={},chromium.seconds=0.5,packets=2", page - 7));
    assert_eq!(over.status.code(), Some(1));
    let said = err(&over);
    assert!(
        said.contains(&format!("{page} bytes of {} allowed, 7 over", page - 7)),
        "{said}"
    );
    assert!(said.contains("walk corrected, Chromium, first visit: "), "{said}");
    assert!(said.contains("packets of 2 allowed"), "{said}");
    assert!(!said.contains("lynx: "), "seconds were Chromium's only: {said}");
    for (budget, wanted) in [
        ("second=1", "`second` is no figure"),
        ("firefox.page=1", "no browser `firefox`"),
        ("page=small", "`small` is no number"),
        ("page", "no part of a budget"),
    ] {
        let wrong = with(budget);
        assert_eq!(wrong.status.code(), Some(2), "{budget}");
        assert!(err(&wrong).contains(wanted), "{budget}: {}", err(&wrong));
        assert!(
            err(&wrong).contains("page=1340"),
            "it says what would be right: {}",
            err(&wrong)
        );
    }
}

#[test]
fn the_picture_shows_each_phase_and_is_well_formed() {
    let directory = beside(FLOW, "");
    let file = directory.path().join("boat.svg");
    let done = deity_in(directory.path(), &["rehearse", "flow", "--svg", "boat.svg"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
    let text = std::fs::read_to_string(&file).unwrap();
    let tree = html5ever::parse_document(markup5ever_rcdom::RcDom::default(), html5ever::ParseOpts::default())
        .one(format!("<!doctype html><title>x</title>{text}").as_str());
    assert!(tree.errors.borrow().is_empty(), "{:?}", tree.errors);
    for wanted in [
        "Who are you?",
        "It is yours",
        "lynx",
        "Chromium, later visit",
        "prefers-color-scheme:dark",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    assert_eq!(text.matches("Who are you?").count(), 3, "once for each tour");
    // Of several walks, one each.
    let walks = "[walks.a]\nsteps = []\n[walks.b]\nsteps = []\n";
    let directory = beside(FLOW, walks);
    let done = deity_in(directory.path(), &["rehearse", "flow", "--svg", "boat.svg"]);
    assert!(err(&done).contains("boat-a.svg"), "{}", err(&done));
    assert!(directory.path().join("boat-b.svg").exists());
}

#[test]
fn what_is_wrong_on_the_command_line_is_told_with_what_would_be_right() {
    for (arguments, code, wanted) in [
        (&["passport"][..], 1, "there is no flow `passport`"),
        (&["passport-renewl"], 1, "did you mean `passport-renewal`?"),
        (&["phases/none.toml"], 1, "there is no file phases/none.toml"),
        (&["passport-renewal", "--line", "modem"], 2, "there is no line `modem`"),
        (&["passport-renewal", "--line", "up=9600"], 2, "needs `down`"),
        (&["passport-renewal", "--walk", "none"], 1, "the walks are corrected"),
        (&["passport-renewal", "--against", "127.0.0.1:1"], 1, "127.0.0.1:1: "),
        (&[], 2, "Usage"),
    ] {
        let mut all = vec!["rehearse"];
        all.extend_from_slice(arguments);
        let done = deity(&all);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", err(&done));
        assert!(err(&done).contains(wanted), "{arguments:?}: {}", err(&done));
    }
    let directory = beside("title = \"Broken\"\n", "");
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(err(&done).contains("phases/flow.toml:1:1"), "{}", err(&done));
}

#[test]
fn the_help_has_examples_of_lines_budgets_and_pictures() {
    let help = out(&deity(&["rehearse", "--help"]));
    for wanted in [
        "--line gprs",
        "--budget seconds=30,packets=12,page=1340",
        "--svg passport.svg",
        "--draft",
        "Exit codes",
    ] {
        assert!(help.contains(wanted), "{wanted}: {help}");
    }
}
