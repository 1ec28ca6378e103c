//! What the reference calls "must be there" must be, and nothing else.

use super::{EFFECTS, FIELDS, FLOWS, rows};
use crate::support::App;

/// A definition with nothing in it that may be left out.
const LEAST: &str = r#"
title = "T"
[sections.s]
title = "Y"
[screens.a]
rules = [{ check = "x is defined", message = "M", fields = ["x"] }]
fields.x = { type = "text", label = "X" }
fields.c = { type = "computed", label = "C", value = "1 + 1" }
fields.d = { type = "details", text = "D", summary = "S" }
fields.q = { type = "group", use = "g", label = "Q" }
actions.go = [{ to = "b" }]
[lists.l]
title = "L"
item = "I"
actions.continue = "h"
[screens.i]
in = "l"
fields.i = { type = "integer", label = "N" }
actions.home = { to = "l", label = "Home" }
[screens.h]
title = "H"
tasks.k = { title = "K" }
actions.continue = "z"
[screens.k]
in = "k"
fields.k = { type = "integer", label = "M" }
actions.home = { to = "h", label = "Home" }
[screens.b]
summary = { fields = ["x"] }
actions.aside = "call"
fields.o = { type = "choice", label = "O", options = [{ label = "1" }, { label = "2" }] }
actions.further = "l"
actions.go = { to = "z", call = "e", failed = "z" }
[screens.z]
title = "Z"
end = "done"
[effects.e]
http = "POST https://example.org/e"
save.s = { at = "/s" }
undo = "u"
hand-off = { page = "/p", hosts = ["example.org"], secret = "${S}" }
[effects.u]
http = "DELETE https://example.org/e"
[groups.g]
fields.n = { type = "integer", label = "N" }
[fragments.f.screens.p]
title = "P"
actions.go = "return"
[calls.call]
fragment = "f"
then = "z"
"#;

/// Each of what must be there, and the definition without it.
const LEFT_OUT: &[(&str, &str)] = &[
    ("title = \"T\"\n", ""),
    ("[screens.a]", "[nothing]"),
    ("check = \"x is defined\", ", ""),
    ("message = \"M\", ", ""),
    (", fields = [\"x\"]", ""),
    ("type = \"text\", ", ""),
    (", label = \"X\"", ""),
    (", value = \"1 + 1\"", ""),
    ("text = \"D\", ", ""),
    (", summary = \"S\"", ""),
    ("actions.go = [{ to = \"b\" }]\n", ""),
    ("[{ to = \"b\" }]", "[{ when = \"true\" }]"),
    (", options = [{ label = \"1\" }, { label = \"2\" }]", ""),
    ("{ label = \"2\" }", "{ value = \"2\" }"),
    ("to = \"z\", call", "call"),
    (", failed = \"z\"", ""),
    ("http = \"POST https://example.org/e\"\n", ""),
    ("at = \"/s\"", ""),
    ("page = \"/p\", ", ""),
    ("hosts = [\"example.org\"], ", ""),
    ("item = \"I\"\n", ""),
    (
        "title = \"L\"\nitem = \"I\"\nactions.continue = \"h\"",
        "title = \"L\"\nitem = \"I\"",
    ),
    ("title = \"K\"", ""),
    ("title = \"Y\"\n", ""),
    ("summary = { fields = [\"x\"] }", "summary = { total = \"1\" }"),
    ("use = \"g\", ", ""),
    ("fields.n = { type = \"integer\", label = \"N\" }\n", ""),
    (
        "[fragments.f.screens.p]\ntitle = \"P\"\nactions.go = \"return\"\n",
        "[fragments.f]\n",
    ),
    ("fragment = \"f\"\n", ""),
    ("then = \"z\"\n", ""),
];

fn check(flow: &str) -> String {
    let app = App::stopped(&[("t", flow)]);
    String::from_utf8(app.deity(&["check"]).stdout).unwrap()
}

#[test]
fn what_must_be_there_is_missed_and_nothing_else_is() {
    let whole = check(LEAST);
    assert!(whole.contains(" 0 errors"), "{whole}");
    for (part, instead) in LEFT_OUT {
        assert_eq!(LEAST.matches(part).count(), 1, "{part}");
        let told = check(&LEAST.replace(part, instead));
        assert!(told.contains("error["), "nobody misses {part:?}: {told}");
    }
}

/// Who adds such a row is sent here, to leave it out in [`LEFT_OUT`] too.
#[test]
fn each_row_that_says_so_is_tried() {
    let say = [FLOWS, FIELDS, EFFECTS].map(rows).concat();
    let say: Vec<_> = say
        .iter()
        .filter(|row| row.iter().any(|cell| cell.starts_with("must be there")))
        .collect();
    // `value` of what is computed stands twice, and so do `to` and `failed` of an action that calls.
    let twice = 3;
    // One of `http`, `run` and `email` is said in other words.
    let otherwise = 1;
    assert_eq!(say.len() - twice, LEFT_OUT.len() - otherwise, "{say:#?}");
}
