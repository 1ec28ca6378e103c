//! What docs/rehearse.md says is so.

use super::{beside, deity, deity_in, err, out};

const PAPER: &str = include_str!("../../../docs/rehearse.md");

fn block(language: &str) -> &'static str {
    nth_block(language, 1)
}

fn nth_block(language: &str, nth: usize) -> &'static str {
    let rest = PAPER.split(&format!("```{language}\n")).nth(nth).unwrap();
    rest.split("\n```").next().unwrap()
}

/// Without the figures, which change with the pages, and the spaces between them.
fn words(text: &str) -> String {
    let plain = text.replace(|c: char| c.is_ascii_digit() || ".,+".contains(c), " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_output_that_is_shown_is_what_is_printed() {
    let (command, shown) = block("console").split_once('\n').unwrap();
    let arguments: Vec<_> = command.strip_prefix("$ deity ").unwrap().split(' ').collect();
    let done = deity(&arguments);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
    assert_eq!(words(&out(&done)), words(shown));
}

#[test]
fn the_budget_that_is_shown_is_kept_by_the_shipped_flow() {
    let arguments: Vec<_> = block("sh").strip_prefix("deity ").unwrap().split(' ').collect();
    let done = deity(&arguments);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
}

#[test]
fn the_walk_that_is_shown_passes() {
    let flow = std::fs::read_to_string("phases/passport-renewal.toml").unwrap();
    let directory = beside(&flow, block("toml"));
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
}

#[test]
fn the_walk_through_a_list_that_is_shown_passes() {
    let directory = beside(nth_block("toml", 3), nth_block("toml", 2));
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
}

#[test]
fn the_walk_in_two_languages_that_is_shown_passes() {
    let walks = nth_block("toml", 4);
    let read = |name: &str| std::fs::read_to_string(format!("phases/passport-renewal{name}.toml")).unwrap();
    let directory = beside(&read(""), walks);
    std::fs::write(directory.path().join("phases/flow.cy.toml"), read(".cy")).unwrap();
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
}

#[test]
fn every_key_of_walks_stands_in_the_tables() {
    let flow = std::fs::read_to_string("phases/passport-renewal.toml").unwrap();
    let walks =
        "[effects.register]\nnothing-like-it = 1\n[walks.a]\nnothing-like-it = 1\nsteps = [{ nothing-like-it = 1 }]\n";
    let directory = beside(&flow, walks);
    let said = err(&deity_in(directory.path(), &["rehearse", "flow"]));
    let lists: Vec<_> = said
        .lines()
        .filter_map(|line| line.split("it may have: ").nth(1))
        .collect();
    assert_eq!(lists.len(), 3, "{said}");
    for key in lists.iter().flat_map(|list| list.split(", ")) {
        assert!(
            PAPER.contains(&format!("`{key}`")),
            "`{key}` is not in the tables of walks"
        );
    }
}
