//! What was measured of effects, as tables and as JSON.
//!
//! Owns their layout. A ratio compares two servers within one round only.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::common::driver::Outcome;
use crate::common::spread::Spread;
use crate::rest::Rest;

/// What is measured.
pub const AT_REST: &str = "at rest";
pub const HTTP: &str = "http";
pub const CGI: &str = "cgi";
pub const DECLARED: &str = "declared, not asked for";
pub const SLOW: &str = "beside a slow callee";
/// By whom.
pub const DIRECT: &str = "directly";
pub const CEILING: &str = "2 appends+syncs, 1 call";
pub const DEITY: &str = "Deity";
pub const WITHOUT: &str = "without";
pub const WITH: &str = "with";

/// What so many people ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    pub what: &'static str,
    pub people: usize,
}

impl Display for Cell {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:>2}", self.what, self.people)
    }
}

#[derive(Debug, Serialize)]
struct Row {
    round: usize,
    cell: Cell,
    by: &'static str,
    /// Answers per second.
    rate: f64,
    /// Milliseconds.
    p50: f64,
    p99: f64,
    /// Processor time of the server, and of the driver, per answer, in microseconds.
    cpu: f64,
    driver_cpu: f64,
}

/// Everything.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    rows: Vec<Row>,
    pub rest: Option<Rest>,
    /// Phases per second of those who wait for the slow callee, round by round.
    pub crowd: Vec<f64>,
}

impl Report {
    pub fn add(&mut self, round: usize, cell: Cell, by: &'static str, outcome: &Outcome) {
        let answers = outcome.phases.max(1) as f64;
        self.rows.push(Row {
            round,
            cell,
            by,
            rate: outcome.phases as f64 / outcome.seconds,
            p50: f64::from(outcome.p50) / 1000.0,
            p99: f64::from(outcome.p99) / 1000.0,
            cpu: outcome.server_cpu as f64 / answers,
            driver_cpu: outcome.driver_cpu as f64 / answers,
        });
    }

    /// Cells and who was asked in them, in the order in which they were measured.
    fn places(&self) -> Vec<(Cell, &'static str)> {
        let mut places = Vec::new();
        for row in &self.rows {
            if !places.contains(&(row.cell, row.by)) {
                places.push((row.cell, row.by));
            }
        }
        places
    }

    fn spread(&self, cell: Cell, by: &str, get: fn(&Row) -> f64) -> Spread {
        let rows = self.rows.iter().filter(|row| row.cell == cell && row.by == by);
        Spread(rows.map(get).collect())
    }

    /// What `by` did, in parts of `other`, round by round.
    fn ratios(&self, cell: Cell, by: &str, other: &str, get: fn(&Row) -> f64) -> Spread {
        let of = |by: &str, round| {
            let mut rows = self.rows.iter();
            rows.find(|row| row.cell == cell && row.by == by && row.round == round)
        };
        let rounds = self.rows.iter().filter(|row| row.cell == cell && row.by == by);
        Spread(
            rounds
                .filter_map(|row| Some(get(row) / get(of(other, row.round)?)))
                .collect(),
        )
    }

    fn ratio_table(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n| what, people | ratio | per second | CPU |\n|---|---|--:|--:|")?;
        for (cell, by) in self.places() {
            let others: &[&str] = match by {
                DEITY => &[DIRECT, CEILING],
                WITH => &[WITHOUT],
                _ => &[],
            };
            for other in others {
                let rates = self.ratios(cell, by, other, |row| row.rate);
                let cpu = self.ratios(cell, by, other, |row| row.cpu);
                // A program that nobody serves has no server's processor time.
                let cpu = cpu.text(2).replace("inf (inf-inf)", "-").replace("inf", "-");
                if rates.median().is_some() {
                    writeln!(f, "| {cell} | {by} of {other} | {} | {cpu} |", rates.text(2))?;
                }
            }
        }
        Ok(())
    }
}

fn rest_table(f: &mut Formatter<'_>, rest: &Rest) -> fmt::Result {
    let pairs = rest.plain.0.len();
    writeln!(
        f,
        "{AT_REST}: one person, {pairs} phases of each kind; median (least-most)\n"
    )?;
    writeln!(f, "| | µs |\n|---|--:|")?;
    for (what, spread) in [
        ("from the step's commit to the request's arrival", &rest.arrival),
        ("a phase without an effect", &rest.plain),
        ("the same with one", &rest.called),
        ("the callee, called directly", &rest.direct),
        ("what the effect adds, without the callee", &rest.added),
    ] {
        writeln!(f, "| {what} | {} |", spread.text(0))?;
    }
    writeln!(f, "\n| store | with an effect | without |\n|---|--:|--:|")?;
    for (what, with, without) in [
        ("writes", &rest.writes, &rest.plain_writes),
        ("reads", &rest.reads, &rest.plain_reads),
    ] {
        writeln!(f, "| {what} | {} | {} |", with.text(0), without.text(0))?;
    }
    writeln!(
        f,
        "\nwrites in the 3 s after the last effect: {}; connections to the callee: {}, for {} calls\n",
        rest.later, rest.connections, rest.calls
    )
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        writeln!(f, "{cores} cores, shared with the driver and the callee\n")?;
        if let Some(rest) = &self.rest {
            rest_table(f, rest)?;
        }
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "| what, people | by | per second | p50 ms | p99 ms | its CPU µs | driver CPU µs |"
        )?;
        writeln!(f, "|---|---|--:|--:|--:|--:|--:|")?;
        for (cell, by) in self.places() {
            let middle = |get| self.spread(cell, by, get).median().unwrap_or(0.0);
            writeln!(
                f,
                "| {cell} | {by} | {} | {:.2} | {:.2} | {:.0} | {:.0} |",
                self.spread(cell, by, |row| row.rate).text(0),
                middle(|row| row.p50),
                middle(|row| row.p99),
                middle(|row| row.cpu),
                middle(|row| row.driver_cpu),
            )?;
        }
        self.ratio_table(f)?;
        if !self.crowd.is_empty() {
            let crowd = Spread(self.crowd.clone()).text(1);
            writeln!(f, "\nthose who waited got {crowd} answers per second")?;
        }
        Ok(())
    }
}
