//! Shared dictionaries (RFC 9842): a browser that holds what the pages of a flow have in common
//! gets only what is new.
//!
//! Owns which flow has which dictionary in which language, its address, and what a request says of the ones that the
//! browser has. Must not know what stands in one. It holds texts of the definition and nothing of
//! any person, so everybody may have it. A page may be packed against any dictionary that the
//! browser has; who has none, or an older one, gets the same page by brotli or gzip.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::HeaderMap;
use hyper::header::{HOST, HeaderName};

use super::encoding::Encoding;
use super::pack::Dictionary;
use crate::flow::Flow;
use crate::id::Language;
use crate::site::Site;
use crate::view;

/// What the addresses of dictionaries begin with. It goes down with each start page, so it is short;
/// a flow's path has no second part.
pub(super) const PATH: &str = "/d/";
/// The SHA-256 of the dictionary that the browser has for this address.
const AVAILABLE: HeaderName = HeaderName::from_static("available-dictionary");

/// The dictionaries of the flows that were asked for.
#[derive(Debug, Default)]
pub(super) struct Dictionaries {
    /// By the flow's name and language.
    made: Mutex<BTreeMap<(String, String), Made>>,
}

#[derive(Clone, Debug)]
struct Made {
    flow: Arc<Flow>,
    site: Arc<Site>,
    dictionary: Arc<Dictionary>,
}

impl Dictionaries {
    /// The flow's dictionary; made when it is first asked for, and anew when its texts or the site's change.
    pub(super) fn of(&self, flow: &Arc<Flow>, site: &Arc<Site>) -> Arc<Dictionary> {
        let key = (flow.name.clone(), flow.lang.clone());
        let found = self.lock().get(&key).cloned();
        if let Some(made) = found.filter(|made| Arc::ptr_eq(&made.flow, flow) && Arc::ptr_eq(&made.site, site)) {
            return made.dictionary;
        }
        // Not under the lock: others go on meanwhile. Two that make the same make it alike.
        let dictionary = Arc::new(Dictionary::of(view::dictionary(flow, site)));
        let made = Made {
            flow: Arc::clone(flow),
            site: Arc::clone(site),
            dictionary: Arc::clone(&dictionary),
        };
        self.lock().insert(key, made);
        dictionary
    }

    /// Those of a flow for who wishes for these languages, the best first. Each language has one of its own; after a
    /// change of the language a browser has that of the page on which it began.
    pub(super) fn of_page(
        &self,
        flow: Option<Arc<Flow>>,
        wishes: &[Language],
        site: &Arc<Site>,
    ) -> Vec<Arc<Dictionary>> {
        let spoken = flow.as_ref().and_then(|flow| {
            let language = flow.wished(wishes)?;
            flow.translation(language.tag()).cloned()
        });
        let flows = spoken.into_iter().chain(flow);
        flows.map(|flow| self.of(&flow, site)).collect()
    }

    /// A dictionary that was made, and the name of its flow. Whoever asks has the mark from a start
    /// page, which had it made.
    pub(super) fn with(&self, mark: &str) -> Option<(String, Arc<Dictionary>)> {
        let all = self.lock();
        let found = all.values().find(|made| self::mark(&made.dictionary) == mark)?;
        Some((found.flow.name.clone(), Arc::clone(&found.dictionary)))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address of a dictionary. It changes with the contents, so that it may be kept for ever.
pub(super) fn address(dictionary: &Dictionary) -> String {
    format!("{PATH}{}", mark(dictionary))
}

/// What tells a dictionary from all others.
pub(super) fn mark(dictionary: &Dictionary) -> String {
    let mut mark = URL_SAFE_NO_PAD.encode(dictionary.hash);
    mark.truncate(8);
    mark
}

/// The hash of the dictionary that the client has for this page, where it says that it can use it.
pub(super) fn available(headers: &HeaderMap) -> Option<[u8; 32]> {
    let value = headers.get(AVAILABLE)?.to_str().ok()?;
    let bytes = value.trim().strip_prefix(':')?.strip_suffix(':')?;
    let hash = STANDARD.decode(bytes).ok()?.try_into().ok()?;
    Encoding::reads_dictionaries(headers).then_some(hash)
}

/// Whether browsers take a dictionary here: over https, and from the machine itself.
pub(super) fn wanted(https: bool, headers: &HeaderMap) -> bool {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let local = name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.") || name == "[::1]";
    (https || local) && Encoding::accepted(headers) == Encoding::Brotli
}
