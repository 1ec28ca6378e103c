//! The index: the office's front page.
//!
//! Owns the order of its groups. Must not know which flows there are, nor why one is closed.

use askama::Template;

use super::layout::Top;
use super::{Listed, Visit};
use crate::words::Words;

/// The flows, in their groups.
#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct Index<'a> {
    top: Top,
    /// Why nothing can be started.
    maintenance: Option<&'a str>,
    groups: Vec<Group<'a>>,
    /// Behind the addresses: the language of this page, where there are several.
    asked: String,
    /// Some of them can be saved, and come back to.
    saves: bool,
    root: &'a str,
}

/// Flows under a heading, or all of them without one.
struct Group<'a> {
    name: Option<&'a str>,
    flows: Vec<&'a Listed>,
}

pub(super) fn index<'a>(visit: &Visit<'a>, listed: &'a [Listed]) -> Index<'a> {
    let top = Top::about(visit, None, Words::start_services);
    let mut names: Vec<&str> = visit.site.groups.iter().map(String::as_str).collect();
    let mut others: Vec<&str> = listed.iter().filter_map(|one| one.flow.group()).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|name| !names.contains(name));
    names.extend(others);
    let of = |name: Option<&str>| listed.iter().filter(|one| one.flow.group() == name).collect();
    let mut groups: Vec<Group<'_>> = names
        .iter()
        .map(|name| Group {
            name: Some(visit.site.group_in(name, visit.lang())),
            flows: of(Some(*name)),
        })
        .filter(|group| !group.flows.is_empty())
        .collect();
    let rest: Vec<&Listed> = of(None);
    if !rest.is_empty() {
        groups.push(Group {
            name: (!groups.is_empty()).then(|| top.words.site_other()),
            flows: rest,
        });
    }
    Index {
        asked: if visit.site.tongues.is_empty() {
            String::new()
        } else {
            format!("?{}={}", super::LANG, top.lang)
        },
        maintenance: visit.site.maintenance_in(visit.lang()),
        groups,
        top,
        saves: listed.iter().any(|one| one.flow.limits.save),
        root: visit.root,
    }
}
