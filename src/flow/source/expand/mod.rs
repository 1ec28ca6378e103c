//! Fragments, groups and shared texts put in where they are used, before anything is checked.
//!
//! Owns that a flow is, once this is done, screens and fields alone: a call `home` of a fragment with
//! the screen `street` and the field `town` is the screen `home.street` with the field `home.town`. So
//! nothing of it runs in a session: Back, changes and reviews are those of any screen. Must not know
//! what expressions mean.

mod chains;
mod frames;
mod origin;
mod rewrite;
mod screens;

use super::{At, File, Screen, Shared};
use crate::flow::diagnostic::{Diagnostic, Sink};
use crate::limits;
use frames::{Body, Finding};
pub(crate) use origin::{FENCE as PUT_TOGETHER, Origins};
use rewrite::Names;

/// A value that is given to a fragment or a group, and the type that it is to have.
#[derive(Debug)]
pub(crate) struct Given {
    pub name: String,
    pub expr: At<String>,
    pub of: At<String>,
}

/// What is known of a flow once all was put in.
#[derive(Debug, Default)]
pub(crate) struct Expanded {
    /// Where what was put together stands; nothing where nothing was.
    pub origins: Option<Origins>,
    /// What may stand before a name of the flow: `home.`
    pub prefixes: Vec<String>,
    pub given: Vec<Given>,
    /// What fragments give back, whether or not anybody reads it.
    pub gives: Vec<At<String>>,
}

/// Puts in all that is used.
pub(super) fn expand(file: &mut File, source: &str, sink: &Sink) {
    let shared = std::mem::take(&mut file.shared);
    twice(&shared, sink);
    let used = file.screens.iter().any(|screen| !screen.uses.is_empty());
    if used || !shared.calls.is_empty() || !shared.texts.is_empty() {
        all(file, &shared, source, sink);
    }
    file.shared = shared;
}

fn all(file: &mut File, shared: &Shared, source: &str, sink: &Sink) {
    let written = std::mem::take(&mut file.screens);
    let mut finding = Finding::new(shared, sink);
    finding.all(&written, &shared.calls, Body::Root, String::new());
    let frames = finding.frames;
    let names = Names::new(&frames, shared, source, sink);
    let mut screens: Vec<Screen> = Vec::new();
    for (n, frame) in frames.iter().enumerate() {
        let own = match frame.body {
            Body::Root => &written,
            Body::Fragment(fragment, _) => &fragment.screens,
            Body::Group(..) => continue,
        };
        if screens.len() + own.len() > limits::SCREENS.max(written.len()) {
            let message = format!(
                "with those of fragments there are more than {} screens",
                limits::SCREENS
            );
            sink.push(Diagnostic::error("too-many", &file.head, message));
            break;
        }
        for screen in own {
            let mut screen = screen.clone();
            names.screen(n, &mut screen);
            screens.push(screen);
        }
    }
    file.screens = screens;
    start(file, &names);
    for action in &mut file.actions {
        names.action(0, action);
    }
    for section in &mut file.sections {
        names.section(section);
    }
    for effect in &mut file.effects {
        effect_texts(effect, &names);
    }
    for (n, frame) in frames.iter().enumerate() {
        for (name, of) in frame.takes() {
            file.expanded.given.push(Given {
                name: name.value.clone(),
                expr: names.given(n, &name.value),
                of: of.clone(),
            });
        }
        let gives = frame.gives().iter().map(|(name, _)| names.gives(n, &name.value));
        file.expanded.gives.extend(gives.flatten());
    }
    file.expanded.prefixes = frames.iter().map(|frame| frame.prefix.clone()).skip(1).collect();
    file.expanded.origins = Some(names.origins.into_inner());
}

/// A flow may begin in a call.
fn start(file: &mut File, names: &Names<'_>) {
    let Some(start) = &mut file.start else { return };
    let root = names.frames.first();
    let kid = root.and_then(|root| root.kids.get(start.value.as_str()));
    if let Some(first) = kid.and_then(|kid| names.frames.get(*kid)?.start()) {
        start.value = first;
    }
}

fn effect_texts(effect: &mut super::Effect, names: &Names<'_>) {
    let pairs = effect.send.iter_mut().flatten();
    let pairs = pairs
        .chain(&mut effect.headers)
        .chain(&mut effect.env)
        .map(|(_, text)| text);
    let email = effect.email.iter_mut();
    let email = email.flat_map(|email| [&mut email.to, &mut email.subject, &mut email.text]);
    let own = [&mut effect.label, &mut effect.http, &mut effect.path, &mut effect.body];
    let texts = own.into_iter().chain(email).flatten();
    for text in texts.chain(pairs) {
        names.text(0, text);
    }
    if let Some(each) = &mut effect.each {
        names.expr(0, each);
    }
}

/// Two of one name, in whatever files.
fn twice(shared: &Shared, sink: &Sink) {
    let fragments: Vec<_> = shared.fragments.iter().map(|one| &one.name).collect();
    let groups: Vec<_> = shared.groups.iter().map(|one| &one.name).collect();
    let texts: Vec<_> = shared.texts.iter().map(|(name, _)| name).collect();
    for (what, names) in [("fragment", fragments), ("group", groups), ("text", texts)] {
        for (n, name) in names.iter().enumerate() {
            if names.iter().take(n).any(|other| other.value == name.value) {
                let message = format!("there is a {what} `{}` already", name.value);
                sink.push(
                    Diagnostic::error("duplicate-name", &name.span, message)
                        .label("the second one")
                        .help("give one of them another name, or take it out of a part"),
                );
            }
        }
    }
}
