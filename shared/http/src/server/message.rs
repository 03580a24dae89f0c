//! Finds the end of a request among the bytes of its connection.
//!
//! The scan reads framing only: the names of two header fields and the sizes of chunks. It decides
//! nothing else about a request. actix-http also refuses every message that the scan finds
//! malformed.

mod chunks;
mod head;

use chunks::Chunks;
use head::{Framing, Head};

/// One request, followed as its bytes pass.
#[derive(Debug)]
pub(crate) struct Message {
    part: Part,
    head: usize,
}

#[derive(Debug)]
enum Part {
    Head(Head),
    /// This many bytes are missing.
    Length(u64),
    Chunked(Chunks),
    Whole,
    Malformed,
}

/// The result of [`Message::pass`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Bytes that belong to the message.
    pub(crate) bytes: usize,
    /// Bytes of them that the handler will see.
    pub(crate) data: usize,
}

impl Default for Message {
    fn default() -> Self {
        Self {
            part: Part::Head(Head::default()),
            head: 0,
        }
    }
}

impl Message {
    /// Follows the next bytes of the connection up to the end of this message.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> Passed {
        let mut passed = Passed { bytes: 0, data: 0 };
        loop {
            let rest = &bytes[passed.bytes..];
            if rest.is_empty() {
                return passed;
            }
            match &mut self.part {
                Part::Head(head) => {
                    let (length, framing) = head.pass(rest);
                    self.head += length;
                    passed.bytes += length;
                    match framing {
                        None => return passed,
                        Some(framing) => self.part = framing.into(),
                    }
                }
                Part::Length(missing) => {
                    let length =
                        usize::try_from(*missing).map_or(rest.len(), |missing| missing.min(rest.len()));
                    *missing -= length as u64;
                    if *missing == 0 {
                        self.part = Part::Whole;
                    }
                    passed.bytes += length;
                    passed.data += length;
                }
                Part::Chunked(chunks) => {
                    let (of_body, end) = chunks.pass(rest);
                    passed.bytes += of_body.bytes;
                    passed.data += of_body.data;
                    match end {
                        None => {}
                        Some(Ok(())) => self.part = Part::Whole,
                        Some(Err(chunks::Malformed)) => self.part = Part::Malformed,
                    }
                }
                Part::Whole | Part::Malformed => return passed,
            }
        }
    }

    /// Returns the bytes of the head that have passed.
    pub(crate) fn head_length(&self) -> usize {
        self.head
    }

    pub(crate) fn is_in_head(&self) -> bool {
        matches!(self.part, Part::Head(_))
    }

    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.part, Part::Whole)
    }

    /// Whether a chunk is framed in a way that no reader can follow.
    pub(crate) fn is_malformed(&self) -> bool {
        matches!(self.part, Part::Malformed)
    }

    /// Whether more than this many bytes of body may be missing.
    pub(crate) fn lacks_more_than(&self, bytes: u64) -> bool {
        match self.part {
            Part::Length(missing) => missing > bytes,
            Part::Head(_) | Part::Chunked(_) => true,
            Part::Whole | Part::Malformed => false,
        }
    }
}

impl From<Framing> for Part {
    fn from(framing: Framing) -> Self {
        match framing {
            Framing::Length(0) => Self::Whole,
            Framing::Length(length) => Self::Length(length),
            Framing::Chunked => Self::Chunked(Chunks::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message_length(bytes: &[u8]) -> (usize, bool) {
        let mut message = Message::default();
        let passed = message.pass(bytes);
        (passed.bytes, message.is_whole())
    }

    #[test]
    fn a_message_ends_where_its_framing_says_however_its_bytes_arrive() {
        let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let post = "POST / HTTP/1.1\r\nHost: a\r\nCoNtent-length: \t 3 \r\nContent-Type: b\r\n\r\nabc";
        let chunked = "POST / HTTP/1.1\r\nTRANSFER-encoding:chunked\r\n\r\n\
                       1;x=\"y\"\r\na\r\n0A \r\n0123456789\r\n0\r\nT: v\r\n\r\n";
        for (name, message) in [
            ("no body", get),
            ("bare line feeds", "GET / HTTP/1.1\nHost: a\n\n"),
            ("empty lines before", "\r\n\n\r\nGET / HTTP/1.1\r\n\r\n"),
            ("a length", post),
            (
                "a length of nothing",
                "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            ),
            (
                "another field",
                "GET / HTTP/1.1\r\nX-Content-Length: 9\r\nContent-Lengths: 9\r\nContent-Lengt: 9\r\n\r\n",
            ),
            ("chunks", chunked),
            (
                "no trailer",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
            ),
        ] {
            let followed = format!("{message}{get}{post}");
            assert_eq!(
                message_length(followed.as_bytes()),
                (message.len(), true),
                "{name}"
            );
            for cut in 1..message.len() {
                let (first, second) = followed.as_bytes().split_at(cut);
                let mut piecewise = Message::default();
                assert_eq!(piecewise.pass(first).bytes, cut, "{name}, cut at {cut}");
                assert!(!piecewise.is_whole(), "{name}, cut at {cut}");
                assert_eq!(
                    piecewise.pass(second).bytes,
                    message.len() - cut,
                    "{name}, cut at {cut}"
                );
                assert!(piecewise.is_whole(), "{name}, cut at {cut}");
            }
        }
    }

    #[test]
    fn the_data_of_a_body_is_counted_without_its_framing() {
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut message = Message::default();
        assert_eq!(message.pass(head.as_bytes()).data, 0);
        assert!(message.lacks_more_than(u64::MAX));
        let passed = message.pass(b"3\r\nabc\r\n0\r\n\r\nGET");
        assert_eq!(passed, Passed { bytes: 13, data: 3 });
        assert!(!message.lacks_more_than(0));
    }

    #[test]
    fn a_chunk_that_no_reader_can_follow_is_malformed() {
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        for body in [
            "x\r\n",
            "1x\r\n",
            "1\nab",
            "1\r\nabc",
            "1\r\na\rb",
            "fffffffffffffffff\r\n",
            "0\r\n\rx",
            "1;\n",
        ] {
            let mut message = Message::default();
            message.pass(format!("{head}{body}").as_bytes());
            assert!(message.is_malformed(), "{body:?}");
        }
    }
}
