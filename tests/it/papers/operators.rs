//! docs/operators.md and docs/settings.md: every command, every setting, every limit.

use super::{OPERATORS, SETTINGS, marked, rows, section};
use crate::support::App;

#[test]
fn every_setting_and_every_limit_stands_in_the_tables_with_its_default() {
    let app = App::stopped(&[]);
    let shown = String::from_utf8(app.deity(&["settings"]).stdout).unwrap();
    for line in shown.lines() {
        let (name, value) = line.trim_end_matches("default").trim().split_once(' ').unwrap();
        let name = name.trim_start_matches("limits.");
        let row = SETTINGS
            .lines()
            .find(|row| row.starts_with('|') && row.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("`{name}` is not in docs/settings.md"));
        let value = value.trim();
        assert!(value == "(not set)" || row.contains(value), "{name} is {value}: {row}");
    }
}

#[test]
fn the_settings_file_that_is_shown_is_one() {
    let app = App::stopped(&[]);
    let file = marked(SETTINGS, "deity.toml", "toml").remove(0);
    std::fs::write(app.phases().join("../deity.toml"), &file).unwrap();
    let output = app.deity(&["settings"]);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    // Each of its lines counts.
    let set = shown.lines().filter(|line| line.contains("deity.toml:")).count();
    assert_eq!(set, file.lines().filter(|line| line.contains(" = ")).count(), "{shown}");
}

#[test]
fn every_command_has_a_row() {
    let app = App::stopped(&[]);
    let help = String::from_utf8(app.deity(&["--help"]).stdout).unwrap();
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    // A command stands two spaces in, the lines that its words go on are further in.
    let names = commands.lines().filter_map(|line| line.strip_prefix("  "));
    let names: Vec<_> = names
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() > 6, "{names:?}");
    let rows = rows(section(OPERATORS, "Commands"));
    for name in names {
        let command = format!("`deity {name}`");
        assert!(rows.iter().any(|row| row[0].contains(&command)), "{command} has no row");
    }
}
