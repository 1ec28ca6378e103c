//! Forms are decoded strictly: what no browser sends is refused, and nothing is guessed.

use deity::http::form::{Sent, decode};
use deity::limits::Http;
use deity::view::Problem;
use proptest::prelude::*;

fn read(body: &str) -> Result<Sent, Problem> {
    decode(body.as_bytes(), &Http::default())
}

fn value(body: &str) -> Result<String, Problem> {
    Ok(read(body)?.fields.first("a").unwrap_or_default().to_owned())
}

#[test]
fn ids_are_told_from_fields() {
    let sent = read("sessionID=s&screenID=t&given=Ada&actionID=continue&given=B").unwrap();
    assert_eq!(sent.session.as_deref(), Some("s"));
    assert_eq!(sent.screen.as_deref(), Some("t"));
    assert_eq!(sent.action.as_deref(), Some("continue"));
    assert_eq!(sent.fields.all("given").collect::<Vec<_>>(), ["Ada", "B"]);
}

#[test]
fn the_spellings_of_all_browsers_are_read() {
    assert_eq!(value("a=x+y").unwrap(), "x y");
    assert_eq!(value("a=x%20y").unwrap(), "x y");
    assert_eq!(value("a=x@y.org").unwrap(), "x@y.org");
    assert_eq!(value("a=x%40y.org").unwrap(), "x@y.org");
    assert_eq!(value("a=%c3%a9").unwrap(), "é");
    assert_eq!(value("a=é").unwrap(), "é");
    assert_eq!(value("a=1=2").unwrap(), "1=2");
    assert_eq!(value("a").unwrap(), "");
    assert_eq!(value("a=%0D%0A%09").unwrap(), "\r\n\t");
    assert_eq!(read("").unwrap(), Sent::default());
    assert_eq!(value("&a=1&").unwrap(), "1");
}

#[test]
fn text_comes_in_one_form_of_unicode() {
    assert_eq!(value("a=e%CC%81").unwrap(), "\u{e9}");
    assert_eq!(value("a=%E2%84%AB").unwrap(), "\u{c5}");
    assert_eq!(value("a=%F0%9F%99%82").unwrap(), "🙂");
}

#[test]
fn what_no_form_sends_is_refused() {
    let bad = [
        "a=%",
        "a=%4",
        "a=%zz",
        "a=%-1",
        "a=%+1",
        "a=1%",
        "%=1",
        "a=%ff",
        "a=%c3",
        "a=%c3%28",
        "a=%ed%a0%80",
        "a=%c0%af",
        "a=%f5%80%80%80",
        "a=%00",
        "a%00=1",
        "=1",
        "=",
        "a=1&%ff=2",
    ];
    for body in bad {
        assert_eq!(read(body), Err(Problem::Bad), "{body}");
    }
    assert_eq!(decode(b"a=\0", &Http::default()), Err(Problem::Bad));
    assert_eq!(decode(b"a=\xff", &Http::default()), Err(Problem::Bad));
}

#[test]
fn what_cannot_be_shown_comes_as_a_space_and_the_rest_is_kept() {
    for stray in [
        "%01",
        "%08",
        "%0b",
        "%0c",
        "%1b",
        "%7f",
        "%c2%9b",
        "%ef%bf%be",
        "%ef%b7%90",
    ] {
        let sent = read(&format!("a=one{stray}two")).expect("readable");
        assert_eq!(sent.fields.first("a"), Some("one two"), "{stray}");
    }
}

#[test]
fn an_id_comes_once() {
    for id in ["sessionID", "screenID", "actionID"] {
        assert_eq!(read(&format!("{id}=a&{id}=a")), Err(Problem::Bad));
        assert_eq!(read(&format!("{id}=a&b=1&{id}=")), Err(Problem::Bad));
    }
    let sent = read("sessionid=a&sessionID=b&sessionID%5B%5D=c").unwrap();
    assert_eq!(sent.session.as_deref(), Some("b"));
    assert_eq!(
        sent.fields.0.len(),
        2,
        "names that only look alike are fields, which no screen declares"
    );
}

#[test]
fn fields_are_counted_and_names_measured() {
    let limits = Http::default();
    let fields = |n: usize| vec!["a=1"; n].join("&");
    assert!(decode(fields(limits.fields - 1).as_bytes(), &limits).is_ok());
    assert!(decode(fields(limits.fields).as_bytes(), &limits).is_ok());
    assert_eq!(
        decode(fields(limits.fields + 1).as_bytes(), &limits),
        Err(Problem::TooLarge)
    );
    let name = |n: usize| format!("{}=1", "n".repeat(n));
    assert!(decode(name(limits.name_bytes - 1).as_bytes(), &limits).is_ok());
    assert!(decode(name(limits.name_bytes).as_bytes(), &limits).is_ok());
    assert_eq!(
        decode(name(limits.name_bytes + 1).as_bytes(), &limits),
        Err(Problem::Bad)
    );
    let escaped = format!("{}=1", "%41".repeat(limits.name_bytes));
    assert!(decode(escaped.as_bytes(), &limits).is_ok(), "measured after decoding");
}

#[test]
fn a_long_value_is_left_to_its_field() {
    let limits = Http::default();
    for length in [500, 5_001, 200_000] {
        let sent = decode(format!("a={}", "x".repeat(length)).as_bytes(), &limits).unwrap();
        assert_eq!(sent.fields.first("a").unwrap().len(), length);
    }
}

proptest! {
    #[test]
    fn no_bytes_break_the_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _decoded = decode(&bytes, &Http::default());
    }

    #[test]
    fn nearly_a_form_does_not_break_it_either(body in "([a-c=&+%]|%[0-9a-fA-F]{2}|%[cC][2-5]%[89aAbB][0-9a-f]|sessionID=){0,60}") {
        if let Ok(sent) = read(&body) {
            for (name, value) in &sent.fields.0 {
                prop_assert!(!name.is_empty());
                prop_assert!(!value.chars().any(|c| c.is_control() && !"\r\n\t".contains(c)));
            }
        }
    }

    #[test]
    fn what_a_browser_encodes_comes_back(pairs in proptest::collection::vec(("[a-z_-]{1,20}", "[ -~é🙂\r\n\t]{0,40}"), 0..20)) {
        let escape = |text: &str| text.bytes().fold(String::new(), |mut out, byte| {
            match byte {
                b' ' => out.push('+'),
                b if b.is_ascii_alphanumeric() => out.push(char::from(b)),
                b => out.push_str(&format!("%{b:02X}")),
            }
            out
        });
        let body: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        let sent = read(&body.join("&")).unwrap();
        prop_assert_eq!(sent.fields.0, pairs);
    }
}
