//! Shared parts of the tests of the queue.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sportello_domain::{
    ApplicationId, CatalogueVersion, Channel, Content, OrganisationId, Submitter, TaxCode,
};
use sportello_queue::{
    BrokerUri, Consumer, ConsumerConfig, Cover, PublishError, Publisher, PublisherConfig, Status, Submission,
    ack_all, decode,
};
use sportello_testkit::eventually;
use tokio::task::JoinSet;
use uuid::Uuid;

/// For whatever must happen soon, on a busy machine.
pub const SOON: Duration = Duration::from_secs(30);

pub const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

pub fn content(number: u32) -> String {
    format!(
        r#"{{"benefit": "indemnity-march-2020", "category": "self-employed", "applicant": {{
            "tax_code": "RSSMRA80A01H501U", "given_name": "Mario", "family_name": "Rossi"
        }}, "answers": {{"number": {number}}}}}"#
    )
}

pub fn submission(channel: Channel, number: u32) -> Submission {
    let submitter = match channel {
        Channel::Citizen => Submitter::Citizen(TaxCode::parse("RSSMRA80A01H501U").unwrap()),
        Channel::Intermediary => Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap()),
    };
    let id = ApplicationId::from(Uuid::new_v4());
    let received_at = "2020-04-01T06:00:00.123456Z".parse().unwrap();
    let version = CatalogueVersion::of(b"");
    let cover = Cover {
        traceparent: Some(TRACEPARENT),
        ..Cover::new(id, &submitter, received_at, &version)
    };
    Submission::new(&cover, Content::parse(content(number).as_bytes()).unwrap())
        .unwrap()
        .0
}

pub fn citizen(number: u32) -> Submission {
    submission(Channel::Citizen, number)
}

pub fn uri(text: &str) -> BrokerUri {
    text.parse().unwrap()
}

/// With a deadline that only a test of the deadline meets.
pub fn patient(amqp_url: &str) -> PublisherConfig {
    PublisherConfig {
        deadline: SOON,
        ..PublisherConfig::new(uri(amqp_url), "test")
    }
}

pub async fn publisher(config: PublisherConfig) -> Publisher {
    let publisher = Publisher::start(config);
    reaches(&publisher, Status::Connected).await;
    publisher
}

pub async fn reaches(publisher: &Publisher, status: Status) {
    eventually(SOON, async || publisher.status() == status).await;
}

pub fn consumer(amqp_url: &str, channel: Channel) -> Consumer {
    Consumer::start(ConsumerConfig {
        uri: uri(amqp_url),
        channel,
        prefetch: 200,
        name: "test".into(),
    })
}

/// Takes and acknowledges until each of `wanted` has come; returns other messages with them.
pub async fn drain_until(
    consumer: &mut Consumer,
    wanted: &BTreeSet<ApplicationId>,
) -> BTreeSet<ApplicationId> {
    let mut seen = BTreeSet::new();
    let draining = async {
        while !wanted.is_subset(&seen) {
            let batch = consumer.take(500).await.expect("the consumer goes on");
            for delivery in &batch {
                seen.extend(
                    decode(delivery.body())
                        .unwrap()
                        .received
                        .iter()
                        .map(|item| item.application.id),
                );
            }
            // stale ones come again
            let _ = ack_all(batch).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), draining)
        .await
        .expect("everything comes");
    seen
}

/// Publishes from this many tasks, one application after the other, for as long as `go_on` holds;
/// gives how each publish ended.
pub async fn publish_while(
    publisher: &Publisher,
    tasks: u32,
    go_on: impl Fn(u32) -> bool + Clone + Send + Sync + 'static,
) -> Vec<(ApplicationId, Result<(), PublishError>)> {
    let mut set = JoinSet::new();
    for _ in 0..tasks {
        let (publisher, go_on) = (publisher.clone(), go_on.clone());
        set.spawn(async move {
            let mut ended = Vec::new();
            for number in (0..).take_while(|number| go_on(*number)) {
                let submission = citizen(number);
                let id = submission.id();
                ended.push((id, publisher.publish(submission).await));
                // also where the answer came at once
                tokio::task::yield_now().await;
            }
            ended
        });
    }
    set.join_all().await.into_iter().flatten().collect()
}

pub fn ids_with(
    ended: &[(ApplicationId, Result<(), PublishError>)],
    result: Result<(), PublishError>,
) -> BTreeSet<ApplicationId> {
    ended
        .iter()
        .filter(|(_, ended)| *ended == result)
        .map(|(id, _)| *id)
        .collect()
}

/// Ok or the error, and that it came at once.
pub async fn publish_at_once(publisher: &Publisher) -> Result<(), PublishError> {
    let started = Instant::now();
    let result = publisher.publish(citizen(0)).await;
    assert!(
        started.elapsed() < Duration::from_millis(200),
        "{result:?} after {:?}",
        started.elapsed()
    );
    result
}

/// A bare connection, for an operator's work.
pub async fn operator(amqp_url: &str) -> (lapin::Connection, lapin::Channel) {
    let connection = lapin::Connection::connect(amqp_url, lapin::ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    (connection, channel)
}
