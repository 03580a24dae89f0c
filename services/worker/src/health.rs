//! The health page and its checks.

use std::future::Future;
use std::io;
use std::sync::{Arc, OnceLock};

use jiff::SignedDuration;
use sportello_catalogue::LiveCatalogue;
use sportello_domain::ClockDifference;
use sportello_http::{Check, Health, Server, Severity};
use sportello_ledger::Losses;
use sportello_queue::{Attachment, Members, Membership};
use sportello_store::{CLOCKS_AGREE, Store};
use sportello_telemetry::Metrics;
use tokio_util::sync::CancellationToken;

use crate::allotter::Allotter;
use crate::newer::Kept;

/// Difference of clocks from which the check warns.
const NOTICED: SignedDuration = SignedDuration::from_secs(1);

/// State of a lane that the checks read.
pub(crate) struct LaneSigns {
    pub(crate) attachment: Attachment,
    pub(crate) kept: Kept,
}

/// All lanes, once they have been started.
pub(crate) type Lanes = Arc<OnceLock<Vec<LaneSigns>>>;

/// Serves the health page until `stopping`.
pub(crate) fn serve(
    server: Server,
    checks: Vec<Check>,
    metrics: Option<Metrics>,
    stopping: &CancellationToken,
) -> impl Future<Output = io::Result<()>> + use<> {
    let health = Health::new(checks, metrics);
    server.run(health, |_| {}, stopping.clone().cancelled_owned())
}

/// Returns the checks. The worker needs the database and a consumer in each lane; the others warn
/// operators.
pub(crate) fn checks(
    store: &Store,
    catalogue: LiveCatalogue,
    allotter: Allotter,
    lanes: Lanes,
) -> Vec<Check> {
    let newer = newer(Arc::clone(&lanes));
    vec![
        database(store.clone()),
        consumers(lanes),
        newer,
        whole(catalogue),
        newest(allotter),
        clock(store.clone()),
        retention(store.clone()),
        dead_letters(store.clone()),
    ]
}

fn newest(allotter: Allotter) -> Check {
    Check::of(
        "budgets",
        Severity::Warning,
        move || !allotter.is_outdated(),
        "another worker has a newer file of a benefit: put it into this worker's folder; to go back to an older \
         one, change something in it",
    )
}

/// Passes while the database is away, since there is nothing to compare with; the check `database`
/// fails then.
fn clock(store: Store) -> Check {
    Check::warning("clock", move || {
        let store = store.clone();
        async move {
            let difference = store.clock_difference().await.map(ClockDifference::certain);
            match difference.unwrap_or_default().abs() {
                apart if apart > CLOCKS_AGREE => Err(
                    "this machine's clock and the database's are over five minutes apart: synchronise both; \
                     until they agree, no application whose retention has ended is erased",
                ),
                apart if apart > NOTICED => {
                    Err("this machine's clock and the database's are over a second apart: synchronise both")
                }
                _ => Ok(()),
            }
        }
    })
}

fn retention(store: Store) -> Check {
    Check::warning("retention", move || {
        let store = store.clone();
        async move {
            if store.is_purge_announced().await.unwrap_or_default() {
                Err(
                    "applications are erased for ever within a day, since their retention has ended: the log names \
                     their benefits; if that is wrong, write more days into their files",
                )
            } else {
                Ok(())
            }
        }
    })
}

/// Passes while the database is away; the check `database` fails then.
fn dead_letters(store: Store) -> Check {
    Check::warning("dead_letters", move || {
        let store = store.clone();
        async move {
            if store.has_open_dead_letters().await.unwrap_or_default() {
                Err(
                    "accepted applications that can't be registered wait for an operator: see the dead letters in the \
                     console, each with its reason",
                )
            } else {
                Ok(())
            }
        }
    })
}

/// Warns where a queue has fewer members than the cluster can give it.
pub(crate) fn members(members: Members) -> Check {
    Check::judged("queue_members", Severity::Warning, move || match members.now() {
        Membership::Full | Membership::Unknown => Ok(()),
        Membership::Thin => Err(
            "a queue has fewer members than the cluster has nodes, so its messages are on fewer disks: add \
             some with `rabbitmq-queues grow` (the log names the queues)",
        ),
        Membership::Away => Err(
            "a member of a queue does not run, so one more loss may stop the queue: start its node (the log names the \
             queues)",
        ),
        Membership::Unconsumed => Err(
            "messages wait in a queue that no worker consumes: start workers with SHARDS as large as it was (the log \
             names the queues)",
        ),
        Membership::Unreachable => {
            Err("the broker's management API does not answer, so the members of queues are not checked")
        }
    })
}

/// Warns of proved losses.
pub(crate) fn losses(losses: Losses) -> Check {
    let none = move || !losses.are_proved();
    Check::of("ledger", Severity::Warning, none, Losses::WORDS)
}

fn whole(catalogue: LiveCatalogue) -> Check {
    Check::of(
        "catalogue",
        Severity::Warning,
        move || !catalogue.broken(),
        "the files of the catalogue have mistakes; using the files before: the log lists the mistakes",
    )
}

fn newer(lanes: Lanes) -> Check {
    let has_none = move || {
        let lanes = lanes.get();
        !lanes.is_some_and(|lanes| lanes.iter().any(|lane| lane.kept.count() > 0))
    };
    let otherwise = "messages of a newer version wait for a newer worker: start one";
    Check::of("newer_messages", Severity::Warning, has_none, otherwise)
}

fn consumers(lanes: Lanes) -> Check {
    let all = move || {
        let lanes = lanes.get();
        lanes.is_some_and(|lanes| lanes.iter().all(|lane| lane.attachment.is_attached()))
    };
    Check::of(
        "consumers",
        Severity::Needed,
        all,
        "not every lane is attached to its queue",
    )
}

/// Warns where the consumers of a channel do not have all of its queues.
pub(crate) fn shards(lanes: Lanes) -> Check {
    let all = move || {
        let lanes = lanes.get();
        lanes.is_some_and(|lanes| lanes.iter().all(|lane| lane.attachment.is_whole()))
    };
    Check::of(
        "shards",
        Severity::Warning,
        all,
        "not every queue of a channel is consumed: the applications in the others wait; the log names the queue",
    )
}

fn database(store: Store) -> Check {
    Check::new("database", move || {
        let store = store.clone();
        async move {
            store
                .ping()
                .await
                .map_err(|_| "the benefits database can't be reached")
        }
    })
}
