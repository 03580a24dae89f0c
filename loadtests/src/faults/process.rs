//! Processes that are killed, frozen, or restarted in order.

use std::time::Duration;

use sportello_stack::{Part, Process};

use super::{Fault, Place};
use crate::faults::scene::Scene;
use crate::proof::promises::Promise;

/// Longer than a worker needs for the transaction in hand.
const GRACE: Duration = Duration::from_secs(30);

/// A process and its fault.
#[derive(Debug, Clone, Copy)]
pub struct Does {
    what: What,
    how: How,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Worker,
    Intake,
    Status,
    Postgres,
    RabbitMq,
}

#[derive(Debug, Clone, Copy)]
enum How {
    /// Killed (`kill -9`) and started.
    Killed,
    /// Frozen (SIGSTOP) and resumed (SIGCONT).
    Frozen,
    /// Stopped in order and started at once.
    Restarted,
}

/// The faults of this family. In this order, quorum queues are older than three seconds when the
/// broker is killed; younger ones would be lost.
pub const FAULTS: &[Fault] = &[
    fault(
        "worker-killed",
        "The only worker is killed (`kill -9`) and started again.",
        Promise::Accepted,
        What::Worker,
        How::Killed,
    ),
    fault(
        "worker-frozen",
        "The only worker is frozen (SIGSTOP) and resumed (SIGCONT).",
        Promise::Accepted,
        What::Worker,
        How::Frozen,
    ),
    fault(
        "worker-restarted",
        "The only worker is stopped in order and started at once.",
        Promise::Accepted,
        What::Worker,
        How::Restarted,
    ),
    fault(
        "status-killed",
        "The only status service is killed (`kill -9`) and started again.",
        Promise::Accepted,
        What::Status,
        How::Killed,
    ),
    fault(
        "status-frozen",
        "The only status service is frozen and resumed.",
        Promise::Accepted,
        What::Status,
        How::Frozen,
    ),
    fault(
        "status-restarted",
        "The only status service is stopped in order and started at once.",
        Promise::Accepted,
        What::Status,
        How::Restarted,
    ),
    fault(
        "intake-killed",
        "The only intake is killed (`kill -9`) and started again.",
        Promise::MayBreak,
        What::Intake,
        How::Killed,
    ),
    fault(
        "intake-frozen",
        "The only intake is frozen and resumed.",
        Promise::MayBreak,
        What::Intake,
        How::Frozen,
    ),
    fault(
        "intake-restarted",
        "The only intake is stopped in order and started at once.",
        Promise::MayBreak,
        What::Intake,
        How::Restarted,
    ),
    fault(
        "postgres-killed",
        "PostgreSQL and all its processes are killed (`kill -9`) and started again.",
        Promise::Accepted,
        What::Postgres,
        How::Killed,
    ),
    fault(
        "postgres-frozen",
        "PostgreSQL and all its processes are frozen and resumed: connections stay open and silent.",
        Promise::Accepted,
        What::Postgres,
        How::Frozen,
    ),
    fault(
        "postgres-restarted",
        "PostgreSQL is stopped in order and started at once.",
        Promise::Accepted,
        What::Postgres,
        How::Restarted,
    ),
    fault(
        "rabbitmq-killed",
        "The only broker is killed (`kill -9`) and started again.",
        Promise::AcceptedOrLater,
        What::RabbitMq,
        How::Killed,
    ),
    fault(
        "rabbitmq-frozen",
        "The only broker is frozen and resumed: connections stay open and silent.",
        Promise::AcceptedOrLater,
        What::RabbitMq,
        How::Frozen,
    ),
    fault(
        "rabbitmq-restarted",
        "The only broker is stopped in order and started at once.",
        Promise::AcceptedOrLater,
        What::RabbitMq,
        How::Restarted,
    ),
];

const fn fault(name: &'static str, sentence: &'static str, promise: Promise, what: What, how: How) -> Fault {
    Fault {
        name,
        sentence,
        promise,
        place: match what {
            What::Worker => Place::Worker,
            What::Intake => Place::Intake,
            What::Status => Place::Status,
            What::Postgres => Place::Postgres,
            What::RabbitMq => Place::RabbitMq,
        },
        does: super::Does::Process(Does { what, how }),
    }
}

impl Does {
    pub(super) fn mends_itself(self) -> bool {
        matches!(self.how, How::Restarted)
    }

    pub(super) async fn begin(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self.how {
            How::Killed => self.what.kill(scene).await,
            How::Frozen => {
                self.what.process(scene).freeze();
                Ok(())
            }
            How::Restarted => {
                self.what.stop(scene).await?;
                self.what.start(scene).await
            }
        }
    }

    pub(super) async fn end(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self.how {
            // starting resumes a frozen process and waits until it is ready
            How::Killed | How::Frozen => self.what.start(scene).await,
            How::Restarted => Ok(()),
        }
    }
}

impl What {
    fn process(self, scene: &mut Scene) -> Process {
        match self {
            Self::Worker => scene.system.process(Part::Worker(1)),
            Self::Intake => scene.system.process(Part::Intake),
            Self::Status => scene.system.process(Part::Status),
            Self::Postgres => scene.system.postgres().process().clone(),
            Self::RabbitMq => scene.system.rabbitmq().process().clone(),
        }
    }

    async fn kill(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            // with the port mapper that it leaves
            Self::RabbitMq => scene.system.rabbitmq().kill().await?,
            Self::Worker | Self::Intake | Self::Status | Self::Postgres => {
                self.process(scene).kill().await?;
            }
        }
        Ok(())
    }

    async fn stop(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Postgres => scene.system.postgres().stop().await?,
            Self::RabbitMq => scene.system.rabbitmq().stop().await?,
            Self::Worker | Self::Intake | Self::Status => self.process(scene).terminate(GRACE).await?,
        }
        Ok(())
    }

    async fn start(self, scene: &mut Scene) -> anyhow::Result<()> {
        match self {
            Self::Worker => scene.system.start_part(Part::Worker(1)).await?,
            Self::Intake => scene.system.start_part(Part::Intake).await?,
            Self::Status => scene.system.start_part(Part::Status).await?,
            Self::Postgres => scene.system.start_postgres().await?,
            Self::RabbitMq => scene.system.start_rabbitmq().await?,
        }
        Ok(())
    }
}
