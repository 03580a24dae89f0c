//! Broadcasts: each reaches every process that listens at the time, and no broker keeps it.

use lapin::Channel;
use lapin::options::{BasicConsumeOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use uuid::Uuid;

use sportello_queue::ConnectError;

/// Declares a queue of this connection and binds it to a fanout exchange: it receives every message
/// published from now on.
pub(crate) async fn subscribe(channel: &Channel, exchange: &str) -> Result<lapin::Consumer, ConnectError> {
    let queue = format!("{exchange}.{}", Uuid::new_v4());
    let options = QueueDeclareOptions {
        exclusive: true,
        auto_delete: true,
        ..Default::default()
    };
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("classic".into()));
    channel
        .queue_declare(queue.as_str().into(), options, arguments)
        .await?;
    let (bind, none) = (QueueBindOptions::default(), FieldTable::default());
    channel
        .queue_bind(queue.as_str().into(), exchange.into(), "".into(), bind, none)
        .await?;
    let options = BasicConsumeOptions {
        no_ack: true,
        ..Default::default()
    };
    let consumer = channel.basic_consume(queue.as_str().into(), "".into(), options, FieldTable::default());
    Ok(consumer.await?)
}
