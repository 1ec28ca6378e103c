//! Slow lines: the real server and real sockets, and between them an emulator of our own that does
//! to packets what a line does ([`way`], [`emulator`]), in two networks of their own ([`place`],
//! [`net`]).
//!
//! Needs root, or a user namespace, and `/dev/net/tun`: left out of plain `cargo test`, run by
//! `tests/run`.

mod bare;
mod crowd;
mod cuts;
mod emulator;
mod grant;
mod lynx;
mod net;
mod packet;
mod packets;
mod place;
mod profile;
mod walk;
mod way;
mod whole;
