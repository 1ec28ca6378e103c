//! What a flow needs of its operator: variables, programs, addresses that may be called, a mail server.
//!
//! Owns which of them are missing, and whether a session would come to nothing without. Must not know
//! who is told, nor ask a network for more than where a host's name leads.

use std::path::Path;
use std::time::Duration;

use rustix::fs::{Access, access};
use tokio::task::JoinSet;

use super::{HOMELESS, Outside};
use crate::flow::{Address, Effect, Filled, Flow, Means};

/// How long a name may take to be resolved.
const PATIENCE: Duration = Duration::from_secs(5);
/// Stands for what a callee will have said.
const SAID: &str = "-";

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

    /// Which of a flow's effects call a host whose name leads nowhere at present, in the order of the file.
    /// Asks the resolver: a few seconds at most.
    pub async fn astray(&self, flow: &Flow) -> Vec<Lack> {
        let mut asked = JoinSet::new();
        for (n, effect) in flow.effects.iter().enumerate() {
            let Means::Http { url, .. } = &effect.means else {
                continue;
            };
            let fill = |filled: &Filled| filled.fill(|name| (self.environment)(name));
            // What lacks a variable is told by `lacks`; a host that a callee will name is not known yet.
            let Ok(url) = url.fill(fill, |_| Ok(SAID.to_owned())) else {
                continue;
            };
            if !url.contains(&format!("//{SAID}")) {
                let wire = self.wire.clone();
                asked.spawn(async move { (n, wire.astray(&url, PATIENCE).await) });
            }
        }
        let mut found = asked.join_all().await;
        found.sort();
        let lack = |(n, why): (usize, Option<String>)| {
            Some(Lack {
                effect: flow.effects.get(n)?.name.clone(),
                stops: false,
                why: why?,
            })
        };
        found.into_iter().filter_map(lack).collect()
    }

    /// Why no mail can be sent.
    pub(super) fn lacks_for_mail(&self) -> Option<&'static str> {
        match (&self.smtp, &self.mail_from) {
            (Some(_), Some(_)) => None,
            (None, Some(_)) => Some("the setting `smtp` is not set"),
            (Some(_), None) => Some("the setting `mail-from` is not set"),
            (None, None) => Some("the settings `smtp` and `mail-from` are not set"),
        }
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
                let whole = |address: &Address| address.fill(fill, |_| Ok(SAID.to_owned()));
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
            Means::Email { address, .. } => {
                whys.extend(self.lacks_for_mail().map(str::to_owned));
                whys.extend(address.iter().filter_map(|address| fill(address).err()));
            }
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
pub(super) fn unfit(program: &Path) -> Option<String> {
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
