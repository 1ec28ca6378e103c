//! E-mail addresses and telephone numbers.
//!
//! Owns what is forgiven in them. Must not know other kinds.

use std::str::FromStr;

use email_address::{EmailAddress, Options};

use super::Problem;
use crate::flow::Value;

/// Characters of a telephone number with all its signs and its extension.
const LONGEST: usize = 40;

type Read = Result<Option<Value>, Problem>;

/// An address as RFC 5321 means it, without a display name; kept as typed.
pub(super) fn email(typed: &str) -> Read {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let bare = match typed.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => typed.get(7..).unwrap_or_default(),
        _ => typed,
    };
    let parts: Vec<_> = bare.split('@').map(str::trim).collect();
    let address = parts.join("@");
    let options = Options::default()
        .without_display_text()
        .without_domain_literal()
        .with_required_tld();
    let fits = !address.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"')
        && address.len() <= 254
        && EmailAddress::parse_with_options(&address, options).is_ok();
    if !fits {
        let message = "Enter an email address in the correct format, like name@example.com";
        return Err(message.to_owned().into());
    }
    Ok(Some(Value::Text(address)))
}

/// 6 to 15 digits as people write them, with an extension if need be; kept as typed, with
/// single spaces.
pub(super) fn telephone(typed: &str) -> Read {
    let shown = |c: char| !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let typed: String = typed.chars().filter(|c| shown(*c)).collect();
    let kept = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if kept.is_empty() {
        return Ok(None);
    }
    if is_number(&kept) {
        return Ok(Some(Value::Text(kept)));
    }
    let message = "Enter a telephone number, like 01632 960 001 or +44 808 157 0192";
    Err(message.to_owned().into())
}

fn is_number(text: &str) -> bool {
    let lower = text.to_lowercase();
    let (number, extension) = ["extension", "ext", "x"]
        .iter()
        .find_map(|word| lower.split_once(word))
        .map_or((lower.as_str(), None), |(number, rest)| (number, Some(rest)));
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let plus = number.trim_start().strip_prefix('+').unwrap_or(number);
    let known = plus
        .chars()
        .all(|c| c.is_ascii_digit() || " ()-./\u{2010}\u{2011}\u{2013}\u{a0}".contains(c));
    let extension = extension.is_none_or(|rest| {
        let rest = rest.trim_matches([' ', '.', ':', '#']);
        u32::from_str(rest).is_ok() && rest.len() <= 6 && !rest.starts_with('+')
    });
    (6..=15).contains(&digits) && known && extension && text.chars().count() <= LONGEST
}
