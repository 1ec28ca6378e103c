//! Where what was put together stands in the files.
//!
//! Owns the text of everything that was put together, behind that of the files, so that it has places
//! like what was written, and the way from such a place back to what was written. Must not know why
//! it was put together.

use std::ops::Range;

use super::super::{At, Span, strings::place};

/// What stands before and behind a string of more than one line: so no sign in it means anything.
pub(crate) const FENCE: &str = "'''\n";

/// A piece of a string that was put together.
#[derive(Debug)]
struct Seam {
    /// Where it stands in that string.
    out: Range<usize>,
    /// The string that it comes from, and where in its value.
    literal: Span,
    inner: Range<usize>,
}

#[derive(Debug)]
struct Made {
    /// The whole, with its fences.
    at: Span,
    /// The string that it was made of.
    of: Span,
    seams: Vec<Seam>,
}

/// The texts that were put together.
#[derive(Debug)]
pub(crate) struct Origins {
    /// The files, and behind them what was put together.
    pub(crate) text: String,
    files: usize,
    made: Vec<Made>,
}

/// A string that is being put together.
#[derive(Debug, Default)]
pub(super) struct Making {
    pub(super) value: String,
    seams: Vec<Seam>,
}

impl Making {
    /// Takes over a range of the value of a string.
    pub(super) fn copy(&mut self, of: &At<String>, inner: Range<usize>) {
        let text = of.value.get(inner.clone()).unwrap_or_default();
        self.put(text, &of.span, inner);
    }

    /// Puts a text where a string has something else.
    pub(super) fn put(&mut self, text: &str, literal: &Span, inner: Range<usize>) {
        let from = self.value.len();
        self.value.push_str(text);
        self.seams.push(Seam {
            out: from..self.value.len(),
            literal: literal.clone(),
            inner,
        });
    }

    /// Puts a whole string in.
    pub(super) fn whole(&mut self, of: &At<String>) {
        self.copy(of, 0..of.value.len());
    }

    /// Signs of our own.
    pub(super) fn sign(&mut self, text: &str) {
        self.value.push_str(text);
    }
}

impl Origins {
    pub(super) fn new(source: &str) -> Self {
        Self {
            text: source.to_owned(),
            files: source.len(),
            made: Vec::new(),
        }
    }

    /// Gives a string that was put together a place; `of` is the one that it was made of.
    pub(super) fn place(&mut self, making: Making, of: &Span) -> At<String> {
        let start = self.text.len();
        self.text.extend([FENCE, &making.value, FENCE.trim_end()]);
        let span = start..self.text.len();
        self.made.push(Made {
            at: span.clone(),
            of: of.clone(),
            seams: making.seams,
        });
        At {
            value: making.value,
            span,
        }
    }

    /// How much was put together, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() - self.files
    }

    /// The place in the files of a place in all.
    pub(crate) fn written(&self, span: &Span) -> Span {
        let mut span = span.clone();
        // Each round leads to what was there before.
        while let Some(before) = self.back(&span) {
            span = before;
        }
        span
    }

    fn back(&self, span: &Span) -> Option<Span> {
        if span.start < self.files {
            return None;
        }
        let n = self.made.partition_point(|made| made.at.start <= span.start);
        let made = self.made.get(n.checked_sub(1)?)?;
        let body = made.at.start + FENCE.len();
        let out = span.start.saturating_sub(body)..span.end.saturating_sub(body);
        let seam = made.seams.iter().find(|seam| seam.out.contains(&out.start));
        let Some(seam) = seam.filter(|_| *span != made.at) else {
            return Some(made.of.clone());
        };
        let inner = if seam.inner.len() == seam.out.len() {
            let from = out.start - seam.out.start;
            let to = out.end.min(seam.out.end) - seam.out.start;
            seam.inner.start + from..seam.inner.start + to.max(from)
        } else {
            seam.inner.clone()
        };
        Some(place(&self.text, &seam.literal, &inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_leads_back_through_all_that_was_put_together() {
        let source = "a = \"x + town\"\nb = 'not (y)'\n";
        let (first, second) = (4..14, 19..28);
        let at = |span: &Span| At {
            value: source[span.start + 1..span.end - 1].to_owned(),
            span: span.clone(),
        };
        let mut origins = Origins::new(source);
        let mut making = Making::default();
        making.copy(&at(&first), 0..4);
        making.put("home.town", &first, 4..8);
        let one = origins.place(making, &first);
        assert_eq!(one.value, "x + home.town");
        let mut making = Making::default();
        making.sign("(");
        making.whole(&one);
        making.sign(") and ");
        making.whole(&at(&second));
        let two = origins.place(making, &second);
        assert_eq!(two.value, "(x + home.town) and not (y)");
        let found = |part: &str| {
            let from = two.value.find(part).unwrap();
            let inner = from..from + part.len();
            source[origins.written(&place(&origins.text, &two.span, &inner))].to_owned()
        };
        assert_eq!(found("home.town"), "town");
        assert_eq!(found("x"), "x");
        assert_eq!(found("(y)"), "(y)");
        assert_eq!(origins.written(&two.span), second);
        assert_eq!(origins.written(&first), first);
    }
}
