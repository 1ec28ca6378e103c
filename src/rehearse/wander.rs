//! A walk that nobody wrote: through a flow with inputs that are made up.
//!
//! Owns the search: what is tried on a screen, what is tried instead where the page finds fault,
//! and which of several walks is kept. Must not know how a value of one field is made up (`made`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::browser::Kind;
use super::callees::{Callees, Parts};
use super::page::Filling;
use super::play::{Player, Standing};
use super::walks::{Act, Step, Walk};
use super::{Theatre, made};
use crate::flow::{Action, At, Field, Scope, Screen};
use crate::http::Quality;
use crate::line::Dice;
use crate::machine::own;

/// Walks that are tried; the one that sees most of the flow is kept.
const WALKS: u64 = 10;
/// Phases of one walk.
const PHASES: usize = 400;
/// What is tried on one screen.
const TRIES: usize = 60;
/// How often one screen, or one item's, is come to.
const VISITS: usize = 8;
/// Items that are added to a list that may be left with fewer.
const ITEMS: usize = 2;

/// Where a walk came to no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// What is in the way, in one line: the screen, and the page's own words.
    pub message: String,
    /// How to go on.
    pub help: String,
}

/// What one attempt came to.
struct Attempt {
    steps: Vec<Step>,
    seen: BTreeSet<String>,
    end: Result<String, String>,
}

/// Makes a walk up.
///
/// # Errors
/// The screen that could not be passed, of the walk that came furthest.
pub(super) async fn walk(theatre: &Theatre) -> Result<Walk, Stuck> {
    let mut quick = theatre.clone();
    // Here nobody counts bytes yet.
    quick.settings.quality = Quality::Off;
    quick.against = None;
    let mut best: Option<Attempt> = None;
    for seed in 0..WALKS {
        let attempt = Wanderer::go(&quick, seed).await;
        let worth = |attempt: &Attempt| (attempt.end.is_ok(), attempt.seen.len());
        if best.as_ref().is_none_or(|best| worth(best) < worth(&attempt)) {
            best = Some(attempt);
        }
    }
    let Some(best) = best else {
        return Err(Stuck {
            message: "no walk was tried".to_owned(),
            help: String::new(),
        });
    };
    let walk = Walk {
        name: "made-up".to_owned(),
        about: Some("with made-up answers".to_owned()),
        today: None,
        effects: Parts::new(),
        steps: best.steps,
        end: best.end.as_ref().ok().map(|end| plain(end)),
    };
    match best.end {
        Ok(_) => Ok(walk),
        Err(message) => {
            let name = &theatre.flow.name;
            let draft = draft(&walk);
            Err(Stuck {
                message,
                help: format!("write a walk that gets past it, in {name}.walks.toml beside the definition:\n{draft}"),
            })
        }
    }
}

/// A walk as it would stand in a file.
pub(super) fn draft(walk: &Walk) -> String {
    let mut text = format!("[walks.{}]\nsteps = [\n", walk.name);
    for step in &walk.steps {
        let mut parts: Vec<String> = Vec::new();
        if !step.fill.is_empty() {
            let fill = step
                .fill
                .iter()
                .map(|(name, filling)| format!("{} = {}", key(&name.value), written(filling)));
            parts.push(format!("fill = {{ {} }}", fill.collect::<Vec<_>>().join(", ")));
        }
        match &step.act {
            Act::Look => {}
            Act::Press(wanted) => parts.push(format!("press = {}", quoted(&wanted.value))),
            Act::Follow(wanted) => parts.push(format!("follow = {}", quoted(&wanted.value))),
            Act::Return => parts.push("come-back = true".to_owned()),
            Act::Read(language) => parts.push(format!("language = {}", quoted(&language.value))),
        }
        parts.extend(
            step.screen
                .as_ref()
                .map(|screen| format!("screen = {}", quoted(&screen.value))),
        );
        // Writing to a text cannot fail.
        let _written = writeln!(text, "  {{ {} }},", parts.join(", "));
    }
    text.push_str("]\n");
    if let Some(end) = &walk.end {
        let _written = writeln!(text, "end = {}", quoted(&end.value));
    }
    text
}

/// A key of a table: one of a call or a group has dots, which would be tables in tables.
fn key(name: &str) -> String {
    if name.contains('.') {
        quoted(name)
    } else {
        name.to_owned()
    }
}

fn written(filling: &Filling) -> String {
    match filling {
        Filling::Text(text) => quoted(text),
        Filling::Flag(flag) => flag.to_string(),
        Filling::List(all) => {
            let all: Vec<_> = all.iter().map(|one| quoted(one)).collect();
            format!("[{}]", all.join(", "))
        }
    }
}

/// A text in quotes: what JSON makes of it is TOML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn plain(text: &str) -> At<String> {
    At {
        value: text.to_owned(),
        span: 0..0,
    }
}

/// Who wanders.
struct Wanderer {
    player: Player,
    theatre: Theatre,
    dice: Dice,
    /// The first walk takes the most likely of everything; later ones leave more to chance.
    bold: bool,
    steps: Vec<Step>,
    /// By page, and the item that it is about.
    visits: BTreeMap<(String, u32), usize>,
    /// An item was removed, and put back.
    removed: bool,
}

impl Wanderer {
    async fn go(theatre: &Theatre, seed: u64) -> Attempt {
        let callees = Callees::new(Parts::new(), theatre.today);
        let opened = Player::open(
            theatre,
            (Kind::Modern, &theatre.flow.lang),
            None,
            theatre.today,
            callees,
            seed + 1,
        )
        .await;
        let player = match opened {
            Ok(player) => player,
            Err(why) => {
                return Attempt {
                    steps: Vec::new(),
                    seen: BTreeSet::new(),
                    end: Err(why),
                };
            }
        };
        let mut wanderer = Self {
            player,
            theatre: theatre.clone(),
            dice: Dice::new(seed),
            bold: seed > 0,
            steps: Vec::new(),
            visits: BTreeMap::new(),
            removed: false,
        };
        let end = wanderer.wander().await;
        Attempt {
            steps: wanderer.steps,
            seen: wanderer.visits.into_keys().map(|(page, _)| page).collect(),
            end,
        }
    }

    /// To an end, which is told, or to where it is stuck.
    async fn wander(&mut self) -> Result<String, String> {
        for _ in 0..PHASES {
            let place = self.player.place().await;
            if let Some(end) = place.end {
                return Ok(end);
            }
            let flow = Arc::clone(&self.theatre.flow);
            let screen = place
                .screen
                .as_ref()
                .and_then(|name| flow.screens.iter().find(|screen| screen.name == *name));
            match screen {
                Some(screen) if !self.hangs(screen, &place).await? => self.pass(screen, &place).await?,
                Some(_) => {}
                None => self.onward().await?,
            }
        }
        Err(format!("no end was reached in {PHASES} phases"))
    }

    /// On from a page that is no screen: a start, a page elsewhere, a question in between.
    async fn onward(&mut self) -> Result<(), String> {
        if self.player.is_away() {
            self.player.come_back().await?;
            self.steps.push(step(Vec::new(), Act::Return));
            return Ok(());
        }
        let heading = self.player.browser.page.heading.clone();
        self.visit(&heading, 0)?;
        let (buttons, _) = self.player.browser.page.ways_on();
        let Some(words) = buttons.first() else {
            return Err(format!(
                "the page \"{heading}\" has no button that leads on: {}",
                self.player.shown()
            ));
        };
        self.player.press(Some(words)).await?;
        self.steps.push(step(Vec::new(), Act::Press(plain(words))));
        Ok(())
    }

    /// Counts how often a page is come to.
    fn visit(&mut self, page: &str, item: u32) -> Result<(), String> {
        let visits = self.visits.entry((page.to_owned(), item)).or_default();
        *visits += 1;
        if *visits > VISITS {
            return Err(format!("the way goes round: `{page}` comes again and again"));
        }
        Ok(())
    }

    /// Does what hangs on a page first: a task that is open, items that a list has room for. Once in a
    /// walk an item is removed and put back. Whether there was any of it to do.
    async fn hangs(&mut self, screen: &Screen, place: &Standing) -> Result<bool, String> {
        if let Some(title) = &place.task {
            self.visit(&format!("{}: {title}", screen.name), place.item)?;
            self.player.follow(title).await?;
            self.done(Act::Follow(plain(title))).await;
            return Ok(true);
        }
        let offered = |action: &str| self.player.browser.page.button(action).is_some();
        if (place.lacks || place.items < ITEMS) && offered(own::ADD) {
            // As many as it takes, which has a limit of its own.
            self.player.press(Some(own::ADD)).await?;
            self.done(Act::Press(plain(own::ADD))).await;
            return Ok(true);
        }
        let removes = self.player.browser.page.actions(own::REMOVE);
        let Some(remove) = removes.last().filter(|_| self.bold && !self.removed) else {
            return Ok(false);
        };
        self.removed = true;
        let remove = remove.clone();
        self.player.press(Some(&remove)).await?;
        self.done(Act::Press(plain(&remove))).await;
        let restores = self.player.browser.page.actions(own::RESTORE);
        if let Some(restore) = restores.first() {
            self.player.press(Some(restore)).await?;
            self.done(Act::Press(plain(restore))).await;
        }
        Ok(true)
    }

    /// Notes a step without anything filled in, and the screen that it has led to.
    async fn done(&mut self, act: Act) {
        let mut done = step(Vec::new(), act);
        done.screen = self.player.place().await.screen.as_deref().map(plain);
        self.steps.push(done);
    }

    /// Fills a screen in and presses on, until the page finds no fault any more.
    async fn pass(&mut self, screen: &Screen, place: &Standing) -> Result<(), String> {
        self.visit(&screen.name, place.item)?;
        let (fields, choices) = self.choices(screen, place);
        let mut at = vec![0_usize; fields.len()];
        if self.bold {
            for (at, choices) in at.iter_mut().zip(&choices) {
                // What branches is what is chosen, ticked and dated.
                let many = u64::try_from(choices.len()).unwrap_or(1);
                *at = usize::try_from(self.dice.below(many)).unwrap_or(0);
            }
        }
        let mut told = String::new();
        for _ in 0..TRIES {
            let filled: Vec<_> = fields
                .iter()
                .zip(&choices)
                .zip(&at)
                .filter_map(|((field, choices), at)| {
                    Some((plain(&field.name), choices.get(at % choices.len().max(1))?.clone()))
                })
                .collect();
            for (name, filling) in &filled {
                self.player.browser.page.fill(&name.value, filling)?;
            }
            let action = self.action(screen)?;
            self.player.press(Some(&action)).await?;
            let faults = self.player.browser.page.faults.clone();
            if self.player.status != 422 {
                let mut done = step(filled, Act::Press(plain(&action)));
                done.screen = self.player.place().await.screen.as_deref().map(plain);
                self.steps.push(done);
                return Ok(());
            }
            told = faults
                .iter()
                .map(|(_, words)| words.clone())
                .collect::<Vec<_>>()
                .join("; ");
            self.others(&fields, &faults, &mut at);
        }
        Err(format!(
            "the screen `{}` (\"{}\") finds fault with all that is made up: {told}",
            screen.name, self.player.browser.page.heading
        ))
    }

    /// The fields of the page, each with what can be put into it.
    fn choices<'s>(&mut self, screen: &'s Screen, place: &Standing) -> (Vec<&'s Field>, Vec<Vec<Filling>>) {
        let there = self.player.browser.page.fields();
        let fields: Vec<&Field> = screen.asked().filter(|field| there.contains(&field.name)).collect();
        let scope = Scope::new(
            &place.values,
            self.theatre.today,
            &place.reference,
            self.theatre.flow.words(),
        );
        let choices = fields
            .iter()
            .map(|field| made::fillings(field, &scope, &mut self.dice))
            .collect();
        (fields, choices)
    }

    /// An action that leads on.
    fn action(&mut self, screen: &Screen) -> Result<String, String> {
        let page = &self.player.browser.page;
        let offered = |action: &&Action| !action.cancel && page.button(&action.name).is_some();
        let actions: Vec<&Action> = screen.actions.iter().filter(offered).collect();
        let n = if self.bold && self.dice.below(4) == 0 {
            usize::try_from(self.dice.below(u64::try_from(actions.len()).unwrap_or(1))).unwrap_or(0)
        } else {
            0
        };
        match actions.get(n) {
            Some(action) => Ok(action.name.clone()),
            None if screen.open => Ok(own::FINISH.to_owned()),
            None => Err(format!("the screen `{}` offers nothing that leads on", screen.name)),
        }
    }

    /// Something else for what the page finds fault with; by chance, so that what depends on each
    /// other meets.
    fn others(&mut self, fields: &[&Field], faults: &[(String, String)], at: &mut [usize]) {
        let about = |field: &Field| {
            faults
                .iter()
                .any(|(input, _)| *input == field.name || field.inputs().contains(input))
        };
        let none = !fields.iter().any(|field| about(field));
        for (field, at) in fields.iter().zip(at) {
            if none || about(field) {
                *at += 1 + usize::try_from(self.dice.below(3)).unwrap_or(0);
            } else if self.dice.below(4) == 0 {
                // A rule names one field, and may mean another.
                *at += 1;
            }
        }
    }
}

fn step(fill: Vec<(At<String>, Filling)>, act: Act) -> Step {
    Step {
        span: 0..0,
        fill,
        act,
        screen: None,
        see: Vec::new(),
        unseen: Vec::new(),
        holds: Vec::new(),
    }
}
