//! A server that is killed leaves no program behind, and the next one does nothing beside it.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, test_kill_process};

use crate::support::{App, eventually};

/// An order by a program that takes its time, and its undo.
const ORDER: &str = r#"
title = "An order"
start = "intro"

[screens.intro]
title = "An order"
actions.start = { label = "Start now", to = "ask" }

[screens.ask]
title = "What do you want?"
fields.thing = { type = "text", label = "Thing", max = 40 }
actions.order = { label = "Order", call = "order", to = "done", failed = "sorry" }
actions.stop = { label = "Cancel", cancel = true }

[screens.done]
title = "Ordered"
end = "completed"

[screens.sorry]
title = "Not ordered"
end = "not-ordered"

[effects.order]
label = "Your order"
run = "order.sh"
timeout = "60s"
undo = "unorder"

[effects.unorder]
run = "order.sh"
method = "DELETE"
timeout = "10s"
"#;

/// Children in the group, in groups and sessions of their own, orphans, and those who heed no
/// request to end; each writes down who it is, and that it still lives.
const PROGRAM: &str = r#"#!/bin/sh
trap '' TERM HUP INT
cat > /dev/null
if [ "$REQUEST_METHOD" = DELETE ]; then
    echo undone >> life.txt
    printf 'Status: 200\n\n'
    exit
fi
live() { echo $1 >> pids.txt; while :; do echo "$1" >> life.txt; sleep 0.01; done; }
live $$ &
(sh -c 'trap "" TERM HUP INT; echo $$ >> pids.txt; while :; do echo child >> life.txt; sleep 0.01; done' &)
setsid sh -c 'trap "" TERM HUP INT; echo $$ >> pids.txt; while :; do echo away >> life.txt; sleep 0.01; done' &
setsid sh -c 'sh -c "echo \$\$ >> pids.txt; exec sleep 300" & exit' &
wait
"#;

fn pids(app: &App) -> Vec<Pid> {
    let text = fs::read_to_string(app.data().join("pids.txt")).unwrap_or_default();
    text.lines()
        .filter_map(|line| Pid::from_raw(line.parse().ok()?))
        .collect()
}

/// Whether a process has ended; one that nobody has buried yet has.
fn is_gone(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    test_kill_process(pid).is_err() || stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z'))
}

fn ordering() -> App {
    let mut app = App::stopped(&[("order", ORDER)]);
    app.program("order.sh", PROGRAM);
    app.run();
    let mut browser = app.browser("/order");
    browser.press("Start now");
    browser.fill("Thing", "A lamp");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Nobody waits for its answer.
            let _unread = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| browser.press("Order").status));
        });
        assert!(eventually(|| pids(&app).len() == 4), "{:?}", pids(&app));
        app.kill();
    });
    app
}

#[test]
fn a_killed_server_leaves_no_program_running_whatever_it_began_and_wherever_that_went() {
    let app = ordering();
    let left = || pids(&app).into_iter().filter(|pid| !is_gone(*pid)).collect::<Vec<_>>();
    assert!(eventually(|| left().is_empty()), "{:?} are left", left());
}

#[test]
fn its_successor_takes_nothing_back_beside_it() {
    let mut app = ordering();
    app.run();
    let life = || fs::read_to_string(app.data().join("life.txt")).unwrap();
    assert!(eventually(|| life().contains("undone")));
    let at = life();
    let (_, after) = at.split_once("undone\n").unwrap();
    assert_eq!(after, "", "something lived on when it was taken back");
    assert!(pids(&app).into_iter().all(is_gone));
    assert_eq!(life(), at, "nobody is left to write more");
}

#[test]
fn a_start_waits_until_every_program_of_the_server_before_is_gone() {
    let mut app = App::stopped(&[("order", ORDER)]);
    app.program("order.sh", PROGRAM);
    fs::create_dir_all(app.data()).unwrap();
    // Somebody who keeps a program and is not done with it.
    let lock = fs::File::create(app.data().join("programs.lock")).unwrap();
    lock.lock_shared().unwrap();
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(700));
        drop(lock);
    });
    let begun = Instant::now();
    app.run();
    assert!(begun.elapsed() >= Duration::from_millis(650), "{:?}", begun.elapsed());
    release.join().unwrap();
}

#[test]
fn a_keeper_that_is_killed_alone_is_an_unknown_outcome_and_no_end_of_the_server() {
    let mut app = App::stopped(&[("order", ORDER)]);
    app.program("order.sh", "#!/bin/sh\n[ \"$REQUEST_METHOD\" = DELETE ] && { printf 'Status: 200\\n\\n'; exit; }\nkill -9 $PPID; sleep 300\n");
    app.run();
    let mut browser = app.browser("/order");
    browser.press("Start now");
    browser.fill("Thing", "A lamp").press("Order");
    assert_eq!(browser.page.heading(), "Not ordered");
    // The page does not wait for what takes it back.
    app.wait_until(|app| {
        let output = app.deity(&["effects", "list", "--json", "--status", "done"]);
        String::from_utf8(output.stdout).unwrap().contains("unorder")
    });
}
