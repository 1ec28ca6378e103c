//! By what an operator finds a request in the log.
//!
//! Owns the numbers of requests: eight letters and digits, short enough for the telephone, and not
//! the same twice within days, a restart included. They are no secret and open nothing.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Crockford's base 32, without letters that are taken for digits.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Of a number: eight digits.
const BITS: u32 = 40;
/// Odd, so that no two numbers become one; large, so that neighbours do not look alike.
const SPREAD: u64 = 0x9e_3779_b97f;

/// The numbers of one server's requests.
#[derive(Debug)]
pub(super) struct Numbers(AtomicU64);

impl Numbers {
    /// From this moment on, in milliseconds: a server that was started later goes on behind.
    pub(super) fn since(now: i64) -> Self {
        Self(AtomicU64::new(now.unsigned_abs().wrapping_mul(1 << 10)))
    }

    /// The next one.
    pub(super) fn next(&self) -> String {
        let n = self.0.fetch_add(1, Relaxed).wrapping_mul(SPREAD);
        let digit = |shift: u32| {
            let digit = usize::try_from(n >> shift & 31).unwrap_or(0);
            char::from(DIGITS.get(digit).copied().unwrap_or(b'0'))
        };
        (0..BITS).step_by(5).rev().map(digit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_eight_characters_and_none_comes_twice() {
        let numbers = Numbers::since(1_790_000_000_000);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..20_000 {
            let number = numbers.next();
            assert_eq!(number.len(), 8);
            assert!(seen.insert(number));
        }
        // Restarted a second later, after so many requests.
        let later = Numbers::since(1_790_000_001_000);
        for _ in 0..20_000 {
            assert!(seen.insert(later.next()));
        }
    }
}
