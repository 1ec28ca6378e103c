//! How fast an effect is: work outside the engine, between two commits, beside what it costs
//! without an engine. README.md in the folder above says how to read it.
//!
//! Owns the plan. Servers, callees and drivers are processes of their own (this program, started
//! again); everything goes round and round, so that a noisy minute hits all alike.
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
mod rest;

use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;

use common::callee::{self, ASKED};
use common::ceilings::{self, Ceiling};
use common::driver::{Task, Work};
use common::process::Server;
use common::{Roles, begin, drive, driven, flows};
use report::{Cell, Report};

/// People who wait for a callee that takes its time.
const WAITING: usize = 200;
/// People who press or walk, in the comparisons of flows.
const PEOPLE: usize = 16;

/// Measures effects per second of Deity, beside their parts without it.
#[derive(Parser)]
struct Options {
    /// About a minute: one round, one second per cell.
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
    /// Only what has this in its name, such as `http` or `at rest`.
    #[arg(long, value_name = "TEXT")]
    cell: Option<String>,
    /// Settings of the server as flags, such as `--serve --log=warn`.
    #[arg(long, value_name = "FLAG", allow_hyphen_values = true)]
    serve: Vec<String>,
    /// What `cargo bench` passes to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(flatten)]
    roles: Roles,
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.cell.as_ref().is_none_or(|text| name.contains(text.as_str()))
    }

    fn seconds(&self) -> f64 {
        self.seconds.unwrap_or(if self.quick { 1.0 } else { 2.0 })
    }
}

fn main() -> Result<()> {
    let options = Options::parse();
    if options.roles.play()? {
        return Ok(());
    }
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build: its figures mean nothing. Run `cargo bench`.");
    }
    // The directory is one of the build's own, on a real disk.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let report = measure(&options, dir.path())?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(())
}

/// Who runs.
struct Field {
    deity: Server,
    callee: Server,
    /// Another one, so that it alone is slow.
    slow: Server,
    ceiling: Server,
    program: PathBuf,
}

/// Somebody asked by somebody.
struct Turn<'a> {
    server: &'a Server,
    name: &'static str,
    path: &'static str,
    work: Work,
}

fn measure(options: &Options, dir: &Path) -> Result<Report> {
    let field = start(options, dir)?;
    let mut report = Report::default();
    if options.wants(report::AT_REST) {
        eprintln!("{}", report::AT_REST);
        let pairs = if options.quick { 100 } else { 500 };
        report.rest = Some(rest::measure(
            &dir.join("phases"),
            &dir.join("rest"),
            field.callee.addr,
            pairs,
        )?);
    }
    for round in 0..options.rounds.unwrap_or(if options.quick { 1 } else { 3 }) {
        for people in [1, 16, 64] {
            let cell = Cell {
                what: report::HTTP,
                people,
            };
            turns(options, round, cell, &called(&field, options, people), &mut report)?;
        }
        for people in [1, 16] {
            let cell = Cell {
                what: report::CGI,
                people,
            };
            turns(options, round, cell, &ran(&field, options, people), &mut report)?;
        }
        // Twice in each round: what is looked for here is small.
        for half in 0..2 {
            let cell = Cell {
                what: report::DECLARED,
                people: PEOPLE,
            };
            turns(options, 2 * round + half, cell, &walked(&field, half == 1), &mut report)?;
        }
        beside(options, round, &field, &mut report)?;
    }
    for server in [field.deity, field.ceiling, field.callee, field.slow] {
        server.stop()?;
    }
    Ok(report)
}

fn start(options: &Options, dir: &Path) -> Result<Field> {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/effects");
    let phases = dir.join("phases");
    fs::create_dir(&phases)?;
    for (name, text) in [
        ("plain", flows::plain()?),
        ("declared", flows::declared()?),
        (rest::PLAIN, flows::button(None)),
        (rest::CALLED, flows::button(Some(r#"http = "POST ${CALLEE}/now""#))),
        ("slow", flows::button(Some(r#"http = "POST ${SLOW}/slow""#))),
        ("ran", flows::button(Some(r#"run = "answer""#))),
    ] {
        fs::write(phases.join(name).with_extension("toml"), text)?;
    }
    let callee = callee::start(&dir.join("callee.log"))?;
    let slow = callee::start(&dir.join("slow.log"))?;
    let mut flags = options.serve.clone();
    flags.push(format!("--callees={}, {}", callee.addr, slow.addr));
    flags.push(format!("--programs={}", programs.display()));
    let variables = [("CALLEE", callee.addr), ("SLOW", slow.addr)];
    let variables = variables.map(|(name, addr)| (name.to_owned(), format!("http://{addr}")));
    let program = Path::new(env!("CARGO_BIN_EXE_deity"));
    let deity = Server::deity(program, &phases, &dir.join("deity"), &flags, &variables)?;
    ceilings::prepare(dir, &page(&deity)?)?;
    let ceiling = Ceiling {
        pages: dir.to_owned(),
        append: Some(dir.join("appended")),
        syncs: 2,
        call: Some(callee.addr),
    };
    Ok(Field {
        ceiling: ceiling.start(&dir.join("ceiling.log"))?,
        deity,
        callee,
        slow,
        program: programs.join("answer"),
    })
}

/// A page of the flow: the ceiling's own.
fn page(deity: &Server) -> Result<String> {
    let turn = Turn {
        server: deity,
        name: "",
        path: "/button",
        work: Work::Walk,
    };
    let trace = drive(&Task {
        warm: 0,
        ..task(&turn, 1, 0.1)
    })?
    .trace;
    Ok(trace.into_iter().map(|(_, page)| page).next_back().unwrap_or_default())
}

/// Effects over HTTP, and what they are made of.
fn called<'a>(field: &'a Field, options: &Options, people: usize) -> Vec<Turn<'a>> {
    let asked = || Work::Replay(vec![Some(ASKED.to_owned())]);
    vec![
        Turn {
            server: &field.callee,
            name: report::DIRECT,
            path: "/now",
            work: asked(),
        },
        Turn {
            server: &field.ceiling,
            name: report::CEILING,
            path: "/",
            work: asked(),
        },
        Turn {
            server: &field.deity,
            name: report::DEITY,
            path: "/called",
            work: Work::Press(enough(options, 1_500 * people.min(8))),
        },
    ]
}

/// Programs, and the same ones started by nobody but the driver.
fn ran<'a>(field: &'a Field, options: &Options, people: usize) -> Vec<Turn<'a>> {
    let variables = ["REQUEST_METHOD", "HTTP_IDEMPOTENCY_KEY", "CONTENT_TYPE"];
    let variables = variables.map(|name| (name.to_owned(), "POST".to_owned()));
    vec![
        Turn {
            server: &field.callee,
            name: report::DIRECT,
            path: "",
            work: Work::Spawn(field.program.clone(), variables.to_vec()),
        },
        Turn {
            server: &field.deity,
            name: report::DEITY,
            path: "/ran",
            work: Work::Press(enough(options, 300 * people.min(8))),
        },
    ]
}

/// The same flow with and without an effect that nobody asks for, in this order or the other.
fn walked(field: &Field, swapped: bool) -> Vec<Turn<'_>> {
    let mut turns = vec![
        Turn {
            server: &field.deity,
            name: report::WITHOUT,
            path: "/plain",
            work: Work::Walk,
        },
        Turn {
            server: &field.deity,
            name: report::WITH,
            path: "/declared",
            work: Work::Walk,
        },
    ];
    if swapped {
        turns.reverse();
    }
    turns
}

/// Sessions for a cell's time and its warming up.
fn enough(options: &Options, per_second: usize) -> usize {
    per_second * (usize::try_from(millis(options.seconds())).unwrap_or(0) / 1000 + 1)
}

fn turns(options: &Options, round: usize, cell: Cell, turns: &[Turn<'_>], report: &mut Report) -> Result<()> {
    if !options.wants(cell.what) {
        return Ok(());
    }
    for turn in turns {
        eprintln!("round {}: {cell}: {}", round + 1, turn.name);
        let outcome = drive(&task(turn, cell.people, options.seconds()))?;
        report.add(round, cell, turn.name, &outcome);
    }
    Ok(())
}

/// Phases without an effect, alone and beside many who wait for a callee that takes its time.
fn beside(options: &Options, round: usize, field: &Field, report: &mut Report) -> Result<()> {
    let cell = Cell {
        what: report::SLOW,
        people: PEOPLE,
    };
    let plain = || Turn {
        server: &field.deity,
        name: report::WITHOUT,
        path: "/plain",
        work: Work::Walk,
    };
    turns(options, round, cell, &[plain()], report)?;
    if !options.wants(cell.what) {
        return Ok(());
    }
    let waiting = Turn {
        server: &field.deity,
        name: "",
        path: "/slow",
        work: Work::Press(4 * WAITING),
    };
    // They prepare first, and the last of them has to wait still when the others are done.
    let crowd = begin(&Task {
        warm: 0,
        ..task(&waiting, WAITING, options.seconds() + 3.0)
    })?;
    std::thread::sleep(Duration::from_secs(2));
    let with = Turn {
        name: report::WITH,
        ..plain()
    };
    turns(options, round, cell, &[with], report)?;
    let crowd = driven(crowd)?;
    report.crowd.push(crowd.phases as f64 / crowd.seconds);
    Ok(())
}

fn task(turn: &Turn<'_>, people: usize, seconds: f64) -> Task {
    Task {
        addr: turn.server.addr,
        pid: turn.server.pid(),
        path: turn.path.to_owned(),
        people,
        keep: true,
        encoding: String::new(),
        warm: 200,
        run: millis(seconds),
        work: turn.work.clone(),
    }
}

fn millis(seconds: f64) -> u64 {
    let millis = Duration::from_secs_f64(seconds).as_millis();
    u64::try_from(millis).unwrap_or(u64::MAX)
}
