//! `deity effects`: what an operator asks of effects, and how the replies are printed.
//!
//! Owns the reading of `REFERENCE/NUMBER` and the printing. Must not know how effects are found.

pub(super) mod args;

use std::collections::BTreeMap;

use super::Failure;
use super::says::{self, tame};
use super::sessions::{Form, ask, form};
use crate::operator::{Effect, EffectStatus, Missed, Request, Which, Word};
use args::{Effects, EffectsCommand, SeenFlags, Which as Named};

/// Asks, prints, and says how it went.
pub(super) fn run(effects: &Effects) -> Result<u8, Failure> {
    let rule = |named: &Named, word: Word| {
        let which = which(&named.effect)?;
        ask(&named.common, &Request::Rule { which, word }, form(named.json))
    };
    match &effects.command {
        EffectsCommand::List {
            common,
            flow,
            status,
            json,
        } => {
            let request = Request::Effects {
                flow: flow.clone(),
                status: status.map(args::EffectStatusFlag::status),
            };
            ask(common, &request, form(*json))
        }
        EffectsCommand::Show(named) => ask(&named.common, &Request::Effect(which(&named.effect)?), form(named.json)),
        EffectsCommand::Retry(named) => rule(named, Word::Retry),
        EffectsCommand::NotDone(named) => rule(named, Word::NotDone),
        EffectsCommand::Seen(flags) => {
            let request = Request::Seen {
                which: missed(flags)?,
                dry_run: flags.dry_run,
            };
            ask(&flags.common, &request, form(flags.json))
        }
        EffectsCommand::Done { which, save } => rule(which, Word::Done(saved(save)?)),
    }
}

/// `K7QXA-4MTP2/3`, or the reference alone.
fn which(text: &str) -> Result<Which, Failure> {
    let (reference, number) = match text.split_once('/') {
        Some((reference, number)) => {
            let number = number.parse().map_err(|_| {
                Failure::new(format!("`{number}` is no number of an effect"))
                    .help("write the reference and the number, such as K7QXA-4MTP2/3")
                    .usage()
            })?;
            (reference, Some(number))
        }
        None => (text, None),
    };
    Ok(Which {
        reference: reference.to_owned(),
        number,
    })
}

fn missed(flags: &SeenFlags) -> Result<Missed, Failure> {
    let named = flags.which.as_deref().map(which).transpose()?;
    Ok(Missed {
        number: named.as_ref().and_then(|named| named.number),
        reference: named.map(|named| named.reference),
        flow: flags.flow.clone(),
        effect: flags.effect.clone(),
        status: flags.status.map(args::SeenStatusFlag::status),
        before: flags.before.as_deref().map(moment).transpose()?,
    })
}

/// A day, or a moment.
fn moment(text: &str) -> Result<i64, Failure> {
    let day = || {
        let day = text.parse::<jiff::civil::Date>().ok()?;
        day.to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    let moment = text.parse::<jiff::Timestamp>().ok().or_else(day);
    moment.map(jiff::Timestamp::as_second).ok_or_else(|| {
        Failure::new(format!("`{text}` is neither a day nor a moment"))
            .help("write 2026-11-29, or 2026-11-29T12:00:00Z")
            .usage()
    })
}

/// Prints how many effects of a session are only counted.
pub(super) fn more(reference: &str, flow: &str, more: u32, form: Form) -> Result<(), Failure> {
    if form == Form::Json {
        let object = serde_json::json!({ "reference": reference, "flow": flow, "more": more });
        return says::line(&object.to_string());
    }
    says::line(&format!(
        "{reference:<16} failed    {flow:<20} and {more} more, which are only counted"
    ))
}

/// `NAME=VALUE` pairs.
fn saved(pairs: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    pairs
        .iter()
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                Failure::new(format!("`{pair}` is no pair"))
                    .help("write --save NAME=VALUE")
                    .usage()
            })?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// Prints an effect: in a list one line, alone in full.
pub(super) fn show(effect: &Effect, form: Form, request: &Request, first: bool) -> Result<(), Failure> {
    if form == Form::Json {
        let object = serde_json::to_string(effect).map_err(|why| Failure::new(why.to_string()))?;
        return says::line(&object);
    }
    let name = format!("{}/{}", effect.reference, effect.number);
    let status = word(effect.status);
    if matches!(request, Request::Effects { .. } | Request::Seen { .. }) {
        if first {
            says::line(&format!(
                "{:<16} {:<9} {:<20} {:<18} {:<20} tries heard",
                "effect", "status", "flow", "name", "asked"
            ))?;
        }
        let heard = tame(&effect.heard);
        return says::line(&format!(
            "{name:<16} {status:<9} {:<20} {:<18} {:<20} {:<5} {heard}",
            effect.flow, effect.effect, effect.asked, effect.tries
        ));
    }
    says::line(&format!("{name}  {} of {}: {status}", effect.effect, effect.flow))?;
    if let Some(item) = effect.item {
        says::line(&format!("  for item    {item}"))?;
    }
    if let Some(undoes) = effect.undoes {
        says::line(&format!("  takes back  {}/{undoes}", effect.reference))?;
    }
    says::line(&format!("  key         {}", effect.key))?;
    says::line(&format!("  asked       {}, {} tries", effect.asked, effect.tries))?;
    if let Some(next) = &effect.next {
        says::line(&format!("  next try    {next}"))?;
    }
    if effect.seen {
        says::line("  seen        by an operator")?;
    }
    if !effect.heard.is_empty() {
        says::line(&format!("  heard       {}", tame(&effect.heard)))?;
    }
    for line in effect.stderr.lines() {
        says::line(&format!("  stderr      {}", tame(line)))?;
    }
    for (title, values) in [("sent", &effect.sent), ("saved", &effect.saved)] {
        for (name, value) in values {
            says::line(&format!("  {title:<11} {name} = {}", tame(&value.to_string())))?;
        }
    }
    Ok(())
}

fn word(status: EffectStatus) -> &'static str {
    match status {
        EffectStatus::Open => "open",
        EffectStatus::Away => "away",
        EffectStatus::InDoubt => "in doubt",
        EffectStatus::Done => "done",
        EffectStatus::Declined => "declined",
        EffectStatus::Failed => "failed",
    }
}
