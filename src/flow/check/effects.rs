//! Effects: how each is asked for, what goes out, what comes back, how it is taken back.
//!
//! Owns the building of an [`Effect`] and the faults of one by itself and of those it names. Must
//! not know which actions call it: that is `calls`'.

use jiff::SignedDuration;

use super::super::diagnostic::{Diagnostic, did_you_mean};
use super::super::source::{At, Effect as Written, File, HandOff as WrittenHandOff, place};
use super::super::{Effect, Expr, Filled, HandOff, Sent, Text, Type};
use super::calls::Users;
use super::{Checker, Place, idents, means, names, saved, settings};
use crate::limits;

/// How long is waited for one try, where the author does not say.
const TIMEOUT: SignedDuration = SignedDuration::from_secs(10);
/// The same for a hand-off's outcome.
const AWAY: SignedDuration = SignedDuration::from_mins(15);
/// Notices and undos are tried again for so long, where the author does not say.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// Builds every effect of the file.
pub(super) fn build(checker: &Checker<'_>, file: &File, users: &Users<'_>) -> Vec<Effect> {
    file.effects
        .iter()
        .map(|written| one(checker, file, written, users.of(&written.name.value)))
        .collect()
}

fn one(checker: &Checker<'_>, file: &File, written: &Written, places: &[Place<'_>]) -> Effect {
    let sink = checker.sink;
    names::label_name("an effect", &written.name, sink);
    let undoes = file
        .effects
        .iter()
        .any(|other| other.undo.as_ref().is_some_and(|undo| undo.value == written.name.value));
    fits_together(checker, written);
    unread(checker, file, written);
    for (key, other) in [("undo", &written.undo), ("probe", &written.probe)] {
        if let Some(other) = other {
            helper(checker, file, key, written, other);
        }
    }
    let email = written.email.is_some();
    let patience = if email || undoes {
        PATIENCE
    } else {
        SignedDuration::ZERO
    };
    let second = SignedDuration::from_secs(1);
    let minute = SignedDuration::from_mins(1);
    let days = SignedDuration::from_hours(24 * limits::RETRY_DAYS);
    Effect {
        name: written.name.value.clone(),
        label: match &written.label {
            Some(label) => checker.naming(places.first().copied().unwrap_or(Place::shown(0)), label),
            None => Text::fixed(words(&written.name.value)),
        },
        means: means::build(checker, file, written, places),
        hand_off: written.hand_off.as_ref().map(|off| hand_off(checker, written, off)),
        send: written.send.as_ref().map(|pairs| {
            pairs
                .iter()
                .map(|(name, value)| {
                    if !undoes {
                        own_reply(checker, written, value);
                    }
                    for probed in file.effects.iter().filter(|other| other.asks(written)) {
                        own_reply(checker, probed, value);
                    }
                    (name.value.clone(), sent(checker, places, value))
                })
                .collect()
        }),
        save: saved::build(checker, written),
        timeout: settings::lifetime(written.timeout.as_ref(), second..=minute, sink).unwrap_or(TIMEOUT),
        retry: settings::lifetime(written.retry.as_ref(), SignedDuration::ZERO..=days, sink).unwrap_or(patience),
        undo: written.undo.as_ref().map(|undo| undo.value.clone()),
        probe: written.probe.as_ref().map(|probe| probe.value.clone()),
        accepts_html: accepts_html(checker, written),
        safe: written.is_safe(),
        wait: written.waits(),
        each: each(checker, written, places),
    }
}

/// The list for each of whose items it is done.
fn each(checker: &Checker<'_>, written: &Written, places: &[Place<'_>]) -> Option<String> {
    let named = written.each.as_ref()?;
    let fault = |span: &super::Span, message: String, help: &str| {
        checker.sink.push(
            Diagnostic::error("effect", span, message)
                .label("for each item")
                .help(help),
        );
    };
    let name = &written.name.value;
    if checker.layout.outermost(&named.value).is_none() {
        let lists = checker.layout.strands.iter().enumerate();
        let lists = lists
            .filter(|(n, _)| checker.layout.is_list(*n))
            .map(|(_, hung)| hung.name.value.as_str());
        let lists: Vec<_> = lists.filter(|list| checker.layout.outermost(list).is_some()).collect();
        let message = format!("there is no list `{}` that lies in no other", named.value);
        checker.sink.push(
            Diagnostic::error("unknown-list", &named.span, message)
                .label("for each of what?")
                .maybe_help(did_you_mean(&named.value, lists)),
        );
    }
    if !written.waits() || written.is_safe() || written.hand_off.is_some() {
        let message = format!("`{name}` is a look-up, a notice or a hand-off: these are not done once per item");
        fault(
            &named.span,
            message,
            "take out `each`, and send the list as a whole: \"{{ people }}\"",
        );
    } else if written.undo.is_none() {
        let message = format!("what is done for each item must be able to be taken back, and `{name}` has no `undo`");
        fault(
            &named.span,
            message,
            "name the effect that takes it back: undo = \"...\"",
        );
    }
    if written.send.is_none() {
        let message = format!("`{name}` does not say what goes out for each item");
        fault(
            &named.span,
            message,
            "say it, with the item's own answers: send = { name = \"{{ name }}\" }",
        );
    }
    if let Some(saved) = written.save.first() {
        let message = format!("`{name}` is done for each item: what it saves would be of the last one alone");
        fault(&saved.name.span, message, "take out `save`");
    }
    for at in places {
        checker.reads(Place { among: None, ..*at }, named);
        if !checker.layout.lists(at.screen).is_empty() {
            let message = format!("`{name}` is done for each item, and called from the screen of an item");
            fault(&named.span, message, "call it behind the list, or take out `each`");
        }
    }
    Some(named.value.clone())
}

/// `accept`: what besides JSON is an answer.
fn accepts_html(checker: &Checker<'_>, written: &Written) -> bool {
    let Some(accept) = &written.accept else { return false };
    if accept.value != "html" {
        checker.sink.push(settings::unknown_word("accept", accept, &["html"]));
    }
    true
}

/// A name as words: `seat-hold` is "Seat hold".
fn words(name: &str) -> String {
    let spaced = name.replace('-', " ");
    let mut chars = spaced.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// What goes out under one name: a value where one expression stands alone, else words.
fn sent(checker: &Checker<'_>, places: &[Place<'_>], written: &At<String>) -> Sent {
    let alone = written
        .value
        .trim()
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"));
    let alone = alone.filter(|inner| !inner.contains("{{") && !inner.contains("}}"));
    let parsed = alone.and_then(|inner| Expr::parse(inner, &checker.types_at(places)).ok());
    // Items have no words of their own, but go out as they are.
    if let Some(items) = parsed.filter(|expr| expr.result() == Type::Rows) {
        for (at, (name, range, _)) in places.iter().flat_map(|at| {
            idents::of_text(&written.value)
                .into_iter()
                .map(move |found| (at, found))
        }) {
            checker.reads_in(*at, written, name, range);
        }
        return Sent::Value(items);
    }
    let text = checker.text_read_at(places, written, false);
    match alone {
        Some(inner) => Expr::parse(inner, &checker.types_at(places)).map_or(Sent::Words(text), Sent::Value),
        None => Sent::Words(text),
    }
}

/// What an effect saves is there only once it is done: it cannot go out with it.
fn own_reply(checker: &Checker<'_>, written: &Written, value: &At<String>) {
    let own = |name: &str| written.save.iter().any(|saved| saved.name.value == name);
    for (name, inner, _) in idents::of_text(&value.value).into_iter().filter(|(name, ..)| own(name)) {
        checker.judge.push(
            Diagnostic::error(
                "read-too-early",
                &place(checker.source, &value.span, &inner),
                format!("`{name}` comes with the reply of `{}` itself", written.name.value),
            )
            .label("not known yet")
            .help("send an answer, or what another effect saved before"),
        );
    }
}

/// What takes back, or asks about, another effect saves nothing of its own.
fn unread(checker: &Checker<'_>, file: &File, written: &Written) {
    let Some(saved) = written.save.first() else { return };
    let name = &written.name.value;
    let mut asked = file.screens.iter().flat_map(|screen| {
        let calls = screen.actions.iter().flat_map(|action| &action.call);
        calls.chain(&screen.load)
    });
    let helps = |key: fn(&Written) -> Option<&At<String>>| {
        let mut named = file.effects.iter().filter_map(key);
        named.any(|named| named.value == *name)
    };
    let why = if asked.any(|named| named.value == *name) {
        return;
    } else if helps(|other| other.probe.as_ref()) {
        "its reply is read as that of the effect that it asks about: let that one save it"
    } else if helps(|other| other.undo.as_ref()) {
        "nothing of the reply of what takes back is kept: take out `save`"
    } else {
        return;
    };
    checker.judge.push(
        Diagnostic::error(
            "effect",
            &saved.name.span,
            format!("`{name}` is called by no action, so it saves nothing"),
        )
        .label("never saved")
        .help(why),
    );
}

/// The keys of an effect that contradict one another.
fn fits_together(checker: &Checker<'_>, written: &Written) {
    let clash = |span: &super::Span, message: &str, help: &str| clash(checker, span, message, help);
    let passing = written.is_safe() || !written.waits();
    if let Some(undo) = written.undo.as_ref().filter(|_| passing) {
        clash(
            &undo.span,
            "a look-up or a notice has nothing to take back",
            "take out `undo`, or what makes it one: `safe`, `wait = false` or `email`",
        );
    }
    if let Some(probe) = written.probe.as_ref().filter(|_| passing) {
        clash(
            &probe.span,
            "whether a look-up or a notice was done is never asked",
            "take out `probe`, or what makes it one: `safe`, `wait = false` or `email`",
        );
    }
    if let Some(wait) = &written.wait {
        if written.email.is_some() && wait.value {
            clash(
                &wait.span,
                "a message is sent in passing: nobody waits for it",
                "take out `wait`",
            );
        } else if written.is_safe() && !wait.value {
            clash(
                &wait.span,
                "what a look-up finds is waited for",
                "take out `wait`, or `safe`",
            );
        }
    }
    if let Some(saved) = written.save.first().filter(|_| !written.waits()) {
        clash(
            &saved.name.span,
            "nobody waits for a notice, so nothing of its reply can be used",
            "take out `save`, or what makes it a notice: `wait = false` or `email`",
        );
    }
    if let Some(safe) = written
        .safe
        .as_ref()
        .filter(|safe| safe.value && written.email.is_some())
    {
        clash(&safe.span, "a message is no look-up", "take out `safe`");
    }
    if let Some(off) = &written.hand_off {
        away_and_back(checker, written, off);
    }
}

fn clash(checker: &Checker<'_>, span: &super::Span, message: &str, help: &str) {
    let fault = Diagnostic::error("effect", span, message);
    checker.judge.push(fault.label("does not fit").help(help));
}

/// Whoever goes elsewhere must be waited for, and what came of it must be heard.
fn away_and_back(checker: &Checker<'_>, written: &Written, off: &WrittenHandOff) {
    let span = off.page.as_ref().map_or(&written.name.span, |page| &page.span);
    let clash = |message: &str, help: &str| clash(checker, span, message, help);
    if written.is_safe() || !written.waits() {
        clash(
            "only an effect that is waited for, and is no look-up, can hand a person over",
            "take out `hand-off`",
        );
        return;
    }
    if written.undo.is_none() {
        clash(
            "whoever goes elsewhere may never come back: after its limit a hand-off is taken back",
            "name the effect that takes it back: undo = \"...\"",
        );
    }
    if written.probe.is_none() && off.secret.is_none() {
        clash(
            "nobody would ever tell what came of this hand-off",
            "add probe = \"...\", or the `secret` that callbacks are signed with",
        );
    }
}

/// The effect that another names to take it back, or to ask about it.
fn helper(checker: &Checker<'_>, file: &File, key: &str, written: &Written, named: &At<String>) {
    let Some(other) = file.effects.iter().find(|other| other.name.value == named.value) else {
        let all = file.effects.iter().map(|other| other.name.value.as_str());
        checker.sink.push(unknown(named, all));
        return;
    };
    let wrong = if other.name.value == written.name.value {
        Some("an effect cannot stand for itself")
    } else if other.email.is_some() || other.hand_off.is_some() {
        Some("a message or a hand-off cannot serve here")
    } else if key == "probe" && !other.is_safe() {
        Some("asking must change nothing: the probe needs safe = true")
    } else if key == "undo" && other.is_safe() {
        Some("a look-up changes nothing, so it takes nothing back: leave out its safe = true, if that is wrong")
    } else if key == "undo" && !other.waits() {
        Some("whether something was taken back must be known: leave out its wait = false")
    } else if key == "undo" && other.undo.is_some() {
        Some("what takes back is not taken back itself: leave out its `undo`")
    } else {
        None
    };
    if let Some(wrong) = wrong {
        checker.judge.push(
            Diagnostic::error(
                "effect",
                &named.span,
                format!("`{}` cannot be the {key} here", named.value),
            )
            .label("does not serve")
            .help(wrong),
        );
    }
}

fn hand_off(checker: &Checker<'_>, written: &Written, off: &WrittenHandOff) -> HandOff {
    let missing = |key: &str, help: &str| {
        checker.sink.push(
            Diagnostic::error(
                "missing-key",
                &written.name.span,
                format!("the hand-off of `{}` needs `{key}`", written.name.value),
            )
            .label("hands a person over")
            .help(help),
        );
    };
    if off.page.is_none() {
        missing("page", "say where the reply names the page: page = \"/url\"");
    }
    if off.hosts.is_empty() {
        missing(
            "hosts",
            "name the hosts that people may be sent to: hosts = [\"pay.example.org\"]",
        );
    }
    let second = SignedDuration::from_secs(1);
    let days = SignedDuration::from_hours(24 * limits::RETRY_DAYS);
    HandOff {
        page: off
            .page
            .as_ref()
            .map_or_else(String::new, |page| saved::pointer(checker, page)),
        hosts: off.hosts.iter().map(|named| host(checker, named)).collect(),
        limit: settings::lifetime(off.limit.as_ref(), second..=days, checker.sink).unwrap_or(AWAY),
        secret: off.secret.as_ref().map(|written| secret(checker, written)),
    }
}

/// A host that people may be sent to: its name, with its port where it is not the scheme's own.
fn host(checker: &Checker<'_>, written: &At<String>) -> Filled {
    let filled = means::filled(checker, written);
    // The variables are the operator's: what is in them is not known here.
    let plain = filled.fill(|_| Some("host".to_owned())).unwrap_or_default();
    let good = !plain.is_empty() && plain.chars().all(|c| c.is_ascii_alphanumeric() || "-.:[]".contains(c));
    if !good && filled != Filled::default() || written.value.is_empty() {
        let bare = plain.split_once("://").map_or(plain.as_str(), |(_, rest)| rest);
        let bare = bare.split(['/', '?', '#']).next().unwrap_or_default();
        let example = if bare.is_empty() || bare.contains('*') {
            "pay.example.org"
        } else {
            bare
        };
        checker.sink.push(
            Diagnostic::error("effect", &written.span, format!("`{}` is no host", written.value))
                .label("a host alone")
                .help(format!("write each host by its whole name, such as \"{example}\"")),
        );
    }
    filled
}

/// What callbacks are signed with. With an empty one everybody could sign.
fn secret(checker: &Checker<'_>, written: &At<String>) -> Filled {
    let filled = means::filled(checker, written);
    let empty = filled.fill(|_| None).is_ok_and(|secret| secret.is_empty());
    if empty && (filled != Filled::default() || written.value.is_empty()) {
        checker.sink.push(
            Diagnostic::error("effect", &written.span, "with an empty secret everybody could sign")
                .label("empty")
                .help("name a variable of the server's environment: secret = \"${PAY_SECRET}\""),
        );
    }
    filled
}

/// The fault of an effect that is not there.
pub(super) fn unknown<'a>(named: &At<String>, all: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    Diagnostic::error(
        "unknown-effect",
        &named.span,
        format!("there is no effect `{}`", named.value),
    )
    .label("unknown")
    .maybe_help(did_you_mean(&named.value, all).or_else(|| Some(format!("add [effects.{}]", named.value))))
}
