//! Who may start: everybody who has a start page, from whatever address and with whatever browser.

use std::net::IpAddr;

use deity::http::{Settings, Trusted, handle};
use http_body_util::BodyExt as _;
use hyper::HeaderMap;

use super::sessions::{FLOW, hidden_in, serving};
use super::{get, post};

#[tokio::test]
async fn a_ticket_is_bound_to_no_address_and_no_browser() {
    let app = serving(FLOW, Settings::default()).await;
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let text = async |response: hyper::Response<http_body_util::Full<bytes::Bytes>>| {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    };
    let lynx: &[(&str, &str)] = &[("user-agent", "Lynx/2.9")];
    let page = text(handle(&app, get("/bicycle", lynx), address("192.0.2.7")).await).await;
    let ticket = hidden_in(&page, "sessionID").unwrap();
    let mut sessions = std::collections::HashSet::new();
    for from in ["192.0.2.7", "203.0.113.9", "2001:db8::1"] {
        for headers in [lynx, &[("user-agent", "w3m/0.5")], &[]] {
            let body = format!("sessionID={ticket}&screenID=&actionID=start");
            let page = text(handle(&app, post("/bicycle", headers, body), address(from)).await).await;
            assert!(page.contains("Who are you?"), "{from} {headers:?}: {page}");
            assert!(
                sessions.insert(hidden_in(&page, "sessionID").unwrap()),
                "each has its own"
            );
        }
    }
}

#[test]
fn x_forwarded_for_counts_from_trusted_proxies_only() {
    let trusting = Trusted(vec![
        "198.51.100.0/24".parse().unwrap(),
        "2001:db8::/32".parse().unwrap(),
    ]);
    let client = |trusted: &Trusted, peer: &str, said: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", said.parse().unwrap());
        trusted
            .client(peer.parse::<IpAddr>().unwrap().into(), &headers)
            .to_string()
    };
    for (peer, said, expected) in [
        ("198.51.100.2", "192.0.2.7", "192.0.2.7"),
        // What a client says of itself stands to the left.
        ("198.51.100.2", "203.0.113.7, 192.0.2.7", "192.0.2.7"),
        // Proxies behind proxies, ports, brackets.
        ("198.51.100.2", "192.0.2.7, 198.51.100.9", "192.0.2.7"),
        ("198.51.100.2", "192.0.2.7:4711", "192.0.2.7"),
        ("2001:db8::1", "[2a00:1:2:3::4]:80", "2a00:1:2:3::4"),
        // Rubbish is nobody: the proxy itself stands for the client.
        ("198.51.100.2", "unknown", "198.51.100.2"),
        // Nobody else is believed.
        ("203.0.113.1", "192.0.2.7", "203.0.113.1"),
    ] {
        assert_eq!(client(&trusting, peer, said), expected, "{said} by {peer}");
    }
    assert_eq!(client(&Trusted::default(), "198.51.100.2", "192.0.2.7"), "198.51.100.2");
}
