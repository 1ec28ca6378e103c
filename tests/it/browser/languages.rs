//! Real browsers through a flow in another language than its own: set to that language, or led there by an
//! address. An error, another language in mid-page and back with what is typed, the page's Back, a change from
//! the review, the receipt; and what is kept of it.

use serde_json::json;

use super::firefox::Firefox;
use super::terminal::{Do, ELINKS, Keys, LINKS, LYNX, Terminal, W3M};
use super::{audit, cashier, chromium, exported};
use crate::support::App;

/// What is done, and going on so often before, between and after.
fn then<'a>(parts: &[(usize, &[Do<'a>])]) -> Vec<Do<'a>> {
    let part = |(times, doing): &(usize, &[Do<'a>])| [vec![Do::Next; *times], doing.to_vec()].concat();
    parts.iter().flat_map(part).collect()
}

/// The renewal is as it was typed, in whichever language.
fn renewed(app: &App) {
    let (answers, journal) = exported(app);
    assert_eq!(
        answers,
        json!({
            "given": "Siân Ann", "family": "Müller-Łukasz", "born": "1987-03-27", "changed": "no",
            "line1": "Heol y Bont 6", "town": "Łódź", "postcode": "SW1A 1AA", "registered": "R-1",
        })
    );
    assert_eq!(journal.last().map(String::as_str), Some("ended"));
    let renewals: Vec<_> = audit(app).renewals.into_iter().map(|renewal| renewal.state).collect();
    assert_eq!(renewals, ["registered"]);
}

/// The seat that was chosen is paid for, and there is a ticket for it.
fn booked(app: &App, seat: &str, place: &str) {
    let (answers, _) = exported(app);
    for (name, value) in [("seat", seat), ("name", "ليلى حداد"), ("place", place)] {
        assert_eq!(answers[name], value, "{answers}");
    }
    assert_eq!(answers["price"], json!({ "amount": "24.00", "currency": "GBP" }));
    audit(app);
}

/// On the page with these words, does that, and then presses what stands past so much: Back, or a language
/// behind it; and past the button for more time where there is one.
fn presses(browser: &Terminal, words: &str, before: &[Do<'_>], past: usize) {
    browser.sees(words);
    browser.rests();
    let screen = browser.screen();
    let more = ["I need more time", "Mae angen mwy o amser", "أحتاج إلى مزيد"];
    let more = usize::from(more.iter().any(|words| screen.contains(words)));
    browser.page(words, &then(&[(0, before), (past + more, &[Do::Press])]));
}

fn in_welsh(keys: Keys) {
    let app = App::of_phases();
    let url = format!("http://{}/passport-renewal", app.address());
    let browser = Terminal::open_in(keys, &url, Some("cy"));
    browser.page("Adnewyddu’ch pasbort", &[Do::Press]);
    browser.page("Beth yw eich enw?", &[Do::Type("Siân"), Do::Next, Do::Press]);
    // What is wrong is said in English too, with what was typed since: past the link to the field and the fields,
    // Continue and Back.
    presses(&browser, "Mae yna broblem", &[Do::Next, Do::Type(" Ann")], 3);
    browser.sees("There is a problem");
    browser.sees("Siân Ann");
    let family = [Do::Next, Do::Next, Do::Type("Müller-Łukasz")];
    presses(&browser, "There is a problem", &family, 3);
    browser.sees("Beth yw eich enw?");
    browser.sees("Müller-Łukasz");
    browser.page("Beth yw eich enw?", &then(&[(2, &[Do::Press])]));
    browser.page(
        "Beth yw eich dyddiad geni?",
        &[Do::Type("27"), Do::Type("3"), Do::Type("1987"), Do::Press],
    );
    // Past the option that answers nothing, Yes, No and Continue.
    presses(&browser, "Ydy eich enw wedi newid?", &[], 4);
    browser.page("Beth yw eich dyddiad geni?", &then(&[(3, &[Do::Press])]));
    browser.page("Ydy eich enw wedi newid?", &then(&[(2, &[Do::Tick, Do::Press])]));
    let address = [
        Do::Type("Heol y Bont 4"),
        Do::Next,
        Do::Type("Łódź"),
        Do::Type("SW1A 1AA"),
        Do::Press,
    ];
    browser.page("Beth yw eich cyfeiriad?", &address);
    browser.page("Gwiriwch eich atebion", &then(&[(4, &[Do::Press])]));
    browser.page(
        "Beth yw eich cyfeiriad?",
        &[Do::Over(1, "6"), Do::Next, Do::Next, Do::Next, Do::Press],
    );
    browser.sees("Rydych wedi newid:");
    browser.sees("27 Mawrth 1987");
    browser.page("Cadarnhau ac anfon", &then(&[(8, &[Do::Press])]));
    browser.sees("Mae’ch cais wedi’i gwblhau");
    renewed(&app);
}

fn in_arabic(keys: Keys) {
    let app = App::of_phases();
    let url = format!("http://{}/seat-booking", app.address());
    let browser = Terminal::open_in(keys, &url, Some("ar"));
    browser.page("حجز مقعد", &[Do::Press]);
    // Nothing is picked; what is wrong is said in English too: past the link, the list, both buttons and Back.
    browser.page("أين تريد أن تجلس؟", &[Do::Next, Do::Press]);
    presses(&browser, "توجد مشكلة", &[], 5);
    presses(&browser, "There is a problem", &[Do::Next, Do::Pick(2)], 3);
    browser.sees("أين تريد أن تجلس؟");
    browser.sees("Row A, seat 2");
    browser.page("أين تريد أن تجلس؟", &[Do::Next, Do::Press]);
    presses(&browser, "من سيحضر؟", &[], 3);
    browser.page("أين تريد أن تجلس؟", &[Do::Next, Do::Press]);
    // Typed, and read in English and in Arabic again.
    presses(&browser, "من سيحضر؟", &[Do::Type("ليلى")], 3);
    browser.sees("ليلى");
    presses(&browser, "Who is coming?", &[], 4);
    browser.sees("ليلى");
    browser.page("من سيحضر؟", &[Do::Next, Do::Press]);
    browser.page("راجع حجزك", &[Do::Next, Do::Press]);
    browser.page("من سيحضر؟", &[Do::Type(" حداد"), Do::Press]);
    browser.sees("ما يلي");
    browser.page("راجع حجزك", &then(&[(2, &[Do::Press])]));
    // links2 and elinks show a link of their own above the page: that it comes again by itself.
    browser.sees(&cashier(&app));
    browser.rests();
    let own = usize::from(browser.screen().contains("Refresh:"));
    browser.page(&cashier(&app), &then(&[(own, &[Do::Press])]));
    browser.page("Do not pay", &[Do::Press]);
    browser.page("لقد عدت", &[Do::Press]);
    browser.page("لقد دفعت", &[Do::Press]);
    browser.sees("تذكرتك");
    browser.sees("Row A, seat 2");
    booked(&app, "a2", "Row A, seat 2");
}

#[test]
#[ignore = "needs tmux and lynx: run tests/run"]
fn lynx_renews_a_passport_in_welsh() {
    in_welsh(LYNX);
}

#[test]
#[ignore = "needs tmux and w3m: run tests/run"]
fn w3m_renews_a_passport_in_welsh() {
    in_welsh(W3M);
}

#[test]
#[ignore = "needs tmux and links2: run tests/run"]
fn links2_renews_a_passport_in_welsh() {
    in_welsh(LINKS);
}

#[test]
#[ignore = "needs tmux and elinks: run tests/run"]
fn elinks_renews_a_passport_in_welsh() {
    in_welsh(ELINKS);
}

#[test]
#[ignore = "needs tmux and lynx: run tests/run"]
fn lynx_books_a_seat_in_arabic() {
    in_arabic(LYNX);
}

#[test]
#[ignore = "needs tmux and w3m: run tests/run"]
fn w3m_books_a_seat_in_arabic() {
    in_arabic(W3M);
}

#[test]
#[ignore = "needs tmux and links2: run tests/run"]
fn links2_books_a_seat_in_arabic() {
    in_arabic(LINKS);
}

#[test]
#[ignore = "needs tmux and elinks: run tests/run"]
fn elinks_books_a_seat_in_arabic() {
    in_arabic(ELINKS);
}

#[test]
#[ignore = "needs firefox-esr: run tests/run"]
fn firefox_renews_a_passport_in_welsh() {
    let app = App::of_phases();
    let mut firefox = Firefox::start_in("cy, en");
    firefox.go(&format!("http://{}/passport-renewal", app.address()));
    assert_eq!(firefox.reads(), ("cy".to_owned(), String::new()));
    firefox.press("Dechrau nawr");
    firefox.fill("given", "Siân");
    firefox.press("Parhau");
    firefox.sees("Mae yna broblem");
    firefox.fill("given", "Siân Ann");
    firefox.press("English");
    firefox.sees("There is a problem");
    assert_eq!(firefox.reads().0, "en");
    assert_eq!(firefox.holds("given"), "Siân Ann");
    firefox.fill("family", "Müller-Łukasz");
    firefox.press("Cymraeg");
    assert_eq!(firefox.holds("family"), "Müller-Łukasz");
    firefox.press("Parhau");
    firefox.fill_all(&[("born-day", "27"), ("born-month", "3"), ("born-year", "1987")]);
    firefox.press("Parhau");
    firefox.sees("Ydy eich enw wedi newid?");
    firefox.press("Yn ôl");
    assert_eq!(firefox.holds("born-year"), "1987");
    firefox.press("Parhau");
    firefox.pick("changed", "no");
    firefox.press("Parhau");
    firefox.fill_all(&[("line1", "Heol y Bont 4"), ("town", "Łódź"), ("postcode", "sw1a 1aa")]);
    firefox.press("Parhau");
    firefox.sees("Gwiriwch eich atebion");
    firefox.sees("27 Mawrth 1987");
    // A page without questions has links, and its own Back asks for nothing.
    firefox.follow("English");
    firefox.sees("27 March 1987");
    firefox.back();
    firefox.sees("Gwiriwch eich atebion");
    firefox.follow("Newid Llinell cyfeiriad 1");
    firefox.fill("line1", "Heol y Bont 6");
    firefox.press("Parhau");
    firefox.sees("Rydych wedi newid:");
    firefox.press("Cadarnhau ac anfon");
    firefox.sees("Mae’ch cais wedi’i gwblhau");
    renewed(&app);
}

#[test]
#[ignore = "needs firefox-esr: run tests/run"]
fn firefox_books_a_seat_in_arabic() {
    let app = App::of_phases();
    let mut firefox = Firefox::start_in("ar, en");
    let from_right_to_left = ("ar".to_owned(), "rtl".to_owned());
    firefox.go(&format!("http://{}/seat-booking", app.address()));
    assert_eq!(firefox.reads(), from_right_to_left);
    firefox.press("ابدأ الآن");
    firefox.press("الاحتفاظ بهذا المقعد");
    firefox.sees("توجد مشكلة");
    firefox.press("English");
    firefox.sees("There is a problem");
    assert_eq!(firefox.reads(), ("en".to_owned(), String::new()));
    firefox.pick_of("seat", "b3");
    firefox.press("العربية");
    assert_eq!(firefox.holds("seat"), "b3");
    assert_eq!(firefox.reads(), from_right_to_left);
    firefox.press("الاحتفاظ بهذا المقعد");
    firefox.sees("من سيحضر؟");
    firefox.press("رجوع");
    assert_eq!(firefox.holds("seat"), "b3");
    firefox.press("الاحتفاظ بهذا المقعد");
    firefox.fill("name", "ليلى");
    firefox.press("متابعة");
    firefox.sees("راجع حجزك");
    firefox.follow("تغيير اسمك");
    assert_eq!(firefox.holds("name"), "ليلى");
    firefox.fill("name", "ليلى حداد");
    firefox.press("متابعة");
    firefox.sees("ما يلي");
    firefox.press_main();
    let there = format!("عملية الدفع: المتابعة في {}", cashier(&app));
    firefox.follow(&there);
    firefox.press("Pay £24.00");
    firefox.sees("لقد عدت");
    assert_eq!(firefox.reads(), from_right_to_left);
    firefox.press("متابعة");
    firefox.press("الحصول على التذكرة");
    firefox.sees("تذكرتك");
    firefox.sees("Row B, seat 3");
    assert_eq!(firefox.reads(), from_right_to_left);
    booked(&app, "b3", "Row B, seat 3");
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_renews_a_passport_in_welsh() {
    let app = App::of_phases();
    let found = chromium::run(&json!({
        "walk": format!("http://{}/passport-renewal", app.address()),
        "locale": "cy-GB",
        "steps": [
            { "see": "Adnewyddu’ch pasbort", "shown": "html[lang=cy]:not([dir])", "press": "Dechrau nawr" },
            { "fill": { "given": "Siân" }, "press": "Parhau" },
            { "see": "Mae yna broblem", "fill": { "given": "Siân Ann" }, "press": "English" },
            { "see": "There is a problem", "holds": { "given": "Siân Ann" } },
            { "fill": { "family": "Müller-Łukasz" }, "press": "Cymraeg" },
            { "see": "Beth yw eich enw?", "holds": { "given": "Siân Ann", "family": "Müller-Łukasz" } },
            { "press": "Parhau" },
            { "fill": { "born-day": "27", "born-month": "Mawrth", "born-year": "1987" }, "press": "Parhau" },
            { "see": "Ydy eich enw wedi newid?", "press": "Yn ôl" },
            { "holds": { "born-year": "1987" }, "press": "Parhau" },
            { "fill": { "changed": "no" }, "press": "العربية" },
            { "shown": "html[lang=ar][dir=rtl]", "checked": "[name=changed][value=no]", "press": "Cymraeg" },
            { "press": "Parhau" },
            { "fill": { "line1": "Heol y Bont 4", "town": "Łódź", "postcode": "sw1a 1aa" }, "press": "Parhau" },
            { "see": "Gwiriwch eich atebion", "follow": "English" },
            { "see": "27 March 1987", "back": true },
            { "see": "27 Mawrth 1987", "follow": "Newid Llinell cyfeiriad 1" },
            { "fill": { "line1": "Heol y Bont 6" }, "press": "Parhau" },
            { "see": "Rydych wedi newid:", "press": "Cadarnhau ac anfon" },
            { "see": "Mae’ch cais wedi’i gwblhau", "follow": "Gweld ac argraffu’r hyn rydych wedi’i anfon" },
            { "see": "27 Mawrth 1987" },
        ],
    }));
    assert_eq!(found["cookies"], json!([]));
    renewed(&app);
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_books_a_seat_in_arabic() {
    let app = App::of_phases();
    let there = format!("عملية الدفع: المتابعة في {}", cashier(&app));
    let found = chromium::run(&json!({
        "walk": format!("http://{}/seat-booking", app.address()),
        "locale": "ar",
        "steps": [
            { "see": "حجز مقعد", "shown": "html[lang=ar][dir=rtl]", "press": "ابدأ الآن" },
            { "see": "أين تريد أن تجلس؟", "press": "الاحتفاظ بهذا المقعد" },
            { "see": "توجد مشكلة", "press": "English" },
            { "see": "There is a problem", "shown": "html[lang=en]:not([dir])" },
            { "fill": { "seat": "b3" }, "press": "العربية" },
            { "see": "أين تريد أن تجلس؟", "holds": { "seat": "b3" }, "press": "الاحتفاظ بهذا المقعد" },
            { "see": "من سيحضر؟", "press": "رجوع" },
            { "holds": { "seat": "b3" }, "press": "الاحتفاظ بهذا المقعد" },
            { "fill": { "name": "ليلى" }, "press": "English" },
            { "see": "Who is coming?", "holds": { "name": "ليلى" }, "press": "العربية" },
            { "holds": { "name": "ليلى" }, "press": "متابعة" },
            { "see": "راجع حجزك", "follow": "تغيير اسمك" },
            { "fill": { "name": "ليلى حداد" }, "press": "متابعة" },
            { "see": "ما يلي", "shown": "html[dir=rtl]", "press": "دفع 24.00 UK£" },
            { "follow": there },
            { "press": "Pay £24.00" },
            { "see": "لقد عدت", "shown": "html[lang=ar][dir=rtl]", "press": "متابعة" },
            { "see": "لقد دفعت", "press": "الحصول على التذكرة" },
            { "see": "تذكرتك", "shown": "html[lang=ar][dir=rtl]" },
        ],
    }));
    assert!(
        found["text"].as_str().unwrap().contains("Row B, seat 3"),
        "{}",
        found["text"]
    );
    assert_eq!(found["cookies"], json!([]));
    booked(&app, "b3", "Row B, seat 3");
}
