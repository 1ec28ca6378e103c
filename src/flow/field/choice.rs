//! `choice`: one of several, as radio buttons or a select; of options that the author lists, or of
//! a list that a look-up brought.

use super::kind::{Around, Chance, Control, Declares, Fills, Question, Read, Role, Source, Typed};
use super::options::{self, Choice as One};
use super::wording::Wording;
use super::{Drawn, Problem, folded, typed};
use crate::flow::check::Building;
use crate::flow::{Scope, Type, Value, format};

pub(super) const KIND: Declares = Declares {
    name: "choice",
    keys: &["required", "message", "default", "options", "sort", "autocomplete"],
    role: Role::Answer,
    fills: Fills::Never,
    value_type: |_| Some(Type::Text),
    answers: |field| {
        let options = field.options.iter().flat_map(|options| &options.value);
        options.map(|option| option.value.value.as_str()).collect()
    },
    build: |building| {
        if let Some(drawn) = building.drawn(None) {
            return drawn;
        }
        match building.list() {
            Some(list) => Box::new(Listed {
                list,
                sorted: building.is_sorted(),
            }),
            None => own(building),
        }
    },
};

/// Options of the flow's own; of very many, what is typed finds some.
fn own(building: &Building<'_, '_>) -> Box<dyn Question> {
    // What is wrong with them is told in any case.
    let options = building.options(false);
    match building.very_many() {
        Some(list) => Box::new(Drawn {
            order: building.is_sorted().then(|| list.order(building.words())),
            list,
            sift: None,
            several: None,
        }),
        None => Box::new(Choice {
            order: building.is_sorted().then(|| options::order(&options, building.words())),
            options,
        }),
    }
}

#[derive(Debug)]
struct Choice {
    options: Vec<One>,
    /// Their places as they are offered, where they are sorted.
    order: Option<Vec<usize>>,
}

impl Question for Choice {
    fn value_type(&self) -> Type {
        Type::Text
    }

    fn longest(&self) -> usize {
        options::longest(&self.options)
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        Control::One(options::offers(&self.options, self.order.as_deref(), scope))
    }

    fn has_nothing(&self, scope: &Scope<'_>) -> bool {
        options::none(&self.options, scope)
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        let typed = folded::trim(typed.text());
        if typed.is_empty() {
            return Ok(None);
        }
        options::check(&self.options, typed, around.scope)?;
        Ok(Some(Value::Text(typed.to_owned())))
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        let value = value.as_text();
        value.map_or_else(
            || around.another(),
            |value| options::check(&self.options, value, around.scope),
        )
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.select(wording.words().select_option())
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        typed::posted(value)
    }

    fn made(&self, _: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        self.options
            .iter()
            .map(|option| Value::Text(option.value.clone()))
            .collect()
    }

    fn options(&self) -> &[One] {
        &self.options
    }

    fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        let text = value.as_text();
        text.map_or_else(
            || format::of(value, scope.words),
            |text| options::label(&self.options, text, scope),
        )
    }

    fn said(&self, typed: &[&str], scope: &Scope<'_>) -> Vec<String> {
        typed
            .iter()
            .map(|text| options::label(&self.options, text, scope))
            .collect()
    }
}

/// One of what a look-up saved under this name.
#[derive(Debug)]
struct Listed {
    list: String,
    sorted: bool,
}

impl Listed {
    fn holds(&self, value: &str, scope: &Scope<'_>) -> Result<(), Problem> {
        let offered = options::listed(&self.list, scope)
            .iter()
            .any(|(known, _)| known == value);
        match options::listed_label(&self.list, value, scope) {
            label if !offered && label != value => Err(scope.words.select_gone(label).into()),
            _ => options::known(offered, scope),
        }
    }
}

impl Question for Listed {
    fn value_type(&self) -> Type {
        Type::Text
    }

    /// As long as a look-up may bring it.
    fn longest(&self) -> usize {
        typed::posted_bytes(options::LISTED_CHARS)
    }

    fn source(&self) -> Source<'_> {
        Source::Listed(&self.list)
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        Control::One(options::listed_offers(&self.list, self.sorted, scope))
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        let typed = folded::trim(typed.text());
        if typed.is_empty() {
            return Ok(None);
        }
        self.holds(typed, around.scope)?;
        Ok(Some(Value::Text(typed.to_owned())))
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        let value = value.as_text();
        value.map_or_else(|| around.another(), |value| self.holds(value, around.scope))
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.select(wording.words().select_option())
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        typed::posted(value)
    }

    fn made(&self, scope: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        let listed = options::listed(&self.list, scope).iter();
        listed.map(|(value, _)| Value::Text(value.clone())).collect()
    }

    fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        let text = value.as_text();
        text.map_or_else(
            || format::of(value, scope.words),
            |text| options::listed_label(&self.list, text, scope),
        )
    }

    fn said(&self, typed: &[&str], scope: &Scope<'_>) -> Vec<String> {
        let label = |text: &&str| options::listed_label(&self.list, text, scope);
        typed.iter().map(label).collect()
    }
}
