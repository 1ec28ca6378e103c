//! The types of operators.
//!
//! Owns what may be compared, added and joined with what, and the words where it may not. Must
//! not know how they come to a value (`eval`, `arithmetic`).

use std::ops::Range;

use minijinja::machinery::ast::{self, BinOpKind, CompareOpKind, Expr};

use super::lower::{Lowering, Sort, Typed, typed};
use super::node::{Arithmetic, Comparison, Node};
use super::over;
use crate::flow::diagnostic::did_you_mean;
use crate::flow::{Options, Type, Value};

impl Lowering<'_> {
    pub(super) fn unary(&mut self, not: bool, expr: &Expr<'_>, span: Range<usize>) -> Option<Typed> {
        let operand = self.expr(expr)?;
        if not {
            self.expect_bool(&operand)?;
            return Some(typed(Node::Not(Box::new(operand.node)), Sort::One(Type::Bool), span));
        }
        match operand.sort {
            Sort::One(of) if of.adds() => Some(Typed {
                node: Node::Negative(Box::new(operand.node)),
                options: Options::default(),
                ..operand
            }),
            found => {
                let message = format!("`-` needs a number or money, but this is {found}");
                self.flaw("wrong-type", &operand.span, message, None)
            }
        }
    }

    /// A chain of operators hangs to the left: it is walked, not recursed into.
    pub(super) fn binary(&mut self, expr: &Expr<'_>) -> Option<Typed> {
        let mut chain = Vec::new();
        let mut first = expr;
        while let Expr::BinOp(operation) = first {
            chain.push((operation.op, &operation.right));
            first = &operation.left;
        }
        let mut left = self.expr(first);
        for (operator, right) in chain.into_iter().rev() {
            let right = self.expr(right);
            left = match (left, right) {
                (Some(left), Some(right)) => self.operate(operator, left, right).and_then(|typed| self.fold(typed)),
                _ => None,
            };
        }
        left
    }

    fn operate(&mut self, operator: BinOpKind, left: Typed, right: Typed) -> Option<Typed> {
        let span = left.span.start..right.span.end;
        let bool = Sort::One(Type::Bool);
        let comparison = match operator {
            BinOpKind::ScAnd | BinOpKind::ScOr => {
                let (a, b) = (self.expect_bool(&left), self.expect_bool(&right));
                let (a, b) = (a.and(Some(left.node))?, b.and(Some(right.node))?);
                let make = if matches!(operator, BinOpKind::ScAnd) {
                    Node::And
                } else {
                    Node::Or
                };
                return Some(typed(make(Box::new(a), Box::new(b)), bool, span));
            }
            BinOpKind::Concat => {
                for side in [&left, &right] {
                    if matches!(side.sort, Sort::Many(_)) {
                        return self.flaw("wrong-type", &side.span, "a list has no words", None);
                    }
                    if side.sort == Sort::One(Type::Rows) {
                        return over::ask_a_field(self, side, "");
                    }
                }
                let (a, b) = (Box::new(left.in_words()), Box::new(right.in_words()));
                return Some(typed(Node::Concat(a, b), Sort::One(Type::Text), span));
            }
            BinOpKind::Eq => Comparison::Equal,
            BinOpKind::Ne => Comparison::Unequal,
            BinOpKind::Lt => Comparison::Less,
            BinOpKind::Lte => Comparison::AtMost,
            BinOpKind::Gt => Comparison::More,
            BinOpKind::Gte => Comparison::AtLeast,
            BinOpKind::In => Comparison::In,
            BinOpKind::Pow => {
                return self.flaw("not-supported", &span, "there are no powers", "multiply".to_owned());
            }
            BinOpKind::Add => return self.arithmetic(Arithmetic::Add, left, right),
            BinOpKind::Sub => return self.arithmetic(Arithmetic::Subtract, left, right),
            BinOpKind::Mul => return self.arithmetic(Arithmetic::Multiply, left, right),
            BinOpKind::Div => return self.arithmetic(Arithmetic::Divide, left, right),
            BinOpKind::FloorDiv => return self.arithmetic(Arithmetic::WholeDivide, left, right),
            BinOpKind::Rem => return self.arithmetic(Arithmetic::Remainder, left, right),
        };
        self.comparable(comparison, &left, &right)?;
        let node = Node::Compare(Box::new(left.node), vec![(comparison, right.node)]);
        Some(typed(node, bool, span))
    }

    /// `a < b < c`.
    pub(super) fn chain(&mut self, chain: &ast::Compare<'_>, span: Range<usize>) -> Option<Typed> {
        let first = self.expr(&chain.expr);
        let rest: Vec<_> = chain
            .ops
            .iter()
            .map(|op| (comparison(op.op), self.expr(&op.expr)))
            .collect();
        let membership = |(by, _): &(Comparison, _)| matches!(by, Comparison::In | Comparison::NotIn);
        if rest.iter().any(membership) {
            let help = "join two comparisons with `and`".to_owned();
            return self.flaw("not-supported", &span, "`in` stands in no chain", help);
        }
        let first = first?;
        let mut parts = Vec::with_capacity(rest.len());
        for (comparison, part) in rest {
            parts.push((comparison, part?));
        }
        let mut left = &first;
        let mut fits = Some(());
        for (comparison, right) in &parts {
            fits = self.comparable(*comparison, left, right).and(fits);
            left = right;
        }
        fits?;
        let rest = parts.into_iter().map(|(op, part)| (op, part.node)).collect();
        Some(typed(
            Node::Compare(Box::new(first.node), rest),
            Sort::One(Type::Bool),
            span,
        ))
    }

    /// `a if condition else b`.
    pub(super) fn either(&mut self, choice: &ast::IfExpr<'_>, span: Range<usize>) -> Option<Typed> {
        let condition = self.condition(&choice.test_expr);
        let then = self.expr(&choice.true_expr);
        let otherwise = match &choice.false_expr {
            Some(expr) => self.expr(expr),
            None => Some(typed(Node::Missing, Sort::Nothing, span.clone())),
        };
        let (condition, then, otherwise) = (condition?, then?, otherwise?);
        let sort = self.same(&then, &otherwise)?;
        if let Sort::Many(_) | Sort::One(Type::Rows) = sort {
            return self.flaw("not-supported", &span, "choose between values, not lists", None);
        }
        let options = if then.options == otherwise.options {
            then.options
        } else {
            Options::default()
        };
        Some(Typed {
            node: Node::If(Box::new([condition, then.node, otherwise.node])),
            sort,
            options,
            picked: None,
            columns: None,
            span,
        })
    }

    /// `is none`, `is defined`, `is undefined`.
    pub(super) fn test(&mut self, test: &ast::Test<'_>, span: Range<usize>) -> Option<Typed> {
        let known = ["defined", "undefined", "none"];
        if !known.contains(&test.name) || !test.args.is_empty() {
            let help = did_you_mean(test.name, known)
                .unwrap_or_else(|| "only `is defined` and `is none` (and with `not`)".to_owned());
            let message = format!("there is no test `{}`", test.name);
            return self.flaw("unknown-test", &span, message, help);
        }
        let operand = self.expr(&test.expr)?;
        let present = Node::Present(Box::new(operand.node));
        let node = if test.name == "defined" {
            present
        } else {
            Node::Not(Box::new(present))
        };
        Some(typed(node, Sort::One(Type::Bool), span))
    }

    pub(super) fn expect_bool(&mut self, operand: &Typed) -> Option<()> {
        if operand.sort == Sort::One(Type::Bool) {
            return Some(());
        }
        let words = self.source.get(operand.span.clone()).unwrap_or("x");
        let help = match operand.sort {
            Sort::One(Type::List) => format!("write `'...' in {words}` or `length({words}) > 0`"),
            _ => format!("compare it, or write `{words} is defined`"),
        };
        let message = format!("this must be true or false, but is {}", operand.sort);
        self.flaw("wrong-type", &operand.span, message, help)
    }

    /// The sort of both; `none` fits all.
    pub(super) fn same(&mut self, left: &Typed, right: &Typed) -> Option<Sort> {
        match (left.sort, right.sort) {
            (Sort::Nothing, other) | (other, Sort::Nothing) => Some(other),
            (a, b) if a == b => Some(a),
            _ => self.unlike(left, right),
        }
    }

    fn comparable(&mut self, by: Comparison, left: &Typed, right: &Typed) -> Option<()> {
        match by {
            Comparison::In | Comparison::NotIn => self.member(left, right),
            Comparison::Equal | Comparison::Unequal => {
                if let Sort::Many(_) | Sort::One(Type::Rows) = self.same(left, right)? {
                    let span = left.span.start..right.span.end;
                    let help = "write `x in [1, 2]`".to_owned();
                    return self.flaw("not-supported", &span, "such lists are not compared", help);
                }
                self.known_option(&left.options, right)?;
                self.known_option(&right.options, left)
            }
            _ => match self.same(left, right)? {
                Sort::One(of) if of.ordered() => Some(()),
                found => {
                    let span = left.span.start..right.span.end;
                    let message = format!("there is no order among {}", plural(found));
                    let help = "Numbers, money, dates and times can be compared with <".to_owned();
                    self.flaw("wrong-type", &span, message, help)
                }
            },
        }
    }

    fn member(&mut self, item: &Typed, list: &Typed) -> Option<()> {
        match (item.sort, list.sort) {
            (Sort::One(Type::Text) | Sort::Nothing, Sort::One(Type::List)) => {
                self.known_option(&item.options, list)?;
                self.known_option(&list.options, item)
            }
            (_, Sort::Nothing) => Some(()),
            (_, Sort::One(Type::Rows)) => over::ask_a_field(self, list, ""),
            (Sort::One(one), Sort::Many(many)) if one == many => Some(()),
            (Sort::One(_), Sort::Many(many)) => {
                let message = format!("the list holds {}, but this is {}", plural(Sort::One(many)), item.sort);
                self.flaw("wrong-type", &item.span, message, None)
            }
            (Sort::One(_), Sort::One(Type::List)) => {
                let message = format!("the list holds texts, but this is {}", item.sort);
                self.flaw("wrong-type", &item.span, message, None)
            }
            (Sort::One(_) | Sort::Nothing, _) => {
                let message = format!("`in` needs a list, but this is {}", list.sort);
                self.flaw("wrong-type", &list.span, message, "such as `['a', 'b']`".to_owned())
            }
            (Sort::Many(_), _) => self.flaw("wrong-type", &item.span, "a list holds no lists", None),
        }
    }

    /// That texts written out are options of the choice on the other side.
    fn known_option(&mut self, options: &[(String, String)], other: &Typed) -> Option<()> {
        let written = match &other.node {
            Node::Value(Value::Text(text)) => std::slice::from_ref(text),
            Node::Value(Value::List(texts)) => texts,
            _ => return Some(()),
        };
        let values = || options.iter().map(|(value, _)| value.as_str());
        for text in written {
            if options.is_empty() || values().any(|value| value == text) {
                continue;
            }
            let help = did_you_mean(text, values()).unwrap_or_else(|| {
                let known: Vec<_> = values().take(8).map(|value| format!("'{value}'")).collect();
                format!("its options are {}", known.join(", "))
            });
            return self.flaw(
                "unknown-option",
                &other.span,
                format!("there is no option '{text}'"),
                help,
            );
        }
        Some(())
    }

    fn arithmetic(&mut self, by: Arithmetic, left: Typed, right: Typed) -> Option<Typed> {
        use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract, WholeDivide};
        let money = |sort| matches!(sort, Sort::One(Type::Money(_)));
        let number = Sort::One(Type::Number);
        let result = match (by, left.sort, right.sort) {
            (_, a, b) if a == number && b == number => a,
            (Add | Subtract, a, b) if a == b && money(a) => a,
            (Multiply | Divide, a, b) if money(a) && b == number => a,
            (Multiply, a, b) if a == number && money(b) => b,
            (Divide | WholeDivide, a, b) if a == b && money(a) => number,
            (Remainder, a, b) if a == b && money(a) => a,
            _ => return self.no_arithmetic(by, &left, &right),
        };
        let span = left.span.start..right.span.end;
        let node = Node::Arithmetic(by, Box::new(left.node), Box::new(right.node));
        Some(typed(node, result, span))
    }

    fn no_arithmetic<T>(&mut self, by: Arithmetic, left: &Typed, right: &Typed) -> Option<T> {
        let span = left.span.start..right.span.end;
        let has = |sort| left.sort == sort || right.sort == sort;
        let help = if has(Sort::One(Type::Date)) {
            "use `add_days(d, 30)`, `add_months`, `add_years`, `days_between(a, b)`".to_owned()
        } else if has(Sort::One(Type::Time)) {
            "use `minutes_between(a, b)`, `hour(t)`, `minute(t)`".to_owned()
        } else if by == Arithmetic::Add && has(Sort::One(Type::Text)) {
            "`~` joins texts; `number(x)` reads a number".to_owned()
        } else if let (Sort::One(Type::Money(_)), Sort::One(Type::Money(_))) = (left.sort, right.sort)
            && left.sort != right.sort
        {
            "these are two currencies".to_owned()
        } else if matches!(left.sort, Sort::One(Type::Money(_))) || matches!(right.sort, Sort::One(Type::Money(_))) {
            "write an amount as `money('10', 'GBP')`".to_owned()
        } else {
            "numbers and money can be added, subtracted, multiplied and divided".to_owned()
        };
        let sign = match by {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "/",
            Arithmetic::WholeDivide => "//",
            Arithmetic::Remainder => "%",
        };
        let message = format!("`{sign}` does not take {} and {}", left.sort, right.sort);
        self.flaw("wrong-type", &span, message, help)
    }

    fn unlike<T>(&mut self, left: &Typed, right: &Typed) -> Option<T> {
        let span = left.span.start..right.span.end;
        let words = |side: &Typed| self.source.get(side.span.clone()).unwrap_or("x").to_owned();
        let help = match (left.sort, right.sort) {
            (Sort::One(Type::Text), Sort::One(Type::Number)) => {
                Some(format!("put it in quotes, or write `number({})`", words(left)))
            }
            (Sort::One(Type::Number), Sort::One(Type::Text)) => {
                Some(format!("leave out the quotes, or write `number({})`", words(right)))
            }
            (Sort::One(Type::Bool), Sort::One(Type::Text)) => Some(format!("write `{0}` or `not {0}`", words(left))),
            (Sort::One(Type::Money(_)), Sort::One(Type::Money(_))) => Some("these are two currencies".to_owned()),
            (Sort::One(Type::List), Sort::One(Type::Text)) => {
                Some(format!("write `{} in {}`", words(right), words(left)))
            }
            (Sort::One(of), Sort::One(Type::Number | Type::Text)) => of.written(),
            _ => None,
        };
        let message = format!("one side is {}, the other {}", left.sort, right.sort);
        self.flaw("wrong-type", &span, message, help)
    }
}

fn comparison(kind: CompareOpKind) -> Comparison {
    match kind {
        CompareOpKind::Eq => Comparison::Equal,
        CompareOpKind::Ne => Comparison::Unequal,
        CompareOpKind::Lt => Comparison::Less,
        CompareOpKind::Lte => Comparison::AtMost,
        CompareOpKind::Gt => Comparison::More,
        CompareOpKind::Gte => Comparison::AtLeast,
        CompareOpKind::In => Comparison::In,
        CompareOpKind::NotIn => Comparison::NotIn,
    }
}

fn plural(sort: Sort) -> &'static str {
    match sort {
        Sort::One(of) => of.plural(),
        Sort::Many(_) => "lists",
        Sort::Nothing => "missing values",
    }
}
