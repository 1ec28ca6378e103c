//! Lists of items in expressions and texts: columns, conditions and totals over them.

use std::sync::Arc;

use deity::flow::{Currency, Declared, Expr, Flaw, Row, Rows, Scope, Text, Type, Types, Value, Values};
use deity::words::Words;
use jiff::civil::date;

const POUNDS: Currency = Currency(*b"GBP");

fn list(columns: Vec<(&str, Declared)>) -> Declared {
    let every = [("position", Type::Number.into()), ("key", Type::Text.into())];
    let columns = columns.into_iter().chain(every);
    Declared {
        columns: Some(Arc::new(
            columns.map(|(name, declared)| (name.to_owned(), declared)).collect(),
        )),
        ..Type::Rows.into()
    }
}

fn choice(of: Type, names: &[&str]) -> Declared {
    let label = |name: &&str| ((*name).to_owned(), format!("The {name} one"));
    Declared {
        options: names.iter().map(label).collect(),
        ..of.into()
    }
}

/// People with jobs, and households with people: three lists in each other where it matters.
fn types() -> Types {
    let tasks = list(vec![("hours", Type::Number.into())]);
    let jobs = list(vec![
        ("pay", Type::Money(POUNDS).into()),
        ("firm", Type::Text.into()),
        ("tasks", tasks),
    ]);
    let people = list(vec![
        ("name", Type::Text.into()),
        ("born", Type::Date.into()),
        ("income", Type::Money(POUNDS).into()),
        ("weight", Type::Number.into()),
        ("student", Type::Bool.into()),
        ("kind", choice(Type::Text, &["adult", "child"])),
        ("pets", choice(Type::List, &["cat", "dog"])),
        ("home.town", Type::Text.into()),
        (
            "school",
            Declared {
                picked: Some("schools".into()),
                ..Type::Text.into()
            },
        ),
        ("jobs", jobs),
    ]);
    [
        ("people", people.clone()),
        ("nobody", people),
        ("name", Type::Text.into()),
        ("limit", Type::Number.into()),
        ("schools", Type::Options.into()),
        ("home.town", Type::Text.into()),
    ]
    .map(|(name, declared): (&str, Declared)| (name.to_owned(), declared))
    .into()
}

fn row<const N: usize>(key: u32, values: [(&str, Value); N]) -> Row {
    Row {
        key,
        values: values
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect::<Values>()
            .into(),
    }
}

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

fn pounds(amount: i64) -> Value {
    Value::Money(amount.into(), POUNDS)
}

fn rows(rows: Vec<Row>) -> Value {
    Value::Rows(Rows::from(rows))
}

fn job<const N: usize>(key: u32, firm: &str, pay: i64, hours: [i64; N]) -> Row {
    let tasks = hours.into_iter().zip(10_u32..);
    let tasks = tasks.map(|(hours, key)| row(key, [("hours", Value::Number(hours.into()))]));
    row(
        key,
        [
            ("firm", text(firm)),
            ("pay", pounds(pay)),
            ("tasks", rows(tasks.collect())),
        ],
    )
}

fn values() -> Values {
    let ada = row(
        3,
        [
            ("name", text("Ada")),
            ("born", Value::Date(date(1990, 1, 1))),
            ("income", pounds(100)),
            ("weight", Value::Number(60.into())),
            ("student", Value::Bool(false)),
            ("kind", text("adult")),
            ("pets", Value::List(vec!["cat".into(), "dog".into()])),
            ("home.town", text("Leeds")),
            ("school", text("s1")),
            ("jobs", rows(vec![job(4, "Hall", 10, [1, 2]), job(5, "Bell", 20, [])])),
        ],
    );
    let bo = row(
        7,
        [
            ("name", text("Bo")),
            ("born", Value::Date(date(2015, 1, 1))),
            ("student", Value::Bool(true)),
            ("kind", text("child")),
            ("pets", Value::List(vec!["cat".into()])),
        ],
    );
    let cy = row(
        9,
        [
            ("born", Value::Date(date(1950, 1, 1))),
            ("income", pounds(40)),
            ("jobs", rows(vec![job(12, "Dale", 5, [8])])),
        ],
    );
    [
        ("people", rows(vec![ada, bo, cy])),
        ("name", text("Zed")),
        ("limit", Value::Number(16.into())),
        ("schools", Value::Options(vec![("s1".into(), "The school".into())])),
        ("home.town", text("York")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn scope(values: &Values) -> Scope<'_> {
    Scope {
        values,
        today: date(2026, 11, 23),
        reference: "DTY-4K7",
        words: Words::english(),
        on_page: false,
    }
}

fn parsed(source: &str) -> Expr {
    match Expr::parse(source, &types()) {
        Ok(expr) => expr,
        Err(flaws) => panic!("{source}: {flaws:?}"),
    }
}

#[track_caller]
fn gives(source: &str, expected: impl Into<Option<Value>>) {
    assert_eq!(parsed(source).eval(&scope(&values())), expected.into(), "{source}");
}

#[track_caller]
fn holds(source: &str) {
    gives(source, Value::Bool(true));
}

#[track_caller]
fn fails(source: &str) {
    gives(source, Value::Bool(false));
}

fn number(number: i64) -> Value {
    Value::Number(number.into())
}

#[track_caller]
fn says(source: &str, expected: &str) {
    let text = match Text::parse(source, &types()) {
        Ok(text) => text,
        Err(flaws) => panic!("{source}: {flaws:?}"),
    };
    assert_eq!(text.plain(&scope(&values())), expected, "{source}");
}

#[track_caller]
fn refused(source: &str, code: &str, help: &str) {
    let flaws = Expr::parse(source, &types()).err().unwrap_or_default();
    flawed(source, &flaws, code, help);
}

#[track_caller]
fn flawed(source: &str, flaws: &[Flaw], code: &str, help: &str) {
    let [flaw] = flaws else {
        panic!("{source}: {flaws:?}");
    };
    assert_eq!(flaw.code, code, "{source}: {flaw:?}");
    let found = format!("{} {}", flaw.message, flaw.help.as_deref().unwrap_or_default());
    assert!(found.contains(help), "{source}: {flaw:?}");
}

#[test]
fn a_list_has_a_length_and_columns_of_what_its_items_answered() {
    gives("length(people)", number(3));
    gives("people | length", number(3));
    gives("count(people)", number(3));
    gives("length(nobody)", number(0));
    gives("people.name", Value::List(vec!["Ada".into(), "Bo".into()]));
    gives("length(people.name)", number(2));
    gives("length(people.income)", number(2));
    gives(
        "people.pets",
        Value::List(vec!["cat".into(), "dog".into(), "cat".into()]),
    );
    gives("people.key", Value::List(vec!["3".into(), "7".into(), "9".into()]));
    gives("join(people.name)", text("Ada, Bo"));
    gives("join(people.income, ' and ')", text("£100.00 and £40.00"));
    gives(
        "join(people, name ~ ' of ' ~ home.town, '; ')",
        text("Ada of Leeds; Bo of ;  of "),
    );
    gives("join(nobody.name)", text(""));
    gives("people.home.town", Value::List(vec!["Leeds".into()]));
    gives("home.town", text("York"));
}

#[test]
fn totals_pass_by_what_is_missing_and_are_nought_without_items() {
    gives("sum(people.income)", pounds(140));
    gives("people.income | sum", pounds(140));
    gives("min(people.income)", pounds(40));
    gives("max(people.born)", Value::Date(date(2015, 1, 1)));
    gives("sum(nobody.income)", pounds(0));
    gives("sum(nobody.weight)", number(0));
    gives("min(nobody.income)", None);
    gives("sum(people, income * 2)", pounds(280));
    gives("sum(people, 1 if student else 0)", number(1));
    gives("max(people, age(born))", number(76));
    gives("sum(people, income) - money('40', 'GBP')", pounds(100));
}

#[test]
fn conditions_over_items_know_what_can_be_known() {
    holds("any(people, age(born) >= 16)");
    fails("all(people, age(born) >= 16)");
    gives("count(people, age(born) >= limit)", number(2));
    holds("people | any(kind == 'child')");
    fails("any(nobody, true)");
    holds("all(nobody, false)");
    gives("count(nobody, true)", number(0));
    // The weight of two is not known.
    gives("any(people, weight > 70)", None);
    holds("any(people, weight > 50)");
    gives("all(people, weight > 50)", None);
    fails("all(people, weight > 70)");
    gives("count(people, weight > 50)", number(1));
    holds("'child' in people.kind");
    holds("'dog' in people.pets");
    fails("'Zed' in people.name");
    holds("money('40', 'GBP') in people.income");
    holds("money('41', 'GBP') not in people.income");
}

#[test]
fn what_is_asked_of_an_item_sees_its_own_fields_first() {
    // `name` around is Zed, and no one's in the list.
    fails("any(people, name == 'Zed')");
    gives("count(people, position > 1)", number(2));
    holds("any(people, key == '7' and name == 'Bo')");
    holds("any(people, home.town == 'Leeds')");
    gives("sum(people, position)", number(6));
}

#[test]
fn lists_in_lists_are_read_as_one_or_within_their_item() {
    gives("sum(people.jobs.pay)", pounds(35));
    gives("length(people.jobs)", number(3));
    gives(
        "people.jobs.firm",
        Value::List(vec!["Hall".into(), "Bell".into(), "Dale".into()]),
    );
    gives("sum(people.jobs.tasks.hours)", number(11));
    holds("any(people, any(jobs, pay > money('15', 'GBP')) and name == 'Ada')");
    gives("count(people, length(jobs) > 0)", number(2));
    gives("max(people, sum(jobs.pay))", pounds(30));
    gives("sum(people, sum(jobs, sum(tasks.hours)))", number(11));
    // Of a job its place among the jobs of its own person.
    gives("count(people.jobs, position == 1)", number(2));
    holds("any(people, any(jobs, firm == 'Dale' and income == money('40', 'GBP')))");
    gives("length(people.jobs.tasks)", number(3));
    let jobs = parsed("people.jobs").eval(&scope(&values()));
    assert_eq!(jobs.and_then(|jobs| Some(jobs.as_rows()?.len())), Some(3));
}

#[test]
fn one_of_a_list_is_had_by_its_place() {
    gives("nth(people.name, 2)", text("Bo"));
    gives("nth(people.name, 3)", None);
    gives("nth(people.income, 2)", None);
    gives("nth(people.income, 3)", pounds(40));
    gives("nth(people.name, 0)", None);
    gives("nth(people.name, 1.5)", None);
    gives("nth(people.name, -1)", None);
    gives("first(people.name)", text("Ada"));
    gives("last(people.income)", pounds(40));
    gives("last(nobody.name)", None);
    gives("nth(['a', 'b'], 2)", text("b"));
    says("{{ nth(people.kind, 2) }}", "The child one");
}

#[test]
fn an_expression_reads_the_list_and_what_is_around_it() {
    let reads: Vec<_> = parsed("any(people, any(jobs, position > limit)) and 'a' in people.jobs.firm")
        .reads()
        .iter()
        .cloned()
        .collect();
    assert_eq!(reads, ["limit", "people"]);
}

#[test]
fn texts_go_through_items_by_a_name() {
    says(
        "{% for p in people %}{{ p.position }}:{{ p.name }} {% endfor %}",
        "1:Ada 2:Bo 3: ",
    );
    says(
        "{% for p in people %}{{ p.kind }}, {% endfor %}",
        "The adult one, The child one, , ",
    );
    says(
        "{% for p in people %}{{ p.home.town }}{{ home.town }} {% endfor %}",
        "LeedsYork York York ",
    );
    says(
        "{% for p in people %}{% for j in p.jobs %}{{ p.key }}.{{ j.key }} {% endfor %}{% endfor %}",
        "3.4 3.5 9.12 ",
    );
    says(
        "{% for p in people %}{% for pet in p.pets %}{{ p.name }}: {{ pet }}. {% endfor %}{% endfor %}",
        "Ada: The cat one. Ada: The dog one. Bo: The cat one. ",
    );
    says(
        "{% for p in people %}{% if any(p.jobs, pay > money('5', 'GBP')) %}{{ p.name }} earns {{ sum(p.jobs.pay) }}{% endif %}{% endfor %}",
        "Ada earns £30.00",
    );
    says(
        "{% for p in people %}{{ p.school }}{% endfor %}{{ people.school }}",
        "The schoolThe school",
    );
    says("{% for name in people.name %}{{ name }}+{% endfor %}", "Ada+Bo+");
    says(
        "{% for j in people.jobs %}{{ j.position }}{{ j.firm }} {% endfor %}",
        "1Hall 2Bell 1Dale ",
    );
    says("{% for p in nobody %}x{% endfor %}", "");
    says(
        "{{ people.kind }} / {{ people.pets }}",
        "The adult one, The child one / The cat one, The dog one, The cat one",
    );
}

#[test]
fn what_a_list_cannot_be_is_told_when_the_flow_is_loaded() {
    refused("people.nme", "unknown-name", "`name`");
    refused("any(people, nme == 'x')", "unknown-name", "`name`");
    refused("people == nobody", "not-supported", "not compared");
    refused("people ~ 'x'", "wrong-type", "`people.");
    refused("sum(people)", "wrong-type", "`sum(people.");
    refused("join(people, ', ')", "wrong-type", "`join(people.");
    refused("sum(people.name)", "wrong-arguments", "sum(a, b, ...)");
    refused("sum(people, name)", "wrong-arguments", "sum");
    refused("any(people)", "wrong-arguments", "any(list, condition)");
    refused("any(people, name)", "wrong-type", "true or false");
    refused("any(people.name, true)", "wrong-arguments", "any(list, condition)");
    refused("count(limit, true)", "wrong-arguments", "count(list, condition)");
    refused("nth(people, 2)", "wrong-type", "`people.");
    refused("nth(people.name, 'x')", "wrong-arguments", "nth(list, 2)");
    refused("'x' in people", "wrong-type", "`people.");
    refused("'adlt' in people.kind", "unknown-option", "`adult`");
    refused("people.income", "wrong-type", "`sum`");
    refused("people if limit > 1 else nobody", "not-supported", "not lists");
    refused("default(people, nobody)", "wrong-arguments", "default");
    refused("people.name.x", "not-supported", "no parts");
    refused("people[0]", "not-supported", "nth");
    refused("position > 1", "unknown-name", "position");
    refused(
        "any(people, any(nobody, any(people, true)))",
        "too-large",
        "computed field",
    );
    refused(
        "any(people, any(nobody, 'x' in people.name))",
        "too-large",
        "lists in each other",
    );
    let text = |source: &str| Text::parse(source, &types()).err().unwrap_or_default();
    let bare = "{{ people }}";
    flawed(bare, &text(bare), "wrong-type", "say which of their fields: `people.");
    let item = "{% for p in people %}{{ p }}{% endfor %}";
    flawed(item, &text(item), "wrong-type", "say which of its fields: `p.");
    let column = "{{ people.income }}";
    flawed(column, &text(column), "wrong-type", "join");
    let missing = "{% for p in people %}{{ p.nme }}{% endfor %}";
    flawed(missing, &text(missing), "unknown-name", "`name`");
}

#[test]
fn items_go_to_other_systems_as_an_array_of_objects() {
    let values = values();
    let people = &values["people"];
    let json = people.json();
    assert_eq!(json[1]["key"], "7");
    assert_eq!(json[0]["jobs"][1]["firm"], "Bell");
    assert_eq!(json[2]["income"]["amount"], "40.00");
    assert_eq!(people.plain(), json.to_string());
    let kept = postcard::to_stdvec(people).unwrap();
    assert_eq!(&postcard::from_bytes::<Value>(&kept).unwrap(), people);
}

/// What goes through two lists in each other at the most that a session has room for ends soon enough: the
/// work is counted, not timed.
#[test]
fn a_condition_over_many_items_comes_to_an_end() {
    let many = (0..1_000).map(|key| row(key, [("weight", Value::Number(key.into()))]));
    let values = [
        ("people".to_owned(), rows(many.collect())),
        ("nobody".to_owned(), rows(vec![row(1, [])])),
    ]
    .into();
    let pairs = parsed("sum(people, count(people, weight > 990))");
    assert_eq!(pairs.eval(&scope(&values)), Some(number(9_000)));
}
