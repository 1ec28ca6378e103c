//! CGI programs: what they are given, how they answer, and that nothing of them stays behind.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, test_kill_process};
use tempfile::TempDir;

use deity::effect::program::{Meta, Program, environment};
use deity::effect::response::{BODY_BYTES, Response, Trouble};

use super::{forbidden, not_sent, unknown};
use crate::support::eventually;

/// A script for `sh`, in a directory of its own, with enough time.
struct Script {
    dir: TempDir,
    program: Program,
}

fn script(text: &str) -> Script {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("script"), text).unwrap();
    let program = Program {
        path: "/bin/sh".into(),
        arguments: vec!["script".to_owned()],
        environment: vec![("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned())],
        directory: dir.path().to_owned(),
        input: Vec::new(),
        timeout: Duration::from_secs(30),
        keeper: env!("CARGO_BIN_EXE_deity").into(),
        lock: dir.path().join("programs.lock"),
    };
    Script { dir, program }
}

/// Its answer.
async fn run(program: &Program) -> Result<Response, Trouble> {
    deity::effect::program::run(program).await.answer
}

impl Script {
    fn within(mut self, milliseconds: u64) -> Self {
        self.program.timeout = Duration::from_millis(milliseconds);
        self
    }

    async fn run(&self) -> Result<Response, Trouble> {
        let begun = Instant::now();
        let result = run(&self.program).await;
        // Its time, the grace, and a slow machine.
        let most = self.program.timeout + Duration::from_secs(10);
        assert!(begun.elapsed() < most, "{:?}", begun.elapsed());
        result
    }

    /// The numbers of the processes that wrote themselves into `pids`.
    fn pids(&self) -> Vec<Pid> {
        pids(self.dir.path())
    }

    /// That `count` processes were there and none is any more, not even as a zombie of ours.
    fn assert_gone(&self, count: usize) {
        let pids = self.pids();
        assert_eq!(pids.len(), count);
        assert!(
            eventually(|| pids.iter().all(|pid| is_gone(*pid))),
            "of {pids:?} some are left"
        );
    }
}

fn pids(dir: &Path) -> Vec<Pid> {
    let text = fs::read_to_string(dir.join("pids")).unwrap_or_default();
    text.lines()
        .filter_map(|line| Pid::from_raw(line.parse().ok()?))
        .collect()
}

/// Whether a process has ended and left nothing that we would have to bury. (Its orphans are buried by
/// the system's first process, which in some containers does not do it.)
fn is_gone(pid: Pid) -> bool {
    if test_kill_process(pid).is_err() {
        return true;
    }
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    let rest = stat.rsplit(") ").next().unwrap_or_default();
    rest.starts_with("Z ") && rest.split(' ').nth(1) != Some(&std::process::id().to_string())
}

const OK: &str = "printf 'Content-Type: text/plain\\n\\n'\n";

#[tokio::test]
async fn a_program_reads_its_input_and_answers() {
    let mut script = script("printf 'Status: 201 Made\\r\\nRetry-After: 9\\r\\n\\r\\n'; cat");
    script.program.input = vec![b'x'; 20_000];
    let answer = script.run().await.unwrap();
    assert_eq!((answer.status, answer.cut), (201, false));
    assert_eq!(answer.retry_after, Some(Duration::from_secs(9)));
    assert!(answer.body == script.program.input);
}

#[tokio::test]
async fn the_environment_is_exactly_what_is_given() {
    let mut script = script(&format!("{OK} cat /proc/$$/environ; printf '|'; pwd; printf \"|$1\""));
    script.program.arguments.push("an argument".to_owned());
    script.program.environment = environment(&Meta {
        method: "POST".to_owned(),
        query: "a=1&b=2".to_owned(),
        content_type: Some("application/json".to_owned()),
        content_length: Some(0),
        server_name: "deity".to_owned(),
        server_port: 80,
        extra: vec![("HTTP_IDEMPOTENCY_KEY".to_owned(), "k\n1".to_owned())],
        ..Meta::default()
    })
    .unwrap();
    let body = String::from_utf8(script.run().await.unwrap().body).unwrap();
    let parts: Vec<_> = body.split('|').collect();
    let mut seen: Vec<_> = parts[0].split_terminator('\0').collect();
    let mut given: Vec<_> = script
        .program
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    seen.sort_unstable();
    given.sort_unstable();
    assert_eq!(seen, given);
    assert_eq!(Path::new(parts[1].trim()), script.dir.path().canonicalize().unwrap());
    assert_eq!(parts[2], "an argument");
}

#[tokio::test]
async fn what_cannot_be_started_was_surely_not_sent() {
    let mut missing = script("").program;
    missing.path = missing.directory.join("missing");
    not_sent(run(&missing).await);

    let plain = script("#!/bin/sh\n");
    let mut program = plain.program.clone();
    program.path = plain.dir.path().join("script");
    fs::set_permissions(&program.path, fs::Permissions::from_mode(0o644)).unwrap();
    not_sent(run(&program).await);

    let mut nowhere = plain.program.clone();
    nowhere.directory = plain.dir.path().join("nowhere");
    not_sent(run(&nowhere).await);
}

#[tokio::test]
async fn what_can_never_be_started_is_forbidden() {
    let empty = script("");
    let mut variable = empty.program.clone();
    variable.environment.push(("A".to_owned(), "secret\0".to_owned()));
    assert!(!forbidden(run(&variable).await).contains("secret"));
    let mut argument = empty.program.clone();
    argument.arguments.push("secret\0".to_owned());
    assert!(!forbidden(run(&argument).await).contains("secret"));
    let mut long = empty.program.clone();
    long.arguments.push("x".repeat(8 << 20));
    forbidden(run(&long).await);
}

#[tokio::test]
async fn a_program_that_hangs_is_ended_with_its_children() {
    let script = script(&format!(
        "{OK} echo $$ >> pids; sleep 300 & echo $! >> pids; sleep 300 & echo $! >> pids; wait"
    ))
    .within(500);
    assert!(unknown(script.run().await).contains("in time"));
    script.assert_gone(3);
}

#[tokio::test]
async fn a_program_may_tidy_up_when_its_time_is_over() {
    let script = script("trap 'echo bye > bye; exit 0' TERM; sleep 300 & wait").within(500);
    unknown(script.run().await);
    assert_eq!(fs::read_to_string(script.dir.path().join("bye")).unwrap(), "bye\n");
}

#[tokio::test]
async fn a_program_that_ignores_the_request_to_end_is_killed() {
    let script =
        script("trap '' TERM; echo $$ >> pids; sleep 300 & echo $! >> pids; while :; do wait; done").within(500);
    unknown(script.run().await);
    script.assert_gone(2);
}

#[tokio::test]
async fn a_child_that_holds_the_pipes_open_makes_nobody_wait() {
    let script = script(&format!("{OK} echo done; sleep 300 & echo $! >> pids"));
    let begun = Instant::now();
    assert_eq!(script.run().await.unwrap().body, b"done\n");
    assert!(begun.elapsed() < Duration::from_secs(10));
    script.assert_gone(1);
}

#[tokio::test]
async fn a_child_that_left_the_group_makes_nobody_wait() {
    let script = script(&format!(
        "{OK} setsid sh -c 'echo $$ >> pids; exec sleep 20' & while ! test -s pids; do :; done; echo done"
    ));
    let begun = Instant::now();
    assert_eq!(script.run().await.unwrap().body, b"done\n");
    assert!(begun.elapsed() < Duration::from_secs(10));
    for pid in script.pids() {
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }
}

#[tokio::test]
async fn a_flood_is_cut_and_its_group_ended() {
    let script = script(&format!(
        "{OK} echo $$ >> pids; yes 'to stderr' >&2 & echo $! >> pids; yes; wait"
    ));
    let answer = script.run().await.unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.cut), (200, BODY_BYTES, true));
    script.assert_gone(2);
}

#[tokio::test]
async fn an_answer_is_cut_behind_its_bound() {
    for (bytes, cut) in [(BODY_BYTES, false), (BODY_BYTES + 1, true)] {
        let script = script(&format!("{OK} head -c {bytes} /dev/zero"));
        let answer = script.run().await.unwrap();
        assert_eq!((answer.body.len(), answer.cut), (BODY_BYTES, cut));
    }
}

#[tokio::test]
async fn words_on_stderr_block_nothing() {
    let script = script(&format!("head -c 1000000 /dev/zero >&2; {OK} echo done"));
    assert_eq!(script.run().await.unwrap().body, b"done\n");
}

#[tokio::test]
async fn a_program_need_not_read_its_input() {
    let mut script = script(&format!("{OK} echo done"));
    script.program.input = vec![b'x'; 1 << 20];
    assert_eq!(script.run().await.unwrap().body, b"done\n");
}

#[tokio::test]
async fn a_program_that_fails_has_not_answered_unless_it_gave_a_status() {
    for end in ["exit 3", "kill -9 $$", "kill -SEGV $$"] {
        let why = unknown(script(&format!("{OK} echo secret; {end}")).run().await);
        assert!(why.contains("failed") && !why.contains("secret"), "{why}");
        let stands = script(&format!("printf 'Status: 409 No\\n\\nbody'; {end}"));
        let answer = stands.run().await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (409, b"body".as_slice()));
        let torn = script(&format!("printf 'Status: 200\\nContent-Length: 9\\n\\nbody'; {end}"));
        unknown(torn.run().await);
    }
}

#[tokio::test]
async fn a_program_that_prints_no_header_has_not_answered() {
    for text in [
        "",
        "echo secret",
        "echo Content-Type: text/plain",
        "yes secret",
        "exit 1",
    ] {
        let why = unknown(script(text).run().await);
        assert!(why.contains("did not answer as a CGI program"), "{text}: {why}");
        assert!(!why.contains("secret"), "{why}");
    }
}

#[tokio::test]
async fn a_location_is_no_answer_whatever_the_status() {
    for status in [
        "",
        "Status: 200\\n",
        "Status: 201\\n",
        "Status: 303\\n",
        "Status: 422\\n",
    ] {
        let script = script(&format!("printf 'Location: /elsewhere\\n{status}\\nbody'"));
        let why = unknown(script.run().await);
        assert!(why.contains("followed nowhere") && !why.contains("elsewhere"), "{why}");
    }
}

#[tokio::test]
async fn the_end_of_what_it_writes_on_stderr_is_kept() {
    for (text, end) in [
        ("echo one >&2; echo two >&2; exit 3", "one\ntwo\n"),
        (
            "head -c 100000 /dev/zero | tr '\\0' x >&2; echo last >&2; exit 3",
            "xx\nlast\n",
        ),
        ("printf 'Status: 200\\n\\n'; echo warned >&2", "warned\n"),
        ("echo before >&2; sleep 300", "before\n"),
        ("printf '\\377bad\\n' >&2", "\u{fffd}bad\n"),
        ("exit 1", ""),
    ] {
        let end = end.replace("xx\n", "xx");
        let script = script(text).within(2_000);
        let ran = deity::effect::program::run(&script.program).await;
        assert!(ran.stderr.ends_with(&end), "{:?}", ran.stderr);
        assert!(
            ran.stderr.len() <= 2 * 1024 + 2 && ran.stderr.is_empty() == end.is_empty(),
            "{text}"
        );
        if let Err(trouble) = ran.answer {
            assert!(!trouble.to_string().contains("last"), "{trouble}");
        }
    }
}

#[tokio::test]
async fn what_its_keeper_is_told_about_it_is_none_of_its_business() {
    // A program that cannot be started says nothing; one that ends as its keeper would then, does.
    let missing = Program {
        path: "/nowhere/at/all".into(),
        ..script("").program
    };
    let ran = deity::effect::program::run(&missing).await;
    assert_eq!(ran.stderr, "");
    assert!(not_sent(ran.answer).contains("No such file"));
    let script = script("echo words >&2; exit 127");
    let ran = deity::effect::program::run(&script.program).await;
    assert_eq!(ran.stderr, "words\n");
    unknown(ran.answer);
}

#[tokio::test]
async fn whoever_stops_waiting_ends_the_group() {
    let script = script(&format!(
        "{OK} trap '' TERM; sleep 300 & echo $! >> pids; echo $$ >> pids; wait"
    ));
    let program = script.program.clone();
    let task = tokio::spawn(async move { run(&program).await });
    let end = Instant::now() + Duration::from_secs(30);
    while script.pids().len() < 2 {
        assert!(Instant::now() < end, "it never started");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    // The runtime reaps what was dropped, so it must be let run.
    let pids = script.pids();
    while !pids.iter().all(|pid| is_gone(*pid)) {
        assert!(Instant::now() < end, "some are left");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
