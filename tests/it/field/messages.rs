//! Whose words a refusal has, and how two of them are told apart.

use deity::flow::{Flow, Form, tell_apart};

use super::{field, refuses, scope};

#[test]
fn one_message_stands_for_the_authors_own_bounds_and_pattern() {
    let quoted =
        "type = 'date', min = 'add_months(today(), -6)', max = 'today', message = 'Enter a date in the last 6 months'";
    let quoted = field(quoted, "Date of the quote");
    let says = |day: &str, month: &str, year: &str| {
        let boxes = [("it-day", day), ("it-month", month), ("it-year", year)];
        let form = Form(boxes.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec());
        quoted.parse(&form, &scope()).unwrap_err().message
    };
    assert_eq!(says("1", "1", "2020"), "Enter a date in the last 6 months");
    assert_eq!(says("31", "2", "2026"), "Date of the quote must be a real date");
    assert_eq!(says("1", "", "2026"), "Date of the quote must include a month");
    assert_eq!(
        says("1", "1", "26"),
        "Date of the quote must include a year with 4 numbers, like 1987"
    );
    assert_eq!(says("", "", ""), "Enter date of the quote");
    let age = field(
        "type = 'integer', min = 18, max = 99, message = 'You must be between 18 and 99'",
        "Age",
    );
    refuses(&age, "200", "You must be between 18 and 99");
    refuses(&age, "18.5", "Age must be a whole number, like 42");
    refuses(&age, "", "Enter age");
    let code = field(
        "type = 'pattern', pattern = '[A-Z]+', max = 3, message = 'Enter three letters'",
        "Code",
    );
    refuses(&code, "abc", "Enter three letters");
    refuses(&code, "ABCD", "Enter three letters");
    refuses(&code, "", "Enter code");
}

#[test]
fn one_message_stands_for_all_where_the_author_set_no_bounds() {
    let pay = field(
        "type = 'choice', options = ['Card', 'Cash'], message = 'Select how you pay'",
        "How do you pay?",
    );
    refuses(&pay, "", "Select how you pay");
    refuses(&pay, "gold", "Select how you pay");
    let email = field("type = 'email', message = 'Enter your work email'", "Email");
    refuses(&email, "", "Enter your work email");
    refuses(&email, "me", "Enter your work email");
}

#[test]
fn each_kind_of_fault_has_a_message_of_its_own() {
    let code = "type = 'text', max = 4, pattern = '[A-Z]+', \
                message = { missing = 'Enter it', bounds = 'Make it shorter', pattern = 'Letters alone' }";
    let code = field(code, "Code");
    refuses(&code, "", "Enter it");
    refuses(&code, "ABCDE", "Make it shorter");
    refuses(&code, "12", "Letters alone");
    refuses(&code, "a\u{7}b", "Code must not include control characters");
    let number = field(
        "type = 'integer', min = 1, message = { invalid = 'Figures, please' }",
        "How many?",
    );
    refuses(&number, "many", "Figures, please");
    refuses(&number, "1.5", "Figures, please");
    refuses(&number, "0", "The number must be 1 or more");
}

#[test]
fn a_message_for_one_fault_goes_before_those_for_several_and_the_one_for_all() {
    let code = "type = 'text', min = 2, max = 4, pattern = '[A-Z]+', message = 'Enter a code like ABC', \
                messages = { missing = 'Enter the code', min = 'Make it longer', format = 'Letters alone' }";
    let code = field(code, "Code");
    refuses(&code, "", "Enter the code");
    refuses(&code, "A", "Make it longer");
    refuses(&code, "ABCDE", "Enter a code like ABC");
    refuses(&code, "abc", "Letters alone");
    refuses(&code, "a\u{7}b", "Letters alone");
    let age = "type = 'integer', min = 18, max = 99, \
               messages = { bounds = 'From 18 to 99', max = 'Ask your doctor', format = 'Figures, please' }";
    let age = field(age, "Age");
    refuses(&age, "17", "From 18 to 99");
    refuses(&age, "100", "Ask your doctor");
    refuses(&age, "old", "Figures, please");
    refuses(&age, "", "Enter age");
    let time =
        "type = 'time', min = '09:00', max = '17:00', messages = { min = 'We open at 9', max = 'We close at 5' }";
    let time = field(time, "Time");
    refuses(&time, "08:00", "We open at 9");
    refuses(&time, "18:00", "We close at 5");
}

#[test]
fn all_boxes_of_a_date_that_are_wrong_are_marked() {
    let born = field("type = 'date', max = 'today'", "Date of birth");
    let wrong = |day: &str, month: &str, year: &str| {
        let boxes = [("it-day", day), ("it-month", month), ("it-year", year)];
        let form = Form(boxes.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec());
        let fault = born.parse(&form, &scope()).unwrap_err();
        let marked = |input: &&str| fault.is_at(input);
        assert!(fault.is_at(&fault.input));
        let all = ["it-day", "it-month", "it-year"].into_iter().filter(marked);
        all.map(|input| input.trim_start_matches("it-"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(wrong("31", "2", "2019"), "day month");
    assert_eq!(wrong("29", "2", "2019"), "day month year");
    assert_eq!(wrong("", "", "2019"), "day month");
    assert_eq!(wrong("1", "", ""), "month year");
    assert_eq!(wrong("1", "1", ""), "year");
    assert_eq!(wrong("1", "1", "19"), "year");
    assert_eq!(wrong("1", "13", "2019"), "month");
    assert_eq!(wrong("1", "1", "2999"), "day month year");
    assert_eq!(wrong("", "", ""), "day month year");
}

#[test]
fn two_equal_messages_of_a_page_name_their_questions() {
    let source = "title = 'It'\nstart = 'ask'\n[screens.ask]\ntitle = 'Ask'\n\
                  fields.a = { type = 'choice', label = 'Where do you live?', options = ['Town', 'Country'] }\n\
                  fields.b = { type = 'choice', label = 'Who are you?', options = ['Me', 'Another'] }\n\
                  fields.c = { type = 'text', label = 'Your name', autocomplete = 'name' }\nactions.go = 'end'\n\
                  [screens.end]\ntitle = 'End'\nend = 'done'\n";
    let (flow, _) = Flow::read("it", source).unwrap();
    let screen = &flow.screens[0];
    let mut faults: Vec<_> = screen
        .asked()
        .filter_map(|field| field.parse(&Form::default(), &scope()).err())
        .collect();
    tell_apart(&mut faults, screen.asked(), &scope());
    let said: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "Select an option: Where do you live?",
            "Select an option: Who are you?",
            "Enter your name"
        ]
    );
}

#[test]
fn a_question_hangs_under_the_last_option_that_its_guard_needs() {
    let under = |guard: &str| {
        let source = format!(
            "title = 'It'\nstart = 'ask'\n[screens.ask]\ntitle = 'Ask'\n\
             fields.place = {{ type = 'choice', label = 'Where?', options = ['In', 'Out'] }}\n\
             fields.part = {{ type = 'choice', label = 'Which?', options = ['East', 'Other'], when = \"place == 'in'\" }}\n\
             fields.sure = {{ type = 'yes-no', label = 'Sure?' }}\n\
             fields.far = {{ type = 'integer', label = 'How far?' }}\n\
             fields.say = {{ type = 'text', label = 'Say which', when = \"{guard}\" }}\nactions.go = 'end'\n\
             [screens.end]\ntitle = 'End'\nend = 'done'\n"
        );
        let (flow, warnings) = Flow::read("it", &source).unwrap();
        let field = flow.screens[0].asked().find(|field| field.name == "say").unwrap();
        let under = field.when.as_ref().unwrap().under.clone();
        let warned = warnings.iter().any(|warning| warning.code == "shown-to-all");
        (under.map(|(field, option)| format!("{field} {option}")), warned)
    };
    let at = |place: &str| (Some(place.to_owned()), false);
    assert_eq!(under("place == 'in' and part == 'other'"), at("part other"));
    assert_eq!(under("part == 'other' and place == 'in'"), at("part other"));
    assert_eq!(under("'out' == place and far > 3"), at("place out"));
    assert_eq!(under("place == 'in' or part == 'other'"), (None, true));
    assert_eq!(under("sure"), at("sure yes"));
    assert_eq!(under("place == 'in' and not sure"), at("sure no"));
    assert_eq!(under("far > 3"), (None, false));
    assert_eq!(under("place != 'in'"), (None, false));
}
