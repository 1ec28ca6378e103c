//! The pages of the office rather than of a flow: the index, and the site's own pages.
//!
//! Owns the data of the index, and finding what stands at an address below `/-/`. Must not know what
//! a site says.

use std::sync::Arc;

use super::App;
use crate::site::Site;
use crate::view::{self, Drawn, Visit};

/// What the addresses of the site's own pages begin with; no flow can be called so.
pub(super) const PATH: &str = "/-/";

impl App {
    /// The flows, for the index.
    pub(super) fn listed(&self) -> Vec<view::Listed> {
        let flows = self.engine.catalog().flows();
        let listed = flows.values().map(|flow| view::Listed {
            open: !self.engine.is_closed(&flow.name),
            flow: Arc::clone(flow),
        });
        listed.collect()
    }

    /// The page at `/-/NAME`, or at `/-/FLOW/NAME`.
    pub(super) fn article(&self, flow: Option<&str>, name: &str, visit: &Visit<'_>) -> Option<Drawn> {
        let Some(flow) = flow else {
            return Some(view::article(&visit.site.stop(name)?, None, visit));
        };
        let flow = self.engine.catalog().flow(flow)?;
        Some(view::article(&Site::stop_of(&flow, name)?, Some(&flow), visit))
    }
}
