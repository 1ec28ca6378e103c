//! Warnings for what people regret.
//!
//! Owns advice on wording and on help for those who type. Must not know faults: nothing here
//! keeps a definition from being used.

use super::super::diagnostic::{Diagnostic, Sink};
use super::super::field::{Fills, Role, Why};
use super::super::source::{At, Field, File, Message, Screen};
use super::{asked_of, fields_of, guards};

/// Characters of a title that still fits a tab and a line of a telephone or two.
const TITLE_CHARS: usize = 80;

/// The token of days only.
const BIRTHDAY: &str = "bday";

/// The usual names of fields, and the `autocomplete` that saves people the typing.
const USUAL: &[(&str, &[&str])] = &[
    ("name", &["name", "full_name", "your_name"]),
    (
        "given-name",
        &[
            "given",
            "given_name",
            "given_names",
            "first_name",
            "forename",
            "forenames",
        ],
    ),
    ("family-name", &["family", "family_name", "last_name", "surname"]),
    ("email", &["email", "email_address", "your_email"]),
    (
        "tel",
        &[
            "tel",
            "phone",
            "telephone",
            "phone_number",
            "telephone_number",
            "mobile",
        ],
    ),
    (
        "address-line1",
        &["line1", "line_1", "address_line1", "address_line_1", "address1"],
    ),
    (
        "address-line2",
        &["line2", "line_2", "address_line2", "address_line_2", "address2"],
    ),
    ("street-address", &["address", "home_address", "postal_address"]),
    ("address-level2", &["town", "city", "town_or_city"]),
    ("postal-code", &["postcode", "post_code", "zip"]),
    ("organization", &["organisation", "organisation_name", "company"]),
    (BIRTHDAY, &["date_of_birth", "dob", "birthday", "birth_date"]),
];

/// Warns of everything in the definition.
pub(super) fn check(file: &File, sink: &Sink) {
    for screen in &file.screens {
        if let Some(title) = &screen.title {
            long(title, sink);
        }
        for field in fields_of(screen) {
            of_field(screen, field, sink);
        }
    }
    if let Some(title) = &file.title {
        long(title, sink);
    }
}

fn long(title: &At<String>, sink: &Sink) {
    let chars = longest(&title.value);
    if chars > TITLE_CHARS {
        sink.push(
            Diagnostic::warning("long-title", &title.span, format!("this title has {chars} characters"))
                .label(format!("over {TITLE_CHARS}"))
                .help("say the rest in `body`"),
        );
    }
}

/// How many characters of a text are read at most: of branches the longest, without what is put in.
fn longest(text: &str) -> usize {
    let mut rest = text;
    // What stands around, the longest branch before this one, and this one.
    let mut outer: Vec<(usize, usize)> = Vec::new();
    let mut now = 0;
    while let Some((words, kind, inner, after)) = next_tag(rest) {
        now += words.chars().count();
        let word = inner.trim_start_matches('-').split_whitespace().next();
        match word.filter(|_| kind == '%') {
            Some("if") => outer.push((std::mem::take(&mut now), 0)),
            Some("elif" | "else") => {
                if let Some((_, most)) = outer.last_mut() {
                    *most = std::mem::take(&mut now).max(*most);
                }
            }
            Some("endif") => {
                if let Some((around, most)) = outer.pop() {
                    now = around + now.max(most);
                }
            }
            _ => {}
        }
        rest = after;
    }
    now + rest.chars().count()
}

/// The words before the next braces, their kind, what is in them, and what follows.
fn next_tag(text: &str) -> Option<(&str, char, &str, &str)> {
    let mut braces = text.match_indices('{');
    let (words, kind) = braces.find_map(|(at, _)| {
        let (words, inside) = text.split_at_checked(at)?;
        let kind = inside.chars().nth(1).filter(|kind| matches!(kind, '%' | '{' | '#'))?;
        Some((words, kind))
    })?;
    let inside = text.get(words.len() + 2..)?;
    let close = if kind == '{' { '}' } else { kind };
    let (inner, after) = inside.split_once(&format!("{close}}}"))?;
    Some((words, kind, inner, after))
}

fn of_field(screen: &Screen, field: &Field, sink: &Sink) {
    if let Some(label) = field
        .label
        .as_ref()
        .filter(|label| label.value.trim_end().ends_with(':'))
    {
        sink.push(
            Diagnostic::warning("label-colon", &label.span, "this label ends in a colon")
                .label("read aloud, or shown as a heading, it hangs in the air")
                .help("take the colon out"),
        );
    }
    if field.kind.role() == Role::Declaration
        && guards::ticked(field)
        && field.required.as_ref().is_none_or(|required| required.value)
    {
        let span = field.default.as_ref().map_or(&field.name.span, |default| &default.span);
        sink.push(
            Diagnostic::warning(
                "ticked",
                span,
                "a declaration that is ticked already was not made by anybody",
            )
            .help("take out the default"),
        );
    }
    let each = match &field.message {
        Some(Message::Each(all)) => all.as_slice(),
        Some(Message::One(_)) | None => &[],
    };
    let one = matches!(field.message, Some(Message::One(_)));
    let mut each = each.iter().chain(&field.messages);
    let says = one || each.any(|((_, of), _)| of.contains(&Why::Pattern));
    if let Some(pattern) = field.pattern.as_ref().filter(|_| !says) {
        sink.push(
            Diagnostic::warning("pattern-message", &pattern.span, "a pattern cannot say what to enter")
                .label("no `message` for it")
                .help("add message = \"Enter ... in the form ...\""),
        );
    }
    if let Some(options) = &field.options
        && (field.kind.declares().answers)(field).len() == 1
    {
        sink.push(Diagnostic::warning(
            "one-option",
            &options.span,
            "there is nothing to choose with one option",
        ));
    }
    completes(screen, field, sink);
}

/// A field with a usual name, or of a kind that has a usual token, should say so.
fn completes(screen: &Screen, field: &Field, sink: &Sink) {
    if field.autocomplete.is_some() {
        return;
    }
    let by_name = || {
        let mut usual = USUAL.iter();
        let (token, _) = usual.find(|(_, names)| names.contains(&field.name.value.as_str()))?;
        Some(*token)
    };
    let token = match field.kind.declares().fills {
        Fills::Never => None,
        Fills::Token(token) => Some(token),
        Fills::ByName => by_name().filter(|token| *token != BIRTHDAY),
        Fills::Birthday => by_name().filter(|token| *token == BIRTHDAY),
    };
    if let Some(token) = token {
        let alone = asked_of(screen).count() == 1;
        sink.push(
            Diagnostic::warning(
                "autocomplete-missing",
                &field.name.span,
                format!(
                    "browsers could fill in `{}`{}",
                    field.name.value,
                    if alone { "" } else { " and its neighbours" }
                ),
            )
            .label("no `autocomplete`")
            .help(format!(
                "add autocomplete = \"{token}\", or \"off\" if it is not about the person who types"
            )),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::longest;

    #[test]
    fn a_title_is_as_long_as_its_longest_branch() {
        for (title, chars) in [
            ("four", 4),
            ("{% if a %}one{% elif b %}three{% else %}x{% endif %} {{ name }}", 6),
            ("a{% if a %}b{% if b %}cc{% endif %}{% else %}d{% endif %}e", 5),
            ("{# nothing #}{% if a %}open", 4),
        ] {
            assert_eq!(longest(title), chars, "{title}");
        }
    }
}
