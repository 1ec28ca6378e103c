//! Fields: what is typed becomes a value, or words that say what to enter; and back.

mod dates;
mod languages;
mod messages;
mod numbers;
mod people;
mod properties;
mod times;

use deity::flow::{Currency, Expr, Fault, Field, Flow, Form, Item, Scope, Types, Value, Values};
use deity::words::Words;
use jiff::civil::{Date, date};

static NONE: Values = Values::new();

fn today() -> Date {
    date(2026, 11, 23)
}

fn scope() -> Scope<'static> {
    scope_in(Words::english())
}

/// The same in another language.
pub(crate) fn scope_in(words: Words) -> Scope<'static> {
    Scope {
        values: &NONE,
        today: today(),
        reference: "",
        words,
        on_page: false,
    }
}

/// The field of a definition, with these keys.
fn field(keys: &str, label: &str) -> Field {
    field_in("en", keys, label)
}

/// The same in another language.
fn field_in(lang: &str, keys: &str, label: &str) -> Field {
    let source = format!(
        "title = 'It'\nlang = '{lang}'\nstart = 'ask'\n[screens.ask]\ntitle = 'Ask'\n\
         fields.it = {{ {keys}, label = {label:?} }}\nactions.go = 'end'\n\
         [screens.end]\ntitle = 'End'\nend = 'done'\n"
    );
    let read = Flow::read("it", &source);
    let (mut flow, _) = read.unwrap_or_else(|faults| panic!("{source}: {faults:#?}"));
    match flow.screens.swap_remove(0).items.swap_remove(0) {
        Item::Field(field) => *field,
        Item::Block(_) => panic!("a block"),
    }
}

const OPTIONS: &str = "[{ value = 'a', label = 'The a one' }, { value = 'b', label = 'The b one' }, \
                       { value = 'c', label = 'The c one' }, \
                       { value = 'none', label = 'The none one', exclusive = true }]";

/// Whether an expression over a text `name` holds.
fn expr_holds(source: &str, values: &Values) -> bool {
    let types = Types::from([("name".to_owned(), deity::flow::Type::Text.into())]);
    let expr = Expr::parse(source, &types).unwrap_or_else(|flaws| panic!("{source}: {flaws:?}"));
    expr.holds(&Scope { values, ..scope() })
}

fn pounds() -> Currency {
    Currency::of("GBP").unwrap()
}

fn one(typed: &str) -> Form {
    Form(vec![("it".to_owned(), typed.to_owned())])
}

fn parse(field: &Field, typed: &str) -> Result<Option<Value>, Fault> {
    field.parse(&one(typed), &scope())
}

#[track_caller]
fn takes(field: &Field, typed: &str, value: Value) {
    assert_eq!(parse(field, typed), Ok(Some(value)), "{typed:?}");
}

#[track_caller]
fn refuses(field: &Field, typed: &str, message: &str) {
    let fault = parse(field, typed).expect_err(typed);
    assert_eq!(fault.message, message, "{typed:?}");
    assert_eq!(
        (fault.field.as_str(), fault.input.as_str()),
        ("it", field.inputs()[0].as_str())
    );
}

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

#[test]
fn a_line_is_folded_and_bounded() {
    let name = field("type = 'text', max = 10", "Given names");
    takes(&name, "  Ada \t Maria\u{a0}", text("Ada Maria"));
    takes(&name, "Zoe\u{308}", text("Zo\u{eb}"));
    takes(&name, "\u{202a}Ada\u{202c}\u{feff}", text("Ada"));
    takes(&name, "1\n2", text("1 2"));
    refuses(&name, " \u{200b} ", "Enter given names");
    refuses(&name, "12345678901", "Given names must be 10 characters or fewer");
    takes(
        &name,
        "\u{200e}Si\u{200c}m\u{200d}on\u{200b}",
        text("Si\u{200c}m\u{200d}on"),
    );
    refuses(&name, "a\u{7}b", "Given names must not include control characters");
    let code = "type = 'text', min = 4, max = 5, pattern = '[A-Z]{2}[0-9]{2}', normalise = 'code'";
    let code = field(code, "What is your code?");
    takes(&code, " ab-1 2", text("AB12"));
    refuses(&code, "ab1", "Your code must be 4 characters or more");
    refuses(&code, "abcd", "Enter your code in the right format");
    let default = field("type = 'text'", "Name");
    refuses(&default, &"x".repeat(501), "Name must be 500 characters or fewer");
    refuses(&default, &"x".repeat(70_000), "Name must be shorter");
}

#[test]
fn a_postcode_gets_its_space_and_capitals() {
    let postcode = field("type = 'postcode'", "Postcode");
    takes(&postcode, "sw1a1aa", text("SW1A 1AA"));
    takes(&postcode, " M1-1 ae ", text("M1 1AE"));
    let any = field("type = 'text', normalise = 'postcode'", "Postcode");
    takes(&any, "yes\u{df}\u{301}", text("YE SS\u{15a}"));
    refuses(&postcode, "sw1a", "Enter a full UK postcode, like SW1A 2AA");
    refuses(&postcode, "", "Enter postcode");
}

#[test]
fn lines_keep_their_ends_alone() {
    let lines = field("type = 'lines'", "What happened?");
    takes(&lines, "\r\n a  b \r\n\r\nc\t\rd\n\n", text(" a  b\n\nc\nd".trim()));
    refuses(&lines, " \r\n ", "Enter an answer to “What happened?”");
    refuses(
        &lines,
        &"x".repeat(5_001),
        "Your answer must be 5000 characters or fewer",
    );
}

#[test]
fn a_secret_is_never_shown_again() {
    let secret = field("type = 'secret'", "Password");
    takes(&secret, " a  b ", text("a  b"));
    assert_eq!(secret.boxes(&text("a  b")), Form::default());
    assert!(!secret.shown(&text("a  b"), &scope()).contains('a'));
}

#[test]
fn an_email_address_is_one_that_mail_can_reach() {
    let email = field("type = 'email'", "Email address");
    takes(&email, " ada@example.com ", text("ada@example.com"));
    takes(
        &email,
        "MailTo:ada+x@sub.example.co.uk",
        text("ada+x@sub.example.co.uk"),
    );
    takes(&email, "ada @ example.com", text("ada@example.com"));
    takes(&email, "\u{fc}ml@ex\u{e4}mple.de", text("\u{fc}ml@ex\u{e4}mple.de"));
    for bad in [
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "Ada <ada@example.com>",
        "a b@example.com",
        "ada@@example.com",
        "ada@example..com",
        "ada@[127.0.0.1]",
        "ada@example.com, bob@example.com",
    ] {
        refuses(
            &email,
            bad,
            "Enter an email address in the correct format, like name@example.com",
        );
    }
    refuses(&email, "", "Enter email address");
}

#[test]
fn a_telephone_number_is_kept_as_typed() {
    let tel = field("type = 'tel'", "What number can we call?");
    for good in [
        "01632 960 001",
        "+44 (0)808 157-0192",
        "07700.900.982",
        "020 7946 0000 ext. 12",
        "555-0123 x9",
    ] {
        takes(&tel, good, text(good));
    }
    takes(&tel, " \u{202a}0207  946\u{a0}0000\u{202c}", text("0207 946 0000"));
    for bad in [
        "12345",
        "1234567890123456",
        "call me",
        "07700 900 982 or 3",
        "++441632960001",
        "0163296000a",
        "01632 960 001 ext",
        "01632 (((((((((((((((((((())))))))))))) 960001",
    ] {
        refuses(
            &tel,
            bad,
            "Enter a telephone number, like 01632 960 001 or +44 808 157 0192",
        );
    }
    refuses(&tel, "", "Enter a telephone number");
}

#[test]
fn one_option_is_chosen_and_only_of_those() {
    let options = "{ yes = 'The yes one', no = 'The no one' }";
    let choice = field(
        &format!("type = 'choice', options = {options}"),
        "Has your name changed?",
    );
    takes(&choice, "yes", text("yes"));
    refuses(&choice, "", "Select an option");
    refuses(&choice, "Yes", "Select an option");
    assert_eq!(choice.shown(&text("no"), &scope()), "The no one");
    assert!(choice.still_valid(&text("no"), &scope()));
    assert!(!choice.still_valid(&text("maybe"), &scope()));
    let country = field("type = 'choice', options = ['UK', 'France']", "What is your country?");
    refuses(&country, "", "Select your country");
    let yes_no = field("type = 'yes-no'", "Do you smoke?");
    takes(&yes_no, "no", Value::Bool(false));
    refuses(&yes_no, "", "Select yes or no");
    refuses(&yes_no, "true", "Select yes or no");
}

#[test]
fn several_options_come_in_their_order_and_none_stands_alone() {
    let several = |typed: &[&str]| Form(typed.iter().map(|v| ("it".to_owned(), (*v).to_owned())).collect());
    let list = |values: &[&str]| Value::List(values.iter().map(|v| (*v).to_owned()).collect());
    let pets = field(
        &format!("type = 'choices', min = 2, max = 2, options = {OPTIONS}"),
        "Which pets?",
    );
    let parse = |typed: &[&str]| pets.parse(&several(typed), &scope()).map_err(|fault| fault.message);
    assert_eq!(parse(&["c", "a", "c"]), Ok(Some(list(&["a", "c"]))));
    assert_eq!(parse(&["none"]), Ok(Some(list(&["none"]))));
    assert_eq!(parse(&["a"]), Err("Select 2 options or more".to_owned()));
    assert_eq!(parse(&["a", "b", "c"]), Err("Select 2 options or fewer".to_owned()));
    let both = "Select \u{201c}The none one\u{201d} or other options, but not both";
    assert_eq!(parse(&["a", "none"]), Err(both.to_owned()));
    assert_eq!(parse(&["d"]), Err("Select an option".to_owned()));
    assert_eq!(parse(&[]), Err("Select at least one option".to_owned()));
    assert_eq!(pets.shown(&list(&["a", "c"]), &scope()), "The a one\nThe c one");
}

#[test]
fn a_declaration_must_be_ticked() {
    let mut confirm = field("type = 'confirm'", "I agree");
    takes(&confirm, "yes", Value::Bool(true));
    refuses(&confirm, "", "Tick the box to confirm this");
    refuses(&confirm, "on", "Tick the box to confirm this");
    confirm.required = false;
    assert_eq!(parse(&confirm, ""), Ok(None));
}

#[test]
fn an_optional_field_may_be_empty_but_not_wrong() {
    let number = field("type = 'integer', required = false", "Age");
    assert_eq!(parse(&number, "  "), Ok(None));
    assert_eq!(number.parse(&Form::default(), &scope()), Ok(None));
    refuses(&number, "old", "Age must be a number, like 42");
}

#[test]
fn a_box_that_comes_twice_is_refused() {
    let name = field("type = 'text'", "Name");
    let twice = Form(vec![("it".into(), "a".into()), ("it".into(), "b".into())]);
    assert_eq!(
        name.parse(&twice, &scope()).unwrap_err().message,
        "Name must be given only once"
    );
    let array = Form(vec![("it[]".into(), "a".into())]);
    assert_eq!(name.parse(&array, &scope()).unwrap_err().message, "Enter name");
}

#[test]
fn a_computed_field_asks_nothing() {
    let computed = field("type = 'computed', value = '1 + 1'", "Total");
    assert_eq!(parse(&computed, "5"), Ok(None));
    assert!(computed.inputs().is_empty());
    assert_eq!(computed.boxes(&Value::Number(2.into())), Form::default());
    assert_eq!(computed.shown(&Value::Number(2.into()), &scope()), "2");
}
