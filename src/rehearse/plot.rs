//! The picture of a report: seconds and bytes of each phase, against the limit of the line.
//!
//! Owns the SVG: one block for each browser and visit, one row for each phase. Light and dark
//! follow the reader's setting. Must not know how figures come about.

use std::fmt::{self, Write as _};

use super::{Report, Row, Tour};

/// Lengths in pixels.
const WIDTH: u64 = 1000;
const LABEL: u64 = 330;
const SECONDS: u64 = 300;
const BYTES: u64 = 215;
const ROW: u64 = 22;
const BAR: u64 = 14;
const LEFT: u64 = 20;
/// Where the two columns of bars begin.
const TIME_AT: u64 = LEFT + LABEL;
const BYTES_AT: u64 = TIME_AT + SECONDS + 65;
/// Characters of a row's words.
const WORDS: usize = 44;

const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#222}\
.h{font-weight:600;font-size:16px}.t{font-weight:600}.q{fill:#666}\
.b{fill:#fff}.l{fill:#1d70b8}.o{fill:#f47738}.u{fill:#85994b}.d{fill:#1d70b8}.x{fill:#b1b4b6}.g{stroke:#ddd}\
@media(prefers-color-scheme:dark){text{fill:#eee}.q{fill:#aaa}.b{fill:#16181b}.g{stroke:#444}\
.l,.d{fill:#5694ca}.o{fill:#f9a26c}.u{fill:#a8bd68}.x{fill:#6f777b}}";

/// The report as an SVG document.
pub fn plot(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _written = write(&mut text, report);
    text
}

fn write(out: &mut String, report: &Report) -> fmt::Result {
    let rows = |tour: &Tour| u64::try_from(tour.phases.len()).unwrap_or(0);
    let height: u64 = 84 + report.tours.iter().map(|tour| (rows(tour) + 2) * ROW + 10).sum::<u64>();
    let title = format!("{}, over {}", report.name(), report.line);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\" aria-label=\"{}\"><style>{STYLE}</style><rect class=\"b\" width=\"{WIDTH}\" height=\"{height}\"/>",
        escaped(&title)
    )?;
    say(out, LEFT, 30, "h", &title)?;
    legend(out)?;
    let longest = longest(report, |row| micros(row).max(micros_of(row.limit)));
    let largest = longest_bytes(report);
    let mut top = 84;
    for tour in &report.tours {
        block(out, tour, top, longest, largest)?;
        top += (rows(tour) + 2) * ROW + 10;
    }
    writeln!(out, "</svg>")
}

/// What the colours mean.
fn legend(out: &mut String) -> fmt::Result {
    let mut at = LEFT;
    for (class, words) in [
        ("l", "seconds: the line's limit"),
        ("o", "over the limit"),
        ("u", "bytes: request"),
        ("d", "answer"),
        ("x", "headers of IP and TCP, all else"),
    ] {
        writeln!(
            out,
            "<rect class=\"{class}\" x=\"{at}\" y=\"46\" width=\"12\" height=\"12\"/>"
        )?;
        say(out, at + 18, 57, "q", words)?;
        at += 44 + 7 * u64::try_from(words.len()).unwrap_or(0);
    }
    Ok(())
}

fn block(out: &mut String, tour: &Tour, top: u64, longest: u64, largest: u64) -> fmt::Result {
    let sum = &tour.sum;
    let seconds = format!(
        "{:.1} s, limit {:.1} s",
        sum.seconds.as_secs_f64(),
        sum.limit.as_secs_f64()
    );
    let packets = format!("{} bytes, {} packets", sum.bytes(), sum.packets());
    let line = top + 8;
    writeln!(out, "<path class=\"g\" d=\"M{LEFT} {top}H{}\"/>", WIDTH - LEFT)?;
    say(out, LEFT, line + 14, "t", &tour.name())?;
    say(out, TIME_AT, line + 14, "t", &seconds)?;
    say(out, BYTES_AT, line + 14, "t", &packets)?;
    for (n, row) in tour.phases.iter().enumerate() {
        let y = line + (u64::try_from(n).unwrap_or(0) + 1) * ROW + 4;
        phase(out, (n + 1, row), y, longest, largest)?;
    }
    Ok(())
}

fn phase(out: &mut String, (n, row): (usize, &Row), y: u64, longest: u64, largest: u64) -> fmt::Result {
    let words = if row.page.is_empty() { &row.act } else { &row.page };
    let mut label: String = format!("{n}. {words}").chars().take(WORDS).collect();
    if label.chars().count() == WORDS {
        label.push('\u{2026}');
    }
    say(out, LEFT, y + 12, if row.passing { "q" } else { "" }, &label)?;
    if row.passing {
        say(out, TIME_AT, y + 12, "q", "while the person reads")?;
    } else {
        let limit = part(micros_of(row.limit), longest, SECONDS);
        let all = part(micros(row), longest, SECONDS).max(limit);
        bar(out, "l", TIME_AT, y, limit)?;
        bar(out, "o", TIME_AT + limit, y, all - limit)?;
        let told = format!("{:.2} s", row.seconds.as_secs_f64());
        say(out, TIME_AT + all + 6, y + 12, "", &told)?;
    }
    let up = part(row.http_up, largest, BYTES);
    let down = part(row.http_down, largest, BYTES);
    let all = part(row.bytes(), largest, BYTES).max(up + down);
    bar(out, "u", BYTES_AT, y, up)?;
    bar(out, "d", BYTES_AT + up, y, down)?;
    bar(out, "x", BYTES_AT + up + down, y, all - up - down)?;
    say(out, BYTES_AT + all + 6, y + 12, "", &row.bytes().to_string())
}

fn bar(out: &mut String, class: &str, x: u64, y: u64, width: u64) -> fmt::Result {
    if width == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BAR}\"/>"
    )
}

fn say(out: &mut String, x: u64, y: u64, class: &str, words: &str) -> fmt::Result {
    let class = match class {
        "" => String::new(),
        class => format!(" class=\"{class}\""),
    };
    writeln!(out, "<text x=\"{x}\" y=\"{y}\"{class}>{}</text>", escaped(words))
}

/// So much of `most` on `width` pixels.
fn part(n: u64, most: u64, width: u64) -> u64 {
    n.saturating_mul(width) / most.max(1)
}

fn micros(row: &Row) -> u64 {
    micros_of(row.seconds)
}

fn micros_of(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The greatest of all rows that are waited for.
fn longest(report: &Report, of: impl Fn(&Row) -> u64) -> u64 {
    let rows = report.tours.iter().flat_map(|tour| &tour.phases);
    rows.filter(|row| !row.passing).map(of).max().unwrap_or(1)
}

fn longest_bytes(report: &Report) -> u64 {
    let rows = report.tours.iter().flat_map(|tour| &tour.phases);
    rows.map(Row::bytes).max().unwrap_or(1)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
