//! What pages say of items: whose a changed answer is, of which list a heading is; and sections whose
//! title a task has too.

use crate::support::desk::{Desk, Sheet, read};

/// Two lists behind each other, whose items have the same words.
const DATES: &str = r#"
title = "Dates"
start = "intro"

[screens.intro]
title = "Dates"
actions.start = { label = "Start now", to = "jobs" }

[lists.jobs]
title = "Your jobs"
item = "{{ job }}"
actions.continue = "pauses"

[screens.job]
in = "jobs"
title = "A job"
fields.job = { type = "text", label = "Employer", max = 40 }
actions.continue = "pay"

[screens.pay]
in = "jobs"
title = "Pay"
fields.pay = { type = "integer", label = "Pay at {{ job }}" }
actions.continue = "jobs"

[lists.pauses]
title = "Your pauses"
item = "{{ why }}"
actions.continue = "check"

[screens.pause]
in = "pauses"
title = "A pause"
fields.why = { type = "text", label = "Reason", max = 40 }
actions.continue = "pauses"

[screens.check]
title = "Check"
review = true
actions.send = "done"

[screens.done]
title = "Done"
end = "completed"
"#;

fn headings(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in ["<h2>", "<h3>", "<h4>"] {
        for (at, _) in html.match_indices(tag) {
            let words = html[at + tag.len()..].split('<').next().unwrap();
            found.push((at, format!("{} {words}", tag.trim_matches(['<', '>']))));
        }
    }
    found.sort();
    found.into_iter().map(|(_, words)| words).collect()
}

async fn job(desk: &Desk, list: &Sheet, name: &str, pay: &str) -> Sheet {
    let job = desk.press(list, "add", &[]).await;
    let pay_page = desk.send(&job, &[("job", name)]).await;
    let list = desk.send(&pay_page, &[("pay", pay)]).await;
    assert_eq!(list.place, "jobs", "{}", list.html);
    list
}

async fn pause(desk: &Desk, list: &Sheet, why: &str) -> Sheet {
    let pause = desk.press(list, "add", &[]).await;
    let list = desk.send(&pause, &[("why", why)]).await;
    assert_eq!(list.place, "pauses", "{}", list.html);
    list
}

/// At the review, with these.
async fn checked(desk: &Desk, jobs: &[&str], pauses: &[&str]) -> Sheet {
    let mut list = desk.start("dates").await;
    for name in jobs {
        list = job(desk, &list, name, "10").await;
    }
    let mut list = desk.press(&list, "continue", &[]).await;
    for why in pauses {
        list = pause(desk, &list, why).await;
    }
    let check = desk.press(&list, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    check
}

#[tokio::test]
async fn where_items_of_several_lists_stand_beside_each_other_each_list_has_its_heading() {
    let desk = Desk::open([read("dates", DATES)]).await;
    let check = checked(&desk, &["Mill", "Farm"], &["Ill"]).await;
    assert_eq!(
        headings(&check.html),
        ["h2 Your jobs", "h3 Mill", "h3 Farm", "h2 Your pauses", "h3 Ill"],
        "{}",
        check.html
    );
    // One list alone needs none.
    let desk = Desk::open([read("dates", DATES)]).await;
    let check = checked(&desk, &["Mill", "Farm"], &[]).await;
    assert_eq!(headings(&check.html), ["h2 Mill", "h2 Farm"], "{}", check.html);
}

#[tokio::test]
async fn a_changed_answer_of_an_item_is_told_with_that_items_words() {
    let desk = Desk::open([read("dates", DATES)]).await;
    let check = checked(&desk, &["Mill", "Farm"], &[]).await;
    let pay = desk.follow(&check, Some("change.pay.2")).await;
    assert_eq!(pay.place, "pay", "{}", pay.html);
    let check = desk.send(&pay, &[("pay", "12")]).await;
    assert!(check.html.contains("Pay at Farm: 10 → 12"), "{}", check.html);
    // A question that does not name its item is told with its line.
    let job = desk.follow(&check, Some("change.job.1")).await;
    let check = desk.send(&job, &[("job", "Quarry")]).await;
    assert!(check.html.contains("Employer, Quarry: Mill → Quarry"), "{}", check.html);
}

#[tokio::test]
async fn a_section_review_has_its_answers_also_where_a_task_has_the_sections_title() {
    let flow = r#"
title = "Hub"
start = "intro"

[sections.home]
title = "Household"

[screens.intro]
title = "Hub"
actions.start = { label = "Start now", to = "hub" }

[screens.hub]
title = "What is to be done"
tasks.a = { title = "Household" }
actions.send = { label = "Send", to = "done" }

[screens.q]
in = "a"
section = "home"
fields.rooms = { type = "integer", label = "Rooms" }
actions.continue = "half"

[screens.half]
in = "a"
section = "home"
title = "Check this section"
review = ["home"]
actions.continue = "hub"

[screens.done]
title = "Done"
end = "completed"
"#;
    let desk = Desk::open([read("hub", flow)]).await;
    let hub = desk.start("hub").await;
    let rooms = desk.follow(&hub, Some("change.q")).await;
    let half = desk.send(&rooms, &[("rooms", "4")]).await;
    assert_eq!(half.place, "half", "{}", half.html);
    assert!(half.html.contains("<dt>Rooms"), "{}", half.html);
    assert_eq!(headings(&half.html), ["h2 Household"]);
}
