//! Links, which write nothing, and what no page offers, of which nothing comes.

use std::sync::Arc;

use deity::engine::{Came, Reply};
use deity::machine::Page;

use super::hold;
use super::model::Life;
use super::route::{At, is_aside};
use super::tally::{self, Tally};
use super::walker::{Agrees, Walk, strange};
use crate::support::desk::{Desk, Sheet};

impl Walk<'_> {
    /// What no page offers: another session's screen, a body that was cut, a field that nobody declared, a
    /// link from outside. Nothing comes of any.
    pub(super) async fn strange(&mut self, page: &Sheet, tally: &mut Tally) -> Agrees {
        let form = [("nobody-declared-this", "x")];
        let action = self
            .model
            .screen(self.id(page).screen)
            .actions
            .first()
            .map(|action| action.name.as_str());
        let mut request = Desk::post(page, action, &[]);
        let kind = tally::kind(self.flow, self.model.screen(self.id(page).screen));
        let row = match self.dice(5) {
            0 => {
                let last = request.screen.pop().expect("a letter");
                request.screen.push(if last == 'A' { 'B' } else { 'A' });
                "no such page"
            }
            1 => {
                request.came = Came::Cut;
                "cut short"
            }
            2 => {
                request = Desk::post(page, action, &form);
                "no such field"
            }
            3 => {
                request.action = Some("nobody-declared-this".to_owned());
                "no such action"
            }
            _ => {
                request.post = false;
                request.action = None;
                request.inside = false;
                "from outside"
            }
        };
        self.log.push(format!("{row}: {}", page.place));
        let reply = self.desk.engine.answer(request).await;
        let fits = match row {
            "no such page" => matches!(reply, Reply::NotFound { .. }),
            "cut short" => matches!(reply, Reply::Cut { .. }),
            "from outside" => match &reply {
                Reply::Session(shown) => !matches!(shown.showing.page, Page::Screen(_)),
                _ => false,
            },
            _ => matches!(reply, Reply::Tampered { .. }),
        };
        hold!(fits, "{row}: {}", strange(&reply));
        tally.steps += 1;
        tally.row(row, kind);
        self.compare().await
    }

    pub(super) async fn link(&mut self, page: &Sheet, link: &str, tally: &mut Tally) -> Agrees {
        let before = self.desk.stored(page).await;
        let next = self.desk.follow(page, Some(link).filter(|link| !link.is_empty())).await;
        let next = self.answered(next).await;
        let id = self.id(page);
        let at = (id.item, id.screen);
        self.log.push(format!("{} {:?} link {link:?}", self.name(at), id.way));
        hold!(self.desk.stored(page).await == before, "a link writes");
        tally.steps += 1;
        if self.model.life != Life::Live {
            tally.row("a link, and it is over", "any");
            hold!(next.kind != "screen", "it is over, and {} comes", next.kind);
            return Ok(());
        }
        if self.model.waits().is_some() {
            tally.row("a link, and it waits", "any");
            hold!(next.kind == "waiting", "it waits, and {} comes", next.kind);
            return Ok(());
        }
        let route = Arc::clone(&self.route);
        let wanted = match link.split_once('.') {
            Some(("change", rest)) => Some(self.change(rest)),
            _ if link == "back" && route.leads(at) => Some(self.model.before(&route, &id)),
            _ if link == "back" => Some(self.model.before(&route, &id)),
            _ if link == "on" => self
                .model
                .settled
                .filter(|(step, _)| *step == self.model.step)
                .map(|(_, led)| led),
            _ => Some(at),
        };
        let wanted = wanted.unwrap_or_else(|| route.present(self.flow));
        let open = self.model.is_open(&route, wanted) || is_aside(self.model.screen(wanted.1));
        let to = if open { wanted } else { route.present(self.flow) };
        let name = match link.split('.').next() {
            Some("change") => "a change link",
            Some("back") => "a link back",
            Some("on") => "a link on",
            _ if open => "a reload",
            _ => "a reload of what is off the way",
        };
        tally.row(name, tally::kind(self.flow, self.model.screen(at.1)));
        hold!(next.kind == "screen", "the link leads to {} {}", next.kind, next.html);
        self.comes_to(&next, to)?;
        self.keep(next);
        Ok(())
    }

    fn change(&self, rest: &str) -> At {
        let number = |name: &str| self.flow.number(name);
        if let Some(screen) = number(rest) {
            return (0, screen);
        }
        let (name, key) = rest.rsplit_once('.').expect("a key");
        (key.parse().expect("a number"), number(name).expect("a screen"))
    }
}
