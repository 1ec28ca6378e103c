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
/// In a note, the time of a leap that is none: its length says how far an unconfirmed one is owed to
/// a stop of the machine. To a program that does not know that, it is a leap that moves nothing.
const OWED: i64 = i64::MIN;

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
    /// How much of that came while the machine was off, when nobody could see time pass; 0: nothing.
    /// By that people see days. In milliseconds.
    pub off: i64,
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
    /// off by more than an hour. What was written before that is no older than `late` milliseconds
    /// after the note: it lies before the leap.
    pub(super) fn begin(note: Option<Note>, now: Reading, late: i64) -> Self {
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
        let off = !same && note.last.boot != [0; 16] && now.boot != [0; 16];
        let mut clock = Self {
            seen: note.seen.saturating_add(if same { 0 } else { late }),
            last: Reading {
                passed: if same { note.last.passed } else { now.passed },
                ..now
            },
            doubt: None,
            leaps: note.leaps,
            news: Vec::new(),
        };
        clock.look(now);
        if let Some(doubt) = &mut clock.doubt {
            let before = note.doubted.map(|doubted| doubted.off);
            // A clock that had leapt while the machine ran is no better after a stop.
            doubt.off = match before {
                Some(before) if !off || before == 0 => before,
                _ if off => doubt.ahead.max(0),
                _ => 0,
            };
            doubt.from = note.doubted.map_or(doubt.from, |doubted| doubted.from);
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
                self.doubt = Some(Doubt {
                    from,
                    since,
                    ahead,
                    off: 0,
                });
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

    /// The leap by which people see days, though nobody has confirmed it.
    pub(super) fn presumed(&self) -> Option<Leap> {
        let doubt = self.doubt.filter(|doubt| doubt.off > 0)?;
        Some(leap(doubt.from, doubt.off))
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
            self.leaps.push(leap(doubt.from, by));
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
            doubted: self.doubt.map(|Doubt { from, off, .. }| Doubted { from, off }),
            leaps: self.leaps.clone(),
        }
    }
}

/// What is kept of a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    seen: i64,
    last: Reading,
    doubted: Option<Doubted>,
    leaps: Vec<Leap>,
}

/// What is kept of a [`Doubt`], in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Doubted {
    from: i64,
    off: i64,
}

/// Of milliseconds.
fn leap(from: i64, by: i64) -> Leap {
    let (from, by) = (from.div_euclid(1000), by.div_euclid(1000));
    Leap { from, by }
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
    /// its length (seconds, 8 bytes each); if there is an unconfirmed one that came while the machine
    /// was off, `i64::MIN` and its length likewise.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for time in [self.seen, self.last.wall, self.last.passed] {
            bytes.extend(time.to_be_bytes());
        }
        bytes.extend(self.last.boot);
        let from = self.doubted.map_or(i64::MIN, |doubted| doubted.from);
        bytes.extend(from.to_be_bytes());
        let off = self.doubted.map_or(0, |doubted| doubted.off);
        let owed = (off > 0).then(|| leap(0, off).by).map(|by| Leap { from: OWED, by });
        for Leap { from, by } in self.leaps.iter().chain(&owed) {
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
        let (mut leaps, mut off) = (Vec::new(), 0);
        while !rest.is_empty() {
            let (from, after) = time(rest)?;
            let (by, after) = time(after)?;
            if from == OWED {
                off = by.saturating_mul(1000);
            } else {
                leaps.push(Leap { from, by });
            }
            rest = after;
        }
        let boot = *boot;
        (version == VERSION).then_some(Self {
            seen,
            last: Reading { wall, passed, boot },
            doubted: (doubted != i64::MIN).then_some(Doubted { from: doubted, off }),
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
