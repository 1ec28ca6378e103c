//! What is wrong with a definition, where, and what would be right.
//!
//! Owns [`Diagnostic`], how several are collected, and how one prints. Must not know what can be
//! wrong.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use super::bundle::piece_at;
use super::source::{At, Origins};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

/// Lines that are longer than this are not shown.
const LINE_BYTES: usize = 4 << 10;

/// One fault, or one thing that people regret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Keeps the definition from being used.
    pub error: bool,
    /// A stable code for tests and programs, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Where, in bytes of the source.
    pub span: Range<usize>,
    /// A word at the place itself.
    pub label: String,
    /// What would be right.
    pub help: Option<String>,
}

/// A diagnostic as programs read it: the JSON form.
#[derive(Clone, Debug, Serialize)]
pub struct Located<'a> {
    /// The file, as the caller names it, or the part beside it.
    pub file: Cow<'a, str>,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// `error` or `warning`.
    pub level: &'static str,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: &'a str,
    /// A word at the place itself.
    pub label: &'a str,
    /// What would be right.
    pub help: Option<&'a str>,
}

impl Diagnostic {
    /// A fault.
    pub(crate) fn error(code: &'static str, span: &Range<usize>, message: impl Into<String>) -> Self {
        Self {
            error: true,
            code,
            message: message.into(),
            span: span.clone(),
            label: String::new(),
            help: None,
        }
    }

    /// Something that people regret.
    pub(crate) fn warning(code: &'static str, span: &Range<usize>, message: impl Into<String>) -> Self {
        Self {
            error: false,
            ..Self::error(code, span, message)
        }
    }

    /// With a word at the place itself.
    pub(crate) fn label(self, label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..self
        }
    }

    /// With what would be right.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// With what would be right, where that is known.
    pub(crate) fn maybe_help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    /// As rustc shows an error: level and code, `file:line:column`, the line itself with a caret,
    /// and what would be right. Ends without a line feed. `colour` adds ANSI colours. `source` is
    /// the file called `file` with its parts, of which each is named by itself.
    pub fn render(&self, file: &str, source: &str, colour: bool) -> String {
        let level = if self.error { Level::ERROR } else { Level::WARNING };
        let (file, source, span) = self.place(file, source);
        let file = &*file;
        // Only the lines of the span: the work does not grow with the file.
        let before = source.get(..span.start).unwrap_or_default();
        let from = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = source.get(span.end..).unwrap_or_default();
        let to = rest.find('\n').map_or(source.len(), |at| span.end + at);
        let lines = source.get(from..to).unwrap_or_default();
        if lines.len() > LINE_BYTES {
            return self.in_one_line(file, source, span);
        }
        let place = AnnotationKind::Primary
            .span(span.start - from..span.end - from)
            .label(self.label.as_str());
        let snippet = Snippet::source(lines)
            .path(file)
            .line_start(before.matches('\n').count() + 1)
            .annotation(place);
        let mut group = level
            .primary_title(self.message.as_str())
            .id(self.code)
            .element(snippet);
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let report: &[Group<'_>] = &[group];
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(report)
    }

    /// Without the line itself, which is too long to be read.
    fn in_one_line(&self, file: &str, source: &str, span: Range<usize>) -> String {
        let of_file = Self { span, ..self.clone() };
        let at = of_file.located(file, source);
        let help = self
            .help
            .as_ref()
            .map(|help| format!("\n  = help: {help}"))
            .unwrap_or_default();
        let Located {
            line, column, level, ..
        } = at;
        format!(
            "{level}[{}]: {}\n --> {file}:{line}:{column}{help}",
            self.code, self.message
        )
    }

    /// The file in which it is, its text, and where there.
    fn place<'a, 's>(&self, file: &'a str, source: &'s str) -> (Cow<'a, str>, &'s str, Range<usize>) {
        let piece = piece_at(source, self.span.start);
        let base = piece.range.start;
        let text = piece.text(source);
        let span = self.span.start.saturating_sub(base)..self.span.end.saturating_sub(base);
        let file = match (piece.part, piece.language) {
            (None, None) => Cow::Borrowed(file),
            _ => Cow::Owned(piece.file(file)),
        };
        (file, text, within(text, &span))
    }

    /// With its line and column, for programs.
    pub fn located<'a>(&'a self, file: &'a str, source: &str) -> Located<'a> {
        let (file, source, span) = self.place(file, source);
        let before = source.get(..span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Located {
            file,
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            level: if self.error { "error" } else { "warning" },
            code: self.code,
            message: &self.message,
            label: &self.label,
            help: self.help.as_deref(),
        }
    }
}

/// The span, moved into the source and onto the borders of characters: a diagnostic can always
/// be printed.
fn within(source: &str, span: &Range<usize>) -> Range<usize> {
    let start = source.floor_char_boundary(span.start);
    let end = source.ceil_char_boundary(span.end.min(source.len()));
    start..end.max(start)
}

/// Where the readers and checks of one definition put what they find. Shared, so that a check
/// can go on after a fault.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    found: RefCell<Vec<Diagnostic>>,
    origins: RefCell<Option<Origins>>,
    /// The texts for people that were read.
    heard: RefCell<Vec<At<String>>>,
}

impl Sink {
    /// Takes one; beyond a bound that nobody would read, it is dropped. Faults and warnings are
    /// counted apart: no number of warnings hides a fault.
    pub(crate) fn push(&self, diagnostic: Diagnostic) {
        let mut all = self.found.borrow_mut();
        let alike = all.iter().filter(|one| one.error == diagnostic.error).count();
        if alike < crate::limits::DIAGNOSTICS {
            all.push(diagnostic);
        }
    }

    /// Takes note of a text for people.
    pub(crate) fn heard(&self, text: &At<String>) {
        self.heard.borrow_mut().push(text.clone());
    }

    /// What was taken for a text for people at these places is none.
    pub(crate) fn misheard(&self, spans: &[Range<usize>]) {
        self.heard.borrow_mut().retain(|text| !spans.contains(&text.span));
    }

    /// The texts for people that were read, each once.
    pub(crate) fn texts(&self) -> Vec<At<String>> {
        let mut texts = self.heard.borrow().clone();
        texts.sort_by_key(|text| text.span.start);
        texts.dedup_by_key(|text| text.span.start);
        texts
    }

    /// Whether there is a fault so far.
    pub(crate) fn failed(&self) -> bool {
        self.found.borrow().iter().any(|d| d.error)
    }

    /// The places of what was put together lead back to what was written.
    pub(crate) fn follow(&self, origins: Option<Origins>) {
        self.origins.replace(origins);
    }

    /// All of them, in the order of the file, each once. A value of the wrong type is told as
    /// that and as nothing else.
    pub(crate) fn sorted(self) -> Vec<Diagnostic> {
        let mut all = self.found.into_inner();
        let origins = self.origins.into_inner();
        if let Some(origins) = &origins {
            for one in &mut all {
                one.span = origins.written(&one.span);
            }
        }
        let mistyped: Vec<_> = all
            .iter()
            .filter(|d| d.code == "wrong-type")
            .map(|d| d.span.clone())
            .collect();
        all.retain(|d| d.code == "wrong-type" || !mistyped.contains(&d.span));
        all.sort_by(|a, b| (a.span.start, a.span.end, a.code).cmp(&(b.span.start, b.span.end, b.code)));
        // What is wrong in a fragment is so wherever it is called.
        let shared = origins.is_some();
        all.dedup_by(|b, a| a == b || shared && (a.error, a.code, &a.span) == (b.error, b.code, &b.span));
        all
    }
}

/// "did you mean `x`?", if one of `known` is near to `wrong`.
pub(crate) fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wrong = wrong.to_lowercase();
    let begins =
        |name: &str| wrong.len() >= 3 && name.len() >= 3 && (name.starts_with(&wrong) || wrong.starts_with(name));
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(far, name)| *far <= 1 + name.len().max(wrong.len()) / 4 || begins(name))
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| format!("did you mean `{name}`?"))
}
