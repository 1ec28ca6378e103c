//! From what is typed to a value, and back.
//!
//! Owns how each kind of field reads its boxes ([`Field::parse`]), checks them, says what to
//! enter, and how a value is shown and put back into the boxes. Must not know pages or sessions.
//!
//! What people type is forgiven what can be forgiven without guessing: spaces, signs, separators,
//! capitals, names of months. What is left over is refused with words that say what to enter.

mod choice;
mod contact;
mod date;
mod kept;
mod money;
mod number;
mod text;
mod wording;

use rust_decimal::Decimal;

use super::{Expr, Field, Kind, Scope, Value, words};
use crate::limits;
use wording::Wording;

/// Bytes of one box.
const BOX_BYTES: usize = limits::TEXT_BYTES;

/// What a ticked single box and the first of yes and no are posted as.
const YES: &str = "yes";
/// The other of the two.
const NO: &str = "no";
/// What stands for a secret, of whatever length.
const DOTS: &str = "\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}";

/// The fields of a request, decoded, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// The first value of `name`.
    pub fn first<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Every value of `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why a field did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field.
    pub field: String,
    /// The box that the error summary links to, such as `born-year`.
    pub input: String,
    /// What to enter.
    pub message: String,
}

/// What is wrong in a box: `part` is the box of a date, else empty.
#[derive(Debug)]
struct Problem {
    part: &'static str,
    message: String,
}

impl From<String> for Problem {
    fn from(message: String) -> Self {
        Self { part: "", message }
    }
}

impl Field {
    /// The names of its boxes: its own, or `-day`, `-month`, `-year` of a date; none where
    /// nothing is asked.
    pub fn inputs(&self) -> Vec<String> {
        match self.kind {
            Kind::Date { .. } => {
                let parts = date::PARTS.iter();
                parts.map(|part| format!("{}-{part}", self.name)).collect()
            }
            Kind::Computed { .. } => Vec::new(),
            _ => vec![self.name.clone()],
        }
    }

    /// The value of what was typed; `None` for an optional field left empty.
    pub fn parse(&self, form: &Form, scope: &Scope<'_>) -> Result<Option<Value>, Fault> {
        let result = self.read(form, scope).and_then(|value| match value {
            Some(value) => self.check(&value, scope).map(|()| Some(value)),
            None if self.is_asked() && self.required => Err(self.missing(scope)),
            None => Ok(None),
        });
        result.map_err(|problem| Fault {
            field: self.name.clone(),
            input: match problem.part {
                "" => self.inputs().into_iter().next().unwrap_or_default(),
                part => format!("{}-{part}", self.name),
            },
            message: match &self.message {
                Some(own) => own.plain(scope),
                None => problem.message,
            },
        })
    }

    /// Whether a value that was accepted before is still within bounds, which may depend on the
    /// day and on other answers.
    pub fn still_valid(&self, value: &Value, scope: &Scope<'_>) -> bool {
        self.check(value, scope).is_ok()
    }

    /// What stands in the boxes for `value`: pairs as a browser would post them. Nothing for a
    /// secret.
    pub fn boxes(&self, value: &Value) -> Form {
        let name = || self.name.clone();
        let one = |text: String| Form(vec![(name(), text)]);
        match (&self.kind, value) {
            (Kind::Secret(_) | Kind::Computed { .. }, _)
            | (Kind::Confirm, Value::Bool(false))
            | (_, Value::Options(_)) => Form::default(),
            (_, Value::Text(text)) => one(text.clone()),
            (_, Value::Bool(yes)) => one(if *yes { YES } else { NO }.to_owned()),
            (_, Value::Number(number)) => one(words::number(*number)),
            (_, Value::Money(amount, currency)) => one(words::plain_money(*amount, *currency)),
            (_, Value::Date(day)) => date::boxes(&self.name, *day),
            (_, Value::List(values)) => Form(values.iter().map(|value| (name(), value.clone())).collect()),
        }
    }

    /// `value` in words, as the review shows it; dots for a secret. Lines are parted by `\n`,
    /// several choices too.
    pub fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        match (&self.kind, value) {
            (Kind::Secret(_), _) => DOTS.to_owned(),
            (Kind::Choice { options } | Kind::Choices { options, .. }, value) => choice::labels(options, value, scope),
            (Kind::Pick(list), Value::Text(value)) => choice::picked(list, value, scope),
            (Kind::Number { unit: Some(unit), .. }, Value::Number(number)) => {
                format!("{} {unit}", words::number(*number))
            }
            (_, Value::List(values)) => values.join("\n"),
            (_, value) => words::of(value),
        }
    }

    /// What a look-up brought for it to choose from: values and labels.
    pub fn offered<'a>(&self, scope: &Scope<'a>) -> &'a [(String, String)] {
        match &self.kind {
            Kind::Pick(list) => choice::offered(list, scope),
            _ => &[],
        }
    }

    fn is_asked(&self) -> bool {
        !matches!(self.kind, Kind::Computed { .. })
    }

    /// Reads the boxes, without the bounds.
    fn read(&self, form: &Form, scope: &Scope<'_>) -> Result<Option<Value>, Problem> {
        let wording = || Wording::of(self, scope);
        if let Kind::Choices { options, .. } = &self.kind {
            return choice::read_many(options, form.all(&self.name));
        }
        for input in self.inputs() {
            let mut boxes = form.all(&input);
            let typed = boxes.next().unwrap_or_default();
            if boxes.next().is_some() {
                return Err(wording().must("your answer", "be given only once").into());
            }
            if typed.len() > BOX_BYTES {
                return Err(wording().must("your answer", "be shorter").into());
            }
        }
        let typed = form.first(&self.name).unwrap_or_default();
        match &self.kind {
            Kind::Text(rules) => text::line(typed, rules.normalise, &wording),
            Kind::Lines(rules) => text::lines(typed, rules.normalise, &wording),
            Kind::Secret(rules) => text::secret(typed, rules.normalise, &wording),
            Kind::Email => contact::email(typed),
            Kind::Tel => contact::telephone(typed),
            Kind::Number { places, .. } => number::read(typed, *places, &wording),
            Kind::Money { currency, .. } => money::read(typed, *currency, &wording),
            Kind::Date { .. } => date::read(&self.name, form, &wording),
            Kind::YesNo => choice::yes_no(typed),
            Kind::Choice { options } => choice::read_one(options, typed),
            Kind::Pick(list) => choice::pick(list, typed, scope),
            Kind::Confirm => Ok((typed == YES).then_some(Value::Bool(true))),
            Kind::Choices { .. } | Kind::Computed { .. } => Ok(None),
        }
    }

    /// The bounds, and whether the value is of this kind at all.
    fn check(&self, value: &Value, scope: &Scope<'_>) -> Result<(), Problem> {
        let wording = || Wording::of(self, scope);
        match (&self.kind, value) {
            (Kind::Text(rules) | Kind::Secret(rules), Value::Text(text)) => {
                text::check(text, rules, limits::LINE_CHARS, &wording)
            }
            (Kind::Lines(rules), Value::Text(text)) => text::check(text, rules, limits::LINES_CHARS, &wording),
            (Kind::Email | Kind::Tel, Value::Text(_))
            | (Kind::YesNo, Value::Bool(_))
            | (Kind::Confirm, Value::Bool(true))
            | (Kind::Computed { .. }, _) => Ok(()),
            (Kind::Number { places, min, max, .. }, Value::Number(number)) => {
                let bounds = (amount(min.as_ref(), scope), amount(max.as_ref(), scope));
                number::check(*number, *places, bounds, &wording)
            }
            (Kind::Money { currency, min, max }, Value::Money(of, found)) if found == currency => {
                let bounds = (amount(min.as_ref(), scope), amount(max.as_ref(), scope));
                money::check(*of, *currency, bounds, &wording)
            }
            (Kind::Date { min, max }, Value::Date(day)) => {
                let bounds = (day_of(min.as_ref(), scope), day_of(max.as_ref(), scope));
                date::check(*day, bounds, scope.today, &wording)
            }
            (Kind::Choice { options }, Value::Text(value)) => choice::check_one(options, value),
            (Kind::Pick(list), Value::Text(value)) => choice::check_picked(list, value, scope),
            (Kind::Choices { options, min, max }, Value::List(values)) => {
                choice::check_many(options, values, (*min, *max), scope)
            }
            _ => Err(wording().enter("an answer").into()),
        }
    }

    /// What to say where nothing was entered.
    fn missing(&self, scope: &Scope<'_>) -> Problem {
        let wording = Wording::of(self, scope);
        match &self.kind {
            Kind::Text(_) | Kind::Lines(_) | Kind::Secret(_) | Kind::Computed { .. } => wording.enter("an answer"),
            Kind::Email => wording.enter("an email address"),
            Kind::Tel => wording.enter("a telephone number"),
            Kind::Number { .. } => wording.enter("a number"),
            Kind::Money { .. } => wording.enter("an amount of money"),
            Kind::Date { .. } => wording.enter("a date"),
            Kind::YesNo => "Select yes or no".to_owned(),
            Kind::Choice { .. } | Kind::Pick(_) => wording.select("Select one of the options"),
            Kind::Choices { .. } => "Select at least one option".to_owned(),
            Kind::Confirm => "Tick the box to confirm".to_owned(),
        }
        .into()
    }
}

fn amount(bound: Option<&Expr>, scope: &Scope<'_>) -> Option<Decimal> {
    match bound?.eval(scope)? {
        Value::Number(amount) | Value::Money(amount, _) => Some(amount),
        _ => None,
    }
}

fn day_of(bound: Option<&Expr>, scope: &Scope<'_>) -> Option<jiff::civil::Date> {
    match bound?.eval(scope)? {
        Value::Date(day) => Some(day),
        _ => None,
    }
}
