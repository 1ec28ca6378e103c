//! The page of a screen: question page, plain page, check answers.

use askama::Template;

use super::at::{At, Button, Link, offered};
use super::field::{Asking, Field};
use super::layout::Top;
use super::notice::Line;
use super::review::{self, Section};
use super::rows::{self, Row};
use super::{Visit, languages, list, time};
use crate::engine::Shown;
use crate::flow::{Block as Text, BlockKind, Fault, Flow, Item, Kind, Scope, Screen, Section as OfFlow};
use crate::machine::{self, Presentation, Verdict, own};
use crate::words::Words;

/// Where fewer seconds are left, the page offers more of them.
const SHORT: i64 = 60 * 60;

/// A screen of a session.
#[derive(Template)]
#[template(path = "screen.html")]
pub(super) struct Page {
    top: Top,
    at: At,
    notices: Vec<Line>,
    errors: Vec<Fault>,
    /// Which section it is of, above the heading.
    caption: Option<String>,
    /// What has come together so far.
    total: Option<String>,
    /// None where a question is the heading.
    heading: Option<String>,
    /// HTML.
    body: String,
    review: Option<Vec<Section>>,
    /// What was typed on the screens of the review and not submitted.
    drafts: Vec<Row>,
    /// HTML: the items of a list, tasks.
    hanging: String,
    items: Vec<Drawn>,
    /// No checks by the browser: ours say what to enter.
    novalidate: bool,
    buttons: Vec<Button>,
    /// What leads back.
    back: Option<&'static str>,
    /// It has questions.
    asks: bool,
    /// The forms that ways on are stand before the screen's own.
    apart: bool,
    /// Until when, in words.
    kept: String,
    links: Vec<Link>,
    /// HTML: the languages of the flow.
    tongues: String,
}

impl Page {
    fn single(&self) -> bool {
        let hung = self.hanging.contains("<button");
        let languages = self.tongues.contains("<button") && !self.is_headed();
        let back = self.back.is_some() && !self.back_alone();
        self.buttons.len() == 1 && !hung && !languages && !back
    }

    /// What leads back is a form of its own, above all others: nothing can be typed that it would lose.
    fn back_alone(&self) -> bool {
        self.apart && self.back.is_some() && !self.asks
    }

    /// So are the languages beside it, but where they stand at the foot.
    fn is_headed(&self) -> bool {
        self.apart && !self.asks && !self.top.text && (self.back.is_some() || !self.tongues.is_empty())
    }
}

/// What stands in the form.
pub(super) enum Drawn {
    Field(Box<Field>),
    Block(Block),
    /// Questions that stand together begin, and end.
    Set(Set),
    End,
}

impl std::fmt::Display for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(field) => field.fmt(f),
            Self::Block(block) => block.fmt(f),
            Self::Set(set) => set.fmt(f),
            Self::End => f.write_str("</fieldset>"),
        }
    }
}

/// Where questions that stand together begin.
#[derive(Template)]
#[template(path = "set.html")]
pub(super) struct Set {
    legend: String,
}

/// Draws items of a screen, what stands together in fieldsets.
pub(super) fn together<'a>(
    screen: &Screen,
    items: impl Iterator<Item = &'a Item>,
    mut draw: impl FnMut(&Item) -> Option<Drawn>,
    scope: &Scope<'_>,
) -> Vec<Drawn> {
    if screen.sets.is_empty() {
        return items.filter_map(draw).collect();
    }
    let place = |item: &Item| screen.items.iter().position(|own| std::ptr::eq(own, item));
    let drawn = items.filter_map(|item| Some((place(item)?, draw(item)?)));
    let mut out = Vec::new();
    let mut ends: Vec<usize> = Vec::new();
    let mut sets = screen.sets.iter().peekable();
    for (n, item) in drawn {
        while ends.pop_if(|end| *end <= n).is_some() {
            out.push(Drawn::End);
        }
        while let Some(set) = sets.next_if(|set| set.items.start <= n) {
            if set.items.contains(&n) {
                let legend = set.legend.plain(scope);
                out.push(Drawn::Set(Set { legend }));
                ends.push(set.items.end);
            }
        }
        out.push(item);
    }
    out.extend(ends.iter().map(|_| Drawn::End));
    out
}

/// Text between the questions.
#[derive(Template)]
#[template(path = "block.html")]
pub(super) struct Block {
    words: Words,
    kind: BlockKind,
    summary: String,
    /// HTML.
    body: String,
}

impl Block {
    /// The text behind a word that begins its first paragraph.
    fn behind(&self) -> &str {
        self.body.strip_prefix("<p>").unwrap_or(&self.body)
    }

    pub(super) fn of(block: &Text, scope: &Scope<'_>) -> Self {
        Self {
            words: scope.words,
            kind: block.kind,
            summary: block
                .summary
                .as_ref()
                .map_or_else(String::new, |summary| summary.plain(scope)),
            body: block.body.html(scope),
        }
    }
}

/// What heads a screen and what stands in its form.
pub(super) struct Content {
    /// Of the page's title.
    pub(super) name: String,
    pub(super) heading: Option<String>,
    pub(super) body: String,
    pub(super) items: Vec<Drawn>,
}

impl Content {
    /// Draws the screen. Its heading is its title, else its only question, else the flow's title.
    pub(super) fn of(screen: &Screen, flow_title: &str, asking: &Asking<'_>) -> Self {
        let scope = &asking.scope;
        let mut body = screen.body.as_ref().map_or_else(String::new, |body| body.html(scope));
        let upright: Vec<&Item> = asking.upright(screen).collect();
        let questions = upright.iter().filter(|item| is_question(item));
        let only = match (&screen.title, questions.clone().count()) {
            (None, 1) => questions.clone().next(),
            _ => None,
        };
        let only = only.and_then(|item| match item {
            Item::Field(field) => Some(field).filter(|field| !field.is_declaration()),
            Item::Block(_) => None,
        });
        let title = screen
            .title
            .as_ref()
            .map_or_else(|| flow_title.to_owned(), |title| title.plain(scope));
        let name = only.map_or_else(|| title.clone(), |field| field.label.plain(scope));
        let heading = only.is_none().then_some(title);
        let draw = |item: &Item| match item {
            Item::Block(block) => Some(Drawn::Block(Block::of(block, &asking.told()))),
            Item::Field(field) => {
                let heads = only.is_some_and(|only| only.name == field.name);
                let lead = if heads {
                    std::mem::take(&mut body)
                } else {
                    String::new()
                };
                asking
                    .draw(field, heads, lead)
                    .map(|field| Drawn::Field(Box::new(field)))
            }
        };
        let items = together(screen, upright.iter().copied(), draw, scope);
        Self {
            name,
            heading,
            body,
            items,
        }
    }
}

fn is_question(item: &Item) -> bool {
    matches!(item, Item::Field(field) if field.is_asked())
}

/// What the page offers: the author's actions, then the engine's own.
fn buttons(shown: &Shown, presentation: &Presentation, screen: &Screen, scope: &Scope<'_>) -> Vec<Button> {
    let mut buttons = offered(screen, scope);
    if machine::is_held_up(&shown.flow, &shown.showing.path, presentation) {
        // What is behind a task list is offered once all is done that must be.
        let beside = |button: &Button| {
            let mut actions = screen.actions.iter().filter(|action| action.cancel || action.aside);
            actions.any(|action| action.name == button.action)
        };
        buttons.retain(beside);
    }
    if machine::lacks_items(&shown.flow, &shown.showing.path, presentation, scope) {
        // So is what is behind a list; *add* is the main button then.
        let main = screen.actions.first().map(|action| &action.name);
        buttons.retain(|button| Some(&button.action) != main);
    }
    if screen.open {
        buttons.push(Button::new(own::FINISH, scope.words.screen_finish(), None));
    }
    buttons
}

/// "Section 2 of 6".
fn caption(flow: &Flow, section: &OfFlow, words: Words) -> Option<String> {
    Some(words.section_number(section.number?, flow.numbered_sections()))
}

/// Nothing before all that it says has come together, and before anything was given that it is made of.
fn total(flow: &Flow, section: &OfFlow, scope: &Scope<'_>) -> Option<String> {
    let total = section.total.as_ref().filter(|total| total.is_known(scope))?;
    let begun = total.reads().is_empty() || machine::is_begun(flow, total, scope.values);
    begun.then(|| total.plain(scope))
}

/// The languages within the form: where there are questions what is typed goes along.
fn tongues(top: &mut Top, shown: &Shown, screen: &Screen, invalid: bool) -> String {
    if screen.asked().next().is_none() && !shown.flow.private {
        return if top.text {
            String::new()
        } else {
            std::mem::take(&mut top.languages)
        };
    }
    top.languages.clear();
    languages::buttons(&shown.flow, invalid, top.text)
}

/// Draws a presentation.
pub(super) fn draw(
    visit: &Visit<'_>,
    shown: &Shown,
    presentation: &Presentation,
    screen: &Screen,
    scope: Scope<'_>,
) -> Page {
    let showing = &shown.showing;
    let typed = showing.typed.as_ref().filter(|typed| typed.place == presentation.place);
    let answer = shown.session.answers.get(&presentation.place);
    let faults = typed.map_or(&[][..], |typed| &typed.faults);
    let answers = answer.filter(|answer| answer.action.is_some() || !answer.fields.is_empty());
    let mut asking = Asking::new(screen, scope);
    asking.text = visit.text;
    asking.auto = scope.words.is_rtl() || shown.flow.is_translated();
    asking.typed = typed.map(|typed| &typed.fields);
    asking.answers = answers.map(|answer| &answer.fields);
    asking.faults = faults;
    let content = Content::of(screen, &shown.flow.title, &asking);
    let words = scope.words;
    let mut buttons = buttons(shown, presentation, screen, &scope);
    let mut links = Vec::new();
    if presentation.on {
        links.push(Link::new(own::ON, words.screen_on()));
    }
    let deadline = machine::deadline(&shown.flow, &shown.session);
    if (deadline - shown.now < SHORT || shown.flow.more_time) && machine::can_extend(&shown.flow, &shown.session) {
        buttons.push(Button::new(own::MORE_TIME, words.screen_more_time(), Some("l")));
    }
    if shown.flow.limits.save && screen.final_end().is_none() {
        buttons.push(Button::new(own::SAVE, words.save_button(), Some("l")));
    }
    let invalid = showing.verdict == Verdict::Invalid || faults.iter().any(|fault| fault.input.is_empty());
    let drafts = if screen.review {
        rows::drafts(shown, &presentation.place, &scope)
    } else {
        Vec::new()
    };
    let section = screen.within.and_then(|number| shown.flow.section(number));
    let at = At::of(shown, presentation);
    let mut top = Top::of(visit, &shown.flow, &content.name, invalid);
    let tongues = tongues(&mut top, shown, screen, invalid);
    Page {
        tongues,
        hanging: list::draw(shown, presentation, screen, &at, &scope),
        back: presentation.back.then(|| words.page_back()),
        apart: shown.flow.private && screen.shows_answers(),
        asks: screen.asked().next().is_some(),
        top,
        at,
        notices: showing
            .notices
            .iter()
            .map(|notice| Line::of(shown, notice, &scope))
            .collect(),
        errors: faults.to_vec(),
        caption: section.and_then(|section| caption(&shown.flow, section, words)),
        total: section.and_then(|section| total(&shown.flow, section, &scope)),
        heading: content.heading,
        body: content.body,
        review: review::shown(shown, &presentation.place, screen, &scope),
        drafts,
        items: content.items,
        novalidate: screen.asked().any(|field| field.kind == Kind::Email),
        buttons,
        kept: words.page_kept(time::moment(&shown.flow, deadline, shown.now)),
        links,
    }
}
