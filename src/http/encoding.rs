//! What an answer is compressed with, strictly as the client asks, and how hard to try.
//!
//! Owns reading `Accept-Encoding` and the ladder of qualities. Must not know what is compressed,
//! nor how ([`super::pack`]). A client that asks for nothing gets nothing: elinks sends no
//! `Accept-Encoding` and shows compressed pages as rubbish.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hyper::HeaderMap;
use hyper::header::ACCEPT_ENCODING;

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Plain,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// The same against a dictionary that the client has: RFC 9842.
    Dictionary,
}

impl Encoding {
    /// The best of ours that the client accepts; the client's order of preference comes first.
    pub fn accepted(headers: &HeaderMap) -> Self {
        Asked::of(headers).best()
    }

    /// Whether the client reads pages that are packed against a dictionary.
    pub fn reads_dictionaries(headers: &HeaderMap) -> bool {
        let lines = headers.get_all(ACCEPT_ENCODING);
        let mut items = lines
            .iter()
            .flat_map(|line| line.to_str().unwrap_or_default().split(','));
        items.any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case("dcb"));
            named && parts.next().map_or(Some(1000), weight).is_some_and(|weight| weight > 0)
        })
    }

    /// The name in `Content-Encoding`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Dictionary => Some("dcb"),
        }
    }
}

/// Weights in thousandths; `None` was not named.
#[derive(Default)]
pub(super) struct Asked {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Asked {
    /// What the client asks for.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut asked = Self::default();
        for line in headers.get_all(ACCEPT_ENCODING) {
            for item in line.to_str().unwrap_or_default().split(',') {
                asked.read(item);
            }
        }
        asked
    }

    fn read(&mut self, item: &str) {
        let mut parts = item.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.next().map_or(Some(1000), weight).unwrap_or(0);
        let place = match coding.as_str() {
            "br" => &mut self.brotli,
            "gzip" | "x-gzip" => &mut self.gzip,
            "identity" => &mut self.identity,
            "*" => &mut self.any,
            _ => return,
        };
        *place = Some(weight);
    }

    /// Whether gzip is as welcome as brotli.
    pub(super) fn is_gzip_as_welcome(&self) -> bool {
        self.gzip.is_some() && self.gzip >= self.brotli
    }

    /// The best of ours.
    pub(super) fn best(&self) -> Encoding {
        let brotli = self.brotli.or(self.any).unwrap_or(0);
        let gzip = self.gzip.or(self.any).unwrap_or(0);
        let plain = self.identity.unwrap_or(0);
        if plain > brotli.max(gzip) || brotli.max(gzip) == 0 {
            return Encoding::Plain;
        }
        // What is named beats what only `*` lets in.
        let named = self.brotli.is_some() || self.gzip.is_none() && self.any.is_none();
        if brotli > gzip || brotli == gzip && named {
            Encoding::Brotli
        } else {
            Encoding::Gzip
        }
    }
}

/// `q=0.5` in thousandths. A weight that cannot be read asks for nothing.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let value = value.trim();
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 1 || part.len() > 3 || !plain(whole) || !plain(part) {
        return None;
    }
    let thousandths = format!("{whole}{part:0<3}").parse().ok()?;
    (thousandths <= 1000).then_some(thousandths)
}

/// How much time compression may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quality {
    /// Small pages while little is to do, quick ones under load.
    #[default]
    Auto,
    /// Always this brotli quality, 0 to 11.
    Fixed(u8),
    /// No compression at all.
    Off,
}

/// The qualities of brotli that are worth their time, best first, each with the most answers in a
/// tenth of a second up to which it is used.
///
/// Measured with the 81 kinds of page of the flows in `phases/`, the median page of 1,479 bytes,
/// on one core: 11 makes 583 bytes in 1.4 ms, 10 makes 597 in 0.7 ms, 5 makes 679 in 36 µs, 2
/// makes 806 in 11 µs. What is between 5 and 10 takes longer than 5 for as many bytes. From 1,000
/// answers a second on, 2 lets 64 people do twice the phases that 5 does.
const LADDER: [(u8, u16); 4] = [(11, 5), (10, 20), (5, 100), (2, u16::MAX)];

/// Of longer pages the best quality that is worth its time, so that nobody buys seconds of work with
/// a page that repeats what he sent: at 11 a page of 235 KB takes 0.4 s, at 2 it takes 2 ms. By
/// bytes, longest first.
const LONG: [(usize, u8); 2] = [(64 << 10, 2), (8 << 10, 5)];

impl Encoding {
    /// What its best quality leaves, in hundredths and at the very least, of what `quality` made;
    /// `None` where that is the best. Measured with the pages of the ladder: in the median brotli's
    /// 11 leaves 72 of what 2 made, 87 of 5, 99 of 10.
    fn leaves(self, quality: u8) -> Option<usize> {
        match (self, quality) {
            (Self::Brotli, ..=4) => Some(64),
            (Self::Brotli, ..=9) => Some(80),
            (Self::Brotli, 10) => Some(95),
            (Self::Dictionary, ..=4) => Some(75),
            (Self::Gzip, ..=9) => Some(94),
            _ => None,
        }
    }
}

/// Above so many answers in a tenth of a second there is no time for a better look at a page. gzip is
/// quicker than any brotli then: of 136 pages of 2,003 bytes in the median it makes 1,044 bytes in 9 µs,
/// where brotli's quality 2 makes 1,084 in 28.
const HURRIED: u16 = 100;

impl Quality {
    /// Whether answers must be quick: whole or not, a page is packed once, in gzip where that is welcome.
    pub fn hurries(self, pace: u16) -> bool {
        self == Self::Auto && pace > HURRIED
    }

    /// The quality to begin with for a page of so many bytes, where `pace` answers were made in the
    /// last tenth of a second; `None` is no compression.
    pub fn first(self, pace: u16, length: usize) -> Option<u8> {
        let wished = match self {
            Self::Off => return None,
            Self::Fixed(quality) => quality.min(11),
            Self::Auto => LADDER
                .iter()
                .find(|(_, most)| pace <= *most)
                .map(|(quality, _)| *quality)?,
        };
        let longest = LONG.iter().find(|(bytes, _)| length > *bytes);
        Some(longest.map_or(wished, |(_, most)| wished.min(*most)))
    }

    /// The next better one for a page that was packed into `packed` bytes and has `room` for fewer.
    /// `None` where even the best could not bring it down to that.
    pub fn better(self, encoding: Encoding, quality: u8, packed: usize, room: usize) -> Option<u8> {
        let leaves = encoding.leaves(quality)?;
        if self != Self::Auto || packed <= room || packed.saturating_mul(leaves) / 100 > room {
            return None;
        }
        let mut upwards = LADDER.iter().rev().map(|(quality, _)| *quality);
        upwards.find(|better| *better > quality)
    }
}

/// How many answers are being made, as the quality of compression follows it.
#[derive(Debug, Default)]
pub struct Pace(AtomicU64);

impl Pace {
    /// Counts one answer at `millis` on any steady clock; says how many there were in this tenth
    /// of a second or in the one before, whichever had more.
    pub fn count(&self, millis: u64) -> u16 {
        let tenth = millis / 100 % (1 << 32);
        let step = |seen: u64| {
            let (then, before, now) = (seen >> 32, seen >> 16 & 0xffff, seen & 0xffff);
            let (before, now) = match tenth.wrapping_sub(then) {
                0 => (before, now),
                1 => (now, 0),
                _ => (0, 0),
            };
            tenth << 32 | before << 16 | (now + 1).min(0xffff)
        };
        let seen = self.0.fetch_update(Relaxed, Relaxed, |seen| Some(step(seen)));
        let seen = step(seen.unwrap_or_else(|seen| seen));
        u16::try_from((seen & 0xffff).max(seen >> 16 & 0xffff)).unwrap_or(u16::MAX)
    }
}
