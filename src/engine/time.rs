//! Time, as this machine has seen it pass.
//!
//! Owns what the engine takes for the present: the wall clock as long as it goes along with the
//! time that passes; once it leaps, the time that was seen to pass since, until the leap is
//! confirmed. Pure: both clocks are arguments. Must not know sessions, nor where a note of it is
//! kept.

use std::fmt;

use crate::machine::Leap;

/// A wall clock that is off by more than this has leapt, in milliseconds.
const LEAP: i64 = 3_600_000;
/// Leaps that are remembered; sessions that were filled in before are over.
const LEAPS: usize = 32;
/// The form of a note.
const VERSION: u8 = 1;

/// Both clocks, read at one moment. In milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Since 1970, as the system says; anybody may set it.
    pub wall: i64,
    /// Since the machine was started, its sleep included; nobody can set it.
    pub passed: i64,
    /// Which start of the machine that was; zeros: unknown.
    pub boot: [u8; 16],
}

/// The wall clock has leapt, and nobody has confirmed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The time when it leapt, in milliseconds since 1970.
    pub from: i64,
    /// The [`Reading::passed`] since which the wall clock has been steady.
    pub since: i64,
    /// How far the wall clock is ahead of the time that was seen to pass, in milliseconds.
    pub ahead: i64,
}

/// What is told of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It leapt: how far, in milliseconds.
    Leapt(i64),
    /// It came back by itself.
    Back,
    /// The leap is taken for real: how far, in milliseconds.
    Confirmed(i64),
}

/// The clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// The present, in milliseconds since 1970.
    seen: i64,
    last: Reading,
    doubt: Option<Doubt>,
    leaps: Vec<Leap>,
    news: Vec<News>,
}

impl Clock {
    /// Goes on from what was noted, if anything was. While the machine was up, its own clock says
    /// how much time has passed since; else nobody knows, and the wall clock has leapt if it is
    /// off by more than an hour.
    pub(super) fn begin(note: Option<Note>, now: Reading) -> Self {
        let Some(note) = note else {
            return Self {
                seen: now.wall,
                last: now,
                doubt: None,
                leaps: Vec::new(),
                news: Vec::new(),
            };
        };
        let same = note.last.boot == now.boot && now.boot != [0; 16];
        let mut clock = Self {
            seen: note.seen,
            last: Reading {
                passed: if same { note.last.passed } else { now.passed },
                ..now
            },
            doubt: None,
            leaps: note.leaps,
            news: Vec::new(),
        };
        clock.look(now);
        if let (Some(doubt), Some(from)) = (&mut clock.doubt, note.doubted) {
            doubt.from = from;
        }
        clock
    }

    /// The present, in milliseconds since 1970.
    pub(super) fn look(&mut self, now: Reading) -> i64 {
        let passed = now.passed.saturating_sub(self.last.passed).max(0);
        self.last = now;
        self.seen = self.seen.saturating_add(passed);
        let ahead = now.wall.saturating_sub(self.seen);
        if ahead.saturating_abs() <= LEAP {
            if self.doubt.take().is_some() {
                self.news.push(News::Back);
            }
            // Corrections are followed.
            self.seen = now.wall;
            return self.seen;
        }
        let since = now.passed;
        match &mut self.doubt {
            None => {
                let from = self.seen.saturating_sub(passed);
                self.doubt = Some(Doubt { from, since, ahead });
                self.news.push(News::Leapt(ahead));
            }
            Some(doubt) if ahead.saturating_sub(doubt.ahead).saturating_abs() > LEAP => {
                *doubt = Doubt { since, ahead, ..*doubt };
                self.news.push(News::Leapt(ahead));
            }
            Some(_) => {}
        }
        self.seen
    }

    pub(super) fn doubt(&self) -> Option<Doubt> {
        self.doubt
    }

    pub(super) fn leaps(&self) -> &[Leap] {
        &self.leaps
    }

    /// Whether the wall clock has been steady for so long since it leapt, in milliseconds.
    pub(super) fn is_ripe(&self, patience: i64) -> bool {
        self.doubt
            .is_some_and(|doubt| self.last.passed.saturating_sub(doubt.since) >= patience)
    }

    /// Takes the leap for real.
    pub(super) fn confirm(&mut self) {
        let Some(doubt) = self.doubt.take() else { return };
        let by = self.last.wall.saturating_sub(self.seen);
        if by > 0 {
            let (from, by) = (doubt.from.div_euclid(1000), by.div_euclid(1000));
            self.leaps.push(Leap { from, by });
            self.leaps.drain(..self.leaps.len().saturating_sub(LEAPS));
        }
        self.seen = self.last.wall;
        self.news.push(News::Confirmed(by));
    }

    /// What is to be told since this was last asked.
    pub(super) fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// What is to be kept for the next start.
    pub(super) fn note(&self) -> Note {
        Note {
            seen: self.seen,
            last: self.last,
            doubted: self.doubt.map(|doubt| doubt.from),
            leaps: self.leaps.clone(),
        }
    }
}

/// What is kept of a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    seen: i64,
    last: Reading,
    /// When the clock leapt, if nobody has confirmed it.
    doubted: Option<i64>,
    leaps: Vec<Leap>,
}

impl Note {
    /// The leaps that were confirmed.
    pub(super) fn leaps(self) -> Vec<Leap> {
        self.leaps
    }

    /// Whether the other one says more than that a little time has passed.
    pub(super) fn differs(&self, other: &Self, little: i64) -> bool {
        self.doubted != other.doubted
            || self.leaps != other.leaps
            || other.seen.saturating_sub(self.seen).saturating_abs() >= little
    }

    /// Shape: one byte `1`; the time seen, the wall clock and the time since the machine's start
    /// (milliseconds, 8 bytes each, big endian, as all that follows); the machine's start (16 bytes);
    /// the time of an unconfirmed leap, `i64::MIN` if there is none; per confirmed leap its time and
    /// its length (seconds, 8 bytes each).
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for time in [self.seen, self.last.wall, self.last.passed] {
            bytes.extend(time.to_be_bytes());
        }
        bytes.extend(self.last.boot);
        bytes.extend(self.doubted.unwrap_or(i64::MIN).to_be_bytes());
        for Leap { from, by } in &self.leaps {
            bytes.extend(from.to_be_bytes());
            bytes.extend(by.to_be_bytes());
        }
        bytes
    }

    /// What [`Note::encode`] wrote.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (&version, rest) = bytes.split_first()?;
        let (seen, rest) = time(rest)?;
        let (wall, rest) = time(rest)?;
        let (passed, rest) = time(rest)?;
        let (boot, rest) = rest.split_first_chunk::<16>()?;
        let (doubted, mut rest) = time(rest)?;
        let mut leaps = Vec::new();
        while !rest.is_empty() {
            let (from, after) = time(rest)?;
            let (by, after) = time(after)?;
            leaps.push(Leap { from, by });
            rest = after;
        }
        let boot = *boot;
        (version == VERSION).then_some(Self {
            seen,
            last: Reading { wall, passed, boot },
            doubted: (doubted != i64::MIN).then_some(doubted),
            leaps,
        })
    }
}

fn time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (time, rest) = bytes.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*time), rest))
}

/// So many milliseconds, in words.
pub(super) struct Span(pub(super) i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.unsigned_abs() / 60_000;
        let (number, unit) = match minutes {
            0..120 => (minutes, "minute"),
            120..2_880 => (minutes / 60, "hour"),
            _ => (minutes / 1_440, "day"),
        };
        let s = if number == 1 { "" } else { "s" };
        write!(f, "{number} {unit}{s}")
    }
}
