//! The screen id: what it says in clear, and its keyed hash.
//!
//! Owns parsing, printing and checking of [`ScreenId`]. Must not know what any part of it means.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{decode_to_vec, mac, same};

/// How a person came to a presentation, which decides where *Continue* and *Back* lead. Records
/// keep it: variants are only ever added, behind the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Way {
    /// Along the path.
    #[default]
    Path,
    /// By a change link; on which screen that stood is not known.
    Change,
    /// By a change link on the screen of this number: *Continue* leads back there as soon as
    /// nothing before it lacks, *Back* at once.
    ChangeFrom(u16),
    /// On from a screen that a change link on the screen of this number had opened.
    SinceChange(u16),
}

impl Way {
    /// The screen on which the change link stood, where it is known.
    pub fn from(self) -> Option<u16> {
        match self {
            Self::ChangeFrom(screen) | Self::SinceChange(screen) => Some(screen),
            Self::Path | Self::Change => None,
        }
    }

    /// The way of the screens that it leads to.
    #[must_use]
    pub fn onward(self) -> Self {
        match self {
            Self::ChangeFrom(screen) => Self::SinceChange(screen),
            other => other,
        }
    }
}

/// A language's tag as BCP 47 writes it: 2 to 35 letters, digits and hyphens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Language {
    length: u8,
    bytes: [u8; Self::MOST],
}

impl Language {
    const MOST: usize = 35;

    /// Reads a tag; `None` for what cannot be one. Case counts.
    pub fn parse(tag: &str) -> Option<Self> {
        let fits = (2..=Self::MOST).contains(&tag.len());
        if !fits || !tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        let mut bytes = [0; Self::MOST];
        bytes.get_mut(..tag.len())?.copy_from_slice(tag.as_bytes());
        Some(Self {
            length: u8::try_from(tag.len()).ok()?,
            bytes,
        })
    }

    /// The tag.
    pub fn tag(&self) -> &str {
        let tag = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(tag).unwrap_or_default()
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// Marks of a [`ScreenId`]: which parts it has. Those that are not named here are never set: 64
/// would let it begin like what [`EffectKey`] is made of, 128 is for a second byte of marks.
const CHANGING: u8 = 1;
const FRAMED: u8 = 2;
const ITEMIZED: u8 = 4;
const LINKED: u8 = 8;
const SPOKEN: u8 = 16;
const DIGESTED: u8 = 32;

/// The most bytes of a [`ScreenId`], hash and all.
const SCREEN_ID_BYTES: usize = 80;

/// Names one presentation: after which step it was offered, which screen it shows, how the person
/// came there, in which language, and what it showed; followed by a 64-bit keyed hash of that.
/// Nothing of it is stored. A part that is not there takes no byte: mostly 15 characters, since it
/// goes up and down with each phase.
///
/// Its shape, byte by byte: docs/formats.md.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScreenId {
    /// The step of the session after which it was offered.
    pub step: u64,
    /// Call frame; 0 is the flow itself.
    pub frame: u16,
    /// Key of the list item that it is about; 0 is none.
    pub item: u32,
    /// The screen's number in the definition that the session is pinned to.
    pub screen: u16,
    /// How the person came there.
    pub way: Way,
    /// The language that it was shown in; `None`: the flow's own.
    pub language: Option<Language>,
    /// 24 bits of the keyed digest of the values that it showed, where its actions hang on them.
    pub shown: Option<[u8; 3]>,
}

impl ScreenId {
    /// Prints the id under the key of its session.
    pub fn sealed(&self, key: &ScreenKey) -> String {
        let mut bytes = self.clear();
        let hash = mac(&key.0, &[&bytes]);
        bytes.extend(hash.iter().take(8));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads an id and checks that it was made under `key`.
    pub fn open(text: &str, key: &ScreenKey) -> Option<Self> {
        let bytes = decode_to_vec(text, SCREEN_ID_BYTES)?;
        let (clear, tag) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
        let hash = mac(&key.0, &[clear]);
        let id = Self::read(clear)?;
        // What can be written in another way, or has a tail, is not what was made here.
        (same(tag, hash.get(..8)?) && id.clear() == clear).then_some(id)
    }

    /// The language that an id says, whoever made it: nothing but the words of a page may hang on it.
    pub fn language_said(text: &str) -> Option<Language> {
        let bytes = decode_to_vec(text, SCREEN_ID_BYTES)?;
        let (clear, _) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
        Self::read(clear)?.language
    }

    fn read(clear: &[u8]) -> Option<Self> {
        let (marks, mut rest) = clear.split_first()?;
        let has = |mark: u8| marks & mark != 0;
        let mut part = |is_there: bool| if is_there { varint(&mut rest) } else { Some(0) };
        let (step, frame, item) = (part(true)?, part(has(FRAMED))?, part(has(ITEMIZED))?);
        let (screen, from, length) = (part(true)?, part(has(LINKED))?, part(has(SPOKEN))?);
        let (tag, rest) = rest.split_at_checked(length.try_into().ok()?)?;
        let shown: Option<[u8; 3]> = rest.first_chunk().copied();
        let language = has(SPOKEN).then(|| Language::parse(std::str::from_utf8(tag).ok()?));
        Some(Self {
            step,
            frame: frame.try_into().ok()?,
            item: item.try_into().ok()?,
            screen: screen.try_into().ok()?,
            way: match (has(CHANGING), has(LINKED)) {
                (false, false) => Way::Path,
                (true, false) => Way::Change,
                (true, true) => Way::ChangeFrom(from.try_into().ok()?),
                (false, true) => Way::SinceChange(from.try_into().ok()?),
            },
            language: language.flatten(),
            shown: shown.filter(|_| has(DIGESTED)),
        })
    }

    fn clear(&self) -> Vec<u8> {
        let mark = |mark: u8, set: bool| if set { mark } else { 0 };
        let marks = mark(CHANGING, matches!(self.way, Way::Change | Way::ChangeFrom(_)))
            | mark(FRAMED, self.frame != 0)
            | mark(ITEMIZED, self.item != 0)
            | mark(LINKED, self.way.from().is_some())
            | mark(SPOKEN, self.language.is_some())
            | mark(DIGESTED, self.shown.is_some());
        let mut bytes = Vec::with_capacity(24);
        bytes.push(marks);
        let frame = (self.frame != 0).then_some(u64::from(self.frame));
        let item = (self.item != 0).then_some(u64::from(self.item));
        let from = self.way.from().map(u64::from);
        let length = self.language.map(|language| u64::from(language.length));
        let parts = [Some(self.step), frame, item, Some(self.screen.into()), from, length];
        for mut n in parts.into_iter().flatten() {
            while n >= 0x80 {
                let [low, ..] = n.to_le_bytes();
                bytes.push(low | 0x80);
                n >>= 7;
            }
            let [low, ..] = n.to_le_bytes();
            bytes.push(low);
        }
        bytes.extend(self.language.iter().flat_map(|language| language.tag().bytes()));
        bytes.extend(self.shown.into_iter().flatten());
        bytes
    }
}

/// The random key of one session, under which its screen ids are made.
#[derive(Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ScreenKey(pub [u8; 16]);

impl ScreenKey {
    /// The key after it was changed so often: what was made under the ones before opens nothing.
    #[must_use]
    pub fn changed(&self, times: u64) -> Self {
        if times == 0 {
            return *self;
        }
        Self(super::first(&mac(&self.0, &[b"changed", &times.to_be_bytes()])))
    }
}

impl fmt::Debug for ScreenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScreenKey")
    }
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut n = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, more) = rest.split_first()?;
        *rest = more;
        n |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(n);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: ScreenKey = ScreenKey([7; 16]);

    fn ids() -> Vec<ScreenId> {
        let plain = ScreenId {
            step: 1,
            screen: 3,
            ..ScreenId::default()
        };
        let way = |way| ScreenId { way, ..plain };
        vec![
            ScreenId::default(),
            plain,
            way(Way::Change),
            way(Way::ChangeFrom(0)),
            way(Way::ChangeFrom(499)),
            way(Way::SinceChange(4)),
            ScreenId {
                language: Language::parse("cy"),
                ..plain
            },
            ScreenId {
                shown: Some([0; 3]),
                ..plain
            },
            ScreenId {
                step: (1 << 63) - 1,
                frame: u16::MAX,
                item: u32::MAX,
                screen: u16::MAX,
                way: Way::ChangeFrom(u16::MAX),
                language: Language::parse(&"x".repeat(35)),
                shown: Some([0xff; 3]),
            },
        ]
    }

    #[test]
    fn a_screen_id_opens_under_its_key_only() {
        for id in ids() {
            let text = id.sealed(&KEY);
            assert_eq!(ScreenId::open(&text, &KEY), Some(id));
            assert_eq!(ScreenId::open(&text, &ScreenKey([8; 16])), None);
            for n in 0..text.len() {
                let mut other = text.clone().into_bytes();
                other[n] = if other[n] == b'A' { b'B' } else { b'A' };
                let other = String::from_utf8(other).unwrap();
                // The last character of some lengths holds bits that mean nothing; base64 wants them 0.
                assert!(other == text || ScreenId::open(&other, &KEY).is_none(), "{id:?} at {n}");
            }
        }
    }

    #[test]
    fn what_could_be_written_in_another_way_is_no_screen_id() {
        let sealed = |clear: &[u8]| {
            let hash = mac(&KEY.0, &[clear]);
            URL_SAFE_NO_PAD.encode(clear.iter().chain(&hash[..8]).copied().collect::<Vec<_>>())
        };
        let opens = |clear: &[u8]| ScreenId::open(&sealed(clear), &KEY).is_some();
        assert!(opens(&[0, 1, 3]));
        let others: [&[u8]; 12] = [
            &[],
            &[0],
            &[0, 1],
            &[0, 1, 3, 0],
            &[0, 0x81, 0, 3],
            &[FRAMED, 1, 0, 3],
            &[ITEMIZED, 1, 0, 3],
            &[LINKED, 1, 3],
            &[SPOKEN, 1, 3, 1, b'c'],
            &[SPOKEN, 1, 3, 2, b'c'],
            &[64, 1, 3],
            &[128, 1, 3],
        ];
        for clear in others {
            assert!(!opens(clear), "{clear:?}");
        }
        assert!(!opens(&[0, 1, 0x80, 0x80, 4]), "a screen above all numbers");
    }

    #[test]
    fn a_language_is_a_tag() {
        for tag in ["cy", "zh-Hant-HK", "x-deity"] {
            assert_eq!(Language::parse(tag).unwrap().tag(), tag);
        }
        for other in ["", "e", "en_GB", "e\u{301}n", &"x".repeat(36)] {
            assert_eq!(Language::parse(other), None, "{other}");
        }
    }
}
