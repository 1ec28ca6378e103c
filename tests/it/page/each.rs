//! One page of each kind, by name: to be measured, and to be looked at.

use deity::engine::Reply;
use deity::flow::Form;
use deity::view::{self, Drawn, Problem};

use super::kinds::{ALL, BORN, NAME, PET, Scene, at_in, busy, changes, sealed};

/// A page of each kind.
pub fn one_of_each(scene: Scene<'_>) -> Vec<(String, Drawn)> {
    let mut pages = Vec::new();
    let site = scene.visit.site;
    let mut note = |name: &str, page: &Drawn| pages.push((name.to_owned(), page.clone()));
    note("start", &scene.opens().page);
    for screen in ["first", "born", "pet", "all", "plain", "check", ""] {
        let mut person = at_in(scene, screen);
        note(&format!("screen {screen}"), &person.page);
        if ["first", "born", "pet", "all"].contains(&screen) {
            person.presses(&[], None);
            note(&format!("errors {screen}"), &person.page);
        }
    }
    let mut person = at_in(scene, "check");
    let link = person
        .dom
        .links()
        .find(changes)
        .unwrap()
        .get("href")
        .unwrap()
        .to_owned();
    person.opens_link(&link, false);
    note("between", &person.page);
    let mut person = at_in(scene, "check");
    person.follows("change.born");
    person.presses(&[("born-day", "28")], None);
    note("changed", &person.page);
    let mut person = at_in(scene, "all");
    person.presses(&[], Some("stop"));
    note("cancelling", &person.page);
    person.presses(&[], Some("yes-cancel"));
    note("cancelled", &person.page);
    let mut person = at_in(scene, "first");
    note("not applied", &sealed(scene).page);
    person.waits(3 * 60 * 60);
    person.presses(NAME, None);
    note("expired", &person.page);
    let source = &format!("private = true\n{}", scene.source);
    let mut person = Scene { source, ..scene }.opens();
    person.presses(&[], None);
    for fields in [NAME, BORN, PET, ALL, &[]] {
        person.presses(fields, None);
    }
    note("private review", &person.page);
    to_be_saved(scene, &mut note);
    let typed = Form(vec![("given".into(), "Anna".into())]);
    let flow = Some(std::sync::Arc::clone(&person.flow));
    note("not found", &view::page(&Reply::NotFound { flow, typed }, &scene.visit));
    let listed = view::Listed {
        flow: std::sync::Arc::clone(&person.flow),
        open: true,
    };
    note("index", &view::index(&[listed], &scene.visit));
    note("busy", &busy(&person));
    for problem in Problem::ALL {
        note(&format!("problem {problem:?}"), &view::error(problem, &scene.visit));
    }
    for name in site.articles.keys().chain(site.elsewhere.keys()) {
        let stop = site.stop(name).unwrap();
        note(&format!("site {name}"), &view::article(&stop, None, &scene.visit));
    }
    pages
}

/// The pages around a return code.
fn to_be_saved(scene: Scene<'_>, note: &mut impl FnMut(&str, &Drawn)) {
    let source = &format!("save = true\n{}", scene.source);
    let mut person = Scene { source, ..scene }.opens();
    note("start of what can be saved", &person.page);
    person.presses(&[], None);
    person.presses(NAME, Some("save-for-later"));
    note("saving", &person.page);
    note("come back", &view::come_back(&scene.visit));
    let no_return = |busy| Reply::NoReturn {
        code: "k7qx a4mt p2w8".to_owned(),
        busy,
        contact: None,
    };
    note("no return", &view::page(&no_return(false), &scene.visit));
    note("no return at present", &view::page(&no_return(true), &scene.visit));
}
