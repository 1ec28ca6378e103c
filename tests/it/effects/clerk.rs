//! A callee of the test's own: it does each key once, remembers what, and can lose its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use deity::engine::Job;
use deity::flow::Flow;
use deity::machine::Said;

use super::{done, seats, unknown, variant};

/// What the callee has in its books.
#[derive(Debug, Default)]
pub struct Books {
    /// What was done, by key, with what was sent: each key once.
    pub done: BTreeMap<String, String>,
    /// What was taken back, by the key of what was done.
    pub undone: BTreeSet<String>,
    /// How often each key came, to be done or to be taken back.
    pub came: BTreeMap<String, usize>,
}

/// The callee.
#[derive(Debug)]
pub struct Callee {
    books: Mutex<Books>,
    /// The first answer under each key is lost.
    loses: bool,
}

impl Callee {
    pub fn new(loses: bool) -> Self {
        let books = Mutex::default();
        Self { books, loses }
    }

    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// Does what is asked, once per key, and answers.
    pub fn does(&self, job: &Job) -> Said {
        let errand = &job.errand;
        if errand.effect == "seats" {
            return seats(&["a1", "a2", "a3"]);
        }
        let mut books = self.books();
        let key = errand.key.to_string();
        let came = books.came.entry(format!("{} {key}", errand.effect)).or_default();
        *came += 1;
        let first = *came == 1;
        let sent: Vec<_> = errand
            .sent
            .iter()
            .map(|(name, value)| format!("{name}={}", value.plain()))
            .collect();
        let said = match errand.effect.as_str() {
            "release" => {
                books.undone.insert(key);
                done(&[])
            }
            effect => {
                books
                    .done
                    .entry(key)
                    .or_insert_with(|| format!("{effect} {}", sent.join(" ")));
                // What is saved does not depend on how often it came.
                done(&[("hold", "H-1"), ("ticket", "T-1")][usize::from(effect == "pay")..][..1])
            }
        };
        if self.loses && first { unknown() } else { said }
    }
}

/// The flow where everything may be tried again for an hour.
pub fn patient() -> Flow {
    variant(&[
        ("save.hold = \"/hold\"", "save.hold = \"/hold\"\nretry = \"1h\""),
        ("save.ticket = \"/ticket\"", "save.ticket = \"/ticket\"\nretry = \"1h\""),
    ])
}
