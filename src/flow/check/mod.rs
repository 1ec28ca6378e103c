//! From the definition as written to the checked one, or to all diagnostics at once.
//!
//! Owns the order of the checks and what they share; each kind of check has its file. A check
//! that finds a fault reports it and goes on with a stand-in: nothing that was built is used
//! once there is a fault. Must not know how the file is spelt: that is `source`'s.

mod absent;
mod actions;
mod addresses;
mod bounds;
mod calls;
mod choices;
mod comes;
mod computed;
mod defaults;
mod doubts;
mod drawn;
mod effects;
mod fields;
mod forms;
mod given;
mod graph;
mod guards;
pub(super) mod idents;
mod layout;
mod means;
mod names;
mod outward;
mod patterns;
mod reads;
mod regrets;
mod saved;
mod scopes;
mod screens;
mod seals;
mod sections;
mod settings;
mod starts;
mod strands;
mod texts;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::diagnostic::Sink;
use super::field::Role;
use super::source::Span;
use super::source::{self, File};
use super::{Defaults, Flow, Frames, Types, digest};
use crate::words::Words;
use texts::Translated;

pub use drawn::OptionLists;
pub(crate) use fields::Building;
pub(crate) use names::{hyphened, label_name};
pub(crate) use settings::{is_language, language, zone};

/// What the checks share.
pub(super) struct Checker<'a> {
    /// The file.
    source: &'a str,
    /// The program's own words in the language of its texts.
    words: Words,
    /// Of a translation: where its own texts stand. All others are in the language of the flow.
    translated: Option<Translated<'a>>,
    /// Where faults go.
    sink: &'a Sink,
    /// Where faults go that a kept definition may have.
    judge: &'a Sink,
    /// The lists of files beside it.
    lists: &'a OptionLists,
    /// The fields that have a type so far, those of lists' items among them.
    types: Types,
    /// The same as each strand sees it.
    scopes: scopes::Scopes,
    /// Where every screen stands.
    layout: layout::Layout<'a>,
    /// The screen of each field.
    homes: BTreeMap<&'a str, usize>,
    /// Where each saved value comes from: the screen, and whether it has a value when the page is
    /// drawn.
    saved: BTreeMap<&'a str, Vec<(usize, bool)>>,
    /// Every reading of a field by an expression or a text.
    uses: RefCell<Vec<Use>>,
}

/// One reading of a field.
#[derive(Debug)]
struct Use {
    /// On which screen.
    screen: usize,
    /// Which field.
    field: String,
    /// The string in the file.
    literal: Span,
    /// Where the name stands in its value.
    inner: Span,
    /// Whose bound, guard or value it is, if a field's.
    owner: Option<String>,
    /// When it is read.
    moment: Moment,
    /// A text reads it.
    told: bool,
    /// A text prints it, whether it has a value or not.
    bare: bool,
}

/// When something is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// As the page is drawn: the fields of the page itself have no value yet.
    Shown,
    /// The same, in words that go with what is known of them: what stands in the boxes.
    Echoed,
    /// As the page is submitted: they have.
    Posted,
    /// Whenever a page says what is known so far.
    SoFar,
}

/// Whose words or expression is being checked.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    screen: usize,
    owner: Option<&'a str>,
    moment: Moment,
    /// The list whose item's answers are read here too, behind its page.
    among: Option<usize>,
}

impl Place<'_> {
    fn shown(screen: usize) -> Self {
        Self {
            screen,
            owner: None,
            moment: Moment::Shown,
            among: None,
        }
    }

    fn echoed(self) -> Self {
        Self {
            moment: Moment::Echoed,
            ..self
        }
    }

    fn so_far(self) -> Self {
        Self {
            moment: Moment::SoFar,
            ..self
        }
    }

    fn posted(self) -> Self {
        Self {
            moment: Moment::Posted,
            ..self
        }
    }
}

impl<'a> Checker<'a> {
    fn of(
        source: &'a str,
        file: &'a File,
        (sink, judge): (&'a Sink, &'a Sink),
        (words, lists): (Words, &'a OptionLists),
    ) -> Self {
        Self {
            source: file.expanded.origins.as_ref().map_or(source, |origins| &origins.text),
            words,
            translated: Translated::of(file),
            sink,
            judge,
            lists,
            types: fields::types(file, lists),
            scopes: scopes::Scopes::default(),
            layout: layout::Layout::of(file),
            homes: fields::homes(file),
            saved: calls::homes(file),
            uses: RefCell::default(),
        }
    }
}

/// Which checks a definition is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// All of them: it is to be served.
    Wholly,
    /// Only those without which it means nothing: it was served once, and sessions are pinned to
    /// it. What was found good then stays so, whatever is asked of definitions since.
    Kept,
}

/// Checks the definition `name`; `None` where there is a fault in `sink`.
///
/// A check that comes later stands where it does not count for a kept definition: among those that
/// report to `judge` here, or, where something is built, to [`Checker::judge`].
pub(super) fn check(
    name: &str,
    source: &str,
    file: &File,
    sink: &Sink,
    (judged, under, lists): (Judged, &Defaults, &OptionLists),
) -> Option<Flow> {
    let unheard = Sink::default();
    let judge = if judged == Judged::Wholly { sink } else { &unheard };
    names::check(name, file, judge);
    if !settings::sizes(file, judge) && judged == Judged::Wholly {
        return None;
    }
    let lang = language(file.lang.as_ref(), &under.vocabulary, sink).unwrap_or_else(|| under.lang.clone());
    let words = under.vocabulary.of(&lang);
    let lists = &*drawn::told(file, lists, (&lang, words));
    let mut checker = Checker::of(source, file, (sink, judge), (words, lists));
    let mut computed = computed::values(&mut checker, file);
    let mut build = |(n, screen)| screens::build(&checker, file, n, screen, &mut computed);
    let screens: Vec<_> = file.screens.iter().enumerate().map(&mut build).collect();
    let (strands, sections) = (strands::build(&checker, file), sections::build(&checker, file));
    let users = calls::Users::of_file(file, &checker.layout);
    forms::check(file, &screens, judge);
    let effects = effects::build(&checker, file, &users);
    let start = graph::start(file, sink);
    judge_all(&checker, file, &users, start);
    starts::check(file, start, &screens, judge);
    let (limits, changes) = (settings::limits(file, sink), settings::changes(file, sink));
    let time_zone = zone(file.time_zone.as_ref(), sink).unwrap_or_else(|| under.time_zone.clone());
    let digests = digest::of(file, lists, start, (limits, changes), &effects);
    if sink.failed() {
        return None;
    }
    Some(Flow {
        name: name.to_owned(),
        title: file.title.as_ref()?.value.clone(),
        languages: Arc::from([]),
        lang,
        words: checker.words,
        vocabulary: under.vocabulary.clone(),
        time_zone,
        summary: file.summary.clone(),
        group: file.group.clone(),
        says: file.says.clone(),
        limits,
        changes,
        more_time: file.lasts.more_time,
        private: file.private,
        carry: file.carry.unwrap_or(true),
        posts: forms::largest(&screens),
        screens,
        start: u16::try_from(start?).ok()?,
        strands,
        sections,
        effects,
        option_lists: drawn::used(file, lists),
        outward: outward::build(file),
        translations: Vec::new(),
        home: file.home.clone(),
        frames: Frames(file.expanded.prefixes.iter().cloned().collect()),
        digests,
        source: Arc::from(source),
    })
}

/// The checks of the whole, which build nothing.
fn judge_all(checker: &Checker<'_>, file: &File, users: &calls::Users<'_>, start: Option<usize>) {
    let judge = checker.judge;
    calls::unused(checker, file, users);
    given::check(checker, file);
    let graph = graph::Graph::of(file, start);
    graph.check(file, judge);
    let sealed = seals::behind_effects(file, &graph);
    seals::check(file, &graph, &sealed, judge);
    doubts::check(file, &graph, &sealed, judge);
    reads::check(checker, file, &graph);
    guards::check(file, judge);
    outward::check(checker, file);
    sections::check(file, judge);
    absent::check(file, start, judge);
    regrets::check(file, judge);
}

/// The fields that are written on a screen.
pub(super) fn fields_of(screen: &source::Screen) -> impl Iterator<Item = &source::Field> {
    screen.items.iter().filter_map(|item| match item {
        source::Item::Field(field) => Some(field.as_ref()),
        source::Item::Block(_) => None,
    })
}

/// The questions of a screen, without computed values.
fn asked_of(screen: &source::Screen) -> impl Iterator<Item = &source::Field> {
    fields_of(screen).filter(|field| field.kind.role() != Role::Computed)
}
