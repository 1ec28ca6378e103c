//! The definition: what a file in `phases/` says, as written and as checked.
//!
//! Owns [`Flow`] (checked: nothing in it can fail later) and the road to it: `source` mirrors
//! the file, `check` turns it into a [`Flow`] or into all [`Diagnostic`]s at once. Must not know
//! sessions, files, HTTP or the clock.

mod address;
pub mod bundle;
mod check;
mod codebook;
mod diagnostic;
mod digest;
mod effect;
mod expr;
mod field;
pub(crate) mod format;
mod nested;
mod office;
mod option_list;
mod outward;
mod picked;
mod rows;
mod section;
mod source;
mod strand;
mod text;
pub mod translated;
mod value;

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::words::{Vocabulary, Words};

pub(crate) use check::{hyphened, is_language, label_name, language, zone};
pub(crate) use diagnostic::{Sink, did_you_mean};
pub(crate) use field::{Normalise, TextRules, once_offered};
pub(crate) use format::read_time;
pub(crate) use office::{KNOWN_LINKS, checked_line, line, says, target};
pub(crate) use source::{At, Scalar, Span, Table, parse, place, text as quoted, wrong_type};

pub use address::{Address, segment, visible};
pub use check::OptionLists;
pub use codebook::{Choice as Coded, Entry};
pub use diagnostic::{Diagnostic, Located};
pub use effect::{Call, Effect, Encoding, Filled, HandOff, Lead, Means, Saved, SavedKind, Sent};
pub use expr::{Expr, Flaw, Types};
pub use field::{
    Choice, Control, Fault, Field, Form, Found, Kind, Line, Messages, Offer, Part, Posts, When, Why, tell_apart,
};
pub use nested::Frames;
pub use office::{Defaults, Link, Says, To};
pub use option_list::{OptionList, Wrong};
pub use outward::Outward;
pub use picked::{Items, Picked};
pub use rows::{Row, Rows};
pub use section::{Head, Section, Summary};
pub use strand::{Hangs, List, Strand, Task};
pub(crate) use strand::{KEY, POSITION};
pub use text::{Text, article};
pub use translated::wished;
pub use value::{Currency, Declared, Options, Scope, Type, Value, Values};

/// One declared multi-phase transaction, checked.
#[derive(Debug)]
pub struct Flow {
    /// The file's name without its ending: the path of the URL.
    pub name: String,
    /// Shown in the index and in the `<title>` of each page.
    pub title: String,
    /// The BCP 47 tag of its texts, such as `en`.
    pub lang: String,
    /// The program's own words in that language.
    words: Words,
    /// The same in all languages.
    pub(crate) vocabulary: Vocabulary,
    /// Where `today()` is taken and deadlines are shown.
    pub time_zone: TimeZone,
    /// On the index, under the title.
    pub summary: Option<String>,
    /// The group in which the index has it.
    pub(crate) group: Option<At<String>>,
    /// What it says in place of the site.
    pub says: Says,
    /// How long its sessions live.
    pub limits: Limits,
    /// Its pages offer more time, however much is left.
    pub more_time: bool,
    /// What becomes of changed fields from a page that the browser kept.
    pub changes: Changes,
    /// No id in any URL; answers may not be kept by caches.
    pub private: bool,
    /// Whether fields typed into an expired session are carried into a new one.
    pub carry: bool,
    /// The screens, in the order of the file; never empty.
    pub screens: Vec<Screen>,
    /// The first screen: a number below `screens.len()`.
    pub start: u16,
    /// The lists and tasks, in the order of the file: an outer one before those in it.
    pub strands: Vec<Strand>,
    /// The sections, in the order of the file.
    pub sections: Vec<Section>,
    /// The work outside the engine that it may ask for, in the order of the file.
    pub effects: Vec<Effect>,
    /// The calls and the groups in use.
    pub frames: Frames,
    /// The most that a form of it posts.
    pub posts: Posts,
    /// The lists in files of their own that it draws options from.
    pub option_lists: Vec<Arc<OptionList>>,
    /// What other systems call its fields and options.
    pub outward: Outward,
    /// What sessions are pinned to, and what may change under them.
    pub digests: Digests,
    /// The same flow in its other languages, in the order of the files.
    pub translations: Vec<Arc<Self>>,
    /// The languages in which the flow can be read, its own first: BCP 47 tags.
    pub languages: Arc<[String]>,
    /// Of a translation: the language of the flow itself, in which the texts are that it lacks.
    pub home: Option<String>,
    /// The file as it was read, its parts and translations behind it ([`bundle`]); kept in the store as
    /// long as a session needs it.
    pub source: Arc<str>,
}

/// The two digests of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Digests {
    /// Screens, fields, routes: a session keeps the structure that it began with.
    pub structure: [u8; 16],
    /// Wording: the newest is shown.
    pub texts: [u8; 16],
}

/// The lifetimes of a flow's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Without a phase; default 20 hours.
    pub idle: SignedDuration,
    /// In all; default 7 days.
    pub total: SignedDuration,
    /// How long answers and receipt are kept after the end; default 30 days.
    pub keep: SignedDuration,
    /// Without a phase, from the first time on that it was saved: in place of `idle` and `total`; default 30 days.
    pub saved: SignedDuration,
    /// Pages offer to save what was answered, and to come back to it by a code.
    pub save: bool,
}

/// What a flow does with a change that comes from a page that the browser kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Changes {
    /// The answers change; the next page says so.
    #[default]
    Amend,
    /// The difference is shown first.
    Confirm,
    /// Nothing changes; the page shows what was typed.
    Refuse,
}

/// A state of the flow that shows a page.
#[derive(Debug)]
pub struct Screen {
    /// Its name in the file: lower case letters, digits, hyphens.
    pub name: String,
    /// The page's heading. Without one, the label of the only field is it.
    pub title: Option<Text>,
    /// Markdown above the fields.
    pub body: Option<Text>,
    /// What heads its answers where many are shown.
    pub section: Option<Head>,
    /// The number of the section that it is of, be it that of its task or list.
    pub within: Option<u16>,
    /// Fields and text blocks, in the order of the file.
    pub items: Vec<Item>,
    /// Those of them that stand together under words of their own; one that lies in another behind it.
    pub sets: Vec<Set>,
    /// Checks over several fields.
    pub rules: Vec<Rule>,
    /// The buttons, the first of them the main one; empty on an end screen.
    pub actions: Vec<Action>,
    /// Shows every answer on the path, each with its change link.
    pub review: bool,
    /// The sections of which a review is; empty: of all.
    pub reviews: Vec<u16>,
    /// Shows some answers on the path and what they come to.
    pub summary: Option<Summary>,
    /// Ends the session with this outcome.
    pub end: Option<String>,
    /// An end from which one may still go back: the session is live there until *Finish* is
    /// pressed, or its time is over.
    pub open: bool,
    /// Offers a way back.
    pub back: bool,
    /// The look-ups that are done whenever a phase leads here, by their names.
    pub load: Vec<String>,
    /// On the path only if this holds; else it is passed by on the way of its first action.
    pub when: Option<Expr>,
    /// The number of the strand that it stands on; `None`: the flow's own path.
    pub strand: Option<u16>,
    /// Its own fields that its labels, hints and text blocks read.
    pub echoes: Vec<String>,
    /// Where its name stands in the definition, be it in a part.
    pub at: std::ops::Range<usize>,
}

impl Screen {
    /// The outcome with which the session ends as soon as this screen is reached.
    pub fn final_end(&self) -> Option<&String> {
        self.end.as_ref().filter(|_| !self.open)
    }

    /// Whether it can be the start page itself: it asks nothing and has an action. The page of a list, or a
    /// task list, cannot.
    pub fn starts(&self) -> bool {
        self.asked().next().is_none() && self.end.is_none() && !self.shows_answers() && !self.actions.is_empty()
    }

    /// Whether it is to the side of the path: actions of every screen lead to it, and *Back* from it.
    pub(crate) fn is_aside(&self) -> bool {
        self.actions.is_empty() && self.end.is_none() && !self.shows_answers() && self.asked().next().is_none()
    }

    /// The fields, without the text blocks between them.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.items.iter().filter_map(|item| match item {
            Item::Field(field) => Some(field.as_ref()),
            Item::Block(_) => None,
        })
    }

    /// The most that its form posts, with what belongs to every form.
    pub(crate) fn posts(&self) -> Posts {
        let own = Posts {
            fields: 8,
            bytes: 1 << 10,
        };
        self.fields().map(Field::posts).fold(own, |sum, of| Posts {
            fields: sum.fields.saturating_add(of.fields),
            bytes: sum.bytes.saturating_add(of.bytes),
        })
    }

    /// The fields that are asked, without the computed ones.
    pub fn asked(&self) -> impl Iterator<Item = &Field> {
        self.fields().filter(|field| field.is_asked())
    }
}

/// Items that stand together.
#[derive(Debug)]
pub struct Set {
    /// What heads them.
    pub legend: Text,
    /// Which they are.
    pub items: std::ops::Range<usize>,
}

/// What stands in a page's form, in order.
#[derive(Debug)]
pub enum Item {
    /// A question, or a computed value that is shown.
    Field(Box<Field>),
    /// Text between the questions.
    Block(Box<Block>),
}

/// Text between the fields.
#[derive(Debug)]
pub struct Block {
    /// How it looks.
    pub kind: BlockKind,
    /// The line that is always shown, of `details` only.
    pub summary: Option<Text>,
    /// Markdown.
    pub body: Text,
    /// Shown only if this holds.
    pub when: Option<When>,
}

/// How a text block looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Plain text.
    Paragraph,
    /// Set off by a bar.
    Inset,
    /// A warning, with an exclamation mark.
    Warning,
    /// A summary that opens.
    Details,
}

/// A check over several fields of a screen.
#[derive(Debug)]
pub struct Rule {
    /// Must hold; a missing value makes the rule not apply.
    pub check: Expr,
    /// Shown where it does not.
    pub message: Text,
    /// The fields that it concerns, of a list none. The first is the one that the summary links to.
    pub fields: Vec<String>,
}

/// Something that a presentation offers to do.
#[derive(Debug)]
pub struct Action {
    /// Its name in the file, the actionID: lower case letters, digits, hyphens.
    pub name: String,
    /// On the button.
    pub label: Text,
    /// How it looks.
    pub kind: ActionKind,
    /// Offered only if this holds.
    pub when: Option<Expr>,
    /// Where it leads: the first branch whose guard holds. Empty where `cancel`.
    pub branches: Vec<Branch>,
    /// Nothing before it can be changed afterwards.
    pub seal: bool,
    /// Gives the transaction up.
    pub cancel: bool,
    /// The effect that must be done before it leads on.
    pub call: Option<Call>,
    /// The notices that are sent as it leads on, by their names.
    pub tells: Vec<String>,
    /// It shows a screen to the side of the path, and answers nothing.
    pub aside: bool,
}

/// How an action looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActionKind {
    /// A button.
    #[default]
    Button,
    /// A button that looks like a link.
    Link,
    /// A button that warns.
    Danger,
}

/// One place where an action may lead.
#[derive(Debug)]
pub struct Branch {
    /// Holds, or is absent (always). The checks see to it that the last one always holds, or
    /// warn.
    pub when: Option<Expr>,
    /// The number of the screen.
    pub to: u16,
}

impl Flow {
    /// The program's own words in the language of its texts.
    pub fn words(&self) -> Words {
        self.words
    }

    /// Reads and checks the definition `name`; either a flow with warnings, or every fault.
    pub fn read(name: &str, source: &str) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        Self::read_under(name, source, &Defaults::default())
    }

    /// The same under what the site says for all flows.
    pub fn read_under(name: &str, source: &str, under: &Defaults) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        Self::read_with(name, source, under, &OptionLists::new())
    }

    /// The same with the lists that stand in files beside it ([`Flow::lists_of`]).
    pub fn read_with(
        name: &str,
        source: &str,
        under: &Defaults,
        lists: &OptionLists,
    ) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        Self::judged(name, source, (check::Judged::Wholly, under, lists))
    }

    /// Reads a definition that was served once and that sessions are pinned to: without the checks
    /// that it does not need to mean what it meant then.
    pub fn kept(name: &str, source: &str, under: &Defaults) -> Result<Self, Vec<Diagnostic>> {
        Self::kept_with(name, source, under, &OptionLists::new())
    }

    /// The same with the lists that it was kept with.
    pub fn kept_with(name: &str, source: &str, under: &Defaults, lists: &OptionLists) -> Result<Self, Vec<Diagnostic>> {
        Self::judged(name, source, (check::Judged::Kept, under, lists)).map(|(flow, _)| flow)
    }

    /// The lists that a definition draws from and does not have itself: those in files beside it, `NAME.csv`.
    pub fn lists_of(source: &str) -> Vec<String> {
        // Most definitions draw from none, and are not read twice.
        if !source.contains("list") {
            return Vec::new();
        }
        source::read(source, &Sink::default()).map_or_else(Vec::new, |file| file.lists())
    }

    fn judged(
        name: &str,
        source: &str,
        judged: (check::Judged, &Defaults, &OptionLists),
    ) -> Result<(Self, Vec<Diagnostic>), Vec<Diagnostic>> {
        let sink = Sink::default();
        let flow = match source::read(source, &sink) {
            Some(mut file) => {
                let flow = check::check(name, source, &file, &sink, judged);
                sink.follow(file.expanded.origins.take());
                flow
            }
            None => None,
        };
        let Some(mut flow) = flow else {
            return Err(sink.sorted());
        };
        let (translations, found) = translated::all(&flow, source, &sink, judged);
        flow.with_translations(translations);
        let mut all = sink.sorted();
        all.extend(found);
        let failed = judged.0 == check::Judged::Wholly && all.iter().any(|one| one.error);
        if failed { Err(all) } else { Ok((flow, all)) }
    }

    /// The parts that a file includes, a flow's own or a part: what stands beside it as
    /// `NAME.part.toml` and is to be packed with it ([`bundle`]).
    pub fn includes(text: &str) -> Vec<String> {
        source::included(text)
    }

    /// The group in which the index has it.
    pub fn group(&self) -> Option<&str> {
        self.group.as_ref().map(|group| group.value.as_str())
    }

    /// The screen of that number.
    pub fn screen(&self, number: u16) -> Option<&Screen> {
        self.screens.get(usize::from(number))
    }

    /// The effect of that name.
    pub fn effect(&self, name: &str) -> Option<&Effect> {
        self.effects.iter().find(|effect| effect.name == name)
    }

    /// The number of the screen of that name.
    pub fn number(&self, screen: &str) -> Option<u16> {
        self.screens.iter().position(|s| s.name == screen)?.try_into().ok()
    }

    /// The day at `now` (seconds since 1970) in the flow's time zone.
    pub fn day(&self, now: i64) -> Date {
        jiff::Timestamp::from_second(now)
            .unwrap_or(jiff::Timestamp::MIN)
            .to_zoned_datetime(self.time_zone.clone())
            .date()
    }
}
