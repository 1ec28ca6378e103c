//! The pages of the office rather than of a flow: the index, the site's own pages, and those that lead
//! to another host.
//!
//! Owns their addresses, the data of the index, and finding what stands at an address below `/-/`. Must
//! not know what a site says.

use std::sync::Arc;

use super::App;
use super::request::is_name;
use crate::flow::Form;
use crate::id;
use crate::site::Site;
use crate::view::{self, Drawn, Visit};

/// What the addresses of the site's own pages begin with; no flow can be called so.
const PATH: &str = "/-/";
/// Where text browsers are led on to other hosts; no page can be called so.
const AWAY: &str = "/-/-";

/// Where one comes back to what was begun.
const COME_BACK: &str = "/-/come-back";

/// A page of the office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Front {
    /// The list of flows.
    Index,
    /// A page of the site's own: of a flow's own link, the flow.
    Article(Option<String>, String),
    /// The page on which one comes back to what was begun.
    ComeBack,
    /// A page that leads to an address elsewhere, with the mark that a page of ours had the link.
    Away(String, String),
}

impl Front {
    /// What stands at a path, if it is one of these.
    pub(super) fn of(path: &str, query: &Form) -> Option<Self> {
        match path {
            "/" => return Some(Self::Index),
            COME_BACK => return Some(Self::ComeBack),
            AWAY => {
                let field = |name| query.first(name).unwrap_or_default().to_owned();
                return Some(Self::Away(field("a"), field("m")));
            }
            _ => {}
        }
        let rest = path.strip_prefix(PATH)?;
        let (flow, name) = match rest.split_once('/') {
            Some((flow, name)) => (Some(flow), name),
            None => (None, rest),
        };
        // A page in another language: `privacy.cy`.
        let (own, tag) = name.split_once('.').unwrap_or((name, ""));
        let told = tag.is_empty() == (own == name) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let good = is_name(own) && told && flow.is_none_or(is_name);
        good.then(|| Self::Article(flow.map(str::to_owned), name.to_owned()))
    }

    /// The path as logs and metrics show it.
    pub(super) fn route(&self) -> &'static str {
        match self {
            Self::Index => "/",
            Self::Article(..) => "/-/{page}",
            Self::ComeBack => COME_BACK,
            Self::Away(..) => AWAY,
        }
    }
}

impl App {
    /// A page of the office, if it is there.
    pub(super) fn front(&self, asked: &Front, visit: &Visit<'_>) -> Option<Drawn> {
        match asked {
            Front::Index => Some(view::index(&self.listed(), visit)),
            Front::ComeBack => Some(view::come_back(visit)),
            Front::Article(None, name) => Some(view::article(&view::stop(visit, name)?, None, visit)),
            Front::Article(Some(flow), name) => {
                let flow = self.engine.catalog().flow(flow)?;
                Some(view::article(&Site::stop_of(&flow, name)?, Some(&flow), visit))
            }
            Front::Away(address, mark) => {
                id::is_away(address, mark, self.engine.key()).then(|| view::away(address, visit))
            }
        }
    }

    /// The flows, for the index.
    fn listed(&self) -> Vec<view::Listed> {
        let flows = self.engine.catalog().flows();
        let listed = flows.values().map(|flow| view::Listed {
            open: !self.engine.is_closed(&flow.name),
            flow: Arc::clone(flow),
        });
        listed.collect()
    }
}
