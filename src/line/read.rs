//! A line as it is given on a command line.
//!
//! Owns the names and units of its numbers, and what is said where they are wrong. Must not know
//! what the numbers do.

use std::fmt;
use std::time::Duration;

use super::{Line, Way};

/// No line is slower or faster, in bit/s.
const BITS: std::ops::RangeInclusive<u64> = 100..=10_000_000_000;
/// No delay or jitter is longer.
const MOST_DELAY: Duration = Duration::from_mins(1);
/// No more packets of a million may be lost: above that nothing arrives any more.
const MOST_LOSS: u32 = 500_000;
/// No queue is longer, in packets.
const MOST_QUEUE: usize = 100_000;
/// What waits where nothing is said of it, in packets.
const QUEUE: usize = 50;

/// Why a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// What is wrong, in one line.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl BadLine {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BadLine {}

/// Reads a name, numbers, or a name and numbers.
pub(super) fn line(text: &str) -> Result<Line, BadLine> {
    let (name, numbers) = match text.split_once(',') {
        Some((name, numbers)) if !name.contains('=') => (name.trim(), numbers),
        None if !text.contains('=') => (text.trim(), ""),
        _ => ("", text),
    };
    let mut line = match name {
        "" => None,
        name => Some(Line::named(name).ok_or_else(|| unknown(name))?),
    };
    if numbers.is_empty() {
        return line.ok_or_else(|| unknown(""));
    }
    let mut given = Given::default();
    for part in numbers.split(',') {
        given.take(part)?;
    }
    let own = Way {
        bits: 0,
        delay: Duration::ZERO,
        jitter: Duration::ZERO,
        loss: 0,
        queue: QUEUE,
    };
    let mut line = line.take().unwrap_or(Line {
        name: String::new(),
        up: own,
        down: own,
    });
    given.fill(&mut line);
    if let Some(missing) = [("up", line.up.bits), ("down", line.down.bits)]
        .iter()
        .find(|(_, bits)| *bits == 0)
    {
        return Err(BadLine::new(
            format!("a line of its own needs `{}`, in bits per second", missing.0),
            "for example up=9600,down=9600,delay=150ms",
        ));
    }
    text.clone_into(&mut line.name);
    Ok(line)
}

fn unknown(name: &str) -> BadLine {
    let names: Vec<_> = Line::all().map(|line| line.name).collect();
    let near = names
        .iter()
        .map(|one| (strsim::damerau_levenshtein(one, name), one))
        .filter(|(far, _)| *far <= 1 + name.len() / 4)
        .min_by_key(|(far, _)| *far);
    let help = match near {
        Some((_, near)) => format!("did you mean `{near}`?"),
        None => format!(
            "the lines are {}; or give numbers: up=9600,down=9600,delay=150ms",
            names.join(", ")
        ),
    };
    BadLine::new(format!("there is no line `{name}`"), help)
}

/// The numbers that are given.
#[derive(Default)]
struct Given {
    up: Option<u64>,
    down: Option<u64>,
    delay: Option<Duration>,
    jitter: Option<Duration>,
    loss: Option<u32>,
    queue: Option<usize>,
}

impl Given {
    fn take(&mut self, part: &str) -> Result<(), BadLine> {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (key, value) = (key.trim(), value.trim());
        let twice = match key {
            "up" => self.up.replace(bits(key, value)?).is_some(),
            "down" => self.down.replace(bits(key, value)?).is_some(),
            "delay" => self.delay.replace(time(key, value)?).is_some(),
            "jitter" => self.jitter.replace(time(key, value)?).is_some(),
            "loss" => self.loss.replace(loss(value)?).is_some(),
            "queue" => self.queue.replace(queue(value)?).is_some(),
            _ => {
                return Err(BadLine::new(
                    format!("a line has no number `{key}`"),
                    "it has up, down, delay, jitter, loss and queue, each as name=value, parted by commas",
                ));
            }
        };
        if twice {
            return Err(BadLine::new(format!("`{key}` is given twice"), "keep one of them"));
        }
        Ok(())
    }

    fn fill(&self, line: &mut Line) {
        line.up.bits = self.up.unwrap_or(line.up.bits);
        line.down.bits = self.down.unwrap_or(line.down.bits);
        for way in [&mut line.up, &mut line.down] {
            way.delay = self.delay.unwrap_or(way.delay);
            way.jitter = self.jitter.unwrap_or(way.jitter);
            way.loss = self.loss.unwrap_or(way.loss);
            way.queue = self.queue.unwrap_or(way.queue);
        }
    }
}

/// Digits, with a point and up to six places after it, in millionths.
fn millionths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || part.len() > 6 || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let part: u64 = format!("{part:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(part)
}

fn bits(key: &str, value: &str) -> Result<u64, BadLine> {
    let (number, times) = match value.strip_suffix(['k', 'M', 'G']) {
        Some(number) if value.ends_with('k') => (number, 1_000),
        Some(number) if value.ends_with('M') => (number, 1_000_000),
        Some(number) => (number, 1_000_000_000),
        None => (value, 1),
    };
    let bits = millionths(number)
        .and_then(|n| n.checked_mul(times))
        .map(|n| n / 1_000_000);
    bits.filter(|bits| BITS.contains(bits)).ok_or_else(|| {
        BadLine::new(
            format!("`{key}={value}` is no rate"),
            "bits per second from 100 to 10G, such as 9600, 33.6k or 1.6M",
        )
    })
}

fn time(key: &str, value: &str) -> Result<Duration, BadLine> {
    let (number, micros) = match (value.strip_suffix("ms"), value.strip_suffix('s')) {
        (Some(number), _) => (number, 1_000),
        (None, Some(number)) => (number, 1_000_000),
        (None, None) => (value, 1_000),
    };
    let micros = millionths(number.trim())
        .and_then(|n| n.checked_mul(micros))
        .map(|n| n / 1_000_000);
    let time = micros.map(Duration::from_micros);
    time.filter(|time| *time <= MOST_DELAY).ok_or_else(|| {
        BadLine::new(
            format!("`{key}={value}` is no time"),
            "milliseconds or seconds up to a minute, such as 150ms or 0.15s",
        )
    })
}

fn loss(value: &str) -> Result<u32, BadLine> {
    let number = value.strip_suffix('%').unwrap_or(value).trim();
    // A percent is ten thousand of a million.
    let loss = millionths(number).map(|n| n / 100).and_then(|n| u32::try_from(n).ok());
    loss.filter(|loss| *loss <= MOST_LOSS).ok_or_else(|| {
        BadLine::new(
            format!("`loss={value}` is no share of packets"),
            "percent up to 50, such as 1% or 0.5%",
        )
    })
}

fn queue(value: &str) -> Result<usize, BadLine> {
    let queue = value.parse().ok().filter(|queue| (1..=MOST_QUEUE).contains(queue));
    queue.ok_or_else(|| {
        BadLine::new(
            format!("`queue={value}` is no number of packets"),
            "from 1 to 100000, such as 20",
        )
    })
}

#[cfg(test)]
mod tests {
    //! Names, numbers, and what is said of wrong ones.

    use super::*;

    #[test]
    fn a_line_is_a_name_or_numbers_or_both() {
        assert_eq!(line("gprs").unwrap(), Line::named("gprs").unwrap());
        let own = line("up=9600,down=33.6k,delay=150ms,jitter=0,loss=1.5%,queue=20").unwrap();
        assert_eq!((own.up.bits, own.down.bits), (9_600, 33_600));
        assert_eq!(own.down.delay, Duration::from_millis(150));
        assert_eq!((own.up.loss, own.up.queue), (15_000, 20));
        let less = line("2g-bad,loss=0,delay=0.1s").unwrap();
        assert_eq!(less.up.bits, 20_000);
        assert!(less.is_clean());
        assert_eq!(less.up.delay, Duration::from_millis(100));
    }

    #[test]
    fn what_is_wrong_is_told_with_what_would_be_right() {
        for (text, message, help) in [
            (
                "modem9600",
                "there is no line `modem9600`",
                "did you mean `modem-9600`?",
            ),
            ("up=9600", "needs `down`", "down=9600"),
            ("up=9600,down=fast", "`down=fast` is no rate", "33.6k"),
            ("gprs,loss=60%", "`loss=60%`", "up to 50"),
            ("gprs,lost=1%", "no number `lost`", "loss"),
            ("gprs,loss=1%,loss=2%", "given twice", "one of them"),
            ("gprs,delay=2m", "`delay=2m` is no time", "150ms"),
            ("gprs,queue=0", "no number of packets", "20"),
            ("", "there is no line ``", "modem-9600"),
        ] {
            let bad = line(text).unwrap_err();
            assert!(bad.message.contains(message), "{text}: {bad}");
            assert!(bad.help.contains(help), "{text}: {}", bad.help);
        }
    }
}
