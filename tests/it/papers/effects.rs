//! docs/effects.md: its flow, and its shop in a script.

use super::{EFFECTS, blocks, marked};
use crate::support::App;

fn flow() -> String {
    marked(EFFECTS, "an effect", "toml").remove(0)
}

#[test]
fn the_flow_with_an_effect_is_read_without_a_word() {
    let app = App::stopped(&[("lamps", &flow())]);
    let checked = app.deity(&["check"]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(said.contains("1 file checked: 0 errors, 0 warnings"), "{said}");
}

#[test]
fn the_script_is_the_whole_shop() {
    let flow: Vec<String> = flow()
        .lines()
        .filter_map(|line| match line {
            _ if line.starts_with("headers = ") => None,
            _ if line.starts_with("http = \"POST ") => Some("run = \"order.sh\"".to_owned()),
            _ if line.starts_with("http = \"DELETE ") => Some("run = \"order.sh\"\nmethod = \"DELETE\"".to_owned()),
            _ => Some(line.to_owned()),
        })
        .collect();
    let mut app = App::stopped(&[("lamps", &flow.join("\n"))]);
    app.program("order.sh", &blocks(EFFECTS, "bash").remove(0));
    app.run();
    let mut browser = app.browser("/lamps");
    browser.press("Start now");
    browser.fill("Lamps", "9").press("Order");
    assert!(
        browser.page.text().contains("There are only eight lamps."),
        "{}",
        browser.page.text()
    );
    browser.fill("Lamps", "8").press("Order");
    assert_eq!(browser.page.heading(), "Ordered");
    assert!(
        browser.page.text().contains("The shop calls your order N-1."),
        "{}",
        browser.page.text()
    );
    let orders = std::fs::read_to_string(app.data().join("orders.txt")).unwrap();
    assert!(
        orders.ends_with(" lamps=8\n") && orders.lines().count() == 1,
        "{orders}"
    );
}
