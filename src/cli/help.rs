//! What `--help` teaches behind the flags: examples, and what they stand for.
//!
//! Owns those words. Each example works as it stands; a test runs them.

pub(super) const AFTER: &str = "\
Examples:
  deity                                     serve ./phases on http://127.0.0.1:8080/
  deity serve --listen 0.0.0.0:80 flows     serve other flows to everybody
  deity check                               every fault of ./phases, with file, line and column
  deity rehearse passport-renewal           what it takes over a modem, page by page
  deity sessions list --status ended        what was finished
  deity sessions export > answers.jsonl     finished answers, one JSON object per line

Settings come from flags, else from the environment (DEITY_LISTEN, ...), else from deity.toml,
else from the defaults; `deity settings` shows each with where it came from.

Exit codes: 0 done; 1 it could not be done, or `check` found errors; 2 wrong command line or
settings, nothing was tried.";

pub(super) const SERVE_AFTER: &str = "\
Examples:
  deity serve                               ./phases on http://127.0.0.1:8080/, data in ./data
  deity serve --listen 127.0.0.1:0          a free port; the first line says which
  DEITY_ORIGIN=https://forms.example.org deity serve --listen 127.0.0.1:8080
                                            behind a TLS proxy that passes Host on
  deity serve --listen tls:0.0.0.0:443,127.0.0.1:8080 --tls-certificate cert.pem --tls-key key.pem
                                            TLS for everybody, plain HTTP for this machine
  deity serve --listen unix:/run/deity/http.sock
                                            for a proxy here; its X-Forwarded-For is believed

A flag beats its variable, that beats deity.toml, that beats the default. In deity.toml:
  listen = \"127.0.0.1:8080\"
  data = \"/var/lib/deity\"
  [limits]
  body-bytes = \"256 KiB\"
  idle-time = \"2m\"
`deity settings` lists all of them.

Changed definitions are picked up while it runs; a broken one is reported, and the last good one
goes on. Ctrl-C or SIGTERM answers what is under way and stops; a second one stops at once (safe:
nothing that was answered is lost).";

pub(super) const CHECK_AFTER: &str = "\
Examples:
  deity check                               every file of the phases directory
  deity check phases/passport-renewal.toml  one file
  deity check --json | jq .message          for programs: one JSON object per fault
  deity check --environment                 also what the flows need here and do not find
  deity check --translated                  also what translations lack, and what is stale in them
  deity check --environment --callees 127.0.0.0/8
                                            the same for a server that is started so

Exit code: 0 no errors (warnings may stand), 1 errors.";

pub(super) const WORDS_AFTER: &str = "\
Examples:
  deity words pl > phases/site.pl.toml

Prints a file for words in place of the program's, or for a language in which it has none: each
text behind a #, as the program says it in that language, else in English. Take the # away where
you say it otherwise. What stands in braces is a value, and must stay. deity check tells what
does not fit, and what is still lacking.";

pub(super) const CODEBOOK_AFTER: &str = "\
Examples:
  deity codebook passport-renewal > codebook.csv
  deity codebook phases/household-survey.toml --json | jq -r .as

For who receives exports or what is sent: one row for each value, in the order of the file, with
the lists in whose items it lies, its name in expressions and outside (`as`), label, kind, type,
bounds, options with their values outside, where options come from that the definition does not
list, and what must hold for it to be asked. Labels and conditions are as they are written.
Secrets go nowhere and have no row.";

pub(super) const TEXTS_AFTER: &str = "\
Examples:
  deity texts export passport-renewal --lang fr -o passport-renewal.fr.po
  deity texts export passport-renewal --lang fr -o passport-renewal.fr.csv
  deity texts import passport-renewal.fr.po passport-renewal --lang fr --dry-run
  deity texts import passport-renewal.fr.po passport-renewal --lang fr
  deity texts status                        how far each flow is translated
  deity texts status passport-renewal --missing

What comes back goes into NAME.LANGUAGE.toml beside the flow, and NAME.part.LANGUAGE.toml beside
its parts; what stands there otherwise stays as it is. A text that has other values, conditions or
links than its original is refused, and then nothing is written.";

pub(super) const SESSIONS_AFTER: &str = "\
Examples:
  deity sessions list --flow passport-renewal --limit 20
  deity sessions show K7QXA-4MTP2
  deity sessions export --flow passport-renewal > answers.jsonl
  deity sessions delete K7QXA-4MTP2 --yes

A reference is what a person reads over the telephone; case and hyphens do not matter. Lists are
in the order of references. Secrets are neither shown nor exported.";

pub(super) const EFFECTS_AFTER: &str = "\
Examples:
  deity effects list                        what to see to: open, elsewhere, in doubt, failed
  deity effects list --status in-doubt --json
  deity effects show K7QXA-4MTP2/3          what goes out, under which key, what was heard
  deity effects done K7QXA-4MTP2/3 --save transfer=T-17
  deity effects not-done K7QXA-4MTP2/3
  deity effects retry K7QXA-4MTP2           once more, under the same key
  deity effects seen K7QXA-4MTP2/4          it failed for good, and somebody has seen to it
  deity effects seen --flow table --before 2026-11-29 --dry-run

In doubt is what may have been done or not, and nobody could be asked. Look it up at the callee by
the key (its Idempotency-Key), then say what is true: the person's page goes on by itself. What failed
for good, notices and undos too, stays in the list until it was seen. All of this works on a running
server and on a stopped one.";

pub(super) const CLOCK_AFTER: &str = "\
Examples:
  deity clock                               what a running server takes for the time
  deity clock confirm                       the machine's clock is right, though it has leapt

A clock that leaps by more than an hour, while the server runs or while its machine was off, is not
believed at once: nothing runs out and nothing is dropped for that. It is believed when it has been
steady for `clock-minutes`, or when this says so.";

pub(super) const EXPORT_AFTER: &str = "\
One object per session: reference, flow, status, outcome, steps, began, last, over (RFC 3339,
UTC) and answers by field. Text, dates (ISO 8601) and decimals are strings, whole numbers
numbers, yes/no booleans, money {\"amount\": \"12.50\", \"currency\": \"GBP\"}, several choices
lists; the items of a list objects, each with its key. Only answers that count are exported: no
removed items, and no secrets. Without --status: those that ended.

With --csv: FLOW.csv has a row for each session, FLOW.LIST.csv one for each item, with the session's
reference, the keys of the items that it lies in, its own key and its position. Each file is written
anew.";

#[cfg(feature = "demo")]
pub(super) const LEDGER_AFTER: &str = "\
Examples:
  deity demo ledger                         ./ledger.sqlite on http://127.0.0.1:8090/
  deity demo ledger --listen 127.0.0.1:0    a free port; the first line says which
  GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/accounts deity demo ledger
                                            one request as a web server hands it to a program

Every write has the header Idempotency-Key: the same key again gets the first answer and changes
nothing. As a CGI program (when GATEWAY_INTERFACE is set) it takes the file from DEMO_LEDGER and
the address of the pay pages from DEMO_PAGES. Several processes may share the file.";

#[cfg(feature = "demo")]
pub(super) const AUDIT_AFTER: &str = "\
Examples:
  deity demo audit                          balances, transfers, seats and payments
  deity demo audit --json | jq .sum         for programs: one JSON object

Exit code: 0 everything adds up, 1 it does not.";
