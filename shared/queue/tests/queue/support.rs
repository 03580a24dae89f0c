//! What the tests of the queue share.

use std::collections::BTreeSet;
use std::time::Duration;

use sportello_domain::{ApplicationId, Channel, OrganisationId, Submitter, TaxCode};
use sportello_queue::{
    BrokerUri, Consumer, ConsumerConfig, Publisher, PublisherConfig, Status, Submission, ack_all, decode,
};
use sportello_testkit::eventually;
use uuid::Uuid;

/// For whatever must happen soon, on a busy machine.
pub const SOON: Duration = Duration::from_secs(30);

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
    Submission::new(id, &submitter, received_at, None, content(number).as_bytes()).unwrap()
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

/// Takes and acknowledges until each of `wanted` has come; what else comes is returned with them.
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
                        .into_iter()
                        .map(|item| item.unwrap().application.id),
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
