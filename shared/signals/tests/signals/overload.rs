//! The overload signal on a real broker.

use std::sync::Arc;
use std::time::Duration;

use sportello_signals::{Overload, OverloadReporter};
use sportello_testkit::{Sandbox, broker, eventually};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::support::{SOON, uri};

const LONG: Duration = Duration::from_secs(3_600);

/// An overload that is reported all the time, until it is dropped.
struct Rush {
    task: JoinHandle<()>,
    _teller: OverloadReporter,
}

impl Rush {
    fn begins(amqp_url: &str) -> Self {
        let seen = Arc::new(Notify::new());
        let teller = OverloadReporter::start(uri(amqp_url), "test", Arc::clone(&seen));
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(10));
            loop {
                ticks.tick().await;
                seen.notify_one();
            }
        });
        Self {
            task,
            _teller: teller,
        }
    }
}

impl Drop for Rush {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_learns_of_an_overload_and_waits_until_its_end() {
    let sandbox = Sandbox::queue().await;
    let workers = [1, 2].map(|_| Overload::start(uri(sandbox.amqp_url()), "test", LONG));
    for worker in &workers {
        // no overload: no caller waits
        worker.is_gone().await;
        assert!(!worker.is_there());
    }
    let rush = Rush::begins(sandbox.amqp_url());
    eventually(SOON, async || workers.iter().all(Overload::is_there)).await;
    drop(rush);
    for worker in &workers {
        worker.is_gone().await;
        assert!(!worker.is_there());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_listener_waits_longer_than_the_longest_pause() {
    let sandbox = Sandbox::queue().await;
    let times = [Duration::from_secs(1), LONG];
    let [impatient, patient] = times.map(|time| Overload::start(uri(sandbox.amqp_url()), "test", time));
    let _rush = Rush::begins(sandbox.amqp_url());
    eventually(SOON, async || impatient.is_there()).await;
    impatient.is_gone().await;
    eventually(SOON, async || patient.is_there()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_was_away_brings_the_word_again() {
    let mut broker = broker().await;
    let worker = Overload::start(uri(&broker.url()), "test", LONG);
    let rush = Rush::begins(&broker.url());
    eventually(SOON, async || worker.is_there()).await;
    broker.kill().await.unwrap();
    worker.is_gone().await;
    broker.start().await.unwrap();
    eventually(SOON, async || worker.is_there()).await;
    drop(rush);
}
