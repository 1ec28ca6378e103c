//! The language of a presentation, and what hangs on it.
//!
//! Owns which language a page is in, switching to another, and that what was typed in one is written as
//! another writes it. Steps, paths and what is sent are the same in all of them. Must not know texts.

use super::form::{self, Pressed};
use super::step::Turn;
use super::{Decision, Path, Place, Session, Showing, Submission, Typed, Verdict, own, show};
use crate::flow::{Fault, Field, Flow, Form, Scope, Screen, Value};
use crate::id::Language;

/// The language that an action leads to, and whether the page comes checked.
pub(super) fn of_action(action: &str) -> Option<(&str, bool)> {
    let tag = action.strip_prefix(own::LANGUAGE)?;
    let (tag, checked) = match tag.strip_suffix(own::CHECKED) {
        Some(tag) => (tag, true),
        None => (tag, false),
    };
    Language::parse(tag).map(|_| (tag, checked))
}

/// The language in which a submission is answered: the one that it asks for, else that of its page. `None`
/// is the flow's own, also for one that the flow does not have (any more).
pub fn spoken(flow: &Flow, submission: &Submission) -> Option<Language> {
    let asked = submission.action.as_deref().and_then(of_action);
    let asked = asked.map(|(tag, _)| Language::parse(tag));
    known(flow, asked.unwrap_or(submission.language))
}

/// A language, if the flow has it beside its own.
pub fn known(flow: &Flow, language: Option<Language>) -> Option<Language> {
    language.filter(|language| flow.translation(language.tag()).is_some())
}

impl Showing {
    /// The page in this language; what was put aside, as that writes it.
    #[must_use]
    pub fn in_language(mut self, flow: &Flow, session: &Session, language: Option<Language>) -> Self {
        if let Some(presentation) = self.page.presentation_mut() {
            presentation.id.language = language;
        }
        self.path.words = flow.in_language(language).words();
        if session.language != language
            && let Some(typed) = self.typed.as_mut().filter(|typed| typed.is_draft)
        {
            let around = Around {
                flow,
                session,
                path: &self.path,
            };
            typed.fields = around.rewritten(&typed.place, &typed.fields, (session.language, language));
        }
        self
    }
}

/// What a form is read among.
struct Around<'a> {
    flow: &'a Flow,
    session: &'a Session,
    path: &'a Path,
}

impl Around<'_> {
    /// What was typed in one language as another writes it: numbers, dates and times that can be read. All else
    /// stays as it is.
    fn rewritten(&self, place: &Place, form: &Form, (from, to): (Option<Language>, Option<Language>)) -> Form {
        let screen = |language| {
            let flow = self.flow.in_language(language);
            let screen = flow.number(&place.screen).and_then(|number| flow.screen(number))?;
            Some((flow, screen))
        };
        let (Some((old, before)), Some((_, after))) = (screen(from), screen(to)) else {
            return form.clone();
        };
        let reference = self.session.at.reference();
        let scope = Scope {
            words: old.words(),
            ..self.path.scope_of(&reference)
        };
        let mut rewritten = form.clone();
        for (before, after) in before.asked().zip(after.asked()) {
            if let Some(boxes) = other_boxes(before, after, form, &scope) {
                let inputs = before.inputs();
                let first = rewritten.0.iter().position(|(name, _)| inputs.contains(name));
                rewritten.0.retain(|(name, _)| !inputs.contains(name));
                let at = first.unwrap_or(rewritten.0.len()).min(rewritten.0.len());
                rewritten.0.splice(at..at, boxes.0);
            }
        }
        rewritten
    }
}

/// The boxes of a value in another language, where they are others.
fn other_boxes(before: &Field, after: &Field, form: &Form, scope: &Scope<'_>) -> Option<Form> {
    let typed = before.inputs().iter().any(|input| form.first(input).is_some());
    let value = before.parse_over(form, None, scope).ok().flatten().filter(|_| typed)?;
    let is_written = matches!(
        value,
        Value::Number(_) | Value::Money(..) | Value::Date(_) | Value::Time(_)
    );
    is_written.then(|| after.boxes(&value))
}

impl Turn<'_> {
    /// The flow in the language of the page that was submitted.
    pub(super) fn read_in(&self) -> &Flow {
        self.flow.in_language(self.submission.language)
    }

    /// The flow in the language of the answer.
    pub(super) fn answered_in(&self) -> &Flow {
        self.flow.in_language(self.language)
    }

    /// The screen in the language of the page that was submitted: its form is read by that.
    pub(super) fn as_shown(&self) -> &Screen {
        self.read_in()
            .screen(self.submission.screen.screen)
            .unwrap_or(self.screen)
    }

    /// What was typed, as the language of the answer writes it.
    pub(super) fn typed_anew(&self) -> Form {
        let around = Around {
            flow: self.flow,
            session: self.session,
            path: &self.path,
        };
        let languages = (known(self.flow, self.submission.language), self.language);
        if languages.0 == languages.1 {
            return self.submission.fields.clone();
        }
        around.rewritten(&self.place(), &self.submission.fields, languages)
    }

    /// What is put aside in the session stands there as the language of its last step writes it.
    pub(super) fn speak(&self, session: &mut Session) {
        if session.language == self.language {
            return;
        }
        let around = Around {
            flow: self.flow,
            session: self.session,
            path: &self.path,
        };
        let languages = (session.language, self.language);
        for (place, answer) in &mut session.answers {
            if let Some(draft) = &mut answer.draft {
                *draft = around.rewritten(place, draft, languages);
            }
        }
        session.language = self.language;
    }

    /// The same page in another language. What was typed is put aside; `checked`, the page says again
    /// what is wrong with it.
    pub(super) fn switch(&self, checked: bool) -> Decision {
        let place = self.place();
        let here = self.path.position(&place).is_some() || self.screen.is_aside();
        let way = self.submission.screen.way;
        let decision = match self.path.present().filter(|_| !here) {
            Some(present) => self.put_aside_and_show(&present.place.clone(), way.onward()),
            None => self.put_aside_and_show(&place, way),
        };
        if here { self.told(decision, checked) } else { decision }
    }

    /// The page of a press that was made before; a switch says again what is wrong.
    pub(super) fn again(&self, showing: Showing, pressed: &Pressed<'_>) -> Decision {
        match pressed {
            Pressed::Language { checked, .. } => self.told(Decision::Show(showing), *checked),
            _ => Decision::Show(showing),
        }
    }

    /// A page that says what must be written anew; `checked`, also what else is wrong with what was typed.
    fn told(&self, decision: Decision, checked: bool) -> Decision {
        let typed = self.typed_anew();
        let mut faults = if checked { self.faults(&typed) } else { Vec::new() };
        let misread = self.misread(&typed);
        faults.extend(
            misread
                .into_iter()
                .filter(|fault| !faults.iter().any(|told| told.field == fault.field))
                .collect::<Vec<_>>(),
        );
        if faults.is_empty() {
            return decision;
        }
        let say = |mut showing: Showing| {
            showing.typed = Some(Typed {
                place: self.place(),
                fields: form::masked(self.screen, &typed),
                faults,
                is_draft: false,
            });
            showing.verdict = Verdict::Invalid;
            showing
        };
        match decision {
            Decision::Commit { session, showing } => {
                let page = show::at_once(self.flow, &session, &showing.path, showing.page.clone());
                let showing = say(Showing { page, ..showing });
                Decision::Commit { session, showing }
            }
            Decision::Show(showing) => Decision::Show(say(showing)),
            Decision::Tampered => Decision::Tampered,
        }
    }

    /// What could not be read in the language of its page, and would be read as something in that of the answer:
    /// nobody knows whether it is meant so.
    fn misread(&self, typed: &Form) -> Vec<Fault> {
        let (old, new) = (self.read_in(), self.answered_in());
        let Some(screen) = new
            .screen(self.submission.screen.screen)
            .filter(|_| old.lang != new.lang)
        else {
            return Vec::new();
        };
        let reference = self.session.at.reference();
        let scope = |flow: &Flow| Scope {
            words: flow.words(),
            ..self.path.scope_of(&reference)
        };
        let (was, is) = (scope(old), scope(new));
        let fields = self.as_shown().asked().zip(screen.asked());
        let misread = fields.filter(|(before, after)| {
            let fault = before.parse_over(&self.submission.fields, None, &was);
            fault.is_err() && matches!(after.parse_over(typed, None, &is), Ok(Some(_)))
        });
        misread.map(|(_, after)| after.written_anew(&is)).collect()
    }

    /// What is wrong with a form, in the language of the answer.
    fn faults(&self, typed: &Form) -> Vec<Fault> {
        let flow = self.answered_in();
        let Some(screen) = flow.screen(self.submission.screen.screen) else {
            return Vec::new();
        };
        let before = Path::fold_to(self.flow, self.session, self.now, &self.place());
        let reference = self.session.at.reference();
        let around = before.scope_of(&reference);
        let answered = self.session.answers.get(&self.place());
        let answered = answered.map(|answer| answer.fields.clone()).unwrap_or_default();
        form::read(screen, typed, &answered, around, flow.words()).faults
    }
}
