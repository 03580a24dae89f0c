//! The statements that write what registering decided.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sportello_domain::{ProtocolNumber, Subject};
use sqlx::PgTransaction;
use uuid::Uuid;

use crate::batch::{Columns, NewRow, Receipts};
use crate::decision::{Decision, Party};
use crate::error::StoreError;
use crate::instants;
use crate::protocol::{protocol_year, sequence_name};

/// What an application was registered under.
#[derive(Clone, Copy)]
pub(crate) struct Inserted {
    pub(crate) protocol: ProtocolNumber,
    pub(crate) registered_at: Timestamp,
}

/// The primary key of the applications.
const APPLICATIONS_KEY: &str = "applications_pkey";

/// Inserts applications, which are in order of id: every worker in the same order, so that two of them never wait for
/// each other. Nothing where one of the ids is there already: then the transaction can only be rolled back. To let the
/// database pass over such a row would cost a fifteenth more for every row.
///
/// # Errors
/// Also where one of them was on the register and is not kept any more.
pub(crate) async fn insert_new(
    transaction: &mut PgTransaction<'_>,
    new: &[NewRow<'_>],
) -> Result<Option<HashMap<Uuid, Inserted>>, StoreError> {
    if new.is_empty() {
        return Ok(Some(HashMap::new()));
    }
    let numbered = take_numbers(transaction, new).await?;
    let columns = Columns::of(new);
    let numbers: Vec<i64> = columns
        .id
        .iter()
        .filter_map(|id| Some(numbered.get(id)?.protocol.number))
        .collect();
    let inserted = sqlx::query_file!(
        "src/insert_new.sql",
        &columns.id,
        &columns.protocol_year,
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
        &columns.one_per,
        &columns.amount_cents as _,
        &columns.budget as _,
        &columns.turn,
        &columns.validated_with as _,
        &columns.decided_with as _,
        &columns.outcome as _,
        &columns.reason as _,
        &columns.standing_id as _,
        &columns.mandate as _,
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

/// Takes the next numbers of each year, in order of receipt. All that is registered in this transaction is at its instant.
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

/// Fails where one of these applications was on the register and is not kept any more. Asked when they are there again, so
/// that what forgets one at the same moment has ended.
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

/// Says which applications concern subjects other than their applicants.
pub(crate) async fn insert_subjects(
    transaction: &mut PgTransaction<'_>,
    new: &[NewRow<'_>],
) -> Result<(), StoreError> {
    let others = new.iter().flat_map(|row| {
        let others = row.party.one_per.iter();
        let others = others.filter(|subject| **subject != row.party.applicant);
        others.map(|subject| (Subject::as_str(subject), *row.party.id.as_uuid()))
    });
    let (subjects, ids): (Vec<&str>, Vec<Uuid>) = others.unzip();
    if !ids.is_empty() {
        sqlx::query!(
            "insert into application_subjects (subject, application_id) select * from unnest($1::text[], $2::uuid[])",
            &subjects as _,
            &ids,
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// The rows of which something changes, one array a column.
#[derive(Default)]
struct Changes<'a> {
    id: Vec<Uuid>,
    outcome: Vec<&'a str>,
    reason: Vec<&'a str>,
    standing_id: Vec<Option<Uuid>>,
    turn: Vec<i64>,
    decided_with: Vec<Option<&'a str>>,
    told: Vec<bool>,
}

impl<'a> Changes<'a> {
    fn push(&mut self, party: &Party, before: Decision, after: Decision, version: Option<&'a str>) {
        let told = before.verdict != after.verdict;
        self.id.push(*party.id.as_uuid());
        self.outcome.push(after.verdict.outcome.as_str());
        self.reason.push(after.verdict.reason.as_str());
        self.standing_id
            .push(after.verdict.standing.map(|id| *id.as_uuid()));
        self.turn.push(after.turn);
        self.decided_with.push(version.filter(|_| told));
        self.told.push(told);
    }
}

/// Changes those on the register on which it is decided otherwise than before.
pub(crate) async fn change_decisions(
    transaction: &mut PgTransaction<'_>,
    parties: &[Party],
    decisions: &[Decision],
    versions: &HashMap<&str, &str>,
) -> Result<(), StoreError> {
    let mut changes = Changes::default();
    for (party, &after) in parties.iter().zip(decisions) {
        if let Some(before) = party.before.filter(|before| *before != after) {
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
                $1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::text[], $7::boolean[]
            ) as t (id, outcome, reason, standing_id, turn, decided_with, told)
        ),
        changed as (
            update applications set
                outcome = decided.outcome, reason = decided.reason, standing_id = decided.standing_id,
                turn = decided.turn, decided_with = coalesce(decided.decided_with, applications.decided_with)
            from decided where applications.id = decided.id
            returning applications.id, applications.outcome, applications.reason, decided.told
        )
        insert into application_history (application_id, event, detail)
        select id, 'decided', jsonb_build_object('outcome', outcome, 'reason', reason) from changed where told
        ",
        &changes.id,
        &changes.outcome as _,
        &changes.reason as _,
        &changes.standing_id as _,
        &changes.turn,
        &changes.decided_with as _,
        &changes.told,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Leaves what changed in the claims on each budget, for the next allotment to count.
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

/// Lets the earliest receipt stand.
pub(crate) async fn move_receipts(
    transaction: &mut PgTransaction<'_>,
    receipts: &Receipts<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        with earlier as (
            select id, min(received_at) as received_at
            from unnest($1::uuid[], $2::timestamptz[]) as t (id, received_at)
            group by id
        ),
        moved as (
            update applications set received_at = earlier.received_at
            from earlier join applications as before on before.id = earlier.id
            where applications.id = earlier.id and earlier.received_at < applications.received_at
            returning applications.id, before.received_at as was, applications.received_at
        )
        insert into application_history (application_id, event, detail)
        select id, 'received_earlier', jsonb_build_object('from', was, 'to', received_at) from moved
        ",
        &receipts.id,
        &receipts.received_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Records conflicts, each content once however often it is sent.
pub(crate) async fn record_conflicts(
    transaction: &mut PgTransaction<'_>,
    receipts: &Receipts<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        with recorded as (
            insert into application_conflicts (application_id, content_digest, received_at)
            select id, content_digest, received_at
            from unnest($1::uuid[], $2::bytea[], $3::timestamptz[]) as t (id, content_digest, received_at)
            order by received_at
            on conflict do nothing
            returning application_id, received_at
        )
        insert into application_history (application_id, event, detail)
        select application_id, 'conflict', jsonb_build_object('received_at', received_at) from recorded
        ",
        &receipts.id,
        &receipts.content_digest as _,
        &receipts.received_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
