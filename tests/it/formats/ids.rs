//! Printed screen ids: those that are in somebody's page stay good.

use std::path::Path;

use deity::id::{Language, ScreenId, ScreenKey, Way};
use proptest::option;
use proptest::prelude::*;

const KEY: ScreenKey = ScreenKey([0x5a; 16]);

fn way(word: &str) -> Way {
    match word.split_once(':') {
        None if word == "path" => Way::Path,
        None if word == "change" => Way::Change,
        Some(("from", screen)) => Way::ChangeFrom(screen.parse().unwrap()),
        Some(("since", screen)) => Way::SinceChange(screen.parse().unwrap()),
        _ => panic!("no way is called {word}"),
    }
}

/// A row of the golden file: the id, and how it is printed.
fn row(line: &str) -> (ScreenId, &str) {
    let [step, frame, item, screen, led, language, shown, printed] = line.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{line}")
    };
    let language = (language != "-").then(|| Language::parse(language).unwrap());
    let shown = (shown != "-").then(|| u32::from_str_radix(shown, 16).unwrap());
    let id = ScreenId {
        step: step.parse().unwrap(),
        frame: frame.parse().unwrap(),
        item: item.parse().unwrap(),
        screen: screen.parse().unwrap(),
        way: way(led),
        language,
        shown: shown.map(|n| n.to_be_bytes()[1..].try_into().unwrap()),
    };
    (id, printed)
}

#[test]
fn ids_are_printed_and_read_as_they_always_were() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/formats/ids.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(rows.len() > 12);
    for line in rows {
        let (id, printed) = row(line);
        assert_eq!(id.sealed(&KEY), printed, "{line}");
        assert_eq!(ScreenId::open(printed, &KEY), Some(id), "{line}");
    }
}

#[test]
fn an_id_on_the_path_has_fifteen_characters_and_a_digest_takes_four_more() {
    let id = ScreenId {
        step: 127,
        screen: 127,
        ..ScreenId::default()
    };
    assert_eq!(id.sealed(&KEY).len(), 15);
    let shown = Some([1, 2, 3]);
    assert_eq!(ScreenId { shown, ..id }.sealed(&KEY).len(), 19);
}

prop_compose! {
    fn any_id()(
        step in 0..1_u64 << 63,
        (frame, item, screen) in any::<(u16, u32, u16)>(),
        way in prop_oneof![
            Just(Way::Path),
            Just(Way::Change),
            any::<u16>().prop_map(Way::ChangeFrom),
            any::<u16>().prop_map(Way::SinceChange),
        ],
        language in option::of("[A-Za-z0-9-]{2,35}"),
        shown in option::of(any::<[u8; 3]>()),
    ) -> ScreenId {
        let language = language.map(|tag| Language::parse(&tag).unwrap());
        ScreenId { step, frame, item, screen, way, language, shown }
    }
}

proptest! {
    #[test]
    fn every_id_is_read_back_under_its_own_key_only(id in any_id(), key: [u8; 16], other: [u8; 16]) {
        let text = id.sealed(&ScreenKey(key));
        prop_assert_eq!(ScreenId::open(&text, &ScreenKey(key)), Some(id));
        prop_assert!(key == other || ScreenId::open(&text, &ScreenKey(other)).is_none());
    }

    #[test]
    fn one_changed_character_is_noticed(id in any_id(), at: prop::sample::Index, to in "[A-Za-z0-9_-]") {
        let text = id.sealed(&KEY);
        let at = at.index(text.len());
        let changed = format!("{}{to}{}", &text[..at], &text[at + 1..]);
        prop_assert!(changed == text || ScreenId::open(&changed, &KEY).is_none());
    }

    #[test]
    fn any_text_gets_an_answer(text in ".{0,120}") {
        prop_assert_eq!(ScreenId::open(&text, &KEY), None);
    }
}
