//! What a page says by what stands in its own boxes.
//!
//! Owns the values that its words go with: those that count, and over them what is typed, else
//! answered, else the default. Must not know how words are drawn.

use super::field::Asking;
use super::screen::{Block, Drawn};
use crate::flow::{Block as Text, Field, Item, Scope, Values};

impl Asking<'_> {
    /// What the page's own words read.
    pub(super) fn told(&self) -> Scope<'_> {
        if self.screen.echoes.is_empty() {
            return self.scope;
        }
        Scope {
            values: self.echoed.get_or_init(|| self.values()),
            ..self.scope
        }
    }

    fn values(&self) -> Values {
        let mut values = self.scope.values.clone();
        for field in self.screen.fields() {
            let scope = Scope {
                values: &values,
                ..self.scope
            };
            let value = match (field.computed(), self.typed, self.answers) {
                (Some(value), _, _) => value.eval(&scope),
                // A secret is not told, whatever stands there.
                _ if field.is_secret() => continue,
                (None, Some(typed), _) => field.parse(typed, &scope).ok().flatten(),
                (None, None, Some(answers)) => answers.get(&field.name).cloned(),
                (None, None, None) => field.default.as_ref().and_then(|default| default.eval(&scope)),
            };
            match value {
                Some(value) => values.insert(field.name.clone(), value),
                None => values.remove(&field.name),
            };
        }
        values
    }

    /// Whether a text that hangs under nothing is on the page.
    pub(super) fn said(&self, block: &Text) -> bool {
        let when = block.when.as_ref();
        when.is_none_or(|when| when.guard.holds(&self.told()))
    }

    /// What hangs under an option.
    pub(super) fn item(&self, item: &Item) -> Option<Drawn> {
        match item {
            Item::Block(block) => Some(Drawn::Block(Block::of(block, &self.told()))),
            Item::Field(field) => self.asks(field),
        }
    }

    fn asks(&self, field: &Field) -> Option<Drawn> {
        let drawn = self.draw(field, false, String::new())?;
        Some(Drawn::Field(Box::new(drawn)))
    }
}
