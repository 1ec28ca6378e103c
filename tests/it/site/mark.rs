//! The office's mark: no drawing can do anything in a page but be seen.

use deity::site::Site;
use proptest::prelude::*;

use super::declared::{found, site};
use crate::support::html::{Element, parse};

fn declared(mark: &str) -> String {
    format!("name = \"C\"\nlinks.accessibility = \"help\"\nmark = '''{mark}'''\n")
}

/// Every mark with something in it that may not be there, and a word of what is said.
const HOSTILE: &[(&str, &str)] = &[
    ("<svg viewBox='0 0 1 1'><script>alert(1)</script></svg>", "`script`"),
    (
        "<svg viewBox='0 0 1 1'><path d='M0 0'><set attributeName='d' to='M9 9'/></path></svg>",
        "`set`",
    ),
    ("<svg viewBox='0 0 1 1'><animate attributeName='x'/></svg>", "`animate`"),
    ("<svg viewBox='0 0 1 1'><use href='#a'/></svg>", "`use`"),
    (
        "<svg viewBox='0 0 1 1'><a href='https://evil.example'><path d='M0 0'/></a></svg>",
        "`a`",
    ),
    (
        "<svg viewBox='0 0 1 1'><image href='https://evil.example/x.png'/></svg>",
        "`image`",
    ),
    (
        "<svg viewBox='0 0 1 1'><foreignObject><p>hello</p></foreignObject></svg>",
        "`foreignObject`",
    ),
    ("<svg viewBox='0 0 1 1'><style>*{display:none}</style></svg>", "`style`"),
    ("<svg viewBox='0 0 1 1'><filter/></svg>", "`filter`"),
    ("<svg viewBox='0 0 1 1'><text>Pay here</text></svg>", "`text`"),
    ("<svg viewBox='0 0 1 1'><svg viewBox='0 0 1 1'/></svg>", "`svg`"),
    (
        "<svg viewBox='0 0 1 1'><iframe src='https://evil.example'/></svg>",
        "`iframe`",
    ),
    (
        "<svg viewBox='0 0 1 1' onload='alert(1)'><path d='M0 0'/></svg>",
        "`onload`",
    ),
    (
        "<svg viewBox='0 0 1 1'><path d='M0 0' onclick='alert(1)'/></svg>",
        "`onclick`",
    ),
    (
        "<svg viewBox='0 0 1 1'><path d='M0 0' style='fill:red'/></svg>",
        "`style`",
    ),
    ("<svg viewBox='0 0 1 1'><path d='M0 0' class='m'/></svg>", "`class`"),
    ("<svg viewBox='0 0 1 1'><path d='M0 0' id='main'/></svg>", "`id`"),
    (
        "<svg viewBox='0 0 1 1'><path d='M0 0' clip-path='url(#a)'/></svg>",
        "`clip-path`",
    ),
    (
        "<svg viewBox='0 0 1 1'><path d='M0 0' fill='url(https://evil.example/#a)'/></svg>",
        "`fill` of the mark cannot be",
    ),
    (
        "<svg viewBox='0 0 1 1'><path d='M0 0' fill='red;x:y'/></svg>",
        "`fill` of the mark cannot be",
    ),
    (
        "<svg viewBox='0 0 1 1'><path d='M0 0' fill='\\u0075rl(#a)'/></svg>",
        "`fill` of the mark cannot be",
    ),
    (
        "<svg viewBox='0 0 1 1'><path d='M0 0&quot; onclick=&quot;x'/></svg>",
        "`d` of the mark cannot be",
    ),
    (
        "<svg viewBox='0 0 1 1'><path d='M0 0' transform='expression(alert(1))'/></svg>",
        "`transform` of the mark cannot be",
    ),
    (
        "<svg viewBox='0 0 1 1'><rect width='1e999' height='1'/></svg>",
        "`width` of the mark cannot be",
    ),
    (
        "<svg viewBox='0 0 1 1'><rect width='calc(1px)' height='1'/></svg>",
        "`width` of the mark cannot be",
    ),
    ("<!DOCTYPE svg><svg viewBox='0 0 1 1'/>", "DOCTYPE"),
    (
        "<!DOCTYPE svg [<!ENTITY a '<script/>'>]><svg viewBox='0 0 1 1'>&a;</svg>",
        "DOCTYPE",
    ),
    (
        "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg viewBox='0 0 1 1'>&a;</svg>",
        "DOCTYPE",
    ),
    ("<svg viewBox='0 0 1 1'>&unknown;</svg>", "no XML"),
    ("<svg viewBox='0 0 1 1'><!-- --><path d='M0 0'/></svg>", "comment"),
    (
        "<?xml-stylesheet href='https://evil.example/x.css'?><svg viewBox='0 0 1 1'/>",
        "processing instruction",
    ),
    (
        "<svg xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 1 1'><path xlink:href='#a' d='M0 0'/></svg>",
        "xmlns:xlink",
    ),
    (
        "<svg viewBox='0 0 1 1'><path xmlns='http://www.w3.org/1999/xhtml' d='M0 0'/></svg>",
        "`path`",
    ),
    ("<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "`html`"),
    ("<svg viewBox='0 0 1 1'>Pay here</svg>", "words"),
    (
        "<svg viewBox='0 0 1 1'><![CDATA[<script>alert(1)</script>]]></svg>",
        "words",
    ),
    ("<svg viewBox='0 0 1 1'><title><b>x</b></title></svg>", "`b`"),
    ("<svg viewBox='0 0 1 1'><path d='M0 0'></svg>", "no XML"),
    ("<svg viewBox='0 0 1 1'/><svg viewBox='0 0 1 1'/>", "no XML"),
    ("<svg><path d='M0 0'/></svg>", "no `viewBox`"),
    ("Northmoor", "no XML"),
    ("", "no XML"),
];

#[test]
fn whatever_is_not_a_drawing_is_refused_where_it_stands() {
    for (mark, word) in HOSTILE {
        let source = declared(mark);
        let found = found(&source);
        assert!(found.site.is_none(), "{mark}");
        assert!(
            found.declared.iter().all(|one| one.code == "mark"),
            "{mark}: {:?}",
            found.declared
        );
        let said = found.declared.iter().any(|one| one.message.contains(word));
        assert!(said, "{mark}: {:?}", found.declared);
        let literal = source.find("'''").unwrap()..source.len();
        for one in &found.declared {
            assert!(literal.contains(&one.span.start), "{mark}: {one:?}");
        }
    }
}

#[test]
fn a_mark_that_is_too_large_is_refused() {
    use std::fmt::Write as _;
    let mut path = String::from("M0 0");
    for n in 0..200_u32 {
        write!(path, "L{} {}", n * 7919 % 1009, n * 104_729 % 997).unwrap();
    }
    let large = declared(&format!("<svg viewBox='0 0 9 9'><path d='{path}'/></svg>"));
    assert!(found(&large).declared[0].message.contains("at most 250"));
    let deep = declared(&format!(
        "<svg viewBox='0 0 9 9'>{}{}</svg>",
        "<g>".repeat(300),
        "</g>".repeat(300)
    ));
    assert!(found(&deep).declared[0].message.contains("at most 250"));
    // What repeats packs well: as many bytes as it has, it may have.
    let same = declared(&format!(
        "<svg viewBox='0 0 9 9'><path d='M0 0{}'/></svg>",
        "l1 1".repeat(300)
    ));
    assert!(found(&same).site.is_some());
}

/// The elements of a page, each with its attributes, in order.
fn tree(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let (root, _) = parse(html);
    let shape = |element: &Element| (element.name.clone(), element.attributes.clone());
    root.all().into_iter().map(shape).collect()
}

#[test]
fn in_a_page_a_mark_is_the_elements_that_were_written_and_no_others() {
    let lines = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9px\" viewBox=\"0 0 9 6\">\
                 <title>A &lt;b&gt; &quot;c&quot; &#38;amp;</title><g fill=\"#fff\" stroke=\"none\" stroke-width=\".5\" \
                 transform=\"rotate(45 3 3), scale(.5)\"><path d=\"M0 6 3 1l2 3 1-2 3 4z\"/></g></svg>";
    let shapes = "<svg viewBox=\"0 0 9 6\"><circle cx=\"1\" cy=\"2\" r=\"3\"/><ellipse cx=\"1\" cy=\"2\" rx=\"3\" \
                  ry=\"4\"/><rect x=\"1\" y=\"1\" width=\"50%\" height=\"1\" rx=\"1\"/><line x1=\"0\" y1=\"0\" \
                  x2=\"1\" y2=\"1\"/><polyline points=\"0,0 1,1\"/><polygon points=\"0 0 1 1\" fill=\"currentColor\"/></svg>";
    stands(lines, &["svg", "title", "g", "path"]);
    stands(
        shapes,
        &["svg", "circle", "ellipse", "rect", "line", "polyline", "polygon"],
    );
    let mark = site(&declared(lines)).mark.unwrap();
    assert!(
        mark.contains("<title>A &#60;b&#62; &#34;c&#34; &#38;amp;</title>"),
        "{mark}"
    );
}

/// A mark is just these elements in a page.
#[track_caller]
fn stands(drawn: &str, elements: &[&str]) {
    let site: Site = site(&declared(drawn));
    let mark = site.office().mark.unwrap().to_owned();
    let page = |mark: &str| {
        format!("<!doctype html><html lang=en><title>T</title><header>{mark}<b>C</b></header><main><p>x</main>")
    };
    let (with, without) = (tree(&page(&mark)), tree(&page("")));
    let at = with.iter().position(|(name, _)| name == "svg").unwrap();
    let names: Vec<&str> = with[at..at + elements.len()]
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, elements);
    let rest: Vec<_> = [&with[..at], &with[at + elements.len()..]].concat();
    assert_eq!(rest, without, "nothing beside it is another");
    for word in ["xmlns", "href", "url", "style", "script", " on", "<!", "<?"] {
        assert!(!mark.contains(word), "{word}: {mark}");
    }
}

/// What hostile and honest marks are made of.
const PIECES: &[&str] = &[
    "<svg viewBox='0 0 9 9'>",
    "</svg>",
    "<path d='M0 0'/>",
    "<g>",
    "</g>",
    "<g fill='#fff'>",
    "<title>",
    "</title>",
    "x",
    " ",
    "<script>",
    "</script>",
    "<a href='x'>",
    "</a>",
    "<use href='#a'/>",
    " onload='x'",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x?>",
    "&lt;",
    "&#60;",
    "&quot;",
    "&#x22;",
    "&a;",
    "<!DOCTYPE svg>",
    "<style>",
    "</style>",
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>",
    "<rect width='1' height='1'/>",
    "<rect fill='url(#a)'/>",
    "<path d='M0 0&#34;&#62;&#60;script&#62;'/>",
    "<circle r='1&quot; onload=&quot;x'/>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_is_taken_is_made_of_the_list_alone(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..12)) {
        let drawn = format!("<svg viewBox='0 0 9 9'>{}</svg>", pieces.concat());
        for mark in [pieces.concat(), drawn] {
            let Some(site) = found(&declared(&mark)).site else { continue };
            let clean = site.mark.unwrap();
            let page = format!("<!doctype html><html lang=en><title>T</title><header>{clean}<b>C</b></header><main><p>x</main>");
            for (name, attributes) in tree(&page) {
                let known = ["#document", "html", "head", "title", "body", "header", "b", "main", "p", "svg", "g", "path", "rect", "circle"];
                prop_assert!(known.contains(&name.as_str()), "{}: {}", name, clean);
                for (name, value) in attributes {
                    prop_assert!(["lang", "aria-hidden", "viewBox", "d", "fill", "width", "height", "r"].contains(&name.as_str()), "{}: {}", name, clean);
                    prop_assert!(!value.contains(['"', '<', '(']), "{}: {}", value, clean);
                }
            }
        }
    }
}
