//! Effects that are done once for each item of a list: one after the other in the order of the items,
//! each under its own key; what keeps one from being done keeps those behind it from being begun.

mod served;

use super::{declined, done, not_done, unknown};
use crate::support::desk::{Desk, Sheet, read};
use deity::machine::{Asked, Notice, Purpose, Stage};

/// Members of a club are registered one by one.
const CLUB: &str = r#"
title = "A club"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A club"
actions.start = { label = "Start now", to = "members" }

[lists.members]
title = "Who are the members?"
item = "{{ name }}"
actions.add = "Add a member"
actions.continue = "check"

[screens.member]
in = "members"
title = "Who is it?"
fields.name = { type = "text", label = "Name", max = 40, autocomplete = "off" }
fields.years = { type = "integer", label = "Years", min = 1, max = 99 }
actions.continue = "members"

[screens.check]
title = "Check"
review = true
actions.send = { label = "Send", call = ["register", "letter"], to = "done", declined = "check", failed = "unregistered" }
actions.stop = { label = "Cancel", cancel = true }

[screens.unregistered]
title = "Not registered"
actions.again = { label = "Back to the answers", to = "check" }

[screens.done]
title = "Sent"
end = "completed"

[effects.register]
each = "members"
label = "Registration of {{ name }}"
http = "POST http://callee.example/members"
send = { name = "{{ name }}", years = "{{ years }}", all = "{{ length(members) }}" }
undo = "withdraw"

[effects.withdraw]
label = "Registration of {{ name }}"
http = "DELETE http://callee.example/members"
send = { name = "{{ name }}" }

[effects.letter]
http = "POST http://callee.example/letters"
send = { members = "{{ length(members) }}" }
wait = false
"#;

fn club() -> deity::flow::Flow {
    variant(&[])
}

fn variant(changes: &[(&str, &str)]) -> deity::flow::Flow {
    let mut source = CLUB.to_owned();
    for (from, to) in changes {
        assert!(source.contains(from), "{from}");
        source = source.replace(from, to);
    }
    read("club", &source)
}

/// The number of all members goes out with none: a change of one leaves the others alone.
const ALONE: (&str, &str) = (", all = \"{{ length(members) }}\"", "");

async fn with_members(desk: &Desk, names: &[&str]) -> Sheet {
    let mut list = desk.start("club").await;
    for name in names {
        let member = desk.press(&list, "add", &[]).await;
        list = desk.send(&member, &[("name", name), ("years", "7")]).await;
        assert_eq!(list.place, "members", "{}", list.html);
    }
    list
}

/// Three members, and *Send* pressed.
async fn sent(desk: &Desk) -> Sheet {
    let list = with_members(desk, &["Ada", "Byron", "Clara"]).await;
    let check = desk.press(&list, "continue", &[]).await;
    let waiting = desk.press(&check, "send", &[]).await;
    assert_eq!(waiting.kind, "waiting", "{}", waiting.html);
    waiting
}

/// The registrations that are asked for: whose, under which number, and how each stands.
async fn registrations(desk: &Desk, page: &Sheet) -> Vec<(u32, u32, &'static str)> {
    let asked = desk.asked(page).await;
    let own = asked.iter().filter(|asked| asked.effect == "register");
    own.map(|asked| (asked.item, asked.number, stage(asked))).collect()
}

fn stage(asked: &Asked) -> &'static str {
    match asked.stage {
        Stage::Due { .. } => "due",
        Stage::Running { .. } => "running",
        Stage::Done { .. } => "done",
        Stage::Declined { .. } => "declined",
        Stage::Failed { .. } if asked.called_off => "not begun",
        Stage::Failed { .. } => "failed",
        Stage::InDoubt { .. } => "in doubt",
    }
}

/// Which askings are taken back.
async fn undone(desk: &Desk, page: &Sheet) -> Vec<u32> {
    let asked = desk.asked(page).await;
    let of = |asked: &Asked| match asked.purpose {
        Purpose::Undo { of } => Some(of),
        _ => None,
    };
    asked.iter().filter_map(of).collect()
}

/// What a runner would do now: the names that would be registered.
async fn now(desk: &Desk, page: &Sheet) -> Vec<String> {
    let errands = desk.errands(page, &club()).await;
    let name = |sent: &Vec<(String, deity::flow::Value)>| sent.first().map(|(_, value)| value.plain());
    errands.iter().filter_map(|errand| name(&errand.sent)).collect()
}

/// The callee answers the asking for an item.
async fn says(desk: &Desk, page: &Sheet, item: u32, said: deity::machine::Said) {
    let asked = desk.asked(page).await;
    let of = asked
        .iter()
        .rev()
        .find(|asked| asked.effect == "register" && asked.item == item);
    let number = of.expect("it was asked for").number;
    let at = deity::id::SessionId::parse(&page.session).unwrap().key();
    desk.engine.report(at, number, said).await.unwrap();
}

#[tokio::test]
async fn all_are_wished_for_in_one_commit_and_done_one_after_the_other_in_the_order_of_the_items() {
    let desk = Desk::open([club()]).await;
    let waiting = sent(&desk).await;
    let session = desk.stored(&waiting).await;
    assert_eq!(
        registrations(&desk, &waiting).await,
        [(1, 1, "due"), (2, 2, "due"), (3, 3, "due")]
    );
    assert!(
        session.asked.iter().all(|asked| asked.step == session.step),
        "one commit"
    );
    let keys: std::collections::BTreeSet<_> = session
        .asked
        .iter()
        .map(|asked| format!("{:?}", session.effect_key(asked)))
        .collect();
    assert_eq!(keys.len(), 3, "each has its own key");
    let sent: Vec<_> = session.asked.iter().map(|asked| asked.sent[0].1.plain()).collect();
    assert_eq!(sent, ["Ada", "Byron", "Clara"]);
    assert!(
        waiting.html.contains("Registration of Ada (1 of 3)"),
        "{}",
        waiting.html
    );

    assert_eq!(now(&desk, &waiting).await, ["Ada"], "the others wait for it");
    says(&desk, &waiting, 1, done(&[])).await;
    let waiting = desk.follow(&waiting, Some("on")).await;
    assert_eq!(waiting.kind, "waiting", "until all are settled");
    assert!(
        waiting.html.contains("Registration of Byron (2 of 3)"),
        "{}",
        waiting.html
    );
    assert_eq!(now(&desk, &waiting).await, ["Byron"]);
    says(&desk, &waiting, 2, done(&[])).await;
    assert_eq!(now(&desk, &waiting).await, ["Clara"]);
    let letters = |session: &deity::machine::Session| {
        let mut asked = session.asked.iter();
        asked.any(|asked| asked.effect == "letter")
    };
    assert!(
        !letters(&desk.stored(&waiting).await),
        "nobody is told before all are done"
    );
    says(&desk, &waiting, 3, done(&[])).await;
    let end = desk.follow(&waiting, Some("on")).await;
    assert_eq!((end.kind, end.place.as_str()), ("receipt", "done"), "{}", end.html);
    assert!(letters(&desk.stored(&end).await));
}

#[tokio::test]
async fn where_one_is_declined_those_behind_it_are_not_begun_those_before_it_stay_done_and_the_page_names_it() {
    let desk = Desk::open([variant(&[ALONE])]).await;
    let waiting = sent(&desk).await;
    says(&desk, &waiting, 1, done(&[])).await;
    says(&desk, &waiting, 2, declined("Nobody of that name is known.", &[])).await;
    let check = desk.follow(&waiting, Some("on")).await;
    assert_eq!(
        (check.kind, check.place.as_str()),
        ("screen", "check"),
        "{}",
        check.html
    );
    assert!(
        check.html.contains("Byron: Nobody of that name is known."),
        "{}",
        check.html
    );
    assert!(
        check.notices.contains(&Notice::NotFor("Byron".to_owned(), 1)),
        "{:?}",
        check.notices
    );
    assert!(check.html.contains("For 1 other it is done already"), "{}", check.html);
    assert_eq!(
        registrations(&desk, &check).await,
        [(1, 1, "done"), (2, 2, "declined"), (3, 3, "not begun")]
    );
    assert_eq!(undone(&desk, &check).await, [0_u32; 0]);
    let now = desk.engine.now().div_euclid(1000);
    let unsent = deity::machine::unsent(&club(), &desk.stored(&check).await, now);
    assert_eq!(
        unsent,
        ["members.name", "members.years"].repeat(2),
        "of the second and the third"
    );
    assert!(
        !desk.stored(&check).await.has_missed(),
        "what was not begun is nobody's to see to"
    );

    // Put right, what is done is not asked for again.
    let member = desk.follow(&check, Some("change.member.2")).await;
    let check = desk.send(&member, &[("name", "Babbage"), ("years", "7")]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    let waiting = desk.press(&check, "send", &[]).await;
    assert_eq!(
        registrations(&desk, &waiting).await,
        [(1, 1, "done"), (2, 4, "due"), (3, 5, "due")]
    );
    assert!(
        waiting.html.contains("Registration of Babbage (1 of 2)"),
        "{}",
        waiting.html
    );
    says(&desk, &waiting, 2, done(&[])).await;
    says(&desk, &waiting, 3, done(&[])).await;
    let end = desk.follow(&waiting, Some("on")).await;
    assert_eq!((end.kind, end.place.as_str()), ("receipt", "done"), "{}", end.html);
}

#[tokio::test]
async fn pressed_again_as_it_is_only_what_was_not_done_is_asked_for() {
    let desk = Desk::open([club()]).await;
    let waiting = sent(&desk).await;
    says(&desk, &waiting, 1, done(&[])).await;
    says(&desk, &waiting, 2, not_done(false)).await;
    let failed = desk.follow(&waiting, Some("on")).await;
    assert_eq!(
        (failed.kind, failed.place.as_str()),
        ("screen", "unregistered"),
        "{}",
        failed.html
    );
    assert!(
        failed.html.contains("This could not be done for Byron."),
        "{}",
        failed.html
    );
    assert_eq!(
        registrations(&desk, &failed).await,
        [(1, 1, "done"), (2, 2, "failed"), (3, 3, "not begun")]
    );
    let check = desk.send(&failed, &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    let waiting = desk.press(&check, "send", &[]).await;
    let asked = registrations(&desk, &waiting).await;
    let open: Vec<_> = asked
        .iter()
        .filter(|(.., stage)| *stage == "due")
        .map(|(item, ..)| *item)
        .collect();
    assert_eq!(open, [2, 3], "{asked:?}");
}

#[tokio::test]
async fn where_the_way_out_says_undo_all_that_was_done_is_taken_back_the_latest_first() {
    let undo = (
        "failed = \"unregistered\"",
        "failed = { to = \"unregistered\", undo = true }",
    );
    let desk = Desk::open([variant(&[undo])]).await;
    let waiting = sent(&desk).await;
    says(&desk, &waiting, 1, done(&[])).await;
    says(&desk, &waiting, 2, done(&[])).await;
    says(&desk, &waiting, 3, not_done(false)).await;
    let failed = desk.follow(&waiting, Some("on")).await;
    assert_eq!(failed.place, "unregistered", "{}", failed.html);
    assert_eq!(undone(&desk, &failed).await, [2, 1]);
    let session = desk.stored(&failed).await;
    let names: Vec<_> = session
        .asked
        .iter()
        .filter(|asked| matches!(asked.purpose, Purpose::Undo { .. }))
        .map(|asked| (asked.sent[0].1.plain(), asked.label.clone()))
        .collect();
    let own = |name: &str| (name.to_owned(), format!("Registration of {name}"));
    assert_eq!(names, [own("Byron"), own("Ada")], "each reads its own item");
}

#[tokio::test]
async fn a_removed_item_takes_back_what_was_done_for_it_alone_and_put_back_it_is_asked_for_anew() {
    let desk = Desk::open([variant(&[ALONE])]).await;
    let waiting = sent(&desk).await;
    says(&desk, &waiting, 1, done(&[])).await;
    says(&desk, &waiting, 2, done(&[])).await;
    says(&desk, &waiting, 3, declined("No.", &[])).await;
    let check = desk.follow(&waiting, Some("on")).await;
    let list = desk.follow(&check, Some("change.members")).await;
    assert_eq!(list.place, "members", "{}", list.html);
    let removed = desk.press(&list, "remove.2", &[]).await;
    assert_eq!(undone(&desk, &removed).await, [2], "{}", removed.html);
    let undo = desk.latest(&removed, "withdraw").await;
    assert_eq!(undo.sent[0].1.plain(), "Byron");
    let session = desk.stored(&removed).await;
    assert_eq!(
        session.effect_key(&undo),
        session.effect_key(session.asking(2).unwrap())
    );
    let back = desk.press(&removed, "restore.2", &[]).await;
    let check = desk.press(&back, "continue", &[]).await;
    assert_eq!(
        (check.kind, check.place.as_str()),
        ("screen", "check"),
        "{}",
        check.html
    );
    let waiting = desk.press(&check, "send", &[]).await;
    let asked = registrations(&desk, &waiting).await;
    let open: Vec<_> = asked
        .iter()
        .filter(|(.., stage)| *stage == "due")
        .map(|(item, ..)| *item)
        .collect();
    assert_eq!(open, [2, 3], "{asked:?}");
    assert_eq!(undone(&desk, &waiting).await, [2], "the first one stays done");
}

#[tokio::test]
async fn a_changed_item_takes_back_and_asks_again_for_that_item_alone() {
    let desk = Desk::open([variant(&[ALONE])]).await;
    let waiting = sent(&desk).await;
    says(&desk, &waiting, 1, done(&[])).await;
    says(&desk, &waiting, 2, done(&[])).await;
    says(&desk, &waiting, 3, declined("No.", &[])).await;
    let check = desk.follow(&waiting, Some("on")).await;
    let member = desk.follow(&check, Some("change.member.1")).await;
    let check = desk.send(&member, &[("name", "Ada"), ("years", "8")]).await;
    assert_eq!(undone(&desk, &check).await, [1], "{}", check.html);
    let waiting = desk.press(&check, "send", &[]).await;
    let asked = registrations(&desk, &waiting).await;
    let open: Vec<_> = asked
        .iter()
        .filter(|(.., stage)| *stage == "due")
        .map(|(item, ..)| *item)
        .collect();
    assert_eq!(open, [1, 3], "{asked:?}");
}

#[tokio::test]
async fn what_goes_out_with_each_takes_all_back_when_it_changes() {
    let desk = Desk::open([club()]).await;
    let waiting = sent(&desk).await;
    says(&desk, &waiting, 1, done(&[])).await;
    says(&desk, &waiting, 2, declined("No.", &[])).await;
    let check = desk.follow(&waiting, Some("on")).await;
    let list = desk.follow(&check, Some("change.members")).await;
    // How many there are was told with each.
    let removed = desk.press(&list, "remove.3", &[]).await;
    assert_eq!(undone(&desk, &removed).await, [1], "{}", removed.html);
}

#[tokio::test]
async fn one_of_which_nobody_knows_is_taken_back_and_those_behind_it_are_not_begun() {
    let desk = Desk::open([club()]).await;
    let waiting = sent(&desk).await;
    says(&desk, &waiting, 1, done(&[])).await;
    assert_eq!(now(&desk, &waiting).await, ["Byron"]);
    says(&desk, &waiting, 2, unknown()).await;
    assert_eq!(
        registrations(&desk, &waiting).await,
        [(1, 1, "done"), (2, 2, "failed"), (3, 3, "not begun")]
    );
    assert_eq!(undone(&desk, &waiting).await, [2]);
    let failed = desk.follow(&waiting, Some("on")).await;
    assert_eq!(failed.place, "unregistered", "{}", failed.html);
    assert!(
        failed.notices.contains(&Notice::NotFor("Byron".to_owned(), 1)),
        "{:?}",
        failed.notices
    );
}

#[tokio::test]
async fn who_gives_up_meanwhile_waits_for_the_one_under_way_and_for_none_behind_it() {
    let desk = Desk::open([club()]).await;
    let waiting = sent(&desk).await;
    says(&desk, &waiting, 1, done(&[])).await;
    assert_eq!(now(&desk, &waiting).await, ["Byron"]);
    let asks = desk.press(&waiting, "stop", &[]).await;
    let asks = if asks.kind == "cancelling" {
        desk.press(&asks, "yes-cancel", &[]).await
    } else {
        asks
    };
    assert_eq!(asks.kind, "waiting", "{}", asks.html);
    says(&desk, &waiting, 2, done(&[])).await;
    assert_eq!(
        registrations(&desk, &waiting).await,
        [(1, 1, "done"), (2, 2, "done"), (3, 3, "not begun")]
    );
    assert_eq!(undone(&desk, &waiting).await, [2, 1]);
    let over = desk.follow(&waiting, Some("on")).await;
    assert_eq!(over.kind, "over", "{}", over.html);
}

#[tokio::test]
async fn of_an_empty_list_nothing_is_asked_for_and_the_way_leads_on() {
    let desk = Desk::open([club()]).await;
    let list = desk.start("club").await;
    let check = desk.press(&list, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    let end = desk.press(&check, "send", &[]).await;
    assert_eq!((end.kind, end.place.as_str()), ("receipt", "done"), "{}", end.html);
    assert_eq!(registrations(&desk, &end).await, []);
    assert_eq!(desk.latest(&end, "letter").await.purpose, Purpose::Tell);
}

#[tokio::test]
async fn once_what_was_declined_is_removed_and_all_others_are_done_the_way_leads_on() {
    let desk = Desk::open([variant(&[ALONE])]).await;
    let list = with_members(&desk, &["Ada", "Byron"]).await;
    let check = desk.press(&list, "continue", &[]).await;
    let waiting = desk.press(&check, "send", &[]).await;
    says(&desk, &waiting, 1, done(&[])).await;
    says(&desk, &waiting, 2, declined("No.", &[])).await;
    let check = desk.follow(&waiting, Some("on")).await;
    let list = desk.follow(&check, Some("change.members")).await;
    let removed = desk.press(&list, "remove.2", &[]).await;
    let check = desk.press(&removed, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    let end = desk.press(&check, "send", &[]).await;
    assert_eq!((end.kind, end.place.as_str()), ("receipt", "done"), "{}", end.html);
    assert_eq!(registrations(&desk, &end).await.len(), 2, "nothing is asked for again");
    assert_eq!(desk.latest(&end, "letter").await.purpose, Purpose::Tell);
    assert_eq!(undone(&desk, &end).await, [0_u32; 0]);
}

#[tokio::test]
async fn pressed_twice_or_in_two_windows_it_is_asked_for_once() {
    let desk = Desk::open([club()]).await;
    let list = with_members(&desk, &["Ada", "Byron"]).await;
    let check = desk.press(&list, "continue", &[]).await;
    let (first, second) = tokio::join!(desk.press(&check, "send", &[]), desk.press(&check, "send", &[]));
    assert_eq!((first.kind, second.kind), ("waiting", "waiting"));
    assert_eq!(registrations(&desk, &first).await, [(1, 1, "due"), (2, 2, "due")]);
}

#[tokio::test]
async fn it_goes_on_where_it_was_after_a_start_of_the_server() {
    let desk = Desk::open([club()]).await;
    let waiting = sent(&desk).await;
    says(&desk, &waiting, 1, done(&[])).await;
    let desk = desk.restarted([club()]).await;
    assert_eq!(now(&desk, &waiting).await, ["Byron"]);
    says(&desk, &waiting, 2, done(&[])).await;
    says(&desk, &waiting, 3, done(&[])).await;
    let end = desk.follow(&waiting, Some("on")).await;
    assert_eq!((end.kind, end.place.as_str()), ("receipt", "done"), "{}", end.html);
}
