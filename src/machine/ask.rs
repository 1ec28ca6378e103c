//! Asking: how a step wishes for effects.
//!
//! Owns what goes out (`sent`), the wishes for calls, look-ups, notices and undos, and how many
//! are remembered. A wish is part of the session, so it is on disk with the step that has it, or
//! not at all. Must not know runners.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{Asked, Away, Purpose, Stage};
use super::basis;
use super::journal::note;
use super::{Event, Path, Place, Session, State, items, looks, recalled, ways};
use crate::flow::{Effect, Flow, Scope, Screen, Sent, Value, Values};
use crate::limits;

/// What an effect sends over `values`. A missing value is left out.
pub(super) fn sent(flow: &Flow, effect: &Effect, scope: &Scope<'_>) -> Vec<(String, Value)> {
    let Some(send) = &effect.send else {
        // Every answer: not what look-ups brought, which may be another at any time.
        let fields = flow.screens.iter().flat_map(Screen::fields);
        let fields = fields.filter(|field| !field.is_secret());
        let done = flow
            .effects
            .iter()
            .filter(|effect| !effect.safe)
            .flat_map(|effect| &effect.save);
        let lists = flow.strands.iter().filter(|strand| strand.list().is_some());
        let names = fields.map(|field| &field.name).chain(done.map(|saved| &saved.name));
        let names = names.chain(lists.map(|strand| &strand.name));
        return names
            .filter_map(|name| Some((name.clone(), scope.values.get(name)?.clone())))
            .collect();
    };
    send.iter()
        .filter_map(|(name, part)| {
            let value = match part {
                Sent::Value(expr) => expr.eval(scope)?,
                Sent::Words(text) => Value::Text(text.plain(scope)),
            };
            Some((name.clone(), value))
        })
        .collect()
}

/// What a probe sends: what its own `send` says, where what it asks about was asked for; without
/// one nothing. Nothing of what that sent is in it.
pub(super) fn asks(
    flow: &Flow,
    session: &Session,
    (probe, asked): (&Effect, &Asked),
    now: i64,
) -> Vec<(String, Value)> {
    if probe.send.is_none() {
        return Vec::new();
    }
    let values = known(flow, session, asked, now);
    let reference = session.at.reference();
    let scope = Scope::new(&values, session.day(flow, asked.at), &reference, flow.words());
    sent(flow, probe, &scope)
}

/// What was known where it was asked for; askings of the release before did not keep it.
pub(super) fn known(flow: &Flow, session: &Session, asked: &Asked, now: i64) -> Values {
    if asked.known.is_empty() {
        return Path::values_on(flow, session, now, &asked.place, asked);
    }
    asked.known.clone()
}

/// Whether an effect that was asked for sends the same by what is answered now. What a look-up
/// brought is no answer: that it brings something else later changes nothing of what was done.
///
/// A newer program may make other values of the same answers: these are compared, and not what it
/// makes of them.
pub(super) fn still_sends(flow: &Flow, effect: &Effect, asked: &Asked, session: &Session, scope: &Scope<'_>) -> bool {
    let now = sent(flow, effect, scope);
    if now == asked.sent {
        return true;
    }
    match &asked.basis {
        Some(basis) if effect.send.is_some() => return *basis == basis::of(flow, effect, scope.values),
        Some(_) => return basis::answers(flow, &now).eq(basis::answers(flow, &asked.sent)),
        None if basis::untouched_since(session, asked.step) => return true,
        None => {}
    }
    let own: Vec<&String> = effect
        .send
        .iter()
        .flatten()
        .filter(|(_, part)| !reads(flow, part).iter().any(|name| looks::looked(flow, name)))
        .map(|(name, _)| name)
        .collect();
    let answers = |sent: &[(String, Value)]| {
        let kept = sent
            .iter()
            .filter(|(name, _)| effect.send.is_none() || own.contains(&name));
        kept.cloned().collect::<Vec<_>>()
    };
    answers(&now) == answers(&asked.sent)
}

/// What a part of a message reads, also by way of computed values.
fn reads<'a>(flow: &'a Flow, part: &'a Sent) -> looks::Names<'a> {
    let reads = match part {
        Sent::Value(expr) => expr.reads(),
        Sent::Words(text) => text.reads(),
    };
    looks::with_computed(flow, reads.iter().map(String::as_str).collect())
}

/// Whether an effect may send what stands in a field.
pub(super) fn sends(flow: &Flow, effect: &Effect, field: &str) -> bool {
    effect.send.is_none() || looks::sent_of(flow, effect).contains(field)
}

/// Whether an effect sends what stands in a field mixed with what a look-up brought: then the two
/// cannot be told apart in what was sent.
pub(super) fn mixes(flow: &Flow, effect: &Effect, field: &str) -> bool {
    effect.send.iter().flatten().any(|(_, part)| {
        let reads = reads(flow, part);
        reads.contains(field) && reads.iter().any(|name| looks::looked(flow, name))
    })
}

/// One who asks: the flow, the moment, and the day's values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    pub(super) flow: &'a Flow,
    pub(super) now: i64,
}

impl Asking<'_> {
    /// Wishes for the effect of an action; the session waits for it.
    pub(super) fn call(
        self,
        session: &mut Session,
        (place, action): (&Place, &str),
        effect: &Effect,
        values: &Values,
        door: Option<&[u8]>,
    ) {
        let away = effect.hand_off.as_ref().map(|off| Away {
            page: String::new(),
            door: door.unwrap_or_default().to_vec(),
            until: self.now.saturating_add(off.limit.as_secs()),
            returned: None,
        });
        forget_untaken(session, place, action);
        self.wish(session, Purpose::Do, (place, action), effect, values);
        if let Some(asked) = session.asked.last_mut() {
            asked.away = away;
        }
    }

    /// Wishes for what is to be looked up once a step is done: the look-ups of the screen that it
    /// `leads` to, and those of the path that were asked with something else than they would be
    /// asked with now. What hangs on one that is not there waits for it. Gives the path after that.
    pub(super) fn looks(self, session: &mut Session, leads: Option<&Place>) -> Path {
        let path = Path::fold(self.flow, session, self.now);
        self.looks_along(session, leads, path)
    }

    /// The same where the path of the session, as it is, is known.
    pub(super) fn looks_along(self, session: &mut Session, leads: Option<&Place>, path: Path) -> Path {
        let mut path = self.grown(session, path);
        if !matches!(session.state, State::Live) || session.waits().is_some() || !looks::any(self.flow) {
            return path;
        }
        let leads = leads.filter(|place| ways::is_open(session, &path, place));
        if let Some(place) = leads {
            ask_anew(session, place, |asked| !asked.is_open());
            path = Path::fold(self.flow, session, self.now);
        }
        // Each asking takes one away, and what comes after it may hang on it.
        for _ in 0..limits::SCREENS * limits::CALLS {
            let Some((place, name)) = path.wants.first() else { break };
            self.look(session, place, name);
            path = Path::fold(self.flow, session, self.now);
        }
        path
    }

    /// Makes the items that driven lists lack now. Gives the path after that.
    fn grown(self, session: &mut Session, mut path: Path) -> Path {
        // Each round makes those of the lists that the round before has led to.
        for _ in 0..=limits::LIST_DEPTH {
            if path.short.is_empty() || !matches!(session.state, State::Live) {
                break;
            }
            for short in &path.short {
                if let Some(strand) = self.flow.strand(short.strand) {
                    for of in &short.lacks {
                        items::make(session, strand, short.inside, *of);
                    }
                }
            }
            path = Path::fold(self.flow, session, self.now);
        }
        path
    }

    /// Wishes for one look-up; what an earlier one brought counts no more.
    fn look(self, session: &mut Session, place: &Place, name: &str) {
        let Some(effect) = self.flow.effect(name) else { return };
        let before = session.looked_up(place, name);
        let kept = before.map(|before| recalled::remembered(self.flow, session, effect, before));
        session
            .asked
            .retain(|asked| asked.purpose != Purpose::Look || asked.place != *place || asked.effect != *name);
        let values = Path::fold_before(self.flow, session, self.now, place).values;
        self.wish(session, Purpose::Look, (place, ""), effect, &values);
        if let Some(asked) = session.asked.last_mut() {
            asked.results = kept.unwrap_or_default();
        }
    }

    /// Wishes for the notices of an action.
    pub(super) fn tells(
        self,
        session: &mut Session,
        (place, action): (&Place, &str),
        tells: &[String],
        values: &Values,
    ) {
        for name in tells {
            if let Some(effect) = self.flow.effect(name) {
                self.wish(session, Purpose::Tell, (place, action), effect, values);
            }
        }
    }

    /// Wishes that these be taken back, in this order. What that sends is read of the session as it
    /// was `before`.
    pub(super) fn undos(self, session: &mut Session, before: &Session, numbers: &[u32]) {
        for number in numbers {
            let Some(of) = session.asking(*number).cloned() else {
                continue;
            };
            let undo = self.flow.effect(&of.effect).and_then(|effect| effect.undo.as_deref());
            let Some(undo) = undo.and_then(|undo| self.flow.effect(undo)) else {
                continue;
            };
            let known = Path::values_on(self.flow, before, self.now, &of.place, &of);
            let purpose = Purpose::Undo { of: *number };
            self.wish(session, purpose, (&of.place, &of.action), undo, &known);
            // What it brought itself, not what an earlier one had brought under that name.
            let mut sent = of.sent;
            sent.retain(|(name, _)| !of.results.contains_key(name));
            let sent = sent.into_iter().chain(of.results);
            if let Some(asked) = session.asked.last_mut().filter(|_| undo.send.is_none()) {
                asked.sent = sent.filter(|(_, value)| !matches!(value, Value::Options(_))).collect();
            }
        }
    }

    pub(super) fn wish(
        self,
        session: &mut Session,
        purpose: Purpose,
        (place, action): (&Place, &str),
        effect: &Effect,
        values: &Values,
    ) {
        session.asks += 1;
        let reference = session.at.reference();
        let scope = Scope::new(values, session.day(self.flow, self.now), &reference, self.flow.words());
        // What people read is in the language of who had it asked for; what is sent is the same in each.
        let spoken = self.flow.in_language(session.language);
        let said = spoken.effect(&effect.name).unwrap_or(effect);
        let scoped = Scope {
            words: spoken.words(),
            ..scope
        };
        let asked = Asked {
            number: session.asks,
            effect: effect.name.clone(),
            purpose,
            place: place.clone(),
            action: action.to_owned(),
            step: session.step,
            at: self.now,
            label: Self::label(session, purpose, said, &scoped),
            sent: Self::message(said, &scoped).unwrap_or_else(|| sent(self.flow, effect, &scope)),
            stage: Stage::Due { next: self.now },
            attempts: 0,
            doubt: false,
            probing: false,
            away: None,
            results: BTreeMap::new(),
            settled: 0,
            heard: String::new(),
            known: self.known(effect, values),
            stderr: String::new(),
            called_off: false,
            seen: false,
            basis: Some(basis::of(self.flow, effect, values)),
            absent: false,
            tries: 0,
            item: 0,
        };
        let number = asked.number;
        session.asked.push(asked);
        if !matches!(purpose, Purpose::Look) {
            let undoes = match purpose {
                Purpose::Undo { of } => of,
                _ => 0,
            };
            let effect = effect.name.clone();
            note(session, self.now, Event::Asked { number, effect, undoes });
        }
        prune(session);
    }

    /// What is read for an effect later: the saved values in its address, and all that its probe
    /// reads.
    fn known(self, effect: &Effect, values: &Values) -> BTreeMap<String, Value> {
        let probe = effect.probe.as_ref().and_then(|probe| self.flow.effect(probe));
        let mut names: BTreeSet<String> = effect.placed().into_iter().map(str::to_owned).collect();
        if let Some(probe) = probe {
            names.extend(probe.placed().into_iter().map(str::to_owned));
            let send = probe.send.iter().flatten();
            names.extend(send.flat_map(|(_, part)| reads(self.flow, part)).map(str::to_owned));
        }
        let with = |name: String| values.get(&name).cloned().map(|value| (name, value));
        names.into_iter().filter_map(with).collect()
    }

    /// An undo is about what it takes back.
    fn label(session: &Session, purpose: Purpose, effect: &Effect, scope: &Scope<'_>) -> String {
        let of = match purpose {
            Purpose::Undo { of } => session.asking(of),
            _ => None,
        };
        let words = of.map_or_else(|| effect.label.plain(scope), |of| of.label.clone());
        words.chars().take(limits::LABEL_CHARS).collect()
    }

    /// A message is written as it is asked for: it says what held then.
    fn message(effect: &Effect, scope: &Scope<'_>) -> Option<Vec<(String, Value)>> {
        let crate::flow::Means::Email { to, subject, text, .. } = &effect.means else {
            return None;
        };
        let parts = [("to", to), ("subject", subject), ("text", text)];
        Some(
            parts
                .map(|(name, text)| (name.to_owned(), Value::Text(text.plain(scope))))
                .into(),
        )
    }
}

/// Lets the look-ups of a screen be asked once more, of those askings that `which` names.
pub(super) fn ask_anew(session: &mut Session, place: &Place, which: impl Fn(&Asked) -> bool) {
    let looks = |asked: &&mut Asked| asked.purpose == Purpose::Look && asked.place == *place;
    for asked in session.asked.iter_mut().filter(looks).filter(|asked| which(asked)) {
        // Nothing is ever asked with this.
        asked.sent = vec![(String::new(), Value::Bool(false))];
    }
}

/// What came of earlier askings by the same button, and was not done, is told no more.
pub(super) fn forget_untaken(session: &mut Session, place: &Place, action: &str) {
    let old = |asked: &Asked| {
        asked.purpose == Purpose::Do
            && asked.place == *place
            && asked.action == action
            && matches!(asked.stage, Stage::Declined { .. } | Stage::Failed { .. })
            && asked.away.is_none()
            && !session.is_undone(asked.number)
    };
    let gone: Vec<u32> = session
        .asked
        .iter()
        .filter(|asked| old(asked))
        .map(|asked| asked.number)
        .collect();
    let missed: Vec<u32> = session
        .asked
        .iter()
        .filter(|asked| session.is_missed(asked))
        .map(|asked| asked.number)
        .collect();
    session
        .asked
        .retain(|asked| !gone.contains(&asked.number) || missed.contains(&asked.number));
    for asked in session.asked.iter_mut().filter(|asked| gone.contains(&asked.number)) {
        // That it failed is the operator's to see; what it sent goes out anew.
        asked.sent.clear();
    }
}

/// Forgets what is settled and told: an effect with what took it back, then notices.
fn prune(session: &mut Session) {
    session.count_missed();
    let settled = |asked: &Asked| !asked.is_open() && !asked.in_doubt();
    while session.asked.len() > limits::ASKINGS_KEPT {
        let undos = |number: u32| {
            let of = move |asked: &&Asked| asked.purpose == Purpose::Undo { of: number };
            session.asked.iter().filter(of)
        };
        let gone = |asked: &Asked| {
            let undone = undos(asked.number).next().is_some()
                && undos(asked.number).all(|undo| settled(undo) && !session.is_missed(undo));
            settled(asked)
                && !session.is_missed(asked)
                && (asked.purpose == Purpose::Tell || asked.purpose == Purpose::Do && undone)
        };
        let effect = |asked: &Asked| asked.purpose == Purpose::Do && gone(asked);
        let first = session.asked.iter().position(effect);
        let Some(first) = first.or_else(|| session.asked.iter().position(gone)) else {
            return;
        };
        let number = session.asked.remove(first).number;
        session
            .asked
            .retain(|asked| asked.purpose != Purpose::Undo { of: number });
    }
}
