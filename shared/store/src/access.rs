//! Access to an application, and the journal of its readers.

use std::str::FromStr;

use jiff::Timestamp;
use sportello_domain::{ApplicationId, Submitter, UnknownWord};
use time::OffsetDateTime;

use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::instants;
use crate::page::{JournalCursor, Page, PageSize};

/// The result of looking up an id for one holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought<T> {
    /// The holder may read it.
    Held(T),
    /// It belongs to another holder, or is no longer kept.
    Anothers,
    /// It is not on the register, or not yet.
    NotRegistered,
}

impl<T> Sought<T> {
    /// Applies `of` to what was found.
    pub fn map<U>(self, of: impl FnOnce(T) -> U) -> Sought<U> {
        match self {
            Self::Held(found) => Sought::Held(of(found)),
            Self::Anothers => Sought::Anothers,
            Self::NotRegistered => Sought::NotRegistered,
        }
    }

    /// Returns the value if the holder may read it.
    pub fn held(self) -> Option<T> {
        match self {
            Self::Held(found) => Some(found),
            Self::Anothers | Self::NotRegistered => None,
        }
    }
}

/// The role of an application's reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The person the application is for.
    Applicant,
    /// The intermediary that sent it.
    Submitter,
    /// Staff who operate the service.
    Operator,
}

impl Role {
    const ALL: [Self; 3] = [Self::Applicant, Self::Submitter, Self::Operator];

    /// Returns the word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Submitter => "submitter",
            Self::Operator => "operator",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or(UnknownWord("role"))
    }
}

/// The part of an application that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// The decision: [`Store::find`].
    Find,
    /// Its line in a list: [`Store::list`], [`Store::batch_page`].
    List,
    /// The content as it was sent: [`Store::content`].
    Content,
}

impl Operation {
    const ALL: [Self; 3] = [Self::Find, Self::List, Self::Content];

    /// Returns the word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Find => "find",
            Self::List => "list",
            Self::Content => "content",
        }
    }
}

impl FromStr for Operation {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let operation = Self::ALL.into_iter().find(|operation| operation.as_str() == text);
        operation.ok_or(UnknownWord("operation"))
    }
}

/// One read of an application, as its holders see it. It does not identify the reader, because both
/// holders see the same entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Instant of the read.
    pub at: Timestamp,
    /// Role of the reader.
    pub role: Role,
    /// Part that was read.
    pub operation: Operation,
    /// Reason in an operator's own words. Personal data.
    pub reason: Option<String>,
}

struct Row {
    entry: i64,
    at: OffsetDateTime,
    role: String,
    operation: String,
    reason: Option<String>,
    more: bool,
}

impl Store {
    /// Returns whether the application belongs to this holder. Reads no content, so records
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn is_held(&self, id: ApplicationId, holder: &Submitter) -> Result<Sought<()>, StoreError> {
        let held = within_deadline(async {
            let held = sqlx::query_scalar!(
                r#"
                select holder_role(channel, submitter, tax_code, $2, $3) is not null as "held!"
                from applications where id = $1
                union all select false from forgotten where id = $1
                "#,
                id.as_uuid(),
                holder.channel().as_str(),
                holder.as_str(),
            );
            Ok(held.fetch_optional(&mut *self.connection().await?).await?)
        })
        .await?;
        Ok(match held {
            Some(true) => Sought::Held(()),
            Some(false) => Sought::Anothers,
            None => Sought::NotRegistered,
        })
    }

    /// Returns the answer for an id that does not belong to the holder, on the register or not. A
    /// forgotten application belongs to no holder, whatever a receipt says. Every case takes the
    /// same steps, so that the response time does not reveal which ids exist.
    pub(crate) async fn not_held<T>(
        &self,
        id: ApplicationId,
        is_there: bool,
    ) -> Result<Sought<T>, StoreError> {
        let is_forgotten = self.is_forgotten(*id.as_uuid()).await?;
        Ok(if is_there || is_forgotten {
            Sought::Anothers
        } else {
            Sought::NotRegistered
        })
    }

    /// Returns the reads of the application, newest first, or nothing if `holder` does not hold it.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for an entry of
    /// a newer version.
    pub async fn accesses(
        &self,
        id: ApplicationId,
        holder: &Submitter,
        size: PageSize,
        after: Option<JournalCursor>,
    ) -> Result<Option<Page<Access, JournalCursor>>, StoreError> {
        if self.is_held(id, holder).await? != Sought::Held(()) {
            return Ok(None);
        }
        let rows = within_deadline(self.journal(id, size, after)).await?;
        let last = rows.last().filter(|row| row.more);
        let next = last.map(|row| JournalCursor(row.entry));
        let items = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok(Some(Page { items, next }))
    }

    async fn journal(
        &self,
        id: ApplicationId,
        size: PageSize,
        after: Option<JournalCursor>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"
            with found as (
                select entry, at, role, operation, reason from access_journal
                where application_id = $1 and entry < $2 order by entry desc limit $3 + 1
            )
            select
                entry as "entry!", at as "at!", role as "role!", operation as "operation!", reason as "reason?",
                (select count(*) from found) > $3 as "more!"
            from found order by entry desc limit $3
            "#,
            id.as_uuid(),
            after.map_or(i64::MAX, |cursor| cursor.0),
            size.get(),
        );
        Ok(rows.fetch_all(&mut *self.connection().await?).await?)
    }
}

impl Row {
    fn read(self) -> Result<Access, StoreError> {
        Ok(Access {
            at: instants::from_database(self.at)?,
            role: stored(self.role.parse(), "a role")?,
            operation: stored(self.operation.parse(), "an operation")?,
            reason: self.reason,
        })
    }
}
