//! The statements that write decisions.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sportello_domain::{AcceptedApplication, ProtocolNumber};
use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::batch::{ContentColumns, NewRow, RulingColumns};
use crate::error::{APPLICATIONS_KEY, StoreError};
use crate::existing::Existing;
use crate::instants;
use crate::party::Party;
use crate::protocol::{protocol_year, sequence_name};
use crate::verdict::Decision;
use crate::work::Decided;

/// Number and instant of a registration.
#[derive(Clone, Copy)]
pub(crate) struct Inserted {
    pub(crate) protocol: ProtocolNumber,
    pub(crate) registered_at: Timestamp,
}

impl Inserted {
    /// Reads them from an application on the register.
    pub(crate) fn of(existing: &Existing) -> Self {
        Self {
            protocol: existing.protocol,
            registered_at: existing.registered_at,
        }
    }
}

/// Inserts applications in order of id, the same in every worker, so that two workers never
/// deadlock. Returns nothing if an id exists already; the transaction must then be rolled back.
/// Letting the database skip such a row would cost a fifteenth more for every row.
///
/// # Errors
/// Also if one of them was registered and forgotten.
pub(crate) async fn insert_new(
    transaction: &mut PgTransaction<'_>,
    new: &[NewRow<'_>],
) -> Result<Option<HashMap<Uuid, Inserted>>, StoreError> {
    if new.is_empty() {
        return Ok(Some(HashMap::new()));
    }
    let numbered = take_numbers(transaction, new).await?;
    let columns = ContentColumns::of(new.iter().map(|row| row.registrable.application))?;
    let ruled = RulingColumns::of(new);
    let number = |id: &Uuid| numbered.get(id).map(|inserted| inserted.protocol.number);
    let numbers = columns
        .id
        .iter()
        .map(|id| number(id).ok_or_else(|| StoreError::vanished((*id).into())));
    let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
    let inserted = sqlx::query_file!(
        "src/insert_new.sql",
        &columns.id,
        &ruled.protocol_year,
        &numbers,
        &columns.benefit as _,
        &columns.category as _,
        &columns.channel as _,
        &columns.submitter as _,
        &columns.tax_code as _,
        &columns.given_name as _,
        &columns.family_name as _,
        &columns.email as _,
        &columns.phone as _,
        &columns.iban as _,
        &columns.answers as _,
        &columns.content_digest as _,
        &columns.received_at,
        &ruled.one_per,
        &ruled.amount_cents as _,
        &ruled.budget as _,
        &ruled.turn,
        &columns.validated_with as _,
        &ruled.decided_with as _,
        &ruled.outcome as _,
        &ruled.reason as _,
        &ruled.barring_benefit as _,
        &ruled.barring_subject as _,
        &columns.mandate as _,
        &columns.birth_date as _,
    )
    .execute(&mut **transaction)
    .await;
    match inserted {
        Err(sqlx::Error::Database(error)) if error.constraint() == Some(APPLICATIONS_KEY) => return Ok(None),
        inserted => inserted?,
    };
    are_kept(transaction, &columns.id).await?;
    Ok(Some(numbered))
}

/// Takes the next numbers of each year, in order of receipt. All registrations of this transaction
/// carry its instant.
async fn take_numbers(
    transaction: &mut PgTransaction<'_>,
    new: &[NewRow<'_>],
) -> Result<HashMap<Uuid, Inserted>, StoreError> {
    let mut years: BTreeMap<i16, Vec<(Timestamp, Uuid)>> = BTreeMap::new();
    for row in new {
        let year = protocol_year(row.registrable.application.received_at);
        let place = (row.party.received_at, *row.party.id.as_uuid());
        years.entry(year).or_default().push(place);
    }
    let mut numbered = HashMap::with_capacity(new.len());
    for (year, mut places) in years {
        places.sort_unstable();
        let taken = sqlx::query!(
            r#"
            select now() as "registered_at!", array_agg(nextval($1::text::regclass)) as "numbers!"
            from generate_series(1, $2::bigint)
            "#,
            sequence_name(year),
            i64::try_from(places.len()).unwrap_or(i64::MAX),
        )
        .fetch_one(&mut **transaction)
        .await?;
        let registered_at = instants::from_database(taken.registered_at)?;
        for ((_, id), number) in places.into_iter().zip(taken.numbers) {
            let protocol = ProtocolNumber { year, number };
            numbered.insert(
                id,
                Inserted {
                    protocol,
                    registered_at,
                },
            );
        }
    }
    Ok(numbered)
}

/// Fails if one of these applications was registered and forgotten. Checked after the insert, when
/// a transaction that forgets one at the same time has ended.
async fn are_kept(transaction: &mut PgTransaction<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    let forgotten = sqlx::query_scalar!(
        r#"
        select exists (select from forgotten) and exists (select from forgotten where id = any($1)) as "forgotten!"
        "#,
        ids
    );
    if forgotten.fetch_one(&mut **transaction).await? {
        return Err(StoreError::forgotten());
    }
    Ok(())
}

/// Records which applications concern subjects other than their applicant, and whether they stand
/// for them.
pub(crate) async fn insert_subjects(
    transaction: &mut PgTransaction<'_>,
    new: &[NewRow<'_>],
) -> Result<(), StoreError> {
    let (mut subjects, mut ids, mut stands) = (Vec::new(), Vec::new(), Vec::new());
    for row in new {
        let others = row.party.one_per.iter();
        for subject in others.filter(|subject| **subject != row.party.applicant) {
            subjects.push(subject.as_str());
            ids.push(*row.party.id.as_uuid());
            stands.push(row.decision.verdict.stands());
        }
    }
    if !ids.is_empty() {
        sqlx::query!(
            "
            insert into application_subjects (subject, application_id, stands)
            select * from unnest($1::text[], $2::uuid[], $3::boolean[])
            ",
            &subjects as _,
            &ids,
            &stands,
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// The rows that change, one array a column.
#[derive(Default)]
struct Changes<'a> {
    id: Vec<Uuid>,
    outcome: Vec<&'a str>,
    reason: Vec<&'a str>,
    barring_benefit: Vec<Option<&'a str>>,
    barring_subject: Vec<Option<&'a str>>,
    turn: Vec<i64>,
    decided_with: Vec<Option<&'a str>>,
    told: Vec<bool>,
}

impl<'a> Changes<'a> {
    fn push(&mut self, party: &Party, before: &Decision, after: &'a Decision, version: Option<&'a str>) {
        let told = !before.verdict.reads_as(&after.verdict);
        let barrier = after.verdict.barrier.as_ref();
        self.id.push(*party.id.as_uuid());
        self.outcome.push(after.verdict.outcome.as_str());
        self.reason.push(after.verdict.reason.as_str());
        self.barring_benefit
            .push(barrier.map(|barrier| barrier.benefit.as_str()));
        self.barring_subject
            .push(barrier.map(|barrier| barrier.subject.as_str()));
        self.turn.push(after.turn);
        self.decided_with.push(version.filter(|_| told));
        self.told.push(told);
    }
}

/// Updates applications on the register whose decision changes.
pub(crate) async fn change_decisions(
    transaction: &mut PgTransaction<'_>,
    decided: &Decided<'_>,
    versions: &HashMap<&str, &str>,
) -> Result<(), StoreError> {
    let mut changes = Changes::default();
    for (party, after) in decided.decided() {
        let before = party.before.as_ref().map(|before| &before.decision);
        if let Some(before) = before.filter(|before| *before != after) {
            let version = versions.get(party.benefit.as_str()).copied();
            changes.push(party, before, after, version);
        }
    }
    if changes.id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "
        with decided as (
            select * from unnest(
                $1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::boolean[]
            ) as t (id, outcome, reason, barring_benefit, barring_subject, turn, decided_with, told)
        ),
        changed as (
            update applications set
                outcome = decided.outcome, reason = decided.reason, barring_benefit = decided.barring_benefit,
                barring_subject = decided.barring_subject, turn = decided.turn,
                decided_with = coalesce(decided.decided_with, applications.decided_with)
            from decided where applications.id = decided.id
            returning applications.id, applications.outcome, applications.reason, decided.told
        ),
        flipped as (
            update application_subjects set stands = not stands from decided
            where application_id = decided.id and stands <> (decided.reason in ('regular', 'past_cap'))
        )
        insert into application_history (application_id, event, detail)
        select id, 'decided', jsonb_build_object('outcome', outcome, 'reason', reason) from changed where told
        ",
        &changes.id,
        &changes.outcome as _,
        &changes.reason as _,
        &changes.barring_benefit as _,
        &changes.barring_subject as _,
        &changes.turn,
        &changes.decided_with as _,
        &changes.told,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Adds the changes of the claims on each budget, for the next allotment to add up.
pub(crate) async fn add_movements(
    transaction: &mut PgTransaction<'_>,
    movements: &BTreeMap<&str, (i64, i64)>,
) -> Result<(), StoreError> {
    if movements.is_empty() {
        return Ok(());
    }
    let budgets: Vec<&str> = movements.keys().copied().collect();
    let (within, past): (Vec<i64>, Vec<i64>) = movements.values().copied().unzip();
    sqlx::query!(
        "
        insert into budget_movements (budget, within_cents, past_cents)
        select * from unnest($1::text[], $2::bigint[], $3::bigint[])
        ",
        &budgets as _,
        &within,
        &past,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Sets earlier receipts, each of another application.
pub(crate) async fn move_receipts(
    transaction: &mut PgTransaction<'_>,
    earlier: &[&AcceptedApplication],
) -> Result<(), StoreError> {
    if earlier.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = earlier.iter().map(|sent| *sent.id.as_uuid()).collect();
    let received_at = earlier.iter().map(|sent| instants::to_database(sent.received_at));
    let received_at: Vec<OffsetDateTime> = received_at.collect::<Result<_, _>>()?;
    sqlx::query!(
        "
        with moved as (
            update applications set received_at = earlier.received_at
            from unnest($1::uuid[], $2::timestamptz[]) as earlier (id, received_at)
            join applications as before on before.id = earlier.id
            where applications.id = earlier.id and earlier.received_at < applications.received_at
            returning applications.id, before.received_at as was, applications.received_at
        )
        insert into application_history (application_id, event, detail)
        select id, 'received_earlier', jsonb_build_object('from', was, 'to', received_at) from moved
        ",
        &ids,
        &received_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
