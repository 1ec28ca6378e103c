//! Expressions: exact, total, typed at load.

use deity::flow::{Currency, Declared, Expr, Flaw, Scope, Text, Type, Types, Value, Values};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const POUNDS: Currency = Currency(*b"GBP");

fn types() -> Types {
    let options = |names: &[&str]| {
        let label = |name: &str| format!("The {name} one");
        names.iter().map(|name| ((*name).to_owned(), label(name))).collect()
    };
    let choice = |of, names: &[&str]| Declared {
        of,
        options: options(names),
    };
    [
        ("given", Type::Text.into()),
        ("family", Type::Text.into()),
        ("born", Type::Date.into()),
        ("count", Type::Number.into()),
        ("rate", Type::Number.into()),
        ("price", Type::Money(POUNDS).into()),
        ("agree", Type::Bool.into()),
        ("changed", choice(Type::Text, &["yes", "no"])),
        ("pets", choice(Type::List, &["cat", "dog", "none-of-these"])),
    ]
    .map(|(name, declared): (&str, Declared)| (name.to_owned(), declared))
    .into()
}

fn values() -> Values {
    [
        ("given", Value::Text("Ada *x* <b>".into())),
        ("born", Value::Date(date(2010, 11, 24))),
        ("count", Value::Number(3.into())),
        ("price", Value::Money("12.50".parse().unwrap(), POUNDS)),
        ("agree", Value::Bool(true)),
        ("changed", Value::Text("yes".into())),
        ("pets", Value::List(vec!["cat".into(), "dog".into()])),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn today() -> Date {
    date(2026, 11, 23)
}

fn eval(source: &str) -> Option<Value> {
    let expr = match Expr::parse(source, &types()) {
        Ok(expr) => expr,
        Err(flaws) => panic!("{source}: {flaws:?}"),
    };
    let values = values();
    expr.eval(&Scope {
        values: &values,
        today: today(),
        reference: "DTY-4K7",
    })
}

fn flaws(source: &str) -> Vec<Flaw> {
    match Expr::parse(source, &types()) {
        Ok(expr) => panic!("{source} is taken, as {}", expr.result()),
        Err(flaws) => flaws,
    }
}

#[track_caller]
fn holds(source: &str) {
    assert_eq!(eval(source), Some(Value::Bool(true)), "{source}");
}

#[track_caller]
fn fails(source: &str) {
    assert_eq!(eval(source), Some(Value::Bool(false)), "{source}");
}

#[track_caller]
fn words(source: &str, expected: &str) {
    assert_eq!(plain(&format!("{{{{ {source} }}}}")), expected, "{source}");
}

fn text(source: &str) -> Text {
    match Text::parse(source, &types()) {
        Ok(text) => text,
        Err(flaws) => panic!("{source}: {flaws:?}"),
    }
}

fn plain(source: &str) -> String {
    text(source).plain(&Scope {
        values: &values(),
        today: today(),
        reference: "DTY-4K7",
    })
}

fn html(source: &str) -> String {
    text(source).html(&Scope {
        values: &values(),
        today: today(),
        reference: "DTY-4K7",
    })
}

#[test]
fn the_guards_of_the_passport_flow_hold_as_read() {
    holds("age(born) < 16");
    fails("age(born) >= 16");
    holds("changed == 'yes'");
    fails("changed == 'no' or not agree");
    assert_eq!(eval("today"), Some(Value::Date(today())));
    assert_eq!(
        plain("Hello {{ given }}: {{ reference }}"),
        "Hello Ada *x* <b>: DTY-4K7"
    );
}

#[test]
fn decimals_and_money_are_exact() {
    holds("0.10 + 0.20 == 0.30");
    holds("0.1 * 3 == 0.3");
    holds("1 / 4 == 0.25");
    holds("price * 3 == money('37.50', 'GBP')");
    holds("2 * price == money('25', 'GBP')");
    holds("sum([price, price, money('0.01', 'GBP')]) == money('25.01', 'GBP')");
    holds("price + price - price == price");
    holds("price / price == 1");
    holds("price > money('12.49', 'GBP')");
    words("price * 100", "£1,250.00");
    words("1_000_000.50", "1000000.5");
    words("123456789012345678.123456789", "123456789012345678.123456789");
}

#[test]
fn money_is_rounded_to_its_minor_unit_halves_away_from_zero() {
    words("price / 4", "£3.13"); // 3.125
    words("-price / 4", "-£3.13");
    words("price * 0.0004", "£0.01"); // 0.005
    words("price / 3", "£4.17");
    words("money('1000', 'JPY') / 3", "¥333");
    words("money('1', 'KWD') / 3", "KWD 0.333");
    words("money(12.345, 'GBP')", "£12.35");
    words("price | round", "£13.00");
    words("2.5 | round", "3");
    words("round(1.2345, 2)", "1.23");
}

#[test]
fn whole_division_goes_down_and_leaves_the_remainder() {
    words("7 // 2", "3");
    words("-7 // 2", "-4");
    words("-7 % 2", "1");
    words("7 % -2", "-1");
    words("7.5 // 2", "3");
    words("7.5 % 2", "1.5");
    words("money('10', 'GBP') // money('3', 'GBP')", "3");
    words("money('10', 'GBP') % money('3', 'GBP')", "£1.00");
}

#[test]
fn what_cannot_be_computed_is_missing() {
    for source in [
        "1 / 0",
        "count % 0",
        "count // (count - 3)",
        "price / 0",
        "79228162514264337593543950335 + 1",
        "79228162514264337593543950335 * 2",
        "rate + 1",
        "-rate",
        "add_years(born, 100000)",
        "add_days(born, 0.5)",
        "number('three')",
        "date(given)",
        "first([given]) if not agree",
    ] {
        assert_eq!(eval(source), None, "{source}");
    }
}

#[test]
fn a_missing_value_equals_none_and_has_no_order() {
    holds("rate == none");
    holds("rate is none");
    holds("rate is undefined");
    holds("rate is not defined");
    holds("rate != 1");
    fails("rate == 1");
    fails("rate < 1");
    fails("rate >= 1");
    holds("not (rate < 1)");
    fails("rate is defined");
    holds("count is not none");
    holds("count is defined and count != none");
    fails("family == 'x' or family in ['x']");
    holds("family not in ['x']");
    words("rate | default(5)", "5");
    words("family | default('none given')", "none given");
    words("length(family)", "0");
    words("sum(rate, count, 1)", "4");
    words("min(rate, count)", "3");
    words("given ~ family", "Ada *x* <b>");
    assert_eq!(eval("family ~ family"), Some(Value::Text(String::new())));
}

#[test]
fn operators_read_as_in_jinja() {
    holds("1 < count <= 3");
    fails("1 < count < 3");
    holds("count in [1, 3, 5] and count not in [2, 4]");
    holds("changed in ['yes', 'no']");
    holds("'cat' in pets and 'none-of-these' not in pets");
    holds("price in [money('12.5', 'GBP')]");
    holds("not agree or agree and true");
    holds("2 + 3 * 4 == 14 and (2 + 3) * 4 == 20");
    holds("(given, 'x') | length == 2");
    words("'over' if count > 2 else 'under'", "over");
    words("count ~ ' pets'", "3 pets");
    words("pets | length", "2");
    words("given | upper | length", "11");
    words("'  a ' | trim ~ '|' ~ 'ÄB' | lower", "a|äb");
}

#[test]
fn days_are_reckoned_as_people_do() {
    words("age(born)", "15"); // 16 tomorrow
    words("age(add_days(born, -1))", "16");
    words("add_months(date('2026-01-31'), 1)", "28 February 2026");
    words("add_years(date('2024-02-29'), 1)", "28 February 2025");
    words("add_days(today(), 30) | iso", "2026-12-23");
    words("days_between(date('2026-01-01'), today)", "326");
    words("months_between(date('2026-01-31'), date('2026-03-30'))", "1");
    words("years_between(today, born)", "-15");
    words("year(born) ~ '/' ~ month(born) ~ '/' ~ day(born)", "2010/11/24");
    words("weekday(today)", "1");
    words("max(born, today)", "23 November 2026");
    holds("date('2026-11-23') == today");
}

#[test]
fn texts_show_labels_where_expressions_see_values() {
    words("changed", "The yes one");
    words("pets", "The cat one, The dog one");
    words("pets | join(' and ')", "The cat one and The dog one");
    words("first(pets)", "cat");
    words("agree", "Yes");
    words("born | date", "24 November 2010");
    words("price | money", "£12.50");
    assert_eq!(
        plain("{% for pet in pets %}- {{ pet }}{% if pet == 'cat' %}!{% endif %};{% endfor %}"),
        "- The cat one!;- The dog one;"
    );
}

#[track_caller]
fn refused(source: &str, code: &str, at: &str, help: &str) {
    let flaws = flaws(source);
    let [flaw] = flaws.as_slice() else {
        panic!("{source}: {flaws:?}");
    };
    assert_eq!(flaw.code, code, "{source}: {flaw:?}");
    assert_eq!(&source[flaw.span.clone()], at, "{source}: {flaw:?}");
    let found = format!("{} {}", flaw.message, flaw.help.as_deref().unwrap_or_default());
    assert!(found.contains(help), "{source}: {flaw:?}");
}

#[test]
fn expressions_are_typed_when_the_flow_is_loaded() {
    refused("given > 1", "wrong-type", "given > 1", "number(given)");
    refused("agree and given == 5 or agree", "wrong-type", "given == 5", "quotes");
    refused("price > 10", "wrong-type", "price > 10", "money('10', 'GBP')");
    refused(
        "price + money('1', 'EUR')",
        "wrong-type",
        "price + money('1', 'EUR')",
        "two currencies",
    );
    refused(
        "price < money('1', 'EUR')",
        "wrong-type",
        "price < money('1', 'EUR')",
        "two currencies",
    );
    refused("price * price", "wrong-type", "price * price", "money");
    refused("given + family", "wrong-type", "given + family", "`~` joins");
    refused("given < family", "wrong-type", "given < family", "no order");
    refused("born - today", "wrong-type", "born - today", "days_between");
    refused("born + 1", "wrong-type", "born + 1", "add_days");
    refused(
        "born < '2026-01-01'",
        "wrong-type",
        "born < '2026-01-01'",
        "date('2026-01-31')",
    );
    refused(
        "agree == 'yes'",
        "wrong-type",
        "agree == 'yes'",
        "`agree` or `not agree`",
    );
    refused("pets == 'cat'", "wrong-type", "pets == 'cat'", "'cat' in pets");
    refused("not given", "wrong-type", "given", "given is defined");
    refused("given and agree", "wrong-type", "given", "is defined");
    refused("1 if count else 2", "wrong-type", "count", "true or false");
    refused("1 if agree else 'x'", "wrong-type", "1 if agree else 'x'", "One side");
    refused("count in ['a']", "wrong-type", "count", "texts");
    refused("given in family", "wrong-type", "family", "needs a list");
    refused("[1, 'a'] == none", "wrong-type", "'a'", "begins with a number");
    refused("sum([given])", "wrong-arguments", "sum([given])", "sum(a, b, ...)");
    refused("sum(1, price)", "wrong-arguments", "sum(1, price)", "sum");
    refused("none", "wrong-type", "none", "never");
    refused("[1, 2]", "wrong-type", "[1, 2]", "sum");
}

#[test]
fn misspelt_names_are_found_with_the_likely_one() {
    refused("givn == 'x'", "unknown-name", "givn", "`given`");
    refused("refrence", "unknown-name", "refrence", "`reference`");
    refused("age", "unknown-name", "age", "`age(...)`");
    refused("agee(born) < 16", "unknown-function", "agee", "`age`");
    refused("given | uper", "unknown-function", "uper", "`upper`");
    refused("given is defind", "unknown-test", "given is defind", "defined");
    refused("changed == 'yess'", "unknown-option", "'yess'", "`yes`");
    refused(
        "'no' == changed or changed in ['maybe']",
        "unknown-option",
        "['maybe']",
        "'yes', 'no'",
    );
    refused("'bird' in pets", "unknown-option", "'bird'", "'cat', 'dog'");
    refused("money('1', 'GBX')", "unknown-currency", "'GBX'", "4217");
    refused("date('2026-02-30')", "invalid-date", "'2026-02-30'", "2026-01-31");
    refused("money('1,5', 'GBP')", "invalid-number", "'1,5'", "12.50");
    refused("1e400 > 1", "invalid-number", "1e400", "digits");
    refused("age()", "wrong-arguments", "age()", "age(date)");
    refused("age(given)", "wrong-type", "given", "age(date)");
    assert_eq!(flaws("givn == 'x' and (famly == 'y' or count > 'z')").len(), 3);
}

#[test]
fn what_is_not_of_our_language_is_refused_in_words() {
    refused("given.upper()", "not-supported", "given.upper()", "methods");
    refused("pets[0]", "not-supported", "pets[0]", "first");
    refused("born.year", "not-supported", "born.year", "year(d)");
    refused("{'a': 1}", "not-supported", "{'a': 1}", "maps");
    refused("2 ** 8", "not-supported", "2 ** 8", "powers");
    refused("round(x=1)", "not-supported", "round(x=1)", "names");
    for source in [
        "",
        "1 +",
        "given = 'x'",
        "agree && agree",
        "agree || agree",
        "!agree",
        "'open",
        "(1",
    ] {
        let found = flaws(source);
        assert_eq!(found[0].code, "syntax", "{source}: {found:?}");
    }
    assert_eq!(flaws("agree && agree")[0].help.as_deref(), Some("Write `and`"));
    assert_eq!(flaws("given = 'x'")[0].help.as_deref(), Some("`==` compares"));
    for source in [
        "{% set x = 1 %}",
        "{% for x in given %}{% endfor %}",
        "{% for a, b in pets %}{% endfor %}",
        "{% include 'x' %}",
        "{{ given",
        "{% if agree %}",
        "{% for x in pets %}{{ y }}{% endfor %}",
        "{{ [1, 2] }}",
    ] {
        assert!(Text::parse(source, &types()).is_err(), "{source}");
    }
}

#[test]
fn hostile_sizes_are_refused_not_suffered() {
    let nested = |open: &str, close: &str, n| format!("{}agree{}", open.repeat(n), close.repeat(n));
    for source in [
        nested("(", ")", 40_000),
        nested("not ", "", 10_000),
        nested("- ", "", 10_000),
        nested("not ", "", 33),
        nested("[", "]", 5_000),
        nested("true == (", ")", 60),
        "1 + ".repeat(9_000) + "1",
        "1 if 1 else ".repeat(2_000) + "1",
        "a.".repeat(30_000),
        "(".repeat(70_000),
        format!("{}\"", "x".repeat(59_999)),
    ] {
        assert!(Expr::parse(&source, &types()).is_err());
    }
    for source in [
        "{% if agree %}".repeat(4_000),
        format!("{{% if agree %}}{}{{% endif %}}", "{% elif agree %}".repeat(2_000)),
        "{{ given }}".repeat(6_000),
        format!("{}{{{{", "é".repeat(29_990)),
        format!("{{{{ {} }}}}", "not ".repeat(10_000)),
    ] {
        assert!(Text::parse(&source, &types()).is_err());
    }
    words(&format!("1{}", " + 1".repeat(400)), "401");
    holds(&format!("agree{}", " and agree".repeat(400)));
}

#[test]
fn typed_words_stay_words_wherever_they_stand() {
    assert_eq!(
        html("Hello **{{ given }}**!"),
        "<p>Hello <strong>Ada *x* &lt;b&gt;</strong>!</p>"
    );
    assert_eq!(html("`{{ given }}`"), "<p><code>Ada *x* &lt;b&gt;</code></p>");
    assert_eq!(
        html("[go](/at?name={{ given }})"),
        "<p><a href=\"/at?name=Ada%20%2Ax%2A%20%3Cb%3E\">go</a></p>"
    );
    let given = |typed: &str, source: &str| {
        let values = [("given".to_owned(), Value::Text(typed.to_owned()))].into();
        text(source).html(&Scope {
            values: &values,
            today: today(),
            reference: "",
        })
    };
    assert_eq!(
        given("{{ reference }} {% if %}", "{{ given }}"),
        "<p>{{ reference }} {% if %}</p>"
    );
    assert_eq!(
        given("# not\n- a\n\n<hr>", "{{ given }}"),
        "<p># not<br />\n- a<br />\n<br />\n&lt;hr&gt;</p>"
    );
    assert_eq!(
        given("\u{F0000}\u{F0001}\u{E000}", "{{ given }}"),
        "<p>\u{F0000}\u{F0001}\u{E000}</p>"
    );
    assert_eq!(given("x", "\u{F0000}{{ given }}"), "<p>\u{FFFD}x</p>");
    assert_eq!(
        given("javascript:alert(1)", "[a]({{ given }})"),
        "<p><a href=\"javascript%3Aalert%281%29\">a</a></p>"
    );
    assert_eq!(
        given("\"> onx=", "[a](/b \"{{ given }}\")"),
        "<p><a href=\"/b\" title=\"&quot;&gt; onx=\">a</a></p>"
    );
}

#[test]
fn markdown_has_no_html_no_images_and_no_odd_links() {
    assert_eq!(
        html("a <b>x</b> <script>"),
        "<p>a &lt;b&gt;x&lt;/b&gt; &lt;script&gt;</p>"
    );
    assert_eq!(
        html("<script>\nalert(1)\n</script>"),
        "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>"
    );
    assert_eq!(html("![alt](x.png)"), "<p>alt</p>");
    assert_eq!(html("# One\n\n###### Six"), "<h2>One</h2>\n<h6>Six</h6>");
    assert_eq!(html("[a](javascript:x)"), "<p>a</p>");
    assert_eq!(html("[a](JavaScript&colon;x)"), "<p>a</p>");
    assert_eq!(html("[a](data:text/html,x)"), "<p>a</p>");
    assert_eq!(html("[a](https://gov.uk)"), "<p><a href=\"https://gov.uk\">a</a></p>");
    assert_eq!(
        html("<tel:+441632960001> <a@b.cd>"),
        "<p><a href=\"tel:+441632960001\">tel:+441632960001</a> <a href=\"mailto:a@b.cd\">a@b.cd</a></p>"
    );
    assert_eq!(html("- a\n- b"), "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
}

#[test]
fn conditions_and_lists_fill_a_text() {
    let source = "{% if count > 5 %}many{% elif count > 2 %}some{% else %}few{% endif %}";
    assert_eq!(plain(source), "some");
    let source = "You have:\n\n{% for pet in pets %}\n- {{ pet }}\n{% endfor %}\n";
    assert_eq!(
        html(source),
        "<p>You have:</p>\n<ul>\n<li>The cat one</li>\n<li>The dog one</li>\n</ul>"
    );
    assert_eq!(plain("{# nothing #}a{% raw %}{{ b }}{% endraw %}"), "a{{ b }}");
    assert_eq!(
        text("{{ given }}{% if count > 1 %}{{ born }}{% endif %}").reads().len(),
        3
    );
}

#[test]
fn a_text_ends_at_its_bound() {
    let values = [("given".to_owned(), Value::Text("é".repeat(30_000)))].into();
    let scope = Scope {
        values: &values,
        today: today(),
        reference: "",
    };
    let text = text("{{ given }}{{ given }}{{ given }}");
    assert!(text.plain(&scope).len() <= deity::limits::TEXT_BYTES);
    assert!(text.html(&scope).len() <= 3 * deity::limits::TEXT_BYTES);
}

fn fragments() -> impl Strategy<Value = String> {
    let words = [
        "given",
        "born",
        "count",
        "price",
        "agree",
        "changed",
        "pets",
        "today",
        "reference",
        "none",
        "true",
        "1",
        "0.5",
        "'yes'",
        "'x'",
        "(",
        ")",
        "[",
        "]",
        ",",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "~",
        "==",
        "!=",
        "<",
        ">=",
        "in",
        "not",
        "and",
        "or",
        "if",
        "else",
        "is",
        "defined",
        "|",
        "round",
        "sum(",
        "age(",
        "money(",
        "'GBP'",
        "default(",
        ".",
        "{{",
        "}}",
        "{%",
        "%}",
        "for",
        "endfor",
        "endif",
        "é",
        "\u{F0000}",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..24).prop_map(|words| words.join(" "))
}

fn any_source() -> impl Strategy<Value = String> {
    prop_oneof![fragments(), any::<String>(), "[ -~]{0,60}"]
}

proptest! {
    #[test]
    fn no_expression_panics_and_each_has_its_type(source in any_source()) {
        if let Ok(expr) = Expr::parse(&source, &types()) {
            let values = values();
            let scope = Scope { values: &values, today: today(), reference: "R" };
            if let Some(value) = expr.eval(&scope) {
                prop_assert_eq!(value.of_type(), expr.result());
            }
            let none = Values::new();
            let scope = Scope { values: &none, today: Date::MIN, reference: "" };
            if let Some(value) = expr.eval(&scope) {
                prop_assert_eq!(value.of_type(), expr.result());
            }
        }
    }

    #[test]
    fn every_flaw_lies_in_the_source(source in any_source()) {
        let flaws = [Expr::parse(&source, &types()).err(), Text::parse(&source, &types()).err()];
        for flaw in flaws.into_iter().flatten().flatten() {
            prop_assert!(source.get(flaw.span.clone()).is_some(), "{flaw:?}");
            prop_assert!(!flaw.message.is_empty());
        }
    }

    #[test]
    fn no_typed_text_becomes_markup(typed in any::<String>(), around in "[a-z*_`# >\\-\\[\\]()]{0,12}") {
        let values = [("given".to_owned(), Value::Text(typed))].into();
        let scope = Scope { values: &values, today: today(), reference: "" };
        let Ok(text) = Text::parse(&format!("{around}{{{{ given }}}}{around}"), &types()) else {
            return Ok(());
        };
        let markup = text.html(&scope);
        let other = [("given".to_owned(), Value::Text("x".to_owned()))].into();
        let plain = text.html(&Scope { values: &other, ..scope });
        let tags = |html: &str| html.matches('<').count() - html.matches("<br />").count();
        prop_assert_eq!(tags(&markup), tags(&plain), "{}", markup);
    }
}
