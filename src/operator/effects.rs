//! Effects as an operator sees them: what is under way, what is in doubt, and the word that
//! settles it.
//!
//! Owns how an asking is summed up, and what may be ruled of it. Must not know who asks and how it
//! is printed.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::sessions::{Walk, time};
use super::{Filter, Operator, Refused, Replies, Reply};
use crate::flow::{Effect as Declared, Flow, Saved, SavedKind, Value, read_time};
use crate::limits;
use crate::machine::{Asked, Purpose, Ruling, Session, Stage};

/// Effects of a session that are named where one of several is meant.
const NAMED: usize = 12;

/// How far an effect is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectStatus {
    /// Being tried, or to be tried again.
    Open,
    /// The person is on a page elsewhere.
    Away,
    /// Perhaps done: somebody must find out.
    InDoubt,
    /// Done.
    Done,
    /// The callee said no.
    Declined,
    /// Not done.
    Failed,
}

/// An effect in one line. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The session's reference.
    pub reference: String,
    /// Its number in the session.
    pub number: u32,
    /// The flow's name.
    pub flow: String,
    /// Its name.
    pub effect: String,
    /// `do`, `look`, `tell` or `undo`.
    pub purpose: String,
    /// The number of what it takes back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub undoes: Option<u32>,
    /// The key of the list's item that it is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<u32>,
    /// How far it is.
    pub status: EffectStatus,
    /// The `Idempotency-Key` under which the callee knows it.
    pub key: String,
    /// Tries so far, without the questions whether it was done.
    pub tries: u16,
    /// When it was asked for.
    pub asked: String,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
    /// It failed for good, and an operator has acknowledged that.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub seen: bool,
    /// What was last heard of it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub heard: String,
    /// The end of what its program wrote on standard error at the last try: of a single one only.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub stderr: String,
    /// What goes out, and what came back: of a single one only.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty", default)]
    pub sent: serde_json::Map<String, Json>,
    /// What was saved of the answer.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty", default)]
    pub saved: serde_json::Map<String, Json>,
}

/// Which effect is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The session's reference.
    pub reference: String,
    /// Its number in the session; none where there is only one, or one that is not settled.
    pub number: Option<u32>,
}

/// What an operator rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// Try again.
    Retry,
    /// It was done; with what would have been saved, by name.
    Done(BTreeMap<String, String>),
    /// It was not done.
    NotDone,
}

impl Effect {
    pub(super) fn of(session: &Session, asked: &Asked) -> Self {
        let (status, next) = match asked.stage {
            Stage::Due { next } if asked.page().is_some() => (EffectStatus::Away, Some(next)),
            Stage::Due { next } => (EffectStatus::Open, Some(next)),
            Stage::Running { .. } => (EffectStatus::Open, None),
            Stage::Done { .. } => (EffectStatus::Done, None),
            Stage::Declined { .. } => (EffectStatus::Declined, None),
            Stage::Failed { .. } => (EffectStatus::Failed, None),
            Stage::InDoubt { .. } => (EffectStatus::InDoubt, None),
        };
        let (purpose, undoes) = match asked.purpose {
            Purpose::Do => ("do", None),
            Purpose::Look => ("look", None),
            Purpose::Tell => ("tell", None),
            Purpose::Undo { of } => ("undo", Some(of)),
        };
        Self {
            reference: session.at.reference(),
            number: asked.number,
            flow: session.flow.clone(),
            effect: asked.effect.clone(),
            purpose: purpose.to_owned(),
            undoes,
            item: Some(asked.about()).filter(|item| *item > 0),
            status,
            key: session.effect_key(asked).to_string(),
            tries: if asked.tries == 0 { asked.attempts } else { asked.tries },
            asked: time(asked.at),
            next: next.map(time),
            seen: asked.failed().is_some() && !session.is_missed(asked),
            heard: asked.heard.clone(),
            stderr: String::new(),
            sent: serde_json::Map::new(),
            saved: serde_json::Map::new(),
        }
    }

    /// With what goes out and what came back; secrets left out.
    fn whole(session: &Session, asked: &Asked, flow: Option<&Flow>) -> Self {
        // An undo may send what the effect sent that it takes back.
        let of = match asked.purpose {
            Purpose::Undo { of } => session.asking(of).map_or(&asked.effect, |of| &of.effect),
            _ => &asked.effect,
        };
        let hidden = |name: &String| {
            flow.is_none_or(|flow| {
                [&asked.effect, of]
                    .iter()
                    .any(|effect| secrets(flow, effect).contains(name))
            })
        };
        // Items are shown as they went out: without their secrets.
        let json = |value: &Value| match (value, flow) {
            (Value::Rows(_), Some(flow)) => flow.frames.json(&flow.outward.value("", value)),
            (Value::Rows(_), None) => Json::from("(not shown)"),
            (one, _) => one.json(),
        };
        let sent = asked.sent.iter().map(|(name, value)| {
            let shown = if hidden(name) {
                Json::from("(not shown)")
            } else {
                json(value)
            };
            (name.clone(), shown)
        });
        Self {
            stderr: asked.stderr.clone(),
            sent: sent.collect(),
            saved: asked
                .brought()
                .map(|(name, value)| (name.clone(), json(value)))
                .collect(),
            ..Self::of(session, asked)
        }
    }
}

/// The names under which an effect sends secrets.
fn secrets(flow: &Flow, effect: &str) -> Vec<String> {
    let secret = |name: &String| {
        let mut fields = flow.screens.iter().flat_map(crate::flow::Screen::fields);
        fields.any(|field| field.name == *name && field.is_secret())
    };
    let send = flow.effect(effect).and_then(|effect| effect.send.as_ref());
    let parts = send.into_iter().flatten().filter(|(_, part)| match part {
        crate::flow::Sent::Value(expr) => expr.reads().iter().any(secret),
        crate::flow::Sent::Words(text) => text.reads().iter().any(secret),
    });
    parts.map(|(name, _)| name.clone()).collect()
}

impl Operator {
    /// A row for each effect that fits; without a status those that somebody must see to: not settled,
    /// or failed for good and not seen.
    pub(super) async fn effects(
        &self,
        flow: Option<String>,
        status: Option<EffectStatus>,
        replies: &Replies,
    ) -> Result<u64, Refused> {
        let filter = Filter {
            flow,
            ..Filter::default()
        };
        let mut walk = Walk::new(self, &filter, replies);
        let mut rows = 0;
        while let Some((session, _)) = walk.next().await? {
            for asked in &session.asked {
                let effect = Effect::of(&session, asked);
                let unsettled = asked.is_open() || asked.in_doubt() || session.is_missed(asked);
                if status.map_or(unsettled, |status| status == effect.status) {
                    walk.tell(Reply::Effect(Box::new(effect))).await;
                    rows += 1;
                }
            }
            if session.more_failed > 0 && status.is_none_or(|status| status == EffectStatus::Failed) {
                rows += u64::from(session.more_failed);
                walk.tell(Reply::More {
                    reference: session.at.reference(),
                    flow: session.flow.clone(),
                    more: session.more_failed,
                })
                .await;
            }
        }
        Ok(rows)
    }

    /// One effect in full.
    pub(super) async fn effect(&self, which: &Which, replies: &Replies) -> Result<u64, Refused> {
        let (session, asked) = self.asked(which).await?;
        let flow = self.engine.pinned(&session).await.ok();
        let effect = Effect::whole(&session, &asked, flow.as_deref());
        Ok(u64::from(replies.send(Reply::Effect(Box::new(effect))).await.is_ok()))
    }

    /// Carries out a word of the operator's, and shows what became of the effect.
    pub(super) async fn rule(&self, which: &Which, word: Word, replies: &Replies) -> Result<u64, Refused> {
        let (session, asked) = self.asked(which).await?;
        let flow = self.engine.pinned(&session).await?;
        let ruling = match word {
            Word::Retry => Ruling::Again,
            Word::NotDone => Ruling::NotDone,
            Word::Done(values) => Ruling::Done(match flow.effect(&asked.effect) {
                Some(effect) if asked.purpose == Purpose::Do => results(effect, &values)?,
                _ => BTreeMap::new(),
            }),
        };
        if !self.engine.rule(session.at, asked.number, &ruling).await? {
            let name = format!("{}/{}", which.reference, asked.number);
            return Err(Refused::new(
                format!("effect {name} is settled, or a try is under way"),
                "`deity effects show` tells how far it is; try again when no try is under way",
            ));
        }
        tracing::info!(session = %session.at, effect = asked.effect, number = asked.number, "ruled by an operator");
        let which = Which {
            reference: which.reference.clone(),
            number: Some(asked.number),
        };
        self.effect(&which, replies).await
    }

    /// The effect that is meant, with its session. Without a number: the only one that is not settled,
    /// else the only one that there is.
    async fn asked(&self, which: &Which) -> Result<(Session, Asked), Refused> {
        let (key, stored) = self.find(&which.reference).await?;
        let session = self.engine.decode(key, &stored.bytes)?;
        let only = |fits: &dyn Fn(&Asked) -> bool| {
            let mut found = session.asked.iter().filter(|asked| fits(asked));
            found.next().filter(|_| found.next().is_none()).cloned()
        };
        let found = match which.number {
            Some(number) => session.asking(number).cloned(),
            None => only(&|asked| asked.is_open() || asked.in_doubt()).or_else(|| only(&|_| true)),
        };
        match found {
            Some(one) => Ok((session, one)),
            None if session.asked.is_empty() => Err(Refused::new(
                format!("session {key} has asked for no effect"),
                "`deity sessions show` tells what happened in it",
            )),
            None => {
                let said = match which.number {
                    Some(number) => format!("session {key} has no effect {number}"),
                    None => format!("session {key} has several effects"),
                };
                Err(Refused::new(said, &format!("name one of {}", named(&session))))
            }
        }
    }
}

/// The effects of a session by their numbers, the latest of many.
fn named(session: &Session) -> String {
    let latest = session.asked.iter().rev().take(NAMED).rev();
    let one = |asked: &Asked| format!("{}/{} ({})", session.at.reference(), asked.number, asked.effect);
    latest.map(one).collect::<Vec<_>>().join(", ")
}

/// What an operator says that would have been saved.
fn results(effect: &Declared, values: &BTreeMap<String, String>) -> Result<BTreeMap<String, Value>, Refused> {
    if let Some(stranger) = values
        .keys()
        .find(|name| effect.save.iter().all(|saved| saved.name != **name))
    {
        let known: Vec<_> = effect.save.iter().map(|saved| saved.name.as_str()).collect();
        return Err(Refused::new(
            format!("effect {} saves no `{stranger}`", effect.name),
            &format!("it saves: {}", known.join(", ")),
        ));
    }
    let mut results = BTreeMap::new();
    for saved in &effect.save {
        match values.get(&saved.name) {
            Some(text) => {
                let value = typed(saved, text).ok_or_else(|| {
                    Refused::new(
                        format!("`{text}` is no value for `{}`", saved.name),
                        "write it as the callee would: 12.50, 2026-12-31, true",
                    )
                })?;
                results.insert(saved.name.clone(), value);
            }
            None if saved.required => {
                return Err(Refused::new(
                    format!(
                        "the answer of {} brings `{}`, without which the flow cannot go on",
                        effect.name, saved.name
                    ),
                    &format!("say what the callee's own records have: --save {}=VALUE", saved.name),
                ));
            }
            None => {}
        }
    }
    Ok(results)
}

/// As strict as with a callee's own words: nothing blank, nothing rounded.
fn typed(saved: &Saved, text: &str) -> Option<Value> {
    let exact = || Decimal::from_str_exact(text).ok();
    Some(match &saved.kind {
        SavedKind::Text => {
            let fits = !text.trim().is_empty() && text.len() <= limits::SAVED_TEXT_BYTES;
            Value::Text(fits.then(|| text.to_owned())?)
        }
        SavedKind::Number => Value::Number(exact()?),
        SavedKind::Money(currency) => {
            let amount = exact().filter(|amount| currency.holds(*amount));
            Value::Money(amount?, *currency)
        }
        SavedKind::Date => Value::Date(text.parse().ok()?),
        SavedKind::Time => Value::Time(read_time(text)?),
        SavedKind::YesNo => Value::Bool(text.parse().ok()?),
        SavedKind::Options { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Currency;

    #[test]
    fn an_operators_word_is_saved_exactly_or_not_at_all() {
        let read = |kind: SavedKind, text: &str| {
            let saved = Saved {
                name: "v".to_owned(),
                at: "/v".to_owned(),
                kind,
                required: true,
            };
            typed(&saved, text).map(|value| value.plain())
        };
        let pounds = || SavedKind::Money(Currency(*b"GBP"));
        for (kind, text, plain) in [
            (SavedKind::Text, "N-1", "N-1"),
            (
                SavedKind::Number,
                "123456789.123456789123456789",
                "123456789.123456789123456789",
            ),
            (pounds(), "12.5", "12.50"),
            (SavedKind::Time, "14:30", "14:30"),
        ] {
            assert_eq!(read(kind, text).as_deref(), Some(plain), "{text}");
        }
        let long = "x".repeat(limits::SAVED_TEXT_BYTES + 1);
        for (kind, text) in [
            (SavedKind::Text, ""),
            (SavedKind::Text, " "),
            (SavedKind::Text, long.as_str()),
            (SavedKind::Number, "0.12345678901234567890123456789"),
            (pounds(), "12.345"),
            (SavedKind::Time, "2:30pm"),
        ] {
            assert_eq!(read(kind, text), None, "{text:.40}");
        }
    }
}
