//! Which module may name which, and what the pure ones may not touch.

use super::{none, sources};

/// Each module of the library, whether it is pure, and the modules that it may name.
/// `ARCHITECTURE.md` draws the same map.
pub(super) const LAYERS: &[(&str, bool, &[&str])] = &[
    ("id", true, &[]),
    ("cells", true, &[]),
    ("limits", true, &[]),
    ("words", true, &["limits"]),
    ("flow", true, &["id", "limits", "words"]),
    ("machine", true, &["flow", "id", "limits", "words"]),
    ("site", true, &["flow", "limits", "words"]),
    ("texts", true, &["cells", "flow"]),
    (
        "view",
        true,
        &["engine", "flow", "id", "limits", "machine", "site", "words"],
    ),
    ("store", false, &["flow", "id", "limits", "machine"]),
    ("catalog", false, &["flow", "id", "limits", "site"]),
    (
        "engine",
        false,
        &["catalog", "flow", "id", "limits", "machine", "store"],
    ),
    ("effect", false, &["engine", "flow", "id", "limits", "machine", "store"]),
    (
        "http",
        false,
        &["effect", "engine", "flow", "id", "limits", "machine", "site", "view"],
    ),
    (
        "operator",
        false,
        &["catalog", "engine", "flow", "id", "limits", "machine", "store"],
    ),
    ("line", true, &[]),
    (
        "rehearse",
        false,
        &[
            "catalog", "engine", "flow", "http", "id", "limits", "line", "machine", "site", "store",
        ],
    ),
    ("settings", true, &["effect", "http", "limits"]),
    ("demo", false, &[]),
    (
        "cli",
        false,
        &[
            "catalog", "cells", "demo", "effect", "engine", "flow", "http", "id", "limits", "line", "machine",
            "operator", "rehearse", "settings", "site", "store", "texts", "view", "words",
        ],
    ),
];

/// What a pure module may not say: the world outside, its clock, its dice, waiting, printing.
const IMPURE: &[&str] = &[
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "ToSocketAddrs",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "tokio",
    "async fn",
    ".await",
    "getrandom",
    "tracing::",
    "println!",
    "eprintln!",
    "static mut",
    "thread_local!",
];

/// The module that a file belongs to: `src/flow/check.rs` to `flow`, `src/id.rs` to `id`.
fn module(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split(['/', '.']).next().unwrap_or(inner)
}

/// The modules of this crate that a line names: `crate::flow::Text`, `use crate::{flow, id}`.
fn named(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, root) in line.match_indices("crate::") {
        let rest = &line[at + root.len()..];
        let parts = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or(list).split(',').collect(),
            None => vec![rest],
        };
        for part in parts {
            let name: String = part
                .trim()
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            found.push(name);
        }
    }
    found
}

#[test]
fn every_module_is_on_the_map() {
    let strangers: Vec<_> = sources("src", &[".rs"])
        .iter()
        .filter(|file| !["lib", "main"].contains(&module(&file.path)))
        .filter(|file| !LAYERS.iter().any(|(name, ..)| *name == module(&file.path)))
        .map(|file| file.path.clone())
        .collect();
    none("modules that LAYERS (and ARCHITECTURE.md) do not know:", &strangers);
}

#[test]
fn modules_depend_downwards_only() {
    let mut breaches = Vec::new();
    for file in sources("src", &[".rs"]) {
        let Some((own, _, may)) = LAYERS.iter().find(|(name, ..)| *name == module(&file.path)) else {
            continue;
        };
        for (n, line) in file.code() {
            for name in named(line) {
                let known = LAYERS.iter().any(|(module, ..)| *module == name);
                if known && name != *own && !may.contains(&name.as_str()) {
                    breaches.push(format!(
                        "{}:{n}: `{own}` may not name `{name}`: {}",
                        file.path,
                        line.trim()
                    ));
                }
            }
        }
    }
    none("a module names one that it must not know:", &breaches);
}

#[test]
fn pure_modules_touch_nothing_outside() {
    let mut breaches = Vec::new();
    for file in sources("src", &[".rs"]) {
        if !LAYERS
            .iter()
            .any(|(name, pure, _)| *pure && *name == module(&file.path))
        {
            continue;
        }
        for (n, line) in file.code() {
            for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                breaches.push(format!("{}:{n}: `{word}`: {}", file.path, line.trim()));
            }
        }
    }
    none(
        "a pure module reaches outside (time and chance are arguments):",
        &breaches,
    );
}

#[test]
fn the_machine_knows_no_bytes_encodings_or_statuses() {
    let mut breaches = Vec::new();
    for file in sources("src/machine", &[".rs"]) {
        for (n, line) in file.code() {
            for word in [
                "StatusCode",
                "http",
                "html",
                "utf8",
                "base64",
                "hyper",
                "postcard",
                "serde_json",
            ] {
                if line.to_ascii_lowercase().contains(&word.to_ascii_lowercase()) {
                    breaches.push(format!("{}:{n}: `{word}`: {}", file.path, line.trim()));
                }
            }
        }
    }
    none("the machine names what only the shell knows:", &breaches);
}

#[test]
fn only_the_command_line_prints_and_exits() {
    let mut breaches = Vec::new();
    for file in sources("src", &[".rs"]) {
        if ["cli", "main"].contains(&module(&file.path)) {
            continue;
        }
        for (n, line) in file.code() {
            for word in [
                "println!",
                "eprintln!",
                "print!(",
                "stdout()",
                "stderr()",
                "process::exit",
            ] {
                if line.contains(word) {
                    breaches.push(format!("{}:{n}: {}", file.path, line.trim()));
                }
            }
        }
    }
    none("prints or exits outside of `cli` and `main`:", &breaches);
}

#[test]
fn the_rule_reads_every_way_of_naming_a_module() {
    assert_eq!(named("use crate::flow::{Form, Text};"), ["flow"]);
    assert_eq!(named("use crate::{flow, id::ScreenId};"), ["flow", "id"]);
    assert_eq!(
        named("let x = crate::limits::SCREENS + crate::store::X;"),
        ["limits", "store"]
    );
}
