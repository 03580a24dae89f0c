//! Writes the decisions, in the order in which the tables refer to each other.

use std::collections::HashMap;

use sportello_domain::{AcceptedApplication, ApplicationId};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::arrival::Registration;
use crate::batch::NewRow;
use crate::batch_rows::{insert_batch_rows, insert_conflict_rows};
use crate::conflicts::{record_conflicts, replace};
use crate::contents::{Change, Delivered};
use crate::decision::movements;
use crate::error::StoreError;
use crate::party::Party;
use crate::registrable::Registrable;
use crate::statements::{Inserted, add_movements, change_decisions, insert_subjects, move_receipts};
use crate::verdict::Decision;
use crate::withdraw::WithdrawalArrival;
use crate::work::{Decided, Work};

/// Result of a transaction.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) registrations: Vec<Registration>,
    pub(crate) withdrawals: Vec<WithdrawalArrival>,
}

impl Decided<'_> {
    /// Returns the digest of the content that is now the application.
    pub(crate) fn digest<'b>(&'b self, delivered: &'b Delivered<'_>) -> &'b [u8] {
        let id = delivered.first.id();
        match (self.existing.get(&id), self.changes.get(&id)) {
            (None, _) => delivered.first.digest().as_bytes(),
            (Some(_), Some(Change::Replaced(content))) => content.digest().as_bytes(),
            (Some(existing), Some(Change::Earlier(_)) | None) => &existing.content_digest,
        }
    }
}

impl<'a> Work<'a> {
    pub(crate) async fn write(
        &self,
        transaction: &mut PgTransaction<'_>,
        decided: &Decided<'a>,
        new: &[NewRow<'_>],
        decisions: &HashMap<ApplicationId, (&Party, &Decision)>,
        inserted: &HashMap<Uuid, Inserted>,
        with_history: &[&str],
    ) -> Result<Done, StoreError> {
        insert_subjects(transaction, new).await?;
        self.write_changes(transaction, decided, decisions).await?;
        let conflicts = self.conflicts(decided);
        record_conflicts(transaction, &conflicts).await?;
        let (rows, conflict_rows) = self.rows(decided);
        insert_batch_rows(transaction, &rows).await?;
        insert_conflict_rows(transaction, &conflict_rows).await?;
        change_decisions(transaction, decided, &self.versions()).await?;
        add_movements(transaction, &movements(decided.decided())).await?;
        Ok(Done {
            registrations: self.registrations(decided, decisions, inserted)?,
            withdrawals: self.withdrawals(transaction, decided, with_history).await?,
        })
    }

    async fn write_changes(
        &self,
        transaction: &mut PgTransaction<'_>,
        decided: &Decided<'a>,
        decisions: &HashMap<ApplicationId, (&Party, &Decision)>,
    ) -> Result<(), StoreError> {
        let mut earlier = Vec::new();
        let mut replaced = Vec::new();
        for (id, change) in &decided.changes {
            match change {
                Change::Earlier(sent) => earlier.push(sent.application),
                Change::Replaced(content) => {
                    let decision = decisions.get(id).ok_or_else(|| StoreError::vanished(*id))?;
                    replaced.push(NewRow {
                        registrable: *content,
                        party: decision.0,
                        decision: decision.1,
                    });
                }
            }
        }
        replace(transaction, &replaced).await?;
        move_receipts(transaction, &earlier).await
    }

    /// Returns the conflicts, each once, in order of id.
    fn conflicts(&self, decided: &Decided<'_>) -> Vec<&'a AcceptedApplication> {
        let of_one = |delivered: &Delivered<'a>| {
            let standing = decided.digest(delivered);
            let others = delivered.contents();
            let others = others.filter(|content| content.digest().as_bytes() != standing);
            others.map(|content| content.application).collect::<Vec<_>>()
        };
        self.delivered.values().flat_map(of_one).collect()
    }

    /// Returns the deliveries whose content is the application, and those that are conflicts.
    fn rows(&self, decided: &Decided<'_>) -> (Vec<Registrable<'a>>, Vec<Registrable<'a>>) {
        let in_batches = self.batch.iter().filter(|sent| sent.application.batch.is_some());
        in_batches.copied().partition(|sent| {
            let delivered = self.delivered.get(&sent.id());
            delivered.is_some_and(|delivered| sent.digest().as_bytes() == decided.digest(delivered))
        })
    }

    /// Returns the version of each benefit's file used for the decisions.
    fn versions(&self) -> HashMap<&str, &str> {
        let versions = self.firsts().map(|first| {
            let benefit = first.application.application.benefit.as_str();
            (benefit, first.ruling.version.as_str())
        });
        versions.collect()
    }
}
