//! A bare worker: it only consumes, inserts and acknowledges.

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use lapin::Consumer;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use sqlx::PgConnection;

use super::broker::{BARE, Broker};
use super::rows::Rows;
use super::servers::{say, setting};
use crate::proof::register;

/// Messages of one statement; each holds one application.
const BATCH: usize = 500;
/// Four statements: acknowledging more of them at once would empty the pipe.
const PREFETCH: u16 = 2_000;

/// Drains the queue over one channel and one connection to the database.
pub(super) async fn run() -> anyhow::Result<()> {
    let broker = Broker::connect(&setting("AMQP_URL")?).await?;
    let mut database = register::connect(&setting("DATABASE_URL")?).await?;
    let (channel, options) = (&broker.channel, BasicQosOptions::default());
    channel.basic_qos(PREFETCH, options).await?;
    say("ready")?;
    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume(BARE.into(), "".into(), options, FieldTable::default())
        .await?;
    while let Some(delivery) = consumer.next().await {
        settle(&mut consumer, delivery?, &mut database).await?;
    }
    Ok(())
}

/// Takes available messages in addition to the first, up to a full statement. Does not wait for
/// more, as the shipped worker does not.
async fn settle(consumer: &mut Consumer, first: Delivery, database: &mut PgConnection) -> anyhow::Result<()> {
    let mut taken = vec![Bytes::from(first.data)];
    let mut last = first.acker;
    while taken.len() < BATCH
        && let Some(Some(more)) = consumer.next().now_or_never()
    {
        let more = more?;
        taken.push(more.data.into());
        last = more.acker;
    }
    let mut rows = Rows::default();
    for message in &taken {
        rows.add(message)?;
    }
    rows.insert(database).await?;
    last.ack(BasicAckOptions { multiple: true }).await?;
    Ok(())
}
