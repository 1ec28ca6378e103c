//! Options that are offered under a condition.

use deity::flow::Flow;

use crate::support::desk::{Desk, read};

const FLOW: &str = r#"
title = "Travel"
start = "who"
[screens.who]
fields.age = { type = "integer", label = "How old are you?", max = 120 }
actions.continue = "how"
[screens.how]
title = "How do you travel?"
fields.how = { type = "choice", label = "Vehicle", options = [
  { value = "bus", label = "Bus" },
  { value = "car", label = "Car", when = "age >= 18" },
] }
fields.with = { type = "choices", label = "Take along", required = false, options = [
  { value = "bag", label = "Bag" },
  { value = "wine", label = "Wine", when = "age >= 18" },
] }
actions.continue = "check"
[screens.check]
title = "Check"
review = true
actions.send = "done"
[screens.done]
title = "Sent"
end = "completed"
"#;

#[tokio::test]
async fn an_option_is_offered_and_taken_only_while_its_condition_holds() {
    let desk = Desk::open([read("travel", FLOW)]).await;
    let who = desk.start("travel").await;
    let young = desk.send(&who, &[("age", "12")]).await;
    assert!(
        young.html.contains("Bus") && !young.html.contains("Car") && !young.html.contains("Wine"),
        "{}",
        young.html
    );
    for fields in [[("how", "car"), ("with", "bag")], [("how", "bus"), ("with", "wine")]] {
        assert_eq!(desk.send(&young, &fields).await.status, 422, "{fields:?}");
    }
    let old = desk.send(&who, &[("age", "40")]).await;
    assert!(old.html.contains("Car") && old.html.contains("Wine"), "{}", old.html);
    let check = desk.send(&old, &[("how", "car"), ("with", "wine")]).await;
    assert_eq!((check.place.as_str(), check.status), ("check", 200));
    // Whoever becomes too young for it is asked again.
    let young = desk.send(&who, &[("age", "12")]).await;
    assert_eq!(young.place, "how");
    let check = desk.send(&young, &[("how", "bus")]).await;
    assert_eq!(check.place, "check");
}

#[test]
fn the_condition_reads_earlier_answers_alone_and_is_of_the_structure() {
    let own = FLOW.replace(
        "when = \"age >= 18\" },\n] }\nactions",
        "when = \"how == 'bus'\" },\n] }\nactions",
    );
    let faults = Flow::read("travel", &own).unwrap_err();
    assert!(faults.iter().any(|fault| fault.code == "read-too-early"), "{faults:?}");
    let other = FLOW.replacen("age >= 18", "age >= 21", 1);
    assert_ne!(
        read("travel", FLOW).digests.structure,
        read("travel", &other).digests.structure
    );
}
