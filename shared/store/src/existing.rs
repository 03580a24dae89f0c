//! Existing applications: those on the register, as a decision needs them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sportello_domain::{ApplicationId, BenefitId, Outcome, ProtocolNumber, Reason, Subject};
use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::barrier::Barrier;
use crate::error::{StoreError, stored};
use crate::instants;
use crate::verdict::{Decision, Verdict};

/// An application that is on the register.
pub(crate) struct Existing {
    pub(crate) id: ApplicationId,
    pub(crate) content_digest: Vec<u8>,
    pub(crate) received_at: Timestamp,
    pub(crate) protocol: ProtocolNumber,
    pub(crate) registered_at: Timestamp,
    pub(crate) benefit: BenefitId,
    pub(crate) channel: String,
    pub(crate) submitter: String,
    pub(crate) applicant: Subject,
    pub(crate) one_per: Vec<Subject>,
    pub(crate) amount_cents: Option<i64>,
    pub(crate) budget: Option<String>,
    pub(crate) decision: Decision,
}

impl Existing {
    /// Returns why it can't stand, whatever the others: the benefit was closed, or it is withdrawn.
    pub(crate) fn closed(&self) -> Option<Reason> {
        let reason = self.decision.verdict.reason;
        match reason {
            Reason::BeforeOpening
            | Reason::AfterClosing
            | Reason::OutsideWindow
            | Reason::WithdrawnByApplicant
            | Reason::WithdrawnBySubmitter => Some(reason),
            Reason::Regular
            | Reason::SamePerson
            | Reason::SameSubject
            | Reason::IncompatibleBenefit
            | Reason::PastCap
            | Reason::KeyReused => None,
        }
    }

    /// Returns all subjects that it concerns.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &Subject> {
        std::iter::once(&self.applicant).chain(&self.one_per)
    }
}

struct Row {
    id: Uuid,
    content_digest: Option<Vec<u8>>,
    received_at: OffsetDateTime,
    protocol_year: i16,
    protocol_number: i64,
    registered_at: OffsetDateTime,
    benefit: String,
    channel: String,
    submitter: Option<String>,
    tax_code: Option<String>,
    one_per: Vec<String>,
    amount_cents: Option<i64>,
    budget: Option<String>,
    outcome: String,
    reason: String,
    barring_benefit: Option<String>,
    barring_subject: Option<String>,
    turn: i64,
}

impl Row {
    fn read(self) -> Result<Existing, StoreError> {
        let benefit = |text: &str| stored(BenefitId::parse(text), "a benefit");
        let barrier = self.barring_benefit.zip(self.barring_subject);
        let barrier = barrier.map(|(by, subject)| {
            benefit(&by).map(|benefit| Barrier {
                benefit,
                subject: Subject::of(&subject),
            })
        });
        let verdict = Verdict {
            outcome: stored(self.outcome.parse(), "an outcome")?,
            reason: stored(self.reason.parse(), "a reason")?,
            barrier: barrier.transpose()?,
        };
        let (Some(content_digest), Some(submitter), Some(tax_code)) =
            (self.content_digest, self.submitter, self.tax_code)
        else {
            return Err(StoreError::forgotten());
        };
        Ok(Existing {
            id: self.id.into(),
            content_digest,
            received_at: instants::from_database(self.received_at)?,
            protocol: ProtocolNumber {
                year: self.protocol_year,
                number: self.protocol_number,
            },
            registered_at: instants::from_database(self.registered_at)?,
            benefit: benefit(&self.benefit)?,
            channel: self.channel,
            submitter,
            applicant: Subject::of(&tax_code),
            one_per: self.one_per.iter().map(|text| Subject::of(text)).collect(),
            amount_cents: self.amount_cents,
            budget: self.budget,
            decision: Decision {
                verdict,
                turn: self.turn,
            },
        })
    }
}

fn read(rows: Vec<Row>) -> Result<BTreeMap<ApplicationId, Existing>, StoreError> {
    rows.into_iter()
        .map(|row| row.read().map(|existing| (existing.id, existing)))
        .collect()
}

/// Reads the applications under these ids. Fails if one of them belongs to a forgotten person.
///
/// Takes no locks: a transaction that changes a decision has locked all subjects of the
/// application.
pub(crate) async fn load(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
) -> Result<BTreeMap<ApplicationId, Existing>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = sqlx::query_as!(
        Row,
        "
        select
            id, content_digest, received_at, protocol_year, protocol_number, registered_at, benefit, channel, submitter,
            tax_code, one_per, amount_cents, budget, outcome, reason, barring_benefit, barring_subject, turn
        from applications where id = any($1)
        ",
        ids,
    )
    .fetch_all(&mut **transaction)
    .await?;
    read(rows)
}

/// Reads the standing applications at these benefits and subjects.
pub(crate) async fn standing(
    transaction: &mut PgTransaction<'_>,
    barriers: &BTreeSet<Barrier>,
) -> Result<BTreeMap<ApplicationId, Existing>, StoreError> {
    if barriers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let benefits: Vec<&str> = barriers.iter().map(|barrier| barrier.benefit.as_str()).collect();
    let subjects: Vec<&str> = barriers.iter().map(|barrier| barrier.subject.as_str()).collect();
    let rows = sqlx::query_as!(
        Row,
        "
        with barriers as (select * from unnest($1::text[], $2::text[]) as t (benefit, subject))
        select
            id, content_digest, received_at, protocol_year, protocol_number, registered_at, benefit, channel, submitter,
            tax_code, one_per, amount_cents, budget, outcome, reason, barring_benefit, barring_subject, turn
        from applications
        where id = any(array(
            select standing.id from barriers join applications as standing
                on standing.tax_code = barriers.subject and standing.benefit = barriers.benefit
                -- so it is found in `applications_of_applicant` among the few that stand
                and (standing.reason in ('regular', 'past_cap')) is true
            union all
            select standing.id from barriers
            join application_subjects on application_subjects.subject = barriers.subject and stands
            join applications as standing
                on standing.id = application_subjects.application_id and standing.benefit = barriers.benefit
        ))
        ",
        &benefits as _,
        &subjects as _,
    )
    .fetch_all(&mut **transaction)
    .await?;
    read(rows)
}

/// A place in the order of receipt.
pub(crate) type Place = (Timestamp, ApplicationId);

/// Reads the next applications that wait behind a barrier with this outcome, between two places, in
/// order.
pub(crate) async fn waiting(
    transaction: &mut PgTransaction<'_>,
    barrier: &Barrier,
    outcome: Outcome,
    after: Option<Place>,
    before: Option<Place>,
    limit: i64,
) -> Result<BTreeMap<ApplicationId, Existing>, StoreError> {
    let in_database = |place: Option<Place>, otherwise: (Timestamp, Uuid)| {
        let (at, id) = place.map_or(otherwise, |(at, id)| (at, *id.as_uuid()));
        instants::to_database(at).map(|at| (at, id))
    };
    // no application was received before 2000
    let (after, after_id) = in_database(after, (Timestamp::UNIX_EPOCH, Uuid::nil()))?;
    let (before, before_id) = in_database(before, (Timestamp::MAX, Uuid::max()))?;
    let rows = sqlx::query_as!(
        Row,
        "
        select
            id, content_digest, received_at, protocol_year, protocol_number, registered_at, benefit, channel, submitter,
            tax_code, one_per, amount_cents, budget, outcome, reason, barring_benefit, barring_subject, turn
        from applications
        where barring_subject = $1 and barring_benefit = $2 and outcome = $3
            and (received_at, id) > ($4, $5) and (received_at, id) < ($6, $7)
        order by received_at, id limit $8
        ",
        barrier.subject.as_str(),
        barrier.benefit.as_str(),
        outcome.as_str(),
        after,
        after_id,
        before,
        before_id,
        limit,
    )
    .fetch_all(&mut **transaction)
    .await?;
    read(rows)
}

/// Locks applications in order of id and reads their current state: an allotment may have moved
/// them across a cut meanwhile.
pub(crate) async fn lock(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
) -> Result<BTreeMap<ApplicationId, Existing>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = sqlx::query_as!(
        Row,
        "
        select
            id, content_digest, received_at, protocol_year, protocol_number, registered_at, benefit, channel, submitter,
            tax_code, one_per, amount_cents, budget, outcome, reason, barring_benefit, barring_subject, turn
        from applications where id = any($1) order by id for update
        ",
        ids,
    )
    .fetch_all(&mut **transaction)
    .await?;
    read(rows)
}
