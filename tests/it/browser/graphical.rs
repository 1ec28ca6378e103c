//! Firefox through both flows, with an error, both kinds of Back, a change from the review, in
//! UTF-8; and what went over the wire meanwhile.

use serde_json::json;

use super::between::Wire;
use super::firefox::Firefox;
use crate::support::App;

#[test]
#[ignore = "needs firefox-esr: run tests/run"]
fn probe_firefox() {
    let app = App::of_phases();
    let wire = Wire::to(app.address());
    let mut firefox = Firefox::start();
    firefox.go("data:text/html,<p id=p>off</p><script>document.getElementById('p').textContent='on'</script>");
    firefox.sees("off");
    firefox.go(&format!("http://{}/passport-renewal", wire.address));
    firefox.press("Start now");
    firefox.fill("given", "Zoë");
    firefox.press("Continue");
    println!("{}", firefox.text());
    println!("{}", firefox.holds("given"));
    firefox.fill("family", "Müller-Łukasz");
    firefox.press("Continue");
    println!("{}", firefox.text());
    firefox.back();
    println!("{}", firefox.text());
    println!("{:?}", firefox.cookies());
    for e in wire.exchanges() {
        println!("{} {} {}", e.what, e.request, e.head);
    }
    let _x = json!(1);
}
