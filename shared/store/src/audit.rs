//! The audit of operators: who did what, when and why. Entries are only added.

use std::fmt;

use jiff::Timestamp;
use sqlx::{Connection as _, PgTransaction};
use time::OffsetDateTime;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants::{from_database, to_database};
use crate::page::{JournalCursor, Page, PageSize};

/// What an operator asks for.
#[derive(Clone, PartialEq, Eq)]
pub struct Deed {
    /// The operator's subject.
    pub operator: String,
    /// The issuer of that subject.
    pub issuer: String,
    /// What is done: small letters and `_`.
    pub action: &'static str,
    /// To what.
    pub object: String,
    /// How many objects are changed.
    pub objects: i64,
    /// What is set, in words for programs.
    pub value: Option<String>,
    /// The reason, 10 to 200 characters.
    pub reason: String,
    /// The request's `Idempotency-Key`.
    pub key: String,
    /// SHA-256 of what the request asks for.
    pub request: [u8; 32],
}

/// An entry of the audit.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number.
    pub entry: i64,
    /// Its instant, by the database's clock.
    pub at: Timestamp,
    /// The operator's subject.
    pub operator: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
    /// How many objects were changed.
    pub objects: i64,
    /// What was set.
    pub value: Option<String>,
    /// The reason.
    pub reason: String,
}

impl fmt::Debug for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deed({}, {}, ***)", self.action, self.object)
    }
}

impl fmt::Debug for AuditEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditEntry({}, {}, ***)", self.entry, self.action)
    }
}

/// Which entries are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// Of this action alone.
    pub action: Option<String>,
}

/// What an earlier request with the same key left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// The same request: it was done by this entry.
    Same(i64),
    /// Another request.
    Other,
}

struct Row {
    entry: i64,
    at: OffsetDateTime,
    operator: String,
    action: String,
    object: String,
    objects: i64,
    value: Option<String>,
    reason: String,
}

impl Store {
    /// Returns what an earlier request of this operator with the same key left, if there was one.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn repeated(&self, deed: &Deed) -> Result<Option<Repeated>, StoreError> {
        within_deadline(async {
            let row = sqlx::query!(
                "select entry, request from console_audit where issuer = $1 and operator = $2 and key = $3",
                deed.issuer,
                deed.operator,
                deed.key,
            );
            let row = row.fetch_optional(&mut *self.connection().await?).await?;
            Ok(row.map(|row| {
                if row.request == deed.request {
                    Repeated::Same(row.entry)
                } else {
                    Repeated::Other
                }
            }))
        })
        .await
    }

    /// Adds an entry by itself, for what is not kept in this database. Returns its number, or what
    /// an earlier request with the same key left.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Fail`] for a value beyond
    /// its bounds.
    pub async fn add_to_audit(&self, deed: &Deed) -> Result<Result<i64, Repeated>, StoreError> {
        within_deadline(async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            let added = add(&mut transaction, deed).await?;
            transaction.commit().await?;
            Ok(added)
        })
        .await
    }

    /// Returns a page of the audit, newest first.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn audit_entries(
        &self,
        filter: &AuditFilter,
        size: PageSize,
        after: Option<JournalCursor>,
    ) -> Result<Page<AuditEntry, JournalCursor>, StoreError> {
        let from = filter.from.map(to_database).transpose()?;
        let to = filter.to.map(to_database).transpose()?;
        let before = after.map_or(i64::MAX, |cursor| cursor.0);
        let rows = within_deadline(async {
            let rows = sqlx::query_as!(
                Row,
                "select entry, at, operator, action, object, objects, value, reason from console_audit
                where entry < $1 and ($2::timestamptz is null or at >= $2)
                    and ($3::timestamptz is null or at < $3) and ($4::text is null or action = $4)
                order by entry desc limit $5",
                before,
                from,
                to,
                filter.action,
                // one more, to see whether there are more
                i64::from(size.get()) + 1,
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        let wanted = usize::try_from(size.get()).unwrap_or_default();
        let more = rows.len() > wanted;
        let items = rows.into_iter().take(wanted).map(Row::read);
        let items = items.collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more);
        let next = next.map(|last| JournalCursor(last.entry));
        Ok(Page { items, next })
    }
}

impl Row {
    fn read(self) -> Result<AuditEntry, StoreError> {
        Ok(AuditEntry {
            entry: self.entry,
            at: from_database(self.at)?,
            operator: self.operator,
            action: self.action,
            object: self.object,
            objects: self.objects,
            value: self.value,
            reason: self.reason,
        })
    }
}

/// Adds an entry in the transaction of the change that it records. Returns its number, or what an
/// earlier request with the same key left: the change must not be made then.
pub(crate) async fn add(
    transaction: &mut PgTransaction<'_>,
    deed: &Deed,
) -> Result<Result<i64, Repeated>, StoreError> {
    let added = sqlx::query_scalar!(
        "insert into console_audit (operator, issuer, action, object, objects, value, reason, key, request)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict on constraint console_audit_once do nothing returning entry",
        deed.operator,
        deed.issuer,
        deed.action,
        deed.object,
        deed.objects,
        deed.value,
        deed.reason,
        deed.key,
        &deed.request[..],
    );
    if let Some(entry) = added.fetch_optional(&mut **transaction).await? {
        return Ok(Ok(entry));
    }
    let there = sqlx::query!(
        "select entry, request from console_audit where issuer = $1 and operator = $2 and key = $3",
        deed.issuer,
        deed.operator,
        deed.key,
    );
    let there = there.fetch_one(&mut **transaction).await?;
    Ok(Err(if there.request == deed.request {
        Repeated::Same(there.entry)
    } else {
        Repeated::Other
    }))
}
