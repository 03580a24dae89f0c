//! What operators do to a single letter. Each change names the version that it is made on, so that
//! the second of two operators learns of the first.

use std::fmt;

use jiff::Timestamp;
use sportello_domain::{AccessReason, BenefitId, ContentDigest, LetterId};

use super::letter::Operator;
use super::words::LetterState;
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};
use crate::instants;

/// The result of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It was made; the letter has this version now.
    Made(i32),
    /// Nothing was changed: another change came first, or the letter's state does not allow it.
    Overtaken(LastChange),
    /// There is no such letter.
    NotFound,
}

/// The last change of a letter or a job: who, when, and what it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastChange {
    /// Its version.
    pub version: i32,
    /// Its state.
    pub state: LetterState,
    /// Instant of the change.
    pub at: Timestamp,
    /// The operator who made it, and why; none where a program made it.
    pub by: Option<(Operator, String)>,
}

/// A content that an operator gives a letter in place of the accepted one.
#[derive(Clone, PartialEq, Eq)]
pub struct Mended {
    /// The envelope with the new content: same id, submitter and instant of receipt.
    pub message: Vec<u8>,
    /// Digest of the new content.
    pub digest: ContentDigest,
    /// Its benefit.
    pub benefit: BenefitId,
}

/// Shows no content.
impl fmt::Debug for Mended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mended({} bytes)", self.message.len())
    }
}

impl Store {
    /// Gives an open letter a new content, which the caller has judged. Both digests are kept.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn mend_dead_letter(
        &self,
        id: LetterId,
        version: i32,
        mended: &Mended,
        by: &Operator,
        reason: &AccessReason,
    ) -> Result<Attempt, StoreError> {
        let made = within_deadline(async {
            let update = sqlx::query_scalar!(
                "
                update dead_letters set
                    body = $3, mended_digest = $4, mended_at = now(), benefit = $5,
                    author_issuer = $6, author = $7, note = $8
                where id = $1 and version = $2 and state = 'open' and holds = 'application' and source <> 'conflict'
                returning version
                ",
                id.as_uuid(),
                version,
                mended.message,
                mended.digest.as_bytes().as_slice(),
                mended.benefit.as_str(),
                by.issuer,
                by.subject,
                reason.as_str(),
            );
            Ok(update.fetch_optional(&mut *self.connection().await?).await?)
        })
        .await?;
        self.attempt(id, made).await
    }

    /// Decides against an open letter: no application of it is registered. It is kept until its
    /// benefit's retention ends.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn discard_dead_letter(
        &self,
        id: LetterId,
        version: i32,
        by: &Operator,
        reason: &AccessReason,
    ) -> Result<Attempt, StoreError> {
        self.put(id, version, LetterState::Open, LetterState::Discarded, by, reason)
            .await
    }

    /// Opens a letter again that was sent and of which nothing came: the message was lost on its
    /// way. Sending it twice does no harm, since its id is registered once.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn reopen_dead_letter(
        &self,
        id: LetterId,
        version: i32,
        by: &Operator,
        reason: &AccessReason,
    ) -> Result<Attempt, StoreError> {
        self.put(id, version, LetterState::Sent, LetterState::Open, by, reason)
            .await
    }

    async fn put(
        &self,
        id: LetterId,
        version: i32,
        from: LetterState,
        to: LetterState,
        by: &Operator,
        reason: &AccessReason,
    ) -> Result<Attempt, StoreError> {
        let made = within_deadline(async {
            let update = sqlx::query_scalar!(
                "
                update dead_letters set state = $4, author_issuer = $5, author = $6, note = $7
                where id = $1 and version = $2 and state = $3
                returning version
                ",
                id.as_uuid(),
                version,
                from.as_str(),
                to.as_str(),
                by.issuer,
                by.subject,
                reason.as_str(),
            );
            Ok(update.fetch_optional(&mut *self.connection().await?).await?)
        })
        .await?;
        self.attempt(id, made).await
    }

    /// Finds out why nothing was changed.
    async fn attempt(&self, id: LetterId, made: Option<i32>) -> Result<Attempt, StoreError> {
        if let Some(version) = made {
            return Ok(Attempt::Made(version));
        }
        let row = within_deadline(async {
            let row = sqlx::query!(
                "
                select version, state, changed_at, author_issuer, author, note from dead_letters where id = $1
                ",
                id.as_uuid(),
            );
            Ok(row.fetch_optional(&mut *self.connection().await?).await?)
        })
        .await?;
        let Some(row) = row else {
            return Ok(Attempt::NotFound);
        };
        Ok(Attempt::Overtaken(LastChange {
            version: row.version,
            state: stored(row.state.parse(), "a state of a letter")?,
            at: instants::from_database(row.changed_at)?,
            by: Operator::of(row.author_issuer, row.author).zip(row.note),
        }))
    }
}
