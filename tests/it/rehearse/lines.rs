//! The model of a line: limits, round trips, loss.

use std::time::Duration;

use deity::line::{Cost, Exchange, Line, Manner, Visit, limit, visit};

const NEW: Manner = Manner::Anew;
const KEPT: Manner = Manner::Kept { open: false };
const OPEN: Manner = Manner::Kept { open: true };

fn run(line: &str, manner: Manner, sizes: &[(u64, u64)]) -> Vec<Cost> {
    let line = Line::read(line).unwrap();
    let exchanges: Vec<_> = sizes
        .iter()
        .map(|&(request, answer)| Exchange {
            request,
            answer,
            server: Duration::from_millis(1),
        })
        .collect();
    visit(&Visit {
        line: &line,
        exchanges: &exchanges,
        manner,
        think: Duration::from_secs(30),
    })
}

#[test]
fn no_phase_beats_the_limit_and_a_small_one_comes_near_it() {
    for line in Line::all().filter(|line| line.is_clean() && line.name != "lan") {
        for (manner, opening) in [(NEW, true), (OPEN, false)] {
            for size in [(250, 600), (430, 817), (900, 1_340)] {
                let least = limit(&line, size.0, size.1, opening);
                let time = run(&line.name, manner, &[size])[0].time;
                assert!(time >= least, "{} {manner:?} {size:?}: {time:?} < {least:?}", line.name);
                assert!(
                    time < least * 112 / 100,
                    "{} {manner:?} {size:?}: {time:?}, {least:?}",
                    line.name
                );
            }
        }
    }
}

#[test]
fn the_limit_is_that_of_one_packet_each_way() {
    let line = Line::named("modem-9600").unwrap();
    // 470 and 857 bytes at 1,200 a second, and 300 ms.
    let least = limit(&line, 430, 817, false);
    assert_eq!(least.as_millis(), (470 * 1000 / 1200 + 857 * 1000 / 1200 + 300) as u128);
    assert_eq!((limit(&line, 430, 817, true) - least).as_millis(), 400);
}

#[test]
fn a_new_connection_costs_a_round_trip_and_eight_packets_more() {
    let new = run("3g,jitter=0", NEW, &[(300, 700); 3]);
    let kept = run("3g,jitter=0", KEPT, &[(300, 700); 3]);
    assert_eq!((kept[1].up.packets, kept[1].down.packets), (2, 1));
    assert_eq!((new[1].up.packets, new[1].down.packets), (5, 5));
    assert_eq!((new[1].trips, kept[0].trips, kept[1].trips), (2, 2, 1));
    let more = new[1].time - kept[1].time;
    assert!(
        more > Duration::from_millis(300) && more < Duration::from_millis(320),
        "{more:?}"
    );
    // Who was here before has the connection.
    assert_eq!(run("3g,jitter=0", OPEN, &[(300, 700)])[0].up.packets, 2);
}

#[test]
fn what_is_more_than_ten_packets_takes_another_round_trip() {
    let one = run("3g,jitter=0", OPEN, &[(300, 14_480)]);
    let more = run("3g,jitter=0", OPEN, &[(300, 14_481)]);
    assert_eq!((one[0].trips, more[0].trips), (1, 2));
    assert!(
        more[0].time > one[0].time + Duration::from_millis(200),
        "{one:?} {more:?}"
    );
}

#[test]
fn on_a_slow_modem_the_probe_resends_what_takes_longer_than_two_round_trips() {
    let small = run("modem-9600", KEPT, &[(250, 400)]);
    let large = run("modem-9600", KEPT, &[(250, 1_400)]);
    // The answer goes twice; nobody waits for the second.
    assert_eq!(small[0].down.packets, 3);
    assert_eq!(large[0].down.packets, 4);
    assert!(large[0].down.bytes > 2 * 1_400);
    let least = limit(&Line::named("modem-9600").unwrap(), 250, 1_400, true);
    assert!(large[0].time < least * 106 / 100);
}

#[test]
fn loss_costs_time_in_the_mean_and_the_same_seeds_give_the_same() {
    let sizes = [(300, 900); 4];
    let total = |line: &str| run(line, NEW, &sizes).iter().map(|cost| cost.time).sum::<Duration>();
    let (none, some, much) = (total("gprs,loss=0"), total("gprs"), total("gprs,loss=10%"));
    assert!(none < some && some < much, "{none:?} {some:?} {much:?}");
    assert_eq!(much, total("gprs,loss=10%"));
    // A lost opening takes a second and a half of mean time at that rate, not minutes.
    assert!(much < none * 3, "{none:?} {much:?}");
}

#[test]
fn a_line_that_loses_half_of_everything_comes_to_an_end() {
    let costs = run("2g-bad,loss=50%", NEW, &[(300, 9_000); 2]);
    assert!(costs[1].time > Duration::from_secs(5), "{costs:?}");
}

#[test]
fn a_queue_that_overflows_loses_packets_that_are_sent_again() {
    let narrow = run("up=33.6k,down=33.6k,delay=90ms,queue=3", OPEN, &[(300, 14_000)]);
    let wide = run("up=33.6k,down=33.6k,delay=90ms,queue=20", OPEN, &[(300, 14_000)]);
    // What is missing is told, and comes again while the line would be busy anyhow.
    assert!(narrow[0].up.bytes > wide[0].up.bytes, "{narrow:?} {wide:?}");
    assert!(narrow[0].time >= wide[0].time, "{narrow:?} {wide:?}");
}

#[test]
fn a_slow_server_is_waited_for() {
    let line = Line::named("3g").unwrap();
    let exchanges = [Exchange {
        request: 300,
        answer: 900,
        server: Duration::from_secs(3),
    }];
    let costs = visit(&Visit {
        line: &line,
        exchanges: &exchanges,
        manner: KEPT,
        think: Duration::from_secs(30),
    });
    assert!(costs[0].time > Duration::from_secs(3));
    assert!(costs[0].time < Duration::from_secs(4));
}
