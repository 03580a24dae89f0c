//! Lists of letters, page by page, and the history of one.

use jiff::Timestamp;
use sportello_domain::LetterId;
use time::OffsetDateTime;
use uuid::Uuid;

use super::letter::{DeadLetter, DeadLetterEntry, LetterFilter, LetterRow, Operator};
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::instants;
use crate::page::{InstantCursor, Page, PageSize};

/// Most entries of a letter's history that are returned: the newest.
const ENTRIES: i64 = 200;

struct EntryRow {
    at: OffsetDateTime,
    event: String,
    author_issuer: Option<String>,
    author: Option<String>,
    note: Option<String>,
}

impl Store {
    /// Returns letters without their contents, those that became dead letters last first.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a row of a
    /// newer version.
    pub async fn dead_letters(
        &self,
        filter: &LetterFilter,
        size: PageSize,
        after: Option<InstantCursor>,
    ) -> Result<Page<DeadLetter, InstantCursor>, StoreError> {
        let rows = within_deadline(self.letter_rows(filter, None, size, after)).await?;
        let more = rows.last().is_some_and(|row| row.more);
        let items = rows
            .into_iter()
            .map(LetterRow::read)
            .collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more).map(|last| InstantCursor {
            at: last.dead_lettered_at,
            id: last.id.into(),
        });
        Ok(Page { items, next })
    }

    /// Returns a letter without its content, if it is kept.
    ///
    /// # Errors
    /// As [`Store::dead_letters`].
    pub async fn dead_letter(&self, id: LetterId) -> Result<Option<DeadLetter>, StoreError> {
        let (all, one) = (LetterFilter::default(), PageSize::default());
        let rows = within_deadline(self.letter_rows(&all, Some(id), one, None)).await?;
        rows.into_iter().next().map(LetterRow::read).transpose()
    }

    /// Returns what happened to a letter, oldest first: the last 200 entries.
    ///
    /// # Errors
    /// As [`Store::dead_letters`].
    pub async fn dead_letter_history(&self, id: LetterId) -> Result<Vec<DeadLetterEntry>, StoreError> {
        let rows = within_deadline(async {
            let rows = sqlx::query_as!(
                EntryRow,
                r#"
                select at as "at!", event as "event!", author_issuer, author, note
                from (
                    select entry, at, event, author_issuer, author, note from dead_letter_events
                    where letter_id = $1 order by entry desc limit $2
                ) as last order by entry
                "#,
                id.as_uuid(),
                ENTRIES,
            );
            Ok(rows.fetch_all(&mut *self.connection().await?).await?)
        })
        .await?;
        rows.into_iter().map(EntryRow::read).collect()
    }

    async fn letter_rows(
        &self,
        filter: &LetterFilter,
        id: Option<LetterId>,
        size: PageSize,
        after: Option<InstantCursor>,
    ) -> Result<Vec<LetterRow>, StoreError> {
        let (before, before_id) =
            after.map_or((Timestamp::MAX, Uuid::max()), |cursor| (cursor.at, cursor.id));
        let rows = sqlx::query_file_as!(
            LetterRow,
            "src/dead_letters/list.sql",
            instants::to_database(before)?,
            before_id,
            size.get(),
            filter.state.map(|state| state.as_str()),
            filter.source.map(|source| source.as_str()),
            filter.reason.map(|reason| reason.as_str()),
            filter.benefit.as_ref().map(|benefit| benefit.as_str()),
            filter.channel.map(|channel| channel.as_str()),
            filter.application_id.map(Uuid::from),
            filter.from.map(instants::to_database).transpose()?,
            filter.until.map(instants::to_database).transpose()?,
            id.map(Uuid::from),
        );
        Ok(rows.fetch_all(&mut *self.connection().await?).await?)
    }
}

impl EntryRow {
    fn read(self) -> Result<DeadLetterEntry, StoreError> {
        Ok(DeadLetterEntry {
            at: instants::from_database(self.at)?,
            event: stored(self.event.parse(), "an event of a letter")?,
            by: Operator::of(self.author_issuer, self.author).zip(self.note),
        })
    }
}
