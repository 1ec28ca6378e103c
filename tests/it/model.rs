//! Seeded random walks against a reference that is too simple to be wrong: a map of answers, a
//! map of what was sent from which page, and the way through the screens written out by hand.
//! Fails when a kind of outcome was never met.

use std::collections::{BTreeMap, BTreeSet};

use deity::id::{ScreenId, ScreenKey};
use deity::machine::{Place, State, Verdict};

use crate::support::desk::{Desk, Sheet, read};
use crate::table::WALK;

type Fields = Vec<(&'static str, &'static str)>;

#[derive(Default)]
struct Reference {
    answers: BTreeMap<String, Fields>,
    sent: BTreeMap<(String, &'static str), Fields>,
    step: u64,
    ended_by: Option<(String, Fields)>,
    /// What each review showed.
    shown: BTreeMap<String, Vec<(&'static str, Fields)>>,
}

impl Reference {
    /// The screens from the first to the one that lacks an answer.
    fn path(&self) -> Vec<&'static str> {
        let mut path = vec!["intro", "name"];
        let kind = self.answers.get("kind").and_then(|f| f.first()).map(|f| f.1);
        let branch = if kind == Some("a") { "alpha" } else { "beta" };
        for (from, to) in [
            ("name", "kind"),
            ("kind", branch),
            (branch, "extra"),
            ("extra", "check"),
        ] {
            if !self.answers.contains_key(from) {
                return path;
            }
            path.push(to);
        }
        path
    }

    /// What a review shows: the answers on the path.
    fn review(&self) -> Vec<(&'static str, Fields)> {
        let answers = |screen| Some((screen, self.answers.get(screen)?.clone()));
        self.path().into_iter().filter_map(answers).collect()
    }
}

/// What may be typed on a screen; the last one does not pass.
fn typings(screen: &str) -> Vec<Fields> {
    match screen {
        "name" => vec![
            vec![("given", "Ada")],
            vec![("given", "Bea")],
            vec![("given", "Cy")],
            vec![("given", "")],
        ],
        "kind" => vec![vec![("kind", "a")], vec![("kind", "b")], vec![]],
        "alpha" => vec![vec![("alpha", "1")], vec![("alpha", "9")], vec![("alpha", "10")]],
        "beta" => vec![vec![("beta", "this")], vec![("beta", "that")], vec![]],
        "extra" => vec![vec![("note", "n")], vec![], vec![("note", "m"), ("dose", "2")]],
        _ => vec![vec![]],
    }
}

/// A small generator, so that a seed is enough to see a failure again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }
}

#[tokio::test]
async fn random_walks_agree_with_the_reference() {
    let mut met = BTreeSet::new();
    let seeds = crate::support::rounds(300, 60);
    for seed in 0..seeds {
        walk(seed as u64, &mut met).await;
    }
    let all = [
        "amended",
        "ended",
        "first",
        "invalid",
        "kept",
        "late",
        "not offered",
        "receipt again",
        "replayed",
        "shown another",
    ];
    assert_eq!(met.into_iter().collect::<Vec<_>>(), all, "every kind of outcome is met");
}

async fn walk(seed: u64, met: &mut BTreeSet<&'static str>) {
    let mut dice = Dice(seed);
    let desk = Desk::open([read("walk", WALK)]).await;
    let mut pages = vec![desk.start("walk").await];
    let key = desk.stored(&pages[0]).await.key;
    let mut reference = Reference {
        step: 1,
        ..Reference::default()
    };
    for _ in 0..40 {
        // Mostly the newest page, often a kept one.
        let newest = pages.len() - 1;
        let page = pages[if dice.roll(3) > 0 {
            newest
        } else {
            dice.roll(pages.len())
        }]
        .clone();
        let typings = typings(&page.place);
        let fields = typings[dice.roll(typings.len())].clone();
        let bare = Sheet {
            screen: bare(&page, &key),
            ..page.clone()
        };
        let same = page.place != "check" || reference.shown.get(&page.screen) == Some(&reference.review());
        let (expected, verdict) = expect(&mut reference, &bare, &fields, same);
        met.insert(expected);
        let next = desk.send(&page, &fields).await;
        let context = format!("seed {seed}, {expected}: {} {fields:?}", page.place);
        assert_eq!(next.verdict, verdict, "{context}");
        compare(&desk, &pages[0], &reference, &context).await;
        if next.kind == "screen" {
            if next.place == "check" {
                reference.shown.insert(next.screen.clone(), reference.review());
            }
            pages.push(next);
        }
    }
}

/// Which presentation it is, whatever it showed.
fn bare(page: &Sheet, key: &ScreenKey) -> String {
    let id = ScreenId::open(&page.screen, key).expect("the session's own");
    ScreenId { shown: None, ..id }.sealed(key)
}

/// Applies a submission to the reference: what it is, and how it comes out. `same`: what its page
/// showed is what counts now.
fn expect(reference: &mut Reference, page: &Sheet, fields: &Fields, same: bool) -> (&'static str, Verdict) {
    let main = if page.place == "check" { "submit" } else { "continue" };
    let key = (page.screen.clone(), main);
    if let Some((screen, sent)) = &reference.ended_by {
        return if *screen == page.screen && sent == fields {
            ("receipt again", Verdict::Done)
        } else {
            ("late", Verdict::Conflict)
        };
    }
    if reference.sent.get(&key).is_some_and(|sent| sent == fields) {
        return ("replayed", Verdict::Done);
    }
    let path = reference.path();
    let on_path = path.contains(&page.place.as_str());
    let alpha = reference.answers.get("kind").is_some_and(|f| f[0].1 == "a");
    if page.place == "extra" && fields.len() == 2 && !alpha {
        return ("not offered", Verdict::Conflict);
    }
    if on_path && !same {
        return ("shown another", Verdict::Conflict);
    }
    let complete = matches!(page.place.as_str(), "extra" | "check");
    let empty = fields.first().is_none_or(|f| f.1.is_empty());
    if !complete && (empty || fields[0].1 == "10") {
        return ("invalid", Verdict::Invalid);
    }
    reference.step += 1;
    reference.sent.insert(key, fields.clone());
    let old = reference.answers.get(&page.place).cloned();
    let mut answer = fields.clone();
    if page.place == "extra" && !alpha {
        // What is not asked at present stays as it was answered.
        let hidden = old.iter().flatten().filter(|field| field.0 == "dose");
        answer.extend(hidden.cloned());
    }
    let amended = old.is_some_and(|old| old != answer);
    reference.answers.insert(page.place.clone(), answer);
    if !on_path {
        return ("kept", Verdict::Done);
    }
    if page.place == "check" {
        reference.ended_by = Some((page.screen.clone(), fields.clone()));
        return ("ended", Verdict::Done);
    }
    (if amended { "amended" } else { "first" }, Verdict::Done)
}

/// The store holds what the reference holds.
async fn compare(desk: &Desk, page: &Sheet, reference: &Reference, context: &str) {
    let session = desk.stored(page).await;
    assert_eq!(session.step, reference.step, "{context}");
    assert_eq!(
        matches!(session.state, State::Ended { .. }),
        reference.ended_by.is_some(),
        "{context}"
    );
    for (screen, fields) in &reference.answers {
        let held = &session.answers[&Place::of(screen)].fields;
        let names: Vec<_> = held.keys().map(String::as_str).collect();
        let mut wanted: Vec<_> = fields.iter().map(|f| f.0).collect();
        wanted.sort_unstable();
        assert_eq!(names, wanted, "{context}: {screen}");
        for (name, value) in fields {
            let shown = match &held[*name] {
                deity::flow::Value::Text(text) => text.clone(),
                deity::flow::Value::Number(number) => number.to_string(),
                other => format!("{other:?}"),
            };
            assert_eq!(shown, *value, "{context}: {screen}.{name}");
        }
    }
}
