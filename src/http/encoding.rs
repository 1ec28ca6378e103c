//! Compression of answers, strictly as the client asks.
//!
//! Owns reading `Accept-Encoding`, and the encoders with their settings. Must not know what is
//! compressed. A client that asks for nothing gets nothing: elinks sends no `Accept-Encoding` and
//! shows compressed pages as rubbish.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compress, Compression, FlushCompress};
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
}

impl Encoding {
    /// The best of ours that the client accepts; the client's order of preference comes first.
    pub fn accepted(headers: &HeaderMap) -> Self {
        let mut asked = Asked::default();
        for line in headers.get_all(ACCEPT_ENCODING) {
            for item in line.to_str().unwrap_or_default().split(',') {
                asked.read(item);
            }
        }
        asked.best()
    }

    /// The name in `Content-Encoding`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// Weights in thousandths; `None` was not named.
#[derive(Default)]
struct Asked {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Asked {
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

    fn best(&self) -> Encoding {
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

impl Quality {
    /// The brotli quality where `pace` answers were made in the last tenth of a second.
    ///
    /// Measured with a page of 1,619 bytes, per page on one core: quality 11 makes 619 bytes in
    /// 1.8 ms, 10 makes 631 in 1.05 ms, 5 makes 708 in 36 µs, 2 makes 866 in 13 µs (gzip: 833 in
    /// 13 µs). What is between 5 and 10 takes longer than 5 for two bytes less. From 1,000 answers
    /// a second on, 2 lets 64 people do twice the phases that 5 does.
    pub fn brotli(self, pace: u16) -> u8 {
        match (self, pace) {
            (Self::Fixed(quality), _) => quality.min(11),
            (_, ..=5) => 11,
            (_, ..=20) => 10,
            (_, ..=100) => 5,
            (_, _) => 2,
        }
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

/// Compresses a page.
pub fn encode(page: &[u8], encoding: Encoding, quality: u8) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Plain => None,
        Encoding::Gzip => gzip(page),
        Encoding::Brotli => brotli(page, quality),
    }
}

fn brotli(page: &[u8], quality: u8) -> Option<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality: quality.into(),
        // Below a window of 2^18 qualities 5 to 9 fall back to a search that takes 1.7 ms where
        // this one takes 36 µs; 10 and 11 are a little quicker in a small one.
        lgwin: if quality < 10 {
            18
        } else {
            page.len().next_power_of_two().ilog2().clamp(10, 18).try_into().ok()?
        },
        size_hint: page.len(),
        ..BrotliEncoderParams::default()
    };
    let mut input = page;
    let mut packed = Vec::with_capacity(page.len() / 2);
    brotli::BrotliCompress(&mut input, &mut packed, &params).ok()?;
    Some(packed)
}

thread_local! {
    /// Its tables are 300 KiB: made once per worker, not per page.
    static DEFLATE: RefCell<Compress> = RefCell::new(Compress::new(Compression::best(), false));
}

fn gzip(page: &[u8]) -> Option<Vec<u8>> {
    // No name, no time, smallest, unknown system.
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
    let mut packed = Vec::with_capacity(page.len() + 64);
    packed.extend_from_slice(&HEADER);
    DEFLATE.with_borrow_mut(|deflate| {
        deflate.reset();
        deflate.compress_vec(page, &mut packed, FlushCompress::Finish).ok()?;
        (deflate.total_in() == page.len() as u64).then_some(())
    })?;
    packed.extend_from_slice(&crc32fast::hash(page).to_le_bytes());
    packed.extend_from_slice(&u32::try_from(page.len()).ok()?.to_le_bytes());
    Some(packed)
}
