//! A plain client of the broker, independent of Sportello's own.

use std::time::Instant;

use anyhow::ensure;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};

use super::generator::Window;

/// The queue of the naive intake.
pub(super) const NAIVE: &str = "limits.naive";
/// The queue of the contender that only publishes.
pub(super) const RAW: &str = "limits.raw";
/// The queue of the bare worker.
pub(super) const BARE: &str = "limits.bare";

/// Delivery mode 2 of AMQP 0-9-1: survives a restart of the broker.
const PERSISTENT: u8 = 2;
/// Most messages without a confirm.
const IN_FLIGHT: usize = 256;

/// The channel of a connection, which ends with it; for a single task.
pub(super) struct Broker {
    pub(super) channel: Channel,
}

impl Broker {
    pub(super) async fn connect(url: &str) -> lapin::Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        Ok(Self { channel })
    }

    pub(super) async fn select_confirms(&self) -> lapin::Result<()> {
        self.channel.confirm_select(ConfirmSelectOptions::default()).await
    }

    /// Publishes a message with its number of applications in a header, and waits for its confirm.
    pub(super) fn publish(
        &self,
        exchange: &'static str,
        routing_key: &'static str,
        body: Bytes,
        applications: u32,
    ) -> impl Future<Output = lapin::Result<Confirmation>> + Send + 'static {
        let channel = self.channel.clone();
        let mut headers = FieldTable::default();
        headers.insert("applications".into(), AMQPValue::LongUInt(applications));
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_content_type("application/json".into())
            .with_headers(headers);
        async move {
            let options = BasicPublishOptions::default();
            let publish =
                channel.basic_publish(exchange.into(), routing_key.into(), options, &body, properties);
            publish.await?.await
        }
    }
}

/// Makes a quorum queue.
pub(super) async fn quorum_queue(broker: &Broker, name: &'static str) -> lapin::Result<()> {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    broker
        .channel
        .queue_declare(name.into(), options, arguments)
        .await?;
    Ok(())
}

/// Removes a queue with its messages.
pub(super) async fn delete_queue(broker: &Broker, name: &'static str) -> lapin::Result<()> {
    broker
        .channel
        .queue_delete(name.into(), Default::default())
        .await?;
    Ok(())
}

/// Publishes the same message repeatedly, and counts those confirmed within the window.
///
/// # Errors
/// One was not confirmed.
pub(super) async fn publish_all_the_time(url: String, body: Bytes, window: Window) -> anyhow::Result<u64> {
    let broker = Broker::connect(&url).await?;
    broker.select_confirms().await?;
    let begun = Instant::now();
    let (mut confirmed, mut confirms) = (0, FuturesUnordered::new());
    loop {
        let elapsed = begun.elapsed();
        while confirms.len() < IN_FLIGHT && elapsed < window.whole() {
            confirms.push(broker.publish("", RAW, body.clone(), 1));
        }
        let Some(outcome) = confirms.next().await else {
            return Ok(confirmed);
        };
        ensure!(
            outcome? == Confirmation::Ack(None),
            "the broker refused a message"
        );
        confirmed += u64::from((window.warm_up..window.whole()).contains(&begun.elapsed()));
    }
}

/// Publishes these messages, each with its number of applications, and returns when all are
/// confirmed.
///
/// # Errors
/// One was not confirmed.
pub(crate) async fn fill(
    url: &str,
    exchange: &'static str,
    routing_key: &'static str,
    messages: &[(Bytes, u32)],
) -> anyhow::Result<()> {
    let broker = Broker::connect(url).await?;
    broker.select_confirms().await?;
    let publish = |(body, applications): &(Bytes, u32)| {
        broker.publish(exchange, routing_key, body.clone(), *applications)
    };
    let mut confirms = futures_util::stream::iter(messages.iter().map(publish)).buffer_unordered(IN_FLIGHT);
    while let Some(outcome) = confirms.next().await {
        ensure!(
            outcome? == Confirmation::Ack(None),
            "the broker refused a message"
        );
    }
    Ok(())
}
