//! What stands on a page in another language, or in another direction, says so.

use deity::flow::Flow;

use super::{FLOW, GERMAN, TYPED, begun, with};
use crate::support::desk::Desk;

const NAME: &str = "ليلى";

fn read(source: &str) -> Flow {
    super::read(source).0
}

#[tokio::test]
async fn a_text_that_is_missing_says_its_own_language() {
    let desk = Desk::open([read(&with(&[("de", GERMAN)]))]).await;
    let page = begun(&desk, "de").await;
    let html = &page.html;
    assert!(html.contains("<h1>Ihre Miete</h1>"), "{html}");
    assert!(
        html.contains("<label for=who><span lang=en dir=ltr>Your name</span></label>"),
        "{html}"
    );
    assert!(
        html.contains("<button class=l name=actionID value=stop><span lang=en dir=ltr>Cancel</span></button>"),
        "{html}"
    );
    // What is Markdown is a block; in a title, an option and an attribute nothing can be marked.
    let start = desk.engine.start_page("hall").unwrap();
    let wishes = [deity::id::Language::parse("de").unwrap()];
    let visit = deity::view::Visit {
        wishes: &wishes,
        ..deity::view::Visit::default()
    };
    let start = deity::view::page(&start, &visit).html;
    assert!(start.contains("<div lang=en dir=ltr><p>Bring your"), "{start}");
    assert!(
        start.contains("<title>Hire the village hall - Eine Halle mieten</title>"),
        "{start}"
    );
}

#[tokio::test]
async fn a_name_of_another_direction_stands_apart() {
    let desk = Desk::open([read(FLOW)]).await;
    let page = begun(&desk, "en").await;
    let mut typed = TYPED.to_vec();
    typed[0].1 = NAME;
    let check = desk.send(&page, &typed).await;
    assert_eq!(check.place, "check", "{}", check.html);
    let html = &check.html;
    assert!(
        html.contains(&format!("<h1>Check it, <bdi>{NAME}</bdi></h1>")),
        "{html}"
    );
    assert!(
        html.contains(&format!(
            "<title>Check it, \u{2068}{NAME}\u{2069} - Hire a hall</title>"
        )),
        "{html}"
    );
    assert!(html.contains(&format!("<dd><bdi>{NAME}</bdi>")), "{html}");
    // What could not be turned round has nothing around it.
    assert!(html.contains("<dd>£1,234.50"), "{html}");
}

#[tokio::test]
async fn on_a_page_from_right_to_left_what_is_latin_stands_apart() {
    let arabic = "title = \"استئجار قاعة\"\n[screens.hire]\ntitle = \"الحجز\"\nfields.rent.label = \"الإيجار\"\n";
    let desk = Desk::open([read(&with(&[("ar", arabic)]))]).await;
    let page = begun(&desk, "ar").await;
    assert!(page.html.contains("<html lang=ar dir=rtl>"), "{}", page.html);
    assert!(
        page.html.contains("<input id=who name=who size=40 dir=auto"),
        "{}",
        page.html
    );
    let wrong = desk.send(&page, &[("who", "Ada"), ("rent", "x")]).await;
    assert!(wrong.html.contains("<bdi>"), "{}", wrong.html);
    let check = desk.send(&page, TYPED).await;
    assert!(check.html.contains("<dd><bdi>Ada</bdi>"), "{}", check.html);
}

#[tokio::test]
async fn one_language_from_left_to_right_has_no_directions() {
    let desk = Desk::open([read(FLOW)]).await;
    let page = begun(&desk, "en").await;
    for part in ["dir=", "<bdi>", "lang=en dir", "language."] {
        assert!(!page.html.contains(part), "{part}: {}", page.html);
    }
}

#[tokio::test]
async fn pages_without_a_session_come_in_the_language_that_is_wished_for() {
    let flow = read(&with(&[("cy", super::WELSH)]));
    let desk = Desk::open([flow]).await;
    let site = deity::site::Site {
        tongues: [("cy".to_owned(), deity::site::Tongue::default())].into(),
        ..deity::site::Site::default()
    };
    let drawn = |wish: &str| {
        let wishes: Vec<_> = deity::id::Language::parse(wish).into_iter().collect();
        let visit = deity::view::Visit {
            wishes: &wishes,
            site: &site,
            ..deity::view::Visit::default()
        };
        let start = deity::view::page(&desk.engine.start_page("hall").unwrap(), &visit).html;
        let listed = desk.engine.catalog().flows();
        let listed: Vec<_> = listed
            .values()
            .map(|flow| deity::view::Listed {
                flow: std::sync::Arc::clone(flow),
                open: true,
            })
            .collect();
        let index = deity::view::index(&listed, &visit).html;
        let lost = deity::view::unread(
            deity::view::Problem::TooLarge,
            desk.engine.catalog().flow("hall").as_deref(),
            &deity::flow::Form::default(),
            &visit,
        );
        (start, index, lost.html)
    };
    let (start, index, lost) = drawn("cy-GB");
    assert!(
        start.contains("<html lang=cy") && start.contains("Llogi neuadd y pentref"),
        "{start}"
    );
    assert!(start.contains("<form method=post action=\"hall?lang=cy\">"), "{start}");
    assert!(
        start.contains("<a lang=en href=\"hall?lang=en\">English</a>"),
        "{start}"
    );
    assert!(
        index.contains("<html lang=cy") && index.contains("<a href=\"hall?lang=cy\">Llogi neuadd</a>"),
        "{index}"
    );
    assert!(index.contains("<a lang=en href=\"/?lang=en\">English</a>"), "{index}");
    assert!(lost.contains("<html lang=cy"), "{lost}");
    let (start, index, lost) = drawn("fr");
    for page in [start, index, lost] {
        assert!(page.contains("<html lang=en"), "{page}");
    }
}
