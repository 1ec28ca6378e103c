//! The README and the papers in `docs/` are run: their flows, their commands, their tables.

mod effects;
mod first_flow;
mod front_door;
mod keys;
mod operators;
mod reference;
mod required;
mod site;

const README: &str = include_str!("../../../README.md");
const FIRST_FLOW: &str = include_str!("../../../docs/first-flow.md");
const FLOWS: &str = include_str!("../../../docs/flows.md");
const FIELDS: &str = include_str!("../../../docs/fields.md");
const EXPRESSIONS: &str = include_str!("../../../docs/expressions.md");
const PATTERNS: &str = include_str!("../../../docs/patterns.md");
const EFFECTS: &str = include_str!("../../../docs/effects.md");
const OPERATORS: &str = include_str!("../../../docs/operators.md");
const SETTINGS: &str = include_str!("../../../docs/settings.md");

/// The code blocks of that language in a paper, in order.
fn blocks(paper: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    paper
        .split(&open)
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned())
        .collect()
}

/// The code blocks of that language that stand under the remark `<!-- mark -->`, in order.
fn marked(paper: &str, mark: &str, language: &str) -> Vec<String> {
    let open = format!("<!-- {mark} -->\n```{language}\n");
    let found: Vec<String> = paper
        .split(&open)
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned())
        .collect();
    assert!(!found.is_empty(), "no block is marked {mark}");
    found
}

/// What stands under a heading of the second level, up to the next.
fn section<'a>(paper: &'a str, heading: &str) -> &'a str {
    let open = format!("\n## {heading}\n");
    let (_, rest) = paper
        .split_once(&open)
        .unwrap_or_else(|| panic!("there is no heading `{heading}`"));
    rest.split("\n## ").next().unwrap_or_default()
}

/// The rows of the tables in a text, cell by cell, without their heads.
fn rows(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let row = |(n, line): (usize, &&str)| {
        let head = lines.get(n + 1).is_some_and(|next| next.starts_with("|---"));
        if !line.starts_with('|') || line.starts_with("|---") || head {
            return None;
        }
        let inner = line.trim_matches('|').replace("\\|", "\u{1}");
        let cells = inner
            .split('|')
            .map(|cell| cell.replace('\u{1}', "|").trim().to_owned());
        Some(cells.collect())
    };
    lines.iter().enumerate().filter_map(row).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A flow with each of these lines as the fields of a screen of its own.
fn flow_of(fields: &[String]) -> String {
    let mut flow = "title = \"T\"\nstart = \"s0\"\n".to_owned();
    for (n, lines) in fields.iter().enumerate() {
        let next = n + 1;
        flow += &format!("[screens.s{n}]\ntitle = \"A\"\n{lines}\nactions.continue = \"s{next}\"\n");
    }
    flow + &format!("[screens.s{}]\ntitle = \"Z\"\nend = \"done\"\n", fields.len())
}
