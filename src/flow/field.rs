//! From what is typed to a value, and back.
//!
//! Owns how each kind of field reads its boxes ([`Field::parse`]), checks them, says what to
//! enter, and how a value is shown and put back into the boxes. Must not know pages or sessions.

use super::{Field, Scope, Value};

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

impl Field {
    /// The names of its boxes: its own, or `-day`, `-month`, `-year` of a date.
    pub fn inputs(&self) -> Vec<String> {
        vec![self.name.clone()]
    }

    /// The value of what was typed; `None` for an optional field left empty.
    pub fn parse(&self, _form: &Form, _scope: &Scope<'_>) -> Result<Option<Value>, Fault> {
        Ok(None)
    }

    /// Whether a value that was accepted before is still within bounds, which may depend on the
    /// day and on other answers.
    pub fn still_valid(&self, _value: &Value, _scope: &Scope<'_>) -> bool {
        true
    }

    /// What stands in the boxes for `value`: pairs as a browser would post them. Nothing for a
    /// secret.
    pub fn boxes(&self, _value: &Value) -> Form {
        Form::default()
    }

    /// `value` in words, as the review shows it; dots for a secret. Lines are parted by `\n`,
    /// several choices too.
    pub fn shown(&self, _value: &Value, _scope: &Scope<'_>) -> String {
        String::new()
    }
}
