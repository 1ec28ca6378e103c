//! The fields of a request, from a form or from JSON.
//!
//! Owns decoding and its bounds. Must not know which fields anybody needs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::money::{CURRENCY, Pence};
use super::reply::Reply;

/// More than any form of the demo has.
const FIELDS: usize = 200;
/// Characters of a text.
const TEXT: usize = 200;
/// Characters of an address: it carries ids of whoever asks.
const URL: usize = 1000;
/// Characters of anything, a list of items among them.
const VALUE: usize = 100_000;

/// Names and values; money in the shape of a form, `12.50`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Decodes a body by its media type; a form, if none is said.
    pub(super) fn decode(media: &str, body: &[u8]) -> Result<Self, Reply> {
        let kind = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let fields = match kind.as_str() {
            _ if body.is_empty() => Some(Self::default()),
            "" | "application/x-www-form-urlencoded" => form(body),
            "application/json" => json(body),
            _ => return Err(Reply::message(415, "Send a form, or JSON.")),
        };
        let fields = fields.ok_or_else(|| Reply::message(400, "The body cannot be read."))?;
        if fields.0.len() > FIELDS {
            return Err(Reply::message(400, "There are too many fields."));
        }
        let long = |(name, value): (&String, &String)| name.chars().count() > TEXT || value.chars().count() > VALUE;
        if fields.0.iter().any(long) {
            return Err(Reply::message(400, "A field is too long."));
        }
        Ok(fields)
    }

    /// A text that must be there.
    pub(super) fn text(&self, name: &str) -> Result<&str, Reply> {
        match self.0.get(name).map(String::as_str).unwrap_or_default() {
            "" => Err(Reply::at(422, "Something is missing.", name, "This is needed")),
            long if long.chars().count() > TEXT => {
                let fault = format!("Enter at most {TEXT} characters");
                Err(Reply::at(422, "A text is too long.", name, &fault))
            }
            text => Ok(text),
        }
    }

    /// A text that may be left out.
    pub(super) fn text_or_none(&self, name: &str) -> Result<&str, Reply> {
        match self.0.get(name) {
            Some(text) if !text.is_empty() => self.text(name),
            _ => Ok(""),
        }
    }

    /// An amount of money that must be there.
    pub(super) fn money(&self, name: &str) -> Result<Pence, Reply> {
        Pence::parse(self.text(name)?)
            .ok_or_else(|| Reply::at(422, "That is no amount.", name, "Enter an amount in pounds, like 12.50"))
    }

    /// What each item of a list has as an amount of money.
    pub(super) fn amounts(&self, list: &str, name: &str) -> Result<Vec<Pence>, Reply> {
        let said = self.0.get(list).map(String::as_str).unwrap_or_default();
        let items: Option<Vec<Value>> = serde_json::from_str(said).ok();
        let amount = |item: &Value| Pence::parse(&plain(item.get(name)?)?);
        let amounts = items.and_then(|items| items.iter().map(amount).collect());
        amounts.ok_or_else(|| {
            Reply::at(
                422,
                "A list has no amounts.",
                list,
                "Enter amounts in pounds, like 12.50",
            )
        })
    }

    /// An address of the web that can stand in a header and in a page.
    pub(super) fn url(&self, name: &str, schemes: &[&str]) -> Result<&str, Reply> {
        let url = self.0.get(name).map(String::as_str).unwrap_or_default();
        let whole = url.len() <= URL
            && url.bytes().all(|byte| byte.is_ascii_graphic())
            && url.parse::<hyper::Uri>().is_ok_and(|uri| {
                uri.authority().is_some() && uri.scheme_str().is_some_and(|scheme| schemes.contains(&scheme))
            });
        if whole {
            Ok(url)
        } else {
            let fault = format!("Give an address that begins with {}://", schemes.join(":// or "));
            Err(Reply::at(422, "That is no address.", name, &fault))
        }
    }

    /// All of them, to be kept as they are.
    pub(super) fn all(&self) -> String {
        serde_json::json!(self.0).to_string()
    }
}

/// A form; of two fields of one name the last holds.
fn form(body: &[u8]) -> Option<Fields> {
    let mut fields = BTreeMap::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = unescape(halves.next().unwrap_or_default())?;
        let value = unescape(halves.next().unwrap_or_default())?;
        fields.insert(name, value);
    }
    Some(Fields(fields))
}

fn unescape(encoded: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next())? << 4 | digit(rest.next())?,
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    let digit = char::from(*byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// A JSON object, each value as a form would send it.
fn json(body: &[u8]) -> Option<Fields> {
    let Value::Object(object) = serde_json::from_slice(body).ok()? else {
        return None;
    };
    let value = |(name, value): (String, Value)| Some((name, plain(&value)?));
    Some(Fields(object.into_iter().filter_map(value).collect()))
}

/// A value as a form would send it; nothing for null.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => match (object.get("amount"), object.get("currency")) {
            // Another currency stays as it is, so that it is no amount.
            (Some(amount), Some(Value::String(currency))) if currency == CURRENCY => plain(amount),
            _ => Some(value.to_string()),
        },
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => Some(value.to_string()),
    }
}
