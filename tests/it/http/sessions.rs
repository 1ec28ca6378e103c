//! Sessions over HTTP: links from inside and outside, what is refused before it can change
//! anything, and the headers of each kind of page.

use std::sync::Arc;

use deity::catalog::Catalog;
use deity::engine::Engine;
use deity::flow::Flow;
use deity::http::{App, Settings};
use deity::store::{KeyKind, Memory, Store};

use super::{Answer, ask, get, post, world};
use crate::support::html;

pub const FLOW: &str = r#"
title = "Borrow a bicycle"
start = "intro"

[screens.intro]
title = "Borrow a bicycle"
actions.start = { label = "Start now", to = "name" }

[screens.name]
title = "Who are you?"
fields.name = { type = "text", label = "Name", max = 60, autocomplete = "name" }
fields.town = { type = "text", label = "Town", max = 60, required = false, autocomplete = "off" }
actions.continue = "check"

[screens.check]
title = "Check your answers"
review = true
actions.submit = { label = "Borrow", to = "done" }

[screens.done]
title = "Have a good ride"
end = "completed"
"#;

/// A server with this flow.
pub async fn serving(flow: &str, settings: Settings) -> App {
    keeping(flow, settings, &Arc::new(Memory::new())).await
}

/// A server with this flow and this store.
pub async fn keeping(flow: &str, settings: Settings, store: &Arc<Memory>) -> App {
    let (flow, _) = Flow::read("bicycle", flow).expect("the flow is right");
    let store = Arc::clone(store) as Arc<dyn Store>;
    let engine = Engine::open(store, Arc::new(Catalog::of([flow])), world(), None)
        .await
        .unwrap();
    App::new(engine, settings)
}

/// A server with one flow, and a person who walks it.
pub struct Walk {
    app: Arc<App>,
    store: Arc<Memory>,
    session: String,
    screen: String,
    host: &'static str,
}

impl Walk {
    pub async fn begin(flow: &str, settings: Settings) -> Self {
        Self::begin_at("deity.test", flow, settings).await
    }

    async fn begin_at(host: &'static str, flow: &str, settings: Settings) -> Self {
        let (flow, _) = Flow::read("bicycle", flow).expect("the flow is right");
        let store = Arc::new(Memory::new());
        let engine = Engine::open(
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::new(Catalog::of([flow])),
            world(),
            None,
        )
        .await
        .unwrap();
        let mut walk = Self {
            app: Arc::new(App::new(engine, settings)),
            store,
            session: String::new(),
            screen: String::new(),
            host,
        };
        let start = ask(&walk.app, get("/bicycle", &[("host", host)])).await;
        assert_eq!(start.status, 200);
        walk.note(&start);
        let name = walk.press("start", "").await;
        assert_eq!(name.status, 200);
        assert_eq!(heading(&name), "Who are you?");
        walk
    }

    /// The server.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The same, for whole connections.
    pub fn shared(&self) -> &Arc<App> {
        &self.app
    }

    /// The ids of the present page.
    pub fn ids(&self) -> [String; 2] {
        [self.session.clone(), self.screen.clone()]
    }

    /// Notes the ids of the page.
    fn note(&mut self, page: &Answer) {
        if let (Some(session), Some(screen)) = (hidden(page, "sessionID"), hidden(page, "screenID")) {
            (self.session, self.screen) = (session, screen);
        }
    }

    fn body(&self, action: &str, fields: &str) -> String {
        format!(
            "sessionID={}&screenID={}&actionID={action}{fields}",
            self.session, self.screen
        )
    }

    fn link(&self) -> String {
        format!("/bicycle?sessionID={}&screenID={}", self.session, self.screen)
    }

    pub async fn press(&mut self, action: &str, fields: &str) -> Answer {
        let page = ask(
            &self.app,
            post("/bicycle", &[("host", self.host)], self.body(action, fields)),
        )
        .await;
        self.note(&page);
        page
    }

    /// Sends made-up fields again and again from the same page; says the status.
    pub async fn send(&self, fields: &str) -> u16 {
        let body = format!("sessionID={}&screenID={}&{fields}", self.session, self.screen);
        ask(&self.app, post("/bicycle", &[], body)).await.status
    }

    /// Follows the link to the present page, with these header lines.
    pub async fn open(&self, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("host", self.host)];
        all.extend_from_slice(headers);
        ask(&self.app, get(&self.link(), &all)).await
    }

    /// Every session as the store holds it.
    async fn stored(&self) -> Vec<(u64, Vec<u8>)> {
        let found = self.store.scan(KeyKind::Session, None, 10).await.unwrap();
        found
            .into_iter()
            .map(|(_, stored)| (stored.token.version, stored.bytes))
            .collect()
    }
}

fn text(page: &Answer) -> String {
    String::from_utf8(page.body.to_vec()).unwrap()
}

fn heading(page: &Answer) -> String {
    let (root, _) = html::parse(&text(page));
    root.named("h1").next().map(html::Element::text).unwrap_or_default()
}

fn hidden(page: &Answer, name: &str) -> Option<String> {
    hidden_in(&text(page), name)
}

/// The value of a page's hidden field.
pub fn hidden_in(page: &str, name: &str) -> Option<String> {
    let (root, _) = html::parse(page);
    let value = root
        .named("input")
        .find(|input| input.attribute("name") == Some(name))?
        .attribute("value")?
        .to_owned();
    Some(value)
}

#[tokio::test]
async fn a_session_is_walked_to_its_end() {
    let mut walk = Walk::begin(FLOW, Settings::default()).await;
    let invalid = walk.press("continue", "&name=&town=").await;
    assert_eq!(invalid.status, 422);
    let check = walk.press("continue", "&name=Ada+Lovelace&town=Lond%C3%B3n").await;
    assert_eq!((check.status, heading(&check).as_str()), (200, "Check your answers"));
    assert!(text(&check).contains("Ada Lovelace") && text(&check).contains("Londón"));
    let done = walk.press("submit", "").await;
    assert_eq!((done.status, heading(&done).as_str()), (200, "Have a good ride"));
    for page in [invalid, check, done] {
        let mut names: Vec<_> = page.headers.keys().map(ToString::to_string).collect();
        names.sort_unstable();
        assert_eq!(names, ["cache-control", "content-type", "x-frame-options"]);
        assert_eq!(page.header("cache-control"), Some("private,no-cache"));
    }
}

#[tokio::test]
async fn a_link_from_outside_shows_no_answer() {
    let addresses = [
        (None, "192.0.2.1:8080", "http://192.0.2.1:8080"),
        (
            Some("https://bikes.example.org"),
            "bikes.example.org",
            "https://bikes.example.org",
        ),
    ];
    for (origin, host, ours) in addresses {
        let settings = Settings {
            origin: origin.map(|origin| origin.parse().unwrap()),
            ..Settings::default()
        };
        let mut walk = Walk::begin_at(host, FLOW, settings).await;
        walk.press("continue", "&name=Ada+Lovelace&town=London").await;
        let own = format!("{ours}/bicycle");
        let outside: &[&[(&str, &str)]] = &[
            &[],
            &[("referer", "https://mail.example.com/")],
            &[("sec-fetch-site", "none")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("referer", "https://mail.example.com/"),
            ],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none"), ("referer", &own)],
        ];
        for headers in outside {
            let page = walk.open(headers).await;
            assert_eq!(page.status, 200, "{headers:?}");
            assert!(!text(&page).contains("Ada"), "{headers:?} saw {}", text(&page));
        }
        for headers in [
            [("sec-fetch-site", "same-origin")],
            [("referer", own.as_str())],
            [("origin", ours)],
        ] {
            let page = walk.open(&headers).await;
            assert!(text(&page).contains("Ada Lovelace"), "{headers:?} saw {}", text(&page));
        }
    }
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let walk = Walk::begin(FLOW, Settings::default()).await;
    let before = walk.stored().await;
    assert_eq!(before.len(), 1);
    let good = walk.body("continue", "&name=Ada&town=London");
    let cases: &[(&[(&str, &str)], String, u16)] = &[
        (&[("sec-fetch-site", "cross-site")], good.clone(), 403),
        (&[("origin", "https://evil.test")], good.clone(), 403),
        (&[("origin", "null"), ("sec-fetch-site", "none")], good.clone(), 403),
        (&[("sec-fetch-site", "same-site")], good.clone(), 403),
        (&[], format!("{good}&name=%ff"), 400),
        (&[], format!("{good}&name=%00"), 400),
        (&[], format!("{good}&name=%"), 400),
        (&[], format!("{good}&admin=1"), 400),
        (&[], format!("{good}&name%5B%5D=x"), 400),
        (&[], format!("{good}&actionID=continue"), 400),
        (&[], format!("{good}&sessionID={}", walk.session), 400),
        (&[], walk.body("fly", "&name=Ada&town=London"), 400),
        (&[], good.replace(&walk.screen, "AAAA"), 404),
        (&[], good.replace(&walk.session, "AAAAAAAAAAAAAAAAAAAAAA"), 404),
        (&[], format!("a={}", "x".repeat(300_000)), 413),
        (&[("content-encoding", "gzip")], good.clone(), 415),
    ];
    for (headers, body, status) in cases {
        let answer = ask(&walk.app, post("/bicycle", headers, body.clone())).await;
        assert_eq!(answer.status, *status, "{headers:?} {body:.200}");
        assert_eq!(walk.stored().await, before, "{headers:?} {body:.200}");
    }
    // The query of a POST is never read as a part of its form.
    let merged = format!("{}&actionID=continue&name=Ada&town=London", walk.link());
    let answer = ask(&walk.app, post(&merged, &[], "")).await;
    assert_eq!(answer.status, 404);
    assert_eq!(walk.stored().await, before);
    // And after all that the form is as good as it was.
    assert_eq!(ask(&walk.app, post("/bicycle", &[], good)).await.status, 200);
    assert_ne!(walk.stored().await, before);
}

#[tokio::test]
async fn a_get_writes_nothing() {
    let walk = Walk::begin(FLOW, Settings::default()).await;
    let before = walk.stored().await;
    for target in [
        "/".to_owned(),
        "/bicycle".to_owned(),
        walk.link(),
        format!("{}&actionID=continue", walk.link()),
    ] {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-purpose", "prefetch")],
        ] {
            ask(&walk.app, get(&target, headers)).await;
            assert_eq!(walk.stored().await, before, "{target} {headers:?}");
        }
    }
}

#[tokio::test]
async fn a_private_flow_is_kept_by_nobody() {
    let flow = FLOW.replacen("start =", "private = true\nstart =", 1);
    let mut walk = Walk::begin(&flow, Settings::default()).await;
    let invalid = walk.press("continue", "&name=&town=").await;
    let check = walk.press("continue", "&name=Ada&town=").await;
    let done = walk.press("submit", "").await;
    for page in [&invalid, &check, &done] {
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(!text(page).contains("?sessionID="), "no id in any address");
    }
    assert_eq!(check.header("clear-site-data"), None);
    assert_eq!(done.header("clear-site-data"), Some("\"cache\""));
}
