//! How many members the queues of a real broker have.

use sportello_queue::{Management, Members, Membership, declare_topology};
use sportello_testkit::{Account, Sandbox, eventually};

use crate::support::{SOON, uri};

async fn found(management: &str, sandbox: &Sandbox) -> Membership {
    let management = Management::new(management, &uri(sandbox.amqp_url()), false).unwrap();
    let members = Members::watch(management);
    eventually(SOON, async || {
        Some(members.now()).filter(|found| *found != Membership::Unknown)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_node_each_queue_that_is_there_has_its_members() {
    let sandbox = Sandbox::queue().await;
    let management = sandbox.management_url();
    assert_eq!(
        found(&management, &sandbox).await,
        Membership::Thin,
        "no queue is there"
    );
    declare_topology(&uri(sandbox.amqp_url())).await.unwrap();
    eventually(SOON, async || {
        found(&management, &sandbox).await == Membership::Full
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_management_api_that_refuses_is_reported() {
    let sandbox = Sandbox::queue().await;
    let management = Account::Status.address(&sandbox.management_url());
    assert_eq!(found(&management, &sandbox).await, Membership::Unreachable);
}
