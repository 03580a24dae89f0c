//! The local disk stands in for the broker, for a while: the honest mode.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sportello_http::Check;
use sportello_queue::{PublishError, Publisher, Status, Submission};
use sportello_spool::{OpenError, Spool, SpoolConfig};

use crate::Config;

/// From an application's arrival to the broker's answer, before the disk is asked. Together with [`DISK`] it is less than
/// the second in which everybody has their answer.
pub(crate) const BROKER: Duration = Duration::from_millis(500);
const DISK: Duration = Duration::from_millis(400);

/// A broker that let somebody wait for longer than [`BROKER`] so lately is to blame where there is no room.
const LATELY: Duration = Duration::from_secs(2);

/// Keeps applications while the broker is away. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Standby(Arc<Shared>);

struct Shared {
    spool: Spool,
    /// How long it goes on without a broker.
    limit: Duration,
    started: Instant,
    /// When the broker was last seen, in milliseconds after `started`.
    seen: AtomicU64,
    /// When it last did not answer in time; zero for never.
    late: AtomicU64,
}

impl Standby {
    /// Opens the spool, where the configuration names one.
    pub(crate) fn open(config: &Config) -> Result<Option<Self>, OpenError> {
        let Some(folder) = config.spool_folder.clone() else {
            return Ok(None);
        };
        let spool = Spool::open(&SpoolConfig {
            folder,
            room_bytes: u64::from(config.spool_mib.get()) << 20,
            deadline: DISK,
        })?;
        Ok(Some(Self(Arc::new(Shared {
            spool,
            limit: Duration::from_secs(config.spool_seconds.get().into()),
            started: Instant::now(),
            seen: AtomicU64::new(0),
            late: AtomicU64::new(0),
        }))))
    }

    pub(crate) fn spool(&self) -> &Spool {
        &self.0.spool
    }

    /// Whether applications would be kept now: the disk works and has room, and the broker has not been away for too long.
    pub(crate) fn takes(&self) -> bool {
        self.0.spool.is_open() && self.since(&self.0.seen) < self.0.limit
    }

    /// The broker is there.
    pub(crate) fn saw_broker(&self) {
        self.0.seen.store(self.now(), Ordering::Relaxed);
    }

    /// Whether an application that could not be published for this reason is to be kept here. Where the door is what is
    /// too slow, or the queue is full by the operator's word, it is not: the disk is there for a broker that is away.
    pub(crate) fn stands_in_for(&self, error: PublishError) -> bool {
        let broker_is_away = match error {
            PublishError::Unavailable | PublishError::Blocked => true,
            PublishError::Timeout => {
                self.0.late.store(self.now().max(1), Ordering::Relaxed);
                true
            }
            PublishError::NoRoom => {
                self.0.late.load(Ordering::Relaxed) > 0 && self.since(&self.0.late) < LATELY
            }
            PublishError::Refused => false,
        };
        broker_is_away && self.takes()
    }

    /// Keeps it; `true` once it is on the disk for certain.
    pub(crate) async fn keep(&self, submission: &Submission) -> bool {
        let kept = self.0.spool.put(submission.item()).await;
        if let Err(error) = kept {
            tracing::debug!(%error, "not kept");
        }
        kept.is_ok()
    }

    /// What somebody should know.
    pub(crate) fn check(&self, publisher: &Publisher) -> Check {
        let (standby, publisher) = (self.clone(), publisher.clone());
        Check::warning("spool", move || {
            let holding = standby.0.spool.holding();
            let away = publisher.status() != Status::Connected;
            async move {
                if !holding.writable {
                    Err(
                        "the disk of the spool fails or is full: while the broker is away nothing is accepted",
                    )
                } else if away {
                    Err("the broker is away: applications are kept on the local disk, for a while")
                } else if holding.items > 0 {
                    Err("accepted applications on the local disk are on their way into the queue")
                } else {
                    Ok(())
                }
            }
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn since(&self, then: &AtomicU64) -> Duration {
        Duration::from_millis(self.now().saturating_sub(then.load(Ordering::Relaxed)))
    }
}
