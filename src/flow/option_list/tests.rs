//! What is read of a list, and what is wrong with one.

use super::*;

const VILLAGES: &str = "\u{feff}value,label,district\r\na1,\"Ash, Upper\",north\r\nb2,Beck,south\r\nc3,,north\r\n";

#[test]
fn a_list_is_read_as_spreadsheets_write_it() {
    let list = OptionList::read("villages", VILLAGES).unwrap();
    let options: Vec<_> = list
        .options()
        .iter()
        .map(|(value, label)| format!("{value}={label}"))
        .collect();
    assert_eq!(options, ["a1=Ash, Upper", "b2=Beck", "c3=c3"]);
    assert_eq!(list.of_value("b2"), Some(1));
    assert_eq!(list.of_label(" ash,  UPPER"), [0]);
    assert_eq!(list.of_column("district", "north"), Some(&[0, 2][..]));
    assert_eq!(list.of_column("district", "east"), Some(&[][..]));
    assert_eq!(list.of_column("label", "Beck"), None);
    assert_eq!(list.matches(0, "upper"), Some(false));
    assert_eq!(list.matches(0, "ash"), Some(true));
    assert_eq!(list.matches(1, "ash"), None);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let told = |source: &str| OptionList::read("x", source).map(|list| list.len()).unwrap_err();
    for (source, line, words) in [
        ("", 1, "empty"),
        ("value,label\n", 1, "no rows"),
        ("label\nA\n", 1, "no column `value`"),
        ("value,District\na,b\n", 1, "`District`"),
        ("value,key\na,b\n", 1, "`key`"),
        ("value,value\na,b\n", 1, "two columns"),
        ("value,label\na,A\nb\n", 3, "1 columns"),
        ("value,label\na,A\na,B\n", 3, "there already"),
        ("value,label\n\"a b\",A\n", 2, "`a b`"),
        ("value,label\na,\"A\nB\"\n", 2, "one line"),
    ] {
        let wrong = told(source);
        assert_eq!(wrong.line, line, "{source:?}: {wrong:?}");
        assert!(wrong.message.contains(words), "{source:?}: {wrong:?}");
    }
    let many = (0..=limits::LIST_ROWS)
        .map(|n| format!("v{n}"))
        .collect::<Vec<_>>()
        .join("\n");
    assert!(told(&format!("value\n{many}")).message.contains("more than"));
}

#[test]
fn labels_of_another_language_stand_in_a_column_of_their_own() {
    let list = OptionList::read("x", "value,label,label:cy\na,Ash,Onnen\nb,Beck,\n").unwrap();
    assert!(!list.columns().contains_key("label:cy"));
    let labels = |list: &OptionList| {
        list.options()
            .iter()
            .map(|(_, label)| label.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(&list), ["Ash", "Beck"]);
    let told = list.told("cy-GB", Words::of("cy")).unwrap();
    assert_eq!(labels(&told), ["Onnen", "Beck"]);
    assert_eq!(told.of_label("onnen"), [0]);
    assert_eq!((told.structure(), told.digest()), (list.structure(), list.digest()));
    assert!(list.told("fr", Words::of("fr")).is_none());
    let plain = OptionList::read("x", "value,label\na,Ash\nb,Beck\n").unwrap();
    assert_eq!(plain.structure(), list.structure());
    assert!(OptionList::read("x", "value,label:welsh\na,A\n").is_err());
}

#[test]
fn countries_are_called_as_each_language_calls_them() {
    let all = OptionList::countries().unwrap();
    assert_eq!(all.len(), 249);
    let german = all.told("de", Words::of("de")).unwrap();
    let first = german.order(Words::of("de")).rows[0];
    assert_eq!(german.options()[first], ("AF".to_owned(), "Afghanistan".to_owned()));
    assert_eq!(german.of_label("ägypten").len(), 1);
    let few = OptionList::read("lands", "country\nGB\nFR\n").unwrap();
    assert_eq!(few.options()[0].1, "United Kingdom");
    assert_eq!(OptionList::read("lands", "country\nGB\nXX\n").unwrap_err().line, 3);
}

#[test]
fn labels_change_the_file_and_not_what_can_be_chosen() {
    let read = |source: &str| OptionList::read("x", source).unwrap();
    let before = read(VILLAGES);
    let reworded = read(&VILLAGES.replace("Beck", "Becks"));
    assert_eq!(before.structure(), reworded.structure());
    assert_ne!(before.digest(), reworded.digest());
    assert_ne!(
        before.structure(),
        read(&VILLAGES.replace("south", "north")).structure()
    );
    assert_ne!(before.structure(), read(&VILLAGES.replace("b2", "b3")).structure());
}
