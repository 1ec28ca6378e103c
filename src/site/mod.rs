//! The site: what all pages have in common, as the office declares it in `phases/site.toml`.
//!
//! Owns [`Site`] and what of it a page of a flow shows. Pure: files are read by the catalog. Must not
//! know sessions or HTML.

use std::borrow::Cow;

use crate::flow::Flow;

/// What the office says of itself. [`Site::NONE`]: it says nothing, and pages have nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The name of the office; empty if it has none.
    pub name: String,
    /// The office's mark: an SVG element, clean, written by us.
    pub mark: Option<String>,
    /// The office's colour: `#` and 3 or 6 figures, in lower case. White text can be read on it.
    pub accent: Option<String>,
    /// What start pages say under the name of the service.
    pub banner: Option<Banner>,
    /// The links at the foot of every page, in the order of the file.
    pub links: Vec<Link>,
    /// Where people can ring.
    pub telephone: Option<String>,
    /// When somebody answers there.
    pub hours: Option<String>,
    /// What all pages say: "Closed on Friday".
    pub notice: Option<String>,
    /// Why nothing can be started at present.
    pub maintenance: Option<String>,
}

/// What start pages say of a service that is new: "Beta: this is a new service. Tell us what you
/// think".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// The words, without the link.
    pub text: String,
    /// The link after them.
    pub link: Option<Link>,
}

/// A link at the foot of a page, or in the banner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name in the file: `privacy`, `accessibility`, `contact`, `terms`, or another.
    pub name: String,
    /// What people read; `None` where the program has a word for that name.
    pub label: Option<String>,
    /// The page of ours to which it leads, without a root: `-/privacy`.
    pub path: String,
}

/// What one page shows of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Office<'a> {
    /// The name; empty if it has none.
    pub name: &'a str,
    /// The mark: an SVG element that may stand in the page as it is.
    pub mark: Option<&'a str>,
    /// The colour.
    pub accent: Option<&'a str>,
    /// What start pages say under the name of the service.
    pub banner: Option<&'a Banner>,
    /// The links at the foot.
    pub links: Cow<'a, [Link]>,
    /// Where people can ring.
    pub telephone: Option<&'a str>,
    /// When somebody answers there.
    pub hours: Option<&'a str>,
    /// What all pages say.
    pub notice: Option<&'a str>,
}

impl Site {
    /// Of an office that says nothing.
    pub const NONE: &'static Self = &Self {
        name: String::new(),
        mark: None,
        accent: None,
        banner: None,
        links: Vec::new(),
        telephone: None,
        hours: None,
        notice: None,
        maintenance: None,
    };

    /// What a page of no flow shows.
    pub fn office(&self) -> Office<'_> {
        Office {
            name: &self.name,
            mark: self.mark.as_deref(),
            accent: self.accent.as_deref(),
            banner: self.banner.as_ref(),
            links: Cow::Borrowed(&self.links),
            telephone: self.telephone.as_deref(),
            hours: self.hours.as_deref(),
            notice: self.notice.as_deref(),
        }
    }

    /// What a page of a flow shows: what the flow says itself stands in place of the site's.
    pub fn of_flow<'a>(&'a self, _flow: &'a Flow) -> Office<'a> {
        self.office()
    }
}

impl Default for &Site {
    fn default() -> Self {
        Site::NONE
    }
}
