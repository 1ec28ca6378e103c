//! Moods: every one does what it says, and the same seed has the same moods.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use deity::demo::Mood;

use super::{Books, Served, parsed};
use crate::support::wire::Answer;

/// A server whose first request meets a mood like that.
fn in_mood(books: &Books, like: impl Fn(Mood) -> bool) -> (Served, Mood) {
    let seed = (0..1000).find(|seed| like(Mood::of(*seed, 0))).unwrap();
    (Served::start(&books.demo, Some(seed)), Mood::of(seed, 0))
}

fn transfer(served: &Served) -> std::io::Result<Answer> {
    let body = b"from=current&to=energy&amount=1";
    served.send("POST", "/transfers", &[("Idempotency-Key", "k")], body)
}

fn done(books: &Books) -> usize {
    books.audit().transfers.len()
}

#[test]
fn about_half_of_all_requests_are_treated_normally_and_no_mood_is_missing() {
    let moods: Vec<_> = (0..1600).map(|n| Mood::of(7, n)).collect();
    assert_eq!(moods, (0..1600).map(|n| Mood::of(7, n)).collect::<Vec<_>>());
    let count = |like: fn(&Mood) -> bool| moods.iter().filter(|mood| like(mood)).count();
    let normal = count(|mood| *mood == Mood::Normal);
    assert!((700..900).contains(&normal), "{normal}");
    assert!(
        moods
            .iter()
            .all(|mood| !matches!(mood, Mood::Late(pause) if pause.as_millis() > 1500))
    );
    for like in [
        (|mood| matches!(mood, Mood::Late(_))) as fn(&Mood) -> bool,
        |mood| *mood == Mood::DoneThenError,
        |mood| *mood == Mood::DoneThenGarbage,
        |mood| *mood == Mood::DoneThenClosed,
        |mood| *mood == Mood::Twice,
        |mood| *mood == Mood::Busy,
        |mood| *mood == Mood::Never,
    ] {
        assert!(count(like) > 50);
    }
}

#[test]
fn a_late_answer_comes_after_its_pause() {
    let books = Books::new();
    let (served, mood) = in_mood(
        &books,
        |mood| matches!(mood, Mood::Late(pause) if pause.as_millis() > 300),
    );
    let Mood::Late(pause) = mood else { panic!("{mood:?}") };
    let before = Instant::now();
    assert_eq!(transfer(&served).unwrap().status, 200);
    assert!(before.elapsed() >= pause);
    assert_eq!(done(&books), 1);
}

#[test]
fn what_is_done_may_be_answered_with_an_error_or_garbage_or_not_at_all() {
    let books = Books::new();
    let (served, _) = in_mood(&books, |mood| mood == Mood::DoneThenError);
    assert_eq!(transfer(&served).unwrap().status, 500);
    assert_eq!(done(&books), 1);

    let books = Books::new();
    let (served, _) = in_mood(&books, |mood| mood == Mood::DoneThenGarbage);
    let answer = transfer(&served).unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
    assert_eq!(done(&books), 1);

    let books = Books::new();
    let (served, _) = in_mood(&books, |mood| mood == Mood::DoneThenClosed);
    assert!(transfer(&served).is_err());
    assert_eq!(done(&books), 1);
}

#[test]
fn what_is_delivered_twice_is_done_once() {
    let books = Books::new();
    let (served, _) = in_mood(&books, |mood| mood == Mood::Twice);
    let (status, said) = parsed(&transfer(&served).unwrap());
    assert_eq!((status, said["transfer"].as_str()), (200, Some("T-1")));
    assert_eq!(done(&books), 1);
}

#[test]
fn who_is_too_busy_does_nothing_and_says_when_to_come_again() {
    let books = Books::new();
    let (served, _) = in_mood(&books, |mood| mood == Mood::Busy);
    let answer = transfer(&served).unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(done(&books), 0);
}

#[test]
fn who_never_answers_does_nothing_and_holds_the_connection_until_the_stop() {
    let books = Books::new();
    let (served, _) = in_mood(&books, |mood| mood == Mood::Never);
    let mut stream = TcpStream::connect(served.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let body = "from=current&to=energy&amount=1";
    let length = body.len();
    let head = format!("POST /transfers HTTP/1.1\r\nHost: a\r\nIdempotency-Key: k\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut byte = [0];
    assert!(stream.read(&mut byte).is_err(), "still open, and silent");
    assert_eq!(done(&books), 0);
    drop(served);
    assert_eq!(stream.read(&mut byte).unwrap_or(0), 0);
}

#[test]
fn the_pay_page_is_never_moody() {
    let books = Books::new();
    let (served, _) = in_mood(&books, |mood| mood == Mood::Never);
    assert_eq!(served.send("GET", "/pay/x", &[], b"").unwrap().status, 404);
}
