//! What people do to a form, over real sockets: two windows, a reply that is lost on the way, a
//! server that dies between two screens.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};

use crate::support::{App, Browser, wire};

/// The page that asks for the name, in a new session.
fn at_the_name(app: &App) -> Browser {
    let mut browser = app.browser("/passport-renewal");
    browser.press("Start now");
    browser
}

/// The session's record, as an operator sees it.
fn shown(app: &App) -> serde_json::Value {
    let list = app.deity(&["sessions", "list", "--json"]);
    let line = String::from_utf8(list.stdout).unwrap();
    let first: serde_json::Value = serde_json::from_str(line.lines().next().expect("a session")).unwrap();
    let reference = first["reference"].as_str().unwrap().to_owned();
    let show = app.deity(&["sessions", "show", &reference, "--json"]);
    serde_json::from_slice(&show.stdout).unwrap()
}

#[test]
fn a_reply_that_is_lost_on_the_way_is_had_by_sending_again() {
    let app = App::of_phases();
    let mut browser = at_the_name(&app);
    browser.fill("Given names", "Ada").fill("Family name", "Byron");
    let (target, _, fields) = browser.submission(Some("Continue"));
    let body = wire::urlencoded(&fields);
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        app.address(),
        body.len()
    );
    // The line breaks in the middle of the request, at its end, and while the answer is on its way.
    for cut in [request.len() / 2, request.len() - 1, request.len()] {
        let mut stream = TcpStream::connect(app.address()).unwrap();
        stream.write_all(&request.as_bytes()[..cut]).unwrap();
        stream.shutdown(Shutdown::Both).unwrap();
    }
    let page = browser.press("Continue").clone();
    assert_eq!(
        (page.status, page.heading().as_str()),
        (200, "What is your date of birth?")
    );
    let again = browser.submit(&target, "POST", &fields).clone();
    assert_eq!(again.text(), page.text(), "sent again, the same page");
    assert_eq!(shown(&app)["steps"], 2, "{:#}", shown(&app));
}

#[test]
fn two_windows_of_one_session_agree_and_nothing_is_lost_unseen() {
    let app = App::of_phases();
    let mut one = at_the_name(&app);
    let mut two = one.clone();
    one.fill("Given names", "Ada")
        .fill("Family name", "Byron")
        .press("Continue");
    two.fill("Given names", "Ada")
        .fill("Family name", "Lovelace")
        .press("Continue");
    let said = two.page.text();
    assert!(
        said.contains("Byron") && said.contains("Lovelace"),
        "the second is told what it changed: {said}"
    );
    // The first goes on from where it is, on what the second wrote.
    one.fill_date("What is your date of birth?", "10", "12", "1985")
        .press("Continue");
    one.choose("No").press("Continue");
    one.fill("Address line 1", "1 Street")
        .fill("Town or city", "London")
        .fill("Postcode", "sw1y 4jh")
        .press("Continue");
    assert!(one.page.text().contains("Lovelace"), "{}", one.page.text());
}

#[test]
fn a_server_that_is_killed_between_two_screens_goes_on_where_it_was() {
    let mut app = App::of_phases();
    let mut browser = at_the_name(&app);
    browser
        .fill("Given names", "Ada")
        .fill("Family name", "Byron")
        .press("Continue");
    app.kill();
    app.run();
    let mut browser = browser.moved_to(app.address());
    browser
        .fill_date("What is your date of birth?", "10", "12", "1985")
        .press("Continue");
    assert_eq!(browser.page.heading(), "Has your name changed?");
    assert_eq!(shown(&app)["steps"], 3, "{:#}", shown(&app));
}
