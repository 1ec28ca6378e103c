//! Sections of a flow, and screens that show what was answered before.
//!
//! Owns what a definition says of them. Must not know which answers there are.

use super::{Expr, Flow, Scope, Screen, Text};

/// A part of a flow that has a title.
#[derive(Debug)]
pub struct Section {
    /// Its name in the file: lower case letters, digits, hyphens.
    pub name: String,
    /// What heads its answers.
    pub title: Text,
    /// What has come together so far, on each of its pages.
    pub total: Option<Text>,
    /// Which it is of those that have numbers, from 1.
    pub number: Option<usize>,
}

/// What heads the answers of a screen.
#[derive(Debug)]
pub enum Head {
    /// These words.
    Words(Text),
    /// The title of the section of this number.
    Section(u16),
}

/// Some answers, and what they come to.
#[derive(Debug)]
pub struct Summary {
    /// Whose they are, in the order in which they are shown.
    pub fields: Vec<String>,
    /// What they come to.
    pub total: Option<Expr>,
    /// What that is called.
    pub label: Option<Text>,
}

impl Head {
    /// In words.
    pub fn plain(&self, flow: &Flow, scope: &Scope<'_>) -> Option<String> {
        match self {
            Self::Words(words) => Some(words.plain(scope)),
            Self::Section(number) => Some(flow.section(*number)?.title.plain(scope)),
        }
    }

    /// The number of the section, if it is one.
    pub fn section(&self) -> Option<u16> {
        match self {
            Self::Words(_) => None,
            Self::Section(number) => Some(*number),
        }
    }

    /// Words that are its own.
    pub(crate) fn words(&self) -> Option<&Text> {
        match self {
            Self::Words(words) => Some(words),
            Self::Section(_) => None,
        }
    }
}

impl Screen {
    /// Whether answers that were given before stand on it, to be changed.
    pub fn shows_answers(&self) -> bool {
        self.review || self.summary.is_some()
    }

    /// Whether it is a review of all answers.
    pub fn reviews_all(&self) -> bool {
        self.review && self.reviews.is_empty()
    }
}

impl Flow {
    /// The section of that number.
    pub fn section(&self, number: u16) -> Option<&Section> {
        self.sections.get(usize::from(number))
    }

    /// How many sections have numbers.
    pub fn numbered_sections(&self) -> usize {
        self.sections.iter().filter(|section| section.number.is_some()).count()
    }
}
