//! `[options.NAME]`: lists of options that several fields share.
//!
//! Owns putting them into the fields that name them. Must not know what options mean.

use toml::Spanned;
use toml::de::DeValue;

use super::table::Table;
use super::{At, Draws, File, Item, NamedOptions, field};
use crate::flow::diagnostic::{Diagnostic, Sink, did_you_mean};
use crate::flow::{Kind, hyphened};

/// Reads the lists of a file, each written as the options of a field are.
pub(super) fn read(file: &mut Table<'_>, sink: &Sink) -> Vec<NamedOptions> {
    let Some(table) = file.table("options", "`options`") else {
        return Vec::new();
    };
    let lists = table.all().filter_map(|(name, value)| {
        if !hyphened(&name.value.replace('_', "-")) {
            let message = format!("`{}` cannot be the name of a list of options", name.value);
            sink.push(
                Diagnostic::error("bad-name", &name.span, message)
                    .label("not a name")
                    .help("lower case letters, digits, hyphens and underscores, beginning with a letter"),
            );
        }
        let options = field::written_out(value, sink)?;
        Some(NamedOptions { name, options })
    });
    lists.collect()
}

/// The keys of options that are drawn from a list.
const OF_DRAWN: &[&str] = &["list", "from", "label", "where"];

/// Whether options are drawn from a list: what could be options of their own, with labels in words, is that.
pub(super) fn is_drawn(value: &Spanned<DeValue<'_>>) -> bool {
    let DeValue::Table(table) = value.get_ref() else {
        return false;
    };
    let named = |value: &Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::String(name) => name.replace('_', "-").split('.').all(hyphened),
        _ => true,
    };
    let known = |key: &str| OF_DRAWN.contains(&key) || did_you_mean(key, ["where"]).is_some();
    let named = |key: &str| table.get(key).is_some_and(named);
    table.keys().all(|key| known(key.get_ref())) && named("list") != named("from")
}

/// Reads where options are drawn from.
pub(super) fn draws<'a>(value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Draws> {
    let mut table = Table::from(value, "`options`", sink)?;
    let draws = Draws {
        list: table.text("list"),
        from: table.text("from"),
        label: table.text("label"),
        sift: table.text("where"),
        known: Vec::new(),
    };
    table.finish();
    Some(draws)
}

impl File {
    /// Whether it has a list of options of that name itself.
    pub(crate) fn has_options(&self, name: &str) -> bool {
        self.options.iter().any(|list| list.name.value == name)
    }

    /// The lists that fields draw from, which the file does not have itself: each once.
    pub(crate) fn lists(&self) -> Vec<String> {
        let items = self.screens.iter().flat_map(|screen| &screen.items);
        let drawn = items.filter_map(|item| match item {
            Item::Field(field) => field.draws.as_ref()?.list.as_ref(),
            Item::Block(_) => None,
        });
        let foreign = drawn.filter(|list| !self.has_options(&list.value));
        let mut names: Vec<String> = foreign.map(|list| list.value.clone()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Gives each field that names a list of the file's own the options of that list.
    pub(crate) fn share_options(&mut self, sink: &Sink) {
        for (n, list) in self.options.iter().enumerate() {
            let saved = self.effects.iter().flat_map(|effect| &effect.save);
            let earlier = self.options.iter().take(n).map(|other| &other.name);
            let mut taken = earlier.chain(saved.map(|saved| &saved.name));
            if taken.any(|name| name.value == list.name.value) {
                let message = format!("there is a list `{}` already", list.name.value);
                sink.push(
                    Diagnostic::error("duplicate-list", &list.name.span, message)
                        .label("the second one")
                        .help("give one of them another name"),
                );
            }
        }
        for item in self.screens.iter_mut().flat_map(|screen| &mut screen.items) {
            let Item::Field(field) = item else { continue };
            let named = |named: &At<String>| self.options.iter().find(|list| list.name.value == named.value);
            let drawn = field.draws.as_ref().filter(|draws| draws.sift.is_none());
            if let Some(own) = drawn
                .and_then(|draws| draws.list.as_ref())
                .filter(|list| named(list).is_some())
            {
                field.picks = Some(own.clone());
                field.draws = None;
            }
            let Some(list) = field.picks.as_ref().and_then(named) else {
                continue;
            };
            let mut options = list.options.value.clone();
            if field.kind == Kind::Choice {
                // Said for those who may take several of the same list.
                for option in &mut options {
                    option.exclusive = None;
                }
            }
            let span = field.picks.take().map_or(0..0, |named| named.span);
            field.options = Some(At { value: options, span });
        }
    }
}
