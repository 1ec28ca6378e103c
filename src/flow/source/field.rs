//! `fields.NAME` as written: questions, and the text blocks between them.
//!
//! Owns how keys are read that some kind has. Must not know what they mean, nor which kind has which.

use toml::Spanned;
use toml::de::DeValue;

use super::super::diagnostic::{Diagnostic, Sink, did_you_mean};
use super::super::field::{NAMED, Named};
use super::super::{BlockKind, Kind, Why};
use super::options;
use super::table::{Table, text, words, wrong_type};
use super::{At, Block, Choice, Field, Item, Message};

/// The kinds of text block.
const BLOCKS: &[(&str, BlockKind)] = &[
    ("paragraph", BlockKind::Paragraph),
    ("inset", BlockKind::Inset),
    ("warning", BlockKind::Warning),
    ("details", BlockKind::Details),
];

/// Kinds of the language that this version does not have yet.
const PLANNED: &[&str] = &[
    "name",
    "url",
    "percent",
    "month",
    "date-time",
    "address",
    "file",
    "hidden",
    "list",
];

/// The keys that every kind of field has.
const COMMON: &[&str] = &["label", "name", "hint", "when", "as"];
/// The kind that is a group of fields.
pub(super) const GROUP: &str = "group";
/// The keys of text blocks.
const OF_BLOCKS: &[&str] = &["text", "summary"];

/// Every key that some kind of field has.
fn keys() -> Vec<&'static str> {
    let own = Kind::ALL.iter().flat_map(|kind| kind.declares().keys);
    COMMON.iter().chain(own).chain(OF_BLOCKS).copied().collect()
}

/// Reads an entry of `fields`.
pub(super) fn read<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Item> {
    let mut table = Table::from(value, format!("field `{}`", name.value), sink)?;
    table.elsewhere(&keys());
    let Some(value) = table.value("type").or_else(|| table.misspelt("type")) else {
        sink.push(
            Diagnostic::error(
                "missing-key",
                &name.span,
                format!("field `{}` needs a `type`", name.value),
            )
            .label("what is asked for?")
            .help(format!("add type = \"...\": {}", kinds())),
        );
        return None;
    };
    let kind = text(value, "`type`", sink);
    if let Some((_, block)) = BLOCKS.iter().find(|(known, _)| *known == kind.value) {
        return Some(Item::Block(read_block(name, *block, table)));
    }
    if let Some(known) = Kind::named(&kind.value) {
        return Some(Item::Field(Box::new(read_field(name, known, table, sink))));
    }
    let fault = Diagnostic::error(
        "unknown-kind",
        &kind.span,
        format!("there is no kind of field `{}`", kind.value),
    );
    sink.push(if PLANNED.contains(&kind.value.as_str()) {
        fault
            .label("not in this version")
            .help(format!("the kinds are: {}", kinds()))
    } else {
        let help = did_you_mean(&kind.value, names()).unwrap_or_else(|| format!("the kinds are: {}", kinds()));
        fault.label("unknown").help(help)
    });
    None
}

fn names() -> impl Iterator<Item = &'static str> {
    let blocks = BLOCKS.iter().map(|(kind, _)| *kind);
    Kind::ALL.iter().map(|kind| kind.name()).chain(blocks).chain([GROUP])
}

fn kinds() -> String {
    names().collect::<Vec<_>>().join(", ")
}

fn read_block(name: At<String>, kind: BlockKind, mut table: Table<'_>) -> Block {
    table.elsewhere(&keys());
    let summary = match kind {
        BlockKind::Details => table.words("summary"),
        BlockKind::Paragraph | BlockKind::Inset | BlockKind::Warning => None,
    };
    let block = Block {
        name,
        kind,
        summary,
        text: table.words("text"),
        when: table.text("when"),
    };
    table.finish();
    block
}

fn read_field(name: At<String>, kind: Kind, mut table: Table<'_>, sink: &Sink) -> Field {
    table.elsewhere(&keys());
    let has = |key: &str| kind.declares().keys.contains(&key);
    let label = table.words("label");
    let short = table.words("name");
    let hint = table.words("hint");
    let when = table.text("when");
    let outward = table.text("as");
    let written = if has("options") { table.value("options") } else { None };
    let named = |value: &&Spanned<DeValue<'_>>| matches!(value.get_ref(), DeValue::String(_));
    let from_list = |value: &&Spanned<DeValue<'_>>| options::is_drawn(value);
    let listed = written.filter(|value| !named(value) && !from_list(value));
    let (picks, draws) = (written.filter(named), written.filter(from_list));
    let field = Field {
        name,
        kind,
        label,
        short,
        hint,
        when,
        outward,
        required: has("required").then(|| table.flag("required")).flatten(),
        message: has("message").then(|| message(kind, &mut table, sink)).flatten(),
        messages: if has("message") {
            messages(kind, &mut table, sink)
        } else {
            Vec::new()
        },
        default: has("default").then(|| table.scalar("default")).flatten(),
        autocomplete: has("autocomplete").then(|| table.text("autocomplete")).flatten(),
        input_mode: has("input-mode").then(|| table.text("input-mode")).flatten(),
        min: has("min").then(|| table.scalar("min")).flatten(),
        max: has("max").then(|| table.scalar("max")).flatten(),
        pattern: has("pattern").then(|| table.text("pattern")).flatten(),
        normalise: has("normalise").then(|| table.text("normalise")).flatten(),
        unit: has("unit").then(|| table.words("unit")).flatten(),
        currency: has("currency").then(|| table.text("currency")).flatten(),
        places: has("places").then(|| table.scalar("places")).flatten(),
        options: listed.and_then(|value| written_out(value, sink)),
        picks: picks.map(|value| text(value, "`options`", sink)),
        draws: draws.and_then(|value| options::draws(value, sink)),
        sort: has("sort").then(|| table.flag("sort")).flatten(),
        value: has("value").then(|| table.text("value")).flatten(),
        shown: has("shown")
            .then(|| table.flag("shown").map(|flag| flag.value))
            .flatten(),
    };
    table.finish();
    field
}

/// One text, or a table of them by kind of fault.
fn message(kind: Kind, table: &mut Table<'_>, sink: &Sink) -> Option<Message> {
    let value = table.value("message")?;
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        return Some(Message::One(words(value, "`message`", sink)));
    }
    Some(Message::Each(each(kind, Table::from(value, "`message`", sink)?)))
}

fn messages(kind: Kind, table: &mut Table<'_>, sink: &Sink) -> Vec<(Named, At<String>)> {
    let value = table.value("messages");
    let texts = value.and_then(|value| Table::from(value, "`messages`", sink));
    texts.map_or_else(Vec::new, |texts| each(kind, texts))
}

fn each(kind: Kind, mut texts: Table<'_>) -> Vec<(Named, At<String>)> {
    texts.elsewhere(&NAMED.map(|(name, _)| name));
    let keys = kind.declares().keys;
    let has = |(_, of): &Named| {
        of.iter().any(|why| match why {
            Why::Missing | Why::Invalid => true,
            Why::Min | Why::Max => keys.contains(&"max"),
            Why::Pattern => keys.contains(&"pattern"),
        })
    };
    let all = NAMED.into_iter().filter(has);
    let all = all.filter_map(|named| texts.words(named.0).map(|text| (named, text)));
    let all = all.collect();
    texts.finish();
    all
}

/// Options as a table (`yes = "Yes"`), a list of texts, or a list of tables.
pub(super) fn written_out<'a>(value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<At<Vec<Choice>>> {
    let all = match value.get_ref() {
        DeValue::Table(_) => Table::from(value, "`options`", sink)?
            .all()
            .filter_map(|(name, value)| of_table(name, value, sink))
            .collect(),
        DeValue::Array(all) => all.iter().filter_map(|one| of_list(one, sink)).collect(),
        other => {
            let wanted = "a table { value = \"Label\" } or a list";
            sink.push(wrong_type(&value.span(), "`options`", wanted, other));
            Vec::new()
        }
    };
    Some(At {
        value: all,
        span: value.span(),
    })
}

fn of_table<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Choice> {
    if let DeValue::Table(_) = value.get_ref() {
        let mut table = Table::from(value, "an option", sink)?;
        let choice = long_form(name, &mut table);
        table.finish();
        return Some(choice);
    }
    let label = words(value, "the label of an option", sink);
    Some(Choice {
        value: name,
        label: Some(label),
        hint: None,
        exclusive: None,
        when: None,
        outward: None,
    })
}

fn of_list<'a>(value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Choice> {
    if let DeValue::String(_) = value.get_ref() {
        let label = words(value, "an option", sink);
        let code = At {
            value: code_of(&label.value),
            span: label.span.clone(),
        };
        return Some(Choice {
            value: code,
            label: Some(label),
            hint: None,
            exclusive: None,
            when: None,
            outward: None,
        });
    }
    let mut table = Table::from(value, "an option", sink)?;
    let code = table.text("value");
    let mut choice = long_form(
        At {
            value: String::new(),
            span: value.span(),
        },
        &mut table,
    );
    table.finish();
    match (code, &choice.label) {
        (Some(code), _) => choice.value = code,
        (None, Some(label)) => choice.value.value = code_of(&label.value),
        (None, None) => {}
    }
    Some(choice)
}

fn long_form(value: At<String>, table: &mut Table<'_>) -> Choice {
    Choice {
        value,
        label: table.words("label"),
        hint: table.words("hint"),
        exclusive: table.flag("exclusive"),
        when: table.text("when"),
        outward: table.text("as"),
    }
}

/// The value of an option that has only a label: "Northern Ireland" is `northern-ireland`.
pub(super) fn code_of(label: &str) -> String {
    let mut code = String::with_capacity(label.len());
    for c in label.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            code.push(c);
        } else if !code.is_empty() && !code.ends_with('-') {
            code.push('-');
        }
    }
    code.trim_end_matches('-').to_owned()
}
