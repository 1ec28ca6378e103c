//! The server of a rehearsal: the real engine and the real HTTP, in this process.
//!
//! Owns the store in memory, a clock of its own, and the hand-over of bytes without a socket, so
//! that exactly what a server would send is counted. Nobody outside is called: what callees say
//! comes from [`Callees`]. Must not know browsers or walks.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use jiff::civil::Date;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

use super::callees::{Callees, Word};
use super::{Theatre, browser};
use crate::catalog::Catalog;
use crate::engine::{Block, Came, Engine, Job, Reply, Request, Secret, Shown, World};
use crate::flow::Form;
use crate::http::{self, App, Quality};
use crate::limits;
use crate::store::Memory;

/// Where the browser is: an address of documentation.
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
/// Seconds of the stage's clock from one request to the next.
const PAUSE: i64 = 20;
/// Rounds of effects that follow from each other in one phase.
const ROUNDS: usize = 100;
/// No answer is longer.
const ANSWER_BYTES: usize = 32 << 20;
/// Bytes between the two ends of a connection.
const PIPE: usize = 64 << 10;

/// The server, with one flow.
#[derive(Debug)]
pub(super) struct Stage {
    engine: Engine,
    app: Arc<App>,
    jobs: mpsc::Receiver<Job>,
    callees: Callees,
    /// What a slow callee has not answered yet.
    held: Vec<Job>,
    /// Hand-offs whose person is elsewhere.
    away: Vec<Job>,
    clock: Arc<AtomicI64>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) bytes: Vec<u8>,
    /// How long the server waited for a callee, beside its own time.
    pub(super) waited: Duration,
    /// How long it took, where that was measured.
    pub(super) took: Option<Duration>,
}

impl Stage {
    /// A server with this flow only, on this day.
    ///
    /// # Errors
    /// Why the engine cannot start; it has no reason to fail in memory.
    pub(super) async fn open(theatre: &Theatre, today: Date, callees: Callees, seed: u64) -> Result<Self, String> {
        let noon = theatre
            .flow
            .time_zone
            .to_zoned_datetime(today.at(12, 0, 0, 0))
            .map_err(|why| format!("{today} is no day that a rehearsal can be on: {why}"))?;
        let clock = Arc::new(AtomicI64::new(noon.timestamp().as_second()));
        let (ticks, dice) = (Arc::clone(&clock), AtomicU64::new(seed));
        let world = World {
            clock: Arc::new(move || ticks.load(Relaxed) * 1000),
            random: Arc::new(move |bytes| {
                for byte in bytes {
                    let mut chance = crate::line::Dice::new(dice.fetch_add(1, Relaxed));
                    *byte = chance.next().to_le_bytes()[0];
                }
            }),
        };
        let catalog = Arc::new(Catalog::of([Arc::clone(&theatre.flow)]).with_site(Arc::clone(&theatre.site)));
        let engine = Engine::open(Arc::new(Memory::new()), catalog, world, None)
            .await
            .map_err(|why| why.to_string())?;
        let (sender, jobs) = mpsc::channel(limits::ASKINGS_KEPT * 2);
        let engine = engine.hire(sender, true);
        let mut settings = theatre.settings.clone();
        if settings.quality == Quality::Auto {
            // As a server that is at rest: here one page follows the other faster than people read.
            settings.quality = Quality::Fixed(11);
        }
        let app = Arc::new(App::new(engine.clone(), settings));
        Ok(Self {
            engine,
            app,
            jobs,
            callees,
            held: Vec::new(),
            away: Vec::new(),
            clock,
        })
    }

    /// One request, and what a browser gets. A quick callee has answered by then, as on a real
    /// server, which waits for it; a slow one answers before the next request.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<Heard, String> {
        self.clock.fetch_add(PAUSE, Relaxed);
        for job in std::mem::take(&mut self.held) {
            self.answer(job).await?;
        }
        self.settle().await?;
        let mut bytes = self.exchange(request).await?;
        for _ in 0..ROUNDS {
            let mut slow = false;
            let mut some = false;
            while let Ok(job) = self.jobs.try_recv() {
                some = true;
                if self.callees.is_slow(&job) {
                    slow = true;
                    self.held.push(job);
                } else {
                    self.answer(job).await?;
                }
            }
            if slow {
                return Ok(Heard {
                    bytes,
                    waited: limits::EFFECT_WAIT,
                    took: None,
                });
            }
            if !some {
                break;
            }
            // It shows what came of it, as the server itself finds out.
            let again = once_more(request, &bytes);
            bytes = self.exchange(&again).await?;
            if again != request {
                as_to_a_post(&mut bytes);
            }
        }
        Ok(Heard {
            bytes,
            waited: Duration::ZERO,
            took: None,
        })
    }

    /// Whether the person is at a page elsewhere.
    pub(super) fn is_away(&self) -> bool {
        !self.away.is_empty()
    }

    /// The person did at the page elsewhere what was to be done; the address by which they come
    /// back, if they are elsewhere at all.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(super) async fn come_back(&mut self) -> Result<Option<String>, String> {
        let Some(job) = self.away.pop() else { return Ok(None) };
        let said = self.callees.outcome(&job);
        self.engine
            .report(job.at, job.errand.number, said)
            .await
            .map_err(|why| why.to_string())?;
        self.settle().await?;
        let token = job.returning.as_deref().unwrap_or_default();
        Ok(Some(format!("/{}?returnID={token}", job.flow.name)))
    }

    /// A session's page as the engine knows it; nothing is written.
    pub(super) async fn look(&self, flow: &str, session: &str, screen: &str) -> Option<Box<Shown>> {
        let request = Request {
            flow: flow.to_owned(),
            session: session.to_owned(),
            screen: screen.to_owned(),
            action: None,
            returning: None,
            language: None,
            secret: Secret::default(),
            block: Block::default(),
            fields: Form::default(),
            post: false,
            came: Came::Whole,
            inside: true,
        };
        match self.engine.answer(request).await {
            Reply::Session(shown) => Some(shown),
            _ => None,
        }
    }

    /// Lets callees answer until nobody is asked any more.
    async fn settle(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS {
            let Ok(job) = self.jobs.try_recv() else { break };
            self.answer(job).await?;
        }
        Ok(())
    }

    async fn answer(&mut self, job: Job) -> Result<(), String> {
        let Word { said, away } = self.callees.say(&job);
        self.engine
            .report_of(&job, said)
            .await
            .map_err(|why| format!("the effect `{}`: {why}", job.errand.effect))?;
        if away {
            self.away.push(job);
        }
        Ok(())
    }

    /// One request over a connection of its own.
    async fn exchange(&self, request: &[u8]) -> Result<Vec<u8>, String> {
        let (mut client, server) = tokio::io::duplex(PIPE);
        let serving = tokio::spawn(http::serve(server, PEER, Arc::clone(&self.app)));
        let mut bytes = Vec::new();
        let exchange = async {
            let (mut reading, mut writing) = tokio::io::split(&mut client);
            let send = writing.write_all(request);
            let hear = async {
                let mut part = vec![0; PIPE];
                loop {
                    let n = reading.read(&mut part).await?;
                    bytes.extend_from_slice(part.get(..n).unwrap_or_default());
                    if n == 0 || browser::is_whole(&bytes) || bytes.len() > ANSWER_BYTES {
                        return Ok::<(), std::io::Error>(());
                    }
                }
            };
            let (said, heard) = tokio::join!(send, hear);
            said.and(heard)
        };
        let done = exchange.await;
        serving.abort();
        done.map_err(|why| format!("the server's connection: {why}"))?;
        Ok(bytes)
    }
}

/// What asks for the same page once more: the same request, which is a replay; of a start, which would
/// begin another session, the address at which its page looks again by itself.
fn once_more(request: &[u8], answer: &[u8]) -> Vec<u8> {
    let (Ok(request_text), answer) = (std::str::from_utf8(request), String::from_utf8_lossy(answer)) else {
        return request.to_vec();
    };
    let field = |name: &str| {
        let (_, rest) = request_text.split_once(&format!("{name}="))?;
        rest.split('&').next()
    };
    let starts = request_text.starts_with("POST ") && field("sessionID").is_some_and(|id| id.len() > 22);
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let looks = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let address = value.split_once("url=")?.1;
        name.eq_ignore_ascii_case("refresh").then_some(address)
    });
    let (Some(looks), true) = (looks, starts) else {
        return request.to_vec();
    };
    let mut lines = request_text.split("\r\n\r\n").next().unwrap_or_default().lines();
    let target = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or("/");
    let path = target.split('?').next().unwrap_or_default();
    let query = looks.split_once('?').map_or("", |(_, query)| query);
    let mut again = format!("GET {path}?{query} HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\n");
    let sent_along = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        !matches!(name.as_str(), "content-length" | "content-type" | "sec-fetch-site")
    };
    for line in lines.filter(sent_along) {
        again.push_str(line);
        again.push_str("\r\n");
    }
    again.push_str("\r\n");
    again.into_bytes()
}

/// The answer to a POST has no `Vary`: it is never kept.
fn as_to_a_post(answer: &mut Vec<u8>) {
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap_or(0);
    let text = String::from_utf8_lossy(answer.get(..head).unwrap_or_default()).to_ascii_lowercase();
    if let Some(from) = text.find("\r\nvary:") {
        let length = text
            .get(from + 2..)
            .and_then(|rest| rest.find("\r\n"))
            .map_or(head - from, |end| end + 2);
        answer.drain(from..from + length);
    }
}
