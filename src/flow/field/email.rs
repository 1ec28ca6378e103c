//! `email`: an address of mail.

use email_address::{EmailAddress, Options};

use super::kind::{Around, Boxes, Chance, Control, Declares, Fills, Line, Question, Read, Role, Source, Typed, any};
use super::wording::Wording;
use super::{Problem, folded, typed};
use crate::flow::{Scope, Type, Value};

pub(super) const KIND: Declares = Declares {
    name: "email",
    keys: &["required", "message", "default", "autocomplete"],
    role: Role::Answer,
    fills: Fills::Token("email"),
    value_type: |_| Some(Type::Text),
    answers: any,
    build: |_| Box::new(Email),
};

/// Characters of an address (RFC 5321).
const LONGEST: usize = 254;

#[derive(Debug)]
struct Email;

impl Question for Email {
    fn value_type(&self) -> Type {
        Type::Text
    }

    fn boxes(&self) -> Boxes {
        Boxes::One
    }

    fn longest(&self) -> usize {
        typed::posted_bytes(LONGEST)
    }

    fn source(&self) -> Source<'_> {
        Source::Asked
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Line(Line {
            kind: Some("email"),
            ..Line::default()
        })
    }

    fn read(&self, typed: &Typed<'_>, _: &Around<'_>) -> Read {
        address(typed.text())
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        value.as_text().map_or_else(|| around.another(), |_| Ok(()))
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.enter("an email address")
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        typed::posted(value)
    }

    fn made(&self, _: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        vec![Value::Text("zoe.lindqvist@example.org".to_owned())]
    }
}

/// As RFC 5321 means it, without a display name; kept as typed, in the signs that keyboards have.
fn address(typed: &str) -> Read {
    if folded::trim(typed).is_empty() {
        return Ok(None);
    }
    let typed = folded::line(typed);
    let bare = match typed.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => typed.get(7..).unwrap_or_default(),
        Some(_) | None => typed.as_str(),
    };
    let parts: Vec<_> = bare.split('@').map(str::trim).collect();
    let address = parts.join("@");
    let options = Options::default()
        .without_display_text()
        .without_domain_literal()
        .with_required_tld();
    let fits = !address.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"')
        && address.len() <= LONGEST
        && EmailAddress::parse_with_options(&address, options).is_ok();
    if !fits {
        let message = "Enter an email address in the correct format, like name@example.com";
        return Err(message.to_owned().into());
    }
    Ok(Some(Value::Text(address)))
}
