//! `[options.NAME]`: lists of options that several fields share.
//!
//! Owns putting them into the fields that name them. Must not know what options mean.

use super::table::Table;
use super::{At, File, Item, NamedOptions, field};
use crate::flow::diagnostic::{Diagnostic, Sink};
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
        let options = field::options(value, sink)?;
        Some(NamedOptions { name, options })
    });
    lists.collect()
}

impl File {
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
