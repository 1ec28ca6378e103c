//! Every word that the program says to people stands in its table.

use deity::flow::Form;
use deity::words::Words;

use super::dom::Dom;
use super::walk::flow;
use super::{each, kinds};
use crate::field::scope_in;

/// A language in which every text of the table stands in these.
const MARKED: &str = "qps-ploc";
const MARKS: [char; 2] = ['\u{27e6}', '\u{27e7}'];

/// What of a text stands in no marks.
fn unmarked(text: &str) -> String {
    let mut depth = 0_usize;
    let mut rest = String::new();
    for c in text.chars() {
        match MARKS.iter().position(|mark| *mark == c) {
            Some(0) => depth += 1,
            Some(_) => depth -= 1,
            None if depth == 0 => rest.push(c),
            None => {}
        }
    }
    rest
}

/// What people read or hear of a page: its texts, and the names of links and buttons.
fn said(html: &str) -> String {
    let (_, html) = html.split_once("<title>").unwrap();
    let texts = html
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    let mut said = texts.collect::<Vec<_>>().join("\n");
    for element in &Dom::of(html).elements {
        for name in ["aria-label", "placeholder", "title", "alt"] {
            said.push('\n');
            said.push_str(element.get(name).unwrap_or_default());
        }
    }
    said
}

#[test]
fn no_page_has_a_word_that_is_neither_the_authors_nor_in_the_table() {
    let source = format!("lang = \"{MARKED}\"\n{}", kinds::SOURCE);
    // What was typed, and what is a name: of an action without a label, of a reference, of a zone.
    let known = format!("{source} Anna Müller Mimi anna@example.org CET CEST given pin\n");
    let mut breaches = Vec::new();
    let mut marked = 0;
    for (name, page) in each::one_of_each(kinds::Scene::of(&source)) {
        let html = page.html;
        if !html.contains(&format!("<html lang={MARKED}")) {
            continue;
        }
        let said = said(&html);
        marked += said.matches(MARKS[0]).count();
        for word in unmarked(&said)
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| word.chars().count() > 1)
        {
            // A reference is of capitals and figures.
            if !known.contains(word) && word.chars().any(char::is_lowercase) {
                breaches.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(marked > 150, "{marked} texts of the table were seen");
    assert!(
        breaches.is_empty(),
        "words from outside templates/words:\n{}",
        breaches.join("\n")
    );
}

/// What few kinds take.
const NASTY: [&str; 27] = [
    "",
    " ",
    "x",
    "?",
    "-1",
    "0",
    "10",
    "1.5",
    "1,234",
    "1 234",
    "1 234 5",
    "1e9",
    "12.345",
    "99999999999999999999",
    "\u{1}",
    "31",
    "13",
    "1866",
    "2099",
    "30",
    "a@b",
    "SW1",
    "25:00",
    "7",
    "tomorrow",
    "yes",
    "maybe",
];

#[test]
fn no_refusal_has_a_word_that_is_not_in_the_table() {
    let flow = flow("every-kind", &format!("lang = \"{MARKED}\"\n{}", kinds::SOURCE));
    let mut breaches = Vec::new();
    let mut faults = 0;
    for screen in &flow.screens {
        for field in screen.asked() {
            let inputs = field.inputs();
            for (n, first) in NASTY.iter().enumerate() {
                for shift in 0..NASTY.len() {
                    let boxes = inputs.iter().enumerate();
                    let boxes = boxes.map(|(box_, name)| {
                        let typed = if box_ == 0 {
                            first
                        } else {
                            &NASTY[(n + shift * box_) % NASTY.len()]
                        };
                        (name.clone(), (*typed).to_owned())
                    });
                    let Err(fault) = field.parse(&Form(boxes.collect()), &scope_in(Words::of(MARKED))) else {
                        continue;
                    };
                    faults += 1;
                    let rest = unmarked(&fault.message);
                    if rest.chars().any(char::is_alphabetic) {
                        breaches.push(format!("{}: {}", field.name, fault.message));
                    }
                    if inputs.len() == 1 {
                        break;
                    }
                }
            }
        }
    }
    breaches.sort();
    breaches.dedup();
    assert!(faults > 300, "{faults} refusals");
    assert!(
        breaches.is_empty(),
        "words from outside templates/words:\n{}",
        breaches.join("\n")
    );
}
