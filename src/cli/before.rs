//! Options that stand before the command: `deity --data DIR sessions list`.
//!
//! Owns which of them a command takes, and the refusal of the others. Must not know what they set.

use std::path::PathBuf;

use super::Failure;
use super::args::{Command, Common, Flags};

impl Command {
    /// Takes up what stood before the command's name; what it says itself is the stronger.
    pub(super) fn after(mut self, before: Flags) -> Result<Self, Failure> {
        match &mut self {
            Self::Serve(serve) => serve.flags.or(before),
            Self::Settings(settings) => settings.serve.flags.or(before),
            Self::Sessions(sessions) => common("sessions", sessions.command.common(), before)?,
            Self::Clock(clock) => common("clock", &mut clock.common, before)?,
            Self::Effects(effects) => common("effects", effects.command.common(), before)?,
            Self::Check(check) => check.flags.or(before),
            Self::Rehearse(rehearse) => config("rehearse", rehearse.config(), before)?,
            Self::Codebook(codebook) => config("codebook", &mut codebook.config, before)?,
            Self::Words(_) => config("words", &mut None, before)?,
            Self::Texts(texts) => config("texts", texts.command.config(), before)?,
            #[cfg(feature = "demo")]
            Self::Demo { .. } => config("demo", &mut None, before)?,
        }
        Ok(self)
    }
}

/// A command on a store takes the settings file and the store.
fn common(command: &str, own: &mut Common, before: Flags) -> Result<(), Failure> {
    let Flags { common, .. } = refuse(command, &["data"], before)?;
    own.or(common);
    Ok(())
}

/// A command without a store takes the settings file.
fn config(command: &str, own: &mut Option<PathBuf>, before: Flags) -> Result<(), Failure> {
    let Flags { common, .. } = refuse(command, &[], before)?;
    *own = own.take().or(common.config);
    Ok(())
}

/// Nothing that was said is passed over: what the command does not take is named.
fn refuse(command: &str, takes: &[&str], before: Flags) -> Result<Flags, Failure> {
    match before.said(None).keys().find(|name| !takes.contains(name)) {
        None => Ok(before),
        Some(name) => Err(Failure::new(format!("`deity {command}` takes no --{name}"))
            .help(format!(
                "`deity {command} --help` shows what it takes; what a server is to do stands in deity.toml"
            ))
            .usage()),
    }
}
