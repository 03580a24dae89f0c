//! The channel settings of operators, the same on every process that accepts applications.
//!
//! The last setting of each channel is a message in a quorum queue. Only starting processes read
//! it, one after the other: each takes everything up to a marker of its own, acknowledges
//! superseded settings, and gives back the rest. A new setting goes to that queue and to the queue
//! of each follower, in one publish.
//!
//! Not a stream, which would suit this: with `RabbitMQ` 3.10.8, a stream declared shortly before
//! the node was killed is lost for good, and can't even be declared again.

mod follower;
mod message;
mod table;
mod turn;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use sportello_domain::{BenefitId, Channel, ChannelPosition, ChannelSetting};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use follower::Follower;
use message::{Operator, Setting};
use sportello_queue::BrokerUri;
use sportello_queue::connection::of_type;
use sportello_queue::connection::{SendError, Sender};
use sportello_queue::topology::CHANNEL_SETTINGS;
use table::Table;

/// Limit from the request to set a channel until this process has the setting.
const SET_TIMEOUT: Duration = Duration::from_secs(5);

/// Follows the channel settings, and sets them. Cheap to clone.
#[derive(Clone)]
pub struct ChannelSettings(Arc<Shared>);

struct Shared {
    known: Arc<State>,
    sender: Arc<Sender>,
    closing: CancellationToken,
    follower: TaskTracker,
}

/// The known settings, written by the follower and read by all threads.
#[derive(Default)]
struct State {
    /// `None` until all settings have been read once.
    table: ArcSwapOption<Table>,
    following: AtomicBool,
    changed: watch::Sender<()>,
}

impl State {
    fn publish(&self, table: &Table) {
        self.table.store(Some(Arc::new(table.clone())));
        self.changed.send_replace(());
    }

    fn reaches(&self, setting: &Setting) -> bool {
        let table = self.table.load();
        table.as_ref().is_some_and(|table| table.reaches(setting))
    }

    fn is_following(&self) -> bool {
        self.following.load(Ordering::Acquire)
    }
}

/// Why a setting is not known to be kept. Read the channel's state, or set it again.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// This process does not follow the settings now.
    #[error("this process does not follow the channel settings now")]
    NotFollowing,
    /// The broker is not known to keep it.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The setting did not come back to this process in time.
    #[error("the setting didn't come back within {} s", SET_TIMEOUT.as_secs())]
    Timeout,
}

impl ChannelSettings {
    /// Starts following on the current runtime, which must have several threads. Returns at once.
    /// `name` is part of the connection's name at the broker.
    #[must_use]
    pub fn start(uri: BrokerUri, name: &str) -> Self {
        let (known, closing, tracker) = (Arc::default(), CancellationToken::new(), TaskTracker::new());
        let sender = Arc::new(Sender::new(
            uri.clone(),
            format!("{name} (sets channel settings)"),
        ));
        let follower = Follower::new(
            uri,
            format!("{name} (follows channel settings)"),
            Arc::clone(&known),
            Arc::clone(&sender),
        );
        let until_closed = closing.clone();
        tracker.spawn(async move { follower.run(&until_closed).await });
        tracker.close();
        Self(Arc::new(Shared {
            known,
            sender,
            closing,
            follower: tracker,
        }))
    }

    /// Returns the last known position of a benefit's channel; `None` until all settings have been
    /// read once.
    #[must_use]
    pub fn position(&self, benefit: &BenefitId, channel: Channel) -> Option<ChannelPosition> {
        let table = self.0.known.table.load();
        table.as_ref().map(|table| table.position(benefit, channel))
    }

    /// Returns whether all settings have been read once.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.known.table.load().is_some()
    }

    /// Returns whether this process receives changes now; otherwise the last known settings count.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.0.known.is_following()
    }

    /// Sets a channel of a benefit, for every process. `by` is the operator. `Ok` follows the
    /// broker's confirm, once this process has the setting, or one made at the same time that
    /// supersedes it.
    ///
    /// # Errors
    /// [`SetError`]: the setting is not known to be kept.
    pub async fn set(
        &self,
        benefit: &BenefitId,
        channel: Channel,
        setting: ChannelSetting,
        by: &str,
    ) -> Result<(), SetError> {
        let known = &self.0.known;
        let table = known.table.load_full().filter(|_| known.is_following());
        let table = table.ok_or(SetError::NotFollowing)?;
        let before = table.get(benefit, channel).map_or(0, |setting| setting.revision);
        let setting = Setting {
            id: Uuid::new_v4(),
            revision: before.saturating_add(1),
            benefit: benefit.clone(),
            channel,
            position: setting.position,
            reason: setting.reason,
            by: Operator(by.into()),
            at: Timestamp::now(),
        };
        let mut changed = known.changed.subscribe();
        let setting_it = async {
            send(&self.0.sender, &setting.encode()).await?;
            let seen = changed.wait_for(|()| known.reaches(&setting)).await;
            seen.map(drop).map_err(|_| SetError::NotFollowing)
        };
        tokio::time::timeout(SET_TIMEOUT, setting_it)
            .await
            .unwrap_or(Err(SetError::Timeout))
    }

    /// Stops following and closes the connections, within seconds.
    pub async fn close(&self) {
        self.0.closing.cancel();
        self.0.follower.wait().await;
        self.0.sender.close().await;
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// Publishes to the lasting queue and to every follower.
async fn send(sender: &Sender, message: &[u8]) -> Result<(), SendError> {
    sender
        .send(CHANNEL_SETTINGS, "", message, of_type("channel-setting"))
        .await
}
