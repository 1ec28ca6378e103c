//! Texts and expressions: parsed, typed, every flaw at its place in the file.
//!
//! Owns the road from a string of the file to a [`Text`] or an [`Expr`], and the list of what
//! reads which field. Must not know what they are for.

use std::sync::Arc;

use super::super::diagnostic::Diagnostic;
use super::super::source::{At, File, Origins, PUT_TOGETHER, Span, place};
use super::super::{Expr, Flaw, Text, Type, Value};
use super::{Checker, Place, Use, idents};
use crate::limits;

/// The texts of a translation.
pub(super) struct Translated<'a> {
    /// The language of all others.
    home: Arc<str>,
    /// Where each begins in the file, in order.
    starts: Vec<usize>,
    origins: Option<&'a Origins>,
}

impl<'a> Translated<'a> {
    pub(super) fn of(file: &'a File) -> Option<Self> {
        let home = Arc::from(file.home.as_deref()?);
        let mut starts: Vec<_> = file.pairs.iter().map(|pair| pair.translated.span.start).collect();
        starts.sort_unstable();
        Some(Self {
            home,
            starts,
            origins: file.expanded.origins.as_ref(),
        })
    }

    fn has(&self, span: &Span) -> bool {
        let written = self
            .origins
            .map_or_else(|| span.clone(), |origins| origins.written(span));
        self.starts.binary_search(&written.start).is_ok()
    }
}

impl Checker<'_> {
    /// A text with `{{ }}` in it.
    pub(super) fn text(&self, at: Place<'_>, written: &At<String>) -> Text {
        self.text_read_at(&[at], written, true)
    }

    /// The same, where it is read at several places; not `told` to people but sent to a callee.
    pub(super) fn text_read_at(&self, places: &[Place<'_>], written: &At<String>, told: bool) -> Text {
        self.text_typed(places, places, written, told)
    }

    /// A text that is read on the page `at` and sees what the screens of `among` see.
    pub(super) fn text_among(&self, at: Place<'_>, among: Place<'_>, written: &At<String>) -> Text {
        self.text_typed(&[at], &[among], written, true)
    }

    fn text_typed(&self, places: &[Place<'_>], among: &[Place<'_>], written: &At<String>, told: bool) -> Text {
        if !self.fits(written, limits::TEXT_BYTES) {
            return Text::fixed("");
        }
        let names = idents::of_text(&written.value);
        // What stands between guards is taken to be guarded.
        let guarded = written.value.contains("{%");
        for at in places {
            let names = names
                .iter()
                .map(|(name, span, bare)| (*name, span.clone(), *bare && !guarded && told));
            self.note(*at, written, told, names);
        }
        let types = self.types_at(among);
        match Text::parse(&written.value, &types) {
            Ok(text) => match self.fallback(&written.span).filter(|_| told) {
                Some(tag) => text.in_language(tag),
                None => text,
            },
            Err(flaws) => {
                self.flaws(flaws, |span| place(self.source, &written.span, span));
                Text::fixed("")
            }
        }
    }

    /// The language of a text that the flow has and its translation lacks.
    pub(super) fn fallback(&self, span: &Span) -> Option<&Arc<str>> {
        let translated = self.translated.as_ref().filter(|translated| !translated.has(span));
        translated.map(|translated| &translated.home)
    }

    /// A text that names something: a label, a summary. It must say something.
    pub(super) fn naming(&self, at: Place<'_>, written: &At<String>) -> Text {
        if written.value.trim().is_empty() {
            self.sink.push(
                Diagnostic::error("empty-text", &written.span, "this says nothing")
                    .label("empty")
                    .help("write what people read, and have read to them, at this place"),
            );
        }
        self.text(at, written)
    }

    /// A text that may be absent.
    pub(super) fn maybe_text(&self, at: Place<'_>, written: Option<&At<String>>) -> Option<Text> {
        written.map(|written| self.text(at, written))
    }

    /// An expression, of any type.
    pub(super) fn any_expr(&self, at: Place<'_>, written: &At<String>) -> Option<Expr> {
        if !self.fits(written, limits::EXPR_BYTES) {
            return None;
        }
        let names = idents::of_expr(&written.value);
        let names = names.into_iter().map(|(name, span)| (name, span, false));
        self.note(at, written, false, names);
        let types = self.types_at(&[at]);
        match Expr::parse(&written.value, &types) {
            Ok(expr) => Some(expr),
            Err(flaws) => {
                self.flaws(flaws, |span| place(self.source, &written.span, span));
                None
            }
        }
    }

    /// An expression of the type that is wanted.
    pub(super) fn expr(&self, at: Place<'_>, written: &At<String>, want: Type) -> Option<Expr> {
        let expr = self.any_expr(at, written)?;
        let found = expr.result();
        if found == want {
            return Some(expr);
        }
        self.sink.push(
            Diagnostic::error(
                "wrong-type",
                &written.span,
                format!("this must be {want}, but it is {found}"),
            )
            .label(format!("{found}"))
            .maybe_help(hint(want, found)),
        );
        None
    }

    /// A guard: yes or no. A flawed one becomes a stand-in.
    pub(super) fn guard(&self, at: Place<'_>, written: &At<String>) -> Expr {
        let expr = self.expr(at, written, Type::Bool);
        // Of what was put together a constant may be a value that one of several callers gives.
        let whole = self.source.get(written.span.clone()).unwrap_or_default();
        let given = whole.starts_with(PUT_TOGETHER);
        if !given && expr.as_ref().and_then(Expr::known) == Some(&Value::Bool(false)) {
            self.sink.push(
                Diagnostic::error("never-holds", &written.span, "this never holds, whatever is answered")
                    .label("always false")
                    .help("compare a field, or take out what depends on this"),
            );
        }
        expr.unwrap_or_else(|| Expr::constant(Value::Bool(false)))
    }

    /// A guard that may be absent.
    pub(super) fn maybe_guard(&self, at: Place<'_>, written: Option<&At<String>>) -> Option<Expr> {
        written.map(|written| self.guard(at, written))
    }

    /// A longer one is not even parsed.
    pub(super) fn fits(&self, written: &At<String>, most: usize) -> bool {
        if written.value.len() > most {
            let message = format!(
                "{} bytes are more than the {most} that are possible",
                written.value.len()
            );
            self.sink.push(Diagnostic::error("too-long", &written.span, message));
        }
        written.value.len() <= most
    }

    /// What is read in this string is shown to people, as in a text.
    pub(super) fn told(&self, literal: &Span) {
        for read in self
            .uses
            .borrow_mut()
            .iter_mut()
            .filter(|read| read.literal == *literal)
        {
            read.told = true;
        }
    }

    /// The text is the name of what is read.
    pub(super) fn reads(&self, at: Place<'_>, named: &At<String>) {
        let whole = 0..named.value.len();
        self.note(at, named, false, std::iter::once((named.value.as_str(), whole, false)));
    }

    /// The same of a name somewhere in a text.
    pub(super) fn reads_in(&self, at: Place<'_>, written: &At<String>, name: &str, range: Span) {
        self.note(at, written, false, std::iter::once((name, range, false)));
    }

    fn note<'n>(
        &self,
        at: Place<'_>,
        written: &At<String>,
        told: bool,
        names: impl Iterator<Item = (&'n str, Span, bool)>,
    ) {
        let mut uses = self.uses.borrow_mut();
        for (name, span, bare) in names {
            if self.homes.contains_key(name) || self.saved.contains_key(name) {
                // What is done for an item has that item's answers; what is not seen here is told elsewhere.
                let lists = self.lists_of(name);
                let own = at.among.is_some_and(|list| lists.contains(&list));
                let seen = self.layout.lists(at.screen).ends_with(&lists);
                uses.push(Use {
                    screen: at.screen,
                    field: name.to_owned(),
                    literal: written.span.clone(),
                    inner: span,
                    owner: at.owner.map(str::to_owned),
                    moment: at.moment,
                    told,
                    bare: bare && seen && !own,
                });
            }
        }
    }

    pub(super) fn flaws(&self, flaws: Vec<Flaw>, to_file: impl Fn(&Span) -> Span) {
        for mut flaw in flaws.into_iter().take(limits::DIAGNOSTICS) {
            let there_is_none = flaw.message.strip_prefix("there is no field `");
            let named = there_is_none.and_then(|rest| rest.strip_suffix('`'));
            let list = named.and_then(|name| Some((name, self.by_way_of(name)?)));
            if let Some((name, list)) = list {
                let paired = self.layout.strands.iter().any(|hung| hung.each == Some(list));
                let paired = if paired {
                    format!(
                        "; in an item of a list with each = \"{list}\", that of the item which it is for is nth({list}.{name}, position)"
                    )
                } else {
                    String::new()
                };
                flaw.help = Some(format!(
                    "read it by way of its list, such as any({list}, ...) or sum({list}.field){paired}"
                ));
                flaw.message.push_str(" here: each item of a list has its own");
            }
            let fault = Diagnostic::error(flaw.code, &to_file(&flaw.span), after_colon(&flaw.message));
            self.sink.push(fault.maybe_help(flaw.help.as_deref().map(after_colon)));
        }
    }
}

/// A sentence as it stands after "error:".
fn after_colon(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().into_iter().flat_map(char::to_lowercase);
    first.chain(chars).collect()
}

/// What usually is behind an expression of the wrong type.
fn hint(want: Type, found: Type) -> Option<String> {
    let hint = match (want, found) {
        (Type::Bool, Type::Text) => "compare it: field == 'option'",
        (Type::Bool, Type::List) => "ask for one of them: 'option' in field",
        (Type::Bool, _) => "compare it, for example with > 0",
        (Type::Date, Type::Number) => "for a day relative to now write, for example, add_days(today(), 30)",
        (Type::Time, Type::Text) => "a time is, for example, time('14:30')",
        (Type::Money(_), Type::Number) => "an amount of money is, for example, money('9.99', 'GBP')",
        (Type::Number, Type::Money(_)) => "number(amount) is the amount without its currency",
        _ => return None,
    };
    Some(hint.to_owned())
}
