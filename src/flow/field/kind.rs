//! The kinds of field.
//!
//! Owns the list of kinds, one line each, and what a kind has to say of itself: [`Declares`] as it
//! is written, [`Question`] once it is checked. Must not know any one kind: each has a file, and
//! who adds one is told by the compiler what is missing in it.

use std::fmt;

use serde_json::Value as Json;

use super::wording::Wording;
use super::{Choice, Field, Form, Problem};
use crate::flow::check::Building;
use crate::flow::source::Field as Written;
use crate::flow::{Expr, Scope, Type, Value, format};
use crate::words::Words;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $file:ident,)*) => {
        /// The kinds of field, as files name them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All of them, in the order in which they are told.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// What it says of itself.
            pub(crate) fn declares(self) -> &'static Declares {
                match self {
                    $(Self::$kind => &super::$file::KIND,)*
                }
            }
        }
    };
}

kinds! {
    /// One line.
    Text = text,
    /// Several lines.
    Lines = lines,
    /// An e-mail address.
    Email = email,
    /// A telephone number.
    Tel = tel,
    /// A postcode of the United Kingdom.
    Postcode = postcode,
    /// One line of a form that the author gives.
    Pattern = pattern,
    /// A whole number.
    Integer = integer,
    /// A decimal number.
    Decimal = decimal,
    /// An amount of money.
    Money = money,
    /// A day.
    Date = date,
    /// A time of day.
    Time = time,
    /// Yes or no.
    YesNo = yes_no,
    /// One of several.
    Choice = choice,
    /// Any number of several.
    Choices = choices,
    /// A declaration that is ticked.
    Confirm = confirm,
    /// Text that is never shown again.
    Secret = secret,
    /// A value that nobody is asked for.
    Computed = computed,
}

impl Kind {
    /// The kind of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        self.declares().name
    }

    /// Its values have an order, so that a bound or a default may be an expression.
    pub(crate) fn is_ordered(self) -> bool {
        match self {
            Self::Integer | Self::Decimal | Self::Money | Self::Date | Self::Time => true,
            Self::Text
            | Self::Lines
            | Self::Email
            | Self::Tel
            | Self::Postcode
            | Self::Pattern
            | Self::YesNo
            | Self::Choice
            | Self::Choices
            | Self::Confirm
            | Self::Secret
            | Self::Computed => false,
        }
    }

    pub(crate) fn role(self) -> Role {
        self.declares().role
    }
}

/// What a kind says of itself as it is written.
pub(crate) struct Declares {
    /// Its name in files.
    pub(crate) name: &'static str,
    /// Its keys, beside `label`, `hint` and `when`.
    pub(crate) keys: &'static [&'static str],
    pub(crate) role: Role,
    pub(crate) fills: Fills,
    /// The type of its value; nothing where only the value itself tells.
    pub(crate) value_type: fn(&Written) -> Option<Type>,
    /// The answers that it can have, as guards spell them, where they are few and known at load.
    pub(crate) answers: for<'a> fn(&'a Written) -> Vec<&'a str>,
    /// Checks its keys. A fault is told and something stands in.
    pub(crate) build: fn(&mut Building<'_, '_>) -> Box<dyn Question>,
}

/// What an answer is to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Answer,
    /// Never shown again, never put aside.
    Secret,
    /// Made anew by each session; the texts that it was made under are journalled.
    Declaration,
    /// Not asked.
    Computed,
}

/// Which `autocomplete` an author may forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fills {
    Never,
    /// What its name says.
    ByName,
    /// A birthday, where its name says so.
    Birthday,
    /// Always this one.
    Token(&'static str),
}

/// A question of one kind, checked.
pub(crate) trait Question: fmt::Debug + Send + Sync {
    /// The type of its value.
    fn value_type(&self) -> Type;
    /// Bytes of one box as it is posted, at most; of what is typed, in any script.
    fn longest(&self) -> usize;
    /// How a page asks it.
    fn control(&self, scope: &Scope<'_>) -> Control;
    /// Reads what was typed, without the bounds. Each box is there once at most, and bounded.
    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read;
    /// The bounds, and whether the value is of this kind at all.
    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem>;
    /// What to say where nothing was entered.
    fn missing(&self, wording: &Wording) -> String;
    /// What stands in the boxes for a value: the part (empty, where there are none) and the text.
    fn posted(&self, value: &Value) -> Vec<(&'static str, String)>;
    /// What could be typed, as values, the most likely first; some of it may not pass.
    fn made(&self, scope: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value>;
    /// What is posted for it.
    fn boxes(&self) -> Boxes {
        Boxes::One
    }
    /// Where its value comes from.
    fn source(&self) -> Source<'_> {
        Source::Asked
    }
    /// What is found among very many options.
    fn found(&self, _typed: &str, _scope: &Scope<'_>) -> Found {
        Found::default()
    }
    /// Whether nothing can be chosen, with these answers: nobody can answer it then. What a look-up brings is
    /// another matter, for it may bring something later.
    fn has_nothing(&self, _scope: &Scope<'_>) -> bool {
        false
    }
    /// How many options may be posted.
    fn most(&self) -> usize {
        self.options().len()
    }
    /// The options that the definition lists.
    fn options(&self) -> &[Choice] {
        &[]
    }
    /// The expressions that its bounds are.
    fn bounds(&self) -> Vec<&Expr> {
        Vec::new()
    }
    /// A value in words. Lines are parted by `\n`.
    fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        format::of(value, scope.words)
    }
    /// What was typed, in words, line by line.
    fn said(&self, typed: &[&str], _scope: &Scope<'_>) -> Vec<String> {
        typed.iter().flat_map(|text| text.lines()).map(str::to_owned).collect()
    }
    /// A value in exports.
    fn json(&self, value: &Value) -> Json {
        value.json()
    }
}

/// The least and the greatest value of a field, as written; either may be open.
#[derive(Debug, Default)]
pub(crate) struct Range {
    /// The least.
    pub(crate) min: Option<Expr>,
    /// The greatest.
    pub(crate) max: Option<Expr>,
}

impl Range {
    /// Both, where they are there.
    pub(super) fn exprs(&self) -> Vec<&Expr> {
        [&self.min, &self.max].into_iter().flatten().collect()
    }

    /// What both come to at present; open where a value is missing.
    pub(super) fn of<T>(&self, scope: &Scope<'_>, value: impl Fn(&Value) -> Option<T>) -> (Option<T>, Option<T>) {
        let bound = |bound: &Option<Expr>| value(&bound.as_ref()?.eval(scope)?);
        (bound(&self.min), bound(&self.max))
    }
}

/// What came of reading: a value, nothing, or why not.
pub(crate) type Read = Result<Option<Value>, Problem>;

/// A number below its argument, by chance.
pub(crate) type Chance<'a> = dyn FnMut(u64) -> u64 + 'a;

/// What is posted for a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Boxes {
    /// Nothing.
    None,
    /// Its name, once.
    One,
    /// Its name, any number of times.
    Many,
    /// Its name, once or any number of times, and `-find` with what is looked for.
    Find(bool),
    /// Its name and `-` and the name of each part.
    Parts(&'static [Part]),
}

/// One of several boxes of a field.
#[derive(Debug)]
pub struct Part {
    /// Behind the field's name and a hyphen.
    pub name: &'static str,
    /// What stands before it.
    pub label: fn(Words) -> &'static str,
    /// Its width in characters.
    pub size: u8,
    /// Its `autocomplete` where the field is a birthday.
    pub autocomplete: &'static str,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    /// Typed or chosen.
    Asked,
    /// Chosen from what a look-up saved under this name.
    Listed(&'a str),
    /// Not asked.
    Computed {
        value: &'a Expr,
        /// Stands in pages, or serves expressions only.
        shown: bool,
    },
}

/// How a page asks a question.
#[derive(Debug)]
pub enum Control {
    /// One line.
    Line(Line),
    /// Several lines.
    Lines,
    /// Boxes side by side.
    Parts(&'static [Part]),
    /// One of these.
    One(Vec<Offer>),
    /// Any number of these.
    Several(Vec<Offer>),
    /// One of very many, or several: what is typed finds some to choose from.
    Find(bool),
    /// One box that is ticked or not.
    Tick,
    /// Nothing is asked.
    Shown,
}

/// One line that is typed into.
#[derive(Debug, Default)]
pub struct Line {
    /// The `type`, where it is not text.
    pub kind: Option<&'static str>,
    /// As wide as its answer, in characters.
    pub size: Option<u32>,
    /// Stands before the box.
    pub before: Option<String>,
    /// Stands after it.
    pub after: Option<String>,
    /// The `inputmode` that fits what can be typed.
    pub mode: Option<&'static str>,
}

/// Something that can be chosen.
#[derive(Debug)]
pub struct Offer {
    /// What is posted.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Help below it.
    pub hint: Option<String>,
    /// Excludes all others.
    pub exclusive: bool,
}

/// What was found among very many options.
#[derive(Debug, Default)]
pub struct Found {
    /// As many as a page offers.
    pub offers: Vec<Offer>,
    /// There are more.
    pub more: bool,
}

/// What a field's value is read and checked among.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'a> {
    pub(super) field: &'a Field,
    pub(crate) scope: &'a Scope<'a>,
}

impl Around<'_> {
    /// The words of refusals.
    pub(super) fn wording(&self) -> Wording {
        Wording::of(self.field, self.scope)
    }

    /// The language of refusals.
    pub(super) fn words(&self) -> Words {
        self.scope.words
    }

    /// That a value is of another kind: it was kept under an older definition.
    pub(super) fn another(&self) -> Result<(), Problem> {
        Err(self.wording().answer().into())
    }
}

/// What was typed into the boxes of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    pub(super) name: &'a str,
    pub(super) form: &'a Form,
}

impl<'a> Typed<'a> {
    /// What is in its only box.
    pub(super) fn text(&self) -> &'a str {
        self.all().next().unwrap_or_default()
    }

    /// What is in a box of several.
    pub(super) fn part(&self, part: &str) -> &'a str {
        let name = format!("{}-{part}", self.name);
        let found = self.form.0.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, text)| text.as_str())
    }

    /// Everything under its name.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let (name, form) = (self.name, self.form);
        let own = form.0.iter().filter(move |(known, _)| known == name);
        own.map(|(_, text)| text.as_str())
    }
}

/// Answers of a kind whose answers are not few.
pub(super) fn any(_: &Written) -> Vec<&str> {
    Vec::new()
}

/// A value in its only box.
pub(super) fn one(text: impl Into<String>) -> Vec<(&'static str, String)> {
    vec![("", text.into())]
}
