//! Rows about the same page again: replay, amend, change links, seals, many at once.

use deity::machine::{Event, Notice, Place};

use super::{answer, sealed, shows, text, to_the_review, variant, walk};
use crate::support::desk::{Desk, form, read, sheet};

#[tokio::test]
async fn the_same_fields_again_are_a_replay_with_the_same_page_and_nothing_is_written() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    let first = desk.send(&page, &[("given", "Ada")]).await;
    let again = desk.send(&page, &[("given", " Ada ")]).await;
    assert_eq!((again.place.as_str(), again.status), ("kind", 200));
    assert_eq!(again.screen, first.screen, "a replay shows the same presentation");
    assert_eq!(desk.stored(&page).await.step, 2);
    // Also after the person went on.
    let alpha = desk.send(&first, &[("kind", "a")]).await;
    let again = desk.send(&page, &[("given", "Ada")]).await;
    assert_eq!(again.place, "kind");
    assert!(again.on, "screens ahead are answered: a link leads on");
    assert_eq!(desk.follow(&again, Some("on")).await.place, alpha.place);
    assert_eq!(desk.stored(&page).await.step, 3);
}

#[tokio::test]
async fn a_then_b_then_a_from_one_kept_page_amends_twice() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    desk.send(&page, &[("given", "Ada")]).await;
    let b = desk.send(&page, &[("given", "Bea")]).await;
    assert!(matches!(b.notices[..], [Notice::Changed(_)]), "{:?}", b.notices);
    assert_eq!(answer(&desk, &page, "name", "given").await, Some(text("Bea")));
    let a = desk.send(&page, &[("given", "Ada")]).await;
    shows(&a, &["Bea", "Ada"]);
    let [Notice::Changed(changes)] = &a.notices[..] else {
        panic!("{:?}", a.notices)
    };
    assert_eq!(
        (changes[0].before.clone(), changes[0].after.clone()),
        (Some(text("Bea")), Some(text("Ada")))
    );
    assert_ne!(a.screen, b.screen, "the page after an amend has another id");
    assert_eq!(answer(&desk, &page, "name", "given").await, Some(text("Ada")));
    assert_eq!(desk.stored(&page).await.step, 4);
    let journal = desk.stored(&page).await.journal;
    assert_eq!(
        journal
            .iter()
            .filter(|e| matches!(e.event, Event::Amended { .. }))
            .count(),
        2
    );
}

#[tokio::test]
async fn an_amend_keeps_all_other_answers_and_asks_again_only_what_depends_on_it() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    // Back to `kind` in a kept page, another branch.
    let beta = desk.send(&pages[1], &[("kind", "b")]).await;
    assert_eq!((beta.place.as_str(), beta.status), ("beta", 200));
    let extra = desk.send(&beta, &[("beta", "this")]).await;
    assert_eq!(extra.place, "extra");
    assert!(extra.on, "the note is answered already");
    assert_eq!(answer(&desk, &beta, "extra", "note").await, Some(text("x")));
    assert_eq!(desk.follow(&extra, Some("on")).await.place, "check");
    // The alpha answer is kept, does not count, and comes back with its path.
    let session = desk.stored(&beta).await;
    let path = deity::machine::Path::fold(&walk(), &session, 0);
    assert!(!path.values.contains_key("alpha"));
    let alpha = desk.send(&pages[1], &[("kind", "a")]).await;
    assert_eq!(alpha.place, "alpha");
    assert!(alpha.on, "its answer came back");
}

#[tokio::test]
async fn a_change_link_leads_back_to_the_review_as_soon_as_nothing_lacks() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let check = pages.last().unwrap();
    let name = desk.follow(check, Some("change.name")).await;
    assert_eq!((name.place.as_str(), name.kind), ("name", "screen"));
    let back = desk.send(&name, &[("given", "Eve")]).await;
    assert_eq!(back.place, "check");
    assert!(matches!(back.notices[..], [Notice::Changed(_)]));
    // Where something lacks, that comes first, and then the review.
    let kind = desk.follow(&back, Some("change.kind")).await;
    let beta = desk.send(&kind, &[("kind", "b")]).await;
    assert_eq!(beta.place, "beta");
    let check = desk.send(&beta, &[("beta", "that")]).await;
    assert_eq!(check.place, "check");
    let receipt = desk.send(&check, &[]).await;
    assert_eq!(receipt.kind, "receipt");
}

#[tokio::test]
async fn behind_a_seal_nothing_is_applied_and_the_typed_fields_are_shown() {
    let desk = Desk::open([sealed()]).await;
    let pages = to_the_review(&desk).await;
    let late = desk.send(&pages[0], &[("given", "Eve")]).await;
    assert_eq!((late.kind, late.status, late.place.as_str()), ("sealed", 409, "check"));
    assert_eq!(late.typed, form(&[("given", "Eve")]));
    assert_eq!(answer(&desk, &late, "name", "given").await, Some(text("Ada")));
    let replay = desk.send(&pages[2], &[("alpha", "3")]).await;
    assert_eq!(
        (replay.place.as_str(), replay.status),
        ("extra", 200),
        "what sealed it is replayed"
    );
    let check = pages.last().unwrap();
    assert_eq!(desk.follow(check, Some("change.name")).await.place, "check");
    assert!(!pages[3].back, "no way back over the seal");
    // What comes after the seal can still be changed.
    let extra = desk.follow(check, Some("change.extra")).await;
    let fresh = desk.send(&extra, &[("note", "y")]).await;
    assert_eq!(fresh.place, "check");
    assert_eq!(desk.send(check, &[]).await.status, 409, "it showed the note before");
    assert_eq!(desk.send(&fresh, &[]).await.kind, "receipt");
}

#[tokio::test]
async fn a_flow_may_show_the_difference_first_or_refuse() {
    let title = "title = \"A walk\"\nstart";
    let desk = Desk::open([variant(title, "title = \"A walk\"\nchanges = \"confirm\"\nstart")]).await;
    let pages = to_the_review(&desk).await;
    let asked = desk.send(&pages[0], &[("given", "Eve")]).await;
    assert!(
        matches!(asked.notices[..], [Notice::WouldChange(_)]),
        "{:?}",
        asked.notices
    );
    assert_eq!(
        (asked.place.as_str(), asked.typed.clone()),
        ("name", form(&[("given", "Eve")]))
    );
    assert_eq!(answer(&desk, &asked, "name", "given").await, Some(text("Ada")));
    desk.send(&asked, &[("given", "Eve")]).await;
    assert_eq!(answer(&desk, &asked, "name", "given").await, Some(text("Eve")));

    let desk = Desk::open([variant(title, "title = \"A walk\"\nchanges = \"refuse\"\nstart")]).await;
    let pages = to_the_review(&desk).await;
    let refused = desk.send(&pages[0], &[("given", "Eve")]).await;
    assert_eq!((refused.kind, refused.status), ("refused", 409));
    shows(&refused, &["Eve"]);
    // The page's own change link is no kept page.
    let name = desk.follow(pages.last().unwrap(), Some("change.name")).await;
    desk.send(&name, &[("given", "Eve")]).await;
    assert_eq!(answer(&desk, &name, "name", "given").await, Some(text("Eve")));
}

#[tokio::test]
async fn sixty_four_identical_posts_at_once_are_one_commit_and_equal_pages() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    let requests = (0..64).map(|_| {
        let (engine, request) = (desk.engine.clone(), Desk::post(&page, None, &[("given", "Ada")]));
        tokio::spawn(async move { sheet(engine.answer(request).await) })
    });
    let requests: Vec<_> = requests.collect();
    let mut screens = std::collections::BTreeSet::new();
    for request in requests {
        screens.insert(request.await.unwrap().screen);
    }
    assert_eq!(screens.len(), 1);
    assert_eq!(desk.stored(&page).await.step, 2);
}

#[tokio::test]
async fn sixty_four_different_posts_at_once_on_one_presentation_lose_nothing_unseen() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    let requests: Vec<_> = (0..64)
        .map(|n| {
            let (engine, request) = (
                desk.engine.clone(),
                Desk::post(&page, None, &[("given", &format!("Ada {n}"))]),
            );
            tokio::spawn(async move { sheet(engine.answer(request).await) })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap().status, 200);
    }
    let session = desk.stored(&page).await;
    assert_eq!(session.step, 65);
    let amended = session
        .journal
        .iter()
        .filter(|e| matches!(e.event, Event::Amended { .. }))
        .count() as u64;
    assert!(
        amended + session.folded >= 63,
        "every one of them stands in the journal"
    );
}

#[tokio::test]
async fn an_action_that_seals_must_be_pressed_where_it_counts() {
    let desk = Desk::open([sealed()]).await;
    let name = desk.start("walk").await;
    let kind = desk.send(&name, &[("given", "Ada")]).await;
    let alpha = desk.send(&kind, &[("kind", "a")]).await;
    desk.send(&kind, &[("kind", "b")]).await;
    // Kept, since the path leads elsewhere now; it must not count as sealed when the path is back.
    let kept = desk.send(&alpha, &[("alpha", "5")]).await;
    assert_eq!(kept.place, "beta");
    let back = desk.send(&kind, &[("kind", "a")]).await;
    assert_eq!(
        (back.place.as_str(), back.on),
        ("alpha", false),
        "it is asked for again"
    );
    assert_eq!(desk.stored(&back).await.seal, None);
    let extra = desk.send(&back, &[("alpha", "5")]).await;
    assert_eq!(extra.place, "extra");
    assert_eq!(desk.stored(&back).await.seal.unwrap().place, Place::of("alpha"));
    assert_eq!(desk.send(&name, &[("given", "Eve")]).await.kind, "sealed");
}

#[tokio::test]
async fn a_seal_stays_shut_when_the_day_changes() {
    let flow = sealed().source.replace(
        "fields.pin =",
        "fields.day = { type = \"date\", label = \"Which day?\", min = \"today\" }\nfields.pin =",
    );
    let flow = || read("walk", &flow.replace("idle = \"2h\"", "idle = \"5d\""));
    let desk = Desk::open([flow()]).await;
    let name = desk.start("walk").await;
    let day = [
        ("given", "Ada"),
        ("day-day", "23"),
        ("day-month", "11"),
        ("day-year", "2026"),
    ];
    let kind = desk.send(&name, &day).await;
    let alpha = desk.send(&kind, &[("kind", "a")]).await;
    let extra = desk.send(&alpha, &[("alpha", "3")]).await;
    desk.wait(2 * 86_400);
    let check = desk.send(&extra, &[("note", "n")]).await;
    assert_eq!((check.place.as_str(), check.status), ("check", 200));
    assert_eq!(
        desk.send(&name, &day).await.place,
        "check",
        "a replay shows nothing that looks open"
    );
    let late = [
        ("given", "Eve"),
        ("day-day", "1"),
        ("day-month", "12"),
        ("day-year", "2026"),
    ];
    assert_eq!(desk.send(&name, &late).await.kind, "sealed");
    // Without a seal, a day that is over is asked for again, and the page says why.
    let desk = Desk::open([read("walk", &flow().source.replace("seal = true", "seal = false"))]).await;
    let name = desk.start("walk").await;
    let kind = desk.send(&name, &day).await;
    desk.wait(2 * 86_400);
    let first = desk.send(&kind, &[("kind", "a")]).await;
    assert_eq!(
        (first.place.as_str(), first.faults.clone()),
        ("name", vec!["day".to_owned()])
    );
    shows(&first, &["There is a problem", "Ada"]);
}

/// The walk with a review of its own half-way.
fn with_a_section() -> deity::flow::Flow {
    let section = "actions.continue = \"section\"\n\n[screens.section]\ntitle = \"So far\"\nreview = true\nactions.continue = \"extra\"\n\n[screens.beta]";
    variant("actions.continue = \"extra\"\n\n[screens.beta]", section)
}

#[tokio::test]
async fn a_change_link_leads_back_to_the_review_that_it_stood_on() {
    let desk = Desk::open([with_a_section()]).await;
    let mut page = desk.start("walk").await;
    for fields in [[("given", "Ada")], [("kind", "a")], [("alpha", "3")]] {
        page = desk.send(&page, &fields).await;
    }
    let section = page;
    assert_eq!(section.place, "section");
    let extra = desk.send(&section, &[]).await;
    let check = desk.send(&extra, &[("note", "x")]).await;
    assert_eq!(check.place, "check");
    for (stood, place) in [(&section, "section"), (&check, "check")] {
        let name = desk.follow(stood, Some("change.name")).await;
        let back = desk.send(&name, &[("given", place)]).await;
        assert_eq!(back.place, place, "where the link stood");
        // What it leads to inherits that.
        let kind = desk.follow(stood, Some("change.kind")).await;
        let again = desk.send(&kind, &[("kind", "a")]).await;
        assert_eq!(again.place, place);
    }
    // A screen that is newly asked on the way comes first.
    let kind = desk.follow(&check, Some("change.kind")).await;
    let beta = desk.send(&kind, &[("kind", "b")]).await;
    assert_eq!(beta.place, "beta");
    assert_eq!(desk.send(&beta, &[("beta", "that")]).await.place, "check");
}

#[tokio::test]
async fn back_on_a_screen_that_a_change_link_opened_leads_to_where_the_link_stood() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let check = pages.last().unwrap();
    let along = desk.follow(&pages[2], Some("back")).await;
    assert_eq!(along.place, "kind", "along the path it is the screen before");
    let kind = desk.follow(check, Some("change.kind")).await;
    assert!(kind.back);
    let back = desk.press(&kind, "back", &[("kind", "b")]).await;
    assert_eq!(back.place, "check");
    assert_eq!(
        answer(&desk, &back, "kind", "kind").await,
        Some(text("a")),
        "a draft does not count"
    );
    // On the screens that it leads to, *back* goes along the path.
    let kind = desk.follow(&back, Some("change.kind")).await;
    let beta = desk.send(&kind, &[("kind", "b")]).await;
    assert_eq!(desk.press(&beta, "back", &[("beta", "")]).await.place, "kind");
}
