//! Nothing that is typed and nothing that a definition says becomes markup: the page has the
//! same elements and attributes as with plain words.

use super::dom::{Dom, sound};
use super::kinds::person;
use super::person::Person;

/// What breaks out of text, attributes, comments, styles, URLs, templates.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "</select><svg/onload=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "x onfocus=alert(1) autofocus",
    "\" autofocus onfocus=\"alert(1)",
    "<!--<script>alert(1)//-->",
    "]]><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "<style></style>",
    "&lt;script&gt; &quot; &#34; &amp;",
    "<main><h1>two</h1></main><form action=//evil.example>",
    "</p></div></form></fieldset></dl></body></html>",
    "javascript:alert(1)",
    "[click](javascript:alert(1)) <http://evil.example> ![i](http://evil.example/x.png)",
    "`\u{0}\u{b}\u{202e}\u{feff}\u{f0000}`",
];

/// A plain word in place of what is hostile.
const PLAIN: &str = "word";

fn same(hostile: &Dom, plain: &Dom, what: &str) {
    assert_eq!(hostile.shape(), plain.shape(), "{what}");
}

/// Fills in every box of the page, and sends it.
fn typed(person: &mut Person, value: &str) {
    let boxes = |e: &super::dom::Element| {
        matches!(e.name.as_str(), "input" | "textarea")
            && !matches!(e.get("type"), Some("hidden" | "radio" | "checkbox"))
    };
    let names = person
        .dom
        .elements
        .iter()
        .filter(|e| boxes(e))
        .filter_map(|e| e.get("name"));
    let names: Vec<String> = names.map(str::to_owned).collect();
    let filled: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), value)).collect();
    person.presses(&filled, None);
}

const SOURCE: &str = include_str!("every-kind.toml");

#[test]
fn nothing_typed_becomes_markup() {
    let visit = |value: &str| -> Vec<Dom> {
        let mut pages = Vec::new();
        let mut person = person(SOURCE);
        person.presses(&[], None);
        // Passes, and goes into the title of a later page, the review and the notice.
        person.presses(&[("given", value), ("family", value), ("pin", "1234")], None);
        typed(&mut person, value);
        pages.push(Dom::of(&person.page.html));
        person.presses(&[("born-day", "27"), ("born-month", "3"), ("born-year", "1987")], None);
        person.presses(&[("pet", "cat"), ("cat", value)], None);
        typed(&mut person, value);
        pages.push(Dom::of(&person.page.html));
        let rest = [
            ("notes", value),
            ("email", "a@example.org"),
            ("tel", ""),
            ("postcode", ""),
            ("weight", ""),
            ("count", "3"),
        ];
        let more = [
            ("fee", "12.50"),
            ("agrees", "yes"),
            ("country", "fr"),
            ("true_so", "yes"),
        ];
        person.presses(&[&rest[..], &more[..]].concat(), None);
        person.presses(&[], None);
        assert_eq!(person.dom.one("h1").text, "Check your answers", "{}", person.page.html);
        pages.push(Dom::of(&person.page.html));
        person.follows("change.pet");
        person.presses(&[("cat", "another")], None);
        pages.push(Dom::of(&person.page.html));
        person.waits(3 * 60 * 60);
        person.presses(&[], Some("send"));
        pages.push(Dom::of(&person.page.html));
        pages
    };
    let plain = visit(PLAIN);
    for value in HOSTILE.iter().filter(|value| !value.contains('\0')) {
        for (n, (hostile, plain)) in visit(value).iter().zip(&plain).enumerate() {
            same(hostile, plain, &format!("page {n} with {value}"));
        }
    }
}

#[test]
fn nothing_typed_is_lost_on_the_way_through_a_page() {
    for value in HOSTILE.iter().filter(|value| !value.contains('\0')) {
        let mut person = person(SOURCE);
        person.presses(&[], None);
        person.presses(&[("given", value)], None);
        let given = person
            .dom
            .elements
            .iter()
            .find(|e| e.get("name") == Some("given"))
            .unwrap();
        assert_eq!(given.get("value"), Some(*value));
    }
}

/// Where a page repeats ids as they were sent, and not as we made them, they are in quotes.
#[test]
fn nothing_sent_as_an_id_becomes_markup() {
    let pages = |value: &str| {
        let mut person = person(SOURCE);
        let id = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        // A ticket that is none: the start page anew, with what was sent along.
        let form = vec![id("sessionID", value), id("screenID", value), id("given", value)];
        person.sends(form.clone(), true, true);
        let anew = Dom::of(&person.page.html);
        let again = deity::engine::Request {
            language: None,
            flow: "every-kind".to_owned(),
            session: value.to_owned(),
            screen: value.to_owned(),
            action: Some(value.to_owned()),
            returning: None,
            secret: deity::engine::Secret::default(),
            block: deity::engine::Block::default(),
            fields: deity::flow::Form(vec![id("given", value)]),
            post: true,
            came: deity::engine::Came::Whole,
            inside: true,
        };
        let flow = Some(std::sync::Arc::clone(&person.flow));
        let busy = deity::engine::Reply::Busy {
            again: Box::new(again),
            flow,
        };
        [
            anew,
            Dom::of(&deity::view::page(&busy, &deity::view::Visit::default()).html),
        ]
    };
    for value in HOSTILE.iter().filter(|value| !value.contains('\0')) {
        // What has the shape of an id gets another page, and so has another length.
        let plain = pages(&".".repeat(value.chars().count()));
        for (hostile, plain) in pages(value).iter().zip(&plain) {
            same(hostile, plain, value);
            assert!(hostile.errors.is_empty(), "{value}: {:?}", hostile.errors);
        }
    }
}

/// The flow with `words` in every text that an author writes as plain words.
fn authored(words: &str) -> String {
    let words = words.replace(['{', '}', '\0', '\u{b}'], "");
    let quoted = toml_string(&words);
    let mut source = String::new();
    for line in SOURCE.lines() {
        let mut line = line.to_owned();
        for key in ["label", "hint", "summary"] {
            line = replaced(&line, &format!("{key} = \""), &quoted);
        }
        if line.starts_with("title = ") {
            line = format!("title = {quoted}");
        }
        source.push_str(&line);
        source.push('\n');
    }
    source
}

/// `line` with the string after each `key` replaced.
fn replaced(line: &str, key: &str, quoted: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(key) {
        let begin = at + key.len();
        let end = begin + rest[begin..].find('"').unwrap() + 1;
        out.push_str(&rest[..begin - 1]);
        out.push_str(quoted);
        rest = &rest[end..];
    }
    out + rest
}

fn toml_string(words: &str) -> String {
    let mut out = String::from("\"");
    for c in words.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out + "\""
}

#[test]
fn no_text_of_a_definition_becomes_markup() {
    let visit = |words: &str| -> Vec<Dom> {
        let mut person = person(&authored(words));
        let mut pages = vec![Dom::of(&person.page.html)];
        person.presses(&[], None);
        for fields in [
            &[("given", "Anna"), ("pin", "1234")][..],
            &[("born-day", "27"), ("born-month", "3"), ("born-year", "1987")],
            &[("pet", "cat"), ("cat", "Mimi")],
            &[
                ("email", "a@example.org"),
                ("fee", "12"),
                ("agrees", "yes"),
                ("country", "fr"),
                ("true_so", "yes"),
            ],
            &[],
        ] {
            pages.push(Dom::of(&person.page.html));
            person.presses(fields, None);
        }
        pages.push(sound(&person.page.html, false));
        pages
    };
    let plain = visit(PLAIN);
    for words in HOSTILE {
        for (n, (hostile, plain)) in visit(words).iter().zip(&plain).enumerate() {
            same(hostile, plain, &format!("page {n} with {words}"));
        }
    }
}
