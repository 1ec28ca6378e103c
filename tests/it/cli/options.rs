//! What is typed before and behind the command's name, and what is said of what is wrong.

use std::fs;

use super::{FLOW, err, order, out};
use crate::support::App;

#[test]
fn options_before_the_command_count() {
    let mut app = App::stopped(&[("order", FLOW)]);
    app.run_in(&app.dir.path().join("elsewhere"));
    let reference = order(&mut app.browser("/"), "Ada");
    for arguments in [
        ["--data", "elsewhere", "sessions", "list"],
        ["sessions", "list", "--data", "elsewhere"],
    ] {
        let listed = app.deity(&arguments);
        assert_eq!(listed.status.code(), Some(0), "{}", err(&listed));
        assert!(out(&listed).contains(&reference), "{}", out(&listed));
    }
    fs::write(app.dir.path().join("mine.toml"), "data = \"elsewhere\"\n").unwrap();
    let listed = app.deity(&["--config", "mine.toml", "sessions", "show", &reference]);
    assert!(out(&listed).contains("Ada"), "{}{}", out(&listed), err(&listed));
    let effects = app.deity(&["--data=elsewhere", "effects", "list"]);
    assert_eq!(effects.status.code(), Some(0), "{}", err(&effects));
    // What stands behind it is the stronger.
    let shown = out(&app.deity(&["--listen", "127.0.0.1:1001", "settings", "--listen", "127.0.0.1:1002"]));
    assert!(
        shown.contains("127.0.0.1:1002") && !shown.contains("127.0.0.1:1001"),
        "{shown}"
    );
    let shown = out(&app.deity(&["--log", "debug", "settings"]));
    assert!(shown.contains("debug"), "{shown}");
}

#[test]
fn an_option_before_a_command_that_does_not_take_it_is_refused_by_name() {
    let app = App::stopped(&[("order", FLOW)]);
    for (arguments, option) in [
        (["--listen", "127.0.0.1:0", "sessions", "list"], "--listen"),
        (["--data", "data", "rehearse", "order"], "--data"),
        (["--log", "debug", "effects", "list"], "--log"),
    ] {
        let refused = app.deity(&arguments);
        assert_eq!(refused.status.code(), Some(2), "{}", out(&refused));
        assert!(
            err(&refused).contains(&format!("takes no {option}")),
            "{}",
            err(&refused)
        );
    }
}

#[test]
fn a_level_that_is_none_is_refused_before_anything_is_tried() {
    let app = App::stopped(&[("order", FLOW)]);
    let mut file = app.dir.path().to_owned();
    file.push("deity.toml");
    for (arguments, place) in [(&["--log", "loud"][..], "--log"), (&["serve"][..], "deity.toml:1:")] {
        fs::write(
            &file,
            if arguments.len() == 1 {
                "log = \"info,verbose\"\n"
            } else {
                ""
            },
        )
        .unwrap();
        let refused = app.deity(arguments);
        assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
        for words in [place, "error, warn, info, debug or trace"] {
            assert!(err(&refused).contains(words), "{words}: {}", err(&refused));
        }
        assert!(!app.data().exists());
    }
}

#[test]
fn without_a_directory_of_flows_every_command_says_what_to_do() {
    let app = App::stopped(&[]);
    fs::remove_dir(app.phases()).unwrap();
    for arguments in [
        &[][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["check"],
        &["serve", "elsewhere"],
    ] {
        let refused = app.deity(arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}: {}", out(&refused));
        let said = err(&refused);
        for words in ["there is no directory", "DEITY_PHASES", ".toml"] {
            assert!(said.contains(words), "{arguments:?}: {words}: {said}");
        }
        assert!(!said.contains("os error"), "{said}");
    }
    assert!(!app.data().exists());
}
