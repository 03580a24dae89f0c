//! The parts of the console that its endpoints use.

use std::sync::Arc;

use secrecy::SecretString;
use sportello_catalogue::LiveCatalogue;
use sportello_dead_letters::Mender;
use sportello_http::Problem;
use sportello_signals::ChannelSettings;
use sportello_store::{Deed, Repeated, Store, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::setting::Setting;
use crate::shown::Shown;
use crate::streams::Streams;
use crate::wanted::Wanted;

/// Something that an answer needs is away: retry after two seconds.
pub(crate) const UNAVAILABLE: Problem = Problem::Unavailable { retry_after: 2 };

/// The parts of one process.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) mender: Mender,
    pub(crate) shown: Arc<Shown>,
    pub(crate) streams: Streams,
    pub(crate) catalogue: LiveCatalogue,
    pub(crate) channel_settings: ChannelSettings,
    pub(crate) wanted: watch::Receiver<Option<Arc<Wanted>>>,
    pub(crate) of_start: Setting,
    /// Name of what starts and stops workers.
    pub(crate) hands: &'static str,
    pub(crate) agent_token: Option<SecretString>,
    /// Cancelled when the console stops.
    pub(crate) closing: CancellationToken,
}

impl Parts {
    /// Adds the entry of a change to the audit; one that the same request added meanwhile stands
    /// for it.
    ///
    /// # Errors
    /// [`Problem::KeyReused`] where another request had its key, [`Problem::Unavailable`] while the
    /// database is away.
    pub(crate) async fn record(&self, deed: &Deed) -> Result<(), Problem> {
        match self.store.add_to_audit(deed).await.map_err(problem)? {
            Ok(_) | Err(Repeated::Same(_)) => Ok(()),
            Err(Repeated::Other) => Err(Problem::KeyReused),
        }
    }
}

/// Returns the problem of a failed call to the database; the log says why.
pub(crate) fn problem(error: StoreError) -> Problem {
    match error {
        StoreError::Retry(_) | StoreError::TooSlow(_) => {
            tracing::warn!(%error, "the database can't serve a call of an operator");
            UNAVAILABLE
        }
        StoreError::Fail(_) | StoreError::Unreadable(_) => {
            tracing::error!(%error, "a call of an operator failed");
            Problem::Internal
        }
    }
}
