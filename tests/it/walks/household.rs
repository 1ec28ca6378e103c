//! What the reference is held against: one flow with everything that can hang on a page.

pub(super) const FLOW: &str = r#"
title = "A household"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[fragments.address]
in = { who = "text" }
[fragments.address.screens.street]
title = "Where is {{ who }}?"
fields.line = { type = "text", label = "Address line", max = 40, autocomplete = "off" }
fields.town = { type = "choice", label = "Town", options = { york = "York", hull = "Hull" } }
actions.continue = [{ when = "town == 'hull'", to = "since" }, { to = "return" }]
[fragments.address.screens.since]
title = "Since when?"
fields.year = { type = "integer", label = "Year", min = 1900, max = 2100 }
actions.continue = "return"

[calls.home]
in = "about"
fragment = "address"
with = { who = "'you'" }
then = "hub"
[calls.work]
in = "money"
fragment = "address"
with = { who = "'your employer'" }
then = "hub"

[screens.intro]
title = "A household"
actions.start = { label = "Start now", to = "size" }

[screens.size]
title = "How large?"
fields.kids = { type = "integer", label = "How many rooms?", min = 0, max = 3 }
fields.kind = { type = "choice", label = "Which kind?", options = { a = "A", b = "B" } }
actions.continue = [{ when = "kind == 'a'", to = "alpha" }, { to = "people" }]

[screens.alpha]
fields.alpha = { type = "text", label = "Alpha", max = 40 }
actions.continue = "people"

[lists.people]
title = "Who lives here?"
item = "{{ name }}"
min = 1
max = 3
actions.continue = "grown"

[screens.who]
in = "people"
fields.name = { type = "text", label = "Name", max = 40, autocomplete = "off" }
actions.continue = "old"

[screens.old]
in = "people"
title = "How old?"
fields.age = { type = "integer", label = "Age", min = 0, max = 130 }
fields.parent = { type = "choice", label = "Parent", required = false, options = { from = "people", label = "{{ name }}", where = "age >= 16" } }
actions.continue = [{ when = "age >= 60", to = "pension" }, { to = "job" }]

[screens.pension]
in = "people"
fields.pension = { type = "text", label = "Pension", max = 40 }
actions.continue = "pets"

[screens.job]
in = "people"
title = "What do they earn?"
when = "age >= 16"
fields.pay = { type = "integer", label = "Pay", required = false, min = 1 }
actions.continue = "pets"

[lists.pets]
in = "people"
title = "Pets"
item = "{{ pet }}"
max = 2
actions.continue = "people"

[screens.pet]
in = "pets"
fields.pet = { type = "text", label = "Name of the pet", max = 40 }
actions.continue = "weight"

[screens.weight]
in = "pets"
fields.weight = { type = "integer", label = "Weight", min = 1 }
actions.continue = "pets"

[screens.grown]
title = "Whom may we call?"
when = "any(people, age >= 16)"
fields.head = { type = "choice", label = "Whom?", options = { from = "people", label = "{{ name }}", where = "age >= 16" } }
actions.continue = "rooms"

[lists.rooms]
title = "Your rooms"
item = "{{ room }}"
count = "kids"
actions.continue = "hub"

[screens.room]
in = "rooms"
fields.room = { type = "text", label = "Name of the room", max = 40 }
actions.continue = "rooms"

[screens.hub]
title = "What else?"
tasks.about = { title = "About you", start = "home" }
tasks.money = { title = "The money", start = "sum" }
tasks.more = { title = "Anything else", needs = ["about"], optional = true }
actions.continue = "extra"

[screens.sum]
in = "money"
fields.sum = { type = "integer", label = "How much?", min = 1 }
actions.continue = [{ when = "sum > 100", to = "why" }, { to = "work" }]

[screens.why]
in = "money"
fields.why = { type = "text", label = "Why so much?", max = 40 }
actions.continue = "work"

[screens.note]
in = "more"
fields.note = { type = "text", label = "Note", max = 40 }
actions.continue = "hub"

[screens.extra]
title = "Nearly there"
body = "There are {{ length(people) }} people."
fields.extra = { type = "text", label = "Anything else", required = false, default = "nothing", max = 40 }
fields.total = { type = "computed", label = "All pay", value = "sum(people.pay)" }
actions.continue = "check"

[screens.check]
title = "Check your answers"
body = "N{{ length(people) }} A{{ sum(people.age) }} W{{ sum(people.pets.weight) }} P{{ total }} G{{ count(people, age >= 16) }} R{{ length(rooms) }}."
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
end = "completed"
"#;
