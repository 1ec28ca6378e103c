//! The two digests: wording changes the texts alone, everything else the structure.

use deity::flow::{Digests, Flow};

use crate::definition::definitions;

fn digests(source: &str) -> Digests {
    match Flow::read("every-form", source) {
        Ok((flow, _)) => flow.digests,
        Err(faults) => panic!("{}", faults[0].render("every-form", source, false)),
    }
}

fn source() -> String {
    ok("every-form")
}

fn ok(flow: &str) -> String {
    let all = definitions("tests/definitions/ok");
    let (_, path) = all.iter().find(|(name, _)| name == flow).unwrap();
    std::fs::read_to_string(path).unwrap()
}

/// The source with `old` replaced, which must stand there once.
#[track_caller]
fn with(source: &str, old: &str, new: &str) -> String {
    assert_eq!(source.matches(old).count(), 1, "{old}");
    source.replace(old, new)
}

#[test]
fn wording_changes_the_texts_and_nothing_else() {
    let source = source();
    let before = digests(&source);
    for (old, new) in [
        ("title = 'Every form'", "title = 'All forms'"),
        ("lang = \"en-GB\"", "lang = \"en\""),
        ("title = \"\"\"Hello\"\"\"", "title = \"Good day\""),
        ("A *body* with", "Some *words* with"),
        ("label = \"Name\"", "label = \"Your name\""),
        ("label = \"Name\"", "name = \"Full name\", label = \"Name\""),
        ("body = '''\nA", "section = \"You\"\nbody = '''\nA"),
        ("hint = \"As people say it\"", "hint = \"As you say it\""),
        ("Enter two digits, a hyphen and letters", "Enter it like 12-AB"),
        ("autocomplete = \"name\"", "autocomplete = \"nickname\""),
        ("input-mode = \"text\"", "input-mode = \"numeric\""),
        ("unit = \"kg\"", "unit = \"kilos\""),
        ("label = \"A\"", "label = \"Letter A\""),
        ("hint = \"The first\"", "hint = \"The one\""),
        ("options.s = \"Small\"", "options.s = \"Little\""),
        ("summary = \"What is this?\"", "summary = \"What does it mean?\""),
        ("text = \"A note.\"", "text = \"A longer note.\""),
        ("type = \"warning\"", "type = \"inset\""),
        ("when = \"count > 3\"", "when = \"count > 4\""),
        ("Take one at least", "Take at least one"),
        ("label = \"Change the colour\"", "label = \"Another colour\""),
        ("kind = \"danger\"", "kind = \"button\""),
        ("text = \"Thank you, {{ name }}.\"", "text = \"Thanks, {{ name }}.\""),
    ] {
        let after = digests(&with(&source, old, new));
        assert_eq!(before.structure, after.structure, "{old}");
        assert_ne!(before.texts, after.texts, "{old}");
    }
}

/// What a session is pinned to, each as it is written and as it is changed to.
const STRUCTURE: &[(&str, &str)] = &[
    (
        "start = \"one\"",
        "start = \"two\"\n[screens.zero]\ntitle = \"Z\"\nactions.on-to = \"one\"\n[x]",
    ),
    ("time-zone = \"Europe/London\"", "time-zone = \"UTC\""),
    ("changes = \"confirm\"", "changes = \"amend\""),
    ("private = true", "private = false"),
    ("carry = false", "carry = true"),
    ("idle = \"90 minutes\"", "idle = \"91 minutes\""),
    ("total = \"2d 12h\"", "total = \"3d\""),
    ("keep = \"26w\"", "keep = \"25w\""),
    ("back = false", "back = true"),
    ("max = 60", "max = 61"),
    ("min = 2, max", "min = 3, max"),
    ("'\\d{2}-[A-Z]+'", "'\\d{3}-[A-Z]+'"),
    ("normalise = \"none\"", "normalise = \"code\""),
    ("max = 1_000, required = false", "max = 1_000"),
    ("default = \"01632 960000\"", "default = \"01632 960001\""),
    ("places = 3", "places = 4"),
    (
        "currency = \"EUR\", min = 0.50, max = \"money('99.99', 'EUR') * count\"",
        "currency = \"EUR\", min = 0.51, max = \"money('99.99', 'EUR') * count\"",
    ),
    ("\"money('99.99', 'EUR') * count\"", "\"money('99.98', 'EUR') * count\""),
    ("min = 2020-01-01", "min = 2020-01-02"),
    (
        "label = \"Fee\", max = 20",
        "label = \"Fee\", max = 20, currency = \"USD\"",
    ),
    ("type = \"lines\"", "type = \"text\""),
    ("fields = \"count\"", "fields = [\"count\", \"name\"]"),
    ("check = \"count > 0\"", "check = \"count >= 1\""),
    ("value = \"price * count\"", "value = \"count * price\""),
    ("shown = false", "shown = true, label = \"Twice\""),
    ("when = \"sure\"", "when = \"not sure\""),
    ("options.s = \"Small\"", "options.m = \"Small\""),
    (
        "value = \"none\", label = \"None\", exclusive = true",
        "value = \"none\", label = \"None\"",
    ),
    (
        "  { label = \"Letter B\" },\n  \"Letter C\",\n",
        "  \"Letter C\",\n  { label = \"Letter B\" },\n",
    ),
    ("stop = { cancel = true }", "halt = { cancel = true }"),
    ("when = \"reference != ''\"", "when = \"reference == ''\""),
    (
        "{ when = \"colour == 'red'\", to = \"red\" }",
        "{ when = \"colour == 'red' and sure\", to = \"red\" }",
    ),
    (
        "to = \"red\" },",
        "to = \"green\" }, { when = \"count > 7\", to = \"red\" },",
    ),
    ("seal = true", "seal = false"),
    ("review = true", "review = false"),
    ("end = \"completed\"", "end = \"done\""),
    ("agreed = {", "accepted = {"),
];

#[test]
fn everything_else_changes_the_structure() {
    let source = source();
    let before = digests(&source);
    for (old, new) in STRUCTURE {
        let changed = with(&source, old, new).replace("[x]", "");
        // What goes round or cannot be reached is not what this is about.
        let Ok((flow, _)) = Flow::read("every-form", &changed) else {
            assert!(old.starts_with("start"), "{old}");
            continue;
        };
        assert_ne!(before.structure, flow.digests.structure, "{old}");
    }
}

#[test]
fn the_wording_of_effects_changes_the_texts_and_nothing_else() {
    let source = ok("effects");
    let before = digests(&source);
    for (old, new) in [
        ("label = \"Looking you up\"", "label = \"Finding you\""),
        ("label = \"Your booking, {{ name }}\"", "label = \"Your place\""),
        ("label = \"A letter\"", "label = \"A message\""),
        ("subject = \"Signed: {{ number }}\"", "subject = \"Signed\""),
        ("it is signed.", "you signed it."),
    ] {
        let after = digests(&with(&source, old, new));
        assert_eq!(before.structure, after.structure, "{old}");
        assert_ne!(before.texts, after.texts, "{old}");
    }
}

/// What a session is pinned to of effects, each as it is written and as it is changed to.
const EFFECTS: &[(&str, &str)] = &[
    (
        "GET https://example.org/places?all=1",
        "GET https://example.org/places?all=2",
    ),
    ("PATCH https://example.org/news", "POST https://example.org/news"),
    ("${LOOK_PATH}", "${LOOK_WAY}"),
    ("Authorization = \"Bearer", "X-Token = \"Bearer"),
    ("X-Api-Key = \"one\"", "X-Api-Key = \"two\""),
    ("body = \"form\"\nsafe = true", "body = \"json\"\nsafe = true"),
    ("timeout = \"1s\"", "timeout = \"2s\""),
    ("retry = \"0s\"", "retry = \"1s\""),
    ("both = \"{{ name }}", "both = \"by {{ name }}"),
    ("fixed = \"words\"", "other = \"words\""),
    ("count = 7", "count = 8"),
    ("sure = true", "sure = false"),
    (
        "[effects.places]\nhttp = \"GET https://example.org/places?all=1\"\nsend = {}",
        "[effects.places]\nhttp = \"GET https://example.org/places?all=1\"",
    ),
    ("nick = { at", "handle = { at"),
    ("at = \"/nick\"", "at = \"/name\""),
    (
        "type = \"money\", currency = \"EUR\"",
        "type = \"money\", currency = \"USD\"",
    ),
    (
        "type = \"money\", currency = \"EUR\", required = false",
        "type = \"money\", currency = \"EUR\"",
    ),
    ("at = \"/nick\", type = \"text\"", "at = \"/nick\", type = \"number\""),
    (
        "value = \"/id\", label = \"/name\"",
        "value = \"/key\", label = \"/name\"",
    ),
    (
        "value = \"/id\", label = \"/name\"",
        "value = \"/id\", label = \"/words\"",
    ),
    ("run = \"days.py\"", "run = \"daily.py\""),
    ("\"--for one day\"", "\"--for\", \"one day\""),
    ("method = \"PUT\"", "method = \"POST\""),
    ("path = \"/hours/today\"", "path = \"/hours\""),
    ("LEVEL = \"1\"", "LEVEL = \"2\""),
    ("LEVEL = \"1\"", "GRADE = \"1\""),
    ("undo = \"unbook\"", "undo = \"unpay\""),
    ("probe = \"booked\"", "probe = \"signed\""),
    (
        "body = \"json\"\nsend = { day = \"fixed\" }",
        "body = \"form\"\nsend = { day = \"fixed\" }",
    ),
    ("page = \"/links/0\"", "page = \"/links/1\""),
    ("hosts = [\"pay.example.org\", ", "hosts = ["),
    ("limit = \"90m\"", "limit = \"91m\""),
    ("secret = \"${PAY_SECRET}\"", "secret = \"${PAY_KEY}\""),
    ("{{ email }}, office@example.org", "{{ email }}"),
    ("load = \"places\"", "load = [\"places\", \"hours\"]"),
    ("load = [\"days\", \"hours\"]", "load = [\"hours\", \"days\"]"),
    ("options = \"hour_list\"", "options = \"day_list\""),
    ("[\"sign\", \"letter\"]", "[\"sign\"]"),
    ("[\"book\", \"told\"]", "\"book\""),
    ("declined = \"who\"", "declined = \"closed\""),
    ("declined = \"who\", ", ""),
    (
        "declined = \"who\", failed = \"closed\"",
        "declined = \"who\", failed = \"kept\"",
    ),
    (
        "declined = { to = \"given-up\", undo = true }",
        "declined = { to = \"given-up\", undo = false }",
    ),
    (
        "failed = { to = \"kept\", undo = false }",
        "failed = { to = \"kept\", undo = true }",
    ),
    ("[effects.places]", "[effects.spots]"),
];

#[test]
fn everything_else_of_effects_changes_the_structure() {
    let source = ok("effects");
    let before = digests(&source);
    let mut seen = std::collections::BTreeSet::new();
    for (old, new) in EFFECTS {
        let mut changed = with(&source, old, new);
        // What was renamed is named so everywhere.
        if new.contains("spots") {
            changed = changed.replace("load = \"places\"", "load = \"spots\"");
        }
        // What nobody asks for any more is a fault.
        for lost in ["letter", "told", "unbook", "booked"] {
            if !changed.contains(&format!("\"{lost}\"")) {
                changed = without_effect(&changed, lost);
            }
        }
        let after = digests(&changed);
        assert_ne!(before.structure, after.structure, "{old}");
        assert!(seen.insert(after.structure), "{old}: the same as another change");
    }
}

#[test]
fn whether_an_effect_is_a_look_up_or_a_notice_is_structure() {
    let flow = |failed: &str, keys: &str| {
        digests(&format!(
            "title = \"T\"\n[screens.x]\nfields.a = {{ type = \"yes-no\", label = \"A\" }}\n\
             actions.continue = {{ call = \"e\", to = \"y\"{failed} }}\n[screens.y]\ntitle = \"Y\"\nend = \"done\"\n\
             [effects.e]\nhttp = \"POST https://example.org/\"\nretry = \"1m\"\n{keys}"
        ))
        .structure
    };
    let failed = ", failed = \"y\"";
    assert_ne!(flow(failed, ""), flow(failed, "safe = true"));
    assert_eq!(flow(failed, ""), flow(failed, "safe = false\nwait = true"));
    assert_ne!(flow(failed, ""), flow("", "wait = false"));
}

/// The source without `[effects.NAME]`.
fn without_effect(source: &str, name: &str) -> String {
    let start = source.find(&format!("[effects.{name}]")).unwrap();
    let end = source[start + 1..]
        .find("\n[")
        .map_or(source.len(), |at| start + 2 + at);
    format!("{}{}", &source[..start], &source[end..])
}

#[test]
fn the_spelling_of_effects_changes_neither() {
    let source = ok("effects");
    let before = digests(&source);
    for (old, new) in [
        ("load = \"places\"", "load = [\"places\"]"),
        ("call = [\"pay\"]", "call = \"pay\""),
        ("declined = { to = \"found\" }", "declined = \"found\""),
        ("failed = { to = \"kept\", undo = false }", "failed = \"kept\""),
        ("run = \"unpay --all\"", "run = [\"unpay\", \"--all\"]"),
        ("hosts = \"sign.example.org\"", "hosts = [\"sign.example.org\"]"),
        ("count = 7", "count = \"{{ 7 }}\""),
        ("limit = \"90m\"", "limit = \"1h 30m\""),
        ("timeout = \"1m\"", "timeout = \"60 seconds\""),
        ("save.number = \"/number\"", "save.number = { at = \"/number\" }"),
        ("safe = true\nwait = true", "safe = true"),
        (
            "type = \"yes-no\", required = true",
            "required = true, type = \"yes-no\"",
        ),
        ("retry = \"2d\"\ntimeout = \"30s\"", "timeout = \"30s\"\nretry = \"2d\""),
    ] {
        assert_eq!(before, digests(&with(&source, old, new)), "{old}");
    }
}

/// What has no effects keeps the digest that it had before there were any.
#[test]
fn a_flow_without_effects_keeps_its_digest() {
    let found = digests(&source());
    assert_eq!(hex(found.structure), "b2bbd327024e61602f6373c7534b2f03");
    assert_eq!(hex(found.texts), "ef8418343b3c7fad35f059d0e202153b");
}

#[test]
fn spelling_changes_neither() {
    let source = source();
    let before = digests(&source);
    for (old, new) in [
        ("# Every key", "# Each key"),
        ("title = 'Every form'", "title = \"Every \\u0066orm\""),
        ("idle = \"90 minutes\"", "idle = \"1h 30m\""),
        ("carry = false\n", "carry = false\n\n\n"),
        ("when = \"sure\"", "when = \" sure \""),
        ("actions.start = \"two\"", "actions.start = [{ to = \"two\" }]"),
        ("options.s = \"Small\"", "options.s = { label = \"Small\" }"),
        ("fields = \"count\"", "fields = [\"count\"]"),
        ("max = 1_000, required", "max = 1000, required"),
        (
            "label = \"Sure?\", default = true",
            "default = true, required = true, label = \"Sure?\"",
        ),
        (
            "name = { type = \"text\", label = \"Name\"",
            "name = { type = \"text\", label = 'Name'",
        ),
    ] {
        assert_eq!(before, digests(&with(&source, old, new)), "{old}");
    }
}

#[test]
fn the_order_of_screens_and_fields_is_structure() {
    let (a, b) = (
        "fields.a = { type = \"yes-no\", label = \"A\" }\n",
        "fields.b = { type = \"yes-no\", label = \"B\" }\n",
    );
    let flow = |fields: &str| {
        digests(&format!(
            "title = \"T\"\n[screens.x]\ntitle = \"X\"\n{fields}actions.continue = \"y\"\n[screens.y]\ntitle = \"Y\"\nend = \"done\"\n"
        ))
    };
    assert_ne!(flow(&format!("{a}{b}")).structure, flow(&format!("{b}{a}")).structure);
}

#[test]
fn of_sections_and_summaries_the_words_are_texts_and_what_is_shown_is_structure() {
    let flow = "title = \"T\"\n[sections.a]\ntitle = \"One\"\ntotal = \"Now: {{ n }}\"\nnumbered = true\n\
                [screens.x]\nsection = \"a\"\nfields.n = { type = \"integer\", label = \"N\" }\n\
                fields.m = { type = \"integer\", label = \"M\" }\nactions.continue = \"y\"\n\
                [screens.y]\ntitle = \"Y\"\nsummary = { fields = [\"n\"], total = \"n\", label = \"All\" }\n\
                actions.continue = \"w\"\n[screens.w]\ntitle = \"W\"\nreview = [\"a\"]\nactions.continue = \"z\"\n\
                [screens.z]\ntitle = \"Z\"\nend = \"done\"\n";
    let before = digests(flow);
    for (old, new) in [
        ("title = \"One\"", "title = \"Two\""),
        ("Now: ", "So far: "),
        ("numbered = true", "numbered = false"),
        ("label = \"All\"", "label = \"Sum\""),
    ] {
        let after = digests(&with(flow, old, new));
        assert_eq!(before.structure, after.structure, "{old}");
        assert_ne!(before.texts, after.texts, "{old}");
    }
    for (old, new) in [
        ("fields = [\"n\"]", "fields = [\"m\"]"),
        ("total = \"n\"", "total = \"n + 1\""),
        ("review = [\"a\"]", "review = true"),
    ] {
        let after = digests(&with(flow, old, new));
        assert_ne!(before.structure, after.structure, "{old}");
    }
}

/// Stored sessions name these digests: a change of the canonical form orphans them.
#[test]
fn the_canonical_form_is_the_one_of_version_1() {
    let minimal = "title = \"T\"\n[screens.x]\ntitle = \"X\"\nactions.continue = \"y\"\n[screens.y]\ntitle = \"Y\"\nend = \"done\"\n";
    let found = digests(minimal);
    assert_eq!(hex(found.structure), "c94bac8ac450a6d1da1f490353735025");
    assert_eq!(hex(found.texts), "d35d4d2ae2f001c1ee037a8aee81fad1");
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_shared_list_means_what_its_options_would_mean_in_each_field() {
    let shared = ok("shared-options");
    let answer = r#"{ yes = "Yes, {{ who }}", no = "No", unknown = { label = "I do not know", exclusive = true } }"#;
    let one = answer.replace(", exclusive = true", "");
    let inline = shared
        .replace(
            "label = \"Tea?\", options = \"answer\"",
            &format!("label = \"Tea?\", options = {one}"),
        )
        .replace(
            "label = \"Milk?\", options = \"answer\"",
            &format!("label = \"Milk?\", options = {one}"),
        )
        .replace(
            "sure of?\", options = \"answer\"",
            &format!("sure of?\", options = {answer}"),
        )
        .replace(
            "options = \"days\"",
            "options = { mon = \"Monday\", tue = \"Tuesday\" }",
        );
    assert_eq!(inline.matches("options = \"").count(), 0);
    assert_eq!(digests(&shared), digests(&inline));
}
