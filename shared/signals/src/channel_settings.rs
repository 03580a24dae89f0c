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

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use sportello_domain::{BenefitId, Channel, ChannelPosition, ChannelSetting, SettingReason};
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

/// The setting of a channel, as an operator made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownSetting {
    /// Counts the channel's settings.
    pub revision: u64,
    /// The position.
    pub position: ChannelPosition,
    /// The operator's reason.
    pub reason: SettingReason,
    /// The operator. Personal data.
    pub by: SettingAuthor,
    /// Instant, by the clock of the process that set it.
    pub at: Timestamp,
}

/// The operator who made a setting. Personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct SettingAuthor(Box<str>);

impl SettingAuthor {
    /// Returns the operator's name at the identity provider.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SettingAuthor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SettingAuthor(***)")
    }
}

impl KnownSetting {
    fn of(setting: &Setting) -> Self {
        Self {
            revision: setting.revision,
            position: setting.position,
            reason: setting.reason.clone(),
            by: SettingAuthor(setting.by.0.clone()),
            at: setting.at,
        }
    }
}

/// Why a setting is not known to be kept. Read the channel's state, or set it again.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// Another setting came after the one that its author saw: that one counts.
    #[error("another setting came after the one that was seen")]
    Overtaken,
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

    /// Returns the last known setting of a benefit's channel; `None` where it was never set, or
    /// before all settings have been read once.
    #[must_use]
    pub fn known(&self, benefit: &BenefitId, channel: Channel) -> Option<KnownSetting> {
        let table = self.0.known.table.load();
        let setting = table.as_ref()?.get(benefit, channel);
        setting.map(|setting| KnownSetting::of(setting))
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
        let before = self.revision(benefit, channel)?;
        self.set_after(before, benefit, channel, setting, by)
            .await
            .map(drop)
    }

    /// Sets a channel where its last setting is still the one of revision `seen`, 0 where it was
    /// never set. As [`ChannelSettings::set`].
    ///
    /// # Errors
    /// [`SetError::Overtaken`] where another setting counts: one that came before, or one that was
    /// made at the same time. Otherwise as [`ChannelSettings::set`].
    pub async fn set_seen(
        &self,
        seen: u64,
        benefit: &BenefitId,
        channel: Channel,
        setting: ChannelSetting,
        by: &str,
    ) -> Result<(), SetError> {
        if self.revision(benefit, channel)? != seen {
            return Err(SetError::Overtaken);
        }
        let id = self.set_after(seen, benefit, channel, setting, by).await?;
        let table = self.0.known.table.load();
        let counts = table.as_ref().and_then(|table| table.get(benefit, channel));
        if counts.is_some_and(|counts| counts.id == id) {
            Ok(())
        } else {
            Err(SetError::Overtaken)
        }
    }

    fn revision(&self, benefit: &BenefitId, channel: Channel) -> Result<u64, SetError> {
        let known = &self.0.known;
        let table = known.table.load_full().filter(|_| known.is_following());
        let table = table.ok_or(SetError::NotFollowing)?;
        Ok(table.get(benefit, channel).map_or(0, |setting| setting.revision))
    }

    /// Sets a channel, and returns the setting's id once this process has it, or one that
    /// supersedes it.
    async fn set_after(
        &self,
        before: u64,
        benefit: &BenefitId,
        channel: Channel,
        setting: ChannelSetting,
        by: &str,
    ) -> Result<Uuid, SetError> {
        let known = &self.0.known;
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
            seen.map(|_| setting.id).map_err(|_| SetError::NotFollowing)
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
