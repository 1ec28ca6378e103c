//! A flow in several languages: its texts, its pages, and that nothing that was typed is lost.

mod files;
mod outside;
mod page;
mod switch;
mod texts;
mod translators;

use deity::flow::{Diagnostic, Flow, bundle};

use crate::support::desk::{Desk, Sheet};

/// A flow in English with Welsh and German beside it: numbers and dates are written otherwise in each.
pub const FLOW: &str = r#"
title = "Hire a hall"
time-zone = "Europe/London"

[screens.intro]
title = "Hire the village hall"
body = "Bring your **keys**, and read [the rules](https://example.org/rules)."
actions.start = { label = "Start now", to = "hire" }

[screens.hire]
title = "Your hire"
fields.who = { type = "text", label = "Your name" }
fields.rent = { type = "money", label = "Rent", currency = "GBP", max = 5000 }
fields.size = { type = "decimal", label = "Size", unit = "metres", places = 3, required = false }
fields.day = { type = "date", label = "Day of the hire" }
fields.kind = { type = "choice", label = "Kind", options = { party = "Party", meeting = { label = "Meeting", hint = "Up to 20 people" } } }
fields.colour = { type = "choice", label = "Colour", options = ["Red", "Dark green"], required = false }
rules = [{ check = "number(rent) > 10", message = "We do not hire it for that", fields = ["rent"] }]
actions.continue = "check"
actions.stop = { label = "Cancel", cancel = true }

[screens.check]
title = "Check it, {{ who }}"
body = "{% if number(rent) > 100 %}That is a lot: {{ rent }}.{% endif %}"
review = true
actions.send = { label = "Send it", to = "done" }

[screens.done]
title = "You have hired the hall"
body = "Your reference is **{{ reference }}**."
end = "completed"
"#;

/// All of it.
pub const WELSH: &str = r#"
title = "Llogi neuadd"

[screens.intro]
title = "Llogi neuadd y pentref"
body = "Dewch â’ch **allweddi**, a darllenwch [y rheolau](https://example.org/rules)."
actions.start.label = "Dechrau nawr"

[screens.hire]
title = "Eich llogi"
fields.who.label = "Eich enw"
fields.rent.label = "Rhent"
fields.size = { label = "Maint", unit = "metr" }
fields.day.label = "Diwrnod y llogi"
fields.kind.label = "Math"
fields.kind.options = { party = "Parti", meeting = { label = "Cyfarfod", hint = "Hyd at 20 o bobl" } }
fields.colour = { label = "Lliw", options = { red = "Coch", "Dark green" = "Gwyrdd tywyll" } }
rules.1.message = "Nid ydym yn ei llogi am hynny"
actions.stop.label = "Canslo"

[screens.check]
title = "Gwiriwch, {{ who }}"
body = "{% if number(rent) > 100 %}Mae hynny’n llawer: {{ rent }}.{% endif %}"
actions.send = "Anfon"

[screens.done]
title = "Rydych wedi llogi’r neuadd"
body = "Eich cyfeirnod yw **{{ reference }}**."
"#;

/// Some of it.
pub const GERMAN: &str = r#"
title = "Eine Halle mieten"

[screens.hire]
title = "Ihre Miete"
fields.rent.label = "Miete"
fields.size.label = "Größe"
"#;

/// What is typed on its page with questions: the same in each language but for the rent.
pub const TYPED: &[(&str, &str)] = &[
    ("who", "Ada"),
    ("rent", "1234.50"),
    ("day-day", "3"),
    ("day-month", "3"),
    ("day-year", "2027"),
    ("kind", "party"),
];

/// A session that was begun in a language, on that page.
pub async fn begun(desk: &Desk, language: &str) -> Sheet {
    desk.start_by("hall", Some(language), Some("start")).await
}

/// The flow with these translations.
pub fn with(translations: &[(&str, &str)]) -> String {
    let mut source = FLOW.to_owned();
    for (language, texts) in translations {
        source = bundle::with(&source, &format!(".{language}.toml"), texts);
    }
    source
}

/// The flow in Welsh and German.
pub fn flow() -> Flow {
    read(&with(&[("cy", WELSH), ("de", GERMAN)])).0
}

pub fn read(source: &str) -> (Flow, Vec<Diagnostic>) {
    Flow::read("hall", source).unwrap_or_else(|faults| panic!("{faults:#?}"))
}
