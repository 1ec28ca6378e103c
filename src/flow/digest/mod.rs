//! The two digests of a definition: structure and texts.
//!
//! Owns the canonical form that they are taken over: what is meant, not how it is spelt, so that
//! short and long forms, comments and the order of keys make no difference. The form has a
//! version: stored sessions name digests, so a change of the form is a new version. Must not
//! know what the parts mean.

mod sections;

use sha2::{Digest as _, Sha256};

use super::source::{Action, At, Block, Effect, Field, File, Item, Lead, Message, Scalar, Screen};
use super::{BlockKind, Changes, Digests, Effect as Checked, Limits, OptionList, OptionLists, Says, To};

/// The version of the canonical form.
const FORM: u64 = 1;

/// The digests of the definition as written, with its settings as checked.
pub(super) fn of(
    file: &File,
    lists: &OptionLists,
    start: Option<usize>,
    (limits, changes): (Limits, Changes),
    effects: &[Checked],
) -> Digests {
    let lists: Vec<&OptionList> = file
        .lists()
        .iter()
        .filter_map(|name| lists.get(name)?.as_deref().ok())
        .collect();
    Digests {
        structure: structure(file, &lists, start, (limits, changes), effects),
        texts: texts(file, &lists),
    }
}

/// What is written into a digest: every part has its length before it, so that no two different
/// lists of parts are the same bytes.
struct Canon(Sha256);

impl Canon {
    fn new(what: &str) -> Self {
        let mut canon = Self(Sha256::new());
        canon.text(what);
        canon.count(FORM);
        canon
    }

    fn count(&mut self, n: u64) {
        self.0.update(n.to_be_bytes());
    }

    fn list(&mut self, length: usize) {
        self.count(length as u64);
    }

    fn flag(&mut self, flag: bool) {
        self.count(u64::from(flag));
    }

    fn text(&mut self, text: &str) {
        self.list(text.len());
        self.0.update(text.as_bytes());
    }

    fn maybe(&mut self, text: Option<&At<String>>) {
        self.perhaps(text.map(|text| text.value.as_str()));
    }

    fn perhaps(&mut self, text: Option<&str>) {
        self.flag(text.is_some());
        if let Some(text) = text {
            self.text(text);
        }
    }

    /// An expression: spaces at its ends are spelling.
    fn expr(&mut self, expr: Option<&At<String>>) {
        self.flag(expr.is_some());
        if let Some(expr) = expr {
            self.text(expr.value.trim());
        }
    }

    fn scalar(&mut self, scalar: Option<&At<Scalar>>) {
        match scalar.map(|scalar| &scalar.value) {
            None => self.count(0),
            Some(Scalar::Number(text)) => {
                self.count(1);
                self.text(text);
            }
            Some(Scalar::Text(text)) => {
                self.count(2);
                self.text(text);
            }
            Some(Scalar::Bool(flag)) => {
                self.count(3);
                self.flag(*flag);
            }
            Some(Scalar::When(text)) => {
                self.count(4);
                self.text(text);
            }
            Some(Scalar::List(all)) => {
                self.count(5);
                self.list(all.len());
                for one in all {
                    self.text(&one.value);
                }
            }
        }
    }

    fn finish(self) -> [u8; 16] {
        let hash: [u8; 32] = self.0.finalize().into();
        hash.first_chunk().copied().unwrap_or_default()
    }
}

fn structure(
    file: &File,
    lists: &[&OptionList],
    start: Option<usize>,
    (limits, changes): (Limits, Changes),
    effects: &[Checked],
) -> [u8; 16] {
    let mut canon = Canon::new("deity structure");
    canon.text(
        start
            .and_then(|n| file.screens.get(n))
            .map_or("", |screen| &screen.name.value),
    );
    canon.text(file.time_zone.as_ref().map_or("UTC", |zone| &zone.value));
    for length in [limits.idle, limits.total, limits.keep] {
        canon.count(length.as_secs().unsigned_abs());
    }
    canon.count(match changes {
        Changes::Amend => 0,
        Changes::Confirm => 1,
        Changes::Refuse => 2,
    });
    canon.flag(file.private);
    canon.flag(file.carry.unwrap_or(true));
    canon.list(file.screens.len());
    for screen in &file.screens {
        screen_structure(&mut canon, screen);
    }
    // Only where there are any, so that what has none keeps its digest.
    if !file.effects.is_empty() {
        effects_structure(&mut canon, file, effects);
    }
    let open = |screen: &&Screen| screen.open.as_ref().is_some_and(|open| open.value);
    let open: Vec<&Screen> = file.screens.iter().filter(open).collect();
    if !open.is_empty() {
        canon.text("open ends");
        canon.list(open.len());
        for screen in open {
            canon.text(&screen.name.value);
        }
    }
    for screen in file.screens.iter().filter(|screen| screen.when.is_some()) {
        canon.text("when");
        canon.text(&screen.name.value);
        canon.expr(screen.when.as_ref());
    }
    let mut fields = file.screens.iter().flat_map(super::check::fields_of);
    if fields.any(|field| field.draws.is_some()) {
        drawn_structure(&mut canon, file, lists);
    }
    strands_structure(&mut canon, file);
    sections::structure(&mut canon, file);
    canon.finish()
}

/// The lists that fields draw from, and how.
fn drawn_structure(canon: &mut Canon, file: &File, lists: &[&OptionList]) {
    canon.text("lists");
    canon.list(lists.len());
    for list in lists {
        canon.text(&list.name);
        canon.0.update(list.structure());
    }
    for field in file.screens.iter().flat_map(super::check::fields_of) {
        if let Some(draws) = &field.draws {
            canon.text(&field.name.value);
            canon.maybe(draws.list.as_ref());
            canon.maybe(draws.from.as_ref());
            canon.expr(draws.sift.as_ref());
        }
    }
}

/// Lists, tasks and what stands in them, where there are any.
fn strands_structure(canon: &mut Canon, file: &File) {
    for screen in &file.screens {
        if let Some(within) = &screen.within {
            canon.text("in");
            canon.text(&screen.name.value);
            canon.text(&within.value);
        }
        if let Some(list) = &screen.list {
            canon.text("list");
            canon.text(&screen.name.value);
            canon.scalar(list.min.as_ref());
            canon.scalar(list.max.as_ref());
            canon.expr(list.count.as_ref());
            if let Some(each) = &list.each {
                canon.text("each");
                canon.text(&each.value);
            }
            canon.maybe(list.start.as_ref());
            later(canon, "as", list.outward.as_ref());
        }
        for task in &screen.tasks {
            canon.text("task");
            canon.text(&screen.name.value);
            canon.text(&task.name.value);
            canon.maybe(task.start.as_ref());
            names(canon, &task.needs);
            canon.expr(task.when.as_ref());
            canon.flag(task.optional);
        }
    }
}

/// The effects, and who asks for them.
fn effects_structure(canon: &mut Canon, file: &File, effects: &[Checked]) {
    canon.text("effects");
    canon.list(file.effects.len());
    for (effect, checked) in file.effects.iter().zip(effects) {
        effect_structure(canon, effect);
        let away = checked.hand_off.as_ref().map(|off| off.limit);
        for length in [Some(checked.timeout), Some(checked.retry), away].into_iter().flatten() {
            canon.count(u64::try_from(length.as_millis()).unwrap_or_default());
        }
    }
    for screen in &file.screens {
        names(canon, &screen.load);
        for field in super::check::fields_of(screen) {
            canon.maybe(field.picks.as_ref());
        }
        for action in &screen.actions {
            names(canon, &action.call);
            for lead in [&action.declined, &action.failed] {
                canon.maybe(lead.as_ref().map(|lead| &lead.to));
                canon.flag(lead.as_ref().is_some_and(Lead::undoes));
            }
        }
    }
}

fn effect_structure(canon: &mut Canon, effect: &Effect) {
    canon.text(&effect.name.value);
    for text in [
        &effect.http,
        &effect.path,
        &effect.method,
        &effect.body,
        &effect.undo,
        &effect.probe,
    ] {
        canon.maybe(text.as_ref());
    }
    names(canon, &effect.run);
    pairs(canon, &effect.headers);
    pairs(canon, &effect.env);
    canon.flag(effect.send.is_some());
    pairs(canon, effect.send.as_deref().unwrap_or_default());
    canon.flag(effect.is_safe());
    canon.flag(effect.waits());
    canon.flag(effect.email.is_some());
    canon.maybe(effect.email.as_ref().and_then(|email| email.to.as_ref()));
    canon.flag(effect.hand_off.is_some());
    if let Some(off) = &effect.hand_off {
        canon.maybe(off.page.as_ref());
        names(canon, &off.hosts);
        canon.maybe(off.secret.as_ref());
    }
    // Later keys count where they are: files without them keep the digest that they had.
    for (key, value) in [("accept", &effect.accept), ("each", &effect.each)] {
        if let Some(value) = value {
            canon.text(key);
            canon.text(&value.value);
        }
    }
    canon.list(effect.save.len());
    for saved in &effect.save {
        canon.text(&saved.name.value);
        for text in [&saved.at, &saved.kind, &saved.currency, &saved.value, &saved.label] {
            canon.maybe(text.as_ref());
        }
        canon.flag(saved.required.as_ref().is_none_or(|required| required.value));
    }
}

fn names(canon: &mut Canon, all: &[At<String>]) {
    canon.list(all.len());
    for one in all {
        canon.text(&one.value);
    }
}

fn pairs(canon: &mut Canon, all: &[(At<String>, At<String>)]) {
    canon.list(all.len());
    for (name, value) in all {
        canon.text(&name.value);
        canon.text(&value.value);
    }
}

fn screen_structure(canon: &mut Canon, screen: &Screen) {
    canon.text(&screen.name.value);
    canon.flag(screen.review);
    canon.maybe(screen.end.as_ref());
    canon.flag(screen.back.unwrap_or(true));
    // Text blocks are wording, wherever they stand.
    let fields: Vec<_> = super::check::fields_of(screen).collect();
    canon.list(fields.len());
    for field in fields {
        field_structure(canon, field);
    }
    canon.list(screen.rules.len());
    for rule in &screen.rules {
        canon.expr(rule.check.as_ref());
        canon.list(rule.fields.len());
        for field in &rule.fields {
            canon.text(&field.value);
        }
    }
    canon.list(screen.actions.len());
    for action in &screen.actions {
        action_structure(canon, action);
    }
}

fn field_structure(canon: &mut Canon, field: &Field) {
    canon.text(&field.name.value);
    canon.text(field.kind.name());
    canon.flag(field.required.as_ref().is_none_or(|required| required.value));
    canon.scalar(field.min.as_ref());
    canon.scalar(field.max.as_ref());
    canon.scalar(field.places.as_ref());
    canon.scalar(field.default.as_ref());
    canon.maybe(field.pattern.as_ref());
    canon.maybe(field.normalise.as_ref());
    canon.maybe(field.currency.as_ref());
    canon.expr(field.when.as_ref());
    canon.expr(field.value.as_ref());
    canon.flag(field.shown.unwrap_or(true));
    let options = field.options.as_ref().map_or(&[][..], |options| &options.value);
    canon.list(options.len());
    for option in options {
        canon.text(&option.value.value);
        canon.flag(option.exclusive.as_ref().is_some_and(|exclusive| exclusive.value));
        later(canon, "as", option.outward.as_ref());
        later(canon, "when", option.when.as_ref());
    }
    later(canon, "as", field.outward.as_ref());
}

fn action_structure(canon: &mut Canon, action: &Action) {
    canon.text(&action.name.value);
    canon.expr(action.when.as_ref());
    canon.flag(action.seals());
    canon.flag(action.cancels());
    canon.list(action.branches.len());
    for branch in &action.branches {
        canon.expr(branch.when.as_ref());
        canon.text(&branch.to.value);
    }
}

fn texts(file: &File, lists: &[&OptionList]) -> [u8; 16] {
    let mut canon = Canon::new("deity texts");
    canon.maybe(file.title.as_ref());
    canon.maybe(file.lang.as_ref());
    canon.list(file.screens.len());
    for screen in &file.screens {
        canon.maybe(screen.title.as_ref());
        canon.maybe(screen.body.as_ref());
        later(&mut canon, "section", screen.section.as_ref());
        if let Some(list) = &screen.list {
            later(&mut canon, "item", list.line.as_ref());
            later(&mut canon, "add", list.add.as_ref());
        }
        for task in &screen.tasks {
            later(&mut canon, "task", task.title.as_ref());
            later(&mut canon, "section", task.section.as_ref());
        }
        for set in &screen.sets {
            later(&mut canon, "together", set.legend.as_ref());
        }
        canon.list(screen.items.len());
        for item in &screen.items {
            match item {
                Item::Field(field) => field_texts(&mut canon, field),
                Item::Block(block) => block_texts(&mut canon, block),
            }
        }
        canon.list(screen.rules.len());
        for rule in &screen.rules {
            canon.maybe(rule.message.as_ref());
        }
        canon.list(screen.actions.len());
        for action in &screen.actions {
            canon.maybe(action.label.as_ref());
            canon.maybe(action.kind.as_ref());
        }
    }
    if !file.effects.is_empty() {
        canon.text("effects");
        for effect in &file.effects {
            canon.maybe(effect.label.as_ref());
            canon.maybe(effect.email.as_ref().and_then(|email| email.subject.as_ref()));
            canon.maybe(effect.email.as_ref().and_then(|email| email.text.as_ref()));
        }
    }
    for offer in file.lasts.offers() {
        canon.text(offer);
    }
    if file.says != Says::default() {
        canon.text("site");
        said(&mut canon, &file.says);
    }
    for list in lists {
        canon.text("list");
        canon.0.update(list.digest());
    }
    sections::texts(&mut canon, file);
    canon.finish()
}

fn said(canon: &mut Canon, says: &Says) {
    for text in [&says.name, &says.telephone, &says.hours] {
        canon.perhaps(text.as_deref());
    }
    canon.list(says.links.len());
    for link in &says.links {
        canon.text(&link.name);
        canon.perhaps(link.label.as_deref());
        match &link.to {
            To::Page(name) => canon.text(name),
            To::Elsewhere(address) => canon.text(address),
        }
    }
}

/// A key that came later counts where it is: files without it keep the digest that they had.
fn later(canon: &mut Canon, key: &str, text: Option<&At<String>>) {
    if let Some(text) = text {
        canon.text(key);
        canon.text(&text.value);
    }
}

fn field_texts(canon: &mut Canon, field: &Field) {
    canon.text("field");
    let (message, messages) = match &field.message {
        None => (None, &[][..]),
        Some(Message::One(text)) => (Some(text), &[][..]),
        Some(Message::Each(all)) => (None, all.as_slice()),
    };
    for text in [
        field.label.as_ref(),
        field.hint.as_ref(),
        message,
        field.unit.as_ref(),
        field.autocomplete.as_ref(),
        field.input_mode.as_ref(),
    ] {
        canon.maybe(text);
    }
    later(canon, "name", field.short.as_ref());
    let label = field.draws.as_ref().and_then(|draws| draws.label.as_ref());
    later(canon, "drawn", label);
    for ((name, _), text) in messages.iter().chain(&field.messages) {
        canon.text(name);
        canon.maybe(Some(text));
    }
    let options = field.options.as_ref().map_or(&[][..], |options| &options.value);
    canon.list(options.len());
    for option in options {
        canon.maybe(option.label.as_ref());
        canon.maybe(option.hint.as_ref());
    }
}

fn block_texts(canon: &mut Canon, block: &Block) {
    canon.text("block");
    canon.count(match block.kind {
        BlockKind::Paragraph => 0,
        BlockKind::Inset => 1,
        BlockKind::Warning => 2,
        BlockKind::Details => 3,
    });
    canon.maybe(block.summary.as_ref());
    canon.maybe(block.text.as_ref());
    canon.expr(block.when.as_ref());
}
