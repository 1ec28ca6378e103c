//! The site's own pages, below `/-/`: one spelling, reading only, nothing but what is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use deity::catalog::Catalog;
use deity::engine::Engine;
use deity::flow::Flow;
use deity::http::{App, Settings};
use deity::site::{Site, Sources, read};
use deity::store::Memory;

use crate::http::{Answer, ask, build, get, post, world};
use crate::support::html::{Element, parse};

const FLOW: &str = "title = \"Borrow a book\"\nsite.links.terms = \"https://library.example/terms\"\n[screens.a]\ntitle = \"A\"\n\
                    actions.continue = \"b\"\n[screens.b]\ntitle = \"B\"\nactions.go = \"c\"\n[screens.c]\ntitle = \"C\"\nend = \"done\"\n";

async fn served(declared: &str) -> App {
    let pages = BTreeMap::from([("privacy", "# Privacy\n\nWe keep **little**.\n")]);
    let sources = Sources {
        declared: Some(declared),
        pages,
        ..Sources::default()
    };
    let site: Site = read(&sources).site.unwrap();
    let (flow, _) = Flow::read("loans", FLOW).unwrap();
    let catalog = Arc::new(Catalog::of([flow]).with_site(site));
    let engine = Engine::open(Arc::new(Memory::new()), catalog, world(), None)
        .await
        .unwrap();
    App::new(engine, Settings::default())
}

const SITE: &str =
    "name = \"Council\"\n[links]\nprivacy = \"privacy\"\ncontact = \"https://www.example.org/contact?a=1&b=2\"\n";

fn text(answer: &Answer) -> String {
    parse(&String::from_utf8_lossy(&answer.body)).0.text()
}

fn page(answer: &Answer) -> Element {
    parse(&String::from_utf8_lossy(&answer.body)).0
}

/// The value of a hidden field.
fn field(root: &Element, name: &str) -> String {
    let named = |one: &&Element| one.attribute("name") == Some(name);
    let input = root
        .all()
        .into_iter()
        .find(named)
        .unwrap_or_else(|| panic!("{name}: {}", root.text()));
    input.attribute("value").unwrap().to_owned()
}

/// What a form of the page sends.
fn form(root: &Element, action: &str, fields: &str) -> String {
    let (session, screen) = (field(root, "sessionID"), field(root, "screenID"));
    format!("sessionID={session}&screenID={screen}&actionID={action}{fields}&E=")
}

#[tokio::test]
async fn a_page_is_served_to_who_reads_as_a_start_page_is() {
    let app = served(SITE).await;
    let page = ask(&app, get("/-/privacy", &[])).await;
    assert_eq!(page.status, 200);
    let body = String::from_utf8_lossy(&page.body).into_owned();
    assert!(
        body.contains("<h1>Privacy</h1>") && body.contains("<strong>little</strong>"),
        "{body}"
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert_eq!(page.header("vary"), Some("accept-encoding"));
    let head = ask(&app, build("HEAD", "/-/privacy", &[], "")).await;
    assert_eq!(head.status, 200);
    // What others append to links is not ours to judge.
    assert_eq!(ask(&app, get("/-/privacy?utm_source=x", &[])).await.status, 200);
    assert_eq!(ask(&app, post("/-/privacy", &[], "a=b")).await.status, 405);
    assert_eq!(ask(&app, build("PUT", "/-/privacy", &[], "")).await.status, 405);
}

#[tokio::test]
async fn a_link_to_another_host_stands_on_a_page_without_ids() {
    let app = served(SITE).await;
    for (path, url) in [
        ("/-/contact", "https://www.example.org/contact?a=1&b=2"),
        ("/-/loans/terms", "https://library.example/terms"),
    ] {
        let page = ask(&app, get(path, &[])).await;
        assert_eq!(page.status, 200, "{path}");
        let (root, _) = parse(&String::from_utf8_lossy(&page.body));
        let links: Vec<_> = root.named("a").filter_map(|a| a.attribute("href")).collect();
        assert!(links.contains(&url), "{path}: {links:?}");
        assert!(root.text().contains(url), "{path}: it is said where it leads");
        assert!(!root.all().iter().any(|one| one.attribute("name") == Some("sessionID")));
    }
}

#[tokio::test]
async fn whatever_else_is_asked_for_below_it_is_not_there() {
    let app = served(SITE).await;
    for path in [
        "/-",
        "/-/",
        "/-//",
        "/-/Privacy",
        "/-/privacy/",
        "/-//privacy",
        "/-/privacy.md",
        "/-/../privacy",
        "/-/..",
        "/-/.",
        "/-/%70rivacy",
        "/-/privacy%00",
        "/-/..%2f..%2fetc%2fpasswd",
        "/-/%2e%2e/site.toml",
        "/-/site.toml",
        "/-/pages/privacy",
        "/-/terms",
        "/-/banner",
        "/-/loans",
        "/-/loans/privacy",
        "/-/loans/contact",
        "/-/loans/terms/",
        "/-/loans/terms/x",
        "/-/nobody/terms",
        "/-/-/privacy",
        "/privacy",
        "/-privacy",
        "//-/privacy",
        "/-/privacy;a",
        "/-/privacy\\",
    ] {
        let page = ask(&app, get(path, &[])).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(text(&page).contains("Page not found"), "{path}");
        assert!(!text(&page).contains("little"), "{path}");
    }
    let long = format!("/-/{}", "a".repeat(65));
    assert_eq!(ask(&app, get(&long, &[])).await.status, 404);
}

#[tokio::test]
async fn under_maintenance_nothing_is_begun_and_what_was_begun_goes_on() {
    let (flow, _) = Flow::read("loans", FLOW).unwrap();
    let store = Arc::new(Memory::new());
    let flow = Arc::new(flow);
    let open = Catalog::of([Arc::clone(&flow)]);
    let engine = Engine::open(Arc::clone(&store) as _, Arc::new(open), world(), None)
        .await
        .unwrap();
    let app = App::new(engine, Settings::default());
    let start = ask(&app, get("/loans", &[])).await;
    let (root, _) = parse(&String::from_utf8_lossy(&start.body));
    let same = [("sec-fetch-site", "same-origin")];
    let begun = ask(&app, post("/loans", &same, form(&root, "continue", ""))).await;
    assert_eq!(begun.status, 200, "{}", text(&begun));
    drop(app);

    let site = Site {
        maintenance: Some("Back on Monday.".to_owned()),
        ..Site::default()
    };
    let closed = Catalog::of([flow]).with_site(site);
    let engine = Engine::open(store as _, Arc::new(closed), world(), None).await.unwrap();
    let app = App::new(engine, Settings::default());
    assert_eq!(ask(&app, get("/loans", &[])).await.status, 503);
    assert_eq!(
        ask(&app, post("/loans", &same, form(&root, "continue", "")))
            .await
            .status,
        503
    );
    assert_eq!(ask(&app, get("/", &[])).await.status, 200);
    let (root, _) = parse(&String::from_utf8_lossy(&begun.body));
    let ended = ask(&app, post("/loans", &same, form(&root, "go", ""))).await;
    assert_eq!(ended.status, 200, "{}", text(&ended));
    assert!(text(&ended).contains('C'), "{}", text(&ended));
}

#[tokio::test]
async fn a_text_browser_is_led_to_another_host_from_a_page_without_ids() {
    const LEADS: &str = "title = \"T\"\n[screens.a]\ntitle = \"A\"\nfields.name = { type = \"text\", label = \"Name\" }\n\
                         actions.continue = \"b\"\n[screens.b]\ntitle = \"B\"\nbody = \"[Rules](https://rules.example/a?b=1&c={{ name }}) \
                         and [terms](terms)\"\nactions.go = \"c\"\n[screens.c]\ntitle = \"C\"\nend = \"done\"\n";
    let (flow, _) = Flow::read("leads", LEADS).unwrap();
    let catalog = Arc::new(Catalog::of([flow]));
    let engine = Engine::open(Arc::new(Memory::new()), catalog, world(), None)
        .await
        .unwrap();
    let app = App::new(engine, Settings::default());
    let url = "https://rules.example/a?b=1&c=Ada%20%26%20Co";
    for (agent, straight) in [
        ("Lynx/2.9.2 libwww-FM/2.14", false),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36",
            true,
        ),
    ] {
        let headers = [("user-agent", agent), ("sec-fetch-site", "same-origin")];
        let start = page(&ask(&app, get("/leads", &headers)).await);
        let asked = page(&ask(&app, post("/leads", &headers, form(&start, "open", ""))).await);
        let shown = page(
            &ask(
                &app,
                post("/leads", &headers, form(&asked, "continue", "&name=Ada+%26+Co")),
            )
            .await,
        );
        let link = |words: &str| {
            let found = shown
                .named("a")
                .find(|a| a.text() == words)
                .unwrap_or_else(|| panic!("{agent}: {}", shown.text()));
            found.attribute("href").unwrap().to_owned()
        };
        assert_eq!(link("terms"), "terms");
        if straight {
            assert_eq!(link("Rules"), url);
            continue;
        }
        let away = link("Rules");
        assert!(away.starts_with("/-/-?a="), "{away}");
        for id in ["sessionID", "screenID"] {
            assert!(!away.contains(id) && !away.contains(&field(&shown, id)), "{away}");
        }
        let answer = ask(&app, get(&away, &headers)).await;
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (200, Some("private,no-cache"))
        );
        let led = page(&answer);
        assert_eq!(led.named("h1").next().unwrap().text(), "rules.example");
        assert!(led.named("a").any(|a| a.attribute("href") == Some(url)), "{away}");
        // Nobody else has a page of ours lead where he likes.
        for other in [
            away.replacen("rules", "evil", 1),
            away.replacen("&m=", "&m=A", 1),
            away.split_once("&m=").unwrap().0.to_owned(),
            "/-/-".to_owned(),
            "/-/-?a=javascript%3Aalert%281%29&m=AAAAAAAAAAA".to_owned(),
        ] {
            assert_eq!(ask(&app, get(&other, &headers)).await.status, 404, "{other}");
        }
    }
}

#[tokio::test]
async fn the_index_is_the_offices_front_page() {
    let flow = |name: &str, keys: &str| {
        let source = FLOW.replacen("site.links.terms", &format!("{keys}site.links.terms"), 1);
        Flow::read(name, &source.replacen("Borrow a book", &format!("Service {name}"), 1))
            .unwrap()
            .0
    };
    let flows = [
        flow("a", "group = \"Travel\"\n"),
        flow("b", "group = \"Housing\"\nsummary = \"For tenants.\"\n"),
        flow("c", ""),
        flow("d", "group = \"Housing\"\nlang = \"cy\"\n"),
        flow("e", "group = \"Animals\"\n"),
    ];
    let declared = "name = \"Northmoor Council\"\nlang = \"cy\"\ngroups = [\"Travel\", \"Empty\", \"Housing\"]\n";
    let site = read(&Sources {
        declared: Some(declared),
        pages: BTreeMap::new(),
        ..Sources::default()
    });
    let site = site.site.unwrap();
    let catalog = Arc::new(Catalog::of(flows).with_site(site));
    let engine = Engine::open(Arc::new(Memory::new()), catalog, world(), None)
        .await
        .unwrap();
    engine.close(std::collections::BTreeSet::from(["b".to_owned()]));
    let app = App::new(engine, Settings::default());
    let index = page(&ask(&app, get("/", &[])).await);
    let main = index.named("main").next().unwrap();
    assert!(
        index
            .named("header")
            .next()
            .unwrap()
            .text()
            .contains("Northmoor Council")
    );
    assert_eq!(
        main.text(),
        "Beth hoffech chi ei wneud? Travel Service a Housing Service b Ar gau ar hyn o bryd For tenants. Service d Animals \
         Service e Gwasanaethau eraill Service c"
    );
    let langs: Vec<_> = main
        .named("a")
        .map(|a| (a.attribute("href").unwrap(), a.attribute("lang")))
        .collect();
    let en = Some("en");
    assert_eq!(langs, [("a", en), ("b", en), ("d", None), ("e", en), ("c", en)]);
    assert_eq!(index.named("html").next().unwrap().attribute("lang"), Some("cy"));
}
