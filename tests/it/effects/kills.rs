//! SIGKILL under people who transfer money and book seats, with a ledger on the other side that
//! answers late, twice, never, with errors or with garbage. What people were told, what sessions
//! say and what stands in the ledger agree at the end, to the penny.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::PLANTED;
use super::books::{Books, adds_up};
use super::guest::{Guest, Halt, Street};
use super::town::Town;
use crate::crash::dice::Dice;
use crate::crash::{WALKERS, can_plant, rounds};

/// Seats that are never sold.
const SPARE: usize = 30;
/// For the next to come to an end once nobody kills any more, and for all work outside.
const PATIENCE: Duration = Duration::from_secs(90);

/// The people of a town, and those who wait to go on.
struct Crowd {
    street: Street,
    waiting: Mutex<Vec<Guest>>,
    done: Mutex<Vec<Guest>>,
    wrong: Mutex<Vec<String>>,
    /// The number of the next visit.
    next: AtomicUsize,
    seed: u64,
}

impl Crowd {
    fn new(town: &Town, seed: u64) -> Self {
        Self {
            street: Street {
                deity: town.deity,
                ledger: town.ledger,
                stop: AtomicBool::new(false),
                answers: AtomicUsize::new(0),
                tickets: AtomicUsize::new(104 - SPARE),
            },
            waiting: Mutex::default(),
            done: Mutex::default(),
            wrong: Mutex::default(),
            next: AtomicUsize::new(0),
            seed,
        }
    }

    /// People come and go while `meanwhile` runs; `fresh`: also new ones.
    fn meets<T>(&self, fresh: bool, meanwhile: impl FnOnce() -> T) -> T {
        self.street.stop.store(false, Ordering::SeqCst);
        // Those who are left of the life before, in an order of chance.
        std::thread::scope(|scope| {
            for _ in 0..WALKERS {
                scope.spawn(|| self.walk(fresh));
            }
            let result = meanwhile();
            self.street.stop.store(true, Ordering::SeqCst);
            result
        })
    }

    fn walk(&self, fresh: bool) {
        // Those who left a server that was killed are not met again before the next life.
        while !self.street.stop.load(Ordering::SeqCst) {
            let known = self.pick(fresh);
            let Some(mut guest) = known else { return };
            let walked = guest.walk(&self.street);
            let gone = matches!(walked, Err(Halt::Gone));
            if let Err(Halt::Wrong(why)) = walked {
                self.wrong.lock().unwrap().push(why);
                guest.over = true;
            }
            let list = if guest.over { &self.done } else { &self.waiting };
            list.lock().unwrap().push(guest);
            if gone {
                return;
            }
        }
    }

    /// One who goes on, else a new one. Who left comes back only at the end.
    fn pick(&self, fresh: bool) -> Option<Guest> {
        let mut waiting = self.waiting.lock().unwrap();
        if let Some(at) = waiting.iter().position(|guest| !guest.left) {
            return Some(waiting.swap_remove(at));
        }
        let number = || self.next.fetch_add(1, Ordering::SeqCst) as u64;
        fresh.then(|| Guest::new(number(), self.seed))
    }

    fn checked(&self) -> Result<(), String> {
        let wrong = self.wrong.lock().unwrap();
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n"))
        }
    }

    fn answered(&self, answers: usize) -> bool {
        let enough = self.street.answers.load(Ordering::SeqCst) + answers;
        crate::support::eventually(|| self.street.answers.load(Ordering::SeqCst) >= enough)
    }
}

/// Kills a server so often under people; the first thing that is wrong ends it. What there was, in
/// words.
fn run(lives: usize, plant: Option<&str>, dice: &mut Dice) -> Result<String, String> {
    let mut town = Town::new(dice);
    let crowd = Crowd::new(&town, dice.number());
    for _ in 0..lives {
        let server = town.serve(plant)?;
        let pause = Duration::from_millis(dice.below(1500) as u64);
        crowd.meets(true, || {
            let alive = crowd.answered(WALKERS);
            std::thread::sleep(pause);
            server.kill();
            alive.then_some(()).ok_or("no answers")
        })?;
        crowd.checked()?;
        adds_up(&town.audit())?;
    }
    let answers = crowd.street.answers.load(Ordering::SeqCst);
    let killed = Instant::now();
    town.open_bank(false);
    let server = town.serve(plant)?;
    settle(&town, &crowd)?;
    let books = Books::read(&town);
    let guests = std::mem::take(&mut *crowd.done.lock().unwrap());
    books.agree(&guests)?;
    let ended = server.stop();
    if !ended.status.success() {
        return Err(format!("a stop in order ended with {}: {}", ended.status, ended.errors));
    }
    Ok(format!(
        "{answers} answers, {}; settled in {:.0?}",
        books.found(&guests),
        killed.elapsed()
    ))
}

/// Everybody comes back and brings to an end what they began; then all work outside is settled.
fn settle(town: &Town, crowd: &Crowd) -> Result<(), String> {
    for guest in crowd.waiting.lock().unwrap().iter_mut() {
        guest.gives_up |= guest.left || guest.number.is_multiple_of(2);
        guest.left = false;
        guest.stays = true;
    }
    let over = || crowd.done.lock().unwrap().len();
    crowd.meets(false, || {
        // However many there are, somebody comes to an end all the time.
        let (mut known, mut since) = (over(), Instant::now());
        while known < crowd.next.load(Ordering::SeqCst) && since.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(50));
            if over() > known {
                (known, since) = (over(), Instant::now());
            }
        }
    });
    crowd.checked()?;
    let waiting = crowd.waiting.lock().unwrap();
    if let Some(guest) = waiting.first() {
        return Err(format!("{} visits come to no end, such as {guest:#?}", waiting.len()));
    }
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if town
            .operator(&["effects", "list", "--json"])
            .iter()
            .all(|effect| effect["status"] == "in-doubt" || effect["status"] == "failed")
        {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    let open = town.operator(&["effects", "list", "--json"]);
    Err(format!("never settled: {open:?}"))
}

#[test]
fn killed_under_load_with_moody_callees_money_seats_and_receipts_agree() {
    let began = Instant::now();
    let lives = rounds("DEITY_EFFECT_KILLS", 60, 10);
    let mut dice = Dice::new("kill -9 with effects");
    let found = run(lives, None, &mut dice).unwrap_or_else(|why| panic!("{why}"));
    crate::support::ran("kill -9 under 16 people with effects", lives, began.elapsed(), &found);
}

#[test]
fn the_kills_would_show_each_fault_that_is_planted_in_effects() {
    if !can_plant("kill -9 with effects") {
        return;
    }
    let began = Instant::now();
    for plant in PLANTED {
        let mut dice = Dice::new(plant);
        let why = (0..3).find_map(|_| run(8, Some(plant), &mut dice).err());
        let why = why.unwrap_or_else(|| panic!("{plant} was not noticed"));
        println!("{plant}: {}", why.chars().take(200).collect::<String>());
    }
    let rounds = PLANTED.len();
    crate::support::ran(
        "kill -9 with effects, faults planted",
        rounds,
        began.elapsed(),
        "all noticed",
    );
}
