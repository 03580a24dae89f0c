//! A withdrawal in an envelope.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sportello_domain::{ApplicationId, Channel, LetterStamp, Withdrawal};

use super::submitter;
use crate::item::Item;
use crate::place::Place;
use crate::poison::{Frame, Poison, PoisonReason};

/// A withdrawal as it was found in an envelope.
#[derive(Debug, Clone)]
pub struct ReceivedWithdrawal {
    /// The withdrawal.
    pub withdrawal: Withdrawal,
    pub(super) place: Place,
    pub(super) item: Item,
}

impl ReceivedWithdrawal {
    /// Returns an envelope with this withdrawal alone, for the dead-letter queue if it fails later
    /// on.
    #[must_use]
    pub fn envelope(&self) -> Vec<u8> {
        self.item.envelope()
    }

    /// Returns the number of its dead letter, where its message has a number.
    #[must_use]
    pub fn letter_stamp(&self) -> Option<LetterStamp> {
        self.place.letter()
    }
}

#[derive(Serialize)]
pub(super) struct WithdrawalOut<'a> {
    pub(super) id: ApplicationId,
    pub(super) channel: Channel,
    pub(super) by: &'a str,
    pub(super) requested_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) traceparent: Option<&'a str>,
}

#[derive(Deserialize)]
pub(super) struct WithdrawalIn<'a> {
    pub(super) id: ApplicationId,
    pub(super) channel: Channel,
    #[serde(borrow)]
    pub(super) by: Cow<'a, str>,
    pub(super) requested_at: Timestamp,
    #[serde(default)]
    pub(super) traceparent: Option<String>,
}

pub(super) fn decode(item: Item, json: &str) -> Result<ReceivedWithdrawal, Poison> {
    let raw: WithdrawalIn<'_> = match serde_json::from_str(json) {
        Ok(raw) => raw,
        Err(error) => return Err(Poison::item(item, None, PoisonReason::item(&error))),
    };
    match submitter(raw.channel, &raw.by) {
        Some(by) => Ok(ReceivedWithdrawal {
            withdrawal: Withdrawal {
                application_id: raw.id,
                by,
                requested_at: raw.requested_at,
            },
            place: Place::default(),
            item,
        }),
        None => {
            let frame = Frame {
                id: raw.id,
                submitter: None,
                batch: None,
            };
            Err(Poison::item(item, Some(frame), PoisonReason::Submitter))
        }
    }
}
