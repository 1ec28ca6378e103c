//! Debian's Chromium, driven by `tests/browsers/chromium.mjs`, whose packages come from npm at
//! exactly the versions of its lock file.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::need;

/// A copy of `tests/browsers` beside its packages.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        need("chromium");
        need("node");
        need("npm");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browsers");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browsers");
        let installed = Command::new(source.join("install")).arg(&folder).output().unwrap();
        assert!(
            installed.status.success(),
            "{}",
            String::from_utf8_lossy(&installed.stderr)
        );
        folder
    })
}

/// Runs the driver on `task`, and returns what it found.
pub fn run(task: &Value) -> Value {
    let mut child = Command::new("node")
        .arg(folder().join("chromium.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(task.to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "chromium: {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}
