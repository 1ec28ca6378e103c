//! Power cuts: the data directory of the real process, built anew from the trace of its writes
//! and syncs as a cut at some moment would have left it.

use std::path::Path;
use std::time::Instant;

use super::dice::Dice;
use super::journey::{Journey, inspect};
use super::server::{Server, command};
use super::trace::{Left, Trace, traced};
use super::walker::Load;
use super::{PLANTED, WALKERS, can_plant, rounds};

/// Answers that each of the two traced lives gives.
const ANSWERS: usize = 250;
/// Cuts in which a planted fault must have been noticed.
const NOTICED_IN: usize = 40;

/// A traced server and all that it acknowledged.
struct Recorded {
    trace: Trace,
    journeys: Vec<Journey>,
    /// Where in the trace the second life began.
    second: usize,
}

/// Two lives of a server under load, the first one killed: the second begins with a recovery.
fn record(plant: Option<&str>) -> Recorded {
    let place = tempfile::tempdir().expect("a directory");
    let dir = place.path().join("data");
    std::fs::create_dir(&dir).expect("a directory");
    let log = place.path().join("trace");
    let mut journeys = Vec::new();
    let mut second = 0;
    for life in 0..2 {
        second = length(&log);
        let mut command = command(&dir, plant);
        traced(&mut command, &dir, &log);
        let server = Server::run(&mut command).unwrap_or_else(|why| panic!("{why}"));
        let traced = log.clone();
        let load = Load::marked(server.address, move || length(&traced));
        let (answered, walked) = load.run(WALKERS, life << 32, || {
            let answered = load.answered(ANSWERS);
            server.kill();
            answered
        });
        assert!(answered, "a server under trace gives answers");
        journeys.extend(walked);
    }
    let trace = Trace::read(&dir, &log);
    let second = trace.up_to(second);
    Recorded {
        trace,
        journeys,
        second,
    }
}

fn length(log: &Path) -> u64 {
    std::fs::metadata(log).map_or(0, |file| file.len())
}

/// Where to cut: most often just after an answer, where the promise is freshest; else anywhere,
/// while the store is being made, and while the second life recovers the first.
fn place(n: usize, load: &Recorded, dice: &mut Dice) -> usize {
    match n % 8 {
        0..4 => {
            let marks: Vec<_> = load
                .journeys
                .iter()
                .flat_map(|journey| &journey.sent)
                .filter(|sent| sent.page.is_some())
                .map(|sent| sent.mark)
                .collect();
            load.trace.up_to(marks[dice.below(marks.len())])
        }
        4 => 1 + dice.below(40),
        5 => load.second + dice.below(20),
        _ => dice.below(load.trace.len() + 1),
    }
}

/// Cuts `rounds` times; the first cut that loses something ends it.
fn cuts(load: &Recorded, rounds: usize, dice: &mut Dice) -> Result<(), String> {
    for n in 0..rounds {
        let cut = place(n, load, dice).min(load.trace.len());
        let left = [Left::Nothing, Left::Pages, Left::Writes, Left::Torn][dice.below(4)];
        let disk = tempfile::tempdir().expect("a directory");
        load.trace.rebuild(cut, left, dice, disk.path());
        inspect(disk.path(), &load.journeys, load.trace.mark(cut)).map_err(|why| {
            format!(
                "cut {n}, after {cut} of {} changes, {left:?} left: {why}",
                load.trace.len()
            )
        })?;
    }
    Ok(())
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing() {
    let began = Instant::now();
    let rounds = rounds("DEITY_CUTS", 40, 16);
    let mut dice = Dice::new("power cuts");
    let load = record(None);
    cuts(&load, rounds, &mut dice).unwrap_or_else(|why| panic!("{why}"));
    let found = format!(
        "{} phases acknowledged, {} writes and syncs; 0 lost, 0 would not open",
        load.journeys
            .iter()
            .map(|journey| journey.acknowledged(u64::MAX))
            .sum::<usize>(),
        load.trace.len(),
    );
    crate::support::ran("power cuts", rounds, began.elapsed(), &found);
}

#[test]
fn the_power_cuts_would_show_each_planted_fault() {
    if !can_plant("power cuts") {
        return;
    }
    let began = Instant::now();
    // Flushed as sled's manual has it, and never synced: what a kill cannot show.
    for plant in PLANTED.into_iter().chain(["flush-only"]) {
        let mut dice = Dice::new(plant);
        let why = cuts(&record(Some(plant)), NOTICED_IN, &mut dice).err();
        let why = why.unwrap_or_else(|| panic!("{plant} was not noticed"));
        println!("{plant}: {}", why.chars().take(200).collect::<String>());
    }
    crate::support::ran(
        "power cuts with faults planted",
        PLANTED.len() + 1,
        began.elapsed(),
        "all noticed",
    );
}
