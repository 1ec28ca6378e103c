//! Acknowledging: an operator has seen that effects failed for good.
//!
//! Owns which effects are meant. Must not know what keeps the word (`machine`).

use serde::{Deserialize, Serialize};

use super::sessions::Walk;
use super::{Effect, EffectStatus, Filter, Operator, Refused, Replies, Reply};
use crate::machine::{Asked, Session};

/// Which effects that failed for good are meant: all that fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Missed {
    /// Of the session with this reference only.
    pub reference: Option<String>,
    /// The one with this number in the session only.
    pub number: Option<u32>,
    /// Of this flow only.
    pub flow: Option<String>,
    /// Of this name only.
    pub effect: Option<String>,
    /// In this state only.
    pub status: Option<EffectStatus>,
    /// Those that failed before this moment only, in seconds since 1970.
    pub before: Option<i64>,
}

impl Missed {
    fn fits(&self, asked: &Asked, status: EffectStatus) -> bool {
        self.number.is_none_or(|number| number == asked.number)
            && self.effect.as_ref().is_none_or(|effect| *effect == asked.effect)
            && self.status.is_none_or(|wanted| wanted == status)
            && self
                .before
                .is_none_or(|before| asked.failed().is_some_and(|at| at < before))
    }

    /// What of a session is meant and not acknowledged yet.
    fn of<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = (&'a Asked, Effect)> {
        let missed = session.asked.iter().filter(|asked| session.is_missed(asked));
        let shown = missed.map(|asked| (asked, Effect::of(session, asked)));
        shown.filter(|(asked, effect)| self.fits(asked, effect.status))
    }
}

impl Operator {
    /// Acknowledges what is meant, or only says what that is.
    pub(super) async fn seen(&self, which: &Missed, dry_run: bool, replies: &Replies) -> Result<u64, Refused> {
        let mut rows = 0;
        if let Some(reference) = &which.reference {
            let (key, stored) = self.find(reference).await?;
            let session = self.engine.decode(key, &stored.bytes)?;
            if which.number.is_some() && which.of(&session).next().is_none() {
                return Err(unseeable(&session, which));
            }
            for reply in self.see(&session, which, dry_run).await? {
                rows += count(&reply);
                if replies.send(reply).await.is_err() {
                    break;
                }
            }
            return Ok(rows);
        }
        let filter = Filter {
            flow: which.flow.clone(),
            ..Filter::default()
        };
        let mut walk = Walk::new(self, &filter, replies);
        while let Some((session, _)) = walk.next().await? {
            for reply in self.see(&session, which, dry_run).await? {
                rows += count(&reply);
                walk.tell(reply).await;
            }
        }
        Ok(rows)
    }

    async fn see(&self, session: &Session, which: &Missed, dry_run: bool) -> Result<Vec<Reply>, Refused> {
        let (numbers, mut replies): (Vec<u32>, Vec<Reply>) = which
            .of(session)
            .map(|(asked, effect)| (asked.number, Reply::Effect(Box::new(effect))))
            .unzip();
        // What is only counted goes with the last that is kept.
        let left = session.asked.iter().filter(|asked| session.is_missed(asked)).count() - numbers.len();
        let more = if left == 0 { session.more_failed } else { 0 };
        if numbers.is_empty() && more == 0 {
            return Ok(Vec::new());
        }
        if more > 0 {
            replies.push(Reply::More {
                reference: session.at.reference(),
                flow: session.flow.clone(),
                more,
            });
        }
        if !dry_run {
            let count = numbers.len();
            let pick = move |asked: &Asked| numbers.contains(&asked.number);
            self.engine.acknowledge(session.at, pick).await?;
            tracing::info!(session = %session.at, flow = session.flow, count, "failed effects were acknowledged");
        }
        Ok(replies)
    }
}

fn count(reply: &Reply) -> u64 {
    match reply {
        Reply::More { more, .. } => u64::from(*more),
        _ => 1,
    }
}

/// Why there is nothing to acknowledge in the one that is named.
fn unseeable(session: &Session, which: &Missed) -> Refused {
    let number = which.number.unwrap_or_default();
    let name = format!("effect {}/{number}", session.at.reference());
    match session.asking(number) {
        None => Refused::new(
            format!("there is no {name}"),
            "`deity effects list` shows which there are",
        ),
        Some(asked) if asked.is_open() || asked.in_doubt() => Refused::new(
            format!("{name} is not settled: it cannot be put aside"),
            "`deity effects done` or `not-done` says what is true of it",
        ),
        Some(asked) if asked.failed().is_some() => {
            Refused::new(format!("{name} was seen before"), "nothing is left to do about it")
        }
        Some(_) => Refused::new(format!("{name} did not fail"), "nothing is to be done about it"),
    }
}
