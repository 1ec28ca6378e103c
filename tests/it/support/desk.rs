//! A desk: the engine over a store in memory, with a clock and dice of the test's own, and a
//! person who presses what the pages offer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use deity::catalog::Catalog;
use deity::engine::{Came, Engine, Reply, Request, Shown, Unopened, World};
use deity::flow::{Flow, Form};
use deity::machine::{Notice, Page, Presentation, Session, Verdict};
use deity::store::key_file::KeyFile;
use deity::store::{Key, KeyKind, Memory, Store, record};

/// 23 November 2026, noon, in seconds.
pub(crate) const NOON: i64 = 1_795_435_200;

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    clock: Arc<AtomicI64>,
}

/// A page as the person holds it.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) flow: String,
    pub(crate) session: String,
    pub(crate) screen: String,
    pub(crate) place: String,
    pub(crate) kind: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) status: u16,
    pub(crate) html: String,
    pub(crate) notices: Vec<Notice>,
    pub(crate) typed: Form,
    pub(crate) faults: Vec<String>,
    pub(crate) on: bool,
    pub(crate) back: bool,
}

impl Sheet {
    /// A page of which only the ids are known.
    pub(crate) fn named(flow: &str, session: &str, screen: &str) -> Self {
        Self {
            flow: flow.to_owned(),
            session: session.to_owned(),
            screen: screen.to_owned(),
            place: String::new(),
            kind: "",
            verdict: Verdict::Done,
            status: 0,
            html: String::new(),
            notices: Vec::new(),
            typed: Form::default(),
            faults: Vec::new(),
            on: false,
            back: false,
        }
    }
}

pub(crate) fn read(name: &str, source: &str) -> Flow {
    match Flow::read(name, source) {
        Ok((flow, _)) => flow,
        Err(faults) => panic!("{name} does not load: {faults:#?}"),
    }
}

pub(crate) fn form(fields: &[(&str, &str)]) -> Form {
    Form(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

/// Random bytes that are the same in each run.
pub(crate) fn world(clock: Arc<AtomicI64>, seed: u64) -> World {
    let dice = AtomicU64::new(seed);
    World {
        clock: Arc::new(move || clock.load(Ordering::SeqCst) * 1000),
        random: Arc::new(move |bytes| {
            for byte in bytes {
                let mut n = dice.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
                n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                *byte = (n >> 56) as u8;
            }
        }),
    }
}

impl Desk {
    pub(crate) async fn open(flows: impl IntoIterator<Item = Flow>) -> Self {
        Self::over(Arc::new(Memory::new()), flows).await
    }

    pub(crate) async fn over(store: Arc<dyn Store>, flows: impl IntoIterator<Item = Flow>) -> Self {
        let clock = Arc::new(AtomicI64::new(NOON));
        let catalog = Arc::new(Catalog::of(flows));
        let engine = Engine::open(Arc::clone(&store), catalog, world(Arc::clone(&clock), 7), None)
            .await
            .unwrap();
        Self { engine, store, clock }
    }

    /// Over a store whose keys stand in a key file.
    pub(crate) async fn keyed(
        store: Arc<dyn Store>,
        flows: impl IntoIterator<Item = Flow>,
        keys: &KeyFile,
    ) -> Result<Self, Unopened> {
        let clock = Arc::new(AtomicI64::new(NOON));
        let catalog = Arc::new(Catalog::of(flows));
        let world = world(Arc::clone(&clock), 7);
        let engine = Engine::open(Arc::clone(&store), catalog, world, Some(keys)).await?;
        Ok(Self { engine, store, clock })
    }

    /// The same store and clock under other definitions: the server was started anew.
    pub(crate) async fn restarted(&self, flows: impl IntoIterator<Item = Flow>) -> Self {
        self.reopened(flows).await.unwrap()
    }

    /// The same, where the store may fail.
    pub(crate) async fn reopened(&self, flows: impl IntoIterator<Item = Flow>) -> Result<Self, Unopened> {
        let clock = Arc::clone(&self.clock);
        let catalog = Arc::new(Catalog::of(flows));
        let engine = Engine::open(Arc::clone(&self.store), catalog, world(Arc::clone(&clock), 99), None).await?;
        let store = Arc::clone(&self.store);
        Ok(Self { engine, store, clock })
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn request(flow: &str) -> Request {
        Request {
            language: None,
            flow: flow.to_owned(),
            session: String::new(),
            screen: String::new(),
            action: None,
            returning: None,
            secret: deity::engine::Secret::default(),
            block: deity::engine::Block::default(),
            fields: Form::default(),
            post: true,
            came: Came::Whole,
            inside: true,
        }
    }

    pub(crate) fn ticket(&self, flow: &str) -> String {
        match self.engine.start_page(flow) {
            Some(Reply::Start(start)) => start.ticket,
            other => panic!("no start page: {other:?}"),
        }
    }

    /// Presses the start page's button.
    pub(crate) async fn start(&self, flow: &str) -> Sheet {
        self.start_by(flow, None, None).await
    }

    /// Presses that action of a start page in a language, or one in the flow's own.
    pub(crate) async fn start_by(&self, flow: &str, language: Option<&str>, action: Option<&str>) -> Sheet {
        let request = Request {
            session: self.ticket(flow),
            language: language.and_then(deity::id::Language::parse),
            action: action.map(str::to_owned),
            ..Self::request(flow)
        };
        sheet(self.engine.answer(request).await)
    }

    pub(crate) fn post(page: &Sheet, action: Option<&str>, fields: &[(&str, &str)]) -> Request {
        Request {
            session: page.session.clone(),
            screen: page.screen.clone(),
            action: action.map(str::to_owned),
            fields: form(fields),
            ..Self::request(&page.flow)
        }
    }

    /// Presses the first action of a page.
    pub(crate) async fn send(&self, page: &Sheet, fields: &[(&str, &str)]) -> Sheet {
        sheet(self.engine.answer(Self::post(page, None, fields)).await)
    }

    pub(crate) async fn press(&self, page: &Sheet, action: &str, fields: &[(&str, &str)]) -> Sheet {
        sheet(self.engine.answer(Self::post(page, Some(action), fields)).await)
    }

    /// Follows a link of a page.
    pub(crate) async fn follow(&self, page: &Sheet, action: Option<&str>) -> Sheet {
        sheet(
            self.engine
                .answer(Request {
                    post: false,
                    ..Self::post(page, action, &[])
                })
                .await,
        )
    }

    /// The session as the store holds it.
    pub(crate) async fn stored(&self, page: &Sheet) -> Session {
        let id = deity::id::SessionId::parse(&page.session).unwrap();
        let stored = self
            .store
            .get(Key::Session(id.key()))
            .await
            .unwrap()
            .expect("no such session");
        record::decode(id.key(), &stored.bytes).unwrap()
    }

    pub(crate) async fn sessions(&self) -> usize {
        self.store.scan(KeyKind::Session, None, 1000).await.unwrap().len()
    }
}

/// The page of a reply; panics where it is none of a session's.
pub(crate) fn sheet(reply: Reply) -> Sheet {
    let (status, html) = drawn(&reply);
    match reply {
        Reply::Session(shown) => Sheet {
            status,
            html,
            ..of(&shown)
        },
        other => panic!("not a page of a session: {other:?}"),
    }
}

/// The status and the page of a reply, as they are sent.
pub(crate) fn drawn(reply: &Reply) -> (u16, String) {
    let drawn = deity::view::page(reply, &deity::view::Visit::default());
    (deity::http::code(drawn.status).as_u16(), drawn.html)
}

fn of(shown: &Shown) -> Sheet {
    let (kind, presentation): (_, Option<&Presentation>) = match &shown.showing.page {
        Page::Screen(p) => ("screen", Some(p)),
        Page::Receipt(p) => ("receipt", Some(p)),
        Page::Saving(p) => ("saving", Some(p)),
        Page::Saved(p) => ("saved", Some(p)),
        Page::Copy(p) => ("copy", Some(p)),
        Page::Short(p) => ("short", Some(p)),
        Page::Over => ("over", None),
        Page::Left => ("left", None),
        Page::Cancelling(p) => ("cancelling", Some(p)),
        Page::NotApplied(reason, p) => (
            match reason {
                deity::machine::Reason::Sealed => "sealed",
                deity::machine::Reason::NotOffered => "not offered",
                deity::machine::Reason::TooOld => "too old",
                deity::machine::Reason::Refused => "refused",
                deity::machine::Reason::Waits => "waits",
                deity::machine::Reason::Gone => "gone",
            },
            Some(p),
        ),
        Page::Between(p) => ("between", Some(p)),
        Page::Waiting(p) => ("waiting", Some(p)),
        Page::Lacking(p) => ("lacking", Some(p)),
    };
    let typed = shown.showing.typed.clone();
    Sheet {
        flow: shown.flow.name.clone(),
        session: shown.id.to_string(),
        screen: presentation.map_or(String::new(), |p| p.id.sealed(&shown.session.screen_key())),
        place: presentation.map_or(String::new(), |p| p.place.screen.clone()),
        kind,
        verdict: shown.showing.verdict,
        status: 0,
        html: String::new(),
        notices: shown.showing.notices.clone(),
        faults: typed
            .as_ref()
            .map_or(Vec::new(), |t| t.faults.iter().map(|f| f.field.clone()).collect()),
        typed: typed.map_or(Form::default(), |t| t.fields),
        on: presentation.is_some_and(|p| p.on),
        back: presentation.is_some_and(|p| p.back),
    }
}
