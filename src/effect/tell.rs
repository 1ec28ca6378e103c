//! Telling an operator something: by mail, by a POST to an address, or by a program.
//!
//! Owns whom a setting means, and the three ways. What is told has no answer and no word of anybody
//! else's in it; that is for who tells it. Must not know what it is about.

use std::fmt;
use std::process::Stdio;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::call::{Call, Callee};
use super::mail::Mail;
use super::response::Trouble;
use super::{Outside, needs};

/// For all of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whom to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// An e-mail address.
    Mail(String),
    /// An address to which JSON is posted.
    Url(String),
    /// A program of the operator's directory of programs: JSON on its standard input, and exit code 0.
    Program(String),
}

/// What is told.
#[derive(Clone, Debug)]
pub struct Note {
    /// The same however often it is told: letters, digits, hyphens.
    pub id: String,
    /// In one line.
    pub subject: String,
    /// In plain text.
    pub text: String,
    /// For programs.
    pub json: String,
}

impl FromStr for Whom {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            return match Callee::of(text) {
                Ok(_) => Ok(Self::Url(text.to_owned())),
                Err(trouble) => Err(format!(
                    "{trouble}; enter an address such as https://hooks.example.org/deity"
                )),
            };
        }
        if let Some((name, host)) = text.split_once('@') {
            let good = !name.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace);
            return good
                .then(|| Self::Mail(text.to_owned()))
                .ok_or_else(|| "enter an e-mail address, such as forms@example.org".to_owned());
        }
        let file = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !text.is_empty() && !text.starts_with('.') && text.chars().all(file) {
            return Ok(Self::Program(text.to_owned()));
        }
        Err("enter an e-mail address, an http(s) address, or a program of the directory `programs`".to_owned())
    }
}

impl fmt::Display for Whom {
    /// Without what may be secret in an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mail(to) => f.write_str(to),
            Self::Url(url) => match Callee::of(url) {
                Ok((callee, _)) => callee.fmt(f),
                Err(_) => f.write_str("an address"),
            },
            Self::Program(name) => f.write_str(name),
        }
    }
}

impl Outside {
    /// Why nobody can be told in this way as things are, as far as can be seen without trying.
    pub fn cannot_tell(&self, whom: &Whom) -> Option<String> {
        match whom {
            Whom::Mail(_) => self.lacks_for_mail().map(str::to_owned),
            Whom::Url(url) => self.wire.forbids(url),
            Whom::Program(name) => needs::unfit(&self.program(name)),
        }
    }

    /// Tells it, once.
    ///
    /// # Errors
    /// Where it was not taken, or nobody knows.
    pub async fn tell(&self, whom: &Whom, note: &Note) -> Result<(), Trouble> {
        match whom {
            Whom::Mail(to) => self.mail(to, note).await,
            Whom::Url(url) => self.post(url, note).await,
            Whom::Program(name) => self.pipe(name, note).await,
        }
    }

    async fn mail(&self, to: &str, note: &Note) -> Result<(), Trouble> {
        let (Some(smtp), Some(from)) = (&self.smtp, &self.mail_from) else {
            return Err(Trouble::Forbidden(
                "the settings smtp and mail-from are not set".to_owned(),
            ));
        };
        let mail = Mail {
            from: from.clone(),
            to: to.to_owned(),
            subject: note.subject.clone(),
            text: note.text.clone(),
            id: note.id.clone(),
            language: None,
        };
        smtp.send(&mail, PATIENCE).await
    }

    async fn post(&self, url: &str, note: &Note) -> Result<(), Trouble> {
        let call = Call {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: vec![("Idempotency-Key".to_owned(), note.id.clone())],
            body: Some(("application/json".to_owned(), note.json.clone().into_bytes())),
            timeout: PATIENCE,
        };
        match self.wire.call(&call).await?.status {
            200..=299 => Ok(()),
            status => Err(Trouble::Unknown(format!("it answered {status}"))),
        }
    }

    async fn pipe(&self, name: &str, note: &Note) -> Result<(), Trouble> {
        let failed = |why: String| Trouble::Unknown(format!("the program {name} {why}"));
        let mut child = Command::new(self.program(name))
            .env_clear()
            .env("HTTP_IDEMPOTENCY_KEY", &note.id)
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .current_dir(&self.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Trouble::NotSent(format!("the program {name} cannot be started: {error}")))?;
        let mut stdin = child.stdin.take();
        let run = async {
            if let Some(stdin) = &mut stdin
                && let Err(error) = stdin.write_all(note.json.as_bytes()).await
            {
                // It may well not read it.
                tracing::debug!(%error, "a program did not read what it was told");
            }
            drop(stdin);
            child.wait().await
        };
        match tokio::time::timeout(PATIENCE, run).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(failed(format!("failed ({status})"))),
            Ok(Err(error)) => Err(failed(format!("is lost: {error}"))),
            Err(_) => Err(failed("did not end in time".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_an_address_of_mail_a_url_or_a_program() {
        for (text, whom) in [
            ("ops@example.org", Whom::Mail("ops@example.org".to_owned())),
            (
                "https://h.example/x?t=1",
                Whom::Url("https://h.example/x?t=1".to_owned()),
            ),
            ("digest.sh", Whom::Program("digest.sh".to_owned())),
        ] {
            assert_eq!(text.parse(), Ok(whom), "{text}");
        }
        for bad in [
            "",
            "../x",
            "a b",
            "/bin/mail",
            ".hidden",
            "@x",
            "a@",
            "ftp://x",
            "https://u:p@h/",
            "a b@c",
        ] {
            assert!(bad.parse::<Whom>().is_err(), "{bad}");
        }
        let secret: Whom = "https://h.example/x?token=1".parse().unwrap();
        assert!(!secret.to_string().contains("token"));
    }
}
