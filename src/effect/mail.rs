//! E-mail over SMTP.
//!
//! Owns the mail server's URL, the message, the conversation, and the line between "surely not sent"
//! and "perhaps delivered": it is where the text of the message begins to be sent. The conversation is
//! led command by command for this line's sake. Must not know why somebody is written to.

use std::error::Error as _;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::{Address, Message};
use percent_encoding::percent_decode_str;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout, timeout_at};

use super::response::{Trouble, because};

/// No conversation takes longer, whatever is asked for.
const LONGEST: Duration = Duration::from_hours(24);
/// For the goodbye, which changes nothing.
const GOODBYE: Duration = Duration::from_millis(500);

/// A mail server: `smtp://host:25`, `smtps://user:password@host:465`,
/// `smtp://host:587?tls=required`; a path is the name that is said in `EHLO`.
#[derive(Clone)]
pub struct Smtp {
    host: String,
    port: u16,
    security: Security,
    user: Option<(String, String)>,
    hello: ClientId,
    tls: Arc<OnceCell<TlsParameters>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    None,
    /// `STARTTLS` where the server offers it.
    Opportunistic,
    /// `STARTTLS`, or nothing is said.
    Required,
    /// TLS from the first byte.
    Wrapped,
}

/// A message that is to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// From whom.
    pub from: String,
    /// To exactly one person.
    pub to: String,
    /// The subject; line breaks in it become spaces.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The left part of `Message-ID`: the same for each try, so that a doubled delivery can be
    /// recognised.
    pub id: String,
    /// The language that it is in, where it could be another: a BCP 47 tag.
    pub language: Option<String>,
}

impl fmt::Debug for Mail {
    /// Without what is somebody's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Smtp {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("server", &format_args!("{self}"))
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for Smtp {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let uri: Uri = url
            .parse()
            .map_err(|_| "is no URL of a mail server, such as smtp://host:25 (in a password, %40 stands for @)")?;
        let security = match (uri.scheme_str(), uri.query()) {
            (Some("smtp"), None) => Security::None,
            (Some("smtp"), Some("tls=required")) => Security::Required,
            (Some("smtp"), Some("tls=opportunistic")) => Security::Opportunistic,
            (Some("smtps"), None | Some("tls=required")) => Security::Wrapped,
            (Some("smtp" | "smtps"), _) => {
                return Err("knows only ?tls=required and ?tls=opportunistic".to_owned());
            }
            _ => return Err("begins with neither smtp:// nor smtps://".to_owned()),
        };
        let authority = uri.authority().ok_or("has no host")?;
        let host = authority.host();
        let server = authority.as_str().rsplit('@').next().unwrap_or_default();
        let port = match (authority.port_u16(), security) {
            (Some(0), _) => return Err("has no good port".to_owned()),
            (Some(port), _) => port,
            (None, _) if server.len() > host.len() => return Err("has no good port".to_owned()),
            (None, Security::None) => 25,
            (None, Security::Opportunistic | Security::Required) => 587,
            (None, Security::Wrapped) => 465,
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err("has no host".to_owned());
        }
        let user = match authority.as_str().rsplit_once('@') {
            Some((user, _)) => Some(credentials(user)?),
            None => None,
        };
        let hello = match uri.path().trim_matches('/') {
            "" => ClientId::default(),
            name if name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) =>
            {
                ClientId::Domain(name.to_owned())
            }
            _ => return Err("has a path that is no host name to say in EHLO".to_owned()),
        };
        Ok(Self {
            host,
            port,
            security,
            user,
            hello,
            tls: Arc::default(),
        })
    }
}

/// `user:password`, decoded.
fn credentials(text: &str) -> Result<(String, String), String> {
    let (user, password) = text.split_once(':').ok_or("has a user without a password")?;
    let decoded = |part: &str| {
        percent_decode_str(part)
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| "has a user or a password that is not UTF-8".to_owned())
    };
    Ok((decoded(user)?, decoded(password)?))
}

impl Smtp {
    /// Sends a message, once.
    ///
    /// # Errors
    /// Where it was not taken, with what is known of its fate. A refusal of this message for good is
    /// [`Trouble::Forbidden`]; what is wrong with the server as a whole (it greets with a refusal, takes
    /// no password) can be mended without the message and is [`Trouble::NotSent`].
    pub async fn send(&self, mail: &Mail, timeout: Duration) -> Result<(), Trouble> {
        let deadline = Instant::now() + timeout.min(LONGEST);
        let letter = Letter::of(mail)?;
        let mut connection = timeout_at(deadline, self.announce(&letter))
            .await
            .unwrap_or_else(|_| Err(Trouble::NotSent(format!("{self}: no answer in time"))))?;
        let sent = timeout_at(deadline, connection.message(&letter.bytes)).await;
        match sent {
            Ok(Ok(_)) => {
                goodbye(&mut connection).await;
                Ok(())
            }
            Ok(Err(error)) if error.status().is_some() => {
                goodbye(&mut connection).await;
                Err(self.refused(&error))
            }
            // In the middle of a message nothing else may be said.
            Ok(Err(error)) => Err(Trouble::Unknown(format!(
                "{self}: no answer to the message: {}",
                words(&error)
            ))),
            Err(_) => Err(Trouble::Unknown(format!("{self}: no answer to the message in time"))),
        }
    }

    /// All of the conversation before the text of the message.
    async fn announce(&self, letter: &Letter) -> Result<AsyncSmtpConnection, Trouble> {
        let mut connection = self.connect().await.map_err(|error| self.not_sent(&error))?;
        let mut parameters = Vec::new();
        if !letter.is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                goodbye(&mut connection).await;
                return Err(Trouble::Forbidden(format!(
                    "{self}: takes no addresses with letters beyond ASCII"
                )));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let asked = async {
            connection
                .command(MailFrom::new(Some(letter.from.clone()), parameters))
                .await?;
            connection.command(Rcpt::new(letter.to.clone(), Vec::new())).await?;
            connection.command(Data).await
        }
        .await;
        match asked {
            Ok(_) => Ok(connection),
            Err(error) => {
                goodbye(&mut connection).await;
                Err(self.refused(&error))
            }
        }
    }

    /// A connection on which the server knows us.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Fault> {
        let tls = match self.security {
            Security::None => None,
            _ => Some(self.tls.get_or_try_init(|| trusted(self.host.clone())).await?.clone()),
        };
        let wrapped = tls.clone().filter(|_| self.security == Security::Wrapped);
        let server = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, None, &self.hello, wrapped, None).await?;
        let offered = connection.can_starttls();
        match (self.security, tls) {
            (Security::Required, Some(tls)) => connection.starttls(tls, &self.hello).await?,
            (Security::Opportunistic, Some(tls)) if offered => connection.starttls(tls, &self.hello).await?,
            _ => {}
        }
        if let Some((user, password)) = &self.user {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }

    fn not_sent(&self, fault: &Fault) -> Trouble {
        Trouble::NotSent(match fault {
            Fault::Smtp(error) => format!("{self}: {}", words(error)),
            Fault::Other(why) => format!("{self}: {why}"),
        })
    }

    /// What a refusal, or a broken conversation before the message, means.
    fn refused(&self, error: &SmtpError) -> Trouble {
        let why = format!("{self}: {}", words(error));
        if error.is_permanent() {
            Trouble::Forbidden(why)
        } else {
            Trouble::NotSent(why)
        }
    }
}

/// Why there is no connection on which a message can be announced.
enum Fault {
    Smtp(SmtpError),
    Other(String),
}

impl From<SmtpError> for Fault {
    fn from(error: SmtpError) -> Self {
        Self::Smtp(error)
    }
}

/// TLS with the certificates that the machine trusts.
async fn trusted(host: String) -> Result<TlsParameters, Fault> {
    tokio::task::spawn_blocking(|| TlsParameters::new_rustls(host))
        .await
        .map_err(|error| Fault::Other(format!("the trusted certificates cannot be read: {error}")))?
        .map_err(Fault::Smtp)
}

async fn goodbye(connection: &mut AsyncSmtpConnection) {
    if timeout(GOODBYE, connection.abort()).await.is_err() {
        tracing::debug!("a mail server does not say goodbye");
    }
}

/// What went wrong, in our own words, with the server's status (RFC 5321, and RFC 3463 where it gives
/// one). Its text may repeat what somebody typed, and reasons stand in logs.
fn words(error: &SmtpError) -> String {
    if error.is_response() {
        return "its answer cannot be read".to_owned();
    }
    let Some(code) = error.status() else {
        return because(error);
    };
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let enhanced = text.split_whitespace().next().filter(|word| {
        let parts: Vec<_> = word.split('.').collect();
        let number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        parts.len() == 3 && parts.iter().all(number)
    });
    let enhanced = enhanced.map(|status| format!(" {status}")).unwrap_or_default();
    format!("it answered {code}{enhanced}")
}

/// A message as it is sent.
struct Letter {
    from: Address,
    to: Address,
    bytes: Vec<u8>,
}

impl Letter {
    fn of(mail: &Mail) -> Result<Self, Trouble> {
        let forbidden = |why: &str| Trouble::Forbidden(format!("the message {why}"));
        let from = mailbox(&mail.from).ok_or_else(|| forbidden("has no good sender"))?;
        let to = mailbox(&mail.to).ok_or_else(|| forbidden("has no good recipient"))?;
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if mail.id.is_empty() || mail.id.len() > 128 || !mail.id.bytes().all(good) {
            return Err(forbidden("has no good id"));
        }
        let subject: String = mail
            .subject
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let mut message = Message::builder();
        if let Some(language) = &mail.language {
            message = message.header(Spoken(language.clone()));
        }
        let message = message
            .from(from.clone())
            .to(to.clone())
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
            .header(MIME_VERSION_1_0)
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| forbidden(&format!("cannot be written: {error}")))?;
        Ok(Self {
            from: from.email,
            to: to.email,
            bytes: message.formatted(),
        })
    }

    fn is_ascii(&self) -> bool {
        [&self.from, &self.to].iter().all(|address| {
            let address: &str = address.as_ref();
            address.is_ascii()
        })
    }
}

/// Exactly one mailbox.
fn mailbox(text: &str) -> Option<Mailbox> {
    if text.chars().any(char::is_control) {
        return None;
    }
    text.parse().ok()
}

/// The language of the text (RFC 3282).
#[derive(Clone)]
struct Spoken(String);

impl Header for Spoken {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Language")
    }

    fn parse(tag: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(tag.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// That no person wrote this, so that no holiday notice comes back (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
