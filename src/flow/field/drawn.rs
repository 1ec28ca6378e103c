//! Choices that are drawn from a list in a file of its own: a few of them are offered as any others are; of
//! many, what is typed finds some.
//!
//! Owns which rows are offered, and finding them. Must not know files.

use std::sync::Arc;

use super::kind::{Around, Boxes, Chance, Control, Found, Offer, Question, Read, Typed};
use super::options;
use super::wording::Wording;
use super::{Problem, Why, folded, typed};
use crate::flow::option_list::{Order, sought};
use crate::flow::{Expr, OptionList, Scope, Type, Value, format};
use crate::limits;

/// The box in which is typed what is looked for: behind the field's name and a hyphen.
pub(crate) const FIND: &str = "find";

/// A question whose options are rows of a list.
#[derive(Debug)]
pub(crate) struct Drawn {
    /// The list.
    pub(crate) list: Arc<OptionList>,
    /// Its rows as they are offered, where that is not their order in the list.
    pub(crate) order: Option<Order>,
    /// Which rows are offered: all where it says nothing.
    pub(crate) sift: Option<Expr>,
    /// Of how many may be taken, where that is more than one: the least and the most.
    pub(crate) several: Option<(Option<u32>, Option<u32>)>,
}

impl Drawn {
    fn holds(&self, number: usize, scope: &Scope<'_>) -> bool {
        let Some(sift) = &self.sift else {
            return true;
        };
        self.list
            .row(number)
            .is_some_and(|row| sift.holds_for(row, number + 1, scope))
    }

    /// Goes through the rows that are offered, by number, until `visit` has enough.
    fn each(&self, scope: &Scope<'_>, visit: &mut dyn FnMut(usize) -> bool) {
        let mut take = |number| !self.holds(number, scope) || visit(number);
        let indexed = self.sift.as_ref().and_then(|sift| sift.needs(scope));
        let found = indexed.and_then(|(column, text)| Some((self.list.of_column(column, text.as_deref()?)?, text)));
        match (found, &self.order) {
            (Some((rows, _)), None) => rows.iter().all(|number| take(*number)),
            (Some((rows, _)), Some(order)) => order.of(rows).into_iter().all(take),
            (None, None) => (0..self.list.len()).all(take),
            (None, Some(order)) => order.rows.iter().all(|number| take(*number)),
        };
    }

    fn offer(&self, number: usize) -> Option<Offer> {
        let (value, label) = self.list.options().get(number)?;
        Some(Offer {
            value: value.clone(),
            label: label.clone(),
            hint: None,
            exclusive: false,
        })
    }

    /// The offers, if they are few enough for one page.
    fn few(&self, scope: &Scope<'_>) -> Option<Vec<Offer>> {
        let mut offers = Vec::new();
        self.each(scope, &mut |number| {
            offers.extend(self.offer(number));
            offers.len() <= limits::OFFERED
        });
        (offers.len() <= limits::OFFERED).then_some(offers)
    }

    /// The value that was typed, or whose label was, if it is one alone.
    fn exactly(&self, typed: &str, scope: &Scope<'_>) -> Option<String> {
        let by_value = self.list.of_value(typed).filter(|number| self.holds(*number, scope));
        let mut by_label = self.list.of_label(typed).iter().copied();
        let mut by_label = || by_label.find(|number| self.holds(*number, scope));
        let number = by_value.or_else(|| {
            let first = by_label()?;
            by_label().is_none().then_some(first)
        })?;
        self.list.options().get(number).map(|(value, _)| value.clone())
    }

    /// Why what was typed is not an answer yet: some are to be chosen from, or there is none.
    fn look(&self, typed: &str, scope: &Scope<'_>) -> Problem {
        if self.few(scope).is_some() {
            return scope.words.select_option().to_owned().into();
        }
        let found = self.found(typed, scope);
        let (shown, typed) = (found.offers.len(), typed.to_owned());
        match (shown, found.more) {
            (0, _) => scope.words.find_none(typed).into(),
            (_, false) => scope.words.find_some(typed).into(),
            (shown, true) => scope.words.find_many(shown.to_string(), typed).into(),
        }
    }

    fn one(&self, typed: &Typed<'_>, scope: &Scope<'_>) -> Read {
        let chosen = folded::trim(typed.text());
        let text = if chosen.is_empty() {
            folded::trim(typed.part(FIND))
        } else {
            chosen
        };
        if text.is_empty() {
            return Ok(None);
        }
        let value = self.exactly(text, scope).ok_or_else(|| self.look(text, scope))?;
        Ok(Some(Value::Text(value)))
    }

    /// What is ticked, and what was typed if it is one alone; in the order of the list, each once.
    fn many(&self, typed: &Typed<'_>, scope: &Scope<'_>) -> Read {
        let mut numbers = Vec::new();
        for value in typed.all().map(folded::trim).filter(|value| !value.is_empty()) {
            let number = self.list.of_value(value).filter(|number| self.holds(*number, scope));
            numbers.push(number.ok_or_else(|| Problem::from(scope.words.select_option().to_owned()))?);
        }
        let text = folded::trim(typed.part(FIND));
        let sought = sought(text);
        let answered = |number: &usize| self.list.matches(*number, &sought).is_some();
        if !text.is_empty() && !numbers.iter().any(answered) {
            let value = self.exactly(text, scope).ok_or_else(|| self.look(text, scope))?;
            numbers.extend(self.list.of_value(&value));
        }
        numbers.sort_unstable();
        numbers.dedup();
        let values = numbers.into_iter().filter_map(|number| self.list.options().get(number));
        let values: Vec<_> = values.map(|(value, _)| value.clone()).collect();
        Ok((!values.is_empty()).then_some(Value::List(values)))
    }

    fn known(&self, value: &str, scope: &Scope<'_>) -> Result<(), Problem> {
        let number = self.list.of_value(value);
        options::known(number.is_some_and(|number| self.holds(number, scope)), scope)
    }

    fn label(&self, value: &str) -> String {
        let known = self
            .list
            .of_value(value)
            .and_then(|number| self.list.options().get(number));
        known.map_or_else(|| value.to_owned(), |(_, label)| label.clone())
    }
}

impl Question for Drawn {
    fn value_type(&self) -> Type {
        if self.several.is_some() { Type::List } else { Type::Text }
    }

    fn boxes(&self) -> Boxes {
        Boxes::Find(self.several.is_some())
    }

    fn most(&self) -> usize {
        let (_, most) = self.several.unwrap_or_default();
        let most = most.and_then(|most| usize::try_from(most).ok());
        most.unwrap_or(limits::OFFERED).min(self.list.len())
    }

    fn longest(&self) -> usize {
        typed::posted_bytes(self.list.longest_value())
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        match (self.few(scope), self.several) {
            (Some(offers), None) => Control::One(offers),
            (Some(offers), Some(_)) => Control::Several(offers),
            (None, several) => Control::Find(several.is_some()),
        }
    }

    fn has_nothing(&self, scope: &Scope<'_>) -> bool {
        let mut nothing = true;
        self.each(scope, &mut |_| {
            nothing = false;
            false
        });
        nothing
    }

    fn found(&self, typed: &str, scope: &Scope<'_>) -> Found {
        let sought = sought(typed);
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        if !sought.is_empty() {
            self.each(scope, &mut |number| {
                match self.list.matches(number, &sought) {
                    Some(true) => first.push(number),
                    Some(false) => rest.push(number),
                    None => {}
                }
                first.len() <= limits::FOUND
            });
        }
        first.extend(rest);
        let more = first.len() > limits::FOUND;
        let offers = first.into_iter().take(limits::FOUND);
        Found {
            offers: offers.filter_map(|number| self.offer(number)).collect(),
            more,
        }
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        if self.several.is_some() {
            self.many(typed, around.scope)
        } else {
            self.one(typed, around.scope)
        }
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        let Some((least, most)) = self.several else {
            let value = value.as_text();
            return value.map_or_else(|| around.another(), |value| self.known(value, around.scope));
        };
        let Some(values) = value.as_list() else {
            return around.another();
        };
        for value in values {
            self.known(value, around.scope)?;
        }
        let (words, count) = (around.words(), u32::try_from(values.len()).unwrap_or(u32::MAX));
        let number = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        if let Some(least) = least.filter(|least| count < *least) {
            return Err(Problem::new(Why::Min, words.select_least(number(least))));
        }
        let bound = u32::try_from(limits::OFFERED).unwrap_or(u32::MAX);
        if let Some(most) = most.or(Some(bound)).filter(|most| count > *most) {
            return Err(Problem::new(Why::Max, words.select_most(number(most))));
        }
        Ok(())
    }

    fn missing(&self, wording: &Wording) -> String {
        if self.several.is_some() {
            wording.words().select_some().to_owned()
        } else {
            wording.select(wording.words().select_option())
        }
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        match value {
            Value::List(all) => all.iter().map(|value| ("", value.clone())).collect(),
            one => typed::posted(one),
        }
    }

    fn made(&self, scope: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        let mut values = Vec::new();
        self.each(scope, &mut |number| {
            values.extend(self.list.options().get(number).map(|(value, _)| value.clone()));
            values.len() < limits::FOUND
        });
        if self.several.is_none() {
            return values.into_iter().map(Value::Text).collect();
        }
        let (least, _) = self.several.unwrap_or_default();
        let least = usize::try_from(least.unwrap_or(1)).unwrap_or(1).max(1);
        let windows = values.windows(least.min(values.len()).max(1));
        windows.map(|some| Value::List(some.to_vec())).collect()
    }

    fn bounds(&self) -> Vec<&Expr> {
        self.sift.iter().collect()
    }

    fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        match value {
            Value::Text(value) => self.label(value),
            Value::List(all) => all.iter().map(|value| self.label(value)).collect::<Vec<_>>().join("\n"),
            other => format::of(other, scope.words),
        }
    }

    fn said(&self, typed: &[&str], _: &Scope<'_>) -> Vec<String> {
        typed.iter().map(|text| self.label(text)).collect()
    }
}
