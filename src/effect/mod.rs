//! Effects: work outside the engine, done.
//!
//! Owns the running of jobs: over HTTP (`wire`), by programs (`program`), by e-mail (`mail`); how
//! many at once and whether at all (`circuit`); what goes out (`request`), what an answer means
//! (`reply`) and what is saved of it (`save`); and what outside systems tell by themselves
//! (`callback`). Must not know what becomes of an answer: it is reported to the engine, which commits
//! it as a step.
//!
//! A job comes with a lease: whoever has it is alone with it, and ends within its time. Nothing of
//! a job is remembered here: what is not reported is found again in the store.

pub mod allowed;
pub mod call;
mod callback;
pub mod cgi;
mod circuit;
mod html;
pub mod keeper;
pub mod mail;
mod needs;
pub mod program;
mod reply;
mod request;
pub mod response;
mod save;
mod tell;
pub mod wire;

use std::any::Any;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

pub use callback::{Callback, PATH as CALLBACK_PATH};
pub use needs::Lack;
pub use response::{Response, Trouble};
pub use tell::{Note, Whom};

use crate::engine::{Engine, Job};
use crate::flow::Effect;
use crate::machine::{Said, THEIR_WORDS};
use circuit::Circuits;
use mail::Smtp;
use request::Ready;
use wire::Wire;

/// Jobs that wait for a runner at most; what finds no place is taken up when its lease is over.
pub const JOBS: usize = 10_000;
/// How often a report that the store could not take is tried again.
const REPORTS: usize = 20;

/// The value of a variable of the operator's environment.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What the operator says of the world outside.
pub struct Outside {
    /// HTTP, with the addresses that may be asked.
    pub wire: Wire,
    /// Where mail is handed in, if anywhere.
    pub smtp: Option<Smtp>,
    /// Whom mail is from.
    pub mail_from: Option<String>,
    /// The directory of CGI programs.
    pub programs: PathBuf,
    /// The directory in which programs run.
    pub directory: PathBuf,
    /// This program, which serves as the program `deity`.
    pub own: PathBuf,
    /// This program as the keeper of others: exactly the one that runs, also after an upgrade.
    pub keeper: PathBuf,
    /// The operator's variables.
    pub environment: Environment,
    /// What people and outside systems see, if it is known: `https://forms.example.org`, `https://example.org/forms`.
    pub base: OnceLock<String>,
}

impl fmt::Debug for Outside {
    /// Never the environment: it holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside")
            .field("programs", &self.programs)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// Why nobody is handed over to a page elsewhere.
const HOMELESS: &str = "the setting `origin` is not set, so nobody could come back from the page elsewhere";

impl Outside {
    /// What people and outside systems see.
    pub fn origin(&self) -> &str {
        self.base()
    }

    fn base(&self) -> &str {
        self.base.get().map_or("http://localhost", String::as_str)
    }

    /// Scheme, host with its port, and the path that stands before ours: empty, or `/forms`.
    fn parts(&self) -> (&str, &str, &str) {
        let (scheme, rest) = self.base().split_once("://").unwrap_or(("http", ""));
        let path = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(path).unwrap_or((rest, ""));
        (scheme, authority, path)
    }

    fn host(&self) -> String {
        let (_, rest, _) = self.parts();
        match rest.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => host.to_owned(),
            _ => rest.to_owned(),
        }
    }

    fn port(&self) -> u16 {
        let (scheme, rest, _) = self.parts();
        let own = if scheme == "https" { 443 } else { 80 };
        rest.rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok())
            .unwrap_or(own)
    }

    /// Where a program stands.
    fn program(&self, name: &str) -> PathBuf {
        if name == "deity" {
            self.own.clone()
        } else {
            self.programs.join(name)
        }
    }
}

/// Runs effects. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Effects {
    engine: Engine,
    outside: Arc<Outside>,
    circuits: Arc<Circuits>,
}

impl Effects {
    /// Runs the effects of this engine in this world.
    pub fn new(engine: Engine, outside: Arc<Outside>) -> Self {
        Self {
            engine,
            outside,
            circuits: Arc::default(),
        }
    }

    /// The same, whose changes have `turn` until they are done.
    #[must_use]
    pub fn holding(&self, turn: impl Any + Send + Sync) -> Self {
        Self {
            engine: self.engine.holding(turn),
            ..self.clone()
        }
    }

    /// Runs jobs until told to stop; then those that run are given `patience` to end.
    pub async fn run(self, mut jobs: mpsc::Receiver<Job>, mut stop: watch::Receiver<bool>, patience: Duration) {
        let mut running = JoinSet::new();
        loop {
            tokio::select! {
                job = jobs.recv() => match job {
                    Some(job) => self.start(&mut running, job),
                    None => break,
                },
                _ = stop.wait_for(|stop| *stop) => break,
                Some(_) = running.join_next(), if !running.is_empty() => {}
            }
        }
        // What is being asked comes to its end. What waits, and what follows from that, is put back:
        // the next process begins with it. What is cut off in the end had a lease.
        self.circuits.close();
        let last = async {
            loop {
                while let Ok(job) = jobs.try_recv() {
                    self.start(&mut running, job);
                }
                if running.join_next().await.is_none() {
                    break;
                }
            }
        };
        if tokio::time::timeout(patience, last).await.is_err() {
            running.shutdown().await;
        }
    }

    fn start(&self, running: &mut JoinSet<()>, job: Job) {
        let effects = self.clone();
        running.spawn(async move { effects.job(job).await });
    }

    async fn job(&self, job: Job) {
        let (said, stderr) = self.said(&job).await;
        let told = request::told(&job.errand.key);
        tracing::info!(
            session = %job.at,
            effect = job.errand.effect,
            number = job.errand.number,
            attempt = job.errand.attempt,
            key = told,
            outcome = word(&said),
            "effect"
        );
        for _ in 0..REPORTS {
            match self.engine.report_of_run(&job, said.clone(), stderr.clone()).await {
                Ok(_) => return,
                Err(error) => {
                    tracing::error!(session = %job.at, %error, "what came of an effect could not be written down");
                    tokio::time::sleep(self.engine.breath()).await;
                }
            }
        }
    }

    /// Tries once: what that came to, and the end of what a program wrote on standard error.
    async fn said(&self, job: &Job) -> (Said, String) {
        let nothing = |said| (said, String::new());
        let errand = &job.errand;
        let Some(effect) = job.flow.effect(&errand.effect) else {
            let trouble = Trouble::Forbidden("there is no such effect".to_owned());
            return nothing(reply::of_trouble(trouble, false));
        };
        let probing = errand.about.is_some();
        let ready = match request::ready(&self.outside, job, effect) {
            Ok(ready) => ready,
            Err(why) => return nothing(reply::of_trouble(Trouble::Forbidden(why), probing)),
        };
        // The try must be over before the lease is.
        let now = self.engine.now().div_euclid(1000);
        let spare = errand.until - now - effect.timeout.as_secs();
        let Some(patience) = u64::try_from(spare).ok().filter(|spare| *spare > 1) else {
            return nothing(Said::Postponed(1));
        };
        let callee = ready.callee();
        let leave = match self.circuits.enter(&callee, Duration::from_secs(patience - 1)).await {
            Ok(leave) => leave,
            Err(pause) => {
                let pause = i64::try_from(pause.as_secs()).unwrap_or(1);
                return nothing(Said::Postponed(pause + 1));
            }
        };
        let (answer, stderr) = match &ready {
            Ready::Run(program) => {
                let program::Ran { answer, stderr } = program::run(program).await;
                (answer, stderr)
            }
            Ready::Http(call) => (self.outside.wire.call(call).await, String::new()),
            Ready::Mail(mail) => (self.mail(mail, effect).await, String::new()),
        };
        let answered = match &answer {
            Ok(answer) => answer.status < 500,
            Err(Trouble::Forbidden(_)) => true,
            Err(_) => false,
        };
        self.circuits.heard(&callee, &leave, answered);
        if let Err(trouble) = &answer {
            let trouble = trouble.to_string();
            let reason = trouble.split(THEIR_WORDS).next();
            tracing::warn!(session = %job.at, effect = errand.effect, reason, "an effect got no answer");
        }
        let asked = errand
            .about
            .as_deref()
            .and_then(|name| job.flow.effect(name))
            .unwrap_or(effect);
        (reply::said(job, (asked, effect), answer, &self.hosts(asked)), stderr)
    }

    /// The hosts that people may be sent to; one whose variable is not set is none.
    fn hosts(&self, effect: &Effect) -> Vec<String> {
        let hosts = effect.hand_off.iter().flat_map(|off| &off.hosts);
        hosts
            .filter_map(|host| host.fill(|name| (self.outside.environment)(name)).ok())
            .collect()
    }

    async fn mail(&self, mail: &mail::Mail, effect: &Effect) -> Result<Response, Trouble> {
        let Some(smtp) = &self.outside.smtp else {
            return Err(Trouble::Forbidden(
                "nobody sends e-mail here: the setting smtp is not set".to_owned(),
            ));
        };
        smtp.send(mail, effect.timeout.unsigned_abs()).await.map(|()| Response {
            status: 200,
            retry_after: None,
            content_type: None,
            encoded: false,
            body: Vec::new(),
            cut: false,
        })
    }
}

/// An outcome in one word, without what it says.
fn word(said: &Said) -> &'static str {
    match said {
        Said::Done(_) => "done",
        Said::Away(_) => "away",
        Said::Declined { .. } => "declined",
        Said::NotDone { .. } => "not done",
        Said::Unknown { .. } => "unknown",
        Said::Pending => "pending",
        Said::Postponed(_) => "postponed",
    }
}
