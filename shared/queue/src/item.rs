//! The items of an envelope, byte for byte, and the envelope around them.

use std::fmt;
use std::iter::{empty, once};

use bytes::Bytes;

pub(crate) const HEAD: &[u8] = br#"{"version":1,"applications":["#;
pub(crate) const HEAD_WITH_WITHDRAWALS: &[u8] = br#"{"version":2,"applications":["#;
const WITHDRAWALS: &[u8] = br#"],"withdrawals":["#;
const TAIL: &[u8] = b"]}";

/// One element of an envelope, byte for byte, cut out of its message.
#[derive(Clone)]
pub(crate) enum Item {
    /// An application.
    Application(Bytes),
    /// A withdrawal.
    Withdrawal(Bytes),
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Application(item) | Self::Withdrawal(item)) = self;
        write!(f, "Item({} bytes)", item.len())
    }
}

impl Item {
    pub(crate) fn envelope(&self) -> Vec<u8> {
        match self {
            Self::Application(item) => wrap(once(&**item), empty()),
            Self::Withdrawal(item) => wrap(empty(), once(&**item)),
        }
    }
}

/// Writes an envelope around these items, of the lowest version that covers them.
pub(crate) fn wrap<'a>(
    applications: impl Iterator<Item = &'a [u8]> + Clone,
    withdrawals: impl Iterator<Item = &'a [u8]> + Clone,
) -> Vec<u8> {
    let bytes = |bytes: usize, item: &[u8]| bytes + item.len() + 1;
    let items = applications.clone().fold(0, bytes) + withdrawals.clone().fold(0, bytes);
    let around = HEAD.len() + WITHDRAWALS.len() + TAIL.len();
    let mut envelope = Vec::with_capacity(around + items);
    let mut withdrawals = withdrawals.peekable();
    if withdrawals.peek().is_none() {
        envelope.extend_from_slice(HEAD);
        list(&mut envelope, applications);
    } else {
        envelope.extend_from_slice(HEAD_WITH_WITHDRAWALS);
        list(&mut envelope, applications);
        envelope.extend_from_slice(WITHDRAWALS);
        list(&mut envelope, withdrawals);
    }
    envelope.extend_from_slice(TAIL);
    envelope
}

fn list<'a>(envelope: &mut Vec<u8>, items: impl Iterator<Item = &'a [u8]>) {
    for (index, item) in items.enumerate() {
        if index > 0 {
            envelope.push(b',');
        }
        envelope.extend_from_slice(item);
    }
}
