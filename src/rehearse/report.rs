//! The figures of a rehearsal: what each phase costs over a line, beside what it must cost.
//!
//! Owns the rows and their sums, and their form as JSON. Pure. Must not know how a walk is walked,
//! nor how figures are printed.

use std::time::Duration;

use serde::Serialize;

use super::{Kind, Phase, Visit, Walked};
use crate::flow::Flow;
use crate::line::{self, Exchange, Line, Load, Manner};

/// How the figures are reckoned.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The line.
    pub line: Line,
    /// What the server takes for a phase, beside waiting for a callee.
    pub server: Duration,
    /// What a person takes for a page.
    pub think: Duration,
}

/// One walk over one line.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The flow's name.
    pub flow: String,
    /// The walk's name.
    pub walk: String,
    /// The language, of a flow that has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// That is another than the flow's own.
    #[serde(skip)]
    pub translated: bool,
    /// The line's name.
    pub line: String,
    /// Chance is in it: figures are means of a model that knows little of loss.
    pub estimate: bool,
    /// One for each browser and visit.
    pub tours: Vec<Tour>,
}

/// One browser's walk.
#[derive(Clone, Debug, Serialize)]
pub struct Tour {
    /// `lynx` or `Chromium`.
    pub browser: &'static str,
    /// `first` or `later`.
    pub visit: &'static str,
    /// One for each request.
    pub phases: Vec<Row>,
    /// All together; of `packets`, `page` and such the sum too.
    pub sum: Row,
}

/// The figures of a phase, or of all.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// The words of the button or link.
    pub act: String,
    /// The heading of the page.
    pub page: String,
    /// The status of the answer; 0 in a sum.
    pub status: u16,
    /// Bytes of HTTP to the server.
    pub http_up: u64,
    /// Bytes of HTTP from the server.
    pub http_down: u64,
    /// The same with all headers of IP and TCP, with everything that is acknowledged and resent.
    pub up: u64,
    /// From the server.
    pub down: u64,
    /// Packets to the server.
    pub packets_up: u64,
    /// Packets from the server.
    pub packets_down: u64,
    /// Round trips.
    pub trips: u64,
    /// What the person waits.
    #[serde(serialize_with = "seconds")]
    pub seconds: Duration,
    /// What no protocol can beat on this line with these bytes, and what a callee takes.
    #[serde(serialize_with = "seconds")]
    pub limit: Duration,
    /// What was measured, where a real server was asked.
    #[serde(serialize_with = "maybe_seconds", skip_serializing_if = "Option::is_none")]
    pub measured: Option<Duration>,
    /// Fetched while the person reads: nobody waits for it.
    pub passing: bool,
}

impl Row {
    /// Bytes both ways, headers included.
    pub fn bytes(&self) -> u64 {
        self.up + self.down
    }

    /// Packets both ways.
    pub fn packets(&self) -> u64 {
        self.packets_up + self.packets_down
    }

    fn add(&mut self, row: &Self) {
        self.http_up += row.http_up;
        self.http_down += row.http_down;
        self.up += row.up;
        self.down += row.down;
        self.packets_up += row.packets_up;
        self.packets_down += row.packets_down;
        if !row.passing {
            self.trips += row.trips;
            self.seconds += row.seconds;
            self.limit += row.limit;
            if let Some(measured) = row.measured {
                *self.measured.get_or_insert_default() += measured;
            }
        }
    }
}

#[allow(clippy::ref_option, reason = "serde asks for it so")]
fn maybe_seconds<S: serde::Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    seconds(&time.unwrap_or_default(), serializer)
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

impl Report {
    /// The flow and the walk in words, and the language where it is another than the flow's own.
    pub fn name(&self) -> String {
        let language = self.language.as_ref().filter(|_| self.translated);
        let language = language.map(|tag| format!(", in {tag}"));
        format!("{}, walk {}{}", self.flow, self.walk, language.unwrap_or_default())
    }

    /// Reckons what was walked.
    pub fn of(flow: &Flow, walk: &str, language: &str, walked: &[Walked], terms: &Terms) -> Self {
        Self {
            flow: flow.name.clone(),
            walk: walk.to_owned(),
            language: flow.is_translated().then(|| language.to_owned()),
            translated: flow.lang != language,
            line: terms.line.name.clone(),
            estimate: !terms.line.is_clean(),
            tours: walked.iter().map(|walked| Tour::of(walked, terms)).collect(),
        }
    }
}

impl Tour {
    fn of(walked: &Walked, terms: &Terms) -> Self {
        let manner = match (walked.browser, walked.visit) {
            (Kind::Text, _) => Manner::Anew,
            (Kind::Modern, visit) => Manner::Kept {
                open: visit == Visit::Later,
            },
        };
        let exchanges: Vec<_> = walked
            .phases
            .iter()
            .map(|phase| Exchange {
                request: phase.request,
                answer: phase.answer,
                server: terms.server + phase.waited,
            })
            .collect();
        let costs = line::visit(&line::Visit {
            line: &terms.line,
            exchanges: &exchanges,
            manner,
            think: terms.think,
        });
        let mut phases = Vec::new();
        let mut sum = Row::default();
        for (n, (phase, cost)) in walked.phases.iter().zip(costs).enumerate() {
            let opens = manner == Manner::Anew || n == 0 && manner == Manner::Kept { open: false };
            let row = row(phase, &cost, &terms.line, opens);
            sum.add(&row);
            phases.push(row);
        }
        Self {
            browser: walked.browser.name(),
            visit: match walked.visit {
                Visit::First => "first",
                Visit::Later => "later",
            },
            phases,
            sum,
        }
    }

    /// Its name in tables: who, and for the first time or not.
    pub fn name(&self) -> String {
        match self.browser {
            "lynx" => self.browser.to_owned(),
            browser => format!("{browser}, {} visit", self.visit),
        }
    }
}

fn row(phase: &Phase, cost: &line::Cost, line: &Line, opens: bool) -> Row {
    let Load { packets, bytes } = cost.up;
    Row {
        act: phase.act.clone(),
        page: phase.page.clone(),
        status: phase.status,
        http_up: phase.request,
        http_down: phase.answer,
        up: bytes,
        down: cost.down.bytes,
        packets_up: packets,
        packets_down: cost.down.packets,
        trips: cost.trips,
        seconds: cost.time,
        limit: line::limit(line, phase.request, phase.answer, opens) + phase.waited,
        measured: phase.took,
        passing: phase.passing,
    }
}
