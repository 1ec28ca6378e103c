//! Seeded random walks on every flow, with changes, removals, *Back* and pages of other windows, against a plain
//! reference that reckons everything anew from what was said, by address.
//!
//! `model`, `table`, `lists` and `calls` have the contract a second time, `route` the way through a flow; `typist` makes
//! up what is typed, `walker` and `links` do what a person does, `office` what callees do; `compare` holds the store
//! and the pages against the reference; `tally` knows which transitions there are and which were taken. Must not
//! use anything of `machine` to say what is right.

mod calls;
mod compare;
mod flows;
mod household;
mod links;
mod lists;
mod model;
mod office;
mod route;
mod table;
mod tally;
mod typist;
mod walker;

use std::ops::Range;
use std::time::Instant;

use deity::flow::Flow;
use jiff::civil::Date;

use crate::support::desk::{Desk, read};
use crate::support::rounds;
use model::Plant;
use tally::Tally;
use walker::Walk;

/// Ends with these words where something does not hold.
macro_rules! hold {
    ($holds:expr, $($words:tt)*) => {
        if !$holds {
            return Err(format!($($words)*));
        }
    };
}
use hold;

/// The most further seeds in which what was not met yet is looked for.
const MORE: u64 = 120;

/// The day of the desk's clock.
const TODAY: Date = jiff::civil::date(2026, 11, 23);

/// Walks so many seeds of one flow; the first that does not agree ends it.
async fn walk(name: &str, source: &str, seeds: Range<u64>, plant: Option<Plant>) -> Result<Tally, String> {
    let flow: Flow = read(name, source);
    let desk = Desk::open([read(name, source)]).await;
    let mut tally = Tally::default();
    for seed in seeds {
        let mut walk = Walk::begin(&flow, &desk, seed, plant).await;
        let came = walk.go(&mut tally).await;
        came.map_err(|why| format!("{name}, seed {seed}: {why}\n{}", walk.context()))?;
    }
    Ok(tally)
}

/// How many seeds, or as many as `DEITY_WALKS` says; from the one that `DEITY_SEED` says, that one alone.
fn seeds() -> Range<u64> {
    let said = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let many = if crate::support::long() {
        2_400
    } else {
        rounds(60, 12) as u64
    };
    let walks = said("DEITY_WALKS");
    match said("DEITY_SEED") {
        Some(seed) => seed..seed + walks.unwrap_or(1),
        None => 0..walks.unwrap_or(many),
    }
}

/// All flows, or the one that `DEITY_FLOW` says.
fn flows() -> Vec<(String, String)> {
    let only = std::env::var("DEITY_FLOW").ok();
    let mut all = flows::all();
    all.retain(|(name, _)| only.as_ref().is_none_or(|only| only == name));
    all
}

/// Walks the same seeds of each flow.
async fn walk_all(flows: &[(String, String)], seeds: Range<u64>) -> Vec<Result<Tally, String>> {
    let start = |(name, source): &(String, String)| {
        let (name, source, seeds) = (name.clone(), source.clone(), seeds.clone());
        tokio::spawn(async move { walk(&name, &source, seeds, None).await })
    };
    let walks: Vec<_> = flows.iter().map(start).collect();
    let mut came = Vec::new();
    for ((name, _), walk) in flows.iter().zip(walks) {
        came.push(
            walk.await
                .unwrap_or_else(|fell| Err(format!("{name} fell over: {fell}\n"))),
        );
    }
    came
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_walks_on_every_flow_agree_with_the_reference_and_take_every_transition() {
    let began = Instant::now();
    let (mut seeds, flows) = (seeds(), flows());
    // A few rounds take many transitions, and not all.
    let whole = seeds.start == 0 && std::env::var_os("DEITY_FLOW").is_none() && !crate::support::quick();
    let (first, mut rounds) = (seeds.clone(), 0);
    let mut tallies: Vec<Tally> = flows.iter().map(|_| Tally::default()).collect();
    let lacks = |tallies: &[Tally]| {
        let of = tallies.iter().zip(&flows);
        let mut lacks: String = of
            .map(|(tally, (name, source))| tally.never(&read(name, source)))
            .collect();
        lacks += &Tally::of(tallies).lacks();
        if whole { lacks } else { String::new() }
    };
    // What is seldom gets some more seeds to be met in.
    while rounds == 0 || seeds.start < first.end + MORE && !lacks(&tallies).is_empty() {
        let came = walk_all(&flows, seeds.clone()).await;
        let (agree, wrong): (Vec<_>, Vec<_>) = came.into_iter().partition(Result::is_ok);
        let wrong: String = wrong.into_iter().filter_map(Result::err).collect();
        assert!(wrong.is_empty(), "{wrong}");
        for (tally, came) in tallies.iter_mut().zip(agree) {
            tally.and(came.expect("it agrees"));
        }
        rounds += (seeds.end - seeds.start) as usize * flows.len();
        seeds = seeds.end..seeds.end + 10;
    }
    let all = Tally::of(&tallies);
    println!("{}", all.told());
    let lacks = lacks(&tallies);
    assert!(lacks.is_empty(), "{lacks}");
    let found = format!(
        "{} steps, {} kinds of transition, {} ways of {} flows; all agree",
        all.steps,
        all.rows.len(),
        tallies.iter().map(|tally| tally.edges.len()).sum::<usize>(),
        flows.len()
    );
    crate::support::ran("walks on every flow", rounds, began.elapsed(), &found);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_walks_would_show_each_planted_fault() {
    let began = Instant::now();
    let own = flows::own();
    let notices = |plant: Plant| {
        let own = own.clone();
        tokio::spawn(async move {
            for (name, source) in own {
                walk(&name, &source, 0..30, Some(plant)).await?;
            }
            Ok::<(), String>(())
        })
    };
    for (plant, walk) in Plant::ALL.map(|plant| (plant, notices(plant))) {
        let why = walk.await.expect("it does not fall over").err();
        let why = why.unwrap_or_else(|| panic!("{plant:?} was not noticed"));
        println!("{plant:?}: {}", why.lines().next().unwrap_or_default());
    }
    let planted = Plant::ALL.len();
    crate::support::ran("walks with faults planted", planted, began.elapsed(), "all noticed");
}
