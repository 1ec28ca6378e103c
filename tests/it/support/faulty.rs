//! A store that fails or waits when it is told to, and one that lies.
//!
//! Wraps another store. The `n`th call of it, counted from [`Faulty::arm`], fails in one of the
//! ways that the trait allows; a lie does what the trait forbids, so that a suite can show that it
//! would notice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use deity::id::SessionKey;
use deity::store::{Error, Key, KeyKind, Pending, Store, Stored, Token, Write, Written, record};
use tokio::sync::watch;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Surely not done.
    NotApplied,
    /// Done, and the answer is lost.
    DoubtDone,
    /// Not done, and nobody can know.
    DoubtNotDone,
    /// Done only when it is let go: see [`Faulty::held`].
    HeldBefore,
    /// Done at once, and answered only when it is let go.
    HeldAfter,
}

/// What a store must never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Sessions are acknowledged and not written.
    NeverWritten,
    /// Sessions are acknowledged, and written with the next call: not if there is none.
    WrittenLater,
    /// Sessions are written without the outcomes of their actions.
    NoOutcome,
}

/// The wrapper.
pub struct Faulty {
    inner: Arc<dyn Store>,
    lie: Option<Lie>,
    fault: Mutex<Option<(usize, Fault)>>,
    calls: AtomicUsize,
    /// Whether a call is held, and whether it was let go.
    hold: watch::Sender<(bool, bool)>,
    /// A session's change that was acknowledged and not yet made.
    owed: Mutex<Option<Change>>,
}

/// A change: key, what must be there, what shall be there.
type Change = (Key, Option<Token>, Option<Write>);

impl Faulty {
    pub fn over(inner: Arc<dyn Store>, lie: Option<Lie>) -> Self {
        Self {
            inner,
            lie,
            fault: Mutex::new(None),
            calls: AtomicUsize::new(0),
            hold: watch::Sender::new((false, false)),
            owed: Mutex::new(None),
        }
    }

    /// The `n`th call from now on, counted from 1, fails.
    pub fn arm(&self, n: usize, fault: Fault) {
        self.hold.send_replace((false, false));
        self.calls.store(0, Ordering::SeqCst);
        *self.fault.lock().unwrap() = Some((n, fault));
    }

    /// No call fails any more; whether one has.
    pub fn disarm(&self) -> bool {
        self.fault.lock().unwrap().take().is_none()
    }

    /// Completes when the call is held.
    pub async fn held(&self) {
        let mut hold = self.hold.subscribe();
        drop(hold.wait_for(|(held, _)| *held).await);
    }

    /// Lets the call go that is held.
    pub fn let_go(&self) {
        self.hold.send_modify(|(_, gone)| *gone = true);
    }

    async fn hold(&self) {
        self.hold.send_modify(|(held, _)| *held = true);
        let mut hold = self.hold.subscribe();
        drop(hold.wait_for(|(_, gone)| *gone).await);
    }

    /// What is owed is lost, as when the process dies.
    pub fn crash(&self) {
        *self.owed.lock().unwrap() = None;
    }

    /// Counts a call; the fault, if this is the one.
    fn fault(&self) -> Option<Fault> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let mut armed = self.fault.lock().unwrap();
        let (_, fault) = armed.filter(|(n, _)| *n == call)?;
        *armed = None;
        Some(fault)
    }

    async fn around<T>(&self, call: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Error> {
        let owed = self.owed.lock().unwrap().take();
        if let Some(owed) = owed {
            self.change(owed).await?;
        }
        match self.fault() {
            None => call.await,
            Some(Fault::NotApplied) => Err(Error::NotApplied("planted".to_owned())),
            Some(Fault::DoubtDone) => {
                call.await?;
                Err(Error::InDoubt("planted".to_owned()))
            }
            Some(Fault::HeldBefore) => {
                self.hold().await;
                call.await
            }
            Some(Fault::HeldAfter) => {
                let done = call.await;
                self.hold().await;
                done
            }
            Some(Fault::DoubtNotDone) => Err(Error::InDoubt("planted".to_owned())),
        }
    }

    async fn change(&self, (key, expect, write): Change) -> Result<Written, Error> {
        match (expect, write) {
            (None, Some(write)) => self.inner.create(key, write).await,
            (Some(expect), Some(write)) => self.inner.cas(key, expect, write).await,
            (Some(expect), None) => self.inner.delete(key, expect).await,
            (None, None) => Ok(Written::Conflict),
        }
    }

    /// The change as the lie has it.
    async fn lying(&self, (key, expect, write): Change) -> Result<Written, Error> {
        let (Key::Session(session), Some(lie)) = (key, self.lie) else {
            return self.change((key, expect, write)).await;
        };
        let present = self.inner.get(key).await?.map(|stored| stored.token);
        if present != expect {
            return Ok(Written::Conflict);
        }
        let tag = write.as_ref().map_or(0, |write| write.tag);
        let version = expect.map_or(1, |token| token.version + 1);
        match lie {
            Lie::NeverWritten => {}
            Lie::WrittenLater => *self.owed.lock().unwrap() = Some((key, expect, write)),
            Lie::NoOutcome => {
                let write = write.map(|write| without_outcomes(session, write));
                return self.change((key, expect, write)).await;
            }
        }
        Ok(Written::Committed(Token { version, tag }))
    }
}

fn without_outcomes(at: SessionKey, write: Write) -> Write {
    let mut session = record::decode(at, &write.bytes).expect("a session");
    session.outcomes.clear();
    let bytes = record::encode(&session).expect("fits");
    Write { bytes, ..write }
}

impl Store for Faulty {
    fn get(&self, key: Key) -> Pending<'_, Result<Option<Stored>, Error>> {
        Box::pin(self.around(self.inner.get(key)))
    }

    fn create(&self, key: Key, write: Write) -> Pending<'_, Result<Written, Error>> {
        Box::pin(self.around(self.lying((key, None, Some(write)))))
    }

    fn cas(&self, key: Key, expect: Token, write: Write) -> Pending<'_, Result<Written, Error>> {
        Box::pin(self.around(self.lying((key, Some(expect), Some(write)))))
    }

    fn delete(&self, key: Key, expect: Token) -> Pending<'_, Result<Written, Error>> {
        Box::pin(self.around(self.lying((key, Some(expect), None))))
    }

    fn claim(&self, now: i64, lease_until: i64, limit: usize) -> Pending<'_, Result<Vec<(SessionKey, Stored)>, Error>> {
        Box::pin(self.around(self.inner.claim(now, lease_until, limit)))
    }

    fn scan(&self, kind: KeyKind, after: Option<Key>, limit: usize) -> Pending<'_, Result<Vec<(Key, Stored)>, Error>> {
        Box::pin(self.around(self.inner.scan(kind, after, limit)))
    }

    fn check(&self) -> Pending<'_, Result<(), Error>> {
        Box::pin(self.around(self.inner.check()))
    }
}
