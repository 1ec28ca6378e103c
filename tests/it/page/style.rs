//! The style that all pages have together.

use super::kinds::at;

#[test]
fn all_kinds_together_have_at_most_800_bytes_of_style() {
    let mut rules = std::collections::BTreeSet::new();
    let mut note = |html: &str| {
        let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let mut depth = 0;
        let mut rule = String::new();
        for c in style.chars() {
            rule.push(c);
            depth += i32::from(c == '{') - i32::from(c == '}');
            if c == '}' && depth == 0 {
                rules.insert(std::mem::take(&mut rule));
            }
        }
    };
    for screen in ["first", "born", "pet", "all", "plain", "check", ""] {
        let mut person = at(screen);
        note(&person.page.html);
        if ["first", "pet", "all"].contains(&screen) {
            person.presses(&[], None);
            note(&person.page.html);
        }
        if screen == "all" {
            person.presses(&[], Some("stop"));
            note(&person.page.html);
        }
    }
    let all: usize = rules.iter().map(String::len).sum();
    println!("style of all kinds: {all} bytes in {} rules", rules.len());
    assert!(all <= 800, "{all}: {rules:#?}");
}
