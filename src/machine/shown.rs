//! What a page showed: the values that a person had before them when they pressed.
//!
//! Owns their digest, which a screenID carries where an action calls, tells, seals or ends, and whether
//! they are others now. Must not know what becomes of a press (`submit`), nor say what is another
//! (`another`).

use std::collections::{BTreeMap, BTreeSet};

use super::looks::{self, Names};
use super::{Asked, Path, Place, Session, Stage, Standing, Visit, show};
use crate::flow::{Action, Field, Flow, Screen, Value};
use crate::id::{self, ScreenId};

/// 24 bits of what the page of a screen shows of look-ups, of other screens' answers, and of what
/// is computed from them: in a digest under the session's key, so that an id gives nothing away.
/// `None` where nothing hangs on it: no action goes out, or nothing of the kind is shown.
pub(super) fn digest(flow: &Flow, session: &Session, path: &Path, place: &Place) -> Option<[u8; 3]> {
    digest_of(flow, session, path, place, Secrets::Told)
}

/// How secrets stand in a digest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrets {
    /// As any answer.
    Told,
    /// As there or not: so the first programs that made digests had them.
    Blank,
}

fn digest_of(flow: &Flow, session: &Session, path: &Path, place: &Place, secrets: Secrets) -> Option<[u8; 3]> {
    let screen = flow.screen(flow.number(&place.screen)?)?;
    let goes_out = |action: &Action| action.when.is_some() || show::goes_out(flow, action);
    let hangs = screen.open || (screen.end.is_none() && screen.actions.iter().any(goes_out));
    if !hangs {
        return None;
    }
    let values = values(flow, session, path, (place, screen), secrets);
    if values.is_empty() {
        return None;
    }
    let lengths: Vec<[u8; 8]> = values
        .iter()
        .flat_map(|(name, value)| {
            [
                name.len() as u64,
                value.as_ref().map_or(u64::MAX, |value| value.len() as u64),
            ]
        })
        .map(u64::to_be_bytes)
        .collect();
    let mut parts: Vec<&[u8]> = vec![b"shown"];
    parts.extend(lengths.iter().map(<[u8; 8]>::as_slice));
    for (name, value) in &values {
        parts.extend([name.as_bytes(), value.as_deref().unwrap_or_default().as_bytes()]);
    }
    id::digest(&session.key, &parts).to_be_bytes().first_chunk().copied()
}

/// Whether what the page of `id` showed is another now. An id without a digest is of a page that
/// showed nothing of the kind, or of a release that made none: then only a session that took no step
/// since, and looked nothing up after it, is sure to be the same.
pub(super) fn is_another(flow: &Flow, session: &Session, path: &Path, id: &ScreenId, place: &Place) -> bool {
    let now = digest(flow, session, path, place);
    match id.shown {
        None => now.is_some() && (id.step != session.step || looked(flow, session, path)),
        then => then != now && then != digest_of(flow, session, path, place, Secrets::Blank),
    }
}

/// Whether something was looked up for the path after its latest step: that comes without one.
fn looked(flow: &Flow, session: &Session, path: &Path) -> bool {
    let loads = path.visits.iter().flat_map(|visit| {
        let screen = flow.screen(visit.screen);
        let loads = screen.into_iter().flat_map(|screen| &screen.load);
        loads.map(move |effect| session.looked_up(&visit.place, effect))
    });
    // That release showed what the asking before had brought, until the new one had.
    let shown = |asked: &Asked| asked.is_open() && asked.brought().next().is_some();
    let before = |asked: Option<&Asked>| {
        asked.is_some_and(|asked| shown(asked) || matches!(asked.stage, Stage::Done { at } if at <= session.touched))
    };
    !loads.into_iter().all(before)
}

/// What is shown, by name, in one plain text each.
fn values(
    flow: &Flow,
    session: &Session,
    path: &Path,
    (place, screen): (&Place, &Screen),
    secrets: Secrets,
) -> BTreeMap<String, Option<String>> {
    let mut shown: BTreeMap<String, Option<String>> = BTreeMap::new();
    for name in names(flow, path, (place, screen)) {
        let value = path.values.get(name).map(plain);
        shown.insert(name.to_owned(), value);
    }
    let reference = session.at.reference();
    let scope = path.scope_of(&reference);
    // Of an item that nobody has begun nothing is shown.
    let begun = |visit: &Visit| {
        let walk = path.walk_of(visit);
        walk.is_none_or(|walk| walk.item == 0 || walk.standing != Standing::Untouched)
    };
    for (visit, screen) in reviewed(flow, path, (place, screen)).filter(|(visit, _)| begun(visit)) {
        let answers = session.answers.get(&visit.place);
        // The conditions of an item's questions read its own answers, which count only within it.
        let within = visit.place.item > 0;
        let answered = |field: &Field| answers.and_then(|answer| answer.fields.get(&field.name));
        let asked = |field: &&Field| within || field.counts(answered(field), &scope);
        for field in screen.asked().filter(asked) {
            let value = answered(field);
            let words = if field.is_secret() && secrets == Secrets::Blank {
                value.map(|_| String::new())
            } else if field.list().is_some() {
                value.map(|value| format!("{} {}", plain(value), field.shown(value, &scope)))
            } else {
                value.map(plain)
            };
            let screen = &visit.place.screen;
            let name = match visit.place.item {
                0 => format!("{screen}.{}", field.name),
                item => format!("{screen}.{item}.{}", field.name),
            };
            shown.insert(name, words);
        }
    }
    shown
}

/// One text for values that are the same, in whatever form they came.
fn plain(value: &Value) -> String {
    match value {
        Value::Options(options) => {
            let mut options = options.clone();
            options.sort();
            Value::Options(options).plain()
        }
        other => other.plain(),
    }
}

/// The names whose values are shown: of what is computed with what is typed on the page itself, the
/// names of the rest.
pub(super) fn names<'a>(flow: &'a Flow, path: &'a Path, (place, screen): (&'a Place, &'a Screen)) -> Names<'a> {
    let mut names = looks::texts_of(flow, screen);
    for (_, screen) in reviewed(flow, path, (place, screen)) {
        names.extend(looks::row_texts_of(screen));
    }
    names.extend(screen.asked().filter_map(Field::list));
    let own: Names<'_> = screen.asked().map(|field| field.name.as_str()).collect();
    let mixed = |name: &str| {
        let mut reads = looks::with_computed(flow, Names::from([name]));
        reads.remove(name);
        !reads.is_disjoint(&own)
    };
    let (apart, whole): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| mixed(name));
    let computed: BTreeSet<&str> = flow.screens.iter().flat_map(computed_of).collect();
    let leaves = looks::with_computed(flow, apart.into_iter().collect());
    let leaves = leaves.into_iter().filter(|name| !computed.contains(name));
    whole
        .into_iter()
        .chain(leaves)
        .filter(|name| !own.contains(name))
        .collect()
}

fn computed_of(screen: &Screen) -> impl Iterator<Item = &str> {
    let computed = screen.fields().filter(|field| !field.is_asked());
    computed.map(|field| field.name.as_str())
}

/// The screens that a page's review shows.
pub(super) fn reviewed<'a>(
    flow: &'a Flow,
    path: &'a Path,
    (place, screen): (&'a Place, &Screen),
) -> impl Iterator<Item = (&'a Visit, &'a Screen)> {
    let review = screen.shows_answers();
    let before = path
        .visits
        .iter()
        .take_while(move |visit| review && visit.place != *place);
    before.filter_map(|visit| Some((visit, flow.screen(visit.screen)?)))
}
