//! A JSON Web Key Set, kept fresh in the background.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock};
use tokio::sync::{Notify, watch};

use crate::config::KeySource;
use crate::fetch::{FetchError, JwksSource, StartError};

/// Least time between two fetches for unknown keys, so that a flood of invented key ids does not
/// reach the source.
const ASKING_GAP: Duration = Duration::from_secs(10);
/// How long a caller with an unknown key waits for a fetch that is under way.
const LONGEST_WAIT: Duration = Duration::from_millis(300);

type Read<T> = Box<dyn Fn(&[u8]) -> Result<T, Unusable> + Send + Sync>;

/// Why a document is not usable.
pub type Unusable = Box<dyn Error + Send + Sync>;

/// How often a key set is fetched.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Time between two fetches while they succeed.
    pub period: Duration,
    /// Longest pause after a failure. The pause starts at a second and doubles.
    pub longest_pause: Duration,
}

/// The last usable key set of a source. A failed fetch or an unusable document replaces nothing.
pub struct JwksCache<T> {
    source: JwksSource,
    read: Read<T>,
    pace: Pace,
    known: RwLock<Option<Known<T>>>,
    started: Instant,
    fetching: Mutex<Fetching>,
    wake: Notify,
    finished: watch::Sender<()>,
}

struct Known<T> {
    keys: Arc<T>,
    fetched: Instant,
}

#[derive(Default)]
struct Fetching {
    under_way: bool,
    last_asked: Option<Instant>,
}

/// Why a key set is not replaced.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The document can't be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The document is not usable.
    #[error("the document can't be used: {0}")]
    Unusable(Unusable),
}

impl<T> JwksCache<T> {
    /// Makes a cache without keys; [`keep_fresh`](Self::keep_fresh) fetches them. `read` turns a
    /// document into keys.
    ///
    /// # Errors
    /// [`StartError`], where the machine has no usable TLS set-up.
    pub fn new(
        source: &KeySource,
        pace: Pace,
        read: impl Fn(&[u8]) -> Result<T, Unusable> + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        Ok(Self {
            source: JwksSource::new(source)?,
            read: Box::new(read),
            pace,
            known: RwLock::default(),
            started: Instant::now(),
            // the background task begins with a fetch
            fetching: Mutex::new(Fetching {
                under_way: true,
                last_asked: None,
            }),
            wake: Notify::new(),
            finished: watch::Sender::new(()),
        })
    }

    /// Returns the keys of the last successful fetch.
    pub fn known(&self) -> Option<Arc<T>> {
        let known = self.known.read();
        known.as_ref().map(|known| Arc::clone(&known.keys))
    }

    /// Returns the time since the last successful fetch; before the first, the age of the cache.
    pub fn age(&self) -> Duration {
        let known = self.known.read();
        known
            .as_ref()
            .map_or(self.started, |known| known.fetched)
            .elapsed()
    }

    /// Returns the keys, once `has` holds for them.
    ///
    /// Returns at once if it holds for the known keys. Otherwise requests a fetch, at most one in
    /// 10 s, waits for it at most 300 ms, and returns the keys known by then.
    pub async fn with(&self, has: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        if let Some(keys) = self.known().filter(|keys| has(keys)) {
            return Some(keys);
        }
        let mut finished = self.finished.subscribe();
        if self.ask_for_fetch() {
            // elapsed or not, the keys known by then are the answer
            let _ = tokio::time::timeout(LONGEST_WAIT, finished.changed()).await;
        }
        self.known()
    }

    /// Requests a fetch unless one was requested a moment ago. Returns whether one is under way.
    fn ask_for_fetch(&self) -> bool {
        let mut fetching = self.fetching.lock();
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
        self.fetching.lock().under_way = under_way;
    }

    /// Fetches the keys now, then whenever they are old or requested. `report` receives each
    /// outcome.
    pub async fn keep_fresh(&self, report: impl Fn(Result<&T, &RefreshError>)) {
        let mut failures = 0;
        loop {
            self.set_under_way(true);
            let outcome = self.refresh().await;
            self.set_under_way(false);
            self.finished.send_replace(());
            report(outcome.as_deref());
            failures = if outcome.is_ok() { 0 } else { failures + 1 };
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(self.pace.pause_after(failures)) => {}
            }
        }
    }

    async fn refresh(&self) -> Result<Arc<T>, RefreshError> {
        let document = self.source.fetch().await?;
        let keys = Arc::new((self.read)(&document).map_err(RefreshError::Unusable)?);
        *self.known.write() = Some(Known {
            keys: Arc::clone(&keys),
            fetched: Instant::now(),
        });
        Ok(keys)
    }
}

impl Pace {
    fn pause_after(self, failures: u32) -> Duration {
        match failures {
            0 => self.period,
            _ => Duration::from_secs(1 << (failures - 1).min(16)).min(self.longest_pause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pace = Pace {
            period: Duration::from_secs(300),
            longest_pause: Duration::from_secs(60),
        };
        let pauses = [0, 1, 2, 3, 6, 7, 100].map(|failures| pace.pause_after(failures).as_secs());
        assert_eq!(pauses, [300, 1, 2, 4, 32, 60, 60]);
    }
}
