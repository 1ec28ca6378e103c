//! The path: the fold over a flow and its answers.
//!
//! Owns [`Path`]: which screens lead from the start to the first that is not answered validly,
//! and which values count. It is computed at each phase and never stored. Must not know what a
//! submission is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::asked::{Asked, Stage};
use super::strands::{Folding, Short, Standing, Walk};
use super::{Place, Session, State, absent, ask, looks, recalled};
use crate::flow::{Action, Branch, Effect, Field, Flow, Scope, Screen, Value, Values};
use crate::words::Words;

/// The screens from the start to the first that is not answered validly, or to an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// In the order in which they are read: what hangs on a screen follows it. Never empty.
    pub visits: Vec<Visit>,
    /// The answers that count, and the computed values.
    pub values: Values,
    /// The day that it was reckoned on, in the flow's time zone.
    pub today: Date,
    /// The language in which values are said.
    pub words: Words,
    /// The done effects that count, by number.
    pub calls: Vec<u32>,
    /// Done effects that were reached and sent something else than what is answered now.
    pub stale: Vec<u32>,
    /// Names without a value because what a look-up is to bring is not there, and what is computed
    /// from them.
    pub missing: BTreeSet<String>,
    /// Look-ups on the path, by screen and effect, that were not asked with what they would be
    /// asked with now.
    pub(super) wants: Vec<(Place, String)>,
    /// The walks along the flow's own path, which is the first, along items and tasks.
    pub walks: Vec<Walk>,
    /// Items that driven lists lack.
    pub(super) short: Vec<Short>,
    /// The values that the item's hide that a page is about.
    pub(super) entered: Vec<(String, Option<Value>)>,
    /// Where the transaction stands, among the visits.
    pub(super) stands: usize,
}

/// How far a fold goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until<'a> {
    /// To where the answers end.
    End,
    /// To this screen, what its look-ups brought included.
    Here(&'a Place),
    /// To this screen, without what its look-ups brought.
    Before(&'a Place),
}

/// A screen as the fold comes to it.
pub(super) struct At<'a> {
    pub(super) flow: &'a Flow,
    pub(super) session: &'a Session,
    pub(super) screen: &'a Screen,
    pub(super) place: &'a Place,
    /// The day that its answers are held against.
    pub(super) day: Date,
    /// It lies behind a seal or an end: nothing of it is put in question.
    pub(super) settled: bool,
    pub(super) reference: &'a str,
}

/// A screen on the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub place: Place,
    /// Its number in the flow.
    pub screen: u16,
    /// The walk that it is of, among those of the path.
    pub walk: usize,
}

impl Path {
    /// Folds the answers from the start to where they end.
    pub fn fold(flow: &Flow, session: &Session, now: i64) -> Self {
        Self::walk(flow, session, now, Until::End)
    }

    /// The same, but no further than to the screen `until`: what counts before it.
    pub(super) fn fold_to(flow: &Flow, session: &Session, now: i64, until: &Place) -> Self {
        Self::walk(flow, session, now, Until::Here(until))
    }

    /// What counts before the screen `until`, without what its own look-ups brought.
    pub(super) fn fold_before(flow: &Flow, session: &Session, now: i64, until: &Place) -> Self {
        Self::walk(flow, session, now, Until::Before(until))
    }

    fn walk(flow: &Flow, session: &Session, now: i64, until: Until<'_>) -> Self {
        // What lies behind a seal was valid when it was sealed, and stays so.
        let seal = session.seal.as_ref().map(|seal| &seal.place);
        let mut path = Self {
            today: session.as_of(flow, now),
            words: flow.words(),
            ..Self::default()
        };
        let mut folding = Folding {
            flow,
            session,
            until,
            seal: seal.zip(session.sealed_as_of(flow)),
            over: !matches!(session.state, State::Live),
            reference: &session.at.reference(),
            stopped: false,
        };
        let own = Walk {
            strand: None,
            item: 0,
            host: None,
            last: None,
            standing: Standing::Begun,
        };
        folding.strand(&mut path, own, flow.start);
        let last = path.walks.first().and_then(|walk| walk.last).unwrap_or_default();
        path.stands = if flow.strands.is_empty() {
            last
        } else {
            let lacking = path.lacking_in(flow, last).map(|visit| &visit.place);
            lacking.and_then(|place| path.position(place)).unwrap_or(last)
        };
        if looks::any(flow) {
            path.values.extend(recalled::words(flow, session, &path.values));
        }
        path
    }

    /// What counts on a screen that was answered, its own answers and what its effect brought
    /// included, wherever it leads.
    pub(super) fn values_on(flow: &Flow, session: &Session, now: i64, place: &Place, asked: &Asked) -> Values {
        let mut path = Self::fold_to(flow, session, now, place);
        let none = BTreeMap::new();
        let answers = session.answers.get(place).map_or(&none, |answer| &answer.fields);
        if let Some(screen) = flow.number(&place.screen).and_then(|number| flow.screen(number)) {
            let at = At {
                flow,
                session,
                screen,
                place,
                day: path.today,
                settled: true,
                reference: &session.at.reference(),
            };
            path.take_up(&at, answers);
        }
        path.values.extend(asked.results.clone());
        if asked.item > 0 {
            path.enter_item(flow, session, asked.item);
        }
        path.values
    }

    /// Adds what the look-ups of a screen that is not on the path brought.
    pub(super) fn bring_aside(&mut self, flow: &Flow, session: &Session, place: &Place) {
        let Some(screen) = flow.number(&place.screen).and_then(|number| flow.screen(number)) else {
            return;
        };
        let at = At {
            flow,
            session,
            screen,
            place,
            day: self.today,
            settled: false,
            reference: &session.at.reference(),
        };
        self.bring(&at);
    }

    /// Takes up what the look-ups of a screen brought: only if they were asked with what they would
    /// be asked with now. What this session holds stays in the lists that it was picked from.
    pub(super) fn bring(&mut self, at: &At<'_>) {
        let place = at.place;
        if at.screen.load.is_empty() {
            return;
        }
        let before = (self.values.clone(), self.missing.clone());
        for name in &at.screen.load {
            let Some(effect) = at.flow.effect(name) else { continue };
            let there = self.there(at, (place, effect), (&before.0, &before.1));
            for saved in &effect.save {
                self.values.remove(&saved.name);
                if there.is_some() {
                    self.missing.remove(&saved.name);
                } else {
                    self.missing.insert(saved.name.clone());
                }
            }
            for (name, value) in there.into_iter().flat_map(Asked::brought) {
                self.values.insert(name.clone(), value.clone());
            }
            if let Some(asked) = at.session.looked_up(place, name) {
                self.keep_held(at, effect, asked);
            }
        }
    }

    /// The asking for a look-up whose results count, if one does.
    fn there<'a>(
        &mut self,
        at: &At<'a>,
        (place, effect): (&Place, &Effect),
        (values, missing): (&Values, &BTreeSet<String>),
    ) -> Option<&'a Asked> {
        let asked = at.session.looked_up(place, &effect.name);
        // The release before went on with what the asking before had brought, until the new one had.
        let of_before = |asked: &Asked| asked.is_open() && asked.brought().next().is_some();
        let done = |asked: &&Asked| matches!(asked.stage, Stage::Done { .. }) || of_before(asked);
        if at.settled {
            return asked.filter(done);
        }
        let hangs = !missing.is_empty()
            && looks::sent_of(at.flow, effect)
                .iter()
                .any(|name| missing.contains(*name));
        let same = asked.filter(|asked| {
            let scope = Scope::new(values, at.session.day(at.flow, asked.at), at.reference, at.flow.words());
            !hangs && self.asks_the_same(at.flow, effect, asked, &ask::sent(at.flow, effect, &scope))
        });
        if same.is_none() && !hangs {
            self.wants.push((place.clone(), effect.name.clone()));
        }
        same.filter(done)
    }

    /// Whether a look-up was asked with what it would be asked with `now`. Where it sends every answer,
    /// the release before sent those of later screens too: they do not count here.
    fn asks_the_same(&self, flow: &Flow, effect: &Effect, asked: &Asked, now: &[(String, Value)]) -> bool {
        if effect.send.is_some() {
            return asked.sent == now;
        }
        let later = |name: &str| {
            let screen = flow
                .screens
                .iter()
                .find(|screen| screen.fields().any(|field| field.name == name));
            screen.is_some_and(|screen| self.position(&Place::of(&screen.name)).is_none())
        };
        let counts = |(name, _): &&(String, Value)| now.iter().any(|(known, _)| known == name) || !later(name);
        asked.sent.iter().filter(counts).eq(now.iter())
    }

    fn keep_held(&mut self, at: &At<'_>, effect: &Effect, asked: &Asked) {
        for saved in &effect.save {
            let kept = asked.may_hold(&saved.name);
            if kept.is_empty() {
                continue;
            }
            let held = looks::held(at.flow, at.session, &saved.name);
            let mut options = match self.values.get(&saved.name) {
                Some(Value::Options(options)) => options.clone(),
                _ => Vec::new(),
            };
            for (value, label) in kept.iter().rev().filter(|(value, _)| held.contains(value)) {
                if options.iter().all(|(known, _)| known != value) {
                    options.insert(0, (value.clone(), label.clone()));
                }
            }
            if !options.is_empty() {
                self.values.insert(saved.name.clone(), Value::Options(options));
            }
        }
    }

    /// Whether any of these names has no value because a look-up has not brought it.
    pub(super) fn misses(&self, names: &looks::Names<'_>) -> bool {
        !self.missing.is_empty() && names.iter().any(|name| self.missing.contains(*name))
    }

    /// Takes up what a screen was answered with, and says where it led: `None` where it is not
    /// answered validly, is an end, or led back to a screen that is on the path already. A live
    /// session never stands on an end but on an open one: any other is reached only by an action
    /// that ends the session. `ready`: nothing that hangs on it holds it up; `host`: the screen to which
    /// its strand leads back.
    pub(super) fn through(&mut self, at: &At<'_>, ready: bool, host: Option<u16>) -> Option<u16> {
        let none = BTreeMap::new();
        let (flow, session, screen) = (at.flow, at.session, at.screen);
        let answer = session.answers.get(at.place);
        let valid = self.take_up(at, answer.map_or(&none, |a| &a.fields)) && ready;
        let ended = matches!(session.state, State::Ended { .. });
        let action = answer
            .filter(|_| valid)
            .and_then(|a| a.action.as_deref())
            .and_then(|name| screen.actions.iter().find(|action| action.name == name))
            .filter(|action| at.settled || self.missing.is_empty() || !self.misses(&looks::way_of(flow, action)));
        let target = action
            .and_then(|action| self.led(at, action))
            .map(|to| absent::lands(flow, to, &self.scope(at)))
            .filter(|to| {
                flow.screen(*to)
                    .is_some_and(|target| ended || target.final_end().is_none())
            })
            .filter(|to| Some(*to) == host || self.is_new(*to, at.place.item));
        if target.is_none() {
            // What stands on a screen that is not answered does not count; what is computed from
            // the screens before it does.
            for field in screen.fields() {
                self.values.remove(&field.name);
            }
            self.take_up(at, &none);
        }
        target
    }

    /// Where an action that was taken led: where it says, once what it calls is done. What lies
    /// behind the seal, or is over, is as it was.
    fn led(&mut self, at: &At<'_>, action: &Action) -> Option<u16> {
        if let Some(call) = &action.call
            && let Err(elsewhere) = self.came_of(at, action, call)
        {
            return elsewhere;
        }
        let scope = Scope::new(&self.values, at.day, at.reference, at.flow.words());
        branch(action, &scope).map(|branch| branch.to)
    }

    /// Takes up a screen's answers and computed values; whether they are valid and complete.
    fn take_up(&mut self, at: &At<'_>, answers: &BTreeMap<String, Value>) -> bool {
        let looks = looks::any(at.flow);
        let mut valid = true;
        for field in at.screen.fields() {
            let (value, passes) = match field.computed() {
                Some(value) => (self.computed(at, &field.name, value), true),
                None => self.answered(at, field, answers.get(&field.name), looks),
            };
            valid &= passes;
            if let Some(value) = value {
                self.values.insert(field.name.clone(), value);
            }
        }
        valid && self.keeps_rules(at, looks)
    }

    fn computed(&mut self, at: &At<'_>, name: &str, value: &crate::flow::Expr) -> Option<Value> {
        if !self.missing.is_empty() {
            if value.reads().iter().any(|read| self.missing.contains(read)) {
                self.missing.insert(name.to_owned());
                return None;
            }
            self.missing.remove(name);
        }
        value.eval(&self.scope(at))
    }

    /// What counts of the answer to a field, and whether it passes. What a done effect sent, or
    /// lies behind a seal or an end, is not put in question by a look-up; of the rest nothing is
    /// valid that hangs on one that is not there.
    fn answered(&self, at: &At<'_>, field: &Field, answer: Option<&Value>, looks: bool) -> (Option<Value>, bool) {
        let checks = if looks {
            looks::checks_of(at.flow, field)
        } else {
            looks::Names::new()
        };
        let by_look = checks.iter().any(|name| looks::looked(at.flow, name));
        if by_look && (at.settled || looks::holds(at.flow, at.session, &field.name)) && answer.is_some() {
            return (answer.cloned(), true);
        }
        if by_look && !at.settled && self.misses(&checks) {
            let guard = field.when.as_ref().map(|when| when.guard.reads());
            let hidden = guard.is_some_and(|reads| reads.iter().any(|name| self.missing.contains(name)));
            return (answer.cloned(), !hidden && answer.is_none() && !field.required);
        }
        let scope = self.scope(at);
        if field.when.as_ref().is_some_and(|when| !when.guard.holds(&scope)) {
            return (None, true);
        }
        match answer {
            Some(answer) if field.still_valid(answer, &scope) => (Some(answer.clone()), true),
            None if !field.required => (None, true),
            Some(_) | None if field.has_nothing(None, &scope) => (None, true),
            Some(_) | None => (answer.cloned(), false),
        }
    }

    fn keeps_rules(&self, at: &At<'_>, looks: bool) -> bool {
        let scope = self.scope(at);
        at.screen.rules.iter().all(|rule| {
            let reads: looks::Names<'_> = rule.check.reads().iter().map(String::as_str).collect();
            if looks {
                let reads = looks::with_computed(at.flow, reads);
                let by_look = reads.iter().any(|name| looks::looked(at.flow, name));
                let held = || reads.iter().any(|name| looks::holds(at.flow, at.session, name));
                if by_look && (at.settled || held()) {
                    return true;
                }
                if by_look && self.misses(&reads) {
                    return false;
                }
            }
            rule.check.eval(&scope) != Some(Value::Bool(false))
        })
    }

    fn scope<'s>(&'s self, at: &'s At<'_>) -> Scope<'s> {
        Scope::new(&self.values, at.day, at.reference, at.flow.words())
    }

    /// Whether the path has not come to a screen yet.
    fn is_new(&self, screen: u16, item: u32) -> bool {
        let here = |visit: &Visit| visit.screen == screen && visit.place.item == item;
        !self.visits.iter().any(here)
    }

    /// What may be read on the path, of the session of this reference.
    pub fn scope_of<'s>(&'s self, reference: &'s str) -> Scope<'s> {
        Scope::new(&self.values, self.today, reference, self.words)
    }

    /// Where the transaction stands: the last screen, or the one from which an item lacks that it holds up.
    pub fn present(&self) -> Option<&Visit> {
        self.visits.get(self.stands)
    }

    /// How many screens come before `place`; `None` where the path does not lead there.
    pub fn position(&self, place: &Place) -> Option<usize> {
        self.visits.iter().position(|visit| visit.place == *place)
    }

    /// The screen before `place` on the path; before the first of an item or a task the page on which
    /// that hangs.
    pub fn before(&self, place: &Place) -> Option<&Visit> {
        let at = self.position(place)?;
        let walk = self.visits.get(at)?.walk;
        let mut before = self.visits.iter().take(at).rev();
        let own = before.find(|visit| visit.walk == walk);
        own.or_else(|| self.visits.get(self.walks.get(walk)?.host?))
    }
}

/// The branch that an action takes; `None` where it is not offered or no guard holds.
pub(super) fn branch<'a>(action: &'a Action, scope: &Scope<'_>) -> Option<&'a Branch> {
    let offered = action.when.as_ref().is_none_or(|when| when.holds(scope));
    action
        .branches
        .iter()
        .find(|branch| offered && branch.when.as_ref().is_none_or(|when| when.holds(scope)))
}
