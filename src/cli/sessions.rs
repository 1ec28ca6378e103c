//! `deity sessions`: what an operator asks, and how the replies are printed.
//!
//! Owns asking (a running server over its socket, else the store itself) and the printing, which
//! is the same for both. Must not know how sessions are found.

use std::io::IsTerminal as _;

use serde_json::Value as Json;
use tokio::sync::mpsc;

use super::args::{Common, Sessions, SessionsCommand};
use super::says::{self, tame};
use super::tables::{self, Files};
use super::{DONE, FAILED, Failure, clock, effects, open, settings};
use crate::operator::{Detail, Reply, Request, Summary, socket};

/// Replies that wait to be printed.
const AHEAD: usize = 64;

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Columns and words.
    Text,
    /// One JSON object per line.
    Json,
}

/// Asks, prints, and says how it went.
pub(super) fn run(sessions: &Sessions) -> Result<u8, Failure> {
    let (common, request, form) = match &sessions.command {
        SessionsCommand::List { common, filter, json } => (common, Request::List(filter.filter()), form(*json)),
        SessionsCommand::Show {
            reference,
            common,
            json,
        } => {
            let reference = reference.clone();
            (common, Request::Show { reference }, form(*json))
        }
        SessionsCommand::Export {
            common,
            filter,
            csv: Some(directory),
            raw,
        } => return tables::export(common, filter.filter(), directory, *raw),
        SessionsCommand::Export { common, filter, .. } => (common, Request::Export(filter.filter()), Form::Json),
        SessionsCommand::Delete {
            reference,
            common,
            yes,
            json,
        } => {
            if !yes {
                confirm(reference)?;
            }
            let reference = reference.clone();
            (common, Request::Delete { reference }, form(*json))
        }
    };
    ask(common, &request, form)
}

pub(super) fn form(json: bool) -> Form {
    if json { Form::Json } else { Form::Text }
}

/// Asks before something is removed for good.
fn confirm(reference: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new("nobody is here to ask whether to delete")
            .help("add --yes to delete without being asked")
            .usage());
    }
    says::part(&format!(
        "Delete session {reference} and its answers for good? Type yes: "
    ));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::new("nothing was deleted"))
    }
}

/// Asks the running server, else the store itself, and prints the replies as they come.
pub(super) fn ask(common: &Common, request: &Request, form: Form) -> Result<u8, Failure> {
    ask_into(common, request, form, None)
}

/// The same; rows of tables go to `files`.
pub(super) fn ask_into(
    common: &Common,
    request: &Request,
    form: Form,
    files: Option<&mut Files>,
) -> Result<u8, Failure> {
    let settings = settings::load(common.config.as_deref(), common.said())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (send, replies) = mpsc::channel(AHEAD);
        let asked = async move {
            let running = socket::ask(&settings.data, request, &send).await.map_err(|why| {
                Failure::new(format!(
                    "the server on {} does not answer: {why}",
                    settings.data.display()
                ))
                .help("is it yours, and alive? Its log says more")
            })?;
            if running.is_none() {
                let operator = open::operator(&settings).await?;
                operator.answer(request.clone(), send).await;
            }
            Ok(())
        };
        let (asked, printed) = tokio::join!(asked, print(replies, form, request, files));
        asked.and(printed)
    })
}

/// Prints the replies; the exit code says how it ended.
async fn print(
    mut replies: mpsc::Receiver<Reply>,
    form: Form,
    request: &Request,
    mut files: Option<&mut Files>,
) -> Result<u8, Failure> {
    let exports = matches!(request, Request::Export(_) | Request::Tables(_));
    let progress = std::io::stderr().is_terminal() && exports;
    let mut damaged = 0;
    let mut first = true;
    while let Some(reply) = replies.recv().await {
        match reply {
            Reply::Session(summary) if matches!(request, Request::Delete { .. }) => deleted(&summary, form)?,
            Reply::Session(summary) => row(&summary, form, std::mem::take(&mut first))?,
            Reply::Detail(detail) => show(&detail, form)?,
            Reply::Effect(effect) => effects::show(&effect, form, request, std::mem::take(&mut first))?,
            Reply::Clock { now, leapt } if form == Form::Json => {
                object(&serde_json::json!({ "now": now, "leapt": leapt }))?;
            }
            Reply::Clock { now, leapt } => clock::show(&now, leapt)?,
            Reply::More { reference, flow, more } => effects::more(&reference, &flow, more, form)?,
            Reply::Exported(object) => says::line(&object.to_string())?,
            Reply::Table { table, columns } => {
                if let Some(files) = &mut files {
                    files.open(&table, &columns)?;
                }
            }
            Reply::Row { table, cells } => {
                if let Some(files) = &mut files {
                    files.row(&table, &cells)?;
                }
            }
            Reply::Damaged { why, sessions } => {
                damaged += sessions;
                says::aside(&format!("damaged: {}", tame(&why)));
            }
            Reply::Progress { looked } if progress => says::part(&format!("\r{looked} sessions looked at")),
            Reply::Progress { .. } | Reply::Pong { .. } => {}
            Reply::Done { rows } => {
                if progress {
                    says::part("\r");
                }
                closing(request, rows, damaged);
            }
            Reply::Failed { message, help } => {
                return Err(Failure {
                    code: FAILED,
                    message,
                    help,
                });
            }
        }
    }
    Ok(if damaged > 0 { FAILED } else { DONE })
}

/// What is said at the end, on stderr: stdout is the rows alone.
fn closing(request: &Request, rows: u64, damaged: u64) {
    let many = |one: &str| format!("{rows} {one}{}", if rows == 1 { "" } else { "s" });
    let said = match request {
        Request::List(_) => many("session") + " listed",
        Request::Export(_) | Request::Tables(_) => many("session") + " exported",
        Request::Effects { status: None, .. } => many("effect") + " to see to; --status done lists others",
        Request::Seen { dry_run: true, .. } => many("effect") + " would be put aside",
        Request::Seen { .. } => many("effect") + " seen, and put aside",
        Request::Effects { .. } => many("effect"),
        _ => return,
    };
    match damaged {
        0 => says::aside(&said),
        1 => says::aside(&format!("{said}; 1 session could not be read")),
        _ => says::aside(&format!("{said}; {damaged} sessions could not be read")),
    }
}

fn object(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|why| Failure::new(why.to_string()))?;
    says::line(&text)
}

fn row(summary: &Summary, form: Form, first: bool) -> Result<(), Failure> {
    if form == Form::Json {
        return object(summary);
    }
    if first {
        columns("REFERENCE", "FLOW", "STATUS", "STEPS", "BEGAN", "LAST PHASE")?;
    }
    let steps = summary.steps.to_string();
    columns(
        &summary.reference,
        &tame(&summary.flow),
        &standing(summary),
        &steps,
        &summary.began,
        &summary.last,
    )
}

fn columns(reference: &str, flow: &str, status: &str, steps: &str, began: &str, last: &str) -> Result<(), Failure> {
    says::line(&format!(
        "{reference:<12} {flow:<24} {status:<20} {steps:>5}  {began:<20}  {last}"
    ))
}

/// The status, and the outcome where there is one.
fn standing(summary: &Summary) -> String {
    let status = match serde_json::to_value(summary.status) {
        Ok(Json::String(status)) => status,
        _ => String::new(),
    };
    match &summary.outcome {
        Some(outcome) => format!("{status} {}", tame(outcome)),
        None => status,
    }
}

fn deleted(summary: &Summary, form: Form) -> Result<(), Failure> {
    if form == Form::Json {
        return object(summary);
    }
    says::line(&format!(
        "deleted {} ({}, {})",
        summary.reference,
        tame(&summary.flow),
        standing(summary)
    ))
}

fn show(detail: &Detail, form: Form) -> Result<(), Failure> {
    if form == Form::Json {
        return object(detail);
    }
    let summary = &detail.summary;
    says::line(&format!("reference   {}", summary.reference))?;
    says::line(&format!("flow        {}", tame(&summary.flow)))?;
    says::line(&format!("status      {}", standing(summary)))?;
    says::line(&format!("steps       {}", summary.steps))?;
    says::line(&format!("began       {}", summary.began))?;
    says::line(&format!("last phase  {}", summary.last))?;
    if let Some(language) = &summary.language {
        says::line(&format!("language    {language}"))?;
    }
    if let Some(over) = &summary.over {
        says::line(&format!("over        {over}"))?;
    }
    for screen in &detail.screens {
        let note = if screen.counts {
            ""
        } else {
            "  (does not count at present)"
        };
        let item = screen.item.map(|item| format!(" of item {item}")).unwrap_or_default();
        says::line(&format!("\n{}{item}{note}", tame(&screen.screen)))?;
        for (field, value) in &screen.fields {
            says::line(&format!("  {:<20} {}", tame(field), words(value)))?;
        }
    }
    says::line("\njournal")?;
    if detail.folded > 0 {
        says::line(&format!("  ({} older entries were folded away)", detail.folded))?;
    }
    for entry in &detail.journal {
        says::line(&format!("  {:>4}  {}  {}", entry.step, entry.at, tame(&entry.what)))?;
    }
    Ok(())
}

/// A value for people.
fn words(value: &Json) -> String {
    match value {
        Json::String(text) => tame(&text.replace('\n', " / ")),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        Json::Object(money) => {
            let part = |name| money.get(name).map(words).unwrap_or_default();
            format!("{} {}", part("amount"), part("currency"))
        }
        other => other.to_string(),
    }
}
