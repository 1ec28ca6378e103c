//! Whole flows over slow lines, to the end: how long they take beside the least that the line
//! allows for the bytes that were sent.

use std::time::{Duration, Instant};

use super::net::{Lay, Net};
use super::profile::{BAD_2G, GPRS, MODEM_33K6, MODEM_9600};
use super::walk::{RENEWAL, TRANSFER};
use crate::support::agent::Agent;
use crate::support::ran;

#[test]
#[ignore = "needs root or unshare, and /dev/net/tun: run tests/run"]
fn probe() {
    let began = Instant::now();
    let mut lays = Vec::new();
    for profile in [MODEM_9600, MODEM_33K6, GPRS, BAD_2G] {
        for seed in 0..4 {
            lays.push(Lay::of(profile).seed(seed));
        }
    }
    let net = Net::lay(&lays);
    let out = net.each(|person| {
        let agent = if person.at % 2 == 0 {
            Agent::Lynx
        } else {
            Agent::Chromium
        };
        let walk = if person.at % 4 < 2 { RENEWAL } else { TRANSFER };
        let (browser, took, least) = walk.walk(&person, agent, Duration::from_secs(4));
        let counts = person.line.counts();
        format!(
            "{} {agent:?} {} {took:.2?} {least:.2?} {:.3} server {:.1?} {counts:?} {:?}",
            person.line.profile().name,
            walk.flow,
            took.as_secs_f64() / least.as_secs_f64(),
            person.line.answering(),
            browser
                .passages
                .iter()
                .map(|p| (p.sent, p.received, p.took.as_millis(), p.fresh))
                .collect::<Vec<_>>()
        )
    });
    for line in out {
        println!("{line}");
    }
    ran("whole", 1, began.elapsed(), "");
}

#[test]
#[ignore = "x"]
fn probe2() {
    let net = Net::lay(&[Lay::of(super::profile::LAN), Lay::of(super::profile::LAN)]);
    net.each(|person| {
        let walk = if person.at == 0 {
            super::walk::WINDING_RENEWAL
        } else {
            super::walk::WINDING_TRANSFER
        };
        let (browser, ..) = walk.walk(&person, Agent::Lynx, Duration::from_secs(4));
        println!("{}", browser.page.text());
    });
    let out = net.app.deity(&["sessions", "export"]);
    println!("{}", String::from_utf8_lossy(&out.stdout));
    let out = net.app.deity(&["sessions", "list", "--json"]);
    println!("{}", String::from_utf8_lossy(&out.stdout));
    for line in String::from_utf8_lossy(&out.stdout).lines() {
        let v: serde_json::Value = serde_json::from_str(line).unwrap();
        let out = net
            .app
            .deity(&["sessions", "show", "--json", v["reference"].as_str().unwrap()]);
        println!("{}", String::from_utf8_lossy(&out.stdout));
    }
}
