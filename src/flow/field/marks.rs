//! The marks that stand in numbers, by language.
//!
//! Owns which mark stands before decimals and which parts thousands, as the Unicode CLDR has it
//! (`numbers/symbols`, of digits 0 to 9; every locale checked against version 49). Where the CLDR
//! has no data of a language's own (Friulian, Occitan, Ossetic), as in its country. Must not know
//! how a number is read.

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
const POINT_AND_SPACE: Marks = Marks {
    decimal: '.',
    group: None,
};

/// Decimals after a comma, thousands parted by points.
const COMMAS: &[&str] = &[
    "ar-DZ", "ar-LB", "ar-LY", "ar-MA", "ar-MR", "ar-TN", "ast", "az", "bs", "ca", "da", "de", "dsb", "el", "en-AT",
    "en-BE", "en-DE", "en-DK", "en-ES", "en-ID", "en-IT", "en-NL", "en-PL", "en-RO", "en-SI", "es", "eu", "fo",
    "fr-LU", "fur", "fy", "hr", "hsb", "ia", "id", "is", "it", "jgo", "jv", "kgp", "kkj", "kl", "ku", "lb", "lij",
    "lld", "ln", "lo", "lu", "mgh", "mk", "ms-BN", "ms-ID", "mua", "nl", "nnh", "pms", "ps", "pt", "qu-BO", "rn", "ro",
    "rw", "sc", "scn", "seh", "sg", "sl", "sr", "su", "sw-CD", "tr", "vi", "wo", "yrl",
];
/// Decimals after a comma, thousands parted by spaces.
const COMMAS_AND_SPACES: &[&str] = &[
    "ady", "af", "agq", "ba", "bas", "be", "bg", "blo", "br", "bua", "cs", "cv", "dua", "dyo", "en-CZ", "en-EE",
    "en-FI", "en-FR", "en-GE", "en-HU", "en-LT", "en-LV", "en-NO", "en-PT", "en-SE", "en-SK", "en-UA", "en-ZA", "eo",
    "es-CR", "et", "ewo", "ff", "fi", "fr", "gl", "ht", "hu", "hy", "ie", "ka", "kab", "kbd", "kea", "kk", "ksf", "ky",
    "lt", "lv", "nb", "nmg", "nn", "no", "nr", "oc", "os", "pl", "pt-AO", "pt-CH", "pt-CV", "pt-GQ", "pt-GW", "pt-LU",
    "pt-MO", "pt-MZ", "pt-PT", "pt-ST", "pt-TL", "rm", "ru", "sah", "se", "shi", "sk", "smn", "sq", "ss", "sv", "tg",
    "tk", "tok", "ts", "tt", "tzm", "uk", "uz", "ve", "vec", "yav", "zgh",
];
/// Decimals after a point, thousands parted by spaces or apostrophes.
const POINTS_AND_SPACES: &[&str] = &[
    "de-CH", "de-LI", "dje", "en-CH", "gsw", "it-CH", "khq", "mfe", "ses", "to", "twq", "tyv", "xh",
];
/// Decimals after a point, thousands parted by commas: otherwise than in the language elsewhere.
const POINTS: &[&str] = &[
    "es-419", "es-BR", "es-BZ", "es-CU", "es-DO", "es-GT", "es-HN", "es-MX", "es-NI", "es-PA", "es-PE", "es-PR",
    "es-SV", "es-US", "fr-RW",
];

/// The marks of a BCP 47 tag, by language and region, else by language; of one that is not known,
/// a point and a comma.
pub(super) fn of(tag: &str) -> Marks {
    let mut parts = tag.split(['-', '_']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    let region = parts.find(|part| matches!(part.len(), 2 | 3));
    let whole = region.map(|region| format!("{language}-{}", region.to_ascii_uppercase()));
    let whole = whole.and_then(|whole| named(&whole));
    whole.or_else(|| named(&language)).unwrap_or(POINT)
}

fn named(name: &str) -> Option<Marks> {
    let tables = [
        (COMMAS, COMMA),
        (COMMAS_AND_SPACES, COMMA_AND_SPACE),
        (POINTS_AND_SPACES, POINT_AND_SPACE),
        (POINTS, POINT),
    ];
    let found = tables.into_iter().find(|(names, _)| names.contains(&name));
    found.map(|(_, marks)| marks)
}
