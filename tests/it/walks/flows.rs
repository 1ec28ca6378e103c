//! The flows that are walked: those to copy in `phases/`, and of the tests' own what those do not have.

/// Everything that hangs on an answer, asked about before it changes; a seal in the middle.
const TURNS: &str = r#"
title = "Turns"
start = "intro"
changes = "confirm"
limits = { idle = "2h", total = "7d", keep = "30d" }

[actions]
help = { to = "help", label = "Help" }

[screens.intro]
title = "Turns"
actions.start = { label = "Start now", to = "kind" }

[screens.help]
title = "Help"
body = "Ring us."

[screens.kind]
title = "What kind?"
fields.kind = { type = "choice", label = "Kind", options = { a = "A", b = "B", c = "C", d = "D" } }
fields.size = { type = "integer", label = "Size", min = 0, max = 5, default = 1 }
fields.colour = { type = "choice", label = "Colour", options = [
  { value = "red", label = "Red" },
  { value = "blue", label = "Blue" },
] }
actions.continue = [
  { when = "kind == 'a'", to = "alpha" },
  { when = "kind == 'b'", to = "beta" },
  { when = "kind == 'c'", to = "stop" },
  { to = "gate" },
]

[screens.stop]
title = "Not for you"
end = "not-for-you"
open = true

[screens.alpha]
title = "Alpha"
fields.shade = { type = "choice", label = "Shade", options = [
  { value = "light", label = "Light" },
  { value = "dark", label = "Dark", when = "size > 1" },
  { value = "deep", label = "Deep", when = "colour == 'blue'" },
] }
fields.alpha = { type = "text", label = "Alpha", required = false, default = "{{ 'much' if size > 1 else 'little' }}", max = 40 }
fields.twice = { type = "computed", label = "Twice", value = "size * 2" }
actions.continue = "gate"
actions.skip = { label = "Skip", when = "size > 1", to = "gate" }

[screens.beta]
title = "Beta"
fields.many = { type = "choices", label = "Many", min = 1, options = { one = "One", two = "Two", other = "Other" } }
fields.other = { type = "text", label = "Which other?", max = 40, when = "'other' in many" }
fields.blue = { type = "text", label = "Why blue?", max = 40, when = "colour == 'blue'" }
rules = [{ check = "size > 0 or not ('two' in many)", message = "Two of nothing", fields = ["many"] }]
actions.continue = "gate"
actions.again = { label = "Another kind", to = "kind" }

[screens.gate]
title = "The gate"
when = "size > 0"
fields.gate = { type = "text", label = "Word", max = 40 }
actions.continue = "inner"
actions.stop = { label = "Cancel", cancel = true }

[screens.inner]
title = "Inside"
when = "kind != 'd'"
fields.sum = { type = "computed", label = "Sum", value = "size + default(twice, 0)" }
fields.inner = { type = "integer", label = "Inside", min = 0, max = "sum" }
actions.continue = [{ when = "inner > 1", to = "deep" }, { to = "agree" }]

[screens.deep]
title = "Deep"
fields.deep = { type = "text", label = "Deep", max = 40 }
actions.continue = "agree"

[screens.agree]
title = "So far"
review = true
actions.continue = { label = "So it is", to = "after", seal = true }

[screens.after]
title = "After"
fields.after = { type = "text", label = "After", max = 40 }
actions.continue = "check"

[screens.check]
title = "Check your answers"
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
end = "completed"
"#;

/// Tasks that come and go, a list in one, a list in each of its items as long as was said.
const TASKS: &str = r#"
title = "Tasks"
start = "intro"
changes = "refuse"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "Tasks"
actions.start = { label = "Start now", to = "first" }

[screens.first]
title = "First"
fields.wide = { type = "yes-no", label = "All of it?" }
fields.rooms = { type = "integer", label = "Rooms", min = 1, max = 3 }
actions.continue = "hub"

[screens.hub]
title = "What there is"
tasks.person = { title = "The person" }
tasks.house = { title = "The house", needs = ["person"], when = "wide" }
tasks.firm = { title = "The firm" }
tasks.rest = { title = "The rest", optional = true }
actions.continue = "check"

[screens.name]
in = "person"
title = "Name"
fields.name = { type = "text", label = "Name", max = 40, autocomplete = "off" }
fields.nick = { type = "text", label = "Nick", required = false, max = 40, autocomplete = "off" }
actions.continue = [{ when = "nick is defined", to = "why" }, { to = "hub" }]

[screens.why]
in = "person"
title = "Why that nick?"
fields.why = { type = "text", label = "Why?", max = 40 }
actions.continue = "hub"

[lists.floors]
in = "house"
title = "Floors"
item = "{{ floor }}"
min = 1
max = "rooms"
actions.continue = "hub"

[screens.floor]
in = "floors"
title = "Floor {{ position }}"
fields.floor = { type = "text", label = "Floor", max = 40 }
fields.doors_wanted = { type = "integer", label = "Doors", min = 0, max = 2 }
actions.continue = "doors"

[lists.doors]
in = "floors"
title = "Doors of {{ floor }}"
item = "{% if door is defined %}{{ door }}{% else %}Door{% endif %}"
count = "doors_wanted"
actions.continue = "floors"

[screens.door]
in = "doors"
title = "Door {{ position }}"
fields.door = { type = "text", label = "Door", max = 40 }
fields.locked = { type = "yes-no", label = "Locked?" }
actions.continue = [{ when = "locked", to = "key" }, { to = "doors" }]

[screens.key]
in = "doors"
title = "Key of {{ door }}"
fields.lock = { type = "text", label = "Lock", max = 40 }
actions.continue = "doors"

[screens.firm]
in = "firm"
title = "Firm"
fields.firm = { type = "text", label = "Firm", max = 40 }
actions.continue = "firm-more"

[screens.firm-more]
in = "firm"
title = "More of the firm"
fields.more = { type = "text", label = "More", max = 40 }
actions.continue = "hub"

[screens.note]
in = "rest"
title = "A note"
when = "rooms > 1"
fields.note = { type = "text", label = "Note", max = 40 }
actions.continue = "last"

[screens.last]
in = "rest"
title = "The last"
fields.last = { type = "text", label = "Last", max = 40 }
actions.continue = "hub"

[screens.check]
title = "Check your answers"
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
end = "completed"
"#;

/// Each by its name, with its text.
pub(super) fn all() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("phases");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of flows") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let flow = name.strip_suffix(".toml").filter(|name| !name.contains('.'));
        if let Some(flow) = flow {
            found.push((flow.to_owned(), std::fs::read_to_string(&path).expect("it can be read")));
        }
    }
    found.sort();
    found.extend(own());
    found
}

/// Those of the tests' own.
pub(super) fn own() -> Vec<(String, String)> {
    let own = [
        ("turns", TURNS),
        ("tasks", TASKS),
        ("household", super::household::FLOW),
    ];
    own.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}
