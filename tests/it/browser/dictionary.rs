//! Shared dictionaries (RFC 9842) in a real browser: it fetches one by itself, and its pages come
//! packed against it, byte for byte as they would without.

use serde_json::json;

use super::chromium;
use crate::support::App;

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_takes_a_dictionary_and_every_page_comes_out_as_it_was() {
    let app = App::of_phases();
    let url = format!("http://{}/passport-renewal", app.address());
    let found = chromium::run(&json!({
        "walk": url,
        "again": true,
        "steps": [
            { "packed": "dcb" },
            { "see": "Renew your passport", "press": "Start now" },
            { "press": "Continue" },
            { "see": "There is a problem", "fill": { "given": "Zoë", "family": "Müller-Łukasz" }, "press": "Continue" },
            { "fill": { "born-day": "27", "born-month": "3", "born-year": "1987" }, "press": "Continue" },
            { "fill": { "changed": "no" }, "press": "Continue" },
            { "fill": { "line1": "1 High Street", "town": "London", "postcode": "sw1a1aa" }, "press": "Continue" },
            { "see": "Check your answers", "follow": "Change Given names" },
            { "fill": { "given": "Zoe" }, "press": "Continue" },
            { "see": "You changed:", "press": "Confirm and send" },
            { "see": "Application complete" },
        ],
    }));
    let answers = found["answers"].as_array().unwrap();
    assert_eq!(answers[0]["encoding"], "br", "who has none gets the page all the same");
    let phases = answers.iter().skip_while(|answer| answer["method"] != "POST");
    let mut sizes = Vec::new();
    for answer in phases {
        assert_eq!(answer["encoding"], "dcb", "{answer}");
        sizes.push(answer["bytes"].as_u64().unwrap());
    }
    assert_eq!(sizes.len(), 9);
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    println!("pages of {sizes:?} bytes against a dictionary, headers included");
    assert!(median <= 520, "median {median} of {sizes:?}");
    assert_eq!(found["cookies"], json!([]));
}
