//! Choices among the items of a list: `options = { from = "people", label = "{{ name }}" }`.
//!
//! Owns which items are offered. Must not know how items come and go.

use super::kind::{Around, Boxes, Chance, Control, Offer, Question, Read, Typed};
use super::wording::Wording;
use super::{Problem, Why, folded, options, typed};
use crate::flow::picked::Items;
use crate::flow::{Expr, Row, Scope, Type, Value, format};
use crate::limits;

/// Bytes of the longest key.
const KEY_BYTES: usize = 10;

/// A question whose options are items of a list.
#[derive(Debug)]
pub(crate) struct OfItems {
    /// The items.
    pub(crate) items: Items,
    /// Which of them are offered: all where it only says that the list is read.
    pub(crate) sift: Expr,
    /// Of how many may be taken, where that is more than one: the least and the most.
    pub(crate) several: Option<(Option<u32>, Option<u32>)>,
}

impl OfItems {
    fn offers(&self, scope: &Scope<'_>) -> Vec<Offer> {
        let rows = self.items.rows(scope).into_iter().flatten().zip(1..);
        let held = rows.filter(|(row, position)| self.sift.holds_for(row, *position, scope));
        let offer = |(row, position): (&Row, usize)| Offer {
            value: row.key_text(),
            label: self.items.label(row, position, scope),
            hint: None,
            exclusive: false,
        };
        held.map(offer).collect()
    }

    fn keys(&self, scope: &Scope<'_>) -> Vec<String> {
        let rows = self.items.rows(scope).into_iter().flatten().zip(1..);
        let held = rows.filter(|(row, position)| self.sift.holds_for(row, *position, scope));
        held.map(|(row, _)| row.key_text()).collect()
    }

    fn label(&self, key: &str, scope: &Scope<'_>) -> String {
        self.items.of_key(key, self.items.rows(scope), scope)
    }
}

impl Question for OfItems {
    fn value_type(&self) -> Type {
        if self.several.is_some() { Type::List } else { Type::Text }
    }

    fn boxes(&self) -> Boxes {
        if self.several.is_some() {
            Boxes::Many
        } else {
            Boxes::One
        }
    }

    fn most(&self) -> usize {
        limits::OFFERED
    }

    fn longest(&self) -> usize {
        KEY_BYTES
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        let offers = self.offers(scope);
        if self.several.is_some() {
            Control::Several(offers)
        } else {
            Control::One(offers)
        }
    }

    fn has_nothing(&self, scope: &Scope<'_>) -> bool {
        let mut rows = self.items.rows(scope).into_iter().flatten().zip(1..);
        !rows.any(|(row, position)| self.sift.holds_for(row, position, scope))
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        let typed: Vec<_> = typed.all().map(folded::trim).filter(|key| !key.is_empty()).collect();
        let keys = self.keys(around.scope);
        for key in &typed {
            options::known(keys.iter().any(|known| known == key), around.scope)?;
        }
        let mut chosen = keys.into_iter().filter(|key| typed.contains(&key.as_str()));
        if self.several.is_none() {
            return Ok(chosen.next().map(Value::Text));
        }
        let chosen: Vec<_> = chosen.collect();
        Ok((!chosen.is_empty()).then_some(Value::List(chosen)))
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        let keys = self.keys(around.scope);
        let known = |key: &String| options::known(keys.contains(key), around.scope);
        let (values, several) = match (value, self.several) {
            (Value::Text(key), None) => return known(key),
            (Value::List(values), Some(several)) => (values, several),
            _ => return around.another(),
        };
        for key in values {
            known(key)?;
        }
        let words = around.words();
        let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
        match several {
            (Some(least), _) if count < least => Err(Problem::new(Why::Min, words.select_least(shorter(least)))),
            (_, Some(most)) if count > most => Err(Problem::new(Why::Max, words.select_most(shorter(most)))),
            _ => Ok(()),
        }
    }

    fn missing(&self, wording: &Wording) -> String {
        if self.several.is_some() {
            wording.words().select_some().to_owned()
        } else {
            wording.select(wording.words().select_option())
        }
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        match value {
            Value::List(all) => all.iter().map(|key| ("", key.clone())).collect(),
            one => typed::posted(one),
        }
    }

    fn made(&self, scope: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        let keys = self.keys(scope);
        let Some((least, _)) = self.several else {
            return keys.into_iter().map(Value::Text).collect();
        };
        let least = usize::try_from(least.unwrap_or(1)).unwrap_or(1).max(1);
        let windows = keys.windows(least.min(keys.len()).max(1));
        windows.map(|some| Value::List(some.to_vec())).collect()
    }

    fn bounds(&self) -> Vec<&Expr> {
        vec![&self.sift]
    }

    fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        let labels = |keys: &[String]| {
            let labels = keys.iter().map(|key| self.label(key, scope));
            labels.collect::<Vec<_>>().join("\n")
        };
        match value {
            Value::Text(key) => self.label(key, scope),
            Value::List(keys) => labels(keys),
            other => format::of(other, scope.words),
        }
    }

    fn said(&self, typed: &[&str], scope: &Scope<'_>) -> Vec<String> {
        typed.iter().map(|key| self.label(key, scope)).collect()
    }
}

fn shorter(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::flow::{Declared, Picked, Rows, Text, Types, Values};
    use crate::words::Words;

    fn text(words: &str) -> Value {
        Value::Text(words.to_owned())
    }

    /// Ada, Bo, and one who did not say; Ada and Bo are married to each other.
    fn people() -> Value {
        let person = |key, values: &[(&str, &str)]| Row {
            key,
            values: Arc::new(
                values
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), text(value)))
                    .collect(),
            ),
        };
        Value::Rows(Rows::from(vec![
            person(3, &[("name", "Ada"), ("partner", "7")]),
            person(7, &[("name", "Bo"), ("partner", "3")]),
            person(9, &[]),
        ]))
    }

    /// `partner` is picked among the people; its label speaks of the partner too.
    fn made() -> (Types, OfItems) {
        let items = Items::of("people");
        let picked = Declared {
            picked: Some(Picked::Items(items.clone())),
            ..Type::Text.into()
        };
        let columns: Types = [
            ("name".to_owned(), Type::Text.into()),
            ("partner".to_owned(), picked.clone()),
            ("key".to_owned(), Type::Text.into()),
        ]
        .into();
        let columns = Arc::new(columns);
        let people = Declared {
            columns: Some(Arc::clone(&columns)),
            ..Type::Rows.into()
        };
        let types: Types = [("people".to_owned(), people), ("contact".to_owned(), picked)].into();
        let label = "{% if name is defined %}{{ name }} ({{ partner }}){% endif %}";
        items.set_label(Text::of_rows(label, &types, &columns).unwrap());
        let sift = Expr::of_rows("key != '7'", &types, &columns).unwrap();
        let several = None;
        (types, OfItems { items, sift, several })
    }

    fn scope(values: &Values) -> Scope<'_> {
        Scope {
            values,
            today: jiff::civil::date(2026, 11, 23),
            reference: "",
            words: Words::english(),
            on_page: false,
        }
    }

    #[test]
    fn items_are_offered_by_their_keys_and_called_as_the_author_says() {
        let (_, question) = made();
        let values = [("people".to_owned(), people())].into();
        let Control::One(offers) = question.control(&scope(&values)) else {
            panic!("one of them");
        };
        let offered: Vec<_> = offers.iter().map(|offer| (&*offer.value, &*offer.label)).collect();
        // A label that comes to nothing is the item's place; in a label, another label is its key.
        assert_eq!(offered, [("3", "Ada (7)"), ("9", "3")]);
        assert_eq!(question.shown(&text("7"), &scope(&values)), "Bo (3)");
        assert_eq!(question.shown(&text("12"), &scope(&values)), "12");
        assert!(
            question.bounds()[0].reads().is_empty(),
            "the list is added where a field is built"
        );
        assert!(question.made(&scope(&Values::new()), &mut |_| 0).is_empty());
    }

    #[test]
    fn texts_show_what_was_picked_by_its_label() {
        let (types, _) = made();
        let values = [("people".to_owned(), people()), ("contact".to_owned(), text("7"))].into();
        let says = |source: &str| Text::parse(source, &types).unwrap().plain(&scope(&values));
        assert_eq!(says("{{ contact }}"), "Bo (3)");
        assert_eq!(
            says("{% for p in people %}{{ p.partner }}; {% endfor %}"),
            "Bo (3); Ada (7); ; "
        );
        assert_eq!(says("{{ people.partner }}"), "Bo (3), Ada (7)");
        assert_eq!(says("{% if contact == '7' %}yes{% endif %}"), "yes");
    }
}
