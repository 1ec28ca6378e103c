//! How the data directory of a release is made: by that release's own program, in its own tree.
//!
//! `cargo test --test it -- --ignored formats::made` writes `release-new` beside `release-1`: the
//! store's directory, packed, and `sessions.txt`, which names each session, its state, and the
//! screen ids of the pages that were seen on the way, the newest first. The clock and the random
//! bytes are the test's, so a later program opens it at the moment at which it was left.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use deity::flow::Flow;
use deity::machine::{Said, State};
use deity::store::key_file::KeyFile;
use deity::store::sled::{Options, Sled};
use tempfile::TempDir;

use crate::effects::{declined, done, not_done, seats, taken, unknown};
use crate::support::desk::{Desk, Sheet, read};

pub(super) fn folder(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/formats")
        .join(release)
}

/// The definitions of the first golden release.
pub(super) fn flows(release: &str) -> Vec<Flow> {
    let flow = |name: &str| {
        let path = folder(release).join(format!("{name}.toml"));
        read(name, &std::fs::read_to_string(path).unwrap())
    };
    vec![flow("walk"), flow("book")]
}

/// The sessions and the pages that each was shown.
pub(super) struct Made {
    pub(super) desk: Desk,
    pub(super) sessions: Vec<(&'static str, Vec<Sheet>)>,
}

impl Made {
    /// A session that was walked through `fields`, a page each.
    async fn walk(&mut self, name: &'static str, fields: &[&[(&str, &str)]]) -> Sheet {
        let mut pages = vec![self.desk.start("walk").await];
        for fields in fields {
            let next = self.desk.send(pages.last().unwrap(), fields).await;
            pages.push(next);
        }
        self.keep(name, pages)
    }

    pub(super) fn keep(&mut self, name: &'static str, pages: Vec<Sheet>) -> Sheet {
        let last = pages.last().unwrap().clone();
        self.sessions.push((name, pages));
        last
    }

    /// Another page of a session.
    fn then(&mut self, name: &str, page: Sheet) -> Sheet {
        let found = self.sessions.iter_mut().find(|(known, _)| *known == name);
        found.unwrap().1.push(page.clone());
        page
    }

    /// To the page that waits for the seat.
    async fn asked_to_hold(&self) -> Vec<Sheet> {
        let first = self.desk.start("book").await;
        self.desk.says(&first, "seats", seats(&["a1", "a2", "a3"])).await;
        let seat = self.desk.follow(&first, Some("open")).await;
        let waiting = self
            .desk
            .send(&seat, &[("seat", "a1"), ("wish", "by the window")])
            .await;
        assert_eq!(waiting.kind, "waiting");
        vec![first, seat, waiting]
    }

    /// To the page that asks for the name, the seat held.
    async fn held(&self) -> Vec<Sheet> {
        let mut pages = self.asked_to_hold().await;
        self.desk.says(&pages[2], "hold", done(&[("hold", "H-1")])).await;
        pages.push(self.desk.follow(&pages[2], Some("on")).await);
        assert_eq!(pages[3].place, "name");
        pages
    }

    /// To the review, the seat held.
    async fn checked(&self) -> Vec<Sheet> {
        let mut pages = self.held().await;
        pages.push(self.desk.send(&pages[3], &[("given", "Ada")]).await);
        assert_eq!(pages[4].place, "check");
        pages
    }

    /// To the page that waits for the payment.
    async fn asked_to_pay(&self) -> Vec<Sheet> {
        let mut pages = self.checked().await;
        pages.push(self.desk.send(&pages[4], &[]).await);
        assert_eq!(pages[5].kind, "waiting");
        pages
    }
}

const NAME: &[(&str, &str)] = &[("given", "Ada"), ("pin", "1234")];
const KIND: &[(&str, &str)] = &[("kind", "b")];
const BETA: &[(&str, &str)] = &[("beta", "this")];
const NOTE: &[(&str, &str)] = &[("note", "x")];
const SEALED: [&[(&str, &str)]; 3] = [NAME, &[("kind", "a")], &[("alpha", "3")]];

/// Those that are over, or run out of time.
async fn over(made: &mut Made) {
    let held = made.held().await;
    made.keep("expired-with-an-undo", held);
    made.walk("expired", &[NAME, KIND]).await;
    made.walk("unfinished", &SEALED).await;
    made.desk.wait(2 * 3600 + 1);
    while made.desk.engine.tick().await.unwrap() {}
    for (name, state) in [("expired", false), ("unfinished", true)] {
        let page = made.sessions.iter().find(|(known, _)| *known == name).unwrap().1[0].clone();
        let session = made.desk.stored(&page).await;
        assert!(matches!(session.state, State::Expired { unfinished, .. } if unfinished == state));
    }
    let ended = made.walk("ended", &[NAME, KIND, BETA, NOTE, &[]]).await;
    assert_eq!(ended.kind, "receipt");
    made.walk("forgotten", &[NAME, KIND, BETA, NOTE, &[]]).await;
    let page = made.walk("cancelled", &[]).await;
    let asked = made.desk.press(&page, "stop", &[("given", "Ada")]).await;
    made.desk.press(&asked, "yes-cancel", &[]).await;
}

/// Those that are being filled in.
async fn live(made: &mut Made) {
    made.walk("first-screen", &[]).await;
    made.walk("secret-answered", &[NAME]).await;
    made.walk("half-way", &[NAME, KIND, BETA]).await;
    made.walk("review", &[NAME, KIND, BETA, NOTE]).await;
    made.walk("sealed", &SEALED).await;
    let extra = made.walk("draft", &[NAME, KIND, BETA]).await;
    let back = made.desk.press(&extra, "back", &[("note", "half a wo")]).await;
    made.then("draft", back);
    let beta = made.walk("amended", &[NAME, KIND]).await;
    let first = made.sessions.last().unwrap().1[0].clone();
    let amended = made.desk.send(&first, &[("given", "Bea"), ("pin", "1234")]).await;
    assert_eq!(amended.notices.len(), 1);
    made.then("amended", amended);
    let extra = made.desk.send(&beta, BETA).await;
    made.then("amended", extra);
    let check = made.walk("by-a-change-link", &[NAME, KIND, BETA, NOTE]).await;
    let changing = made.desk.follow(&check, Some("change.beta")).await;
    made.then("by-a-change-link", changing);
    let check = made.walk("on-a-changed-way", &[NAME, KIND, BETA, NOTE]).await;
    let kind = made.desk.follow(&check, Some("change.kind")).await;
    let alpha = made.desk.send(&kind, &[("kind", "a")]).await;
    assert_eq!(alpha.place, "alpha");
    made.then("on-a-changed-way", alpha);
}

/// Those that have to do with effects.
async fn effects(made: &mut Made, flow: &Flow) {
    let page = made.desk.start("book").await;
    made.keep("looking-up", vec![page]);
    let pages = made.asked_to_hold().await;
    made.keep("waiting", pages);
    let pages = made.asked_to_hold().await;
    let page = made.keep("waiting-under-a-lease", pages);
    let number = made.desk.latest(&page, "hold").await.number;
    taken(&made.desk, &page, flow, number).await;
    let pages = made.held().await;
    made.keep("held", pages);
    let pages = made.checked().await;
    made.keep("held-at-the-review", pages);
    let mut pages = made.asked_to_hold().await;
    made.desk
        .says(&pages[2], "hold", declined("That seat is gone.", &[("seat", "Taken")]))
        .await;
    made.desk.says(&pages[2], "seats", seats(&["a1", "a2"])).await;
    pages.push(made.desk.follow(&pages[2], Some("on")).await);
    assert_eq!((pages[3].place.as_str(), pages[3].faults.len()), ("seat", 2));
    made.keep("declined", pages);
    let mut pages = made.asked_to_pay().await;
    made.desk
        .says(&pages[5], "pay", Said::Away("https://pay.example/p/1".to_owned()))
        .await;
    pages.push(made.desk.follow(&pages[5], Some("on")).await);
    made.keep("handed-off", pages);
    let mut pages = made.asked_to_pay().await;
    made.desk.says(&pages[5], "pay", done(&[("ticket", "T-7")])).await;
    pages.push(made.desk.follow(&pages[5], Some("on")).await);
    assert_eq!(pages[6].kind, "receipt");
    made.keep("booked", pages);
    in_doubt(made).await;
    let mut pages = made.held().await;
    let asked = made.desk.press(&pages[3], "stop", &[]).await;
    pages.push(made.desk.press(&asked, "yes-cancel", &[]).await);
    made.keep("cancelled-with-an-undo", pages);
    let mut pages = made.asked_to_pay().await;
    made.desk.says(&pages[5], "pay", not_done(false)).await;
    pages.push(made.desk.follow(&pages[5], Some("on")).await);
    made.keep("not-done", pages);
}

/// What nobody knows whether it was done: taken back, and left to an operator.
async fn in_doubt(made: &mut Made) {
    let mut pages = made.asked_to_pay().await;
    made.desk.says(&pages[5], "pay", unknown()).await;
    pages.push(made.desk.follow(&pages[5], Some("on")).await);
    made.keep("unknown-and-undone", pages);
    let mut pages = made.checked().await;
    let waiting = made.desk.press(&pages[4], "desk", &[]).await;
    made.desk.says(&waiting, "desk", unknown()).await;
    assert!(made.desk.latest(&waiting, "desk").await.in_doubt());
    pages.push(waiting);
    made.keep("in-doubt", pages);
}

fn line(name: &str, pages: &[Sheet]) -> String {
    let last = pages.iter().rev().find(|page| !page.screen.is_empty()).unwrap();
    let mut screens: Vec<&str> = Vec::new();
    for page in pages.iter().rev().filter(|page| !page.screen.is_empty()) {
        if !screens.contains(&page.screen.as_str()) {
            screens.push(&page.screen);
        }
    }
    let (flow, session) = (&last.flow, &last.session);
    format!("{name} {flow} {session} {}\n", screens.join(","))
}

/// A new store, and a desk over it.
pub(super) async fn opened(flows: Vec<Flow>) -> (TempDir, Arc<Sled>, Made) {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(Arc::new(|why| panic!("the store has failed: {why}")));
    let store = Arc::new(Sled::open(&dir.path().join("data"), options).unwrap().0);
    let keys = KeyFile::at(&dir.path().join("data.key"), None);
    let desk = Desk::keyed(Arc::<Sled>::clone(&store) as _, flows, &keys).await;
    let made = Made {
        desk: desk.unwrap(),
        sessions: Vec::new(),
    };
    (dir, store, made)
}

/// Writes the directory and the names of its sessions.
pub(super) async fn write(to: &Path, dir: &TempDir, store: Arc<Sled>, made: Made) {
    std::fs::create_dir_all(to).unwrap();
    let mut text = format!("# at {}: name, flow, session, screens\n", made.desk.engine.now() / 1000);
    for (name, pages) in &made.sessions {
        text += &line(name, pages);
        println!("{name}: {} {}", pages.last().unwrap().kind, pages.last().unwrap().place);
    }
    std::fs::write(to.join("sessions.txt"), text).unwrap();
    drop(made);
    store.close().await;
    drop(store);
    let packed = std::process::Command::new("tar")
        .args(["--create", "--gzip", "--sort=name", "--owner=0", "--group=0", "--file"])
        .arg(to.join("data.tar.gz"))
        .arg("--directory")
        .arg(dir.path())
        .args(["data", "data.key"])
        .status();
    assert!(packed.unwrap().success());
}

#[tokio::test]
#[ignore = "writes a golden directory: only by a release, in its own tree"]
async fn a_data_directory_with_sessions_in_every_state() {
    let (dir, store, mut made) = opened(flows("release-1")).await;
    let book = flows("release-1").remove(1);
    over(&mut made).await;
    live(&mut made).await;
    effects(&mut made, &book).await;
    write(&folder("release-new"), &dir, store, made).await;
}
