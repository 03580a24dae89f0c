//! The chunks of a body: where they end (RFC 9112, section 7.1).

use super::Passed;

/// A body in chunks, followed as its bytes pass.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    at: At,
    /// The size read so far, then the bytes of the chunk that are missing.
    size: u64,
}

/// The error for a byte that is not allowed in its place.
#[derive(Debug)]
pub(super) struct Malformed;

/// Where in the body the next byte is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    #[default]
    Size,
    /// After the first digit.
    SizeRest,
    /// After the size.
    Blank,
    Extension,
    SizeEnd,
    Data,
    DataReturn,
    DataEnd,
    /// Where a trailer line or the last line begins.
    Last,
    Trailer,
    TrailerEnd,
    LastEnd,
    End,
}

impl Chunks {
    /// Follows the bytes. Returns how many belong to the body, and its end once it is complete or
    /// malformed.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> (Passed, Option<Result<(), Malformed>>) {
        let mut passed = Passed { bytes: 0, data: 0 };
        while let Some(byte) = bytes.get(passed.bytes) {
            if self.at == At::Data {
                let here = bytes.len() - passed.bytes;
                let length = usize::try_from(self.size).map_or(here, |size| size.min(here));
                self.size -= length as u64;
                passed.bytes += length;
                passed.data += length;
                if self.size == 0 {
                    self.at = At::DataReturn;
                }
                continue;
            }
            match self.step(*byte) {
                Ok(at) => self.at = at,
                Err(malformed) => return (passed, Some(Err(malformed))),
            }
            passed.bytes += 1;
            if self.at == At::End {
                return (passed, Some(Ok(())));
            }
        }
        (passed, None)
    }

    fn step(&mut self, byte: u8) -> Result<At, Malformed> {
        Ok(match (self.at, byte) {
            (At::Size | At::SizeRest, b'0'..=b'9') => self.digit(byte - b'0')?,
            (At::Size | At::SizeRest, b'a'..=b'f') => self.digit(byte - b'a' + 10)?,
            (At::Size | At::SizeRest, b'A'..=b'F') => self.digit(byte - b'A' + 10)?,
            (At::SizeRest | At::Blank, b'\t' | b' ') => At::Blank,
            (At::SizeRest | At::Blank, b';') => At::Extension,
            (At::SizeRest | At::Blank | At::Extension, b'\r') => At::SizeEnd,
            (At::Extension, b'\t' | b' '..=b'~' | 0x80..) => At::Extension,
            (At::SizeEnd, b'\n') if self.size == 0 => At::Last,
            (At::SizeEnd, b'\n') => At::Data,
            (At::DataReturn, b'\r') => At::DataEnd,
            (At::DataEnd, b'\n') => At::Size,
            (At::Last, b'\r') => At::LastEnd,
            (At::Trailer, b'\r') => At::TrailerEnd,
            (At::Last | At::Trailer, _) => At::Trailer,
            (At::TrailerEnd, b'\n') => At::Last,
            (At::LastEnd, b'\n') => At::End,
            _ => return Err(Malformed),
        })
    }

    fn digit(&mut self, digit: u8) -> Result<At, Malformed> {
        let size = self.size.checked_mul(16).ok_or(Malformed)?;
        self.size = size + u64::from(digit);
        Ok(At::SizeRest)
    }
}
