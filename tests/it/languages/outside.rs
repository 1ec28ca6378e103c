//! What goes out of a flow in several languages.

use deity::flow::{Flow, Value, bundle};

use crate::support::desk::Desk;

const FLOW: &str = r#"
title = "Ask"
[screens.ask]
title = "What do you need?"
fields.what = { type = "text", label = "Thing" }
fields.cost = { type = "money", label = "Cost", currency = "GBP" }
actions.send = { label = "Send", call = ["book", "thank"], to = "done", failed = "sorry" }
[screens.sorry]
title = "Sorry"
end = "not-sent"
[screens.done]
title = "Done"
end = "completed"
[effects.book]
label = "Your booking"
http = "POST https://desk.example/things"
send = { what = "{{ what }} for {{ cost }}" }
retry = "2m"
[effects.thank]
label = "Our thanks"
email = { to = "ada@home.example", subject = "Thank you for {{ what }}", text = "It costs {{ cost }}." }
"#;

const GERMAN: &str = r#"
[effects]
book.label = "Ihre Buchung"
thank.label = "Unser Dank"
thank.email = { subject = "Danke für {{ what }}", text = "Es kostet {{ cost }}." }
"#;

fn flow() -> Flow {
    super::read(&bundle::with(FLOW, ".de.toml", GERMAN)).0
}

#[tokio::test]
async fn what_is_sent_is_the_same_in_every_language_and_a_message_is_in_the_persons() {
    let mut desk = Desk::open([flow()]).await;
    let (send, mut jobs) = tokio::sync::mpsc::channel(10);
    desk.engine = desk.engine.hire(send, true);
    let page = desk.start_by("hall", Some("de"), Some("open")).await;
    let waiting = desk.send(&page, &[("what", "Stuhl"), ("cost", "1234,50")]).await;
    let job = jobs.recv().await.unwrap();
    assert_eq!(
        (job.errand.effect.as_str(), job.language.as_deref()),
        ("book", Some("de"))
    );
    desk.engine.report_of(&job, crate::effects::done(&[])).await.unwrap();
    let asked = desk.stored(&waiting).await.asked;
    let text = |effect: &str, name: &str| {
        let asked = asked.iter().find(|asked| asked.effect == effect).unwrap();
        let (_, value) = asked.sent.iter().find(|(known, _)| known == name).unwrap();
        match value {
            Value::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(text("book", "what"), "Stuhl for £1,234.50");
    assert_eq!(text("thank", "subject"), "Danke für Stuhl");
    assert_eq!(text("thank", "text"), "Es kostet 1.234,50\u{a0}£.");
    assert_eq!(
        asked.iter().map(|asked| asked.label.as_str()).collect::<Vec<_>>(),
        ["Ihre Buchung", "Unser Dank"]
    );
}

#[tokio::test]
async fn an_operator_reads_in_which_language_somebody_was() {
    let desk = Desk::open([flow()]).await;
    for (language, told) in [("de", Some("de")), ("en", None), ("fr", None)] {
        let page = desk.start_by("hall", Some(language), Some("open")).await;
        let session = desk.stored(&page).await;
        assert_eq!(
            session.language.map(|language| language.tag().to_owned()).as_deref(),
            told
        );
    }
}
