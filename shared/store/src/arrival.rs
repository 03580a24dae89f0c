//! Compares the applications of a transaction with the register.

use std::collections::HashMap;

use jiff::Timestamp;
use sportello_domain::{ApplicationId, Outcome, ProtocolNumber, Reason};
use uuid::Uuid;

use crate::contents::{Change, Delivered};
use crate::error::StoreError;
use crate::existing::Existing;
use crate::party::Party;
use crate::registrable::Registrable;
use crate::statements::Inserted;
use crate::verdict::Decision;
use crate::work::{Decided, Work};

/// How a delivered application relates to the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// It was new and is now registered, with a protocol number.
    New,
    /// It was already registered: a redelivery or a retry.
    Again,
    /// It was already registered, but this delivery was received earlier: the earlier instant
    /// counts.
    Earlier,
    /// The register held another content under the same id (the same idempotency key), received
    /// later. This content is now the application; the other is kept as a conflict.
    Replaced,
    /// The register holds another content under the same id, received earlier. This content is kept
    /// whole and never stands.
    Conflict,
}

/// The register's answer for one application of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The application's id.
    pub id: ApplicationId,
    /// How it relates to the register.
    pub arrival: Arrival,
    /// The number of the application that is on the register.
    pub protocol: ProtocolNumber,
    /// Decision on this content: [`Outcome::Conflict`] if another content is the application.
    pub outcome: Outcome,
    /// Reason for the outcome.
    pub reason: Reason,
    /// Instant at which the application on the register was registered.
    pub registered_at: Timestamp,
}

impl<'a> Work<'a> {
    pub(crate) fn registrations(
        &self,
        decided: &Decided<'a>,
        decisions: &HashMap<ApplicationId, (&Party, &Decision)>,
        inserted: &HashMap<Uuid, Inserted>,
    ) -> Result<Vec<Registration>, StoreError> {
        let registration = |sent: &Registrable<'a>| {
            let id = sent.id();
            let vanished = || StoreError::vanished(id);
            let delivered = self.delivered.get(&id).ok_or_else(vanished)?;
            let existing = decided.existing.get(&id);
            let there = existing
                .map(Inserted::of)
                .or_else(|| inserted.get(id.as_uuid()).copied());
            let there = there.ok_or_else(vanished)?;
            let decision = decisions.get(&id).map(|(_, decision)| *decision);
            let decision = decision
                .or(existing.map(|existing| &existing.decision))
                .ok_or_else(vanished)?;
            let arrival = match existing {
                _ if sent.digest().as_bytes() != decided.digest(delivered) => Arrival::Conflict,
                Some(existing) => arrival(sent, existing, decided.changes.get(&id)),
                None => arrival_of_new(sent, delivered),
            };
            let (outcome, reason) = match arrival {
                Arrival::Conflict => (Outcome::Conflict, Reason::KeyReused),
                Arrival::New | Arrival::Again | Arrival::Earlier | Arrival::Replaced => {
                    (decision.verdict.outcome, decision.verdict.reason)
                }
            };
            Ok(Registration {
                id,
                arrival,
                protocol: there.protocol,
                outcome,
                reason,
                registered_at: there.registered_at,
            })
        };
        self.batch.iter().map(registration).collect()
    }
}

/// Returns the arrival of a content that is the application.
fn arrival(sent: &Registrable<'_>, existing: &Existing, change: Option<&Change<'_>>) -> Arrival {
    match change {
        Some(Change::Replaced(content)) if std::ptr::eq(content.application, sent.application) => {
            Arrival::Replaced
        }
        Some(Change::Earlier(_)) if sent.received_at() < existing.received_at => Arrival::Earlier,
        Some(Change::Replaced(_) | Change::Earlier(_)) | None => Arrival::Again,
    }
}

/// Returns the arrival of a content whose id was new, given the content that was inserted.
fn arrival_of_new(sent: &Registrable<'_>, delivered: &Delivered<'_>) -> Arrival {
    if std::ptr::eq(delivered.first.application, sent.application) {
        Arrival::New
    } else {
        Arrival::Again
    }
}
