//! A page as the driver reads it: the next form's body, found by string search.
//!
//! Owns what a person answers. Must not know sockets or time.

/// Only the receipts of the flows have this heading.
const RECEIPT: &str = "<title>Application complete";

/// What a page asks for next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The body to post.
    Post(String),
    /// The flow is done.
    Receipt,
    /// Neither a form nor the receipt: something is wrong.
    Nothing,
}

/// Reads a page, and fills in its first form.
pub fn next(page: &str) -> Next {
    if page.contains(RECEIPT) {
        return Next::Receipt;
    }
    let form = page
        .split_once("<form ")
        .and_then(|(_, rest)| rest.split_once("</form>"));
    let Some((form, _)) = form else {
        return Next::Nothing;
    };
    let mut body = String::with_capacity(256);
    let mut pressed = false;
    for tag in form.split('<') {
        let input = tag.starts_with("input ");
        if !input && !tag.starts_with("button ") {
            continue;
        }
        let tag = tag.split_once('>').map_or(tag, |(tag, _)| tag);
        let Some(name) = attribute(tag, " name=") else {
            continue;
        };
        let value = attribute(tag, " value=").unwrap_or_default();
        let hidden = tag.contains(" type=hidden");
        match (hidden, answer(name)) {
            // Of several buttons the first is pressed, as Enter does.
            _ if !input && pressed => continue,
            _ if !input => push(&mut body, name, value),
            (true, _) => push(&mut body, name, value),
            (false, Some(answer)) if !tag.contains(" type=radio") || value == answer => push(&mut body, name, answer),
            (false, _) => {}
        }
        pressed |= name == "actionID";
    }
    Next::Post(body)
}

/// What is typed into a field, ready for a form's body.
fn answer(name: &str) -> Option<&'static str> {
    Some(match name {
        "given" => "Ada",
        "family" => "Lovelace",
        "born-day" => "27",
        "born-month" => "3",
        "born-year" => "1987",
        "changed" => "no",
        "line1" => "12+Analytical+Way",
        "line2" => "Flat+3",
        "town" => "London",
        "postcode" => "SW1A+1AA",
        _ => return None,
    })
}

fn push(body: &mut String, name: &str, value: &str) {
    for part in [if body.is_empty() { "" } else { "&" }, name, "=", value] {
        body.push_str(part);
    }
}

/// The value of an attribute, quoted or not.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(name)?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([' ', '>']).next(),
    }
}
