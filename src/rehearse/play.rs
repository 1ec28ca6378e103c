//! A browser on the stage: pages come, buttons are pressed, links are followed.
//!
//! Owns what is sent and taken in, and where the session then stands. Must not know walks.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::browser::{self, Browser, Dictionary, From, Kind, Sending};
use super::callees::Callees;
use super::socket::Socket;
use super::stage::{Heard, Stage};
use super::ways::Way;
use super::{Offer, Phase, Theatre};
use crate::engine::Shown;
use crate::flow::{Flow, Scope};
use crate::machine::{self, Path, Presentation, State, Walk as Walked};

/// Characters of a session's id.
const SESSION_CHARS: usize = 22;

/// Whom it asks.
#[derive(Debug)]
enum Server {
    /// In this process.
    Stage(Box<Stage>),
    /// One that really runs: where its sessions stand is not known here.
    Socket(Socket),
}

/// A browser in front of the server.
#[derive(Debug)]
pub(super) struct Player {
    server: Server,
    pub(super) browser: Browser,
    kind: Kind,
    pub(super) flow: Arc<Flow>,
    /// The day of the walk.
    pub(super) today: Date,
    pub(super) phases: Vec<Phase>,
    /// The ids of the page, or of the last that had some.
    ids: Option<(String, String)>,
    pub(super) status: u16,
}

/// Where the session stands.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The screen that the page shows, if it is one.
    pub(super) screen: Option<String>,
    /// How the session ended: an outcome, or `cancelled`.
    pub(super) end: Option<String>,
    /// What counts so far.
    pub(super) values: crate::flow::Values,
    pub(super) reference: String,
    /// The key of the item that the page is about; 0: of none.
    pub(super) item: u32,
    /// How many items the page's list has.
    pub(super) items: usize,
    /// They are too few to go on.
    pub(super) lacks: bool,
    /// The title of the page's first task that can be done now and is not.
    pub(super) task: Option<String>,
}

impl Standing {
    /// What hangs on the screen that is shown: the items of its list, its tasks.
    fn hangs(mut self, shown: &Shown, path: &Path, at: &Presentation) -> Self {
        let Some(here) = path.position(&at.place) else {
            return self;
        };
        let scope = Scope::new(&path.values, path.today, &self.reference, shown.flow.words());
        let strand = |walk: &Walked| walk.strand.and_then(|number| shown.flow.strand(number));
        let task = |walk: &Walked| strand(walk)?.task().map(|task| task.title.plain(&scope));
        let open = |walk: &&Walked| matches!(walk.standing, machine::Standing::Untouched | machine::Standing::Begun);
        let task = path.hanging(here).filter(open).find_map(task);
        let listed = |walk: &&Walked| strand(walk).is_some_and(|strand| strand.list().is_some());
        self.items = path.hanging(here).filter(listed).count();
        let lacks = machine::lacks_items(&shown.flow, path, at, &scope);
        (self.task, self.lacks) = (task, lacks);
        self
    }
}

impl Player {
    /// Opens the flow's start page, with a browser whose language this is. `later`: with what a visit
    /// before has left in the browser.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(super) async fn open(
        theatre: &Theatre,
        (kind, language): (Kind, &str),
        later: Option<Offer>,
        today: Date,
        callees: Callees,
        seed: u64,
    ) -> Result<Self, String> {
        let flow = Arc::clone(&theatre.flow);
        let server = match &theatre.against {
            None => {
                let stage = Stage::open(theatre, today, callees, seed);
                Server::Stage(Box::new(stage.await?))
            }
            Some(real) => Server::Socket(Socket::new(&real.address, kind, real.think)),
        };
        // In a flow of one language it says the one that most browsers have.
        let language = Some(language).filter(|_| flow.is_translated());
        let mut browser = Browser::new(kind, language, &theatre.origin);
        browser.dictionary = later.and_then(|offer| offer.0);
        let mut player = Self {
            server,
            browser,
            kind,
            flow,
            today,
            phases: Vec::new(),
            ids: None,
            status: 0,
        };
        let target = format!("/{}", player.flow.name);
        let sending = player.browser.get(&target, From::Nowhere);
        player.send("open", &sending).await?;
        Ok(player)
    }

    /// What it leaves in the browser for a later visit.
    pub(super) fn leaves(&self) -> Offer {
        Offer(self.browser.dictionary.clone())
    }

    /// Presses a button: by its action's name, or its words; with `None`, the first there is.
    ///
    /// # Errors
    /// There is no such button, or what else went wrong.
    pub(super) async fn press(&mut self, wanted: Option<&str>) -> Result<(), String> {
        let way = self.button(wanted)?;
        self.go(way).await
    }

    /// Follows a link by its words.
    ///
    /// # Errors
    /// There is no such link, it leads elsewhere, or what else went wrong.
    pub(super) async fn follow(&mut self, wanted: &str) -> Result<(), String> {
        let way = self.link(wanted)?;
        self.go(way).await
    }

    /// Where a button stands.
    ///
    /// # Errors
    /// There is no such button.
    pub(super) fn button(&self, wanted: Option<&str>) -> Result<Way, String> {
        let page = &self.browser.page;
        let found = match wanted {
            Some(wanted) => page.button(wanted),
            None => page.first_button(),
        };
        let (buttons, _) = page.ways_on();
        found.ok_or_else(|| match buttons.as_slice() {
            [] => "the page has no button".to_owned(),
            all => format!("the page has no such button: it has \"{}\"", all.join("\", \"")),
        })
    }

    /// Where a link stands. In a private flow ways on are buttons, which people cannot tell from links.
    ///
    /// # Errors
    /// There is no such link.
    pub(super) fn link(&self, wanted: &str) -> Result<Way, String> {
        let page = &self.browser.page;
        let found = page.link_of(wanted).or_else(|| page.button(wanted));
        let (_, links) = page.ways_on();
        found.ok_or_else(|| match links.as_slice() {
            [] => "the page has no link".to_owned(),
            all => format!("the page has no such link: it has \"{}\"", all.join("\", \"")),
        })
    }

    /// Presses that button, or follows that link.
    ///
    /// # Errors
    /// It is not there, it leads elsewhere, or what else went wrong.
    pub(super) async fn go(&mut self, way: Way) -> Result<(), String> {
        let page = &self.browser.page;
        let (words, sending) = match way {
            Way::Link(n) => {
                let link = page.links.get(n).ok_or("the page has no such link")?;
                let elsewhere = || format!("this link leads elsewhere, to {}", link.target);
                let target = self.browser.leads(&link.target).ok_or_else(elsewhere)?;
                let words = link.label.clone().unwrap_or_else(|| link.words.clone());
                (words, self.browser.get(&target, From::Here))
            }
            Way::Button(n) => {
                let (form, at, words) = page.nth_button(n).ok_or("the page has no such button")?;
                let fields = form.sends(at);
                let elsewhere = || format!("this form goes elsewhere, to {}", form.action);
                let target = self.browser.leads(&form.action).ok_or_else(elsewhere)?;
                let sending = if form.post {
                    self.browser.post(&target, &fields)
                } else {
                    let query = form_urlencoded::Serializer::new(String::new())
                        .extend_pairs(&fields)
                        .finish();
                    let path = target.split('?').next().unwrap_or_default();
                    self.browser.get(&format!("{path}?{query}"), From::Here)
                };
                (words.to_owned(), sending)
            }
        };
        self.send(&words, &sending).await
    }

    /// Whether the person is at a page elsewhere.
    pub(super) fn is_away(&self) -> bool {
        matches!(&self.server, Server::Stage(stage) if stage.is_away())
    }

    /// Comes back from a page elsewhere.
    ///
    /// # Errors
    /// Nobody is elsewhere, or what else went wrong.
    pub(super) async fn come_back(&mut self) -> Result<(), String> {
        let Server::Stage(stage) = &mut self.server else {
            return Err("whoever comes back from elsewhere must have been there: leave out --against".to_owned());
        };
        let target = stage.come_back().await?;
        let target = target.ok_or("nobody is at a page elsewhere now")?;
        let sending = self.browser.get(&target, From::Elsewhere);
        self.send("come back", &sending).await
    }

    /// Where the session stands.
    pub(super) async fn place(&self) -> Standing {
        let Some((session, screen)) = &self.ids else {
            // Unless the first screen asks something, it is the start page.
            let own = self.status == 200 && machine::starts_itself(&self.flow);
            let screen = self.flow.screen(self.flow.start).filter(|_| own);
            return Standing {
                screen: screen.map(|screen| screen.name.clone()),
                ..Standing::default()
            };
        };
        let Server::Stage(stage) = &self.server else {
            return Standing::default();
        };
        let Some(shown) = stage.look(&self.flow.name, session, screen).await else {
            return Standing::default();
        };
        let on_page = self.browser.page.carries("sessionID").as_ref() == Some(session);
        let at = match &shown.showing.page {
            machine::Page::Screen(at) | machine::Page::Receipt(at) | machine::Page::Copy(at) => Some(at),
            _ => None,
        };
        let at = at.filter(|_| on_page && matches!(self.status, 200 | 422));
        let mut path = shown.showing.path.clone();
        if let Some(at) = at {
            path.enter(&shown.flow, &shown.session, &at.place);
        }
        let standing = Standing {
            screen: at.map(|at| at.place.screen.clone()),
            item: at.map_or(0, |at| at.place.item),
            end: match &shown.session.state {
                State::Ended { outcome, .. } => Some(outcome.clone()),
                State::Cancelled { .. } => Some("cancelled".to_owned()),
                _ => None,
            },
            values: path.values.clone(),
            reference: shown.session.at.reference(),
            ..Standing::default()
        };
        match at {
            Some(at) => standing.hangs(&shown, &path, at),
            None => standing,
        }
    }

    /// Sends a request and takes in the page.
    async fn send(&mut self, words: &str, sending: &Sending) -> Result<(), String> {
        let heard = self.ask(sending).await?;
        let answer = browser::answer(&heard.bytes, self.browser.dictionary.as_ref())?;
        self.browser.shows(sending, &answer);
        self.status = answer.status;
        let page = &self.browser.page;
        let session = page.carries("sessionID");
        // A ticket stands where an id does, and is longer.
        let ticket = session.as_ref().is_some_and(|session| session.len() > SESSION_CHARS);
        match (session, page.carries("screenID")) {
            (Some(session), Some(screen)) if !ticket => self.ids = Some((session, screen)),
            _ if ticket && sending.is_get() => self.ids = None,
            _ => {}
        }
        self.phases.push(Phase {
            act: words.to_owned(),
            page: page.heading.clone(),
            status: answer.status,
            request: u64::try_from(sending.bytes.len()).unwrap_or(u64::MAX),
            answer: answer.bytes,
            waited: heard.waited,
            took: heard.took,
            passing: false,
        });
        if answer.status >= 500 {
            return Err(format!("the server answered {}: {}", answer.status, self.shown()));
        }
        self.fetch_dictionary().await
    }

    async fn ask(&mut self, sending: &Sending) -> Result<Heard, String> {
        match &mut self.server {
            Server::Stage(stage) => stage.ask(&sending.bytes).await,
            Server::Socket(socket) => {
                let (bytes, took) = socket.ask(&sending.bytes).await?;
                Ok(Heard {
                    bytes,
                    waited: Duration::ZERO,
                    took: Some(took),
                })
            }
        }
    }

    pub(super) fn is_real(&self) -> bool {
        matches!(self.server, Server::Socket(_))
    }

    /// Fetches, in passing, the dictionary that a page offers.
    async fn fetch_dictionary(&mut self) -> Result<(), String> {
        let offered = self.browser.page.dictionary.as_ref();
        let wanted = self.kind == Kind::Modern && self.browser.dictionary.is_none();
        let Some(target) = offered.filter(|_| wanted).and_then(|at| self.browser.leads(at)) else {
            return Ok(());
        };
        let sending = self.browser.get_dictionary(&target);
        let heard = self.ask(&sending).await?;
        let answer = browser::answer(&heard.bytes, None)?;
        self.phases.push(Phase {
            act: "(dictionary)".to_owned(),
            page: String::new(),
            status: answer.status,
            request: u64::try_from(sending.bytes.len()).unwrap_or(u64::MAX),
            answer: answer.bytes,
            waited: Duration::ZERO,
            took: heard.took,
            passing: true,
        });
        let Some(terms) = answer.header("use-as-dictionary").filter(|_| answer.status == 200) else {
            return Ok(());
        };
        let id = terms.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
        let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&answer.body));
        self.browser.dictionary = Some(Dictionary {
            name: format!(":{digest}:"),
            id: id.map(|id| format!("\"{id}\"")),
            bytes: answer.body,
        });
        Ok(())
    }
}
