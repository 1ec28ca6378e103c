//! The definition as written: what stands in the file, with the place of every value.
//!
//! Owns the mirror of the file's tables and the readers that fill it; short and long forms are
//! told apart here, so that a typo is found where it stands. Must not know what the values mean
//! together: that is `check`'s.

mod action;
mod depth;
mod effect;
mod everywhere;
mod expand;
mod field;
mod fragment;
mod lasts;
mod list;
mod options;
mod pieces;
mod screen;
mod section;
mod shared;
mod strings;
mod syntax;
mod table;
mod translation;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Kind;
use super::diagnostic::Sink;
use super::field::Named;
use super::office::{self, Says, checked_line, line};
use crate::limits;
pub(crate) use expand::PUT_TOGETHER;
pub(crate) use expand::{Expanded, Origins};
use fragment::Use;
pub(crate) use lasts::Lasts;
use pieces::Pieces;
pub(crate) use pieces::strings;
pub(crate) use section::{Section, Summary};
pub(crate) use shared::Shared;
pub(super) use shared::included;
pub(crate) use strings::place;
pub(crate) use syntax::parse;
pub(crate) use table::{Table, text, wrong_type};
pub(crate) use translation::{MADE_FROM, Pair, address};

/// A place in the file, in bytes.
pub(crate) type Span = Range<usize>;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    /// The value.
    pub value: T,
    /// The whole value in the file, the quotes of a string included.
    pub span: Span,
}

/// The file.
#[derive(Debug)]
pub(crate) struct File {
    pub title: Option<At<String>>,
    pub start: Option<At<String>>,
    pub lang: Option<At<String>>,
    pub time_zone: Option<At<String>>,
    pub lasts: Lasts,
    pub changes: Option<At<String>>,
    pub summary: Option<String>,
    pub group: Option<At<String>>,
    pub says: Says,
    pub private: bool,
    pub carry: Option<bool>,
    pub screens: Vec<Screen>,
    /// What every screen offers.
    pub actions: Vec<Action>,
    pub sections: Vec<Section>,
    pub effects: Vec<Effect>,
    pub options: Vec<NamedOptions>,
    /// What it may use by name, of its own file and of its parts.
    pub shared: Shared,
    /// What was put in where it is used.
    pub expanded: Expanded,
    /// The texts that stand in place of others, in a translation.
    pub pairs: Vec<Pair>,
    /// Of a translation: the language of the flow itself.
    pub home: Option<String>,
    /// Where a fault of the whole file is shown: its first line.
    pub head: Span,
}

/// `[screens.NAME]`
#[derive(Clone, Debug)]
pub(crate) struct Screen {
    pub name: At<String>,
    pub title: Option<At<String>>,
    pub body: Option<At<String>>,
    pub section: Option<At<String>>,
    pub items: Vec<Item>,
    pub rules: Vec<Rule>,
    pub actions: Vec<Action>,
    pub review: bool,
    /// Of these sections only.
    pub reviews: Vec<At<String>>,
    pub summary: Option<Summary>,
    pub end: Option<At<String>>,
    pub open: Option<At<bool>>,
    pub back: Option<bool>,
    pub load: Vec<At<String>>,
    /// It is on the path only if this holds.
    pub when: Option<At<String>>,
    /// The actions of the flow that it does not offer.
    pub off: Vec<At<String>>,
    /// An action of the flow leads to it from everywhere, and nothing but *Back* from it.
    pub aside: bool,
    /// `in`: the list or the task that it is of.
    pub within: Option<At<String>>,
    /// It is the page of a list.
    pub list: Option<List>,
    /// It is a task list, of these.
    pub tasks: Vec<Task>,
    /// The groups that are used among its fields, and what became of them.
    pub uses: Vec<Use>,
    pub sets: Vec<Set>,
}

/// `[lists.NAME]`, beside what its page has as a screen.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub line: Option<At<String>>,
    pub min: Option<At<Scalar>>,
    pub max: Option<At<Scalar>>,
    pub count: Option<At<String>>,
    pub each: Option<At<String>>,
    pub start: Option<At<String>>,
    /// `as`: what other systems call it.
    pub outward: Option<At<String>>,
    /// `actions.add`: its label.
    pub add: Option<At<String>>,
}

/// An entry of a screen's `tasks`.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub name: At<String>,
    pub title: Option<At<String>>,
    pub start: Option<At<String>>,
    pub section: Option<At<String>>,
    pub needs: Vec<At<String>>,
    pub when: Option<At<String>>,
    pub optional: bool,
}

/// Items that stand together, under words of their own.
#[derive(Clone, Debug)]
pub(crate) struct Set {
    pub legend: Option<At<String>>,
    pub items: Range<usize>,
}

/// An entry of `fields`, in the order of the file.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Field(Box<Field>),
    Block(Block),
}

/// A text block: `fields.NAME = { type = "inset", text = "..." }`.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub name: At<String>,
    pub kind: super::BlockKind,
    pub summary: Option<At<String>>,
    pub text: Option<At<String>>,
    pub when: Option<At<String>>,
}

/// A question: `fields.NAME = { type = "text", ... }`. What a kind does not have is absent.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub name: At<String>,
    pub kind: Kind,
    pub label: Option<At<String>>,
    /// `name`: what the question is called where it is not asked.
    pub short: Option<At<String>>,
    /// `as`: what other systems call it.
    pub outward: Option<At<String>>,
    pub hint: Option<At<String>>,
    pub required: Option<At<bool>>,
    pub message: Option<Message>,
    /// `messages`: the same as a table in `message`, and beside one text there.
    pub messages: Vec<(Named, At<String>)>,
    pub default: Option<At<Scalar>>,
    pub when: Option<At<String>>,
    pub autocomplete: Option<At<String>>,
    pub input_mode: Option<At<String>>,
    pub min: Option<At<Scalar>>,
    pub max: Option<At<Scalar>>,
    pub pattern: Option<At<String>>,
    pub normalise: Option<At<String>>,
    pub unit: Option<At<String>>,
    pub currency: Option<At<String>>,
    pub places: Option<At<Scalar>>,
    pub options: Option<At<Vec<Choice>>>,
    /// `options = "name"`: a saved list.
    pub picks: Option<At<String>>,
    /// `options = { list = "name" }`
    pub draws: Option<Draws>,
    pub sort: Option<At<bool>>,
    pub value: Option<At<String>>,
    pub shown: Option<bool>,
}

/// `message = "..."`, or one for each kind of fault: `message = { missing = "...", min = "..." }`.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    One(At<String>),
    Each(Vec<(Named, At<String>)>),
}

/// A bound or a default: a literal, or a string whose meaning depends on the kind of field.
#[derive(Clone, Debug)]
pub(crate) enum Scalar {
    /// As written, underscores taken out.
    Number(String),
    Text(String),
    Bool(bool),
    /// `2026-12-31` or `14:30:00`, without quotes.
    When(String),
    List(Vec<At<String>>),
}

/// `[options.NAME]`
#[derive(Debug)]
pub(crate) struct NamedOptions {
    pub name: At<String>,
    pub options: At<Vec<Choice>>,
}

/// `options = { list = "villages", where = "district == province" }`, `options = { from = "people", label = "..." }`
#[derive(Clone, Debug)]
pub(crate) struct Draws {
    pub list: Option<At<String>>,
    pub from: Option<At<String>>,
    pub label: Option<At<String>>,
    pub sift: Option<At<String>>,
    /// Names in `where` that its fragment knows: no column can be meant by them.
    pub known: Vec<String>,
}

/// One option.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub value: At<String>,
    pub label: Option<At<String>>,
    pub hint: Option<At<String>>,
    pub exclusive: Option<At<bool>>,
    /// Offered only if this holds.
    pub when: Option<At<String>>,
    /// `as`: what other systems call it.
    pub outward: Option<At<String>>,
}

/// `rules = [{ check = "...", message = "...", fields = [...] }]`
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub check: Option<At<String>>,
    pub message: Option<At<String>>,
    pub fields: Vec<At<String>>,
    pub span: Span,
}

/// `actions.NAME = "screen"`, or a list of branches, or a table.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub name: At<String>,
    pub label: Option<At<String>>,
    pub kind: Option<At<String>>,
    pub when: Option<At<String>>,
    pub branches: Vec<Branch>,
    pub seal: Option<At<bool>>,
    pub cancel: Option<At<bool>>,
    /// The effect that must be done first, then the notices.
    pub call: Vec<At<String>>,
    pub declined: Option<Lead>,
    pub failed: Option<Lead>,
}

/// `declined = "screen"` or `{ to = "screen", undo = true }`.
#[derive(Clone, Debug)]
pub(crate) struct Lead {
    pub to: At<String>,
    pub undo: Option<bool>,
}

impl Lead {
    /// What was done before is taken back.
    pub(crate) fn undoes(&self) -> bool {
        self.undo.unwrap_or_default()
    }
}

/// `[effects.NAME]`
#[derive(Debug)]
pub(crate) struct Effect {
    pub name: At<String>,
    pub label: Option<At<String>>,
    /// `METHOD URL`
    pub http: Option<At<String>>,
    pub headers: Vec<(At<String>, At<String>)>,
    pub run: Vec<At<String>>,
    pub path: Option<At<String>>,
    pub method: Option<At<String>>,
    pub env: Vec<(At<String>, At<String>)>,
    pub email: Option<Email>,
    pub body: Option<At<String>>,
    pub hand_off: Option<HandOff>,
    pub send: Option<Vec<(At<String>, At<String>)>>,
    pub save: Vec<Saved>,
    pub timeout: Option<At<String>>,
    pub retry: Option<At<String>>,
    pub undo: Option<At<String>>,
    pub probe: Option<At<String>>,
    pub accept: Option<At<String>>,
    pub safe: Option<At<bool>>,
    pub wait: Option<At<bool>>,
    /// The list for each of whose items it is done.
    pub each: Option<At<String>>,
}

impl Effect {
    pub(crate) fn is_safe(&self) -> bool {
        self.safe.as_ref().is_some_and(|safe| safe.value)
    }

    /// `probe` is asked whether this was done.
    pub(crate) fn asks(&self, probe: &Self) -> bool {
        self.probe.as_ref().is_some_and(|named| named.value == probe.name.value)
    }

    /// `undo` takes this back.
    pub(crate) fn undoes(&self, undo: &Self) -> bool {
        self.undo.as_ref().is_some_and(|named| named.value == undo.name.value)
    }

    /// The person waits for it.
    pub(crate) fn waits(&self) -> bool {
        self.email.is_none() && self.wait.as_ref().is_none_or(|wait| wait.value)
    }

    /// Once it is done nothing before it can be changed.
    pub(crate) fn seals(&self) -> bool {
        self.waits() && !self.is_safe() && self.undo.is_none()
    }
}

/// `email = { to = "...", subject = "...", text = "..." }`
#[derive(Debug)]
pub(crate) struct Email {
    pub to: Option<At<String>>,
    pub subject: Option<At<String>>,
    pub text: Option<At<String>>,
}

/// `hand-off = { page = "/url", hosts = [...], limit = "15m", secret = "${...}" }`
#[derive(Debug)]
pub(crate) struct HandOff {
    pub page: Option<At<String>>,
    pub hosts: Vec<At<String>>,
    pub limit: Option<At<String>>,
    pub secret: Option<At<String>>,
}

/// An entry of `save`.
#[derive(Debug)]
pub(crate) struct Saved {
    pub name: At<String>,
    pub at: Option<At<String>>,
    pub kind: Option<At<String>>,
    pub currency: Option<At<String>>,
    pub value: Option<At<String>>,
    pub label: Option<At<String>>,
    pub required: Option<At<bool>>,
}

/// `{ when = "...", to = "screen" }`
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub when: Option<At<String>>,
    pub to: At<String>,
}

/// Reads the file; `None` where it is no TOML at all. What is wrong goes to `sink`.
pub(crate) fn read(source: &str, sink: &Sink) -> Option<File> {
    read_in(source, None, sink)
}

/// The same with the texts that it has in another language in place of its own.
pub(crate) fn read_in(source: &str, language: Option<&str>, sink: &Sink) -> Option<File> {
    let pieces = Pieces::new(source, language);
    let own = pieces.read(None, sink)?;
    let (mut file, includes) = file(own.root.get_ref(), pieces.text(None), sink);
    file.pairs = own.pairs;
    let sound = shared::gather(&pieces, &mut file, &includes, sink);
    file.options.append(&mut file.shared.options);
    if !sound {
        return None;
    }
    sink.misheard(&section::named(&file));
    expand::expand(&mut file, source, sink);
    file.share_options(sink);
    file.share_actions(sink);
    Some(file)
}

/// What stands in a table of named tables, in the order of the file.
fn each<'a, T>(table: Option<&Table<'a>>, read: impl Fn(At<String>, &'a Spanned<DeValue<'a>>) -> Option<T>) -> Vec<T> {
    let all = table.into_iter().flat_map(Table::all);
    all.filter_map(|(name, value)| read(name, value)).collect()
}

/// The group in which the index has it.
fn group(table: &mut Table<'_>, sink: &Sink) -> Option<At<String>> {
    let group = table.text("group")?;
    checked_line("group", &group, limits::OFFICE_CHARS, sink);
    Some(group)
}

fn file(root: &DeTable<'_>, source: &str, sink: &Sink) -> (File, Vec<At<String>>) {
    let mut table = Table::of(root, "a definition", sink);
    table.planned(&["languages"]);
    let title = table.words("title");
    let start = table.text("start");
    let lang = table.text("lang");
    let time_zone = table.text("time-zone");
    let lasts = Lasts::read(&mut table, sink);
    let changes = table.text("changes");
    let summary = line(&mut table, "summary", limits::SUMMARY_CHARS, sink);
    let group = group(&mut table, sink);
    let says = match table.table("site", "`site`") {
        Some(mut site) => {
            let says = office::says(&mut site, sink);
            site.finish();
            says
        }
        None => Says::default(),
    };
    let private = table.flag("private").is_some_and(|flag| flag.value);
    let carry = table.flag("carry").map(|flag| flag.value);
    let screens = screen::all(&mut table, sink);
    let effects = each(table.table("effects", "`effects`").as_ref(), |name, value| {
        effect::read(name, value, sink)
    });
    let (actions, sections) = (everywhere::read(&mut table, sink), section::read(&mut table, sink));
    let mut shared = Shared {
        calls: fragment::calls(&mut table, sink),
        ..Shared::default()
    };
    let includes = shared.read(&mut table, sink);
    table.finish();
    let line = source.lines().next().map_or(0, str::len);
    let file = File {
        title,
        start,
        lang,
        time_zone,
        lasts,
        changes,
        summary,
        group,
        says,
        private,
        carry,
        screens,
        actions,
        sections,
        effects,
        options: Vec::new(),
        shared,
        expanded: Expanded::default(),
        pairs: Vec::new(),
        home: None,
        head: 0..line,
    };
    (file, includes)
}
