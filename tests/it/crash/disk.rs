//! The disk is full, or dead, or somebody else's: the real process says so, acknowledges nothing
//! that is not on it, and goes on where it was once the disk is well.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::journey::{Journey, inspect, inspect_copy};
use super::server::{Ended, Server, command};
use super::trace::{Trace, traced};
use super::walker::{Client, Load};
use super::{PLANTED, WALKERS, can_plant};

/// The exit code of a store that failed while it ran.
const STORE_FAILED: i32 = 75;

/// A data directory on a disk that can be made to fail.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("data")).expect("a directory");
        Self { dir }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("trace")
    }

    /// While it exists, the disk is full.
    fn full(&self) -> PathBuf {
        self.dir.path().join("full")
    }

    /// Serves on this disk, which is dead from the `dead`th change or sync on.
    fn serve(&self, dead: Option<usize>, plant: Option<&str>) -> Result<Server, String> {
        let mut command = command(&self.data(), plant);
        traced(&mut command, &self.data(), &self.log());
        command.env("TRACE_FULL", self.full());
        if let Some(dead) = dead {
            command.env("TRACE_DEAD", dead.to_string());
        }
        Server::run(&mut command)
    }

    /// Looks at what is left, serves on a disk that is well, sends again what was in flight, and
    /// looks once more.
    fn recovers(&self, journeys: &mut [Journey]) -> Result<(), String> {
        inspect_copy(&self.data(), journeys)?;
        let server = self.serve(None, None)?;
        let mut client = Client::new(server.address);
        journeys
            .iter_mut()
            .try_for_each(|journey| journey.replay(&mut client))?;
        let ended = server.stop();
        if !ended.status.success() {
            return Err(format!("stopped with {}: {}", ended.status, ended.errors));
        }
        inspect(&self.data(), journeys, u64::MAX).map(drop)
    }
}

/// It ended by itself, in words, and without a panic of ours.
fn in_words(ended: &Ended, words: &[&str]) -> Result<(), String> {
    let said = &ended.errors;
    if ended.status.code().is_none_or(|code| code == 0 || code == 101) {
        return Err(format!("it ended with {}: {said}", ended.status));
    }
    match words.iter().any(|words| said.contains(words)) {
        true => Ok(()),
        false => Err(format!("it ended with {} and said: {said}", ended.status)),
    }
}

/// Fills the disk after so many answers, makes room again, and looks: how many phases were
/// acknowledged, or what is wrong.
fn fill(answers: usize, plant: Option<&str>) -> Result<usize, String> {
    let place = Place::new();
    let server = place.serve(None, plant)?;
    let load = Load::on(server.address);
    let (ended, mut journeys) = load.run(WALKERS, 0, || {
        assert!(load.answered(answers), "answers come while there is room");
        std::fs::write(place.full(), "").expect("written");
        server.wait()
    });
    in_words(&ended, &["the disk is full"])?;
    if ended.status.code() != Some(STORE_FAILED) {
        return Err(format!("it ended with {}", ended.status));
    }
    // No room yet: it does not start, and says why.
    match place.serve(None, plant) {
        Err(why) if why.contains("the disk is full") => {}
        Err(why) => return Err(why),
        Ok(_) => return Err("it starts without room".to_owned()),
    }
    std::fs::remove_file(place.full()).expect("removed");
    place.recovers(&mut journeys)?;
    Ok(journeys.iter().map(|journey| journey.acknowledged(u64::MAX)).sum())
}

#[test]
fn a_full_disk_stops_it_in_words_and_loses_nothing() {
    let began = Instant::now();
    let rounds = super::rounds("DEITY_FULL", 5, 2);
    let phases: usize = (1..=rounds)
        .map(|round| fill(WALKERS * round, None).unwrap_or_else(|why| panic!("{why}")))
        .sum();
    let found = format!("{phases} phases acknowledged; 0 lost, 0 twice");
    crate::support::ran("the disk is full", rounds, began.elapsed(), &found);
}

#[test]
fn the_full_disk_would_show_each_planted_fault() {
    if !can_plant("the disk is full") {
        return;
    }
    let began = Instant::now();
    for plant in PLANTED {
        let why = (0..10).find_map(|_| fill(WALKERS, Some(plant)).err());
        let why = why.unwrap_or_else(|| panic!("{plant} was not noticed"));
        println!("{plant}: {}", why.chars().take(150).collect::<String>());
    }
    crate::support::ran(
        "the disk is full, faults planted",
        PLANTED.len(),
        began.elapsed(),
        "all noticed",
    );
}

/// Once in some hundred rounds, at a start too, sled stands still over the error and says nothing: then
/// the clock beside it ends the process (`src/store/sled/pulse.rs`).
const STILL: &str = "no write has ended for 10s";

/// What a server on a dead disk must have said.
fn reason(said: &str) -> &'static str {
    if said.contains(STILL) {
        STILL
    } else {
        "Input/output error"
    }
}

#[test]
fn a_disk_that_dies_at_any_change_stops_it_and_loses_nothing() {
    let began = Instant::now();
    let rounds = super::rounds("DEITY_DEAD", 24, 8);
    // How many changes a start makes, and how many the phases after it.
    let place = Place::new();
    let server = place.serve(None, None).expect("starts");
    let started = changes(&place.data(), &place.log());
    let load = Load::on(server.address);
    load.run(2, 0, || load.answered(12));
    server.kill();
    let all = changes(&place.data(), &place.log()).min(started + 60);
    let (mut starts, mut stops, mut stood) = (0, 0, 0);
    for round in 0..rounds {
        let dead = 1 + round * all / rounds;
        let place = Place::new();
        let (ended, mut journeys) = match place.serve(Some(dead), None) {
            Err(why) => {
                starts += 1;
                stood += usize::from(why.contains(STILL));
                assert!(why.contains("error:") && why.contains(reason(&why)), "{dead}: {why}");
                assert!(!why.contains("panicked"), "{dead}: {why}");
                place
                    .recovers(&mut [])
                    .unwrap_or_else(|why| panic!("dead from {dead}: {why}"));
                continue;
            }
            Ok(server) => {
                let load = Load::on(server.address);
                load.run(2, 0, || server.wait())
            }
        };
        stops += 1;
        stood += usize::from(ended.errors.contains(STILL));
        in_words(&ended, &[reason(&ended.errors)]).unwrap_or_else(|why| panic!("dead from {dead}: {why}"));
        place
            .recovers(&mut journeys)
            .unwrap_or_else(|why| panic!("dead from {dead}: {why}"));
    }
    let found = format!("{starts} at the start, {stops} under load ({stood} of all stood still); 0 lost");
    crate::support::ran("the disk dies at the n-th change", rounds, began.elapsed(), &found);
    assert!(starts > 0 && stops > 0, "{found}");
}

fn changes(dir: &Path, log: &Path) -> usize {
    // The end of a sync is noted too, and is no change.
    Trace::read(dir, log).changes()
}

#[test]
fn a_second_server_is_told_who_has_the_data() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = Server::start(dir.path(), None).expect("starts");
    let why = Server::start(dir.path(), None).err().expect("one at a time");
    assert!(why.contains("in use by process"), "{why}");
    // The first one does not notice.
    let load = Load::on(first.address);
    let (answered, mut journeys) = load.run(1, 0, || load.answered(10));
    assert!(answered);
    let ended = first.stop();
    assert!(ended.status.success(), "{}", ended.errors);
    let server = Server::start(dir.path(), None).expect("starts when the first has gone");
    assert!(server.found.contains("stopped in order"), "{}", server.found);
    let mut client = Client::new(server.address);
    for journey in &mut journeys {
        journey.replay(&mut client).unwrap_or_else(|why| panic!("{why}"));
    }
}
