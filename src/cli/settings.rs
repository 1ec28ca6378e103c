//! `deity settings`, and where the settings of every command come from.
//!
//! Owns reading the environment and the settings file. Must not know what a setting means.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::args::{Serve, ShowSettings};
use super::{DONE, Failure, says};
use crate::settings::{File, KEYS, Said, Settings};

/// Prints every setting as it holds, and where it came from.
pub(super) fn run(asked: &ShowSettings) -> Result<u8, Failure> {
    let Serve { flags, phases } = &asked.serve;
    let settings = load(flags.common.config.as_deref(), flags.said(phases.as_deref()))?;
    for setting in &settings.effective {
        if asked.json {
            let object = serde_json::json!({
                "name": setting.name, "value": setting.value, "origin": setting.origin.to_string(),
            });
            says::line(&object.to_string())?;
            continue;
        }
        let value = if setting.value.is_empty() {
            "(not set)"
        } else {
            &setting.value
        };
        says::line(&format!("{:<22} {value:<26} {}", setting.name, setting.origin))?;
    }
    Ok(DONE)
}

/// The settings that hold under these flags.
pub(super) fn load(config: Option<&Path>, flags: BTreeMap<&'static str, String>) -> Result<Settings, Failure> {
    let mut environment = BTreeMap::new();
    for key in KEYS {
        match std::env::var(key.env) {
            Ok(value) => {
                environment.insert(key.env.to_owned(), value);
            }
            Err(std::env::VarError::NotPresent) => {}
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(Failure::new(format!("{} is not UTF-8", key.env)).usage());
            }
        }
    }
    let said = Said {
        flags,
        environment,
        file: file(config)?,
    };
    Settings::resolve(&said).map_err(|faults| {
        let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
        Failure::new(lines.join("\n       "))
            .help("`deity serve --help` explains the settings, `deity settings` lists them")
            .usage()
    })
}

/// The settings file: the one that was named must be there, `deity.toml` may.
fn file(config: Option<&Path>) -> Result<File, Failure> {
    let named = config
        .map(Path::to_owned)
        .or_else(|| std::env::var_os("DEITY_CONFIG").map(PathBuf::from));
    let path = named.clone().unwrap_or_else(|| PathBuf::from("deity.toml"));
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(File::read(&path.to_string_lossy(), &text)),
        Err(why) if named.is_none() && why.kind() == ErrorKind::NotFound => Ok(File::default()),
        Err(why) => Err(Failure::new(format!("the settings file {}: {why}", path.display()))
            .help("name another with --config FILE or DEITY_CONFIG")
            .usage()),
    }
}
