//! What is used several times: fragments that are called, groups of questions, shared words.

mod calls;
mod effects;
mod faults;
mod groups;
mod lists;

use deity::flow::bundle;

/// A part with a fragment that calls another, and a group.
pub(crate) const PART: &str = r#"
[texts]
help = "Ring *us* on 0300 123."

[groups.name]
fields.given = { type = "text", label = "Given names" }
fields.family = { type = "text", label = "Family name" }
fields.title = { type = "text", label = "Title", required = false, when = "given != 'Ada'" }

[fragments.address]
start = "street"
in = { who = "text" }
out = { full = "line ~ ', ' ~ town" }
[fragments.address.calls.since]
fragment = "moved"
with = { town = "town" }
then = "return"
[fragments.address.screens.street]
title = "Where does {{ who }} live?"
fields.line = { type = "text", label = "Address line" }
fields.town = { type = "text", label = "Town" }
actions.continue = [{ when = "town == 'York'", to = "return" }, { to = "since" }]

[fragments.moved]
in = { town = "text" }
[fragments.moved.screens.when]
title = "When did you move to {{ town }}?"
body = "{{ texts.help }}"
fields.year = { type = "integer", label = "Year" }
actions.continue = { label = "Go on", to = "return" }
"#;

/// Calls it twice.
pub(crate) const FLOW: &str = r#"
title = "A move"
include = ["shared"]
start = "intro"

[calls.home]
fragment = "address"
with = { who = "person.given" }
then = [{ when = "home.town == 'Hull'", to = "hull" }, { to = "work" }]
[calls.work]
fragment = "address"
with = { who = "'your employer'" }
then = "check"

[screens.intro]
title = "A move"
actions.start = { label = "Start now", to = "name" }
[screens.name]
title = "Who are you?"
fields.person = { type = "group", use = "name", label = "Your name" }
actions.continue = "home"
[screens.hull]
title = "Hull, at {{ home.full }}"
actions.continue = "work"
[screens.check]
title = "Check"
review = true
actions.submit = { label = "Send", to = "done" }
[screens.done]
title = "Done"
end = "sent"
"#;

pub(crate) fn packed(flow: &str) -> String {
    bundle::pack(flow, [("shared", PART)])
}
