//! The precedence, and every fault in words.

use std::fmt::Write as _;

use super::reading::{compression, listen, trusted};
use super::*;
use crate::http::Quality;

fn said(flags: &[(&'static str, &str)], environment: &[(&str, &str)], file: &str) -> Said {
    Said {
        flags: flags.iter().map(|(k, v)| (*k, (*v).to_owned())).collect(),
        environment: environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
        file: File::read("deity.toml", file),
    }
}

fn faults(file: &str) -> Vec<String> {
    let faults = Settings::resolve(&said(&[], &[], file)).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    let file = "listen = \"127.0.0.1:1\"\n";
    let env = [("DEITY_LISTEN", "127.0.0.1:2")];
    let flag = [("listen", "127.0.0.1:3")];
    for (said, port, origin) in [
        (said(&[], &[], ""), 8080, "default"),
        (said(&[], &[], file), 1, "file, deity.toml:1"),
        (said(&[], &env, file), 2, "environment, DEITY_LISTEN"),
        (said(&flag, &env, file), 3, "flag"),
    ] {
        let settings = Settings::resolve(&said).unwrap();
        assert_eq!(settings.listen[0].address().unwrap().port(), port);
        assert_eq!(settings.effective[0].origin.to_string(), origin);
    }
}

#[test]
fn every_setting_and_every_limit_is_listed_with_its_default() {
    let settings = Settings::resolve(&Said::default()).unwrap();
    let names: Vec<_> = settings.effective.iter().map(|e| e.name.as_str()).collect();
    let known: Vec<_> = KEYS.iter().map(|key| key.name).collect();
    assert!(known.iter().all(|name| names.contains(name)), "{names:?}");
    assert_eq!(names[0], "listen");
    assert_eq!(names.len(), KEYS.len() + limits::names().count());
    let body = settings
        .effective
        .iter()
        .find(|e| e.name == "limits.body-bytes")
        .unwrap();
    assert_eq!(body.value, "256 KiB");
}

#[test]
fn what_is_shown_can_be_read_again() {
    let settings = Settings::resolve(&Said::default()).unwrap();
    let mut file = String::new();
    for limit in settings
        .effective
        .iter()
        .filter_map(|e| e.name.strip_prefix("limits.").map(|n| (n, &e.value)))
    {
        writeln!(file, "limits.{} = \"{}\"", limit.0, limit.1).unwrap();
    }
    let mut again = Settings::resolve(&said(&[], &[], &file)).unwrap();
    // Who writes them down has set them; the bounds are the same.
    again.http.limits.fixed = settings.http.limits.fixed;
    assert_eq!(
        format!("{:?}", again.http.limits),
        format!("{:?}", settings.http.limits)
    );
}

#[test]
fn limits_are_counts_sizes_and_times() {
    let file = "[limits]\nfields = 20\nbody-bytes = \"64 KiB\"\nidle-time = \"1m 30s\"\n";
    let limits = Settings::resolve(&said(&[], &[], file)).unwrap().http.limits;
    assert_eq!(
        (limits.fields, limits.body_bytes, limits.idle_time.as_secs()),
        (20, 65_536, 90)
    );
}

#[test]
fn all_faults_are_told_at_once_with_line_and_what_would_be_right() {
    let file = "lisen = \"a\"\ndata = 7\n\n[limits]\nfeilds = 3\nidle-time = 5\nfields = -1\norigin = [1]\n";
    assert_eq!(
        faults(file),
        [
            "deity.toml:1:1: there is no setting `lisen`; did you mean `listen`?",
            "deity.toml:5:1: there is no setting `limits.feilds`; did you mean `fields`?",
            "deity.toml:6:13: `5` is no value for `limits.idle-time`; enter a time, such as \"10s\", \"1m 30s\" or \
             \"500ms\"",
            "deity.toml:7:10: `-1` is no value for `limits.fields`; enter a whole number from 1, such as 200",
            "deity.toml:8:1: there is no setting `limits.origin`; there are connections, in-flight, queue-wait, \
             target-bytes, headers, header-bytes, body-bytes, bodies-bytes, fields, name-bytes, header-time, body-time, \
             handler-time, write-time, idle-time, requests, handshake-time, tls-sessions, early-bytes, streams, resets, \
             window-bytes, drain-time",
        ]
    );
    assert_eq!(faults("listen = \n")[0].split(": ").next(), Some("deity.toml:1:10"));
}

#[test]
fn places_are_addresses_with_or_without_tls_and_sockets() {
    let shown = |text: &str| endpoints(text).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
    let listed = "localhost:80, tls::443,unix:/run/deity/http.sock , tls:[::1]:8443";
    let read = [
        "127.0.0.1:80",
        "tls:0.0.0.0:443",
        "unix:/run/deity/http.sock",
        "tls:[::1]:8443",
    ];
    assert_eq!(shown(listed).unwrap(), read);
    for wrong in [
        "",
        ",",
        "127.0.0.1:80,",
        "unix:",
        "tls:",
        "tls:unix:/a",
        "https://a",
        "tls:443",
    ] {
        assert!(endpoints(wrong).is_err(), "{wrong}");
    }
    assert!(
        listen("tls:127.0.0.1:1").is_err() && listen("unix:/a").is_err(),
        "the demo has neither"
    );
    assert_eq!((mode("660"), mode("0600")), (Ok(0o660), Ok(0o600)));
    assert!(mode("rw").is_err() && mode("1777").is_err() && mode("").is_err());
}

#[test]
fn a_certificate_has_its_key_and_tls_has_both() {
    let lacking = |file: &str| faults(file).join("; ");
    assert!(
        lacking("tls-certificate = \"a\"").starts_with("tls-key: `tls-key` is not set, though `tls-certificate` is")
    );
    assert!(lacking("tls-key = \"a\"").starts_with("tls-certificate: "));
    assert!(lacking("listen = \"127.0.0.1:1,tls:127.0.0.1:2\"").contains("though `listen` has a place with `tls:`"));
    let both = "tls-key = \"k\"\ntls-certificate = \"c\"\nlisten = \"tls:127.0.0.1:2\"";
    let files = Settings::resolve(&said(&[], &[], both)).unwrap().tls.unwrap();
    assert_eq!((files.certificate, files.key), ("c".into(), "k".into()));
}

#[test]
fn addresses_and_origins_are_forgiving_and_exact() {
    assert_eq!(listen("localhost:80").unwrap().to_string(), "127.0.0.1:80");
    assert_eq!(listen(":80").unwrap().to_string(), "0.0.0.0:80");
    assert!(listen("8080").is_err() && listen("a:b").is_err() && listen("").is_err());
    assert!(
        "forms.example.org".parse::<http::Origin>().is_err()
            && "https://a?b".parse::<http::Origin>().is_err()
            && "https://".parse::<http::Origin>().is_err()
    );
    assert!("https://Forms.example.org/".parse::<http::Origin>().unwrap().https());
    assert_eq!(trusted("10.0.0.0/8, ::1").unwrap().0.len(), 2);
    assert!(trusted("10.0.0.0/99").is_err());
    assert_eq!(compression("4").unwrap(), Quality::Fixed(4));
    assert!(compression("12").is_err() && compression("").is_err());
}
