//! The head of a request: where it ends, and how its body is framed (RFC 9112, sections 2.2 and 6).

const CONTENT_LENGTH: &[u8] = b"content-length";
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding";

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
}

/// A head, followed as its bytes pass.
#[derive(Debug)]
pub(super) struct Head {
    at: At,
    length: u64,
    is_chunked: bool,
}

/// Where in the head the next byte is.
#[derive(Debug, Clone, Copy)]
enum At {
    /// Before the first line.
    Start,
    LineStart,
    /// After a carriage return that began a line.
    Return,
    /// In a name that matches one of the two fields up to this many bytes.
    Name(usize, Field),
    Length,
    /// In the rest of a line, which does not matter.
    Rest,
}

#[derive(Debug, Clone, Copy)]
enum Field {
    ContentLength,
    TransferEncoding,
}

impl Field {
    fn name(self) -> &'static [u8] {
        match self {
            Self::ContentLength => CONTENT_LENGTH,
            Self::TransferEncoding => TRANSFER_ENCODING,
        }
    }
}

impl Default for Head {
    fn default() -> Self {
        Self {
            at: At::Start,
            length: 0,
            is_chunked: false,
        }
    }
}

impl Head {
    /// Follows the bytes up to the blank line. Returns how many belong to the head, and the framing
    /// once the head is complete.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> (usize, Option<Framing>) {
        let mut next = 0;
        while let Some(byte) = bytes.get(next) {
            if let At::Rest = self.at {
                let Some(end) = memchr::memchr(b'\n', &bytes[next..]) else {
                    return (bytes.len(), None);
                };
                next += end + 1;
                self.at = At::LineStart;
                continue;
            }
            next += 1;
            let Some(at) = self.step(*byte) else {
                return (next, Some(self.framing()));
            };
            self.at = at;
        }
        (next, None)
    }

    /// Returns the next state; `None` after the blank line.
    fn step(&mut self, byte: u8) -> Option<At> {
        Some(match (self.at, byte) {
            (At::Start, b'\r' | b'\n') => At::Start,
            (At::LineStart | At::Return, b'\n') => return None,
            (At::LineStart, b'\r') => At::Return,
            (At::LineStart, b'c' | b'C') => At::Name(1, Field::ContentLength),
            (At::LineStart, b't' | b'T') => At::Name(1, Field::TransferEncoding),
            (_, b'\n') => At::LineStart,
            (At::Name(length, field), b':') if length == field.name().len() => self.found(field),
            (At::Name(length, field), byte)
                if field.name().get(length) == Some(&byte.to_ascii_lowercase()) =>
            {
                At::Name(length + 1, field)
            }
            (At::Length, b'0'..=b'9') => {
                let digit = u64::from(byte - b'0');
                self.length = self.length.saturating_mul(10).saturating_add(digit);
                At::Length
            }
            // the parser refuses a value that is not a number
            (At::Length, _) => At::Length,
            (At::Start | At::LineStart | At::Return | At::Name(..) | At::Rest, _) => At::Rest,
        })
    }

    fn found(&mut self, field: Field) -> At {
        match field {
            Field::ContentLength => At::Length,
            Field::TransferEncoding => {
                self.is_chunked = true;
                At::Rest
            }
        }
    }

    fn framing(&self) -> Framing {
        if self.is_chunked {
            Framing::Chunked
        } else {
            Framing::Length(self.length)
        }
    }
}
