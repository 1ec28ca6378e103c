//! The contract's table, row by row: what each submission gets, as status and page, and what the
//! store holds then.

mod amends;
mod answers;
mod counts;
mod ends;
mod lives;
mod shown;
mod steps;

use deity::flow::Value;
use deity::machine::Place;

use crate::support::desk::{Desk, Sheet, read};

pub(crate) const WALK: &str = r#"
title = "A walk"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A walk"
actions.start = { label = "Start now", to = "name" }

[screens.name]
title = "Who are you?"
fields.given = { type = "text", label = "Given names", max = 20, autocomplete = "given-name" }
fields.pin = { type = "secret", label = "PIN", required = false }
actions.continue = "kind"
actions.stop = { label = "Cancel", cancel = true }

[screens.kind]
fields.kind = { type = "choice", label = "Which kind?", options = { a = "Alpha", b = "Beta" } }
actions.continue = [
  { when = "kind == 'a'", to = "alpha" },
  { to = "beta" },
]

[screens.alpha]
fields.alpha = { type = "integer", label = "How many?", min = 1, max = 9 }
actions.continue = "extra"

[screens.beta]
fields.beta = { type = "text", label = "What?", max = 20 }
actions.continue = "extra"

[screens.extra]
title = "Anything else?"
fields.note = { type = "text", label = "Note", required = false, max = 40 }
fields.dose = { type = "integer", label = "Dose", required = false, when = "kind == 'a'" }
actions.continue = "check"
actions.again = { label = "Start over", to = "name" }

[screens.check]
title = "Check your answers"
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
body = "Your reference is {{ reference }}."
end = "completed"
"#;

fn walk() -> deity::flow::Flow {
    read("walk", WALK)
}

fn variant(from: &str, to: &str) -> deity::flow::Flow {
    assert!(WALK.contains(from), "{from}");
    read("walk", &WALK.replace(from, to))
}

/// With a seal on `alpha`, and no way back over it.
fn sealed() -> deity::flow::Flow {
    let source = WALK
        .replace("actions.again = { label = \"Start over\", to = \"name\" }\n", "")
        .replace(
            "actions.continue = \"extra\"\n\n[screens.beta]",
            "actions.continue = { label = \"Fix it\", to = \"extra\", seal = true }\n\n[screens.beta]",
        );
    assert!(source.contains("seal") && !source.contains("again"));
    read("walk", &source)
}

/// The pages from `name` to `check`, each as it was before it was sent.
async fn to_the_review(desk: &Desk) -> Vec<Sheet> {
    let mut pages = vec![desk.start("walk").await];
    let fields: [&[(&str, &str)]; 4] = [
        &[("given", "Ada")],
        &[("kind", "a")],
        &[("alpha", "3")],
        &[("note", "x")],
    ];
    for fields in fields {
        let next = desk.send(pages.last().unwrap(), fields).await;
        pages.push(next);
    }
    assert_eq!(pages.last().unwrap().place, "check");
    pages
}

/// The page holds what was typed, and says each of `words`.
fn shows(page: &Sheet, words: &[&str]) {
    for word in words {
        assert!(page.html.contains(word), "{word} is not in {}", page.html);
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

async fn answer(desk: &Desk, page: &Sheet, screen: &str, field: &str) -> Option<Value> {
    let session = desk.stored(page).await;
    session
        .answers
        .get(&Place::of(screen))
        .and_then(|answer| answer.fields.get(field).cloned())
}
