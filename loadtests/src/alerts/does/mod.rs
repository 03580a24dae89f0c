//! What trials do to the system.

mod database;
mod files;
mod network;
mod queue;
mod stand_in;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use sportello_stack::Part;
use sqlx::PgConnection;
use tokio::task::JoinHandle;

use crate::alerts::stage::Stage;
use crate::faults::{Fault, content};
use crate::http::open_loop::Schedule;

pub(super) use crate::alerts::does::stand_in::StandIn;

/// Longer than a process needs to end in order.
const GRACE: Duration = Duration::from_secs(30);
/// By how many applications a counter is wrong.
const MISCOUNTED: i64 = 2;

/// A fault, struck and mended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Does {
    /// One of the matrix.
    Fault(&'static str),
    /// Parts are stopped in order.
    Stopped(&'static [Part]),
    /// The second intake is killed.
    SecondIntake,
    /// A benefit's file has mistakes.
    Catalogue,
    /// A message that becomes a dead letter, for this reason.
    Poison(content::Does, &'static str),
    /// Connections to the database are taken.
    Connections,
    /// The worker's network to the database is slow.
    SlowDatabase,
    /// Intake's network to the broker is slow.
    SlowBroker,
    /// The binding of the citizens' queue is gone.
    Unbound,
    /// The broker's disk is filling.
    DiskFills,
    /// A message is taken while another stays in the queue.
    TakenInACrowd,
    /// A message is taken out of the queue.
    Taken,
    /// A queue is deleted.
    QueueDeleted,
    /// A counter of outcomes is wrong.
    CounterChanged,
    /// A process answered without a confirm.
    StandIn,
}

/// What faults keep until they are mended.
#[derive(Default)]
pub(super) struct Held {
    connections: Vec<PgConnection>,
    uploads: Option<Task>,
    asking: Option<Task>,
    filling: Option<files::Filling>,
    taken: Option<queue::Message>,
}

/// A task that ends when this is dropped.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Does {
    /// Strikes.
    pub(super) async fn begin(self, stage: &mut Stage) -> anyhow::Result<()> {
        match self {
            Self::Fault(name) => strike(stage, name).await,
            Self::Stopped(parts) => {
                for part in parts {
                    stage.scene.system.process(*part).terminate(GRACE).await?;
                }
                Ok(())
            }
            Self::SecondIntake => kill_second_intake(stage).await,
            Self::Catalogue => files::break_catalogue(stage),
            Self::Poison(kind, _) => queue::publish(stage, &kind.poison(0)?.message).await,
            Self::Connections => database::take_connections(stage).await,
            Self::SlowDatabase => network::slow_database(stage).await,
            Self::SlowBroker => network::slow_broker(stage).await,
            Self::Unbound => queue::unbind(stage).await,
            Self::DiskFills => files::fill_disk(stage).await,
            Self::TakenInACrowd => queue::take_in_a_crowd(stage).await,
            Self::Taken => queue::take(stage).await,
            Self::QueueDeleted => queue::delete(stage).await,
            Self::CounterChanged => database::miscount(stage, MISCOUNTED).await,
            Self::StandIn => {
                stage.stand_in.report(3);
                Ok(())
            }
        }
    }

    /// Mends. Returns when the parts are ready again.
    pub(super) async fn end(self, stage: &mut Stage) -> anyhow::Result<()> {
        match self {
            Self::Fault(name) => mend(stage, name).await,
            Self::Stopped(parts) => {
                for part in parts {
                    stage.scene.system.start_part(*part).await?;
                }
                Ok(())
            }
            Self::SecondIntake => Ok(stage.scene.system.start_part(Part::SecondIntake).await?),
            Self::Catalogue => files::mend_catalogue(stage),
            Self::Poison(_, reason) => stage.console.discard(reason).await,
            Self::Connections => {
                stage.held.connections.clear();
                Ok(())
            }
            Self::SlowDatabase => network::quick_database(stage).await,
            Self::SlowBroker => network::quick_broker(stage).await,
            Self::Unbound => queue::bind(stage).await,
            Self::DiskFills => files::free_disk(stage),
            Self::TakenInACrowd => queue::put_back_in_a_crowd(stage).await,
            Self::Taken => queue::put_back(stage).await,
            Self::QueueDeleted => Ok(stage.scene.system.declare_topology()?),
            Self::CounterChanged => database::miscount(stage, -MISCOUNTED).await,
            Self::StandIn => {
                stage.stand_in.report(0);
                Ok(())
            }
        }
    }
}

fn fault(name: &str) -> anyhow::Result<&'static Fault> {
    Fault::named(name).with_context(|| format!("the matrix has no fault {name}"))
}

async fn strike(stage: &mut Stage, name: &str) -> anyhow::Result<()> {
    let fault = fault(name)?;
    let load = Schedule {
        rate: 0,
        duration: Duration::ZERO,
    };
    stage.scene.settle().await;
    fault.does.prepare(&mut stage.scene, load).await?;
    fault.does.begin(&mut stage.scene).await
}

async fn mend(stage: &mut Stage, name: &str) -> anyhow::Result<()> {
    let fault = fault(name)?;
    fault.does.end(&mut stage.scene).await?;
    let broken = fault.does.leave(&mut stage.scene).await?;
    ensure!(broken.is_empty(), "{broken:?}");
    Ok(())
}

/// Kills it once the ledger knows it: after an application of it is registered.
async fn kill_second_intake(stage: &mut Stage) -> anyhow::Result<()> {
    let intake = stage.scene.system.url(Part::SecondIntake);
    let accepted = stage.load.apply(&intake.context("no second intake")?).await?;
    database::registered(stage, accepted.id).await?;
    Ok(stage.scene.system.process(Part::SecondIntake).kill().await?)
}
