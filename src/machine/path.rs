//! The path: the fold over a flow and its answers.
//!
//! Owns [`Path`]: which screens lead from the start to the first that is not answered validly,
//! and which values count. It is computed at each phase and never stored. Must not know what a
//! submission is.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::asked::{Asked, Stage};
use super::{Place, Session, State, ask};
use crate::flow::{Action, Branch, Flow, Item, Scope, Screen, Value, Values};

/// The screens from the start to the first that is not answered validly, or to an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// In order; never empty. All but the last are answered.
    pub visits: Vec<Visit>,
    /// The answers that count, and the computed values.
    pub values: Values,
    /// The day that it was reckoned on, in the flow's time zone.
    pub today: Date,
    /// The done effects that count, by number.
    pub calls: Vec<u32>,
    /// Done effects that were reached and sent something else than what is answered now.
    pub stale: Vec<u32>,
}

/// A screen on the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub place: Place,
    /// Its number in the flow.
    pub screen: u16,
}

impl Path {
    /// Folds the answers from the start to where they end.
    pub fn fold(flow: &Flow, session: &Session, now: i64) -> Self {
        Self::fold_to(flow, session, now, None)
    }

    /// The same, but no further than to the screen `until`: what counts before it.
    pub(super) fn fold_to(flow: &Flow, session: &Session, now: i64, until: Option<&Place>) -> Self {
        let today = flow.day(session.as_of(now));
        // What lies behind a seal was valid when it was sealed, and stays so.
        let mut seal = session.seal.as_ref().map(|seal| (&seal.place, flow.day(seal.at)));
        let reference = session.at.reference();
        let mut path = Self {
            today,
            ..Self::default()
        };
        let mut next = Some(flow.start);
        while let Some((number, screen)) = next.and_then(|n| Some((n, flow.screen(n)?))) {
            let place = Place::of(&screen.name);
            let stop = until == Some(&place);
            path.bring(screen, session, &place);
            let behind = seal.is_some();
            let day = seal.map_or(today, |(_, day)| day);
            seal = seal.filter(|(last, _)| **last != place);
            path.visits.push(Visit { place, screen: number });
            next = if stop {
                None
            } else {
                path.through(flow, screen, session, (day, behind), &reference)
            };
        }
        path
    }

    /// What counts on a screen that was answered, its own answers and what its effect brought
    /// included, wherever it leads.
    pub(super) fn values_on(flow: &Flow, session: &Session, now: i64, place: &Place, asked: &Asked) -> Values {
        let mut path = Self::fold_to(flow, session, now, Some(place));
        let none = BTreeMap::new();
        let answers = session.answers.get(place).map_or(&none, |answer| &answer.fields);
        if let Some(screen) = flow.number(&place.screen).and_then(|number| flow.screen(number)) {
            take_up(screen, answers, &mut path.values, path.today, &session.at.reference());
        }
        path.values.extend(asked.results.clone());
        path.values
    }

    /// Adds what the look-ups of a screen brought.
    pub(super) fn bring(&mut self, screen: &Screen, session: &Session, place: &Place) {
        for effect in &screen.load {
            let brought = session.looked_up(place, effect).into_iter();
            self.values.extend(brought.flat_map(|asked| asked.results.clone()));
        }
    }

    /// Takes up what `screen` was answered with, and says where it led: `None` where it is not
    /// answered validly, is an end, or led back to a screen that is on the path already. A live
    /// session never stands on an end but on an open one: any other is reached only by an action
    /// that ends the session.
    fn through(
        &mut self,
        flow: &Flow,
        screen: &Screen,
        session: &Session,
        (today, behind): (Date, bool),
        reference: &str,
    ) -> Option<u16> {
        let none = BTreeMap::new();
        let answer = session.answers.get(&Place::of(&screen.name));
        let valid = take_up(
            screen,
            answer.map_or(&none, |a| &a.fields),
            &mut self.values,
            today,
            reference,
        );
        let ended = matches!(session.state, State::Ended { .. });
        let action = answer
            .filter(|_| valid)
            .and_then(|a| a.action.as_deref())
            .and_then(|name| screen.actions.iter().find(|action| action.name == name));
        let target = action
            .and_then(|action| self.led(flow, screen, action, session, (today, behind)))
            .filter(|to| {
                flow.screen(*to)
                    .is_some_and(|target| ended || target.final_end().is_none())
            })
            .filter(|to| self.visits.iter().all(|visit| visit.screen != *to));
        if target.is_none() {
            // What stands on a screen that is not answered does not count; what is computed from
            // the screens before it does.
            for field in screen.fields() {
                self.values.remove(&field.name);
            }
            take_up(screen, &none, &mut self.values, today, reference);
        }
        target
    }

    /// Where an action that was taken led: where it says, once what it calls is done. What lies
    /// `behind` the seal, or is over, is as it was.
    fn led(
        &mut self,
        flow: &Flow,
        screen: &Screen,
        action: &Action,
        session: &Session,
        (today, behind): (Date, bool),
    ) -> Option<u16> {
        let reference = session.at.reference();
        if let Some(call) = &action.call {
            let effect = flow.effect(&call.effect)?;
            let asked = session.called(&Place::of(&screen.name), &action.name)?;
            let scope = Scope {
                values: &self.values,
                today: flow.day(asked.at),
                reference: &reference,
            };
            let ended = matches!(session.state, State::Ended { .. });
            let same = behind || ended || asked.effect == effect.name && ask::still_sends(flow, effect, asked, &scope);
            match asked.stage {
                Stage::Done { .. } if !ended && session.is_undone(asked.number) => return None,
                Stage::Done { .. } if same => {
                    self.calls.push(asked.number);
                    self.values.extend(asked.results.clone());
                }
                Stage::Done { .. } => {
                    self.stale.push(asked.number);
                    return None;
                }
                Stage::Declined { .. } if same => return call.declined.map(|lead| lead.to),
                Stage::Failed { .. } if same => return Some(call.failed.to),
                _ => return None,
            }
        }
        let scope = Scope {
            values: &self.values,
            today,
            reference: &reference,
        };
        branch(action, &scope).map(|branch| branch.to)
    }

    /// Where the transaction stands: the last screen.
    pub fn present(&self) -> Option<&Visit> {
        self.visits.last()
    }

    /// How many screens come before `place`; `None` where the path does not lead there.
    pub fn position(&self, place: &Place) -> Option<usize> {
        self.visits.iter().position(|visit| visit.place == *place)
    }

    /// The screen before `place` on the path.
    pub fn before(&self, place: &Place) -> Option<&Visit> {
        self.visits.get(self.position(place)?.checked_sub(1)?)
    }

    /// How many of the path's first screens lie behind the session's seal.
    pub fn sealed(&self, session: &Session) -> usize {
        let seal = session.seal.as_ref().and_then(|seal| self.position(&seal.place));
        seal.map_or(0, |position| position + 1)
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

/// Adds a screen's answers and computed values to `values`; whether they are valid and complete.
fn take_up(
    screen: &Screen,
    answers: &BTreeMap<String, Value>,
    values: &mut Values,
    today: Date,
    reference: &str,
) -> bool {
    let mut valid = true;
    for item in &screen.items {
        let Item::Field(field) = item else { continue };
        let scope = Scope {
            values,
            today,
            reference,
        };
        let value = if let Some(value) = field.computed() {
            value.eval(&scope)
        } else if field.when.as_ref().is_some_and(|when| !when.guard.holds(&scope)) {
            None
        } else {
            let answer = answers.get(&field.name);
            valid &= answer.map_or(!field.required, |answer| field.still_valid(answer, &scope));
            answer.cloned()
        };
        if let Some(value) = value {
            values.insert(field.name.clone(), value);
        }
    }
    let scope = Scope {
        values,
        today,
        reference,
    };
    valid
        && screen
            .rules
            .iter()
            .all(|rule| rule.check.eval(&scope) != Some(Value::Bool(false)))
}
