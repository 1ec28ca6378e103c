//! `application/x-www-form-urlencoded`, strictly.
//!
//! Owns the way from the bytes of a body or a query to names and values. Where a browser's parser
//! guesses (a lone `%`, bytes that are not UTF-8), this one refuses: whoever sends such a thing is
//! no form of ours. A body that was cut short is read as far as it goes. Must not know which fields a
//! screen declares.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use crate::engine::Came;
use crate::flow::Form;
use crate::limits::Http;
use crate::view::Problem;

/// What a body or a query carries: the three ids, and all other fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// `sessionID`.
    pub session: Option<String>,
    /// `screenID`.
    pub screen: Option<String>,
    /// `actionID`.
    pub action: Option<String>,
    /// `returnID`.
    pub returning: Option<String>,
    /// `returnCode`
    pub code: Option<String>,
    /// `returnSecret`: no field, so that it is kept with none and shown with none.
    pub secret: Option<String>,
    /// [`END`]: the form came to its end.
    pub end: Option<String>,
    /// `actionID` is the last that came, and its end may be missing.
    pub loose: bool,
    /// Bytes are missing.
    pub cut: bool,
    /// The rest, in the order in which it came.
    pub fields: Form,
}

/// The last field of every form of ours; no author's field has such a name. Its value is [`BARE`] in a
/// form without boxes, such as stand on pages that wait, or ask, in place of a screen's own.
const END: &str = "E";
const BARE: &str = "0";

impl Sent {
    /// How much of a form is there: what was pressed stands behind all that is typed, and [`END`]
    /// behind that.
    pub fn came(&self) -> Came {
        match self {
            _ if self.cut => Came::Cut,
            _ if self.end.as_deref() == Some(BARE) && self.fields.0.is_empty() => Came::Bare,
            _ if self.end.is_some() => Came::Whole,
            _ if self.loose => Came::UpToItsAction,
            _ if self.action.is_some() || self.returning.is_some() => Came::Whole,
            _ => Came::Cut,
        }
    }
}

/// Decodes what came of a body that was cut short, as far as it can be read.
pub fn decode_cut(bytes: &[u8], limits: &Http) -> Result<Sent, Problem> {
    let mut read = shorter(bytes).filter_map(|bytes| decode(bytes, limits).ok());
    let sent = read.next().ok_or(Problem::Bad)?;
    Ok(Sent { cut: true, ..sent })
}

/// What came of a body that was cut short somewhere, without the sign that was cut in two.
pub fn up_to_a_sign(bytes: &[u8]) -> &[u8] {
    shorter(bytes).find(|bytes| is_encoded(bytes)).unwrap_or(bytes)
}

/// The same bytes, and with less and less of their end: in the middle of one character at worst, four
/// bytes, each with a percent.
fn shorter(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..=12).filter_map(|n| bytes.get(..bytes.len().checked_sub(n)?))
}

/// Whether it begins as every form of ours does that has fields.
pub fn begins_with_an_id(bytes: &[u8]) -> bool {
    bytes.starts_with(b"sessionID=")
}

/// Decodes a body or a query.
///
/// # Errors
/// [`Problem::Bad`] for a bad percent, bytes that are not UTF-8, a NUL, a name that is empty or longer than [`Http::name_bytes`], an id that comes
/// twice; [`Problem::TooLarge`] for more than [`Http::fields`] fields. A long value passes: the
/// field that it is for says what is wrong with it.
pub fn decode(bytes: &[u8], limits: &Http) -> Result<Sent, Problem> {
    let mut sent = Sent::default();
    let pairs = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    for (count, pair) in pairs.enumerate() {
        if count >= limits.fields {
            return Err(Problem::TooLarge);
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = text(halves.next().unwrap_or_default())?;
        let value = shown(text(halves.next().unwrap_or_default())?);
        if name.is_empty() || name.len() > limits.name_bytes {
            return Err(Problem::Bad);
        }
        sent.loose = name == "actionID" && sent.end.is_none();
        let id = match name.as_str() {
            "sessionID" => &mut sent.session,
            "screenID" => &mut sent.screen,
            "actionID" => &mut sent.action,
            "returnID" => &mut sent.returning,
            "returnCode" => &mut sent.code,
            "returnSecret" => &mut sent.secret,
            END => &mut sent.end,
            _ => {
                sent.fields.0.push((name, value));
                continue;
            }
        };
        if id.replace(value).is_some() {
            return Err(Problem::Bad);
        }
    }
    Ok(sent)
}

/// Whether all that came is encoded as forms are: no lone percent, nothing that is not UTF-8.
pub fn is_encoded(bytes: &[u8]) -> bool {
    let mut parts = bytes.split(|byte| matches!(byte, b'&' | b'='));
    parts.all(|part| unescape(part).is_some_and(|part| std::str::from_utf8(&part).is_ok()))
}

/// One name or value: percents and pluses undone, checked, in NFC.
fn text(encoded: &[u8]) -> Result<String, Problem> {
    let bytes = unescape(encoded).ok_or(Problem::Bad)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Problem::Bad)?;
    if text.contains('\0') {
        return Err(Problem::Bad);
    }
    Ok(match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        IsNormalized::No | IsNormalized::Maybe => text.nfc().collect(),
    })
}

/// What comes along when text is pasted and cannot be shown, as a space: a page break, say. The
/// person does not see it, so that no message could help. C1 too: a text browser would hand
/// U+009B to its terminal as the start of a command.
pub(super) fn shown(text: String) -> String {
    let stray = |c: char| {
        c.is_control() && !matches!(c, '\r' | '\n' | '\t')
            || u32::from(c) & 0xFFFE == 0xFFFE
            || matches!(c, '\u{FDD0}'..='\u{FDEF}')
    };
    if text.contains(stray) {
        text.replace(stray, " ")
    } else {
        text
    }
}

fn unescape(encoded: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !encoded.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(Cow::Borrowed(encoded));
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next())? << 4 | digit(rest.next())?,
            other => *other,
        });
    }
    Some(Cow::Owned(bytes))
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    let digit = char::from(*byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}
