//! What every page begins with.

use crate::flow::Flow;
use crate::words::Words;

/// The head of a page.
pub(super) struct Top {
    pub(super) words: Words,
    pub(super) lang: String,
    /// Written from right to left.
    pub(super) rtl: bool,
    pub(super) title: String,
    /// What the page is about: its heading, mostly.
    pub(super) name: String,
    /// The flow's title, above the page.
    pub(super) service: Option<String>,
}

impl Top {
    /// A page of a flow.
    pub(super) fn of(flow: &Flow, name: &str, wrong: bool) -> Self {
        let words = flow.words();
        let same = name == flow.title;
        let title = if same {
            name.to_owned()
        } else {
            words.page_title(name, &flow.title)
        };
        Self {
            words,
            lang: flow.lang.clone(),
            rtl: is_rtl(&flow.lang),
            title: if wrong { words.page_error(title) } else { title },
            name: name.to_owned(),
            service: (!same).then(|| flow.title.clone()),
        }
    }

    /// A page of a flow, where it is known.
    pub(super) fn about(flow: Option<&Flow>, name: fn(Words) -> &'static str) -> Self {
        match flow {
            Some(flow) => Self::of(flow, name(flow.words()), false),
            None => Self::plain(name(Words::english())),
        }
    }

    /// A page of no flow.
    pub(super) fn plain(name: &str) -> Self {
        Self {
            words: Words::english(),
            lang: "en".to_owned(),
            rtl: false,
            title: name.to_owned(),
            name: name.to_owned(),
            service: None,
        }
    }
}

/// Whether a language is written from right to left.
fn is_rtl(lang: &str) -> bool {
    let primary = lang.split('-').next().unwrap_or_default();
    [
        "ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi",
    ]
    .contains(&primary)
}
