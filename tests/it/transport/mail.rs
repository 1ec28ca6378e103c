//! E-mail: what a server is told, and what its answers mean.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::mpsc;

use deity::effect::mail::{Mail, Smtp};
use deity::effect::response::Trouble;

use super::server;

/// A server that hears all lines; to those that begin with a word it gives that answer, or none.
async fn smtp(
    answers: &'static [(&'static str, Option<&'static str>)],
) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let (told, heard) = mpsc::unbounded_channel();
    let address = server(move |_, stream| {
        let told = told.clone();
        async move {
            let mut lines = BufReader::new(stream);
            let answer = |line: &str, usual: &'static str| {
                let own = answers.iter().find(|(word, _)| line.starts_with(word));
                own.map_or(Some(usual), |(_, answer)| *answer)
            };
            let mut say = answer("greeting", "220 mail.example");
            let mut text = false;
            loop {
                if let Some(say) = say {
                    lines
                        .get_mut()
                        .write_all(format!("{say}\r\n").as_bytes())
                        .await
                        .unwrap();
                }
                let mut line = String::new();
                if lines.read_line(&mut line).await.unwrap_or(0) == 0 {
                    return;
                }
                let line = line.trim_end_matches("\r\n").to_owned();
                say = match (text, line.as_str()) {
                    (true, ".") => {
                        text = false;
                        answer("end", "250 taken")
                    }
                    (true, _) => None,
                    (false, "DATA") => {
                        say = answer("DATA", "354 go on");
                        text = say.is_some_and(|say| say.starts_with('3'));
                        say
                    }
                    (false, line) if line.starts_with("EHLO") => answer("EHLO", "250-mail.example\r\n250 AUTH PLAIN"),
                    (false, line) if line.starts_with("AUTH") => answer("AUTH", "235 welcome"),
                    (false, line) => answer(line, "250 ok"),
                };
                drop(told.send(line));
            }
        }
    })
    .await;
    (address, heard)
}

fn mail() -> Mail {
    Mail {
        from: "Deity <orders@shop.example>".to_owned(),
        to: "ann@home.example".to_owned(),
        subject: "Your order".to_owned(),
        text: "Thank you.\n.\nBye".to_owned(),
        id: "order-1.confirm".to_owned(),
        language: None,
    }
}

async fn send(url: &str, mail: &Mail) -> Result<(), Trouble> {
    url.parse::<Smtp>().unwrap().send(mail, Duration::from_secs(20)).await
}

/// All that was said till now.
fn said(heard: &mut mpsc::UnboundedReceiver<String>) -> Vec<String> {
    let mut lines = Vec::new();
    while let Ok(line) = heard.try_recv() {
        lines.push(line);
    }
    lines
}

#[tokio::test]
async fn a_message_is_delivered_with_its_headers() {
    let (address, mut heard) = smtp(&[]).await;
    send(&format!("smtp://{address}/shop.example"), &mail()).await.unwrap();
    let lines = said(&mut heard);
    assert_eq!(
        lines[..4],
        [
            "EHLO shop.example",
            "MAIL FROM:<orders@shop.example>",
            "RCPT TO:<ann@home.example>",
            "DATA"
        ]
    );
    for header in [
        "From: Deity <orders@shop.example>",
        "To: ann@home.example",
        "Subject: Your order",
        "Message-ID: <order-1.confirm@shop.example>",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
        "MIME-Version: 1.0",
    ] {
        assert!(lines.iter().any(|line| line == header), "{header}: {lines:#?}");
    }
    assert!(lines.iter().any(|line| line.starts_with("Date: ")), "{lines:#?}");
    let end = lines.iter().position(String::is_empty).unwrap();
    assert_eq!(lines[end + 1..][..4], ["Thank you.", "..", "Bye", "."]);
}

#[tokio::test]
async fn no_line_break_makes_a_header() {
    let (address, mut heard) = smtp(&[]).await;
    let url = format!("smtp://{address}");
    let subject = Mail {
        subject: "Hi\r\nBcc: eve@evil.example\n\nand text \u{e4}\u{f6}".to_owned(),
        ..mail()
    };
    send(&url, &subject).await.unwrap();
    let lines = said(&mut heard);
    assert!(!lines.iter().any(|line| line.starts_with("Bcc")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("Subject: Hi")), "{lines:#?}");
    for (to, id) in [
        ("ann@home.example\r\nBcc: eve@evil.example", "a"),
        ("ann@home.example, eve@evil.example", "a"),
        ("ann@home.example,eve@evil.example", "a"),
        ("ann@home.example> RCPT TO:<eve@evil.example", "a"),
        ("ann", "a"),
        ("", "a"),
        ("ann@home.example", "a>\r\nBcc: eve@evil.example"),
        ("ann@home.example", ""),
    ] {
        let bad = Mail {
            to: to.to_owned(),
            id: id.to_owned(),
            ..mail()
        };
        let result = send(&url, &bad).await;
        let Err(Trouble::Forbidden(why)) = result else {
            panic!("{to:?} {id:?}: {result:?}")
        };
        assert!(!why.contains("evil"), "{why}");
    }
    assert_eq!(said(&mut heard), Vec::<String>::new());
}

#[tokio::test]
async fn a_refusal_for_good_is_told_without_the_address() {
    for answers in [
        [("MAIL", Some("550 5.7.1 not from you"))].as_slice(),
        &[("RCPT", Some("550 5.7.1 <ann@home.example> is not here"))],
        &[("DATA", Some("554 no"))],
        &[("end", Some("552 too big"))],
    ] {
        let (address, _heard) = smtp(Box::leak(answers.into())).await;
        let result = send(&format!("smtp://{address}"), &mail()).await;
        let Err(Trouble::Forbidden(why)) = result else {
            panic!("{answers:?}: {result:?}")
        };
        assert!(why.contains(&address.to_string()), "{why}");
        assert!(why.contains("it answered 55"), "{why}");
        // Our own words and its status: what it says may repeat what was typed.
        for words in ["ann@", "not from you", "not here", "too big"] {
            assert!(!why.contains(words), "{why}");
        }
        let enhanced = answers[0].1.is_some_and(|text| text.contains("5.7.1"));
        assert_eq!(why.contains("550 5.7.1"), enhanced, "{why}");
    }
}

#[tokio::test]
async fn what_is_refused_for_now_was_not_sent() {
    for answers in [
        [("greeting", Some("421 too busy"))].as_slice(),
        &[("greeting", Some("554 nobody is here"))],
        &[("AUTH", Some("535 wrong password"))],
        &[("MAIL", Some("451 later"))],
        &[("RCPT", Some("450 4.2.0 greylisted"))],
        &[("DATA", Some("451 later"))],
        &[("end", Some("452 disk full"))],
        &[("RCPT", Some("what?"))],
    ] {
        let (address, _heard) = smtp(Box::leak(answers.into())).await;
        let result = send(&format!("smtp://deity:s%40cret@{address}"), &mail()).await;
        let Err(Trouble::NotSent(why)) = result else {
            panic!("{answers:?}: {result:?}")
        };
        for words in ["cret", "nobody is here", "greylisted", "what?"] {
            assert!(!why.contains(words), "{why}");
        }
    }
}

#[tokio::test]
async fn silence_before_the_message_is_not_sent_and_after_it_unknown() {
    for (word, sent) in [
        ("greeting", false),
        ("EHLO", false),
        ("RCPT", false),
        ("DATA", false),
        ("end", true),
    ] {
        let (address, _heard) = smtp(Box::leak(vec![(word, None)].into())).await;
        let server: Smtp = format!("smtp://{address}").parse().unwrap();
        let begun = Instant::now();
        let result = server.send(&mail(), Duration::from_millis(400)).await;
        assert!(begun.elapsed() < Duration::from_secs(10));
        match result {
            Err(Trouble::Unknown(_)) if sent => {}
            Err(Trouble::NotSent(_)) if !sent => {}
            other => panic!("{word}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_say_goodbye_has_taken_the_message() {
    let (address, _heard) = smtp(&[("QUIT", None)]).await;
    send(&format!("smtp://{address}"), &mail()).await.unwrap();
}

#[tokio::test]
async fn nobody_at_the_port_is_not_sent() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let result = send(&format!("smtp://{gone}"), &mail()).await;
    assert!(matches!(result, Err(Trouble::NotSent(_))), "{result:?}");
}

#[tokio::test]
async fn without_the_tls_that_is_required_nothing_is_said() {
    let (address, mut heard) = smtp(&[]).await;
    let result = send(&format!("smtp://deity:secret@{address}?tls=required"), &mail()).await;
    assert!(matches!(result, Err(Trouble::NotSent(_))), "{result:?}");
    let lines = said(&mut heard);
    assert!(
        lines.iter().all(|line| line.starts_with("EHLO") || line == "QUIT"),
        "{lines:?}"
    );

    let result = send(&format!("smtps://deity:secret@{address}"), &mail()).await;
    assert!(!matches!(result, Ok(()) | Err(Trouble::Unknown(_))), "{result:?}");
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    let beyond = Mail {
        to: "\u{e4}nn@home.example".to_owned(),
        ..mail()
    };
    let (address, _heard) = smtp(&[]).await;
    let result = send(&format!("smtp://{address}"), &beyond).await;
    assert!(matches!(result, Err(Trouble::Forbidden(_))), "{result:?}");
    let (address, mut heard) = smtp(&[("EHLO", Some("250-mail.example\r\n250 SMTPUTF8"))]).await;
    send(&format!("smtp://{address}"), &beyond).await.unwrap();
    assert!(said(&mut heard)[1].ends_with(" SMTPUTF8"));
}

#[test]
fn the_url_is_read_and_its_password_never_shown() {
    for (url, server) in [
        ("smtp://mail", "mail:25"),
        ("smtp://mail:2525", "mail:2525"),
        ("smtp://mail?tls=required", "mail:587"),
        ("smtp://mail:587?tls=opportunistic", "mail:587"),
        ("smtps://user:secret@mail", "mail:465"),
        ("smtps://user%40mail:s%3Aecret@mail:466/deity.example", "mail:466"),
    ] {
        let smtp: Smtp = url.parse().unwrap();
        assert_eq!(smtp.to_string(), server, "{url}");
        let shown = format!("{smtp:?}");
        assert!(!shown.contains("ecret") && !shown.contains("user"), "{shown}");
    }
    for url in [
        "",
        "mail",
        "http://mail",
        "smtp://",
        "smtp://mail:0",
        "smtp://mail:99999",
        "smtp://mail?tls=perhaps",
        "smtp://secret@mail",
        "smtp://mail/a%20b",
    ] {
        let why = url.parse::<Smtp>().unwrap_err();
        assert!(!why.contains("secret"), "{url}: {why}");
    }
}
