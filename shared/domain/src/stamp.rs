//! The number of a message, by which the ledger knows it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::submitter::Channel;

/// One start of a publisher: 64 random bits, so that each start counts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ProcessId(u64);

impl ProcessId {
    /// Draws a new one.
    #[must_use]
    pub fn random() -> Self {
        // the halves of a random UUID have their few fixed bits at different places
        let (high, low) = Uuid::new_v4().as_u64_pair();
        Self(high ^ low)
    }

    /// Returns the bits as the database keeps them.
    #[must_use]
    pub fn to_bits(self) -> i64 {
        self.0.cast_signed()
    }

    /// Reads the database's form.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        Self(bits.cast_unsigned())
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<ProcessId> for String {
    fn from(process: ProcessId) -> Self {
        process.to_string()
    }
}

impl TryFrom<String> for ProcessId {
    type Error = StampError;
    fn try_from(text: String) -> Result<Self, StampError> {
        text.parse()
    }
}

impl FromStr for ProcessId {
    type Err = StampError;
    fn from_str(text: &str) -> Result<Self, StampError> {
        let is_hex = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let bits = is_hex.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        bits.map(Self).ok_or(StampError)
    }
}

/// Not the number of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not of the form process.number, with 16 hexadecimal digits and a number")]
pub struct StampError;

/// The number of a message: which process sent it, to which channel, as its how many-th.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The publisher's start.
    pub process: ProcessId,
    /// The channel that the process sent it to.
    pub channel: Channel,
    /// Counts the messages of the process and channel, from 0.
    pub number: u64,
}

impl Stamp {
    /// Returns the AMQP `message_id` of the message: `process.number`.
    #[must_use]
    pub fn message_id(&self) -> String {
        format!("{}.{}", self.process, self.number)
    }

    /// Reads the `message_id` of a message of this channel.
    ///
    /// # Errors
    /// [`StampError`].
    pub fn parse(channel: Channel, message_id: &str) -> Result<Self, StampError> {
        let (process, number) = message_id.split_once('.').ok_or(StampError)?;
        Ok(Self {
            process: process.parse()?,
            channel,
            number: digits(number)?,
        })
    }
}

/// The number of a dead letter: its message's, and its place in that message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LetterStamp {
    /// The message that it was in.
    pub message: Stamp,
    /// Its place among the applications of the message, from 0; `None` for a message that is dead
    /// as a whole.
    pub item: Option<u32>,
}

impl LetterStamp {
    /// Returns the AMQP `message_id` of the letter: `process.number.item`, or that of the message.
    #[must_use]
    pub fn message_id(&self) -> String {
        let message = self.message.message_id();
        self.item
            .map_or(message.clone(), |item| format!("{message}.{item}"))
    }

    /// Reads the `message_id` of a dead letter.
    ///
    /// # Errors
    /// [`StampError`].
    pub fn parse(channel: Channel, message_id: &str) -> Result<Self, StampError> {
        let (message, item) = match message_id.rsplit_once('.') {
            Some((message, item)) if message.contains('.') => (message, Some(digits(item)?)),
            _ => (message_id, None),
        };
        let item = item.map(|item| u32::try_from(item).map_err(|_| StampError));
        Ok(Self {
            message: Stamp::parse(channel, message)?,
            item: item.transpose()?,
        })
    }
}

/// Reads a number that [`fmt::Display`] wrote: digits alone, small enough for the database.
fn digits(text: &str) -> Result<u64, StampError> {
    let number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok());
    let number: Option<u64> = number.flatten();
    number
        .filter(|number| i64::try_from(*number).is_ok())
        .ok_or(StampError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_as_it_is_written() {
        let message = Stamp {
            process: ProcessId::from_bits(-2),
            channel: Channel::Citizen,
            number: 17,
        };
        assert_eq!(message.message_id(), "fffffffffffffffe.17");
        assert_eq!(Stamp::parse(Channel::Citizen, "fffffffffffffffe.17"), Ok(message));
        for item in [None, Some(0), Some(63)] {
            let letter = LetterStamp { message, item };
            assert_eq!(
                LetterStamp::parse(Channel::Citizen, &letter.message_id()),
                Ok(letter)
            );
        }
    }

    #[test]
    fn anything_else_is_no_stamp() {
        let not = [
            "",
            ".",
            "17",
            "fffffffffffffffe",
            "fffffffffffffffe.",
            "fffffffffffffffe.+1",
            "FFFFFFFFFFFFFFFE.1",
        ];
        for text in not.into_iter().chain([
            "fffffffffffffffe.9223372036854775808",
            "fe.1",
            "fffffffffffffffe.1.x",
        ]) {
            assert_eq!(
                LetterStamp::parse(Channel::Citizen, text),
                Err(StampError),
                "{text}"
            );
        }
    }

    #[test]
    fn two_starts_differ() {
        assert_ne!(ProcessId::random(), ProcessId::random());
    }
}
