//! The flows that are measured.
//!
//! Owns `passport-renewal` in its forms without an effect on the way, made of the file in
//! `phases/`, and those with one button. Must not know how they are walked.

use std::fs;
use std::io::{Error, Result};
use std::path::Path;

/// The effects of `passport-renewal`, and the screen that only a failed one leads to.
const CALLED: &str = r#"call = "register", to = "done", failed = "sorry""#;
const REGISTERED: &str = " It is in the register as **{{ registered }}**.";

fn passport() -> Result<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("phases/passport-renewal.toml");
    fs::read_to_string(file)
}

fn replace(text: &str, from: &str, to: &str) -> Result<String> {
    if !text.contains(from) {
        return Err(Error::other(format!("passport-renewal.toml has no {from:?} any more")));
    }
    Ok(text.replace(from, to))
}

/// `passport-renewal` whose last action leads to the receipt directly, without any effect.
pub fn plain() -> Result<String> {
    let text = replace(&passport()?, CALLED, r#"to = "done""#)?;
    let text = replace(&text, REGISTERED, "")?;
    let effects = text
        .find("[screens.sorry]")
        .ok_or_else(|| Error::other("no screen `sorry`"))?;
    Ok(text[..effects].to_owned())
}

/// The same with its effect on a way that nobody takes: that of those whose name has changed.
pub fn declared() -> Result<String> {
    let text = replace(&passport()?, CALLED, r#"to = "done""#)?;
    let text = replace(&text, REGISTERED, "")?;
    let off = "fields.previous = { type = \"text\", label = \"Previous name\", max = 120 }\nactions.continue = ";
    let text = replace(
        &text,
        &format!("{off}\"address\""),
        &format!(r#"{off}{{ call = "register", to = "address", failed = "sorry" }}"#),
    )?;
    Ok(text)
}

/// A flow of a start page and a screen with one button, which does `effect` (as written in a
/// definition), or nothing.
pub fn button(effect: Option<&str>) -> String {
    let (action, rest) = match effect {
        Some(effect) => (
            r#"call = "work", to = "done", failed = "sorry""#,
            WORK.replace("EFFECT", effect),
        ),
        None => (r#"to = "done""#, String::new()),
    };
    BUTTON.replace("ACTION", action) + &rest
}

const BUTTON: &str = r#"title = "A button"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A button"
actions.start = { label = "Start now", to = "press" }

[screens.press]
title = "Press the button"
actions.press = { label = "Press", ACTION }

[screens.done]
title = "Application complete"
body = "Your reference is **{{ reference }}**."
end = "completed"
"#;

const WORK: &str = r#"
[screens.sorry]
title = "It could not be done"
end = "not-done"

[effects.work]
label = "The work"
EFFECT
send = { name = "Ada Lovelace" }
save.outside = "/reference"
timeout = "10s"
"#;
