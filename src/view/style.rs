//! The style: one rule per thing that a page may hold, and only those that it does hold.
//!
//! Owns the CSS. It stands in the page (a sheet of its own would be another request), so each
//! rule counts. Logical properties serve both writing directions, system colours both schemes;
//! the sizes follow the reader's own font size. The content policy allows inline style as such:
//! a hash would cost 45 bytes that do not compress, and style that somebody managed to plant
//! could load nothing (`default-src 'none'`).

/// A mark in the page's HTML, and the rule that it needs. An empty mark: every page.
const RULES: [(&str, &str); 17] = [
    (
        "",
        "html{color-scheme:light dark;font:112.5%/1.5 system-ui}\
         body{max-width:36em;margin:auto;padding:1em;overflow-wrap:anywhere}\
         h1{line-height:1.2}:focus{outline:3px solid #d60}",
    ),
    ("<header", "header{border-bottom:4px solid #06c;font-weight:700}"),
    (
        "<button",
        "button{font:inherit;padding:.5em 1em;border:2px solid #0000;background:#00703c;color:#fff}\
         @media print{button{display:none}}",
    ),
    ("class=s>", ".s{background:0;color:inherit;border-color:inherit}"),
    ("class=x>", ".x{background:#b22}"),
    (
        "class=l>",
        ".l{background:0;color:LinkText;text-decoration:underline;padding:.5em 0}",
    ),
    (
        "<label",
        "label,legend,small,.r{display:block}input,select,textarea{font:inherit;padding:.4em}",
    ),
    ("<small", "small{opacity:.8}"),
    ("<fieldset", "fieldset{border:0;padding:0;margin:0}"),
    ("<textarea", "textarea{width:100%;box-sizing:border-box}"),
    (
        "<p><label><input",
        "[type=radio],[type=checkbox]{width:1.5em;height:1.5em;vertical-align:middle}",
    ),
    ("class=d>", ".d label{display:inline-block}.d input{display:block}"),
    (
        "class=c>",
        ".c{border-inline-start:4px solid;padding-inline-start:1em}p:not(:has(:checked))+.c{display:none}",
    ),
    (
        "class=e ",
        ".e{border:4px solid #d33;padding:0 1em}.r{color:light-dark(#b00,#f88)}[aria-invalid]{border-color:#d33}",
    ),
    (
        "class=n",
        ".n{border-inline-start:.5em solid #06c;padding-inline-start:1em}",
    ),
    ("<dl>", "dt{font-weight:700}dd{margin:0}"),
    ("class=v>", ".v{position:absolute;clip-path:inset(50%)}"),
];

/// Puts into the page's empty `<style>` the rules that it uses.
pub(super) fn dress(html: &str) -> String {
    const EMPTY: &str = "<style></style>";
    let Some((head, body)) = html.split_once(EMPTY) else {
        return html.to_owned();
    };
    let mut page = String::with_capacity(html.len() + 800);
    page.push_str(head);
    page.push_str("<style>");
    for (mark, rule) in RULES {
        if body.contains(mark) {
            page.push_str(rule);
        }
    }
    page.push_str("</style>");
    page.push_str(body);
    page
}
