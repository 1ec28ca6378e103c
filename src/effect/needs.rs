//! What a flow needs of its operator: variables, programs, addresses that may be called, a mail server.
//!
//! Owns which of them are missing, and whether a session would come to nothing without. Must not know
//! who is told, nor ask a network: a host's name may lead anywhere, which is seen when it is called.

use std::path::Path;

use rustix::fs::{Access, access};

use super::{HOMELESS, Outside};
use crate::flow::{Address, Effect, Filled, Flow, Means};

/// Something that a flow needs and that is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lack {
    /// The effect's name.
    pub effect: String,
    /// A person would come to a screen that cannot go on. Not where only a notice, an undo or a probe
    /// would fail.
    pub stops: bool,
    /// What is missing, in words; never the value of a variable.
    pub why: String,
}

impl Outside {
    /// What of a flow's effects cannot work in this world, in the order of the file.
    pub fn lacks(&self, flow: &Flow) -> Vec<Lack> {
        let mut lacks = Vec::new();
        for effect in &flow.effects {
            let mut whys = self.missing(effect);
            whys.dedup();
            lacks.extend(whys.into_iter().map(|why| Lack {
                effect: effect.name.clone(),
                stops: is_waited_for(flow, &effect.name),
                why,
            }));
        }
        lacks
    }

    fn missing(&self, effect: &Effect) -> Vec<String> {
        let mut whys = Vec::new();
        let fill = |filled: &Filled| {
            let filled = filled.fill(|name| (self.environment)(name));
            filled.map_err(|name| format!("the variable {name} is not set"))
        };
        match &effect.means {
            Means::Http { url, headers, .. } => {
                // What a callee will have said is not known yet.
                let whole = |address: &Address| address.fill(fill, |_| Ok("-".to_owned()));
                match whole(url) {
                    Ok(url) => whys.extend(self.wire.forbids(&url)),
                    Err(why) => whys.push(why),
                }
                whys.extend(headers.iter().filter_map(|(_, value)| whole(value).err()));
            }
            Means::Run {
                program,
                arguments,
                environment,
                ..
            } => {
                whys.extend(unfit(&self.program(program)));
                let words = arguments.iter().chain(environment.iter().map(|(_, value)| value));
                whys.extend(words.filter_map(|word| fill(word).err()));
            }
            Means::Email { .. } => match (&self.smtp, &self.mail_from) {
                (Some(_), Some(_)) => {}
                (None, Some(_)) => whys.push("the setting `smtp` is not set".to_owned()),
                (Some(_), None) => whys.push("the setting `mail-from` is not set".to_owned()),
                (None, None) => whys.push("the settings `smtp` and `mail-from` are not set".to_owned()),
            },
        }
        if let Some(off) = &effect.hand_off {
            whys.extend(self.base.get().is_none().then(|| HOMELESS.to_owned()));
            whys.extend(off.hosts.iter().chain(&off.secret).filter_map(|part| fill(part).err()));
            if off
                .secret
                .as_ref()
                .is_some_and(|secret| fill(secret).is_ok_and(|word| word.is_empty()))
            {
                whys.push("the secret that callbacks are signed with is empty".to_owned());
            }
        }
        whys
    }
}

/// Why a file cannot be run.
fn unfit(program: &Path) -> Option<String> {
    let path = program.display();
    if !program.exists() {
        Some(format!("there is no program {path}"))
    } else if !program.is_file() {
        Some(format!("the program {path} is no file"))
    } else if access(program, Access::EXEC_OK).is_err() {
        Some(format!("the program {path} may not be executed (chmod +x)"))
    } else {
        None
    }
}

/// Whether an action or a screen waits for it.
fn is_waited_for(flow: &Flow, effect: &str) -> bool {
    flow.screens.iter().any(|screen| {
        let called = screen.actions.iter().filter_map(|action| action.call.as_ref());
        screen.load.iter().any(|name| name == effect) || called.into_iter().any(|call| call.effect == effect)
    })
}
