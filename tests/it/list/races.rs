//! Presses at once: several windows, several requests in flight.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::list::HOUSE;
use crate::support::desk::{Desk, Sheet, read, sheet};

/// Presses at the same time, each in a task of its own.
async fn at_once(desk: &Arc<Desk>, presses: Vec<(Sheet, String, Vec<(&'static str, String)>)>) -> Vec<Sheet> {
    let tasks: Vec<_> = presses
        .into_iter()
        .map(|(page, action, fields)| {
            let desk = Arc::clone(desk);
            tokio::spawn(async move {
                let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
                let request = Desk::post(&page, Some(&action), &fields);
                sheet(desk.engine.answer(request).await)
            })
        })
        .collect();
    let mut pages = Vec::new();
    for task in tasks {
        pages.push(task.await.unwrap());
    }
    pages
}

async fn house() -> (Arc<Desk>, Sheet) {
    let desk = Arc::new(Desk::open([read("house", &HOUSE.replace("max = 4", "max = 50"))]).await);
    let list = desk.start("house").await;
    (desk, list)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn add_pressed_many_times_at_once_on_one_page_is_one_item() {
    let (desk, list) = house().await;
    let presses = (0..16).map(|_| (list.clone(), "add".to_owned(), Vec::new())).collect();
    let pages = at_once(&desk, presses).await;
    let screens: BTreeSet<_> = pages.iter().map(|page| page.screen.clone()).collect();
    assert_eq!(screens.len(), 1, "all get the same page");
    assert_eq!(desk.stored(&list).await.items.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn items_that_are_filled_in_at_once_are_all_there_each_with_its_own() {
    let (desk, first) = house().await;
    // As many presentations of the list's page as there are windows.
    let mut lists = vec![first];
    let mut names = Vec::new();
    for n in 0..6 {
        let who = desk.press(lists.last().unwrap(), "add", &[]).await;
        assert_eq!(who.place, "who", "{}", who.html);
        let back = desk.press(&who, "back", &[("name", &format!("Draft {n}"))]).await;
        assert_eq!(back.place, "people", "{}", back.html);
        lists.push(back);
        names.push(who);
    }
    let presses = names.iter().enumerate().map(|(n, who)| (who.clone(), n));
    let answers = presses.clone().flat_map(|(who, n)| {
        let press = (who, "continue".to_owned(), vec![("name", format!("Name {n}"))]);
        [press.clone(), press]
    });
    let adds = lists.iter().skip(1).flat_map(|list| {
        let press = (list.clone(), "add".to_owned(), Vec::new());
        [press.clone(), press]
    });
    let pages = at_once(&desk, answers.chain(adds).collect()).await;
    assert!(pages.iter().all(|page| page.status == 200));
    let session = desk.stored(&lists[0]).await;
    let keys: BTreeSet<_> = session.items.iter().map(|item| item.key).collect();
    assert_eq!(keys.len(), session.items.len(), "no key is there twice");
    assert_eq!(
        keys.len(),
        12,
        "six from before, and one from each of six presentations"
    );
    assert_eq!(session.keys, 12);
    for (n, who) in names.iter().enumerate() {
        let place = deity::machine::Place {
            frame: 0,
            item: u32::try_from(n).unwrap() + 1,
            screen: "who".to_owned(),
        };
        let name = &session.answers[&place].fields["name"];
        assert_eq!(*name, deity::flow::Value::Text(format!("Name {n}")), "{}", who.place);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_item_removed_while_it_is_edited_is_either_and_nothing_typed_is_lost() {
    for _ in 0..20 {
        let (desk, list) = house().await;
        let list = crate::list::add(&desk, &list, "Ada", "5", "").await;
        let list = crate::list::add(&desk, &list, "Bea", "6", "").await;
        let who = desk.follow(&list, Some("change.who.2")).await;
        let edit = (who.clone(), "continue".to_owned(), vec![("name", "Beatrix".to_owned())]);
        let remove = |key: u32| (list.clone(), format!("remove.{key}"), Vec::new());
        let pages = at_once(&desk, vec![remove(2), edit, remove(1), remove(2), remove(1)]).await;
        let edited = &pages[1];
        let session = desk.stored(&list).await;
        assert_eq!(session.items.len(), 2);
        assert!(session.items.iter().all(|item| item.removed > 0), "both are removed");
        let place = deity::machine::Place {
            frame: 0,
            item: 2,
            screen: "who".to_owned(),
        };
        let kept = session.answers[&place].fields["name"] == deity::flow::Value::Text("Beatrix".to_owned());
        let shown = edited.kind == "gone" && edited.html.contains("Beatrix");
        assert!(kept != shown, "{} {}", edited.kind, edited.html);
        let gone = desk.send(&who, &[("name", "Trixie")]).await;
        assert_eq!(gone.kind, "gone", "{}", gone.html);
        let back = desk.press(&gone, "restore.2", &[("name", "Trixie")]).await;
        assert_eq!(back.place, "who", "{}", back.html);
        assert!(back.html.contains("Trixie"), "{}", back.html);
    }
}
