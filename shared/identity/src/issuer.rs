//! One trusted issuer and the keys that are known of it, kept fresh in the background.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

use crate::config::IssuerConfig;
use crate::error::TokenError;
use crate::fetch::{FetchError, JwksSource};
use crate::keys::{KeySet, KeySetError};
use crate::metrics::Metrics;
use crate::verifier::StartError;

/// Between two fetches while all is well.
const PERIOD: Duration = Duration::from_secs(5 * 60);
/// The longest pause after a failure; it doubles from a second up.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Between two fetches that unknown keys cause: a flood of invented key ids does not reach the issuer.
const ASKING_GAP: Duration = Duration::from_secs(10);
/// How long the token of an unknown key waits for a fetch that is under way.
const LONGEST_WAIT: Duration = Duration::from_millis(300);

pub(crate) struct Issuer {
    pub(crate) config: IssuerConfig,
    source: JwksSource,
    /// Nothing until the first fetch; then the last good one, however long the issuer is away.
    keys: RwLock<Option<Arc<KeySet>>>,
    fetching: Mutex<Fetching>,
    wake: Notify,
    finished: watch::Sender<()>,
}

#[derive(Default)]
struct Fetching {
    under_way: bool,
    last_asked: Option<Instant>,
}

#[derive(Debug, thiserror::Error)]
enum RefreshError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    KeySet(#[from] KeySetError),
}

impl Issuer {
    pub(crate) fn new(config: IssuerConfig) -> Result<Self, StartError> {
        Ok(Self {
            source: JwksSource::new(&config.keys)?,
            config,
            keys: RwLock::default(),
            // the background task begins with a fetch
            fetching: Mutex::new(Fetching {
                under_way: true,
                last_asked: None,
            }),
            wake: Notify::new(),
            finished: watch::Sender::new(()),
        })
    }

    pub(crate) fn has_keys(&self) -> bool {
        self.known_keys().is_some()
    }

    /// The keys, among which `kid` is if the issuer publishes it.
    ///
    /// Known keys are given at once. An unknown one asks for a fetch, and waits for it a moment.
    pub(crate) async fn keys_with(&self, kid: Option<&str>) -> Result<Arc<KeySet>, TokenError> {
        let known = self.known_keys();
        if let Some(keys) = known.filter(|keys| keys.find(kid).is_some()) {
            return Ok(keys);
        }
        let mut finished = self.finished.subscribe();
        if self.ask_for_fetch() {
            // elapsed or not, what is known by then is the answer
            let _ = tokio::time::timeout(LONGEST_WAIT, finished.changed()).await;
        }
        self.known_keys().ok_or(TokenError::KeysUnavailable)
    }

    fn known_keys(&self) -> Option<Arc<KeySet>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for a fetch unless one was asked for a moment ago. Whether one is under way now.
    fn ask_for_fetch(&self) -> bool {
        let mut fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        let allowed = fetching
            .last_asked
            .is_none_or(|last| last.elapsed() >= ASKING_GAP);
        if !fetching.under_way && allowed {
            *fetching = Fetching {
                under_way: true,
                last_asked: Some(Instant::now()),
            };
            self.wake.notify_one();
        }
        fetching.under_way
    }

    fn set_under_way(&self, under_way: bool) {
        self.fetching
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .under_way = under_way;
    }

    /// Fetches the keys now, then whenever they are old or asked for.
    pub(crate) async fn keep_fresh(&self, metrics: &Metrics) {
        let mut failures = 0;
        loop {
            self.set_under_way(true);
            let outcome = self.refresh().await;
            self.set_under_way(false);
            self.finished.send_replace(());
            metrics.refreshed(outcome.is_ok());
            failures = match outcome {
                Ok(()) => 0,
                Err(error) => {
                    self.report(&error);
                    failures + 1
                }
            };
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(pause_after(failures)) => {}
            }
        }
    }

    async fn refresh(&self) -> Result<(), RefreshError> {
        let document = self.source.fetch().await?;
        let keys = KeySet::parse(&document, &self.config)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
        Ok(())
    }

    fn report(&self, error: &RefreshError) {
        tracing::warn!(
            issuer = self.config.issuer,
            error = %error,
            cause = error.source().map(tracing::field::display),
            "cannot get the keys of an issuer; those already known stay in use"
        );
    }
}

fn pause_after(failures: u32) -> Duration {
    match failures {
        0 => PERIOD,
        _ => Duration::from_secs(1 << (failures - 1).min(6)).min(LONGEST_PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let pauses = [0, 1, 2, 3, 6, 7, 100].map(|failures| pause_after(failures).as_secs());
        assert_eq!(pauses, [300, 1, 2, 4, 32, 60, 60]);
    }
}
