//! Saves and returns over a store that fails at each of its calls in turn.

use std::sync::Arc;

use deity::engine::{Reply, Request, Secret};
use deity::machine::own;
use deity::store::{Memory, Store};

use super::{FLOW, SECRET, begun, code, comes, saved};
use crate::support::desk::{Desk, Sheet, read, sheet};
use crate::support::faulty::{Fault, Faulty};

const FAULTS: [Fault; 3] = [Fault::NotApplied, Fault::DoubtDone, Fault::DoubtNotDone];
/// More calls than a save or a return makes.
const CALLS: usize = 16;

async fn over(faulty: &Arc<Faulty>) -> Desk {
    let store: Arc<dyn Store> = Arc::clone(faulty) as Arc<dyn Store>;
    Desk::over(store, [read("allotment", FLOW)]).await
}

fn request(page: &Sheet) -> Request {
    Request {
        secret: Secret(SECRET.to_owned()),
        ..Desk::post(page, Some(own::KEEP), &[])
    }
}

#[tokio::test]
async fn a_save_that_failed_anywhere_is_pressed_again_and_its_code_opens() {
    let mut met = 0;
    for n in 1..=CALLS {
        for fault in FAULTS {
            let faulty = Arc::new(Faulty::over(Arc::new(Memory::new()), None));
            let desk = over(&faulty).await;
            let page = begun(&desk).await;
            let saving = desk.press(&page, own::SAVE, &[]).await;
            faulty.arm(n, fault);
            let first = desk.engine.answer(request(&saving)).await;
            met += usize::from(faulty.disarm());
            assert!(
                matches!(first, Reply::Busy { .. } | Reply::Session(_)),
                "{n} {fault:?}: {first:?}"
            );
            if let Reply::Session(shown) = &first {
                assert!(shown.session.code > 0, "{n} {fault:?}: what is shown as saved is");
            }
            let again = sheet(desk.engine.answer(request(&saving)).await);
            assert_eq!((again.kind, again.status), ("saved", 200), "{n} {fault:?}");
            let code = code(&desk, &again).await;
            let back = comes(&desk, &code, SECRET).await;
            assert!(matches!(back, Reply::Session(_)), "{n} {fault:?}: {back:?}");
        }
    }
    assert!(met >= 9, "{met} faults were met");
}

#[tokio::test]
async fn a_return_that_failed_anywhere_is_tried_again_and_opens() {
    let mut met = 0;
    for n in 1..=CALLS / 2 {
        for fault in FAULTS {
            let faulty = Arc::new(Faulty::over(Arc::new(Memory::new()), None));
            let desk = over(&faulty).await;
            let (_, code) = saved(&desk).await;
            faulty.arm(n, fault);
            let first = comes(&desk, &code, SECRET).await;
            met += usize::from(faulty.disarm());
            let fine = matches!(first, Reply::Session(_) | Reply::NoReturn { busy: true, .. });
            assert!(fine, "{n} {fault:?}: {first:?}");
            let again = comes(&desk, &code, SECRET).await;
            assert!(matches!(again, Reply::Session(_)), "{n} {fault:?}: {again:?}");
        }
    }
    assert!(met >= 9, "{met} faults were met");
}
