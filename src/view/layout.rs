//! What every page begins with.

use crate::flow::Flow;

/// The head of a page.
pub(super) struct Top {
    pub(super) lang: String,
    /// Written from right to left.
    pub(super) rtl: bool,
    pub(super) title: String,
    /// The flow's title, above the page.
    pub(super) service: Option<String>,
}

impl Top {
    /// A page of a flow.
    pub(super) fn of(flow: &Flow, name: &str, wrong: bool) -> Self {
        let error = if wrong { "Error: " } else { "" };
        let same = name == flow.title;
        Self {
            lang: flow.lang.clone(),
            rtl: is_rtl(&flow.lang),
            title: if same {
                format!("{error}{name}")
            } else {
                format!("{error}{name} - {}", flow.title)
            },
            service: (!same).then(|| flow.title.clone()),
        }
    }

    /// A page of no flow.
    pub(super) fn plain(name: &str) -> Self {
        Self {
            lang: "en".to_owned(),
            rtl: false,
            title: name.to_owned(),
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
