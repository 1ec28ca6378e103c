//! Settings: one precedence, and every fault told before anything is tried.

use std::fs;

use super::{FLOW, err, out};
use crate::support::App;

#[test]
fn a_flag_beats_the_environment_beats_the_file() {
    let app = App::stopped(&[("order", FLOW)]);
    let listen = |app: &App, arguments: &[&str]| {
        let shown = out(&app.deity(&[&["settings"], arguments].concat()));
        let line = shown
            .lines()
            .find(|line| line.starts_with("listen"))
            .unwrap()
            .to_owned();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listen(&app, &[]), "127.0.0.1:8080 default");
    fs::write(app.dir.path().join("deity.toml"), "listen = \"127.0.0.1:1001\"\n").unwrap();
    assert_eq!(listen(&app, &[]), "127.0.0.1:1001 file, deity.toml:1");
    let app = app.variable("DEITY_LISTEN", "127.0.0.1:1002");
    assert_eq!(listen(&app, &[]), "127.0.0.1:1002 environment, DEITY_LISTEN");
    assert_eq!(listen(&app, &["--listen", "127.0.0.1:1003"]), "127.0.0.1:1003 flag");
}

#[test]
fn a_wrong_file_is_refused_with_line_and_the_right_word() {
    let app = App::stopped(&[("order", FLOW)]);
    fs::write(
        app.dir.path().join("mine.toml"),
        "\nlisen = \"a\"\n[limits]\nbody-bites = 1\n",
    )
    .unwrap();
    for command in ["serve", "settings"] {
        let refused = app.deity(&[command, "--config", "mine.toml"]);
        assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
        for words in [
            "mine.toml:2:1",
            "did you mean `listen`?",
            "mine.toml:4:1",
            "did you mean `body-bytes`?",
        ] {
            assert!(err(&refused).contains(words), "{words}: {}", err(&refused));
        }
    }
    let missing = app.deity(&["serve", "--config", "nowhere.toml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("nowhere.toml"), "{}", err(&missing));
}

#[test]
fn a_limit_of_the_file_is_kept_by_the_server() {
    let mut app = App::stopped(&[("order", FLOW)]);
    fs::write(app.dir.path().join("deity.toml"), "[limits]\ntarget-bytes = 100\n").unwrap();
    app.run();
    let long = format!("/order?{}", "x".repeat(100));
    assert_eq!(app.browser(&long).page.status, 414);
    assert_eq!(app.browser("/order").page.status, 200);
}

#[test]
fn the_help_teaches_with_examples() {
    let app = App::stopped(&[]);
    for (arguments, words) in [
        (
            &["--help"][..],
            &["Examples:", "DEITY_LISTEN", "Exit codes", "sessions"][..],
        ),
        (
            &["serve", "--help"],
            &["Examples:", "[limits]", "DEITY_DATA", "SIGTERM"],
        ),
        (&["check", "--help"], &["Examples:", "--json", "Exit code"]),
        (&["sessions", "--help"], &["Examples:", "export", "delete"]),
        (&["sessions", "export", "--help"], &["--status", "money"]),
    ] {
        let help = app.deity(arguments);
        assert_eq!(help.status.code(), Some(0));
        for word in words {
            assert!(out(&help).contains(word), "{arguments:?}: {word}: {}", out(&help));
        }
        assert!(!out(&help).contains('\u{1b}'), "no colours where no terminal is");
    }
    assert_eq!(
        out(&app.deity(&["--version"])),
        format!("deity {}\n", env!("CARGO_PKG_VERSION"))
    );
    let typo = app.deity(&["sesions"]);
    assert_eq!(typo.status.code(), Some(2));
    assert!(err(&typo).contains("sessions"), "{}", err(&typo));
}
