//! The rights of each service's user at the broker, and no others.

use std::sync::Arc;

use lapin::options::{
    BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeBindOptions,
    ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
    QueuePurgeOptions,
};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ErrorKind, ExchangeKind};
use sportello_domain::Channel::Citizen;
use sportello_domain::DeadLetterReason;
use sportello_queue::topology::{self, Topology, TopologyError};
use sportello_queue::{
    BrokerUri, ConnectError, Consumer, ConsumerConfig, DeadLetter, DeadLetters, Publisher, PublisherConfig,
    StatementInbox, Status, declare_topology, depths,
};
use sportello_signals::{ChannelSettings, Overload, OverloadReporter};
use sportello_testkit::{Account, Sandbox, eventually};
use tokio::sync::Notify;

use crate::support::{SOON, citizen, patient, publisher, reaches, uri};

/// Something that a user may try at a broker.
#[derive(Debug, Clone, Copy)]
enum Try {
    Publish(&'static str, &'static str),
    Consume(&'static str),
    Get(&'static str),
    Purge(&'static str),
    DeleteQueue(&'static str),
    DeleteExchange(&'static str),
    DeclareQueue(&'static str),
    DeclareExchange(&'static str),
    Bind(&'static str, &'static str),
    Unbind(&'static str, &'static str),
    BindExchange(&'static str, &'static str),
}

impl Try {
    async fn at(self, amqp: &Channel) -> lapin::Result<()> {
        let none = FieldTable::default;
        match self {
            Self::Publish(exchange, key) => publish(amqp, exchange, key).await,
            Self::Consume(queue) => {
                let options = BasicConsumeOptions::default();
                let consumer = amqp.basic_consume(queue.into(), "".into(), options, none());
                consumer.await.map(drop)
            }
            Self::Get(queue) => {
                let message = amqp.basic_get(queue.into(), BasicGetOptions::default());
                message.await.map(drop)
            }
            Self::Purge(queue) => {
                let purged = amqp.queue_purge(queue.into(), QueuePurgeOptions::default());
                purged.await.map(drop)
            }
            Self::DeleteQueue(queue) => {
                let deleted = amqp.queue_delete(queue.into(), QueueDeleteOptions::default());
                deleted.await.map(drop)
            }
            Self::DeleteExchange(exchange) => {
                let deleted = amqp.exchange_delete(exchange.into(), ExchangeDeleteOptions::default());
                deleted.await
            }
            Self::DeclareQueue(queue) => {
                let declared = amqp.queue_declare(queue.into(), QueueDeclareOptions::default(), none());
                declared.await.map(drop)
            }
            Self::DeclareExchange(exchange) => {
                let options = ExchangeDeclareOptions::default();
                let declared = amqp.exchange_declare(exchange.into(), ExchangeKind::Fanout, options, none());
                declared.await
            }
            Self::Bind(queue, exchange) => {
                let options = QueueBindOptions::default();
                let bound = amqp.queue_bind(queue.into(), exchange.into(), "citizen".into(), options, none());
                bound.await
            }
            Self::Unbind(queue, exchange) => {
                let unbound = amqp.queue_unbind(queue.into(), exchange.into(), "citizen".into(), none());
                unbound.await
            }
            Self::BindExchange(to, from) => {
                let options = ExchangeBindOptions::default();
                let bound = amqp.exchange_bind(to.into(), from.into(), "".into(), options, none());
                bound.await
            }
        }
    }
}

async fn publish(amqp: &Channel, exchange: &str, key: &str) -> lapin::Result<()> {
    amqp.confirm_select(ConfirmSelectOptions::default()).await?;
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    let confirm = amqp.basic_publish(exchange.into(), key.into(), options, b"{}", properties);
    confirm.await?.await.map(drop)
}

/// Asserts that the broker refuses each of these for lack of permission.
async fn refuses(sandbox: &Sandbox, account: Account, tries: &[Try]) {
    let (url, properties) = (sandbox.amqp_url_of(account), ConnectionProperties::default());
    let connection = Connection::connect(&url, properties).await.unwrap();
    for one in tries {
        // a refusal ends the channel
        let amqp = connection.create_channel().await.unwrap();
        let refused = one.at(&amqp).await;
        let refused = refused.as_ref().map_err(lapin::Error::kind);
        assert!(
            matches!(refused, Err(ErrorKind::ProtocolError(error))
                if *error.kind() == AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED)),
            "{account:?} {one:?}: {refused:?}"
        );
    }
    connection.close(200, "done".into()).await.unwrap();
}

fn expecting(sandbox: &Sandbox, account: Account) -> BrokerUri {
    uri(&sandbox.amqp_url_of(account)).with_topology(Topology::Expect)
}

/// A sandbox with the topology and an application in the queue.
async fn with_an_application() -> Sandbox {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    publisher.publish(citizen(1)).await.unwrap();
    sandbox
}

#[tokio::test(flavor = "multi_thread")]
async fn intake_can_neither_read_nor_remove_an_application() {
    let sandbox = with_an_application().await;
    let mut tries = Vec::new();
    for queue in [
        "applications.citizen",
        "applications.intermediary",
        "applications.dead-letter",
        "applications.unrouted",
        "applications.ledger",
    ] {
        tries.extend([
            Try::Consume(queue),
            Try::Get(queue),
            Try::Purge(queue),
            Try::DeleteQueue(queue),
            Try::DeclareQueue("applications.another"),
            Try::Bind(queue, "applications.channel-settings"),
            Try::Unbind(queue, "applications"),
            // by way of the default exchange
            Try::Publish("", queue),
        ]);
    }
    tries.extend([
        Try::Publish("applications.dead-letter", "citizen"),
        Try::Publish("applications.unrouted", ""),
        Try::Bind("applications.channel-settings", "applications"),
        Try::BindExchange("applications.overload", "applications"),
        Try::DeleteQueue("applications.channel-settings"),
        Try::DeleteExchange("applications"),
        Try::DeclareExchange("applications.another"),
        // a copy of all that comes from now on
        Try::DeclareQueue("applications.channel-settings.copy"),
    ]);
    refuses(&sandbox, Account::Intake, &tries).await;
    assert_eq!(
        depths(&uri(sandbox.amqp_url()))
            .await
            .unwrap()
            .of(sportello_domain::Channel::Citizen),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_can_neither_publish_applications_nor_declare() {
    let sandbox = with_an_application().await;
    let tries = [
        Try::Publish("applications", "citizen"),
        Try::Publish("", "applications.citizen"),
        Try::Publish("applications.channel-settings", ""),
        Try::Publish("applications.overload", ""),
        Try::Publish("applications.unrouted", ""),
        Try::Publish("applications.statements", ""),
        Try::Get("applications.channel-settings"),
        Try::DeleteQueue("applications.citizen"),
        Try::DeleteQueue("applications.dead-letter"),
        Try::Unbind("applications.citizen", "applications"),
        Try::Bind("applications.dead-letter", "applications"),
        Try::DeleteExchange("applications"),
        Try::DeclareQueue("applications.another"),
        Try::DeclareExchange("applications.another"),
    ];
    refuses(&sandbox, Account::Worker, &tries).await;
    assert_eq!(
        depths(&uri(sandbox.amqp_url()))
            .await
            .unwrap()
            .of(sportello_domain::Channel::Citizen),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_its_permissions_alone_each_service_does_its_work() {
    let sandbox = with_an_application().await;
    let intake = expecting(&sandbox, Account::Intake);
    let publisher = Publisher::start(PublisherConfig::new(intake.clone(), "test"));
    reaches(&publisher, Status::Connected).await;
    publisher.publish(citizen(2)).await.unwrap();
    let channel_settings = ChannelSettings::start(intake.clone(), "test");
    eventually(SOON, async || channel_settings.is_following()).await;

    let worker = expecting(&sandbox, Account::Worker);
    let overload = Overload::start(worker.clone(), "test", SOON);
    let seen = Arc::new(Notify::new());
    let _teller = OverloadReporter::start(intake, "test", Arc::clone(&seen));
    eventually(SOON, async || {
        seen.notify_one();
        overload.is_there()
    })
    .await;

    let mut consumer = Consumer::start(ConsumerConfig {
        uri: worker.clone(),
        channel: Citizen,
        prefetch: 8,
        name: "test".into(),
    });
    let letters = DeadLetters::new(worker, "test");
    for delivery in consumer.take(10).await.unwrap() {
        let letter = DeadLetter {
            channel: Citizen,
            envelope: delivery.body().to_vec(),
            reason: "a test".into(),
            code: DeadLetterReason::Refused,
            id: None,
            stamp: None,
            returned_from: None,
        };
        letters.send(&letter).await.unwrap();
        delivery.ack().await.unwrap();
    }

    // the publishers' statements
    publisher.drain(SOON).await.unwrap();
    let mut inbox = StatementInbox::new(expecting(&sandbox, Account::Worker), "test");
    assert!(!inbox.take(100).await.unwrap().is_empty());
    inbox.settle().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_reported_by_name_and_waited_for() {
    let sandbox = Sandbox::queue().await;
    let intake = expecting(&sandbox, Account::Intake);
    let error = depths(&intake).await.unwrap_err();
    assert!(
        matches!(
            error,
            ConnectError::Topology(TopologyError::Missing {
                name: topology::EXCHANGE,
                ..
            })
        ),
        "{error}"
    );
    assert!(error.to_string().contains("`worker topology`"), "{error}");

    let publisher = Publisher::start(PublisherConfig::new(intake, "test"));
    assert!(depths(&expecting(&sandbox, Account::Worker)).await.is_err());
    declare_topology(&uri(sandbox.amqp_url())).await.unwrap();
    reaches(&publisher, Status::Connected).await;
    publisher.publish(citizen(1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_not_declare_is_reported_with_what_to_do() {
    let sandbox = Sandbox::queue().await;
    for account in [Account::Intake, Account::Worker] {
        let refused = declare_topology(&uri(&sandbox.amqp_url_of(account))).await;
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("TOPOLOGY=expect"), "{error}");
    }
}
