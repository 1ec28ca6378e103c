//! Specimens: each screen as it would be shown to somebody who came to it, without anybody.
//!
//! Owns the made-up session and showing. Nothing of it is ever stored or acted on: the pages are
//! measured, and what they have in common goes into a dictionary.

use super::life::Begin;
use super::{Page, Path, Place, Presentation, Session, Showing, Typed, Verdict, Visit, form, life};
use crate::flow::{Flow, Form, Screen};
use crate::id::{ScreenId, ScreenKey, SessionKey};

/// A screen, nothing filled in and everything before it not given, as of `now` (seconds since
/// 1970); if `wrong`, the page that follows when it is sent so: `None` where nothing is wrong with
/// that.
pub fn specimen(flow: &Flow, screen: &Screen, wrong: bool, now: i64) -> Option<(Session, Showing)> {
    let begin = Begin {
        at: SessionKey([7; 16]),
        key: ScreenKey([7; 16]),
        action: None,
        carried: None,
        presumed: None,
    };
    let (session, _) = life::start(flow, begin, now)?;
    let number = flow.number(&screen.name)?;
    let place = Place::of(&screen.name);
    let id = ScreenId {
        step: 9,
        screen: number,
        ..ScreenId::default()
    };
    let presentation = Presentation {
        id,
        place: place.clone(),
        back: screen.back && screen.final_end().is_none() && number != flow.start,
        on: false,
    };
    let before = flow.screens.iter().filter(|s| s.end.is_none() && s.name != screen.name);
    let visits = before.filter_map(|screen| {
        let number = flow.number(&screen.name)?;
        Some(visit(screen, number))
    });
    let path = Path {
        visits: visits.chain([visit(screen, number)]).collect(),
        today: flow.day(now),
        words: flow.words(),
        ..Path::default()
    };
    let reference = session.at.reference();
    let faults = if wrong {
        let scope = path.scope_of(&reference);
        form::read(screen, &Form::default(), &std::collections::BTreeMap::new(), scope).faults
    } else {
        Vec::new()
    };
    if wrong && faults.is_empty() {
        return None;
    }
    let showing = Showing {
        page: match screen.final_end() {
            Some(_) => Page::Receipt(presentation),
            None => Page::Screen(presentation),
        },
        verdict: if wrong { Verdict::Invalid } else { Verdict::Done },
        notices: Vec::new(),
        typed: wrong.then(|| Typed {
            place,
            fields: Form::default(),
            faults,
        }),
        path,
    };
    Some((session, showing))
}

fn visit(screen: &Screen, number: u16) -> Visit {
    Visit {
        walk: 0,
        place: Place::of(&screen.name),
        screen: number,
    }
}
