//! What a text is, in words for who translates it.
//!
//! Owns those words. Must not know languages.

use crate::flow::translated::Said;

/// A title in a comment is no longer, in characters.
const TITLE_CHARS: usize = 60;

/// `screen rent: Your rent — label of the field paid`. `title` gives that of a table, such as of `screens.rent`.
pub(super) fn place<'t>(path: &[String], title: &dyn Fn(&[String]) -> Option<&'t str>) -> String {
    let (tables, rest) = path.split_at(tables(path));
    let mut words = Vec::new();
    for (n, pair) in tables.chunks(2).enumerate() {
        let [table, name] = pair else { continue };
        let named = format!("{} {}", one_of(table).unwrap_or(table), one_line(name));
        let whole = tables.get(..2 * n + 2).unwrap_or_default();
        words.push(match title(whole) {
            Some(title) => format!("{named}: {}", one_line(title)),
            None => named,
        });
    }
    let what = what(rest);
    if !what.is_empty() {
        words.push(what);
    }
    words.join(" — ")
}

/// How many of the names say in which table of the file it stands: `screens.rent`, `fragments.who.screens.name`.
pub(super) fn tables(path: &[String]) -> usize {
    let name = |n: usize| path.get(n).map(String::as_str);
    match (name(0), name(2)) {
        (Some("fragments"), Some("screens" | "lists")) if path.len() > 4 => 4,
        (
            Some("screens" | "lists" | "fragments" | "effects" | "groups" | "options" | "sections" | "calls"),
            Some(_),
        ) => 2,
        _ => 0,
    }
}

/// What a translator must keep to.
pub(super) fn notes(said: &Said) -> Vec<&'static str> {
    let last = said.path.last().map(String::as_str).unwrap_or_default();
    let within = said.path.iter().rev().nth(1).map(String::as_str);
    let mut notes = Vec::new();
    match last {
        "text" if within == Some("email") => notes.push("Plain text; several lines are possible."),
        "body" | "text" => notes.push("Markdown; several lines are possible."),
        _ if said.path.first().is_some_and(|first| first == "texts") => {}
        _ => notes.push("One line of plain text."),
    }
    if said.text.contains("{{") || said.text.contains("{%") {
        notes.push("Keep what stands in {{ }} and {% %}: values and conditions are put in there.");
    }
    if said.text.contains("](") {
        notes.push("Keep where links lead: what stands in ( ) behind [ ].");
    }
    notes
}

/// `hint of the option paper of the field kind`
fn what(rest: &[String]) -> String {
    let mut words = Vec::new();
    let mut names = rest.iter().peekable();
    while let Some(name) = names.next() {
        match (one_of(name), names.peek()) {
            (Some(kind), Some(_)) => {
                let name = names.next().map(String::as_str).unwrap_or_default();
                words.push(format!("{kind} {}", one_line(name)));
            }
            _ => words.push(one_line(name)),
        }
    }
    words.reverse();
    words.join(" of the ")
}

/// What one of a table's things is called.
fn one_of(table: &str) -> Option<&'static str> {
    let known = [
        ("screens", "screen"),
        ("lists", "list"),
        ("fragments", "fragment"),
        ("effects", "effect"),
        ("groups", "group"),
        ("options", "option"),
        ("sections", "section"),
        ("calls", "call"),
        ("fields", "field"),
        ("actions", "button"),
        ("rules", "rule"),
        ("tasks", "task"),
        ("messages", "message"),
        ("message", "message"),
        ("save", "result"),
        ("texts", "text"),
    ];
    known.iter().find(|(name, _)| *name == table).map(|(_, one)| *one)
}

/// Without what breaks a line, and not too long.
fn one_line(text: &str) -> String {
    let visible = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = visible.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TITLE_CHARS) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_translator_reads_what_a_text_is() {
        for (path, want) in [
            ("title", "title"),
            ("screens.rent.title", "screen rent: Your rent — title"),
            (
                "screens.rent.fields.paid.label",
                "screen rent: Your rent — label of the field paid",
            ),
            (
                "screens.rent.fields.kind.options.paper",
                "screen rent: Your rent — option paper of the field kind",
            ),
            (
                "screens.rent.fields.kind.options.paper.hint",
                "screen rent: Your rent — hint of the option paper of the field kind",
            ),
            (
                "screens.rent.rules.1.message",
                "screen rent: Your rent — message of the rule 1",
            ),
            (
                "screens.rent.fields.a.message",
                "screen rent: Your rent — message of the field a",
            ),
            (
                "screens.rent.fields.a.message.min",
                "screen rent: Your rent — message min of the field a",
            ),
            ("texts.hello", "text hello"),
            ("options.colours.red", "option colours — red"),
            ("actions.stop.label", "label of the button stop"),
            ("fragments.who.screens.name.title", "fragment who — screen name — title"),
            ("effects.mail.email.subject", "effect mail — subject of the email"),
        ] {
            let path: Vec<String> = path.split('.').map(str::to_owned).collect();
            let title = |path: &[String]| (path == ["screens", "rent"]).then_some("Your\n rent");
            assert_eq!(place(&path, &title), want);
        }
    }
}
