//! The texts of a flow in other languages: `order.cy.toml` beside `order.toml`, `address.part.cy.toml`
//! beside a part.
//!
//! Owns finding and reading them. Must not know what stands in them.

use std::fs;
use std::path::{Path, PathBuf};

use super::{disk, names, parts};
use crate::flow::Diagnostic;
use crate::flow::bundle::{self, PART};
use crate::limits;

/// What was read beside a definition.
pub(super) struct Found {
    /// The definition, with them behind it.
    pub(super) source: String,
    /// The files that were looked for, and the digest of what stood in each.
    pub(super) files: Vec<(PathBuf, [u8; 32])>,
    /// What is wrong with files that cannot be used, and which they are.
    pub(super) troubles: Vec<(PathBuf, Diagnostic)>,
}

/// The translations of a flow, by language, as the directory has them.
pub(super) fn of_flow(flow: &Path) -> Vec<(String, PathBuf)> {
    let folder = super::directory_of(flow);
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let own = entries.filter_map(|entry| {
        let file = flow.with_file_name(entry.file_name());
        let (language, original) = names::translates(&file)?;
        (original == flow).then_some((language, file))
    });
    let mut all: Vec<_> = own.collect();
    all.sort();
    all
}

/// Reads the translations of a flow and of its parts, behind what was read already.
pub(super) fn gather(flow: &Path, source: String, included: &[(PathBuf, [u8; 32])]) -> Found {
    let mut found = Found {
        source,
        files: Vec::new(),
        troubles: Vec::new(),
    };
    let languages = of_flow(flow);
    let (few, more) = languages.split_at(languages.len().min(limits::TRANSLATIONS));
    for (_, file) in more {
        let message = format!("a flow has texts in at most {} other languages", limits::TRANSLATIONS);
        found
            .troubles
            .push((file.clone(), disk::fault("too-many", &(0..0), message)));
    }
    for (language, file) in few {
        found.take(flow, file.clone(), &format!(".{language}.toml"));
        for (part, _) in included {
            let name = part.file_name().unwrap_or_default().to_string_lossy();
            if let Some(name) = name.strip_suffix(PART) {
                let of_part = bundle::translation(&format!("{name}{PART}"), language);
                let file = flow.with_file_name(&of_part);
                found.take(flow, file, &of_part);
            }
        }
    }
    found
}

/// A definition with the texts that its parts have in that language, also where the flow itself has none in it: another
/// flow may.
///
/// # Errors
/// Why such a file cannot be read.
pub fn with_parts_in(flow: &Path, source: &str, language: &str) -> Result<String, Diagnostic> {
    let pieces = bundle::pieces(source);
    let mut whole = source.to_owned();
    for piece in pieces.iter().filter(|piece| piece.is_original()) {
        let Some(part) = piece.part else { continue };
        let is_there = |other: &bundle::Piece<'_>| other.part == piece.part && other.language == Some(language);
        let called = bundle::translation(&format!("{part}{PART}"), language);
        let file = flow.with_file_name(&called);
        if pieces.iter().any(is_there) || !file.exists() {
            continue;
        }
        let text = disk::read(&file).map_err(|trouble| trouble.diagnostic)?;
        if text.contains('\0') {
            return Err(disk::fault(
                "syntax",
                &(0..0),
                format!("a NUL character stands in {called}"),
            ));
        }
        whole = bundle::with(&whole, &called, &text);
    }
    Ok(whole)
}

impl Found {
    fn take(&mut self, flow: &Path, file: PathBuf, called: &str) {
        let (digest, read) = disk::digested(&file);
        self.files.push((file.clone(), digest));
        // Of a part nobody need have translated anything.
        let Ok(there) = fs::symlink_metadata(&file) else { return };
        if there.is_symlink() && parts::leads_elsewhere(&file, flow) {
            let fault = disk::fault("link", &(0..0), "this file is a link that leads elsewhere".to_owned());
            let help = "texts lie where the flow lies: put the file itself there";
            return self.troubles.push((file, fault.help(help)));
        }
        match read {
            Ok(text) if text.contains('\0') => {
                let message = "this is not valid TOML: a NUL character stands in it".to_owned();
                self.troubles.push((file, disk::fault("syntax", &(0..0), message)));
            }
            Ok(text) if self.source.len() + text.len() > limits::BUNDLE_BYTES => {
                let most = limits::BUNDLE_BYTES >> 10;
                let message = format!("with this file the definition is larger than {most} KiB");
                self.troubles.push((file, disk::fault("too-large", &(0..0), message)));
            }
            Ok(text) => self.source = bundle::with(&self.source, called, &text),
            Err(trouble) => self.troubles.push((file, trouble.diagnostic)),
        }
    }
}
