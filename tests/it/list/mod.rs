//! Lists: items that are added, changed, removed and put back; what of them counts.

mod bounds;
mod nested;
mod nothing;
mod options;
mod races;
mod review;
mod steps;
mod tasks;
mod telling;

use crate::support::desk::{Desk, Sheet, read};

pub(crate) const HOUSE: &str = r#"
title = "A household"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A household"
actions.start = { label = "Start now", to = "people" }

[lists.people]
title = "Who lives here?"
item = "{{ name }}, {{ age }}"
min = 1
max = 4
start = "who"
actions.add = "Add another person"
actions.continue = { label = "Nobody else lives here", to = "income" }

[screens.who]
in = "people"
title = "{% if position == 1 %}What is your name?{% else %}What is their name?{% endif %}"
fields.name = { type = "text", label = "Name", max = 40, autocomplete = "off" }
actions.continue = "old"

[screens.old]
in = "people"
title = "How old is {{ name }}?"
fields.age = { type = "integer", label = "Age", min = 0, max = 130 }
actions.continue = [
  { when = "age >= 16", to = "job" },
  { to = "people" },
]

[screens.job]
in = "people"
title = "What does {{ name }} earn?"
fields.pay = { type = "money", currency = "GBP", label = "Pay in a month", required = false }
actions.continue = "people"

[screens.income]
title = "Anything else?"
body = "There are {{ length(people) }} people."
fields.note = { type = "text", label = "Note", required = false, max = 40 }
actions.continue = "check"

[screens.check]
title = "Check your answers"
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
body = "Your reference is {{ reference }}."
end = "completed"
"#;

fn house() -> deity::flow::Flow {
    read("house", HOUSE)
}

/// The page says each of `words`.
fn shows(page: &Sheet, words: &[&str]) {
    for word in words {
        assert!(page.html.contains(word), "{word} is not in {}", page.html);
    }
}

/// From the list's page: adds a person, and gives the list's page after that.
async fn add(desk: &Desk, list: &Sheet, name: &str, age: &str, pay: &str) -> Sheet {
    let who = desk.press(list, "add", &[]).await;
    assert_eq!(who.place, "who", "{}", who.html);
    let old = desk.send(&who, &[("name", name)]).await;
    assert_eq!(old.place, "old", "{}", old.html);
    let next = desk.send(&old, &[("age", age)]).await;
    if pay.is_empty() {
        return next;
    }
    assert_eq!(next.place, "job", "{}", next.html);
    desk.send(&next, &[("pay", pay)]).await
}
