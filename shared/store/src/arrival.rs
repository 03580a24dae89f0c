//! How the applications of a batch stand to the register.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sportello_domain::{ApplicationId, Outcome, ProtocolNumber, Reason};
use uuid::Uuid;

use crate::batch::Registrable;
use crate::decision::{Decision, Party};
use crate::error::StoreError;
use crate::known::Known;
use crate::register::Work;
use crate::statements::Inserted;

/// How an application of a batch stands to the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// It was not there: it is now, with a protocol number.
    New,
    /// It is there already, from a redelivery or a retry.
    Again,
    /// It is there already, and this one was received earlier: the earlier instant now stands.
    Earlier,
    /// Another content is there under the same id, so under the same idempotency key: that one stands, this one is
    /// recorded as a conflict.
    Conflict,
}

/// What the register says of one application of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The application's id.
    pub id: ApplicationId,
    /// How it stands to the register.
    pub arrival: Arrival,
    /// The number of the application that is on the register.
    pub protocol: ProtocolNumber,
    /// The outcome of the application that is on the register.
    pub outcome: Outcome,
    /// Why it has that outcome.
    pub reason: Reason,
    /// When that one was registered.
    pub registered_at: Timestamp,
}

impl Work<'_> {
    pub(crate) fn compare(
        &self,
        known: &BTreeMap<ApplicationId, Known>,
        inserted: &HashMap<Uuid, Inserted>,
        decided: &HashMap<ApplicationId, (&Party, Decision)>,
    ) -> Result<Vec<Registration>, StoreError> {
        let vanished = |id| StoreError::Retry(format!("application {id} vanished"));
        let registration = |sent: &Registrable<'_>| {
            let id = sent.id();
            let decision = decided.get(&id).map(|(_, decision)| *decision);
            let (arrival, protocol, registered_at, decision) = match known.get(&id) {
                Some(known) => (
                    known.arrival(sent),
                    known.protocol,
                    known.registered_at,
                    decision.unwrap_or(known.decision),
                ),
                None => {
                    let new = inserted.get(id.as_uuid()).ok_or_else(|| vanished(id))?;
                    let decision = decision.ok_or_else(|| vanished(id))?;
                    (
                        self.arrival_of_new(sent),
                        new.protocol,
                        new.registered_at,
                        decision,
                    )
                }
            };
            Ok(Registration {
                id,
                arrival,
                protocol,
                outcome: decision.verdict.outcome,
                reason: decision.verdict.reason,
                registered_at,
            })
        };
        self.batch.iter().map(registration).collect()
    }

    /// How one whose id was not there stands to the one of the batch that is there now.
    fn arrival_of_new(&self, sent: &Registrable<'_>) -> Arrival {
        let index = self.candidates.binary_search_by_key(&sent.id(), Registrable::id);
        let Ok(candidate) = index.map(|index| self.candidates[index].application) else {
            return Arrival::Again;
        };
        if std::ptr::eq(candidate, sent.application) {
            Arrival::New
        } else if candidate.content_digest == sent.application.content_digest {
            Arrival::Again
        } else {
            Arrival::Conflict
        }
    }
}

impl Known {
    fn arrival(&self, sent: &Registrable<'_>) -> Arrival {
        if self.content_digest != sent.application.content_digest.as_bytes() {
            Arrival::Conflict
        } else if sent.received_at() < self.received_at {
            Arrival::Earlier
        } else {
            Arrival::Again
        }
    }
}
