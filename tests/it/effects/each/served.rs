//! The same of a server, with a callee of its own and a browser.

use serde_json::json;

use super::{ALONE, CLUB};
use crate::effects::callee::{Asking, Callee};
use crate::support::{App, Browser};

/// Registers everybody but those whose name the list has.
fn register(asking: &Asking) -> Option<(u16, String)> {
    if asking.method == "POST" && asking.target == "/members" && asking.json()["name"] == "Byron" {
        return Some((422, json!({ "message": "Byron is a member already." }).to_string()));
    }
    Some((200, "{}".to_owned()))
}

fn members(browser: &mut Browser, names: &[&str]) {
    browser.press("Start now");
    for name in names {
        browser.press("Add a member");
        browser.fill("Name", name).fill("Years", "3").press("Continue");
    }
    browser.press("Continue");
    browser.press("Send");
}

#[test]
fn in_a_browser_each_is_registered_and_the_one_that_is_declined_is_named() {
    let callee = Callee::answering(register);
    let definition = CLUB
        .replace("callee.example", &callee.address.to_string())
        .replace(ALONE.0, "");
    let mut app = App::stopped(&[("club", &definition)]).argument(&format!("--callees={}", callee.address));
    app.run();
    let mut browser = app.browser("/club");
    members(&mut browser, &["Byron", "Ada", "Clara"]);
    let text = browser.page.text();
    assert!(text.contains("Byron: Byron is a member already."), "{text}");
    let names = || -> Vec<String> {
        let asked = callee.asked_by("POST");
        let own = asked.iter().filter(|asking| asking.target == "/members");
        own.map(|asking| asking.json()["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(names(), ["Byron"]);
    browser.follow("Who are the members?");
    browser.press("Remove");
    browser.press("Continue");
    browser.press("Send");
    assert_eq!(browser.page.heading(), "Sent", "{}", browser.page.text());
    assert_eq!(names(), ["Byron", "Ada", "Clara"]);
    let keys: std::collections::BTreeSet<_> = callee
        .asked_by("POST")
        .iter()
        .filter(|asking| asking.target == "/members")
        .filter_map(|asking| asking.header("idempotency-key").map(str::to_owned))
        .collect();
    assert_eq!(keys.len(), 3);
}

#[test]
fn killed_between_two_items_and_in_the_middle_of_one_each_is_done_once_under_one_key() {
    let (came, arrived) = std::sync::mpsc::channel();
    let came = std::sync::Mutex::new(came);
    let callee = Callee::answering(move |asking| {
        if asking.method == "POST" && asking.target == "/members" && asking.json()["name"] == "Byron" {
            came.lock().unwrap().send(()).unwrap();
            // The server is killed while it waits for this answer.
            std::thread::park_timeout(std::time::Duration::from_secs(30));
            return None;
        }
        Some((200, "{}".to_owned()))
    });
    let definition = CLUB
        .replace("callee.example", &callee.address.to_string())
        .replace("undo = \"withdraw\"", "undo = \"withdraw\"\nretry = \"10m\"");
    let mut app = App::stopped(&[("club", &definition)]).argument(&format!("--callees={}", callee.address));
    app.run();
    let browser = app.browser("/club");
    let pressed = std::thread::spawn(move || {
        let mut browser = browser;
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            members(&mut browser, &["Ada", "Byron", "Clara"]);
        }));
        drop(done);
    });
    arrived
        .recv_timeout(std::time::Duration::from_secs(30))
        .expect("Byron's registration");
    app.kill();
    callee.answer(|_| Some((200, "{}".to_owned())));
    app.run();
    let named = |name: &str| -> Vec<String> {
        let asked = callee.asked_by("POST");
        let own = asked
            .iter()
            .filter(|asking| asking.target == "/members" && asking.json()["name"] == name);
        own.filter_map(|asking| asking.header("idempotency-key").map(str::to_owned))
            .collect()
    };
    assert!(crate::support::eventually(|| !named("Clara").is_empty()));
    pressed.join().unwrap();
    assert!(crate::support::eventually(|| callee
        .asked()
        .iter()
        .any(|asking| asking.target == "/letters")));
    assert_eq!(named("Ada").len(), 1);
    assert_eq!(named("Clara").len(), 1);
    let byron = named("Byron");
    assert!(byron.len() == 2 && byron[0] == byron[1], "{byron:?}");
    assert_eq!(callee.asked_by("DELETE").len(), 0);
}
