//! One process's turn at the queue of settings.
//!
//! The queue has a single active consumer. The next one becomes active when the AMQP channel of the
//! one before has ended and all its messages are back in the queue, in their old order.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Acker, Connection};
use sportello_domain::{BenefitId, Channel};

use super::message::{Marker, Setting};
use super::send;
use super::table::Table;
use sportello_queue::ConnectError;
use sportello_queue::connection::{SendError, Sender};
use sportello_queue::topology::CHANNEL_SETTINGS;

/// More than a process keeps during its turn: one setting a channel. Without a value it would be
/// 2,000 here.
const PREFETCH: u16 = u16::MAX;
/// Interval after which a waiting process puts its marker at the end of the queue again: the
/// processes that read before it take markers away.
const MARK_EVERY: Duration = Duration::from_millis(500);

pub(super) struct Turn {
    channel: lapin::Channel,
    deliveries: lapin::Consumer,
    marker: Marker,
    marked: Instant,
    held: HashMap<(BenefitId, Channel), (Arc<Setting>, Acker)>,
}

impl Turn {
    /// Waits in line, with a marker at the end of the queue.
    pub(super) async fn take(connection: &Connection, sender: &Sender) -> Result<Self, ConnectError> {
        let channel = connection.create_channel().await?;
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let deliveries = channel
            .basic_consume(CHANNEL_SETTINGS.into(), "".into(), options, FieldTable::default())
            .await?;
        let turn = Self {
            channel,
            deliveries,
            marker: Marker::new(),
            marked: Instant::now(),
            held: HashMap::new(),
        };
        turn.mark(sender).await.map_err(|error| match error {
            SendError::Connect(error) => error,
            SendError::Broker(error) => error.into(),
            SendError::Timeout | SendError::Refused => ConnectError::Timeout,
        })?;
        Ok(turn)
    }

    async fn mark(&self, sender: &Sender) -> Result<(), SendError> {
        send(sender, &self.marker.encode()).await
    }

    /// Puts the marker at the end of the queue once more, if the last one is old.
    pub(super) async fn mark_again(&mut self, sender: &Sender) -> Result<(), SendError> {
        if self.marked.elapsed() < MARK_EVERY {
            return Ok(());
        }
        self.marked = Instant::now();
        self.mark(sender).await
    }

    /// Waits for the next message. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<lapin::Result<Delivery>> {
        self.deliveries.next().await
    }

    /// Keeps a setting until the turn ends, and acknowledges the one that it supersedes.
    pub(super) async fn hold(&mut self, setting: Arc<Setting>, acker: Acker) -> lapin::Result<()> {
        let key = (setting.benefit.clone(), setting.channel);
        let superseded = match self.held.get(&key) {
            Some((held, _)) if !setting.supersedes(held) => Some(acker),
            Some(_) | None => self.held.insert(key, (setting, acker)).map(|(_, acker)| acker),
        };
        match superseded {
            Some(acker) => ack(&acker).await,
            None => Ok(()),
        }
    }

    /// Returns whether the marker is this turn's, so that everything before it has been read.
    /// Acknowledges any marker: a marker left behind would stay for ever, and a waiting process
    /// sends another.
    pub(super) async fn settle(&self, marker: Marker, acker: &Acker) -> lapin::Result<bool> {
        ack(acker).await?;
        Ok(marker.id == self.marker.id)
    }

    /// Returns the settings in the table that the queue lacks, for example since the broker was
    /// made anew.
    pub(super) fn forgotten(&self, table: &Table) -> Vec<Arc<Setting>> {
        let in_queue = |setting: &Setting| {
            let held = self.held.get(&(setting.benefit.clone(), setting.channel));
            held.is_some_and(|(held, _)| !setting.supersedes(held))
        };
        table
            .settings()
            .filter(|setting| !in_queue(setting))
            .cloned()
            .collect()
    }

    /// Gives back the kept settings, and lets the next process read.
    pub(super) async fn end(self) {
        const OK: u16 = 200;
        // not a cancel, which would let the next process read while this one still holds settings
        if let Err(error) = self.channel.close(OK, "OK".into()).await {
            tracing::debug!(%error, "the channel had ended before it was closed");
        }
    }
}

async fn ack(acker: &Acker) -> lapin::Result<()> {
    acker.ack(BasicAckOptions::default()).await.map(drop)
}
