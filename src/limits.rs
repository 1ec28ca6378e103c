//! Every bound, with its default, in one table.
//!
//! Owns the numbers and their units. Must not know who keeps them. Sources: the contract, and
//! section 4 of the reliability and security notes (ARCHITECTURE.md, "Limits").

use std::time::Duration;

/// Steps whose outcomes are kept per session, besides those of each screen on the path.
pub const OUTCOMES_KEPT: usize = 64;
/// Journal entries kept per session before the older ones are folded into a count.
pub const JOURNAL_KEPT: usize = 64;
/// One session's record in bytes, all parts together; reaching it is a 422 in words.
pub const SESSION_BYTES: usize = 256 << 10;
/// The same once an effect is settled: what a callee says always finds room, and the person's next
/// phase does not.
pub const SETTLED_BYTES: usize = 448 << 10;
/// Any record of the store in bytes.
pub const RECORD_BYTES: usize = 512 << 10;
/// How long a start ticket is good.
pub const TICKET_SECONDS: u64 = 2 * 60 * 60;
/// So long after its end a session's ids open the whole receipt; then the short one: what, when,
/// reference, outcome.
pub const RECEIPT_SECONDS: i64 = 20 * 60 * 60;
/// How long a tombstone (that a session was, and how it ended) outlives its answers.
pub const TOMBSTONE_SECONDS: i64 = 30 * 24 * 60 * 60;
/// How often a phase is decided anew after it lost a compare-and-swap.
pub const CAS_ATTEMPTS: usize = 128;

/// So long after its first press a return URL may be pressed again: a lost reply, another address.
pub const RETURN_AGAIN_SECONDS: i64 = 600;

/// So long an answer waits for the effect that it asked for.
pub const EFFECT_WAIT: Duration = Duration::from_secs(3);
/// Askings of effects that a session remembers; open ones and those in doubt beside.
pub const ASKINGS_KEPT: usize = 64;
/// Options of which a look-up remembers the words though they are offered no more.
pub const WORDS_KEPT: usize = 16;
/// Options of a list before that a look-up remembers because the next one did not have them just so.
pub const GONE_KEPT: usize = 8;
/// Values of before that a look-up remembers under a name, beside the last one.
pub const BROUGHT_KEPT: usize = 3;
/// Bytes of answers that the journal copies where they count no more; each is kept with its screen anyway.
pub const LOST_BYTES: usize = 4 << 10;
/// Characters of what people read of an asking.
pub const LABEL_CHARS: usize = 200;
/// Tries of one asking.
pub const TRIES: u16 = 200;
/// Tries that surely did nothing, where the author allows no further ones.
pub const SURE_TRIES: u16 = 3;
/// How long a callee that is known to be down is waited for, where the author allows no longer.
pub const REACH_SECONDS: i64 = 60;
/// Questions whether it was done, before somebody must look at it.
pub const PROBES: u16 = 8;
/// Characters of a callee's value that stands in an address or a header.
pub const PLACED_CHARS: usize = 200;
/// What is kept of a program's standard error: its end.
pub const STDERR_BYTES: usize = 2 << 10;
/// The longest pause between two tries, where the callee asks for none.
pub const PAUSE_SECONDS: i64 = 300;
/// The longest pause that a callee may ask for.
pub const ASKED_PAUSE: i64 = 24 * 60 * 60;
/// The longest pause between [`SURE_TRIES`].
pub const SURE_PAUSE: i64 = 5;
/// How often is asked what came of a hand-off.
pub const POLL_SECONDS: i64 = 15;
/// How long after its limit somebody may still come back from a hand-off.
pub const RETURN_SECONDS: i64 = 24 * 60 * 60;
/// How much longer than its try a lease lasts.
pub const LEASE_SECONDS: i64 = 15;
/// A callee's answer; more of it is cut off, and then it is none.
pub const REPLY_BYTES: usize = 64 << 10;
/// What is saved of one answer.
pub const SAVED_BYTES: usize = 32 << 10;
/// A text of it. A longer one is no value: half a token is worse than none.
pub const SAVED_TEXT_BYTES: usize = 4 << 10;

/// A definition file in bytes.
pub const DEFINITION_BYTES: usize = 1 << 20;
/// A definition with its parts, in bytes.
pub const BUNDLE_BYTES: usize = 2 << 20;
/// Parts that a definition includes.
pub const PARTS: usize = 50;
/// Other languages than its own that a flow has texts in.
pub const TRANSLATIONS: usize = 30;
/// A file of translated texts that comes back, in bytes.
pub const TEXTS_BYTES: usize = 4 << 20;
/// Definition files of a catalog.
pub const DEFINITIONS: usize = 1_000;
/// Languages whose words are kept ready, of all definitions and words of an office that were ever read. In
/// others pages speak English.
pub const LANGUAGES: usize = 1_000;
/// Languages in which an office says what it is, beside its first.
pub const TONGUES: usize = 50;
/// Characters of one text that an office says in place of the program's.
pub const WORDS_CHARS: usize = 1_000;
/// Walks of one file.
pub const WALKS: usize = 200;
/// Steps of one walk.
pub const WALK_STEPS: usize = 1_000;
/// Faults of one definition that are told at once.
pub const DIAGNOSTICS: usize = 200;
/// Characters of the name of a flow, screen, field, action or option.
pub const NAME_CHARS: usize = 40;
/// Fields of a flow.
pub const FIELDS: usize = 2_000;
/// Actions of a screen.
pub const ACTIONS: usize = 20;
/// Branches of an action.
pub const BRANCHES: usize = 100;
/// Rules of a screen.
pub const RULES: usize = 50;
/// The longest that a session may be allowed to live, in days.
pub const TOTAL_DAYS: i64 = 366;
/// The longest that answers may be kept after the end, in days.
pub const KEEP_DAYS: i64 = 3_660;
/// Effects of a flow.
pub const EFFECTS: usize = 100;
/// Of an effect: entries of `send`, `save`, `headers` and `env`, hosts, words of `run`, each.
pub const ENTRIES: usize = 100;
/// Effects that an action calls, or a screen loads.
pub const CALLS: usize = 10;
/// The longest that an effect may be tried again, or waited for elsewhere, in days.
pub const RETRY_DAYS: i64 = 7;
/// Callings of fragments and uses of groups in a flow, those in each other counted.
pub const FRAMES: usize = 300;
/// What expressions and texts come to in all frames of a flow, in bytes.
pub const EXPANDED_BYTES: usize = 4 << 20;
/// Screens of a flow.
pub const SCREENS: usize = 500;
/// Items of a list.
pub const LIST_ITEMS: u32 = 500;
/// Items of a list, where its author says nothing.
pub const LIST_ITEMS_USUAL: u32 = 100;
/// Lists in lists.
pub const LIST_DEPTH: usize = 3;
/// Strands in strands: lists in lists, and a task around them.
pub const STRAND_DEPTH: usize = LIST_DEPTH + 1;
/// Items of one list that were added and not begun: of more, the oldest go.
pub const EMPTY_ITEMS: usize = 8;
/// Fields and text blocks of a screen.
pub const ITEMS: usize = 200;
/// Fields of a form, whatever the flow.
pub const FORM_FIELDS: usize = 2_000;
/// Bytes of a form, whatever the flow: three signs for each of the bytes that a session may hold.
pub const FORM_BYTES: usize = 3 * SESSION_BYTES;
/// Options of a choice.
pub const OPTIONS: usize = 1_000;
/// Rows of a list in a file of its own.
pub const LIST_ROWS: usize = 10_000;
/// Columns of one.
pub const LIST_COLUMNS: usize = 20;
/// Bytes of one.
pub const LIST_BYTES: usize = 4 << 20;
/// Lists that a definition draws from.
pub const LISTS: usize = 20;
/// Slow hashes of secrets that wait for their turn; more are refused.
pub const HASHES_WAIT: usize = 64;
/// Of such a hash: KiB of memory (OWASP ASVS 5.0, appendix C).
pub const HASH_MEMORY: u32 = 46 << 10;
/// ... and so many passes over it.
pub const HASH_PASSES: u32 = 1;
/// ... at most, as a record may say.
pub const HASH_MEMORY_MOST: u32 = 64 << 10;
/// ... and passes.
pub const HASH_PASSES_MOST: u32 = 4;
/// A secret that is guessed by so many tries is refused: the commonest ones, and what is like them.
pub const COMMON_GUESSES: u64 = 30_000;
/// A secret that is chosen to come back with has at least, and at most, so many characters.
pub const SECRET_CHARS: (usize, usize) = (8, 128);
/// Wrong tries of a return code in a row after which each next one has to wait, and in all after which it is dead.
pub const WRONG_TRIES: (u32, u32) = (5, 50);
/// Options that a page offers at once; of more, what is typed finds some.
pub const OFFERED: usize = 200;
/// Of what was typed, so many that are found are offered.
pub const FOUND: usize = 50;
/// Bytes of an expression.
pub const EXPR_BYTES: usize = 16 << 10;
/// Nodes of an expression.
pub const EXPR_NODES: usize = 1_000;
/// Depth of an expression.
pub const EXPR_DEPTH: usize = 32;
/// Loops over lists in each other, not counted those over a list of the item that the one around is at.
pub const EXPR_LOOPS: usize = 2;
/// Bytes of a rendered text.
pub const TEXT_BYTES: usize = 64 << 10;
/// Bytes of a pattern as written.
pub const PATTERN_SOURCE_BYTES: usize = 4 << 10;
/// Bytes of a compiled pattern.
pub const PATTERN_BYTES: usize = 64 << 10;
/// The most characters of an answer that an author may allow.
pub const ANSWER_CHARS: u32 = 10_000;
/// Characters of a one-line answer where the author sets no bound.
pub const LINE_CHARS: u32 = 500;
/// Characters of a several-line answer where the author sets no bound.
pub const LINES_CHARS: u32 = 5_000;

/// Characters of what an office says of itself in a line: its name, a telephone number, a label.
pub const OFFICE_CHARS: usize = 100;
/// Characters of what the index says of a flow.
pub const SUMMARY_CHARS: usize = 200;
/// Characters of a notice, of the banner, and of why nothing can be started.
pub const NOTICE_CHARS: usize = 400;
/// Links at the foot of a page.
pub const LINKS: usize = 8;
/// Bytes of an address elsewhere.
pub const ADDRESS_BYTES: usize = 2_000;
/// Groups of the index.
pub const GROUPS: usize = 100;
/// Bytes of the office's mark, packed.
pub const MARK_BYTES: usize = 250;
/// Bytes of the office's mark as written.
pub const MARK_SOURCE_BYTES: usize = 4 << 10;
/// Parts of the office's mark: its elements, and the spaces between them.
pub const MARK_ELEMENTS: usize = 100;
/// Pages of the site's own.
pub const ARTICLES: usize = 100;
/// Bytes of one of them.
pub const ARTICLE_BYTES: usize = 64 << 10;

/// A page with its header: one packet, even through a tunnel.
pub const PACKET_BYTES: usize = 1_340;
/// Connections that the system keeps for us until they are accepted.
pub const BACKLOG: u32 = 4_096;
/// Connections with data in their first packet (TCP Fast Open) that are not yet confirmed.
pub const FAST_OPENS: usize = 256;
/// A file of certificates or of a key, in bytes.
pub const PEM_BYTES: u64 = 1 << 20;
/// A frame of HTTP/2: as small as its largest may be by RFC 9113.
pub const FRAME_BYTES: u32 = 16 << 10;

/// Which bounds of a form an operator set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// `body-bytes`.
    pub body_bytes: bool,
    /// `fields`.
    pub fields: bool,
}

/// The bounds of the HTTP server.
#[derive(Clone, Debug)]
pub struct Http {
    /// Open connections; when full, the oldest that has not finished its header goes first.
    pub connections: usize,
    /// Requests that are being answered at once.
    pub in_flight: usize,
    /// How long a request may wait for its turn: then 503.
    pub queue_wait: Duration,
    /// The request target in bytes: 414.
    pub target_bytes: usize,
    /// Header fields: 431.
    pub headers: usize,
    /// The header in bytes: 431.
    pub header_bytes: usize,
    /// The body in bytes: 413.
    pub body_bytes: usize,
    /// All bodies that are being received, in bytes, the first 16 KiB of each not counted: 503.
    pub bodies_bytes: usize,
    /// Fields in a body: 413.
    pub fields: usize,
    /// `fields` and `body_bytes` are the operator's word; else they grow to what the flows need.
    pub fixed: Fixed,
    /// A field's name in bytes: 400. Its value is bounded by what the field is: 422.
    pub name_bytes: usize,
    /// From the connection (or the last answer's next byte) to the end of the header.
    pub header_time: Duration,
    /// From the end of the header to the end of the body: 408.
    pub body_time: Duration,
    /// For the answer to be made: 503.
    pub handler_time: Duration,
    /// Without a byte of the answer being taken.
    pub write_time: Duration,
    /// Between two requests on one connection.
    pub idle_time: Duration,
    /// Requests on one connection.
    pub requests: usize,
    /// For a TLS handshake, also of one that goes on while its first request is answered.
    pub handshake_time: Duration,
    /// TLS sessions that may be resumed, the newest of all clients together.
    pub tls_sessions: usize,
    /// What a client may send before its TLS handshake is finished (0-RTT), in bytes.
    pub early_bytes: usize,
    /// Requests at once on one connection of HTTP/2: a further one is refused.
    pub streams: usize,
    /// Frames by which one connection of HTTP/2 may take requests back (`RST_STREAM`), whatever has
    /// become of these; also requests that it may spoil. At one more it is closed.
    pub resets: usize,
    /// What a client may send ahead of its being read, on a connection of HTTP/2, in bytes.
    pub window_bytes: usize,
    /// For the drain after SIGTERM.
    pub drain_time: Duration,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            connections: 16_384,
            in_flight: 512,
            queue_wait: Duration::from_secs(1),
            target_bytes: 8 << 10,
            headers: 64,
            header_bytes: 32 << 10,
            body_bytes: 256 << 10,
            bodies_bytes: 64 << 20,
            fields: 200,
            fixed: Fixed::default(),
            name_bytes: 64,
            header_time: Duration::from_secs(10),
            body_time: Duration::from_secs(20),
            handler_time: Duration::from_secs(10),
            write_time: Duration::from_secs(20),
            idle_time: Duration::from_mins(2),
            requests: 1_000,
            handshake_time: Duration::from_secs(20),
            tls_sessions: 16_384,
            early_bytes: 16 << 10,
            streams: 32,
            resets: 100,
            // What RFC 9113 has where nobody says anything: saying nothing costs no bytes.
            window_bytes: 65_535,
            drain_time: Duration::from_secs(10),
        }
    }
}
