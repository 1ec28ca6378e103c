//! Save and come back: what it makes of a session.
//!
//! Owns the page that asks for a secret, which secrets are refused for what the session holds, and the steps of a
//! save and of a return. Must not know codes, hashes, nor the secret that was chosen. Source: "Coming back" in the
//! contract.

use unicode_normalization::UnicodeNormalization as _;

use super::journal::note;
use super::step::Turn;
use super::{Decision, Event, Notice, Page, Place, Session, Showing, Typed, Verdict, show};
use crate::flow::{Fault, Flow, Form, Value};
use crate::limits;

/// Why a secret is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It has fewer characters than it must.
    Short,
    /// It has more than it may.
    Long,
    /// It is among those that are guessed first.
    Common,
    /// It is an answer of the session, or the like.
    Yours,
    /// It is not the one that was chosen before.
    Wrong,
}

/// The box for it: no author's field has such a name.
const SECRET: &str = "returnSecret";

/// A part of an answer counts from so many letters and figures on.
const PART_CHARS: usize = 5;
/// So many beside one make a secret of it.
const BESIDE_CHARS: usize = 4;

/// A secret as it is compared: in one form of Unicode, without spaces around it, in small letters.
pub fn normal(secret: &str) -> String {
    let secret: String = secret.nfkc().collect();
    secret.trim().to_lowercase().nfkc().collect()
}

/// Why a secret (as [`normal`] gives it) is none for this session. `others` are words that stand on its pages.
pub fn unfit(flow: &Flow, session: &Session, others: &[&str], secret: &str) -> Option<Unfit> {
    let (least, most) = limits::SECRET_CHARS;
    match secret.chars().count() {
        count if count < least => return Some(Unfit::Short),
        count if count > most => return Some(Unfit::Long),
        _ => {}
    }
    let secret = letters(secret);
    let reference = session.at.reference();
    let words = [flow.title.as_str(), &flow.name, &reference];
    let words = words.iter().chain(others).map(|word| (*word).to_owned());
    let is_known = words.chain(answers(session)).any(|text| {
        let text = letters(&normal(&text));
        let contains = text.chars().count() >= PART_CHARS
            && secret.contains(&text)
            && secret.chars().count() - text.chars().count() < BESIDE_CHARS;
        contains || text.contains(&secret)
    });
    is_known.then_some(Unfit::Yours)
}

/// Letters and figures alone.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What was answered and typed, as people may write it.
fn answers(session: &Session) -> impl Iterator<Item = String> {
    let all = session.answers.values();
    all.flat_map(|answer| {
        let values = answer.fields.values().flat_map(texts);
        let typed = answer
            .draft
            .iter()
            .flat_map(|draft| draft.0.iter().map(|(_, text)| text.clone()));
        values.chain(typed).collect::<Vec<_>>()
    })
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Date(date) => ["%d%m%Y", "%m%d%Y", "%Y%m%d"]
            .map(|form| date.strftime(form).to_string())
            .to_vec(),
        Value::Text(text) => {
            let words = text.split_whitespace().map(str::to_owned);
            words.chain([text.clone()]).collect()
        }
        _ => Vec::new(),
    }
}

/// The session after a save, under the code of this number.
pub fn saved(session: &Session, number: u32, now: i64) -> Session {
    let mut session = session.clone();
    session.step += 1;
    session.touched = now;
    session.code = number;
    note(&mut session, now, Event::Saved);
    session
}

/// The session after somebody came back to it, after so many wrong tries.
pub fn came_back(session: &Session, wrong: u32, now: i64) -> Session {
    let mut session = session.clone();
    session.step += 1;
    session.touched = now;
    session.returns = session.returns.saturating_add(1);
    note(&mut session, now, Event::CameBack { wrong });
    session
}

/// Where a session stands, for who came back to it.
pub fn welcomes(flow: &Flow, session: &Session, now: i64) -> Showing {
    let mut showing = show::stands(flow, session, now);
    let back = |event: &Event| match event {
        Event::CameBack { wrong } => Some(*wrong),
        _ => None,
    };
    let mut returns = session
        .journal
        .iter()
        .rev()
        .filter_map(|entry| Some((entry.at, back(&entry.event)?)));
    let wrong = returns.next().map_or(0, |(_, wrong)| wrong);
    let last = returns.next().map(|(at, _)| at);
    showing.notices.insert(0, Notice::CameBack(last, wrong));
    showing
}

/// Asks for a secret in place of the page that was about to be shown.
pub(super) fn saving(showing: Showing) -> Showing {
    Showing {
        page: match showing.page {
            Page::Screen(presentation) | Page::Waiting(presentation) | Page::Lacking(presentation) => {
                Page::Saving(presentation)
            }
            other => other,
        },
        notices: Vec::new(),
        ..showing
    }
}

/// Asks once more: why, in the words of this flow.
pub fn asks_again(flow: &Flow, showing: Showing, why: Unfit) -> Showing {
    let (least, most) = limits::SECRET_CHARS;
    let words = flow.words();
    let message = match why {
        Unfit::Short => words.save_short(least),
        Unfit::Long => words.save_long(most),
        Unfit::Common => words.save_common().to_owned(),
        Unfit::Yours => words.save_yours().to_owned(),
        Unfit::Wrong => words.save_wrong().to_owned(),
    };
    let fault = Fault {
        field: String::new(),
        input: SECRET.to_owned(),
        others: Vec::new(),
        message,
        bare: false,
    };
    Showing {
        verdict: Verdict::Invalid,
        typed: Some(Typed {
            place: Place::of(""),
            fields: Form::default(),
            faults: vec![fault],
            is_draft: false,
        }),
        ..saving(showing)
    }
}

impl Showing {
    /// The page that shows the code.
    #[must_use]
    pub fn saved(self) -> Self {
        let showing = saving(self);
        Self {
            page: match showing.page {
                Page::Saving(presentation) => Page::Saved(presentation),
                other => other,
            },
            ..showing
        }
    }
}

impl Turn<'_> {
    /// Asks for a secret; what was typed is put aside.
    pub(super) fn save(&self) -> Decision {
        let place = self.place();
        let way = self.submission.screen.way;
        let here = self.path.position(&place).is_some() || self.screen.is_aside();
        let (place, way): (Place, _) = match self.path.present().filter(|_| !here) {
            Some(present) => (present.place.clone(), way.onward()),
            None => (place, way),
        };
        match self.put_aside_and_show(&place, way) {
            Decision::Commit { session, showing } => Decision::Commit {
                session,
                showing: saving(showing),
            },
            Decision::Show(showing) => Decision::Show(saving(showing)),
            Decision::Tampered => Decision::Tampered,
        }
    }
}
