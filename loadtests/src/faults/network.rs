//! Connections between two parts that are cut, silent or slow: meanwhile they use a proxy.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::Url;
use sportello_faults::{Manner, Proxy};
use sportello_stack::{Account, Part, System, state};

use super::{Fault, Place};
use crate::faults::scene::{Scene, Wire};
use crate::proof::promises::Promise;
use crate::system::probes;

/// A manner of a wire.
#[derive(Debug, Clone, Copy)]
pub struct Does {
    wire: Wire,
    manner: Manner,
}

/// Slower than most networks between two cities.
const SLOW: Manner = Manner::Slow(Duration::from_millis(75));

/// The faults of this family.
pub const FAULTS: &[Fault] = &[
    fault(
        "intake-rabbitmq-silent",
        "No traffic passes between intake and the broker; connections stay open (a partition).",
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
        "No traffic passes between the worker and the broker.",
        Promise::Accepted,
        Wire::WorkerRabbitMq,
        Manner::Silent,
    ),
    fault(
        "worker-postgres-silent",
        "No traffic passes between the worker and PostgreSQL.",
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
        "Traffic between the worker and PostgreSQL takes 75 ms more in each direction.",
        Promise::Accepted,
        Wire::WorkerPostgres,
        SLOW,
    ),
    fault(
        "status-postgres-silent",
        "No traffic passes between the status service and PostgreSQL: callers get `503` within a second.",
        Promise::Accepted,
        Wire::StatusPostgres,
        Manner::Silent,
    ),
    fault(
        "identity-provider-silent",
        "No traffic passes between intake and the identity provider: tokens with known keys stay valid.",
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
        // the part runs already: this waits until it is ready
        Ok(scene.system.start_part(self.wire.part()).await?)
    }

    pub(super) async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        // if two faults share a wire, the first removes it for both
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
    /// Returns the part that connects over it.
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
            Self::IntakeRabbitMq => system.amqp_url_of(Account::Intake),
            Self::WorkerRabbitMq => system.amqp_url_of(Account::Worker),
            Self::WorkerPostgres => system.database_url_of(Account::Worker),
            Self::StatusPostgres => system.database_url_of(Account::Status),
            Self::IntakeIdentityProvider => system.url(Part::IdentityProvider).unwrap_or_default(),
        };
        Ok(Url::parse(&address)?)
    }

    /// Returns the settings that make the part connect to this port.
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
