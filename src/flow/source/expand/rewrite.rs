//! Expressions and texts of a frame, in the names of the whole flow.
//!
//! Owns what each name comes to: `town` in the frame `home` is `home.town`, a value that was given is
//! the caller's expression, `texts.help` its words. Must not know what the strings are for.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::super::{At, Shared};
use super::chains::{self, Chain};
use super::frames::{Body, Frame};
use super::origin::{Making, Origins};
use crate::flow::diagnostic::{Diagnostic, Sink, did_you_mean};
use crate::limits;

/// What names come to.
pub(super) struct Names<'a> {
    pub(super) frames: &'a [Frame<'a>],
    pub(super) shared: &'a Shared,
    pub(super) sink: &'a Sink,
    pub(super) origins: RefCell<Origins>,
    /// What is being put in, to find a circle.
    active: RefCell<Vec<(usize, String)>>,
    told: Cell<bool>,
    /// Names that nobody knows are left as they are.
    quiet: Cell<bool>,
    /// What is rewritten is read of the items of this list of a frame.
    around: RefCell<Option<(usize, String)>>,
}

/// What stands for some parts of a chain.
enum Meaning {
    /// A field of the flow.
    Field(String, usize),
    /// An expression.
    Put(At<String>, usize),
    /// A shared text.
    Words(At<String>),
}

impl<'a> Names<'a> {
    pub(super) fn new(frames: &'a [Frame<'a>], shared: &'a Shared, source: &str, sink: &'a Sink) -> Self {
        Self {
            frames,
            shared,
            sink,
            origins: RefCell::new(Origins::new(source)),
            active: RefCell::default(),
            told: Cell::default(),
            quiet: Cell::default(),
            around: RefCell::default(),
        }
    }

    /// An expression, in the names of the flow.
    pub(super) fn expr(&self, frame: usize, written: &mut At<String>) {
        let whole = 0..written.value.len();
        let mut making = Making::default();
        if self.part(frame, written, &whole, &[], &mut making) {
            *written = self.made(making, written);
        }
    }

    /// Without a word of what is not known.
    pub(super) fn quietly(&self, rewrite: impl FnOnce()) {
        self.quiet.set(true);
        rewrite();
        self.quiet.set(false);
    }

    /// A text, in the names of the flow.
    pub(super) fn text(&self, frame: usize, written: &mut At<String>) {
        let braces = chains::of_text(&written.value);
        if braces.is_empty() {
            return;
        }
        let loops = chains::loops(&written.value, &braces);
        let mut making = Making::default();
        let (mut changed, mut at) = (false, 0);
        for one in &braces {
            let inner = written.value.get(one.inner.clone()).unwrap_or_default().trim();
            let words = inner.strip_prefix("texts.").filter(|_| one.prints);
            let words = words.and_then(|name| self.shared.texts.iter().find(|(known, _)| known.value == name));
            if let Some((_, words)) = words {
                making.copy(written, at..one.whole.start);
                making.put(&words.value, &written.span, one.whole.clone());
                at = one.whole.end;
                changed = true;
                continue;
            }
            making.copy(written, at..one.inner.start);
            changed |= self.part(frame, written, &one.inner, &loops, &mut making);
            at = one.inner.end;
        }
        making.copy(written, at..written.value.len());
        if changed {
            *written = self.made(making, written);
        }
    }

    /// Two conditions that must both hold.
    pub(super) fn both(&self, first: Option<&At<String>>, second: Option<&At<String>>) -> Option<At<String>> {
        let (Some(first), Some(second)) = (first, second) else {
            return first.or(second).cloned();
        };
        let mut making = Making::default();
        making.sign("(");
        making.whole(first);
        making.sign(") and (");
        making.whole(second);
        making.sign(")");
        Some(self.made(making, first))
    }

    fn made(&self, making: Making, of: &At<String>) -> At<String> {
        let mut origins = self.origins.borrow_mut();
        let large = making.value.len() > limits::TEXT_BYTES;
        if large || origins.bytes() > limits::EXPANDED_BYTES {
            let message = "with all that stands for its names this is too large";
            if !self.told.replace(true) {
                self.sink.push(
                    Diagnostic::error("too-large", &of.span, message)
                        .help("give fewer expressions that are given on: a computed field may hold one"),
                );
            }
            return of.clone();
        }
        origins.place(making, &of.span)
    }

    /// One expression within a string; whether it is another now.
    fn part(
        &self,
        frame: usize,
        written: &At<String>,
        part: &Range<usize>,
        loops: &[&str],
        making: &mut Making,
    ) -> bool {
        let source = written.value.get(part.clone()).unwrap_or_default();
        let (mut changed, mut at) = (false, part.start);
        let chains = chains::of_expr(source);
        let of_items = self.of_items(frame, &chains);
        for (chain, of) in chains.iter().zip(of_items) {
            let place = |n: usize| {
                let range = chain.range(n);
                part.start + range.start..part.start + range.end
            };
            if chain.parts.first().is_some_and(|first| loops.contains(first)) {
                continue;
            }
            if of.is_some_and(|of| of != frame) {
                // It is found among what the items have.
                continue;
            }
            let Some(meaning) = self.meaning(frame, &chain.parts) else {
                self.strange(frame, chain, written, part.start);
                continue;
            };
            let (Meaning::Field(_, n) | Meaning::Put(_, n)) = meaning else {
                let Meaning::Words(words) = meaning else { continue };
                making.copy(written, at..place(0).start);
                making.put(&quoted(&words.value), &written.span, place(2));
                (changed, at) = (true, place(2).end);
                continue;
            };
            making.copy(written, at..place(n).start);
            match meaning {
                Meaning::Field(name, _) => {
                    changed |= written.value.get(place(n)) != Some(name.as_str());
                    making.put(&name, &written.span, place(n));
                }
                Meaning::Put(expr, _) => {
                    put(making, &expr);
                    changed = true;
                }
                Meaning::Words(_) => {}
            }
            at = place(n).end;
        }
        making.copy(written, at..part.end);
        changed
    }

    /// What is read of the items of the list that `from` names: their own names go first.
    pub(super) fn among(&self, frame: usize, from: Option<&At<String>>, rewrite: impl FnOnce()) {
        let chains = from.map(|from| chains::of_expr(&from.value)).unwrap_or_default();
        let list = match chains.as_slice() {
            [one] => self.named_list(frame, one),
            _ => None,
        };
        *self.around.borrow_mut() = list.map(|(of, list)| (of, list.to_owned()));
        self.quietly(rewrite);
        *self.around.borrow_mut() = None;
    }

    /// The names in an expression that a frame knows, but for the flow itself.
    pub(super) fn known(&self, n: usize, source: &str) -> Vec<String> {
        let Some(frame) = self.frames.get(n).filter(|frame| frame.parent.is_some()) else {
            return Vec::new();
        };
        let chains = chains::of_expr(source).into_iter();
        let first = chains.filter_map(|chain| chain.parts.first().copied());
        let known = first
            .filter(|first| frame.fields.contains(first) || frame.takes().iter().any(|(name, _)| name.value == *first));
        known.map(str::to_owned).collect()
    }

    /// Of each chain the frame of the list whose items it is read of, where it is read of items.
    fn of_items(&self, frame: usize, chains: &[Chain<'_>]) -> Vec<Option<usize>> {
        let mut lists: Vec<Option<(usize, &str)>> = Vec::new();
        let mut all = Vec::new();
        let around = self.around.borrow();
        let outermost = around.as_ref().map(|(of, list)| (*of, list.as_str()));
        for chain in chains {
            let first = chain.parts.first().copied().unwrap_or_default();
            let around = chain.within.iter().filter_map(|n| *lists.get(*n)?);
            let of = around.chain(outermost).find(|(of, list)| {
                let read_by = self.frames.get(*of).and_then(|frame| frame.lists.get(list));
                read_by.is_some_and(|read_by| read_by.contains(first))
            });
            let of = of.map(|(of, _)| of);
            lists.push(self.named_list(of.unwrap_or(frame), chain));
            all.push(of);
        }
        all
    }

    /// The list that a chain names, and its frame.
    fn named_list<'c>(&self, mut at: usize, chain: &Chain<'c>) -> Option<(usize, &'c str)> {
        let mut found = None;
        for part in &chain.parts {
            let frame = self.frames.get(at)?;
            found = frame.lists.contains_key(part).then_some((at, *part));
            if found.is_none() {
                at = *frame.kids.get(part)?;
            }
        }
        found
    }

    fn meaning(&self, n: usize, parts: &[&str]) -> Option<Meaning> {
        let frame = self.frames.get(n)?;
        let (first, rest) = parts.split_first()?;
        if frame.takes().iter().any(|(name, _)| name.value == *first) {
            return Some(Meaning::Put(self.given(n, first), 1));
        }
        if frame.fields.contains(first) {
            return Some(Meaning::Field(format!("{}{first}", frame.prefix), 1));
        }
        if *first == "texts" {
            let name = rest.first()?;
            let found = self.shared.texts.iter().find(|(known, _)| known.value == *name)?;
            return Some(Meaning::Words(found.1.clone()));
        }
        let kid = *frame.kids.get(first)?;
        self.of_kid(kid, rest)
    }

    /// What a frame is asked for from outside: what it gives back, or one of its fields.
    fn of_kid(&self, n: usize, parts: &[&str]) -> Option<Meaning> {
        let frame = self.frames.get(n)?;
        let (first, rest) = parts.split_first()?;
        if let Some(expr) = self.gives(n, first) {
            return Some(Meaning::Put(expr, 2));
        }
        if frame.fields.contains(first) {
            return Some(Meaning::Field(format!("{}{first}", frame.prefix), 2));
        }
        let found = self.of_kid(*frame.kids.get(first)?, rest)?;
        Some(match found {
            Meaning::Field(name, n) => Meaning::Field(name, n + 1),
            Meaning::Put(expr, n) => Meaning::Put(expr, n + 1),
            Meaning::Words(words) => Meaning::Words(words),
        })
    }

    /// What a value that a frame takes is for its caller.
    pub(super) fn given(&self, n: usize, name: &str) -> At<String> {
        let frame = self.frames.get(n);
        let with = frame.and_then(|frame| frame.with().iter().find(|(given, _)| given.value == name));
        match (with, frame.and_then(|frame| frame.parent)) {
            (Some((_, expr)), Some(parent)) => self.stand_in(parent, expr, format!("{n} {name}")),
            // That it is missing was told.
            _ => At {
                value: "none".to_owned(),
                span: 0..0,
            },
        }
    }

    /// What a frame gives back, for those around it.
    pub(super) fn gives(&self, n: usize, name: &str) -> Option<At<String>> {
        let mut given = self.frames.get(n)?.gives().iter();
        let (_, expr) = given.find(|(given, _)| given.value == name)?;
        Some(self.stand_in(n, expr, format!("{n} {name}")))
    }

    fn stand_in(&self, frame: usize, expr: &At<String>, key: String) -> At<String> {
        let mut expr = expr.clone();
        let me = (frame, key);
        if self.active.borrow().contains(&me) || self.active.borrow().len() > limits::EXPR_DEPTH {
            self.sink.push(
                Diagnostic::error("circle", &expr.span, "what is given here hangs on itself")
                    .label("leads round in a circle"),
            );
            "none".clone_into(&mut expr.value);
            return expr;
        }
        self.active.borrow_mut().push(me);
        self.expr(frame, &mut expr);
        self.active.borrow_mut().pop();
        expr
    }

    /// A name that a frame does not know. The flow's own are judged with all others.
    fn strange(&self, n: usize, chain: &Chain<'_>, written: &At<String>, base: usize) {
        let Some(frame) = self.frames.get(n) else { return };
        let name = chain.parts.join(".");
        let first = chain.parts.first().copied().unwrap_or_default();
        let texts = first == "texts" && chain.parts.len() > 1;
        let own = matches!(first, "today" | "reference" | "position" | "key" | "loop" | "now");
        if self.quiet.get() || !texts && (own || matches!(frame.body, Body::Root)) {
            return;
        }
        let range = chain.range(chain.parts.len());
        let inner = base + range.start..base + range.end;
        let origins = self.origins.borrow();
        let span = super::super::place(&origins.text, &written.span, &inner);
        let (message, help) = if texts {
            let known = self.shared.texts.iter().map(|(known, _)| known.value.as_str());
            let near = did_you_mean(chain.parts.get(1).copied().unwrap_or_default(), known);
            (format!("there is no text `{name}`"), near)
        } else {
            let known = frame.takes().iter().map(|(name, _)| name.value.as_str());
            let known = known
                .chain(frame.fields.iter().copied())
                .chain(frame.kids.keys().copied());
            let pass = format!("a value from outside is given: in = {{ {first} = \"text\" }} here, and `with` there");
            (
                format!("there is no `{name}` in {}", frame.what()),
                did_you_mean(&name, known).or(Some(pass)),
            )
        };
        self.sink
            .push(Diagnostic::error("unknown-name", &span, message).maybe_help(help));
    }
}

/// Puts an expression in place of a name: in brackets, but for a name.
fn put(making: &mut Making, expr: &At<String>) {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let bare = expr.value.trim().chars().all(plain);
    if !bare {
        making.sign("(");
    }
    making.whole(expr);
    if !bare {
        making.sign(")");
    }
}

/// Words as an expression has them.
fn quoted(words: &str) -> String {
    let mut out = String::from("\"");
    for c in words.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
