//! `deity texts`: to a translator and back.

use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::{err, out};
use crate::languages::{FLOW, WELSH};
use crate::support::App;

/// A flow, its part, and a flow that has the part in Welsh already.
const PART_FLOW: &str = "include = \"who\"\ntitle = \"T\"\n[screens.a]\ntitle = \"A\"\nactions.continue = \
                         \"who\"\n[calls.who]\nfragment = \"who\"\nthen = \"b\"\n[screens.b]\ntitle = \"B\"\nend = \
                         \"completed\"\n";
const PART: &str = "[fragments.who.screens.name]\ntitle = \"Name\"\nfields.name = { type = \"text\", label = \"Your \
                    name\" }\nactions.continue = \"return\"\n";

/// An installation, and what it does with texts.
struct Office {
    app: App,
}

impl Office {
    /// With this flow, and its texts in Welsh.
    fn of(flow: &str, welsh: Option<&str>) -> Self {
        let office = Self {
            app: App::stopped(&[("hall", flow)]),
        };
        if let Some(welsh) = welsh {
            office.put("hall.cy.toml", welsh);
        }
        office
    }

    fn path(&self, file: &str) -> PathBuf {
        self.app.phases().join(file)
    }

    fn put(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    /// What a command prints; it must come to that end.
    fn says(&self, code: i32, arguments: &[&str]) -> String {
        let told = self.app.deity(&[&["texts"], arguments].concat());
        assert_eq!(
            told.status.code(),
            Some(code),
            "{arguments:?}: {}{}",
            out(&told),
            err(&told)
        );
        out(&told) + &err(&told)
    }

    fn po(&self) -> String {
        let told = self.app.deity(&["texts", "export", "hall", "--lang", "cy"]);
        assert_eq!(told.status.code(), Some(0), "{}", err(&told));
        out(&told)
    }

    /// Takes back a file of that name with that text.
    fn take(&self, code: i32, file: &str, text: &str, more: &[&str]) -> String {
        let path = self.app.dir.path().join(file);
        fs::write(&path, text).unwrap();
        let arguments = ["import", path.to_str().unwrap(), "hall", "--lang", "cy"];
        self.says(code, &[&arguments, more].concat())
    }

    /// The same, told for programs: how many had each fate, those that none had left out.
    fn counts(&self, file: &str, text: &str, more: &[&str]) -> Vec<(String, u64)> {
        let told = self.take(0, file, text, &[&["--json"], more].concat());
        let told: Json = serde_json::from_str(&told).unwrap();
        let counts = told["counts"].as_object().unwrap().iter();
        let counts = counts.map(|(fate, count)| (fate.clone(), count.as_u64().unwrap()));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}

/// The entry of a text.
fn entry<'a>(po: &'a str, key: &str) -> &'a str {
    let context = format!("msgctxt \"{key}\"\n");
    let found = po.split("\n\n").find(|entry| entry.contains(&context));
    found.unwrap_or_else(|| panic!("{key} is not in {po}"))
}

/// The file with that translation.
fn translated(po: &str, key: &str, translation: &str) -> String {
    let before = entry(po, key);
    let (head, _) = before.split_once("msgstr ").unwrap();
    po.replace(before.trim_end(), &format!("{head}msgstr \"{translation}\""))
}

fn some(counts: &[(&str, u64)]) -> Vec<(String, u64)> {
    counts
        .iter()
        .map(|(fate, count)| ((*fate).to_owned(), *count))
        .collect()
}

#[test]
fn a_translator_is_told_what_each_text_is_and_what_to_keep() {
    let office = Office::of(FLOW, Some(WELSH));
    let po = office.po();
    let head = "msgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: Hire a hall\\n\"\n";
    assert!(po.starts_with(head) && po.contains("\n\"Language: cy\\n\"\n"), "{po}");
    assert_eq!(
        entry(&po, "screens.check.body"),
        "#. screen check: Check it, {{ who }} — body\n#. Markdown; several lines are possible.\n#. Keep what \
             stands in {{ }} and {% %}: values and conditions are put in there.\n#: phases/hall.toml:24\nmsgctxt \
             \"screens.check.body\"\nmsgid \"{% if number(rent) > 100 %}That is a lot: {{ rent }}.{% endif \
             %}\"\nmsgstr \"{% if number(rent) > 100 %}Mae hynny’n llawer: {{ rent }}.{% endif %}\""
    );
    let of = |key: &str| entry(&po, key).lines().next().unwrap().to_owned();
    assert_eq!(
        of("screens.hire.fields.kind.options.meeting.hint"),
        "#. screen hire: Your hire — hint of the option meeting of the field kind"
    );
    assert_eq!(
        of("screens.hire.rules.1.message"),
        "#. screen hire: Your hire — message of the rule 1"
    );
    assert_eq!(
        of("screens.intro.actions.start.label"),
        "#. screen intro: Hire the village hall — label of the button start"
    );
}

#[test]
fn what_goes_out_and_comes_back_changes_nothing() {
    let welsh = format!(
        "# By Siân\n{}\n# The end",
        WELSH.replace("title = \"Llogi neuadd\"", "title = 'Llogi neuadd' # !")
    );
    for welsh in [welsh.clone(), welsh.replace('\n', "\r\n"), format!("\u{feff}{welsh}")] {
        let office = Office::of(FLOW, Some(&welsh));
        let po = office.po();
        assert_eq!(office.counts("a.po", &po, &[]), some(&[("same", 24)]));
        // As other tools write it.
        let other = format!(
            "\u{feff}{}",
            po.replace('\n', "\r\n").replace("Bring your ", "\"\r\n\"Bring your ")
        );
        assert_eq!(office.counts("a.po", &other, &["--fuzzy"]), some(&[("same", 24)]));
        let csv = office.says(0, &["export", "hall", "--lang", "cy", "--format", "csv"]);
        assert_eq!(office.counts("a.csv", &csv, &[]), some(&[("same", 24)]));
        assert_eq!(office.text("hall.cy.toml"), welsh);
        // Into a flow without it: the same comes out again, from there on too.
        fs::remove_file(office.path("hall.cy.toml")).unwrap();
        assert_eq!(office.counts("a.po", &po, &["--dry-run"]), some(&[("new", 24)]));
        assert!(!office.path("hall.cy.toml").exists());
        assert_eq!(office.counts("a.po", &po, &[]), some(&[("new", 24)]));
        assert_eq!(office.po(), po);
        let new = office.text("hall.cy.toml");
        assert_eq!(office.counts("a.csv", &csv, &[]), some(&[("same", 24)]));
        assert_eq!(office.text("hall.cy.toml"), new);
        let checked = office.app.deity(&["check", "--translated"]);
        assert_eq!(checked.status.code(), Some(0), "{}", out(&checked));
    }
}

#[test]
fn new_texts_come_in_the_order_of_the_flow_and_what_stands_there_stays() {
    let welsh = "# By Siân\ntitle = \"Llogi\" # short\n\n# The hire\n[screens.hire]\nfields.rent.label = \
                 \"Rhent\"\nfields.kind = { options = { meeting = \"Cyfarfod\" } }\n\n[screens.done]\ntitle = \
                 \"Wedi\"\n\n# The end\n";
    let office = Office::of(FLOW, Some(welsh));
    let mut po = office.po();
    for (key, text) in [
        ("screens.intro.title", "Neuadd"),
        ("screens.hire.title", "Eich llogi"),
        ("screens.hire.fields.kind.options.party", "Parti"),
        ("screens.hire.fields.kind.options.meeting.hint", "20"),
        ("screens.hire.fields.rent.label", "Y rhent"),
        ("screens.check.actions.send.label", "Anfon"),
        (
            "screens.intro.body",
            "Dewch â’ch **allweddi**.\\n\\n[Rheolau](https://example.org/rules)\\\\\\n",
        ),
    ] {
        po = translated(&po, key, text);
    }
    let told = office.take(0, "hall.po", &po, &[]);
    assert!(told.contains("\n6 new\n") && told.contains("\n1 changed\n"), "{told}");
    assert_eq!(
        office.text("hall.cy.toml"),
        "# By Siân\ntitle = \"Llogi\" # short\n\n[screens.intro]\ntitle = \"Neuadd\"\nbody = \"\"\"\nDewch â’ch \
         **allweddi**.\n\n[Rheolau](https://example.org/rules)\\\\\"\"\"\n\n# The hire\n[screens.hire]\ntitle = \
         \"Eich llogi\"\nfields.rent.label = \"Y rhent\"\nfields.kind = { options = { party = \"Parti\", meeting = { \
         label = \"Cyfarfod\", hint = \"20\" } } }\n\n[screens.check]\nactions.send.label = \
         \"Anfon\"\n\n[screens.done]\ntitle = \"Wedi\"\n\n[made-from]\n\"screens.intro.title\" = \"Hire the village \
         hall\"\n\"screens.intro.body\" = \"Bring your **keys**, and read [the \
         rules](https://example.org/rules).\"\n\"screens.hire.title\" = \"Your hire\"\n\"screens.hire.fields.rent.label\" \
         = \"Rent\"\n\"screens.hire.fields.kind.options.party\" = \
         \"Party\"\n\"screens.hire.fields.kind.options.meeting.hint\" = \"Up to 20 \
         people\"\n\"screens.check.actions.send.label\" = \"Send it\"\n\n# The end\n"
    );
}

#[test]
fn a_text_is_stale_until_somebody_has_looked_at_it() {
    let office = Office::of(FLOW, None);
    let first = translated(&office.po(), "screens.hire.title", "Eich llogi");
    office.take(0, "a.po", &first, &[]);
    office.put("hall.toml", &FLOW.replace("\"Your hire\"", "\"Your rental\""));
    let stale = office.po();
    assert!(entry(&stale, "screens.hire.title").contains(
        "#, fuzzy\n#| msgid \"Your hire\"\nmsgctxt \"screens.hire.title\"\nmsgid \"Your rental\"\nmsgstr \"Eich \
         llogi\""
    ));
    let status = office.says(0, &["status", "hall", "--missing", "--json"]);
    let status: Json = serde_json::from_str(&status).unwrap();
    let counts = ["texts", "translated", "missing", "stale", "percent"].map(|name| status[name].as_u64().unwrap());
    assert_eq!(counts, [24, 0, 23, 1, 0]);
    let lack = status["lacks"].as_array().unwrap().iter();
    let lack: Vec<_> = lack.filter(|one| one["state"] == "stale").collect();
    assert_eq!(
        (lack.len(), &lack[0]["line"], &lack[0]["original"]),
        (1, &11.into(), &"Your rental".into())
    );
    // Nobody has looked at it.
    let before = office.text("hall.cy.toml");
    for more in [&[][..], &["--fuzzy"]] {
        assert_eq!(
            office.counts("a.po", &stale, more),
            some(&[("missing", 23), ("same", 1)])
        );
    }
    let csv = office.says(0, &["export", "hall", "--lang", "cy", "--format", "csv"]);
    assert_eq!(office.counts("a.csv", &csv, &[]), some(&[("missing", 23), ("same", 1)]));
    // Somebody is not sure.
    let unsure = translated(&stale, "screens.hire.title", "Eich rhent");
    assert_eq!(
        office.counts("a.po", &unsure, &[]),
        some(&[("fuzzy", 1), ("missing", 23)])
    );
    assert_eq!(office.text("hall.cy.toml"), before);
    assert_eq!(
        office.counts("a.po", &unsure, &["--fuzzy"]),
        some(&[("missing", 23), ("stale", 1)])
    );
    assert_eq!(office.po(), unsure);
    // Somebody is.
    let sure = unsure.replace("#, fuzzy\n#| msgid \"Your hire\"\n", "");
    assert_eq!(
        office.counts("a.po", &sure, &[]),
        some(&[("confirmed", 1), ("missing", 23)])
    );
    assert_eq!(office.po(), sure);
    // What was made from the words of before comes too late.
    let after = office.text("hall.cy.toml");
    assert_eq!(
        office.counts("a.po", &first, &[]),
        some(&[("missing", 23), ("outdated", 1)])
    );
    assert_eq!(office.text("hall.cy.toml"), after);
    fs::remove_file(office.path("hall.cy.toml")).unwrap();
    assert_eq!(
        office.counts("a.po", &first, &[]),
        some(&[("missing", 23), ("stale", 1)])
    );
    assert!(entry(&office.po(), "screens.hire.title").contains("#| msgid \"Your hire\"\n"));
}

#[test]
fn of_a_file_that_was_written_by_hand_it_can_be_noted_what_it_was_made_from() {
    let welsh = WELSH
        .replace("\"Dewch â’ch", "\"\"\"\nDewch â’ch")
        .replace("/rules).\"", "/rules).\n\"\"\"");
    let office = Office::of(FLOW, Some(&welsh));
    let po = office.po();
    assert_eq!(office.counts("a.po", &po, &["--confirm"]), some(&[("confirmed", 24)]));
    let noted = office.text("hall.cy.toml");
    let (texts, notes) = noted.split_once("\n[made-from]\n").unwrap();
    assert_eq!((texts, notes.lines().count()), (welsh.as_str(), 24));
    assert_eq!(
        (office.po(), office.counts("a.po", &po, &["--confirm"])),
        (po, some(&[("same", 24)]))
    );
    office.put("hall.toml", &FLOW.replace("\"Send it\"", "\"Send it now\""));
    let status = office.says(0, &["status", "--missing"]);
    assert!(
        status.contains("hall.toml:26: stale: screens.check.actions.send.label: Send it now\n"),
        "{status}"
    );
}

#[test]
fn a_check_can_fail_on_what_a_translation_lacks() {
    let welsh = "[screens.hire]\ntitle = \"Eich llogi\"\n[made-from]\n\"screens.hire.title\" = \"Your rental\"\n";
    let office = Office::of(FLOW, Some(welsh));
    let checked = office.app.deity(&["check", "--translated"]);
    let told = out(&checked);
    assert_eq!(checked.status.code(), Some(1), "{told}");
    assert!(
        told.contains("error[stale-text]") && told.contains("error[missing-texts]: 23 of the 24"),
        "{told}"
    );
    assert_eq!(office.app.deity(&["check"]).status.code(), Some(0));
}

#[test]
fn a_csv_that_somebody_has_worked_on_needs_no_word_in_its_last_column() {
    let office = Office::of(
        FLOW,
        Some("[screens.hire]\ntitle = \"Eich llogi\"\n[made-from]\n\"screens.hire.title\" = \"00000000\"\n"),
    );
    let csv = office.says(0, &["export", "hall", "--lang", "cy", "--format", "csv"]);
    assert!(csv.contains(",Your hire,Eich llogi,stale\r\n"), "{csv}");
    let done = csv.replace("Eich llogi,stale", "Eich rhent,stale");
    assert_eq!(
        office.counts("a.csv", &done, &[]),
        some(&[("changed", 1), ("missing", 23)])
    );
    // As spreadsheets of other countries save it.
    let semicolons = "Translation;ADDRESS;original\nCanslo;screens.hire.actions.stop.label;Cancel\n;;\n";
    let counts = office.counts("a.csv", semicolons, &[]);
    assert_eq!(counts, some(&[("missing", 23), ("new", 1)]));
}

#[test]
fn texts_of_parts_go_to_the_files_beside_them() {
    let office = Office::of(PART_FLOW, None);
    office.put("who.part.toml", PART);
    office.put(
        "who.part.cy.toml",
        "[fragments.who.screens.name]\ntitle = \"Enw\" # of another flow\n",
    );
    let po = office.po();
    assert!(
        entry(&po, "who:fragments.who.screens.name.title").ends_with("msgstr \"Enw\""),
        "{po}"
    );
    let label = "who:fragments.who.screens.name.fields.name.label";
    assert!(
        entry(&po, label).starts_with("#. fragment who — screen name: Name — label of the field name\n"),
        "{po}"
    );
    let done = translated(&po, label, "Eich enw");
    assert_eq!(
        office.counts("a.po", &done, &[]),
        some(&[("missing", 3), ("new", 1), ("same", 1)])
    );
    assert_eq!(office.text("hall.cy.toml"), "");
    assert_eq!(
        office.text("who.part.cy.toml"),
        "[fragments.who.screens.name]\ntitle = \"Enw\" # of another flow\nfields.name.label = \"Eich \
         enw\"\n\n[made-from]\n\"fragments.who.screens.name.fields.name.label\" = \"Your name\"\n"
    );
    assert_eq!(office.po(), done);
    let status = office.says(0, &["status"]);
    assert!(
        status.contains("5 texts     2 translated     3 missing     0 stale   40 %"),
        "{status}"
    );
}

#[test]
fn what_is_refused_leaves_everything_as_it_was() {
    let office = Office::of(FLOW, Some(WELSH));
    let po = office.po();
    let body = |text: &str| translated(&po, "screens.intro.body", text);
    let title = |text: &str| translated(&po, "screens.check.title", text);
    let twice = format!("{po}\n{}\n", entry(&po, "title"));
    let big = format!("{po}#{}\n", " ".repeat(4 << 20));
    for (text, said) in [
        (title("Gwiriwch"), "it differs from its original in a value: {{ who }}"),
        (title("{{ who }} {{ rent }}"), "in a value: {{ rent }}"),
        (body("[x](https://evil.example)"), "where a link leads"),
        (title("{{ who }} {{"), "unexpected end of input"),
        (
            title("{{ who }} {% if number(rent) > 1 %}a{% endif %}"),
            "in a condition",
        ),
        (
            body("\u{7}[x](https://example.org/rules)"),
            "a control character stands in it (U+0007)",
        ),
        (twice, "it stands twice in the file"),
        (format!("{po}\nmsgid \"x"), "this string is not between quotes"),
        (
            po.replace("Language: cy", "Language: fr"),
            "says that it is in `fr`, not in `cy`",
        ),
        (po.replace("UTF-8", "latin1"), "not in UTF-8"),
        (big, "larger than 4 MiB"),
    ] {
        let text = translated(&text, "title", "Llogi y neuadd");
        let told = office.take(1, "a.po", &text, &[]);
        assert!(told.contains(said), "{said}: {told}");
        assert_eq!(office.text("hall.cy.toml"), WELSH);
    }
    let told = office.take(1, "a.csv", "address,original\n", &[]);
    assert!(told.contains("there is no column `translation`"), "{told}");
    assert_eq!(fs::read_dir(office.app.phases()).unwrap().count(), 2);
    for tag in ["c", "../x", "walks", "part", "cy/..", "Cymraeg", "en"] {
        let told = office.says(1, &["export", "hall", "--lang", tag]);
        assert!(
            told.contains("no language that a file") || told.contains("language of the flow itself"),
            "{told}"
        );
    }
    office.put("hall.cy.toml", "title = \"Llogi\"\ntitle = \n");
    let told = office.take(1, "a.po", &po, &[]);
    assert!(told.contains("hall.cy.toml:2: this is not valid TOML"), "{told}");
    let elsewhere = office.app.dir.path().join("elsewhere.toml");
    fs::write(&elsewhere, "title = \"Llogi\"\n").unwrap();
    fs::remove_file(office.path("hall.cy.toml")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, office.path("hall.cy.toml")).unwrap();
    office.take(1, "a.po", &po, &[]);
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "title = \"Llogi\"\n");
}

#[test]
fn what_the_flow_has_no_more_is_told_and_left_out() {
    let office = Office::of(FLOW, Some(WELSH));
    let po = office.po();
    let text = format!("{po}\nmsgctxt \"screens.gone.title\"\nmsgid \"Gone\"\nmsgstr \"\\r\\tWedi mynd\"\n");
    let told = office.take(0, "a.po", &text, &[]);
    assert!(
        told.contains("1 not in the flow\n") && told.contains(" screens.gone.title\n"),
        "{told}"
    );
    assert_eq!(office.text("hall.cy.toml"), WELSH);
    // A text that asks for other values now is not taken from before.
    office.put("hall.toml", &FLOW.replace("Check it, {{ who }}", "Check it, {{ day }}"));
    let stale = office.po();
    assert!(entry(&stale, "screens.check.title").contains("#, fuzzy\n"), "{stale}");
    assert_eq!(
        office.counts(
            "a.po",
            &translated(&po, "screens.check.title", "Edrychwch, {{ who }}"),
            &[]
        ),
        some(&[("outdated", 1), ("same", 23)])
    );
}

#[test]
fn a_spreadsheet_runs_nothing_of_what_goes_out() {
    let risky = [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\u{ff1d}1",
        "\\t=1",
        "\\r1",
        "'=1",
        "''",
        " =1",
    ];
    let screens = risky.iter().enumerate().map(|(n, text)| {
        let to = if n + 1 < risky.len() {
            format!("s{}", n + 1)
        } else {
            "end".to_owned()
        };
        format!("[screens.s{n}]\ntitle = \"T\"\nbody = \"{text}\"\nactions.continue = \"{to}\"\n")
    });
    let screens: String = screens.collect();
    let flow = format!("title = \"T\"\n{screens}[screens.end]\ntitle = \"E\"\nend = \"completed\"\n");
    let office = Office::of(&flow, None);
    let csv = office.says(0, &["export", "hall", "--lang", "cy", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let run = |cell: &str| cell.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}']);
    assert!(
        rows.iter()
            .flatten()
            .all(|cell| !run(cell) && !cell.starts_with(['\t', '\r'])),
        "{csv}"
    );
    // Whoever translates leaves them as they are.
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap()).unwrap();
    for row in &rows {
        let cells: Vec<&str> = row
            .iter()
            .enumerate()
            .map(|(n, cell)| if n == 5 { &row[4] } else { cell })
            .collect();
        writer.write_record(cells).unwrap();
    }
    let done = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    assert_eq!(office.counts("a.csv", &done, &[]), some(&[("new", rows.len() as u64)]));
    let read = toml::from_str::<toml::Table>(&office.text("hall.cy.toml")).unwrap();
    let own = toml::from_str::<toml::Table>(&flow).unwrap();
    for n in 0..risky.len() {
        assert_eq!(
            read["screens"][format!("s{n}")]["body"],
            own["screens"][format!("s{n}")]["body"]
        );
    }
}
