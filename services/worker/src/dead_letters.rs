//! The dead letters and their reasons.

use sportello_domain::{
    AcceptedApplication, ApplicationId, BatchRow, Channel, DeadLetterReason, LetterId, Submitter,
};
use sportello_queue::{DeadLetter, Poison, PoisonReason, Received, ReceivedWithdrawal};
use sportello_store::DeadLetterRow;

use crate::transactions::Fault;

/// A dead letter and its place in a batch.
pub(crate) struct Letter {
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
            code: code(poison.reason()),
            id: poison.id(),
            stamp: poison.letter_stamp(),
            returned_from: None,
        };
        let row = poison
            .batch()
            .and_then(|batch| row(poison.id()?, poison.submitter()?, batch));
        Self { letter, row }
    }

    /// Makes the letter of an application that the database refuses, or can't register in time
    /// while it registers others.
    pub(crate) fn faulty(channel: Channel, received: &Received, fault: &Fault) -> Self {
        let (code, reason) = code_and_reason(fault);
        Self::of(channel, received, code, reason)
    }

    /// Makes the letter of a withdrawal that the database refuses, or can't do in time while it
    /// does others.
    pub(crate) fn not_withdrawn(channel: Channel, received: &ReceivedWithdrawal, fault: &Fault) -> Self {
        let (code, reason) = code_and_reason(fault);
        let letter = DeadLetter {
            channel,
            envelope: received.envelope(),
            reason,
            code,
            id: Some(received.withdrawal.application_id),
            stamp: received.letter_stamp(),
            returned_from: None,
        };
        Self { letter, row: None }
    }

    /// Makes the letter of an application for a benefit that the catalogue lacks.
    pub(crate) fn unknown_benefit(channel: Channel, received: &Received) -> Self {
        let benefit = &received.application.application.benefit;
        let reason = format!("benefit {benefit} is not in the catalogue");
        Self::of(channel, received, DeadLetterReason::UnknownBenefit, reason)
    }

    /// Makes the letter of an application that was never registered, for a benefit past its
    /// retention.
    pub(crate) fn retention_ended(channel: Channel, received: &Received) -> Self {
        let benefit = &received.application.application.benefit;
        let reason = format!("the retention of benefit {benefit} has ended, so it is not registered");
        Self::of(channel, received, DeadLetterReason::RetentionEnded, reason)
    }

    /// Says which letter was sent again and comes back as this one.
    pub(crate) fn returned_from(self, before: Option<LetterId>) -> Self {
        let letter = DeadLetter {
            returned_from: before,
            ..self.letter
        };
        Self { letter, ..self }
    }

    fn of(channel: Channel, received: &Received, code: DeadLetterReason, reason: String) -> Self {
        let AcceptedApplication {
            id, submitter, batch, ..
        } = &received.application;
        let letter = DeadLetter {
            channel,
            envelope: received.envelope(),
            reason,
            code,
            id: Some(*id),
            stamp: received.letter_stamp(),
            returned_from: None,
        };
        Self {
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

fn code_and_reason(fault: &Fault) -> (DeadLetterReason, String) {
    match fault {
        Fault::Refused(refusal) => {
            let reason = format!("the database refuses it: {refusal}");
            (DeadLetterReason::Refused, reason)
        }
        Fault::Slow => {
            let reason = "the database can't register it in time".into();
            (DeadLetterReason::Slow, reason)
        }
    }
}

fn code(reason: &PoisonReason) -> DeadLetterReason {
    match reason {
        PoisonReason::Envelope { .. } => DeadLetterReason::Envelope,
        PoisonReason::UnknownVersion(_) => DeadLetterReason::UnknownVersion,
        PoisonReason::Frame { .. } => DeadLetterReason::Frame,
        PoisonReason::Submitter => DeadLetterReason::Submitter,
        PoisonReason::DigestMismatch => DeadLetterReason::DigestMismatch,
        PoisonReason::Content { .. } => DeadLetterReason::Content,
    }
}
