//! A page as a browser has it: words, links, forms with what stands in their boxes.
//!
//! Owns the reading of HTML, what filling in means for each kind of box, and what a form then
//! sends; `ways` finds buttons and links. Must not know what a flow is, nor how anything is sent.

use scraper::{ElementRef, Html, Node};

/// Elements in elements: deeper ones have no words here.
const DEPTH: usize = 200;

/// A page, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// The language that it says it is in.
    pub(super) lang: String,
    /// The first heading.
    pub(super) heading: String,
    /// Everything that can be read, spaces folded.
    pub(super) words: String,
    pub(super) forms: Vec<Form>,
    pub(super) links: Vec<Link>,
    /// The error summary: the box that each is about, and its words.
    pub(super) faults: Vec<(String, String)>,
    /// Where a dictionary for later pages can be had.
    pub(super) dictionary: Option<String>,
}

/// A link.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) words: String,
    /// What is said to who does not see the rest of the line.
    pub(super) label: Option<String>,
    pub(super) target: String,
    /// The language of its words, where it says that.
    pub(super) lang: String,
}

/// A form.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) post: bool,
    pub(super) controls: Vec<Control>,
}

/// A box, a choice or a button.
#[derive(Clone, Debug)]
pub(super) struct Control {
    /// What is said of a button to who does not see the rest of the line.
    pub(super) label: Option<String>,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) kind: Kind,
    /// A button that is not shown is pressed by Enter alone.
    pub(super) shown: bool,
    /// The language of its words, where it says that.
    pub(super) lang: String,
}

/// What a control is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Hidden,
    Text,
    /// A radio button: one of those of its name.
    Radio(bool),
    Check(bool),
    /// The values that there are; what is chosen is the control's value.
    Select(Vec<String>),
    /// Its words.
    Button(String),
}

/// What is put into a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Typed, or the value of a choice; a date as `2026-12-31` goes into its three boxes.
    Text(String),
    /// The values that are ticked, and no others.
    List(Vec<String>),
    /// Yes or no.
    Flag(bool),
}

impl Page {
    /// Reads a page.
    pub(super) fn read(html: &str) -> Self {
        let document = Html::parse_document(html);
        let mut page = Self::default();
        for node in document.tree.root().descendants() {
            let Some(element) = ElementRef::wrap(node) else {
                continue;
            };
            match element.value().name() {
                "html" => page.lang = attribute(element, "lang"),
                "h1" if page.heading.is_empty() => page.heading = words(element),
                "body" => page.words = words(element),
                "form" => page.forms.push(Form {
                    action: attribute(element, "action"),
                    post: attribute(element, "method").eq_ignore_ascii_case("post"),
                    controls: controls(element),
                }),
                "a" => page.link(element),
                "link" if attribute(element, "rel").eq_ignore_ascii_case("compression-dictionary") => {
                    page.dictionary = Some(attribute(element, "href"));
                }
                _ => {}
            }
        }
        page
    }

    fn link(&mut self, element: ElementRef<'_>) {
        let target = attribute(element, "href");
        let inside = |role: &str| {
            let mut above = element.ancestors().filter_map(ElementRef::wrap);
            above.any(|one| attribute(one, "role") == role)
        };
        match target.strip_prefix('#') {
            Some(input) if inside("alert") => self.faults.push((input.to_owned(), words(element))),
            Some(_) => {}
            None => self.links.push(Link {
                words: words(element),
                label: element.value().attr("aria-label").map(folded),
                target,
                lang: attribute(element, "lang"),
            }),
        }
    }

    /// The value that every form or link of the page carries under this name.
    pub(super) fn carries(&self, name: &str) -> Option<String> {
        let hidden = self.forms.iter().flat_map(|form| &form.controls);
        let mut hidden = hidden.filter(|control| control.kind == Kind::Hidden && control.name == name);
        let queries = self.forms.iter().map(|form| &form.action);
        let queries = queries.chain(self.links.iter().map(|link| &link.target));
        let in_query = |target: &String| {
            let (_, query) = target.split_once('?')?;
            let query = query.split('#').next().unwrap_or_default();
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        hidden
            .next()
            .map(|control| control.value.clone())
            .or_else(|| queries.into_iter().find_map(in_query))
    }

    /// The names of the fields that can be filled in; the boxes of a date under the field's name.
    pub(super) fn fields(&self) -> Vec<String> {
        let mut names = Vec::new();
        for control in self.forms.iter().flat_map(|form| &form.controls) {
            if matches!(control.kind, Kind::Hidden | Kind::Button(_)) {
                continue;
            }
            let name = match control.name.split_once('-') {
                Some((field, "day" | "month" | "year")) => field,
                _ => control.name.as_str(),
            };
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// Puts something into a field.
    ///
    /// # Errors
    /// What the page has instead.
    pub(super) fn fill(&mut self, field: &str, filling: &Filling) -> Result<(), String> {
        let fields = self.fields();
        for form in &mut self.forms {
            if form.fill(field, filling)? {
                return Ok(());
            }
        }
        let there = match fields.as_slice() {
            [] => "this page has no fields".to_owned(),
            fields => format!("this page has {}", fields.join(", ")),
        };
        Err(format!("there is no field `{field}` to fill in: {there}"))
    }

    /// What stands in a field, or is chosen there; several parted by commas.
    pub(super) fn holds(&self, field: &str) -> Option<String> {
        let all: Vec<&Control> = self.forms.iter().flat_map(|form| &form.controls).collect();
        let part = |part: &str| {
            let name = format!("{field}-{part}");
            all.iter()
                .find(|control| control.name == name)
                .map(|control| control.value.clone())
        };
        if let (Some(day), Some(month), Some(year)) = (part("day"), part("month"), part("year")) {
            return Some(format!("{year}-{month:0>2}-{day:0>2}"));
        }
        let mut found = None;
        for control in all.iter().filter(|control| control.name == field) {
            let chosen = match &control.kind {
                Kind::Radio(ticked) | Kind::Check(ticked) => *ticked,
                Kind::Text | Kind::Select(_) => true,
                Kind::Hidden | Kind::Button(_) => continue,
            };
            let found = found.get_or_insert_with(String::new);
            if chosen {
                if !found.is_empty() {
                    found.push(',');
                }
                found.push_str(&control.value);
            }
        }
        found
    }
}

impl Form {
    /// What it sends when the button at this place is pressed.
    pub(super) fn sends(&self, button: usize) -> Vec<(String, String)> {
        let sent = self.controls.iter().enumerate().filter(|(n, control)| {
            !control.name.is_empty()
                && match control.kind {
                    Kind::Hidden | Kind::Text | Kind::Select(_) => true,
                    Kind::Radio(ticked) | Kind::Check(ticked) => ticked,
                    Kind::Button(_) => *n == button,
                }
        });
        sent.map(|(_, control)| (control.name.clone(), control.value.clone()))
            .collect()
    }

    /// Whether the field is in this form, and was filled in.
    fn fill(&mut self, field: &str, filling: &Filling) -> Result<bool, String> {
        let kind = self.controls.iter().find(|control| control.name == field);
        match (kind.map(|control| control.kind.clone()), filling) {
            (None, _) => self.fill_date(field, filling),
            (Some(Kind::Text), Filling::Text(text)) => {
                self.each(field, |control| control.value.clone_from(text));
                Ok(true)
            }
            (Some(Kind::Select(values)), Filling::Text(text)) => {
                if !values.contains(text) {
                    return Err(no_choice(field, text, &values));
                }
                self.each(field, |control| control.value.clone_from(text));
                Ok(true)
            }
            (Some(Kind::Radio(_) | Kind::Check(_)), filling) => self.tick(field, filling).map(|()| true),
            (Some(Kind::Hidden | Kind::Button(_)), _) => Err(format!("`{field}` is nothing that a person fills in")),
            (Some(Kind::Text | Kind::Select(_)), _) => Err(format!("`{field}` takes one text in quotes")),
        }
    }

    /// A day as `2026-12-31` into the three boxes of a date.
    fn fill_date(&mut self, field: &str, filling: &Filling) -> Result<bool, String> {
        let boxes = ["day", "month", "year"].map(|part| format!("{field}-{part}"));
        if !self.controls.iter().any(|control| boxes.contains(&control.name)) {
            return Ok(false);
        }
        let wrong = || {
            format!(
                "`{field}` is a date: a day such as \"2026-12-31\", or its boxes `{field}-day`, `-month` and `-year`"
            )
        };
        let Filling::Text(text) = filling else {
            return Err(wrong());
        };
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else {
            if text.is_empty() {
                for name in &boxes {
                    self.each(name, |control| control.value.clear());
                }
                return Ok(true);
            }
            return Err(wrong());
        };
        for (name, part) in boxes.iter().zip([day, month, year]) {
            let plain = part.trim_start_matches('0');
            self.each(name, |control| plain.clone_into(&mut control.value));
        }
        Ok(true)
    }

    fn tick(&mut self, field: &str, filling: &Filling) -> Result<(), String> {
        let values: Vec<String> = self
            .controls
            .iter()
            .filter(|control| control.name == field)
            .map(|control| control.value.clone())
            .collect();
        let word = |yes: bool| if yes { "yes" } else { "no" };
        let wanted = match filling {
            Filling::List(wanted) => wanted.clone(),
            Filling::Text(text) if text.is_empty() => Vec::new(),
            Filling::Text(text) => vec![text.clone()],
            // A single box has no value for no.
            Filling::Flag(false) if !values.iter().any(|value| value == "no") => Vec::new(),
            Filling::Flag(yes) => vec![word(*yes).to_owned()],
        };
        if let Some(strange) = wanted.iter().find(|value| !values.contains(value)) {
            return Err(no_choice(field, strange, &values));
        }
        self.each(field, |control| {
            let ticked = wanted.contains(&control.value);
            match &mut control.kind {
                Kind::Radio(now) | Kind::Check(now) => *now = ticked,
                _ => {}
            }
        });
        Ok(())
    }

    fn each(&mut self, name: &str, change: impl Fn(&mut Control)) {
        for control in self.controls.iter_mut().filter(|control| control.name == name) {
            change(control);
        }
    }
}

fn no_choice(field: &str, value: &str, values: &[String]) -> String {
    let there: Vec<_> = values.iter().filter(|value| !value.is_empty()).cloned().collect();
    format!("`{field}` has no choice `{value}`: it has {}", there.join(", "))
}

fn controls(form: ElementRef<'_>) -> Vec<Control> {
    form.descendants()
        .filter_map(ElementRef::wrap)
        .filter_map(control)
        .collect()
}

fn control(element: ElementRef<'_>) -> Option<Control> {
    let ticked = || element.value().attr("checked").is_some();
    let mut value = attribute(element, "value");
    let kind = match element.value().name() {
        "input" => match attribute(element, "type").to_ascii_lowercase().as_str() {
            "hidden" => Kind::Hidden,
            "radio" => Kind::Radio(ticked()),
            "checkbox" => Kind::Check(ticked()),
            "submit" => Kind::Button(folded(&value)),
            "reset" | "button" | "image" | "file" => return None,
            _ => Kind::Text,
        },
        "textarea" => {
            value = element.text().collect();
            Kind::Text
        }
        "button" => Kind::Button(words(element)),
        "select" => {
            let options: Vec<_> = element
                .descendants()
                .filter_map(ElementRef::wrap)
                .filter(|option| option.value().name() == "option")
                .collect();
            let of = |option: &ElementRef<'_>| {
                let own = option.value().attr("value").map(str::to_owned);
                own.unwrap_or_else(|| words(*option))
            };
            let chosen = options.iter().find(|option| option.value().attr("selected").is_some());
            value = chosen.or(options.first()).map(of).unwrap_or_default();
            Kind::Select(options.iter().map(of).collect())
        }
        _ => return None,
    };
    Some(Control {
        shown: element.value().attr("hidden").is_none(),
        label: element.value().attr("aria-label").map(folded),
        name: attribute(element, "name"),
        lang: attribute(element, "lang"),
        value,
        kind,
    })
}

fn attribute(element: ElementRef<'_>, name: &str) -> String {
    element.value().attr(name).unwrap_or_default().to_owned()
}

/// The words in an element that are shown, with a space where a block or a line ends.
fn words(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    gather(element, &mut text, DEPTH);
    folded(&text)
}

fn gather(element: ElementRef<'_>, text: &mut String, depth: usize) {
    const INLINE: [&str; 10] = ["a", "b", "bdi", "strong", "em", "i", "small", "label", "span", "code"];
    let name = element.value().name();
    if depth == 0 || matches!(name, "style" | "script" | "title") {
        return;
    }
    let apart = !INLINE.contains(&name);
    if apart {
        text.push(' ');
    }
    for child in element.children() {
        match (child.value(), ElementRef::wrap(child)) {
            (Node::Text(words), _) => text.push_str(words),
            (_, Some(inner)) if inner.value().attr("hidden").is_none() => gather(inner, text, depth - 1),
            _ => {}
        }
    }
    if apart {
        text.push(' ');
    }
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
