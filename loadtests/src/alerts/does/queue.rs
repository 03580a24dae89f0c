//! What happens to messages by hand: taken, put back, published, led astray.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use lapin::options::{
    BasicAckOptions, BasicGetOptions, BasicNackOptions, BasicPublishOptions, ConfirmSelectOptions,
    QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use reqwest::Client;
use sportello_stack::Part;
use tokio::time::sleep;

use super::{GRACE, Task};
use crate::alerts::load::Accepted;
use crate::alerts::stage::Stage;
use crate::faults::content::{self, broker};

const WORKER: Part = Part::Worker(1);
const EXCHANGE: &str = "applications";
const KEY: &str = "citizen";
const QUEUE: &str = "applications.citizen";
const UNROUTED: &str = "applications.unrouted";
/// What only the message of a newer version holds.
const NEWER: &str = r#""version":99"#;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// Deadline for a letter to be in the table.
const LETTERS_WITHIN: Duration = Duration::from_secs(60);

/// A message that somebody took.
pub(super) struct Message {
    body: Vec<u8>,
    properties: BasicProperties,
}

/// Puts a message into the citizens' queue that no intake would.
pub(super) async fn publish(stage: &mut Stage, message: &str) -> anyhow::Result<()> {
    let broker = broker(&mut stage.scene)?;
    let routed = broker.publish("/", EXCHANGE, KEY, message).await?;
    ensure!(routed, "no queue took the message");
    Ok(())
}

/// Takes a confirmed message; its holder goes on asking what became of the application.
pub(super) async fn take(stage: &mut Stage) -> anyhow::Result<()> {
    let accepted = take_one(stage).await?;
    let status = stage
        .scene
        .system
        .url(Part::Status)
        .context("status has no address")?;
    stage.held.asking = Some(Task(tokio::spawn(ask(status, accepted))));
    Ok(())
}

pub(super) async fn put_back(stage: &mut Stage) -> anyhow::Result<()> {
    stage.held.asking = None;
    let message = stage.held.taken.take().context("nothing was taken")?;
    let amqp = connect(stage).await?;
    amqp.confirm_select(ConfirmSelectOptions::default()).await?;
    let publish = amqp.basic_publish(
        EXCHANGE.into(),
        KEY.into(),
        BasicPublishOptions::default(),
        &message.body,
        message.properties,
    );
    let confirmation = publish.await?.await?;
    ensure!(
        matches!(confirmation, Confirmation::Ack(None)),
        "{confirmation:?}"
    );
    Ok(())
}

/// Takes a confirmed message while another one stays in the queue: nobody can prove the loss.
pub(super) async fn take_in_a_crowd(stage: &mut Stage) -> anyhow::Result<()> {
    let newer = content::Does::NewerVersion.poison(0)?;
    publish(stage, &newer.message).await?;
    take_one(stage).await?;
    Ok(())
}

pub(super) async fn put_back_in_a_crowd(stage: &mut Stage) -> anyhow::Result<()> {
    put_back(stage).await?;
    stage.scene.system.process(WORKER).terminate(GRACE).await?;
    take_out(stage, NEWER).await?;
    Ok(stage.scene.system.start_part(WORKER).await?)
}

/// Takes the message of one application that was answered with `202`, while no worker runs.
async fn take_one(stage: &mut Stage) -> anyhow::Result<Accepted> {
    stage.scene.system.process(WORKER).terminate(GRACE).await?;
    let intake = stage.scene.system.url(Part::Intake);
    let accepted = stage
        .load
        .apply(&intake.context("intake has no address")?)
        .await?;
    let message = take_out(stage, &accepted.id.to_string()).await?;
    stage.held.taken = Some(message);
    stage.scene.system.start_part(WORKER).await?;
    Ok(accepted)
}

/// Takes the message with this text out of the queue for good; all others go back.
async fn take_out(stage: &Stage, text: &str) -> anyhow::Result<Message> {
    let amqp = connect(stage).await?;
    let mut others = Vec::new();
    let mut found = None;
    let options = BasicGetOptions { no_ack: false };
    while let Some(message) = amqp.basic_get(QUEUE.into(), options).await? {
        let delivery = message.delivery;
        if String::from_utf8_lossy(&delivery.data).contains(text) {
            delivery.ack(BasicAckOptions::default()).await?;
            found = Some(Message {
                body: delivery.data.to_vec(),
                properties: delivery.properties.clone(),
            });
            break;
        }
        others.push(delivery);
    }
    let back = BasicNackOptions {
        requeue: true,
        ..BasicNackOptions::default()
    };
    for delivery in others {
        delivery.nack(back).await?;
    }
    found.context("the message is not in the queue")
}

/// Removes the binding that leads to the citizens' queue.
pub(super) async fn unbind(stage: &mut Stage) -> anyhow::Result<()> {
    let amqp = connect(stage).await?;
    let options = FieldTable::default();
    Ok(amqp
        .queue_unbind(QUEUE.into(), EXCHANGE.into(), KEY.into(), options)
        .await?)
}

/// Deletes the queue of unrouted messages, which is empty.
pub(super) async fn delete(stage: &Stage) -> anyhow::Result<()> {
    let amqp = connect(stage).await?;
    let options = QueueDeleteOptions::default();
    amqp.queue_delete(UNROUTED.into(), options).await?;
    Ok(())
}

/// Declares the topology, and sends what went astray again.
pub(super) async fn bind(stage: &mut Stage) -> anyhow::Result<()> {
    stage.scene.system.declare_topology()?;
    let begun = Instant::now();
    let empty = "sum(rabbitmq_detailed_queue_messages{queue=\"applications.unrouted\"}) == 0";
    while stage.monitoring.query(empty).await?.is_empty() {
        ensure!(
            begun.elapsed() < LETTERS_WITHIN,
            "unrouted messages stay in their queue"
        );
        sleep(BETWEEN_LOOKS).await;
    }
    stage.console.requeue("unrouted").await
}

async fn connect(stage: &Stage) -> anyhow::Result<Channel> {
    let url = stage.scene.system.amqp_url();
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    Ok(connection.create_channel().await?)
}

/// Asks for the status of an application, as its holder does, until the task is aborted.
async fn ask(status: String, accepted: Accepted) {
    let url = format!("{status}/v1/applications/{}/status", accepted.id);
    let Ok(client) = Client::builder().no_proxy().build() else {
        return;
    };
    loop {
        let request = client
            .get(&url)
            .header("Authorization", &accepted.token)
            .header("Receipt", &accepted.receipt);
        // the next one is soon
        let _ = request.send().await;
        sleep(BETWEEN_LOOKS).await;
    }
}
