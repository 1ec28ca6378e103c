//! Files that are written whole or not at all.
//!
//! Owns that: each is on disk under another name before any takes its own. Must not know what stands in them.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::catalog;
use crate::cli::Failure;
use crate::limits;

/// Reads what a translator sent, in UTF-8.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    let told = |why: &dyn std::fmt::Display| Failure::new(format!("{}: {why}", file.display()));
    if !fs::metadata(file).map_err(|why| told(&why))?.is_file() {
        return Err(told(&"it is no regular file"));
    }
    let mut bytes = Vec::new();
    let mut open = File::open(file)
        .map_err(|why| told(&why))?
        .take(limits::TEXTS_BYTES as u64 + 1);
    open.read_to_end(&mut bytes).map_err(|why| told(&why))?;
    if bytes.len() > limits::TEXTS_BYTES {
        let most = limits::TEXTS_BYTES >> 20;
        return Err(told(&format!("it is larger than {most} MiB")).help("the texts of a flow are smaller"));
    }
    String::from_utf8(bytes).map_err(|_| told(&"it is not in UTF-8").help("save it in UTF-8"))
}

/// Writes them all, or none: what stood there stays until all are on disk.
pub(super) fn write(files: &[(PathBuf, String)]) -> Result<(), Failure> {
    let mut written = Written(Vec::new());
    for (file, text) in files {
        let told = |why: std::io::Error| Failure::new(format!("{} cannot be written: {why}", file.display()));
        let stands = fs::symlink_metadata(file);
        if stands.as_ref().is_ok_and(|stands| !stands.is_file()) {
            return Err(Failure::new(format!("{} is no regular file", file.display()))
                .help("put a file in place of the link, or name another"));
        }
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let temporary = file.with_file_name(format!(".{name}.tmp"));
        match fs::remove_file(&temporary) {
            Err(why) if why.kind() != ErrorKind::NotFound => return Err(told(why)),
            _ => {}
        }
        let mut open = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(&temporary)
            .map_err(told)?;
        written.0.push((temporary, file.clone()));
        if let Ok(stands) = stands {
            open.set_permissions(stands.permissions()).map_err(told)?;
        }
        open.write_all(text.as_bytes()).map_err(told)?;
        open.sync_all().map_err(told)?;
    }
    for (temporary, file) in &written.0 {
        let told = |why: std::io::Error| Failure::new(format!("{} cannot be written: {why}", file.display()));
        fs::rename(temporary, file).map_err(told)?;
        File::open(catalog::directory_of(file))
            .and_then(|directory| directory.sync_all())
            .map_err(told)?;
    }
    Ok(())
}

/// The files under their other names, which are not left behind.
struct Written(Vec<(PathBuf, PathBuf)>);

impl Drop for Written {
    fn drop(&mut self) {
        for (temporary, _) in &self.0 {
            // It has its own name now, or nobody takes it for a file of texts.
            let _gone = fs::remove_file(temporary);
        }
    }
}
