//! The figures of a rehearsal as tables.
//!
//! Owns columns and words. Must not know how figures come about.

use std::time::Duration;

use crate::cli::says::{self, Paint, tame};
use crate::cli::{DONE, Failure};
use crate::line::{Line, Way};
use crate::rehearse::{Report, Row, Terms, Tour, Walk};

/// Characters of a page's heading.
const HEADING: usize = 34;

/// The lines that have names.
pub(super) fn lines(json: bool) -> Result<u8, Failure> {
    if json {
        for line in Line::all() {
            let object = serde_json::json!({
                "line": line.name,
                "up": line.up.bits,
                "down": line.down.bits,
                "delay": line.up.delay.as_secs_f64(),
                "jitter": line.up.jitter.as_secs_f64(),
                "loss": f64::from(line.up.loss) / 1e6,
                "queue": line.up.queue,
            });
            says::line(&object.to_string())?;
        }
        return Ok(DONE);
    }
    let head = format!(
        "{:<14} {:>13} {:>13} {:>8} {:>8} {:>6} {:>6}",
        "line", "up, bit/s", "down, bit/s", "delay", "jitter", "loss", "queue"
    );
    says::line(&Paint::of_stdout().bold(&head))?;
    for line in Line::all() {
        let Way {
            delay,
            jitter,
            loss,
            queue,
            ..
        } = line.up;
        says::line(&format!(
            "{:<14} {:>13} {:>13} {:>8} {:>8} {:>6} {queue:>6}",
            line.name,
            grouped(line.up.bits),
            grouped(line.down.bits),
            millis(delay),
            millis(jitter),
            percent(loss)
        ))?;
    }
    Ok(DONE)
}

/// A report: the sums first, then each tour.
pub(super) fn report(report: &Report, walk: &Walk, terms: &Terms) -> Result<(), Failure> {
    let paint = Paint::of_stdout();
    let about = walk.about.as_ref().map(|about| format!(" ({})", tame(about)));
    says::line(&paint.bold(&format!("{}{}", report.name(), about.unwrap_or_default())))?;
    says::line(&format!("over {}", described(&terms.line)))?;
    if report.estimate {
        says::line("This line loses packets: the figures are means, and estimates.")?;
    }
    for tour in &report.tours {
        says::line("")?;
        self::tour(tour, paint)?;
    }
    says::line("")
}

/// The sums of the same walk in other languages.
pub(super) fn others(reports: &[Report]) -> Result<(), Failure> {
    if reports.is_empty() {
        return Ok(());
    }
    head("in other languages, in all", Paint::of_stdout())?;
    for report in reports {
        for tour in &report.tours {
            let language = report.language.as_deref().unwrap_or_default();
            row(&format!("{language:>5} {}", tour.name()), &tour.sum)?;
        }
    }
    says::line("")
}

fn tour(tour: &Tour, paint: Paint) -> Result<(), Failure> {
    head(&tour.name(), paint)?;
    for (n, row) in tour.phases.iter().enumerate() {
        let mut words: String = tame(if row.page.is_empty() { &row.act } else { &row.page });
        if words.chars().count() > HEADING {
            words = words.chars().take(HEADING - 1).collect();
            words.push('\u{2026}');
        }
        self::row(&format!("{:>3} {words}", n + 1), row)?;
    }
    row("in all", &tour.sum)
}

/// The names of the columns.
fn head(name: &str, paint: Paint) -> Result<(), Failure> {
    let above = format!(
        "{:<40} {:>6} {:>6} {:>7} {:>7} {:>7} {:>5}",
        "", "HTTP", "bytes", "with", "headers", "packets", "round"
    );
    says::line(&above)?;
    let head = format!(
        "{:<40} {:>6} {:>6} {:>7} {:>7} {:>7} {:>5} {:>8} {:>7} {:>5}",
        name, "up", "down", "up", "down", "up+down", "trips", "seconds", "limit", "ratio"
    );
    says::line(&paint.bold(&head))
}

fn row(name: &str, row: &Row) -> Result<(), Failure> {
    let (seconds, limit, ratio) = if row.passing {
        ("(reading)".to_owned(), String::new(), String::new())
    } else {
        (
            format!("{:.2}", row.seconds.as_secs_f64()),
            format!("{:.2}", row.limit.as_secs_f64()),
            format!("{:.2}", row.seconds.as_secs_f64() / row.limit.as_secs_f64().max(1e-6)),
        )
    };
    let text = format!(
        "{name:<40} {:>6} {:>6} {:>7} {:>7} {:>7} {:>5} {seconds:>8} {limit:>7} {ratio:>5}",
        row.http_up,
        row.http_down,
        row.up,
        row.down,
        format!("{}+{}", row.packets_up, row.packets_down),
        row.trips
    );
    says::line((text + &measured(row)).trim_end())
}

/// What was measured, where that was done.
fn measured(row: &Row) -> String {
    row.measured
        .map_or_else(String::new, |time| format!("   measured {:.3}", time.as_secs_f64()))
}

/// A line in words.
fn described(line: &Line) -> String {
    let rates = if line.up.bits == line.down.bits {
        format!("{} bit/s both ways", grouped(line.up.bits))
    } else {
        format!("{} bit/s up, {} down", grouped(line.up.bits), grouped(line.down.bits))
    };
    let mut words = format!("{}: {rates}, {} each way", line.name, millis(line.up.delay));
    if !line.up.jitter.is_zero() {
        words.extend([format!(" and up to {} more", millis(line.up.jitter))]);
    }
    if line.up.loss > 0 {
        words.extend([format!(", {} of the packets lost", percent(line.up.loss))]);
    }
    words
}

fn millis(time: Duration) -> String {
    let micros = time.as_micros();
    if micros.is_multiple_of(1_000) {
        format!("{} ms", micros / 1_000)
    } else {
        format!("{}.{:03} ms", micros / 1_000, micros % 1_000).replace("00 ms", " ms")
    }
}

/// Of a million, in percent.
fn percent(loss: u32) -> String {
    let text = format!("{}.{:04}", loss / 10_000, loss % 10_000);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
