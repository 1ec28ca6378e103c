//! What no browser sends: malformed, doubtful, slow, too many. Each ends in a clear answer or in a
//! closed connection, and nobody else notices.

mod flood;
mod framing;
mod fuzz;
