//! The callees of a walk: they bring the same at each time, and say by chance whether what is asked for is done.

use std::sync::Arc;

use deity::flow::{Effect, Values};
use deity::machine::{Purpose, Said};

use super::calls::{Stage, brought};
use super::hold;
use super::tally::{self, Tally};
use super::walker::{Agrees, Walk};
use crate::support::desk::Sheet;

impl Walk<'_> {
    /// The callees answer what is looked up and taken back; the page after that.
    pub(super) async fn answered(&self, page: Sheet) -> Sheet {
        let mut asked = 0;
        loop {
            let session = self.desk.stored(&page).await;
            let open = session
                .asked
                .iter()
                .find(|asked| asked.is_open() && asked.purpose != Purpose::Do);
            let Some(open) = open else { break };
            let said = match open.purpose {
                Purpose::Look => brought(self.flow.effect(&open.effect).expect("it is there")),
                _ => Values::new(),
            };
            self.desk
                .engine
                .report(session.at, open.number, Said::Done(said))
                .await
                .expect("it is heard");
            asked += 1;
        }
        if asked > 0 && page.kind == "waiting" && self.model.waits().is_none() {
            return self.desk.follow(&page, Some("open")).await;
        }
        page
    }

    /// The callee says how it went, and the person goes on.
    pub(super) async fn settle(&mut self, tally: &mut Tally) -> Agrees {
        let Some(number) = self.model.waits() else {
            return Ok(());
        };
        let asking = &self.model.asked[number];
        let came = [
            (Stage::Declined, "declined"),
            (Stage::Failed, "failed"),
            (Stage::Done, "done"),
        ];
        let edge = |stage| tally::settled(self.flow, asking.at.1, &asking.action, stage);
        let new = came.iter().find(|(stage, _)| !tally.edges.contains_key(&edge(*stage)));
        let new = new.filter(|_| self.typist.dice.roll(2) == 0);
        let (stage, row) = *new.unwrap_or(&came[self.typist.dice.roll(5).min(2)]);
        let said = said(self.flow.effect(&asking.effect).expect("it is there"), stage);
        let (at, action) = (asking.at, asking.action.clone());
        self.log.push(format!("{} {action}: {row}", self.name(at)));
        let wishes = self.model.wishes_cancel;
        let page = self.pages[0].clone();
        let session = self.desk.stored(&page).await;
        let open = session
            .asked
            .iter()
            .find(|asked| asked.is_open() && asked.purpose == Purpose::Do);
        let open = open.ok_or("nothing is under way")?.number;
        self.desk
            .engine
            .report(session.at, open, said)
            .await
            .expect("it is heard");
        let led = self.model.settle(number, stage);
        self.route = Arc::new(self.model.route());
        tally.row(
            if wishes { "settled after it was given up" } else { row },
            tally::kind(self.flow, self.model.screen(at.1)),
        );
        tally.edge(tally::settled(self.flow, at.1, &action, stage));
        self.answered(page.clone()).await;
        self.compare().await?;
        let next = self.desk.follow(&page, Some("on")).await;
        match led {
            Some(led) => {
                hold!(
                    next.kind == "screen",
                    "{} comes after it was {row}\n{}",
                    next.kind,
                    next.html
                );
                self.comes_to(
                    &next,
                    if self.model.is_open(&self.route, led) {
                        led
                    } else {
                        self.route.present(self.flow)
                    },
                )?;
            }
            None => hold!(next.kind != "screen", "it is over, and {} comes", next.kind),
        }
        self.keep(next);
        Ok(())
    }
}

/// What a callee says.
fn said(effect: &Effect, stage: Stage) -> Said {
    match stage {
        Stage::Done => Said::Done(brought(effect)),
        Stage::Declined => Said::Declined {
            message: "No".to_owned(),
            faults: Vec::new(),
        },
        Stage::Failed | Stage::Open => Said::NotDone {
            why: "refused the connection".to_owned(),
            pause: None,
            again: false,
        },
    }
}
