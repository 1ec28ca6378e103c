//! What stands in the box of errors where a page asks two questions of a kind.

use super::person::Person;
use super::walk::flow;

/// A kind with its keys, and what is typed that it refuses.
const KINDS: &[(&str, &[&str])] = &[
    ("type = \"text\", min = 2, max = 4", &["", "a", "abcde", "a\u{7}b"]),
    (
        "type = \"pattern\", pattern = \"[A-Z]+\", max = 9",
        &["", "abc", "ABCDEFGHIJ"],
    ),
    ("type = \"lines\", max = 4", &["", "abcde"]),
    ("type = \"secret\", min = 4", &["", "abc"]),
    ("type = \"email\"", &["", "me"]),
    ("type = \"tel\"", &["", "me"]),
    ("type = \"postcode\"", &["", "me"]),
    (
        "type = \"integer\", min = 2, max = 9",
        &["", "many", "1.5", "1", "10", "9999999999999999999999999999999999999999"],
    ),
    ("type = \"integer\", min = 2", &["1"]),
    ("type = \"decimal\", places = 1", &["", "many", "1.55", "1.234"]),
    ("type = \"money\", min = 1", &["", "much", "1.555", "0.50"]),
    (
        "type = \"time\", min = \"09:00\", max = \"17:00\"",
        &["", "soon", "25:00", "14", "08:00", "18:00"],
    ),
    ("type = \"time\"", &["", "2:30"]),
    (
        "type = \"date\", max = \"today\"",
        &[
            "",
            "31 2 2019",
            "1 1 19",
            "1 13 2019",
            "40 1 2019",
            "1 1 2999",
            "1",
            "1 1",
        ],
    ),
    ("type = \"date\", min = \"today\"", &["1 1 1999"]),
    ("type = \"yes-no\"", &[""]),
    ("type = \"choice\", options = [\"In\", \"Out\"]", &["", "else"]),
    (
        "type = \"choices\", options = [\"In\", \"Out\"], min = 2",
        &["", "in", "else"],
    ),
    ("type = \"confirm\"", &[""]),
];

/// Two questions: as authors write labels, and what each message must say of them.
const LABELS: [[(&str, &str); 2]; 3] = [
    [
        ("What came first?", "What came first?"),
        ("And what came then?", "And what came then?"),
    ],
    [("First thing", "first thing"), ("Next thing", "next thing")],
    [
        ("What is your first thing?\", name = \"First thing", "first thing"),
        ("And then?\", name = \"Next thing", "next thing"),
    ],
];

/// What is posted for `typed`: of a date in its three boxes.
fn posted(keys: &str, name: &str, typed: &str) -> Vec<(String, String)> {
    if !keys.contains("\"date\"") {
        return vec![(name.to_owned(), typed.to_owned())];
    }
    let mut parts = typed.split(' ');
    let boxes = ["day", "month", "year"].into_iter();
    boxes
        .map(|part| (format!("{name}-{part}"), parts.next().unwrap_or_default().to_owned()))
        .collect()
}

#[test]
fn no_two_lines_are_equal_and_each_names_its_question() {
    let mut seen = 0;
    for ((keys, wrong), labels) in KINDS.iter().flat_map(|kind| LABELS.map(|labels| (*kind, labels))) {
        let [(first, _), (second, _)] = labels;
        let source = format!(
            "title = \"It\"\n[screens.ask]\ntitle = \"Ask\"\nfields.a = {{ label = \"{first}\", {keys} }}\n\
             fields.b = {{ label = \"{second}\", {keys} }}\nactions.go = \"end\"\n[screens.end]\ntitle = \"End\"\nend = \"completed\"\n"
        );
        let mut person = Person::opens(flow("it", &source));
        person.presses(&[], None);
        for typed in wrong {
            let filled: Vec<_> = ["a", "b"]
                .into_iter()
                .flat_map(|name| posted(keys, name, typed))
                .collect();
            let filled: Vec<(&str, &str)> = filled.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            person.presses(&filled, None);
            let dom = &person.dom;
            let summary = dom.elements.iter().position(|e| e.get("role") == Some("alert"));
            let summary = summary.unwrap_or_else(|| panic!("{keys} takes {typed:?}: {}", person.page.html));
            let lines: Vec<&str> = dom
                .inside(summary)
                .filter(|e| e.is("a"))
                .map(|e| e.text.trim())
                .collect();
            assert_eq!(lines.len(), 2, "{keys} {typed:?}: {lines:?}");
            assert_ne!(lines[0], lines[1], "{keys} {typed:?}");
            for (line, (_, named)) in lines.iter().zip(labels) {
                let says = line.to_lowercase().contains(&named.to_lowercase());
                assert!(says, "{keys} {typed:?}: {line:?} does not name {named:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 200, "{seen} lines were read");
}
