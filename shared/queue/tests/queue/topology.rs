//! Queues that are missing or not as they must be.

use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use sportello_domain::Channel;
use sportello_queue::topology::TopologyError;
use sportello_queue::{ConnectError, depths};
use sportello_testkit::{Sandbox, eventually};

use crate::support::{SOON, operator, patient, publisher, submission, uri};

#[tokio::test(flavor = "multi_thread")]
async fn what_no_queue_takes_waits_in_the_unrouted_queue() {
    let sandbox = Sandbox::queue().await;
    let publisher = publisher(patient(sandbox.amqp_url())).await;
    let (_connection, operator) = operator(sandbox.amqp_url()).await;
    operator
        .queue_delete("applications.intermediary".into(), QueueDeleteOptions::default())
        .await
        .unwrap();

    publisher
        .publish(submission(Channel::Intermediary, 1))
        .await
        .unwrap();
    let depths = eventually(SOON, async || {
        let depths = depths(&uri(sandbox.amqp_url())).await.unwrap();
        (depths.unrouted > 0).then_some(depths)
    })
    .await;
    assert_eq!((depths.unrouted, depths.of(Channel::Intermediary)), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_with_other_arguments_is_reported_by_name() {
    let sandbox = Sandbox::queue().await;
    let (_connection, operator) = operator(sandbox.amqp_url()).await;
    let options = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    operator
        .queue_declare("applications.citizen".into(), options, FieldTable::default())
        .await
        .unwrap();

    let error = depths(&uri(sandbox.amqp_url())).await.unwrap_err();
    assert!(matches!(
        error,
        ConnectError::Topology(TopologyError::Mismatch {
            name: "applications.citizen",
            ..
        })
    ));
    assert!(error.to_string().contains("x-"), "{error}");
}
