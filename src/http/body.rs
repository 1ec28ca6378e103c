//! The body of a request, as far as it comes.
//!
//! Owns how much of it is read and for how long, and the room that all bodies share. What had come
//! before it was refused is given along: whoever typed it is shown it. Must not know what is in it.

use std::pin::pin;
use std::time::Duration;

use bytes::Buf as _;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::Semaphore;

use super::within;
use crate::limits::Http;
use crate::view::Problem;

/// So much of a body may always be received: more than any form that a person fills in. What goes
/// beyond shares [`Http::bodies_bytes`] with all others.
const FREE: usize = 16 << 10;

/// How long one is read that is announced too large, for what was typed to be shown: on a fast line
/// all of it comes, on a slow one nobody waits for long to hear that it was in vain.
const IN_VAIN: Duration = Duration::from_secs(2);

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All of it came.
    Whole,
    /// It was cut short: fewer bytes than announced, or a cut chunk.
    Cut,
    /// No more of it was read: it is too large, or took too long, or there was no room.
    Refused(Problem),
}

/// Reads a body: at most [`Http::body_bytes`] of it, for [`Http::body_time`]. Memory is taken as bytes
/// come, not as they are announced. One that is announced too large is not asked for
/// (`awaited`: the client waits to be asked), and else read only to be shown again.
pub(super) async fn collect<B>(body: B, awaited: bool, limits: &Http, room: &Semaphore) -> (Vec<u8>, End)
where
    B: Body<Data: Send> + Send,
{
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let in_vain = announced > limits.body_bytes;
    if in_vain && awaited {
        return (Vec::new(), End::Refused(Problem::TooLarge));
    }
    let mut bytes = Vec::with_capacity(announced.min(FREE));
    let (time, late) = if in_vain {
        (limits.body_time.min(IN_VAIN), Problem::TooLarge)
    } else {
        (limits.body_time, Problem::Slow)
    };
    let end = within(time, pin!(read(body, &mut bytes, limits, room))).await;
    match end.unwrap_or(End::Refused(late)) {
        End::Refused(Problem::Busy) if in_vain => (bytes, End::Refused(late)),
        end => (bytes, end),
    }
}

async fn read<B>(body: B, bytes: &mut Vec<u8>, limits: &Http, room: &Semaphore) -> End
where
    B: Body<Data: Send> + Send,
{
    let mut held = None;
    let mut body = pin!(body);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return End::Cut };
        let Ok(mut data) = frame.into_data() else { continue };
        let length = bytes.len() + data.remaining();
        if length > FREE && held.is_none() {
            let most = u32::try_from(limits.body_bytes.min(limits.bodies_bytes)).unwrap_or(u32::MAX);
            let Ok(some) = room.try_acquire_many(most) else {
                return End::Refused(Problem::Busy);
            };
            held = Some(some);
        }
        while data.has_remaining() && bytes.len() < limits.body_bytes {
            let chunk = data.chunk();
            let some = chunk.get(..limits.body_bytes - bytes.len()).unwrap_or(chunk);
            let taken = some.len();
            bytes.extend_from_slice(some);
            data.advance(taken);
        }
        if length > limits.body_bytes {
            return End::Refused(Problem::TooLarge);
        }
    }
    End::Whole
}
