//! Flows whose ends send nothing anywhere, so that `keep` drops the only copy: for `deity check`.
//!
//! Owns which ends these are, and the words about them. Must not know how a definition is spelt.

use std::collections::BTreeSet;

use super::weight::place;
use crate::flow::{Action, Diagnostic, Flow, Screen};

/// A warning at each end that people reach with all that they were asked, and nothing sent: each
/// with the outcome `completed`, or the last one where no end is reached with anything sent.
pub(super) fn unsent(flow: &Flow, source: &str) -> Vec<Diagnostic> {
    let (unsent, sent) = reached(flow);
    let ends = |numbers: &BTreeSet<u16>| -> Vec<&Screen> {
        let screens = numbers.iter().filter_map(|number| flow.screen(*number));
        screens.filter(|screen| screen.final_end().is_some()).collect()
    };
    let silent = ends(&unsent);
    let told: Vec<&Screen> = if ends(&sent).is_empty() {
        silent.last().copied().into_iter().collect()
    } else {
        let completed = |screen: &&Screen| screen.end.as_deref() == Some("completed");
        silent.into_iter().filter(completed).collect()
    };
    let days = flow.limits.keep.as_secs().div_euclid(86_400);
    let kept = match days {
        0 => "for less than a day".to_owned(),
        1 => "for a day".to_owned(),
        days => format!("for {days} days"),
    };
    let warning = |screen: &&Screen| {
        let message = format!(
            "what ends at `{}` is sent nowhere: it is kept here alone, {kept}, and then dropped",
            screen.name
        );
        Diagnostic::warning("sent-nowhere", &place(source, &screen.name), message)
            .label("no effect has sent anything before")
            .help(
                "let an action before it call an effect, or fetch it in time: `deity sessions export`; limits = { keep \
                 = \"...\" } is how long there is",
            )
    };
    told.iter().map(warning).collect()
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
            let after = sent || sends(flow, action);
            open.extend(action.branches.iter().map(|branch| (branch.to, after)));
            let leads = action.call.iter().flat_map(|call| [Some(call.failed), call.declined]);
            open.extend(leads.flatten().map(|lead| (lead.to, sent)));
        }
    }
    let of = |wanted: bool| {
        let some = found.iter().filter(|(_, sent)| *sent == wanted);
        some.map(|(number, _)| *number).collect()
    };
    (of(false), of(true))
}

/// Whether an action has something sent: an effect that it calls, or a notice.
fn sends(flow: &Flow, action: &Action) -> bool {
    let called = action.call.as_ref().and_then(|call| flow.effect(&call.effect));
    called.is_some_and(|effect| !effect.safe) || !action.tells.is_empty()
}
