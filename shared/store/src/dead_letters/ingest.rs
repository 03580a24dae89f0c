//! Takes letters into the table, each once.

use std::fmt;

use jiff::Timestamp;
use sportello_domain::{ApplicationId, BenefitId, Channel, ContentDigest, DeadLetterReason, LetterId, Stamp};
use sqlx::{PgTransaction, Postgres, Transaction};
use uuid::Uuid;

use super::words::{Holds, LetterSource};
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants;
use crate::ledger::{LedgerArrival, insert_arrival};

/// Most characters of a reason in words.
const DETAIL: usize = 1_000;

/// A letter on its way into the table.
#[derive(Clone)]
pub struct NewDeadLetter {
    /// Where it comes from.
    pub source: LetterSource,
    /// What it holds.
    pub holds: Holds,
    /// The channel whose queue it goes to when it is sent again.
    pub channel: Channel,
    /// The stamp of the message that it was in, where that has one.
    pub stamp: Option<Stamp>,
    /// Its place in the message; `None` for a whole message.
    pub item: Option<u32>,
    /// The letter that was sent again and came back as this one.
    pub returned_from: Option<LetterId>,
    /// Applications that it counts for.
    pub applications: u32,
    /// The application's id, where it can be read.
    pub application_id: Option<ApplicationId>,
    /// The benefit, where it can be read.
    pub benefit: Option<BenefitId>,
    /// Why it is a dead letter.
    pub reason: DeadLetterReason,
    /// The reason in words, without personal data; cut after 1,000 characters.
    pub detail: String,
    /// Instant at which intake accepted it, where it can be read.
    pub received_at: Option<Timestamp>,
    /// Instant at which it became a dead letter.
    pub dead_lettered_at: Timestamp,
    /// Digest of the content as it was accepted, where it can be read.
    pub sent_digest: Option<ContentDigest>,
    /// The message as it is sent again.
    pub message: Vec<u8>,
}

/// Shows what leads to no person.
impl fmt::Debug for NewDeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (reason, bytes) = (self.reason.as_str(), self.message.len());
        write!(f, "NewDeadLetter({reason}, {bytes} bytes)")
    }
}

/// The right to take letters into the table, which one worker at a time has. It ends by itself
/// after 30 seconds.
#[derive(Debug)]
pub struct DeadLetterTurn(Transaction<'static, Postgres>);

/// What became of letters on their way into the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ingested {
    /// Letters that are new.
    pub new: usize,
    /// Letters that were there already.
    pub existing: usize,
}

impl Store {
    /// Returns the right to take letters into the table. `None` where another worker has it.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn dead_letter_turn(&self) -> Result<Option<DeadLetterTurn>, StoreError> {
        within_deadline(async {
            let mut transaction = self.begin().await?;
            let locked = try_lock(&mut transaction).await?;
            Ok(locked.then_some(DeadLetterTurn(transaction)))
        })
        .await
    }
}

impl DeadLetterTurn {
    /// Takes letters into the table in one transaction: all or none. After that their messages may
    /// be acknowledged.
    ///
    /// A letter is the same as one that is there where message and place are; without a stamp,
    /// where application and bytes are. A letter that was sent again and comes back is a new one,
    /// once, and the one before it becomes `returned`. `settled` are the ledger's records of
    /// messages that no worker had in hand.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Fail`] where it refuses one.
    pub async fn ingest(
        mut self,
        letters: &[NewDeadLetter],
        settled: &[LedgerArrival],
    ) -> Result<Ingested, StoreError> {
        within_deadline(async {
            let mut ingested = Ingested::default();
            for letter in letters {
                if ingest(&mut self.0, letter).await? {
                    ingested.new += 1;
                } else {
                    ingested.existing += 1;
                }
            }
            for arrival in settled {
                insert_arrival(&mut self.0, arrival).await?;
            }
            self.0.commit().await?;
            Ok(ingested)
        })
        .await
    }
}

/// Takes the lock until the transaction ends. Returns false if another worker holds it.
async fn try_lock(transaction: &mut PgTransaction<'_>) -> Result<bool, StoreError> {
    let locked = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtext('sportello_dead_letters'), 0) as "locked!""#
    );
    Ok(locked.fetch_one(&mut **transaction).await?)
}

/// Returns whether the letter is new.
async fn ingest(transaction: &mut PgTransaction<'_>, letter: &NewDeadLetter) -> Result<bool, StoreError> {
    let id = insert(transaction, letter).await?;
    if let (Some(_), Some(before)) = (id, letter.returned_from) {
        come_back(transaction, before).await?;
    }
    if id.is_none() && letter.returned_from.is_none() {
        reopen(transaction, letter).await?;
    }
    Ok(id.is_some())
}

async fn insert(
    transaction: &mut PgTransaction<'_>,
    letter: &NewDeadLetter,
) -> Result<Option<Uuid>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into dead_letters (
            source, holds, channel, process, number, item, returned_from, applications, application_id, benefit,
            reason, detail, received_at, dead_lettered_at, message_digest, body, sent_digest
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, sha256($15), $15, $16)
        on conflict do nothing
        returning id
        ",
        letter.source.as_str(),
        letter.holds.as_str(),
        letter.channel.as_str(),
        letter.stamp.map(|stamp| stamp.process.to_bits()),
        letter.stamp.and_then(|stamp| i64::try_from(stamp.number).ok()),
        letter.item.and_then(|item| i32::try_from(item).ok()),
        letter.returned_from.map(Uuid::from),
        i32::try_from(letter.applications).unwrap_or(i32::MAX),
        letter.application_id.map(Uuid::from),
        letter.benefit.as_ref().map(|benefit| benefit.as_str()),
        letter.reason.as_str(),
        detail(&letter.detail),
        letter.received_at.map(instants::to_database).transpose()?,
        instants::to_database(letter.dead_lettered_at)?,
        letter.message,
        letter.sent_digest.as_ref().map(|digest| digest.as_bytes().as_slice()),
    );
    Ok(inserted.fetch_optional(&mut **transaction).await?)
}

/// Records that a letter that was sent again has come back as another one.
async fn come_back(transaction: &mut PgTransaction<'_>, before: LetterId) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update dead_letters set state = 'returned', body = null, author_issuer = null, author = null, note = null
        where id = $1 and state in ('open', 'requeue_asked', 'sent')
        ",
        before.as_uuid(),
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Opens a letter again that a worker of the version before sent back: it does not say which letter
/// it was.
async fn reopen(transaction: &mut PgTransaction<'_>, letter: &NewDeadLetter) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update dead_letters set state = 'open', author_issuer = null, author = null, note = null
        where state = 'sent' and sent_at < $1 and returned_from is null and case
            when $2::bigint is null then process is null and source = $5 and message_digest = sha256($6)
                and application_id is not distinct from $7
            else process = $2 and number = $3 and item is not distinct from $4
        end
        ",
        instants::to_database(letter.dead_lettered_at)?,
        letter.stamp.map(|stamp| stamp.process.to_bits()),
        letter.stamp.and_then(|stamp| i64::try_from(stamp.number).ok()),
        letter.item.and_then(|item| i32::try_from(item).ok()),
        letter.source.as_str(),
        letter.message,
        letter.application_id.map(Uuid::from),
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Returns a text that the database can hold.
fn detail(text: &str) -> String {
    text.chars().filter(|sign| *sign != '\0').take(DETAIL).collect()
}
