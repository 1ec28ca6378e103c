//! Options in the order of the alphabet of the page's language, labels of lists in that language, and countries.

use std::sync::Arc;

use deity::flow::{Control, Defaults, Field, Flow, Form, Item, OptionList, OptionLists, Scope, Value, Values};
use deity::words::Words;
use jiff::civil::date;

fn flow(lang: &str, fields: &str, lists: &OptionLists) -> Flow {
    let source = format!(
        "title = 'It'\nlang = '{lang}'\n[screens.ask]\ntitle = 'Ask'\n{fields}\nactions.go = 'end'\n\
         [screens.end]\ntitle = 'End'\nend = 'done'\n"
    );
    let read = Flow::read_with("it", &source, &Defaults::default(), lists);
    read.unwrap_or_else(|faults| panic!("{source}: {faults:#?}")).0
}

fn field(mut flow: Flow) -> Field {
    match flow.screens.swap_remove(0).items.swap_remove(0) {
        Item::Field(field) => *field,
        Item::Block(_) => panic!("a block"),
    }
}

/// What is offered, label by label.
fn offered(field: &Field, lang: &str, values: &Values) -> Vec<String> {
    let scope = scope(lang, values);
    let (Control::One(offers) | Control::Several(offers)) = field.control(&scope) else {
        panic!("options")
    };
    offers.into_iter().map(|offer| offer.label).collect()
}

fn scope<'a>(lang: &str, values: &'a Values) -> Scope<'a> {
    Scope {
        values,
        today: date(2026, 11, 23),
        reference: "",
        words: Words::of(lang),
        on_page: false,
    }
}

const LANDS: &str = "options = [\"Oman\", \"Österreich\", { value = \"none\", label = \"Keins\", exclusive = true }, \"Ägypten\", \"Polen\"]";

#[test]
fn options_are_sorted_where_the_author_says_so() {
    let none = Values::new();
    let of = |lang, keys: &str| {
        let fields = format!("fields.it = {{ type = 'choices', label = 'It', {LANDS} {keys} }}");
        offered(&field(flow(lang, &fields, &OptionLists::new())), lang, &none)
    };
    assert_eq!(of("de", ""), ["Oman", "Österreich", "Keins", "Ägypten", "Polen"]);
    // What excludes all others stays last.
    assert_eq!(
        of("de", ", sort = true"),
        ["Ägypten", "Oman", "Österreich", "Polen", "Keins"]
    );
    assert_eq!(
        of("sv", ", sort = true"),
        ["Oman", "Polen", "Ägypten", "Österreich", "Keins"]
    );
}

#[test]
fn what_is_chosen_is_the_same_in_whatever_order_it_is_offered() {
    let fields = format!("fields.it = {{ type = 'choices', label = 'It', {LANDS}, sort = true }}");
    let typed = Form(vec![("it".into(), "polen".into()), ("it".into(), "oman".into())]);
    let none = Values::new();
    for lang in ["de", "sv"] {
        let field = field(flow(lang, &fields, &OptionLists::new()));
        let read = field.parse(&typed, &scope(lang, &none));
        assert_eq!(
            read,
            Ok(Some(Value::List(vec!["oman".into(), "polen".into()]))),
            "{lang}"
        );
    }
}

const VILLAGES: &str = "value,label,label:cy,area\nb,Beck,Nant,north\na,Ash,Onnen,north\nc,Cove,,south\n";

fn villages() -> OptionLists {
    let list = OptionList::read("villages", VILLAGES).unwrap();
    [("villages".to_owned(), Ok(Arc::new(list)))].into()
}

#[test]
fn a_list_of_a_file_has_labels_in_other_languages() {
    let none = Values::new();
    let of = |lang, keys: &str| {
        let fields =
            format!("fields.it = {{ type = 'choice', label = 'It', options = {{ list = 'villages' }}{keys} }}");
        offered(&field(flow(lang, &fields, &villages())), lang, &none)
    };
    assert_eq!(of("en", ""), ["Beck", "Ash", "Cove"]);
    assert_eq!(of("cy", ""), ["Nant", "Onnen", "Cove"]);
    assert_eq!(of("cy", ", sort = true"), ["Cove", "Nant", "Onnen"]);
    assert_eq!(of("en", ", sort = true"), ["Ash", "Beck", "Cove"]);
    let sifted = |lang| {
        let fields = "fields.it = { type = 'choice', label = 'It', sort = true, options = { list = 'villages', where = \"area == 'north'\" } }";
        offered(&field(flow(lang, fields, &villages())), lang, &none)
    };
    assert_eq!([sifted("en"), sifted("cy")], [["Ash", "Beck"], ["Nant", "Onnen"]]);
    let shown = |lang| {
        let fields = "fields.it = { type = 'choice', label = 'It', options = { list = 'villages' } }";
        let field = field(flow(lang, fields, &villages()));
        field.shown(&Value::Text("a".into()), &scope(lang, &none))
    };
    assert_eq!([shown("en"), shown("cy")], ["Ash", "Onnen"]);
}

#[test]
fn labels_of_other_languages_and_the_order_change_no_structure() {
    let read = |csv: &str, sort: &str| {
        let lists = [(
            "villages".to_owned(),
            Ok(Arc::new(OptionList::read("villages", csv).unwrap())),
        )]
        .into();
        let fields =
            format!("fields.it = {{ type = 'choice', label = 'It', options = {{ list = 'villages' }}{sort} }}");
        flow("cy", &fields, &lists).digests.structure
    };
    let plain = "value,label,area\nb,Beck,north\na,Ash,north\nc,Cove,south\n";
    assert_eq!(read(VILLAGES, ""), read(plain, ""));
    assert_eq!(read(plain, ", sort = true"), read(plain, ""));
}

#[test]
fn countries_are_there_without_a_file() {
    let fields = "fields.it = { type = 'choice', label = 'It', options = { list = 'countries' } }";
    let none = Values::new();
    for (lang, typed, shown) in [
        ("en", "united kingdom", "United Kingdom"),
        ("de", "vereinigtes königreich", "Vereinigtes Königreich"),
        ("cy", "y deyrnas unedig", "Y Deyrnas Unedig"),
        ("ar", "المملكة المتحدة", "المملكة المتحدة"),
        ("pl", "wielka brytania", "Wielka Brytania"),
    ] {
        let field = field(flow(lang, fields, &OptionLists::new()));
        let scope = scope(lang, &none);
        assert!(matches!(field.control(&scope), Control::Find(false)));
        let read = field.parse(&Form(vec![("it-find".into(), typed.into())]), &scope);
        assert_eq!(read, Ok(Some(Value::Text("GB".into()))), "{lang}");
        assert_eq!(field.shown(&Value::Text("GB".into()), &scope), shown);
    }
    // What is found stands in the order of the alphabet, what begins so first.
    let german = field(flow("de", fields, &OptionLists::new()));
    let found = german.found("ö", &scope("de", &none));
    let found: Vec<_> = found.offers.iter().map(|offer| offer.label.as_str()).collect();
    assert_eq!(found.first(), Some(&"Österreich"), "{found:?}");
    assert_eq!(found[1..3], ["Färöer", "Französisch-Guayana"]);
    assert_eq!(found.last(), Some(&"Vereinigtes Königreich"));
    // The list is kept with the flow, and read again it is the same.
    let kept = flow("de", fields, &OptionLists::new()).option_lists.remove(0);
    let again = OptionList::read(&kept.name, &kept.source).unwrap();
    assert_eq!(again.digest(), kept.digest());
    assert_eq!(again.options().len(), 249);
}

#[test]
fn a_file_of_countries_has_some_of_them() {
    let list = OptionList::read("lands", "country\nFR\nAT\nEG\n").unwrap();
    let lists: OptionLists = [("lands".to_owned(), Ok(Arc::new(list)))].into();
    let fields = "fields.it = { type = 'choice', label = 'It', options = { list = 'lands' } }";
    let of = |lang| offered(&field(flow(lang, fields, &lists)), lang, &Values::new());
    assert_eq!(of("en"), ["Austria", "Egypt", "France"]);
    assert_eq!(of("de"), ["Ägypten", "Frankreich", "Österreich"]);
}
