//! The review of a flow with lists and tasks: whose each answer is.

use super::{add, house, shows};
use crate::support::desk::{Desk, read};

/// The headings, questions and answers of a page, in order, without markup.
fn outline(html: &str) -> Vec<String> {
    let main = html.split("<h1>").nth(1).unwrap();
    let mut out = Vec::new();
    for tag in ["<h2>", "<h3>", "<h4>", "<dt>"] {
        for (at, _) in main.match_indices(tag) {
            let words = main.get(at + tag.len()..).unwrap().split('<').next().unwrap();
            out.push((at, format!("{} {words}", tag.trim_matches(['<', '>']))));
        }
    }
    out.sort();
    out.into_iter().map(|(_, words)| words).collect()
}

#[tokio::test]
async fn each_item_has_its_answers_under_its_line_and_the_list_a_link_to_its_page() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let list = add(&desk, &list, "Byron", "4", "").await;
    // Added and never begun: it is no answer.
    desk.press(&list, "add", &[]).await;
    let income = desk.press(&list, "continue", &[]).await;
    let check = desk.send(&income, &[]).await;
    assert_eq!(
        outline(&check.html),
        [
            "dt Who lives here?",
            "dt Note",
            "h2 Ada, 36",
            "dt Name",
            "dt Age",
            "dt Pay in a month",
            "h2 Byron, 4",
            "dt Name",
            "dt Age",
        ],
        "{}",
        check.html
    );
    shows(
        &check,
        &[
            "<dd>Ada, 36<br>Byron, 4 <a",
            "aria-label=\"Change Who lives here?\"",
            "aria-label=\"Change Name, Ada, 36\"",
            "aria-label=\"Change Name, Byron, 4\"",
        ],
    );
    let page = desk.follow(&check, Some("change.people")).await;
    assert_eq!(page.place, "people", "{}", page.html);
    let check = desk.press(&page, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    // What was sent is told in the same way, with nothing to change.
    let done = desk.send(&check, &[]).await;
    let copy = desk.follow(&done, Some("copy")).await;
    assert_eq!(outline(&copy.html), outline(&check.html));
    assert!(!copy.html.contains("change."), "{}", copy.html);
}

const KIN: &str = r#"
title = "Kin"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "Kin"
actions.start = { label = "Start now", to = "people" }

[lists.people]
title = "People"
section = "People"
item = "{{ given }}"
actions.continue = "end"

[screens.person]
in = "people"
fields.given = { type = "text", label = "Name", max = 40 }
actions.continue = "relations"

[lists.relations]
in = "people"
when = "length(people) > 0"
title = "Relations of {{ given }}"
item = "{{ relation }}"
count = "length(people)"
actions.continue = "pets"

[screens.relation]
in = "relations"
fields.relation = { type = "text", label = "{{ given }} to {{ nth(people.given, position) }}?", name = "{{ given }} to {{ nth(people.given, position) }}", max = 40 }
actions.continue = "relations"

[lists.pets]
in = "people"
title = "Pets of {{ given }}"
item = "{{ pet }}"
actions.continue = "people"

[screens.pet]
in = "pets"
fields.pet = { type = "text", label = "Pet", max = 40 }
actions.continue = "pets"

[screens.end]
section = "Rest"
fields.note = { type = "text", label = "Note", required = false, max = 40 }
actions.continue = "check"

[screens.check]
title = "Check your answers"
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
end = "completed"
"#;

#[tokio::test]
async fn lists_in_lists_stand_under_their_item_and_one_answer_for_each_needs_no_heading() {
    let desk = Desk::open([read("kin", KIN)]).await;
    let mut people = desk.start("kin").await;
    for (name, relations) in [("Ada", &[][..]), ("Ben", &["son"]), ("Cy", &["uncle", "friend"])] {
        let person = desk.press(&people, "add", &[]).await;
        let mut next = desk.send(&person, &[("given", name)]).await;
        for relation in relations {
            next = desk.press(&next, "continue", &[]).await;
            assert_eq!(next.place, "relation", "{}", next.html);
            next = desk.send(&next, &[("relation", relation)]).await;
        }
        if !relations.is_empty() {
            next = desk.press(&next, "continue", &[]).await;
        }
        assert_eq!(next.place, "pets", "{}", next.html);
        if name == "Ben" {
            let pet = desk.press(&next, "add", &[]).await;
            next = desk.send(&pet, &[("pet", "Rex")]).await;
        }
        people = desk.press(&next, "continue", &[]).await;
        assert_eq!(people.place, "people", "{}", people.html);
    }
    let end = desk.press(&people, "continue", &[]).await;
    let check = desk.send(&end, &[]).await;
    assert_eq!(
        outline(&check.html),
        [
            "h2 People",
            "dt People",
            "h3 Ada",
            "dt Name",
            "dt Pets of Ada",
            "h3 Ben",
            "dt Name",
            "dt Ben to Ada",
            "dt Pets of Ben",
            "h4 Rex",
            "dt Pet",
            "h3 Cy",
            "dt Name",
            "dt Cy to Ada",
            "dt Cy to Ben",
            "dt Pets of Cy",
            "h2 Rest",
            "dt Note",
        ],
        "{}",
        check.html
    );
    shows(&check, &["<dt>Pets of Ada<dd>None <a", "Change Cy to Ben, Cy"]);
}
