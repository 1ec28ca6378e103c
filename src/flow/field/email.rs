//! `email`: an address of mail.

use email_address::{EmailAddress, Options};

use super::contact::Contact;
use super::kind::{Declares, Fills, Role, any};
use crate::flow::Type;
use crate::words::Words;

pub(super) const KIND: Declares = Declares {
    name: "email",
    keys: &["required", "message", "default", "autocomplete"],
    role: Role::Answer,
    fills: Fills::Token("email"),
    value_type: |_| Some(Type::Text),
    answers: any,
    build: |_| {
        Box::new(Contact {
            kind: "email",
            size: None,
            longest: LONGEST,
            what: Words::enter_email,
            refusal: Words::contact_email,
            rule: address,
            made: "zoe.lindqvist@example.org",
        })
    },
};

/// Characters of an address (RFC 5321).
const LONGEST: usize = 254;

/// As RFC 5321 means it, without a display name; kept as typed, in the signs that keyboards have.
fn address(typed: &str) -> Option<String> {
    let bare = match typed.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => typed.get(7..).unwrap_or_default(),
        Some(_) | None => typed,
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
    fits.then_some(address)
}
