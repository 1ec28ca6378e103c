//! Clients that go away: a stream that is reset, a connection that is closed, an answer that took
//! too long. What they sent is done or not done, never half: each thing that was asked for is
//! handed over, once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use deity::catalog::Catalog;
use deity::engine::{Engine, Job};
use deity::flow::Flow;
use deity::http::{App, Settings};
use deity::limits::Http;
use deity::machine::{Said, Stage};
use deity::store::{Key, KeyKind, Memory, Store, record};
use http_body_util::Full;
use hyper::Request;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::h2::{self, Sender, speak, to};
use super::sessions::hidden_in;
use super::tls::{Secured, connect};
use super::{get, post, world};
use crate::support::faulty::{Fault, Faulty};
use crate::support::tls::NAME;

const ORDER: &str = r#"
title = "An order"
start = "intro"

[screens.intro]
title = "An order"
actions.start = { label = "Start now", to = "thing" }

[screens.thing]
title = "What do you want?"
fields.thing = { type = "text", label = "Thing" }
actions.go = { label = "Continue", to = "check" }

[screens.check]
title = "Check"
review = true
actions.order = { label = "Order", call = "order", to = "done", failed = "sorry" }

[screens.done]
title = "Ordered"
end = "completed"

[screens.sorry]
title = "Not ordered"
end = "not-ordered"

[effects.order]
label = "Your order"
http = "POST http://callee.example/orders"
send = { thing = "{{ thing }}" }
"#;

/// A server, and what the callee was asked, by key.
struct Shop {
    server: Secured,
    engine: Engine,
    faulty: Arc<Faulty>,
    came: Arc<Mutex<BTreeMap<String, usize>>>,
}

async fn shop(limits: Http) -> Shop {
    let (flow, _) = Flow::read("order", ORDER).expect("the flow is right");
    let faulty = Arc::new(Faulty::over(Arc::new(Memory::new()), None));
    let store = Arc::clone(&faulty) as Arc<dyn Store>;
    let engine = Engine::open(store, Arc::new(Catalog::of([flow])), world(), None)
        .await
        .unwrap();
    let (jobs, mut waiting) = mpsc::channel::<Job>(100);
    let engine = engine.hire(jobs, true);
    let came: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let (books, runner) = (Arc::clone(&came), engine.clone());
    tokio::spawn(async move {
        while let Some(job) = waiting.recv().await {
            *books.lock().unwrap().entry(job.errand.key.to_string()).or_default() += 1;
            runner.report_of(&job, Said::Done(BTreeMap::new())).await.unwrap();
        }
    });
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    let app = Arc::new(App::new(engine.clone(), settings));
    Shop {
        server: Secured::run(app).await,
        engine,
        faulty,
        came,
    }
}

impl Shop {
    async fn speak(&self) -> Sender {
        speak(connect(self.server.tls, &self.server.client(&["h2"])).await.unwrap()).await
    }

    /// Up to the review: the form that orders.
    async fn ready(&self, send: &mut Sender) -> String {
        let (_, _, start) = h2::ask(send, to(NAME, get("/order", &[]))).await.unwrap();
        let mut page = start;
        for (action, fields) in [("start", ""), ("go", "&thing=lamp")] {
            let (status, _, next) = h2::ask(send, sent(&form(&page, action, fields))).await.unwrap();
            assert_eq!(status, 200, "{next}");
            page = next;
        }
        assert!(page.contains("Check"), "{page}");
        form(&page, "order", "")
    }

    /// What is on disk and what the callee was asked are one thing; how many ordered.
    async fn audit(&self) -> usize {
        self.engine.at_rest().await;
        let sessions = self.faulty.scan(KeyKind::Session, None, 1000).await.unwrap();
        let mut ordered = 0;
        for (key, stored) in sessions {
            let Key::Session(at) = key else { panic!("{key:?}") };
            let session = record::decode(at, &stored.bytes).unwrap();
            for asked in &session.asked {
                assert!(matches!(asked.stage, Stage::Done { .. }), "{asked:?}");
                assert!(!asked.doubt && asked.attempts == 1, "{asked:?}");
                let key = session.effect_key(asked).to_string();
                assert_eq!(self.came.lock().unwrap().get(&key), Some(&1), "{asked:?}");
                ordered += 1;
            }
        }
        assert_eq!(self.came.lock().unwrap().len(), ordered, "nothing that is not on disk");
        ordered
    }

    /// Until the callee has been asked so often.
    async fn came(&self, times: usize) {
        let asked = async {
            while self.came.lock().unwrap().len() < times {
                sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(Duration::from_secs(30), asked)
            .await
            .expect("it is handed over");
    }
}

fn form(page: &str, action: &str, fields: &str) -> String {
    let [session, screen] = ["sessionID", "screenID"].map(|name| hidden_in(page, name).unwrap_or_default());
    format!("sessionID={session}&screenID={screen}&actionID={action}{fields}")
}

fn sent(form: &str) -> Request<Full<Bytes>> {
    let origin = format!("https://{NAME}");
    let headers = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
    to(NAME, post("/order", &headers, form.to_owned()))
}

#[tokio::test]
async fn a_stream_that_is_reset_at_whichever_store_call_loses_no_order() {
    let shop = shop(Http::default()).await;
    let mut send = shop.speak().await;
    let mut orders = 0;
    for fault in [Fault::HeldBefore, Fault::HeldAfter] {
        for n in 1.. {
            let form = shop.ready(&mut send).await;
            shop.engine.at_rest().await;
            shop.faulty.arm(n, fault);
            let held = tokio::select! {
                biased;
                answer = send.send_request(sent(&form)) => { answer.unwrap(); false }
                () = shop.faulty.held() => true,
            };
            // The request is dropped: its stream is reset. What comes behind it on the same
            // connection is answered when the server knows that.
            h2::ask(&mut send, to(NAME, get("/robots.txt", &[]))).await.unwrap();
            shop.faulty.let_go();
            orders += 1;
            shop.came(orders).await;
            assert_eq!(shop.audit().await, orders, "{fault:?} at {n}");
            let (status, _, page) = h2::ask(&mut send, sent(&form)).await.unwrap();
            assert!(status == 200 && page.contains("Ordered"), "{page}");
            shop.faulty.disarm();
            if !held {
                assert!(n > 2, "a phase makes more calls than {n}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn streams_reset_shortly_after_their_forms_leave_nothing_in_doubt() {
    let shop = shop(Http::default()).await;
    let mut ordered = 0;
    let mut forms = Vec::new();
    for n in 0..60_u64 {
        let mut send = shop.speak().await;
        let form = shop.ready(&mut send).await;
        let short = Duration::from_micros(300 + n * 130);
        let answered = timeout(short, send.send_request(sent(&form))).await.is_ok();
        ordered += usize::from(answered);
        forms.push((send, form));
    }
    // Those who got their answer have ordered; of the others nobody knows, and nobody must.
    assert!(shop.audit().await >= ordered);
    for (mut send, form) in forms {
        let (status, _, page) = h2::ask(&mut send, sent(&form)).await.unwrap();
        assert_eq!(status, 200, "{page}");
    }
    shop.came(60).await;
    assert_eq!(shop.audit().await, 60);
}

#[tokio::test]
async fn a_connection_of_http_1_that_is_closed_at_whichever_store_call_loses_no_order() {
    let shop = shop(Http::default()).await;
    let mut send = shop.speak().await;
    let mut orders = 0;
    for fault in [Fault::HeldBefore, Fault::HeldAfter] {
        for n in 1..=3 {
            let form = shop.ready(&mut send).await;
            shop.engine.at_rest().await;
            shop.faulty.arm(n, fault);
            let mut one = TcpStream::connect(shop.server.plain).await.unwrap();
            let length = form.len();
            let head = format!(
                "POST /order HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: {}\r\nContent-Length: {length}\r\n\r\n{form}",
                super::FORM
            );
            one.write_all(head.as_bytes()).await.unwrap();
            if n < 3 {
                shop.faulty.held().await;
            }
            // With a reset, not an end: nobody reads what comes.
            one.set_zero_linger().unwrap();
            drop(one);
            h2::ask(&mut send, to(NAME, get("/robots.txt", &[]))).await.unwrap();
            shop.faulty.let_go();
            orders += 1;
            shop.came(orders).await;
            assert_eq!(shop.audit().await, orders, "{fault:?} at {n}");
            shop.faulty.disarm();
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_given_up_because_the_disk_is_slow_is_a_replay_when_it_is_sent_again() {
    let shop = shop(Http {
        handler_time: Duration::from_millis(200),
        in_flight: 1,
        queue_wait: Duration::from_millis(50),
        ..Http::default()
    })
    .await;
    let mut send = shop.speak().await;
    for (n, fault) in [Fault::HeldBefore, Fault::HeldAfter].into_iter().enumerate() {
        let form = shop.ready(&mut send).await;
        shop.engine.at_rest().await;
        shop.faulty.arm(2, fault);
        let (status, _, page) = h2::ask(&mut send, sent(&form)).await.unwrap();
        assert_eq!(status, 503, "{page}");
        shop.faulty.held().await;
        // Its turn is still taken: what is under way stays bounded.
        let (status, _, _) = h2::ask(&mut send, to(NAME, get("/", &[]))).await.unwrap();
        assert_eq!(status, 503);
        shop.faulty.let_go();
        shop.came(n + 1).await;
        assert_eq!(shop.audit().await, n + 1, "{fault:?}");
        let (status, _, page) = h2::ask(&mut send, sent(&form)).await.unwrap();
        assert!(status == 200 && page.contains("Ordered"), "{page}");
    }
}
