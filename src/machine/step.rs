//! Steps: how a session changes.
//!
//! Owns every change of a live session by a submission: answer, amend, keep, put aside, extend;
//! the outcomes and the journal that go with it. Must not know which row of the table led here.

use std::collections::BTreeMap;

use super::ask::{self, Asking};
use super::form;
use super::hidden;
use super::journal::{keep, note};
use super::{
    Asked, Change, Decision, Event, Outcome, Page, Path, Place, Reason, Session, Showing, State, Submission, Typed,
    Verdict, items, life, news, show, ways,
};
use crate::flow::{Action, Fault, Field, Flow, Scope, Screen, Value, Values};
use crate::id::{Language, Way};

/// One submission on its way through the table.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) flow: &'a Flow,
    pub(super) session: &'a Session,
    pub(super) submission: &'a Submission,
    /// The language of the answer, if it is another than the flow's own.
    pub(super) language: Option<Language>,
    pub(super) screen: &'a Screen,
    /// The name of what was pressed.
    pub(super) action: String,
    /// The digest of the normalised fields.
    pub(super) digest: u64,
    /// Where the session stands before it.
    pub(super) path: Path,
    pub(super) now: i64,
}

/// A submission that passed.
#[derive(Debug)]
pub(super) struct Applied<'a> {
    pub(super) fields: BTreeMap<String, Value>,
    pub(super) action: &'a Action,
    pub(super) target: &'a Screen,
    pub(super) changes: Vec<Change>,
    /// The screen's position on the path; `None` where the path does not lead to it.
    pub(super) reach: Option<usize>,
    /// The target comes before the screen (or is it): the action leads back and answers nothing.
    pub(super) way_back: bool,
    /// All values that count, this screen's included.
    pub(super) values: Values,
}

impl Applied<'_> {
    /// The notices that are sent: none where the action answers nothing, or does not count.
    /// At an open end nothing is told before it is finished.
    fn tells(&self, counts: bool) -> &[String] {
        if counts && !self.way_back && !self.target.open {
            &self.action.tells
        } else {
            &[]
        }
    }
}

impl Turn<'_> {
    /// The screen's address.
    pub(super) fn place(&self) -> Place {
        self.submission.place(self.screen)
    }

    /// What became of this action of this presentation, if it was taken before.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        let screen = &self.submission.screen;
        self.session.outcomes.iter().rev().find(|o| {
            o.offered == screen.step && o.place == self.place() && o.way == screen.way && o.action == self.action
        })
    }

    /// Why the presentation cannot be acted on any more, if it cannot.
    pub(super) fn out_of_reach(&self) -> Option<Reason> {
        let offered = self.submission.screen.step;
        let sealed = self
            .session
            .seal
            .as_ref()
            .is_some_and(|seal| match self.path.position(&self.place()) {
                Some(position) => self.path.sealed(self.session).holds(position),
                None => offered < seal.step,
            });
        if sealed {
            return Some(Reason::Sealed);
        }
        if self.is_gone() {
            return Some(Reason::Gone);
        }
        (self.outcome().is_none() && offered < self.session.kept_from).then_some(Reason::TooOld)
    }

    /// Whether the page is one that the browser kept: the screen was acted on since it was
    /// offered.
    pub(super) fn kept_by_the_browser(&self) -> bool {
        let place = self.place();
        self.session
            .outcomes
            .iter()
            .any(|o| o.place == place && o.step > self.submission.screen.step)
    }

    /// The valid answers that `fields` would replace by others; empty where the screen was not
    /// answered before.
    pub(super) fn changes(&self, fields: &BTreeMap<String, Value>) -> Vec<Change> {
        let place = self.place();
        let Some(old) = self
            .session
            .answers
            .get(&place)
            .filter(|answer| answer.action.is_some())
        else {
            return Vec::new();
        };
        self.screen
            .asked()
            .filter(|field| old.fields.get(&field.name) != fields.get(&field.name))
            .map(|field| {
                let (name, before) = hidden::told(field, old.fields.get(&field.name));
                Change {
                    place: place.clone(),
                    field: name,
                    before,
                    after: hidden::told(field, fields.get(&field.name)).1,
                }
            })
            .collect()
    }

    /// What was typed, to be shown again.
    pub(super) fn typed(&self) -> Option<Typed> {
        let typed = Submission {
            fields: self.typed_anew(),
            ..self.submission.clone()
        };
        form::typed(self.screen, &typed, Vec::new())
    }

    /// A page of the session as it is.
    pub(super) fn showing(&self, page: Page, verdict: Verdict) -> Showing {
        Showing {
            page,
            verdict,
            notices: Vec::new(),
            typed: None,
            path: self.path.clone(),
        }
    }

    /// Not applied: why, what was typed, and where the transaction stands.
    pub(super) fn not_applied(&self, reason: Reason) -> Decision {
        let present = if reason == Reason::Gone {
            // From its own page it can be added again, with what was typed.
            show::presentation(self.flow, self.session, self.submission.screen, &self.path)
        } else {
            show::present(self.flow, self.session, &self.path)
        };
        Decision::Show(
            self.showing(Page::NotApplied(reason, present), Verdict::Conflict)
                .with(self.typed()),
        )
    }

    /// The same presentation again, with what did not pass.
    pub(super) fn invalid(&self, faults: Vec<Fault>) -> Decision {
        let mut showing = show::screen(self.flow, self.session, self.submission.screen, self.path.clone());
        // What is wrong is told at once, whatever is still being looked up.
        showing.page = show::at_once(self.flow, self.session, &showing.path, showing.page);
        showing.verdict = Verdict::Invalid;
        showing.notices.clear();
        Decision::Show(showing.with(form::typed(self.screen, self.submission, faults)))
    }

    /// The submission passed: answers change, and it leads on.
    pub(super) fn apply(&self, applied: &Applied<'_>) -> Decision {
        let place = self.place();
        let counts = applied.reach.is_some();
        let mut session = self.next();
        let answer = session.answers.entry(place.clone()).or_default();
        answer.fields.clone_from(&applied.fields);
        answer.draft = None;
        // An action that seals or calls must be pressed where it counts: kept with a screen that
        // does not, it would be walked past later without having done so.
        if !applied.way_back && (counts || !(applied.action.seal || applied.action.call.is_some())) {
            answer.action = Some(applied.action.name.clone());
        }
        let calls = self.calls(&session, applied.action);
        if applied.action.seal && counts && !applied.way_back && !calls {
            session.seals(self.flow, place, self.now);
        }
        let path = Path::fold(self.flow, &session, self.now);
        self.journal(&mut session, applied, &path);
        // Whether what was done is still what is answered may hang on the journal.
        let path = if session.asked.is_empty() {
            path
        } else {
            Path::fold(self.flow, &session, self.now)
        };
        self.take_back(&mut session, applied, &path);
        if calls && counts {
            return self.call(session, applied);
        }
        self.asking().tells(
            &mut session,
            (&self.place(), &self.action),
            applied.tells(counts),
            &applied.values,
        );
        if let Some(outcome) = applied.target.final_end().cloned().filter(|_| counts) {
            life::end(self.flow, &mut session, &path, (applied.target, outcome), self.now);
        }
        // An end changes what the path leads to; what was asked for does not.
        let path = if matches!(session.state, State::Live) && session.asked.is_empty() {
            self.asking().looks_along(&mut session, None, path)
        } else {
            self.asking().looks(&mut session, None)
        };
        let (led_to, led_way) = self.leads_to(applied, &path);
        self.committed(session, path, &led_to, led_way)
    }

    /// Whether an answer goes because its field is not asked any more.
    fn drops(&self, change: &Change, applied: &Applied<'_>) -> bool {
        let reference = self.session.at.reference();
        let scope = Scope::new(&applied.values, self.path.today, &reference, self.flow.words());
        let field = self.screen.asked().find(|field| field.name == change.field);
        field.is_some_and(|field| !field.counts(None, &scope))
    }

    /// Takes back what was done with answers that this step changes.
    fn take_back(&self, session: &mut Session, applied: &Applied<'_>, path: &Path) {
        if session.asked.is_empty() {
            return;
        }
        let here = self.place().item;
        let changed = |number: &u32| {
            let asked = session.asking(*number);
            let effect = asked.and_then(|asked| self.flow.effect(&asked.effect));
            // An item's own answers go out with it alone.
            let of = asked.map_or(0, |asked| asked.item);
            if of > 0 && here > 0 && !items::lies_in(session, here, of) {
                return path.stale.contains(number);
            }
            let counts = path.calls.contains(number);
            let sent = |change: &Change| {
                effect.is_some_and(|effect| {
                    let sends = ask::sends(self.flow, effect, &change.field);
                    sends && (!counts || ask::mixes(self.flow, effect, &change.field))
                })
            };
            path.stale.contains(number) || applied.changes.iter().any(sent)
        };
        let numbers: Vec<u32> = session.undoable(self.flow).into_iter().filter(changed).collect();
        if numbers.is_empty() {
            return;
        }
        let before = session.clone();
        self.asking().undos(session, self.session, &numbers);
        // What is given back may be offered no more.
        hidden::note_lost(self.flow, &before, session, self.now);
    }

    pub(super) fn asking(&self) -> Asking<'_> {
        Asking {
            flow: self.flow,
            now: self.now,
        }
    }

    /// What could not be looked up is asked for once more. The page that offers this has no boxes: that
    /// nothing came with it is nobody's draft.
    pub(super) fn look_again(&self) -> Decision {
        let nothing = self.submission.fields.0.is_empty();
        let typed = if nothing { None } else { self.put_aside() };
        let mut session = typed.unwrap_or_else(|| self.next());
        let path = Path::fold(self.flow, &session, self.now);
        let place = self.place();
        let lacks = show::lacks(self.flow, &session, &path, &place);
        for visit in &path.visits {
            let needed = |asked: &Asked| {
                let brings = self
                    .flow
                    .effect(&asked.effect)
                    .into_iter()
                    .flat_map(|effect| &effect.save);
                let needed = brings.into_iter().any(|saved| lacks.contains(saved.name.as_str()));
                !asked.is_open() && (needed || visit.place == place)
            };
            ask::ask_anew(&mut session, &visit.place, needed);
        }
        let path = self.asking().looks(&mut session, None);
        self.stays(session, path)
    }

    /// Where *Continue* leads: along the path to the target; by a change link, or from a screen
    /// that does not count, to the first screen that lacks an answer, else to the screen on which
    /// the link stood.
    fn leads_to(&self, applied: &Applied<'_>, path: &Path) -> (Place, Way) {
        let target = items::place_from(self.flow, self.session, &self.place(), applied.target);
        let way = self.submission.screen.way;
        let along = applied.reach.is_some() && way == Way::Path;
        if applied.way_back || along {
            return (target, Way::Path);
        }
        if let Some(lacking) = path.lacking_beside(&self.place()).filter(|_| applied.reach.is_some()) {
            return (lacking.place.clone(), way.onward());
        }
        if let Some(stood) =
            ways::stood(self.flow, self.session, path, &self.place(), way).filter(|_| applied.reach.is_some())
        {
            return (stood, Way::Path);
        }
        let lacking = path.present();
        let screen = lacking.and_then(|visit| self.flow.screen(visit.screen));
        let arrived = screen.is_some_and(|screen| screen.shows_answers() || screen.end.is_some());
        (
            lacking.map_or(target, |visit| visit.place.clone()),
            if arrived { Way::Path } else { way.onward() },
        )
    }

    /// To the screen before; what was typed is put aside.
    pub(super) fn back(&self) -> Decision {
        let place = self.place();
        let way = self.submission.screen.way;
        let before = ways::before(self.flow, self.session, &self.path, &place, way)
            .filter(|(before, _)| ways::is_open(self.session, &self.path, before));
        let present = || self.path.present().map(|visit| (visit.place.clone(), way.onward()));
        let (to, way) = before.or_else(present).unwrap_or((place, way));
        self.put_aside_and_show(&to, way)
    }

    /// More time: the same page, and what was typed is put aside for it.
    pub(super) fn more_time(&self) -> Decision {
        let mut session = self.put_aside().unwrap_or_else(|| self.next());
        note(&mut session, self.now, Event::Extended);
        let path = Path::fold(self.flow, &session, self.now);
        self.stays(session, path)
    }

    /// Closes a step that leads nowhere: the same page, or where the transaction stands if the path
    /// does not lead there.
    fn stays(&self, session: Session, path: Path) -> Decision {
        let place = self.place();
        let way = self.submission.screen.way;
        let (to, way) = match path.position(&place) {
            Some(_) => (place, way),
            None => (path.present().map_or(place, |visit| visit.place.clone()), Way::Path),
        };
        self.committed(session, path, &to, way)
    }

    /// The session one step on, nothing else changed.
    pub(super) fn next(&self) -> Session {
        let mut session = self.session.clone();
        session.step += 1;
        session.touched = self.now;
        self.speak(&mut session);
        session
    }

    /// The session one step on with what was typed kept as the screen's draft; `None` where
    /// nothing was typed that is not known already.
    pub(super) fn put_aside(&self) -> Option<Session> {
        let place = self.place();
        // A page that stood in for it has none of its boxes. Those of the release before do not say so.
        let stands_in = || self.submission.bare || !show::lacks(self.flow, self.session, &self.path, &place).is_empty();
        if self.submission.fields.0.is_empty() && stands_in() {
            return None;
        }
        let typed = form::masked(self.screen, &self.typed_anew());
        let mut session = self.next();
        let known = session.answers.get(&place);
        let flow = self.answered_in();
        let screen = flow.screen(self.submission.screen.screen).unwrap_or(self.screen);
        let answered = screen
            .asked()
            .filter(|field| !field.is_secret())
            .filter_map(|field| Some(field.boxes(known?.fields.get(&field.name)?)))
            .flat_map(|form| form.0)
            .collect();
        let old = known
            .and_then(|answer| answer.draft.clone())
            .unwrap_or(crate::flow::Form(answered));
        if form::digest(self.session, &typed) == form::digest(self.session, &old) {
            return None;
        }
        session.answers.entry(place.clone()).or_default().draft = Some(typed);
        note(&mut session, self.now, Event::Drafted { place });
        Some(session)
    }

    /// Shows `place`; what was typed here is put aside first, if anything was.
    pub(super) fn put_aside_and_show(&self, place: &Place, way: Way) -> Decision {
        let Some(session) = self.put_aside() else {
            let mut showing = show::place(self.flow, self.session, place, way, self.path.clone());
            if *place != self.place() {
                let here = show::presentation(self.flow, self.session, self.submission.screen, &self.path);
                news::add(
                    &mut showing.notices,
                    news::untold(self.flow, self.session, &here, &self.path),
                );
            }
            return Decision::Show(showing);
        };
        let path = Path::fold(self.flow, &session, self.now);
        self.committed(session, path, place, way)
    }

    /// Closes a step: its outcome is kept, and what it led to is shown.
    pub(super) fn committed(&self, mut session: Session, mut path: Path, led_to: &Place, led_way: Way) -> Decision {
        let offered = &self.submission.screen;
        let outcome = Outcome {
            step: session.step,
            offered: offered.step,
            place: self.place(),
            way: offered.way,
            action: self.action.clone(),
            digest: self.digest,
            led_to: led_to.clone(),
            led_way,
            since: news::since(self.flow, self.session, &self.path),
        };
        keep(&mut session, outcome, &path);
        if *led_to != self.place() {
            path = self.asking().looks_along(&mut session, Some(led_to), path);
        }
        let showing = show::place(self.flow, &session, led_to, led_way, path);
        Decision::Commit {
            session: Box::new(session),
            showing,
        }
    }

    fn journal(&self, session: &mut Session, applied: &Applied<'_>, path: &Path) {
        let place = self.place();
        let action = applied.action.name.clone();
        let was = |change: &Change| (change.field.clone(), change.before.clone());
        let (dropped, changed): (Vec<_>, Vec<_>) =
            applied.changes.iter().partition(|change| self.drops(change, applied));
        let mut before: Vec<_> = dropped.into_iter().map(|change| (place.clone(), was(change))).collect();
        before.extend(hidden::lost(
            self.flow,
            (self.session, &self.path),
            (session, path),
            Some(&place),
        ));
        if applied.reach.is_none() {
            note(session, self.now, Event::Kept { place: place.clone() });
        }
        if !changed.is_empty() {
            let before = changed.into_iter().map(was).collect();
            note(session, self.now, Event::Amended { place, action, before });
        } else if applied.reach.is_some() {
            let declares = self.screen.asked().any(Field::is_declaration);
            let agreed = declares.then_some(self.flow.digests.texts);
            note(session, self.now, Event::Answered { place, action, agreed });
        }
        hidden::note_all(session, self.now, before);
        if session.seal.as_ref().is_some_and(|seal| seal.step == session.step) {
            note(session, self.now, Event::Sealed);
        }
    }
}
