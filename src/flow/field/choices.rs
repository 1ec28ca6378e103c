//! `choices`: any number of several, as checkboxes.

use super::kind::{Around, Boxes, Chance, Control, Declares, Fills, Question, Read, Role, Typed, any};
use super::options::{self, Choice as One};
use super::wording::Wording;
use super::{Drawn, Problem, Why, folded};
use crate::flow::{Scope, Type, Value, format};

pub(super) const KIND: Declares = Declares {
    name: "choices",
    keys: &["required", "message", "default", "options", "sort", "min", "max"],
    role: Role::Answer,
    fills: Fills::Never,
    value_type: |_| Some(Type::List),
    answers: any,
    build: |building| {
        if let Some(most) = building.drawn_from() {
            let counts = building.counts(most);
            let drawn = building.drawn(Some(counts));
            return drawn.unwrap_or_else(|| Box::new(Choices::default()));
        }
        let options = building.options(true);
        let most = u32::try_from(options.len()).unwrap_or(0);
        let (min, max) = building.counts(most);
        if let Some(list) = building.very_many() {
            // All of them may be taken, unless the author says otherwise.
            let several = Some((min, max.or(Some(most))));
            return Box::new(Drawn {
                order: building.is_sorted().then(|| list.order(building.words())),
                list,
                sift: None,
                several,
            });
        }
        Box::new(Choices {
            order: building.is_sorted().then(|| options::order(&options, building.words())),
            options,
            min: min.and_then(|min| min.try_into().ok()),
            max: max.and_then(|max| max.try_into().ok()),
        })
    },
};

#[derive(Debug, Default)]
struct Choices {
    options: Vec<One>,
    /// Their places as they are offered, where they are sorted.
    order: Option<Vec<usize>>,
    min: Option<u16>,
    max: Option<u16>,
}

impl Question for Choices {
    fn value_type(&self) -> Type {
        Type::List
    }

    fn boxes(&self) -> Boxes {
        Boxes::Many
    }

    fn longest(&self) -> usize {
        options::longest(&self.options)
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        Control::Several(options::offers(&self.options, self.order.as_deref(), scope))
    }

    fn has_nothing(&self, scope: &Scope<'_>) -> bool {
        options::none(&self.options, scope)
    }

    /// In the order of the options, each once.
    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        let typed: Vec<_> = typed
            .all()
            .map(folded::trim)
            .filter(|value| !value.is_empty())
            .collect();
        for value in &typed {
            options::check(&self.options, value, around.scope)?;
        }
        let chosen = self.options.iter();
        let chosen = chosen.filter(|option| typed.contains(&option.value.as_str()));
        let chosen: Vec<_> = chosen.map(|option| option.value.clone()).collect();
        Ok((!chosen.is_empty()).then_some(Value::List(chosen)))
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        let words = around.words();
        let Some(values) = value.as_list() else {
            return around.another();
        };
        for value in values {
            options::check(&self.options, value, around.scope)?;
        }
        let mut exclusive = self.options.iter().filter(|option| option.exclusive);
        if let Some(alone) = exclusive.find(|option| values.contains(&option.value)) {
            if values.len() == 1 {
                return Ok(());
            }
            let label = alone.label.plain(around.scope);
            return Err(words.select_apart(label).into());
        }
        let count = values.len();
        if let Some(min) = self.min.filter(|min| count < usize::from(*min)) {
            return Err(Problem::new(Why::Min, words.select_least(min)));
        }
        if let Some(max) = self.max.filter(|max| count > usize::from(*max)) {
            return Err(Problem::new(Why::Max, words.select_most(max)));
        }
        Ok(())
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.words().select_some().to_owned()
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        let all = value.as_list().unwrap_or_default().iter();
        all.map(|value| ("", value.clone())).collect()
    }

    fn made(&self, _: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        let least = usize::from(self.min.unwrap_or(1)).max(1);
        let most = usize::from(self.max.unwrap_or(u16::MAX));
        let plain = self.options.iter().filter(|option| !option.exclusive);
        let plain: Vec<String> = plain.map(|option| option.value.clone()).collect();
        let mut found = vec![
            Value::List(plain.iter().take(least.max(2).min(most)).cloned().collect()),
            Value::List(plain.iter().take(most).cloned().collect()),
        ];
        let windows = plain.windows(least.min(plain.len()).max(1));
        found.extend(windows.map(|some| Value::List(some.to_vec())));
        let alone = self.options.iter();
        found.extend(alone.map(|option| Value::List(vec![option.value.clone()])));
        found
    }

    fn options(&self) -> &[One] {
        &self.options
    }

    fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        let labels = |all: &[String]| {
            let all = all.iter().map(|value| options::label(&self.options, value, scope));
            all.collect::<Vec<_>>().join("\n")
        };
        value.as_list().map_or_else(|| format::of(value, scope.words), labels)
    }

    fn said(&self, typed: &[&str], scope: &Scope<'_>) -> Vec<String> {
        let all = typed.iter().map(|text| options::label(&self.options, text, scope));
        all.collect()
    }
}
