//! Who a start ticket is for: a network and a browser, also behind proxies.

use std::net::IpAddr;

use deity::http::{Settings, Trusted, handle};
use http_body_util::BodyExt as _;

use super::sessions::{FLOW, hidden_in, serving};
use super::{get, post};

/// Whether a ticket that was given to one client starts a session for another.
async fn starts(settings: &Settings, giving: (&str, &[(&str, &str)]), taking: (&str, &[(&str, &str)])) -> bool {
    let app = serving(FLOW, settings.clone()).await;
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let page = handle(&app, get("/bicycle", giving.1), address(giving.0)).await;
    assert_eq!(page.status(), 200);
    let page = String::from_utf8(page.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let ticket = hidden_in(&page, "sessionID").unwrap();
    let body = format!("sessionID={ticket}&screenID=&actionID=start");
    let answer = handle(&app, post("/bicycle", taking.1, body), address(taking.0)).await;
    let status = answer.status().as_u16();
    let page = String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let started = page.contains("Who are you?");
    assert!(started || status != 500, "{status}");
    started
}

#[tokio::test]
async fn a_ticket_is_for_a_network_and_a_browser() {
    let settings = Settings::default();
    let lynx: &[(&str, &str)] = &[("user-agent", "Lynx/2.9")];
    let w3m: &[(&str, &str)] = &[("user-agent", "w3m/0.5")];
    let cases = [
        ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.200", true),
        ("192.0.2.7", "192.0.3.7", false),
        ("192.0.2.7", "::ffff:192.0.2.9", true),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9", true),
        ("2001:db8:1:2::1", "2001:db8:2:2::1", false),
    ];
    for (giving, taking, same) in cases {
        assert_eq!(
            starts(&settings, (giving, lynx), (taking, lynx)).await,
            same,
            "{giving} {taking}"
        );
        assert!(
            !starts(&settings, (giving, lynx), (taking, w3m)).await,
            "another browser"
        );
        assert!(
            !starts(&settings, (giving, lynx), (taking, &[])).await,
            "no word of a browser"
        );
    }
}

#[tokio::test]
async fn x_forwarded_for_counts_from_trusted_proxies_only() {
    let trusting = Settings {
        trusted: Trusted(vec![
            "198.51.100.0/24".parse().unwrap(),
            "2001:db8::/32".parse().unwrap(),
        ]),
        ..Settings::default()
    };
    let from = |address: &'static str| vec![("x-forwarded-for", address)];
    let cases = [
        // The same client through two proxies.
        ("192.0.2.7", "198.51.100.2", "192.0.2.9", "198.51.100.3", true),
        // Two clients through one proxy.
        ("192.0.2.7", "198.51.100.2", "203.0.113.7", "198.51.100.2", false),
        // What a client says of itself stands to the left.
        (
            "203.0.113.7, 192.0.2.7",
            "198.51.100.2",
            "192.0.2.7",
            "198.51.100.2",
            true,
        ),
        (
            "203.0.113.7, 192.0.2.7",
            "198.51.100.2",
            "203.0.113.7",
            "198.51.100.2",
            false,
        ),
        // Proxies behind proxies, ports, brackets.
        (
            "192.0.2.7, 198.51.100.9",
            "198.51.100.2",
            "192.0.2.7:4711",
            "198.51.100.2",
            true,
        ),
        (
            "[2a00:1:2:3::4]:80",
            "2001:db8::1",
            "2a00:1:2:ffff::4",
            "198.51.100.2",
            true,
        ),
        // Rubbish is nobody: the proxy itself stands for the client.
        ("unknown", "198.51.100.2", "_hidden", "198.51.100.3", true),
        // Nobody else is believed.
        ("192.0.2.7", "203.0.113.1", "192.0.2.7", "203.0.114.1", false),
    ];
    for (said, peer, said_then, peer_then, same) in cases {
        let (first, second) = (from(said), from(said_then));
        let started = starts(&trusting, (peer, &first), (peer_then, &second)).await;
        assert_eq!(started, same, "{said} by {peer}, then {said_then} by {peer_then}");
    }
    let said = from("192.0.2.7");
    let other = from("203.0.113.7");
    assert!(
        starts(&Settings::default(), ("198.51.100.2", &said), ("198.51.100.2", &other)).await,
        "by default nobody"
    );
}
