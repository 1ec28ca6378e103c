//! A person with two windows and a good memory, who presses what the pages offer; and the comparison after each
//! press.

use std::collections::BTreeMap;
use std::sync::Arc;

use deity::engine::Reply;
use deity::flow::{Action, Flow, Form, Values};
use deity::id::{ScreenId, ScreenKey, Way};
use deity::machine::{Notice, Verdict};

use super::hold;
use super::model::{Expected, Life, Model, Plant, Press};
use super::route::{At, Route, Stands, branch, is_aside};
use super::tally::{self, Tally};
use super::typist::{Dice, Typist};
use crate::support::desk::{Desk, Sheet, sheet};

/// Nothing, or in what it does not agree.
pub(super) type Agrees = Result<(), String>;

/// What a page offers, by buttons and by links.
pub(super) fn offers(html: &str) -> (Vec<String>, Vec<String>) {
    let read = |mark: &str| {
        let after = html.split(mark).skip(1);
        let name = |rest: &str| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
            rest[..end.unwrap_or(rest.len())].to_owned()
        };
        after.map(name).collect::<Vec<_>>()
    };
    (read("name=actionID value="), read("actionID="))
}

/// A reply that is no page of a session, in a few words.
pub(super) fn strange(reply: &Reply) -> String {
    format!("{reply:?}").chars().take(60).collect()
}

pub(super) struct Walk<'a> {
    pub(super) flow: &'a Flow,
    pub(super) desk: &'a Desk,
    pub(super) typist: Typist,
    pub(super) pages: Vec<Sheet>,
    pub(super) key: ScreenKey,
    pub(super) model: Model<'a>,
    /// The way as it is now.
    pub(super) route: Arc<Route>,
    /// What counted as each page was shown.
    pub(super) shown: BTreeMap<String, Values>,
    pub(super) log: Vec<String>,
}

impl<'a> Walk<'a> {
    pub(super) async fn begin(flow: &'a Flow, desk: &'a Desk, seed: u64, plant: Option<Plant>) -> Self {
        let first = desk.start(&flow.name).await;
        let session = desk.stored(&first).await;
        let mut model = Model::new(flow, super::TODAY, session.at.reference());
        model.plant = plant;
        let route = Arc::new(model.route());
        let mut walk = Self {
            flow,
            desk,
            typist: Typist {
                dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 7),
                tokens: 0,
            },
            pages: Vec::new(),
            key: session.screen_key(),
            model,
            route,
            shown: BTreeMap::new(),
            log: Vec::new(),
        };
        let first = walk.answered(first).await;
        walk.keep(first);
        walk
    }

    pub(super) fn context(&self) -> String {
        let first = self.log.len().saturating_sub(20);
        self.log[first..].join("\n")
    }

    pub(super) fn dice(&mut self, sides: usize) -> usize {
        self.typist.dice.roll(sides)
    }

    pub(super) fn id(&self, page: &Sheet) -> ScreenId {
        ScreenId::open(&page.screen, &self.key).expect("the session's own")
    }

    pub(super) fn name(&self, at: At) -> String {
        format!("{}.{}", self.model.screen(at.1).name, at.0)
    }

    pub(super) fn keep(&mut self, page: Sheet) {
        if !page.screen.is_empty() {
            self.shown.insert(page.screen.clone(), self.route.values.clone());
            self.pages.push(page);
        }
    }

    pub(super) async fn go(&mut self, tally: &mut Tally) -> Agrees {
        self.compare().await?;
        if self.dice(4) > 0 {
            let steps = 10 + self.dice(60);
            self.straight(steps, tally).await?;
        }
        let strays = if self.dice(12) == 0 { 200 } else { 30 };
        for _ in 0..strays {
            if self.model.life != Life::Live {
                break;
            }
            if self.model.waits().is_some() && self.dice(3) == 0 {
                self.settle(tally).await?;
            } else {
                self.stray(tally).await?;
            }
        }
        if self.model.life != Life::Live {
            for _ in 0..5 {
                let page = self.typist.dice.one(&self.pages).clone();
                self.press_something(&page, tally).await?;
            }
        }
        Ok(())
    }

    /// On and on with what passes, as somebody who fills it in.
    async fn straight(&mut self, steps: usize, tally: &mut Tally) -> Agrees {
        for _ in 0..steps {
            if self.model.waits().is_some() {
                self.settle(tally).await?;
            }
            if self.model.life != Life::Live {
                return Ok(());
            }
            let page = self.pages.last().expect("there is one").clone();
            let route = Arc::clone(&self.route);
            let id = self.id(&page);
            let at = (id.item, id.screen);
            let screen = self.model.screen(at.1);
            if screen.open && self.dice(4) > 0 {
                self.link(&page, "back", tally).await?;
                continue;
            }
            if self.gives_up(&page, at, tally).await? {
                continue;
            }
            let ends = screen.review || screen.end.is_some() || is_aside(screen);
            if ends && self.dice(3) > 0 {
                return Ok(());
            }
            let (buttons, _) = offers(&page.html);
            let adds = buttons.contains(&"add".to_owned()) && self.adds(&route, at);
            let mut offered = screen.actions.iter().filter(|action| buttons.contains(&action.name));
            let new = |action: &&Action| {
                let taken = |branch| {
                    tally
                        .edges
                        .contains_key(&tally::edge(self.flow, at.1, &action.name, branch))
                };
                action.call.is_none() && !action.cancel && !(0..action.branches.len()).all(taken)
            };
            let main = offered.clone().find(|action| !action.cancel && !action.aside);
            let new = offered.find(new).filter(|_| self.typist.dice.roll(2) == 0);
            let main = new.or(main);
            let action = match main {
                _ if adds => "add",
                Some(action) => &action.name,
                None => match self.task(&route, at) {
                    Some(to) => {
                        self.link(&page, &to, tally).await?;
                        continue;
                    }
                    None => return Ok(()),
                },
            };
            let form = self.good(&route, at, action, tally);
            self.press(&page, action, &form, tally).await?;
            if is_aside(self.model.screen(self.id(&self.pages[self.pages.len() - 1]).screen)) {
                let page = self.pages.last().expect("there is one").clone();
                self.press(&page, "back", &Form::default(), tally).await?;
            }
        }
        Ok(())
    }

    /// Gives up where nobody ever did.
    async fn gives_up(&mut self, page: &Sheet, at: At, tally: &mut Tally) -> Result<bool, String> {
        let screen = self.model.screen(at.1);
        let Some(cancel) = screen.actions.iter().find(|action| action.cancel) else {
            return Ok(false);
        };
        let never = !tally
            .edges
            .contains_key(&format!("{}.{} gives up", screen.name, cancel.name));
        if page.kind != "screen" || !never || self.dice(3) == 0 {
            return Ok(false);
        }
        self.press(page, &cancel.name, &Form::default(), tally).await?;
        let asks = self.pages.last().expect("there is one").clone();
        if asks.kind == "cancelling" {
            self.press(&asks, "yes-cancel", &Form::default(), tally).await?;
        }
        Ok(true)
    }

    /// What passes; where some of the ways on were never taken, rather what leads there.
    fn good(&mut self, route: &Route, at: At, action: &str, tally: &Tally) -> Form {
        let form = self.typist.good(&self.model, route, at);
        let screen = self.model.screen(at.1);
        let own = screen.actions.iter().find(|own| own.name == action);
        let branches = own.map_or(0, |own| own.branches.len());
        let taken = |branch: usize| tally.edges.contains_key(&tally::edge(self.flow, at.1, action, branch));
        if branches < 2 || (0..branches).all(taken) {
            return form;
        }
        let here = self.model.here(route, at);
        let mut forms = vec![form];
        for _ in 0..5 {
            forms.push(self.typist.good(&self.model, route, at));
        }
        let new = |form: &&Form| {
            let reading = self.model.read(at, form, &here);
            let branch = own.and_then(|own| branch(own, &self.model.scope(&reading.all)));
            reading.passes && branch.is_some_and(|(branch, _)| !taken(branch))
        };
        forms.iter().find(new).unwrap_or(&forms[0]).clone()
    }

    /// Whether another item is wanted on a list's page.
    fn adds(&mut self, route: &Route, at: At) -> bool {
        let begun = route
            .hanging(at)
            .filter(|walked| walked.stands != Stands::Untouched)
            .count();
        let few = self.flow.list_on(at.1).map(|(_, list)| {
            let seen = self.model.seen(route, at);
            *self.model.bounds(list, &seen).start()
        });
        begun < few.unwrap_or(0) || begun < 3 && self.dice(2 + begun) == 0
    }

    /// The link to a task that is not done.
    fn task(&mut self, route: &Route, at: At) -> Option<String> {
        let open = |stands: Stands| matches!(stands, Stands::Untouched | Stands::Begun);
        let lasts = route
            .hanging(at)
            .filter(|walked| walked.item == 0 && open(walked.stands));
        let lasts: Vec<At> = lasts.filter_map(|walked| walked.last).collect();
        let last = *lasts.get(self.typist.dice.roll(lasts.len().max(1)))?;
        let name = &self.model.screen(last.1).name;
        Some(if last.0 == 0 {
            format!("change.{name}")
        } else {
            format!("change.{name}.{}", last.0)
        })
    }

    /// The page that is pressed: mostly the newest, often one that was kept, also of the other window.
    fn page(&mut self) -> Sheet {
        let newest = self.pages.len() - 1;
        let route = Arc::clone(&self.route);
        let hub = |page: &&Sheet| {
            let at = self.id(page);
            let screen = self.model.screen(at.screen);
            let hangs = self.flow.strands_on(at.screen).next().is_some();
            page.kind == "screen" && (hangs || screen.review) && route.leads((at.item, at.screen))
        };
        let gone = |page: &&Sheet| self.model.is_gone(self.id(page).item);
        let hubs: Vec<usize> = (0..=newest).filter(|at| hub(&&self.pages[*at])).collect();
        let gone: Vec<usize> = (0..=newest).filter(|at| gone(&&self.pages[*at])).collect();
        let off = |page: &&Sheet| !route.leads((self.id(page).item, self.id(page).screen));
        let off: Vec<usize> = (0..=newest).filter(|at| off(&&self.pages[*at])).collect();
        let old: Vec<usize> = (0..=newest)
            .filter(|at| self.id(&self.pages[*at]).step < self.model.kept_from)
            .collect();
        let at = match self.dice(12) {
            5 if !old.is_empty() => *self.typist.dice.one(&old),
            6 if !off.is_empty() => *self.typist.dice.one(&off),
            0..=6 => newest,
            7 | 8 if !hubs.is_empty() => *self.typist.dice.one(&hubs),
            9 if !gone.is_empty() => *self.typist.dice.one(&gone),
            _ => self.dice(newest + 1),
        };
        self.pages[at].clone()
    }

    async fn stray(&mut self, tally: &mut Tally) -> Agrees {
        let page = self.page();
        let (_, links) = offers(&page.html);
        let known = |link: &&String| link.starts_with("change.") || *link == "back" || *link == "on";
        let links: Vec<&String> = links.iter().filter(known).collect();
        match self.dice(16) {
            0 => self.strange(&page, tally).await,
            1 => self.link(&page, "", tally).await,
            2..=5 if !links.is_empty() => {
                let link = (*self.typist.dice.one(&links)).clone();
                self.link(&page, &link, tally).await
            }
            _ => self.press_something(&page, tally).await,
        }
    }

    async fn press_something(&mut self, page: &Sheet, tally: &mut Tally) -> Agrees {
        let Some(first) = self.thought_of(page, tally) else {
            return self.link(page, "on", tally).await;
        };
        let mut moves = vec![(page.clone(), first)];
        // Often what was done least of all that comes to mind.
        if self.model.life == Life::Live && self.dice(2) == 0 {
            for _ in 0..4 {
                let page = self.page();
                moves.extend(self.thought_of(&page, tally).map(|press| (page, press)));
            }
        }
        let times = |(page, (action, form)): &(Sheet, (String, Form))| self.times(page, action, form, tally);
        let best = (0..moves.len())
            .min_by_key(|at| times(&moves[*at]))
            .expect("there is one");
        let (page, (action, form)) = moves.swap_remove(best);
        // A double click, or a reply that was lost on the way.
        let times = if self.dice(7) == 0 { 2 } else { 1 };
        for _ in 0..times {
            self.press(&page, &action, &form, tally).await?;
        }
        Ok(())
    }

    /// How often that was done, as far as the reference can tell what it would be.
    fn times(&self, page: &Sheet, action: &str, form: &Form, tally: &Tally) -> usize {
        let id = self.id(page);
        let press = Press {
            id: ScreenId { shown: None, ..id },
            action,
            form,
            another: false,
        };
        let expected = self.model.clone().press(&press, &self.route);
        let kind = tally::kind(self.flow, self.model.screen(id.screen));
        let rows = tally.rows.get(&(expected.row, kind)).copied().unwrap_or(0);
        let edge = expected
            .edge
            .map(|(screen, action, branch)| tally::edge(self.flow, screen, &action, branch));
        edge.map_or(rows, |edge| rows.min(tally.edges.get(&edge).copied().unwrap_or(0)))
    }

    /// Something that could be pressed on a page, with what is typed.
    fn thought_of(&mut self, page: &Sheet, tally: &Tally) -> Option<(String, Form)> {
        let id = self.id(page);
        let at = (id.item, id.screen);
        let (buttons, _) = offers(&page.html);
        let action = self.choose(page, at, buttons)?;
        let route = Arc::clone(&self.route);
        let verb = action.split('.').next().expect("a first part");
        let empty = matches!(verb, "add" | "remove" | "finish" | "yes-cancel");
        let form = match self.dice(5) {
            _ if empty => Form::default(),
            0 => self.typist.known(&self.model, at).unwrap_or_default(),
            1 => self.typist.any(&self.model, &route, at),
            _ => self.good(&route, at, &action, tally),
        };
        Some((action, form))
    }

    /// What is pressed: mostly the main button, at last what ends it.
    fn choose(&mut self, page: &Sheet, at: At, mut buttons: Vec<String>) -> Option<String> {
        let screen = self.model.screen(at.1);
        let own = |name: &String| screen.actions.iter().any(|action| action.name == *name);
        let verbs = ["back", "add", "more-time", "yes-cancel", "finish"];
        let about = |name: &String| name.starts_with("remove.") || name.starts_with("restore.");
        buttons.retain(|name| own(name) || verbs.contains(&name.as_str()) || about(name));
        // Another window may still show an item that was removed.
        let here = |item: &&super::model::Item| item.removed && item.inside == at.0 && item.list == screen.name;
        let removed = self.model.items.iter().filter(here).map(|item| item.key).next_back();
        if let Some(key) = removed.filter(|_| page.kind == "screen" && self.typist.dice.roll(6) == 0) {
            return Some(format!("remove.{key}"));
        }
        let rare = ["yes-cancel", "finish"];
        if self.dice(3) > 0 {
            buttons.retain(|name| !rare.contains(&name.as_str()));
        }
        let main = screen
            .actions
            .first()
            .filter(|action| page.kind == "screen" && !action.cancel && !action.aside);
        let main = main.map(|action| action.name.clone());
        let list = self.flow.list_on(at.1).is_some();
        if buttons.is_empty() || main.is_some() && self.dice(5) > if list { 3 } else { 2 } {
            return main;
        }
        Some(self.typist.dice.one(&buttons).clone())
    }

    pub(super) fn comes_to(&self, next: &Sheet, to: At) -> Agrees {
        let id = self.id(next);
        let at = (id.item, id.screen);
        hold!(
            at == to,
            "{} comes, and not {}\n{}",
            self.name(at),
            self.name(to),
            next.html
        );
        Ok(())
    }

    async fn press(&mut self, page: &Sheet, action: &str, form: &Form, tally: &mut Tally) -> Agrees {
        let id = self.id(page);
        let at = (id.item, id.screen);
        let fields: Vec<(&str, &str)> = form.0.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let reply = self.desk.engine.answer(Desk::post(page, Some(action), &fields)).await;
        let Reply::Session(_) = &reply else {
            return Err(format!(
                "{} {:?} {action} {fields:?}: {}",
                self.name(at),
                id.way,
                strange(&reply)
            ));
        };
        let next = sheet(reply);
        let different = |notice: &Notice| matches!(notice, Notice::Different(_));
        let another = next.kind == "screen" && next.notices.iter().any(different);
        let route = Arc::clone(&self.route);
        let press = Press {
            id: ScreenId { shown: None, ..id },
            action,
            form,
            another,
        };
        let expected = self.model.press(&press, &route);
        self.route = Arc::new(self.model.route());
        let next = self.answered(next).await;
        let name = self.name(at);
        self.log
            .push(format!("{name} {:?} {action} {fields:?}: {}", id.way, expected.row));
        tally.steps += 1;
        tally.row(expected.row, tally::kind(self.flow, self.model.screen(at.1)));
        if id.way != Way::Path && expected.verdict == Verdict::Done {
            tally.row("by a change link", expected.row);
        }
        hold!(
            next.verdict == expected.verdict,
            "{:?} and not {:?} ({}): {} {}",
            next.verdict,
            expected.verdict,
            expected.row,
            next.kind,
            next.html
        );
        self.told_of_change(page, another, &expected, &route, at)?;
        if let Some(to) = expected.to {
            hold!(next.kind == "screen", "{} comes\n{}", next.kind, next.html);
            self.comes_to(&next, to)?;
        }
        if expected.verdict != Verdict::Done && expected.row != "over" {
            self.nothing_typed_is_lost(&next, at, form)?;
        }
        self.compare().await?;
        self.ways(&expected, at, tally);
        if self.model.life == Life::Live && self.model.waits().is_none() {
            self.look().await?;
        }
        self.keep(next);
        Ok(())
    }

    /// Notes which ways of the flow were taken.
    fn ways(&self, expected: &Expected, at: At, tally: &mut Tally) {
        if let Some((screen, action, branch)) = &expected.edge {
            tally.edge(tally::edge(self.flow, *screen, action, *branch));
        }
        if expected.row == "cancelled" {
            let cancel = self.model.screen(at.1).actions.iter().find(|action| action.cancel);
            let cancel = cancel.map_or("", |action| &action.name);
            tally.edge(format!("{}.{cancel} gives up", self.model.screen(at.1).name));
        }
        for passed in &self.route.passed {
            tally.edge(format!("past {}", self.model.screen(*passed).name));
        }
        if expected.row == "ended" && self.model.screen(at.1).open {
            tally.edge(format!("{} finished", self.model.screen(at.1).name));
        }
    }
}
