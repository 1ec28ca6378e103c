//! The screens of a frame, with every name in them as the whole flow has it.
//!
//! Owns which strings of a screen are texts, expressions, or names of what. Each struct is taken apart
//! whole, so that who adds a key is told by the compiler to say what it is. Must not know what names
//! come to.

use super::super::fragment::Use;
use super::super::{
    Action, At, Block, Branch, Choice, Draws, Field, Item, Lead, List, Message, Rule, Scalar, Screen, Section, Set,
    Summary, Task,
};
use super::frames::Body;
use super::rewrite::Names;
use crate::flow::Kind;
use crate::flow::diagnostic::{Diagnostic, did_you_mean};

impl Names<'_> {
    /// A screen of a frame.
    pub(super) fn screen(&self, frame: usize, screen: &mut Screen) {
        let Screen {
            name,
            title,
            body,
            section,
            items,
            rules,
            actions,
            review: _,
            reviews: _,
            summary,
            end: _,
            open: _,
            back: _,
            load: _,
            when,
            off: _,
            aside: _,
            within,
            list,
            tasks,
            uses,
            sets,
        } = screen;
        self.name(frame, name);
        self.within(frame, within);
        if let Some(list) = list {
            self.list(frame, list);
        }
        for task in tasks {
            self.task(frame, task);
        }
        self.texts(frame, [title, body, section]);
        self.exprs(frame, [when]);
        if let Some(summary) = summary {
            self.summary(frame, summary);
        }
        for rule in rules.iter_mut() {
            self.rule(frame, rule);
        }
        for action in actions {
            self.action(frame, action);
        }
        let own = std::mem::take(items);
        self.items(frame, own, uses, (items, sets, rules));
    }

    /// The list or the task that a screen is of: in a fragment one of its own, else that of the call.
    fn within(&self, n: usize, within: &mut Option<At<String>>) {
        let Some(frame) = self.frames.get(n) else { return };
        let Body::Fragment(fragment, call) = frame.body else {
            return;
        };
        if let Some(own) = within {
            let known = fragment
                .screens
                .iter()
                .any(|screen| screen.list.is_some() && screen.name.value == own.value);
            if !known {
                let message = format!("there is no list `{}` in {}", own.value, frame.what());
                let help = "a whole fragment is of a list or a task where it is called: [calls.NAME] in = \"...\"";
                self.sink
                    .push(Diagnostic::error("unknown-list", &own.span, message).help(help));
            }
            self.name(n, own);
        } else if let Some(parent) = frame.parent {
            within.clone_from(&call.within);
            self.within(parent, within);
        }
    }

    fn list(&self, frame: usize, list: &mut List) {
        let List {
            line,
            min,
            max,
            count,
            each,
            start,
            outward,
            add,
        } = list;
        if let Some(outward) = outward {
            self.name(frame, outward);
        }
        self.texts(frame, [line, add]);
        self.bound(frame, min);
        self.bound(frame, max);
        self.exprs(frame, [count, each]);
        self.begin(frame, start);
    }

    fn task(&self, frame: usize, task: &mut Task) {
        let Task {
            name: _,
            title,
            start,
            section,
            needs: _,
            when,
            optional: _,
        } = task;
        self.texts(frame, [title, section]);
        self.exprs(frame, [when]);
        self.begin(frame, start);
    }

    /// A screen where something begins.
    fn begin(&self, frame: usize, start: &mut Option<At<String>>) {
        if let Some(start) = start {
            let only = Branch {
                when: None,
                to: start.clone(),
            };
            if let [one] = self.branches(frame, &[only]).as_slice() {
                start.value.clone_from(&one.to.value);
            }
        }
    }

    /// Items of a frame, the groups that are used among them in their places.
    fn items(
        &self,
        frame: usize,
        own: Vec<Item>,
        uses: &[Use],
        (out, sets, rules): (&mut Vec<Item>, &mut Vec<Set>, &mut Vec<Rule>),
    ) {
        let mut uses = uses.iter().peekable();
        let count = own.len();
        for (n, mut item) in own.into_iter().enumerate() {
            while let Some(used) = uses.next_if(|used| used.at <= n) {
                self.used(frame, used, (&mut *out, &mut *sets, &mut *rules));
            }
            self.item(frame, &mut item);
            out.push(item);
        }
        while let Some(used) = uses.next_if(|used| used.at <= count) {
            self.used(frame, used, (&mut *out, &mut *sets, &mut *rules));
        }
    }

    fn used(&self, frame: usize, used: &Use, (out, sets, rules): (&mut Vec<Item>, &mut Vec<Set>, &mut Vec<Rule>)) {
        let kid = self
            .frames
            .get(frame)
            .and_then(|frame| frame.kids.get(used.name.value.as_str()));
        let Some((kid, Body::Group(group, _))) = kid.and_then(|n| Some((*n, self.frames.get(*n)?.body))) else {
            return;
        };
        let from = out.len();
        let at = sets.len();
        self.items(
            kid,
            group.items.clone(),
            &group.uses,
            (&mut *out, &mut *sets, &mut *rules),
        );
        let mut when = used.when.clone();
        self.exprs(frame, [&mut when]);
        for item in out.iter_mut().skip(from) {
            let own = match item {
                Item::Field(field) => &mut field.when,
                Item::Block(block) => &mut block.when,
            };
            *own = self.both(when.as_ref(), own.as_ref());
        }
        for rule in &group.rules {
            let mut rule = rule.clone();
            self.rule(kid, &mut rule);
            rules.push(rule);
        }
        let mut legend = used.legend.clone();
        self.texts(frame, [&mut legend]);
        // Before those that lie in it.
        let set = Set {
            legend,
            items: from..out.len(),
        };
        sets.insert(at, set);
    }

    fn item(&self, frame: usize, item: &mut Item) {
        match item {
            Item::Field(field) => self.field(frame, field),
            Item::Block(Block {
                name: _,
                kind: _,
                summary,
                text,
                when,
            }) => {
                self.texts(frame, [summary, text]);
                self.exprs(frame, [when]);
            }
        }
    }

    fn field(&self, frame: usize, field: &mut Field) {
        let Field {
            name,
            kind,
            label,
            short,
            outward,
            hint,
            required: _,
            message,
            messages,
            default,
            when,
            autocomplete: _,
            input_mode: _,
            min,
            max,
            pattern: _,
            normalise: _,
            unit,
            currency: _,
            places: _,
            options,
            picks: _,
            sort: _,
            draws,
            value,
            shown: _,
        } = field;
        self.name(frame, name);
        // In the object of its call.
        if let Some(outward) = outward {
            self.name(frame, outward);
        }
        self.texts(frame, [label, short, hint, unit]);
        self.exprs(frame, [when, value]);
        match message {
            None => {}
            Some(Message::One(text)) => self.text(frame, text),
            Some(Message::Each(all)) => all.iter_mut().for_each(|(_, text)| self.text(frame, text)),
        }
        for (_, text) in messages {
            self.text(frame, text);
        }
        self.bound(frame, min);
        self.bound(frame, max);
        self.default(frame, default, *kind);
        for option in options.iter_mut().flat_map(|options| &mut options.value) {
            self.option(frame, option);
        }
        if let Some(Draws {
            list: _,
            from,
            label,
            sift,
            known,
        }) = draws
        {
            known.extend(sift.iter().flat_map(|sift| self.known(frame, &sift.value)));
            // Columns are names there as well.
            let items = from.clone();
            self.quietly(|| self.exprs(frame, [from]));
            self.among(frame, items.as_ref(), || {
                self.texts(frame, [label]);
                self.exprs(frame, [sift]);
            });
        }
    }

    fn option(&self, frame: usize, option: &mut Choice) {
        let Choice {
            value: _,
            label,
            hint,
            exclusive: _,
            when,
            outward: _,
        } = option;
        self.texts(frame, [label, hint]);
        self.exprs(frame, [when]);
    }

    /// A bound is an expression where it is no literal.
    fn bound(&self, frame: usize, scalar: &mut Option<At<Scalar>>) {
        self.scalar(frame, scalar, Self::expr);
    }

    /// A default is an expression in braces, or, where answers have an order, as a bound is.
    fn default(&self, frame: usize, default: &mut Option<At<Scalar>>, kind: Kind) {
        match default.as_ref().map(|default| &default.value) {
            Some(Scalar::Text(text)) if text.contains("{{") => self.scalar(frame, default, Self::text),
            Some(Scalar::Text(_)) if kind.is_ordered() => self.bound(frame, default),
            Some(Scalar::Text(_) | Scalar::Number(_) | Scalar::Bool(_) | Scalar::When(_) | Scalar::List(_)) | None => {}
        }
    }

    fn scalar(&self, frame: usize, scalar: &mut Option<At<Scalar>>, rewrite: fn(&Self, usize, &mut At<String>)) {
        if let Some(At {
            value: Scalar::Text(text),
            span,
        }) = scalar
        {
            let mut written = At {
                value: std::mem::take(text),
                span: span.clone(),
            };
            rewrite(self, frame, &mut written);
            (*text, *span) = (written.value, written.span);
        }
    }

    fn rule(&self, frame: usize, rule: &mut Rule) {
        let Rule {
            check,
            message,
            fields,
            span: _,
        } = rule;
        self.exprs(frame, [check]);
        self.texts(frame, [message]);
        self.chains(frame, fields);
    }

    /// Names of fields.
    fn chains(&self, frame: usize, fields: &mut [At<String>]) {
        for field in fields {
            let mut chain = field.clone();
            self.quietly(|| self.expr(frame, &mut chain));
            field.value = chain.value;
        }
    }

    fn summary(&self, frame: usize, summary: &mut Summary) {
        let Summary {
            fields,
            total,
            label,
            span: _,
        } = summary;
        self.chains(frame, fields);
        self.exprs(frame, [total]);
        self.texts(frame, [label]);
    }

    /// A section is the flow's.
    pub(super) fn section(&self, section: &mut Section) {
        let Section {
            name: _,
            title,
            total,
            numbered: _,
        } = section;
        self.texts(0, [title, total]);
    }

    pub(super) fn action(&self, frame: usize, action: &mut Action) {
        let Action {
            name: _,
            label,
            kind: _,
            when,
            branches,
            seal: _,
            cancel: _,
            call: _,
            declined,
            failed,
        } = action;
        self.texts(frame, [label]);
        self.exprs(frame, [when]);
        *branches = self.branches(frame, branches);
        for Lead { to, undo: _ } in [declined, failed].into_iter().flatten() {
            let only = Branch {
                when: None,
                to: to.clone(),
            };
            match self.branches(frame, &[only]).as_slice() {
                [one] if one.when.is_none() => to.value.clone_from(&one.to.value),
                _ => self.sink.push(
                    Diagnostic::error("return", &to.span, "this returns to one of several screens")
                        .help("lead to a screen of the fragment, and return from there"),
                ),
            }
        }
    }

    /// Where branches lead: `return` to where the caller goes on.
    fn branches(&self, n: usize, branches: &[Branch]) -> Vec<Branch> {
        let mut out = Vec::new();
        for Branch { when, to } in branches {
            let mut when = when.clone();
            self.exprs(n, [&mut when]);
            let Some(frame) = self.frames.get(n) else { continue };
            let fragment = match frame.body {
                Body::Fragment(fragment, _) => Some(fragment),
                Body::Root | Body::Group(..) => None,
            };
            if fragment.is_some() && to.value == "return" {
                let then = frame.parent.map(|parent| self.branches(parent, frame.then()));
                for Branch { when: then, to } in then.unwrap_or_default() {
                    let when = self.both(when.as_ref(), then.as_ref());
                    out.push(Branch { when, to });
                }
                continue;
            }
            let mut to = to.clone();
            let called = frame
                .kids
                .get(to.value.as_str())
                .and_then(|kid| self.frames.get(*kid)?.start());
            if let Some(start) = called {
                to.value = start;
            } else if let Some(fragment) = fragment {
                let known = || fragment.screens.iter().map(|screen| screen.name.value.as_str());
                if !known().any(|known| known == to.value) {
                    let message = format!("there is no screen `{}` in {}", to.value, frame.what());
                    let own = known().chain(frame.kids.keys().copied()).chain(["return"]);
                    let help = did_you_mean(&to.value, own)
                        .unwrap_or_else(|| "a fragment leads to its own screens, its calls, or `return`".to_owned());
                    self.sink
                        .push(Diagnostic::error("unknown-screen", &to.span, message).help(help));
                }
                to.value = format!("{}{}", frame.prefix, to.value);
            }
            out.push(Branch { when, to });
        }
        out
    }

    fn name(&self, frame: usize, name: &mut At<String>) {
        let prefix = self.frames.get(frame).map_or("", |frame| &frame.prefix);
        name.value.insert_str(0, prefix);
    }

    fn texts<const N: usize>(&self, frame: usize, all: [&mut Option<At<String>>; N]) {
        all.into_iter().flatten().for_each(|text| self.text(frame, text));
    }

    fn exprs<const N: usize>(&self, frame: usize, all: [&mut Option<At<String>>; N]) {
        all.into_iter().flatten().for_each(|expr| self.expr(frame, expr));
    }
}
