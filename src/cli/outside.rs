//! The world outside, as the settings have it: what effects may call, run and send.
//!
//! Owns the operator's environment, and the demo that is served beside. Must not know what an
//! effect is asked for.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Failure;
use crate::effect::Outside;
use crate::effect::wire::Wire;
use crate::http::Endpoint;
use crate::settings::Settings;

/// The demo's other side, ready to be served beside the forms.
pub(super) struct Beside {
    address: SocketAddr,
    #[cfg(feature = "demo")]
    listener: TcpListener,
    #[cfg(feature = "demo")]
    ledger: crate::demo::Demo,
    #[cfg(feature = "demo")]
    secret: String,
}

/// Opens the demo's other side, if it is wanted.
pub(super) async fn demo(settings: &Settings) -> Result<Option<Beside>, Failure> {
    let Some(address) = settings.demo else { return Ok(None) };
    let listener = TcpListener::bind(address).await.map_err(|why| {
        Failure::new(format!("the demo cannot listen on {address}: {why}"))
            .help("give it another place: --demo=127.0.0.1:0 takes a free one")
    })?;
    open(settings, listener).map(Some)
}

#[cfg(feature = "demo")]
fn open(settings: &Settings, listener: TcpListener) -> Result<Beside, Failure> {
    // Where programs run: the same books by either way.
    let file = settings.data.join("ledger.sqlite");
    let ledger = crate::demo::Demo::open(&file)
        .map_err(|why| Failure::new(format!("the demo's books {}: {why}", file.display())))?;
    Ok(Beside {
        address: listener.local_addr()?,
        listener,
        ledger,
        secret: std::env::var("DEMO_SECRET").unwrap_or_else(|_| "demo".to_owned()),
    })
}

#[cfg(not(feature = "demo"))]
fn open(_settings: &Settings, _listener: TcpListener) -> Result<Beside, Failure> {
    Err(Failure::new("this program was built without the demo")
        .help("build it with the feature `demo`")
        .usage())
}

impl Beside {
    /// Serves until the server ends.
    pub(super) async fn run(self, ended: watch::Receiver<bool>) {
        #[cfg(feature = "demo")]
        {
            let mut ended = ended;
            let manner = crate::demo::Manner {
                secret: self.secret,
                moods: None,
            };
            let stop = async move {
                // Whoever was to tell is gone: that is the end too.
                let _gone = ended.wait_for(|ended| *ended).await.is_err();
            };
            if let Err(why) = crate::demo::serve(self.listener, self.ledger, manner, stop).await {
                tracing::error!(%why, "the demo ended");
            }
        }
        #[cfg(not(feature = "demo"))]
        drop((self.address, ended));
    }

    /// Where it serves.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Where this server's own pages are, for who comes back from elsewhere: the origin, else, where
/// only this machine reaches it, its first endpoint.
fn base(settings: &Settings, endpoints: &[Endpoint]) -> Option<String> {
    if let Some(origin) = &settings.http.origin {
        return Some(origin.to_string());
    }
    let endpoint = endpoints.first().filter(|_| settings.http.local)?;
    Some(endpoint.url().trim_end_matches('/').to_owned())
}

/// The world of these settings. `endpoints` are where the forms are served, `demo` where the demo's other
/// side is.
pub(super) fn outside(
    settings: &Settings,
    endpoints: &[Endpoint],
    demo: Option<SocketAddr>,
) -> Result<Outside, Failure> {
    let mut callees = settings.callees.clone();
    if let Some(demo) = demo {
        // Who serves the demo means it to be called.
        let both = format!("{callees}, {demo}").parse();
        callees = both.map_err(Failure::new)?;
    }
    let own = OnceLock::new();
    if let Some(base) = base(settings, endpoints) {
        own.get_or_init(|| base);
    }
    Ok(Outside {
        wire: Wire::new(callees),
        smtp: settings.smtp.clone(),
        mail_from: settings.mail_from.clone(),
        programs: std::path::absolute(&settings.programs)?,
        directory: std::path::absolute(&settings.data)?,
        own: std::env::current_exe()?,
        keeper: "/proc/self/exe".into(),
        environment: Arc::new(move |name| {
            std::env::var(name).ok().or_else(|| {
                let demo = demo?;
                match name {
                    "LEDGER_URL" => Some(format!("http://{demo}")),
                    "PAY_HOST" => Some(demo.to_string()),
                    _ => None,
                }
            })
        }),
        base: own,
    })
}
