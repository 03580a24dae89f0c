//! Who may see what became of which batch.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use sportello_domain::{BatchId, BatchReceipt, Submitter};
use sportello_http::Problem;
use sportello_identity::Caller;
use sportello_store::{BatchPlace, BatchTally, PlacedApplication, Store, StoreError, StoreOptions};
use tokio::time::timeout;

use crate::receipts::Receipts;

/// When to come back while the database is away or others read batches, in seconds.
const RETRY_AFTER: u32 = 5;
/// How long the database may take. Programs ask for batches, and may wait longer than a person.
const DEADLINE: Duration = Duration::from_secs(10);
/// Applications of one statement.
const PAGE: u32 = 2_000;

/// Connections for batches alone: an intermediary who reads a hundred thousand rows takes none from citizens.
pub(crate) fn store_options() -> StoreOptions {
    StoreOptions {
        application_name: "status-batches".into(),
        max_connections: 2,
        acquire_timeout: Duration::from_secs(1),
        statement_timeout: DEADLINE,
        lock_timeout: DEADLINE,
    }
}

/// A batch that its sender asks for.
pub(crate) struct Batch {
    pub(crate) id: BatchId,
    sender: Submitter,
    receipt: Option<BatchReceipt>,
}

/// Reads batches for their senders.
#[derive(Clone)]
pub(crate) struct BatchLookup {
    store: Store,
    receipts: Receipts,
}

impl BatchLookup {
    pub(crate) fn new(store: Store, receipts: Receipts) -> Self {
        Self { store, receipts }
    }

    /// The batch as the caller would have it: whether it is theirs shows with what is read of it.
    ///
    /// # Errors
    /// [`Problem::NotFound`] where it can't be theirs.
    pub(crate) fn batch(&self, caller: &Caller, id: &str, receipt: Option<&str>) -> Result<Batch, Problem> {
        let id: BatchId = id.parse().map_err(|_| Problem::NotFound)?;
        let Caller::Intermediary { organisation, .. } = caller else {
            return Err(Problem::NotFound);
        };
        let sender = Submitter::Intermediary(organisation.clone());
        let receipt = receipt.and_then(|jws| self.receipts.check_batch(jws, id, &sender));
        Ok(Batch { id, sender, receipt })
    }

    /// What is on the register of it, and how many rows were accepted where the receipt tells.
    ///
    /// # Errors
    /// [`Problem::NotFound`] where neither the register nor the receipt says that it is the caller's;
    /// [`Problem::Unavailable`].
    pub(crate) async fn tally(&self, batch: &Batch) -> Result<(BatchTally, Option<u32>), Problem> {
        let tally = within_deadline(self.store.batch_tally(batch.id, &batch.sender)).await?;
        let accepted = self.accepted(batch).await?;
        match tally {
            Some(tally) => Ok((tally, accepted)),
            None if accepted.is_some() => Ok((BatchTally::default(), accepted)),
            None => Err(Problem::NotFound),
        }
    }

    /// The first page of its applications; errors as of [`BatchLookup::tally`].
    pub(crate) async fn first_page(&self, batch: &Batch) -> Result<Page, Problem> {
        let page = self.page(batch, None).await?;
        if page.applications.is_empty() && self.accepted(batch).await?.is_none() {
            return Err(Problem::NotFound);
        }
        Ok(page)
    }

    /// How many rows were accepted, as the receipt says. Once an application of the batch is not kept any more it proves
    /// nothing: what is missing on the register would seem to be queued. To be asked after the register was read.
    async fn accepted(&self, batch: &Batch) -> Result<Option<u32>, Problem> {
        let Some(receipt) = &batch.receipt else {
            return Ok(None);
        };
        let forgotten = within_deadline(self.store.is_batch_forgotten(batch.id)).await?;
        Ok((!forgotten).then_some(receipt.accepted))
    }

    /// The applications after a place.
    ///
    /// # Errors
    /// [`Problem::Unavailable`].
    pub(crate) async fn page(&self, batch: &Batch, after: Option<BatchPlace>) -> Result<Page, Problem> {
        let page = self.store.batch_page(batch.id, &batch.sender, after, PAGE);
        let applications = within_deadline(page).await?;
        let last = applications.last().map(|last| last.place);
        let full = u32::try_from(applications.len()).is_ok_and(|len| len >= PAGE);
        Ok(Page {
            next: last.filter(|_| full),
            applications,
        })
    }
}

/// Applications of a batch, in order of their rows.
pub(crate) struct Page {
    pub(crate) applications: Vec<PlacedApplication>,
    /// The place that the next page begins after, unless this is the last.
    pub(crate) next: Option<BatchPlace>,
}

async fn within_deadline<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, Problem> {
    match timeout(DEADLINE, call).await {
        Ok(answer) => answer.map_err(unavailable),
        Err(_) => Err(unavailable("no answer in time")),
    }
}

fn unavailable(error: impl Display) -> Problem {
    tracing::warn!(%error, "a batch can't be read");
    Problem::Unavailable {
        retry_after: RETRY_AFTER,
    }
}
