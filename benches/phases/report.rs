//! What was measured, as tables and as JSON.
//!
//! Owns medians, ratios and their layout. A ratio compares two servers within one round only:
//! between rounds a shared machine changes more than the servers do.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::common::driver::Outcome;
use crate::common::spread::Spread;

/// The first ceiling.
pub const BARE: &str = "bare hyper";
/// The second ceiling.
pub const APPEND: &str = "append+sync";
/// What is measured.
pub const DEITY: &str = "Deity";
/// Another build of it.
pub const ALSO: &str = "Deity, other";

/// One way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cell {
    pub people: usize,
    /// One connection per person, or one per phase.
    pub keep: bool,
    /// `Accept-Encoding`; empty sends none.
    pub encoding: &'static str,
}

impl Display for Cell {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let keep = if self.keep { "keep" } else { "close" };
        let encoding = if self.encoding.is_empty() {
            "plain"
        } else {
            self.encoding
        };
        write!(f, "{:>2} {keep:<5} {encoding:<5}", self.people)
    }
}

/// One server in one cell of one round.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// Phases per second.
    pub rate: f64,
    /// Milliseconds.
    pub p50: f64,
    /// Milliseconds.
    pub p99: f64,
    /// Processor time of the server per phase, in microseconds.
    pub cpu: f64,
    /// Of the driver.
    pub driver_cpu: f64,
    /// Bytes of a body, as sent.
    pub body: f64,
}

impl Measured {
    pub fn of(outcome: &Outcome) -> Self {
        let phases = outcome.phases.max(1) as f64;
        Self {
            rate: outcome.phases as f64 / outcome.seconds,
            p50: f64::from(outcome.p50) / 1000.0,
            p99: f64::from(outcome.p99) / 1000.0,
            cpu: outcome.server_cpu as f64 / phases,
            driver_cpu: outcome.driver_cpu as f64 / phases,
            body: outcome.body,
        }
    }
}

#[derive(Debug, Serialize)]
struct Row {
    round: usize,
    cell: Cell,
    server: String,
    #[serde(flatten)]
    measured: Measured,
}

/// What sessions cost while they are kept.
#[derive(Debug, Serialize)]
pub struct Kept {
    pub what: &'static str,
    pub sessions: usize,
    /// Phases per second while they were made.
    pub phases: f64,
    /// Bytes, before the first session.
    pub rss_before: u64,
    pub rss: u64,
    pub rss_peak: u64,
    /// Bytes of the data directory, all sessions together.
    pub disk: u64,
}

/// Everything.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Requests of one walk.
    pub walk: usize,
    /// Bytes of the ceilings' page.
    pub page: usize,
    rows: Vec<Row>,
    pub kept: Vec<Kept>,
}

impl Report {
    pub fn add(&mut self, round: usize, cell: &Cell, server: &str, outcome: &Outcome) {
        self.rows.push(Row {
            round,
            cell: *cell,
            server: server.to_owned(),
            measured: Measured::of(outcome),
        });
    }

    /// The cells, in the order in which they were measured.
    fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for row in &self.rows {
            if !cells.contains(&row.cell) {
                cells.push(row.cell);
            }
        }
        cells
    }

    fn servers(&self) -> Vec<&str> {
        let mut servers = Vec::new();
        for row in &self.rows {
            if !servers.contains(&row.server.as_str()) {
                servers.push(&row.server);
            }
        }
        servers
    }

    fn rows(&self, cell: Cell, server: &str) -> Vec<&Row> {
        let mine = |row: &&Row| row.cell == cell && row.server == server;
        self.rows.iter().filter(mine).collect()
    }

    /// How `server` did in `cell`, in parts of what `other` did in `base`, round by round.
    fn ratios(&self, cell: Cell, server: &str, base: Cell, other: &str) -> Spread {
        let base = self.rows(base, other);
        let rounds = self.rows(cell, server).into_iter().filter_map(|row| {
            let other = base.iter().find(|other| other.round == row.round)?;
            Some(row.measured.rate / other.measured.rate)
        });
        Spread(rounds.collect())
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let rounds = self.rows.iter().map(|row| row.round + 1).max().unwrap_or(0);
        writeln!(
            f,
            "{cores} cores, shared with the driver; a walk is {} phases; the ceilings' page has {} bytes; \
             median of {rounds} rounds (least-most)\n",
            self.walk, self.page
        )?;
        writeln!(
            f,
            "| people, connection, encoding | server | phases/s | p50 ms | p99 ms | server CPU µs | driver CPU µs | bytes |"
        )?;
        writeln!(f, "|---|---|--:|--:|--:|--:|--:|--:|")?;
        for cell in self.cells() {
            for server in self.servers() {
                let rows = self.rows(cell, server);
                let spread = |get: fn(&Measured) -> f64| Spread(rows.iter().map(|row| get(&row.measured)).collect());
                let middle = |get: fn(&Measured) -> f64| spread(get).median().unwrap_or(0.0);
                writeln!(
                    f,
                    "| {cell} | {server:<12} | {:>20} | {:>6.2} | {:>6.2} | {:>5.1} | {:>5.1} | {:>5.0} |",
                    spread(|m| m.rate).text(0),
                    middle(|m| m.p50),
                    middle(|m| m.p99),
                    middle(|m| m.cpu),
                    middle(|m| m.driver_cpu),
                    middle(|m| m.body),
                )?;
            }
        }
        self.ratio_table(f)?;
        self.kept_table(f)
    }
}

impl Report {
    fn ratio_table(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let also = self.servers().contains(&ALSO);
        writeln!(
            f,
            "\n| people, connection, encoding | Deity of {BARE} | of {APPEND} | of {APPEND} without compression |{}",
            if also { " of the other build |" } else { "" }
        )?;
        writeln!(f, "|---|--:|--:|--:|{}", if also { "--:|" } else { "" })?;
        for cell in self.cells() {
            let plain = Cell { encoding: "", ..cell };
            write!(
                f,
                "| {cell} | {:>16} | {:>16} | {:>16} |",
                self.ratios(cell, DEITY, cell, BARE).text(2),
                self.ratios(cell, DEITY, cell, APPEND).text(2),
                self.ratios(cell, DEITY, plain, APPEND).text(2),
            )?;
            if also {
                write!(f, " {:>16} |", self.ratios(cell, DEITY, cell, ALSO).text(2))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }

    fn kept_table(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.kept.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n| sessions | phases/s | memory before MB | after | at most | disk per session, bytes |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|")?;
        for kept in &self.kept {
            let mb = |bytes: u64| bytes as f64 / f64::from(1 << 20);
            writeln!(
                f,
                "| {} {} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
                kept.sessions,
                kept.what,
                kept.phases,
                mb(kept.rss_before),
                mb(kept.rss),
                mb(kept.rss_peak),
                kept.disk as f64 / kept.sessions as f64,
            )?;
        }
        Ok(())
    }
}
