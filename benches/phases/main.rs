//! How fast a phase is: `passport-renewal`, without its effects, from its start to its receipt, beside two ceilings on
//! the same machine in the same run. README.md in this folder says how to read it.
//!
//! Owns the plan: which servers, which cells, in which order. The servers and the driver are
//! processes of their own (this program, started again), so that their processor time is told
//! apart; cells go round and round over the servers, so that a noisy minute hits all of them.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a measurement fails loudly and prints what it found; nobody links against it"
)]

#[path = "../common/mod.rs"]
mod common;
mod report;

use std::fs;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

use clap::Parser;

use common::ceilings::{self, Ceiling};
use common::driver::{Task, Work};
use common::process::{self, Server};
use common::{Roles, drive, flows};
use report::{Cell, Kept, Measured, Report};

/// Measures phases per second of Deity beside two ceilings.
#[derive(Parser)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag that is there or not")]
struct Options {
    /// Under a minute: one round, fewer cells, a tenth of the sessions.
    #[arg(long)]
    quick: bool,
    /// Prints everything that was measured as JSON, instead of the tables.
    #[arg(long)]
    json: bool,
    /// Rounds over all cells (default: 3, or 1 with --quick).
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Seconds per cell (default: 2, or 1 with --quick).
    #[arg(long, value_name = "S")]
    seconds: Option<f64>,
    /// Only cells with so many people; may be given several times.
    #[arg(long, value_name = "N")]
    people: Vec<usize>,
    /// Only cells whose name has this in it, such as `keep plain`.
    #[arg(long, value_name = "TEXT")]
    cell: Option<String>,
    /// Leaves out the sessions that are started and left.
    #[arg(long)]
    no_memory: bool,
    /// Another `deity` to be measured in the same rounds: a build from before a change.
    #[arg(long, value_name = "PROGRAM")]
    also: Option<PathBuf>,
    /// Settings of the server as flags, such as `--serve --log=warn`.
    #[arg(long, value_name = "FLAG", allow_hyphen_values = true)]
    serve: Vec<String>,
    /// What `cargo bench` passes to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(flatten)]
    roles: Roles,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if options.roles.play()? {
        return Ok(());
    }
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build: its figures mean nothing. Run `cargo bench`.");
    }
    let report = measure(&options)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(())
}

/// Runs everything. The directory is one of the build's own, on a real disk.
fn measure(options: &Options) -> Result<Report> {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let dir = dir.path();
    let mut report = Report::default();
    let Field { servers, bodies } = start(options, dir, &mut report)?;
    let cells = cells(options);
    for round in 0..options.rounds.unwrap_or(if options.quick { 1 } else { 3 }) {
        for cell in &cells {
            for (name, server) in &servers {
                eprintln!("round {}: {cell}: {name}", round + 1);
                let work = match name.as_str() {
                    report::BARE | report::APPEND => Work::Replay(bodies.clone()),
                    _ => Work::Walk,
                };
                let outcome = drive(&task(options, server, cell, work))?;
                report.add(round, cell, name, &outcome);
            }
        }
    }
    for (_, server) in servers {
        server.stop()?;
    }
    if !options.no_memory {
        let tenth = if options.quick { 10 } else { 1 };
        report.kept = vec![
            keep(
                options,
                &dir.join("left"),
                "started, one phase, left",
                100_000 / tenth,
                2,
            )?,
            keep(options, &dir.join("done"), "finished", 20_000 / tenth, usize::MAX)?,
        ];
    }
    Ok(report)
}

/// Who runs.
struct Field {
    /// By name, in the order of their turns.
    servers: Vec<(String, Server)>,
    /// What one walk posts; none is a GET.
    bodies: Vec<Option<String>>,
}

/// Starts the servers, walks the flow once, and gives the ceilings the page of the mean size and
/// the driver what is posted.
fn start(options: &Options, dir: &Path, report: &mut Report) -> Result<Field> {
    let deity = deity(options, Path::new(env!("CARGO_BIN_EXE_deity")), &dir.join("deity"))?;
    let once = Cell {
        people: 1,
        keep: true,
        encoding: "",
    };
    let task = Task {
        warm: 0,
        run: 200,
        ..task(options, &deity, &once, Work::Walk)
    };
    let trace = drive(&task)?.trace;
    let mean = trace.iter().map(|(_, page)| page.len()).sum::<usize>() / trace.len().max(1);
    let page = trace
        .iter()
        .map(|(_, page)| page)
        .min_by_key(|page| page.len().abs_diff(mean));
    let page = page.ok_or_else(|| Error::other("no walk was finished"))?;
    ceilings::prepare(dir, page)?;
    report.walk = trace.len();
    report.page = page.len();
    let bodies = trace.iter().map(|(body, _)| body.clone()).collect();

    let mut servers = Vec::new();
    for (name, append) in [(report::BARE, None), (report::APPEND, Some(dir.join("appended")))] {
        let ceiling = Ceiling {
            pages: dir.to_owned(),
            append,
            syncs: 1,
            call: None,
        };
        servers.push((name.to_owned(), ceiling.start(&dir.join(format!("{name}.log")))?));
    }
    servers.push((report::DEITY.to_owned(), deity));
    if let Some(program) = &options.also {
        servers.push((
            report::ALSO.to_owned(),
            self::deity(options, program, &dir.join("also"))?,
        ));
    }
    Ok(Field { servers, bodies })
}

fn deity(options: &Options, program: &Path, data: &Path) -> Result<Server> {
    Server::deity(program, &dir_of_flows(data)?, data, &options.serve, &[])
}

/// The flow as it is without effects: this measures phases.
fn dir_of_flows(data: &Path) -> Result<PathBuf> {
    let dir = data.with_extension("phases");
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("passport-renewal.toml"), flows::plain()?)?;
    Ok(dir)
}

fn cells(options: &Options) -> Vec<Cell> {
    let mut cells = Vec::new();
    for encoding in ["", "br", "gzip"] {
        for keep in [true, false] {
            for people in [1, 16, 64] {
                let long = (encoding.is_empty(), keep) == (true, true) || (encoding == "br" && keep && people > 1);
                let more = encoding.is_empty() || (keep && people == 16);
                let quick = long || (encoding.is_empty() && people == 16);
                if if options.quick { quick } else { long || more } {
                    cells.push(Cell { people, keep, encoding });
                }
            }
        }
    }
    cells.retain(|cell| options.people.is_empty() || options.people.contains(&cell.people));
    cells.retain(|cell| options.cell.as_ref().is_none_or(|text| cell.to_string().contains(text)));
    cells
}

fn task(options: &Options, server: &Server, cell: &Cell, work: Work) -> Task {
    let seconds = options.seconds.unwrap_or(if options.quick { 1.0 } else { 2.0 });
    Task {
        addr: server.addr,
        pid: server.pid(),
        path: "/passport-renewal".to_owned(),
        people: cell.people,
        keep: cell.keep,
        encoding: cell.encoding.to_owned(),
        warm: 200,
        run: std::time::Duration::from_secs_f64(seconds)
            .as_millis()
            .try_into()
            .unwrap_or(u64::MAX),
        work,
    }
}

/// What sessions cost while they are kept: a fresh server, so many sessions, then its memory and
/// its disk.
fn keep(options: &Options, data: &Path, what: &'static str, sessions: usize, posts: usize) -> Result<Kept> {
    eprintln!("{sessions} sessions: {what}");
    let server = deity(options, Path::new(env!("CARGO_BIN_EXE_deity")), data)?;
    let before = process::memory(server.pid(), "VmRSS")?;
    let cell = Cell {
        people: 64,
        keep: true,
        encoding: "",
    };
    let outcome = drive(&Task {
        warm: 0,
        run: 600_000,
        ..task(options, &server, &cell, Work::Leave { sessions, posts })
    })?;
    let kept = Kept {
        what,
        sessions,
        phases: Measured::of(&outcome).rate,
        rss_before: before,
        rss: process::memory(server.pid(), "VmRSS")?,
        rss_peak: process::memory(server.pid(), "VmHWM")?,
        disk: if data.exists() { process::disk(data)? } else { 0 },
    };
    server.stop()?;
    Ok(kept)
}
