//! How a data directory with sessions in the middle of lists is made: by the program of its time, in its own tree.
//!
//! `cargo test --test it -- --ignored formats::made_lists` writes `lists-new` beside `lists-8f56b52`, which is named
//! after the commit that made it.

use deity::flow::Flow;

use super::made::{folder, opened, write};
use crate::effects::done;
use crate::support::desk::{Desk, Sheet, read};

/// The definition of the first golden directory with lists.
pub(super) fn camp() -> Flow {
    let path = folder("lists-8f56b52").join("camp.toml");
    read("camp", &std::fs::read_to_string(path).unwrap())
}

/// The pages that a session was shown, and where it goes on.
struct Walked<'a> {
    desk: &'a Desk,
    pages: Vec<Sheet>,
}

impl<'a> Walked<'a> {
    /// On the task list.
    async fn hub(desk: &'a Desk) -> Self {
        let hub = desk.start("camp").await;
        assert_eq!(hub.place, "hub", "{}", hub.html);
        Self { desk, pages: vec![hub] }
    }

    /// On the page of the people, none of them there yet.
    async fn people(desk: &'a Desk) -> Self {
        let mut walked = Self::hub(desk).await;
        walked.follow("change.people", "people").await;
        walked
    }

    fn last(&self) -> &Sheet {
        self.pages.last().unwrap()
    }

    fn came(&mut self, page: Sheet, place: &str) {
        assert_eq!((page.place.as_str(), page.status), (place, 200), "{}", page.html);
        self.pages.push(page);
    }

    async fn follow(&mut self, action: &str, place: &str) {
        let page = self.desk.follow(self.last(), Some(action)).await;
        self.came(page, place);
    }

    async fn press(&mut self, action: &str, fields: &[(&str, &str)], place: &str) {
        let page = self.desk.press(self.last(), action, fields).await;
        self.came(page, place);
    }

    /// A person with the `pets`, who knows `others` a little: to the page that asks for the bed.
    async fn person(&mut self, name: &str, pets: &[&str], others: usize) {
        self.press("add", &[], "person").await;
        self.press("continue", &[("name", name), ("age", "40")], "pets").await;
        for pet in pets {
            self.press("add", &[], "pet").await;
            self.press("continue", &[("pet", pet)], "pets").await;
        }
        let next = if others > 0 { "ties" } else { "bed" };
        self.press("continue", &[], next).await;
        for _ in 0..others {
            self.press("continue", &[], "tie").await;
            self.press("continue", &[("tie", "little")], "ties").await;
        }
        if others > 0 {
            self.press("continue", &[], "bed").await;
        }
    }

    /// The bed of that person is held: back on the page of the people.
    async fn bed(&mut self, hold: &str) {
        self.press("continue", &[("bed", "upper")], "bed").await;
        assert_eq!(self.last().kind, "waiting");
        self.desk.says(self.last(), "hold", done(&[("hold", hold)])).await;
        self.follow("on", "people").await;
    }

    /// Two people with their beds.
    async fn two(desk: &'a Desk) -> Self {
        let mut walked = Self::people(desk).await;
        walked.person("Ada", &["Rex", "Tom"], 0).await;
        walked.bed("H-1").await;
        walked.person("Ben", &["Kit"], 1).await;
        walked.bed("H-2").await;
        walked
    }

    /// Where they live, in a frame: to its second screen.
    async fn house(&mut self) {
        self.follow("change.house.street", "house.street").await;
        self.press("continue", &[("house.street", "1 Hill Road")], "house.town")
            .await;
    }

    /// Two people, and where they live: to the review.
    async fn checked(desk: &'a Desk) -> Self {
        let mut walked = Self::two(desk).await;
        walked.press("continue", &[], "hub").await;
        walked.house().await;
        walked.press("continue", &[("house.town", "Leeds")], "hub").await;
        walked.press("continue", &[], "check").await;
        walked
    }
}

/// To the page that asks for the name of Ada's first pet.
async fn nested(desk: &Desk) -> Walked<'_> {
    let mut walked = Walked::people(desk).await;
    walked.press("add", &[], "person").await;
    walked
        .press("continue", &[("name", "Ada"), ("age", "40")], "pets")
        .await;
    walked.press("add", &[], "pet").await;
    walked
}

/// Those that stand in a list.
async fn in_lists(desk: &Desk) -> Vec<(&'static str, Vec<Sheet>)> {
    let mut made = Vec::new();
    made.push(("nobody-yet", Walked::people(desk).await.pages));
    let mut walked = Walked::people(desk).await;
    walked.press("add", &[], "person").await;
    made.push(("added", walked.pages));
    made.push(("nested", nested(desk).await.pages));
    let mut walked = nested(desk).await;
    walked.press("back", &[("pet", "Re")], "pets").await;
    made.push(("nested-with-a-draft", walked.pages));
    let mut walked = Walked::people(desk).await;
    walked.person("Ada", &["Rex"], 0).await;
    made.push(("not-finished", walked.pages));
    let mut walked = Walked::people(desk).await;
    walked.person("Ada", &["Rex"], 0).await;
    walked.press("continue", &[("bed", "lower")], "bed").await;
    made.push(("waiting", walked.pages));
    let mut walked = Walked::two(desk).await;
    walked.press("add", &[], "person").await;
    walked.press("continue", &[("name", "Cy"), ("age", "7")], "pets").await;
    walked.press("continue", &[], "ties").await;
    walked.press("continue", &[], "tie").await;
    made.push(("made-for-another", walked.pages));
    made
}

/// To the page of Ada's pets, one of which is removed.
async fn nested_and_removed(desk: &Desk) -> Walked<'_> {
    let mut walked = Walked::people(desk).await;
    walked.person("Ada", &["Rex", "Tom"], 0).await;
    walked.follow("back", "pets").await;
    walked.press("remove.3", &[], "pets").await;
    walked
}

/// Those of which something was removed.
async fn removed(desk: &Desk) -> Vec<(&'static str, Vec<Sheet>)> {
    let mut made = Vec::new();
    made.push(("two", Walked::two(desk).await.pages));
    let mut walked = Walked::two(desk).await;
    walked.press("remove.1", &[], "people").await;
    made.push(("removed", walked.pages));
    let mut walked = Walked::two(desk).await;
    walked.press("remove.1", &[], "people").await;
    desk.says(walked.last(), "release", done(&[])).await;
    walked.follow("open", "people").await;
    made.push(("removed-and-undone", walked.pages));
    made.push(("nested-and-removed", nested_and_removed(desk).await.pages));
    let mut walked = nested_and_removed(desk).await;
    walked.press("restore.3", &[], "pets").await;
    made.push(("put-back", walked.pages));
    made
}

/// Those at the tasks and behind them.
async fn behind(desk: &Desk) -> Vec<(&'static str, Vec<Sheet>)> {
    let mut made = Vec::new();
    let mut walked = Walked::hub(desk).await;
    walked.house().await;
    made.push(("task-begun", walked.pages));
    made.push(("review", Walked::checked(desk).await.pages));
    let mut walked = Walked::checked(desk).await;
    walked.follow("change.person.4", "person").await;
    made.push(("by-a-change-link", walked.pages));
    let mut walked = Walked::checked(desk).await;
    walked.press("send", &[], "check").await;
    made.push(("sending", walked.pages));
    let mut walked = Walked::checked(desk).await;
    walked.press("send", &[], "check").await;
    desk.says(walked.last(), "order", done(&[])).await;
    walked.follow("on", "done").await;
    made.push(("ended", walked.pages));
    made
}

#[tokio::test]
#[ignore = "writes a golden directory: only by a release, in its own tree"]
async fn a_data_directory_with_sessions_in_the_middle_of_lists() {
    let (dir, store, mut made) = opened(vec![camp()]).await;
    let desk = &made.desk;
    let sessions = [in_lists(desk).await, removed(desk).await, behind(desk).await];
    for (name, pages) in sessions.into_iter().flatten() {
        made.sessions.push((name, pages));
    }
    write(&folder("lists-new"), &dir, store, made).await;
}
