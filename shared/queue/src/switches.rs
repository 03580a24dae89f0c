//! What operators set the channels of benefits to, the same on every process that takes applications.
//!
//! The last setting of each channel is a message in a quorum queue, which only whoever starts reads, one process after
//! the other: it takes everything up to a marker of its own, acknowledges what has been superseded, and gives back the rest. A
//! new setting goes to that queue and to one of each process that follows, in one publish.
//!
//! Not a stream, which would be made for this: with `RabbitMQ` 3.10.8, one that was made shortly before the node was
//! killed is gone for good, and can't even be declared again.

mod follower;
mod message;
mod table;
mod turn;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use sportello_domain::{BenefitId, Channel, ChannelPosition, ChannelSwitch};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::broker::BrokerUri;
use crate::properties;
use crate::sender::{SendError, Sender};
use crate::topology::SWITCHES;
use follower::Follower;
use message::{Operator, Setting};
use table::Table;

/// From the request to set a channel until this process follows it.
const SET_TIMEOUT: Duration = Duration::from_secs(5);

/// Follows what the channels are set to, and sets them. Cheap to clone.
#[derive(Clone)]
pub struct Switches(Arc<Shared>);

struct Shared {
    known: Arc<Known>,
    sender: Arc<Sender>,
    closing: CancellationToken,
    follower: TaskTracker,
}

/// What is known, written by the follower and read by everybody.
#[derive(Default)]
struct Known {
    /// Nothing until everything has been read once.
    table: ArcSwapOption<Table>,
    following: AtomicBool,
    changed: watch::Sender<()>,
}

impl Known {
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

/// Why a channel isn't known to be set. Ask what it is set to, or set it again.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// This process doesn't follow the settings now.
    #[error("this process isn't connected to the channels' settings")]
    NotFollowing,
    /// The broker isn't known to have it.
    #[error(transparent)]
    Send(#[from] SendError),
    /// This process has not seen it in time.
    #[error("the setting didn't come back within {} s", SET_TIMEOUT.as_secs())]
    Timeout,
}

impl Switches {
    /// Starts following on the current runtime, which must have several threads. Returns at once. `name` is what the
    /// broker's operators see.
    #[must_use]
    pub fn start(uri: BrokerUri, name: &str) -> Self {
        let (known, closing, tracker) = (Arc::default(), CancellationToken::new(), TaskTracker::new());
        let sender = Arc::new(Sender::new(uri.clone(), format!("{name} (sets switches)")));
        let follower = Follower::new(
            uri,
            format!("{name} (follows switches)"),
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

    /// What a channel of a benefit is set to, as far as this process has heard; nothing until all settings have been
    /// read once.
    #[must_use]
    pub fn position(&self, benefit: &BenefitId, channel: Channel) -> Option<ChannelPosition> {
        let table = self.0.known.table.load();
        table.as_ref().map(|table| table.position(benefit, channel))
    }

    /// Whether all settings have been read once.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.known.table.load().is_some()
    }

    /// Whether changes are heard of as they are made; otherwise the last that was heard of counts.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.0.known.is_following()
    }

    /// Sets a channel of a benefit, for every process. `by` is the operator. `Ok` follows the broker's confirm, when this
    /// process follows the setting, or one that was made at the same time and counts more.
    ///
    /// # Errors
    /// [`SetError`]: it isn't known to be set.
    pub async fn set(
        &self,
        benefit: &BenefitId,
        channel: Channel,
        switch: ChannelSwitch,
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
            position: switch.position,
            reason: switch.reason,
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

    /// Stops following and closes the connections, in seconds at most.
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

/// To the queue that lasts and to everybody who follows.
async fn send(sender: &Sender, message: &[u8]) -> Result<(), SendError> {
    sender.send(SWITCHES, "", message, properties::switch()).await
}
