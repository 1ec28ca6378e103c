//! Debian's Chromium, driven by `tests/browsers/chromium.mjs`, whose packages come from npm at
//! exactly the versions of its lock file.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::need;

/// The driver beside its packages.
fn driver() -> &'static Path {
    static DRIVER: OnceLock<PathBuf> = OnceLock::new();
    DRIVER.get_or_init(|| {
        need("chromium");
        need("node");
        need("npm");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browsers");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browsers");
        std::fs::create_dir_all(&folder).unwrap();
        for file in ["package.json", "package-lock.json", "chromium.mjs"] {
            std::fs::copy(source.join(file), folder.join(file)).unwrap();
        }
        if !folder.join("node_modules/axe-core").exists() {
            let npm = Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(&folder)
                .output()
                .unwrap();
            assert!(npm.status.success(), "npm ci: {}", String::from_utf8_lossy(&npm.stderr));
        }
        folder.join("chromium.mjs")
    })
}

/// Runs the driver on `task`, and returns what it found.
pub fn run(task: &Value) -> Value {
    let driver = driver();
    let mut child = Command::new("node")
        .arg(driver)
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
