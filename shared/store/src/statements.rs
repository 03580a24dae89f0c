//! The statements that registering is made of.

use std::collections::HashMap;

use jiff::Timestamp;
use sportello_domain::{AcceptedApplication, Outcome, ProtocolNumber};
use sqlx::PgTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::batch::{Columns, Receipts};
use crate::error::StoreError;
use crate::instants;

/// What stands on the register under an id.
pub(crate) struct Standing {
    /// Whether this transaction put it there.
    pub(crate) new: bool,
    pub(crate) content_digest: Vec<u8>,
    pub(crate) received_at: Timestamp,
    pub(crate) protocol: ProtocolNumber,
    pub(crate) outcome: Outcome,
    pub(crate) registered_at: Timestamp,
}

struct Row {
    id: Uuid,
    protocol_year: i16,
    protocol_number: i64,
    content_digest: Vec<u8>,
    received_at: OffsetDateTime,
    registered_at: OffsetDateTime,
    outcome: String,
}

impl Row {
    fn read(self, new: bool) -> Result<(Uuid, Standing), StoreError> {
        let standing = Standing {
            new,
            content_digest: self.content_digest,
            received_at: instants::from_database(self.received_at)?,
            protocol: ProtocolNumber {
                year: self.protocol_year,
                number: self.protocol_number,
            },
            outcome: self
                .outcome
                .parse()
                .map_err(|_| StoreError::unreadable("an outcome"))?,
            registered_at: instants::from_database(self.registered_at)?,
        };
        Ok((self.id, standing))
    }
}

/// Inserts the candidates whose id is not there. What is there takes no number, except where another worker
/// registers it at the same moment.
pub(crate) async fn insert_new(
    transaction: &mut PgTransaction<'_>,
    candidates: &[&AcceptedApplication],
) -> Result<HashMap<Uuid, Standing>, StoreError> {
    let columns = Columns::of(candidates);
    let rows = sqlx::query_file_as!(
        Row,
        "src/insert_new.sql",
        &columns.id,
        &columns.protocol_year,
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
        Outcome::Registered.as_str(),
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.into_iter().map(|row| row.read(true)).collect()
}

/// Reads what stands under ids that are there, and locks it, in order of id, until the transaction ends.
pub(crate) async fn lock_known(
    transaction: &mut PgTransaction<'_>,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Standing>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "
        select id, protocol_year, protocol_number, content_digest, received_at, registered_at, outcome
        from applications where id = any($1) order by id for update
        ",
        ids
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.into_iter().map(|row| row.read(false)).collect()
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
