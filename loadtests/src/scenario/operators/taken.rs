//! A message that is taken out of the queue by hand, for good.

use anyhow::Context as _;
use lapin::options::BasicGetOptions;
use lapin::{Connection, ConnectionProperties};
use sportello_stack::System;

const QUEUE: &str = "applications.citizen";

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The process that published it.
    pub process: String,
    /// Its number.
    pub number: String,
    /// How many applications it holds.
    pub applications: u64,
}

/// Takes the first message out of the citizens' queue.
///
/// # Errors
/// There is none, or it has no number.
pub async fn take(system: &System) -> anyhow::Result<Taken> {
    let connection = Connection::connect(&system.amqp_url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let options = BasicGetOptions { no_ack: true };
    let message = channel.basic_get(QUEUE.into(), options).await?;
    let message = message.context("the citizens' queue is empty")?;
    let properties = &message.delivery.properties;
    let id = properties
        .message_id()
        .as_ref()
        .context("a message without a number")?;
    let (process, number) = id.as_str().split_once('.').context("another kind of number")?;
    let headers = properties.headers().as_ref();
    let applications = headers.and_then(|headers| headers.inner().get("applications")?.as_long_uint());
    let taken = Taken {
        process: process.to_owned(),
        number: number.to_owned(),
        applications: applications
            .context("a message without its number of applications")?
            .into(),
    };
    connection.close(200, "done".into()).await?;
    Ok(taken)
}
