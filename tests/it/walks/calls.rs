//! What was asked of the world outside, as the reference keeps it: by which action, with what, and what came.

use std::collections::{BTreeMap, BTreeSet};

use deity::flow::{Action, Effect, SavedKind, Screen, Sent, Value, Values};

use super::model::{Expected, Life, Model, Press, done, not_so};
use super::route::{At, Route, branch};
use deity::machine::Verdict;

/// What a callee says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Open,
    Done,
    Declined,
    Failed,
}

#[derive(Clone, Debug)]
pub(super) struct Asking {
    pub(super) at: At,
    pub(super) action: String,
    pub(super) effect: String,
    sent: Vec<(String, Value)>,
    pub(super) stage: Stage,
    pub(super) undone: bool,
    results: Values,
    step: u64,
}

/// What callees bring: the same at each time.
pub(super) fn brought(effect: &Effect) -> Values {
    let option = |n: &str| (n.to_owned(), format!("The {n}"));
    let saved = effect.save.iter().map(|saved| {
        let value = match saved.kind {
            SavedKind::Text => Value::Text("R-1".to_owned()),
            SavedKind::Number => Value::Number(7.into()),
            SavedKind::Money(currency) => Value::Money(2400.into(), currency),
            SavedKind::Date => Value::Date(super::TODAY),
            SavedKind::Time => Value::Time(jiff::civil::time(14, 30, 0, 0)),
            SavedKind::YesNo => Value::Bool(true),
            SavedKind::Options { .. } => Value::Options(["one", "two", "three"].map(option).into()),
        };
        (saved.name.clone(), value)
    });
    saved.collect()
}

impl Model<'_> {
    /// What the look-ups of a screen brought.
    pub(super) fn bring(&self, at: At, values: &mut Values) {
        for name in &self.screen(at.1).load {
            values.extend(brought(self.flow.effect(name).expect("it is there")));
        }
    }

    /// The asking for which the session waits.
    pub(super) fn waits(&self) -> Option<usize> {
        let open = |asking: &Asking| asking.stage == Stage::Open;
        self.asked.iter().position(open).filter(|_| self.life == Life::Live)
    }

    fn latest_call(&self, at: At, action: &str) -> Option<usize> {
        self.asked
            .iter()
            .rposition(|asking| asking.at == at && asking.action == action)
    }

    /// Where an action that was taken leads: where it says, once what it calls is done for just this.
    pub(super) fn led(&self, route: &mut Route, values: &mut Values, at: At, action: &Action) -> Option<u16> {
        if let Some(call) = &action.call {
            let number = self.latest_call(at, &action.name)?;
            let asking = &self.asked[number];
            let same = asking.sent == self.sends(self.flow.effect(&call.effect)?, values);
            match asking.stage {
                Stage::Open => return None,
                Stage::Done if asking.undone => return None,
                Stage::Done if same => {
                    route.calls.push(number);
                    values.extend(asking.results.clone());
                }
                Stage::Done => {
                    route.stale.push(number);
                    return None;
                }
                Stage::Declined => return call.declined.filter(|_| same).map(|lead| lead.to),
                Stage::Failed => return same.then_some(call.failed.to),
            }
        }
        branch(action, &self.scope(values)).map(|(_, branch)| branch.to)
    }

    fn computed(&self, name: &str) -> Option<&deity::flow::Expr> {
        let mut fields = self.flow.screens.iter().flat_map(Screen::fields);
        fields.find(|field| field.name == name)?.computed()
    }

    /// The answers that an effect sends, also by way of what is computed.
    fn names(&self, effect: &Effect) -> BTreeSet<String> {
        let looked = |name: &String| self.flow.effects.iter().any(|effect| effect.safe && effect.saves(name));
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut next: Vec<String> = match &effect.send {
            Some(send) => {
                let reads = send.iter().flat_map(|(_, part)| match part {
                    Sent::Value(expr) => expr.reads(),
                    Sent::Words(text) => text.reads(),
                });
                reads.cloned().collect()
            }
            None => {
                let fields = self.flow.screens.iter().flat_map(Screen::asked);
                let fields = fields
                    .filter(|field| !field.is_secret())
                    .map(|field| field.name.clone());
                let calls = self.flow.effects.iter().filter(|effect| !effect.safe);
                let saved = calls.flat_map(|effect| &effect.save).map(|saved| saved.name.clone());
                let lists = self.flow.strands.iter().filter(|strand| strand.list().is_some());
                fields.chain(saved).chain(lists.map(|list| list.name.clone())).collect()
            }
        };
        while let Some(name) = next.pop() {
            if names.insert(name.clone()) {
                next.extend(self.computed(&name).into_iter().flat_map(|expr| expr.reads().clone()));
            }
        }
        names.retain(|name| self.computed(name).is_none() && !looked(name));
        names
    }

    fn sends(&self, effect: &Effect, values: &Values) -> Vec<(String, Value)> {
        let names = self.names(effect).into_iter();
        names
            .filter_map(|name| Some((name.clone(), values.get(&name)?.clone())))
            .collect()
    }

    /// What was done with answers that are others now is taken back.
    pub(super) fn take_back(&mut self, before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) {
        if self.asked.is_empty() {
            return;
        }
        let route = self.route();
        let mut changed: Vec<&String> = before.keys().chain(after.keys()).collect();
        changed.retain(|name| before.get(*name) != after.get(*name));
        for number in 0..self.asked.len() {
            let effect = self.flow.effect(&self.asked[number].effect).expect("it is there");
            let names = self.names(effect);
            let sent = changed.iter().any(|name| names.contains(*name)) && !route.calls.contains(&number);
            let asking = &mut self.asked[number];
            let can = asking.stage == Stage::Done && effect.undo.is_some();
            asking.undone |= can && (route.stale.contains(&number) || sent);
        }
    }

    /// All that was done and can be taken back, but for what counts still.
    pub(super) fn take_all_back(&mut self, but: &[usize]) {
        for number in 0..self.asked.len() {
            let asking = &mut self.asked[number];
            let can = self
                .flow
                .effect(&asking.effect)
                .is_some_and(|effect| effect.undo.is_some());
            asking.undone |= can && asking.stage == Stage::Done && !but.contains(&number);
        }
    }

    /// Asks for what an action calls, unless that is done for just this.
    pub(super) fn call(&mut self, press: &Press<'_>, action: &Action, all: &Values) -> Expected {
        let (at, route) = (press.at(), self.route());
        let effect = &action.call.as_ref().expect("it calls").effect;
        let done_already = self
            .latest_call(at, &action.name)
            .filter(|number| route.calls.contains(number));
        if done_already.is_some() {
            let after = route.position(at).and_then(|at| route.visits.get(at + 1));
            let to = after.map_or_else(|| route.present(self.flow), |visit| visit.at);
            self.stepped(press, to);
            return done("done already", to);
        }
        let sent = self.sends(self.flow.effect(effect).expect("it is there"), all);
        self.asked.push(Asking {
            at,
            action: action.name.clone(),
            effect: effect.clone(),
            sent,
            stage: Stage::Open,
            undone: false,
            results: Values::new(),
            step: self.step,
        });
        self.stepped(press, at);
        not_so("called", Verdict::Done)
    }

    /// A press while something is under way.
    pub(super) fn while_waiting(&mut self, press: &Press<'_>, route: &Route) -> Expected {
        let same = self.sent_same(press);
        let looks = matches!(press.action, "back" | "more-time") && press.form.0.is_empty();
        let cancels = self.asks(press);
        let gives_up = press.action == "yes-cancel" || cancels;
        if gives_up && let Some(refused) = self.out_of_reach(press, route) {
            return refused;
        }
        match press.action {
            "yes-cancel" => {
                self.wishes_cancel = true;
                not_so("given up while it waits", Verdict::Done)
            }
            _ if cancels => not_so("asked whether to give up while it waits", Verdict::Done),
            _ if looks || same => not_so("waits", Verdict::Done),
            _ => not_so("not applied, it waits", Verdict::Conflict),
        }
    }

    /// The callee says how it went: where that leads, if the session lives on.
    pub(super) fn settle(&mut self, number: usize, stage: Stage) -> Option<At> {
        let at = self.asked[number].at;
        let name = self.asked[number].action.clone();
        let action = self.screen(at.1).actions.iter().find(|action| action.name == name);
        let action = action.expect("its own");
        let call = action.call.as_ref().expect("it calls");
        let effect = self.flow.effect(&call.effect).expect("it is there");
        self.step += 1;
        self.asked[number].stage = stage;
        if stage == Stage::Done {
            self.asked[number].results = brought(effect);
            if effect.seals() || action.seal {
                self.seal = Some((at, self.step));
            }
        }
        if std::mem::take(&mut self.wishes_cancel) && self.seal.is_none() {
            self.life = Life::Cancelled;
            self.take_all_back(&[]);
            return None;
        }
        let lead = match stage {
            Stage::Declined => call.declined,
            Stage::Failed => Some(call.failed),
            Stage::Open | Stage::Done => None,
        };
        let is_open = |to: u16| self.screen(to).open;
        if lead.is_some_and(|lead| lead.undo && !is_open(lead.to)) {
            self.take_all_back(&[]);
        }
        let to = if stage == Stage::Done {
            self.done_leads(at, action)
        } else {
            lead.map(|lead| lead.to)
        };
        self.goes_on(number, to)
    }

    /// Where an action leads whose call is done.
    fn done_leads(&self, at: At, action: &Action) -> Option<u16> {
        let route = self.route();
        let mut values = self.here(&route, at);
        let said = self.said.get(&at).expect("it was answered");
        self.take(self.screen(at.1), &said.values, &mut values);
        let number = self.latest_call(at, &action.name).expect("it was asked for");
        values.extend(self.asked[number].results.clone());
        branch(action, &self.scope(&values)).map(|(_, branch)| branch.to)
    }

    fn goes_on(&mut self, number: usize, to: Option<u16>) -> Option<At> {
        let route = self.route();
        let at = self.asked[number].at;
        let target = to.map(|to| self.lands(to, &route.values, &mut Vec::new()));
        let ends = target.is_some_and(|to| self.screen(to).final_end().is_some());
        if ends {
            self.life = Life::Ended;
            self.take_all_back(&route.calls);
        }
        let led = target.map(|to| self.from(at, to)).filter(|led| route.leads(*led));
        let led = led.unwrap_or_else(|| route.present(self.flow));
        let (asked, step) = (self.asked[number].step, self.step);
        if let Some(sent) = self.sent.iter_mut().find(|sent| sent.step == asked) {
            sent.step = step;
            sent.led = led;
        }
        self.settled = Some((step, led));
        (!ends).then_some(led)
    }
}
