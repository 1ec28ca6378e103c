//! What flows share: the tables that a part file (`NAME.part.toml`) may have, and a flow too.
//!
//! Owns `include`: which files are read, in which order, and each once. Must not know how files are
//! found on disk, nor what becomes of what they hold.

use super::super::bundle::{self, PART};
use super::super::check::hyphened;
use super::super::diagnostic::{Diagnostic, Sink, did_you_mean};
use super::fragment::{self, Call, Fragment, Group};
use super::pieces::Pieces;
use super::table::Table;
use super::{At, File, NamedOptions, each, options, parse};
use crate::limits;

/// What a flow's own file and its parts hold to be used by name.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Every `include`, of whatever file.
    pub includes: Vec<At<String>>,
    /// Every `[options.NAME]`.
    pub options: Vec<NamedOptions>,
    pub fragments: Vec<Fragment>,
    pub groups: Vec<Group>,
    /// `[texts]`
    pub texts: Vec<(At<String>, At<String>)>,
    /// `[calls.NAME]` of the flow itself.
    pub calls: Vec<Call>,
}

impl Shared {
    /// Reads the tables that may stand in a flow as in a part; the names of the parts that it includes.
    pub(super) fn read(&mut self, table: &mut Table<'_>, sink: &Sink) -> Vec<At<String>> {
        let includes = table.texts("include");
        self.options.extend(options::read(table, sink));
        let fragments = table.table("fragments", "`fragments`");
        self.fragments.extend(each(fragments.as_ref(), |name, value| {
            fragment::read(name, value, sink)
        }));
        let groups = table.table("groups", "`groups`");
        self.groups
            .extend(each(groups.as_ref(), |name, value| fragment::group(name, value, sink)));
        self.texts.extend(fragment::texts(table, sink));
        self.includes.extend(includes.iter().cloned());
        includes
    }
}

/// Reads the parts that a flow includes, and those that they include; false where one is no TOML.
pub(super) fn gather(pieces: &Pieces<'_>, file: &mut File, includes: &[At<String>], sink: &Sink) -> bool {
    let mut reading = Reading {
        pieces,
        read: Vec::new(),
        around: Vec::new(),
        sound: true,
        sink,
    };
    reading.all(file, includes);
    reading.strangers();
    reading.sound
}

struct Reading<'a> {
    pieces: &'a Pieces<'a>,
    /// The parts that were read.
    read: Vec<String>,
    /// The parts that are being read, each included by the one before.
    around: Vec<String>,
    sound: bool,
    sink: &'a Sink,
}

impl Reading<'_> {
    fn all(&mut self, file: &mut File, includes: &[At<String>]) {
        for include in includes {
            self.one(file, include);
        }
    }

    fn one(&mut self, file: &mut File, include: &At<String>) {
        let name = &include.value;
        if self.around.contains(name) {
            let through = self.around.join(", which includes ");
            self.sink.push(
                Diagnostic::error("circle", &include.span, format!("`{name}` includes itself"))
                    .label("leads round in a circle")
                    .help(format!("take it out: {through} is being read here")),
            );
        }
        if !self.read.contains(name) {
            self.fresh(file, include);
        }
    }

    /// A part that was not read before.
    fn fresh(&mut self, file: &mut File, include: &At<String>) {
        let name = &include.value;
        if !hyphened(name) {
            self.sink.push(bad_name(include));
            return;
        }
        if !self.pieces.has(name) {
            let near = did_you_mean(name, self.pieces.parts());
            self.sink.push(absent(include, near));
            return;
        }
        self.read.push(name.clone());
        let Some(part) = self.pieces.read(Some(name), self.sink) else {
            self.sound = false;
            return;
        };
        file.pairs.extend(part.pairs);
        let mut table = Table::of(part.root.get_ref(), format!("a part such as {name}{PART}"), self.sink);
        let includes = file.shared.read(&mut table, self.sink);
        table.finish();
        self.around.push(name.clone());
        self.all(file, &includes);
        self.around.pop();
    }

    /// What looks like another file and was not included by any: a NUL is nothing that TOML may have.
    fn strangers(&self) {
        let strange = self
            .pieces
            .parts()
            .find(|part| !self.read.iter().any(|name| name == part));
        if let Some(part) = strange
            && self.sound
            && !self.sink.failed()
        {
            let message = "this is not valid TOML: a NUL character stands before this";
            self.sink
                .push(Diagnostic::error("syntax", &self.pieces.range(part), message));
        }
    }
}

fn bad_name(include: &At<String>) -> Diagnostic {
    let name = &include.value;
    let help = name
        .strip_suffix(PART)
        .or_else(|| name.strip_suffix(".toml"))
        .map_or_else(
            || {
                format!(
                    "a part is a file NAME{PART} beside the flow; its name has lower case letters, digits and hyphens"
                )
            },
            |name| format!("write include = [\"{name}\"] for the file {name}{PART} beside the flow"),
        );
    Diagnostic::error(
        "bad-name",
        &include.span,
        format!("`{name}` cannot be the name of a part"),
    )
    .label("not a name")
    .help(help)
}

fn absent(include: &At<String>, near: Option<String>) -> Diagnostic {
    let name = &include.value;
    let message = format!("there is no file {name}{PART} beside this flow");
    let help = near.unwrap_or_else(|| "parts lie beside the flows that include them".to_owned());
    Diagnostic::error(bundle::UNKNOWN, &include.span, message)
        .label("not there")
        .help(help)
}

/// The names that a file includes, as far as they are names: for who reads the files.
pub(in crate::flow) fn included(text: &str) -> Vec<String> {
    let unheard = Sink::default();
    let Some(root) = parse(text, &unheard) else {
        return Vec::new();
    };
    let names = Table::of(root.get_ref(), "a file", &unheard).texts("include");
    let names = names.into_iter().map(|name| name.value).filter(|name| hyphened(name));
    names.take(limits::PARTS).collect()
}
