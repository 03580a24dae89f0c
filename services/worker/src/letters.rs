//! What goes to the dead-letter queue, and why.

use sportello_domain::{AcceptedApplication, Channel};
use sportello_queue::{DeadLetter, Poison, PoisonReason, Received};
use sportello_store::Refusal;

/// A dead letter and the kind of its reason, for metrics.
pub(crate) struct Letter {
    pub(crate) kind: &'static str,
    pub(crate) letter: DeadLetter,
}

impl Letter {
    /// What can't be decoded.
    pub(crate) fn undecodable(channel: Channel, poison: &Poison) -> Self {
        let letter = DeadLetter {
            channel,
            envelope: poison.envelope(),
            reason: poison.reason().to_string(),
            id: poison.id(),
        };
        Self {
            kind: kind(poison.reason()),
            letter,
        }
    }

    /// What the database refuses.
    pub(crate) fn refused(channel: Channel, received: &Received, refusal: &Refusal) -> Self {
        let letter = DeadLetter {
            channel,
            envelope: received.envelope(),
            reason: format!("the database refuses it: {refusal}"),
            id: Some(received.application.id),
        };
        Self {
            kind: "refused",
            letter,
        }
    }

    /// What asks for a benefit that the catalogue does not have.
    pub(crate) fn unknown_benefit(channel: Channel, received: &Received) -> Self {
        let AcceptedApplication { id, application, .. } = &received.application;
        let letter = DeadLetter {
            channel,
            envelope: received.envelope(),
            reason: format!("benefit {} is not in the catalogue", application.benefit),
            id: Some(*id),
        };
        Self {
            kind: "unknown_benefit",
            letter,
        }
    }

    /// What asks for a benefit whose applications are not kept any more.
    pub(crate) fn retention_ended(channel: Channel, received: &Received) -> Self {
        let AcceptedApplication { id, application, .. } = &received.application;
        let letter = DeadLetter {
            channel,
            envelope: received.envelope(),
            reason: format!(
                "the retention of benefit {} has ended, so it is not registered",
                application.benefit
            ),
            id: Some(*id),
        };
        Self {
            kind: "retention_ended",
            letter,
        }
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
