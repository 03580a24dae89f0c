//! Withdraws applications for their holders.

use std::collections::BTreeSet;

use sportello_domain::{ApplicationId, Channel, Incompatibilities, Reason, Subject, Withdrawal};
use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::existing::Existing;
use crate::forget::{lock_persons, remove_persons};
use crate::instants;
use crate::registrable::Registrable;
use crate::work::{Decided, Work};

/// How a withdrawal relates to the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WithdrawalArrival {
    /// The application is withdrawn now.
    New,
    /// The application was withdrawn before.
    Again,
    /// The application is not on the register yet. The withdrawal is kept for 30 days, and takes
    /// effect at registration if `by` is a holder.
    Waiting,
    /// `by` does not hold the application, or it was forgotten: nothing changes.
    NotHeld,
}

impl Existing {
    /// Returns the reason of a withdrawal by this requester, or nothing if they do not hold the
    /// application.
    pub(crate) fn withdrawn_by(&self, channel: &str, requester: &str) -> Option<Reason> {
        let submitter = (self.channel.as_str(), self.submitter.as_str());
        withdrawn_by(self.applicant.as_str(), submitter, (channel, requester))
    }

    pub(crate) fn is_withdrawn(&self) -> bool {
        [Reason::WithdrawnByApplicant, Reason::WithdrawnBySubmitter].contains(&self.decision.verdict.reason)
    }
}

impl Registrable<'_> {
    pub(crate) fn withdrawn_by(&self, channel: &str, requester: &str) -> Option<Reason> {
        let sent = self.application;
        let submitter = (sent.submitter.channel().as_str(), sent.submitter.as_str());
        withdrawn_by(
            sent.application.applicant.tax_code.as_str(),
            submitter,
            (channel, requester),
        )
    }
}

/// As the database's `holder_role`: the applicant has priority over the submitter.
fn withdrawn_by(applicant: &str, submitter: (&str, &str), by: (&str, &str)) -> Option<Reason> {
    if by == (Channel::Citizen.as_str(), applicant) {
        Some(Reason::WithdrawnByApplicant)
    } else if by == submitter {
        Some(Reason::WithdrawnBySubmitter)
    } else {
        None
    }
}

impl Store {
    /// Withdraws applications in one transaction: all or none. Answers come in the order given.
    ///
    /// Only a holder (applicant or sender) can withdraw an application. Its claim on the budget
    /// ends, and the next in line stands. A withdrawn application never stands again; the persons
    /// may apply again. Repeated calls change nothing.
    ///
    /// # Errors
    /// [`StoreError::Fail`] if a withdrawal breaks a rule of the database. After other errors
    /// nothing is known to be stored.
    pub async fn withdraw(
        &self,
        withdrawals: &[Withdrawal],
        incompatibilities: &Incompatibilities,
    ) -> Result<Vec<WithdrawalArrival>, StoreError> {
        if withdrawals.is_empty() {
            return Ok(Vec::new());
        }
        let work = Work::withdrawing(withdrawals, incompatibilities);
        Ok(within_deadline(self.transact(&work, None)).await?.withdrawals)
    }
}

impl Work<'_> {
    /// Keeps the withdrawals whose application is missing, and answers each.
    pub(crate) async fn withdrawals(
        &self,
        transaction: &mut PgTransaction<'_>,
        decided: &Decided<'_>,
        with_history: &[&str],
    ) -> Result<Vec<WithdrawalArrival>, StoreError> {
        if self.withdrawals.is_empty() {
            return Ok(Vec::new());
        }
        let unknown = self.withdrawals.iter();
        let unknown = unknown.filter(|one| !decided.existing.contains_key(&one.application_id));
        let kept = keep_pending(transaction, &unknown.collect::<Vec<_>>()).await?;
        // a requester without an application here leaves no trace
        let strangers = self.own.iter().map(Subject::as_str);
        let strangers = strangers.filter(|subject| !with_history.contains(subject));
        remove_persons(transaction, &strangers.map(str::to_owned).collect::<Vec<_>>()).await?;
        let arrival = |one: &Withdrawal| {
            let Some(existing) = decided.existing.get(&one.application_id) else {
                return if kept.contains(one.application_id.as_uuid()) {
                    WithdrawalArrival::Waiting
                } else {
                    WithdrawalArrival::NotHeld
                };
            };
            match existing.withdrawn_by(one.by.channel().as_str(), one.by.as_str()) {
                None => WithdrawalArrival::NotHeld,
                Some(_) if existing.is_withdrawn() => WithdrawalArrival::Again,
                Some(_) => WithdrawalArrival::New,
            }
        };
        Ok(self.withdrawals.iter().map(arrival).collect())
    }
}

/// Keeps withdrawals until their applications are registered, except of forgotten ones. Returns the
/// applications of the kept withdrawals.
async fn keep_pending(
    transaction: &mut PgTransaction<'_>,
    withdrawals: &[&Withdrawal],
) -> Result<BTreeSet<Uuid>, StoreError> {
    if withdrawals.is_empty() {
        return Ok(BTreeSet::new());
    }
    let (mut ids, mut channels, mut requesters) = (Vec::new(), Vec::new(), Vec::new());
    let mut instants: Vec<OffsetDateTime> = Vec::new();
    for one in withdrawals {
        ids.push(*one.application_id.as_uuid());
        channels.push(one.by.channel().as_str());
        requesters.push(one.by.as_str());
        instants.push(instants::to_database(one.requested_at)?);
    }
    let kept = sqlx::query_scalar!(
        r#"
        with sent as materialized (
            select id, channel, requester, requested_at
            from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])
                as t (id, channel, requester, requested_at)
            where not exists (select from forgotten where forgotten.id = t.id)
        ),
        kept as (
            insert into pending_withdrawals (application_id, channel, requester, requested_at)
            select id, channel, requester, requested_at from sent order by id, channel, requester
            on conflict do nothing
        )
        select distinct id as "id!" from sent
        "#,
        &ids,
        &channels as _,
        &requesters as _,
        &instants,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(kept.into_iter().collect())
}

/// A withdrawal that waited for its application.
pub(crate) struct Pending {
    pub(crate) id: ApplicationId,
    pub(crate) channel: String,
    pub(crate) requester: String,
}

/// Returns the withdrawals that wait for these applications, from any requester; the earliest last.
pub(crate) async fn pending(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
) -> Result<Vec<Pending>, StoreError> {
    let rows = sqlx::query!(
        "
        select application_id, channel, requester from pending_withdrawals
        where application_id = any($1) order by requested_at desc, requester
        ",
        ids,
    )
    .fetch_all(&mut **transaction)
    .await?;
    let pending = rows.into_iter().map(|row| Pending {
        id: row.application_id.into(),
        channel: row.channel,
        requester: row.requester,
    });
    Ok(pending.collect())
}

/// Removes withdrawals that took effect. Those of other requesters stay until their 30 days end:
/// their subject is not locked.
pub(crate) async fn remove_pending(
    transaction: &mut PgTransaction<'_>,
    pending: &[Pending],
) -> Result<(), StoreError> {
    if pending.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = pending.iter().map(|one| *one.id.as_uuid()).collect();
    let channels: Vec<&str> = pending.iter().map(|one| one.channel.as_str()).collect();
    let requesters: Vec<&str> = pending.iter().map(|one| one.requester.as_str()).collect();
    sqlx::query!(
        "
        delete from pending_withdrawals
        using unnest($1::uuid[], $2::text[], $3::text[]) as t (id, channel, requester)
        where pending_withdrawals.application_id = t.id and pending_withdrawals.channel = t.channel
            and pending_withdrawals.requester = t.requester
        ",
        &ids,
        &channels as _,
        &requesters as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Removes some withdrawals that have waited for 30 days, and citizens who have nothing else.
pub(crate) async fn remove_stale(transaction: &mut PgTransaction<'_>) -> Result<(), StoreError> {
    let citizens = sqlx::query_scalar!(
        r#"
        with stale as (
            select application_id, channel, requester from pending_withdrawals
            where recorded_at < now() - interval '30 days'
            order by recorded_at limit 1000
        ),
        removed as (
            delete from pending_withdrawals using stale
            where pending_withdrawals.application_id = stale.application_id
                and pending_withdrawals.channel = stale.channel and pending_withdrawals.requester = stale.requester
            returning pending_withdrawals.channel, pending_withdrawals.requester
        )
        select distinct requester as "requester!" from removed where channel = 'citizen'
        "#
    )
    .fetch_all(&mut **transaction)
    .await?;
    lock_persons(transaction, &citizens).await?;
    remove_persons(transaction, &citizens).await
}
