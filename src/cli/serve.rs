//! `deity serve`: everything up, in order, and down again.
//!
//! Owns the start (settings, definitions, store, socket, server), what it prints, the reloading
//! and the timers, and the stop. Must not know what a request means.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::args::Flags;
use super::outside::{Beside, demo, outside};
use super::says::{self, Paint, tame};
use super::{DONE, Failure, check, logs, open, settings};
use crate::catalog::Catalog;
use crate::effect::{self, Effects};
use crate::engine::Engine;
use crate::http;
use crate::operator::{Operator, socket::Socket};
use crate::settings::Settings;

/// How often changed definitions are looked for.
const RELOAD: Duration = Duration::from_secs(1);
/// How often sessions that are due are looked for; the contract promises 2 s.
const TIMERS: Duration = Duration::from_millis(500);
/// How long effects that are under way are given at a stop: as long as one try may take, so that a
/// stop in order leaves nothing in doubt.
const LAST_EFFECTS: Duration = Duration::from_mins(1);

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
    let server = bind(settings.listen).await?;
    let opened = open::store(settings)?;
    let engine = open::engine(Arc::clone(&opened.store) as _, Arc::clone(&catalog), settings).await?;
    let demo = demo(settings).await?;
    let (jobs, waiting) = mpsc::channel(effect::JOBS);
    // The store is locked: nobody else uses it.
    let engine = engine.hire(jobs, true);
    let outside = Arc::new(outside(settings, server.addr()?, demo.as_ref())?);
    let effects = Effects::new(engine.clone(), Arc::clone(&outside));
    let socket = Socket::open(&settings.data).map_err(|why| {
        Failure::new(format!("the operator's socket in {}: {why}", settings.data.display()))
            .help("the data directory must be on a file system of this machine that can hold sockets")
    })?;
    let beside = demo.as_ref().map(Beside::address);
    let unread = greet(settings, server.addr()?, &catalog, &opened.found, beside).is_err();
    for lack in catalog.flows().values().flat_map(|flow| outside.lacks(flow)) {
        says::aside(&format!("note: {lack}"));
    }
    if unread {
        tracing::debug!("nobody reads stdout any more");
    }

    let app = http::App::new(engine.clone(), settings.http.clone()).with_effects(effects.clone());
    let app = Arc::new(app);
    let mut beside = JoinSet::new();
    let (ending, ended) = watch::channel(false);
    beside.spawn(until(ended.clone(), reload(Arc::clone(&catalog), json)));
    beside.spawn(timers(engine.clone(), ended.clone()));
    let (last, over) = watch::channel(false);
    let effects = tokio::spawn(effects.run(waiting, over, LAST_EFFECTS));
    let again = engine.clone();
    beside.spawn(async move {
        if let Err(error) = again.take_over().await {
            tracing::error!(%error, "what another process had begun is taken up later");
        }
    });
    if let Some(demo) = demo {
        beside.spawn(demo.run(ended.clone()));
    }
    beside.spawn(until(ended, async move { socket.serve(&Operator::new(engine)).await }));

    let drained = server.run(app, stop.asked()).await;
    // What stands beside the server ends between two of its tasks, not in one.
    ending.send_replace(true);
    while beside.join_next().await.is_some() {}
    // Then nobody asks for effects any more, and those that are under way come to their end.
    last.send_replace(true);
    if let Err(why) = effects.await {
        tracing::error!(%why, "effects ended by themselves");
    }
    opened.store.close().await;
    let cut = match drained.dropped {
        0 => String::new(),
        n => format!("; {n} connections were still open"),
    };
    // That nobody reads this is no failure of the stop.
    let _unread = says::line(&format!("Stopped in order{cut}."));
    Ok(DONE)
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

async fn bind(listen: SocketAddr) -> Result<http::Server, Failure> {
    http::Server::bind(listen).await.map_err(|why| {
        let help = match why.kind() {
            ErrorKind::AddrInUse => "another program listens there; --listen 127.0.0.1:0 takes a free port",
            ErrorKind::PermissionDenied => "ports below 1024 are for root; take another with --listen",
            ErrorKind::AddrNotAvailable => "this machine has no such address; 0.0.0.0 stands for all it has",
            _ => "choose another with --listen ADDR:PORT",
        };
        Failure::new(format!("cannot listen on {listen}: {why}")).help(help)
    })
}

/// What stands where: the first line is the address.
fn greet(
    settings: &Settings,
    address: SocketAddr,
    catalog: &Catalog,
    found: &str,
    demo: Option<SocketAddr>,
) -> Result<(), Failure> {
    let paint = Paint::of_stdout();
    let url = paint.bold(&format!("http://{address}/"));
    says::line(&format!("Deity {} serves on {url}", env!("CARGO_PKG_VERSION")))?;
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

/// Picks up changed definitions; broken ones are reported, the last good ones go on.
async fn reload(catalog: Arc<Catalog>, json: bool) {
    let mut clock = interval(RELOAD);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let polled = Arc::clone(&catalog);
        // Reads files: not for a thread that answers requests.
        match tokio::task::spawn_blocking(move || polled.reload()).await {
            Ok(reports) if json => check::log(&reports),
            Ok(reports) => check::complain(&reports, Paint::of_stderr()),
            Err(why) => tracing::error!(%why, "definitions could not be looked at"),
        }
    }
}

/// Lets time pass for sessions; ends between two looks, never in one.
async fn timers(engine: Engine, mut ended: watch::Receiver<bool>) {
    let mut clock = interval(TIMERS);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = clock.tick() => {}
            _ = ended.wait_for(|ended| *ended) => return,
        }
        loop {
            match engine.tick().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "the store does not say which sessions are due");
                    break;
                }
            }
        }
    }
}

/// Ctrl-C and SIGTERM.
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn listen() -> Result<Self, Failure> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Ready at the first signal. The second ends the process where it stands: what was answered
    /// is on disk.
    async fn asked(&mut self) {
        self.signalled().await;
        tracing::info!("stopping: what is under way is answered first");
        let (Ok(interrupt), Ok(terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
            return;
        };
        let mut again = Self { interrupt, terminate };
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
        }
    }
}
