//! Lists in lists, and lists that a number drives.

use super::shows;
use crate::support::desk::{Desk, Sheet, read};

const FARM: &str = r#"
title = "Farms"
start = "size"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.size]
fields.size = { type = "integer", label = "How many fields?", min = 0, max = 20 }
actions.continue = "plots"

[lists.plots]
title = "Your fields"
item = "{{ plot }}"
count = "size"
actions.continue = "herds"

[screens.plot]
in = "plots"
title = "Field {{ position }} of {{ size }}"
fields.plot = { type = "text", label = "Name of the field", max = 40 }
actions.continue = "plots"

[lists.herds]
title = "Your herds"
item = "{{ herd }} ({{ length(animals) }})"
actions.continue = "check"

[screens.herd]
in = "herds"
fields.herd = { type = "text", label = "Which herd?", max = 40 }
actions.continue = "animals"

[lists.animals]
in = "herds"
title = "Animals of {{ herd }}"
item = "{{ animal }}"
actions.add = "Add an animal"
actions.continue = { label = "No more animals", to = "fed" }

[screens.animal]
in = "animals"
title = "Animal {{ position }}"
fields.animal = { type = "text", label = "Name of the animal", max = 40 }
fields.weight = { type = "integer", label = "Weight", min = 1 }
actions.continue = "animals"

[screens.fed]
in = "herds"
title = "{{ herd }} weighs {{ sum(animals.weight) }}"
fields.fed = { type = "yes-no", label = "Fed?" }
actions.continue = "herds"

[screens.check]
title = "Check your answers"
body = "{{ sum(herds.animals.weight) }} in all, {{ count(herds, any(animals, weight > 100)) }} heavy."
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
end = "completed"
"#;

async fn named(desk: &Desk, list: &Sheet, action: &str, name: &str) -> Sheet {
    let plot = desk.follow(list, Some(action)).await;
    desk.send(&plot, &[("plot", name)]).await
}

#[tokio::test]
async fn a_driven_list_has_as_many_items_as_its_number_says_and_those_that_fall_away_come_back() {
    let desk = Desk::open([read("farm", FARM)]).await;
    let size = desk.start("farm").await;
    let list = desk.send(&size, &[("size", "3")]).await;
    assert_eq!(list.place, "plots", "{}", list.html);
    assert_eq!(list.html.matches("Not begun yet").count(), 3, "{}", list.html);
    assert!(
        !list.html.contains("value=add") && !list.html.contains("remove."),
        "{}",
        list.html
    );
    let plot = desk.press(&list, "continue", &[]).await;
    assert_eq!(plot.place, "plot", "{}", plot.html);
    shows(&plot, &["Field 1 of 3"]);
    // That is the ordinary way on.
    assert!(plot.notices.is_empty(), "{:?}", plot.notices);
    let list = desk.send(&plot, &[("plot", "North")]).await;
    assert_eq!(list.place, "plots", "{}", list.html);
    let list = named(&desk, &list, "change.plot.2", "South").await;
    let list = named(&desk, &list, "change.plot.3", "West").await;
    shows(&list, &["<dt>North", "<dt>South", "<dt>West"]);
    let herds = desk.press(&list, "continue", &[]).await;
    assert_eq!(herds.place, "herds", "{}", herds.html);
    // The number falls: the last are put aside. It rises: they come back.
    let fewer = desk.send(&size, &[("size", "1")]).await;
    assert_eq!(fewer.place, "plots", "{}", fewer.html);
    shows(&fewer, &["<dt>North", "South", "West"]);
    assert!(!fewer.html.contains("<dt>South"), "{}", fewer.html);
    let more = desk.send(&size, &[("size", "4")]).await;
    shows(&more, &["<dt>North", "<dt>South", "<dt>West"]);
    assert_eq!(more.html.matches("Not begun yet").count(), 1, "{}", more.html);
    assert_eq!(desk.stored(&more).await.items.len(), 4);
}

#[tokio::test]
async fn lists_lie_in_lists_and_their_totals_count() {
    let desk = Desk::open([read("farm", FARM)]).await;
    let size = desk.start("farm").await;
    let plots = desk.send(&size, &[("size", "0")]).await;
    let mut herds = desk.press(&plots, "continue", &[]).await;
    assert_eq!(herds.place, "herds", "{}", herds.html);
    for (herd, weights) in [("Cows", &["400", "500"][..]), ("Hens", &["2"][..])] {
        let name = desk.press(&herds, "add", &[]).await;
        let mut animals = desk.send(&name, &[("herd", herd)]).await;
        assert_eq!(animals.place, "animals", "{}", animals.html);
        shows(&animals, &[&format!("Animals of {herd}")]);
        for (n, weight) in weights.iter().enumerate() {
            let animal = desk.press(&animals, "add", &[]).await;
            assert_eq!(animal.place, "animal", "{}", animal.html);
            shows(&animal, &[&format!("Animal {}", n + 1)]);
            animals = desk
                .send(&animal, &[("animal", &format!("{herd} {n}")), ("weight", weight)])
                .await;
            assert_eq!(animals.place, "animals", "{}", animals.html);
        }
        let fed = desk.press(&animals, "continue", &[]).await;
        assert_eq!(fed.place, "fed", "{}", fed.html);
        let sum: u32 = weights.iter().map(|weight| weight.parse::<u32>().unwrap()).sum();
        shows(&fed, &[&format!("{herd} weighs {sum}")]);
        // Back goes into the inner list, and from there on to the herd.
        let inner = desk.press(&fed, "back", &[]).await;
        assert_eq!(inner.place, "animals", "{}", inner.html);
        let outer = desk.press(&inner, "back", &[]).await;
        assert_eq!(outer.place, "herd", "{}", outer.html);
        herds = desk.send(&fed, &[("fed", "yes")]).await;
        assert_eq!(herds.place, "herds", "{}", herds.html);
    }
    shows(&herds, &["<dt>Cows (2)", "<dt>Hens (1)"]);
    let check = desk.press(&herds, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    shows(&check, &["902 in all, 1 heavy.", "Cows 1", "Hens 0"]);
    // An inner item's change link leads back to the review.
    let key = desk.stored(&check).await.keys;
    let animal = desk.follow(&check, Some(&format!("change.animal.{key}"))).await;
    shows(&animal, &["Hens 0", "Animal 1"]);
    let check = desk.send(&animal, &[("animal", "Berta"), ("weight", "3")]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    shows(&check, &["903 in all", "Berta"]);
    // Removed with all that lies in it.
    let herds = desk.follow(&check, Some("change.herds")).await;
    let removed = desk.press(&herds, "remove.1", &[]).await;
    let check = desk.press(&removed, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    shows(&check, &["3 in all, 0 heavy."]);
}

const KIN: &str = r#"
title = "Kin"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "Kin"
actions.start = { label = "Start now", to = "people" }

[lists.people]
title = "Who?"
item = "{{ name }}"
actions.continue = "check"

[screens.who]
in = "people"
fields.name = { type = "text", label = "Name", max = 40 }
actions.continue = "kin"

[lists.kin]
in = "people"
title = "{{ name }} and the others"
item = "{{ nth(people.name, position) }}: {{ kind }}"
each = "people"
actions.continue = "people"

[screens.kind]
in = "kin"
fields.kind = { type = "text", label = "Who is that to {{ nth(people.name, position) }}?", max = 40 }
actions.continue = "kin"

[screens.check]
title = "Check your answers"
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
end = "completed"
"#;

#[tokio::test]
async fn what_is_said_for_each_item_of_another_list_stays_with_it() {
    let desk = Desk::open([read("kin", KIN)]).await;
    let mut people = desk.start("kin").await;
    for (n, name) in ["Ada", "Bea", "Cy"].into_iter().enumerate() {
        let who = desk.press(&people, "add", &[]).await;
        let mut kin = desk.send(&who, &[("name", name)]).await;
        assert_eq!(kin.place, "kin", "{}", kin.html);
        for before in 0..n {
            let kind = desk.press(&kin, "continue", &[]).await;
            assert_eq!(kind.place, "kind", "{}", kind.html);
            let other = ["Ada", "Bea"][before];
            shows(&kind, &[&format!("Who is that to {other}?")]);
            kin = desk.send(&kind, &[("kind", &format!("{name} of {other}"))]).await;
        }
        people = desk.press(&kin, "continue", &[]).await;
        assert_eq!(people.place, "people", "{}", people.html);
    }
    let check = desk.press(&people, "continue", &[]).await;
    shows(&check, &["Bea of Ada", "Cy of Ada", "Cy of Bea"]);
    // Without Ada nothing that was said of her stands, and nothing slips to another.
    let removed = desk.press(&people, "remove.1", &[]).await;
    let check = desk.press(&removed, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    shows(&check, &["Cy of Bea"]);
    assert!(!check.html.contains("of Ada"), "{}", check.html);
    // Put back, it stands again.
    let back = desk.press(&removed, "restore.1", &[]).await;
    let check = desk.press(&back, "continue", &[]).await;
    shows(&check, &["Bea of Ada", "Cy of Ada", "Cy of Bea"]);
}
