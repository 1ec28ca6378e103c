//! A walk, walked: step by step, in one of the flow's languages.
//!
//! Owns the order of things in a step, what is said where a page is not as expected, and that a walk is
//! written once for all languages: its words are those of the flow's own, in which a second browser walks
//! along. What it finds by them is, at the same place, on the page in the other language. Must not know how a
//! walk is written, or what a line makes of it.

use super::browser::Kind;
use super::callees::Callees;
use super::page::Filling;
use super::play::{Player, Standing};
use super::walks::{Act, Step, Walk};
use super::ways::Way;
use super::{Offer, Phase, Theatre};
use crate::flow::{At, Diagnostic, Field, Flow, Form, Scope, Screen, Span, Value};

/// Characters of a page that are shown where it is not as expected.
const SHOWN: usize = 300;

/// Who walks.
struct Walkers {
    /// Whose bytes are counted.
    player: Player,
    /// Reads in the flow's own language, where the player does not.
    reader: Option<Player>,
    /// The language in which pages must come.
    language: String,
}

/// Walks a walk to its end; its phases, and what it leaves in the browser.
///
/// # Errors
/// The first step that is not as the walk says, at its place in the file.
pub(super) async fn walk(
    theatre: &Theatre,
    walk: &Walk,
    (kind, language): (Kind, &str),
    later: Option<Offer>,
) -> Result<(Vec<Phase>, Offer), Diagnostic> {
    let today = walk.today.unwrap_or(theatre.today);
    let own = &theatre.flow.lang;
    let open = async |language: &str, later| {
        let callees = Callees::new(walk.effects.clone(), today);
        let opened = Player::open(theatre, (kind, language), later, today, callees, 1).await;
        opened.map_err(|why| Diagnostic::error("walk", &(0..0), why))
    };
    let switches = |step: &Step| matches!(&step.act, Act::Read(tag) if tag.value != *own);
    let reader = if language != own || walk.steps.iter().any(switches) {
        Some(open(own, None).await?)
    } else {
        None
    };
    let mut walkers = Walkers {
        player: open(language, later).await?,
        reader,
        language: language.to_owned(),
    };
    for step in &walk.steps {
        walkers.step(step).await?;
    }
    let player = walkers.player;
    if let Some(end) = walk.end.as_ref().filter(|_| !player.is_real()) {
        let place = player.place().await;
        if place.end.as_deref() != Some(&end.value) {
            let found = match place.end {
                Some(other) => format!("it ended as `{other}`"),
                None => format!("it has not ended: the page is \"{}\"", player.browser.page.heading),
            };
            return Err(
                Diagnostic::error("end", &end.span, format!("the walk does not end as `{}`", end.value))
                    .label(found)
                    .help(player.help()),
            );
        }
    }
    let leaves = player.leaves();
    Ok((player.phases, leaves))
}

impl Walkers {
    async fn step(&mut self, step: &Step) -> Result<(), Diagnostic> {
        self.player.fill(step).await?;
        if let Some(reader) = &mut self.reader {
            reader.fill(step).await?;
        }
        let span = match &step.act {
            Act::Press(wanted) | Act::Follow(wanted) | Act::Read(wanted) => &wanted.span,
            Act::Look | Act::Return => &step.span,
        };
        self.act(&step.act, span).await?;
        self.player.shows(step).await?;
        let words = self.reader.as_ref().unwrap_or(&self.player);
        words.sees(step)?;
        words.holds(step, Clone::clone)?;
        self.says_the_same(step, span).await
    }

    async fn act(&mut self, act: &Act, span: &Span) -> Result<(), Diagnostic> {
        let Self { player, reader, .. } = self;
        let own = reader.as_ref().unwrap_or(player);
        let way = match act {
            Act::Look => return Ok(()),
            Act::Return => {
                if let Some(reader) = reader {
                    let done = reader.come_back().await;
                    done.map_err(|why| reader.fault("act", span, why))?;
                }
                let done = player.come_back().await;
                return done.map_err(|why| player.fault("act", span, why));
            }
            Act::Read(tag) => return self.read(tag).await,
            Act::Press(wanted) => own.button(Some(&wanted.value)),
            Act::Follow(wanted) => own.link(&wanted.value),
        };
        let way = way.map_err(|why| own.fault("act", span, why))?;
        if let Some(reader) = reader {
            same_way(player, reader, way, span)?;
            let done = reader.go(way).await;
            done.map_err(|why| reader.fault("act", span, why))?;
        }
        let done = player.go(way).await;
        done.map_err(|why| player.fault("act", span, why))
    }

    /// The same page in another language, with what is typed; nothing where the page is in it.
    async fn read(&mut self, tag: &At<String>) -> Result<(), Diagnostic> {
        self.language.clone_from(&tag.value);
        let player = &mut self.player;
        if player.browser.page.lang == tag.value {
            return Ok(());
        }
        let flow = player.flow.translation(&tag.value).unwrap_or(&player.flow);
        let name = flow.words().language();
        let Some(way) = player.browser.page.in_language(&tag.value, name) else {
            let message = format!("the page does not offer the language `{}`", tag.value);
            return Err(player.fault("act", &tag.span, message));
        };
        let done = player.go(way).await;
        done.map_err(|why| player.fault("act", &tag.span, why))
    }

    /// In the other language it is the same page: what it says is wrong, what stands in its fields.
    async fn says_the_same(&self, step: &Step, span: &Span) -> Result<(), Diagnostic> {
        let (player, page) = (&self.player, &self.player.browser.page);
        if player.flow.is_translated() && page.lang != self.language {
            let message = format!(
                "the page is not in the language `{}`, but in `{}`",
                self.language, page.lang
            );
            return Err(player.fault("language", span, message));
        }
        let Some(reader) = &self.reader else { return Ok(()) };
        let place = player.place().await;
        player.holds(step, |wanted| {
            match player.anew(std::slice::from_ref(wanted), &place).as_slice() {
                [only] => only.clone(),
                _ => wanted.clone(),
            }
        })?;
        // Who switches asks for one page more: what was typed wrong and is right by now is not told then.
        if matches!(step.act, Act::Read(_)) {
            return Ok(());
        }
        let told = |player: &Player| {
            let faults = player.browser.page.faults.iter();
            let faults: Vec<_> = faults.map(|(input, _)| input.clone()).collect();
            (player.status, faults, player.browser.page.fields())
        };
        if told(player) != told(reader) {
            let own = &reader.flow.lang;
            let message = format!("the page in `{}` is not that in `{own}`", self.language);
            let fault = player.fault("language", span, message);
            return Err(fault.label(format!("in `{own}` it says: {}", reader.shown())));
        }
        Ok(())
    }
}

/// What leads on at this place leads on there, too.
fn same_way(player: &Player, reader: &Player, way: Way, span: &Span) -> Result<(), Diagnostic> {
    let (here, there) = (&player.browser.page, &reader.browser.page);
    if here.action_of(way) == there.action_of(way) {
        return Ok(());
    }
    let message = format!("the page in `{}` does not offer this", here.lang);
    Err(player.fault("language", span, message))
}

impl Player {
    async fn fill(&mut self, step: &Step) -> Result<(), Diagnostic> {
        let all: Vec<_> = step
            .fill
            .iter()
            .map(|(name, filling)| (name.value.clone(), filling.clone()))
            .collect();
        let Some(first) = step.fill.first() else { return Ok(()) };
        let place = self.place().await;
        for (name, filling) in self.anew(&all, &place) {
            let filled = self.browser.page.fill(&name, &filling);
            let given = step.fill.iter().find(|(known, _)| known.value == name);
            filled.map_err(|why| self.fault("fill", &given.unwrap_or(first).0.span, why))?;
        }
        Ok(())
    }

    /// What is typed, as the language of the page writes it: numbers, days and times that can be read.
    fn anew(&self, fill: &[(String, Filling)], place: &Standing) -> Vec<(String, Filling)> {
        let Some(other) = self.flow.translation(&self.browser.page.lang) else {
            return fill.to_vec();
        };
        let typed = fill.iter().filter_map(|(name, filling)| match filling {
            Filling::Text(text) => Some((name.clone(), text.clone())),
            _ => None,
        });
        let typed = Form(typed.collect());
        let scope = Scope {
            values: &place.values,
            today: self.today,
            reference: &place.reference,
            words: self.flow.words(),
            on_page: false,
        };
        let mut written = fill.to_vec();
        for (before, after) in asked(&self.flow).zip(asked(other)) {
            let inputs = before.inputs();
            if !inputs.iter().any(|input| typed.first(input).is_some()) {
                continue;
            }
            let value = before.parse_over(&typed, None, &scope).ok().flatten();
            let value = value.filter(|value| {
                matches!(
                    value,
                    Value::Number(_) | Value::Money(..) | Value::Date(_) | Value::Time(_)
                )
            });
            if let Some(value) = value {
                written.retain(|(name, _)| !inputs.contains(name));
                let boxes = after.boxes(&value).0.into_iter();
                written.extend(boxes.map(|(name, text)| (name, Filling::Text(text))));
            }
        }
        written
    }

    /// The page shows the screen that the step says.
    async fn shows(&self, step: &Step) -> Result<(), Diagnostic> {
        let Some(screen) = step.screen.as_ref().filter(|_| !self.is_real()) else {
            return Ok(());
        };
        let place = self.place().await;
        if place.screen.as_deref() == Some(&screen.value) {
            return Ok(());
        }
        let instead = match place.screen {
            Some(other) => format!("the page shows the screen `{other}`"),
            None => format!("the page shows no screen, but \"{}\"", self.browser.page.heading),
        };
        let message = format!("this does not lead to the screen `{}`", screen.value);
        Err(self.fault("screen", &screen.span, message).label(instead))
    }

    /// The page says what the step says, and does not say what it says so of.
    fn sees(&self, step: &Step) -> Result<(), Diagnostic> {
        let page = &self.browser.page;
        let sees = |words: &At<String>| page.words.contains(words.value.trim());
        if let Some(words) = step.see.iter().find(|words| !sees(words)) {
            return Err(self
                .fault("see", &words.span, "these words are not on the page")
                .label("not there"));
        }
        if let Some(words) = step.unseen.iter().find(|words| sees(words)) {
            return Err(self
                .fault("unseen", &words.span, "these words are on the page")
                .label("there"));
        }
        Ok(())
    }

    /// In the fields stands what the step says, as the language of the page writes it.
    fn holds(&self, step: &Step, anew: impl Fn(&(String, Filling)) -> (String, Filling)) -> Result<(), Diagnostic> {
        for (name, wanted) in &step.holds {
            let found = self.browser.page.holds(&name.value);
            let (_, written) = anew(&(name.value.clone(), Filling::Text(wanted.clone())));
            if found.clone().map(Filling::Text) == Some(written) {
                continue;
            }
            let label = match found {
                Some(found) if found.is_empty() => "it is empty".to_owned(),
                Some(found) => format!("it holds \"{found}\""),
                None => "the page has no such field".to_owned(),
            };
            let message = format!("`{}` does not hold \"{wanted}\"", name.value);
            return Err(self.fault("holds", &name.span, message).label(label));
        }
        Ok(())
    }

    fn fault(&self, code: &'static str, span: &Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, span, message).help(self.help())
    }

    /// What the page says instead.
    fn help(&self) -> String {
        let faults = &self.browser.page.faults;
        if faults.is_empty() {
            return format!("the page says: {}", self.shown());
        }
        let all: Vec<_> = faults
            .iter()
            .map(|(input, words)| format!("{input}: {words}"))
            .collect();
        format!("the page finds fault: {}", all.join("; "))
    }

    /// The page in words, for who expected another.
    pub(super) fn shown(&self) -> String {
        let page = &self.browser.page;
        let mut words: String = page.words.chars().take(SHOWN).collect();
        if words.len() < page.words.len() {
            words.push('\u{2026}');
        }
        words
    }
}

/// Every field that somebody may be asked, in the order of the flow: the same in each language.
fn asked(flow: &Flow) -> impl Iterator<Item = &Field> {
    flow.screens.iter().flat_map(Screen::asked)
}
