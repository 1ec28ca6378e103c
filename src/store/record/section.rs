//! Sections: numbered, length-framed parts of a record, and the entries in them.
//!
//! Owns the framing, and the rule by which an entry may grow at its end. Must not know what a
//! section is about.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{PASSED_OVER, TooLarge};

/// Zeros that an entry is read with behind its end: more than all new fields of one take.
const ZEROS: usize = 256;

/// A record that is being written.
#[derive(Debug)]
pub(super) struct Writing {
    bytes: Vec<u8>,
}

impl Writing {
    pub(super) fn new(version: u8) -> Self {
        Self {
            bytes: vec![version, 0],
        }
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A section that is one entry.
    pub(super) fn one<T: Serialize>(&mut self, number: u8, entry: &T) -> Result<(), TooLarge> {
        self.section(number, &trimmed(entry)?)
    }

    /// A section of entries, each with its length before it.
    pub(super) fn list<T: Serialize>(
        &mut self,
        number: u8,
        entries: impl IntoIterator<Item = T>,
    ) -> Result<(), TooLarge> {
        let mut body = Vec::new();
        for entry in entries {
            let bytes = trimmed(&entry)?;
            body = postcard::to_extend(&bytes.len(), body).map_err(|_| TooLarge)?;
            body.extend(bytes);
        }
        self.section(number, &body)
    }

    pub(super) fn section(&mut self, number: u8, body: &[u8]) -> Result<(), TooLarge> {
        if body.is_empty() {
            return Ok(());
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.push(number);
        bytes = postcard::to_extend(&body.len(), bytes).map_err(|_| TooLarge)?;
        bytes.extend(body);
        if let Some(count) = bytes.get_mut(1) {
            *count = count.checked_add(1).ok_or(TooLarge)?;
        }
        self.bytes = bytes;
        Ok(())
    }
}

/// An entry in postcard's format, without the zeros at its end.
fn trimmed<T: Serialize>(entry: &T) -> Result<Vec<u8>, TooLarge> {
    // Of types whose lengths are known, postcard refuses none.
    let mut bytes = postcard::to_extend(entry, Vec::new()).map_err(|_| TooLarge)?;
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(used);
    Ok(bytes)
}

/// The sections of a record that is being read; each is taken out once.
#[derive(Debug)]
pub(super) struct Sections<'a>(BTreeMap<u8, &'a [u8]>);

impl<'a> Sections<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, String> {
        let (&count, mut rest) = body.split_first().ok_or("it has no sections")?;
        let mut sections = BTreeMap::new();
        while let Some((&number, more)) = rest.split_first() {
            let (body, behind) = framed(more).ok_or_else(|| format!("section {number} is cut short"))?;
            if sections.last_key_value().is_some_and(|(last, _)| *last >= number) {
                return Err(format!("section {number} stands in the wrong place"));
            }
            sections.insert(number, body);
            rest = behind;
        }
        if sections.len() != usize::from(count) {
            return Err(format!("it has {} sections in place of {count}", sections.len()));
        }
        Ok(Self(sections))
    }

    pub(super) fn one<T: DeserializeOwned>(&mut self, number: u8) -> Result<Option<T>, String> {
        self.0.remove(&number).map(|body| entry(number, body)).transpose()
    }

    pub(super) fn list<T: DeserializeOwned>(&mut self, number: u8) -> Result<Vec<T>, String> {
        let mut rest = self.0.remove(&number).unwrap_or_default();
        let mut entries = Vec::new();
        while !rest.is_empty() {
            let (body, behind) = framed(rest).ok_or_else(|| format!("section {number} is cut short"))?;
            entries.push(entry(number, body)?);
            rest = behind;
        }
        Ok(entries)
    }

    /// What is left, if all of it may be passed over.
    pub(super) fn passed_over(self) -> Result<Vec<(u8, Vec<u8>)>, String> {
        match self.0.keys().find(|number| **number < PASSED_OVER) {
            Some(number) => Err(format!(
                "written by a newer program (section {number}, which this one does not know)"
            )),
            None => Ok(self
                .0
                .into_iter()
                .map(|(number, body)| (number, body.to_vec()))
                .collect()),
        }
    }
}

/// What follows its own length, and what is behind it.
fn framed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = postcard::take_from_bytes::<usize>(bytes).ok()?;
    rest.split_at_checked(length)
}

/// Reads an entry as if zeros followed.
fn entry<T: DeserializeOwned>(number: u8, body: &[u8]) -> Result<T, String> {
    let newer = |what: &str| format!("written by a newer program (section {number} {what})");
    let mut padded = Vec::with_capacity(body.len() + ZEROS);
    padded.extend_from_slice(body);
    padded.resize(body.len() + ZEROS, 0);
    match postcard::take_from_bytes(&padded) {
        Ok((entry, rest)) if rest.len() <= ZEROS => Ok(entry),
        Ok(_) => Err(newer("has more in an entry than this one knows")),
        Err(error) => Err(newer(&format!("is not in a form that this one knows: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Before {
        name: String,
        tries: u16,
    }

    /// The same, grown at its end.
    #[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    struct After {
        name: String,
        tries: u16,
        said: String,
        seen: Option<i64>,
        parts: Vec<u32>,
    }

    fn written<T: Serialize>(entries: &[T]) -> Vec<u8> {
        let mut writing = Writing::new(3);
        writing.list(9, entries).unwrap();
        writing.bytes()
    }

    fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, String> {
        Sections::read(&bytes[1..])?.list(9)
    }

    #[test]
    fn an_entry_that_grew_reads_what_was_written_before_and_writes_it_again_alike() {
        let name = || "hold".to_owned();
        for tries in [0, 1, 300] {
            let old = written(&[Before { name: name(), tries }]);
            let known = After {
                name: name(),
                tries,
                ..After::default()
            };
            assert_eq!(written(std::slice::from_ref(&known)), old);
            assert_eq!(read::<After>(&old).unwrap(), [known]);
        }
    }

    #[test]
    fn an_older_program_refuses_what_it_would_drop() {
        let grown = After {
            said: "no".to_owned(),
            ..After::default()
        };
        let why = read::<Before>(&written(&[grown])).unwrap_err();
        assert!(why.contains("newer program") && why.contains("section 9"), "{why}");
        assert_eq!(read::<Before>(&written(&[After::default()])).unwrap().len(), 1);
    }

    #[test]
    fn an_entry_of_zeros_alone_is_an_entry() {
        let bytes = written(&[After::default(), After::default()]);
        assert_eq!(bytes, [3, 1, 9, 2, 0, 0]);
        assert_eq!(read::<After>(&bytes).unwrap().len(), 2);
    }
}
