//! The return code: by it, and a secret, a person comes back to what was begun.
//!
//! Owns how one is made, written, read and found. Nothing of it is stored: it is a keyed hash of the session
//! and of its number, so that it can be shown again. Must not know the secret beside it, nor who may try.

use std::fmt;

use super::{ServerKey, SessionKey, first, mac};

/// The signs: Crockford's 32, without I, L, O and U.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs that are drawn; one more checks them.
const DRAWN: usize = 11;

/// A return code: eleven signs of 32, 55 bits, and a check sign.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReturnCode([u8; DRAWN]);

impl ReturnCode {
    /// The code of this number of a session, from 1.
    pub fn of(at: SessionKey, number: u32, key: &ServerKey) -> Self {
        let hash: [u8; 8] = first(&mac(&key.0, &[b"return code", &at.0, &number.to_be_bytes()]));
        let bits = u64::from_be_bytes(hash);
        let mut signs = [0; DRAWN];
        for (n, sign) in (0_u32..).zip(&mut signs) {
            *sign = u8::try_from(bits >> (5 * n) & 31).unwrap_or(0);
        }
        Self(signs)
    }

    /// Reads a code as people write it: in small letters, with other signs or none between the groups, with O
    /// for 0 and I or L for 1. `None` for what is none: another length, another sign, a check sign that does not fit.
    pub fn parse(text: &str) -> Option<Self> {
        let mut signs = Vec::with_capacity(DRAWN + 1);
        for c in text.chars().filter(|c| c.is_alphanumeric()) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            let value = SIGNS.iter().position(|sign| char::from(*sign) == c)?;
            signs.push(u8::try_from(value).ok()?);
            if signs.len() > DRAWN + 1 {
                return None;
            }
        }
        let (check, drawn) = signs.split_last()?;
        let code = Self(drawn.try_into().ok()?);
        (code.check() == *check).then_some(code)
    }

    /// Where a store holds what is known of it.
    pub fn place(&self, key: &ServerKey) -> [u8; 16] {
        first(&mac(&key.0, &[b"return code's place", &self.0]))
    }

    /// Finds every sign that is wrong and every two that are exchanged: the sum of the signs, each times a
    /// power of its own of the root of x^5 + x^2 + 1, in the field of 32.
    fn check(self) -> u8 {
        self.0.iter().fold(0, |sum, sign| times_root(sum ^ sign))
    }
}

/// Once times the root of x^5 + x^2 + 1.
fn times_root(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 {
        shifted
    } else {
        shifted ^ 0b10_0101
    }
}

impl fmt::Display for ReturnCode {
    /// In three groups of four, as `K7QX-A4MT-P2W9`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.iter().copied().chain([self.check()]);
        for (n, sign) in all.enumerate() {
            if n > 0 && n.is_multiple_of(4) {
                f.write_str("-")?;
            }
            let sign = SIGNS.get(usize::from(sign)).copied().unwrap_or(b'0');
            write!(f, "{}", char::from(sign))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ReturnCode {
    /// Never the code itself: it would end up in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(number: u32) -> ReturnCode {
        ReturnCode::of(SessionKey([7; 16]), number, &ServerKey([9; 32]))
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let written = code(1).to_string();
        assert_eq!(written.len(), 14);
        assert_eq!(written.matches('-').count(), 2);
        let small = written.to_lowercase().replace('-', " ");
        let looks = written.replace('0', "o").replace('1', "l").replace('-', "");
        for spelt in [&written, &small, &looks] {
            assert_eq!(ReturnCode::parse(spelt), Some(code(1)), "{spelt}");
        }
        for other in [
            "",
            "K7QXA-4MTP2",
            &written[..13],
            &format!("{written}0"),
            "UUUU-UUUU-UUUU",
        ] {
            assert_eq!(ReturnCode::parse(other), None, "{other}");
        }
    }

    #[test]
    fn one_wrong_sign_and_two_exchanged_ones_are_found() {
        for number in 1..200 {
            let written: Vec<u8> = code(number).to_string().bytes().filter(|sign| *sign != b'-').collect();
            let is_read = |signs: &[u8]| ReturnCode::parse(std::str::from_utf8(signs).unwrap()).is_some();
            assert!(is_read(&written));
            for at in 0..written.len() {
                for sign in SIGNS {
                    let mut other = written.clone();
                    other[at] = *sign;
                    assert_eq!(is_read(&other), other == written, "{other:?}");
                }
                for to in 0..at {
                    let mut other = written.clone();
                    other.swap(at, to);
                    assert_eq!(is_read(&other), other == written, "{other:?}");
                }
            }
        }
    }

    #[test]
    fn each_number_and_each_key_makes_another_code() {
        let other = ReturnCode::of(SessionKey([7; 16]), 1, &ServerKey([8; 32]));
        assert!(code(1) != code(2) && code(1) != other);
        assert_ne!(code(1).place(&ServerKey([9; 32])), code(1).place(&ServerKey([8; 32])));
    }
}
