//! The catalog over a real directory: what is served, what is reported, what a change does.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use deity::catalog::{Catalog, Fate, Report};
use tempfile::TempDir;

const GOOD: &str =
    "title = \"A\"\n[screens.a]\ntitle = \"A\"\nactions.continue = \"b\"\n[screens.b]\ntitle = \"B\"\nend = \"done\"\n";

/// Writes a file as if `ago` seconds ago: what was changed this very moment is left alone.
pub fn write(directory: &Path, name: &str, content: impl AsRef<[u8]>, ago: u64) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    let then = SystemTime::now() - Duration::from_secs(ago);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(then)
        .unwrap();
    path
}

fn fates(reports: &[Report]) -> Vec<(String, Fate)> {
    reports
        .iter()
        .map(|report| {
            (
                report.file.file_name().unwrap().to_string_lossy().into_owned(),
                report.fate,
            )
        })
        .collect()
}

fn codes(report: &Report) -> Vec<&str> {
    report.diagnostics.iter().map(|one| one.code).collect()
}

#[test]
fn only_visible_definitions_are_read() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    let good = write(at, "good.toml", GOOD, 60);
    write(at, ".hidden.toml", "broken", 60);
    write(at, "good.toml~", "broken", 60);
    std::os::unix::fs::symlink(&good, at.join("linked.toml")).unwrap();
    let (catalog, reports) = Catalog::load(at).unwrap();
    assert_eq!(catalog.flows().keys().collect::<Vec<_>>(), ["good", "linked"]);
    assert!(
        reports.iter().all(|report| report.diagnostics.is_empty()),
        "{reports:?}"
    );
}

#[test]
fn what_cannot_be_a_definition_is_reported_and_the_others_are_served() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    write(at, "good.toml", GOOD, 60);
    write(at, "latin.toml", b"title = \"Caf\xe9\"\n", 60);
    write(at, "large.toml", vec![b'#'; (1 << 20) + 1], 60);
    write(at, "Bad Name.toml", GOOD, 60);
    std::os::unix::fs::symlink(at.join("nowhere"), at.join("dangling.toml")).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg(at.join("pipe.toml"))
        .status()
        .unwrap();
    assert!(pipe.success());
    let (catalog, reports) = Catalog::load(at).unwrap();
    assert_eq!(catalog.flows().keys().collect::<Vec<_>>(), ["good"]);
    let found: Vec<_> = reports
        .iter()
        .map(|report| (report.file.file_name().unwrap().to_str().unwrap(), codes(report)))
        .collect();
    assert_eq!(
        found,
        [
            ("Bad Name.toml", vec!["bad-name"]),
            ("dangling.toml", vec!["unreadable"]),
            ("good.toml", vec![]),
            ("large.toml", vec!["too-large"]),
            ("latin.toml", vec!["not-utf-8"]),
            ("pipe.toml", vec!["unreadable"]),
        ]
    );
    let latin = &reports[4];
    assert_eq!(&latin.source[latin.diagnostics[0].span.start..][..3], "\u{fffd}");
    assert!(
        latin.diagnostics[0]
            .render("latin.toml", &latin.source, false)
            .contains("latin.toml:1:13")
    );
    assert_eq!(fates(&catalog.reload()), []);
}

#[test]
fn a_changed_file_is_picked_up_and_a_broken_one_leaves_the_last_good_one() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    write(at, "a.toml", GOOD, 60);
    let (catalog, _) = Catalog::load(at).unwrap();
    assert_eq!(fates(&catalog.reload()), []);

    write(at, "a.toml", GOOD.replace("title = \"A\"\n[", "title = \"A2\"\n["), 50);
    assert_eq!(fates(&catalog.reload()), [("a.toml".into(), Fate::Served)]);
    assert_eq!(catalog.flow("a").unwrap().title, "A2");

    write(at, "a.toml", GOOD.replace("\"b\"", "\"c\""), 40);
    let reports = catalog.reload();
    assert_eq!(fates(&reports), [("a.toml".into(), Fate::LastGood)]);
    assert_eq!(codes(&reports[0]), ["unknown-screen"]);
    assert_eq!(catalog.flow("a").unwrap().title, "A2");
    assert_eq!(fates(&catalog.reload()), [], "each fault is said once");

    write(at, "a.toml", GOOD, 30);
    assert_eq!(fates(&catalog.reload()), [("a.toml".into(), Fate::Served)]);
    assert_eq!(catalog.flow("a").unwrap().title, "A");
}

#[test]
fn a_change_within_the_same_second_and_size_is_seen() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    let path = write(at, "a.toml", GOOD, 0);
    // A file server whose clock is ahead: the stamp stays too fresh to be believed.
    let then = SystemTime::now() + Duration::from_secs(3600);
    let touch = || {
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(then)
            .unwrap()
    };
    touch();
    let (catalog, _) = Catalog::load(at).unwrap();
    fs::write(&path, GOOD.replace("title = \"A\"\n[", "title = \"Z\"\n[")).unwrap();
    touch();
    assert_eq!(fates(&catalog.reload()), [("a.toml".into(), Fate::Served)]);
    assert_eq!(catalog.flow("a").unwrap().title, "Z");
}

#[test]
fn a_removed_file_starts_no_more_sessions_and_a_new_one_does() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    write(at, "a.toml", GOOD, 60);
    let (catalog, _) = Catalog::load(at).unwrap();
    fs::rename(at.join("a.toml"), at.join("b.toml")).unwrap();
    let reports = catalog.reload();
    assert_eq!(
        fates(&reports),
        [("b.toml".into(), Fate::Served), ("a.toml".into(), Fate::Removed)]
    );
    assert!(catalog.flow("a").is_none());
    assert!(catalog.flow("b").is_some());
    assert_eq!(fates(&catalog.reload()), []);
}

#[test]
fn a_directory_that_vanishes_takes_nothing_down_and_is_said_once() {
    let directory = TempDir::new().unwrap();
    let at = directory.path().join("phases");
    assert!(Catalog::load(&at).is_err());
    fs::create_dir(&at).unwrap();
    write(&at, "a.toml", GOOD, 60);
    let (catalog, _) = Catalog::load(&at).unwrap();
    let away = directory.path().join("away");
    fs::rename(&at, &away).unwrap();
    let reports = catalog.reload();
    assert_eq!(reports.iter().flat_map(codes).collect::<Vec<_>>(), ["unreadable"]);
    assert_eq!(fates(&catalog.reload()), []);
    assert!(catalog.flow("a").is_some());
    fs::rename(&away, &at).unwrap();
    assert_eq!(fates(&catalog.reload()), []);
    assert!(catalog.flow("a").is_some());
}

#[test]
fn files_that_disagree_with_utf8_names_do_no_harm() {
    use std::os::unix::ffi::OsStrExt as _;
    let directory = TempDir::new().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.toml");
    fs::write(directory.path().join(name), GOOD).unwrap();
    let (catalog, reports) = Catalog::load(directory.path()).unwrap();
    assert!(catalog.flows().is_empty());
    assert_eq!(codes(&reports[0]), ["bad-name"]);
}

/// [`GOOD`] with a part.
fn including(names: &str) -> String {
    format!("include = [{names}]\n{GOOD}")
}

fn printed(report: &Report) -> String {
    let file = report.file.file_name().unwrap().to_string_lossy();
    let all = report.diagnostics.iter();
    all.map(|one| one.render(&file, &report.source, false)).collect()
}

#[test]
fn a_part_is_read_with_the_flows_that_include_it_and_kept_with_them() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    write(at, "a.toml", including("\"one\""), 60);
    write(at, "one.part.toml", "include = [\"two\"]\n# one", 60);
    write(at, "two.part.toml", "# two\n", 60);
    let (catalog, reports) = Catalog::load(at).unwrap();
    assert_eq!(fates(&reports), [("a.toml".into(), Fate::Served)]);
    assert_eq!(codes(&reports[0]), Vec::<&str>::new());
    let source = catalog.flow("a").unwrap().source.to_string();
    assert!(source.contains("# one") && source.contains("# two"));
    let kept = deity::store::definition::encode("a", &source).unwrap();
    let (name, read) = deity::store::definition::decode(&kept).unwrap();
    let flow = deity::flow::Flow::kept(&name, &read, &deity::flow::Defaults::default()).unwrap();
    assert_eq!(&*flow.source, source);
}

#[test]
fn a_broken_part_is_told_at_its_place_once_and_the_last_good_goes_on() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    write(at, "a.toml", including("\"one\""), 60);
    write(at, "b.toml", including("\"one\""), 60);
    write(at, "c.toml", GOOD, 60);
    write(at, "one.part.toml", "# one\n", 60);
    let (catalog, _) = Catalog::load(at).unwrap();
    assert_eq!(fates(&catalog.reload()), []);

    write(at, "one.part.toml", "# one\n\n  titel = 1\n", 50);
    let reports = catalog.reload();
    let both = |fate| [("a.toml".to_owned(), fate), ("b.toml".to_owned(), fate)];
    assert_eq!(fates(&reports), both(Fate::LastGood));
    assert!(
        printed(&reports[0]).contains("--> one.part.toml:3:3"),
        "{}",
        printed(&reports[0])
    );
    assert!(printed(&reports[0]).contains("titel = 1"));
    assert_eq!(printed(&reports[1]), "", "told already");
    let located = reports[0].diagnostics[0].located("phases/a.toml", &reports[0].source);
    assert_eq!(
        (&*located.file, located.line, located.column),
        ("phases/one.part.toml", 3, 3)
    );
    assert!(catalog.flow("a").is_some() && catalog.flow("b").is_some());
    assert_eq!(fates(&catalog.reload()), []);

    write(at, "one.part.toml", "# better\n", 40);
    assert_eq!(fates(&catalog.reload()), both(Fate::Served));
    assert!(catalog.flow("a").unwrap().source.contains("# better"));

    fs::remove_file(at.join("one.part.toml")).unwrap();
    let reports = catalog.reload();
    assert_eq!(fates(&reports), both(Fate::LastGood));
    assert_eq!(codes(&reports[0]), ["unknown-part"]);
    assert_eq!(fates(&catalog.reload()), []);
    write(at, "one.part.toml", "# again\n", 40);
    assert_eq!(fates(&catalog.reload()), both(Fate::Served));
}

#[test]
fn what_is_no_part_is_said_where_it_is_included() {
    let directory = TempDir::new().unwrap();
    let elsewhere = TempDir::new().unwrap();
    let at = directory.path();
    let names = [
        "none",
        "large",
        "latin",
        "away",
        "round",
        "../up",
        "near.part.toml",
        "near",
    ];
    let list = names.map(|name| format!("\"{name}\"")).join(", ");
    write(at, "a.toml", including(&list), 60);
    write(at, "large.part.toml", vec![b'#'; (1 << 20) + 1], 60);
    write(at, "latin.part.toml", b"# Caf\xe9\n", 60);
    let outside = write(elsewhere.path(), "away.part.toml", "", 60);
    std::os::unix::fs::symlink(&outside, at.join("away.part.toml")).unwrap();
    write(at, "round.part.toml", "include = \"round\"", 60);
    write(at, "near.part.toml", "", 60);
    let (_, reports) = Catalog::load(at).unwrap();
    assert_eq!(
        codes(&reports[0]),
        [
            "unknown-part",
            "too-large",
            "not-utf-8",
            "link",
            "bad-name",
            "bad-name",
            "circle"
        ]
    );
    let text = printed(&reports[0]);
    for said in [
        "there is no file none.part.toml beside this flow",
        "large.part.toml is larger than the 1024 KiB of a definition",
        "latin.part.toml is not in UTF-8",
        "away.part.toml is a link that leads elsewhere",
        "write include = [\"near\"] for the file near.part.toml beside the flow",
        "--> round.part.toml:1:11",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
}

#[test]
fn a_mounted_volume_of_links_is_read() {
    let directory = TempDir::new().unwrap();
    let volume = directory.path().join("..data");
    let at = directory.path().join("phases");
    fs::create_dir(&volume).unwrap();
    fs::create_dir(&at).unwrap();
    for (name, text) in [("a.toml", including("\"one\"")), ("one.part.toml", String::new())] {
        let file = write(&volume, name, text, 60);
        std::os::unix::fs::symlink(file, at.join(name)).unwrap();
    }
    let (_, reports) = Catalog::load(&at).unwrap();
    assert_eq!(fates(&reports), [("a.toml".into(), Fate::Served)]);
}

#[test]
fn a_flow_with_a_nul_is_one_broken_file() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    write(
        at,
        "a.toml",
        format!("{}\0one.part.toml\n# one\n", including("\"one\"")),
        60,
    );
    write(at, "b.toml", format!("{GOOD}\0one.part.toml\n# one\n"), 60);
    write(at, "one.part.toml", "# one\n\0two.part.toml\n", 60);
    write(at, "c.toml", including("\"one\""), 60);
    let (catalog, reports) = Catalog::load(at).unwrap();
    assert!(catalog.flow("b").is_none() && catalog.flow("c").is_none());
    assert_eq!(codes(&reports[1]), ["syntax"]);
    assert_eq!(codes(&reports[2]), ["syntax"]);
}

#[test]
fn options_of_a_part_are_offered_by_the_flow() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    let asks = GOOD.replacen(
        "actions",
        "fields.sure = { type = \"choice\", label = \"Sure?\", options = \"surely\" }\nactions",
        1,
    );
    write(at, "a.toml", format!("include = \"lists\"\n{asks}"), 60);
    write(
        at,
        "lists.part.toml",
        "[options.surely]\nyes = \"Yes\"\nno = \"No\"\n",
        60,
    );
    let (catalog, reports) = Catalog::load(at).unwrap();
    assert_eq!(printed(&reports[0]), "");
    let flow = catalog.flow("a").unwrap();
    let before = flow.digests;
    write(
        at,
        "lists.part.toml",
        "[options.surely]\nyes = \"Yes\"\nnever = \"No\"\n",
        50,
    );
    assert_eq!(fates(&catalog.reload()), [("a.toml".into(), Fate::Served)]);
    let after = catalog.flow("a").unwrap().digests;
    assert_ne!(
        after.structure, before.structure,
        "who is in it keeps the options of before"
    );
}

/// [`GOOD`] with a choice of what stands in `villages.csv`.
fn drawing() -> String {
    let field = r#"fields.village = { type = "choice", label = "Village", options = { list = "villages" } }"#;
    let at = GOOD.find("actions.").unwrap();
    format!("{}{field}\n{}", &GOOD[..at], &GOOD[at..])
}

#[test]
fn a_list_in_a_file_is_read_watched_and_told_of() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    write(at, "a.toml", drawing(), 60);
    write(at, "villages.csv", "value,label\na,A\nb,B\n", 60);
    write(at, "unused.csv", "nobody reads this", 60);
    let (catalog, reports) = Catalog::load(at).unwrap();
    assert_eq!(fates(&reports), [("a.toml".into(), Fate::Served)], "{reports:?}");
    let before = catalog.flow("a").unwrap();
    assert_eq!(before.option_lists[0].options().len(), 2);
    assert_eq!(fates(&catalog.reload()), []);

    write(at, "villages.csv", "value,label\na,A\nb,Bee\n", 50);
    assert_eq!(fates(&catalog.reload()), [("a.toml".into(), Fate::Served)]);
    let reworded = catalog.flow("a").unwrap();
    assert_eq!(reworded.digests.structure, before.digests.structure);
    assert_ne!(reworded.digests.texts, before.digests.texts);

    write(at, "villages.csv", "value,label\na,A\na,Bee\n", 40);
    let reports = catalog.reload();
    assert_eq!(fates(&reports), [("a.toml".into(), Fate::LastGood)]);
    assert!(
        printed(&reports[0]).contains("villages.csv, line 3: `a` is there already"),
        "{}",
        printed(&reports[0])
    );

    write(at, "villages.csv", "value,label\na,A\nc,C\n", 30);
    assert_eq!(fates(&catalog.reload()), [("a.toml".into(), Fate::Served)]);
    assert_ne!(catalog.flow("a").unwrap().digests.structure, before.digests.structure);

    let elsewhere = TempDir::new().unwrap();
    let other = write(elsewhere.path(), "villages.csv", "value\nsecret\nother\n", 60);
    fs::remove_file(at.join("villages.csv")).unwrap();
    std::os::unix::fs::symlink(other, at.join("villages.csv")).unwrap();
    let reports = catalog.reload();
    assert_eq!(fates(&reports), [("a.toml".into(), Fate::LastGood)]);
    assert!(
        printed(&reports[0]).contains("a link that leads elsewhere"),
        "{}",
        printed(&reports[0])
    );
    assert!(!printed(&reports[0]).contains("secret"));

    write(at, "long.csv", vec![b'x'; deity::limits::LIST_BYTES + 1], 60);
    write(at, "a.toml", drawing().replace("villages", "long"), 20);
    let reports = catalog.reload();
    assert!(
        printed(&reports[0]).contains("long.csv is larger than"),
        "{}",
        printed(&reports[0])
    );
}
