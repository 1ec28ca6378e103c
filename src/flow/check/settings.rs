//! The settings of the flow as a whole, and how large it may be.
//!
//! Owns title, language, time zone, lifetimes and the counts of the limits table. Must not know
//! the screens' contents.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, SpanRelativeTo};

use super::super::diagnostic::{Diagnostic, Sink, did_you_mean};
use super::super::source::{At, Effect, File, Screen, Span};
use super::super::{Changes, Limits};
use super::fields_of;
use crate::limits;
use crate::words::Vocabulary;

/// The title, and the counts of the limits table: `false` where the definition is too large for
/// the other checks.
pub(super) fn sizes(file: &File, sink: &Sink) -> bool {
    match &file.title {
        Some(title) if !title.value.trim().is_empty() => {}
        title => sink.push(
            Diagnostic::error(
                "missing-key",
                title.as_ref().map_or(&file.head, |title| &title.span),
                "a definition needs a `title`",
            )
            .help("add title = \"Renew a passport\" above the first screen"),
        ),
    }
    if file.screens.is_empty() {
        sink.push(
            Diagnostic::error("no-screens", &file.head, "there are no screens")
                .help("add [screens.NAME], with a title, fields and actions"),
        );
    }
    let fields = file.screens.iter().flat_map(fields_of).count();
    let mut fits = fits(sink, &file.head, "screens", file.screens.len(), limits::SCREENS)
        & fits(sink, &file.head, "fields", fields, limits::FIELDS)
        & fits(sink, &file.head, "effects", file.effects.len(), limits::EFFECTS);
    for screen in &file.screens {
        fits &= sizes_of(screen, sink);
    }
    for effect in &file.effects {
        fits &= entries_of(effect, sink);
    }
    fits
}

fn entries_of(effect: &Effect, sink: &Sink) -> bool {
    let here = |what, count| fits(sink, &effect.name.span, what, count, limits::ENTRIES);
    here("words of `run`", effect.run.len())
        & here("entries of `send`", effect.send.as_ref().map_or(0, Vec::len))
        & here("entries of `save`", effect.save.len())
        & here("entries of `headers`", effect.headers.len())
        & here("entries of `env`", effect.env.len())
        & here("hosts", effect.hand_off.as_ref().map_or(0, |off| off.hosts.len()))
}

fn sizes_of(screen: &Screen, sink: &Sink) -> bool {
    let here = |what, count, most| fits(sink, &screen.name.span, what, count, most);
    let mut all = here("fields and blocks", screen.items.len(), limits::ITEMS)
        & here("actions", screen.actions.len(), limits::ACTIONS)
        & here("rules", screen.rules.len(), limits::RULES)
        & here("look-ups", screen.load.len(), limits::CALLS);
    for action in &screen.actions {
        all &= fits(
            sink,
            &action.name.span,
            "branches",
            action.branches.len(),
            limits::BRANCHES,
        ) & fits(sink, &action.name.span, "calls", action.call.len(), limits::CALLS);
    }
    for field in fields_of(screen) {
        let options = field.options.as_ref().map_or(0, |options| options.value.len());
        all &= fits(sink, &field.name.span, "options", options, limits::OPTIONS);
    }
    all
}

fn fits(sink: &Sink, span: &Span, what: &str, count: usize, most: usize) -> bool {
    if count > most {
        sink.push(
            Diagnostic::error(
                "too-many",
                span,
                format!("{count} {what} are more than the {most} that are possible"),
            )
            .help("split it"),
        );
    }
    count <= most
}

/// How long sessions live.
pub(super) fn limits(file: &File, sink: &Sink) -> Limits {
    let day = SignedDuration::from_hours(24);
    let minute = SignedDuration::from_mins(1);
    let most_total = day * i32::try_from(limits::TOTAL_DAYS).unwrap_or(366);
    let most_keep = day * i32::try_from(limits::KEEP_DAYS).unwrap_or(366);
    let total = lifetime(file.lasts.total.as_ref(), minute..=most_total, sink).unwrap_or(day * 7);
    let keep = lifetime(file.lasts.keep.as_ref(), SignedDuration::ZERO..=most_keep, sink).unwrap_or(day * 30);
    // A short total shortens the default idle limit; an idle limit that was written must fit.
    let idle = lifetime(file.lasts.idle.as_ref(), minute..=most_total, sink);
    if let (Some(found), Some(written)) = (idle, &file.lasts.idle)
        && found > total
    {
        sink.push(
            Diagnostic::error("limits", &written.span, "`idle` is longer than `total`")
                .label("longer than a session may live")
                .help("make `idle` the shorter one, or raise `total` (7 days if it is not given)"),
        );
    }
    let idle = idle.unwrap_or(SignedDuration::from_hours(20).min(total));
    let saved = lifetime(file.lasts.saved.as_ref(), minute..=most_total, sink).unwrap_or(day * 30);
    Limits {
        idle,
        total,
        keep,
        saved,
        save: file.lasts.save,
    }
}

/// A length of time within bounds.
pub(super) fn lifetime(
    written: Option<&At<String>>,
    range: std::ops::RangeInclusive<SignedDuration>,
    sink: &Sink,
) -> Option<SignedDuration> {
    let written = written?;
    let parsed = written.value.parse::<jiff::Span>().ok();
    // Months and years have no fixed length.
    let found = parsed.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let Some(found) = found else {
        sink.push(
            Diagnostic::error(
                "duration",
                &written.span,
                format!("`{}` is no length of time", written.value),
            )
            .label("not a length of time")
            .help("write a number and a unit, such as 90m, 2h or 7d"),
        );
        return None;
    };
    if !range.contains(&found) {
        sink.push(
            Diagnostic::error("limits", &written.span, format!("`{}` is out of bounds", written.value)).help(format!(
                "from {} to {}",
                spoken(*range.start()),
                spoken(*range.end())
            )),
        );
        return None;
    }
    Some(found)
}

/// A length of time as people write one.
fn spoken(length: SignedDuration) -> String {
    match length.as_hours() / 24 {
        0 => format!("{length:#}"),
        days => format!("{days} days"),
    }
}

/// Where `today()` is taken.
pub(crate) fn zone(written: Option<&At<String>>, sink: &Sink) -> Option<TimeZone> {
    let written = written?;
    if let Ok(zone) = TimeZone::get(&written.value) {
        return Some(zone);
    }
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let near = did_you_mean(&written.value, names.iter().map(String::as_str));
    sink.push(
        Diagnostic::error(
            "time-zone",
            &written.span,
            format!("there is no time zone `{}`", written.value),
        )
        .label("unknown")
        .help(near.unwrap_or_else(|| "write a name of the time zone database, such as Europe/London".to_owned())),
    );
    None
}

/// The language of the texts.
pub(crate) fn language(written: Option<&At<String>>, vocabulary: &Vocabulary, sink: &Sink) -> Option<String> {
    let written = written?;
    if !is_language(&written.value) {
        sink.push(
            Diagnostic::error("lang", &written.span, format!("`{}` is no language tag", written.value))
                .label("not BCP 47")
                .help("write a tag such as en, cy or pt-BR"),
        );
    } else if !vocabulary.of(&written.value).are_own() {
        let tag = &written.value;
        sink.push(
            Diagnostic::warning(
                "no-words",
                &written.span,
                format!("the program has no words in `{tag}`"),
            )
            .label("its own words will be English ones")
            .help(format!(
                "write them into site.{tag}.toml, beside the flows: `deity words {tag}` prints a file to begin with"
            )),
        );
    }
    Some(written.value.clone())
}

/// Whether that is a BCP 47 tag of a language.
pub(crate) fn is_language(tag: &str) -> bool {
    if tag.len() > 35 {
        return false;
    }
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.chars().all(|c| c.is_ascii_lowercase())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// What becomes of changes from kept pages.
pub(super) fn changes(file: &File, sink: &Sink) -> Changes {
    let Some(written) = &file.changes else {
        return Changes::default();
    };
    match written.value.as_str() {
        "amend" => Changes::Amend,
        "confirm" => Changes::Confirm,
        "refuse" => Changes::Refuse,
        _ => {
            sink.push(unknown_word("changes", written, &["amend", "confirm", "refuse"]));
            Changes::default()
        }
    }
}

/// The fault of a word that is none of `known`.
pub(super) fn unknown_word(key: &str, written: &At<String>, known: &[&str]) -> Diagnostic {
    let near = did_you_mean(&written.value, known.iter().copied());
    Diagnostic::error(
        "unknown-word",
        &written.span,
        format!("`{key}` cannot be `{}`", written.value),
    )
    .label("unknown")
    .help(near.unwrap_or_else(|| format!("it may be: {}", known.join(", "))))
}
