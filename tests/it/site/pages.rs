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
    let field = |root: &Element, name: &str| {
        let input = root
            .all()
            .into_iter()
            .find(|one| one.attribute("name") == Some(name))
            .unwrap()
            .clone();
        input.attribute("value").unwrap().to_owned()
    };
    let start = ask(&app, get("/loans", &[])).await;
    let (root, _) = parse(&String::from_utf8_lossy(&start.body));
    let form = |root: &Element, action: &str| {
        format!(
            "sessionID={}&screenID={}&actionID={action}&E=",
            field(root, "sessionID"),
            field(root, "screenID")
        )
    };
    let same = [("sec-fetch-site", "same-origin")];
    let begun = ask(&app, post("/loans", &same, form(&root, "continue"))).await;
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
        ask(&app, post("/loans", &same, form(&root, "continue"))).await.status,
        503
    );
    assert_eq!(ask(&app, get("/", &[])).await.status, 200);
    let (root, _) = parse(&String::from_utf8_lossy(&begun.body));
    let ended = ask(&app, post("/loans", &same, form(&root, "go"))).await;
    assert_eq!(ended.status, 200, "{}", text(&ended));
    assert!(text(&ended).contains('C'), "{}", text(&ended));
}
