//! Settings: options and environment variables.

use jiff::SignedDuration;
use sportello_worker_size::WorkerSize;

use crate::calendar::CalendarPolicy;
use crate::hand::{Compose, Hand, HandError, Keda, Kubernetes, Local, NoHand, Systemd};
use crate::policy::{Ceiling, Connections, Policy, PolicyError, Prefetch};
use crate::rate::Rate;
use crate::target::Target;

/// Settings of the bounds: each is an option or an environment variable.
#[derive(Debug, Clone, clap::Args)]
pub struct ScalingSettings {
    /// Fewest workers that the automatic keeps.
    #[arg(long, env = "WORKERS_FLOOR", default_value_t = 1, value_parser = up_to_a_thousand())]
    pub workers_floor: u16,

    /// Most workers. The database's connections may allow fewer.
    #[arg(long, env = "WORKERS_CEILING", default_value_t = 8, value_parser = up_to_a_thousand())]
    pub workers_ceiling: u16,

    /// Fewest workers on a benefit's first day, until midnight in Italy.
    #[arg(long, env = "WORKERS_ON_OPENING_DAY", default_value_t = 4, value_parser = up_to_a_thousand())]
    pub workers_on_opening_day: u16,

    /// Fewest workers whenever a channel is open.
    #[arg(long, env = "WORKERS_IN_WINDOW", default_value_t = 1, value_parser = up_to_a_thousand())]
    pub workers_in_window: u16,

    /// Seconds before an opening at which its workers are started.
    #[arg(
        long,
        env = "WORKERS_BEFORE_OPENING_SECONDS",
        default_value_t = 1_800,
        value_parser = clap::value_parser!(u32).range(..=86_400)
    )]
    pub workers_before_opening_seconds: u32,

    /// Seconds that an application may wait, while operators have set no other target.
    #[arg(
        long,
        env = "WORKERS_BEHIND_SECONDS",
        default_value_t = 300,
        value_parser = clap::value_parser!(u32).range(10..=86_400)
    )]
    pub workers_behind_seconds: u32,

    /// Seconds from starting a worker to its first transaction.
    #[arg(
        long,
        env = "WORKER_START_SECONDS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(..=3_600)
    )]
    pub worker_start_seconds: u32,

    /// Applications a second that one worker is expected to settle, until that is measured. Without
    /// it the number stays until then.
    #[arg(long, env = "WORKER_EXPECTED_PER_SECOND", value_parser = clap::value_parser!(u32).range(1..))]
    pub worker_expected_per_second: Option<u32>,

    /// Each worker: the same settings as theirs.
    #[command(flatten)]
    pub worker: WorkerSize,

    /// Connections to the database that are not for workers: those of other services and
    /// administrators.
    #[arg(long, env = "DATABASE_CONNECTIONS_RESERVED", default_value_t = 40)]
    pub database_connections_reserved: u16,
}

impl ScalingSettings {
    /// Returns the bounds. `max_connections` is what the database says, if it can be read.
    ///
    /// # Errors
    /// The floor is above the ceiling.
    pub fn policy(&self, max_connections: Option<u16>) -> Result<Policy, PolicyError> {
        let connections = max_connections.map(|most| Connections {
            most,
            reserved: self.database_connections_reserved,
            each_worker: self.worker.connections(),
        });
        let mut policy = Policy::new(self.workers_floor, Ceiling::of(self.workers_ceiling, connections))?;
        policy.startup = SignedDuration::from_secs(self.worker_start_seconds.into());
        policy.prefetch = Prefetch {
            consumers: self.worker.consumers(),
            messages: self.worker.prefetch,
        };
        let expected = self.worker_expected_per_second.map(f64::from);
        policy.expected = expected.and_then(Rate::per_second);
        Ok(policy)
    }

    /// Returns how openings raise the fewest workers.
    #[must_use]
    pub fn calendar(&self) -> CalendarPolicy {
        CalendarPolicy {
            opening_day: self.workers_on_opening_day,
            window: self.workers_in_window,
            before: SignedDuration::from_secs(self.workers_before_opening_seconds.into()),
        }
    }

    /// Returns the target while operators have set no other.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::NeverBehind {
            seconds: self.workers_behind_seconds,
        }
    }
}

fn up_to_a_thousand() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(..=1_000)
}

/// Which hand starts and stops workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum HandKind {
    /// People do.
    None,
    /// The development system's command.
    Local,
    /// Units of a template.
    Systemd,
    /// Containers of docker compose. For an agent, since Docker's socket gives all rights.
    Compose,
    /// The scale of a deployment without an autoscaler.
    Kubernetes,
    /// KEDA, which asks for the wanted number.
    Keda,
}

/// Settings of the hand: each is an option or an environment variable.
#[derive(Debug, Clone, clap::Args)]
pub struct HandSettings {
    /// What starts and stops workers.
    #[arg(long, env = "WORKER_HAND", default_value = "none")]
    pub worker_hand: HandKind,

    /// Command line of the hand: `cargo xtask workers` for local, `systemctl` for systemd, `docker
    /// compose` for compose. Words with spaces between, without quotes.
    #[arg(long, env = "WORKER_HAND_COMMAND")]
    pub worker_hand_command: Option<String>,

    /// Name of the template, service or deployment: `worker` for compose, otherwise
    /// `sportello-worker`.
    #[arg(long, env = "WORKER_HAND_NAME")]
    pub worker_hand_name: Option<String>,

    /// Namespace of the deployment. Without it, that of this service's own account.
    #[arg(long, env = "WORKER_HAND_NAMESPACE")]
    pub worker_hand_namespace: Option<String>,
}

impl HandSettings {
    /// Makes the hand.
    ///
    /// # Errors
    /// There is no access to Kubernetes where it is set.
    pub async fn hand(&self) -> Result<Box<dyn Hand>, HandError> {
        let command = self.worker_hand_command.as_deref();
        let name = self.worker_hand_name.as_deref();
        let unit = name.unwrap_or("sportello-worker");
        let namespace = self.worker_hand_namespace.as_deref();
        Ok(match self.worker_hand {
            HandKind::None => Box::new(NoHand),
            HandKind::Local => Box::new(Local::new(command.unwrap_or("cargo xtask workers"))),
            HandKind::Systemd => Box::new(Systemd::new(command.unwrap_or("systemctl"), unit)),
            HandKind::Compose => {
                let service = name.unwrap_or("worker");
                Box::new(Compose::new(command.unwrap_or("docker compose"), service))
            }
            HandKind::Kubernetes => Box::new(Kubernetes::connect(namespace, unit).await?),
            HandKind::Keda => Box::new(Keda::new(Kubernetes::connect(namespace, unit).await?)),
        })
    }
}
