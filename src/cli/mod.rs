//! The command line: what an operator types, and what is printed for it.
//!
//! Owns the commands, their help, their exit codes, and all printing. Must not know how a thing
//! is done: each command calls the module that does it.

mod args;
mod before;
mod check;
mod clock;
mod codebook;
#[cfg(feature = "demo")]
mod demo;
mod digest;
mod effects;
mod help;
mod keeping;
mod logs;
mod needs;
mod open;
mod outside;
mod rehearse;
mod says;
mod serve;
mod sessions;
mod settings;
mod tables;
mod texts;
mod unseen;
mod unsent;
mod weight;
mod words;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};

use crate::effect::keeper;

/// Done.
const DONE: u8 = 0;
/// It could not be done, or `check` found errors.
const FAILED: u8 = 1;
/// The command line or the settings are wrong; nothing was tried. (Also clap's own.)
const USAGE: u8 = 2;

/// Why a command failed: what, where, what now.
#[derive(Debug)]
struct Failure {
    code: u8,
    message: String,
    help: Option<String>,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self {
            code: FAILED,
            message: message.into(),
            help: None,
        }
    }

    /// The reader of stdout has read enough (`| head`): nothing to say, and no failure.
    fn gone() -> Self {
        Self {
            code: DONE,
            ..Self::new("")
        }
    }

    /// What is wrong has been said already.
    fn told() -> Self {
        Self::new("")
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    fn usage(self) -> Self {
        Self { code: USAGE, ..self }
    }
}

impl From<std::io::Error> for Failure {
    fn from(why: std::io::Error) -> Self {
        Self::new(why.to_string())
    }
}

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == keeper::WORD) {
        return ExitCode::from(keeper::keep(words).unwrap_or_else(|said| {
            // Whoever should read it may be gone.
            let _unread = std::io::stderr().write_all(&said);
            keeper::NOTHING_RUN
        }));
    }
    let done = run(Cli::parse());
    let code = match done {
        Ok(code) => code,
        Err(failure) if failure.message.is_empty() => failure.code,
        Err(failure) => {
            let red = says::Paint::of_stderr();
            says::aside(&format!("{} {}", red.red("error:"), failure.message));
            if let Some(help) = failure.help {
                says::aside(&format!("{} {help}", red.bold(" help:")));
            }
            failure.code
        }
    };
    ExitCode::from(code)
}

fn run(cli: Cli) -> Result<u8, Failure> {
    let Some(command) = cli.command else {
        return serve::run(&cli.serve, None);
    };
    match command.after(cli.serve)? {
        Command::Serve(serve) => serve::run(&serve.flags, serve.phases.as_deref()),
        Command::Check(check) => check::run(&check),
        Command::Rehearse(flags) => rehearse::run(&flags),
        Command::Codebook(flags) => codebook::run(&flags),
        Command::Words(flags) => words::run(&flags),
        Command::Texts(flags) => texts::run(&flags.command),
        Command::Sessions(sessions) => sessions::run(&sessions),
        Command::Effects(effects) => effects::run(&effects),
        Command::Clock(clock) => clock::run(&clock),
        Command::Settings(settings) => settings::run(&settings),
        #[cfg(feature = "demo")]
        Command::Demo { command } => demo::run(&command),
    }
}
