//! What a submission says, held against what its screen declares.
//!
//! Owns the reading of a form: whether everything in it was declared, which action it presses,
//! its digest, and its values or faults. Must not know what becomes of it.

use std::collections::BTreeMap;

use super::{Place, Session, Submission, Typed, language, looks, own};
use crate::flow::{Action, Fault, Field, Flow, Form, Item, Scope, Screen, Value, Values, tell_apart};
use crate::id;
use crate::words::Words;

/// What was pressed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pressed<'a> {
    /// One of the author's actions.
    Author(&'a Action),
    /// *back*.
    Back,
    /// `change.` and this screen's name, with the key of its item; 0: of none.
    Change(&'a str, u32),
    /// *add*.
    Add,
    /// `remove.` and the key of an item.
    Remove(u32),
    /// `restore.` and the key of an item.
    Restore(u32),
    /// *on*.
    On,
    /// *open*, or nothing at all on a page without actions.
    Open,
    /// *more-time*.
    MoreTime,
    /// *yes-cancel*.
    YesCancel,
    /// *call-off*.
    CallOff,
    /// *finish*.
    Finish,
    /// *leave*, and *forget* of the release before.
    Leave,
    /// *copy*.
    Copy,
    /// *look-again*.
    LookAgain,
    /// *save-for-later*.
    Save,
    /// `language.` and a tag; `checked`, the page says what is wrong with what was typed.
    Language {
        /// With `.errors` behind it.
        checked: bool,
        /// As it was pressed.
        name: &'a str,
    },
}

impl Pressed<'_> {
    /// Its name, as outcomes keep it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Author(action) => action.name.clone(),
            Self::Back => own::BACK.to_owned(),
            Self::Change(screen, item) => own::change(&Place {
                item: *item,
                ..Place::of(screen)
            }),
            Self::Add => own::ADD.to_owned(),
            Self::Remove(item) => format!("{}{item}", own::REMOVE),
            Self::Restore(item) => format!("{}{item}", own::RESTORE),
            Self::On => own::ON.to_owned(),
            Self::Open => own::OPEN.to_owned(),
            Self::MoreTime => own::MORE_TIME.to_owned(),
            Self::YesCancel => own::YES_CANCEL.to_owned(),
            Self::CallOff => own::CALL_OFF.to_owned(),
            Self::Finish => own::FINISH.to_owned(),
            Self::Leave => own::LEAVE.to_owned(),
            Self::Copy => own::COPY.to_owned(),
            Self::LookAgain => own::LOOK_AGAIN.to_owned(),
            Self::Save => own::SAVE.to_owned(),
            Self::Language { name, .. } => (*name).to_owned(),
        }
    }
}

/// Whether an action of the screen sends the person elsewhere.
fn hands_over(flow: &Flow, screen: &Screen) -> bool {
    let mut calls = screen.actions.iter().filter_map(|action| action.call.as_ref());
    calls.any(|call| {
        let effect = flow.effect(&call.effect);
        effect.is_some_and(|effect| effect.hand_off.is_some())
    })
}

/// What `action` presses on `screen`; `None` where the screen never declared it.
pub(super) fn pressed<'a>(flow: &'a Flow, screen: &'a Screen, action: Option<&'a str>) -> Option<Pressed<'a>> {
    let Some(name) = action else {
        return Some(screen.actions.first().map_or(Pressed::Open, Pressed::Author));
    };
    if let Some(action) = screen.actions.iter().find(|a| a.name == name) {
        return Some(Pressed::Author(action));
    }
    let live = screen.final_end().is_none();
    match name {
        own::OPEN => Some(Pressed::Open),
        own::ON => Some(Pressed::On),
        own::FINISH if screen.open => Some(Pressed::Finish),
        own::LEAVE | own::FORGET if screen.end.is_some() => Some(Pressed::Leave),
        own::COPY if screen.end.is_some() => Some(Pressed::Copy),
        own::BACK if live => Some(Pressed::Back),
        own::MORE_TIME if live => Some(Pressed::MoreTime),
        own::LOOK_AGAIN if live && looks::any(flow) => Some(Pressed::LookAgain),
        own::SAVE if live && flow.limits.save => Some(Pressed::Save),
        own::CALL_OFF if hands_over(flow, screen) => Some(Pressed::CallOff),
        own::YES_CANCEL if screen.actions.iter().any(|a| a.cancel) => Some(Pressed::YesCancel),
        own::ADD if lists(flow, screen) => Some(Pressed::Add),
        _ => about(flow, screen, name),
    }
}

/// Whether a screen is the page of a list.
fn lists(flow: &Flow, screen: &Screen) -> bool {
    !flow.strands.is_empty()
        && flow
            .number(&screen.name)
            .is_some_and(|number| flow.list_on(number).is_some())
}

/// An action about another screen, or about an item.
fn about<'a>(flow: &'a Flow, screen: &Screen, name: &'a str) -> Option<Pressed<'a>> {
    let key = |digits: &str| {
        digits
            .parse::<u32>()
            .ok()
            .filter(|key| *key > 0 && key.to_string() == digits)
    };
    if let Some(key) = name.strip_prefix(own::REMOVE).and_then(key) {
        return lists(flow, screen).then_some(Pressed::Remove(key));
    }
    if let Some(key) = name.strip_prefix(own::RESTORE).and_then(key) {
        // A screen to the side may be about an item too.
        let among = lists(flow, screen) || screen.strand.is_some() || (screen.is_aside() && !flow.strands.is_empty());
        return among.then_some(Pressed::Restore(key));
    }
    if let Some((_, checked)) = language::of_action(name) {
        return Some(Pressed::Language { checked, name });
    }
    let name = name.strip_prefix(own::CHANGE)?;
    let named = |name: &str| flow.screens.iter().find(|screen| screen.name == name);
    if let Some(screen) = named(name) {
        return Some(Pressed::Change(&screen.name, 0));
    }
    let (name, item) = name.rsplit_once('.')?;
    Some(Pressed::Change(&named(name)?.name, key(item)?))
}

/// Whether a longer name that may be pressed on `screen` begins with these letters.
pub(super) fn begins(flow: &Flow, screen: &Screen, letters: &str) -> bool {
    let actions = screen.actions.iter().map(|action| action.name.clone());
    let changes = flow
        .screens
        .iter()
        .map(|other| format!("{}{}", own::CHANGE, other.name));
    let languages = flow.languages.iter().filter(|_| flow.is_translated());
    let languages = languages.flat_map(|tag| ["", own::CHECKED].map(|end| format!("{}{tag}{end}", own::LANGUAGE)));
    let names = own::NAMES.map(str::to_owned).into_iter().chain(actions);
    let mut names = names.chain(changes).chain(languages);
    names.any(|name| {
        name.len() > letters.len() && name.starts_with(letters) && pressed(flow, screen, Some(&name)).is_some()
    })
}

/// Whether every field was declared on the screen and is there once, if it can be only once.
pub(super) fn declared(screen: &Screen, form: &Form) -> bool {
    let mut once: BTreeMap<String, bool> = BTreeMap::new();
    for field in screen.asked() {
        let inputs = field.inputs().into_iter().chain(field.removal());
        once.extend(inputs.map(|input| (input, !field.is_many())));
    }
    let mut seen = std::collections::BTreeSet::new();
    form.0.iter().all(|(name, _)| match once.get(name) {
        None => false,
        Some(true) => seen.insert(name),
        Some(false) => true,
    })
}

/// The digest of the normalised fields: order and surrounding spaces do not matter, nor does an
/// empty field's absence.
pub(super) fn digest(session: &Session, form: &Form) -> u64 {
    let mut fields: Vec<(&str, String)> = form
        .0
        .iter()
        .map(|(name, value)| (name.as_str(), value.trim().replace("\r\n", "\n")))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    fields.sort();
    let lengths: Vec<[u8; 8]> = fields
        .iter()
        .map(|(_, value)| (value.len() as u64).to_be_bytes())
        .collect();
    let mut parts: Vec<&[u8]> = Vec::with_capacity(fields.len() * 4);
    for ((name, value), length) in fields.iter().zip(&lengths) {
        parts.extend([name.as_bytes(), b"=", length.as_slice(), value.as_bytes()]);
    }
    id::digest(&session.key, &parts)
}

/// What came of reading a screen's fields.
#[derive(Debug)]
pub(super) struct Reading {
    /// The values; fields that were not asked, or left empty, are absent.
    pub(super) fields: BTreeMap<String, Value>,
    /// What did not pass.
    pub(super) faults: Vec<Fault>,
    /// Something was typed into a field that is no longer offered.
    pub(super) not_offered: bool,
    /// All values that count, this screen's included.
    pub(super) values: Values,
}

/// Reads the fields of `screen` over the values of `around`, which count before it, and over what was answered
/// there: a secret whose box is empty stays, and so does what is not asked at present. Faults are in these
/// `words`; what is computed is the same in every language.
pub(super) fn read(
    screen: &Screen,
    form: &Form,
    answered: &BTreeMap<String, Value>,
    around: Scope<'_>,
    words: Words,
) -> Reading {
    let mut reading = Reading {
        fields: BTreeMap::new(),
        faults: Vec::new(),
        not_offered: false,
        values: around.values.clone(),
    };
    for item in &screen.items {
        let Item::Field(field) = item else { continue };
        let scope = Scope {
            values: &reading.values,
            ..around
        };
        let said = Scope { words, ..scope };
        let stays = || {
            answered
                .get_key_value(&field.name)
                .map(|(name, value)| (name.clone(), value.clone()))
        };
        let value = match (field.computed(), asked(field, &scope)) {
            (Some(value), _) => value.eval(&scope),
            // What was chosen before comes back with what can be chosen.
            (None, Some(true)) if !typed_into(field, form) && field.has_nothing(None, &scope) => {
                reading.fields.extend(stays());
                None
            }
            (None, Some(true)) => match field.parse_over(form, answered.get(&field.name), &said) {
                Ok(value) => {
                    reading
                        .fields
                        .extend(value.clone().map(|value| (field.name.clone(), value)));
                    value
                }
                Err(fault) => {
                    reading.faults.push(fault);
                    None
                }
            },
            (None, Some(false)) => {
                reading.not_offered |= typed_into(field, form);
                reading.fields.extend(stays());
                None
            }
            (None, None) => None,
        };
        match value {
            Some(value) => reading.values.insert(field.name.clone(), value),
            None => reading.values.remove(&field.name),
        };
    }
    let scope = Scope {
        values: &reading.values,
        words,
        ..around
    };
    if reading.faults.is_empty() {
        reading.faults = broken(screen, &scope);
    } else {
        tell_apart(&mut reading.faults, screen.asked(), &scope);
    }
    reading
}

/// The rules of a screen that do not hold.
fn broken(screen: &Screen, scope: &Scope<'_>) -> Vec<Fault> {
    let rules = screen
        .rules
        .iter()
        .filter(|rule| rule.check.eval(scope) == Some(Value::Bool(false)));
    rules
        .filter_map(|rule| {
            let field = screen.asked().find(|field| Some(&field.name) == rule.fields.first())?;
            Some(Fault::of(field, rule.message.plain(scope)))
        })
        .collect()
}

/// Whether a field is asked; `None` where it hangs on another field of its page, so that it was
/// rightly in the page and is rightly passed over.
fn asked(field: &Field, scope: &Scope<'_>) -> Option<bool> {
    match &field.when {
        None => Some(true),
        Some(when) if when.guard.holds(scope) => Some(true),
        Some(when) if when.local => None,
        Some(_) => Some(false),
    }
}

fn typed_into(field: &Field, form: &Form) -> bool {
    field
        .inputs()
        .iter()
        .any(|input| form.all(input).any(|value| !value.trim().is_empty()))
}

/// What was typed, as it may be shown again: without secrets.
pub(super) fn typed(screen: &Screen, submission: &Submission, faults: Vec<Fault>) -> Option<Typed> {
    let fields = masked(screen, &submission.fields);
    let something = !faults.is_empty() || fields.0.iter().any(|(_, value)| !value.trim().is_empty());
    something.then(|| Typed {
        place: submission.place(screen),
        fields,
        faults,
        is_draft: false,
    })
}

/// A form without its secrets: these are never shown again and never put aside. Where one was typed
/// [`TYPED`] stands, so that its page can say that it must be typed again.
pub(super) fn masked(screen: &Screen, form: &Form) -> Form {
    let secret = |name: &str| {
        screen
            .asked()
            .any(|field| field.is_secret() && field.inputs().iter().any(|i| i == name))
    };
    let kept = form.0.iter().filter_map(|(name, value)| {
        if secret(name) {
            (!value.trim().is_empty()).then(|| (name.clone(), TYPED.to_owned()))
        } else {
            Some((name.clone(), value.clone()))
        }
    });
    Form(kept.collect())
}

/// What is kept of a secret that was typed into a page that comes again.
const TYPED: &str = "\u{2022}";
