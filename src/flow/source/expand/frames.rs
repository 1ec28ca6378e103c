//! The frames of a definition: each calling of a fragment and each use of a group, found at load.
//!
//! Owns which there are, what their names lead to, and the faults of callings. Must not know how
//! expressions are rewritten.

use std::collections::{BTreeMap, BTreeSet};

use super::super::fragment::{Call, Fragment, Group, Use};
use super::super::{At, Branch, Item, Screen, Shared};
use crate::flow::diagnostic::{Diagnostic, Sink, did_you_mean};
use crate::limits;

/// Names with what stands behind them.
type Pairs = [(At<String>, At<String>)];

/// What a frame is a frame of.
#[derive(Clone, Copy)]
pub(super) enum Body<'a> {
    Root,
    Fragment(&'a Fragment, &'a Call),
    Group(&'a Group, &'a Use),
}

/// One calling, one use, or the flow itself.
pub(super) struct Frame<'a> {
    pub(super) parent: Option<usize>,
    /// What its names have before them: `home.`
    pub(super) prefix: String,
    pub(super) body: Body<'a>,
    pub(super) kids: BTreeMap<&'a str, usize>,
    /// Its own fields.
    pub(super) fields: BTreeSet<&'a str>,
    /// Its lists, each with what its items are read by: fields, groups and calls, lists in it.
    pub(super) lists: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Frame<'a> {
    pub(super) fn takes(&self) -> &'a Pairs {
        match self.body {
            Body::Root => &[],
            Body::Fragment(fragment, _) => &fragment.takes,
            Body::Group(group, _) => &group.takes,
        }
    }

    pub(super) fn gives(&self) -> &'a Pairs {
        match self.body {
            Body::Root | Body::Group(..) => &[],
            Body::Fragment(fragment, _) => &fragment.gives,
        }
    }

    pub(super) fn with(&self) -> &'a Pairs {
        match self.body {
            Body::Root => &[],
            Body::Fragment(_, call) => &call.with,
            Body::Group(_, used) => &used.with,
        }
    }

    /// Where it leads once it returns.
    pub(super) fn then(&self) -> &'a [Branch] {
        match self.body {
            Body::Fragment(_, call) => &call.then,
            Body::Root | Body::Group(..) => &[],
        }
    }

    /// The screen where it begins.
    pub(super) fn start(&self) -> Option<String> {
        let Body::Fragment(fragment, _) = self.body else {
            return None;
        };
        let first = || fragment.screens.first().map(|screen| &screen.name);
        let start = fragment.start.as_ref().or_else(first)?;
        Some(format!("{}{}", self.prefix, start.value))
    }

    pub(super) fn what(&self) -> String {
        match self.body {
            Body::Root => "the flow".to_owned(),
            Body::Fragment(fragment, _) => format!("fragment `{}`", fragment.name.value),
            Body::Group(group, _) => format!("group `{}`", group.name.value),
        }
    }
}

/// The lists of a frame.
fn lists_in<'a>(screens: &'a [Screen], calls: &'a [Call]) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let lists = screens.iter().filter(|screen| screen.list.is_some());
    let read_by = |list: &str| {
        let of = |within: &Option<At<String>>| within.as_ref().is_some_and(|within| within.value == list);
        let own = screens.iter().filter(|screen| of(&screen.within));
        let own = own.flat_map(|screen| {
            let list = screen.list.as_ref().map(|_| &screen.name);
            let used = screen.uses.iter().map(|used| &used.name);
            fields_of(&screen.items).chain(used).chain(list)
        });
        let called = calls.iter().filter(|call| of(&call.within)).map(|call| &call.name);
        own.chain(called).map(|name| name.value.as_str()).collect()
    };
    lists
        .map(|list| (list.name.value.as_str(), read_by(&list.name.value)))
        .collect()
}

/// What the screens of a frame have that expressions know: their fields, and lists.
fn known_in(screens: &[Screen]) -> impl Iterator<Item = &At<String>> {
    screens.iter().flat_map(|screen| {
        let list = screen.list.as_ref().map(|_| &screen.name);
        fields_of(&screen.items).chain(list)
    })
}

/// The fields among some items.
fn fields_of(items: &[Item]) -> impl Iterator<Item = &At<String>> {
    items.iter().filter_map(|item| match item {
        Item::Field(field) => Some(&field.name),
        Item::Block(_) => None,
    })
}

/// Finds every frame.
pub(super) struct Finding<'a> {
    pub(super) shared: &'a Shared,
    pub(super) sink: &'a Sink,
    pub(super) frames: Vec<Frame<'a>>,
    told: bool,
}

impl<'a> Finding<'a> {
    pub(super) fn new(shared: &'a Shared, sink: &'a Sink) -> Self {
        Self {
            shared,
            sink,
            frames: Vec::new(),
            told: false,
        }
    }

    /// A frame with all that lie in it.
    pub(super) fn all(&mut self, screens: &'a [Screen], calls: &'a [Call], body: Body<'a>, prefix: String) -> usize {
        self.of_screens(screens, calls, body, (None, prefix))
    }

    fn of_screens(
        &mut self,
        screens: &'a [Screen],
        calls: &'a [Call],
        body: Body<'a>,
        within: (Option<usize>, String),
    ) -> usize {
        let uses: Vec<&Use> = screens.iter().flat_map(|screen| &screen.uses).collect();
        let n = self.frame(known_in(screens), &uses, calls, body, within);
        if let Some(frame) = self.frames.get_mut(n) {
            frame.lists = lists_in(screens, calls);
        }
        n
    }

    fn frame(
        &mut self,
        fields: impl Iterator<Item = &'a At<String>>,
        uses: &[&'a Use],
        calls: &'a [Call],
        body: Body<'a>,
        (parent, prefix): (Option<usize>, String),
    ) -> usize {
        let n = self.frames.len();
        let fields: BTreeSet<&str> = fields.map(|name| name.value.as_str()).collect();
        self.frames.push(Frame {
            parent,
            prefix,
            body,
            kids: BTreeMap::new(),
            fields,
            lists: BTreeMap::new(),
        });
        if self.frames.len() > limits::FRAMES {
            return n;
        }
        for call in calls {
            self.call(n, call);
        }
        for used in uses {
            self.used(n, used);
        }
        n
    }

    fn call(&mut self, parent: usize, call: &'a Call) {
        let Some(named) = &call.fragment else { return };
        let known = || self.shared.fragments.iter().map(|one| one.name.value.as_str());
        let found = self.shared.fragments.iter().find(|one| one.name.value == named.value);
        let Some(fragment) = found else {
            return self.unknown("fragment", named, known());
        };
        let circle = self.around(parent).any(|body| match body {
            Body::Fragment(other, _) => other.name.span == fragment.name.span,
            Body::Root | Body::Group(..) => false,
        });
        if !self.begins(parent, &call.name, named, circle) {
            return;
        }
        let within = (Some(parent), self.prefix(parent, &call.name));
        let body = Body::Fragment(fragment, call);
        let kid = self.of_screens(&fragment.screens, &fragment.calls, body, within);
        self.join(parent, &call.name, kid);
    }

    fn used(&mut self, parent: usize, used: &'a Use) {
        let Some(named) = &used.group else { return };
        let known = || self.shared.groups.iter().map(|one| one.name.value.as_str());
        let Some(group) = self.shared.groups.iter().find(|one| one.name.value == named.value) else {
            return self.unknown("group", named, known());
        };
        let circle = self.around(parent).any(|body| match body {
            Body::Group(other, _) => other.name.span == group.name.span,
            Body::Root | Body::Fragment(..) => false,
        });
        if !self.begins(parent, &used.name, named, circle) {
            return;
        }
        let inner: Vec<&Use> = group.uses.iter().collect();
        let within = (Some(parent), self.prefix(parent, &used.name));
        let kid = self.frame(fields_of(&group.items), &inner, &[], Body::Group(group, used), within);
        self.join(parent, &used.name, kid);
    }

    fn prefix(&self, parent: usize, name: &At<String>) -> String {
        let before = self.frames.get(parent).map_or("", |frame| &frame.prefix);
        format!("{before}{}.", name.value)
    }

    /// What a frame and those around it are frames of.
    fn around(&self, frame: usize) -> impl Iterator<Item = Body<'a>> {
        let first = self.frames.get(frame);
        let all = std::iter::successors(first, |frame| self.frames.get(frame.parent?));
        all.map(|frame| frame.body)
    }

    fn unknown<'k>(&self, what: &str, named: &At<String>, known: impl Iterator<Item = &'k str>) {
        let message = format!("there is no {what} `{}`", named.value);
        let known: Vec<_> = known.collect();
        let help = did_you_mean(&named.value, known.iter().copied()).unwrap_or_else(|| {
            if known.is_empty() {
                format!(
                    "write [{what}s.{}], here or in a part that the flow includes",
                    named.value
                )
            } else {
                format!("there are: {}", known.join(", "))
            }
        });
        let code = if what == "group" {
            "unknown-group"
        } else {
            "unknown-fragment"
        };
        self.sink.push(
            Diagnostic::error(code, &named.span, message)
                .label("unknown")
                .help(help),
        );
    }

    /// Whether a frame of that name can be; faults are told.
    fn begins(&mut self, parent: usize, name: &At<String>, named: &At<String>, circle: bool) -> bool {
        if circle {
            let message = format!("`{}` comes back to itself here", named.value);
            self.sink.push(
                Diagnostic::error("circle", &named.span, message)
                    .label("leads round in a circle")
                    .help("what repeats is a list: each of its items has the same screens"),
            );
            return false;
        }
        if self.frames.len() >= limits::FRAMES {
            let message = format!(
                "fragments and groups are used more than {} times in all",
                limits::FRAMES
            );
            if !std::mem::replace(&mut self.told, true) {
                self.sink.push(Diagnostic::error("too-many", &named.span, message));
            }
            return false;
        }
        let Some(frame) = self.frames.get(parent) else {
            return false;
        };
        let word = name.value.as_str();
        let taken = frame.fields.contains(word)
            || frame.kids.contains_key(word)
            || frame.takes().iter().any(|(takes, _)| takes.value == word);
        let good = word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.len() <= limits::NAME_CHARS
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if word == "texts" || word == "return" || !good {
            let message = format!("`{word}` cannot be the name of a call or a group in use");
            let help = "lower case letters, digits and underscores, beginning with a letter; not `texts`, `return`";
            self.sink
                .push(Diagnostic::error("bad-name", &name.span, message).help(help));
        } else if taken {
            let message = format!("there is a `{word}` already in {}", frame.what());
            self.sink.push(
                Diagnostic::error("duplicate-name", &name.span, message)
                    .label("the second one")
                    .help("give one of them another name: expressions know each by its name"),
            );
        }
        true
    }

    fn join(&mut self, parent: usize, name: &'a At<String>, kid: usize) {
        if let Some(frame) = self.frames.get_mut(parent) {
            frame.kids.entry(&name.value).or_insert(kid);
        }
        if let Some(frame) = self.frames.get(kid) {
            gives(frame, name, self.sink);
        }
    }
}

/// What is given is what is taken, no less and no more.
fn gives(frame: &Frame<'_>, name: &At<String>, sink: &Sink) {
    let (takes, with) = (frame.takes(), frame.with());
    for (taken, _) in takes {
        if !with.iter().any(|(given, _)| given.value == taken.value) {
            let message = format!("`{}` does not give {} its `{}`", name.value, frame.what(), taken.value);
            sink.push(
                Diagnostic::error("missing-with", &name.span, message)
                    .label("needs `with`")
                    .help(format!("add with = {{ {} = \"...\" }}", taken.value)),
            );
        }
    }
    for (given, _) in with {
        if !takes.iter().any(|(taken, _)| taken.value == given.value) {
            let message = format!("{} takes no `{}`", frame.what(), given.value);
            let known = takes.iter().map(|(taken, _)| taken.value.as_str());
            sink.push(
                Diagnostic::error("unknown-key", &given.span, message)
                    .label("unknown")
                    .maybe_help(did_you_mean(&given.value, known)),
            );
        }
    }
}
