//! Expressions: guards, bounds, computed values.
//!
//! Owns [`Expr`]: parsed by `MiniJinja`'s grammar, typed against the declared fields at load,
//! evaluated exactly and totally: no expression fails at run time. Must not know screens.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Declared, Scope, Type, Value};

/// The declared fields that an expression may read, with their types and options.
pub type Types = BTreeMap<String, Declared>;

/// What is wrong with an expression or a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// A stable code, such as `unknown-name`, `wrong-type`, `syntax`.
    pub code: &'static str,
    /// Where, in bytes of the expression's or text's own source.
    pub span: Range<usize>,
    /// What is wrong, in one line.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// A typed expression. What it reads may be missing: then comparisons other than with `none`
/// are false, and arithmetic has no value.
#[derive(Debug)]
pub struct Expr {
    result: Type,
    reads: BTreeSet<String>,
    constant: Option<Value>,
}

impl Expr {
    /// Parses and types an expression over the fields in `types`; all flaws at once.
    pub fn parse(source: &str, types: &Types) -> Result<Self, Vec<Flaw>> {
        let _ = (source, types);
        Err(Vec::new())
    }

    /// A constant: a bound or default that is written as a literal.
    pub fn constant(value: Value) -> Self {
        Self {
            result: value.of_type(),
            reads: BTreeSet::new(),
            constant: Some(value),
        }
    }

    /// The type of its value.
    pub fn result(&self) -> Type {
        self.result
    }

    /// The fields that it reads.
    pub fn reads(&self) -> &BTreeSet<String> {
        &self.reads
    }

    /// Its value, if it has one.
    pub fn eval(&self, _scope: &Scope<'_>) -> Option<Value> {
        self.constant.clone()
    }

    /// Whether it is true; a missing value is not.
    pub fn holds(&self, scope: &Scope<'_>) -> bool {
        self.eval(scope) == Some(Value::Bool(true))
    }
}
