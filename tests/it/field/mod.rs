//! Fields: what is typed becomes a value, or words that say what to enter; and back.

mod dates;
mod numbers;
mod properties;

use deity::flow::{Choice, Currency, Expr, Fault, Field, Form, Kind, Normalise, Scope, Text, TextRules, Types};
use deity::flow::{Value, Values};
use jiff::civil::{Date, date};
use regex::Regex;

static NONE: Values = Values::new();

fn today() -> Date {
    date(2026, 11, 23)
}

fn scope() -> Scope<'static> {
    Scope {
        values: &NONE,
        today: today(),
        reference: "",
    }
}

fn field(kind: Kind, label: &str) -> Field {
    Field {
        name: "it".to_owned(),
        kind,
        label: Text::fixed(label),
        hint: None,
        required: true,
        message: None,
        default: None,
        when: None,
        autocomplete: None,
        input_mode: None,
    }
}

fn expr(source: &str) -> Option<Expr> {
    Some(Expr::parse(source, &Types::new()).unwrap_or_else(|flaws| panic!("{source}: {flaws:?}")))
}

fn options(values: &[&str]) -> Vec<Choice> {
    let option = |value: &&str| Choice {
        value: (*value).to_owned(),
        label: Text::fixed(format!("The {value} one")),
        hint: None,
        exclusive: *value == "none",
    };
    values.iter().map(option).collect()
}

fn rules(max: u32, pattern: Option<&str>, normalise: Normalise) -> TextRules {
    let pattern = pattern.map(|pattern| Regex::new(&format!("^(?:{pattern})$")).unwrap());
    TextRules {
        min: None,
        max: Some(max),
        pattern,
        normalise,
    }
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
    let name = field(Kind::Text(rules(10, None, Normalise::None)), "Given names");
    takes(&name, "  Ada \t Maria\u{a0}", text("Ada Maria"));
    takes(&name, "Zoe\u{308}", text("Zo\u{eb}"));
    takes(&name, "\u{202a}Ada\u{202c}\u{feff}", text("Ada"));
    takes(&name, "1\n2", text("1 2"));
    refuses(&name, " \u{200b} ", "Enter given names");
    refuses(&name, "12345678901", "Given names must be 10 characters or fewer");
    refuses(&name, "a\u{7}b", "Given names must not include control characters");
    let mut code = rules(5, Some("[A-Z]{2}[0-9]{2}"), Normalise::Code);
    code.min = Some(4);
    let code = field(Kind::Text(code), "What is your code?");
    takes(&code, " ab-1 2", text("AB12"));
    refuses(&code, "ab1", "Your code must be 4 characters or more");
    refuses(&code, "abcd", "Enter your code in the right format");
    let default = field(Kind::Text(TextRules::default()), "Name");
    refuses(&default, &"x".repeat(501), "Name must be 500 characters or fewer");
    refuses(&default, &"x".repeat(70_000), "Name must be shorter");
}

#[test]
fn a_postcode_gets_its_space_and_capitals() {
    let pattern = "[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}";
    let postcode = field(Kind::Text(rules(10, Some(pattern), Normalise::Postcode)), "Postcode");
    takes(&postcode, "sw1a1aa", text("SW1A 1AA"));
    takes(&postcode, " M1-1 ae ", text("M1 1AE"));
    let any = field(Kind::Text(rules(10, None, Normalise::Postcode)), "Postcode");
    takes(&any, "yes\u{df}\u{301}", text("YE SS\u{15a}"));
    refuses(&postcode, "sw1a", "Enter a full UK postcode, like SW1A 1AA");
    refuses(&postcode, "", "Enter postcode");
}

#[test]
fn lines_keep_their_ends_alone() {
    let lines = field(Kind::Lines(TextRules::default()), "What happened?");
    takes(&lines, "\r\n a  b \r\n\r\nc\t\rd\n\n", text(" a  b\n\nc\nd".trim()));
    refuses(&lines, " \r\n ", "Enter an answer");
    refuses(
        &lines,
        &"x".repeat(5_001),
        "Your answer must be 5000 characters or fewer",
    );
}

#[test]
fn a_secret_is_never_shown_again() {
    let secret = field(Kind::Secret(TextRules::default()), "Password");
    takes(&secret, " a  b ", text("a  b"));
    assert_eq!(secret.boxes(&text("a  b")), Form::default());
    assert!(!secret.shown(&text("a  b"), &scope()).contains('a'));
}

#[test]
fn an_email_address_is_one_that_mail_can_reach() {
    let email = field(Kind::Email, "Email address");
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
    let tel = field(Kind::Tel, "What number can we call?");
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
    let choice = field(
        Kind::Choice {
            options: options(&["yes", "no"]),
        },
        "Has your name changed?",
    );
    takes(&choice, "yes", text("yes"));
    refuses(&choice, "", "Select one of the options");
    refuses(&choice, "Yes", "Select one of the options");
    assert_eq!(choice.shown(&text("no"), &scope()), "The no one");
    assert!(choice.still_valid(&text("no"), &scope()));
    assert!(!choice.still_valid(&text("maybe"), &scope()));
    let country = field(
        Kind::Choice {
            options: options(&["uk"]),
        },
        "What is your country?",
    );
    refuses(&country, "", "Select your country");
    let yes_no = field(Kind::YesNo, "Do you smoke?");
    takes(&yes_no, "no", Value::Bool(false));
    refuses(&yes_no, "", "Select yes or no");
    refuses(&yes_no, "true", "Select yes or no");
}

#[test]
fn several_options_come_in_their_order_and_none_stands_alone() {
    let kind = |min, max| Kind::Choices {
        options: options(&["a", "b", "c", "none"]),
        min,
        max,
    };
    let several = |typed: &[&str]| Form(typed.iter().map(|v| ("it".to_owned(), (*v).to_owned())).collect());
    let list = |values: &[&str]| Value::List(values.iter().map(|v| (*v).to_owned()).collect());
    let pets = field(kind(Some(2), Some(2)), "Which pets?");
    let parse = |typed: &[&str]| pets.parse(&several(typed), &scope()).map_err(|fault| fault.message);
    assert_eq!(parse(&["c", "a", "c"]), Ok(Some(list(&["a", "c"]))));
    assert_eq!(parse(&["none"]), Ok(Some(list(&["none"]))));
    assert_eq!(parse(&["a"]), Err("Select 2 options or more".to_owned()));
    assert_eq!(parse(&["a", "b", "c"]), Err("Select 2 options or fewer".to_owned()));
    let both = "Select your options or select \u{201c}The none one\u{201d}, not both";
    assert_eq!(parse(&["a", "none"]), Err(both.to_owned()));
    assert_eq!(parse(&["d"]), Err("Select one of the options".to_owned()));
    assert_eq!(parse(&[]), Err("Select at least one option".to_owned()));
    assert_eq!(pets.shown(&list(&["a", "c"]), &scope()), "The a one\nThe c one");
}

#[test]
fn a_declaration_must_be_ticked() {
    let mut confirm = field(Kind::Confirm, "I agree");
    takes(&confirm, "yes", Value::Bool(true));
    refuses(&confirm, "", "Tick the box to confirm");
    refuses(&confirm, "on", "Tick the box to confirm");
    confirm.required = false;
    assert_eq!(parse(&confirm, ""), Ok(None));
}

#[test]
fn an_optional_field_may_be_empty_but_not_wrong() {
    let mut number = field(
        Kind::Number {
            places: 0,
            min: None,
            max: None,
            unit: None,
        },
        "Age",
    );
    number.required = false;
    assert_eq!(parse(&number, "  "), Ok(None));
    assert_eq!(number.parse(&Form::default(), &scope()), Ok(None));
    refuses(&number, "old", "Age must be a number, like 42");
}

#[test]
fn the_authors_own_message_stands_for_all() {
    let mut postcode = field(Kind::Text(rules(3, Some("[A-Z]+"), Normalise::Uppercase)), "Postcode");
    postcode.message = Some(Text::fixed("Enter a full UK postcode"));
    for typed in ["", "abcd", "12"] {
        refuses(&postcode, typed, "Enter a full UK postcode");
    }
}

#[test]
fn a_box_that_comes_twice_is_refused() {
    let name = field(Kind::Text(TextRules::default()), "Name");
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
    let value = expr("1 + 1").unwrap();
    let computed = field(Kind::Computed { value, shown: true }, "Total");
    assert_eq!(parse(&computed, "5"), Ok(None));
    assert!(computed.inputs().is_empty());
    assert_eq!(computed.boxes(&Value::Number(2.into())), Form::default());
    assert_eq!(computed.shown(&Value::Number(2.into()), &scope()), "2");
}
