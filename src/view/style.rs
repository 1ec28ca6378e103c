//! The style: one rule per thing that a page may hold, and only those that it does hold.
//!
//! Owns the CSS. It stands in the page (a sheet of its own would be another request), so each
//! rule counts. Logical properties serve both writing directions, system colours both schemes;
//! the sizes follow the reader's own font size. The content policy allows inline style as such:
//! a hash would cost 45 bytes that do not compress, and style that somebody managed to plant
//! could load nothing (`default-src 'none'`).

/// Other sites do not learn the address, which holds ids. (`no-referrer` would make browsers send
/// `Origin: null` with our own forms.)
const REFERRER: &str = "<meta name=referrer content=same-origin>";

/// Marks of which one stands in the page's HTML, and the rule that it needs. No mark: every page.
const RULES: [(&[&str], &str); 20] = [
    (
        &[""],
        "html{font:1.2em/1.4 system-ui;max-width:34em;margin:auto;color-scheme:light dark;word-wrap:anywhere}",
    ),
    (&["<label"], "label{display:block}"),
    (&["<small", "class=r"], "small,.r{display:block}"),
    // Controls have names; the only button of a form has none.
    (&["<button", "<label"], "[name],button{font:inherit;padding:.4em 1em}"),
    // The main one of a form; the others look as the browser's own do. The border shows where the
    // browser sets the colours (forced colours).
    (&["class=m>"], ".m{border-color:#0000;background:#063;color:#fff}"),
    (&["class=l>"], ".l{background:0;border:0;color:LinkText}"),
    (&["class=x>"], ".x{background:#b22;color:#fff}"),
    (&["<select", "<textarea"], "select,textarea{max-width:85%}"),
    (&["<fieldset"], "fieldset{all:unset}"),
    (&["type=radio"], "[type=radio]{zoom:2}"),
    (&["type=checkbox"], "[type=checkbox]{zoom:2}"),
    (&["class=d>"], ".d>*{display:inline-block;width:min-content}"),
    (
        &["class=n>", "class=n ", "class=\"n "],
        ".n{background:#06c3;padding:1px 1em}",
    ),
    // Hidden under an option that is not chosen; always there where the browser lacks `:has`.
    (&["class=c>"], ".c{margin:2em}p:not(:has(:checked))+.c{display:none}"),
    (&[" e\""], ".e{margin:1em 0}"),
    (&["role=alert"], "[role=alert]{background:#d333}"),
    // Bold and large, so that one red has contrast enough in both schemes.
    (&["aria-invalid"], "[aria-invalid]{border-color:#d33}.r{color:#d33}"),
    (&["<dl>"], "dl{display:grid;grid:auto/1fr 1fr;gap:.5em 1em}dd{margin:0}"),
    (&["\"p e\""], ".p{background:#063;color:#fff;padding:1em}"),
    (&["value=leave"], "@media print{form{display:none}}"),
];

/// Puts into the page's empty `<style>` the rules that it uses, and before it what else its head
/// needs.
pub(super) fn dress(html: &str) -> String {
    const EMPTY: &str = "<style></style>";
    let Some((head, body)) = html.split_once(EMPTY) else {
        return html.to_owned();
    };
    let mut page = String::with_capacity(html.len() + 800);
    page.push_str(head);
    if leads_out(body) {
        page.push_str(REFERRER);
    }
    page.push_str("<style>");
    for (marks, rule) in RULES {
        if marks.iter().any(|mark| body.contains(mark)) {
            page.push_str(rule);
        }
    }
    page.push_str("</style>");
    page.push_str(body);
    page
}

/// Whether a link of the page leads to another site: to anything but a path, the name of a flow, a
/// query or a fragment. Only such a page can tell another site its address.
fn leads_out(body: &str) -> bool {
    body.split(" href=").skip(1).any(|rest| {
        let target = rest.trim_start_matches('"');
        let path = target.starts_with('/') && !target.starts_with("//") && !target.starts_with("/\\");
        let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let flow = target.starts_with(name) && target.trim_start_matches(name).starts_with(['?', '"', '>', ' ']);
        !(path || flow || target.starts_with(['?', '#', '.']))
    })
}
