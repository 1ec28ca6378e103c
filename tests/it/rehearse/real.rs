//! The rehearsed server against one that really runs: the same bytes.

use serde_json::Value as Json;

use super::{deity, err, out};
use crate::support::App;

fn phases(arguments: &[&str]) -> Vec<Json> {
    let mut all = vec!["rehearse", "home-repair-grant", "--walk", "corrected", "--json"];
    all.extend_from_slice(arguments);
    let done = deity(&all);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
    let report: Json = serde_json::from_str(out(&done).trim()).unwrap();
    report["tours"][0]["phases"].as_array().unwrap().clone()
}

#[test]
fn a_rehearsal_counts_what_a_real_server_sends() {
    let app = App::of_phases();
    let address = app.address().to_string();
    let origin = format!("http://{address}");
    for browser in ["lynx", "chromium"] {
        let real = phases(&["--browser", browser, "--against", &address, "--think", "0"]);
        let rehearsed = phases(&["--browser", browser, "--origin", &origin]);
        assert_eq!(real.len(), rehearsed.len());
        for (real, rehearsed) in real.iter().zip(&rehearsed) {
            let size = |phase: &Json, figure: &str| phase[figure].as_i64().unwrap();
            // Ids are as long, up to a digit; compressed, other ids and a busy machine make a few bytes more.
            let up = size(real, "http_up") - size(rehearsed, "http_up");
            let down = size(real, "http_down") - size(rehearsed, "http_down");
            assert!(up.abs() <= 4, "{real}\n{rehearsed}");
            assert!(down.abs() <= size(rehearsed, "http_down") / 5, "{real}\n{rehearsed}");
            assert_eq!(real["status"], rehearsed["status"]);
            assert!(real["measured"].as_f64().unwrap() > 0.0);
        }
    }
}
