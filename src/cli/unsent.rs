//! Answers that are sent nowhere, so that `keep` drops the only copy: for `deity check`.
//!
//! Owns at which ends nothing was sent, which single answers no effect sends, and the words about both.
//! Must not know how a definition is spelt.

use std::collections::{BTreeMap, BTreeSet};

use super::weight::place;
use crate::flow::{Action, Diagnostic, Effect, Field, Flow, Screen};
use crate::machine;

/// A warning at each end that people reach with all that they were asked, and nothing sent: each
/// with the outcome `completed`, or the last one where no end is reached with anything sent. Where
/// something is sent, one at each screen of whose answers that leaves some out.
pub(super) fn unsent(flow: &Flow, source: &str) -> Vec<Diagnostic> {
    let (unsent, sent) = reached(flow);
    let silent = ends(flow, &unsent);
    let told = ends(flow, &sent);
    let whole: Vec<&Screen> = if told.is_empty() {
        silent.last().copied().into_iter().collect()
    } else {
        silent.iter().copied().filter(|screen| is_completed(screen)).collect()
    };
    let mut warnings: Vec<Diagnostic> = whole.iter().map(|screen| nowhere(flow, source, screen)).collect();
    if !told.is_empty() {
        warnings.extend(left_out(flow, source, &told));
    }
    warnings
}

fn nowhere(flow: &Flow, source: &str, screen: &Screen) -> Diagnostic {
    let message = format!(
        "what ends at `{}` is sent nowhere: it is kept here alone, {}, and then dropped",
        screen.name,
        kept(flow)
    );
    Diagnostic::warning("sent-nowhere", &place(source, screen), message)
        .label("no effect has sent anything before")
        .help(
            "let an action before it call an effect, or fetch it in time: `deity sessions export`; limits = { keep \
             = \"...\" } is how long there is",
        )
}

/// The screens of whose answers some are sent by no effect, or not on each way to an end that counts.
fn left_out(flow: &Flow, source: &str, told: &[&Screen]) -> Vec<Diagnostic> {
    let completed: Vec<&Screen> = told.iter().copied().filter(|screen| is_completed(screen)).collect();
    let counts = if completed.is_empty() { told } else { &completed };
    let of_screen = |screen: &Screen| {
        let mut ways: BTreeMap<Option<&str>, Vec<String>> = BTreeMap::new();
        for field in screen
            .asked()
            .filter(|field| field.is_worth_sending() && !machine::steers(flow, field))
        {
            let way = Way::of(flow, screen, field);
            let end = counts.iter().find(|end| way.ends.contains(&end.name.as_str()));
            let name = flow.named_outside(screen, &field.name);
            match end {
                _ if !way.sent => ways.entry(None).or_default().push(name),
                Some(end) => ways.entry(Some(&end.name)).or_default().push(name),
                None => {}
            }
        }
        let warning = |(end, fields): (Option<&str>, Vec<String>)| {
            let fields: Vec<String> = fields.iter().map(|name| format!("`{name}`")).collect();
            let way = end.map(|end| format!(" on a way to `{end}`")).unwrap_or_default();
            let message = format!(
                "no effect sends {}{way}: kept here alone, {}, and then dropped",
                fields.join(", "),
                kept(flow)
            );
            Diagnostic::warning("sent-nowhere", &place(source, screen), message)
                .label("asked here")
                .help(
                    "name it in the `send` of an effect that is called later (without `send` every answer goes out), \
                     or fetch it in time: `deity sessions export`",
                )
        };
        ways.into_iter().map(warning).collect::<Vec<_>>()
    };
    flow.screens.iter().flat_map(of_screen).collect()
}

/// What becomes of an answer from the screen on that asks for it.
#[derive(Default)]
struct Way<'a> {
    /// Some effect sends it.
    sent: bool,
    /// The ends that are reached without that, nothing failing.
    ends: BTreeSet<&'a str>,
}

impl<'a> Way<'a> {
    fn of(flow: &'a Flow, from: &'a Screen, field: &Field) -> Self {
        let mut way = Self::default();
        let mut open = vec![(from, true)];
        let mut found = BTreeSet::new();
        while let Some((screen, well)) = open.pop() {
            if !found.insert((&screen.name, well)) {
                continue;
            }
            if well && screen.final_end().is_some() {
                way.ends.insert(&screen.name);
            }
            for action in &screen.actions {
                let sends = told_by(flow, action).any(|effect| machine::sends(flow, effect, field));
                way.sent |= sends;
                let to = action.branches.iter().map(|branch| (branch.to, well && !sends));
                let failed = fails_to(action).map(|to| (to, false));
                let next = to.chain(failed).filter_map(|(to, well)| Some((flow.screen(to)?, well)));
                open.extend(next);
            }
            open.extend(hanging(flow, screen).filter_map(|to| Some((flow.screen(to)?, well))));
        }
        way
    }
}

/// The ends among these screens.
fn ends<'a>(flow: &'a Flow, numbers: &BTreeSet<u16>) -> Vec<&'a Screen> {
    let screens = numbers.iter().filter_map(|number| flow.screen(*number));
    screens.filter(|screen| screen.final_end().is_some()).collect()
}

fn is_completed(screen: &Screen) -> bool {
    screen.end.as_deref() == Some("completed")
}

/// For how long the answers of a finished session are kept, in words.
fn kept(flow: &Flow) -> String {
    match flow.limits.keep.as_secs().div_euclid(86_400) {
        0 => "for less than a day".to_owned(),
        1 => "for a day".to_owned(),
        days => format!("for {days} days"),
    }
}

/// The screens that are reached with nothing sent, and those with something.
fn reached(flow: &Flow) -> (BTreeSet<u16>, BTreeSet<u16>) {
    let mut open = vec![(flow.start, false)];
    let mut found = BTreeSet::new();
    while let Some((number, sent)) = open.pop() {
        if !found.insert((number, sent)) {
            continue;
        }
        for action in flow.screen(number).iter().flat_map(|screen| &screen.actions) {
            let after = sent || told_by(flow, action).next().is_some();
            open.extend(action.branches.iter().map(|branch| (branch.to, after)));
            open.extend(fails_to(action).map(|to| (to, sent)));
        }
        let hangs = flow.screen(number).into_iter().flat_map(|screen| hanging(flow, screen));
        open.extend(hangs.map(|to| (to, sent)));
    }
    let of = |wanted: bool| {
        let some = found.iter().filter(|(_, sent)| *sent == wanted);
        some.map(|(number, _)| *number).collect()
    };
    (of(false), of(true))
}

/// The first screens of the items and tasks that hang on a screen.
fn hanging<'a>(flow: &'a Flow, screen: &Screen) -> impl Iterator<Item = u16> + 'a {
    let number = flow.number(&screen.name);
    let strands = number.into_iter().flat_map(|number| flow.strands_on(number));
    strands.map(|(_, strand)| strand.start)
}

/// Where an action leads if what it calls is not done.
fn fails_to(action: &Action) -> impl Iterator<Item = u16> {
    let leads = action.call.iter().flat_map(|call| [Some(call.failed), call.declined]);
    leads.flatten().map(|lead| lead.to)
}

/// The effects of an action that somebody else learns by: the one that it calls, and its notices.
pub(super) fn told_by<'a>(flow: &'a Flow, action: &'a Action) -> impl Iterator<Item = &'a Effect> {
    let called = action.call.iter().map(|call| &call.effect);
    let effects = called.chain(&action.tells).filter_map(|name| flow.effect(name));
    effects.filter(|effect| !effect.safe)
}
