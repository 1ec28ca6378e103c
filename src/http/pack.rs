//! The encoders: gzip, brotli, and brotli against a dictionary.
//!
//! Owns their settings, chosen by measurement for pages of 1 to 4 KB. Must not know what is
//! compressed, nor who asked for it.

use std::cell::RefCell;
use std::io::{Error, ErrorKind};
use std::sync::OnceLock;

use brotli::enc::{BrotliCompressCustomIoCustomDict, BrotliEncoderParams, StandardAlloc};
use brotli::{IoReaderWrapper, IoWriterWrapper};
use bytes::Bytes;
use libdeflater::{CompressionLvl, Compressor};

use super::encoding::Encoding;

/// What a page that is packed against a dictionary begins with, before the dictionary's SHA-256:
/// RFC 9842, section 4.
const DICTIONARY_MAGIC: [u8; 4] = [0xff, b'D', b'C', b'B'];
/// Against a dictionary a higher quality saves nothing: 5 makes 269 bytes in 40 µs of what 11
/// makes 271 in 1.2 ms (median of 81 pages, a dictionary of 4 KB).
const DICTIONARY_QUALITY: u8 = 5;

/// A dictionary as pages are packed against it.
#[derive(Debug)]
pub struct Dictionary {
    text: Vec<u8>,
    /// The SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// Itself in gzip and in brotli, packed as well as can be, once.
    packed: [OnceLock<Option<Bytes>>; 2],
}

impl Dictionary {
    /// Makes one of a text.
    ///
    /// Two zero bytes end it. A decoder takes what stands before a page for two zeros, but an
    /// encoder for the dictionary's last bytes, and it may copy from the dictionary over its end
    /// into the page, where a decoder sees two different things. No page has a zero byte, so that
    /// with these the two agree.
    pub fn of(mut text: Vec<u8>) -> Self {
        text.extend([0, 0]);
        let hash = <sha2::Sha256 as sha2::Digest>::digest(&text).into();
        Self {
            text,
            hash,
            packed: Default::default(),
        }
    }

    /// Its bytes, as a browser fetches and hashes them.
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// The same packed; `None` is plain.
    pub fn packed(&self, encoding: Encoding) -> Option<Bytes> {
        let [gzip, brotli] = &self.packed;
        let place = match encoding {
            Encoding::Plain | Encoding::Dictionary => return None,
            Encoding::Gzip => gzip,
            Encoding::Brotli => brotli,
        };
        let pack = || encode(&self.text, encoding, 11, None).map(Bytes::from);
        place.get_or_init(pack).clone()
    }
}

/// Compresses a page; `quality` is on brotli's scale from 0 to 11. `None` where it is sent plain.
pub fn encode(page: &[u8], encoding: Encoding, quality: u8, dictionary: Option<&Dictionary>) -> Option<Vec<u8>> {
    match (encoding, dictionary) {
        (Encoding::Plain, _) | (Encoding::Dictionary, None) => None,
        (Encoding::Gzip, _) => gzip(page, quality),
        (Encoding::Brotli, _) => brotli(page, quality, &[], Vec::with_capacity(page.len() / 2)),
        (Encoding::Dictionary, Some(dictionary)) => {
            let mut packed = Vec::with_capacity(page.len() / 2);
            packed.extend(DICTIONARY_MAGIC);
            packed.extend(dictionary.hash);
            brotli(page, quality.clamp(2, DICTIONARY_QUALITY), &dictionary.text, packed)
        }
    }
}

fn brotli(page: &[u8], quality: u8, dictionary: &[u8], mut packed: Vec<u8>) -> Option<Vec<u8>> {
    let length = page.len() + dictionary.len();
    let params = BrotliEncoderParams {
        quality: quality.into(),
        // Below a window of 2^18 qualities 5 to 9 fall back to a search that takes 1.2 ms where
        // this one takes 36 µs; 10 and 11 are a little quicker in a small one.
        lgwin: if quality < 10 {
            18
        } else {
            length.next_power_of_two().ilog2().clamp(10, 18).try_into().ok()?
        },
        size_hint: page.len(),
        ..BrotliEncoderParams::default()
    };
    // So large that a page mostly goes in, and comes out, in one piece.
    let (mut taken, mut given) = ([0; 4096], [0; 4096]);
    let mut input = page;
    BrotliCompressCustomIoCustomDict(
        &mut IoReaderWrapper(&mut input),
        &mut IoWriterWrapper(&mut packed),
        &mut taken,
        &mut given,
        &params,
        StandardAlloc::default(),
        &mut |_, _, _, _| (),
        dictionary,
        Error::from(ErrorKind::UnexpectedEof),
    )
    .ok()?;
    Some(packed)
}

/// The levels of libdeflate that are worth their time, by brotli's quality: 12 makes 779 bytes of
/// the median page in 60 µs, 9 makes 786 in 11 µs; 1 is for pages that are long, and for a server that
/// has no time: it makes 1,044 bytes of a page where 9 makes 1,030, in half the time.
const LEVELS: [(u8, i32); 3] = [(10, 12), (3, 9), (0, 1)];

thread_local! {
    /// Their tables are large: made once per worker, not per page.
    static DEFLATE: RefCell<Vec<Option<Compressor>>> = const { RefCell::new(Vec::new()) };
}

fn gzip(page: &[u8], quality: u8) -> Option<Vec<u8>> {
    let place = LEVELS.iter().position(|(least, _)| quality >= *least)?;
    let (_, level) = LEVELS.get(place)?;
    DEFLATE.with_borrow_mut(|made| {
        made.resize_with(LEVELS.len(), || None);
        let slot = made.get_mut(place)?;
        if slot.is_none() {
            *slot = Some(Compressor::new(CompressionLvl::new(*level).ok()?));
        }
        let compressor = slot.as_mut()?;
        let mut packed = vec![0; compressor.gzip_compress_bound(page.len())];
        let length = compressor.gzip_compress(page, &mut packed).ok()?;
        packed.truncate(length);
        Some(packed)
    })
}
