//! The model against what was measured over real TCP on an emulated line.
//!
//! `measured.tsv` holds, for each line, browser and phase: bytes of the request and of the answer,
//! seconds on the line from the first packet to the arrival of the last byte, packets and bytes with
//! headers up and down, and the seconds that the server took, which on a busy machine are some milliseconds and no
//! part of the line. Of three runs the one with the median time stands for a phase. benches/README.md
//! says how it was taken, and how to take it anew.

use std::collections::BTreeMap;
use std::time::Duration;

use deity::line::{Cost, Exchange, Line, Manner, Visit, visit};

const MEASURED: &str = include_str!("measured.tsv");

#[derive(Debug)]
struct Phase {
    request: u64,
    answer: u64,
    seconds: f64,
    packets: [u64; 2],
    bytes: [u64; 2],
    server: Duration,
}

fn measured() -> BTreeMap<(String, String), Vec<Phase>> {
    let mut all: BTreeMap<_, Vec<Phase>> = BTreeMap::new();
    for line in MEASURED.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let n = |at: usize| cells[at].parse::<u64>().unwrap();
        all.entry((cells[0].to_owned(), cells[1].to_owned()))
            .or_default()
            .push(Phase {
                request: n(3),
                answer: n(4),
                seconds: cells[5].parse().unwrap(),
                packets: [n(6), n(7)],
                bytes: [n(8), n(9)],
                server: Duration::from_secs_f64(cells[10].parse().unwrap()),
            });
    }
    all
}

fn modelled(line: &str, browser: &str, phases: &[Phase]) -> Vec<Cost> {
    let exchanges: Vec<_> = phases
        .iter()
        .map(|phase| Exchange {
            request: phase.request,
            answer: phase.answer,
            server: phase.server,
        })
        .collect();
    visit(&Visit {
        line: &Line::named(line).unwrap(),
        exchanges: &exchanges,
        manner: match browser {
            "lynx" => Manner::Anew,
            _ => Manner::Kept { open: false },
        },
        think: Duration::from_secs(4),
    })
}

/// How far `model` is from `measured`, in percent.
fn off(model: f64, measured: f64) -> f64 {
    (model / measured - 1.0) * 100.0
}

#[test]
fn the_model_agrees_with_real_tcp_within_five_percent_on_clean_lines() {
    let all = measured();
    assert!(all.len() >= 8, "lines and browsers: {:?}", all.keys());
    let sum = |of: &dyn Fn(&Phase) -> u64, phases: &[Phase]| phases.iter().map(of).sum::<u64>() as f64;
    println!("| line phases seconds packets bytes, model and measured");
    for ((line, browser), phases) in &all {
        let costs = modelled(line, browser, phases);
        let seconds: f64 = costs.iter().map(|cost| cost.time.as_secs_f64()).sum();
        let real: f64 = phases.iter().map(|phase| phase.seconds).sum();
        let packets: u64 = costs.iter().map(|cost| cost.up.packets + cost.down.packets).sum();
        let bytes: u64 = costs.iter().map(|cost| cost.up.bytes + cost.down.bytes).sum();
        let real_packets = sum(&|phase| phase.packets[0] + phase.packets[1], phases);
        let real_bytes = sum(&|phase| phase.bytes[0] + phase.bytes[1], phases);
        println!(
            "| {line} | {browser} | {} | {seconds:.2} | {real:.2} | {:+.1} % | {packets} | {real_packets} | {bytes} | {real_bytes} |",
            phases.len(),
            off(seconds, real)
        );
        assert!(
            off(seconds, real).abs() < 5.0,
            "{line} {browser}: {seconds} s, measured {real}"
        );
        assert!(
            off(packets as f64, real_packets).abs() < 5.0,
            "{line} {browser}: {packets} packets, {real_packets}"
        );
        assert!(
            off(bytes as f64, real_bytes).abs() < 5.0,
            "{line} {browser}: {bytes} bytes, {real_bytes}"
        );
        for (n, (cost, phase)) in costs.iter().zip(phases).enumerate() {
            let far = off(cost.time.as_secs_f64(), phase.seconds);
            assert!(
                far.abs() < 5.0,
                "{line} {browser}, phase {}: {cost:?}, measured {phase:?}",
                n + 1
            );
        }
    }
}
