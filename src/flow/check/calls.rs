//! Who asks for effects: the calls of actions, the look-ups of screens, the lists that are picked
//! from.
//!
//! Owns the faults of asking: no way out on failure, a look-up that changes something, an effect
//! that nobody asks for. Must not know how an effect is done.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diagnostic::{Diagnostic, did_you_mean};
use super::super::source::{Action as Written, At, Effect, File, Lead as WrittenLead, Screen};
use super::super::{Call, Lead};
use super::graph::{self, number_of};
use super::layout::Layout;
use super::{Checker, Place, asked_of, effects};

/// Where each effect is asked for.
pub(super) struct Users<'a>(BTreeMap<&'a str, Vec<Place<'a>>>);

impl<'a> Users<'a> {
    /// Finds them: actions, look-ups, and what takes back or asks about another effect.
    pub(super) fn of_file(file: &'a File, layout: &Layout<'_>) -> Self {
        let mut users: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
        let among = |name: &str| {
            let effect = file.effects.iter().find(|effect| effect.name.value == name);
            layout.outermost(&effect?.each.as_ref()?.value)
        };
        for (n, screen) in file.screens.iter().enumerate() {
            let at = Place::shown(n);
            for named in &screen.load {
                users.entry(&named.value).or_default().push(at);
            }
            for named in screen.actions.iter().flat_map(|action| &action.call) {
                let at = Place {
                    among: among(&named.value),
                    ..at.posted()
                };
                users.entry(&named.value).or_default().push(at);
            }
        }
        let own: Vec<(&str, &At<String>)> = file
            .effects
            .iter()
            .flat_map(|effect| [&effect.undo, &effect.probe].map(|other| (effect.name.value.as_str(), other.as_ref())))
            .filter_map(|(name, other)| Some((name, other?)))
            .collect();
        for (name, other) in own {
            let places = users.get(name).cloned().unwrap_or_default();
            users.entry(&other.value).or_default().extend(places);
        }
        Self(users)
    }

    /// The places where one is asked for.
    pub(super) fn of(&self, effect: &str) -> &[Place<'a>] {
        self.0.get(effect).map_or(&[], Vec::as_slice)
    }
}

/// Whether an action or a screen asks for an effect.
pub(super) fn is_called(file: &File, effect: &Effect) -> bool {
    file.screens.iter().any(|screen| {
        let calls = screen.actions.iter().flat_map(|action| &action.call);
        calls.chain(&screen.load).any(|named| named.value == effect.name.value)
    })
}

/// Whether an effect is asked for only to find out about others.
pub(super) fn only_probes(file: &File, effect: &Effect) -> bool {
    let all = &file.effects;
    let asks = all.iter().any(|other| other.asks(effect));
    asks && !is_called(file, effect) && !all.iter().any(|other| other.undoes(effect))
}

/// Where each saved name has a value: the screens after whose action, or on which, and whether it
/// has one when the page is drawn.
pub(super) fn homes(file: &File) -> BTreeMap<&str, Vec<(usize, bool)>> {
    let mut homes: BTreeMap<&str, Vec<(usize, bool)>> = BTreeMap::new();
    for (n, screen) in file.screens.iter().enumerate() {
        let loads = screen.load.iter().map(|named| (named, true));
        let calls = screen
            .actions
            .iter()
            .flat_map(|action| &action.call)
            .map(|named| (named, false));
        for (named, shown) in loads.chain(calls) {
            let effect = file.effects.iter().find(|effect| effect.name.value == named.value);
            for saved in effect.iter().flat_map(|effect| &effect.save) {
                homes.entry(&saved.name.value).or_default().push((n, shown));
            }
        }
    }
    for saved in file.effects.iter().flat_map(|effect| &effect.save) {
        homes.entry(&saved.name.value).or_default();
    }
    homes
}

/// Effects that nobody asks for.
pub(super) fn unused(checker: &Checker<'_>, file: &File, users: &Users<'_>) {
    for effect in &file.effects {
        let name = &effect.name.value;
        let helps = file.effects.iter().any(|other| {
            [&other.undo, &other.probe]
                .into_iter()
                .flatten()
                .any(|named| named.value == *name)
        });
        if users.of(name).is_empty() && !helps {
            checker.judge.push(
                Diagnostic::error(
                    "never-called",
                    &effect.name.span,
                    format!("nobody asks for effect `{name}`"),
                )
                .label("no `call` and no `load` names it")
                .help("call it from an action, or take it out"),
            );
        }
    }
}

/// What an action calls, and the notices that it sends.
pub(super) fn build(
    checker: &Checker<'_>,
    file: &File,
    n: usize,
    screen: &Screen,
    written: &Written,
) -> (Option<Call>, Vec<String>) {
    let mut waited: Option<(&At<String>, &Effect)> = None;
    let mut tells = Vec::new();
    let mut strangers = false;
    twice(checker, &written.call);
    for named in &written.call {
        let Some(effect) = find(checker, file, named) else {
            strangers = true;
            continue;
        };
        if !effect.waits() {
            tells.push(effect.name.value.clone());
        } else if waited.is_some() {
            checker.sink.push(
                Diagnostic::error("call", &named.span, "an action waits for one effect at most")
                    .label("a second one")
                    .help("lead on to a screen whose action calls it, or send it as a notice: wait = false"),
            );
        } else {
            waited = Some((named, effect));
        }
    }
    let fault = |span: &super::Span, message: &str, help: &str| {
        checker.sink.push(
            Diagnostic::error("call", span, message)
                .label("has no meaning here")
                .help(help),
        );
    };
    if let Some(named) = written.call.first() {
        if written.cancels() {
            fault(
                &named.span,
                "giving up calls nothing: it takes back what was done",
                "take out `call`",
            );
        } else if Some(n) == graph::start_of(file) && asked_of(screen).next().is_none() {
            fault(
                &named.span,
                "a start page calls nothing: no transaction has begun",
                "call it on a later screen",
            );
        }
    }
    let Some((named, effect)) = waited else {
        let needless = [("declined", &written.declined), ("failed", &written.failed)];
        for (key, lead) in needless.into_iter().filter(|_| !strangers) {
            let Some(lead) = lead else { continue };
            let message = format!("`{key}` has nothing to go by: this action waits for no effect");
            fault(
                &lead.to.span,
                &message,
                &format!("add call = \"...\", or take out `{key}`"),
            );
            // Where it leads is looked at all the same.
            target(checker, file, lead);
        }
        return (None, tells);
    };
    (Some(call(checker, file, (n, screen), written, named, effect)), tells)
}

fn call(
    checker: &Checker<'_>,
    file: &File,
    (n, screen): (usize, &Screen),
    written: &Written,
    named: &At<String>,
    effect: &Effect,
) -> Call {
    let name = &effect.name.value;
    let failed = written.failed.as_ref().map(|lead| target(checker, file, lead));
    if failed.is_none() {
        checker.sink.push(
            Diagnostic::error(
                "no-way-out-on-failure",
                &named.span,
                format!(
                    "`{name}` may fail, and action `{}` does not say what then",
                    written.name.value
                ),
            )
            .label("where does failure lead?")
            .help("add failed = \"screen\": what people read, and can do, if it could not be done"),
        );
    }
    if let Some(last) = written.branches.last().filter(|last| last.when.is_some()) {
        checker.sink.push(
            Diagnostic::error(
                "call",
                &last.to.span,
                format!("once `{name}` is done, it must lead somewhere"),
            )
            .label("the last branch has a guard")
            .help("end with a branch without `when`: { to = \"screen\" }"),
        );
    }
    if let Some(back) = written
        .branches
        .iter()
        .find(|branch| number_of(file, &branch.to.value) == Some(n))
    {
        checker.sink.push(
            Diagnostic::error("call", &back.to.span, format!("once `{name}` is done, it must lead on"))
                .label(format!("back to `{}` itself", screen.name.value))
                .help("lead to another screen"),
        );
    }
    Call {
        effect: name.clone(),
        declined: written.declined.as_ref().map(|lead| target(checker, file, lead)),
        failed: failed.unwrap_or(Lead { to: 0, undo: false }),
    }
}

fn target(checker: &Checker<'_>, file: &File, lead: &WrittenLead) -> Lead {
    Lead {
        to: super::actions::target(checker, file, &lead.to),
        undo: lead.undoes(),
    }
}

fn find<'f>(checker: &Checker<'_>, file: &'f File, named: &At<String>) -> Option<&'f Effect> {
    let found = file.effects.iter().find(|effect| effect.name.value == named.value);
    if found.is_none() {
        let all = file.effects.iter().map(|effect| effect.name.value.as_str());
        checker.sink.push(effects::unknown(named, all));
    }
    found
}

/// The same effect is asked for once.
fn twice(checker: &Checker<'_>, all: &[At<String>]) {
    let mut seen = BTreeSet::new();
    for named in all.iter().filter(|named| !seen.insert(named.value.as_str())) {
        checker.sink.push(
            Diagnostic::error(
                "named-twice",
                &named.span,
                format!("`{}` is named twice here", named.value),
            )
            .label("the second time")
            .help("take it out"),
        );
    }
}

/// The look-ups of a screen.
pub(super) fn loads(checker: &Checker<'_>, file: &File, n: usize, screen: &Screen) -> Vec<String> {
    let start = Some(n) == graph::start_of(file) && asked_of(screen).next().is_none();
    twice(checker, &screen.load);
    for named in &screen.load {
        let Some(effect) = find(checker, file, named) else {
            continue;
        };
        let wrong = if !effect.is_safe() {
            Some("what a screen loads must change nothing: if that is so, give the effect safe = true")
        } else if effect.save.is_empty() {
            Some("it saves nothing that the screen could show: give the effect `save`")
        } else if screen.end.is_some() {
            Some("an end screen loads nothing: it stays as it was")
        } else if start {
            Some("a start page loads nothing: it is shown to everybody who looks")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            checker.sink.push(
                Diagnostic::error("load", &named.span, format!("`{}` cannot be loaded here", named.value))
                    .label("not here")
                    .help(wrong),
            );
        }
    }
    screen.load.iter().map(|named| named.value.clone()).collect()
}

/// The saved list that a choice picks from.
pub(super) fn picks(checker: &Checker<'_>, file: &File, at: Place<'_>, named: &At<String>) -> String {
    if saved_lists(file).any(|list| list == named.value) {
        checker.reads(at, named);
    } else {
        let words: Vec<_> = named
            .value
            .split(',')
            .map(|word| format!("\"{}\"", word.trim()))
            .collect();
        let listed = (words.len() > 1).then(|| format!("a list is written options = [{}]", words.join(", ")));
        let own = file.options.iter().map(|list| list.name.value.as_str());
        let near = || did_you_mean(&named.value, own.chain(saved_lists(file)));
        checker.sink.push(
            Diagnostic::error("unknown-list", &named.span, format!("there is no list `{}`", named.value))
                .label("nothing to choose from")
                .maybe_help(listed.or_else(near).or_else(|| {
                    let help = "write one as [options.NAME]; or an effect saves one with save.NAME = { at = \"/list\", type = \"options\", value = \"/id\", label = \"/name\" }";
                    Some(help.to_owned())
                })),
        );
    }
    named.value.clone()
}

/// That `choices` name a list of the file's own: what a look-up brings is for one choice.
pub(super) fn picks_several(checker: &Checker<'_>, file: &File, at: Place<'_>, named: &At<String>) {
    if !saved_lists(file).any(|list| list == named.value) {
        picks(checker, file, at, named);
        return;
    }
    checker.sink.push(
        Diagnostic::error(
            "unknown-list",
            &named.span,
            "`choices` cannot pick from what a look-up brings",
        )
        .label("saved by an effect")
        .help("make it a `choice`, or write the list as [options.NAME]"),
    );
}

fn saved_lists(file: &File) -> impl Iterator<Item = &str> {
    let saved = file.effects.iter().flat_map(|effect| &effect.save);
    let lists = saved.filter(|saved| saved.kind.as_ref().is_some_and(|kind| kind.value == "options"));
    lists.map(|saved| saved.name.value.as_str())
}
