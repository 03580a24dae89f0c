//! The parts of intake that its endpoints use.

use sportello_catalogue::LiveCatalogue;
use sportello_domain::{ApplicationId, BatchId, IdSecret, Shard, TaxCode};
use sportello_http::{DailyQuota, Problem};
use sportello_queue::{Publisher, Shards, Status};
use sportello_receipt::ReceiptSigner;
use sportello_signals::{BrokerClock, ChannelSettings};

use crate::answered::Answered;
use crate::fallback::Fallback;

/// The broker is away or full: retry after two seconds.
pub(crate) const UNAVAILABLE: Problem = Problem::Unavailable { retry_after: 2 };

/// The parts of one process. `validate.rs` judges an application with them, and
/// `accept.rs` keeps it.
pub(crate) struct Parts {
    pub(crate) catalogue: LiveCatalogue,
    pub(crate) channel_settings: ChannelSettings,
    pub(crate) clock: BrokerClock,
    /// Bounds what an organisation sends for one applicant a day.
    pub(crate) quota: DailyQuota,
    pub(crate) secret: IdSecret,
    pub(crate) signer: ReceiptSigner,
    pub(crate) publisher: Publisher,
    pub(crate) shards: Shards,
    pub(crate) answered: Answered,
    pub(crate) fallback: Option<Fallback>,
    pub(crate) status: StatusUrl,
}

/// The address of the status service for callers.
pub(crate) struct StatusUrl(String);

impl StatusUrl {
    /// Takes a base address, with or without a slash at its end.
    pub(crate) fn new(base: &str) -> Self {
        Self(base.trim_end_matches('/').to_owned())
    }

    /// Returns the address of an application.
    pub(crate) fn of_application(&self, id: ApplicationId) -> String {
        format!("{}/v1/applications/{id}/status", self.0)
    }

    /// Returns the address of a batch.
    pub(crate) fn of_batch(&self, id: BatchId) -> String {
        format!("{}/v1/batches/{id}", self.0)
    }
}

impl Parts {
    /// Checks that single applications can be accepted now. Each endpoint checks this first:
    /// refusing a caller must cost next to nothing, since all of them come back.
    ///
    /// # Errors
    /// [`Problem::Unavailable`].
    pub(crate) fn check_open(&self) -> Result<(), Problem> {
        self.check_settings_known()?;
        self.check_open_to_withdrawals()
    }

    /// Checks that withdrawals can be kept now: by the queue, or by the local disk in its place.
    ///
    /// # Errors
    /// [`Problem::Unavailable`].
    pub(crate) fn check_open_to_withdrawals(&self) -> Result<(), Problem> {
        match &self.fallback {
            Some(fallback) if fallback.takes() => Ok(()),
            Some(_) | None => self.check_queue_open(),
        }
    }

    /// Checks that a batch can be accepted now: its rows go only into the queue.
    ///
    /// # Errors
    /// [`Problem::Unavailable`].
    pub(crate) fn check_open_to_batches(&self) -> Result<(), Problem> {
        self.check_settings_known()?;
        self.check_queue_open()
    }

    /// Returns the shard of an applicant, where a channel has several queues.
    pub(crate) fn shard_of(&self, applicant: &TaxCode) -> Shard {
        if self.shards.is_one() {
            Shard::default()
        } else {
            self.secret.shard(applicant)
        }
    }

    fn check_queue_open(&self) -> Result<(), Problem> {
        match self.publisher.status() {
            Status::Connected => Ok(()),
            Status::Blocked | Status::Disconnected => Err(UNAVAILABLE),
        }
    }

    /// Checks that the channel settings are known: without them intake accepts nothing.
    fn check_settings_known(&self) -> Result<(), Problem> {
        if self.channel_settings.is_known() {
            Ok(())
        } else {
            Err(UNAVAILABLE)
        }
    }
}
