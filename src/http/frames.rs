//! The frames of HTTP/2, as far as a connection's clock needs them.
//!
//! Owns where one header begins and ends in what a client sends, and what it takes back. hyper tells
//! of a header when it is complete; that one is not yet, or never will be, is seen only here. Must
//! not know what is in it.

/// The preface of a connection, before its first frame.
const PREFACE: usize = 24;
/// The head of a frame: length, type, flags, stream.
const HEAD: usize = 9;

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// Where one is in a stream of frames.
#[derive(Debug)]
pub(super) struct Frames {
    /// Bytes that are nothing to us: of the preface, or of a frame's content.
    skip: usize,
    /// The head of the present frame, as far as it has come.
    head: [u8; HEAD],
    have: usize,
    /// A header has begun and has more frames.
    open: bool,
    /// The content of the last frame of a header is not all there.
    last: bool,
    headers: u64,
    resets: u64,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            skip: PREFACE,
            head: [0; HEAD],
            have: 0,
            open: false,
            last: false,
            headers: 0,
            resets: 0,
        }
    }
}

impl Frames {
    /// Takes note of bytes that have come.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.skip > 0 {
                let some = self.skip.min(bytes.len());
                self.skip -= some;
                bytes = bytes.get(some..).unwrap_or_default();
                continue;
            }
            let some = (HEAD - self.have).min(bytes.len());
            let (now, rest) = bytes.split_at(some);
            if let Some(place) = self.head.get_mut(self.have..self.have + some) {
                place.copy_from_slice(now);
            }
            self.have += some;
            bytes = rest;
            if self.have == HEAD {
                self.have = 0;
                self.begins();
            }
        }
    }

    /// A frame whose head is complete.
    fn begins(&mut self) {
        let [a, b, c, kind, flags, ..] = self.head;
        self.skip = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        self.last = false;
        match kind {
            HEADERS | CONTINUATION => {
                self.headers += u64::from(kind == HEADERS);
                self.open = flags & END_HEADERS == 0;
                self.last = !self.open;
            }
            RESET => self.resets += 1,
            // Where a header has begun no other frame may come; hyper ends the connection.
            _ => {}
        }
    }

    /// Headers that have begun so far.
    pub(super) fn headers(&self) -> u64 {
        self.headers
    }

    /// Frames that took a request back so far, whatever had become of it.
    pub(super) fn resets(&self) -> u64 {
        self.resets
    }

    /// Whether a header has begun that is not complete.
    pub(super) fn unfinished(&self) -> bool {
        self.open || (self.last && self.skip > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, length: u8) -> Vec<u8> {
        let mut frame = vec![0, 0, length, kind, flags, 0, 0, 0, 1];
        frame.resize(HEAD + usize::from(length), 7);
        frame
    }

    #[test]
    fn a_header_is_unfinished_from_its_first_frame_to_the_end_of_its_last() {
        let mut stream = vec![b'x'; PREFACE];
        let quiet = [frame(4, 0, 18), frame(0, 1, 200), frame(6, 0, 8)].concat();
        stream.extend(&quiet);
        let first = stream.len();
        stream.extend(frame(HEADERS, 0, 30));
        stream.extend(frame(CONTINUATION, 0, 0));
        stream.extend(frame(CONTINUATION, END_HEADERS, 5));
        let end = stream.len();
        stream.extend(&quiet);
        // However the bytes are parted.
        for step in [1, 2, 7, 9, 10, 64] {
            let mut frames = Frames::default();
            let mut at = 0;
            for some in stream.chunks(step) {
                frames.pass(some);
                at += some.len();
                let within = at >= first + HEAD && at < end;
                assert_eq!(frames.unfinished(), within, "{step} {at}");
            }
            assert_eq!(frames.headers(), 1);
        }
    }

    #[test]
    fn a_header_in_one_frame_is_complete_with_its_last_byte() {
        let mut frames = Frames::default();
        frames.pass(&[b'x'; PREFACE]);
        let header = frame(HEADERS, END_HEADERS | 1, 40);
        frames.pass(&header[..48]);
        assert!(frames.unfinished());
        frames.pass(&header[48..]);
        assert!(!frames.unfinished());
        frames.pass(&frame(HEADERS, END_HEADERS | 1, 0));
        assert!(!frames.unfinished());
        assert_eq!(frames.headers(), 2);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_alike_however_they_are_parted(
            bytes: Vec<u8>, headers in 0..9_u8, parts in proptest::collection::vec(1..40_usize, 1..40)
        ) {
            let mut stream = vec![0; PREFACE];
            // Some that are frames, so that the others come in places of all kinds.
            stream.extend(frame(HEADERS, headers & END_HEADERS, headers));
            stream.extend(frame(RESET, 0, 4));
            stream.extend(bytes);
            let mut whole = Frames::default();
            whole.pass(&stream);
            let mut parted = Frames::default();
            let mut rest = stream.as_slice();
            for part in parts {
                let (some, more) = rest.split_at(part.min(rest.len()));
                parted.pass(some);
                rest = more;
            }
            parted.pass(rest);
            proptest::prop_assert_eq!(format!("{whole:?}"), format!("{parted:?}"));
            proptest::prop_assert!(whole.headers() >= 1 && whole.resets() >= 1);
        }
    }
}
