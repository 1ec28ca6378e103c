//! The lists that a definition draws options from: `NAME.csv` beside it.
//!
//! Owns finding and reading them, and what is said of one that cannot be read. Must not know what
//! is drawn from them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{disk, parts};
use crate::flow::{Flow, OptionList, OptionLists, hyphened};
use crate::limits;

/// How the name of such a file ends.
pub(super) const LIST: &str = ".csv";

/// Reads the lists that a definition names; which files were looked for, and the digest of what stood
/// in each.
pub(super) fn read(flow: &Path, source: &str) -> (OptionLists, Vec<(PathBuf, [u8; 32])>) {
    let (mut lists, mut files) = (OptionLists::new(), Vec::new());
    for name in Flow::lists_of(source).into_iter().filter(|name| hyphened(name)) {
        let file = flow.with_file_name(format!("{name}{LIST}"));
        if files.len() >= limits::LISTS {
            lists.insert(
                name,
                Err(format!("a definition draws from at most {} lists", limits::LISTS)),
            );
            continue;
        }
        let (digest, text) = disk::digested(&file);
        files.push((file.clone(), digest));
        // What is not there is said by who reads the definition.
        let Ok(there) = fs::symlink_metadata(&file) else {
            continue;
        };
        let list = if there.is_symlink() && parts::leads_elsewhere(&file, flow) {
            Err(format!("{name}{LIST} is a link that leads elsewhere"))
        } else {
            match text {
                Ok(text) => OptionList::read(&name, &text)
                    .map(Arc::new)
                    .map_err(|wrong| format!("{name}{LIST}, line {}: {}", wrong.line, wrong.message)),
                Err(trouble) => {
                    let message = trouble.diagnostic.message;
                    Err(message.replacen("this file", &format!("{name}{LIST}"), 1))
                }
            }
        };
        lists.insert(name, list);
    }
    (lists, files)
}
