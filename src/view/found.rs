//! A question with very many options: a box to type a part of one into, and what is found.
//!
//! Owns which options are shown of them. Must not know how they are found.

use super::field::{Asking, Choosable, Control, choosable};
use crate::flow::{Field, Form, Line, Offer};

/// Width of the box, in characters.
const SIZE: u32 = 40;

/// What is shown of very many options.
pub(super) struct Found {
    pub(super) options: Vec<Choosable>,
    /// Several may be chosen.
    pub(super) several: bool,
    /// The box in which is typed what is looked for.
    pub(super) box_name: String,
    pub(super) typed: String,
}

impl Asking<'_> {
    /// A box to type into; what is found, where what was typed is no answer yet.
    pub(super) fn finding(&self, field: &Field, several: bool, filled: &Form) -> Control {
        let chosen = filled.first(&field.name).unwrap_or_default();
        let box_name = field.find();
        let looked_for = filled.first(&box_name).filter(|typed| !typed.trim().is_empty());
        let typed = looked_for
            .unwrap_or(if several { "" } else { chosen })
            .trim()
            .to_owned();
        let unclear = self.typed.is_some() && self.faults.iter().any(|fault| fault.field == field.name);
        let offers = if unclear {
            field.found(&typed, &self.scope).offers
        } else {
            Vec::new()
        };
        if several || !offers.is_empty() {
            return Control::Found(Found {
                options: self.with_chosen(field, several, offers, filled),
                several,
                box_name,
                typed,
            });
        }
        let shown = if unclear { typed.as_str() } else { chosen };
        Control::Line {
            line: Line {
                size: Some(SIZE),
                ..Line::default()
            },
            value: field.said(&[shown], &self.scope).concat(),
        }
    }

    /// What is chosen already of several, then what is found.
    fn with_chosen(&self, field: &Field, several: bool, found: Vec<Offer>, filled: &Form) -> Vec<Choosable> {
        let mut offers = Vec::new();
        for value in filled.all(&field.name).filter(|_| several) {
            let label = field.said(&[value], &self.scope).concat();
            offers.push(Offer {
                value: value.to_owned(),
                label,
                hint: None,
                exclusive: false,
            });
        }
        for offer in found {
            if offers.iter().all(|other| other.value != offer.value) {
                offers.push(offer);
            }
        }
        choosable(field, offers, filled)
    }
}
