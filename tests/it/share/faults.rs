//! What is wrong with parts that are shared, told where it stands.

use deity::flow::Flow;

use super::{FLOW, PART};

/// What is told, the flow and its part with replacements.
fn told(flow: &[(&str, &str)], part: &[(&str, &str)]) -> String {
    let replaced = |text: &str, all: &[(&str, &str)]| {
        all.iter().fold(text.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        })
    };
    let (flow, part) = (replaced(FLOW, flow), replaced(PART, part));
    let source = deity::flow::bundle::pack(&flow, [("shared", part.as_str())]);
    let all = match Flow::read("move", &source) {
        Ok((_, warnings)) => warnings,
        Err(faults) => faults,
    };
    let lines = all.iter().map(|one| {
        let at = one.located("move.toml", &source);
        let marked = source.get(one.span.clone()).unwrap_or_default();
        format!("{} {} {marked} | {}\n", at.file, at.code, at.message)
    });
    lines.collect()
}

#[test]
fn what_is_right_is_read_without_a_word() {
    assert_eq!(told(&[], &[]), "");
}

#[track_caller]
fn fault(flow: &[(&str, &str)], part: &[(&str, &str)], want: &str) {
    let told = told(flow, part);
    assert_eq!(told.trim_end(), want);
}

#[test]
fn unknown_names_of_fragments_groups_texts_and_screens() {
    let told = told(
        &[(
            "fragment = \"address\"\nwith = { who = \"person",
            "fragment = \"adress\"\nwith = { who = \"person",
        )],
        &[],
    );
    assert!(
        told.starts_with("move.toml unknown-fragment \"adress\" | there is no fragment `adress`\n"),
        "{told}"
    );
    let told = super::faults::told(&[("use = \"name\"", "use = \"nam\"")], &[]);
    assert!(
        told.contains("move.toml unknown-group \"nam\" | there is no group `nam`\n"),
        "{told}"
    );
    fault(
        &[],
        &[("town == 'York'", "twon == 'York'")],
        "shared.part.toml unknown-name twon | there is no `twon` in fragment `address`",
    );
    fault(
        &[],
        &[("{{ texts.help }}", "{{ texts.hepl }}")],
        "shared.part.toml unknown-name texts.hepl | there is no text `texts.hepl`",
    );
    fault(
        &[],
        &[
            ("to = \"since\" }]", "to = \"sinse\" }, { to = \"since\" }]"),
            (
                "{ when = \"town == 'York'\", to = \"return\" }, { to = \"sinse\" }",
                "{ when = \"town == 'York'\", to = \"sinse\" }",
            ),
        ],
        "shared.part.toml unknown-screen \"sinse\" | there is no screen `sinse` in fragment `address`",
    );
}

#[test]
fn a_fragment_that_reaches_itself_is_a_circle() {
    let round = (
        "fragment = \"moved\"\nwith = { town = \"town\" }",
        "fragment = \"address\"\nwith = { who = \"town\" }",
    );
    let told = told(&[], &[round]);
    assert!(
        told.starts_with("shared.part.toml circle \"address\" | `address` comes back to itself here"),
        "{told}"
    );
}

#[test]
fn what_is_given_is_what_is_taken() {
    fault(
        &[(
            "with = { who = \"'your employer'\" }",
            "with = { whom = \"'your employer'\" }",
        )],
        &[],
        "move.toml missing-with work | `work` does not give fragment `address` its `who`\n\
         move.toml unknown-key whom | fragment `address` takes no `whom`",
    );
    fault(
        &[("\"'your employer'\"", "\"1 + 1\"")],
        &[],
        "move.toml wrong-type \"1 + 1\" | `who` must be a text, but this is a number",
    );
    fault(
        &[],
        &[("in = { who = \"text\" }", "in = { who = \"txt\" }")],
        "shared.part.toml unknown-type \"txt\" | a value cannot be given as `txt`",
    );
}

#[test]
fn a_name_is_given_once() {
    fault(
        &[("start = \"intro\"", "start = \"intro\"\n[texts]\nhelp = \"x\"")],
        &[],
        "shared.part.toml duplicate-name help | there is a text `help` already",
    );
    let told = told(
        &[(
            "[screens.hull]\n",
            "[screens.hull]\nfields.home = { type = \"text\", label = \"X\" }\n",
        )],
        &[],
    );
    assert!(
        told.contains("move.toml duplicate-name home | there is a `home` already in the flow"),
        "{told}"
    );
}

#[test]
fn a_flaw_of_an_expression_stands_where_it_was_written() {
    let told = told(&[], &[("town == 'York'", "town > 1")]);
    assert!(told.starts_with("shared.part.toml wrong-type town | "), "{told}");
    assert_eq!(told.lines().count(), 1, "once for both calls: {told}");
}
