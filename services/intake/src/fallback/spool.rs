//! The local disk stands in for the broker for a limited time.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sportello_domain::{Channel, PerChannel};
use sportello_http::{Check, Severity};
use sportello_queue::{PublishError, Publisher, Status, Submission};
use sportello_spool::{OpenError, Spool, SpoolConfig};

use crate::Config;

/// Limit of the broker's answer, before the disk is tried. Together with [`DISK`] it is less than
/// the second in which every caller has an answer.
pub(crate) const BROKER: Duration = Duration::from_millis(500);
const DISK: Duration = Duration::from_millis(400);

/// Age up to which a timeout of the broker (longer than [`BROKER`]) explains a lack of capacity.
const LATELY: Duration = Duration::from_secs(2);

/// Keeps applications while the broker is away. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Fallback(Arc<Shared>);

struct Shared {
    spool: Spool,
    /// Longest time without a broker.
    limit: Duration,
    started: Instant,
    /// When the broker was last seen, in milliseconds after `started`.
    seen: AtomicU64,
    /// Last timeout of the broker, in milliseconds after `started`; zero for never.
    late: AtomicU64,
    /// Put into the spool, and taken out of it and published.
    puts: PerChannel<AtomicU64>,
    replayed: PerChannel<AtomicU64>,
}

impl Fallback {
    /// Opens the spool, if the configuration names one.
    pub(crate) fn open(config: &Config) -> Result<Option<Self>, OpenError> {
        let open = |folder| Self::at(folder, config.spool_mib, config.spool_seconds);
        config.spool_folder.clone().map(open).transpose()
    }

    /// Opens the spool in a folder, for at most so many mebibytes and seconds without a broker.
    pub(crate) fn at(folder: PathBuf, mib: NonZeroU32, seconds: NonZeroU32) -> Result<Self, OpenError> {
        let spool = Spool::open(&SpoolConfig {
            folder,
            capacity_bytes: u64::from(mib.get()) << 20,
            deadline: DISK,
        })?;
        Ok(Self(Arc::new(Shared {
            spool,
            limit: Duration::from_secs(seconds.get().into()),
            started: Instant::now(),
            seen: AtomicU64::new(0),
            late: AtomicU64::new(0),
            puts: PerChannel::default(),
            replayed: PerChannel::default(),
        })))
    }

    pub(crate) fn spool(&self) -> &Spool {
        &self.0.spool
    }

    /// Returns whether applications would be kept now: the disk works and has room, and the broker
    /// has not been away for too long.
    pub(crate) fn takes(&self) -> bool {
        self.0.spool.is_open() && self.since(&self.0.seen) < self.0.limit
    }

    /// Records that the broker is there.
    pub(crate) fn saw_broker(&self) {
        self.0.seen.store(self.now(), Ordering::Relaxed);
    }

    /// Returns whether to keep an application that was not published for this reason. Not where
    /// intake itself is too slow, or the queue is full by an operator's limit: the spool is for a
    /// broker that is away.
    pub(crate) fn stands_in_for(&self, error: PublishError) -> bool {
        let broker_is_away = match error {
            PublishError::Unavailable | PublishError::Blocked => true,
            PublishError::Timeout => {
                self.0.late.store(self.now().max(1), Ordering::Relaxed);
                true
            }
            PublishError::NoCapacity => {
                self.0.late.load(Ordering::Relaxed) > 0 && self.since(&self.0.late) < LATELY
            }
            PublishError::Refused => false,
        };
        broker_is_away && self.takes()
    }

    /// Keeps a submission; `true` once it is durably on the disk.
    pub(crate) async fn keep(&self, submission: &Submission) -> bool {
        let kept = self.0.spool.put(submission.item()).await;
        match kept {
            Ok(()) => drop(self.0.puts[submission.channel()].fetch_add(1, Ordering::Relaxed)),
            Err(error) => tracing::debug!(%error, "not kept"),
        }
        kept.is_ok()
    }

    /// Records that an application of the spool is in the queue.
    pub(crate) fn replayed(&self, channel: Channel) {
        self.0.replayed[channel].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many applications of a channel this process has put into the spool, and how many
    /// are in it now. Those that an earlier process left count as citizens'.
    pub(crate) fn counts(&self, channel: Channel) -> (u64, u64) {
        let puts = |channel| self.0.puts[channel].load(Ordering::Relaxed);
        let replayed = self.0.replayed[Channel::Intermediary].load(Ordering::Relaxed);
        let intermediaries = puts(Channel::Intermediary).saturating_sub(replayed);
        let held = match channel {
            Channel::Citizen => self.0.spool.holding().items.saturating_sub(intermediaries),
            Channel::Intermediary => intermediaries,
        };
        (puts(channel), held)
    }

    /// Returns the check `spool`: the disk fails, or applications are kept there.
    pub(crate) fn check(&self, publisher: &Publisher) -> Check {
        let (fallback, publisher) = (self.clone(), publisher.clone());
        Check::judged("spool", Severity::Warning, move || {
            let holding = fallback.0.spool.holding();
            if !holding.writable {
                Err("the disk of the spool fails or is full: without the broker, intake accepts nothing")
            } else if publisher.status() != Status::Connected {
                Err("the broker is away: intake keeps applications on the local disk for a limited time")
            } else if holding.items > 0 {
                Err("accepted applications on the local disk are on their way into the queue")
            } else {
                Ok(())
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
