//! The contract's table, a second time: what every press gets, the first row that matches.

use std::collections::BTreeMap;

use deity::flow::{Action, Changes, Form, Item as Piece, Screen, Value, Values};
use deity::id::{ScreenId, Way};
use deity::machine::Verdict;

use super::model::{Expected, Life, Model, Plant, Press, Reading, Said, done, filled, not_so};
use super::route::{At, Route, branch, is_aside};

impl Model<'_> {
    /// What a press makes of what was said.
    pub(super) fn press(&mut self, press: &Press<'_>, route: &Route) -> Expected {
        let at = press.at();
        match self.life {
            Life::Live => {}
            Life::Ended => return self.after_the_end(press),
            Life::Cancelled => {
                let again = press.action == "yes-cancel" && press.form.0.is_empty();
                let verdict = if again { Verdict::Done } else { Verdict::Gone };
                return not_so(if again { "cancelled again" } else { "over" }, verdict);
            }
        }
        if self.waits().is_some() {
            return self.while_waiting(press, route);
        }
        let verb = press.action.split('.').next().expect("there is a first part");
        if let Some(led) = self.replayed(press, verb) {
            let open = self.is_open(route, led) || is_aside(self.screen(led.1));
            let stays = self.asks(press);
            if stays {
                return not_so("asked again whether to give up", Verdict::Done);
            }
            return done("replayed", if open { led } else { route.present(self.flow) });
        }
        let puts_back = verb == "restore" && self.is_gone(at.0);
        let refused = self.out_of_reach(press, route);
        if let Some(refused) = refused.filter(|refused| !(puts_back && refused.row == "gone")) {
            return refused;
        }
        let key = || press.action.split('.').nth(1).and_then(|key| key.parse::<u32>().ok());
        match verb {
            "add" => self.add(press, route),
            "remove" => self.remove(press, route, key().expect("an item's key")),
            "restore" => self.restore(press, route, key().expect("an item's key")),
            "back" => self.back(press, route),
            "more-time" => self.more_time(press, route),
            "yes-cancel" => {
                self.life = Life::Cancelled;
                self.step += 1;
                self.take_all_back(&[]);
                not_so("cancelled", Verdict::Done)
            }
            "finish" => self.finish(press, route),
            _ => self.author(press, route),
        }
    }

    /// Why a page cannot be acted on any more.
    pub(super) fn out_of_reach(&self, press: &Press<'_>, route: &Route) -> Option<Expected> {
        let at = press.at();
        let before = self
            .seal
            .is_some_and(|(_, step)| !route.leads(at) && press.id.step < step);
        if before || self.is_sealed(route, at) {
            return Some(not_so("sealed", Verdict::Conflict));
        }
        if self.is_gone(at.0) {
            return Some(not_so("gone", Verdict::Conflict));
        }
        let old = press.id.step < self.kept_from && self.latest(press).is_none();
        old.then(|| not_so("too old", Verdict::Conflict))
    }

    fn after_the_end(&self, press: &Press<'_>) -> Expected {
        let same = self.sent_same(press) && self.latest(press).is_some_and(|sent| sent.step == self.step);
        let verdict = if same { Verdict::Done } else { Verdict::Conflict };
        not_so(if same { "receipt again" } else { "too late" }, verdict)
    }

    /// Where the same press led before, if it was made before.
    fn replayed(&self, press: &Press<'_>, verb: &str) -> Option<At> {
        let sent = self.latest(press)?;
        let adds_another = verb == "add" && sent.led.0 > 0 && self.is_touched(sent.led.0);
        let same = sent.form == filled(press.form) && !adds_another && self.plant != Some(Plant::NoReplay);
        same.then_some(sent.led)
    }

    /// Puts aside what was typed; whether it was anything new.
    pub(super) fn draft(&mut self, press: &Press<'_>) -> bool {
        let (at, screen) = (press.at(), self.screen(press.id.screen));
        let mut typed = filled(press.form);
        for (name, value) in &mut typed {
            if screen
                .asked()
                .any(|field| field.is_secret() && field.inputs().contains(name))
            {
                "\u{2022}".clone_into(value);
            }
        }
        let said = self.said.get(&at);
        let boxes = |said: &Said| {
            let answered = screen
                .asked()
                .filter_map(|field| Some(field.boxes(said.values.get(&field.name)?)));
            filled(&Form(answered.flat_map(|form| form.0).collect()))
        };
        let old = said.map(|said| said.draft.clone().unwrap_or_else(|| boxes(said)));
        if old.unwrap_or_default() == typed {
            return false;
        }
        if self.plant != Some(Plant::NoDraft) {
            self.said.entry(at).or_default().draft = Some(typed);
        }
        true
    }

    /// Goes there, with what was typed put aside.
    fn goes(&mut self, press: &Press<'_>, to: At, rows: [&'static str; 2]) -> Expected {
        if self.draft(press) {
            self.step += 1;
            self.grow();
            self.stepped(press, to);
            done(rows[1], to)
        } else {
            done(rows[0], to)
        }
    }

    /// Where *back* leads.
    pub(super) fn before(&self, route: &Route, id: &ScreenId) -> At {
        let at = (id.item, id.screen);
        let stood = match id.way {
            Way::ChangeFrom(_) => self.stood(route, id),
            _ => None,
        };
        let before = stood.or_else(|| route.visit(at)?.before);
        let open = before.filter(|before| self.is_open(route, *before));
        open.unwrap_or_else(|| route.present(self.flow))
    }

    /// The screen on which the change link stood.
    fn stood(&self, route: &Route, id: &ScreenId) -> Option<At> {
        let stood = self.from((id.item, id.screen), id.way.from()?);
        Some(stood).filter(|stood| route.leads(*stood))
    }

    fn back(&mut self, press: &Press<'_>, route: &Route) -> Expected {
        let to = self.before(route, &press.id);
        self.goes(press, to, ["back", "back with a draft"])
    }

    fn more_time(&mut self, press: &Press<'_>, route: &Route) -> Expected {
        let at = press.at();
        self.draft(press);
        self.step += 1;
        self.grow();
        let to = if route.leads(at) {
            at
        } else {
            self.route().present(self.flow)
        };
        self.stepped(press, to);
        done("more time", to)
    }

    fn finish(&mut self, press: &Press<'_>, route: &Route) -> Expected {
        if press.another {
            return not_so("shown another", Verdict::Conflict);
        }
        let here = route.present(self.flow);
        if here != press.at() {
            return done("stands elsewhere", here);
        }
        self.step += 1;
        self.life = Life::Ended;
        self.take_all_back(&route.calls);
        self.stepped(press, here);
        not_so("ended", Verdict::Done)
    }

    pub(super) fn asks(&self, press: &Press<'_>) -> bool {
        let mut actions = self.screen(press.id.screen).actions.iter();
        actions.any(|action| action.cancel && action.name == press.action)
    }

    fn author(&mut self, press: &Press<'_>, route: &Route) -> Expected {
        let (at, screen) = (press.at(), self.screen(press.id.screen));
        let mut actions = screen.actions.iter();
        let action = actions.find(|action| action.name == press.action).expect("its own");
        if action.cancel {
            return Expected {
                to: None,
                ..self.goes(press, at, ["asked whether to give up", "asked, with a draft"])
            };
        }
        if action.aside {
            let seen = self.seen(route, at);
            let to = branch(action, &self.scope(&seen)).map(|(number, branch)| (number, branch.to));
            let (number, to) = to.expect("what leads to the side has no condition");
            return Expected {
                edge: Some((at.1, action.name.clone(), number)),
                ..self.goes(press, (at.0, to), ["to the side", "to the side with a draft"])
            };
        }
        self.fields(press, route, (screen, action))
    }

    /// Reads a form over what counts on its page.
    pub(super) fn read(&self, at: At, form: &Form, here: &Values) -> Reading {
        let mut reading = Reading {
            values: BTreeMap::new(),
            all: here.clone(),
            passes: true,
            not_offered: false,
        };
        let none = BTreeMap::new();
        let old = self.said.get(&at).map_or(&none, |said| &said.values);
        let screen = self.screen(at.1);
        for piece in &screen.items {
            let Piece::Field(field) = piece else { continue };
            let all = reading.all.clone();
            let scope = self.scope(&all);
            reading.all.remove(&field.name);
            let asked = field.when.as_ref().is_none_or(|when| when.guard.holds(&scope));
            let box_is_filled = |input: &String| form.all(input).any(|value| !value.trim().is_empty());
            let typed = field.inputs().iter().any(box_is_filled);
            let mut own = None;
            if let Some(computed) = field.computed() {
                let value = computed.eval(&scope);
                reading.all.extend(value.map(|value| (field.name.clone(), value)));
            } else if asked && !typed && self.has_nothing(field, &all) {
                own = old.get(&field.name).cloned();
            } else if asked {
                match field.parse_over(form, old.get(&field.name), &scope) {
                    Ok(value) => own = value,
                    Err(_) => reading.passes = false,
                }
                reading.all.extend(own.clone().map(|value| (field.name.clone(), value)));
            } else if !field.when.as_ref().is_some_and(|when| when.local) {
                reading.not_offered |= typed;
                own = old.get(&field.name).cloned();
            }
            reading.values.extend(own.map(|value| (field.name.clone(), value)));
        }
        let scope = self.scope(&reading.all);
        let broken = |rule: &&deity::flow::Rule| rule.check.eval(&scope) == Some(Value::Bool(false));
        // What a list's rule says is judged when its items are all there.
        let own = |rule: &&deity::flow::Rule| !rule.fields.is_empty();
        reading.passes &= !screen.rules.iter().filter(own).any(|rule| broken(&rule));
        reading
    }

    /// What counts on a page before what is typed there.
    pub(super) fn here(&self, route: &Route, at: At) -> Values {
        match route.visit(at) {
            Some(visit) => visit.here.clone(),
            None => {
                let mut seen = self.seen(route, at);
                self.bring(at, &mut seen);
                seen
            }
        }
    }

    fn fields(&mut self, press: &Press<'_>, route: &Route, (screen, action): (&Screen, &Action)) -> Expected {
        let at = press.at();
        let reach = route.leads(at);
        let here = self.here(route, at);
        let reading = self.read(at, press.form, &here);
        if reading.not_offered {
            return not_so("not offered", Verdict::Conflict);
        }
        if press.another {
            return not_so("shown another", Verdict::Conflict);
        }
        if !reading.passes {
            return not_so("invalid", Verdict::Invalid);
        }
        let taken = branch(action, &self.scope(&reading.all)).map(|(number, branch)| (number, branch.to));
        let offered = action
            .when
            .as_ref()
            .is_none_or(|when| when.holds(&self.scope(&reading.all)));
        // Where an action that calls leads is known once that is done.
        let Some((number, to)) = taken.or((offered && action.call.is_some()).then_some((0, at.1))) else {
            return not_so("not offered", Verdict::Conflict);
        };
        let edge = (at.1, action.name.clone(), number);
        let target = self.lands(to, &reading.all, &mut Vec::new());
        if let Some(held) = self.asks_about_change(press, reach, &reading.values) {
            return held;
        }
        if reach && let Some(held) = self.holds_up(route, at) {
            return held;
        }
        let to = self.from(at, target);
        let strand = screen.strand.and_then(|strand| self.flow.strand(strand));
        let home = strand.is_some_and(|strand| strand.host == target);
        let before = |to: usize| route.position(at).is_some_and(|at| to <= at);
        let back = !home && action.call.is_none() && route.position(to).is_some_and(before);
        let mut expected = self.apply(press, action, reading, (to, reach, back));
        if expected.row != "called" && expected.row != "done already" {
            expected.edge = Some(edge).filter(|_| reach);
        }
        expected
    }

    /// The answers change, and it leads on.
    fn apply(
        &mut self,
        press: &Press<'_>,
        action: &Action,
        reading: Reading,
        (to, reach, back): (At, bool, bool),
    ) -> Expected {
        let at = press.at();
        let said = self.said.entry(at).or_default();
        let amended = said.action.is_some() && said.values != reading.values;
        let before = std::mem::replace(&mut said.values, reading.values.clone());
        let before = if said.action.is_some() {
            before
        } else {
            reading.values.clone()
        };
        said.draft = None;
        let may = reach || !(action.seal || action.call.is_some());
        if may && !(reach && back) {
            said.action = Some(action.name.clone());
        }
        self.step += 1;
        if reach && action.seal && !back && action.call.is_none() {
            self.seal = Some((at, self.step));
        }
        self.take_back(&before, &reading.values);
        if reach && action.call.is_some() {
            return self.call(press, action, &reading.all);
        }
        if reach && self.screen(to.1).final_end().is_some() {
            let calls = self.route().calls;
            self.life = Life::Ended;
            self.take_all_back(&calls);
            self.stepped(press, to);
            return not_so("ended", Verdict::Done);
        }
        self.forget_aside();
        self.grow();
        let to = self.next(press, reach, to, back);
        self.stepped(press, to);
        let row = match (reach, back, amended) {
            (false, ..) => "kept",
            (_, true, _) => "a way back",
            (.., true) => "amended",
            _ => "answered",
        };
        done(row, to)
    }

    /// What becomes of a change from a page that the browser kept, where the flow does not simply take it.
    fn asks_about_change(&self, press: &Press<'_>, reach: bool, after: &BTreeMap<String, Value>) -> Option<Expected> {
        let at = press.at();
        let kept = self
            .sent
            .iter()
            .any(|sent| sent.key.1 == at && sent.step > press.id.step);
        let said = self.said.get(&at).filter(|said| said.action.is_some())?;
        if !reach || !kept || said.values == *after {
            return None;
        }
        match self.flow.changes {
            Changes::Amend => None,
            Changes::Confirm => Some(done("asked whether to change", at)),
            Changes::Refuse => Some(not_so("a change refused", Verdict::Conflict)),
        }
    }

    /// A fault that is planted: what the way turned away from is gone.
    fn forget_aside(&mut self) {
        if self.plant == Some(Plant::AsideIsLost) {
            let route = self.route();
            self.said.retain(|at, _| at.0 > 0 || route.leads(*at));
        }
    }

    /// Where *Continue* leads.
    fn next(&self, press: &Press<'_>, reach: bool, to: At, back: bool) -> At {
        let leads_on = self.plant == Some(Plant::ChangeLeadsOn) || press.id.way == Way::Path;
        if reach && (back || leads_on) || self.plant == Some(Plant::KeptLeadsOn) {
            return to;
        }
        let route = self.route();
        let lacking = route.lacking_beside(press.at()).filter(|_| reach);
        let stood = || self.stood(&route, &press.id).filter(|_| reach);
        lacking.or_else(stood).unwrap_or_else(|| route.present(self.flow))
    }
}
