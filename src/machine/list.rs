//! Lists as people change them: adding an item, removing one, putting it back; what holds a list's
//! page up.
//!
//! Owns these steps. Must not know how an item's own screens are answered (`step`).

use super::form::Pressed;
use super::step::Turn;
use super::{
    Asked, Decision, Event, Notice, Path, Place, Presentation, Reason, Session, Standing, items, journal, show,
};
use crate::flow::{Fault, Flow, List, Rows, Rule, Scope, Screen, Text, Value};
use crate::id::Way;
use crate::limits;

impl Turn<'_> {
    /// Whether the item that the screen is about is not there any more.
    pub(super) fn is_gone(&self) -> bool {
        let item = self.submission.screen.item;
        item > 0 && (items::item(self.session, item).is_none() || items::removed(self.session, item).is_some())
    }

    /// Whether *add*, pressed again on the same page, adds another item: the one that it had added is
    /// begun.
    pub(super) fn adds_another(&self, pressed: &Pressed<'_>) -> bool {
        matches!(pressed, Pressed::Add) && self.added().is_some_and(|item| items::is_touched(self.session, item))
    }

    /// The item that *add* on the same page added before.
    fn added(&self) -> Option<u32> {
        let outcome = self.outcome()?;
        Some(outcome.led_to.item).filter(|item| *item > 0)
    }

    /// Whether a screen is the page on which this one's strand hangs: what leads there is finished.
    pub(super) fn leads_home(&self, target: &Screen) -> bool {
        let strand = self.screen.strand.and_then(|strand| self.flow.strand(strand));
        let host = strand.and_then(|strand| self.flow.screen(strand.host));
        host.is_some_and(|host| host.name == target.name)
    }

    /// A list's page, or a task list, that cannot be left forwards yet: what it lacks.
    pub(super) fn holds_up(&self, reach: Option<usize>) -> Option<Decision> {
        let number = self.submission.screen.screen;
        let at = reach.filter(|_| self.flow.strands_on(number).next().is_some())?;
        let Some((_, list)) = self.flow.list_on(number) else {
            return holds_up(self.flow, &self.path, at).then(|| self.not_applied(Reason::NotOffered));
        };
        if let Some(lacking) = self.path.lacking_in(self.flow, at) {
            let place = lacking.place.clone();
            let mut showing = show::place(self.flow, self.session, &place, Way::Path, self.path.clone());
            // What nobody has begun is the ordinary way on.
            let begun = items::is_touched(self.session, place.item);
            showing.notices.extend(begun.then_some(Notice::Unfinished));
            return Some(Decision::Show(showing));
        }
        let bounds = self.scoped(|scope| items::bounds(list, scope));
        let length = self.length();
        let broken = self.broken();
        let words = self.answered_in().words();
        let message = if let Some(message) = broken {
            message
        } else if list.is_driven() || bounds.contains(&length) {
            return None;
        } else if length < *bounds.start() {
            words.list_least(*bounds.start())
        } else {
            words.list_most(*bounds.end())
        };
        Some(self.invalid(vec![Fault {
            field: String::new(),
            input: String::new(),
            others: Vec::new(),
            message,
            bare: false,
        }]))
    }

    /// What a rule of the list says that does not hold.
    fn broken(&self) -> Option<String> {
        let fails = |rule: &&Rule| self.scoped(|scope| rule.check.eval(scope)) == Some(Value::Bool(false));
        let at = self.screen.rules.iter().position(|rule| fails(&rule))?;
        let words = self.answered_in().words();
        let rule = self.as_shown().rules.get(at)?;
        Some(self.scoped(|scope| rule.message.plain(&Scope { words, ..*scope })))
    }

    fn scoped<T>(&self, read: impl FnOnce(&Scope<'_>) -> T) -> T {
        let reference = self.session.at.reference();
        read(&self.path.scope_of(&reference))
    }

    /// How many items the list of this page has.
    fn length(&self) -> usize {
        length(&self.path, &self.screen.name)
    }

    /// The list of this page, if items may be added and removed on it now.
    fn changeable(&self) -> Option<(u16, &List)> {
        let list = self.flow.list_on(self.submission.screen.screen)?;
        let open = !list.1.is_driven() && self.path.position(&self.place()).is_some();
        open.then_some(list)
    }

    /// *add*: another item, at whose first screen the person stands then.
    pub(super) fn add(&self) -> Decision {
        let room = |(_, list): &(u16, &List)| self.length() < self.scoped(|scope| items::most(list, scope));
        let strand = self
            .changeable()
            .filter(room)
            .and_then(|(number, _)| self.flow.strand(number));
        let Some(strand) = strand else {
            return self.not_applied(Reason::NotOffered);
        };
        let again = self.added().is_some();
        let mut session = self.next();
        let inside = self.submission.screen.item;
        let key = items::make(&mut session, strand, inside, 0);
        items::forget_empty(&mut session, &strand.name, inside);
        journal::note(&mut session, self.now, Event::Added { key });
        let path = self.asking().looks(&mut session, None);
        let first = path.visits.iter().find(|visit| visit.place.item == key);
        let place = first.map_or_else(|| self.place(), |visit| visit.place.clone());
        let mut decision = self.committed(session, path, &place, Way::Path);
        if let (Decision::Commit { showing, .. }, true) = (&mut decision, again) {
            showing.notices.push(Notice::AddedAnother);
        }
        decision
    }

    /// *remove*: the item's answers are put aside and count no more; what was done for it is taken back.
    pub(super) fn remove(&self, key: u32) -> Decision {
        let place = self.place();
        let own = |item: &super::ListItem| item.list == self.screen.name && item.inside == place.item;
        let Some(item) = items::item(self.session, key) else {
            return Decision::Show(self.stays_here());
        };
        if !own(item) {
            return Decision::Tampered;
        }
        if item.removed > 0 {
            return Decision::Show(self.stays_here());
        }
        if self.changeable().is_none() {
            return self.not_applied(Reason::NotOffered);
        }
        let line = line(self.flow, self.session, &mut self.path.clone(), key);
        let mut session = self.next();
        let step = session.step;
        for item in session.items.iter_mut().filter(|item| item.key == key) {
            item.removed = step;
        }
        journal::note(&mut session, self.now, Event::Removed { key, line });
        self.with_items_changed(session, Some(key))
    }

    /// *restore*: the item is there again, under its own key and at its place. Pressed on the page of one
    /// of its screens, what was typed there is its draft.
    pub(super) fn restore(&self, key: u32) -> Decision {
        let place = self.place();
        let own = |item: &super::ListItem| {
            let listed = item.list == self.screen.name && item.inside == place.item;
            listed || (place.item > 0 && items::lies_in(self.session, place.item, key))
        };
        let Some(item) = items::item(self.session, key).filter(|item| own(item)) else {
            return Decision::Tampered;
        };
        if item.removed == 0 {
            // Put back meanwhile: what was typed is kept all the same.
            let way = self.submission.screen.way;
            return self.put_aside_and_show(&self.open_from(self.session, &self.path), way);
        }
        let page = items::page_of(self.flow, self.session, key).filter(|page| self.path.position(page).is_some());
        if page.is_none() {
            return self.not_applied(Reason::NotOffered);
        }
        let mut session = self.put_aside().unwrap_or_else(|| self.next());
        for item in session.items.iter_mut().filter(|item| item.key == key) {
            item.removed = 0;
        }
        journal::note(&mut session, self.now, Event::PutBack { key });
        self.with_items_changed(session, None)
    }

    /// The same page, of the session as it is.
    fn stays_here(&self) -> super::Showing {
        let way = self.submission.screen.way;
        let place = self.open_from(self.session, &self.path);
        show::place(self.flow, self.session, &place, way, self.path.clone())
    }

    /// This page, or, where the path does not lead to it, the innermost list around it whose page is on it:
    /// the way through an item may have become another while it was away.
    fn open_from(&self, session: &Session, path: &Path) -> Place {
        let out = |place: &Place| items::page_of(self.flow, session, place.item);
        let mut around = std::iter::successors(Some(self.place()), out);
        let present = || path.present().map_or_else(|| self.place(), |visit| visit.place.clone());
        around
            .find(|place| path.position(place).is_some())
            .unwrap_or_else(present)
    }

    /// Closes a step that changed which items there are: what was done for a `removed` one, or sent the
    /// list as it was, is taken back.
    fn with_items_changed(&self, mut session: Session, removed: Option<u32>) -> Decision {
        let path = Path::fold(self.flow, &session, self.now);
        let gone = |number: &u32| {
            let of = session.asking(*number).map_or(0, Asked::about);
            path.stale.contains(number) || removed.is_some_and(|key| of > 0 && items::lies_in(&session, of, key))
        };
        let numbers: Vec<u32> = session.undoable(self.flow).into_iter().filter(gone).collect();
        let path = if numbers.is_empty() {
            self.asking().looks_along(&mut session, None, path)
        } else {
            self.asking().undos(&mut session, self.session, &numbers);
            self.asking().looks(&mut session, None)
        };
        let place = self.open_from(&session, &path);
        self.committed(session, path, &place, self.submission.screen.way)
    }
}

/// How many items a list has.
fn length(path: &Path, list: &str) -> usize {
    let rows = path.values.get(list).and_then(Value::as_rows);
    rows.map_or(0, Rows::len)
}

/// What *add* says on a page, where a list has room for another item.
pub fn can_add<'a>(flow: &'a Flow, path: &Path, here: &Presentation, scope: &Scope<'_>) -> Option<&'a Text> {
    let (_, list) = flow.list_on(here.id.screen)?;
    let length = length(path, &here.place.screen);
    let open = path.position(&here.place).is_some();
    list.add.as_ref().filter(|_| open && length < items::most(list, scope))
}

/// Whether a page is a list's that has too few items to be left, and room for more.
pub fn lacks_items(flow: &Flow, path: &Path, here: &Presentation, scope: &Scope<'_>) -> bool {
    let length = length(path, &here.place.screen);
    let list = flow.list_on(here.id.screen);
    let few = list.is_some_and(|(_, list)| length < *items::bounds(list, scope).start());
    few && can_add(flow, path, here, scope).is_some()
}

/// Whether a page is a task list, and something that hangs on it holds up what is behind it.
pub fn is_held_up(flow: &Flow, path: &Path, here: &Presentation) -> bool {
    let hangs = flow.strands_on(here.id.screen).next().is_some();
    let at = path.position(&here.place).filter(|_| hangs);
    at.is_some_and(|at| holds_up(flow, path, at))
}

fn holds_up(flow: &Flow, path: &Path, at: usize) -> bool {
    path.hanging(at).any(|walk| {
        let task = walk.strand.and_then(|strand| flow.strand(strand)?.task());
        task.is_some_and(|task| !task.optional) && walk.standing != Standing::Done
    })
}

/// An item on one line. Its answers can be read on the path then.
pub fn line(flow: &Flow, session: &Session, path: &mut Path, key: u32) -> String {
    let Some(item) = items::item(session, key) else {
        return String::new();
    };
    let place = Place {
        frame: 0,
        item: key,
        screen: item.list.clone(),
    };
    path.enter(flow, session, &place);
    let list = flow.strands.iter().find(|strand| strand.name == item.list);
    let reference = session.at.reference();
    let scope = path.scope_of(&reference);
    let line = list
        .and_then(|strand| strand.list())
        .map(|list| list.line.plain(&scope));
    line.unwrap_or_default().chars().take(limits::LABEL_CHARS).collect()
}

/// The item that can be put back from the page of one of its screens.
pub fn restorable(session: &Session, place: &Place) -> Option<u32> {
    items::removed(session, place.item)
}
