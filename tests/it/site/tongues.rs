//! `site.TAG.toml`: what the office says in another language, and its words in place of the program's.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use deity::catalog::Catalog;
use deity::engine::Engine;
use deity::flow::Flow;
use deity::http::{App, Settings};
use deity::site::{Found, Site, Sources, Stop, read};
use deity::store::Memory;

use crate::http::{ask, get, world};
use crate::support::App as Server;

const SITE: &str = "name = \"Northmoor Council\"\nhours = \"9am to 5pm\"\nnotice = \"We move.\"\ngroups = [\"Housing\"]\n\
                    [banner]\ntext = \"Beta.\"\nlabel = \"Tell us\"\nto = \"help\"\n\
                    [links]\naccessibility = \"accessibility\"\nhelp = \"help\"\n\
                    cookies = { to = \"https://c.example/\", label = \"Cookies\" }\n";
const CY: &str = "name = \"Cyngor Northmoor\"\nhours = \"9am i 5pm\"\nnotice = \"Rydym yn symud.\"\ngroups.Housing = \"Tai\"\n\
                  banner = { text = \"Beta!\", label = \"Dywedwch\" }\nlinks.cookies.label = \"Cwcis\"\n\
                  [words.action]\ncontinue = \"Ymlaen\"\n";

fn found(tongues: &[(&str, &str)]) -> Found {
    read(&Sources {
        declared: Some(SITE),
        pages: BTreeMap::from([
            ("accessibility", "# Accessibility\n\nTell us.\n"),
            ("help", "# How we help\n\nRing us.\n"),
            ("help.cy", "# Sut rydym yn helpu\n\nFfoniwch ni.\n"),
        ]),
        tongues: tongues.iter().map(|(tag, source)| (*tag, Some(*source))).collect(),
        ..Sources::default()
    })
}

fn site(tongues: &[(&str, &str)]) -> Site {
    let found = found(tongues);
    found.site.unwrap_or_else(|| panic!("{:?}", found.declared))
}

/// The diagnostics of one file, each as its code and its message.
fn told(source: &str) -> Vec<(&'static str, String)> {
    let found = found(&[("pl", source)]).tongues.remove("pl").unwrap();
    found.into_iter().map(|one| (one.code, one.message)).collect()
}

fn flow(lang: &str, site: &Site) -> Flow {
    let source = format!(
        "title = \"A\"\nlang = \"{lang}\"\n[screens.a]\ntitle = \"A\"\nactions.go = \"b\"\n[screens.b]\ntitle = \"B\"\nend = \"done\"\n"
    );
    Flow::read_under("a", &source, &site.defaults()).unwrap().0
}

#[test]
fn a_flow_in_a_language_of_the_office_has_what_the_office_says_in_it() {
    let site = site(&[("cy", CY)]);
    let office = |lang| site.of_flow(&flow(lang, &site)).name.to_owned();
    assert_eq!(office("cy"), "Cyngor Northmoor");
    assert_eq!(office("cy-GB"), "Cyngor Northmoor");
    assert_eq!(office("fr"), "Northmoor Council");
    let office = site.office_in("cy");
    assert_eq!(
        (office.hours, office.notice),
        (Some("9am i 5pm"), Some("Rydym yn symud."))
    );
    let banner = office.banner.unwrap();
    assert_eq!(banner.text, "Beta!");
    let link = banner.link.as_ref().unwrap();
    assert_eq!(
        (link.label.as_deref(), link.path.as_str()),
        (Some("Dywedwch"), "-/help.cy")
    );
    let links: Vec<_> = office
        .links
        .iter()
        .map(|link| (link.label.as_deref(), link.path.as_str()))
        .collect();
    assert_eq!(
        links,
        [
            (None, "-/accessibility"),
            (Some("Sut rydym yn helpu"), "-/help.cy"),
            (Some("Cwcis"), "-/cookies"),
        ]
    );
    assert_eq!(site.group_in("Housing", "cy"), "Tai");
    let Some(Stop::Told(article, "cy")) = site.stop("help.cy") else {
        panic!("the page in Welsh")
    };
    assert_eq!(article.title, "Sut rydym yn helpu");
    assert_eq!(site.stop("help.fr"), None);
    assert_eq!(site.stop("accessibility.cy"), None);
}

#[tokio::test]
async fn a_page_of_the_office_comes_in_the_language_that_a_browser_asks_for() {
    let site = site(&[("cy", CY)]);
    let catalog = Arc::new(Catalog::of([flow("en", &site)]).with_site(site));
    let engine = Engine::open(Arc::new(Memory::new()), catalog, world(), None)
        .await
        .unwrap();
    let app = App::new(engine, Settings::default());
    let html = async |path: &str, wish: &str| {
        let answer = ask(&app, get(path, &[("accept-language", wish)])).await;
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8_lossy(&answer.body).into_owned()
    };
    for (path, wish, lang, heading) in [
        ("/-/help", "en", "en", "How we help"),
        ("/-/help", "cy, en;q=0.5", "cy", "Sut rydym yn helpu"),
        ("/-/help.cy", "en", "cy", "Sut rydym yn helpu"),
        // There is none in Welsh.
        ("/-/accessibility", "cy", "en", "Accessibility"),
        ("/-/cookies", "cy", "cy", "Cwcis"),
    ] {
        let page = html(path, wish).await;
        assert!(page.contains(&format!("<html lang={lang}")), "{path} {wish}: {page}");
        assert!(page.contains(&format!("<h1>{heading}</h1>")), "{path} {wish}: {page}");
    }
}

#[test]
fn words_of_the_office_stand_in_place_of_the_programs() {
    let site = site(&[("cy", CY), ("pl", "[words.action]\ncancel = \"Anuluj\"\n")]);
    for lang in ["cy", "cy-GB", "pl", "en"] {
        assert_eq!(flow(lang, &site).words(), site.vocabulary.of(lang));
    }
    assert!(site.vocabulary.of("pl").are_own());
    assert_ne!(site.vocabulary.of("cy"), deity::words::Words::of("cy"));
    assert_eq!(site.vocabulary.of("fr"), deity::words::Words::of("fr"));
}

#[test]
fn a_word_that_does_not_fit_is_told_with_what_the_program_says() {
    for (source, code, message) in [
        (
            "[words.action]\ngo = \"x\"",
            "unknown-words",
            "the program has no text `action.go`",
        ),
        ("[words.enter]\nwhat = \"Podaj\"", "words", "`enter.what` lacks {what}"),
        (
            "[words.enter]\nwhat = \"{what} {iban}\"",
            "words",
            "`enter.what` cannot have {iban}",
        ),
        ("[words.enter]\nwhat = \"\"", "words", "`enter.what` says nothing"),
        (
            "[words.enter]\ndate = \"a\\nb\"",
            "words",
            "`enter.date` must be one line",
        ),
        (
            "[words.enter]\ndate = \"a\\u202eb\"",
            "words",
            "`enter.date` has a mark that turns the direction of words",
        ),
        ("[words.enter]\ndate = [\"a\"]", "words", "`enter.date` is one text"),
        (
            "[words.select]\nmost = { one = \"{n}\", few = \"{n}\" }",
            "words",
            "`select.most` lacks the form `many`",
        ),
        (
            "[words.select]\nmost = { one = \"{n}\", two = \"2\", few = \"{n}\", many = \"{n}\" }",
            "words",
            "`select.most` has a form `two`, which is none",
        ),
        (
            "[words.label]\ncase = \"upper\"",
            "words",
            "`label.case` is `lower` or `keep`",
        ),
        (
            "accent = \"#000\"",
            "unknown-key",
            "the site in another language has no key `accent`",
        ),
        (
            "links.help = \"x\"",
            "wrong-type",
            "`links.help` must be a table { ... }, not a text",
        ),
    ] {
        let told = told(source);
        assert!(
            told.iter().any(|(found, said)| *found == code && said == message),
            "{source}: {told:?}"
        );
    }
}

#[test]
fn what_is_lacking_and_what_is_of_nothing_is_warned_of() {
    let told = told("links.cookys.label = \"C\"\ngroups.Travel = \"P\"\n[words.enter]\ndate = \"Podaj dat\u{119}\"\n");
    let codes: Vec<_> = told.iter().map(|(code, _)| *code).collect();
    assert_eq!(
        codes,
        ["untold", "words-missing", "said-of-nothing", "said-of-nothing"],
        "{told:?}"
    );
    assert!(
        told[0].1 == "not said in this language: name, hours, notice, banner, links.cookies.label, groups.\"Housing\"",
        "{}",
        told[0].1
    );
    assert!(found(&[("cy", CY)]).tongues["cy"].is_empty());
}

#[test]
fn a_broken_file_leaves_what_was_last_good() {
    let last = site(&[("cy", CY)]);
    let now = read(&Sources {
        declared: Some(SITE),
        pages: BTreeMap::from([
            ("accessibility", "# Accessibility\n\nTell us.\n"),
            ("help", "# How we help\n\nRing us.\n"),
            ("help.cy", "no heading\n"),
        ]),
        tongues: BTreeMap::from([("cy", Some("name = 7\n"))]),
        last: Some(&last),
    });
    let site = now.site.unwrap();
    assert_eq!(site.office_in("cy").name, "Cyngor Northmoor");
    assert_eq!(site.vocabulary, last.vocabulary);
    assert!(matches!(site.stop("help.cy"), Some(Stop::Told(..))));
}

#[test]
fn the_files_are_checked_and_words_are_shown_beside_the_programs() {
    let app = Server::stopped(&[(
        "loans",
        "title = \"A\"\nlang = \"pl\"\n[screens.a]\ntitle = \"A\"\nactions.continue = \"b\"\n[screens.b]\ntitle = \"B\"\nend = \"done\"\n",
    )]);
    let at = |name: &str| app.phases().join(name);
    fs::create_dir(at("pages")).unwrap();
    for (name, text) in [
        ("site.toml", "name = \"C\"\nlinks.accessibility = \"accessibility\"\n"),
        ("pages/accessibility.md", "# A\n\nB\n"),
        ("pages/accessibility.pl.md", "# A\n\nB\n"),
        ("pages/privacy.pl.md", "# A\n\nB\n"),
        (
            "site.pl.toml",
            "name = \"C\"\n[words.enter]\ndate = \"Podaj dzie\u{144}\"\n",
        ),
    ] {
        fs::write(at(name), text).unwrap();
    }
    let said = String::from_utf8(app.deity(&["check"]).stdout).unwrap();
    assert!(
        said.contains("phases/site.pl.toml: note: enter.date: \"Enter a date\" is said as \"Podaj dzie\u{144}\""),
        "{said}"
    );
    assert!(said.contains("warning[words-missing]"), "{said}");
    assert!(!said.contains("no-words"), "{said}");
    assert!(said.contains("error[no-original]"), "{said}");
    let alone = app.deity(&["check", "phases/site.pl.toml"]);
    assert_eq!(alone.status.code(), Some(0), "{alone:?}");
    // A printed table fits as it is, and with every line of it.
    let words = String::from_utf8(app.deity(&["words", "pl"]).stdout).unwrap();
    assert!(words.contains("\n[words.enter]\n#what = \"Enter {what}\"\n"), "{words}");
    let lines = words.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => rest,
        _ => line,
    });
    fs::write(at("site.pl.toml"), lines.collect::<Vec<_>>().join("\n")).unwrap();
    let alone = String::from_utf8(app.deity(&["check", "phases/site.pl.toml"]).stdout).unwrap();
    assert!(alone.contains("0 errors, 1 warning"), "{alone}");
    assert!(alone.contains("warning[untold]"), "{alone}");
}
