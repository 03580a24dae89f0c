//! The dead letters and their reasons.

use sportello_domain::{AcceptedApplication, ApplicationId, BatchRow, Channel, Submitter};
use sportello_queue::{DeadLetter, Poison, PoisonReason, Received, ReceivedWithdrawal};
use sportello_store::DeadLetterRow;

use crate::transactions::Fault;

/// A dead letter and the kind of its reason, for metrics.
pub(crate) struct Letter {
    pub(crate) kind: &'static str,
    pub(crate) letter: DeadLetter,
    /// Its place in a batch.
    pub(crate) row: Option<DeadLetterRow>,
}

impl Letter {
    /// Makes the letter of an item that can't be decoded.
    pub(crate) fn undecodable(channel: Channel, poison: &Poison) -> Self {
        let letter = DeadLetter {
            channel,
            envelope: poison.envelope(),
            reason: poison.reason().to_string(),
            id: poison.id(),
            stamp: poison.letter_stamp(),
        };
        let row = poison
            .batch()
            .and_then(|batch| row(poison.id()?, poison.submitter()?, batch));
        Self {
            kind: kind(poison.reason()),
            letter,
            row,
        }
    }

    /// Makes the letter of an application that the database refuses, or can't register in time
    /// while it registers others.
    pub(crate) fn faulty(channel: Channel, received: &Received, fault: &Fault) -> Self {
        let (kind, reason) = kind_and_reason(fault);
        Self::of(channel, received, kind, reason)
    }

    /// Makes the letter of a withdrawal that the database refuses, or can't do in time while it
    /// does others.
    pub(crate) fn not_withdrawn(channel: Channel, received: &ReceivedWithdrawal, fault: &Fault) -> Self {
        let (kind, reason) = kind_and_reason(fault);
        let letter = DeadLetter {
            channel,
            envelope: received.envelope(),
            reason,
            id: Some(received.withdrawal.application_id),
            stamp: received.letter_stamp(),
        };
        Self {
            kind,
            letter,
            row: None,
        }
    }

    /// Makes the letter of an application for a benefit that the catalogue lacks.
    pub(crate) fn unknown_benefit(channel: Channel, received: &Received) -> Self {
        let benefit = &received.application.application.benefit;
        let reason = format!("benefit {benefit} is not in the catalogue");
        Self::of(channel, received, "unknown_benefit", reason)
    }

    /// Makes the letter of an application that was never registered, for a benefit past its
    /// retention.
    pub(crate) fn retention_ended(channel: Channel, received: &Received) -> Self {
        let benefit = &received.application.application.benefit;
        let reason = format!("the retention of benefit {benefit} has ended, so it is not registered");
        Self::of(channel, received, "retention_ended", reason)
    }

    fn of(channel: Channel, received: &Received, kind: &'static str, reason: String) -> Self {
        let AcceptedApplication {
            id, submitter, batch, ..
        } = &received.application;
        let letter = DeadLetter {
            channel,
            envelope: received.envelope(),
            reason,
            id: Some(*id),
            stamp: received.letter_stamp(),
        };
        Self {
            kind,
            letter,
            row: batch.and_then(|batch| row(*id, submitter, batch)),
        }
    }
}

/// Returns the row; only intermediaries send batches.
fn row(application: ApplicationId, submitter: &Submitter, batch: BatchRow) -> Option<DeadLetterRow> {
    match submitter {
        Submitter::Intermediary(organisation) => Some(DeadLetterRow {
            batch,
            application,
            submitter: organisation.clone(),
        }),
        Submitter::Citizen(_) => None,
    }
}

fn kind_and_reason(fault: &Fault) -> (&'static str, String) {
    match fault {
        Fault::Refused(refusal) => ("refused", format!("the database refuses it: {refusal}")),
        Fault::Slow => ("slow", "the database can't register it in time".into()),
    }
}

fn kind(reason: &PoisonReason) -> &'static str {
    match reason {
        PoisonReason::Envelope { .. } => "envelope",
        PoisonReason::UnknownVersion(_) => "unknown_version",
        PoisonReason::Frame { .. } => "frame",
        PoisonReason::Submitter => "submitter",
        PoisonReason::DigestMismatch => "digest_mismatch",
        PoisonReason::Content { .. } => "content",
    }
}
