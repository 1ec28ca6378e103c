//! What a translation may say, and what is said of it.

use deity::flow::translated::{mark, texts};
use deity::flow::{Diagnostic, Flow, bundle};

use super::{FLOW, GERMAN, WELSH, read, with};

/// `file:line code | message` of each.
fn told(source: &str, found: &[Diagnostic]) -> Vec<String> {
    let line = |one: &Diagnostic| {
        let at = one.located("hall.toml", source);
        format!("{}:{} {} | {}", at.file, at.line, at.code, at.message)
    };
    found.iter().map(line).collect()
}

/// What is said of the flow with this text in Welsh.
fn of(welsh: &str) -> Vec<String> {
    let source = with(&[("cy", welsh)]);
    let found = Flow::read("hall", &source).map_or_else(|faults| faults, |(_, warnings)| warnings);
    let told = told(&source, &found);
    told.into_iter()
        .filter(|told| !told.contains("missing-texts"))
        .collect()
}

#[test]
fn a_translation_has_the_structure_of_its_flow() {
    let (flow, warnings) = read(&with(&[("cy", WELSH)]));
    assert_eq!(told(&with(&[("cy", WELSH)]), &warnings), Vec::<String>::new());
    let welsh = flow.translation("cy").unwrap();
    assert_eq!((welsh.lang.as_str(), welsh.title.as_str()), ("cy", "Llogi neuadd"));
    assert_eq!(welsh.digests.structure, flow.digests.structure);
    let values = |flow: &Flow| {
        let screen = flow.screens.iter().find(|screen| screen.name == "hire").unwrap();
        let fields = screen.fields();
        let all = fields.flat_map(|field| {
            field
                .options()
                .iter()
                .map(|choice| choice.value.clone())
                .collect::<Vec<_>>()
        });
        all.collect::<Vec<_>>()
    };
    assert_eq!(values(welsh), values(&flow));
    assert_eq!(values(&flow), ["party", "meeting", "red", "dark-green"]);
}

#[test]
fn a_flow_without_translations_is_what_it_was() {
    let (flow, _) = read(FLOW);
    assert!(!flow.is_translated() && flow.translations.is_empty());
    let (other, _) = read(&with(&[("cy", WELSH)]));
    assert_eq!(other.digests.structure, flow.digests.structure);
    assert_ne!(other.digests.texts, flow.digests.texts);
    let (changed, _) = read(&with(&[("cy", &WELSH.replace("Parti", "Parti mawr"))]));
    assert_ne!(other.digests.texts, changed.digests.texts);
}

#[test]
fn what_is_missing_is_counted() {
    let source = with(&[("de", GERMAN)]);
    let (_, warnings) = read(&source);
    assert_eq!(
        told(&source, &warnings),
        [
            "hall.de.toml:1 missing-texts | 20 of the 24 texts of the flow are not here: they are shown in its own language"
        ]
    );
    let help = warnings[0].help.as_deref().unwrap();
    assert!(
        help.starts_with("not here: screens.intro.title, screens.intro.body, screens.intro.actions.start.label"),
        "{help}"
    );
}

#[test]
fn a_fault_names_the_file_and_the_line() {
    assert_eq!(
        of("title = \"Llogi\"\n\n[screens.hier]\ntitle = \"x\"\n"),
        ["hall.cy.toml:3 no-such-text | the flow has no `screens.hier`"]
    );
    assert_eq!(
        of("[screens.hire]\nfields.rent.lable = \"Rhent\"\n"),
        ["hall.cy.toml:2 no-such-text | the flow has no `screens.hire.fields.rent.lable`"]
    );
    assert_eq!(
        of("[screens.hire]\nfields.kind.options.picnic = \"Picnic\"\nrules.2.message = \"x\"\n"),
        [
            "hall.cy.toml:2 no-such-text | the flow has no `screens.hire.fields.kind.options.picnic`",
            "hall.cy.toml:3 no-such-text | the flow has no `screens.hire.rules.2`",
        ]
    );
    assert_eq!(
        of("title = \"Llogi\"\ntitel = \n"),
        ["hall.cy.toml:2 syntax | this is not valid TOML: string values must be quoted, expected literal string"]
    );
}

#[test]
fn a_translation_has_texts_alone() {
    for (welsh, address) in [
        (
            "[screens.hire]\nfields.rent.currency = \"EUR\"\n",
            "screens.hire.fields.rent.currency",
        ),
        (
            "[screens.hire]\nrules.1.check = \"number(rent) > 1\"\n",
            "screens.hire.rules.1.check",
        ),
        (
            "[screens.intro]\nactions.start.to = \"done\"\n",
            "screens.intro.actions.start.to",
        ),
        ("\ntime-zone = \"Europe/Paris\"\n", "time-zone"),
    ] {
        assert_eq!(
            of(welsh),
            [format!(
                "hall.cy.toml:2 not-a-text | `{address}` is nothing that people read"
            )]
        );
    }
    assert_eq!(
        of("[screens.hire]\nfields.rent.max = 1\n"),
        ["hall.cy.toml:2 no-such-text | this cannot stand for `screens.hire.fields.rent.max` of the flow"]
    );
}

#[test]
fn a_translation_says_nothing_that_its_original_does_not() {
    let other = |text: &str| {
        of(&format!(
            "[screens.check]\ntitle = \"Gwiriwch, {{{{ who }}}}\"\nbody = \"{text}\"\n"
        ))
    };
    for (text, what) in [
        (
            "{% if number(rent) > 100 %}{{ rent }} {{ who }}{% endif %}",
            "a value: {{ who }}",
        ),
        ("{% if number(rent) > 100 %}Llawer{% endif %}", "a value: {{ rent }}"),
        ("{{ rent }}", "a condition: {% ... number(rent) > 100 %}"),
        (
            "{% if number(rent) > 100 %}{{ rent }}{% endif %}{% if who == 'a' %}x{% endif %}",
            "a condition: {% ... who == 'a' %}",
        ),
        (
            "{% if number(rent) > 100 %}[Talu {{ rent }}](https://evil.example){% endif %}",
            "where a link leads: https://evil.example",
        ),
    ] {
        assert_eq!(
            other(text),
            [format!(
                "hall.cy.toml:3 other-meaning | this text and its original differ in {what}"
            )]
        );
    }
    // Spaces say nothing.
    assert_eq!(
        other("{%if number( rent )>100%}{{rent}}{%endif%}"),
        Vec::<String>::new()
    );
    // What is shown in any case may not be hidden.
    let hidden = of("[screens.check]\ntitle = \"{% if who != 'x' %}Gwiriwch, {{ who }}{% endif %}\"\n");
    let told = "this text and its original differ in a value that the original shows in any case: {{ who }}";
    assert_eq!(hidden, [format!("hall.cy.toml:2 other-meaning | {told}")]);
    // Other languages have more forms of plural.
    let more = "{% if number(rent) > 100 %}{% if number(rent) == 200 %}Dau gant{% else %}Llawer{% endif %}: {{ rent }}.{% endif %}";
    assert_eq!(other(more), Vec::<String>::new());
}

#[test]
fn a_text_is_stale_where_its_original_has_changed_since() {
    let made_from = |text: &str| {
        of(&format!(
            "[screens.hire]\ntitle = \"Eich llogi\"\n[made-from]\n\"screens.hire.title\" = \"{}\"\n",
            mark(text)
        ))
    };
    assert_eq!(made_from("Your hire"), Vec::<String>::new());
    assert_eq!(
        made_from("Your rental"),
        ["hall.cy.toml:2 stale-text | the original of `screens.hire.title` has changed since this was translated"]
    );
}

#[test]
fn texts_of_parts_lie_beside_them() {
    let flow = "include = \"who\"\ntitle = \"T\"\n[screens.a]\ntitle = \"A\"\nactions.continue = \"b\"\n[calls.who]\n\
                fragment = \"who\"\nthen = \"b\"\n[screens.b]\ntitle = \"B {{ texts.hello }}\"\nend = \"completed\"\n";
    let part = "[texts]\nhello = \"Hello\"\n[fragments.who.screens.name]\ntitle = \"Name\"\nfields.name = { type = \
                \"text\", label = \"Your name\" }\nactions.continue = \"return\"\n";
    let flow = flow.replace("actions.continue = \"b\"", "actions.continue = \"who\"");
    let source = bundle::pack(&flow, [("who", part)]);
    let source = bundle::with(
        &source,
        ".cy.toml",
        "title = \"C\"\n[screens]\na.title = \"AA\"\nb.title = \"BB {{ texts.hello }}\"\n",
    );
    let source = bundle::with(
        &source,
        "who.part.cy.toml",
        "[texts]\nhello = \"Helo\"\n[fragments.who.screens.name]\ntitle = \"Enw\"\nfields.name.labl = \"x\"\n",
    );
    let faults = Flow::read("hall", &source).unwrap_err();
    assert_eq!(
        told(&source, &faults),
        [
            "hall.cy.toml:1 missing-texts | 1 of the 6 texts of the flow are not here: they are shown in its own language",
            "who.part.cy.toml:5 no-such-text | the flow has no `fragments.who.screens.name.fields.name.labl`",
        ]
    );
    let source = source.replace("labl", "label");
    let (flow, warnings) = read(&source);
    assert!(warnings.is_empty(), "{warnings:#?}");
    let addresses: Vec<_> = texts(&source).into_iter().map(|said| said.address).collect();
    assert_eq!(
        addresses,
        [
            "title",
            "screens.a.title",
            "screens.b.title",
            "texts.hello",
            "fragments.who.screens.name.title",
            "fragments.who.screens.name.fields.name.label",
        ]
    );
    assert!(flow.translation("cy").is_some());
}

#[test]
fn the_flows_own_language_has_no_file_of_its_own() {
    let source = with(&[("en", "title = \"x\"\n")]);
    let faults = Flow::read("hall", &source).unwrap_err();
    let faults: Vec<_> = faults.iter().filter(|one| one.error).cloned().collect();
    assert_eq!(
        told(&source, &faults),
        ["hall.en.toml:1 own-language | `en` is the language of the flow itself"]
    );
}

#[test]
fn a_button_that_is_called_by_its_name_is_told_and_stays_in_its_language() {
    let flow = FLOW.replace(
        "actions.start = { label = \"Start now\", to = \"hire\" }",
        "actions.start = { label = \"Start now\", to = \"hire\" }\nactions.look-round = \"hire\"",
    );
    assert_ne!(flow, FLOW);
    let source = bundle::with(&bundle::pack(&flow, []), ".cy.toml", WELSH);
    let (flow, warnings) = read(&source);
    let message = "button `look-round` has no words that could be translated: it is called by its name";
    assert_eq!(
        told(&source, &warnings),
        [format!("hall.toml:9 unnamed-button | {message}")]
    );
    let label = |flow: &Flow| {
        let screen = flow.screens.iter().find(|screen| screen.name == "intro").unwrap();
        let mut actions = screen.actions.iter();
        format!(
            "{:?}",
            actions.find(|action| action.name == "look-round").unwrap().label
        )
    };
    let (own, other) = (label(&flow), label(flow.translation("cy").unwrap()));
    assert!(own.contains("Look round") && other.contains("Look round"));
    assert_ne!(own, other, "the other one says in which language it is");
    // To translate it all the same is a fault that says what to do.
    let more = WELSH.replace(
        "actions.start.label",
        "actions.look-round.label = \"Edrych\"\nactions.start.label",
    );
    let source = source.replace(WELSH, &more);
    let faults = Flow::read("hall", &source).expect_err("it is nothing that can be translated");
    assert!(
        faults.iter().any(|fault| fault
            .help
            .as_deref()
            .unwrap_or_default()
            .contains("give it words in the flow first")),
        "{faults:#?}"
    );
}
