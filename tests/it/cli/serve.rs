//! `deity serve`: how it comes up, what it refuses, how it stops.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use super::{FLOW, begin, err, order, out};
use crate::support::{App, eventually, wire};

#[test]
fn it_says_where_it_serves_what_and_where_the_data_lie() {
    let mut app = App::start(&[("order", FLOW)]);
    app.wait_for("Ctrl-C");
    let (said, _) = app.said();
    for words in ["http://127.0.0.1:", "/order", "Order a thing", "data", "a new store"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let stopped = app.stop();
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.stderr);
}

#[test]
fn without_a_command_it_serves_the_phases_here() {
    let mut app = App::stopped(&[("order", FLOW)]).variable("DEITY_LISTEN", "127.0.0.1:0");
    app.run_as(&[]);
    assert_eq!(app.browser("/order").page.status, 200);
    assert_eq!(app.stop().status.code(), Some(0));
    assert!(app.data().join("sled").is_dir());
}

#[test]
fn that_nobody_reads_what_it_prints_stops_nothing() {
    let app = App::stopped(&[("order", FLOW)]);
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = app.command(&["serve", "--listen", &free.to_string()]);
    command.stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut child = command.spawn().unwrap();
    let answers = || wire::send(free, "GET", "/order", &[], b"").is_ok_and(|answer| answer.status == 200);
    assert!(eventually(answers), "it does not answer");
    let process = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(process, Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn answers_outlive_a_stop_and_a_kill() {
    let mut app = App::start(&[("order", FLOW)]);
    let reference = order(&mut app.browser("/"), "Ada");
    app.stop();
    app.run();
    app.wait_for("stopped in order");
    begin(&mut app.browser("/"), "Grace");
    app.kill();
    app.run();
    app.wait_for("recovered");
    let listed = out(&app.deity(&["sessions", "list", "--json"]));
    assert!(listed.contains(&reference) && listed.lines().count() == 2, "{listed}");
}

#[test]
fn a_second_server_on_the_same_data_is_refused_with_the_process_named() {
    let app = App::start(&[("order", FLOW)]);
    let second = app.deity(&["serve", "--listen", "127.0.0.1:0", "--data", "data"]);
    assert_eq!(second.status.code(), Some(1));
    let process = format!("process {}", app.process());
    assert!(err(&second).contains(&process), "{process}: {}", err(&second));
    assert_eq!(app.browser("/order").page.status, 200, "the first goes on");
    let listed = app.deity(&["sessions", "list"]);
    assert_eq!(listed.status.code(), Some(0), "its socket too: {}", err(&listed));
}

#[test]
fn a_port_in_use_is_refused_before_the_data_are_touched() {
    let app = App::start(&[("order", FLOW)]);
    let taken = app.address().to_string();
    let second = app.deity(&["serve", "--listen", &taken, "--data", "elsewhere"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(
        err(&second).contains(&taken) && err(&second).contains("--listen"),
        "{}",
        err(&second)
    );
    assert!(!app.dir.path().join("elsewhere").exists());
}

#[test]
fn a_data_directory_that_cannot_be_one_is_refused() {
    let app = App::stopped(&[("order", FLOW)]);
    fs::write(app.dir.path().join("file"), "x").unwrap();
    let refused = app.deity(&["serve", "--listen", "127.0.0.1:0", "--data", "file"]);
    assert_eq!(refused.status.code(), Some(1), "{}", err(&refused));
    assert!(
        err(&refused).contains("file") && err(&refused).contains("--data"),
        "{}",
        err(&refused)
    );
}

#[test]
fn without_a_good_flow_it_does_not_start_and_says_why() {
    let app = App::stopped(&[("order", "title = ")]);
    let refused = app.deity(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1));
    for words in ["order.toml:1:", "there is no flow in"] {
        assert!(err(&refused).contains(words), "{words}: {}", err(&refused));
    }
    assert!(!app.data().exists());
}

#[test]
fn a_broken_definition_does_not_keep_the_others_away() {
    let app = App::start(&[("order", FLOW), ("broken", "title = ")]);
    assert!(app.said().1.contains("broken.toml:1:"), "{:?}", app.said());
    assert_eq!(app.browser("/order").page.status, 200);
    assert_eq!(app.browser("/broken").page.status, 404);
}

#[test]
fn changed_definitions_are_picked_up_and_broken_ones_reported_while_it_runs() {
    let app = App::start(&[("order", FLOW)]);
    let file = app.phases().join("order.toml");
    let mut before = app.browser("/");
    begin(&mut before, "Ada");

    fs::write(&file, FLOW.replace("Order a thing", "Order two things")).unwrap();
    app.wait_until(|app| app.browser("/").page.text().contains("Order two things"));

    fs::write(&file, "title = ").unwrap();
    app.wait_for("order.toml:1:");
    app.wait_for("the last good definition goes on");
    for line in app.said().1.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("where no terminal is, every line is JSON");
    }
    assert_eq!(app.browser("/order").page.status, 200, "the last good one goes on");

    fs::write(
        &file,
        FLOW.replace("Which day?", "Which date?")
            .replace("fields.note", "fields.remark"),
    )
    .unwrap();
    app.wait_until(|app| {
        let mut new = app.browser("/");
        begin(&mut new, "Grace");
        new.page.text().contains("Which date?")
    });
    before
        .fill_named("day-day", "24")
        .fill_named("day-month", "12")
        .fill_named("day-year", "2026");
    before
        .fill("How many?", "1")
        .fill("Price each", "1")
        .choose("Red")
        .press("Continue");
    assert_eq!(
        before.page.heading(),
        "Check your answers",
        "a session stays on its own structure"
    );
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut app = App::start(&[("order", FLOW)]);
    // A request that is never finished keeps the drain waiting.
    let mut slow = std::net::TcpStream::connect(app.address()).unwrap();
    std::io::Write::write_all(
        &mut slow,
        b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n",
    )
    .unwrap();
    app.wait_until(|app| app.browser("/order").page.status == 200);
    app.signal(Signal::TERM);
    app.wait_for("stopping");
    app.signal(Signal::INT);
    let stopped = app.wait();
    assert_eq!(stopped.status.code(), Some(130), "{}", stopped.stderr);
}

#[test]
fn a_terminal_that_is_gone_stops_it_in_order() {
    let mut app = App::start(&[("order", FLOW)]);
    app.signal(Signal::HUP);
    let stopped = app.wait();
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.stderr);
    assert!(stopped.stdout.contains("Stopped in order"), "{}", stopped.stdout);
}

#[test]
fn what_an_origin_gives_away_is_said_at_the_start() {
    let prefixed = "warning: whatever else is served on https://example.org can read these pages by a script";
    let unknown = "warning: without `origin`";
    for (listen, origin, said) in [
        ("127.0.0.1:0", None, [false, false]),
        ("0.0.0.0:0", None, [false, true]),
        ("0.0.0.0:0", Some("https://example.org"), [false, false]),
        ("127.0.0.1:0", Some("https://example.org/forms"), [true, false]),
    ] {
        let mut app = App::stopped(&[("order", FLOW)]);
        let origin: Vec<String> = origin.iter().map(|origin| format!("--origin={origin}")).collect();
        let mut arguments = vec!["serve", "--listen", listen];
        arguments.extend(origin.iter().map(String::as_str));
        app.run_as(&arguments);
        let stopped = app.stop();
        assert_eq!(
            [prefixed, unknown].map(|words| stopped.stderr.contains(words)),
            said,
            "{listen} {origin:?}: {}",
            stopped.stderr
        );
    }
}

#[test]
fn a_removed_flow_keeps_its_newest_words_for_who_is_in_it_also_after_a_start() {
    let mut app = App::start(&[("order", FLOW), ("other", &FLOW.replace("fields.note", "fields.other"))]);
    let file = app.phases().join("order.toml");
    let mut before = app.browser("/order");
    begin_at(&mut before);
    let newer = FLOW.replace("Which day?", "Which date?");
    fs::write(&file, newer.replace("Order a thing", "Order a better thing")).unwrap();
    app.wait_until(|app| app.browser("/order").page.text().contains("Order a better thing"));
    fs::remove_file(&file).unwrap();
    app.wait_until(|app| app.browser("/order").page.status == 404);
    before.press("Continue");
    assert!(before.page.text().contains("Which date?"), "{}", before.page.text());
    app.stop();
    app.run();
    let mut before = before.moved_to(app.address());
    before.press("Continue");
    assert!(before.page.text().contains("Which date?"), "{}", before.page.text());
    assert!(
        before.page.text().contains("Order a better thing"),
        "{}",
        before.page.text()
    );
}

#[test]
fn of_two_flows_that_are_built_alike_each_keeps_its_own_words_once_its_file_is_removed() {
    let other = FLOW.replace("Which day?", "Which evening?");
    let mut app = App::start(&[("order", FLOW), ("other", &other)]);
    let mut both = ["order", "other"].map(|name| {
        let mut browser = app.browser(&format!("/{name}"));
        begin_at(&mut browser);
        fs::remove_file(app.phases().join(format!("{name}.toml"))).unwrap();
        app.wait_until(|app| app.browser(&format!("/{name}")).page.status == 404);
        browser
    });
    fs::write(
        app.phases().join("last.toml"),
        FLOW.replace("Which day?", "Which hour?"),
    )
    .unwrap();
    app.stop();
    app.run();
    for (browser, words) in both.iter_mut().zip(["Which day?", "Which evening?"]) {
        let mut browser = browser.clone().moved_to(app.address());
        browser.press("Continue");
        assert!(browser.page.text().contains(words), "{}", browser.page.text());
    }
}

/// Starts [`FLOW`] at the page that is open, and answers its first screen.
fn begin_at(browser: &mut crate::support::Browser) {
    let start = browser.page.buttons()[0].clone();
    browser.press(&start);
    browser
        .fill("Name", "Ada")
        .fill("PIN", "hunter2-secret")
        .press("Continue");
    assert_eq!(browser.page.heading(), "What do you want?", "{}", browser.page.text());
}
