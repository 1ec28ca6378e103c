//! SIGKILL under load. The page cache survives it: what is tested is that nothing is told that
//! has not reached the operating system, and that a restart goes on where the process was.

use std::time::{Duration, Instant};

use super::dice::Dice;
use super::journey::{Journey, inspect, inspect_copy};
use super::server::Server;
use super::walker::{Client, Load};
use super::{PLANTED, WALKERS, can_plant, rounds};

/// Kills in one data directory before a new one is begun.
const LIVES: usize = 10;
/// Rounds in which a planted fault must have been noticed: without a sync sled still writes much by itself,
/// so that about one kill in six loses something.
const NOTICED_IN: usize = 100;

/// What a run came to.
#[derive(Default)]
struct Tally {
    phases: usize,
    doubts: usize,
    restarts: Duration,
}

/// Loads, kills, looks; the first thing that is wrong ends it.
fn run(rounds: usize, plant: Option<&str>, dice: &mut Dice) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let mut done = 0;
    while done < rounds {
        let dir = tempfile::tempdir().expect("a directory");
        let lives = LIVES.min(rounds - done);
        let mut journeys: Vec<Journey> = Vec::new();
        let mut fresh: Vec<Journey> = Vec::new();
        for life in 0..lives {
            let began = Instant::now();
            let server = Server::start(dir.path(), plant)?;
            if life > 0 {
                tally.restarts += began.elapsed();
                recovers(&server)?;
            }
            replay(&server, &mut fresh)?;
            journeys.append(&mut fresh);
            let load = Load::on(server.address);
            let wait = Duration::from_millis(dice.below(250) as u64);
            let first = ((done + life) as u64) << 32;
            let (alive, walked) = load.run(WALKERS, first, || {
                let alive = load.answered(WALKERS);
                std::thread::sleep(wait);
                server.kill();
                alive
            });
            if !alive {
                return Err("no answers".to_owned());
            }
            fresh = walked;
            tally.phases += fresh
                .iter()
                .map(|journey| journey.acknowledged(u64::MAX))
                .sum::<usize>();
            tally.doubts += fresh
                .iter()
                .filter(|journey| journey.sent.last().is_some_and(|sent| sent.page.is_none()))
                .count();
            inspect_copy(dir.path(), &fresh)?;
        }
        // The last life ends in order, and everything that ever was is looked at once more.
        let server = Server::start(dir.path(), plant)?;
        replay(&server, &mut fresh)?;
        journeys.append(&mut fresh);
        let ended = server.stop();
        if !ended.status.success() {
            return Err(format!("a stop in order ended with {}: {}", ended.status, ended.errors));
        }
        let found = inspect(dir.path(), &journeys, u64::MAX)?;
        if !found.clean {
            return Err("a stop in order was not noticed".to_owned());
        }
        done += lives;
    }
    Ok(tally)
}

/// The start after a crash says so.
fn recovers(server: &Server) -> Result<(), String> {
    if server.found.contains("recovered after a stop without notice") {
        return Ok(());
    }
    Err(format!("the start after a crash says only: {}", server.found))
}

/// Sends again what was in flight, and then everything once more: the same pages.
fn replay(server: &Server, journeys: &mut [Journey]) -> Result<(), String> {
    let mut client = Client::new(server.address);
    journeys.iter_mut().try_for_each(|journey| journey.replay(&mut client))
}

#[test]
fn killed_under_load_it_loses_nothing_and_does_nothing_twice() {
    let began = Instant::now();
    let rounds = rounds("DEITY_KILLS", 60, 10);
    let mut dice = Dice::new("kill -9");
    let tally = run(rounds, None, &mut dice).unwrap_or_else(|why| panic!("{why}"));
    let found = format!(
        "{} phases acknowledged, {} in flight; 0 lost, 0 twice; start {:.0?}",
        tally.phases,
        tally.doubts,
        tally.restarts / rounds as u32
    );
    crate::support::ran("kill -9 under 16 people", rounds, began.elapsed(), &found);
    assert!(tally.phases > rounds * WALKERS && tally.doubts > 0, "{found}");
}

#[test]
fn the_kills_would_show_each_planted_fault() {
    if !can_plant("kill -9") {
        return;
    }
    let began = Instant::now();
    for plant in PLANTED {
        let mut dice = Dice::new(plant);
        let why = run(NOTICED_IN, Some(plant), &mut dice).err();
        let why = why.unwrap_or_else(|| panic!("{plant} was not noticed"));
        println!("{plant}: {}", why.chars().take(150).collect::<String>());
    }
    crate::support::ran(
        "kill -9 with faults planted",
        PLANTED.len(),
        began.elapsed(),
        "all noticed",
    );
}
