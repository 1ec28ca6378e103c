//! Definitions, good and broken: every `tests/definitions/err/*.toml` gives exactly the
//! diagnostics beside it, every `ok/*.toml` and every flow of `phases/` gives none.
//!
//! `DEITY_REWRITE=1` writes the diagnostics anew.

use deity::words::Words;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use deity::flow::{Diagnostic, Flow};

/// All `*.toml` of a folder of this repository, by name.
pub fn definitions(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        // Walks and translations stand beside.
        .filter(|path| !path.file_stem().unwrap().to_string_lossy().contains('.'))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no definitions in {}", folder.display());
    found
}

/// As `deity check` prints them.
fn printed(file: &str, source: &str, all: &[Diagnostic]) -> String {
    let mut text = String::new();
    for one in all {
        writeln!(text, "{}\n", one.render(file, source, false)).unwrap();
    }
    text
}

#[test]
fn every_flow_of_phases_is_read_without_a_word() {
    for (name, path) in definitions("phases") {
        let source = std::fs::read_to_string(&path).unwrap();
        match Flow::read(&name, &source) {
            Ok((flow, warnings)) => {
                assert_eq!(flow.name, name);
                assert_eq!(printed(&name, &source, &warnings), "");
            }
            Err(faults) => panic!("{}", printed(&name, &source, &faults)),
        }
    }
}

#[test]
fn good_definitions_are_read_without_a_word() {
    for (name, path) in definitions("tests/definitions/ok") {
        let source = std::fs::read_to_string(&path).unwrap();
        match Flow::read(&name, &source) {
            Ok((_, warnings)) => assert_eq!(printed(&name, &source, &warnings), ""),
            Err(faults) => panic!("{}", printed(&name, &source, &faults)),
        }
    }
}

#[test]
fn each_broken_definition_gives_exactly_its_diagnostics() {
    let rewrite = std::env::var_os("DEITY_REWRITE").is_some();
    let mut wrong = Vec::new();
    for (name, path) in definitions("tests/definitions/err") {
        let source = std::fs::read_to_string(&path).unwrap();
        let all = match Flow::read(&name, &source) {
            Ok((_, warnings)) => warnings,
            Err(faults) => {
                assert!(faults.iter().any(|one| one.error), "{name}: refused without a fault");
                faults
            }
        };
        assert!(!all.is_empty(), "{name}: nothing was found");
        let now = printed(&format!("{name}.toml"), &source, &all);
        wrong.extend(told_otherwise(&name, &path, &now, rewrite));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is found in a file, where that is another than the text beside it, which is written anew if wished.
pub(crate) fn told_otherwise(name: &str, path: &Path, now: &str, rewrite: bool) -> Option<String> {
    let golden = path.with_extension("txt");
    if rewrite && !now.is_empty() {
        std::fs::write(&golden, now).unwrap();
    }
    let then = std::fs::read_to_string(&golden).unwrap_or_default();
    (now != then).then(|| format!("--- {name}: expected\n{then}--- found\n{now}"))
}

#[test]
fn passport_renewal_is_what_its_file_says() {
    let (_, path) = definitions("phases")
        .into_iter()
        .find(|(name, _)| name == "passport-renewal")
        .unwrap();
    let source = std::fs::read_to_string(path).unwrap();
    let (flow, _) = Flow::read("passport-renewal", &source).unwrap();
    let names: Vec<_> = flow.screens.iter().map(|screen| screen.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "intro",
            "name",
            "birth",
            "too-young",
            "changed",
            "previous",
            "address",
            "check",
            "done",
            "sorry"
        ]
    );
    assert_eq!(flow.screen(flow.start).unwrap().name, "intro");
    assert_eq!(flow.limits.idle.as_hours(), 2);
    let address = &flow.screens[flow.number("address").unwrap() as usize];
    let fields: Vec<_> = address
        .fields()
        .map(|field| (field.name.as_str(), field.required))
        .collect();
    assert_eq!(
        fields,
        [("line1", true), ("line2", false), ("town", true), ("postcode", true)]
    );
    let birth = &flow.screens[flow.number("birth").unwrap() as usize];
    let to: Vec<_> = birth.actions[0]
        .branches
        .iter()
        .map(|branch| flow.screens[branch.to as usize].name.as_str())
        .collect();
    assert_eq!(to, ["too-young", "changed"]);
}

#[test]
fn programs_get_each_diagnostic_as_json() {
    let source = "title = \"T\"\r\n[screens.\"é\"]\r\n  titel = \"T\"\r\n";
    let faults = Flow::read("json", source).unwrap_err();
    let all: Vec<_> = faults
        .iter()
        .map(|one| serde_json::to_value(one.located("phases/json.toml", source)).unwrap())
        .collect();
    let unknown = all.iter().find(|one| one["code"] == "unknown-key").unwrap();
    assert_eq!(
        *unknown,
        serde_json::json!({
            "file": "phases/json.toml",
            "line": 3,
            "column": 3,
            "level": "error",
            "code": "unknown-key",
            "message": "screen `é` has no key `titel`",
            "label": "unknown",
            "help": "did you mean `title`?",
        })
    );
}

#[test]
fn colours_only_when_asked() {
    let faults = Flow::read("colours", "titel = 1").unwrap_err();
    assert!(!faults[0].render("a.toml", "titel = 1", false).contains('\u{1b}'));
    assert!(faults[0].render("a.toml", "titel = 1", true).contains("\u{1b}["));
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_forgiven() {
    for (name, path) in definitions("phases") {
        let source = std::fs::read_to_string(&path).unwrap();
        let (unix, _) = Flow::read(&name, &source).unwrap();
        let windows = format!("\u{feff}{}", source.replace('\n', "\r\n"));
        let (flow, warnings) = Flow::read(&name, &windows).unwrap();
        assert_eq!(warnings, []);
        assert_eq!(flow.digests.structure, unix.digests.structure, "{name}");
    }
}

#[test]
fn no_number_of_warnings_hides_a_fault() {
    use std::fmt::Write as _;
    let mut source = "title = \"T\"\n".to_owned();
    for n in 0..300 {
        writeln!(
            source,
            "[screens.s{n}]\nfields.f{n} = {{ type = \"text\", label = \"L:\" }}\nactions.on-to = \"s{}\"",
            n + 1
        )
        .unwrap();
    }
    source.push_str("[screens.s300]\ntitle = \"{{ nobody }}\"\nend = \"done\"\n");
    let faults = Flow::read("many", &source).unwrap_err();
    assert_eq!(
        faults
            .iter()
            .filter(|one| one.error)
            .map(|one| one.code)
            .collect::<Vec<_>>(),
        ["unknown-name"]
    );
}

#[test]
fn buttons_say_what_they_do_where_the_author_does_not() {
    let words = |flow: &str, screen: &str| -> Vec<String> {
        let all = definitions("tests/definitions/ok");
        let (_, path) = all.iter().find(|(name, _)| name == flow).unwrap();
        let (flow, _) = Flow::read(flow, &std::fs::read_to_string(path).unwrap()).unwrap();
        let screen = flow.screens.iter().find(|one| one.name == screen).unwrap();
        let scope = deity::flow::Scope {
            values: &deity::flow::Values::new(),
            today: flow.day(0),
            reference: "",
            words: Words::english(),
            on_page: false,
        };
        screen.actions.iter().map(|action| action.label.plain(&scope)).collect()
    };
    assert_eq!(words("way-back", "intro"), ["Start now"]);
    assert_eq!(words("way-back", "rooms"), ["Continue"]);
    assert_eq!(words("way-back", "price"), ["Order", "Another number", "Cancel"]);
    assert_eq!(words("every-form", "green"), ["Confirm and send", "Change the colour"]);
}
