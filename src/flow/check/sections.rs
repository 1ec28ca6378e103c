//! Sections, reviews of some of them, and summaries.
//!
//! Owns which section a screen is of, and what is wrong with their names. Must not know pages.

use std::collections::BTreeSet;

use super::super::diagnostic::{Diagnostic, Sink, did_you_mean};
use super::super::source::{At, File, Screen as Written};
use super::super::{Head, Section, Summary, Text, Type, Types};
use super::{Checker, Place, hyphened, label_name};

/// The sections of the flow.
pub(super) fn build(checker: &Checker<'_>, file: &File) -> Vec<Section> {
    let mut numbers = 1..;
    let numbered = file.sections.iter().enumerate();
    let section = |(n, written): (usize, &super::source::Section)| {
        let screens = 0..file.screens.len();
        let own = screens.filter(|screen| number_within(checker, file, *screen) == Some(n));
        let mut places: Vec<_> = own.map(|screen| Place::shown(screen).so_far()).collect();
        if places.is_empty() {
            places.push(Place::shown(0).so_far());
        }
        let text = |text: &At<String>| {
            empty(checker, text);
            checker.text_read_at(&places, text, true)
        };
        Section {
            name: written.name.value.clone(),
            title: written.title.as_ref().map_or_else(|| Text::fixed(""), text),
            total: written.total.as_ref().map(text),
            number: written.numbered.then(|| numbers.next()).flatten(),
        }
    };
    numbered.map(section).collect()
}

fn empty(checker: &Checker<'_>, text: &At<String>) {
    if text.value.trim().is_empty() {
        checker
            .sink
            .push(Diagnostic::error("empty-text", &text.span, "this says nothing").label("empty"));
    }
}

/// What is wrong with the names of sections.
pub(super) fn check(file: &File, judge: &Sink) {
    for section in &file.sections {
        label_name("a section", &section.name, judge);
        if section.title.is_none() {
            let message = format!("section `{}` needs a `title`", section.name.value);
            let fault = Diagnostic::error("missing-key", &section.name.span, message);
            judge.push(fault.help("add title = \"Your income\": it heads the answers in a review"));
        }
    }
    let used = || file.screens.iter().flat_map(heads);
    for head in used().filter(|head| !file.sections.is_empty() && hyphened(&head.value)) {
        known(file, head, judge);
    }
    for named in file.screens.iter().flat_map(|screen| &screen.reviews) {
        known(file, named, judge);
    }
    let used: BTreeSet<&str> = used().map(|head| head.value.as_str()).collect();
    for section in file
        .sections
        .iter()
        .filter(|section| !used.contains(section.name.value.as_str()))
    {
        let message = format!("no screen is of section `{}`", section.name.value);
        let warning = Diagnostic::warning("unused-section", &section.name.span, message).label("not used");
        let help = format!(
            "write section = \"{}\" on its screens, or take it out",
            section.name.value
        );
        judge.push(warning.help(help));
    }
}

fn heads(screen: &Written) -> impl Iterator<Item = &At<String>> {
    let tasks = screen.tasks.iter().filter_map(|task| task.section.as_ref());
    screen.section.iter().chain(tasks)
}

fn known(file: &File, head: &At<String>, judge: &Sink) {
    if number(file, head).is_none() {
        let all = file.sections.iter().map(|section| section.name.value.as_str());
        let help =
            did_you_mean(&head.value, all).unwrap_or_else(|| format!("add [sections.{}] with a title", head.value));
        let message = format!("there is no section `{}`", head.value);
        judge.push(
            Diagnostic::error("unknown-section", &head.span, message)
                .label("not in [sections]")
                .help(help),
        );
    }
}

fn number(file: &File, named: &At<String>) -> Option<usize> {
    file.sections
        .iter()
        .position(|section| section.name.value == named.value)
}

/// What heads the answers of a screen, or a task.
pub(super) fn head(checker: &Checker<'_>, file: &File, at: Place<'_>, written: Option<&At<String>>) -> Option<Head> {
    let written = written?;
    let named = number(file, written).and_then(|number| u16::try_from(number).ok());
    Some(named.map_or_else(|| Head::Words(checker.naming(at, written)), Head::Section))
}

/// The number of the section that a screen is of.
pub(super) fn within(checker: &Checker<'_>, file: &File, screen: usize) -> Option<u16> {
    u16::try_from(number_within(checker, file, screen)?).ok()
}

/// Its own, else that of the task or the list that it is of.
fn number_within(checker: &Checker<'_>, file: &File, screen: usize) -> Option<usize> {
    let own = |screen: usize| file.screens.get(screen)?.section.as_ref();
    if let Some(head) = own(screen) {
        return number(file, head);
    }
    for strand in checker.layout.around(screen) {
        let hung = checker.layout.strands.get(strand)?;
        let task = hung.task.and_then(|task| task.section.as_ref());
        if let Some(head) = task.or_else(|| own(hung.host)) {
            return number(file, head);
        }
    }
    None
}

/// The sections that a review is of.
pub(super) fn reviewed(file: &File, screen: &Written) -> Vec<u16> {
    let named = screen.reviews.iter().filter_map(|named| number(file, named));
    named.filter_map(|number| u16::try_from(number).ok()).collect()
}

/// What a screen sums up.
pub(super) fn summary(checker: &Checker<'_>, at: Place<'_>, screen: &Written) -> Option<Summary> {
    let written = screen.summary.as_ref()?;
    let fault = |code, message: &str, help: &str| {
        checker
            .sink
            .push(Diagnostic::error(code, &written.span, message).help(help));
    };
    if written.fields.is_empty() {
        let help = "name the questions whose answers it shows: fields = [\"rent\", \"food\"]";
        fault("missing-key", "a summary needs `fields`", help);
    }
    if screen.review || screen.end.is_some() || !screen.tasks.is_empty() {
        let help = "put it on a screen of its own, before this one";
        fault(
            "misplaced-summary",
            "a summary stands on no review, task list or end",
            help,
        );
    }
    if written.label.is_some() && written.total.is_none() {
        fault(
            "missing-key",
            "`label` names a total, and there is none",
            "add total = \"rent + food\", or take `label` out",
        );
    }
    let types = checker.types_at(&[at]);
    let fields = written
        .fields
        .iter()
        .filter_map(|field| shown(checker, at, &types, field));
    let fields = fields.collect();
    let total = written.total.as_ref().and_then(|total| checker.any_expr(at, total));
    if let (Some(expr), Some(total)) = (&total, &written.total)
        && !matches!(expr.result(), Type::Number | Type::Money(_))
    {
        let found = expr.result();
        let message = format!("a total must be a number or an amount of money, but this is {found}");
        checker
            .sink
            .push(Diagnostic::error("wrong-type", &total.span, message).label(format!("{found}")));
    }
    Some(Summary {
        fields,
        total,
        label: written.label.as_ref().map(|label| checker.naming(at, label)),
    })
}

/// The question of that name, or of a list's column.
fn shown(checker: &Checker<'_>, at: Place<'_>, types: &Types, written: &At<String>) -> Option<String> {
    let name = written.value.as_str();
    if let Some(found) = field(types, name).filter(|found| checker.homes.contains_key(found.as_str())) {
        if found == name {
            checker.reads(at, written);
        }
        return Some(found);
    }
    let known = checker.homes.keys().copied().filter(|known| types.contains_key(*known));
    let near = did_you_mean(name, known.filter(|known| *known != name));
    let help = near.unwrap_or_else(|| "name a question, or one of a list's items as in \"people.pay\"".to_owned());
    let message = format!("there is no question `{name}` whose answer could be shown here");
    checker.sink.push(
        Diagnostic::error("unknown-field", &written.span, message)
            .label("unknown")
            .help(help),
    );
    None
}

fn field(types: &Types, name: &str) -> Option<String> {
    if let Some(declared) = types.get(name) {
        let whole = declared.whole.as_deref().unwrap_or(name);
        return declared.columns.is_none().then(|| whole.to_owned());
    }
    name.match_indices('.').find_map(|(dot, _)| {
        let (list, column) = name.split_at(dot);
        let columns = types.get(list)?.columns.as_ref()?;
        field(columns, column.strip_prefix('.')?)
    })
}
