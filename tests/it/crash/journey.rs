//! One person's way through the flow, with everything that was sent and acknowledged, and the
//! comparison of that with what the store holds.

use std::path::Path;

use deity::flow::Value;
use deity::id::{SessionId, SessionKey};
use deity::machine::{Place, Session};
use deity::store::sled::{Options, Recovered, Sled};
use deity::store::{Key, Store, record};

use super::walker::Client;

/// What one person sent, in order.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Makes the answers of this journey unlike all others.
    seed: u64,
    pub sent: Vec<Sent>,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Sent {
    pub body: String,
    /// The page that answered it; only the last request of a journey may lack one.
    pub page: Option<String>,
    /// How far the trace had got when the answer was there.
    pub mark: u64,
}

impl Journey {
    pub fn new(seed: u64) -> Self {
        let sent = Vec::new();
        Self { seed, sent }
    }

    /// The screens that this journey answers, with what is typed there.
    fn plan(&self) -> Vec<(&'static str, String)> {
        let seed = self.seed;
        let changed = seed.is_multiple_of(3);
        let mut plan = vec![
            ("intro", String::new()),
            ("name", format!("given=Ann{seed}&family=Walker")),
            ("birth", "born-day=27&born-month=3&born-year=1987".to_owned()),
            ("changed", format!("changed={}", if changed { "yes" } else { "no" })),
        ];
        if changed {
            plan.push(("previous", format!("previous={}", "Old".repeat(1 + seed as usize % 30))));
        }
        plan.push((
            "address",
            format!("line1={seed}+Road&line2=&town=Leeds&postcode=LS1+4AB"),
        ));
        plan.push(("check", String::new()));
        plan
    }

    /// The next request, made from the page that stands there now; none at the end.
    pub fn next(&self, page: &str) -> Option<String> {
        let (_, typed) = self.plan().into_iter().nth(self.sent.len())?;
        let mut body = format!(
            "sessionID={}&screenID={}",
            value(page, "sessionID")?,
            value(page, "screenID")?
        );
        let action = value(page, "actionID")?;
        for part in [format!("actionID={action}"), typed] {
            if !part.is_empty() {
                body.push('&');
                body.push_str(&part);
            }
        }
        Some(body)
    }

    /// Where the store holds it; none before the first answer.
    pub fn key(&self) -> Option<SessionKey> {
        let id = value(self.sent.first()?.page.as_ref()?, "sessionID")?;
        Some(SessionId::parse(id)?.key())
    }

    /// How many requests were answered up to `mark`.
    pub fn acknowledged(&self, mark: u64) -> usize {
        let answered = |sent: &&Sent| sent.page.is_some() && sent.mark <= mark;
        self.sent.iter().take_while(answered).count()
    }

    /// Whether `session`, as the store holds it, has all that was acknowledged up to `mark`, no
    /// more than was sent, and nothing twice.
    pub fn holds(&self, session: Option<&Session>, mark: u64) -> Result<(), String> {
        let acknowledged = self.acknowledged(mark);
        if acknowledged == 0 {
            return Ok(());
        }
        let name = format!("journey {}", self.seed);
        let Some(session) = session else {
            return Err(format!("lost: {name} with {acknowledged} acknowledged phases"));
        };
        let step = usize::try_from(session.step).unwrap_or(usize::MAX);
        if step < acknowledged {
            return Err(format!(
                "lost: {name} is at step {step}, {acknowledged} were acknowledged"
            ));
        }
        if step > self.sent.len() {
            return Err(format!(
                "twice: {name} is at step {step}, {} were sent",
                self.sent.len()
            ));
        }
        if session.outcomes.last().map(|outcome| outcome.step) != Some(session.step) {
            return Err(format!("no outcome: {name} has none of its latest step {step}"));
        }
        for (screen, typed) in self.plan().into_iter().take(acknowledged) {
            let answer = session.answers.get(&Place::of(screen));
            let answer = answer.ok_or_else(|| format!("lost: {name} has no answer to {screen}"))?;
            let given = Value::Text(format!("Ann{}", self.seed));
            if screen == "name" && answer.fields.get("given") != Some(&given) {
                return Err(format!("lost: {name} answered {screen} with {typed}, not {answer:?}"));
            }
        }
        Ok(())
    }

    /// Sends again what had no answer, and then the latest request once more: it must get the
    /// page that it got before. A start that had an answer is not sent again: each is a session of
    /// its own.
    pub fn replay(&mut self, client: &mut Client) -> Result<(), String> {
        let name = format!("journey {}", self.seed);
        let starts = self.sent.len() == 1;
        for turn in ["sent after the crash", "sent again"] {
            let Some(last) = self.sent.last_mut().filter(|last| !starts || last.page.is_none()) else {
                return Ok(());
            };
            let answer = client
                .post(&last.body)
                .map_err(|why| format!("{name}, {turn}: {why}"))?;
            if answer.status != 200 {
                return Err(format!("{name}, {turn}: status {}: {}", answer.status, answer.text));
            }
            match &last.page {
                Some(page) if *page != answer.text => {
                    return Err(format!(
                        "{name}, {turn}: another page: {} instead of {page}",
                        answer.text
                    ));
                }
                _ => last.page = Some(answer.text),
            }
        }
        Ok(())
    }
}

/// The value of the first hidden field or button of that name, its quotes left out or not.
pub fn value<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let tags = page
        .split('<')
        .filter(|tag| tag.starts_with("input ") || tag.starts_with("button "));
    tags.filter_map(|tag| {
        let (_, rest) = tag.split_once("name=")?;
        let rest = rest.trim_start_matches('"').strip_prefix(name)?;
        let (_, rest) = rest.split_once("value=")?;
        rest.trim_start_matches('"').split(['"', ' ', '>']).next()
    })
    .next()
}

/// Opens the store in `dir` and looks at all journeys as of `mark`, then writes something, and
/// finds it there after another start.
pub fn inspect(dir: &Path, journeys: &[Journey], mark: u64) -> Result<Recovered, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let (store, recovered) = Sled::open(dir, options()).map_err(|why| why.to_string())?;
    let own = Key::Meta(*b"written by tests");
    let write = deity::store::Write {
        tag: 1,
        wake: i64::MAX,
        bytes: b"after the crash".to_vec(),
    };
    runtime.block_on(async {
        for journey in journeys {
            let Some(key) = journey.key() else { continue };
            let stored = store.get(Key::Session(key)).await.map_err(|why| why.to_string())?;
            let session = stored.map(|stored| record::decode(key, &stored.bytes)).transpose();
            journey.holds(session.map_err(|why| why.to_string())?.as_ref(), mark)?;
        }
        store.create(own, write.clone()).await.map_err(|why| why.to_string())
    })?;
    drop(store);
    let (store, again) = Sled::open(dir, options()).map_err(|why| format!("the second time: {why}"))?;
    let stored = runtime.block_on(store.get(own)).map_err(|why| why.to_string())?;
    if !again.clean || stored.is_none_or(|stored| stored.bytes != write.bytes) {
        return Err("what was written after the crash is not there".to_owned());
    }
    Ok(recovered)
}

/// Looks at a copy of the store as a process that is gone has left it, before anything is sent
/// again: what is sent again may heal what was lost.
pub fn inspect_copy(dir: &Path, journeys: &[Journey]) -> Result<Recovered, String> {
    let copy = tempfile::tempdir().expect("a directory");
    copy_store(dir, copy.path());
    inspect(copy.path(), journeys, u64::MAX)
}

/// The files of a store, without its socket.
fn copy_store(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let kind = entry.file_type().expect("readable");
        let to = to.join(entry.file_name());
        if kind.is_dir() {
            std::fs::create_dir(&to).expect("writable");
            copy_store(&entry.path(), &to);
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &to).expect("copied");
        }
    }
}

fn options() -> Options {
    Options::new(std::sync::Arc::new(|why| println!("the store has failed: {why}")))
}
