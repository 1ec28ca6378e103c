//! The books, compared: what people were told, what the server's sessions say, and what stands in
//! the ledger.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::guest::Guest;
use super::town::Town;

/// All money on the first day.
const MONEY: &str = "3500.00";

/// Everything that is known at the end.
pub struct Books {
    audit: Json,
    /// By reference.
    sessions: BTreeMap<String, Json>,
    /// Every effect that was ever asked for and is still remembered.
    pub effects: Vec<Json>,
}

fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    json[name].as_str().unwrap_or_default()
}

fn list<'a>(json: &'a Json, name: &str) -> &'a [Json] {
    json[name].as_array().map_or(&[], Vec::as_slice)
}

/// Fails with all that is wrong.
fn none(what: &str, wrong: &[String]) -> Result<(), String> {
    match wrong {
        [] => Ok(()),
        _ => Err(format!("{what}: {}", wrong.join(", "))),
    }
}

/// Whether the ledger adds up and no visit has two transfers: at any moment.
pub fn adds_up(audit: &Json) -> Result<(), String> {
    none(
        "the audit",
        &list(audit, "faults")
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
    )?;
    if text(&audit["sum"], "amount") != MONEY {
        return Err(format!("there is other money: {}", audit["sum"]));
    }
    let mut seen = BTreeSet::new();
    let twice = list(audit, "transfers")
        .iter()
        .filter(|transfer| !seen.insert(text(transfer, "note")));
    none("transferred twice", &twice.map(ToString::to_string).collect::<Vec<_>>())
}

impl Books {
    /// Reads them; the server runs.
    pub fn read(town: &Town) -> Self {
        let sessions = town.operator(&["sessions", "list", "--json"]);
        let by = |session: Json| (text(&session, "reference").to_owned(), session);
        let mut effects = Vec::new();
        for status in ["open", "away", "in-doubt", "done", "declined", "failed"] {
            effects.extend(town.operator(&["effects", "list", "--json", "--status", status]));
        }
        Self {
            audit: town.audit(),
            sessions: sessions.into_iter().map(by).collect(),
            effects,
        }
    }

    /// The first thing that does not fit.
    pub fn agree(&self, guests: &[Guest]) -> Result<(), String> {
        adds_up(&self.audit)?;
        self.nothing_is_open()?;
        self.transfers(guests)?;
        self.seats(guests)?;
        self.payments()
    }

    fn nothing_is_open(&self) -> Result<(), String> {
        let open = self
            .effects
            .iter()
            .filter(|effect| matches!(text(effect, "status"), "open" | "away" | "in-doubt"));
        none("not settled", &open.map(ToString::to_string).collect::<Vec<_>>())?;
        let live = self
            .sessions
            .values()
            // A start whose answer was lost and that was sent again began another session; nobody goes on with it.
            .filter(|session| text(session, "status") == "live" && session["steps"].as_u64() != Some(1));
        none("still live", &live.map(ToString::to_string).collect::<Vec<_>>())
    }

    /// The keys of effects of that name which are done, in sessions that are completed or not.
    fn done(&self, name: &str, completed: bool) -> BTreeSet<&str> {
        let done = self
            .effects
            .iter()
            .filter(|effect| text(effect, "effect") == name && text(effect, "status") == "done");
        let such = |effect: &&Json| {
            let session = self.sessions.get(text(effect, "reference"));
            session.is_some_and(|session| (text(session, "outcome") == "completed") == completed)
        };
        done.filter(such).map(|effect| text(effect, "key")).collect()
    }

    fn transfers(&self, guests: &[Guest]) -> Result<(), String> {
        let made = list(&self.audit, "transfers");
        let by: BTreeMap<&str, &Json> = made.iter().map(|transfer| (text(transfer, "id"), transfer)).collect();
        for guest in guests.iter().filter(|guest| guest.flow != "seat-booking") {
            let Some(told) = &guest.told else { continue };
            let amount = format!("{}.{:02}", guest.pence() / 100, guest.pence() % 100);
            let found = by.get(told.as_str());
            let same = |made: &&&Json| text(made, "note") == guest.note() && text(&made["amount"], "amount") == amount;
            if found.filter(same).is_none() {
                return Err(format!(
                    "visit {} was told {told}, the ledger has {found:?}",
                    guest.number
                ));
            }
        }
        let known: BTreeSet<&str> = made.iter().map(|transfer| text(transfer, "key")).collect();
        let say = self.done("transfer", true);
        let wrong: Vec<_> = known.symmetric_difference(&say).map(ToString::to_string).collect();
        none("transfers that only one side knows", &wrong)?;
        let wrong: Vec<_> = self.done("transfer", false).iter().map(ToString::to_string).collect();
        none("transfers of sessions that were not completed", &wrong)
    }

    fn seats(&self, guests: &[Guest]) -> Result<(), String> {
        let seats = list(&self.audit, "seats");
        let held = seats
            .iter()
            .filter(|seat| text(seat, "state") == "held")
            .map(|seat| self.holder(seat));
        none("held for sessions that are over", &held.collect::<Vec<_>>())?;
        let sold: BTreeSet<&str> = seats.iter().filter_map(|seat| seat["ticket"].as_str()).collect();
        let say = self.done("ticket", true);
        let wrong: Vec<_> = sold.symmetric_difference(&say).map(ToString::to_string).collect();
        none("tickets that only one side knows", &wrong)?;
        let mut told = BTreeSet::new();
        for guest in guests
            .iter()
            .filter(|guest| guest.flow == "seat-booking" && guest.told.is_some())
        {
            let place = guest.place.clone().unwrap_or_default();
            let id = place.replace("Row ", "").replace(", seat ", "").to_ascii_lowercase();
            let sold = seats
                .iter()
                .find(|seat| text(seat, "id") == id && text(seat, "state") == "sold");
            if sold.is_none() || !told.insert(id) {
                return Err(format!(
                    "visit {} was told {:?} for {place}: {sold:?}",
                    guest.number, guest.told
                ));
            }
        }
        Ok(())
    }

    fn holder(&self, seat: &Json) -> String {
        let key = text(seat, "hold");
        let about = self.effects.iter().filter(|effect| text(effect, "key") == key);
        let about: Vec<_> = about.map(ToString::to_string).collect();
        let reference = self
            .effects
            .iter()
            .find(|effect| text(effect, "key") == key)
            .map(|effect| text(effect, "reference"));
        let session = reference.and_then(|reference| self.sessions.get(reference));
        format!("{seat} by {session:?}: {}", about.join(", "))
    }

    /// What is paid has bought a seat; everything else was never paid, or was paid back.
    fn payments(&self) -> Result<(), String> {
        let bought: BTreeSet<&str> = list(&self.audit, "seats")
            .iter()
            .filter_map(|seat| seat["payment"].as_str())
            .collect();
        let dangling = list(&self.audit, "payments")
            .iter()
            .filter(|payment| match text(payment, "state") {
                "paid" => !bought.contains(text(payment, "id")),
                "pending" => true,
                _ => false,
            });
        none(
            "paid for nothing, or never settled",
            &dangling.map(ToString::to_string).collect::<Vec<_>>(),
        )
    }

    /// How much there was, in a few words.
    pub fn found(&self, guests: &[Guest]) -> String {
        let tries: u64 = self.effects.iter().filter_map(|effect| effect["tries"].as_u64()).sum();
        let undone = self
            .effects
            .iter()
            .filter(|effect| text(effect, "purpose") == "undo")
            .count();
        let sold = list(&self.audit, "seats")
            .iter()
            .filter(|seat| text(seat, "state") == "sold")
            .count();
        let told = guests.iter().filter(|guest| guest.told.is_some()).count();
        format!(
            "{} visits, {} effects in {tries} tries, {undone} undone, {} transfers, {sold} seats sold, {told} receipts",
            guests.len(),
            self.effects.len(),
            list(&self.audit, "transfers").len(),
        )
    }
}
