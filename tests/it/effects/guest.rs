//! Guests: people who transfer money and book seats over a server that is killed under them, each
//! with what they were told. They read the page that stands there and press what it offers.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::crash::dice::Dice;
use crate::crash::journey::value;
use crate::crash::walker::{Answer, Client};

/// The flows that people walk through; seats as often as money.
const FLOWS: [&str; 6] = [
    "bank-transfer",
    "bank-http",
    "bank-slow",
    "seat-booking",
    "seat-booking",
    "seat-booking",
];
/// Pages that one visit is shown at most, those that wait not counted.
const MOVES: usize = 400;

/// Where people meet the servers.
pub struct Street {
    pub deity: SocketAddr,
    pub ledger: SocketAddr,
    /// No further request is sent.
    pub stop: AtomicBool,
    /// Answers so far.
    pub answers: AtomicUsize,
    /// Tickets that may still be bought: there are only so many seats.
    pub tickets: AtomicUsize,
}

/// Why a walk ended early.
pub enum Halt {
    /// The server is gone; what was sent last is sent again.
    Gone,
    /// What must never be seen.
    Wrong(String),
}

impl From<io::Error> for Halt {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// A request of a person.
#[derive(Clone, Debug)]
enum Ask {
    Get(String),
    Post(String),
}

/// What the person does on the page of the cashier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cashier {
    Undecided,
    Pays,
    Refuses,
    /// Never goes there.
    Never,
}

/// One visit of one flow.
#[derive(Debug)]
pub struct Guest {
    /// Unlike that of all others; in the note of a transfer.
    pub number: u64,
    pub flow: &'static str,
    dice: Dice,
    page: String,
    /// Sent and not answered.
    asked: Option<Ask>,
    cashier: Cashier,
    /// Was at the cashier's and is on the way back.
    back: bool,
    /// How often more money was wanted than there is.
    greedy: usize,
    moves: usize,
    /// The number on the receipt: `T-1`, `K-1`.
    pub told: Option<String>,
    /// The seat on the ticket.
    pub place: Option<String>,
    /// Nothing more can come of it.
    pub over: bool,
    /// Went away in the middle.
    pub left: bool,
    /// Wants it to be over: cancels wherever that is offered.
    pub gives_up: bool,
    /// Does not go away in the middle any more.
    pub stays: bool,
}

impl Guest {
    pub fn new(number: u64, seed: u64) -> Self {
        let mut dice = Dice::of(seed ^ (number << 20));
        let flow = FLOWS[dice.below(FLOWS.len())];
        Self {
            number,
            flow,
            greedy: usize::from(dice.below(10) == 0),
            dice,
            page: String::new(),
            asked: None,
            cashier: Cashier::Undecided,
            back: false,
            moves: 0,
            told: None,
            place: None,
            over: false,
            left: false,
            gives_up: false,
            stays: false,
        }
    }

    /// What this person transfers, in pence.
    pub fn pence(&self) -> u64 {
        1 + self.number * 37 % 499
    }

    /// What is written beside the transfer.
    pub fn note(&self) -> String {
        format!("visit {}", self.number)
    }

    /// Goes on until it is over, or the person leaves, or is told to stop.
    pub fn walk(&mut self, street: &Street) -> Result<(), Halt> {
        let mut client = Client::new(street.deity);
        while !self.over && !self.left && !street.stop.load(Ordering::SeqCst) {
            let ask = match self.asked.clone() {
                Some(ask) => ask,
                None => match self.next(street)? {
                    Some(ask) => ask,
                    None => continue,
                },
            };
            self.asked = Some(ask.clone());
            let answer = self.send(&mut client, &ask)?;
            street.answers.fetch_add(1, Ordering::SeqCst);
            match answer.status {
                200 | 409 | 410 | 422 => {
                    self.page = answer.text;
                    self.asked = None;
                }
                // Nothing was promised.
                503 => rest(100),
                status => return Err(self.wrong(&format!("{ask:?} is answered with {status}: {}", answer.text))),
            }
        }
        Ok(())
    }

    fn wrong(&self, why: &str) -> Halt {
        Halt::Wrong(format!("visit {} of {}: {why}", self.number, self.flow))
    }

    /// Sends; now and then a button is pressed twice.
    fn send(&mut self, client: &mut Client, ask: &Ask) -> io::Result<Answer> {
        let path = format!("/{}", self.flow);
        match ask {
            Ask::Get(target) if !target.starts_with('/') => client.follow(&format!("/{target}")),
            Ask::Get(target) => client.get(target),
            Ask::Post(body) => {
                if self.dice.below(6) == 0 {
                    client.shout(&path, body)?;
                }
                client.post_to(&path, body)
            }
        }
    }

    /// What is done on the page that stands there: a request, or nothing any more.
    fn next(&mut self, street: &Street) -> Result<Option<Ask>, Halt> {
        let page = std::mem::take(&mut self.page);
        let ask = self.on(&page, street);
        // What is done comes only when it is answered; until then this page stands.
        self.page = page;
        ask
    }

    fn on(&mut self, page: &str, street: &Street) -> Result<Option<Ask>, Halt> {
        let says = |words: &str| page.contains(words);
        if page.is_empty() {
            return Ok(Some(Ask::Get(format!("/{}", self.flow))));
        }
        if says("value=leave") {
            self.receipt(page);
            return Ok(None);
        }
        let begun = value(page, "sessionID").is_some_and(|id| id.len() == 22);
        if says(">Start again<") || (self.gives_up && !begun && says("value=start")) {
            self.over = true;
            return Ok(None);
        }
        if says("This link was used before") {
            return Err(self.wrong("the way back was used by somebody else"));
        }
        if says("<h1>You are back</h1>") {
            let token = value(page, "returnID").unwrap_or_default();
            return Ok(Some(Ask::Post(format!("returnID={token}"))));
        }
        if says("<h1>Do you want to cancel?") {
            return Ok(press(page, "yes-cancel", ""));
        }
        if says("Look now") || says("I have done this") {
            return self.waits(page, street);
        }
        self.moves += 1;
        if self.moves > MOVES {
            return Err(self.wrong(&format!("goes in circles: {page}")));
        }
        if says("<h1>Nothing was changed</h1>") {
            return Ok(link(page, "on").or_else(|| link(page, "open")).map(Ask::Get));
        }
        self.answers(page, street)
    }

    /// A page that waits for something.
    fn waits(&mut self, page: &str, street: &Street) -> Result<Option<Ask>, Halt> {
        let elsewhere =
            between(page, "href=\"http://", "\"").filter(|_| !self.back && !page.contains("asked to cancel"));
        if let Some(elsewhere) = elsewhere.filter(|_| !self.gives_up) {
            if self.cashier == Cashier::Undecided {
                self.cashier = match self.dice.below(8) {
                    0 => Cashier::Refuses,
                    1 => Cashier::Never,
                    _ => Cashier::Pays,
                };
            }
            if self.cashier != Cashier::Never {
                return self.pay(elsewhere, street);
            }
        }
        let cancels = self.gives_up || self.cashier == Cashier::Never || self.dice.below(60) == 0;
        if cancels && page.contains("value=stop") {
            return Ok(press(page, "stop", ""));
        }
        rest(40 + self.dice.below(120) as u64);
        Ok(link(page, "on").or_else(|| link(page, "open")).map(Ask::Get))
    }

    /// At the cashier's: chooses, and is sent back. Sometimes looks at the page first.
    fn pay(&mut self, elsewhere: &str, street: &Street) -> Result<Option<Ask>, Halt> {
        let path = elsewhere.split_once('/').map_or("", |(_, path)| path);
        let path = format!("/{path}");
        let choice = if self.cashier == Cashier::Pays {
            "choice=pay"
        } else {
            "choice=refuse"
        };
        let mut cashier = Client::new(street.ledger);
        let wrong = |why: String| Halt::Wrong(format!("the cashier's page {path}: {why}"));
        if self.dice.coin() {
            cashier.get(&path).map_err(|why| wrong(why.to_string()))?;
        }
        let answer = cashier.post_to(&path, choice).map_err(|why| wrong(why.to_string()))?;
        self.back = true;
        let target = answer
            .location
            .as_deref()
            .and_then(|url| url.split_once("://")?.1.split_once('/'));
        match target {
            // A person who has paid may just look into the other window instead.
            Some((_, target)) if self.dice.below(8) > 0 => Ok(Some(Ask::Get(format!("/{target}")))),
            _ => Ok(None),
        }
    }

    /// A page that asks something.
    fn answers(&mut self, page: &str, street: &Street) -> Result<Option<Ask>, Halt> {
        let says = |words: &str| page.contains(words);
        let cancels = self.gives_up || self.dice.below(14) == 0;
        if cancels && says("value=stop") {
            return Ok(press(page, "stop", ""));
        }
        if !self.gives_up && !self.stays && !says("value=start") && self.dice.below(50) == 0 {
            self.left = true;
            return Ok(None);
        }
        if says("value=look-again") {
            rest(50);
            return Ok(press(page, "look-again", ""));
        }
        if says("id=from>") || says("id=payee>") {
            let field = if says("id=from>") { "from" } else { "payee" };
            let choices = choices(page, &format!("name={field} value="));
            let choice = choices.get(self.dice.below(choices.len())).copied().unwrap_or_default();
            return Ok(press(page, "continue", &format!("{field}={choice}")));
        }
        if says("id=amount ") {
            return Ok(self.amount(page));
        }
        if says("id=seat ") {
            // Everybody wants the best seats.
            let seats = choices(page, "<option value=");
            let seat = seats
                .get(self.dice.below(seats.len().min(4)))
                .copied()
                .unwrap_or("none");
            return Ok(press(page, "continue", &format!("seat={seat}")));
        }
        if says("id=name ") {
            return Ok(press(page, "continue", &format!("name=Ann+{}", self.number)));
        }
        Ok(self.presses(page, street))
    }

    fn amount(&mut self, page: &str) -> Option<Ask> {
        if page.contains("There is a problem") {
            self.greedy += 1;
            if self.greedy > 4 {
                self.gives_up = true;
            }
        }
        let pence = if self.greedy == 1 && !page.contains("There is a problem") {
            950_000
        } else {
            self.pence()
        };
        let note = self.note().replace(' ', "+");
        press(
            page,
            "continue",
            &format!("amount={}.{:02}&note={note}", pence / 100, pence % 100),
        )
    }

    /// A page with nothing but buttons.
    fn presses(&mut self, page: &str, street: &Street) -> Option<Ask> {
        let another = self.dice.below(5) == 0;
        if offers(page, "pay") {
            self.cashier = Cashier::Undecided;
            self.back = false;
            if let Some(change) = link(page, "change.seat").filter(|_| another) {
                return Some(Ask::Get(change));
            }
        }
        if offers(page, "ticket") {
            let one = |left: usize| left.checked_sub(1);
            if street
                .tickets
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one)
                .is_err()
            {
                return press(page, "stop", "");
            }
        }
        let buttons = ["start", "transfer", "pay", "again", "ticket"];
        let button = buttons.into_iter().find(|button| offers(page, button));
        // Declined or failed, the way on is a link.
        press(page, button?, "").or_else(|| link(page, "on").map(Ask::Get))
    }

    fn receipt(&mut self, page: &str) {
        self.over = true;
        for kind in ["T-", "K-"] {
            if let Some(number) = between(page, &format!("<strong>{kind}"), "<") {
                self.told = Some(format!("{kind}{number}"));
            }
        }
        self.place = between(page, "<strong>Row ", "<").map(|place| format!("Row {place}"));
    }
}

/// Whether the page has a button for that action.
fn offers(page: &str, action: &str) -> bool {
    let mut values = page.split(" value=").skip(1);
    values.any(|rest| rest.split([' ', '>']).next() == Some(action))
}

/// The button of the first form, with these fields.
fn press(page: &str, action: &str, fields: &str) -> Option<Ask> {
    let (session, screen) = (value(page, "sessionID")?, value(page, "screenID")?);
    let and = if fields.is_empty() { "" } else { "&" };
    Some(Ask::Post(format!(
        "sessionID={session}&screenID={screen}&actionID={action}{and}{fields}"
    )))
}

/// The first link that has this action.
fn link(page: &str, action: &str) -> Option<String> {
    let end = format!("actionID={action}");
    let targets = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    targets
        .into_iter()
        .find(|target| target.ends_with(&end))
        .map(str::to_owned)
}

fn between<'a>(page: &'a str, from: &str, to: &str) -> Option<&'a str> {
    page.split_once(from)?.1.split(to).next()
}

/// The values that stand behind `before`, without an empty one.
fn choices<'a>(page: &'a str, before: &str) -> Vec<&'a str> {
    let values = page
        .split(before)
        .skip(1)
        .filter_map(|rest| rest.split([' ', '>']).next());
    values.filter(|value| !value.contains('"')).collect()
}

fn rest(millis: u64) {
    std::thread::sleep(Duration::from_millis(millis));
}
