//! Who may read an application, and the journal of those who did.

use std::str::FromStr;

use jiff::Timestamp;
use sportello_domain::{ApplicationId, Submitter, UnknownWord};
use time::OffsetDateTime;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::find::known;
use crate::instants;
use crate::page::{JournalCursor, Page, PageSize};

/// What there is under an id for whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought<T> {
    /// It is theirs to read.
    Held(T),
    /// It is another's, or nobody's any more.
    Anothers,
    /// It is not on the register, or not yet.
    NotRegistered,
}

impl<T> Sought<T> {
    /// The same of something else.
    pub fn map<U>(self, of: impl FnOnce(T) -> U) -> Sought<U> {
        match self {
            Self::Held(found) => Sought::Held(of(found)),
            Self::Anothers => Sought::Anothers,
            Self::NotRegistered => Sought::NotRegistered,
        }
    }

    /// What is there, where it is theirs to read.
    pub fn held(self) -> Option<T> {
        match self {
            Self::Held(found) => Some(found),
            Self::Anothers | Self::NotRegistered => None,
        }
    }
}

/// As whom an application was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The person that it is for.
    Applicant,
    /// The intermediary who sent it.
    Submitter,
    /// Staff who look after the service.
    Operator,
}

impl Role {
    const ALL: [Self; 3] = [Self::Applicant, Self::Submitter, Self::Operator];

    /// The word for it in the API and the database.
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

/// What of an application was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// What became of it: [`Store::find`].
    Find,
    /// Its line in a list: [`Store::list`], [`Store::batch_page`].
    List,
    /// What was sent: [`Store::content`].
    Content,
}

impl Operation {
    const ALL: [Self; 3] = [Self::Find, Self::List, Self::Content];

    /// The word for it in the API and the database.
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

/// One read of an application, as its holders may know of it: not who it was, since both holders see the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub at: Timestamp,
    /// As whom.
    pub role: Role,
    /// What of it.
    pub operation: Operation,
    /// An operator's own words. Personal data.
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
    /// Whether the application is this holder's. Nothing of it is read, so nothing is recorded.
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

    /// What is said of an id of which nothing is kept: one that is not kept any more is nobody's, whatever a receipt says.
    pub(crate) async fn not_there<T>(&self, id: ApplicationId) -> Result<Sought<T>, StoreError> {
        Ok(if self.is_forgotten(*id.as_uuid()).await? {
            Sought::Anothers
        } else {
            Sought::NotRegistered
        })
    }

    /// Who read the application, newest first, for its holder; nothing where it is not theirs.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for an entry of a newer version.
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
            role: known(self.role.parse(), "a role")?,
            operation: known(self.operation.parse(), "an operation")?,
            reason: self.reason,
        })
    }
}
