//! A real server under a clock that is wrong, and one that is stopped for a while: nothing is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use rustix::process::Signal;
use serde_json::Value as Json;

use super::{FLOW, begin, err, order, out};
use crate::support::{App, wire};

const DAY: u64 = 86_400;
/// How long a server is stopped: longer than its watchdog waits for a write.
const STOPPED: Duration = Duration::from_secs(20);

/// A server whose wall clock is wrong by what stands in a file, at any time.
struct Clock(PathBuf);

impl Clock {
    fn of(app: App) -> (App, Self) {
        let file = app.dir.path().join("clock");
        let clock = Self(file.clone());
        clock.wrong_by("+0");
        let app = app
            .variable("LD_PRELOAD", &library().to_string_lossy())
            .variable("FAKETIME_TIMESTAMP_FILE", &file.to_string_lossy())
            .variable("FAKETIME_NO_CACHE", "1")
            .variable("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        (app, clock)
    }

    fn wrong_by(&self, offset: &str) {
        let next = self.0.with_extension("next");
        fs::write(&next, offset).unwrap();
        fs::rename(next, &self.0).unwrap();
    }
}

/// libfaketime, where Debian has it.
fn library() -> PathBuf {
    let mut folders = fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path());
    let found =
        folders.find_map(|folder| Some(folder.join("faketime/libfaketimeMT.so.1")).filter(|file| file.exists()));
    found.expect("libfaketime: tests/run installs it")
}

/// A session that is being filled in and has two idle hours, and one that is finished and is kept for a
/// day.
fn two(app: &App) {
    begin(&mut app.browser("/order"), "Ada");
    order(&mut app.browser("/order"), "Grace");
}

fn flows() -> String {
    let limits = "limits = { idle = \"2h\", total = \"7d\", keep = \"1d\" }\nstart = ";
    FLOW.replacen("start = ", limits, 1)
}

/// Waits until the server has told of so many leaps. It tells of one, then its timers look, then it may
/// tell of another.
fn leapt(app: &App, leaps: usize) {
    app.wait_until(|app| app.said().1.matches("the clock of this machine has leapt").count() >= leaps);
}

/// Both sessions are what they were.
fn whole(app: &App) {
    let listed = out(&app.deity(&["sessions", "list", "--flow", "order", "--json"]));
    let all = listed.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let mut status: Vec<_> = all.map(|one| one["status"].as_str().unwrap().to_owned()).collect();
    status.sort();
    assert_eq!(status, ["ended", "live"], "{listed}");
    let answers = out(&app.deity(&["sessions", "export", "--flow", "order"]));
    assert!(answers.contains("Grace"), "{answers}");
}

/// How far the `Date` on the wire is ahead, in days.
fn date_ahead(app: &App) -> i64 {
    let answer = wire::send(app.address(), "GET", "/order", &[], b"").unwrap();
    let date = answer.header("date").expect("a date");
    let date = httpdate::parse_http_date(date).unwrap();
    let now = SystemTime::now();
    let seconds = match date.duration_since(now) {
        Ok(ahead) => i64::try_from(ahead.as_secs()).unwrap(),
        Err(behind) => -i64::try_from(behind.duration().as_secs()).unwrap(),
    };
    // Half a day more or less is the same day's.
    (seconds + i64::try_from(DAY / 2).unwrap()).div_euclid(i64::try_from(DAY).unwrap())
}

#[test]
fn a_clock_that_leaps_under_a_running_server_drops_nothing_and_the_date_follows_it() {
    let (mut app, clock) = Clock::of(App::stopped(&[("order", &flows())]));
    app.run();
    two(&app);
    let back = "the clock of this machine is right again; nothing has run out meanwhile";
    for (n, (wrong, way, days)) in [("+31d", "ahead by 3", 31), ("-3d", "back by ", -3)]
        .into_iter()
        .enumerate()
    {
        clock.wrong_by(wrong);
        app.wait_for(&format!("the clock of this machine has leapt {way}"));
        whole(&app);
        assert_eq!(date_ahead(&app), days, "the Date header says what the clock says");
        let told = app.deity(&["clock"]);
        assert!(out(&told).contains("is not believed yet"), "{}", out(&told));
        clock.wrong_by("+0");
        app.wait_until(|app| app.said().1.matches(back).count() > n);
        whole(&app);
        assert_eq!(date_ahead(&app), 0);
    }
    assert!(out(&app.deity(&["clock"])).contains("the clock is believed"));
    assert_eq!(app.stop().status.code(), Some(0));
}

#[test]
fn a_start_under_a_clock_that_is_a_month_ahead_drops_nothing_and_says_so() {
    let (mut app, clock) = Clock::of(App::stopped(&[("order", &flows())]));
    app.run();
    two(&app);
    app.stop();
    clock.wrong_by("+31d");
    app.run();
    leapt(&app, 1);
    app.wait_for("nothing runs out and nothing is dropped for that");
    assert_eq!(app.browser("/order").page.status, 200);
    for (n, wrong) in [(2, "+61d"), (3, "+91d")] {
        clock.wrong_by(wrong);
        leapt(&app, n);
    }
    whole(&app);
    app.stop();
    whole(&app);
    clock.wrong_by("+0");
    app.run();
    clock.wrong_by("+31d");
    leapt(&app, 1);
    clock.wrong_by("+61d");
    leapt(&app, 2);
    whole(&app);
    clock.wrong_by("+0");
    let said = app.stop().stderr;
    assert_eq!(
        said.matches("has leapt").count(),
        2,
        "the right time is no leap: {said}"
    );
}

/// A start page that says what day it is.
const DATED: &str = r#"
start = "intro"

[screens.intro]
title = "Order a thing"
body = "Today is {{ iso(today()) }}."
actions.start = { label = "Start now", to = "who" }
"#;

/// The day that the start page says, as one that is so many days from now.
fn day_shown(app: &App) -> Option<i64> {
    let today = || jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let before = today();
    let page = app.browser("/dated").page.html.clone();
    let near = (-1..40).find(|days| {
        let day = before.checked_add(jiff::Span::new().days(*days)).unwrap();
        page.contains(&format!("Today is {day}."))
    });
    // Not just at midnight.
    if before == today() { near } else { day_shown(app) }
}

#[test]
fn the_day_is_the_clocks_where_it_went_on_while_the_machine_was_off_and_nowhere_else() {
    let dated = FLOW.replacen("start = \"who\"\n", DATED, 1);
    let (mut app, clock) = Clock::of(App::stopped(&[("order", &flows()), ("dated", &dated)]));
    app.run();
    two(&app);
    assert_eq!(day_shown(&app), Some(0));
    clock.wrong_by("+31d");
    leapt(&app, 1);
    assert_eq!(day_shown(&app), Some(0), "while it runs no clock is believed at once");
    clock.wrong_by("+0");
    app.wait_for("the clock of this machine is right again");
    app.stop();
    // Another start of the machine, three days later.
    let boot = app.dir.path().join("boot");
    fs::write(&boot, "11111111-2222-4333-8444-555555555555\n").unwrap();
    let bound = format!("mount --bind '{}' /proc/sys/kernel/random/boot_id", boot.display());
    let words = ["unshare", "-rm", "sh", "-c", &format!("{bound} && exec \"$@\""), "sh"];
    app = app.elsewhere(words.map(str::to_owned).to_vec());
    clock.wrong_by("+3d");
    app.run();
    leapt(&app, 1);
    assert_eq!(day_shown(&app), Some(3));
    whole(&app);
    order(&mut app.browser("/order"), "Eve");
    clock.wrong_by("+0");
    app.wait_for("the clock of this machine is right again");
    assert_eq!(day_shown(&app), Some(0));
    assert_eq!(app.stop().status.code(), Some(0));
}

#[test]
fn a_server_that_is_stopped_for_twenty_seconds_under_load_goes_on() {
    let mut app = App::start(&[("order", FLOW)]);
    let (over, done) = (AtomicBool::new(false), AtomicU32::new(0));
    let reached = |least: u32| app.wait_until(|_| done.load(Ordering::SeqCst) >= least);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    begin(&mut app.browser("/order"), "Ada");
                    done.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        reached(20);
        app.signal(Signal::STOP);
        thread::sleep(STOPPED);
        app.signal(Signal::CONT);
        reached(done.load(Ordering::SeqCst) + 20);
        over.store(true, Ordering::SeqCst);
    });
    let listed = app.deity(&["sessions", "list", "--status", "live", "--json"]);
    let sessions = u32::try_from(out(&listed).lines().count()).unwrap();
    assert_eq!(sessions, done.load(Ordering::SeqCst), "{}", err(&listed));
    let stopped = app.stop();
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.stderr);
    assert!(!stopped.stderr.contains("has leapt"), "{}", stopped.stderr);
    assert!(!Path::new(&app.data()).join("damaged").exists());
}
