//! The parts that a definition includes: `NAME.part.toml` beside it.
//!
//! Owns finding and reading them, and what is said of one that cannot be read. Must not know what
//! stands in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Report, disk};
use crate::flow::bundle::{self, PART};
use crate::flow::{Diagnostic, Flow};
use crate::limits;

/// A definition with its parts.
pub(super) struct Gathered {
    /// All that was read, as one text.
    pub(super) source: String,
    /// The files that were looked for, and the digest of what stood in each.
    pub(super) parts: Vec<(PathBuf, [u8; 32])>,
    /// Those that are no parts, by name, and why.
    troubles: Vec<(String, Diagnostic)>,
}

/// Reads what a definition includes.
pub(super) fn gather(file: &Path, own: String) -> Gathered {
    let mut gathered = Gathered {
        source: own,
        parts: Vec::new(),
        troubles: Vec::new(),
    };
    // What has a NUL is no TOML, and not to be taken for several files.
    if gathered.source.contains('\0') {
        return gathered;
    }
    let mut wanted = Flow::includes(&gathered.source);
    let mut seen = BTreeSet::new();
    while !wanted.is_empty() {
        let mut further = Vec::new();
        for name in wanted {
            if seen.insert(name.clone()) {
                further.extend(gathered.take(file, name));
            }
        }
        wanted = further;
    }
    gathered
}

impl Gathered {
    /// Reads one part; what it includes itself.
    fn take(&mut self, flow: &Path, name: String) -> Vec<String> {
        let file = flow.with_file_name(format!("{name}{PART}"));
        if self.parts.len() >= limits::PARTS {
            let message = format!("a definition has at most {} parts", limits::PARTS);
            self.refuse(name, disk::fault("too-many", &(0..0), message));
            return Vec::new();
        }
        let (digest, read) = disk::digested(&file);
        self.parts.push((file.clone(), digest));
        // What is not there is said by who reads the definition.
        let Ok(there) = fs::symlink_metadata(&file) else {
            return Vec::new();
        };
        if there.is_symlink() && leads_elsewhere(&file, flow) {
            let fault = disk::fault("link", &(0..0), "this file is a link that leads elsewhere".to_owned());
            self.refuse(
                name,
                fault.help("a part lies where the flow lies: put the file itself there"),
            );
            return Vec::new();
        }
        match read {
            Ok(text) if self.source.len() + text.len() > limits::BUNDLE_BYTES => {
                let most = limits::BUNDLE_BYTES >> 10;
                let message = format!("with this file the definition is larger than {most} KiB");
                self.refuse(name, disk::fault("too-large", &(0..0), message));
                Vec::new()
            }
            Ok(text) => {
                self.source = bundle::pack(&self.source, [(name.as_str(), text.as_str())]);
                Flow::includes(&text)
            }
            Err(trouble) => {
                self.refuse(name, trouble.diagnostic);
                Vec::new()
            }
        }
    }

    fn refuse(&mut self, name: String, why: Diagnostic) {
        self.troubles.push((name, why));
    }

    /// Says of each part that could not be read why: where it is included.
    pub(super) fn explain(&self, faults: &mut [Diagnostic]) {
        for fault in faults.iter_mut().filter(|fault| fault.code == bundle::UNKNOWN) {
            let written = self.source.get(fault.span.clone()).unwrap_or_default();
            let name = written.trim_matches(['"', '\'']);
            let Some((_, why)) = self.troubles.iter().find(|(trouble, _)| trouble == name) else {
                continue;
            };
            *fault = Diagnostic {
                message: why.message.replacen("this file", &format!("{name}{PART}"), 1),
                code: why.code,
                label: "this part cannot be used".to_owned(),
                help: why.help.clone(),
                ..fault.clone()
            };
        }
    }
}

/// Whether a part is not a file of the directory in which the flow itself lies. Both may be links
/// into one directory, as a mounted volume has them.
pub(super) fn leads_elsewhere(part: &Path, flow: &Path) -> bool {
    let folder = |file: &Path| fs::canonicalize(file).ok()?.parent().map(Path::to_owned);
    let (part, flow) = (folder(part), folder(flow));
    part.is_none() || part != flow
}

/// The same fault of a part that several flows include is told once.
pub fn once(reports: &mut [Report]) {
    let mut told = BTreeSet::new();
    for report in reports {
        let source = &report.source;
        report.diagnostics.retain(|one| {
            let piece = bundle::piece_at(source, one.span.start);
            piece.part.is_none_or(|_| {
                let at = one.span.start - piece.range.start;
                let file = piece.file(&report.file.to_string_lossy());
                told.insert((file, at, one.code, one.message.clone()))
            })
        });
    }
}
