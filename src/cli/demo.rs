//! `deity demo`: the other side of the demo's flows, and a look into its books.
//!
//! Owns what is printed and when the server stops. Must not know how the ledger works.

use std::io::Write as _;
use std::path::Path;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::args::{AuditFlags, DemoCommand, LedgerFlags};
use super::says::{self, tame};
use super::{DONE, FAILED, Failure};
use crate::demo::{self, Audit, Demo, Manner, Pence};

pub(super) fn run(command: &DemoCommand) -> Result<u8, Failure> {
    match command {
        DemoCommand::Ledger(_) if std::env::var_os("GATEWAY_INTERFACE").is_some() => cgi(),
        DemoCommand::Ledger(flags) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(serve(flags))
        }
        DemoCommand::Audit(flags) => audit(flags),
    }
}

/// One request, as a web server hands it to a program.
fn cgi() -> Result<u8, Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    // The ledger is let go only after the answer is out.
    let (answer, _ledger) = demo::cgi::answer(variable, std::io::stdin().lock());
    let mut out = std::io::stdout().lock();
    out.write_all(&answer)?;
    out.flush()?;
    Ok(DONE)
}

async fn serve(flags: &LedgerFlags) -> Result<u8, Failure> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let ledger = open(&flags.file)?;
    let listener = TcpListener::bind(flags.listen).await.map_err(|why| {
        Failure::new(format!("cannot listen on {}: {why}", flags.listen))
            .help("choose another with --listen ADDR:PORT; port 0 takes a free one")
    })?;
    says::line(&format!("Demo ledger serves on http://{}/", listener.local_addr()?))?;
    let manner = Manner {
        secret: flags.secret.clone(),
        moods: flags.moods,
    };
    let stop = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    demo::serve(listener, ledger, manner, stop).await?;
    Ok(DONE)
}

fn audit(flags: &AuditFlags) -> Result<u8, Failure> {
    if !flags.file.exists() {
        let missing = Failure::new(format!("{} is not there", flags.file.display()));
        return Err(missing.help("`deity demo ledger` begins one"));
    }
    let audit = open(&flags.file)?
        .audit()
        .map_err(|why| Failure::new(format!("{}: {why}", flags.file.display())))?;
    if flags.json {
        says::line(&serde_json::to_string(&audit).map_err(|why| Failure::new(why.to_string()))?)?;
    } else {
        print(&audit)?;
    }
    Ok(if audit.faults.is_empty() { DONE } else { FAILED })
}

fn open(file: &Path) -> Result<Demo, Failure> {
    Demo::open(file).map_err(|why| {
        Failure::new(format!("the ledger {}: {why}", file.display()))
            .help("name a file that can be written, in a directory that is there, with --file")
    })
}

fn print(audit: &Audit) -> Result<(), Failure> {
    says::line("Accounts")?;
    for account in &audit.accounts {
        amount(&account.label, account.balance)?;
    }
    amount("All money", audit.sum)?;
    says::line(&format!("Transfers: {}", audit.transfers.len()))?;
    for transfer in &audit.transfers {
        let way = format!("{} to {}", transfer.from, transfer.to);
        let said = [transfer.amount.pounds(), way, tame(&transfer.key), tame(&transfer.note)];
        row(&transfer.id, &said)?;
    }
    let taken = audit.seats.iter().filter(|seat| seat.state != "free");
    says::line(&format!(
        "Seats: {} of {} held or sold",
        taken.clone().count(),
        audit.seats.len()
    ))?;
    for seat in taken {
        let who = seat.ticket.as_ref().or(seat.hold.as_ref()).map(String::as_str);
        let payment = seat.payment.clone().unwrap_or_default();
        row(&seat.id, &[seat.state.clone(), tame(who.unwrap_or_default()), payment])?;
    }
    says::line(&format!("Payments: {}", audit.payments.len()))?;
    for payment in &audit.payments {
        let said = [payment.amount.pounds(), payment.state.clone(), tame(&payment.key)];
        row(&payment.id, &said)?;
    }
    says::line(&format!("Renewals: {}", audit.renewals.len()))?;
    for renewal in &audit.renewals {
        row(&renewal.id, &[renewal.state.clone(), tame(&renewal.key)])?;
    }
    says::line(&format!("Applications: {}", audit.applications.len()))?;
    for one in &audit.applications {
        let lines = format!("{} {}", one.lines, if one.lines == 1 { "line" } else { "lines" });
        let said = [one.asked.pounds(), lines, one.state.clone(), tame(&one.organisation)];
        row(&one.id, &said)?;
    }
    for fault in &audit.faults {
        says::line(&format!("FAULT: {}", tame(fault)))?;
    }
    if audit.faults.is_empty() {
        says::line("Everything adds up.")?;
    }
    Ok(())
}

fn amount(label: &str, amount: Pence) -> Result<(), Failure> {
    says::line(&format!("  {label:<24} {:>14}", amount.pounds()))
}

fn row(name: &str, said: &[String]) -> Result<(), Failure> {
    says::line(format!("  {name:<6} {}", said.join("  ")).trim_end())
}
