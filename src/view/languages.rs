//! The languages of a flow, each in its own name, at the end of its pages.
//!
//! Owns how one switches on which page: by a link where nothing is typed, else by a button that posts what
//! is. Must not know what a switch does.

use askama::Template;

use super::at::At;
use super::plain::without_secrets;
use super::{Switch, Visit};
use crate::engine::{Shown, Start};
use crate::flow::{Flow, Screen};
use crate::id::{Language, ScreenId};
use crate::machine::{Page, Presentation, own};

/// A language of a flow.
pub(super) struct Tongue {
    /// In itself.
    pub(super) name: String,
    pub(super) tag: String,
    /// The page is in it.
    pub(super) current: bool,
    way: Way,
}

/// How one comes to the page in a language.
enum Way {
    /// By an address, of signs that need no escape.
    Link(String),
    /// By a form of its own: where it stands, what it presses, what it carries along.
    Form(Form),
    /// By a button of the page's form, with this action.
    Button(String),
}

struct Form {
    at: At,
    /// Behind the address.
    query: String,
    action: String,
    carried: Vec<(String, String)>,
}

impl Tongue {
    fn link(&self) -> Option<&str> {
        match &self.way {
            Way::Link(address) => Some(address),
            _ => None,
        }
    }

    fn form(&self) -> Option<&Form> {
        match &self.way {
            Way::Form(form) => Some(form),
            _ => None,
        }
    }

    fn button(&self) -> Option<&str> {
        match &self.way {
            Way::Button(action) => Some(action),
            _ => None,
        }
    }
}

#[derive(Template)]
#[template(path = "languages.html")]
struct Tongues {
    tongues: Vec<Tongue>,
    /// The browser shows no style: the ways alone, without what is for style and screen readers.
    text: bool,
}

impl Tongues {
    fn draw(self) -> String {
        let Self { mut tongues, text } = self;
        tongues.retain(|tongue| !(text && tongue.current));
        Self { tongues, text }.render().unwrap_or_default()
    }
}

/// The languages at the foot of a page that has no form of a screen's; nothing for a flow in one language.
pub(super) fn links(flow: &Flow, visit: &Visit<'_>) -> String {
    if !flow.is_translated() {
        return String::new();
    }
    let tongues = match visit.switch {
        Switch::None | Switch::Front => return String::new(),
        Switch::Start(start) => all(flow, |tag| Some(started(flow, start, tag))),
        Switch::Session(shown) => all(flow, |tag| of_session(shown, tag)),
    };
    let text = visit.text;
    Tongues { tongues, text }.draw()
}

/// The languages of the site at the foot of its front page; nothing where there is one.
pub(super) fn of_front(visit: &Visit<'_>, lang: &str) -> String {
    if !matches!(visit.switch, Switch::Front) || visit.site.tongues.is_empty() {
        return String::new();
    }
    let tongue = |tag: &str| Tongue {
        name: visit.site.vocabulary.of(tag).language().to_owned(),
        tag: tag.to_owned(),
        current: tag == lang,
        way: Way::Link(format!("{}/?{}={tag}", visit.root, super::LANG)),
    };
    let tongues = visit.site.languages().map(tongue).collect();
    Tongues {
        tongues,
        text: visit.text,
    }
    .draw()
}

/// The same within the form of a screen; `checked`, the page says what is wrong with what is typed.
pub(super) fn buttons(flow: &Flow, checked: bool, text: bool) -> String {
    if !flow.is_translated() {
        return String::new();
    }
    let end = if checked { own::CHECKED } else { "" };
    let tongues = all(flow, |tag| Some(Way::Button(format!("{}{tag}{end}", own::LANGUAGE))));
    Tongues { tongues, text }.draw()
}

/// What a form that starts a flow has behind its address: the language of its page, where it could be another.
pub(super) fn query(flow: &Flow) -> String {
    if flow.is_translated() {
        format!("?{}={}", super::LANG, flow.lang)
    } else {
        String::new()
    }
}

fn all(flow: &Flow, way: impl Fn(&str) -> Option<Way>) -> Vec<Tongue> {
    let tongue = |tag: &String| {
        Some(Tongue {
            name: name_of(flow, tag),
            tag: tag.clone(),
            current: *tag == flow.lang,
            way: way(tag)?,
        })
    };
    flow.languages.iter().filter_map(tongue).collect()
}

/// From a start page to the start page, or, where something goes into the new session, into it.
fn started(flow: &Flow, start: &Start, tag: &str) -> Way {
    let query = format!("?{}={tag}", super::LANG);
    let Some((screen, typed)) = &start.carried else {
        return Way::Link(format!("{}{query}", flow.name));
    };
    Way::Form(Form {
        at: At {
            flow: flow.name.clone(),
            session: start.ticket.clone(),
            screen: screen.clone(),
            private: flow.private,
        },
        query,
        action: super::plain::start_action(flow),
        carried: without_secrets(flow, typed),
    })
}

/// From a page of a session to the same one.
fn of_session(shown: &Shown, tag: &str) -> Option<Way> {
    let flow = &shown.flow;
    let language = Language::parse(tag).filter(|_| flow.home.as_deref().unwrap_or(&flow.lang) != tag);
    let page = &shown.showing.page;
    let here = match page {
        // The button of the page between leads on; a link would lead past it.
        // The code is shown once.
        Page::Left | Page::Between(_) | Page::Saved(_) => return None,
        Page::Over => ScreenId {
            step: shown.session.step,
            screen: flow.start,
            ..ScreenId::default()
        },
        page => page.presentation()?.id,
    };
    let typed = shown.showing.typed.as_ref().filter(|typed| !typed.fields.0.is_empty());
    let typed = typed.filter(|_| !matches!(page, Page::Screen(_)));
    let (id, action, carried) = match (typed, page) {
        (Some(typed), _) => {
            let id = ScreenId {
                step: shown.session.step,
                item: typed.place.item,
                screen: flow.number(&typed.place.screen)?,
                ..ScreenId::default()
            };
            // What is typed stands there as the language of this page writes it.
            let language = Language::parse(&flow.lang).filter(|_| flow.home.is_some());
            let action = format!("{}{tag}", own::LANGUAGE);
            (
                ScreenId { language, ..id },
                action,
                without_secrets(flow, &typed.fields),
            )
        }
        (None, Page::Cancelling(at)) => (here, cancels(flow, at)?, Vec::new()),
        (None, Page::Copy(_)) => (here, own::COPY.to_owned(), Vec::new()),
        (None, _) => (here, own::OPEN.to_owned(), Vec::new()),
    };
    let id = match typed {
        Some(_) => id,
        None => ScreenId { language, ..id },
    };
    let at = At {
        flow: flow.name.clone(),
        session: shown.id.to_string(),
        screen: id.sealed(&shown.session.screen_key()),
        private: flow.private,
    };
    let asks = matches!(page, Page::Cancelling(_));
    if typed.is_none() && !flow.private && !asks {
        let At {
            flow, session, screen, ..
        } = at;
        return Some(Way::Link(format!(
            "{flow}?sessionID={session}&screenID={screen}&actionID={action}"
        )));
    }
    Some(Way::Form(Form {
        at,
        query: String::new(),
        action,
        carried,
    }))
}

/// The action that led to the question whether to give up.
fn cancels(flow: &Flow, at: &Presentation) -> Option<String> {
    let screen: &Screen = flow.screen(at.id.screen)?;
    let action = screen.actions.iter().find(|action| action.cancel)?;
    Some(action.name.clone())
}

/// A language in itself; its tag where the program has no words in it.
fn name_of(flow: &Flow, tag: &str) -> String {
    let words = flow.vocabulary.of(tag);
    if words.are_own() {
        words.language().to_owned()
    } else {
        tag.to_owned()
    }
}
