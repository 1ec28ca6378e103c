//! The authors' reference: its examples are flows, its lists are whole.

use super::{EXPRESSIONS, FIELDS, FLOWS, PATTERNS, flow_of, marked, section};
use crate::support::App;

fn check(flow: &str) -> String {
    let app = App::stopped(&[("t", flow)]);
    String::from_utf8(app.deity(&["check"]).stdout).unwrap()
}

#[test]
fn the_flows_that_are_shown_can_be_walked() {
    for flow in [
        marked(FLOWS, "a flow", "toml").remove(0),
        marked(FLOWS, "a flow with sections", "toml").remove(0),
        marked(EXPRESSIONS, "expressions", "toml").remove(0),
    ] {
        let app = App::stopped(&[("t", &flow)]);
        let checked = String::from_utf8(app.deity(&["check"]).stdout).unwrap();
        // Nothing is sent; there is nothing else to say of them.
        assert!(checked.contains("0 errors, 1 warning"), "{checked}");
        assert!(checked.contains("warning[sent-nowhere]"), "{checked}");
        let walked = app.deity(&["rehearse", "t", "--browser", "lynx"]);
        assert_eq!(walked.status.code(), Some(0), "{walked:?}");
    }
}

#[test]
fn the_fields_that_are_shown_have_no_fault() {
    for paper in [FIELDS, EXPRESSIONS] {
        let flow = flow_of(&marked(paper, "fields", "toml"));
        let checked = check(&flow);
        assert!(checked.contains("0 errors, 1 warning"), "{checked}");
        assert!(checked.contains("warning[sent-nowhere]"), "{checked}");
    }
}

#[test]
fn the_parts_of_flows_that_are_shown_make_one_without_a_fault() {
    let end = "[screens.thanks]\ntitle = \"Thanks\"\nend = \"done\"\n";
    let parts = [FIELDS, PATTERNS].map(|paper| marked(paper, "part of a flow", "toml"));
    for part in parts.into_iter().flatten() {
        let checked = check(&format!("title = \"T\"\n{part}\n{end}"));
        assert!(checked.contains("0 errors, 1 warning"), "{checked}");
        assert!(checked.contains("warning[sent-nowhere]"), "{checked}");
    }
}

#[test]
fn a_when_hangs_under_an_option_just_where_the_table_says_so() {
    let place = "fields.place = { type = \"choice\", label = \"P\", options = [\"Abroad\", \"Sea\", \"Here\"] }\n\
                 fields.contact = { type = \"choices\", label = \"C\", options = [\"Phone\", \"Post\"] }\n\
                 fields.works = { type = \"yes-no\", label = \"W\" }\n";
    let told = |when: &str| {
        let field = format!("fields.x = {{ type = \"text\", label = \"X\", when = \"{when}\" }}");
        let checked = check(&flow_of(&[format!("{place}{field}")]));
        assert!(checked.contains(" 0 errors"), "{checked}");
        checked.contains("warning[shown-to-all]")
    };
    let (_, table) = section(FIELDS, "Asked only if").split_once("| `when` |").unwrap();
    let cells = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let forms: Vec<String> = cells.flat_map(|cell| super::quoted(&format!("`{cell}"))).collect();
    assert!(forms.len() >= 5, "{forms:?}");
    for form in &forms {
        assert!(!told(form), "{form}");
        assert!(!told(&format!("{form} and today() > date('2026-01-01')")), "{form}");
    }
    assert!(told("works or place == 'here'"));
}

#[test]
fn every_function_has_a_row() {
    let checked = check(&flow_of(&[
        "fields.x = { type = \"computed\", label = \"X\", value = \"nothing_like_it(1)\" }".to_owned(),
    ]));
    let (_, all) = checked.split_once("= help: there are ").expect("the list of functions");
    let all = all.lines().next().unwrap();
    assert!(all.split(", ").count() > 30, "{all}");
    let table = section(EXPRESSIONS, "Functions");
    for name in all.split(", ") {
        assert!(table.contains(&format!("`{name}(")), "`{name}` has no row");
    }
}

#[test]
fn every_operator_has_a_row() {
    let table = section(EXPRESSIONS, "Operators");
    for operator in [
        "if",
        "or",
        "and",
        "not",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "not in",
        "is defined",
        "is none",
        "~",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
    ] {
        let alone = format!("`{operator}`");
        let spaced = format!(" {operator} ");
        assert!(table.contains(&alone) || table.contains(&spaced), "{operator}");
    }
    // The order of the rows is that of the grammar.
    let types = |value: &str| {
        let fields = format!(
            "fields.a = {{ type = \"integer\", label = \"A\" }}\n\
             fields.x = {{ type = \"computed\", label = \"X\", value = \"{value}\" }}"
        );
        check(&flow_of(&[fields])).contains(" 0 errors")
    };
    assert!(types("a * 2 ~ 'x'") && !types("1 + a ~ 'x'") && types("(1 + a) ~ 'x'"));
    assert!(types("a + 1 == 2 and not a == 1 or a is defined"));
}

#[test]
fn every_kind_of_block_has_a_row() {
    // An unknown kind makes the checks say which there are.
    let checked = check(&flow_of(&["fields.x = { type = \"nothing-like-it\" }".to_owned()]));
    let (_, kinds) = checked.split_once("the kinds are: ").expect("the list of kinds");
    let kinds = kinds.lines().next().unwrap();
    for kind in kinds.split(", ") {
        assert!(FIELDS.contains(&format!("\n| `{kind}` |")), "`{kind}` has no row");
    }
}

#[test]
fn the_bounds_that_are_told_are_those_that_are_kept() {
    use deity::limits;
    let with_commas = |number: u64| {
        let digits = number.to_string();
        match digits.len() {
            0..4 => digits,
            length => format!("{},{}", &digits[..length - 3], &digits[length - 3..]),
        }
    };
    let large = section(FLOWS, "How large it may be");
    let counts = [
        limits::DEFINITIONS,
        limits::SCREENS,
        limits::FIELDS,
        limits::EFFECTS,
        limits::ITEMS,
        limits::ACTIONS,
        limits::RULES,
        limits::CALLS,
        limits::BRANCHES,
        limits::OPTIONS,
        limits::FORM_FIELDS,
        limits::FORM_BYTES >> 10,
        limits::SESSION_BYTES >> 10,
        limits::EXPR_BYTES >> 10,
        limits::EXPR_NODES,
        limits::EXPR_DEPTH,
        limits::PATTERN_SOURCE_BYTES >> 10,
        limits::ANSWER_CHARS as usize,
        limits::LINE_CHARS as usize,
        limits::LINES_CHARS as usize,
    ];
    for count in counts {
        let count = with_commas(count.try_into().unwrap());
        let words: Vec<&str> = large.split(|c: char| c.is_whitespace() || ";|".contains(c)).collect();
        let named = words.iter().any(|word| word.trim_end_matches(',') == count);
        assert!(named, "{count} is not told");
    }
    let days = [limits::TOTAL_DAYS, limits::KEEP_DAYS].map(|days| with_commas(days.try_into().unwrap()));
    let lives = section(FLOWS, "The flow");
    assert!(
        days.iter().all(|days| lives.contains(&format!("to {days} days"))),
        "{days:?}"
    );
    assert!(section(FLOWS, "Names").contains(&format!("{} characters at most", limits::NAME_CHARS)));
}

/// What stands in italics and is no word of the program's: authors' own labels, and stress.
const OTHERS: &[&str] = &[
    "A no",
    "Book it",
    "By email",
    "Earlier answers",
    "HMAC/8",
    "Income could mean 25.00 or 25000. Enter one of them",
    "Northern Ireland",
    "The callback",
    "The return URL",
    "The same page",
    "Time of the visit could mean 02:30 or 14:30. Enter one of them",
    "Unknown",
];

#[test]
fn buttons_that_the_papers_name_are_called_so() {
    let words = include_str!("../../../templates/words/en.toml");
    let quoted: Vec<&str> = words.split('"').skip(1).step_by(2).collect();
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut papers = vec![super::README.to_owned()];
    for entry in std::fs::read_dir(docs).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            papers.push(std::fs::read_to_string(path).unwrap());
        }
    }
    let mut named = 0;
    for paper in papers {
        // Neither code nor bold.
        let prose: String = paper.split("```").step_by(2).collect();
        let prose: String = prose
            .split('`')
            .step_by(2)
            .collect::<Vec<_>>()
            .join("`")
            .replace("**", "");
        let italics = prose.split('*').skip(1).step_by(2);
        for phrase in italics.map(|phrase| phrase.split_whitespace().collect::<Vec<_>>().join(" ")) {
            if phrase.starts_with(char::is_uppercase) && !OTHERS.contains(&phrase.as_str()) {
                named += 1;
                assert!(
                    quoted.contains(&phrase.as_str()),
                    "`{phrase}` is no word of the program's"
                );
            }
        }
    }
    assert!(named > 8, "{named}");
}
