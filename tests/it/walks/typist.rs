//! What is typed: made up from what a page asks, so that each text can be found again.

use deity::flow::{Control, Field, Form, Kind, Value, Values};

use super::model::Model;
use super::route::{At, Route};

/// A small generator, so that a seed is enough to see a failure again.
#[derive(Clone)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

pub(super) struct Typist {
    pub(super) dice: Dice,
    pub(super) tokens: usize,
}

/// What a text may have to look like.
const FORMS: [&str; 4] = ["LS1 4AB", "SW1A 1AA", "1234567", "AB123456C"];
const NUMBERS: [&str; 14] = [
    "0", "1", "1", "2", "2", "3", "5", "17", "40", "70", "100", "300", "1999", "2001",
];
const AMOUNTS: [&str; 9] = ["0", "0.01", "1", "50", "120.50", "500", "15000", "30000", "100000"];
const DECIMALS: [&str; 5] = ["0.1", "1", "1.5", "20", "300"];
/// Days from today.
const DAYS: [i32; 11] = [-25_600, -14_700, -6_500, -5_000, -1_900, -700, -20, -1, 10, 200, 500];
const WRONG: [&str; 6] = ["x", "-1", "99999999999", "31/2", "yes", "\u{e9}\u{301}"];

/// Texts that can be found again.
pub(super) fn tokens(text: &str) -> std::collections::BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let token = |word: &&str| {
        let inner = word.strip_prefix('T').and_then(|word| word.strip_suffix('q'));
        inner.is_some_and(|n| n.len() == 5 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    words.filter(token).map(str::to_owned).collect()
}

impl Typist {
    fn token(&mut self) -> String {
        // Now and then what was typed once already.
        if self.dice.roll(10) > 0 {
            self.tokens += 1;
        }
        format!("T{:05}q", self.tokens)
    }

    /// What passes on a page, if some of many tries does.
    pub(super) fn good(&mut self, model: &Model<'_>, route: &Route, at: At) -> Form {
        let here = model.here(route, at);
        let mut form = Form::default();
        for _ in 0..24 {
            form = self.fill(model, at, &here, false);
            let reading = model.read(at, &form, &here);
            if reading.passes && !reading.not_offered {
                break;
            }
        }
        form
    }

    /// Anything.
    pub(super) fn any(&mut self, model: &Model<'_>, route: &Route, at: At) -> Form {
        let here = model.here(route, at);
        match self.dice.roll(4) {
            0 => Form::default(),
            1 => self.fill(model, at, &here, false),
            _ => self.fill(model, at, &here, true),
        }
    }

    /// What is answered there already.
    pub(super) fn known(&self, model: &Model<'_>, at: At) -> Option<Form> {
        let said = model.said.get(&at)?;
        let boxes = model.screen(at.1).asked();
        let boxes = boxes.filter_map(|field| Some(field.boxes(said.values.get(&field.name)?)));
        Some(Form(boxes.flat_map(|form| form.0).collect()))
    }

    fn fill(&mut self, model: &Model<'_>, at: At, here: &Values, wrong: bool) -> Form {
        let mut values = here.clone();
        let mut form = Form::default();
        for field in model.screen(at.1).fields() {
            let scope = model.scope(&values);
            if let Some(computed) = field.computed() {
                let value = computed.eval(&scope);
                values.extend(value.map(|value| (field.name.clone(), value)));
                continue;
            }
            let asked = field.when.as_ref().is_none_or(|when| when.guard.holds(&scope));
            let slips = wrong && self.dice.roll(3) == 0;
            if !asked && !slips {
                continue;
            }
            let (typed, value) = self.field(field, model, &values, slips);
            form.0.extend(typed);
            values.extend(value.map(|value| (field.name.clone(), value)));
        }
        form
    }

    fn field(
        &mut self,
        field: &Field,
        model: &Model<'_>,
        values: &Values,
        slips: bool,
    ) -> (Vec<(String, String)>, Option<Value>) {
        let scope = model.scope(values);
        let mut typed = Vec::new();
        for _ in 0..16 {
            typed = self.typed(field, &field.control(&scope), slips);
            match field.parse(&Form(typed.clone()), &scope) {
                Ok(value) if !slips => return (typed, value),
                Ok(_) => {}
                Err(_) if slips => break,
                Err(_) => {}
            }
        }
        (typed, None)
    }

    fn typed(&mut self, field: &Field, control: &Control, slips: bool) -> Vec<(String, String)> {
        let name = field.name.clone();
        let one = |value: &str| vec![(name.clone(), value.to_owned())];
        if slips && self.dice.roll(2) == 0 {
            let wrong = *self.dice.one(&WRONG);
            return field
                .inputs()
                .into_iter()
                .map(|input| (input, wrong.to_owned()))
                .collect();
        }
        if !field.required && self.dice.roll(4) == 0 {
            return Vec::new();
        }
        match control {
            Control::One(offers) if offers.is_empty() => Vec::new(),
            Control::One(offers) => one(&self.dice.one(offers).value),
            Control::Several(offers) => {
                let alone = offers.iter().find(|offer| offer.exclusive);
                if let Some(alone) = alone.filter(|_| self.dice.roll(3) == 0) {
                    return one(&alone.value);
                }
                let mut some = offers.iter().filter(|offer| !offer.exclusive).collect::<Vec<_>>();
                some.retain(|_| self.dice.roll(3) == 0);
                some.into_iter()
                    .map(|offer| (name.clone(), offer.value.clone()))
                    .collect()
            }
            Control::Tick => one("yes"),
            Control::Shown | Control::Find(_) => Vec::new(),
            Control::Line(_) | Control::Lines | Control::Parts(_) => self.line(field),
        }
    }

    fn line(&mut self, field: &Field) -> Vec<(String, String)> {
        let text = match field.kind {
            Kind::Email => format!("{}@example.org", self.token()),
            Kind::Tel => (*self.dice.one(&["01632 960 001", "01632 960 118"])).to_owned(),
            Kind::Integer => (*self.dice.one(&NUMBERS)).to_owned(),
            Kind::Decimal => (*self.dice.one(&DECIMALS)).to_owned(),
            Kind::Money => (*self.dice.one(&AMOUNTS)).to_owned(),
            Kind::Time => "14:30".to_owned(),
            Kind::Date => {
                let days = *self.dice.one(&DAYS);
                let day = super::TODAY
                    .checked_add(jiff::Span::new().days(days))
                    .expect("it is near");
                let parts = [day.day().to_string(), day.month().to_string(), day.year().to_string()];
                return field.inputs().into_iter().zip(parts).collect();
            }
            Kind::Pattern | Kind::Postcode => (*self.dice.one(&FORMS)).to_owned(),
            _ if self.dice.roll(6) == 0 => (*self.dice.one(&FORMS)).to_owned(),
            _ => self.token(),
        };
        vec![(field.name.clone(), text)]
    }
}
