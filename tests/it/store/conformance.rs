//! What every engine of the store does alike: one suite, run on each of them.

use std::collections::BTreeSet;

use deity::id::SessionKey;
use deity::limits::RECORD_BYTES;
use deity::store::sled::PART_BYTES;
use deity::store::{Error, Key, KeyKind, Token, Written};
use tokio::task::JoinSet;

use super::subject::{Subject, due, session, token, write};

macro_rules! on_every_engine {
    ($($check:ident,)*) => {
        on_every_engine! { memory: $($check)* }
        on_every_engine! { sled: $($check)* }
        on_every_engine! { cold: $($check)* }
        on_every_engine! { reopened: $($check)* }
    };
    ($engine:ident: $($check:ident)*) => {
        mod $engine {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $check() {
                    super::$check(super::Subject::$engine()).await;
                }
            )*
        }
    };
}

on_every_engine! {
    nothing_is_at_a_key_that_was_never_written,
    of_64_creations_one_is_committed,
    of_64_writes_over_one_version_one_is_committed,
    only_the_present_version_and_tag_are_replaced,
    a_removed_record_begins_anew,
    every_length_comes_back_whole,
    a_record_grows_and_shrinks,
    a_record_over_its_bound_is_refused,
    sixty_four_writers_on_one_key_lose_nothing,
    sixty_four_writers_on_their_own_keys_lose_nothing,
    a_reader_never_sees_half_a_record,
    due_sessions_are_leased,
    the_present_wake_alone_counts,
    claims_at_once_share_the_work,
    a_scan_meets_each_record_of_its_kind_once,
    it_says_that_it_is_well,
}

async fn nothing_is_at_a_key_that_was_never_written(subject: Subject) {
    assert_eq!(subject.at(session(1)).await, None);
    let store = subject.store();
    let never = Token { version: 1, tag: 0 };
    assert_eq!(
        store.cas(session(1), never, write(1, "x")).await.unwrap(),
        Written::Conflict
    );
    assert_eq!(store.delete(session(1), never).await.unwrap(), Written::Conflict);
    assert_eq!(subject.at(session(1)).await, None);
}

async fn of_64_creations_one_is_committed(mut subject: Subject) {
    let mut tasks = JoinSet::new();
    for tag in 0..64 {
        let store = subject.store();
        tasks.spawn(async move { (tag, store.create(session(1), write(tag, [7; 100])).await.unwrap()) });
    }
    let won: Vec<_> = tasks
        .join_all()
        .await
        .into_iter()
        .filter(|(_, written)| *written != Written::Conflict)
        .collect();
    let [(tag, Written::Committed(token))] = won[..] else {
        panic!("{won:?}");
    };
    assert_eq!(token, Token { version: 1, tag });
    subject.again();
    assert_eq!(subject.at(session(1)).await.unwrap().token, token);
}

async fn of_64_writes_over_one_version_one_is_committed(mut subject: Subject) {
    let first = token(subject.store().create(session(1), write(99, "0")).await.unwrap());
    subject.again();
    let mut tasks = JoinSet::new();
    for tag in 0..64_u64 {
        let store = subject.store();
        tasks.spawn(async move { store.cas(session(1), first, write(tag, tag.to_string())).await.unwrap() });
    }
    let results = tasks.join_all().await;
    let won: Vec<_> = results.into_iter().filter(|w| *w != Written::Conflict).collect();
    assert_eq!(won.len(), 1, "{won:?}");
    subject.again();
    let stored = subject.at(session(1)).await.unwrap();
    assert_eq!(won[0], Written::Committed(stored.token));
    assert_eq!(stored.bytes, stored.token.tag.to_string().into_bytes());
}

async fn only_the_present_version_and_tag_are_replaced(mut subject: Subject) {
    let first = token(subject.store().create(session(1), write(5, "one")).await.unwrap());
    assert_eq!(
        subject.store().create(session(1), write(6, "again")).await.unwrap(),
        Written::Conflict
    );
    let second = token(subject.store().cas(session(1), first, write(7, "two")).await.unwrap());
    assert_eq!(second, Token { version: 2, tag: 7 });
    subject.again();
    let wrong = [
        first,
        Token { version: 2, tag: 5 },
        Token { version: 1, tag: 7 },
        Token { version: 3, tag: 7 },
    ];
    for expect in wrong {
        let store = subject.store();
        assert_eq!(
            store.cas(session(1), expect, write(8, "no")).await.unwrap(),
            Written::Conflict
        );
        assert_eq!(store.delete(session(1), expect).await.unwrap(), Written::Conflict);
    }
    let stored = subject.at(session(1)).await.unwrap();
    assert_eq!((stored.token, stored.bytes.as_slice()), (second, b"two".as_slice()));
}

async fn a_removed_record_begins_anew(mut subject: Subject) {
    for round in 0..3 {
        let bytes = vec![round; PART_BYTES * 2 + 1];
        let first = token(subject.store().create(session(1), due(1, 10, &bytes)).await.unwrap());
        assert_eq!(first.version, 1);
        subject.again();
        assert_eq!(subject.at(session(1)).await.unwrap().bytes, bytes);
        token(subject.store().delete(session(1), first).await.unwrap());
        subject.again();
        assert_eq!(subject.at(session(1)).await, None);
        let store = subject.store();
        assert_eq!(store.claim(100, 200, 9).await.unwrap(), []);
        assert_eq!(store.scan(KeyKind::Session, None, 9).await.unwrap(), []);
    }
}

async fn every_length_comes_back_whole(mut subject: Subject) {
    let mut lengths = vec![0, 1, RECORD_BYTES - 1, RECORD_BYTES];
    for edge in [PART_BYTES, 16 << 10, 2 * PART_BYTES, 32 << 10, 3 * PART_BYTES] {
        lengths.extend([edge - 1, edge, edge + 1]);
    }
    let pattern = |length: usize| (0..length).map(|n| (n * 31 % 251) as u8).collect::<Vec<_>>();
    for (n, length) in (0..).zip(&lengths) {
        let store = subject.store();
        token(store.create(session(n), due(1, 1, pattern(*length))).await.unwrap());
    }
    subject.again();
    for (n, length) in (0..).zip(&lengths) {
        assert_eq!(
            subject.at(session(n)).await.unwrap().bytes,
            pattern(*length),
            "{length} bytes"
        );
    }
    // What is claimed and what is scanned is as whole as what is got.
    let claimed = subject.store().claim(1, 2, 99).await.unwrap();
    let scanned = subject.store().scan(KeyKind::Session, None, 99).await.unwrap();
    for found in [
        claimed
            .into_iter()
            .map(|(_, stored)| stored.bytes)
            .collect::<BTreeSet<_>>(),
        scanned.into_iter().map(|(_, stored)| stored.bytes).collect(),
    ] {
        assert_eq!(found, lengths.iter().map(|length| pattern(*length)).collect());
    }
}

async fn a_record_grows_and_shrinks(mut subject: Subject) {
    let mut expect = token(subject.store().create(session(1), write(0, "")).await.unwrap());
    let lengths = [
        1,
        4 * PART_BYTES,
        2 * PART_BYTES,
        2 * PART_BYTES + 1,
        0,
        RECORD_BYTES,
        PART_BYTES,
        3,
    ];
    for (n, length) in (1_u8..).zip(lengths) {
        let bytes = vec![n; length];
        let written = subject.store().cas(session(1), expect, write(n.into(), &bytes)).await;
        expect = token(written.unwrap());
        subject.again();
        let stored = subject.at(session(1)).await.unwrap();
        assert_eq!((stored.token, stored.bytes), (expect, bytes));
    }
}

async fn a_record_over_its_bound_is_refused(subject: Subject) {
    let store = subject.store();
    let long = vec![1; RECORD_BYTES + 1];
    let first = token(store.create(session(1), write(1, "short")).await.unwrap());
    for result in [
        store.create(session(2), write(1, &long)).await,
        store.cas(session(1), first, write(2, &long)).await,
    ] {
        assert!(matches!(result, Err(Error::NotApplied(_))), "{result:?}");
    }
    assert_eq!(subject.at(session(1)).await.unwrap().token, first);
    assert_eq!(subject.at(session(2)).await, None);
}

async fn sixty_four_writers_on_one_key_lose_nothing(mut subject: Subject) {
    let key = Key::Meta([3; 16]);
    token(
        subject
            .store()
            .create(key, write(0, 0_u64.to_le_bytes()))
            .await
            .unwrap(),
    );
    let mut tasks = JoinSet::new();
    for writer in 1..=64_u64 {
        let store = subject.store();
        tasks.spawn(async move {
            for round in 0..3 {
                loop {
                    let stored = store.get(key).await.unwrap().unwrap();
                    let sum = u64::from_le_bytes(stored.bytes.try_into().unwrap()) + 1;
                    let next = write(writer << 8 | round, sum.to_le_bytes());
                    if store.cas(key, stored.token, next).await.unwrap() != Written::Conflict {
                        break;
                    }
                }
            }
        });
    }
    tasks.join_all().await;
    subject.again();
    let stored = subject.at(key).await.unwrap();
    assert_eq!(stored.token.version, 64 * 3 + 1);
    assert_eq!(stored.bytes, (64_u64 * 3).to_le_bytes());
}

async fn sixty_four_writers_on_their_own_keys_lose_nothing(mut subject: Subject) {
    let mut tasks = JoinSet::new();
    for n in 0..64 {
        let store = subject.store();
        tasks.spawn(async move {
            let bytes = vec![n as u8; 300 * n as usize];
            let mut expect = token(store.create(session(n), write(0, &bytes)).await.unwrap());
            for tag in 1..8 {
                expect = token(store.cas(session(n), expect, write(tag, &bytes)).await.unwrap());
            }
        });
    }
    tasks.join_all().await;
    subject.again();
    for n in 0..64 {
        let stored = subject.at(session(n)).await.unwrap();
        assert_eq!(stored.token, Token { version: 8, tag: 7 });
        assert_eq!(stored.bytes, vec![n as u8; 300 * n as usize]);
    }
}

async fn a_reader_never_sees_half_a_record(subject: Subject) {
    let mut expect = token(subject.store().create(session(1), write(0, [0; 10])).await.unwrap());
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let store = subject.store();
        readers.spawn(async move {
            let mut seen = 0;
            while seen < 40 {
                let stored = store.get(session(1)).await.unwrap().unwrap();
                let version = stored.token.version;
                assert!(version >= seen, "version {version} after {seen}");
                seen = version;
                let fill = (version - 1) as u8;
                assert!(stored.bytes.iter().all(|byte| *byte == fill), "version {version}");
                assert_eq!(stored.bytes.len(), length(version));
            }
        });
    }
    fn length(version: u64) -> usize {
        if version % 2 == 1 { 10 } else { 5 * PART_BYTES }
    }
    for version in 2..=40 {
        let bytes = vec![(version - 1) as u8; length(version)];
        expect = token(
            subject
                .store()
                .cas(session(1), expect, write(version, bytes))
                .await
                .unwrap(),
        );
    }
    readers.join_all().await;
}

async fn due_sessions_are_leased(mut subject: Subject) {
    let times = [i64::MIN, -5, 0, 99, 100, 101, i64::MAX - 1, i64::MAX];
    for (n, wake) in (0..).zip(times) {
        token(
            subject
                .store()
                .create(session(n), due(7, wake, [n as u8]))
                .await
                .unwrap(),
        );
    }
    token(
        subject
            .store()
            .create(Key::Meta([1; 16]), due(7, 0, "meta"))
            .await
            .unwrap(),
    );
    token(
        subject
            .store()
            .create(Key::Definition([1; 16]), due(7, 0, "def"))
            .await
            .unwrap(),
    );
    subject.again();

    let claimed = subject.store().claim(100, 1000, 99).await.unwrap();
    let found: BTreeSet<_> = claimed.iter().map(|(_, stored)| stored.bytes[0]).collect();
    assert_eq!(found, BTreeSet::from([0, 1, 2, 3, 4]));
    for (key, stored) in &claimed {
        assert_eq!(Key::Session(*key), session(stored.bytes[0].into()));
        assert_eq!(stored.token, Token { version: 1, tag: 7 });
        assert_eq!(stored.wake, 1000);
        assert_eq!(subject.at(Key::Session(*key)).await.as_ref(), Some(stored));
    }
    subject.again();
    assert_eq!(subject.store().claim(100, 1000, 99).await.unwrap(), []);
    assert_eq!(subject.store().claim(999, 1000, 99).await.unwrap().len(), 1);
    // Who claimed and died is claimed from when the lease is over; what is never due never is.
    assert_eq!(subject.store().claim(1000, 2000, 99).await.unwrap().len(), 6);
    assert_eq!(subject.store().claim(i64::MAX, i64::MAX, 99).await.unwrap().len(), 7);
    assert_eq!(subject.store().claim(i64::MAX, i64::MAX, 99).await.unwrap(), []);
}

async fn the_present_wake_alone_counts(mut subject: Subject) {
    let store = subject.store();
    let first = token(store.create(session(1), due(1, 10, "a")).await.unwrap());
    // Put off by a lease, and the write that follows is guarded by the same version.
    assert_eq!(store.claim(10, 50, 9).await.unwrap().len(), 1);
    let second = token(store.cas(session(1), first, due(2, 30, "b")).await.unwrap());
    drop(store);
    subject.again();
    assert_eq!(subject.store().claim(29, 60, 9).await.unwrap(), []);
    assert_eq!(subject.store().claim(30, 60, 9).await.unwrap().len(), 1);
    let third = token(subject.store().cas(session(1), second, due(3, 60, "c")).await.unwrap());
    let fourth = token(subject.store().cas(session(1), third, due(4, 60, "d")).await.unwrap());
    subject.again();
    assert_eq!(subject.store().claim(59, 99, 9).await.unwrap(), []);
    let claimed = subject.store().claim(60, 99, 9).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].1.bytes, b"d");
    token(subject.store().cas(session(1), fourth, write(5, "e")).await.unwrap());
    subject.again();
    assert_eq!(subject.store().claim(i64::MAX, 0, 9).await.unwrap(), []);
}

async fn claims_at_once_share_the_work(subject: Subject) {
    for n in 0..200 {
        let store = subject.store();
        token(store.create(session(n), due(1, i64::from(n), [])).await.unwrap());
    }
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let store = subject.store();
        tasks.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = store.claim(1000, 9000, 7).await.unwrap();
                assert!(claimed.len() <= 7);
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|(key, _)| key));
            }
        });
    }
    let claimed = tasks.join_all().await.concat();
    let each: BTreeSet<SessionKey> = claimed.iter().copied().collect();
    assert_eq!((claimed.len(), each.len()), (200, 200));
}

async fn a_scan_meets_each_record_of_its_kind_once(mut subject: Subject) {
    let of = |kind, n: u8| match kind {
        KeyKind::Meta => Key::Meta([n; 16]),
        KeyKind::Definition => Key::Definition([n; 16]),
        KeyKind::Session => Key::Session(SessionKey([n; 16])),
        KeyKind::Code => Key::Code([n; 16]),
    };
    let kinds = [KeyKind::Meta, KeyKind::Definition, KeyKind::Session, KeyKind::Code];
    for kind in kinds {
        for n in [0, 1, 0x63, 0x64, 0x6d, 0x73, 0x77, 0xfe, 0xff] {
            let bytes = vec![n; 100 * usize::from(n)];
            token(subject.store().create(of(kind, n), write(1, bytes)).await.unwrap());
        }
    }
    subject.again();
    for kind in kinds {
        for limit in [1, 2, 4, 9, 50] {
            let mut found = Vec::new();
            let mut after = None;
            loop {
                let page = subject.store().scan(kind, after, limit).await.unwrap();
                assert!(page.len() <= limit);
                let Some((last, _)) = page.last() else { break };
                after = Some(*last);
                found.extend(page.into_iter().map(|(key, stored)| {
                    assert_eq!(
                        Some(key),
                        stored.bytes.first().map(|n| of(kind, *n)).or(Some(of(kind, 0)))
                    );
                    key
                }));
            }
            assert_eq!(found.len(), 9, "{kind:?} by {limit}");
            assert!(found.is_sorted());
        }
    }
    assert_eq!(subject.store().scan(KeyKind::Meta, None, 0).await.unwrap(), []);
}

async fn it_says_that_it_is_well(mut subject: Subject) {
    subject.store().check().await.unwrap();
    subject.again();
    subject.store().check().await.unwrap();
}
