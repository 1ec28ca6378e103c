//! The ids: what they look like on the wire, and nothing else.
//!
//! Owns parsing, printing and checking of [`SessionId`], [`ScreenId`], [`Ticket`] and what is
//! derived from them. Must not know flows, sessions or HTTP; random bytes and time come in as
//! arguments. Source of every rule here: "The three ids" in the contract (ARCHITECTURE.md).

mod away;
mod code;
mod screen;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

pub use away::{away, is_away};
pub use code::ReturnCode;
pub use screen::{Language, ScreenId, ScreenKey, Way};

/// Names one session: a version-4 UUID, written as 22 characters of base64url. A bearer secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionId(uuid::Uuid);

impl SessionId {
    /// A new one, of random bytes.
    pub fn of_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Reads the 22 characters; `None` for anything else, a UUID of another version included.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 16] = decode(text)?;
        let id = uuid::Uuid::from_bytes(bytes);
        (id.get_version_num() == 4 && text.len() == 22).then_some(Self(id))
    }

    /// The key under which the store holds the session: half of its SHA-256, so that neither a
    /// backup nor a log gives the id away.
    pub fn key(&self) -> SessionKey {
        SessionKey(first(&Sha256::digest(self.0.as_bytes())))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for SessionId {
    /// Never the id itself: it would end up in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({})", self.key())
    }
}

/// Where the store holds a session. Safe to log and to show to an operator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SessionKey(pub [u8; 16]);

impl SessionKey {
    /// The reference that a person can read over the telephone: the key's first 50 bits in
    /// Crockford's base 32, as `K7QXA-4MTP2`. It starts with the key, so the store finds it by
    /// a range.
    pub fn reference(&self) -> String {
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let bits = u128::from_be_bytes(self.0);
        let mut text = String::with_capacity(11);
        for n in 0..10_u32 {
            if n == 5 {
                text.push('-');
            }
            let digit = (bits >> (123 - 5 * n)) & 31;
            text.push(char::from(DIGITS.get(digit as usize).copied().unwrap_or(b'0')));
        }
        text
    }

    /// The first and the last key that `reference` may stand for; forgives case, missing or
    /// other separators, and O, I, L for 0, 1, 1.
    pub fn range_of(reference: &str) -> Option<(Self, Self)> {
        let mut bits = 0_u128;
        let mut digits = 0;
        for c in reference.chars().filter(|c| !matches!(c, '-' | ' ')) {
            let digit = match c.to_ascii_uppercase() {
                'O' => 0,
                'I' | 'L' => 1,
                c => "0123456789ABCDEFGHJKMNPQRSTVWXYZ".find(c)? as u128,
            };
            digits += 1;
            if digits > 10 {
                return None;
            }
            bits = bits << 5 | digit;
        }
        let low = bits << 78;
        (digits == 10).then_some((Self(low.to_be_bytes()), Self((low | ((1 << 78) - 1)).to_be_bytes())))
    }
}

impl fmt::Display for SessionKey {
    /// The short digest of logs and lists: the reference.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reference())
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({self})")
    }
}

/// What the URL carries by which a person comes back from a page elsewhere: the session's id and
/// the number of the asking, sealed under the server's key, so that who sees the URL learns
/// neither.
///
/// Shape: `mac` (16 bytes) `masked id` (16 bytes) `number` (4 bytes). The mask is made from the
/// mac, and the mac from what is masked (as in RFC 5297): equal only for equal contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// The session.
    pub session: SessionId,
    /// The asking; 0 while it is not known.
    pub number: u32,
}

impl Return {
    /// Seals it.
    pub fn sealed(&self, key: &ServerKey) -> [u8; 36] {
        let number = self.number.to_be_bytes();
        let mac: [u8; 16] = first(&mac(&key.0, &[b"return", &number, self.session.0.as_bytes()]));
        let mut out = [0; 36];
        let masked = mask(key, &mac, *self.session.0.as_bytes());
        for (to, from) in out.iter_mut().zip(mac.into_iter().chain(masked).chain(number)) {
            *to = from;
        }
        out
    }

    /// Opens what was sealed; `None` for anything else.
    pub fn open(bytes: &[u8], key: &ServerKey) -> Option<Self> {
        let (mac, rest) = bytes.split_first_chunk::<16>()?;
        let (masked, number) = rest.split_first_chunk::<16>()?;
        let id = uuid::Uuid::from_bytes(mask(key, mac, *masked));
        let found = Self {
            session: SessionId(id),
            number: u32::from_be_bytes(number.try_into().ok()?),
        };
        same(bytes, &found.sealed(key)).then_some(found)
    }

    /// Prints it.
    pub fn text(&self, key: &ServerKey) -> String {
        URL_SAFE_NO_PAD.encode(self.sealed(key))
    }

    /// Reads what was printed.
    pub fn parse(text: &str, key: &ServerKey) -> Option<Self> {
        Self::open(&decode_to_vec(text, 36)?, key)
    }
}

fn mask(key: &ServerKey, mac: &[u8; 16], mut bytes: [u8; 16]) -> [u8; 16] {
    for (byte, with) in bytes.iter_mut().zip(self::mac(&key.0, &[b"mask", mac])) {
        *byte ^= with;
    }
    bytes
}

/// What the URL carries under which an outside system tells of an asking. It opens nothing.
///
/// Shape: base64url of `session key` (16 bytes) `number` (4 bytes) `mac` (16 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Where the store holds the session.
    pub at: SessionKey,
    /// The asking.
    pub number: u32,
}

impl Callback {
    /// Prints it.
    pub fn text(&self, key: &ServerKey) -> String {
        let clear: Vec<u8> = self.at.0.into_iter().chain(self.number.to_be_bytes()).collect();
        let tag = mac(&key.0, &[b"callback", &clear]);
        URL_SAFE_NO_PAD.encode(clear.into_iter().chain(tag.into_iter().take(16)).collect::<Vec<_>>())
    }

    /// Reads it, if it was made under this key.
    pub fn parse(text: &str, key: &ServerKey) -> Option<Self> {
        let bytes: [u8; 36] = decode(text)?;
        let (at, rest) = bytes.split_first_chunk::<16>()?;
        let (number, _) = rest.split_first_chunk::<4>()?;
        let found = Self {
            at: SessionKey(*at),
            number: u32::from_be_bytes(*number),
        };
        same(text.as_bytes(), found.text(key).as_bytes()).then_some(found)
    }
}

/// Names one asking of an effect: what its tries, what takes it back and what asks about it carry,
/// so that the callee knows them for one. A UUID of version 8 (RFC 9562) by its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EffectKey([u8; 16]);

impl EffectKey {
    /// The key of an asking: of which effect, about which item, by which step, which one.
    pub fn of(key: &ScreenKey, effect: &str, item: u32, step: u64, number: u32) -> Self {
        let (item, step, number) = (item.to_be_bytes(), step.to_be_bytes(), number.to_be_bytes());
        Self(first(&mac(
            &key.0,
            &[b"effect", &item, &step, &number, effect.as_bytes()],
        )))
    }

    /// The same for what is not kept in a session.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Builder::from_custom_bytes(self.0).into_uuid().fmt(f)
    }
}

/// The random key of a store, shared by all nodes: tickets are made under it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ServerKey(pub [u8; 32]);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey")
    }
}

/// What a start page carries in place of a session's ids. Nothing of it is stored.
///
/// Shape: base64url of `at` (u64, 5 bytes used) `nonce` (16 bytes) `mac` (16 bytes): 50 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// When it was made, in seconds since 1970.
    pub at: u64,
    /// 128 random bits.
    pub nonce: [u8; 16],
}

impl Ticket {
    /// Prints the ticket for `flow`.
    pub fn sealed(&self, flow: &str, key: &ServerKey) -> String {
        let mut bytes = self.clear();
        bytes.extend(self.tag(flow, key));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a ticket and checks that it was made for this flow. Age is the caller's to judge.
    pub fn open(text: &str, flow: &str, key: &ServerKey) -> Option<Self> {
        let bytes: [u8; 37] = decode(text)?;
        let (at, rest) = bytes.split_first_chunk::<5>()?;
        let (nonce, tag) = rest.split_first_chunk::<16>()?;
        let ticket = Self {
            at: at.iter().fold(0, |n, b| n << 8 | u64::from(*b)),
            nonce: *nonce,
        };
        same(tag, &ticket.tag(flow, key)).then_some(ticket)
    }

    fn clear(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(37);
        bytes.extend(self.at.to_be_bytes().iter().skip(3));
        bytes.extend(self.nonce);
        bytes
    }

    fn tag(&self, flow: &str, key: &ServerKey) -> [u8; 16] {
        first(&mac(&key.0, &[b"start", &self.clear(), flow.as_bytes()]))
    }
}

/// The 64-bit digest of what was posted or shown, keyed so that neither a record nor an id gives
/// answers away.
pub fn digest(key: &ScreenKey, parts: &[&[u8]]) -> u64 {
    u64::from_be_bytes(first(&mac(&key.0, parts)))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so this never falls back.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Compares in a time that does not depend on where the two differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode_to_vec(text, N)?.try_into().ok()
}

fn decode_to_vec(text: &str, most: usize) -> Option<Vec<u8>> {
    if text.len() > most * 4 / 3 + 1 {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_for_one_flow() {
        let key = ServerKey([1; 32]);
        let ticket = Ticket {
            at: 1_790_000_000,
            nonce: [3; 16],
        };
        let text = ticket.sealed("passport", &key);
        assert_eq!(text.len(), 50);
        assert_eq!(Ticket::open(&text, "passport", &key), Some(ticket));
        assert_eq!(Ticket::open(&text, "other", &key), None);
    }

    #[test]
    fn a_session_id_is_22_characters_and_its_reference_finds_it() {
        let id = SessionId::of_random([3; 16]);
        assert_eq!(id.to_string().len(), 22);
        assert_eq!(SessionId::parse(&id.to_string()), Some(id));
        assert_eq!(SessionId::parse("AAAAAAAAAAAAAAAAAAAAAA"), None);
        let key = id.key();
        let said = key.reference().to_lowercase().replace('-', " ");
        let (low, high) = SessionKey::range_of(&said).unwrap();
        assert!(low <= key && key <= high);
    }
}
