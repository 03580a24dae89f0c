//! A worker that reads envelopes of the first version alone, as the one before the last update did.
//! No program is that old, so its lanes run in this process, with a worker's rights.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loadtests::system::private_system::PrivateSystem;
use sportello_catalogue::LiveCatalogue;
use sportello_domain::Channel;
use sportello_queue::topology::Topology;
use sportello_queue::{BrokerUri, DeadLetters};
use sportello_stack::Account;
use sportello_store::{Store, StoreOptions};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{FairShare, Kept, Lane, LaneConfig, Progress, Step};

/// The version without withdrawals.
const FIRST_VERSION: u64 = 1;

/// The lanes of both channels.
pub(crate) struct OlderWorker {
    lanes: Vec<JoinHandle<()>>,
    kept: Vec<Kept>,
    registered: Arc<AtomicUsize>,
    stop: CancellationToken,
}

impl OlderWorker {
    pub(crate) fn start(system: &PrivateSystem) -> Self {
        let uri: BrokerUri = system.amqp_url_of(Account::Worker).parse().expect("an address");
        let uri = uri.with_topology(Topology::Expect);
        let store = Store::connect(&system.database_url_of(Account::Worker), &StoreOptions::default());
        let store = store.expect("an address");
        let catalogue = LiveCatalogue::start(system.catalogue_folder()).expect("a catalogue");
        let dead_letters = Arc::new(DeadLetters::new(uri.clone(), "older worker"));
        let stop = CancellationToken::new();
        let (turns, progress) = (fair_share(), Progress::default());
        let lane = |channel| {
            let config = LaneConfig {
                uri: uri.clone(),
                channel,
                prefetch: 50,
                batch: 500,
                fair_share: turns.clone(),
                progress: progress.clone(),
                overload: None,
                newest: FIRST_VERSION,
            };
            let dead_letters = Arc::clone(&dead_letters);
            Lane::start(
                config,
                store.clone(),
                catalogue.clone(),
                dead_letters,
                stop.clone(),
            )
        };
        let lanes = Channel::ALL.map(lane);
        let kept = lanes.iter().map(Lane::kept).collect();
        let registered = Arc::default();
        let run = |lane| tokio::spawn(run(lane, Arc::clone(&registered)));
        Self {
            lanes: lanes.into_iter().map(run).collect(),
            kept,
            registered,
            stop,
        }
    }

    /// Messages in hand that only a newer worker can read.
    pub(crate) fn kept(&self) -> usize {
        self.kept.iter().map(Kept::count).sum()
    }

    /// Applications that it has put on the register.
    pub(crate) fn registered(&self) -> usize {
        self.registered.load(Ordering::Relaxed)
    }

    /// Ends it in order: what it keeps goes back to the queues.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        for lane in self.lanes {
            lane.await.expect("its end");
        }
    }
}

fn fair_share() -> FairShare {
    FairShare::new(NonZeroUsize::MIN, "4:1".parse().expect("weights"))
}

async fn run(mut lane: Lane, registered: Arc<AtomicUsize>) {
    while let Step::Done(done) = lane.step().await {
        registered.fetch_add(done.registered, Ordering::Relaxed);
    }
    lane.close().await;
}
