//! What the store holds and the pages show, held against the reference after each press.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deity::flow::{Form, Value, Values};
use deity::machine::{self, Asked, Path, Purpose, Session, State};

use super::calls::Stage;
use super::hold;
use super::model::{Expected, Item, Life, Said, filled};
use super::route::{At, Route, Stands};
use super::typist::tokens;
use super::walker::{Agrees, Walk, offers};
use crate::support::desk::{NOON, Sheet};

impl Walk<'_> {
    /// Where a press cannot be had back, what its page showed is what counts.
    pub(super) fn told_of_change(
        &self,
        page: &Sheet,
        another: bool,
        expected: &Expected,
        route: &Route,
        at: At,
    ) -> Agrees {
        let Some(shown) = self.shown.get(&page.screen) else {
            return Ok(());
        };
        let names: BTreeSet<&String> = self
            .flow
            .screens
            .iter()
            .flat_map(|screen| screen.asked())
            .map(|field| &field.name)
            .collect();
        let lists = |value: &Value| value.as_rows().is_some();
        let answers = |values: &Values| {
            let own = values
                .iter()
                .filter(|(name, value)| names.contains(name) || lists(value));
            own.map(|(name, value)| (name.clone(), value.clone()))
                .collect::<Values>()
        };
        hold!(
            !another || *shown != route.values,
            "it says that something is another, and nothing is"
        );
        let screen = self.model.screen(at.1);
        let goes_out = matches!(expected.row, "ended" | "called") && screen.review && screen.reviews.is_empty();
        hold!(
            !goes_out || answers(shown) == answers(&route.values),
            "it was sent with something else than was shown"
        );
        Ok(())
    }

    pub(super) fn nothing_typed_is_lost(&self, next: &Sheet, at: At, form: &Form) -> Agrees {
        let screen = self.model.screen(at.1);
        let secret = |name: &str| screen.asked().any(|field| field.is_secret() && field.name == name);
        let shown = filled(&next.typed);
        for (name, value) in filled(form).into_iter().filter(|(name, _)| !secret(name)) {
            hold!(
                shown.contains(&(name.clone(), value.clone())),
                "{name} {value} is lost\n{}",
                next.html
            );
        }
        Ok(())
    }

    /// The store holds what the reference holds, and what counts is the same.
    pub(super) async fn compare(&self) -> Agrees {
        let session = self.desk.stored(&self.pages[0]).await;
        let life = match session.state {
            State::Live => Life::Live,
            State::Ended { .. } => Life::Ended,
            _ => Life::Cancelled,
        };
        hold!(life == self.model.life, "it is {:?}", session.state);
        self.compare_askings(&session)?;
        if life != Life::Live {
            return Ok(());
        }
        hold!(
            session.step == self.model.step,
            "step {} and not {}",
            session.step,
            self.model.step
        );
        hold!(
            session.keys == self.model.keys,
            "keys {} and not {}",
            session.keys,
            self.model.keys
        );
        let items = session.items.iter().map(|item| Item {
            key: item.key,
            list: item.list.clone(),
            inside: item.inside,
            removed: item.removed > 0,
            of: item.of,
        });
        let items: Vec<_> = items.collect();
        hold!(
            items == self.model.items,
            "items {items:?}\nand not {:?}",
            self.model.items
        );
        self.compare_answers(&session)?;
        let route = Arc::clone(&self.route);
        let path = Path::fold(self.flow, &session, NOON);
        let visits = path.visits.iter().map(|visit| (visit.place.item, visit.screen));
        let visits: Vec<String> = visits.map(|at| self.name(at)).collect();
        let wanted: Vec<String> = route.visits.iter().map(|visit| self.name(visit.at)).collect();
        hold!(visits == wanted, "the way is {visits:?}\nand not {wanted:?}");
        for (name, value) in &route.values {
            let held = path.values.get(name);
            hold!(held == Some(value), "{name} counts as {held:?}\nand not as {value:?}");
        }
        for name in path.values.keys() {
            // Words of what a list offered once are no answers.
            let words = name.starts_with("+=");
            hold!(
                words || route.values.contains_key(name),
                "{name} counts, and should not"
            );
        }
        Ok(())
    }

    /// What was asked for, and what of it was taken back.
    fn compare_askings(&self, session: &Session) -> Agrees {
        let done = |asked: &&Asked| asked.purpose == Purpose::Do && matches!(asked.stage, machine::Stage::Done { .. });
        let own = session.asked.iter().filter(done);
        let undone = |number: u32| {
            session
                .asked
                .iter()
                .any(|other| other.purpose == Purpose::Undo { of: number })
        };
        let held: Vec<_> = own.map(|asked| (asked.effect.clone(), undone(asked.number))).collect();
        let wanted = self.model.asked.iter().filter(|asking| asking.stage == Stage::Done);
        let wanted = wanted.map(|asking| (asking.effect.clone(), asking.undone));
        let wanted: Vec<_> = wanted.collect();
        hold!(held == wanted, "asked for {held:?}\nand not {wanted:?}");
        Ok(())
    }

    fn compare_answers(&self, session: &Session) -> Agrees {
        let mut held = BTreeMap::new();
        for (place, answer) in &session.answers {
            let screen = self.flow.number(&place.screen).expect("a screen");
            let said = Said {
                values: answer.fields.clone(),
                action: answer.action.clone(),
                draft: answer.draft.as_ref().map(filled),
            };
            held.insert((place.item, screen), said);
        }
        for (at, said) in &self.model.said {
            let held = held.get(at);
            hold!(held == Some(said), "{} is {held:?}\nand not {said:?}", self.name(*at));
        }
        for at in held.keys() {
            hold!(self.model.said.contains_key(at), "{} was never said", self.name(*at));
        }
        Ok(())
    }

    /// One page of those on the way shows what counts.
    pub(super) async fn look(&mut self) -> Agrees {
        let route = Arc::clone(&self.route);
        let telling = |at: At| {
            let screen = self.model.screen(at.1);
            let tells = self.flow.strands_on(at.1).next().is_some() || screen.review;
            tells && self.model.is_open(&route, at)
        };
        let pages: Vec<At> = route
            .visits
            .iter()
            .map(|visit| visit.at)
            .filter(|at| telling(*at))
            .collect();
        if pages.is_empty() || self.dice(3) > 0 {
            return Ok(());
        }
        let at = *self.typist.dice.one(&pages);
        let name = &self.model.screen(at.1).name;
        let link = if at.0 == 0 {
            format!("change.{name}")
        } else {
            format!("change.{name}.{}", at.0)
        };
        let page = self.desk.follow(&self.pages[0], Some(&link)).await;
        self.comes_to(&page, at)?;
        let screen = self.model.screen(at.1);
        if screen.review && screen.reviews.is_empty() {
            let secret = |name: &String| {
                let mut asked = self.flow.screens.iter().flat_map(|screen| screen.asked());
                asked.any(|field| field.is_secret() && field.name == *name)
            };
            let mut counts = route.values.clone();
            counts.retain(|name, _| !secret(name));
            // Above the heading stands what the latest step changed.
            let (_, told) = page.html.split_once("<h1>").ok_or("no heading")?;
            let (told, wanted) = (tokens(told), tokens(&format!("{counts:?}")));
            hold!(told == wanted, "the review shows {told:?}\nand not {wanted:?}");
        }
        if self.flow.list_on(at.1).is_some_and(|(_, list)| !list.is_driven()) {
            let (buttons, _) = offers(&page.html);
            let shown = buttons
                .iter()
                .filter_map(|name| name.strip_prefix("remove.")?.parse().ok());
            let shown: Vec<u32> = shown.collect();
            let rows = route.hanging(at).filter(|walked| walked.stands != Stands::Untouched);
            let rows: Vec<u32> = rows.map(|walked| walked.item).collect();
            hold!(
                shown == rows,
                "the list shows {shown:?}\nand not {rows:?}\n{}",
                page.html
            );
        }
        Ok(())
    }
}
