//! Budgets: figures that a walk must keep to, for a build that fails where it does not.
//!
//! Owns the names of the figures, the reading of `seconds=17,page=1340`, and the comparison. Pure.
//! Must not know how figures come about.

use std::fmt;
use std::time::Duration;

use super::{Report, Row, Tour};

/// What is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget(Vec<Item>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    /// Of this browser only, in lower case.
    browser: Option<String>,
    figure: Figure,
    most: u64,
}

/// The figures; times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    Seconds,
    Phase,
    Bytes,
    Packets,
    Page,
}

const FIGURES: [(&str, Figure); 5] = [
    ("seconds", Figure::Seconds),
    ("phase", Figure::Phase),
    ("bytes", Figure::Bytes),
    ("packets", Figure::Packets),
    ("page", Figure::Page),
];
const BROWSERS: [&str; 2] = ["lynx", "chromium"];
/// What every fault of a budget may need to be told.
const HELP: &str = "seconds=17 (the whole walk), phase=2.5 (seconds of each phase), bytes=15000 (the whole walk, both \
     ways, all headers), packets=11 (each phase, both ways), page=1340 (each answer, its header included); \
     lynx.seconds=17 or chromium.seconds=13.5 for one browser";

/// Why a budget cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadBudget {
    /// What is wrong, in one line.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// A figure that is over its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// What, where, and by how much, in one line.
    pub words: String,
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Budget {
    /// Reads `seconds=17,bytes=15000,packets=11,page=1340`.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn read(text: &str) -> Result<Self, BadBudget> {
        let items = text.split(',').map(|part| Item::read(part.trim()));
        items.collect::<Result<_, _>>().map(Self)
    }

    /// Everything of a report that is over.
    pub fn over(&self, report: &Report) -> Vec<Over> {
        let mut found = Vec::new();
        for tour in &report.tours {
            for item in &self.0 {
                let own = tour.browser.to_ascii_lowercase();
                if item.browser.as_ref().is_none_or(|browser| *browser == own) {
                    item.over(report, tour, &mut found);
                }
            }
        }
        found
    }
}

impl Item {
    fn read(part: &str) -> Result<Self, BadBudget> {
        let bad = |message: String| BadBudget {
            message,
            help: HELP.to_owned(),
        };
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| bad(format!("`{part}` is no part of a budget")))?;
        let (browser, figure) = match name.split_once('.') {
            Some((browser, figure)) => (Some(browser), figure),
            None => (None, name),
        };
        if let Some(browser) = browser.filter(|browser| !BROWSERS.contains(browser)) {
            return Err(bad(format!("there is no browser `{browser}`")));
        }
        let figure = FIGURES.iter().find(|(known, _)| *known == figure);
        let (_, figure) = figure.ok_or_else(|| bad(format!("`{name}` is no figure of a budget")))?;
        let most = match figure {
            Figure::Seconds | Figure::Phase => micros(value),
            Figure::Bytes | Figure::Packets | Figure::Page => value.parse().ok(),
        };
        Ok(Self {
            browser: browser.map(str::to_owned),
            figure: *figure,
            most: most.ok_or_else(|| bad(format!("`{value}` is no number for `{name}`")))?,
        })
    }

    fn over(&self, report: &Report, tour: &Tour, found: &mut Vec<Over>) {
        let rows: Vec<(usize, &Row)> = match self.figure {
            Figure::Seconds | Figure::Bytes => vec![(0, &tour.sum)],
            Figure::Phase | Figure::Packets | Figure::Page => {
                let waited = tour.phases.iter().enumerate().filter(|(_, row)| !row.passing);
                waited.map(|(n, row)| (n + 1, row)).collect()
            }
        };
        for (n, row) in rows {
            let is = self.figure.of(row);
            if is <= self.most {
                continue;
            }
            let place = match n {
                0 => String::new(),
                n => format!(", phase {n} (\"{}\", to \"{}\")", row.act, row.page),
            };
            let words = format!(
                "{}, {}{place}: {} allowed, {} over",
                report.name(),
                tour.name(),
                self.figure.words(is, self.most),
                self.figure.number(is - self.most),
            );
            found.push(Over { words });
        }
    }
}

impl Figure {
    fn of(self, row: &Row) -> u64 {
        match self {
            Self::Seconds | Self::Phase => u64::try_from(row.seconds.as_micros()).unwrap_or(u64::MAX),
            Self::Bytes => row.bytes(),
            Self::Packets => row.packets(),
            Self::Page => row.http_down,
        }
    }

    fn words(self, is: u64, most: u64) -> String {
        let what = match self {
            Self::Seconds | Self::Phase => "s",
            Self::Bytes | Self::Page => "bytes",
            Self::Packets => "packets",
        };
        format!("{} {what} of {}", self.number(is), self.number(most))
    }

    fn number(self, n: u64) -> String {
        match self {
            Self::Seconds | Self::Phase => format!("{:.2}", Duration::from_micros(n).as_secs_f64()),
            Self::Bytes | Self::Packets | Self::Page => n.to_string(),
        }
    }
}

/// Seconds with up to three places, in microseconds.
fn micros(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: u64 = whole.parse().ok()?;
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u64 = format!("{part:0<3}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(part * 1_000)
}
