//! A channel's applications in several queues, whose number changes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sportello_domain::Channel;
use sportello_queue::{BrokerUri, Publisher, PublisherConfig, declare_topology, depths};
use sportello_testkit::eventually;
use tokio::task::JoinSet;

use crate::ledger::{audited, auditor, citizens};
use crate::process::{Process, command, text};
use crate::support::{Office, SOON, citizen, open};

/// Applications of a phase.
const PHASE: u32 = 500;
/// Callers at once.
const CALLERS: u32 = 16;
const SETTLED: Duration = Duration::from_secs(120);

fn with_shards(office: &Office, count: &str) -> BrokerUri {
    office.uri.clone().with_shards(count.parse().unwrap())
}

/// A publisher as an intake has it, with so many queues.
async fn intake(office: &Office, shards: &str) -> Publisher {
    let publisher = Publisher::start(PublisherConfig::new(with_shards(office, shards), "test"));
    eventually(SOON, async || publisher.reaches_all()).await;
    publisher
}

/// Sends these applications from a few callers at once, each until it is confirmed.
async fn apply(publisher: &Publisher, numbers: std::ops::Range<u32>) {
    let (next, end) = (Arc::new(AtomicU32::new(numbers.start)), numbers.end);
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (publisher, next) = (publisher.clone(), Arc::clone(&next));
        callers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return;
                }
                let submission = citizen(number).submission();
                while publisher.publish(submission.clone()).await.is_err() {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    callers.join_all().await;
}

fn worker(office: &Office) -> Process {
    Process::start_with(office, [("SHARDS", "4")])
}

#[tokio::test(flavor = "multi_thread")]
async fn from_one_queue_to_four_and_back_all_are_registered_once() {
    let office = open().await;
    declare_topology(&with_shards(&office, "4")).await.unwrap();
    let (killed, other) = (worker(&office), worker(&office));
    eventually(SOON, async || killed.is_ready().await && other.is_ready().await).await;

    let one = intake(&office, "1").await;
    apply(&one, 0..PHASE).await;
    let four = intake(&office, "4").await;
    let growing = async {
        // both are there for a while, as in an update
        tokio::join!(
            apply(&one, PHASE..PHASE + PHASE / 2),
            apply(&four, PHASE + PHASE / 2..3 * PHASE)
        );
        one.drain(SOON).await.unwrap();
    };
    let kill = async {
        eventually(SOON, async || office.count().await > u64::from(PHASE)).await;
        drop(killed);
    };
    tokio::join!(growing, kill);
    let last = intake(&office, "1").await;
    tokio::join!(apply(&last, 3 * PHASE..4 * PHASE), async {
        four.drain(SOON).await.unwrap();
    });
    last.drain(SOON).await.unwrap();

    let all = u64::from(4 * PHASE);
    eventually(SETTLED, async || office.count().await == all).await;
    let settled = |ledger: &sportello_ledger::read::Ledger| {
        let citizens = citizens(ledger);
        citizens.queue_messages == Some(0) && citizens.outstanding == 0 && citizens.new == all
    };
    let ledger = audited(&mut auditor(&office), settled).await;
    let citizens = citizens(&ledger);
    assert!(citizens.is_whole(), "{citizens:#?}");
    assert!(citizens.confirmed >= all, "{citizens:#?}");
    assert_eq!((citizens.lost, citizens.lost_unnamed_messages), (0, 0));
    assert_eq!((citizens.unnumbered, citizens.dead), (0, 0), "{citizens:#?}");
    assert!(
        citizens.gaps.is_empty() && citizens.suspects.is_empty(),
        "{citizens:#?}"
    );
    assert_eq!(office.count().await, all);
    let left = depths(&with_shards(&office, "4")).await.unwrap();
    assert_eq!(
        (left.of(Channel::Citizen), left.unrouted, left.dead_letter),
        (0, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_all_queues_is_summed_and_each_has_its_gauge() {
    let office = open().await;
    let four = intake(&office, "4").await;
    for number in 0..20 {
        four.publish(citizen(number).submission()).await.unwrap();
    }
    let output = command(&office).arg("sums").env("SHARDS", "4").output().unwrap();
    assert!(text(&output).contains("queued: 20 messages"), "{}", text(&output));
    let waits = |ledger: &sportello_ledger::read::Ledger| citizens(ledger).queue_messages == Some(20);
    // those that nobody is configured for count, too
    audited(&mut auditor(&office), waits).await;

    let process = worker(&office);
    eventually(SOON, async || {
        process.is_ready().await && office.count().await == 20
    })
    .await;
    eventually(SOON, async || {
        let page = process.page("/metrics").await.1;
        let gauge = page
            .lines()
            .filter(|line| line.starts_with("sportello_queue_messages{"));
        let queues: BTreeSet<_> = gauge.filter_map(|line| line.split("queue=\"").nth(1)).collect();
        let citizens = queues
            .iter()
            .filter(|queue| queue.starts_with("applications.citizen"));
        citizens.count() == 4
    })
    .await;
    assert!(!process.warns("shards").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_queue_is_named_and_its_worker_serves_the_others() {
    let office = open().await;
    let process = worker(&office);
    process
        .says("applications.citizen.1 is missing at the broker")
        .await;
    process.says("run `worker topology` with SHARDS").await;
    office.publish([citizen(1)]).await;
    eventually(SOON, async || office.count().await == 1).await;
    assert!(process.is_ready().await && process.warns("shards").await);

    let topology = command(&office)
        .env("AMQP_URL", office.sandbox.amqp_url())
        .env("SHARDS", "4")
        .arg("topology")
        .output()
        .unwrap();
    assert_eq!(topology.status.code(), Some(0), "{}", text(&topology));
    eventually(SOON, async || !process.warns("shards").await).await;

    let refused = command(&office).env("SHARDS", "3").output().unwrap();
    assert!(
        text(&refused).contains("1, 2, 4, 8, 16, 32 or 64"),
        "{}",
        text(&refused)
    );
}
