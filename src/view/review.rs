//! The answers on the path as a review has them: by section, and in it by item and by task.
//!
//! Owns under which heading each answer stands. Must not know how an answer is said (`rows`).

use std::collections::{BTreeMap, BTreeSet};

use super::at::Link;
use super::rows::{Row, not_begun, of_screen};
use super::summary;
use crate::engine::Shown;
use crate::flow::{Flow, Head, Scope, Screen};
use crate::machine::{self, Path, Place, Standing, Visit, own};
use crate::words::Words;

/// Answers that stand together.
pub(super) struct Section {
    /// None of those before the first section.
    pub(super) heading: Option<String>,
    /// 2 to 6: that of the heading.
    pub(super) level: u8,
    pub(super) rows: Vec<Row>,
}

/// The answers on the path before `here` that a screen shows, with their change links where they are
/// not sealed; `None` where it shows none.
pub(super) fn shown(shown: &Shown, here: &Place, screen: &Screen, scope: &Scope<'_>) -> Option<Vec<Section>> {
    let sealed = shown.showing.path.sealed(&shown.session);
    if let Some(summary) = &screen.summary {
        return Some(vec![summary::draw(shown, here, summary, scope, |n| !sealed.holds(n))]);
    }
    let all = || sections(shown, here, scope, |n| !sealed.holds(n));
    screen.review.then(|| all().flat(&screen.reviews, scope.words))
}

/// Every answer on the path before `here`, by section, as it was sent.
pub(super) fn sent(shown: &Shown, here: &Place, scope: &Scope<'_>) -> Vec<Section> {
    sections(shown, here, scope, |_| false).flat(&[], scope.words)
}

/// `open` says which visits of the path can be changed.
fn sections(shown: &Shown, here: &Place, scope: &Scope<'_>, open: impl Fn(usize) -> bool) -> Tree {
    let mut tree = Tree::default();
    // Answers of an item are read among its own.
    let mut path = (!shown.flow.strands.is_empty()).then(|| shown.showing.path.clone());
    let visits = shown.showing.path.visits.iter().enumerate();
    for (n, visit) in visits.take_while(|(_, visit)| visit.place != *here) {
        let Some(screen) = shown.flow.screen(visit.screen) else {
            continue;
        };
        let Some(path) = &mut path else {
            let at = tree.of_section(0, None, section(shown, screen, scope));
            tree.add(at, of_screen(shown, (visit, screen), open(n), None, scope));
            continue;
        };
        if !counts(shown, visit) {
            continue;
        }
        path.enter(&shown.flow, &shown.session, &visit.place);
        let within = Scope {
            values: &path.values,
            ..*scope
        };
        if is_not_begun(shown, visit) {
            // It is said once, and only where it can be begun still.
            if open(n) {
                let at = tree.of_visit(shown, visit, &within);
                tree.add(at, not_begun((&visit.place, screen), &within).into_iter().collect());
            }
            continue;
        }
        let at = tree.of_visit(shown, visit, &within);
        let of = tree.whose(at);
        let rows = of_screen(shown, (visit, screen), open(n), of.as_deref(), &within);
        tree.add(at, rows);
        let list = list_row(shown, (visit, screen), open(n), of, path, scope);
        tree.add(at, list.into_iter().collect());
        tree.stands(n, at);
    }
    tree
}

/// The heading that a screen says, and the section that it is of.
fn section(shown: &Shown, screen: &Screen, scope: &Scope<'_>) -> (Option<String>, Option<u16>) {
    let head = screen.section.as_ref();
    let heading = head.and_then(|head| head.plain(&shown.flow, scope));
    (heading, head.and_then(Head::section))
}

/// Not what was added and never begun.
fn counts(shown: &Shown, visit: &Visit) -> bool {
    let Some(walk) = shown.showing.path.walk_of(visit) else {
        return true;
    };
    walk.item == 0 || walk.standing != Standing::Untouched
}

/// Of a task that nobody has begun.
fn is_not_begun(shown: &Shown, visit: &Visit) -> bool {
    let walk = shown.showing.path.walk_of(visit);
    walk.is_some_and(|walk| walk.item == 0 && walk.host.is_some() && walk.standing == Standing::Untouched)
}

/// What was added to a list, with a link to its page.
fn list_row(
    shown: &Shown,
    (visit, screen): (&Visit, &Screen),
    open: bool,
    of: Option<String>,
    path: &mut Path,
    scope: &Scope<'_>,
) -> Option<Row> {
    let (strand, _) = shown.flow.list_on(visit.screen)?;
    if is_one_answer(&shown.flow, strand) {
        return None;
    }
    let within = Scope {
        values: &path.values,
        ..*scope
    };
    let label = screen.title.as_ref()?.plain(&within);
    let known = &shown.showing.path;
    let host = known.position(&visit.place)?;
    let walks = known.hanging(host).filter(|walk| walk.strand == Some(strand));
    let mut lines: Vec<String> = walks
        .filter(|walk| walk.standing != Standing::Untouched)
        .map(|walk| machine::line(&shown.flow, &shown.session, path, walk.item))
        .map(|line| named(line, scope))
        .collect();
    if lines.is_empty() {
        lines.push(scope.words.list_none().to_owned());
    }
    let change = open.then(|| Link {
        action: own::change(&visit.place),
        label: scope.words.screen_change().to_owned(),
        about: Some(of.map_or_else(|| label.clone(), |of| scope.words.list_of(of, &label))),
    });
    Some(Row {
        label,
        lines,
        change,
        set: None,
    })
}

/// Whether a list is driven by a number, and each of its items is one answer: these stand by themselves,
/// as the answers of a screen do.
fn is_one_answer(flow: &Flow, strand: u16) -> bool {
    let driven = flow
        .strand(strand)
        .and_then(|strand| strand.list().filter(|list| list.is_driven()));
    let mut screens = flow.screens.iter().filter(|screen| screen.strand == Some(strand));
    let (Some(only), None, Some(_)) = (screens.next(), screens.next(), driven) else {
        return false;
    };
    let known = flow.number(&only.name);
    only.fields().count() == 1 && known.is_some_and(|only| flow.strands_on(only).next().is_none())
}

/// An item's line, or what stands for it.
pub(super) fn named(line: String, scope: &Scope<'_>) -> String {
    if line.trim().is_empty() {
        scope.words.list_nameless().to_owned()
    } else {
        scope.words.apart(line).into_owned()
    }
}

/// How often each line was told beside each other.
pub(super) type Lines = BTreeMap<String, usize>;

/// A line that is told from those before it: two items may be alike, and each has its own links.
pub(super) fn apart(line: String, before: &mut Lines) -> String {
    let number = before.entry(line.clone()).or_default();
    *number += 1;
    match *number {
        1 => line,
        number => format!("{line} ({number})"),
    }
}

/// Where several rows have the same words, each says what heads it on its screen too.
pub(super) fn say_sets(rows: &mut [Row], words: Words) {
    let labels: Vec<String> = rows.iter().map(|row| row.label.clone()).collect();
    for row in rows.iter_mut().filter(|row| row.set.is_some()) {
        if labels.iter().filter(|label| **label == row.label).count() > 1 {
            row.say_set(words);
        }
    }
}

/// What stands under one heading. Its own rows come first, then what lies in it: else they would seem
/// to be of the last item.
struct Node {
    heading: Option<String>,
    /// The number of the section that begins here.
    section: Option<u16>,
    rows: Vec<Row>,
    inner: Vec<usize>,
    /// It is an item's, or a task's.
    own: bool,
    /// Of an item: its list, and what that is called.
    list: Option<(u16, String)>,
    within: Option<usize>,
}

#[derive(Default)]
struct Tree {
    nodes: Vec<Node>,
    /// Those in no other.
    roots: Vec<usize>,
    /// By walk: what all of it is in, and what its next rows are in.
    walks: Vec<(usize, Option<usize>, usize)>,
    /// By visit.
    visits: Vec<(usize, usize)>,
    /// Those of items, by what they are in.
    lines: BTreeMap<Option<usize>, Lines>,
}

impl Tree {
    /// Where the answers of a visit stand.
    fn of_visit(&mut self, shown: &Shown, visit: &Visit, scope: &Scope<'_>) -> usize {
        let path = &shown.showing.path;
        let begun = self.walks.iter().any(|(walk, ..)| *walk == visit.walk);
        if let Some(walk) = path.walk_of(visit).filter(|walk| !begun && walk.host.is_some()) {
            let host = walk.host.and_then(|host| {
                let known = self.visits.iter().rev().find(|(visit, _)| *visit == host);
                known.map(|(_, node)| *node)
            });
            if let Some(host) = host.filter(|_| walk.strand.is_some_and(|strand| is_one_answer(&shown.flow, strand))) {
                self.walks.push((visit.walk, Some(host), host));
                return host;
            }
            let strand = walk.strand.and_then(|strand| shown.flow.strand(strand));
            let list = strand.and_then(|strand| strand.list());
            let task = strand.and_then(|strand| strand.task());
            let page = strand.and_then(|strand| shown.flow.screen(strand.host));
            let called = page
                .and_then(|page| page.title.as_ref())
                .map(|title| title.plain(scope));
            let heading = match (list, task) {
                (Some(list), _) => apart(
                    named(list.line.plain(scope), scope),
                    self.lines.entry(host).or_default(),
                ),
                (None, task) => task.map(|task| task.title.plain(scope)).unwrap_or_default(),
            };
            let section = task.and_then(|task| task.section.as_ref()?.section());
            let node = self.put(host, (Some(heading), section), true);
            if let (Some(node), Some(_)) = (self.nodes.get_mut(node), list) {
                node.list = walk.strand.zip(called);
            }
            self.walks.push((visit.walk, Some(node), node));
        }
        let heading = shown
            .flow
            .screen(visit.screen)
            .map_or((None, None), |screen| section(shown, screen, scope));
        self.of_section(visit.walk, None, heading)
    }

    /// Screens of the same section that follow each other are one; a screen without one goes on with
    /// the section before it.
    fn of_section(
        &mut self,
        walk: usize,
        base: Option<usize>,
        (heading, section): (Option<String>, Option<u16>),
    ) -> usize {
        let known = self.walks.iter().position(|(of, ..)| *of == walk);
        let (base, now) = match known.and_then(|at| self.walks.get(at)) {
            Some((_, base, now)) => (*base, Some(*now)),
            None => (base, None),
        };
        let same = now.filter(|now| {
            let before = self.nodes.get(*now);
            let alike = before
                .is_some_and(|node| node.heading == heading && (node.section.is_none() || node.section == section));
            heading.is_none() || alike
        });
        // A task may have the title of the section of its screens.
        if let Some(node) = same.and_then(|same| self.nodes.get_mut(same)) {
            node.section = node.section.or(section);
        }
        let node = same.unwrap_or_else(|| self.put(base, (heading, section), false));
        match known.and_then(|at| self.walks.get_mut(at)) {
            Some((.., now)) => *now = node,
            None => self.walks.push((walk, base, node)),
        }
        node
    }

    fn put(&mut self, within: Option<usize>, (heading, section): (Option<String>, Option<u16>), own: bool) -> usize {
        let number = self.nodes.len();
        self.nodes.push(Node {
            heading,
            section,
            rows: Vec::new(),
            inner: Vec::new(),
            own,
            list: None,
            within,
        });
        match within.and_then(|within| self.nodes.get_mut(within)) {
            Some(outer) => outer.inner.push(number),
            None => self.roots.push(number),
        }
        number
    }

    /// The line of the item that a place in the review is of, or the title of the task.
    fn whose(&self, at: usize) -> Option<String> {
        let outer = |node: &&Node| self.nodes.get(node.within?);
        let mut chain = std::iter::successors(self.nodes.get(at), outer);
        chain.find(|node| node.own)?.heading.clone()
    }

    fn add(&mut self, at: usize, rows: Vec<Row>) {
        if let Some(node) = self.nodes.get_mut(at) {
            node.rows.extend(rows);
        }
    }

    fn stands(&mut self, visit: usize, node: usize) {
        self.visits.push((visit, node));
    }

    /// Those in the sections of `only`; all where none is named.
    fn flat(mut self, only: &[u16], words: Words) -> Vec<Section> {
        let mut out = Vec::new();
        let roots = std::mem::take(&mut self.roots);
        self.gather_all(roots, (2, only), &mut out);
        for section in &mut out {
            say_sets(&mut section.rows, words);
        }
        out
    }

    /// Those beside each other. Where items of more than one list are, each list has its heading.
    fn gather_all(&mut self, nodes: Vec<usize>, (level, only): (u8, &[u16]), out: &mut Vec<Section>) {
        let list_of = |tree: &Self, at: usize| tree.nodes.get(at)?.list.clone();
        let lists: BTreeSet<u16> = nodes.iter().filter_map(|at| Some(list_of(self, *at)?.0)).collect();
        let mut under: Option<(u16, usize)> = None;
        for at in nodes {
            let list = list_of(self, at).filter(|_| lists.len() > 1);
            if under.map(|(list, _)| list) != list.as_ref().map(|(list, _)| *list) {
                drop_bare(&mut under, out);
                if let Some((list, heading)) = &list {
                    under = Some((*list, out.len()));
                    out.push(Section {
                        heading: Some(heading.clone()),
                        level: level.min(6),
                        rows: Vec::new(),
                    });
                }
            }
            self.gather(at, (level + u8::from(list.is_some()), only), out);
        }
        drop_bare(&mut under, out);
    }

    fn gather(&mut self, at: usize, (level, only): (u8, &[u16]), out: &mut Vec<Section>) {
        let Some(node) = self.nodes.get_mut(at) else { return };
        let own = node.own;
        let wanted = only.is_empty() || node.section.is_some_and(|section| only.contains(&section));
        let (heading, mut rows, inner) = (
            node.heading.take(),
            std::mem::take(&mut node.rows),
            std::mem::take(&mut node.inner),
        );
        let only = if wanted { &[][..] } else { only };
        if !wanted {
            rows.clear();
        }
        let below = if heading.is_some() { level + 1 } else { level };
        let from = out.len();
        let again = out
            .last_mut()
            .filter(|last| !own && level == 2 && last.level == 2 && last.heading == heading);
        if let (Some(last), true) = (again, inner.is_empty()) {
            last.rows.extend(rows);
            return;
        }
        out.push(Section {
            heading,
            level: level.min(6),
            rows,
        });
        self.gather_all(inner, (below, only), out);
        // A heading with nothing under it is none.
        if out.len() == from + 1 && out.last().is_some_and(|section| section.rows.is_empty()) {
            out.pop();
        }
    }
}

/// Takes back the heading of a list under which nothing came to stand.
fn drop_bare(under: &mut Option<(u16, usize)>, out: &mut Vec<Section>) {
    if under.take().is_some_and(|(_, at)| out.len() == at + 1) {
        out.pop();
    }
}
