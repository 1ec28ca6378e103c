//! Marks in what a page says: where a text of another language stands, and where one of another direction.
//!
//! Owns the signs, which stand for nothing else in any text, and what becomes of them in HTML: `<bdi>` and `lang`
//! where elements may stand, the signs of Unicode for the same where they may not. Must not know who sets them.

use std::borrow::Cow;

use super::Words;

/// A text apart from the direction of what is around it begins, and ends.
const APART: char = '\u{FDD2}';
const TOGETHER: char = '\u{FDD3}';
/// A text in another language begins, behind which its tag stands; that ends; the text ends.
const OTHER: char = '\u{FDD0}';
const TAGGED: char = '\u{FDD4}';
const OWN: char = '\u{FDD1}';
/// The signs of Unicode for what stands apart: its direction is that of its first letter.
const ISOLATE: char = '\u{2068}';
const POP: char = '\u{2069}';
/// With what the UTF-8 of every sign begins.
const BEGINS: &[u8] = "\u{FDD0}".as_bytes().split_at(2).0;

fn is_mark(c: char) -> bool {
    matches!(c, OTHER | OWN | APART | TOGETHER | TAGGED)
}

/// Whether letters of this block are written from right to left.
fn is_rtl(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Whether a text would be turned round among letters from right to left: it has letters of the other direction,
/// or figures with signs or spaces, such as a telephone number.
fn is_latin(text: &str) -> bool {
    let letters = |c: char| c.is_alphabetic();
    if text.chars().any(|c| letters(c) && !is_rtl(c)) {
        return true;
    }
    let figures = text.chars().any(char::is_numeric) && !text.chars().any(letters);
    figures && text.chars().any(|c| !c.is_numeric() && !matches!(c, '.' | ',' | ':'))
}

impl Words {
    /// A text that comes from elsewhere, kept apart from the direction of what is around it where that could turn
    /// it round, or be turned by it.
    pub(crate) fn apart<'t>(self, text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
        let text = text.into();
        // What is marked within is so by us; a person's own signs do no harm.
        if text.contains(is_mark) {
            return text;
        }
        let other = if self.is_rtl() {
            is_latin(&text)
        } else {
            !text.is_ascii() && text.chars().any(is_rtl)
        };
        if other {
            Cow::Owned(format!("{APART}{text}{TOGETHER}"))
        } else {
            text
        }
    }
}

/// A text that is in the language of this tag, on a page in another.
pub(crate) fn in_language(text: &str, tag: &str) -> String {
    format!("{OTHER}{tag}{TAGGED}{text}{OWN}")
}

/// A text without marks.
pub(crate) fn without(text: &str) -> Cow<'_, str> {
    if text.contains(is_mark) {
        Cow::Owned(text.replace(is_mark, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a text has marked parts beside others; not where the whole of it is one.
pub(crate) fn is_mixed(text: &str) -> bool {
    let whole = text
        .strip_prefix([APART, OTHER])
        .and_then(|text| text.strip_suffix([TOGETHER, OWN]));
    let is_inner = |c: char| is_mark(c) && c != TAGGED;
    whole.unwrap_or(text).contains(is_inner)
}

/// A page with elements in place of its marks; `None` where it has none.
pub(crate) fn resolved(html: &str) -> Option<String> {
    memchr::memmem::find(html.as_bytes(), BEGINS)?;
    let mut out = String::with_capacity(html.len() + 64);
    let mut inside = Inside::default();
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        let (head, tail) = rest.split_at(c.len_utf8());
        rest = tail;
        if !is_mark(c) {
            inside.passes(c, tail);
            out.push_str(head);
            continue;
        }
        let words_alone = inside.tag || inside.plain.is_some();
        match c {
            APART if words_alone => out.push(ISOLATE),
            TOGETHER if words_alone => out.push(POP),
            APART => out.push_str("<bdi>"),
            TOGETHER => out.push_str("</bdi>"),
            OTHER => {
                let known = |(tag, _): &(&str, &str)| is_tag(tag);
                let Some((tag, text)) = tail.split_once(TAGGED).filter(known) else {
                    continue;
                };
                rest = text;
                if !words_alone {
                    let block = text.starts_with('<');
                    let name = if block { "div" } else { "span" };
                    out.push_str(&opened(name, tag));
                    inside.open.push(name);
                }
            }
            OWN => {
                if let Some(name) = inside.open.pop().filter(|_| !words_alone) {
                    out.extend(["</", name, ">"]);
                }
            }
            _ => {}
        }
    }
    Some(out)
}

/// Whether it can be a language's tag; a person may have written the sign.
fn is_tag(tag: &str) -> bool {
    (2..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn opened(name: &str, tag: &str) -> String {
    let dir = if Words::of(tag).is_rtl() { "rtl" } else { "ltr" };
    format!("<{name} lang={tag} dir={dir}>")
}

/// Where in a page one is, as far as it says whether an element may stand there.
#[derive(Default)]
struct Inside {
    /// Within `<` and `>`.
    tag: bool,
    /// The quote of an attribute.
    quote: Option<char>,
    /// The end of an element that holds words alone.
    plain: Option<&'static str>,
    /// What was opened for texts in other languages.
    open: Vec<&'static str>,
}

impl Inside {
    fn passes(&mut self, c: char, behind: &str) {
        /// Elements that hold words alone, and where they end.
        const PLAIN: [(&str, &str); 3] = [
            ("title>", "</title>"),
            ("textarea", "</textarea>"),
            // Its end may be left out: the next one begins, or the list is at its end.
            ("option", "<"),
        ];
        match (c, self.tag, self.quote) {
            ('<', false, _) => {
                if self
                    .plain
                    .is_some_and(|end| end == "<" || behind.starts_with(end.trim_start_matches('<')))
                {
                    self.plain = None;
                }
                self.tag = true;
                self.quote = None;
                if self.plain.is_none() {
                    let mut all = PLAIN.iter();
                    self.plain = all.find(|(name, _)| behind.starts_with(name)).map(|(_, end)| *end);
                }
            }
            ('>', true, None) => self.tag = false,
            ('"', true, None) => self.quote = Some('"'),
            ('"', true, Some('"')) => self.quote = None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        resolved(html).unwrap_or_else(|| html.to_owned())
    }

    #[test]
    fn a_text_is_mixed_where_a_part_of_it_is_marked() {
        let arabic = Words::of("ar");
        let other = in_language("Ada", "en");
        assert!(!is_mixed("Ada") && !is_mixed(&arabic.apart("Ada")) && !is_mixed(&other));
        assert!(is_mixed(&format!("{} في", arabic.apart("BST"))));
        assert!(is_mixed(&format!("{}, {}", arabic.apart("Ada"), arabic.apart("Bob"))));
    }

    #[test]
    fn what_could_be_turned_round_stands_apart() {
        let (english, arabic) = (Words::english(), Words::of("ar"));
        let apart = |words: Words, text: &'static str| shown(&words.apart(text));
        assert_eq!(apart(english, "Ada, £24.00"), "Ada, £24.00");
        assert_eq!(apart(english, "Zoë"), "Zoë");
        assert_eq!(apart(english, "ليلى"), "<bdi>ليلى</bdi>");
        assert_eq!(apart(arabic, "ليلى"), "ليلى");
        assert_eq!(apart(arabic, "+44 808 157 0192"), "<bdi>+44 808 157 0192</bdi>");
        assert_eq!(apart(arabic, "Ada"), "<bdi>Ada</bdi>");
        assert_eq!(apart(arabic, "30 نوفمبر"), "30 نوفمبر");
        assert_eq!(apart(arabic, "23:20"), "23:20");
        assert_eq!(apart(arabic, " — "), " — ");
        let twice = english.apart(english.apart("ليلى").into_owned()).into_owned();
        assert_eq!(shown(&twice), "<bdi>ليلى</bdi>");
    }

    #[test]
    fn where_no_element_may_stand_there_are_signs() {
        let name = Words::english().apart("ليلى");
        assert_eq!(
            shown(&format!(
                "<title>{name} - x</title><p>{name}<input value=\"{name}\"><option>{name}<option>y</select>{name}"
            )),
            "<title>\u{2068}ليلى\u{2069} - x</title><p><bdi>ليلى</bdi><input value=\"\u{2068}ليلى\u{2069}\">\
             <option>\u{2068}ليلى\u{2069}<option>y</select><bdi>ليلى</bdi>"
        );
    }

    #[test]
    fn another_language_is_said() {
        let text = in_language("Hello", "en");
        assert_eq!(
            shown(&format!("<title>{text}</title><h1>{text}</h1>")),
            "<title>Hello</title><h1><span lang=en dir=ltr>Hello</span></h1>"
        );
        let block = in_language("<p>Hello</p>", "ar");
        assert_eq!(shown(&block), "<div lang=ar dir=rtl><p>Hello</p></div>");
        assert_eq!(without(&text), "enHello");
    }

    #[test]
    fn signs_of_a_person_do_no_harm() {
        for typed in [
            "\u{FDD0}",
            "\u{FDD1}\u{FDD1}",
            "\u{FDD3}x\u{FDD2}",
            "\u{FDD0}\"><b>\u{FDD4}",
            "\u{FDD4}",
        ] {
            let escaped = typed.replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;");
            let html = format!("<p>{escaped}</p><input value=\"{escaped}\">");
            let out = shown(&html);
            assert!(!out.contains(is_mark) && !out.contains("<b>"), "{out}");
        }
    }
}
