//! Applications that are on the register, as deciding needs them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sportello_domain::{ApplicationId, BenefitId, ProtocolNumber, Reason, Subject};
use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::decision::{Decision, Verdict};
use crate::error::StoreError;
use crate::instants;

/// An application that is on the register.
pub(crate) struct Known {
    pub(crate) id: ApplicationId,
    pub(crate) content_digest: Vec<u8>,
    pub(crate) received_at: Timestamp,
    pub(crate) protocol: ProtocolNumber,
    pub(crate) registered_at: Timestamp,
    pub(crate) benefit: BenefitId,
    pub(crate) applicant: Subject,
    pub(crate) one_per: Vec<Subject>,
    pub(crate) amount_cents: Option<i64>,
    pub(crate) budget: Option<String>,
    pub(crate) decision: Decision,
}

impl Known {
    /// Why the benefit was closed when it was received, where it was.
    pub(crate) fn closed(&self) -> Option<Reason> {
        let reason = self.decision.verdict.reason;
        match reason {
            Reason::BeforeOpening | Reason::AfterClosing | Reason::OutsideWindow => Some(reason),
            Reason::Regular
            | Reason::SamePerson
            | Reason::SameSubject
            | Reason::IncompatibleBenefit
            | Reason::PastCap => None,
        }
    }

    /// Everybody and everything that it concerns.
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
    tax_code: Option<String>,
    one_per: Vec<String>,
    amount_cents: Option<i64>,
    budget: Option<String>,
    outcome: String,
    reason: String,
    standing_id: Option<Uuid>,
    turn: i64,
}

impl Row {
    fn read(self) -> Result<Known, StoreError> {
        let verdict = Verdict {
            outcome: self
                .outcome
                .parse()
                .map_err(|_| StoreError::unreadable("an outcome"))?,
            reason: self
                .reason
                .parse()
                .map_err(|_| StoreError::unreadable("a reason"))?,
            standing: self.standing_id.map(ApplicationId::from),
        };
        let (Some(content_digest), Some(tax_code)) = (self.content_digest, self.tax_code) else {
            return Err(StoreError::forgotten());
        };
        Ok(Known {
            id: self.id.into(),
            content_digest,
            received_at: instants::from_database(self.received_at)?,
            protocol: ProtocolNumber {
                year: self.protocol_year,
                number: self.protocol_number,
            },
            registered_at: instants::from_database(self.registered_at)?,
            benefit: BenefitId::parse(&self.benefit).map_err(|_| StoreError::unreadable("a benefit"))?,
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

/// Reads and locks, in order of id, what is on the register under some ids and what concerns some subjects. Fails where
/// one of the ids is of an application whose person is forgotten.
pub(crate) async fn lock_known(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
    subjects: &[&str],
) -> Result<BTreeMap<ApplicationId, Known>, StoreError> {
    if ids.is_empty() && subjects.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = sqlx::query_as!(
        Row,
        "
        select
            id, content_digest, received_at, protocol_year, protocol_number, registered_at, benefit, tax_code, one_per,
            amount_cents, budget, outcome, reason, standing_id, turn
        from applications
        where id = any($1::uuid[] || array(
            select id from applications where tax_code = any($2)
            union all select application_id from application_subjects where subject = any($2)
        ))
        order by id for update
        ",
        ids,
        subjects as _,
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.into_iter()
        .map(|row| row.read().map(|known| (known.id, known)))
        .collect()
}

/// Locks the subjects until the transaction ends, and gives those that were there before: nobody else has an
/// application on the register. Nothing where one was forgotten meanwhile, so that it is not locked.
///
/// Only a batch's `own` subjects are put there. The others were found on the register, and must not come back once they
/// are forgotten.
///
/// Whoever puts a subject there waits for another who does it at the same moment. First those that are not there are
/// put there, then the others are locked, both in order (byte by byte, as the set has them and the database compares
/// them), so that nobody waits in a circle.
pub(crate) async fn lock_subjects<'a>(
    transaction: &mut PgTransaction<'_>,
    own: &BTreeSet<Subject>,
    subjects: &'a BTreeSet<Subject>,
) -> Result<Option<Vec<&'a str>>, StoreError> {
    let all: Vec<&str> = subjects.iter().map(Subject::as_str).collect();
    let own: Vec<&str> = own.iter().map(Subject::as_str).collect();
    let new = sqlx::query_scalar!(
        r#"
        insert into subjects (subject) select unnest($1::text[])
        on conflict do nothing
        returning subject
        "#,
        &own as _,
    )
    .fetch_all(&mut **transaction)
    .await?;
    if new.len() == all.len() {
        return Ok(Some(Vec::new()));
    }
    let new: BTreeSet<&str> = new.iter().map(String::as_str).collect();
    let known: Vec<&str> = all.into_iter().filter(|subject| !new.contains(subject)).collect();
    let locked = sqlx::query_scalar!(
        "select subject from subjects where subject = any($1) order by subject for update",
        &known as _,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok((locked.len() == known.len()).then_some(known))
}

/// All subjects that applications connect with these, over however many steps.
pub(crate) async fn connected(
    transaction: &mut PgTransaction<'_>,
    subjects: &BTreeSet<Subject>,
) -> Result<BTreeSet<Subject>, StoreError> {
    let subjects: Vec<&str> = subjects.iter().map(Subject::as_str).collect();
    let rows = sqlx::query_scalar!(
        r#"
        with recursive reached (subject) as (
            select unnest($1::text[]) collate "C"
            union
            select next.subject collate "C" from reached cross join lateral (
                select unnest(one_per || tax_code) as subject from applications
                where tax_code = reached.subject
                union all
                select unnest(one_per || tax_code) from application_subjects
                join applications on applications.id = application_subjects.application_id
                where application_subjects.subject = reached.subject
            ) as next
        )
        select subject as "subject!" from reached
        "#,
        &subjects as _,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows.iter().map(|subject| Subject::of(subject)).collect())
}
