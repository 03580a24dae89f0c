//! Connections between two parts that are cut, silent or slow: they go by way of a proxy meanwhile.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::Url;
use sportello_local::{Manner, Part, Proxy, System, state};

use super::{Fault, Place};
use crate::probes;
use crate::promises::Promise;
use crate::scene::Scene;

/// What is done to which wire.
#[derive(Debug, Clone, Copy)]
pub struct Does {
    wire: Wire,
    manner: Manner,
}

/// The connections of one part to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wire {
    /// From intake to the broker.
    IntakeRabbitMq,
    /// From the worker to the broker.
    WorkerRabbitMq,
    /// From the worker to the benefits database.
    WorkerPostgres,
    /// From the status service to the benefits database.
    StatusPostgres,
    /// From intake to the identity provider, for its keys.
    IntakeIdentityProvider,
}

/// Slower than most networks between two cities.
const SLOW: Manner = Manner::Slow(Duration::from_millis(75));

/// All of them.
pub const FAULTS: &[Fault] = &[
    fault(
        "intake-rabbitmq-silent",
        "Between intake and the broker nothing comes through; connections stay open (a partition).",
        Promise::AcceptedOrLater,
        Wire::IntakeRabbitMq,
        Manner::Silent,
    ),
    fault(
        "intake-rabbitmq-cut",
        "Connections between intake and the broker are reset, and new ones refused.",
        Promise::AcceptedOrLater,
        Wire::IntakeRabbitMq,
        Manner::Cut,
    ),
    fault(
        "worker-rabbitmq-silent",
        "Between the worker and the broker nothing comes through.",
        Promise::Accepted,
        Wire::WorkerRabbitMq,
        Manner::Silent,
    ),
    fault(
        "worker-postgres-silent",
        "Between the worker and PostgreSQL nothing comes through.",
        Promise::Accepted,
        Wire::WorkerPostgres,
        Manner::Silent,
    ),
    fault(
        "worker-postgres-cut",
        "Connections between the worker and PostgreSQL are reset, and new ones refused.",
        Promise::Accepted,
        Wire::WorkerPostgres,
        Manner::Cut,
    ),
    fault(
        "worker-postgres-slow",
        "Everything between the worker and PostgreSQL takes 75 ms more, each way.",
        Promise::Accepted,
        Wire::WorkerPostgres,
        SLOW,
    ),
    fault(
        "status-postgres-silent",
        "Between the status service and PostgreSQL nothing comes through: who asks gets `503` within a second.",
        Promise::Accepted,
        Wire::StatusPostgres,
        Manner::Silent,
    ),
    fault(
        "identity-provider-silent",
        "Between intake and the identity provider nothing comes through: tokens of known keys go on being good.",
        Promise::Accepted,
        Wire::IntakeIdentityProvider,
        Manner::Silent,
    ),
];

const fn fault(
    name: &'static str,
    sentence: &'static str,
    promise: Promise,
    wire: Wire,
    manner: Manner,
) -> Fault {
    Fault {
        name,
        sentence,
        promise,
        place: match wire {
            Wire::IntakeRabbitMq | Wire::IntakeIdentityProvider => Place::Intake,
            Wire::WorkerRabbitMq | Wire::WorkerPostgres => Place::Worker,
            Wire::StatusPostgres => Place::Status,
        },
        does: super::Does::Network(Does { wire, manner }),
    }
}

impl Does {
    pub(super) async fn prepare(self, scene: &mut Scene) -> anyhow::Result<()> {
        if scene.wires.contains_key(&self.wire) {
            return Ok(());
        }
        let server = self.wire.server(&scene.system)?;
        let proxy = Proxy::to(server.port().context("an address without a port")?)?;
        let value = self.wire.by_way_of(&scene.system, server, proxy.port())?;
        scene.wires.insert(self.wire, proxy);
        scene
            .set(self.wire.part(), [(self.wire.setting().to_owned(), Some(value))])
            .await
    }

    pub(super) async fn begin(self, scene: &mut Scene) -> anyhow::Result<()> {
        self.set(scene, self.manner)
    }

    pub(super) async fn end(self, scene: &mut Scene) -> anyhow::Result<()> {
        let seen = match self.wire {
            Wire::StatusPostgres => probes::status_says_later(&scene.system).await?,
            Wire::IntakeIdentityProvider => probes::known_keys_are_good(&scene.system).await?,
            Wire::IntakeRabbitMq | Wire::WorkerRabbitMq | Wire::WorkerPostgres => None,
        };
        scene.broken.extend(seen);
        self.set(scene, Manner::Pass)?;
        // it runs: this waits until it is ready
        Ok(scene.system.start_part(self.wire.part()).await?)
    }

    pub(super) async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        // of two on one wire the first has left for both
        if let Some(_proxy) = scene.wires.remove(&self.wire) {
            let setting = self.wire.setting().to_owned();
            scene.set(self.wire.part(), [(setting, None)]).await?;
        }
        Ok(std::mem::take(&mut scene.broken))
    }

    fn set(self, scene: &Scene, manner: Manner) -> anyhow::Result<()> {
        let proxy = scene.wires.get(&self.wire).context("the wire was not prepared")?;
        proxy.set(manner);
        Ok(())
    }
}

impl Wire {
    /// Who is told to take it.
    fn part(self) -> Part {
        match self {
            Self::IntakeRabbitMq | Self::IntakeIdentityProvider => Part::Intake,
            Self::WorkerRabbitMq | Self::WorkerPostgres => Part::Worker(1),
            Self::StatusPostgres => Part::Status,
        }
    }

    fn setting(self) -> &'static str {
        match self {
            Self::IntakeRabbitMq | Self::WorkerRabbitMq => "AMQP_URL",
            Self::WorkerPostgres | Self::StatusPostgres => "DATABASE_URL",
            Self::IntakeIdentityProvider => "IDENTITY_CONFIG",
        }
    }

    fn server(self, system: &System) -> anyhow::Result<Url> {
        let address = match self {
            Self::IntakeRabbitMq | Self::WorkerRabbitMq => system.amqp_url(),
            Self::WorkerPostgres | Self::StatusPostgres => system.database_url(),
            Self::IntakeIdentityProvider => system.url(Part::IdentityProvider).unwrap_or_default(),
        };
        Ok(Url::parse(&address)?)
    }

    /// What the part is told, so that it connects to this port instead.
    fn by_way_of(self, system: &System, mut server: Url, port: u16) -> anyhow::Result<String> {
        if server.set_port(Some(port)).is_err() {
            anyhow::bail!("an address that has no port");
        }
        if self != Self::IntakeIdentityProvider {
            return Ok(server.into());
        }
        let path = system.identity_folder().join("identity-by-proxy.toml");
        let config = system.identity_config(server.as_str().trim_end_matches('/'));
        state::write_private(&path, config.as_bytes())?;
        Ok(path.to_string_lossy().into_owned())
    }
}
