//! From the file to walks.
//!
//! Owns the tables and keys. Must not know what values callees may save (`values`).

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::values;
use super::{Act, Step, Walk, Walks};
use crate::flow::{At, Diagnostic, Flow, Scalar, Sink, Table, did_you_mean, label_name, parse, wrong_type};
use crate::limits::{WALK_STEPS, WALKS};
use crate::rehearse::callees::Parts;
use crate::rehearse::page::Filling;

pub(super) fn walks(source: &str, flow: &Flow) -> Result<Walks, Vec<Diagnostic>> {
    let sink = Sink::default();
    let walks = parse(source, &sink).map(|root| Reader { flow, sink: &sink }.file(root.get_ref()));
    match walks {
        Some(walks) if !sink.failed() => Ok(walks),
        _ => Err(sink.sorted()),
    }
}

/// What the readers of all tables need.
pub(super) struct Reader<'a> {
    pub(super) flow: &'a Flow,
    pub(super) sink: &'a Sink,
}

impl<'a> Reader<'a> {
    fn file(&self, root: &'a DeTable<'a>) -> Walks {
        let mut table = Table::of(root, "a file of walks", self.sink);
        let today = self.today(&mut table);
        let effects = self.effects(&mut table);
        let mut walks = Vec::new();
        if let Some(all) = table.table("walks", "the list of walks") {
            for (name, value) in all.all() {
                if walks.len() == WALKS {
                    let message = format!("a file has at most {WALKS} walks");
                    self.sink.push(Diagnostic::error("too-many", &name.span, message));
                    break;
                }
                walks.extend(self.walk(&name, value, today, &effects));
            }
        }
        table.finish();
        if walks.is_empty() && !self.sink.failed() {
            let help = "[walks.straight]\nsteps = [{ press = \"start\" }]";
            let fault = Diagnostic::error("no-walks", &(0..0), "this file has no walks");
            self.sink.push(fault.help(help));
        }
        Walks { walks }
    }

    fn walk(
        &self,
        name: &At<String>,
        value: &'a Spanned<DeValue<'a>>,
        today: Option<Date>,
        common: &Parts,
    ) -> Option<Walk> {
        // It becomes a part of the name of a file, too.
        label_name("a walk", name, self.sink);
        let mut table = Table::from(value, format!("the walk `{}`", name.value), self.sink)?;
        let about = table.text("about").map(|about| about.value);
        let own_day = self.today(&mut table);
        let mut effects = common.clone();
        effects.extend(self.effects(&mut table));
        let end = table.text("end");
        if let Some(end) = &end {
            self.outcome(end);
        }
        let steps = if let Some(value) = table.value("steps") {
            self.steps(value)
        } else {
            let message = format!("the walk `{}` has no steps", name.value);
            let fault = Diagnostic::error("missing-key", &name.span, message);
            self.sink
                .push(fault.help("steps = [{ press = \"start\", screen = \"...\" }]"));
            Vec::new()
        };
        table.finish();
        Some(Walk {
            name: name.value.clone(),
            about,
            today: own_day.or(today),
            effects,
            steps,
            end,
        })
    }

    fn steps(&self, value: &'a Spanned<DeValue<'a>>) -> Vec<Step> {
        let DeValue::Array(all) = value.get_ref() else {
            let fault = wrong_type(
                &value.span(),
                "`steps`",
                "a list of steps [{ ... }, { ... }]",
                value.get_ref(),
            );
            self.sink.push(fault);
            return Vec::new();
        };
        if all.len() > WALK_STEPS {
            let message = format!("a walk has at most {WALK_STEPS} steps");
            self.sink.push(Diagnostic::error("too-many", &value.span(), message));
        }
        all.iter().take(WALK_STEPS).filter_map(|one| self.step(one)).collect()
    }

    fn step(&self, value: &'a Spanned<DeValue<'a>>) -> Option<Step> {
        let mut table = Table::from(value, "a step", self.sink)?;
        let fill = self.fill(&mut table);
        let press = table.text("press");
        let follow = table.text("follow");
        let back = table.flag("come-back");
        let language = table.text("language");
        if let Some(language) = &language {
            self.language(language);
        }
        let mut acts: Vec<Act> = Vec::new();
        acts.extend(press.map(Act::Press));
        acts.extend(follow.map(Act::Follow));
        acts.extend(language.map(Act::Read));
        if let Some(Act::Press(other) | Act::Follow(other) | Act::Read(other)) = acts.get(1) {
            self.sink.push(
                Diagnostic::error(
                    "two-acts",
                    &other.span,
                    "a step presses a button, follows a link or reads in another language, not two of these",
                )
                .help("make two steps of it"),
            );
        }
        let act = match acts.into_iter().next() {
            Some(act) => act,
            None if back.is_some_and(|back| back.value) => Act::Return,
            None => Act::Look,
        };
        let screen = table.text("screen");
        if let Some(screen) = &screen {
            self.screen(screen);
        }
        let see = table.texts("see");
        let unseen = table.texts("unseen");
        let holds = self.holds(&mut table);
        table.finish();
        Some(Step {
            span: value.span(),
            fill,
            act,
            screen,
            see,
            unseen,
            holds,
        })
    }

    fn fill(&self, table: &mut Table<'a>) -> Vec<(At<String>, Filling)> {
        let Some(fill) = table.table("fill", "`fill`") else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (name, value) in fill.all() {
            self.field(&name);
            let filling = match value.get_ref() {
                DeValue::Boolean(flag) => Filling::Flag(*flag),
                DeValue::Array(_) => Filling::List(
                    plain_list(value, &name.value, self.sink)
                        .into_iter()
                        .map(|one| one.value)
                        .collect(),
                ),
                _ => {
                    let Some(text) = plain(value) else {
                        let what = format!("what is filled into `{}`", name.value);
                        let wanted = "a text, a number, a day, true or false, or a list of choices";
                        self.sink
                            .push(wrong_type(&value.span(), &what, wanted, value.get_ref()));
                        continue;
                    };
                    Filling::Text(text)
                }
            };
            self.choices(&name, &filling, value);
            found.push((name, filling));
        }
        found
    }

    fn holds(&self, table: &mut Table<'a>) -> Vec<(At<String>, String)> {
        let Some(holds) = table.table("holds", "`holds`") else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (name, value) in holds.all() {
            self.field(&name);
            let text = match value.get_ref() {
                DeValue::Boolean(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
                DeValue::Array(_) => {
                    let all = plain_list(value, &name.value, self.sink);
                    let all: Vec<_> = all.into_iter().map(|one| one.value).collect();
                    Some(all.join(","))
                }
                _ => plain(value),
            };
            match text {
                Some(text) => found.push((name, text)),
                None => self.sink.push(wrong_type(
                    &value.span(),
                    &format!("what `{}` holds", name.value),
                    "a text",
                    value.get_ref(),
                )),
            }
        }
        found
    }

    fn today(&self, table: &mut Table<'a>) -> Option<Date> {
        let today = table.scalar("today")?;
        let text = match &today.value {
            Scalar::When(text) | Scalar::Text(text) => text.as_str(),
            _ => "",
        };
        let day = text.parse().ok();
        if day.is_none() {
            let fault = Diagnostic::error("wrong-type", &today.span, "`today` must be a day");
            self.sink.push(fault.help("today = 2026-11-27"));
        }
        day
    }

    fn effects(&self, table: &mut Table<'a>) -> Parts {
        let Some(effects) = table.table("effects", "the list of effects") else {
            return Parts::new();
        };
        effects
            .all()
            .filter_map(|(name, value)| Some((name.value.clone(), values::parts(self, &name, value)?)))
            .collect()
    }

    /// A field of the flow, or a box of one.
    fn field(&self, name: &At<String>) {
        let fields = || self.flow.screens.iter().flat_map(crate::flow::Screen::asked);
        let boxes = || fields().flat_map(crate::flow::Field::inputs);
        if fields().any(|field| field.name == name.value) || boxes().any(|input| input == name.value) {
            return;
        }
        let known: Vec<_> = fields().map(|field| field.name.as_str()).collect();
        let message = format!("the flow has no field `{}`", name.value);
        self.sink.push(
            Diagnostic::error("unknown-field", &name.span, message)
                .label("unknown")
                .help(near(&name.value, &known)),
        );
    }

    /// Values of a choice that is in the definition; a wrong one may be meant where it is no choice.
    fn choices(&self, name: &At<String>, filling: &Filling, value: &Spanned<DeValue<'_>>) {
        let mut fields = self.flow.screens.iter().flat_map(crate::flow::Screen::asked);
        let Some(field) = fields.find(|field| field.name == name.value) else {
            return;
        };
        let known: Vec<_> = field.options().iter().map(|option| option.value.as_str()).collect();
        if known.is_empty() {
            return;
        }
        let wanted = match filling {
            Filling::Text(text) if text.is_empty() => Vec::new(),
            Filling::Text(text) => vec![text.clone()],
            Filling::List(all) => all.clone(),
            Filling::Flag(_) => Vec::new(),
        };
        for strange in wanted.iter().filter(|one| !known.contains(&one.as_str())) {
            let message = format!("`{}` has no choice `{strange}`", name.value);
            self.sink.push(
                Diagnostic::error("unknown-choice", &value.span(), message)
                    .label("unknown")
                    .help(near(strange, &known)),
            );
        }
    }

    fn screen(&self, screen: &At<String>) {
        if self.flow.number(&screen.value).is_some() {
            return;
        }
        let known: Vec<_> = self.flow.screens.iter().map(|one| one.name.as_str()).collect();
        self.sink.push(
            Diagnostic::error(
                "unknown-screen",
                &screen.span,
                format!("the flow has no screen `{}`", screen.value),
            )
            .label("unknown")
            .help(near(&screen.value, &known)),
        );
    }

    /// A language of the flow.
    fn language(&self, language: &At<String>) {
        let known: Vec<_> = self.flow.languages.iter().map(String::as_str).collect();
        if known.contains(&language.value.as_str()) {
            return;
        }
        let message = format!("the flow is not in the language `{}`", language.value);
        let fault = Diagnostic::error("unknown-language", &language.span, message);
        self.sink
            .push(fault.label("unknown").help(near(&language.value, &known)));
    }

    /// An outcome of an end screen, or of a session that was given up.
    fn outcome(&self, end: &At<String>) {
        let ends = self.flow.screens.iter().filter_map(|screen| screen.end.as_deref());
        let known: Vec<_> = ends.chain(["cancelled"]).collect();
        if known.contains(&end.value.as_str()) {
            return;
        }
        self.sink.push(
            Diagnostic::error("unknown-end", &end.span, format!("the flow has no end `{}`", end.value))
                .label("unknown")
                .help(near(&end.value, &known)),
        );
    }
}

/// "did you mean ...?", else all that there is.
pub(super) fn near(wrong: &str, known: &[&str]) -> String {
    did_you_mean(wrong, known.iter().copied()).unwrap_or_else(|| format!("there is: {}", known.join(", ")))
}

/// A literal as it would be typed.
fn plain(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Datetime(when) if when.time.is_none() || when.date.is_none() => Some(when.to_string()),
        _ => None,
    }
}

fn plain_list(value: &Spanned<DeValue<'_>>, name: &str, sink: &Sink) -> Vec<At<String>> {
    let DeValue::Array(all) = value.get_ref() else {
        return Vec::new();
    };
    let what = format!("each of `{name}`");
    all.iter().map(|one| crate::flow::quoted(one, &what, sink)).collect()
}
