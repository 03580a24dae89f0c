//! One process's turn at the queue of settings.
//!
//! The queue has a single active consumer: the next one becomes active when the channel of the one before has ended
//! and all that it held is back in the queue, in its old order.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Acker, Connection};
use sportello_domain::{BenefitId, Channel};

use super::message::{Marker, Setting};
use super::send;
use super::table::Table;
use crate::broker::ConnectError;
use crate::sender::{SendError, Sender};
use crate::topology::SWITCHES;

/// More than the queue ever holds: one setting a channel, and what was superseded since the last turn.
const PREFETCH: u16 = 1_000;
/// Nobody waits for a marker that long any more.
const MARKER_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

pub(super) struct Turn {
    channel: lapin::Channel,
    deliveries: lapin::Consumer,
    marker: Marker,
    held: HashMap<(BenefitId, Channel), (Arc<Setting>, Acker)>,
}

impl Turn {
    /// Stands in line, with a marker at the end of the queue.
    pub(super) async fn take(connection: &Connection, sender: &Sender) -> Result<Self, ConnectError> {
        let channel = connection.create_channel().await?;
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let deliveries = channel
            .basic_consume(SWITCHES.into(), "".into(), options, FieldTable::default())
            .await?;
        let marker = Marker::new();
        send(sender, &marker.encode())
            .await
            .map_err(|error| match error {
                SendError::Connect(error) => error,
                SendError::Broker(error) => error.into(),
                SendError::Timeout | SendError::Refused => ConnectError::Timeout,
            })?;
        Ok(Self {
            channel,
            deliveries,
            marker,
            held: HashMap::new(),
        })
    }

    /// Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<lapin::Result<Delivery>> {
        self.deliveries.next().await
    }

    /// Keeps a setting until the turn ends; the broker forgets the one that it supersedes.
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

    /// Whether the marker is this turn's, so that everything before it has been read. The broker forgets it then, as it
    /// does those that were left behind.
    pub(super) async fn settle(&self, marker: Marker, acker: &Acker) -> lapin::Result<bool> {
        let own = marker.id == self.marker.id;
        if own || Timestamp::now().duration_since(marker.at) > MARKER_LIFETIME {
            ack(acker).await?;
        }
        Ok(own)
    }

    /// Settings in the table that the queue hasn't, for example since the broker was made anew.
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

    /// Gives back what it holds, and lets the next one read.
    pub(super) async fn end(self) {
        const OK: u16 = 200;
        // not a cancel, which would let the next one read while all this is still held here
        if let Err(error) = self.channel.close(OK, "OK".into()).await {
            tracing::debug!(%error, "the channel had ended before it was closed");
        }
    }
}

async fn ack(acker: &Acker) -> lapin::Result<()> {
    acker.ack(BasicAckOptions::default()).await.map(drop)
}
