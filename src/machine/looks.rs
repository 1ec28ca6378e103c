//! Look-ups: what hangs on what they bring, and what of it a session holds.
//!
//! Owns the names that a screen reads. Must not know when one is asked for (`ask`), what of it is
//! remembered (`recalled`) or where a session goes on (`path`).

use std::collections::BTreeSet;

use super::asked::{Purpose, Stage};
use super::{Place, Session, absent};
use crate::flow::{
    Action, Block, Effect, Expr, Field, Flow, Head, Item, Means, Screen, Sent, Summary, Text, Value, Values,
};

/// Names of answers, of what effects save, and of computed values.
pub(super) type Names<'a> = BTreeSet<&'a str>;

/// Whether any screen looks something up.
pub(super) fn any(flow: &Flow) -> bool {
    flow.screens.iter().any(|screen| !screen.load.is_empty())
}

/// Whether a look-up saves under this name.
pub(super) fn looked(flow: &Flow, name: &str) -> bool {
    let mut looks = flow.effects.iter().filter(|effect| effect.safe);
    looks.any(|effect| effect.save.iter().any(|saved| saved.name == name))
}

/// Adds what the computed values among `names` read.
pub(super) fn with_computed<'a>(flow: &'a Flow, mut names: Names<'a>) -> Names<'a> {
    loop {
        let known = names.len();
        let fields = flow.screens.iter().flat_map(Screen::fields);
        for field in fields {
            if let Some(value) = field.computed()
                && names.contains(field.name.as_str())
            {
                names.extend(value.reads().iter().map(String::as_str));
            }
        }
        // Of a list every part of its items.
        for strand in &flow.strands {
            if let Some(list) = strand.list().filter(|_| names.contains(strand.name.as_str())) {
                names.extend(list.names.iter().map(String::as_str));
            }
        }
        if names.len() == known {
            return names;
        }
    }
}

/// Whether anything was given of what a text reads, by way of computed values and of items too.
pub(crate) fn is_begun(flow: &Flow, text: &Text, values: &Values) -> bool {
    let mut names: Names<'_> = text.reads().iter().map(String::as_str).collect();
    names.extend(text.cells());
    let names = read_by(flow, names, Vec::new());
    let computed = |name: &str| {
        let mut fields = flow.screens.iter().flat_map(Screen::fields);
        fields.any(|field| field.name == name && !field.is_asked())
    };
    names
        .iter()
        .any(|name| !computed(name) && is_given(values.get(*name), &names))
}

/// Whether there is a value; of items, whether one of them has one of `names`.
fn is_given(value: Option<&Value>, names: &Names<'_>) -> bool {
    let Some(rows) = value.and_then(Value::as_rows) else {
        return value.is_some();
    };
    let mut given = rows.iter().flat_map(|row| row.values.iter());
    given.any(|(name, value)| names.contains(name.as_str()) && is_given(Some(value), names))
}

fn of_text<'a>(names: &mut Names<'a>, text: Option<&'a Text>) {
    names.extend(text.into_iter().flat_map(Text::reads).map(String::as_str));
}

fn of_expr<'a>(names: &mut Names<'a>, expr: Option<&'a Expr>) {
    names.extend(expr.into_iter().flat_map(Expr::reads).map(String::as_str));
}

/// What is named where an effect says what it sends, a mail's texts included.
pub(crate) fn sent_by(effect: &Effect) -> Names<'_> {
    let mut names = Names::new();
    for (_, part) in effect.send.iter().flatten() {
        match part {
            Sent::Value(expr) => of_expr(&mut names, Some(expr)),
            Sent::Words(text) => of_text(&mut names, Some(text)),
        }
    }
    if let Means::Email { to, subject, text, .. } = &effect.means {
        for text in [to, subject, text] {
            of_text(&mut names, Some(text));
        }
    }
    names
}

/// What an effect sends is made of these.
pub(super) fn sent_of<'a>(flow: &'a Flow, effect: &'a Effect) -> Names<'a> {
    with_computed(flow, sent_by(effect))
}

/// Whether an effect sends what is answered in a field, in words of its own, within others or by way of
/// what is computed from it.
pub(crate) fn sends(flow: &Flow, effect: &Effect, field: &Field) -> bool {
    if sends_all(effect) {
        return !field.is_secret();
    }
    told_of(flow, effect).contains(field.name.as_str())
}

/// The same as [`sent_of`], of items only what is really read of them.
pub(super) fn told_of<'a>(flow: &'a Flow, effect: &'a Effect) -> Names<'a> {
    let (mut names, mut exprs) = (Names::new(), Vec::new());
    let mut of_words = |text: &'a Text| {
        of_text(&mut names, Some(text));
        names.extend(text.cells());
    };
    for (_, part) in effect.send.iter().flatten() {
        match part {
            Sent::Value(expr) => exprs.push(expr),
            Sent::Words(text) => of_words(text),
        }
    }
    if let Means::Email { to, subject, text, .. } = &effect.means {
        [to, subject, text].into_iter().for_each(of_words);
    }
    read_by(flow, names, exprs)
}

/// What decides where an action leads, of items only what is read of them.
pub(super) fn decide<'a>(flow: &'a Flow, action: &'a Action) -> Names<'a> {
    read_by(flow, Names::new(), ways_of(flow, action))
}

/// Adds to `names` what expressions read, also by way of computed values. A list that is read for one field of
/// its items has not been read for the others.
fn read_by<'a>(flow: &'a Flow, mut names: Names<'a>, mut exprs: Vec<&'a Expr>) -> Names<'a> {
    let mut computed = Names::new();
    loop {
        for expr in std::mem::take(&mut exprs) {
            names.extend(expr.reads().iter().map(String::as_str));
            names.extend(expr.cells());
            whole(flow, expr.list(), &mut names);
        }
        for field in flow.screens.iter().flat_map(Screen::fields) {
            let name = field.name.as_str();
            if let Some(value) = field.computed()
                && names.contains(name)
                && computed.insert(name)
            {
                exprs.push(value);
            }
        }
        if exprs.is_empty() {
            return names;
        }
    }
}

/// Adds all that the items of a list have, the lists in it too.
fn whole<'a>(flow: &'a Flow, list: Option<&str>, names: &mut Names<'a>) {
    let lists = flow.strands.iter().filter(|strand| Some(strand.name.as_str()) == list);
    for own in lists.filter_map(|strand| strand.list()) {
        for name in &own.names {
            names.insert(name);
            whole(flow, Some(name), names);
        }
    }
}

/// Whether it sends every answer that counts: it does not say which. A mail sends its words.
pub(super) fn sends_all(effect: &Effect) -> bool {
    effect.send.is_none() && !matches!(effect.means, Means::Email { .. })
}

/// What the validity of a field's answer hangs on.
pub(super) fn checks_of<'a>(flow: &'a Flow, field: &'a Field) -> Names<'a> {
    let mut names = Names::new();
    of_expr(&mut names, field.when.as_ref().map(|when| &when.guard));
    for bound in field.bounds() {
        of_expr(&mut names, Some(bound));
    }
    for option in field.options() {
        of_expr(&mut names, option.when.as_ref());
    }
    names.extend(field.list());
    with_computed(flow, names)
}

/// What decides where an action leads: whether screens behind it are there, too.
pub(super) fn way_of<'a>(flow: &'a Flow, action: &'a Action) -> Names<'a> {
    let mut names = Names::new();
    for expr in ways_of(flow, action) {
        of_expr(&mut names, Some(expr));
    }
    with_computed(flow, names)
}

fn ways_of<'a>(flow: &'a Flow, action: &'a Action) -> Vec<&'a Expr> {
    let branches = action.branches.iter().map(|branch| branch.when.as_ref());
    let behind = absent::behind(flow, action).flat_map(|screen| {
        let past = absent::past(screen).iter().map(|branch| branch.when.as_ref());
        std::iter::once(screen.when.as_ref()).chain(past)
    });
    let all = std::iter::once(action.when.as_ref()).chain(branches).chain(behind);
    all.flatten().collect()
}

/// What an action sends out.
pub(super) fn sends_of<'a>(flow: &'a Flow, action: &'a Action) -> Names<'a> {
    let call = action.call.iter().map(|call| &call.effect);
    let effects = call.chain(&action.tells).filter_map(|name| flow.effect(name));
    effects.flat_map(|effect| sent_of(flow, effect)).collect()
}

/// What the answer of a whole screen hangs on, beside what leads on from it.
pub(super) fn answer_of<'a>(flow: &'a Flow, screen: &'a Screen) -> Names<'a> {
    let mut names = Names::new();
    for field in screen.asked() {
        names.extend(checks_of(flow, field));
    }
    for rule in &screen.rules {
        of_expr(&mut names, Some(&rule.check));
    }
    with_computed(flow, names)
}

/// What the texts of a screen's page read and what is computed on it, its actions' labels and guards and
/// its section's total included, and not what is asked on it.
pub(super) fn texts_of<'a>(flow: &'a Flow, screen: &'a Screen) -> Names<'a> {
    let mut names = own_texts_of(screen);
    let section = screen.within.and_then(|number| flow.section(number));
    of_text(&mut names, section.and_then(|section| section.total.as_ref()));
    names
}

fn own_texts_of(screen: &Screen) -> Names<'_> {
    let mut names = Names::new();
    of_text(&mut names, screen.title.as_ref());
    of_text(&mut names, screen.body.as_ref());
    for item in &screen.items {
        match item {
            Item::Field(field) => of_field(&mut names, field),
            Item::Block(block) => of_block(&mut names, block),
        }
    }
    for action in &screen.actions {
        of_text(&mut names, Some(&action.label));
        of_expr(&mut names, action.when.as_ref());
    }
    if let Some(summary) = &screen.summary {
        of_summary(&mut names, summary);
    }
    names
}

fn of_block<'a>(names: &mut Names<'a>, block: &'a Block) {
    of_text(names, block.summary.as_ref());
    of_text(names, Some(&block.body));
    of_expr(names, block.when.as_ref().map(|when| &when.guard));
}

fn of_field<'a>(names: &mut Names<'a>, field: &'a Field) {
    of_text(names, Some(&field.label));
    of_text(names, field.short.as_ref());
    of_text(names, field.hint.as_ref());
    of_expr(names, field.when.as_ref().map(|when| &when.guard));
    if !field.is_asked() && field.is_shown() {
        names.insert(&field.name);
    }
    for option in field.options() {
        of_text(names, Some(&option.label));
        of_text(names, option.hint.as_ref());
        of_expr(names, option.when.as_ref());
    }
}

/// Whether a done effect that was not taken back sent what stands in a field.
pub(super) fn holds(flow: &Flow, session: &Session, field: &str) -> bool {
    session.asked.iter().any(|asked| {
        let done = asked.purpose == Purpose::Do && matches!(asked.stage, Stage::Done { .. });
        done && !session.is_undone(asked.number)
            && flow.effect(&asked.effect).is_some_and(|effect| match &effect.send {
                None => asked.sent.iter().any(|(name, _)| name == field),
                Some(_) => sent_of(flow, effect).contains(field),
            })
    })
}

/// The answers that were picked from a list, each with its field, counting or not.
pub(super) fn picked<'a>(
    flow: &'a Flow,
    session: &'a Session,
    list: &str,
) -> impl Iterator<Item = (&'a Field, &'a str)> {
    let picks = flow.screens.iter().flat_map(move |screen| {
        let fields = screen.asked().filter(move |field| field.list() == Some(list));
        fields.map(move |field| (screen, field))
    });
    picks.filter_map(|(screen, field)| {
        let answer = session.answers.get(&Place::of(&screen.name))?;
        Some((field, answer.fields.get(&field.name)?.as_text()?))
    })
}

/// The answers that were picked from a list and that this session holds.
pub(super) fn held(flow: &Flow, session: &Session, list: &str) -> BTreeSet<String> {
    let held = picked(flow, session, list).filter(|(field, _)| holds(flow, session, &field.name));
    held.map(|(_, value)| value.to_owned()).collect()
}

/// What a review shows of a screen. Of what this session holds the words are known.
pub(super) fn row_of<'a>(flow: &Flow, session: &Session, screen: &'a Screen) -> Names<'a> {
    let mut names = row_texts_of(screen);
    for field in screen.asked() {
        if let Some(list) = field.list()
            && !holds(flow, session, &field.name)
        {
            names.insert(list);
        }
    }
    names
}

/// What a summary says; whose answers it shows is `reviewed`'s.
fn of_summary<'a>(names: &mut Names<'a>, summary: &'a Summary) {
    of_expr(names, summary.total.as_ref());
    of_text(names, summary.label.as_ref());
}

/// What the heads of a screen's answers read, and what is computed on it.
pub(super) fn row_texts_of(screen: &Screen) -> Names<'_> {
    let mut names = Names::new();
    of_text(&mut names, screen.section.as_ref().and_then(Head::words));
    for field in screen.fields() {
        of_text(&mut names, Some(field.key()));
        if !field.is_asked() && field.is_shown() {
            names.insert(&field.name);
        }
    }
    names
}
