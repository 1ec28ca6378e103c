//! How text is typed: lengths, patterns, normalising, `autocomplete`, `inputmode`.
//!
//! Owns the regular expressions of fields and the tokens that HTML knows. Must not know what is
//! typed.

use regex::{Regex, RegexBuilder};

use super::super::diagnostic::{Diagnostic, did_you_mean};
use super::super::source::{Field, Span, place};
use super::super::{Normalise, TextRules};
use super::settings::unknown_word;
use super::{Checker, bounds};
use crate::limits;

/// What may stand in `autocomplete` (HTML, "autofill detail tokens").
const TOKENS: &[&str] = &[
    "on",
    "off",
    "name",
    "honorific-prefix",
    "given-name",
    "additional-name",
    "family-name",
    "honorific-suffix",
    "nickname",
    "username",
    "new-password",
    "current-password",
    "one-time-code",
    "organization-title",
    "organization",
    "street-address",
    "address-line1",
    "address-line2",
    "address-line3",
    "address-level4",
    "address-level3",
    "address-level2",
    "address-level1",
    "country",
    "country-name",
    "postal-code",
    "cc-name",
    "cc-number",
    "cc-exp",
    "cc-csc",
    "cc-type",
    "transaction-currency",
    "transaction-amount",
    "language",
    "bday",
    "bday-day",
    "bday-month",
    "bday-year",
    "sex",
    "url",
    "photo",
    "tel",
    "tel-country-code",
    "tel-national",
    "tel-extension",
    "email",
    "impp",
];

/// What may stand before the token.
const PREFIXES: &[&str] = &["shipping", "billing", "home", "work", "mobile", "fax", "pager"];

/// The values of `inputmode`.
const MODES: &[&str] = &["none", "text", "tel", "url", "email", "numeric", "decimal", "search"];

/// The bounds of typed text; `own` and `usual` hold where the author gives no pattern and says
/// nothing of normalising.
pub(super) fn rules(checker: &Checker<'_>, field: &Field, own: Option<&str>, usual: Normalise) -> TextRules {
    let (min, max) = bounds::counts(checker, field, limits::ANSWER_CHARS);
    if let (Some(0), Some(written)) = (max, &field.max) {
        checker
            .sink
            .push(Diagnostic::error("bounds", &written.span, "nothing can be entered").label("0 characters"));
    }
    TextRules {
        min,
        max,
        pattern: pattern(checker, field, own),
        normalise: normalise(checker, field, usual),
    }
}

fn pattern(checker: &Checker<'_>, field: &Field, own: Option<&str>) -> Option<Regex> {
    let Some(written) = &field.pattern else {
        return compile(own?).ok();
    };
    if !checker.fits(written, limits::PATTERN_SOURCE_BYTES) {
        return None;
    }
    match compile(&written.value) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let (span, message) = match (grammar_fault(&written.value), error) {
                (Some((inner, message)), _) => (place(checker.source, &written.span, &inner), message),
                (None, regex::Error::CompiledTooBig(most)) => {
                    (written.span.clone(), format!("it needs more than {most} bytes"))
                }
                (None, _) => (written.span.clone(), "it does not stand alone".to_owned()),
            };
            checker.sink.push(
                Diagnostic::error(
                    "pattern",
                    &span,
                    format!("this is no pattern that can be used: {message}"),
                )
                .label("here")
                .help(
                    "write a regular expression for the whole text, such as \"[A-Z]{2}[0-9]{6}\"; in a basic \
                         string a backslash is written twice",
                ),
            );
            None
        }
    }
}

/// Anchored at both ends. The pattern must also stand alone: `a)|(b` would escape the group.
fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    let build = |text: &str| RegexBuilder::new(text).size_limit(limits::PATTERN_BYTES).build();
    build(pattern)?;
    build(&format!("^(?:{pattern})$"))
}

/// The place in the pattern and the message, where the fault is one of grammar.
fn grammar_fault(pattern: &str) -> Option<(Span, String)> {
    let (span, message) = match regex_syntax::parse(pattern).err()? {
        regex_syntax::Error::Parse(error) => (*error.span(), error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (*error.span(), error.kind().to_string()),
        _ => return None,
    };
    Some((span.start.offset..span.end.offset, message))
}

fn normalise(checker: &Checker<'_>, field: &Field, usual: Normalise) -> Normalise {
    let Some(written) = &field.normalise else {
        return usual;
    };
    match written.value.as_str() {
        "none" => Normalise::None,
        "uppercase" => Normalise::Uppercase,
        "lowercase" => Normalise::Lowercase,
        "code" => Normalise::Code,
        "postcode" => Normalise::Postcode,
        _ => {
            let known = &["none", "uppercase", "lowercase", "code", "postcode"];
            checker.sink.push(unknown_word("normalise", written, known));
            Normalise::None
        }
    }
}

/// The `autocomplete` token.
pub(super) fn autocomplete(checker: &Checker<'_>, field: &Field) -> Option<String> {
    let written = field.autocomplete.as_ref()?;
    let mut words: Vec<&str> = written.value.split_ascii_whitespace().collect();
    let last = words.pop().unwrap_or_default();
    let prefixed = words
        .iter()
        .all(|word| PREFIXES.contains(word) || word.starts_with("section-"));
    if !TOKENS.contains(&last) || !prefixed {
        checker.sink.push(
            Diagnostic::error(
                "autocomplete",
                &written.span,
                format!("HTML knows no autocomplete `{}`", written.value),
            )
            .label("unknown")
            .help(did_you_mean(last, TOKENS.iter().copied()).unwrap_or_else(|| {
                "it may be name, given-name, family-name, email, tel, bday, address-line1, address-level2 (town), \
                     postal-code, off and others of the HTML standard"
                    .to_owned()
            })),
        );
    }
    Some(written.value.clone())
}

/// The `inputmode`.
pub(super) fn input_mode(checker: &Checker<'_>, field: &Field) -> Option<String> {
    let written = field.input_mode.as_ref()?;
    if !MODES.contains(&written.value.as_str()) {
        checker.sink.push(unknown_word("input-mode", written, MODES));
    }
    Some(written.value.clone())
}
