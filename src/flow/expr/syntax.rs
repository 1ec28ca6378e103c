//! The grammar: `MiniJinja`'s, behind bounds.
//!
//! Owns what is refused before its parser sees it, and the places of its nodes and errors. Must
//! not know types. Its parser recurses freely over some chains (`not not ...`, `elif`), and
//! its places are 16-bit columns: hence the bounds on tokens and bytes.

use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, Expr, UnaryOpKind};
use minijinja::machinery::{Token, ast, tokenize};

use super::Flaw;
use crate::limits;

/// Bytes of a text's source: its columns are counted in 16 bits.
const SOURCE_BYTES: usize = 60_000;
/// Tokens of one expression or of a text's braces.
const TOKENS: usize = 2 * limits::EXPR_NODES;
/// Brackets, signs and `else`s in each other.
const NESTING: usize = 2 * limits::EXPR_DEPTH;
/// `{% elif %}`s of a text.
const ELIFS: usize = 50;

/// Parses an expression.
pub(super) fn expression(source: &str) -> Result<Expr<'_>, Flaw> {
    bounded(source, true)?;
    minijinja::machinery::parse_expr(source).map_err(|error| flaw(source, &error))
}

/// Parses a text.
pub(crate) fn template(source: &str) -> Result<ast::Stmt<'_>, Flaw> {
    bounded(source, false)?;
    minijinja::machinery::parse(source, "text", blocks_on_lines()).map_err(|error| flaw(source, &error))
}

/// A line that holds only a `{% tag %}` leaves no line behind.
fn blocks_on_lines() -> minijinja::syntax::SyntaxConfig {
    let mut builder = minijinja::syntax::SyntaxConfig::builder();
    builder.trim_blocks(true).lstrip_blocks(true);
    builder.build().unwrap_or_default()
}

fn bounded(source: &str, expression: bool) -> Result<(), Flaw> {
    let too_large = |span: Range<usize>, message: &str| {
        Err(Flaw {
            code: "too-large",
            span,
            message: message.to_owned(),
            help: Some("split it: a computed field may hold a part".to_owned()),
        })
    };
    if source.len() > SOURCE_BYTES {
        return too_large(0..0, "this is too long");
    }
    let (mut tokens, mut elifs, mut nesting) = (0, 0, Nesting::default());
    for token in tokenize(source, expression, blocks_on_lines()) {
        let Ok((token, span)) = token else {
            break; // the parser says what is wrong
        };
        let span = span.start_offset as usize..span.end_offset as usize;
        tokens += usize::from(!matches!(token, Token::TemplateData(_)));
        elifs += usize::from(matches!(token, Token::Ident("elif")));
        nesting.take(&token);
        if tokens > TOKENS || elifs > ELIFS || nesting.depth() > NESTING {
            return too_large(span, "this has too many parts");
        }
    }
    Ok(())
}

/// How deep the parser stands in itself: in brackets, signs before an operand, and `else`s.
#[derive(Default)]
struct Nesting {
    /// Of each open bracket: what stood around it in its own bracket.
    around: Vec<(usize, usize)>,
    signs: usize,
    elses: usize,
}

impl Nesting {
    fn take(&mut self, token: &Token<'_>) {
        match token {
            Token::VariableStart | Token::BlockStart => *self = Self::default(),
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => {
                self.around.push((self.signs, self.elses));
                (self.signs, self.elses) = (0, 0);
            }
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                self.elses = self.around.pop().map_or(0, |(_, elses)| elses);
                self.signs = 0;
            }
            Token::Minus | Token::Ident("not") => self.signs += 1,
            Token::Ident("else") => {
                self.elses += 1;
                self.signs = 0;
            }
            _ => self.signs = 0,
        }
    }

    fn depth(&self) -> usize {
        let around: usize = self.around.iter().map(|(signs, elses)| 1 + signs + elses).sum();
        around + self.signs + self.elses
    }
}

fn flaw(source: &str, error: &minijinja::Error) -> Flaw {
    let range = error.range().unwrap_or(0..source.len());
    let start = source.floor_char_boundary(range.start);
    let end = source.ceil_char_boundary(range.end.max(start));
    let message = error.detail().unwrap_or("this is not an expression");
    Flaw {
        code: "syntax",
        span: start..end,
        message: message.to_owned(),
        help: help(source, message),
    }
}

fn help(source: &str, message: &str) -> Option<String> {
    let help = if message.contains("end of variable block") {
        "close it with `}}`"
    } else if message.contains("end of block") {
        "close a tag with `%}`, and `{% if %}` and `{% for %}` with `{% endif %}` and `{% endfor %}`"
    } else if message.contains('&') || source.contains("&&") {
        "write `and`"
    } else if source.contains("||") {
        "write `or`"
    } else if message.contains("unexpected input") && source.contains(" = ") {
        "`==` compares"
    } else if source.contains('!') && !source.contains("!=") {
        "write `not`"
    } else {
        return None;
    };
    Some(help.to_owned())
}

/// Where an expression stands. What the parser says of operators begins too early.
pub(crate) fn span(expr: &Expr<'_>) -> Range<usize> {
    let start = start(expr);
    start..end(expr).max(start)
}

fn start(mut expr: &Expr<'_>) -> usize {
    loop {
        expr = match expr {
            Expr::BinOp(e) => &e.left,
            Expr::Compare(e) => &e.expr,
            Expr::IfExpr(e) => &e.true_expr,
            Expr::Test(e) => &e.expr,
            Expr::GetAttr(e) => &e.expr,
            Expr::GetItem(e) => &e.expr,
            Expr::Slice(e) => &e.expr,
            Expr::Call(e) => &e.expr,
            Expr::Filter(e) => match &e.expr {
                Some(expr) => expr,
                None => return e.span().start_offset as usize,
            },
            Expr::UnaryOp(e) if is_not_in(e) => &e.expr,
            _ => return expr.span().start_offset as usize,
        }
    }
}

fn end(mut expr: &Expr<'_>) -> usize {
    loop {
        expr = match expr {
            Expr::BinOp(e) => &e.right,
            Expr::IfExpr(e) => e.false_expr.as_ref().unwrap_or(&e.test_expr),
            Expr::Compare(e) => match e.ops.last() {
                Some(last) => &last.expr,
                None => &e.expr,
            },
            _ => return expr.span().end_offset as usize,
        }
    }
}

/// `a not in b` is parsed as `not (a in b)`.
fn is_not_in(unary: &ast::UnaryOp<'_>) -> bool {
    matches!(unary.op, UnaryOpKind::Not) && matches!(&unary.expr, Expr::BinOp(e) if matches!(e.op, BinOpKind::In))
}
