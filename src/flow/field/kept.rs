//! What stays although its box comes empty.
//!
//! Owns how a secret is read over the one that was given before: it is never put back into its
//! box, so an empty box says nothing. Must not know where the one before was kept.

use super::kind::Around;
use super::{Fault, Field, Form, YES};
use crate::flow::{Scope, Value};

impl Field {
    /// The box that takes away what was given before, where an empty one does not: of a secret
    /// that may be left out.
    pub fn removal(&self) -> Option<String> {
        (self.is_secret() && !self.required).then(|| format!("{}-remove", self.name))
    }

    /// That what was typed must be written anew: in another language it would be read as something else.
    pub(crate) fn written_anew(&self, scope: &Scope<'_>) -> Fault {
        let words = scope.words;
        let wording = Around { field: self, scope }.wording();
        Fault::of(self, words.answer_format(wording.name(words.answer_it())))
    }

    /// [`Field::parse`] over the value given `before`: a secret whose box is empty stays.
    pub fn parse_over(&self, form: &Form, before: Option<&Value>, scope: &Scope<'_>) -> Result<Option<Value>, Fault> {
        if !self.is_secret() {
            return self.parse(form, scope);
        }
        let empty = matches!(self.read(form, &Around { field: self, scope }), Ok(None));
        let removal = self.removal();
        let removes = removal.is_some_and(|removal| form.first(&removal) == Some(YES));
        match before.filter(|before| self.still_valid(before, scope)) {
            Some(_) if removes && empty => Ok(None),
            Some(_) if removes => Err(Fault {
                bare: true,
                ..Fault::of(self, scope.words.answer_both().to_owned())
            }),
            Some(before) if empty => Ok(Some(before.clone())),
            Some(_) | None => self.parse(form, scope),
        }
    }
}
