//! The marks that stand in numbers, by language.
//!
//! Owns which mark stands before decimals and which parts thousands, as the Unicode CLDR has it
//! (`numbers/symbols`, version 46). Must not know how a number is read.

/// The marks of a language. A space and an apostrophe part thousands in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Before decimals.
    pub(super) decimal: char,
    /// Between thousands, beside spaces and apostrophes.
    pub(super) group: Option<char>,
}

const POINT: Marks = Marks {
    decimal: '.',
    group: Some(','),
};
const COMMA: Marks = Marks {
    decimal: ',',
    group: Some('.'),
};
const COMMA_AND_SPACE: Marks = Marks {
    decimal: ',',
    group: None,
};
const POINT_AND_APOSTROPHE: Marks = Marks {
    decimal: '.',
    group: None,
};

/// Decimals after a comma, thousands parted by points.
const COMMAS: [&str; 31] = [
    "ast", "az", "bs", "ca", "da", "de", "el", "es", "eu", "fo", "fy", "fur", "gl", "hr", "hsb", "id", "is", "it",
    "jv", "kl", "lb", "mk", "nl", "pt", "ro", "rw", "sc", "sl", "sr", "tr", "vi",
];
/// Decimals after a comma, thousands parted by spaces.
const SPACES: [&str; 30] = [
    "af", "be", "bg", "br", "cs", "eo", "et", "fi", "fr", "hu", "hy", "ka", "kk", "ky", "lt", "lv", "nb", "nn", "no",
    "oc", "os", "pl", "ru", "se", "sk", "sq", "sv", "tk", "uk", "uz",
];
/// Where Spanish has a point.
const SPANISH_POINT: [&str; 13] = [
    "419", "BZ", "CU", "DO", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "SV", "US",
];
/// Where Arabic has a comma.
const ARABIC_COMMA: [&str; 6] = ["DZ", "EH", "LY", "MA", "MR", "TN"];

/// The marks of a BCP 47 tag; of a language that is not known, a point and a comma.
pub(super) fn of(tag: &str) -> Marks {
    let mut parts = tag.split(['-', '_']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    let region = parts
        .find(|part| matches!(part.len(), 2 | 3))
        .map(str::to_ascii_uppercase);
    let among = |all: &[&str]| region.as_deref().is_some_and(|region| all.contains(&region));
    match language.as_str() {
        "de" | "it" | "rm" | "gsw" if among(&["CH", "LI"]) => POINT_AND_APOSTROPHE,
        "rm" | "gsw" => POINT_AND_APOSTROPHE,
        "es" if among(&SPANISH_POINT) => POINT,
        "ar" if among(&ARABIC_COMMA) => COMMA,
        language if COMMAS.contains(&language) => COMMA,
        language if SPACES.contains(&language) => COMMA_AND_SPACE,
        _ => POINT,
    }
}
