//! `deity serve`: everything up, in order, and down again.
//!
//! Owns the start (settings, definitions, store, socket, server), what it prints, the reloading
//! and the timers, and the stop. Must not know what a request means.

use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::args::Flags;
use super::keeping;
use super::needs::Needs;
use super::outside::{Beside, demo, outside};
use super::says::{self, Paint, tame};
use super::{DONE, Failure, check, digest, logs, open, settings};
use crate::catalog::Catalog;
use crate::effect::{self, Effects, keeper};
use crate::engine::Engine;
use crate::http;
use crate::operator::{Operator, socket::Socket};
use crate::settings::Settings;

/// How often changed definitions are looked for.
const RELOAD: Duration = Duration::from_secs(1);
/// How long reading a certificate may take before that is told.
const SLOW: Duration = Duration::from_secs(30);
/// How often sessions that are due are looked for; the contract promises 2 s.
const TIMERS: Duration = Duration::from_millis(500);
/// How often what lasts is told again.
const TOLD_AGAIN: Duration = Duration::from_mins(1);
/// How long effects that are under way are given at a stop: as long as one try may take, so that a
/// stop in order leaves nothing in doubt.
const LAST_EFFECTS: Duration = Duration::from_mins(1);

/// How long programs of a server that was killed are waited for at a start.
const PROGRAMS: Duration = Duration::from_secs(30);

/// Serves until it is told to stop.
pub(super) fn run(flags: &Flags, phases: Option<&Path>) -> Result<u8, Failure> {
    let settings = settings::load(flags.common.config.as_deref(), flags.said(phases))?;
    let json = logs::start(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(&settings, json));
    // Whatever still waits for a reader that never reads does not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn serve(settings: &Settings, json: bool) -> Result<u8, Failure> {
    let mut stop = Stop::listen()?;
    let catalog = Arc::new(definitions(settings)?);
    // Before the store: of two servers on one port the second says so at once.
    let keys = keys(settings)?;
    let server = bind(settings, keys.clone()).await?;
    let opened = tokio::select! {
        opened = open::store(settings, false) => opened?,
        () = stop.asked() => return Ok(DONE),
    };
    let opened = alone(opened, &settings.data).await?;
    let engine = open::engine(Arc::clone(&opened.store) as _, Arc::clone(&catalog), settings).await?;
    let engine = open::keep_time(engine, settings).await?;
    let demo = demo(settings).await?;
    let (jobs, waiting) = mpsc::channel(effect::JOBS);
    // The store is locked: nobody else uses it.
    let engine = engine.hire(jobs, true).with_contact(settings.contact.as_deref());
    let beside = demo.as_ref().map(Beside::address);
    let outside = Arc::new(outside(settings, &server.endpoints(), beside)?);
    let effects = Effects::new(engine.clone(), Arc::clone(&outside));
    let socket = socket(&settings.data)?;
    if greet(settings, &server.endpoints(), &catalog, &opened.found, beside).is_err() {
        tracing::debug!("nobody reads stdout any more");
    }
    warn_of_origin(&settings.http);
    let needs = Needs::new(engine.clone(), Arc::clone(&outside), &settings.http.limits, json);
    let needs = Arc::new(needs);
    needs.look();

    let app = http::App::new(engine.clone(), settings.http.clone()).with_effects(effects.clone());
    let app = Arc::new(app);
    let mut beside = JoinSet::new();
    let (ending, ended) = watch::channel(false);
    let names = Arc::clone(&needs);
    beside.spawn(until(ended.clone(), async move { names.look_at_names().await }));
    beside.spawn(until(ended.clone(), reload(engine.clone(), needs, json)));
    if let Some(keys) = keys {
        beside.spawn(until(ended.clone(), renew(keys)));
    }
    passing(&mut beside, &engine, &ended);
    let (last, over) = watch::channel(false);
    let effects = tokio::spawn(effects.run(waiting, over, LAST_EFFECTS));
    if let Some(demo) = demo {
        beside.spawn(demo.run(ended.clone()));
    }
    let operator = Operator::new(engine.clone());
    let daily = digest::daily(operator.clone(), outside, settings.digest.clone());
    beside.spawn(until(ended.clone(), daily));
    beside.spawn(until(ended, async move { socket.serve(&operator).await }));

    let drained = server.run(app, stop.asked()).await;
    // What stands beside the server ends between two of its tasks, not in one.
    ending.send_replace(true);
    while beside.join_next().await.is_some() {}
    // What a client went away from is brought to its end too.
    engine.at_rest().await;
    // Then nobody asks for effects any more, and those that are under way come to their end.
    last.send_replace(true);
    if let Err(why) = effects.await {
        tracing::error!(%why, "effects ended by themselves");
    }
    close(&engine).await;
    opened.store.close().await;
    farewell(drained);
    Ok(DONE)
}

/// The last that is written.
async fn close(engine: &Engine) {
    engine.at_rest().await;
    if let Err(why) = engine.write_time().await {
        tracing::warn!(%why, "the time of this stop could not be noted");
    }
}

fn farewell(drained: http::Drained) {
    let cut = match drained.dropped {
        0 => String::new(),
        n => format!("; {n} connections were still open"),
    };
    // That nobody reads this is no failure of the stop.
    let _unread = says::line(&format!("Stopped in order{cut}."));
}

/// Where operators' commands find the server.
fn socket(data: &Path) -> Result<Socket, Failure> {
    Socket::open(data).map_err(|why| {
        Failure::new(format!("the operator's socket in {}: {why}", data.display()))
            .help("the data directory must be on a file system of this machine that can hold sockets")
    })
}

/// The same store, once no program of a server that was killed runs any more: nothing is tried, or
/// taken back, beside it.
async fn alone<S>(opened: S, data: &Path) -> Result<S, Failure> {
    let lock = data.join(keeper::LOCK);
    match keeper::all_gone(&lock, PROGRAMS).await {
        Ok(true) => Ok(opened),
        Ok(false) => Err(
            Failure::new("a program of the server before does not end, though it was killed").help(format!(
                "see what it waits for (its keeper has {} open), and start again",
                lock.display()
            )),
        ),
        Err(why) => Err(Failure::new(format!("{}: {why}", lock.display()))),
    }
}

/// Runs a task to the end of the server; a task that never ends is dropped where it waits.
async fn until(mut ended: watch::Receiver<bool>, task: impl Future<Output = ()>) {
    tokio::select! {
        () = task => {}
        _ = ended.wait_for(|ended| *ended) => {}
    }
}

/// The definitions; everything that is wrong with them is printed. Without a single good one
/// there is nothing to serve.
fn definitions(settings: &Settings) -> Result<Catalog, Failure> {
    let directory = &settings.phases;
    if !directory.exists() {
        return Err(check::no_directory(directory));
    }
    let (catalog, reports) = Catalog::load(directory).map_err(|why| {
        Failure::new(format!("the definitions in {}: {why}", directory.display()))
            .help("name the directory of the flows: deity serve PHASES, or DEITY_PHASES")
    })?;
    check::complain(&reports, Paint::of_stderr());
    if catalog.flows().is_empty() {
        return Err(Failure::new(format!(
            "there is no flow in {} that can be served",
            directory.display()
        ))
        .help("a flow is a file that ends in .toml; the README shows one's own first flow"));
    }
    Ok(catalog)
}

/// The certificate, if there is one.
fn keys(settings: &Settings) -> Result<Option<Arc<http::Keys>>, Failure> {
    let Some(files) = &settings.tls else { return Ok(None) };
    let keys = http::Keys::load(files.clone(), &settings.http.limits)
        .map_err(|flaw| Failure::new(flaw.message).help(flaw.help))?;
    if let Some(warning) = keys.warning() {
        says::aside(&format!("warning: {warning}"));
    }
    if !settings.listen.iter().any(http::Endpoint::tls) {
        says::aside("note: there is a certificate, but no place with TLS: listen = \"tls:0.0.0.0:443\"");
    }
    Ok(Some(Arc::new(keys)))
}

/// What is not safe, or does not work, with this origin, or without one.
fn warn_of_origin(settings: &http::Settings) {
    match &settings.origin {
        Some(origin) if !origin.prefix().is_empty() => says::aside(&format!(
            "warning: whatever else is served on {} can read these pages by a script; a host of their own is the \
             rule. The proxy must take {} away before it passes a request on",
            origin.site(),
            origin.prefix()
        )),
        Some(_) => {}
        None if settings.local => {}
        None => says::aside(
            "warning: without `origin` a page of another name that leads here can read these; nobody is handed over to \
             pages elsewhere, and other spellings of a path lead nowhere: origin = \"https://forms.example.org\"",
        ),
    }
}

async fn bind(settings: &Settings, keys: Option<Arc<http::Keys>>) -> Result<http::Server, Failure> {
    let server = http::Server::listen(&settings.listen, settings.socket_mode, keys).await;
    server.map_err(|refused| {
        let http::Refused { endpoint, why, help } = refused;
        Failure::new(format!("cannot listen on {endpoint}: {why}")).help(help)
    })
}

/// What stands where: the first line is the address.
fn greet(
    settings: &Settings,
    endpoints: &[http::Endpoint],
    catalog: &Catalog,
    found: &str,
    demo: Option<SocketAddr>,
) -> Result<(), Failure> {
    let paint = Paint::of_stdout();
    let mut urls = endpoints.iter().map(http::Endpoint::url);
    let first = paint.bold(&urls.next().unwrap_or_default());
    says::line(&format!("Deity {} serves on {first}", env!("CARGO_PKG_VERSION")))?;
    for url in urls {
        says::line(&format!("  also  {}", paint.bold(&url)))?;
    }
    for (name, flow) in catalog.flows().iter() {
        let screens = flow.screens.len();
        says::line(&format!(
            "  flow  /{name:<24} {} ({screens} screens)",
            tame(&flow.title)
        ))?;
    }
    let data = std::path::absolute(&settings.data).unwrap_or_else(|_| settings.data.clone());
    says::line(&format!("  data  {}: {found}", data.display()))?;
    if let Some(demo) = demo {
        says::line(&format!("  demo  http://{demo}/: the other side of the demo's flows"))?;
    }
    says::line("Ctrl-C stops it; what was answered is on disk.")
}

/// Picks up a changed certificate; of a broken one is told, and the last good one goes on.
async fn renew(keys: Arc<http::Keys>) {
    let mut clock = interval(RELOAD);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let polled = Arc::clone(&keys);
        // Reads files: not for a thread that answers requests.
        let looked = tokio::task::spawn_blocking(move || polled.reload());
        let slow = || {
            tracing::warn!(
                "reading the certificate's files does not come to its end (a file system that is gone?); \
                 until it does no new one is shown"
            );
        };
        match patiently(looked, SLOW, slow).await {
            Ok(None) => {}
            Ok(Some(Ok(()))) => match keys.warning() {
                None => tracing::info!("a new certificate is shown from now on"),
                Some(warning) => tracing::warn!(warning, "a new certificate is shown from now on"),
            },
            Ok(Some(Err(flaw))) => {
                tracing::error!(
                    flaw = flaw.message,
                    help = flaw.help,
                    "the certificate before it goes on"
                );
            }
            Err(why) => tracing::error!(%why, "the certificate could not be looked at"),
        }
    }
}

/// Waits for `task`, and says so once it has taken longer than `patience`. It is not given up: a
/// thread that the system holds cannot be had back, and another would be held as well.
async fn patiently<T>(task: impl Future<Output = T>, patience: Duration, slow: impl FnOnce()) -> T {
    let mut task = pin!(task);
    if let Ok(done) = timeout(patience, task.as_mut()).await {
        return done;
    }
    slow();
    task.await
}

/// Picks up changed definitions, and what they need; broken ones are reported, the last good ones go on.
async fn reload(engine: Engine, needs: Arc<Needs>, json: bool) {
    let mut clock = interval(RELOAD);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let (polled, needs) = (engine.clone(), Arc::clone(&needs));
        let look = move || {
            let reports = polled.catalog().reload();
            needs.look();
            reports
        };
        // Reads files: not for a thread that answers requests.
        match tokio::task::spawn_blocking(look).await {
            Ok(reports) if json => check::log(&reports),
            Ok(reports) => check::complain(&reports, Paint::of_stderr()),
            Err(why) => tracing::error!(%why, "definitions could not be looked at"),
        }
        if let Err(error) = engine.keep_words().await {
            tracing::warn!(%error, "the newest words of a flow could not be kept for who is in it");
        }
    }
}

/// What happens by itself as time passes.
fn passing(beside: &mut JoinSet<()>, engine: &Engine, ended: &watch::Receiver<bool>) {
    beside.spawn(timers(engine.clone(), ended.clone()));
    beside.spawn(until(ended.clone(), keeping::warn(engine.clone())));
    let engine = engine.clone();
    beside.spawn(until(ended.clone(), async move {
        if let Err(error) = engine.take_over().await {
            tracing::error!(%error, "what another process had begun is taken up later");
        }
    }));
}

/// Lets time pass for sessions; at the end it begins with no further one.
async fn timers(engine: Engine, mut ended: watch::Receiver<bool>) {
    let mut clock = interval(TIMERS);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut unknown, mut unnoted) = (Rarely::default(), Rarely::default());
    loop {
        tokio::select! {
            _ = clock.tick() => {}
            _ = ended.wait_for(|ended| *ended) => return,
        }
        if let Err(error) = engine.note_time().await
            && unnoted.is_due()
        {
            tracing::error!(%error, "the time that was seen could not be noted");
        }
        loop {
            let looked = tokio::select! {
                looked = engine.tick() => looked,
                _ = ended.wait_for(|ended| *ended) => return,
            };
            match looked {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    if unknown.is_due() {
                        tracing::error!(%error, "the store does not say which sessions are due");
                    }
                    break;
                }
            }
        }
    }
}

/// What lasts, such as a full disk, is told once in a while and not at every look.
#[derive(Default)]
struct Rarely(Option<Instant>);

impl Rarely {
    fn is_due(&mut self) -> bool {
        let due = self.0.is_none_or(|told| told.elapsed() >= TOLD_AGAIN);
        if due {
            self.0 = Some(Instant::now());
        }
        due
    }
}

/// Ctrl-C, SIGTERM, and SIGHUP: the terminal is gone.
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Stop {
    fn listen() -> Result<Self, Failure> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Ready at the first signal. The second ends the process where it stands: what was answered
    /// is on disk.
    async fn asked(&mut self) {
        self.signalled().await;
        tracing::info!("stopping: what is under way is answered first");
        let Ok(mut again) = Self::listen() else { return };
        tokio::spawn(async move {
            again.signalled().await;
            #[allow(clippy::exit, reason = "somebody does not want to wait")]
            std::process::exit(130);
        });
    }

    async fn signalled(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::{Instant, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_told_once_and_still_waited_for() {
        for (takes, expected) in [(1, None), (29, None), (600, Some(30))] {
            let told = Cell::new(None);
            let began = Instant::now();
            let task = async {
                sleep(Duration::from_secs(takes)).await;
                takes
            };
            let done = patiently(task, SLOW, || told.set(Some(began.elapsed().as_secs()))).await;
            assert_eq!((done, told.get()), (takes, expected));
            assert_eq!(began.elapsed().as_secs(), takes);
        }
    }
}
