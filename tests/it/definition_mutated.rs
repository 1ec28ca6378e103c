//! Mutilated definitions: whatever stands in the file, it is read or refused, at once, and each
//! diagnostic can be printed.

use std::sync::LazyLock;

use deity::flow::Flow;
use proptest::prelude::*;

use crate::definition::definitions;

static SOURCES: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["phases", "tests/definitions/ok", "tests/definitions/err"]
        .iter()
        .flat_map(|folder| definitions(folder))
        .map(|(_, path)| std::fs::read_to_string(path).unwrap())
        .collect()
});

/// What is put in the place of a token.
const TOKENS: &[&str] = &[
    "",
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\n",
    "\\",
    "\\u00e9",
    "\u{e9}",
    "\u{1f600}",
    "\0",
    "{{",
    "}}",
    "{%",
    "%}",
    "{% if x %}",
    "{{ born }}",
    "0",
    "-1",
    "1e999",
    "99999999999999999999999999999999",
    "nan",
    "inf",
    "true",
    "2026-02-30",
    "type",
    "to",
    "when",
    "min",
    "max",
    "options",
    "fields.x",
    "[screens.x]",
    "text",
    "money",
    "date",
    "today()",
    "age(",
    "born",
    "not",
    "and",
    "(((((((((",
    "\"(?:a{1000}){1000}\"",
    "\r\n",
    "#",
    "${",
    "${X:-",
    "${X}",
    "/",
    "~",
    "call = \"book\"",
    "[\"book\", \"told\"]",
    "load = \"places\"",
    "failed",
    "undo",
    "probe",
    "safe = true",
    "wait = false",
    "http",
    "run",
    "email",
    "hand-off",
    "send",
    "save",
    "[effects.x]",
    "[effects.book]",
    "GET ",
    "{{ booking }}",
    "9999999999999d",
];

#[track_caller]
fn is_read_or_refused(source: &str) {
    let all = match Flow::read("mutated", source) {
        Ok((_, warnings)) => {
            assert!(warnings.iter().all(|one| !one.error));
            warnings
        }
        Err(faults) => {
            assert!(faults.iter().any(|one| one.error), "refused without a fault");
            faults
        }
    };
    for one in all.iter().take(20) {
        let text = one.render("mutated.toml", source, false);
        assert!(text.contains(one.code), "{text}");
        let at = one.located("mutated.toml", source);
        assert!(at.line >= 1 && at.column >= 1);
    }
}

fn boundary(source: &str, at: prop::sample::Index) -> usize {
    source.floor_char_boundary(at.index(source.len() + 1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_truncated_definition(which: prop::sample::Index, at: prop::sample::Index) {
        let source = which.get(&SOURCES);
        is_read_or_refused(&source[..boundary(source, at)]);
    }

    #[test]
    fn lines_taken_out_and_doubled(which: prop::sample::Index, out: [prop::sample::Index; 3], twice: prop::sample::Index) {
        let mut lines: Vec<&str> = which.get(&SOURCES).lines().collect();
        for line in out {
            if !lines.is_empty() {
                lines.remove(line.index(lines.len()));
            }
        }
        if !lines.is_empty() {
            let at = twice.index(lines.len());
            lines.insert(at, lines[at]);
        }
        is_read_or_refused(&lines.join("\n"));
    }

    #[test]
    fn tokens_replaced(which: prop::sample::Index, changes in prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize, prop::sample::select(TOKENS)), 1..6)) {
        let mut source = which.get(&SOURCES).clone();
        for (at, length, token) in changes {
            let start = boundary(&source, at);
            let end = source.ceil_char_boundary((start + length).min(source.len()));
            source.replace_range(start..end, token);
        }
        is_read_or_refused(&source);
    }

    /// Whole entries change places: effects without callers, callers without effects, in any order.
    #[test]
    fn values_swapped(which: prop::sample::Index, swaps in prop::collection::vec(any::<[prop::sample::Index; 2]>(), 1..5)) {
        let mut lines: Vec<(&str, &str)> = which
            .get(&SOURCES)
            .lines()
            .map(|line| line.split_once(" = ").unwrap_or((line, "")))
            .collect();
        // An empty file is one of those that are refused.
        for [one, other] in swaps.iter().filter(|_| !lines.is_empty()).collect::<Vec<_>>() {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            (lines[one].1, lines[other].1) = (lines[other].1, lines[one].1);
        }
        let joined: Vec<String> = lines.iter().map(|(key, value)| format!("{key} = {value}").trim_end_matches(" = ").to_owned()).collect();
        is_read_or_refused(&joined.join("\n"));
    }

    /// The headers of two tables change places.
    #[test]
    fn tables_swapped(which: prop::sample::Index, swap: [prop::sample::Index; 2]) {
        let source = which.get(&SOURCES);
        let mut lines: Vec<&str> = source.lines().collect();
        let headers: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].starts_with('[')).collect();
        if !headers.is_empty() {
            lines.swap(headers[swap[0].index(headers.len())], headers[swap[1].index(headers.len())]);
        }
        is_read_or_refused(&lines.join("\n"));
    }

    #[test]
    fn tokens_alone(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..60)) {
        is_read_or_refused(&tokens.concat());
    }
}

#[test]
fn a_mebibyte_of_anything_is_refused_at_once() {
    let long = 1 << 20;
    let repeated = |text: &str| text.repeat(long / text.len());
    let mut bytes: u64 = 1;
    let noise: String = std::iter::repeat_with(|| {
        bytes = bytes.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b' ' + (bytes >> 58) as u8)
    })
    .take(long)
    .collect();
    let screens: String = (0..20_000)
        .map(|n| format!("[screens.s{n}]\ntitle = \"T\"\nactions.a = \"s{}\"\n", n + 1))
        .collect();
    let fields: String = (0..20_000)
        .map(|n| format!("fields.f{n} = {{ type = \"text\", label = \"L\" }}\n"))
        .collect();
    for source in [
        noise,
        repeated("["),
        repeated("a."),
        repeated("a.\n"),
        repeated("{a="),
        repeated("x = {\na.b.c = "),
        repeated("[[a.b]]\n"),
        repeated("\""),
        repeated("'''"),
        repeated("a = 1\n"),
        repeated("\n"),
        repeated("\u{1f600}"),
        screens,
        format!("[screens.a]\n{fields}"),
        format!("title = \"{}\"", repeated("{{ x }}")),
        format!("title = \"T\"\n[screens.a]\ntitle = \"{}\"", repeated("{{ x }}")),
        format!("title = \"T\"\n[screens.a]\ntitle = \"{}\"", repeated("{% if x %}")),
        format!("title = \"T\"\n[screens.a]\ntitle = \"{}\"", repeated("\\u0041")),
        format!(
            "title = \"T\"\n[screens.a]\nfields.x = {{ type = \"computed\", value = \"{}1\" }}",
            repeated("1 + ")
        ),
        format!(
            "title = \"T\"\n[screens.a]\nfields.x = {{ type = \"computed\", value = \"{}\" }}",
            repeated("(")
        ),
        format!(
            "title = \"T\"\n[screens.a]\nfields.x = {{ type = \"pattern\", pattern = '{}' }}",
            repeated("(a")
        ),
    ] {
        is_read_or_refused(&source);
    }
}

#[test]
fn the_longest_strings_are_read_or_refused_at_once() {
    let fill = |text: &str, most: usize| text.repeat(most / text.len());
    let x = "title = \"T\"\n[screens.a]\nfields.x = { type = \"text\", label = \"X\" }\nactions.continue = \"b\"\n[screens.b]\nend = \"done\"\n";
    for text in [
        "{{ x }}",
        "{{ y }}",
        "{% if x %}",
        "{% if x is defined %}{% endif %}",
        "{{ ",
        "*_[](",
        "> ",
        "\\u0041",
        "<",
    ] {
        let text = fill(text, 64 << 10);
        is_read_or_refused(&format!("{x}title = \"{text}\"\n"));
        is_read_or_refused(&format!("{x}title = \"T\"\nbody = \"\"\"{text}\"\"\"\n"));
    }
    for expr in [
        "1 + ",
        "(",
        "not ",
        "x ~ ",
        "x == 'a' or ",
        "[",
        "'a' in [x, x] and ",
        "-",
        "x|upper|",
        "x if x else ",
    ] {
        let expr = fill(expr, 16 << 10);
        is_read_or_refused(&format!(
            "{x}title = \"T\"\nfields.c = {{ type = \"computed\", label = \"C\", value = \"{expr}1\" }}\n"
        ));
    }
    for pattern in ["(a", "a{1000}", "[a-z]", "\\\\pL", "(?:a|", "a*"] {
        let pattern = fill(pattern, 4 << 10);
        is_read_or_refused(&format!(
            "{x}title = \"T\"\nfields.p = {{ type = \"pattern\", label = \"P\", pattern = \"{pattern}\" }}\n"
        ));
    }
}

/// As many effects as may be, each called and read everywhere.
#[test]
fn the_most_effects_are_checked() {
    use std::fmt::Write as _;
    let mut source = "title = \"T\"\n".to_owned();
    for n in 0..500 {
        write!(
            source,
            "[screens.s{n}]\nfields.f{n} = {{ type = \"yes-no\", label = \"Q\" }}\ntitle = \""
        )
        .unwrap();
        for m in 0..100 {
            write!(source, "{{{{ v{m} }}}}").unwrap();
        }
        source.push_str("\"\n");
        for m in 1..=15 {
            let to = (n + m).min(499);
            writeln!(
                source,
                "actions.a{m} = {{ call = \"e{}\", to = \"s{to}\", failed = {{ to = \"s{}\", undo = true }} }}",
                (n * 7 + m) % 100,
                n / 2
            )
            .unwrap();
        }
    }
    let last = source.rfind("fields.f499").unwrap();
    source.truncate(last);
    source.push_str("title = \"T\"\nend = \"done\"\n");
    for m in 0..100 {
        let undo = if m % 2 == 0 {
            "undo = \"back\"\n"
        } else {
            "retry = \"1m\"\n"
        };
        writeln!(
            source,
            "[effects.e{m}]\nhttp = \"POST https://example.org/\"\nsave.v{m} = \"/v\"\n{undo}"
        )
        .unwrap();
    }
    is_read_or_refused(&format!(
        "{source}[effects.back]\nhttp = \"DELETE https://example.org/\"\n"
    ));
    is_read_or_refused(&source.replace("undo = \"back\"", "undo = \"e1\""));
}

#[test]
fn the_largest_graph_is_checked() {
    use std::fmt::Write as _;
    let mut source = "title = \"T\"\n".to_owned();
    for n in 0..500 {
        write!(
            source,
            "[screens.s{n}]\nfields.f{n} = {{ type = \"yes-no\", label = \"Q\" }}\ntitle = \""
        )
        .unwrap();
        for m in (0..n).step_by(10) {
            write!(source, "{{{{ f{m} }}}}").unwrap();
        }
        source.push_str("\"\n");
        for m in 1..=20 {
            writeln!(source, "actions.a{m} = \"s{}\"", (n + m).min(499)).unwrap();
        }
    }
    let last = source.rfind("fields.f499").unwrap();
    source.truncate(last);
    source.push_str("title = \"T\"\nend = \"done\"\n");
    assert!(source.len() < 1 << 20, "{}", source.len());
    is_read_or_refused(&source);
}
