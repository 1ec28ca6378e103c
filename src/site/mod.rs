//! The site: what all pages have in common, as the office declares it in `phases/site.toml`, and its own
//! pages in `phases/pages/`.
//!
//! Owns [`Site`], the road to it, and what of it a page of a flow shows. Pure: files are read by the
//! catalog. Must not know sessions or requests.

mod accent;
mod mark;
mod read;
mod tongue;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::flow::{self, Defaults, Diagnostic, Flow, To, did_you_mean};
use crate::words::Vocabulary;
pub use read::{Found, Sources, read, words_of};
pub use tongue::Tongue;

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
    /// The groups of the index, in order; empty where the flows' own words will do.
    pub groups: Vec<String>,
    /// The language of flows that name none, and of the pages without a flow.
    pub lang: Option<String>,
    /// The time zone of flows that name none.
    pub time_zone: Option<TimeZone>,
    /// Its own pages, by name.
    pub articles: BTreeMap<String, Article>,
    /// The links to other hosts, by name: words and address.
    pub elsewhere: BTreeMap<String, (Option<String>, String)>,
    /// What it says in other languages, by their tags.
    pub tongues: BTreeMap<String, Tongue>,
    /// The program's own words, with the office's in their place.
    pub vocabulary: Vocabulary,
}

/// A page of the site's own, from Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its heading.
    pub title: String,
    /// What follows the heading: HTML.
    pub html: String,
}

/// What stands at an address of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop<'a> {
    /// A page of the site's own.
    Article(&'a Article),
    /// The same in the language of this tag.
    Told(&'a Article, &'a str),
    /// A link to another host: nobody is led there from a page whose address has ids, because some
    /// browsers tell the other host that address.
    Elsewhere {
        /// Its name in the file.
        name: &'a str,
        /// What people read; `None` where the program has a word for that name.
        label: Option<&'a str>,
        /// The address.
        url: &'a str,
    },
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
        groups: Vec::new(),
        lang: None,
        time_zone: None,
        articles: BTreeMap::new(),
        elsewhere: BTreeMap::new(),
        tongues: BTreeMap::new(),
        vocabulary: Vocabulary::OWN,
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

    /// The same in another language, as far as it is said in that.
    pub fn office_in(&self, lang: &str) -> Office<'_> {
        let office = self.office();
        let Some(tongue) = self.tongue(lang) else {
            return office;
        };
        Office {
            name: tongue.name.as_deref().unwrap_or(office.name),
            banner: tongue.with_banner.as_ref(),
            links: Cow::Borrowed(&tongue.with_links),
            telephone: tongue.telephone.as_deref().or(office.telephone),
            hours: tongue.hours.as_deref().or(office.hours),
            notice: tongue.notice.as_deref().or(office.notice),
            ..office
        }
    }

    /// Why nothing can be started at present, in a language.
    pub fn maintenance_in(&self, lang: &str) -> Option<&str> {
        let why = self.maintenance.as_deref()?;
        let told = self.tongue(lang).and_then(|tongue| tongue.maintenance.as_deref());
        Some(told.unwrap_or(why))
    }

    /// A group of the index in a language.
    pub fn group_in<'a>(&'a self, group: &'a str, lang: &str) -> &'a str {
        let told = self.tongue(lang).and_then(|tongue| tongue.groups.get(group));
        told.map_or(group, String::as_str)
    }

    /// The language of pages without a flow, where nothing else is asked for.
    pub fn lang(&self) -> &str {
        self.lang.as_deref().unwrap_or("en")
    }

    /// The languages of pages without a flow, the site's own first: BCP 47 tags.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.lang()).chain(self.tongues.keys().map(String::as_str))
    }

    /// What is said in the language of a tag: in that itself, else in its primary language.
    fn tongue(&self, lang: &str) -> Option<&Tongue> {
        let primary = lang.split('-').next().unwrap_or_default();
        self.tongues.get(lang).or_else(|| self.tongues.get(primary))
    }

    /// What a page of a flow shows: what the flow says itself stands in place of the site's.
    pub fn of_flow<'a>(&'a self, flow: &'a Flow) -> Office<'a> {
        let (says, site) = (&flow.says, self.office_in(&flow.lang));
        Office {
            name: says.name.as_deref().unwrap_or(site.name),
            telephone: says.telephone.as_deref().or(site.telephone),
            hours: says.hours.as_deref().or(site.hours),
            links: if says.links.is_empty() {
                site.links
            } else {
                Cow::Owned(self.links_of(flow, &site.links))
            },
            ..site
        }
    }

    /// The site's links, the flow's own in place of those of the same name, and then its further ones.
    fn links_of(&self, flow: &Flow, links: &[Link]) -> Vec<Link> {
        let before = format!("-/{}/", flow.name);
        let mut own: Vec<Link> = flow.says.links.iter().map(|link| Link::of(link, &before)).collect();
        for link in &mut own {
            link.name_after(&self.articles);
        }
        let mut links = links.to_vec();
        for link in own {
            match links.iter_mut().find(|one| one.name == link.name) {
                Some(place) => *place = link,
                None => links.push(link),
            }
        }
        links
    }

    /// What stands at `-/NAME`, or at `-/NAME.TAG`: a page in another language.
    pub fn stop(&self, name: &str) -> Option<Stop<'_>> {
        if let Some((name, tag)) = name.split_once('.') {
            let (lang, tongue) = self.tongues.get_key_value(tag)?;
            return tongue.articles.get(name).map(|article| Stop::Told(article, lang));
        }
        if let Some(article) = self.articles.get(name) {
            return Some(Stop::Article(article));
        }
        let (name, (label, url)) = self.elsewhere.get_key_value(name)?;
        Some(Stop::Elsewhere {
            name,
            label: label.as_deref(),
            url,
        })
    }

    /// The same for who reads a language: the page in that, where there is one.
    pub fn stop_in(&self, name: &str, lang: &str) -> Option<Stop<'_>> {
        let stop = self.stop(name)?;
        let Some((tag, tongue)) = self.tongues.get_key_value(lang) else {
            return Some(stop);
        };
        let told = tongue.articles.get(name).map(|article| Stop::Told(article, tag));
        Some(told.unwrap_or(match stop {
            Stop::Elsewhere { name, label, url } => {
                let link = tongue.with_links.iter().find(|link| link.name == name);
                let told = link.and_then(|link| link.label.as_deref());
                Stop::Elsewhere {
                    name,
                    label: told.or(label),
                    url,
                }
            }
            stop => stop,
        }))
    }

    /// What stands at `-/FLOW/NAME`: a link of the flow's own to another host.
    pub fn stop_of<'a>(flow: &'a Flow, name: &str) -> Option<Stop<'a>> {
        let link = flow.says.links.iter().find(|link| link.name == name)?;
        let To::Elsewhere(url) = &link.to else { return None };
        Some(Stop::Elsewhere {
            name: &link.name,
            label: link.label.as_deref(),
            url,
        })
    }

    /// What holds for flows that do not say it themselves.
    pub fn defaults(&self) -> Defaults {
        let usual = Defaults::default();
        Defaults {
            lang: self.lang.clone().unwrap_or(usual.lang),
            time_zone: self.time_zone.clone().unwrap_or(usual.time_zone),
            vocabulary: self.vocabulary.clone(),
        }
    }
}

/// Where a flow names what the site does not have: a group, a page.
pub fn judge(flow: &Flow, groups: &[String], pages: &[String]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(group) = &flow.group
        && !groups.is_empty()
        && !groups.contains(&group.value)
    {
        let near = did_you_mean(&group.value, groups.iter().map(String::as_str));
        found.push(
            Diagnostic::error(
                "unknown-group",
                &group.span,
                format!("the site has no group `{}`", group.value),
            )
            .label("unknown")
            .help(near.unwrap_or_else(|| format!("site.toml has: {}", groups.join(", ")))),
        );
    }
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    for link in &flow.says.links {
        if let To::Page(page) = &link.to
            && !pages.contains(&page.as_str())
        {
            found.push(read::no_page(page, &link.span, &pages));
        }
    }
    found
}

impl Link {
    /// A link of a file; those to other hosts lead to a page of ours below `before`.
    fn of(link: &flow::Link, before: &str) -> Self {
        Self {
            name: link.name.clone(),
            label: link.label.clone(),
            path: match &link.to {
                To::Page(page) => format!("-/{page}"),
                To::Elsewhere(_) => format!("{before}{}", link.name),
            },
        }
    }

    /// A link that says nothing, and for which the program has no word, says the heading of its page.
    fn name_after(&mut self, articles: &BTreeMap<String, Article>) {
        let page = self.path.strip_prefix("-/").and_then(|name| articles.get(name));
        if self.label.is_none()
            && !flow::KNOWN_LINKS.contains(&self.name.as_str())
            && let Some(page) = page
        {
            self.label = Some(page.title.clone());
        }
    }
}

impl Default for &Site {
    fn default() -> Self {
        Site::NONE
    }
}
