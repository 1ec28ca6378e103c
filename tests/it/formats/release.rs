//! Data directories that releases before left, with sessions in every state: every page comes, every
//! press works, nothing is undone, and the ids of their pages open.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use deity::engine::{Reply, Request};
use deity::flow::Flow;
use deity::id::{ScreenId, SessionId};
use deity::machine::{Session, State};
use deity::store::key_file::KeyFile;
use deity::store::sled::{Options, Sled};
use tempfile::TempDir;

use super::made::{flows, folder};
use crate::effects::{done, is_undo, seats};
use crate::support::app::App;
use crate::support::desk::{Desk, NOON, Sheet, drawn, sheet};

/// The first one (records of version 2, its key in the store), and one with a key file, records in sections and
/// ids that say what was shown.
const RELEASES: [&str; 2] = ["release-1", "release-2"];

/// A session as it was left: the ids of its pages, the newest first.
#[derive(Clone, Debug)]
pub(super) struct Left {
    pub(super) name: String,
    pub(super) pages: Vec<Sheet>,
}

/// The directory, unpacked, and this program on it, a minute after it was left.
pub(super) struct Taken {
    release: &'static str,
    _dir: TempDir,
    pub(super) desk: Desk,
    pub(super) left: Vec<Left>,
}

pub(super) fn unpacked(release: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let packed = folder(release).join("data.tar.gz");
    let tar = Command::new("tar")
        .arg("-xzf")
        .arg(packed)
        .current_dir(dir.path())
        .status();
    assert!(tar.expect("tar is there").success());
    dir
}

pub(super) async fn taken(release: &'static str, flows: Vec<Flow>) -> Taken {
    let dir = unpacked(release);
    let text = std::fs::read_to_string(folder(release).join("sessions.txt")).unwrap();
    let (head, lines) = text.split_once('\n').unwrap();
    let at: i64 = head["# at ".len()..].split(':').next().unwrap().parse().unwrap();
    let options = Options::new(Arc::new(|why| panic!("the store has failed: {why}")));
    let store = Sled::open(&dir.path().join("data"), options).unwrap().0;
    let keys = KeyFile::at(&dir.path().join("data.key"), None);
    let desk = Desk::keyed(Arc::new(store), flows, &keys).await.unwrap();
    desk.wait(at - NOON + 60);
    let left = lines.lines().map(|line| {
        let [name, flow, session, screens] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let page = |screen: &str| Sheet::named(flow, session, screen);
        Left {
            name: name.to_owned(),
            pages: screens.split(',').map(page).collect(),
        }
    });
    Taken {
        release,
        _dir: dir,
        desk,
        left: left.collect(),
    }
}

impl Taken {
    pub(super) fn page(&self, name: &str) -> &Sheet {
        let left = self.left.iter().find(|left| left.name == name);
        &left.unwrap_or_else(|| panic!("no session is called {name}")).pages[0]
    }

    /// The kind of a page: in the first release a receipt could be forgotten.
    fn kind(&self, name: &str, kind: &'static str) -> &'static str {
        match (self.release, name) {
            ("release-2", "forgotten") => "receipt",
            _ => kind,
        }
    }

    /// Each session as it is in the store; none where it is gone.
    pub(super) async fn sessions(&self) -> BTreeMap<String, Session> {
        let mut all = BTreeMap::new();
        for left in &self.left {
            all.insert(left.name.clone(), self.desk.stored(&left.pages[0]).await);
        }
        all
    }
}

/// What each session's latest page is: kind, screen, status.
const PAGES: [(&str, &str, &str, u16); 27] = [
    ("expired-with-an-undo", "over", "", 410),
    ("expired", "over", "", 410),
    ("unfinished", "over", "", 410),
    ("ended", "receipt", "done", 200),
    ("forgotten", "short", "done", 200),
    ("cancelled", "over", "", 410),
    ("first-screen", "screen", "name", 200),
    ("secret-answered", "screen", "kind", 200),
    ("half-way", "screen", "extra", 200),
    ("review", "screen", "check", 200),
    ("sealed", "screen", "extra", 200),
    ("draft", "screen", "beta", 200),
    ("amended", "screen", "extra", 200),
    ("by-a-change-link", "screen", "beta", 200),
    ("on-a-changed-way", "screen", "alpha", 200),
    ("looking-up", "waiting", "seat", 200),
    ("waiting", "waiting", "seat", 200),
    ("waiting-under-a-lease", "waiting", "seat", 200),
    ("held", "screen", "name", 200),
    ("held-at-the-review", "screen", "check", 200),
    ("declined", "screen", "seat", 200),
    ("handed-off", "waiting", "check", 200),
    ("booked", "receipt", "done", 200),
    ("unknown-and-undone", "receipt", "sorry", 200),
    ("in-doubt", "waiting", "check", 200),
    ("cancelled-with-an-undo", "over", "", 410),
    ("not-done", "receipt", "sorry", 200),
];

/// What stands in a session that must not change by its being read.
pub(super) fn told(session: &Session) -> (u64, State, usize, usize) {
    let undos = session.asked.iter().filter(|asked| is_undo(asked)).count();
    (session.step, session.state.clone(), session.asked.len(), undos)
}

async fn every_page_comes(taken: &Taken) {
    let before = taken.sessions().await;
    let names: Vec<_> = taken.left.iter().map(|left| left.name.as_str()).collect();
    assert_eq!(
        names,
        PAGES.map(|page| page.0),
        "a state without an expectation, or the reverse"
    );
    for (name, kind, place, status) in PAGES {
        let kind = taken.kind(name, kind);
        let found = taken.desk.follow(taken.page(name), None).await;
        assert_eq!(
            (found.kind, found.place.as_str(), found.status),
            (kind, place, status),
            "{name}: {}",
            found.html
        );
    }
    for left in &taken.left {
        for page in &left.pages {
            let get = Request {
                post: false,
                ..Desk::post(page, None, &[])
            };
            let reply = taken.desk.engine.answer(get).await;
            let (status, html) = drawn(&reply);
            assert!(matches!(reply, Reply::Session(_)), "{}: {status} {html}", left.name);
            assert!([200, 409, 410].contains(&status), "{}: {status} {html}", left.name);
        }
    }
    let after = taken.sessions().await;
    for (name, session) in &before {
        assert_eq!(
            told(session),
            told(&after[name]),
            "{name}: a page that is looked at changes nothing"
        );
    }
}

#[tokio::test]
async fn every_page_of_the_release_before_comes_under_its_own_definitions() {
    for release in RELEASES {
        every_page_comes(&taken(release, flows("release-1")).await).await;
    }
}

#[tokio::test]
async fn every_page_comes_where_the_definitions_are_no_longer_among_the_files() {
    for release in RELEASES {
        every_page_comes(&taken(release, Vec::new()).await).await;
    }
}

/// Name, action, fields; kind, screen, status.
type Press = (
    &'static str,
    Option<&'static str>,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
    u16,
);

/// A press on each session's latest page, and what it leads to.
const PRESSES: [Press; 17] = [
    ("expired", None, &[("beta", "this")], "over", "", 410),
    ("unfinished", None, &[("note", "x")], "over", "", 410),
    ("forgotten", Some("open"), &[], "short", "done", 200),
    ("cancelled", None, &[("given", "Eve")], "over", "", 410),
    (
        "first-screen",
        None,
        &[("given", "Ada"), ("pin", "1")],
        "screen",
        "kind",
        200,
    ),
    ("secret-answered", None, &[("kind", "b")], "screen", "beta", 200),
    ("half-way", None, &[("note", "x")], "screen", "check", 200),
    ("review", None, &[], "receipt", "done", 200),
    ("sealed", None, &[("note", "x")], "screen", "check", 200),
    ("draft", None, &[("beta", "this")], "screen", "extra", 200),
    ("amended", None, &[("note", "x")], "screen", "check", 200),
    ("by-a-change-link", None, &[("beta", "that")], "screen", "check", 200),
    ("on-a-changed-way", None, &[("alpha", "3")], "screen", "check", 200),
    ("held", None, &[("given", "Ada")], "screen", "check", 200),
    ("held-at-the-review", Some("pay"), &[], "waiting", "check", 200),
    ("declined", None, &[("seat", "a2")], "waiting", "seat", 200),
    ("cancelled-with-an-undo", None, &[("given", "Ada")], "over", "", 410),
];

async fn every_press_works(taken: &Taken) {
    let undos = |session: &Session| session.asked.iter().filter(|asked| is_undo(asked)).count();
    let before = taken.sessions().await;
    for (name, action, fields, kind, place, status) in PRESSES {
        let kind = taken.kind(name, kind);
        let request = Desk::post(taken.page(name), action, fields);
        let found = sheet(taken.desk.engine.answer(request.clone()).await);
        assert_eq!(
            (found.kind, found.place.as_str(), found.status),
            (kind, place, status),
            "{name}: {}",
            found.html
        );
        let again = sheet(taken.desk.engine.answer(request).await);
        assert_eq!(
            (again.kind, &again.screen),
            (kind, &found.screen),
            "{name}: sent again, a replay"
        );
    }
    for (name, session) in taken.sessions().await {
        assert_eq!(
            undos(&session),
            undos(&before[&name]),
            "{name}: nothing is undone by a newer program"
        );
    }
}

#[tokio::test]
async fn every_press_works_and_undoes_nothing() {
    for release in RELEASES {
        every_press_works(&taken(release, flows("release-1")).await).await;
        every_press_works(&taken(release, Vec::new()).await).await;
    }
}

#[tokio::test]
async fn what_was_sent_to_the_release_before_is_a_replay() {
    for release in RELEASES {
        is_replayed(&taken(release, flows("release-1")).await).await;
    }
}

async fn is_replayed(taken: &Taken) {
    let walked = taken.left.iter().find(|left| left.name == "ended").unwrap();
    let sent: [&[(&str, &str)]; 5] = [
        &[("given", "Ada"), ("pin", "1234")],
        &[("kind", "b")],
        &[("beta", "this")],
        &[("note", "x")],
        &[],
    ];
    let step = taken.desk.stored(&walked.pages[0]).await.step;
    for (page, fields) in walked.pages.iter().rev().zip(sent) {
        let found = taken.desk.send(page, fields).await;
        assert_eq!(
            found.status,
            if fields.is_empty() { 200 } else { 409 },
            "{}",
            found.html
        );
    }
    assert_eq!(taken.desk.stored(&walked.pages[0]).await.step, step);
    // In a live one each leads where it led.
    let walked = taken.left.iter().find(|left| left.name == "review").unwrap();
    let led: Vec<_> = walked.pages.iter().rev().skip(1).collect();
    for ((page, fields), led) in walked.pages.iter().rev().zip(sent).zip(led) {
        let found = taken.desk.send(page, fields).await;
        // Its id says besides what it shows: that release did not.
        let key = taken.desk.stored(page).await.key;
        let bare = |screen: &str| ScreenId {
            shown: None,
            ..ScreenId::open(screen, &key).unwrap()
        };
        assert_eq!(
            (found.status, bare(&found.screen)),
            (200, bare(&led.screen)),
            "the very presentation that it had led to"
        );
    }
}

#[tokio::test]
async fn what_was_under_way_is_settled_and_what_is_due_is_done_once() {
    for release in RELEASES {
        is_settled(&taken(release, flows("release-1")).await).await;
    }
}

async fn is_settled(taken: &Taken) {
    let desk = &taken.desk;
    let looking = taken.page("looking-up");
    desk.says(looking, "seats", seats(&["a1"])).await;
    assert_eq!(desk.follow(looking, Some("open")).await.kind, "screen");
    for name in ["waiting", "waiting-under-a-lease"] {
        let page = taken.page(name);
        desk.says(page, "hold", done(&[("hold", "H-2")])).await;
        assert_eq!(desk.follow(page, Some("on")).await.place, "name", "{name}");
    }
    let page = taken.page("handed-off");
    desk.says(page, "pay", done(&[("ticket", "T-1")])).await;
    assert_eq!(desk.follow(page, Some("on")).await.kind, "receipt");
    for (name, effect) in [
        ("expired-with-an-undo", "release"),
        ("cancelled-with-an-undo", "release"),
        ("not-done", "release"),
    ] {
        let undo = desk.latest(taken.page(name), effect).await;
        assert!(is_undo(&undo) && undo.is_open(), "{name}: {undo:?}");
        desk.says(taken.page(name), effect, done(&[])).await;
        assert!(!desk.latest(taken.page(name), effect).await.is_open());
    }
    let in_doubt = taken.page("in-doubt");
    let at = SessionId::parse(&in_doubt.session).unwrap().key();
    let number = desk.latest(in_doubt, "desk").await.number;
    let done = deity::machine::Ruling::Done(BTreeMap::new());
    assert!(desk.engine.rule(at, number, &done).await.unwrap());
    assert_eq!(desk.follow(in_doubt, Some("on")).await.place, "noted");
}

#[test]
fn an_operators_command_lists_every_session_of_the_release_before() {
    let app = App::stopped(&[]);
    for release in RELEASES {
        let dir = unpacked(release);
        let data = dir.path().join("data");
        let listed = app.deity(&["sessions", "list", "--data", data.to_str().unwrap()]);
        let text = String::from_utf8_lossy(&listed.stdout).into_owned();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        let lines = text
            .lines()
            .filter(|line| line.contains(" walk ") || line.contains(" book "));
        assert_eq!(lines.count(), PAGES.len(), "{text}");
    }
}
