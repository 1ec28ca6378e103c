//! What is wrong with an expression or a text: found at load, with its place and what would be right.

use deity::flow::{Expr, Flaw, Text};

use super::{holds, types, words};

fn flaws(source: &str) -> Vec<Flaw> {
    match Expr::parse(source, &types()) {
        Ok(expr) => panic!("{source} is taken, as {}", expr.result()),
        Err(flaws) => flaws,
    }
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
    refused("1 if agree else 'x'", "wrong-type", "1 if agree else 'x'", "one side");
    refused("count in ['a']", "wrong-type", "count", "texts");
    refused("given in family", "wrong-type", "family", "needs a list");
    refused("[1, 'a'] == none", "wrong-type", "'a'", "begins with a number");
    refused("sum([given])", "wrong-arguments", "sum([given])", "sum(a, b, ...)");
    refused("sum(1, price)", "wrong-arguments", "sum(1, price)", "sum");
    refused("count > 1 / 0", "no-value", "1 / 0", "divides by zero");
    refused(
        "79228162514264337593543950335 * 2",
        "no-value",
        "79228162514264337593543950335 * 2",
        "28 digits",
    );
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
    refused("last(pets) == 'bird'", "unknown-option", "'bird'", "'cat', 'dog'");
    refused("'bird' in pets", "unknown-option", "'bird'", "'cat', 'dog'");
    refused("money('1', 'GBX')", "unknown-currency", "'GBX'", "4217");
    refused("date('2026-02-30')", "invalid-date", "'2026-02-30'", "2026-01-31");
    refused("money('1,5', 'GBP')", "invalid-number", "'1,5'", "12.50");
    refused("1e400 > 1", "invalid-number", "1e400", "digits");
    refused("age()", "wrong-arguments", "age()", "age(date)");
    refused("age(given)", "wrong-type", "given", "age(date)");
    assert_eq!(flaws("givn | uper(fmily)").len(), 3);
    assert_eq!(flaws("givn == 'x' and (famly == 'y' or count > 'z')").len(), 3);
}

#[test]
fn what_is_not_of_our_language_is_refused_in_words() {
    refused("given.upper()", "not-supported", "given.upper()", "methods");
    refused("pets[0]", "not-supported", "pets[0]", "first");
    refused("born.year", "not-supported", "born.year", "year(d)");
    refused("{'a': 1}", "not-supported", "{'a': 1}", "maps");
    refused("[1] == [1]", "not-supported", "[1] == [1]", "x in [1, 2]");
    refused("1 < count in [3]", "not-supported", "1 < count in [3]", "`and`");
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
    assert_eq!(flaws("agree && agree")[0].help.as_deref(), Some("write `and`"));
    assert_eq!(flaws("given = 'x'")[0].help.as_deref(), Some("`==` compares"));
    for source in [
        "{% set x = 1 %}",
        "{% for x in given %}{% endfor %}",
        "{% for a, b in pets %}{% endfor %}",
        "{% include 'x' %}",
        "{{ given",
        "{% for x in pets %}{% for y in pets %}{% endfor %}{% endfor %}",
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
        nested(&format!("{}(", "not ".repeat(32)), ")", 74),
        nested(&format!("{}(", "- ".repeat(32)), ")", 74),
        nested("x | default(not ", ")", 74),
        nested("1 if true else [", "]", 74),
        nested(&"(".repeat(70), &")".repeat(70), 1),
        "1 + ".repeat(9_000) + "1",
        "1 + ".repeat(1_900) + "1",
        "true == ".repeat(1_900) + "true",
        "'a' ".repeat(3_900) + "== 1",
        "x()".repeat(1_300),
        "x".to_owned() + &" | upper".repeat(1_900),
        "x".to_owned() + &" is none".repeat(1_900),
        "x".to_owned() + &" if x".repeat(1_900),
        "x".to_owned() + &" if x else x".repeat(900),
        "x".to_owned() + &"[1]".repeat(1_300),
        "'a' ".repeat(1_900) + "== 1",
        "x()".repeat(600),
        "x".to_owned() + &" | upper".repeat(950),
        "x".to_owned() + &" is none".repeat(950),
        "x".to_owned() + &" if x".repeat(950),
        "x".to_owned() + &"[1]".repeat(600),
        "1 + ".repeat(990) + "x",
        nested(&format!("{}(", "not ".repeat(3)), ")", 15),
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
        format!("{}{}", "{% if agree %}".repeat(149), "{{ ((((((x".repeat(5)),
        "{% for x in pets %}".repeat(100),
        "{% set x %}".repeat(140),
        format!("{}{{{{ {}x", "{% if agree %}".repeat(130), "(not ".repeat(9)),
        format!("{{{{ x{} }}}}", " | upper".repeat(950)),
        format!("{}{{{{", "é".repeat(29_990)),
        format!("{{{{ {} }}}}", "not ".repeat(10_000)),
    ] {
        assert!(Text::parse(&source, &types()).is_err());
    }
    words(&format!("1{}", " + 1".repeat(400)), "401");
    holds(&("true == ".repeat(900) + "true"));
    holds(&format!("agree{}", " and agree".repeat(400)));
}
