//! The mark of an address elsewhere: that a page of ours had the link.
//!
//! Owns making and checking it. Must not know pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{ServerKey, decode, first, mac, same};

/// The mark under which a page of ours leads to this address, so that nobody else can have a page of the
/// office lead where he likes.
///
/// Shape: base64url of `mac` (8 bytes): 11 characters.
pub fn away(address: &str, key: &ServerKey) -> String {
    URL_SAFE_NO_PAD.encode(tag(address, key))
}

/// Whether a page of ours had the link.
pub fn is_away(address: &str, mark: &str, key: &ServerKey) -> bool {
    decode::<8>(mark).is_some_and(|found| same(&found, &tag(address, key)))
}

fn tag(address: &str, key: &ServerKey) -> [u8; 8] {
    first(&mac(&key.0, &[b"away", address.as_bytes()]))
}
