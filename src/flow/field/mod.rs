//! From what is typed to a value, and back.
//!
//! Owns a [`Field`]: what is the same for every kind (one answer, bounded, required or not, the
//! author's message). What a kind does by itself stands in its file; [`kind`] lists them. Must
//! not know pages or sessions.
//!
//! What people type is forgiven what can be forgiven without guessing: spaces, signs, separators,
//! capitals, names of months. What is left over is refused with words that say what to enter.

mod choice;
mod choices;
mod computed;
mod confirm;
mod contact;
mod date;
mod decimal;
mod drawn;
mod email;
mod figures;
pub(crate) mod folded;
mod integer;
mod kept;
mod kind;
mod lines;
mod matching;
mod messages;
mod money;
mod number;
mod of_items;
mod options;
mod pattern;
mod postcode;
mod secret;
mod tel;
mod text;
mod time;
mod typed;
mod wording;
mod yes_no;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::{Expr, Scope, Text, Type, Value};
use crate::limits;

pub(crate) use drawn::{Drawn, FIND};
pub(crate) use kind::{Boxes, Fills, Question, Range, Role, Source};
pub(crate) use of_items::OfItems;
pub(crate) use typed::{Normalise, TextRules};

pub use kind::{Control, Found, Kind, Line, Offer, Part};
pub use messages::{Messages, Why, tell_apart};
pub(crate) use messages::{NAMED, Named};
pub use options::Choice;
pub(crate) use options::once_offered;

use kind::{Around, Typed};

/// Bytes of one box.
const BOX_BYTES: usize = limits::TEXT_BYTES;

/// What a ticked single box and the first of yes and no are posted as.
pub(crate) const YES: &str = "yes";
/// The other of the two.
pub(crate) const NO: &str = "no";

/// One question.
#[derive(Debug)]
pub struct Field {
    /// Unique in the flow; an identifier in expressions: lower case letters, digits, `_`.
    pub name: String,
    /// What is asked for.
    pub kind: Kind,
    /// The same with its bounds.
    pub(crate) question: Box<dyn Question>,
    /// The question.
    pub label: Text,
    /// What it is called where it is not asked: in a row of answers, in a message.
    pub short: Option<Text>,
    /// Help below the label.
    pub hint: Option<Text>,
    /// Must be answered (default).
    pub required: bool,
    /// The author's own messages in place of built-in ones.
    pub messages: Messages,
    /// What stands in it at first.
    pub default: Option<Expr>,
    /// Asked only if this holds.
    pub when: Option<When>,
    /// The `autocomplete` token.
    pub autocomplete: Option<String>,
    /// The `inputmode`, where the kind's own does not fit.
    pub input_mode: Option<String>,
}

/// The guard of a field.
#[derive(Debug)]
pub struct When {
    /// Must hold for the field to be asked.
    pub guard: Expr,
    /// The guard reads fields of the same screen: the field is always in the page, and is
    /// checked and kept only if the guard holds for what was posted.
    pub local: bool,
    /// Of a local guard that needs an option of its page (`field == 'option'`, `'option' in field`,
    /// `not field`, also among others joined by `and`): the field and option that it hangs under,
    /// so that the page can show it there. Where several options will do, the page finds them.
    pub under: Option<(String, String)>,
}

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

/// The most that a form posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Posts {
    /// Pairs of names and values.
    pub fields: usize,
    /// Bytes of its body.
    pub bytes: usize,
}

/// Bytes around a name and a value, and those of `-remove`.
const PAIR_BYTES: usize = 12;

/// Why a field did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field.
    pub field: String,
    /// The box that the error summary links to, such as `born-year`.
    pub input: String,
    /// The other boxes that are wrong.
    pub others: Vec<String>,
    /// What to enter.
    pub message: String,
    /// The message is a built-in one that does not say which question it is about.
    pub bare: bool,
}

impl Fault {
    /// Of a question that is wrong as a whole.
    pub(crate) fn of(field: &Field, message: String) -> Self {
        let mut inputs = field.inputs().into_iter();
        Self {
            field: field.name.clone(),
            input: inputs.next().unwrap_or_default(),
            others: inputs.collect(),
            message,
            bare: false,
        }
    }

    /// Whether this box is wrong.
    pub fn is_at(&self, input: &str) -> bool {
        self.input == input || self.others.iter().any(|other| other == input)
    }
}

/// What is wrong with an answer: `parts` are the boxes of a date that are wrong; none are all.
#[derive(Debug)]
pub(crate) struct Problem {
    parts: &'static [&'static str],
    why: Why,
    message: String,
}

impl Problem {
    fn new(why: Why, message: String) -> Self {
        Self {
            parts: &[],
            why,
            message,
        }
    }
}

/// It cannot be such an answer.
impl From<String> for Problem {
    fn from(message: String) -> Self {
        Self::new(Why::Invalid, message)
    }
}

impl Field {
    /// Above so many options a choice is a select, and nothing hangs under one of them.
    pub(crate) const MOST_RADIOS: usize = 12;

    /// The type of its value.
    pub fn value_type(&self) -> Type {
        self.question.value_type()
    }

    /// What its answer is headed by: its short name, else the question.
    pub fn key(&self) -> &Text {
        self.short.as_ref().unwrap_or(&self.label)
    }

    /// Whether it is asked, and not computed.
    pub fn is_asked(&self) -> bool {
        self.kind.role() != Role::Computed
    }

    /// Whether it counts with these answers: its guard holds, and there is something to choose. What is
    /// `answered`, if anything is, spares looking for something where it may be chosen still.
    pub(crate) fn counts(&self, answered: Option<&Value>, scope: &Scope<'_>) -> bool {
        self.when.as_ref().is_none_or(|when| when.guard.holds(scope)) && !self.has_nothing(answered, scope)
    }

    /// Whether nobody can answer it, for there is nothing to choose. Then it need not be answered, and what
    /// was `answered` before does not count.
    pub(crate) fn has_nothing(&self, answered: Option<&Value>, scope: &Scope<'_>) -> bool {
        let stands = |answer: &Value| self.still_valid(answer, scope);
        !answered.is_some_and(stands) && self.question.has_nothing(scope)
    }

    /// Whether an answer to it is never shown again.
    pub fn is_secret(&self) -> bool {
        self.kind.role() == Role::Secret
    }

    /// Whether it is a declaration, which every session makes anew.
    pub fn is_declaration(&self) -> bool {
        self.kind.role() == Role::Declaration
    }

    /// Whether its answer is lost where nothing sends it: no secret, which goes nowhere, and no declaration,
    /// which the journal keeps.
    pub fn is_worth_sending(&self) -> bool {
        !self.is_secret() && !self.is_declaration()
    }

    /// Whether its box may be posted more than once.
    pub fn is_many(&self) -> bool {
        matches!(self.question.boxes(), Boxes::Many | Boxes::Find(true))
    }

    /// How its value is computed, where nobody is asked.
    pub fn computed(&self) -> Option<&Expr> {
        match self.question.source() {
            Source::Computed { value, .. } => Some(value),
            Source::Asked | Source::Listed(_) => None,
        }
    }

    /// The saved list that is chosen from.
    pub fn list(&self) -> Option<&str> {
        match self.question.source() {
            Source::Listed(list) => Some(list),
            Source::Asked | Source::Computed { .. } => None,
        }
    }

    /// Whether it stands in pages; a computed value may serve expressions only.
    pub fn is_shown(&self) -> bool {
        match self.question.source() {
            Source::Computed { shown, .. } => shown,
            Source::Asked | Source::Listed(_) => true,
        }
    }

    /// The expressions that its bounds are.
    pub fn bounds(&self) -> Vec<&Expr> {
        self.question.bounds()
    }

    /// The options that the definition lists.
    pub fn options(&self) -> &[Choice] {
        self.question.options()
    }

    /// How many boxes it posts at most, and their bytes with their names.
    pub(crate) fn posts(&self) -> Posts {
        let inputs = self.inputs();
        let each = if self.is_many() { self.question.most() } else { 1 };
        let find = matches!(self.question.boxes(), Boxes::Find(_));
        // The box that finds some of very many stands beside the others, once.
        let (found, inputs) = if find {
            let found = self.find().len() + PAIR_BYTES + typed::posted_bytes(limits::LABEL_CHARS);
            (found, inputs.get(..1).unwrap_or_default())
        } else {
            (0, inputs.as_slice())
        };
        let names: usize = inputs.iter().map(|name| name.len() + PAIR_BYTES).sum();
        let removal = usize::from(self.removal().is_some());
        let answers = (names + inputs.len() * self.question.longest()) * each;
        Posts {
            fields: inputs.len() * each + removal + usize::from(find),
            bytes: answers + removal * (names + PAIR_BYTES) + found,
        }
    }

    /// How a page asks it.
    pub fn control(&self, scope: &Scope<'_>) -> Control {
        self.question.control(scope)
    }

    /// The names of its boxes: its own, or `-day`, `-month`, `-year` of a date; none where
    /// nothing is asked.
    pub fn inputs(&self) -> Vec<String> {
        match self.question.boxes() {
            Boxes::None => Vec::new(),
            Boxes::One | Boxes::Many => vec![self.name.clone()],
            Boxes::Find(_) => vec![self.name.clone(), self.find()],
            Boxes::Parts(parts) => parts.iter().map(|part| self.input(part.name)).collect(),
        }
    }

    /// The name of the box in which is typed what is looked for among very many options.
    pub fn find(&self) -> String {
        self.input(FIND)
    }

    /// What is found among very many options.
    pub fn found(&self, typed: &str, scope: &Scope<'_>) -> Found {
        self.question.found(typed, scope)
    }

    fn input(&self, part: &str) -> String {
        if part.is_empty() {
            self.name.clone()
        } else {
            format!("{}-{part}", self.name)
        }
    }

    /// The value of what was typed; `None` for an optional field left empty.
    pub fn parse(&self, form: &Form, scope: &Scope<'_>) -> Result<Option<Value>, Fault> {
        let around = Around { field: self, scope };
        let result = self.read(form, &around).and_then(|value| match value {
            Some(value) => self.question.check(&value, &around).map(|()| Some(value)),
            None if self.is_asked() && self.required && !self.question.has_nothing(scope) => {
                let message = self.question.missing(&around.wording());
                Err(Problem::new(Why::Missing, message))
            }
            None => Ok(None),
        });
        result.map_err(|problem| {
            let mut fault = self.fault(problem, &around);
            if self.question.has_nothing(scope) {
                scope.words.question_nothing_fits().clone_into(&mut fault.message);
                fault.bare = false;
            }
            fault
        })
    }

    fn fault(&self, problem: Problem, around: &Around<'_>) -> Fault {
        let own = self.messages.of(problem.why);
        let bare = own.is_none() && !around.wording().is_named_in(&problem.message);
        let message = own.map_or(problem.message, |own| own.plain(around.scope));
        let mut fault = Fault::of(self, message);
        fault.bare = bare;
        let mut wrong = problem.parts.iter().map(|part| self.input(part));
        if let Some(input) = wrong.next() {
            fault.input = input;
            fault.others = wrong.collect();
        }
        fault
    }

    /// Whether a value that was accepted before is still within bounds, which may depend on the
    /// day and on other answers.
    pub fn still_valid(&self, value: &Value, scope: &Scope<'_>) -> bool {
        self.question.check(value, &Around { field: self, scope }).is_ok()
    }

    /// What stands in the boxes for `value`: pairs as a browser would post them. Nothing for a
    /// secret.
    pub fn boxes(&self, value: &Value) -> Form {
        if self.is_secret() {
            Form::default()
        } else {
            self.posted(value)
        }
    }

    /// What a browser posts for `value`.
    pub(crate) fn posted(&self, value: &Value) -> Form {
        let all = self.question.posted(value).into_iter();
        Form(all.map(|(part, text)| (self.input(part), text)).collect())
    }

    /// `value` in words, as the review shows it; dots for a secret. Lines are parted by `\n`,
    /// several choices too.
    pub fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        self.question.shown(value, scope)
    }

    /// What was typed into its boxes, in words, line by line.
    pub fn said(&self, typed: &[&str], scope: &Scope<'_>) -> Vec<String> {
        self.question.said(typed, scope)
    }

    /// `value` as exports have it.
    pub fn json(&self, value: &Value) -> Json {
        self.question.json(value)
    }

    /// What could be typed into it and passes by itself, as values, the most likely first;
    /// `chance` gives a number below its argument.
    pub(crate) fn made(&self, scope: &Scope<'_>, chance: &mut dyn FnMut(u64) -> u64) -> Vec<Value> {
        let mut found = Vec::new();
        for value in self.question.made(scope, chance) {
            let passes = matches!(self.parse(&self.posted(&value), scope), Ok(Some(_)));
            if passes && !found.contains(&value) {
                found.push(value);
            }
        }
        found
    }

    /// Reads the boxes, without the bounds.
    fn read(&self, form: &Form, around: &Around<'_>) -> kind::Read {
        let many = self.is_many();
        let words = around.words();
        let what = || around.wording().subject(words.answer_it());
        for input in self.inputs().iter().filter(|_| !many) {
            let mut boxes = form.all(input);
            let typed = boxes.next().unwrap_or_default();
            if boxes.next().is_some() {
                return Err(words.answer_once(what()).into());
            }
            if typed.len() > BOX_BYTES {
                return Err(words.answer_shorter(what()).into());
            }
        }
        let name = &self.name;
        self.question.read(&Typed { name, form }, around)
    }
}

/// The number or amount of a bound.
fn amount(value: &Value) -> Option<Decimal> {
    value.as_number().or_else(|| Some(value.as_money()?.0))
}
