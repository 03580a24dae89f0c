//! A bare worker: it only consumes, inserts and acknowledges.

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use sqlx::PgConnection;
use tokio::task::JoinSet;

use super::broker::{BARE, Broker};
use super::rows::Rows;
use super::servers::{say, setting};
use crate::proof::register;

/// Applications of one statement: the last message is taken whole, as in the shipped worker.
const BATCH: usize = 500;

/// Drains the queue over `lanes` channels, each with a connection to the database.
pub(super) async fn run(lanes: usize, prefetch: u16) -> anyhow::Result<()> {
    let broker = Broker::connect(&setting("AMQP_URL")?).await?;
    let mut running = JoinSet::new();
    for _ in 0..lanes {
        let database = register::connect(&setting("DATABASE_URL")?).await?;
        let channel = broker.connection.create_channel().await?;
        running.spawn(drain(channel, database, prefetch));
    }
    say("ready")?;
    match running.join_next().await {
        Some(ended) => ended?,
        None => Ok(()),
    }
}

async fn drain(channel: Channel, mut database: PgConnection, prefetch: u16) -> anyhow::Result<()> {
    channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume(BARE.into(), "".into(), options, FieldTable::default())
        .await?;
    while let Some(delivery) = consumer.next().await {
        settle(&mut consumer, delivery?, &mut database, usize::from(prefetch / 4)).await?;
    }
    Ok(())
}

/// Takes available messages in addition to the first, up to a full statement and a number of
/// messages. Does not wait for more, as the shipped worker does not.
async fn settle(
    consumer: &mut Consumer,
    first: Delivery,
    database: &mut PgConnection,
    most_messages: usize,
) -> anyhow::Result<()> {
    let mut taken: Vec<Bytes> = Vec::new();
    let (mut applications, mut next) = (0, Some(first));
    let mut last = None;
    while let Some(delivery) = next.take() {
        applications += count(&delivery);
        taken.push(delivery.data.into());
        last = Some(delivery.acker);
        if applications < BATCH
            && taken.len() < most_messages
            && let Some(Some(more)) = consumer.next().now_or_never()
        {
            next = Some(more?);
        }
    }
    let mut rows = Rows::default();
    for message in &taken {
        rows.add(message)?;
    }
    rows.insert(database).await?;
    if let Some(acker) = last {
        acker.ack(BasicAckOptions { multiple: true }).await?;
    }
    Ok(())
}

fn count(delivery: &Delivery) -> usize {
    let headers = delivery.properties.headers().as_ref();
    let count = headers.and_then(|headers| headers.inner().get("applications")?.as_long_uint());
    count.and_then(|count| usize::try_from(count).ok()).unwrap_or(1)
}
