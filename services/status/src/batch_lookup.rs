//! Finds batches for the callers who may see them.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use sportello_domain::{BatchId, BatchReceipt, Submitter};
use sportello_http::{AtOnce, InFlightOf, Problem};
use sportello_identity::Caller;
use sportello_store::{BatchPlace, BatchTally, PlacedApplication, Store, StoreError, StoreOptions};
use tokio::time::timeout;

use crate::receipts::Receipts;

/// Seconds until a retry while the database is away or the organisation reads other batches.
const RETRY_AFTER: u32 = 5;
/// Limit of the database's answer. Programs ask for batches, and may wait longer than a person.
const DEADLINE: Duration = Duration::from_secs(10);
/// Applications that one statement reads.
const PAGE: u32 = 2_000;

/// Connections for batches alone: an intermediary who reads a hundred thousand rows takes none from
/// citizens.
pub(crate) fn store_options() -> StoreOptions {
    StoreOptions {
        application_name: "status-batches".into(),
        max_connections: 4,
        acquire_timeout: Duration::from_secs(1),
        statement_timeout: DEADLINE,
        lock_timeout: DEADLINE,
        ..StoreOptions::default()
    }
}

/// Lookups that one organisation may have in flight: half of the connections, so that others have
/// the rest.
const OF_ONE: u32 = 2;

/// A batch that its sender asks for, while it is being read.
pub(crate) struct Batch {
    pub(crate) id: BatchId,
    _in_flight: Option<InFlightOf>,
    sender: Submitter,
    receipt: Option<BatchReceipt>,
}

/// Reads batches for their senders.
#[derive(Clone)]
pub(crate) struct BatchLookup {
    store: Store,
    receipts: Receipts,
    at_once: AtOnce,
}

impl BatchLookup {
    pub(crate) fn new(store: Store, receipts: Receipts) -> Self {
        Self {
            store,
            receipts,
            at_once: AtOnce::new(OF_ONE),
        }
    }

    /// Returns the batch to be read for the caller. Whether it is theirs shows when it is read.
    ///
    /// # Errors
    /// [`Problem::NotFound`] where it can't be theirs; [`Problem::TooManyRequests`] while their
    /// organisation reads others.
    pub(crate) async fn batch(
        &self,
        caller: &Caller,
        id: &str,
        receipt: Option<&str>,
    ) -> Result<Batch, Problem> {
        let id: BatchId = id.parse().map_err(|_| Problem::NotFound)?;
        let Caller::Intermediary { organisation, .. } = caller else {
            return Err(Problem::NotFound);
        };
        let sender = Submitter::Intermediary(organisation.clone());
        let receipt = match receipt {
            Some(jws) => self.receipts.check_batch(jws, id, &sender).await,
            None => None,
        };
        Ok(Batch {
            id,
            _in_flight: self.at_once.begin(organisation.as_str())?,
            sender,
            receipt,
        })
    }

    /// Returns the counts of the register, and the number of accepted rows where a receipt of the
    /// whole batch has it.
    ///
    /// # Errors
    /// [`Problem::NotFound`] where neither the register nor the receipt shows that it is the
    /// caller's; [`Problem::Unavailable`].
    pub(crate) async fn tally(&self, batch: &Batch) -> Result<(BatchTally, Option<u32>), Problem> {
        let tally = within_deadline(self.store.batch_tally(batch.id, &batch.sender)).await?;
        let receipt = self.receipt(batch).await?;
        let whole = receipt.filter(|receipt| receipt.is_whole());
        let accepted = whole.map(|receipt| receipt.accepted);
        match tally {
            Some(tally) => Ok((tally, accepted)),
            None if receipt.is_some() => Ok((BatchTally::default(), accepted)),
            None => Err(Problem::NotFound),
        }
    }

    /// Returns the first page of its applications. Errors are those of [`BatchLookup::tally`].
    pub(crate) async fn first_page(&self, batch: &Batch) -> Result<Page, Problem> {
        let page = self.page(batch, None).await?;
        if page.applications.is_empty() && self.receipt(batch).await?.is_none() {
            return Err(Problem::NotFound);
        }
        Ok(page)
    }

    /// Returns the receipt, of the whole batch or of parts. It proves nothing once an application
    /// of the batch is past its retention: missing rows would seem to be queued. To be called after
    /// the register was read.
    async fn receipt<'a>(&self, batch: &'a Batch) -> Result<Option<&'a BatchReceipt>, Problem> {
        let Some(receipt) = &batch.receipt else {
            return Ok(None);
        };
        let forgotten = within_deadline(self.store.is_batch_forgotten(batch.id)).await?;
        Ok((!forgotten).then_some(receipt))
    }

    /// Returns the applications after a place.
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
    /// The place that the next page begins after; `None` on the last page.
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
