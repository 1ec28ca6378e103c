//! Which suite ran, how often and how long: `tests/run` prints it as a table at the end.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Duration;

/// Whether fewer rounds are wanted (`tests/run --quick`).
pub fn quick() -> bool {
    std::env::var_os("DEITY_QUICK").is_some_and(|v| !v.is_empty() && v != "0")
}

/// Whether many more rounds are wanted (`tests/run --long`).
pub fn long() -> bool {
    std::env::var_os("DEITY_LONG").is_some_and(|v| !v.is_empty() && v != "0")
}

/// `full` rounds, or `few` where `tests/run --quick` asked for it, or four times as many where `--long` did.
pub fn rounds(full: usize, few: usize) -> usize {
    match () {
        () if quick() => few,
        () if long() => full * 4,
        () => full,
    }
}

/// Notes that `suite` did `rounds` rounds in `took`, with what it found in a few words.
pub fn ran(suite: &str, rounds: usize, took: Duration, found: &str) {
    println!("{suite}: {rounds} rounds in {took:.1?}; {found}");
    let Some(path) = std::env::var_os("DEITY_LEDGER") else {
        return;
    };
    let line = format!("{suite}\t{rounds}\t{:.1}\t{found}\n", took.as_secs_f64());
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .expect("the ledger of tests/run can be written");
}
