//! Texts to translators and back, whatever stands in them.

use deity::flow::{Flow, bundle};
use deity::texts::{Brought, Entry, Fate, State, Taking, bring, entries, po, put, sheet};
use proptest::prelude::*;

/// A text as TOML has it, whatever it says.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out += &format!("\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

/// Words with what is special in TOML, PO, CSV or texts of flows.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zé日ع]{1,6}",
        1 => prop::sample::select(vec![
            " ", "\n", "\n\n", "\t", "\"", "\"\"\"", "\\", "\\n", "'", "'''", "=", "+1", "@", "＝", ",", ";", "#", "{", "}",
            "[x]", "\u{200f}", "👩‍👩‍👧", "{{ a }}", "\r\n",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

/// A flow of these texts.
fn flow(texts: &[String]) -> String {
    let mut flow = "title = \"T\"\n[screens.first]\nfields.a = { type = \"text\", label = \"L\" }\nactions.continue = \
                    \"s0\"\n"
        .to_owned();
    for (n, text) in texts.iter().enumerate() {
        let next = if n + 1 < texts.len() {
            format!("s{}", n + 1)
        } else {
            "end".to_owned()
        };
        flow += &format!(
            "[screens.s{n}]\ntitle = \"T\"\nbody = {}\nactions.continue = \"{next}\"\n",
            quoted(text)
        );
    }
    flow + "[screens.end]\ntitle = \"E\"\nend = \"completed\"\n"
}

/// What comes back is put in, and the definition with it.
fn taken<'e>(source: &str, entries: &'e [Entry], read: &po::Read) -> (String, Brought<'e>) {
    let mut brought = bring(entries, read, Taking::default());
    let put = put(source, "cy", entries, &brought).unwrap();
    let said = Flow::read("t", &put.source).map_or_else(|faults| faults, |(_, warnings)| warnings);
    brought.judge(&put.source, "cy", &said);
    (put.source, brought)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_text_comes_back_as_it_went_out(pairs in prop::collection::vec((words(), words()), 1..4), crlf: bool) {
        let pairs: Vec<_> = pairs
            .into_iter()
            .filter(|(original, text)| {
                original.contains("{{ a }}") == text.contains("{{ a }}")
                    && !original.trim().is_empty() && !text.trim().is_empty()
            })
            .collect();
        let originals: Vec<String> = pairs.iter().map(|(original, _)| original.clone()).collect();
        let source = flow(&originals);
        // A flow of texts that are no texts has none.
        prop_assume!(Flow::read("t", &source).is_ok());
        let before = entries(&source, "t.toml", "cy");
        let mut out = po::read(&po::write("T", "cy", &before)).unwrap();
        let table = sheet::read(&sheet::write(&before)).unwrap();
        prop_assert_eq!(out.texts.len(), before.len());
        for (of_po, of_sheet) in out.texts.iter().zip(&table.texts) {
            prop_assert_eq!((&of_po.key, &of_po.original), (&of_sheet.key, &of_sheet.original));
        }
        for came in &mut out.texts {
            let n = came.key.strip_prefix("screens.s").and_then(|rest| rest.strip_suffix(".body"));
            came.translation = n.map_or_else(|| "Z".to_owned(), |n| pairs[n.parse::<usize>().unwrap()].1.clone());
        }
        let (with, brought) = taken(&source, &before, &out);
        // Words may say what no text may: braces that are not sound, links that the original has not.
        prop_assume!(brought.count(Fate::Refused) == 0);
        let after = entries(&with, "t.toml", "cy");
        prop_assert!(after.iter().all(|entry| entry.state() == State::Translated));
        let written = (po::write("T", "cy", &after), sheet::write(&after));
        let wrapped = if crlf { written.0.replace('\n', "\r\n") } else { written.0.clone() };
        for read in [po::read(&wrapped).unwrap(), sheet::read(&written.1).unwrap()] {
            let (again, brought) = taken(&with, &after, &read);
            prop_assert_eq!(brought.count(Fate::Same), after.len());
            prop_assert_eq!(&again, &with);
            // Into a flow without them: the same comes out.
            let (new, _) = taken(&source, &before, &read);
            prop_assert_eq!(po::write("T", "cy", &entries(&new, "t.toml", "cy")), written.0.clone());
        }
    }

    #[test]
    fn a_file_that_is_cut_off_or_spoilt_is_read_or_refused(
        at in any::<prop::sample::Index>(), junk in "[\"\\\\#,;\n\r|~ a-z\u{feff}é]{0,6}", cut: bool,
    ) {
        let source = bundle::with(super::FLOW, ".cy.toml", super::WELSH);
        let entries = entries(&source, "hall.toml", "cy");
        for (file, is_po) in [(po::write("T", "cy", &entries), true), (sheet::write(&entries), false)] {
            let at = file.floor_char_boundary(at.index(file.len()));
            let rest = if cut { "" } else { &file[at..] };
            let spoilt = format!("{}{junk}{rest}", &file[..at]);
            let read = if is_po { po::read(&spoilt) } else { sheet::read(&spoilt) };
            if let Ok(read) = read {
                let brought = bring(&entries, &read, Taking { fuzzy: true, confirm: true });
                let _put = put(&source, "cy", &entries, &brought);
            }
        }
    }
}
