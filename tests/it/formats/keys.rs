//! The key file: made before the store, belonging to one store, outside of it and its backups.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use deity::engine::{Request, Unopened};
use deity::id::{Return, ServerKey, SessionId};
use deity::store::key_file::{Found, KeyFile, Keys, Secret};
use deity::store::sled::{Options, Sled};
use deity::store::{Key, Memory, Store};

use super::made::flows;
use super::release::unpacked;
use crate::support::app::App;
use crate::support::desk::{Desk, drawn, sheet};

const OLD_KEY: Key = Key::Meta(*b"server key      ");

fn sled(dir: &Path) -> Arc<Sled> {
    let options = Options::new(Arc::new(|why| panic!("the store has failed: {why}")));
    Arc::new(Sled::open(&dir.join("data"), options).unwrap().0)
}

fn found(file: &KeyFile) -> Keys {
    match file.read().unwrap() {
        Found::Keys(keys, _) => keys,
        other => panic!("{other:?}"),
    }
}

async fn refusal(store: Arc<dyn Store>, file: &KeyFile) -> String {
    match Desk::keyed(store, [], file).await {
        Err(Unopened::Keys(refused)) => format!("{} / {}", refused.what, refused.help),
        Err(Unopened::Store(error)) => panic!("{error}"),
        Ok(_) => panic!("the store was opened"),
    }
}

#[tokio::test]
async fn the_key_of_a_store_of_the_release_before_moves_out_of_it_and_what_it_made_stays_good() {
    let dir = unpacked("release-1");
    let store = sled(dir.path());
    let old = store.get(OLD_KEY).await.unwrap().unwrap().bytes;
    let old = ServerKey(old.try_into().unwrap());
    let file = KeyFile::at(&dir.path().join("data.key"), None);
    let desk = Desk::keyed(Arc::<Sled>::clone(&store) as _, flows("release-1"), &file)
        .await
        .unwrap();
    assert!(found(&file).server == old);
    assert_eq!(store.get(OLD_KEY).await.unwrap(), None, "it is in the store no more");
    // A return URL of then still leads to its session's flow; its session is in the golden list.
    let text = fs::read_to_string(super::made::folder("release-1").join("sessions.txt")).unwrap();
    let line = text.lines().find(|line| line.starts_with("handed-off ")).unwrap();
    let session = SessionId::parse(line.split(' ').nth(2).unwrap()).unwrap();
    let number = desk
        .latest(
            &crate::support::desk::Sheet::named("book", &session.to_string(), ""),
            "pay",
        )
        .await
        .number;
    let request = Request {
        returning: Some(Return { session, number }.text(&old)),
        post: false,
        ..Desk::request("book")
    };
    let (status, html) = drawn(&desk.engine.answer(request).await);
    assert!(status == 200 && html.contains("You are back"), "{status} {html}");
}

#[tokio::test]
async fn a_new_store_gets_its_keys_and_the_next_start_finds_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    let file = KeyFile::at(&path, None);
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    let first = Desk::keyed(Arc::clone(&store), flows("release-1"), &file)
        .await
        .unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let request = Request {
        session: first.ticket("walk"),
        ..Desk::request("walk")
    };
    let bytes = fs::read(&path).unwrap();
    let again = Desk::keyed(store, flows("release-1"), &file).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(
        sheet(again.engine.answer(request).await).kind,
        "screen",
        "a ticket of before is good"
    );
}

#[tokio::test]
async fn a_store_without_its_key_file_or_with_anothers_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let (own, other) = (dir.path().join("own"), dir.path().join("other"));
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    let open = |store, path: &Path| {
        let file = KeyFile::at(path, None);
        async move { Desk::keyed(store, [], &file).await }
    };
    open(Arc::clone(&store), &own).await.unwrap();
    let another = Keys::new([7; 16], ServerKey([7; 32]));
    KeyFile::at(&other, None).write(&another, [0; 12]).unwrap();
    let before = found(&KeyFile::at(&own, None));

    let words = refusal(Arc::clone(&store), &KeyFile::at(&other, None)).await;
    assert!(
        words.contains("belongs to another store") && words.contains("other"),
        "{words}"
    );
    fs::rename(&own, dir.path().join("away")).unwrap();
    let words = refusal(Arc::clone(&store), &KeyFile::at(&own, None)).await;
    assert!(words.contains("not there") && words.contains("put it back"), "{words}");
    assert!(!own.exists(), "nothing is made in its place");
    fs::write(&own, b"deitykey and more").unwrap();
    let words = refusal(Arc::clone(&store), &KeyFile::at(&own, None)).await;
    assert!(words.contains("newer program") || words.contains("damaged"), "{words}");
    // An empty file is the operator's word that the keys are lost.
    let lost = Keys::new(before.store, ServerKey([5; 32]));
    KeyFile::at(&own, None).write(&lost, [0; 12]).unwrap();
    open(Arc::clone(&store), &own).await.unwrap();
    fs::write(&own, b"").unwrap();
    open(Arc::clone(&store), &own).await.unwrap();
    let after = found(&KeyFile::at(&own, None));
    assert!(after.store == before.store && after.server != lost.server);
}

#[tokio::test]
async fn a_start_that_died_between_file_and_store_is_taken_up() {
    let dir = unpacked("release-1");
    let file = KeyFile::at(&dir.path().join("data.key"), None);
    let store = sled(dir.path());
    let old = store.get(OLD_KEY).await.unwrap().unwrap().bytes;
    let keys = Keys::new([7; 16], ServerKey(old.try_into().unwrap()));
    file.write(&keys, [0; 12]).unwrap();
    Desk::keyed(Arc::<Sled>::clone(&store) as _, [], &file).await.unwrap();
    assert!(found(&file) == keys);
    assert_eq!(store.get(OLD_KEY).await.unwrap(), None);
    // ... but not with a file that holds another key.
    let dir = unpacked("release-1");
    file.write(&Keys::new([7; 16], ServerKey([7; 32])), [0; 12]).unwrap();
    let words = refusal(sled(dir.path()), &file).await;
    assert!(words.contains("belongs to another store"), "{words}");
}

#[tokio::test]
async fn sealed_under_an_operators_key_it_opens_under_that_only() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    let plain = KeyFile::at(&path, None);
    Desk::keyed(Arc::clone(&store), [], &plain).await.unwrap();
    let keys = found(&plain);
    let holds = |bytes: Vec<u8>| bytes.windows(32).any(|part| part == keys.server.0);
    assert!(holds(fs::read(&path).unwrap()));
    // An operator's key that came later seals it at the next start.
    let sealed = KeyFile::at(&path, Secret::read(&[9; 32]));
    Desk::keyed(Arc::clone(&store), [], &sealed).await.unwrap();
    assert!(!holds(fs::read(&path).unwrap()));
    assert!(found(&sealed) == keys);
    let words = refusal(Arc::clone(&store), &plain).await;
    assert!(words.contains("sealed under an operator's key"), "{words}");
    let words = refusal(store, &KeyFile::at(&path, Secret::read(&[8; 32]))).await;
    assert!(words.contains("another operator's key"), "{words}");
}

#[test]
fn the_program_keeps_its_keys_beside_the_data_and_says_what_is_missing() {
    let mut app = App::start(&[("walk", crate::table::WALK)]);
    app.stop();
    let file = app.dir.path().join("data.key");
    let bytes = fs::read(&file).unwrap();
    let key = &bytes[bytes.len() - 36..bytes.len() - 4];
    for entry in fs::read_dir(app.data())
        .unwrap()
        .chain(fs::read_dir(app.data().join("sled")).unwrap())
    {
        let path = entry.unwrap().path();
        let text = if path.is_file() {
            fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        assert!(
            !text.windows(32).any(|part| part == key),
            "the key is in {}",
            path.display()
        );
    }
    fs::remove_file(&file).unwrap();
    let refused = app.deity(&["sessions", "list", "--data", "data"]);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{words}");
    for part in ["data.key", "is not there", "put it back"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    fs::write(&file, &bytes).unwrap();
    assert!(app.deity(&["sessions", "list", "--data", "data"]).status.success());
    let within = app.deity(&["sessions", "list", "--data", "data", "--key-file", "data/sled/keys"]);
    let words = String::from_utf8_lossy(&within.stderr).into_owned();
    assert!(
        !within.status.success() && words.contains("lies in the data directory"),
        "{words}"
    );
    app.run();
}
