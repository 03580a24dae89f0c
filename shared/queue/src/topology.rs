//! Exchanges and queues: one user declares them, all others check that they exist.
//!
//! ```text
//! applications (direct) ── citizen ──────▶ applications.citizen ──────┐ over the delivery limit
//!        │             ├── intermediary ─▶ applications.intermediary ─┤
//!        │             └── citizen.1 … ──▶ applications.citizen.1 … ──┤ with shards
//!        │ no such queue                                              ▼
//!        ▼                                        applications.dead-letter (fanout)
//! applications.unrouted (fanout) ─▶ applications.unrouted             └─▶ applications.dead-letter
//!
//! applications.channel-settings (fanout) ─┬▶ applications.channel-settings
//!                                         └▶ applications.channel-settings.<uuid>, of a follower
//!
//! applications.statements (fanout) ─▶ applications.ledger
//!
//! applications.overload (fanout) ─▶ applications.overload.<uuid>, of a worker that yields
//! applications.clock (direct) ────▶ applications.clock.<uuid>, of an intake; back as dead letters
//! ```
//!
//! All lasting queues are quorum queues. Only settings that can't be a policy are arguments, since
//! an argument can't be changed later. An operator policy on `max-length-bytes` limits a queue's
//! size: with the overflow declared here, a full queue refuses publishes and never drops its
//! messages.
//!
//! [`Topology::Declare`] needs the permissions configure, write and read on `applications.*`.
//! [`Topology::Expect`] needs none of its own, so intake may only publish, and a worker only take
//! and dead-letter: deploy/compose/rabbitmq.json has their permissions.

use std::str::FromStr;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{ErrorKind, ExchangeKind};
use sportello_domain::{Channel, UnknownWord};

use crate::shards::{ShardQueue, Shards};

/// The exchange of applications; the routing key is the channel.
pub const EXCHANGE: &str = "applications";
/// Exchange and queue of unrouted messages. Any message there is an alarm: a binding is missing.
pub const UNROUTED: &str = "applications.unrouted";
/// Exchange and queue of applications that can't be processed.
pub const DEAD_LETTER: &str = "applications.dead-letter";
/// Exchange and queue of the channel settings.
pub const CHANNEL_SETTINGS: &str = "applications.channel-settings";
/// Exchange of the publishers' statements to the ledger.
pub const STATEMENTS: &str = "applications.statements";
/// Queue of the statements. It has a name of its own: who may publish to an exchange may also bind
/// a queue of the same name.
pub const LEDGER: &str = "applications.ledger";

/// Exchange of the overload signal.
pub const OVERLOAD: &str = "applications.overload";
/// Exchange of the messages that compare clocks.
pub const CLOCK: &str = "applications.clock";

/// Deliveries of one message before it is dead-lettered. The limit only stops a message that kills
/// every worker. A crash counts against all messages that the worker had prefetched, good ones too.
/// So the limit is well above the crashes and restarts that a message may see while it waits for a
/// long drain.
const DELIVERY_LIMIT: i32 = 100;
/// In effect no limit: in queues where messages wait for a person, every look counts as a delivery.
/// (`RabbitMQ` 4 has a limit of 20 by default, and 3.10 does not know -1.)
const NO_DELIVERY_LIMIT: i32 = i32::MAX;

/// Nodes that keep a copy of each queue, if the cluster has as many: two can go on without the
/// third.
pub const MEMBERS: u16 = 3;

/// How a connection treats exchanges and queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Topology {
    /// Declares all of them; existing ones stay as they are.
    #[default]
    Declare,
    /// Checks that all of them exist, and fails where one is missing.
    Expect,
}

impl Topology {
    /// Returns the mode's name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declare => "declare",
            Self::Expect => "expect",
        }
    }
}

impl FromStr for Topology {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = [Self::Declare, Self::Expect].into_iter();
        let found = known.into_iter().find(|topology| topology.as_str() == text);
        found.ok_or(UnknownWord("topology"))
    }
}

/// Returns the name of a channel's first queue, its only one without shards.
#[must_use]
pub fn queue_name(channel: Channel) -> &'static str {
    ShardQueue::first(channel).name()
}

/// Why the topology is not usable.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// It was declared before with other arguments, by another version or by hand.
    #[error(
        "{name} exists with other arguments than this version declares ({source}); \
         drain and delete it, or mend what declared it"
    )]
    Mismatch {
        /// The exchange or queue.
        name: &'static str,
        /// The broker's error.
        source: lapin::Error,
    },
    /// It is missing, and this connection does not declare it.
    #[error("{name} is missing at the broker ({source}); run `worker topology` as a user who may declare it")]
    Missing {
        /// The exchange or queue.
        name: &'static str,
        /// The broker's error.
        source: lapin::Error,
    },
    /// One of several queues of a channel is missing, and this connection does not declare it.
    #[error(
        "{name} is missing at the broker ({source}); run `worker topology` with SHARDS as it is here, as a user who \
         may declare it"
    )]
    MissingShard {
        /// The queue.
        name: &'static str,
        /// The broker's error.
        source: lapin::Error,
    },
    /// The user of this connection may not declare it.
    #[error(
        "the broker's user may not declare {name} ({source}); set TOPOLOGY=expect and run `worker topology` as a user \
         who may, or give this one the permissions"
    )]
    Forbidden {
        /// The exchange or queue.
        name: &'static str,
        /// The broker's error.
        source: lapin::Error,
    },
    /// The broker refused for another reason, or the connection ended.
    #[error("{name} can't be looked for or declared: {source}")]
    Broker {
        /// The exchange or queue.
        name: &'static str,
        /// The broker's error.
        source: lapin::Error,
    },
}

impl TopologyError {
    fn of(name: &'static str) -> impl Fn(lapin::Error) -> Self {
        move |source| match soft_error(&source) {
            Some(AMQPSoftError::PRECONDITIONFAILED) => Self::Mismatch { name, source },
            Some(AMQPSoftError::NOTFOUND) => Self::Missing { name, source },
            Some(AMQPSoftError::ACCESSREFUSED) => Self::Forbidden { name, source },
            Some(
                AMQPSoftError::CONTENTTOOLARGE
                | AMQPSoftError::NOROUTE
                | AMQPSoftError::NOCONSUMERS
                | AMQPSoftError::RESOURCELOCKED,
            )
            | None => Self::Broker { name, source },
        }
    }
}

fn soft_error(error: &lapin::Error) -> Option<AMQPSoftError> {
    let ErrorKind::ProtocolError(error) = error.kind() else {
        return None;
    };
    match error.kind() {
        AMQPErrorKind::Soft(error) => Some(error.clone()),
        AMQPErrorKind::Hard(_) => None,
    }
}

/// Declares everything, or checks that it exists.
pub(crate) async fn ensure(
    amqp: &lapin::Channel,
    topology: Topology,
    shards: Shards,
) -> Result<(), TopologyError> {
    match topology {
        Topology::Declare => declare_all(amqp).await,
        Topology::Expect => expect_all(amqp, shards).await,
    }
}

/// Declares one of several queues of a channel, or checks that it exists. Only its own publishers
/// and consumers need it, so that the loss of one stops no other.
pub(crate) async fn ensure_shard(
    amqp: &lapin::Channel,
    topology: Topology,
    queue: ShardQueue,
) -> Result<(), TopologyError> {
    let name = queue.name();
    match topology {
        Topology::Declare => {
            declare_queue(amqp, name, work_queue()).await?;
            bind(amqp, name, EXCHANGE, queue.key()).await
        }
        Topology::Expect => match look_for(amqp, name).await {
            Ok(_) => Ok(()),
            Err(source) if is_missing(&source) => Err(TopologyError::MissingShard { name, source }),
            Err(error) => Err(TopologyError::of(name)(error)),
        },
    }
}

/// Looks for a queue, without declaring it. Where there is none, the broker closes the AMQP
/// channel.
pub(crate) async fn look_for(amqp: &lapin::Channel, name: &'static str) -> lapin::Result<lapin::Queue> {
    let passive = QueueDeclareOptions {
        passive: true,
        ..Default::default()
    };
    amqp.queue_declare(name.into(), passive, FieldTable::default())
        .await
}

/// Returns whether an error says that a queue is not there.
pub(crate) fn is_missing(error: &lapin::Error) -> bool {
    soft_error(error) == Some(AMQPSoftError::NOTFOUND)
}

/// Checks each exchange and queue by its name, for which a user needs no permission. Several queues
/// of a channel are left to those who use them.
async fn expect_all(amqp: &lapin::Channel, shards: Shards) -> Result<(), TopologyError> {
    let passive = ExchangeDeclareOptions {
        passive: true,
        ..Default::default()
    };
    for name in [
        EXCHANGE,
        UNROUTED,
        DEAD_LETTER,
        CHANNEL_SETTINGS,
        STATEMENTS,
        OVERLOAD,
        CLOCK,
    ] {
        amqp.exchange_declare(name.into(), ExchangeKind::Direct, passive, FieldTable::default())
            .await
            .map_err(TopologyError::of(name))?;
    }
    let queues = Channel::ALL.into_iter().filter(|_| shards.is_one());
    for name in queues
        .map(queue_name)
        .chain([UNROUTED, DEAD_LETTER, CHANNEL_SETTINGS, LEDGER])
    {
        look_for(amqp, name).await.map_err(TopologyError::of(name))?;
    }
    Ok(())
}

async fn declare_all(amqp: &lapin::Channel) -> Result<(), TopologyError> {
    declare_exchange(amqp, UNROUTED, ExchangeKind::Fanout, FieldTable::default()).await?;
    declare_exchange(amqp, DEAD_LETTER, ExchangeKind::Fanout, FieldTable::default()).await?;
    declare_exchange(
        amqp,
        EXCHANGE,
        ExchangeKind::Direct,
        table([("alternate-exchange", text(UNROUTED))]),
    )
    .await?;
    declare_exchange(amqp, STATEMENTS, ExchangeKind::Fanout, FieldTable::default()).await?;
    declare_queue(amqp, LEDGER, waiting_queue()).await?;
    bind(amqp, LEDGER, STATEMENTS, "").await?;
    for name in [UNROUTED, DEAD_LETTER] {
        declare_queue(amqp, name, waiting_queue()).await?;
        bind(amqp, name, name, "").await?;
    }
    for channel in Channel::ALL {
        let name = queue_name(channel);
        declare_queue(amqp, name, work_queue()).await?;
        bind(amqp, name, EXCHANGE, channel.as_str()).await?;
    }
    declare_exchange(
        amqp,
        CHANNEL_SETTINGS,
        ExchangeKind::Fanout,
        FieldTable::default(),
    )
    .await?;
    declare_queue(amqp, CHANNEL_SETTINGS, settings_queue()).await?;
    bind(amqp, CHANNEL_SETTINGS, CHANNEL_SETTINGS, "").await?;
    declare_exchange(amqp, OVERLOAD, ExchangeKind::Fanout, FieldTable::default()).await?;
    declare_exchange(amqp, CLOCK, ExchangeKind::Direct, FieldTable::default()).await
}

/// At-least-once dead-lettering holds only together with `reject-publish` and a dead-letter
/// exchange.
fn work_queue() -> FieldTable {
    quorum_queue([
        ("x-dead-letter-exchange", text(DEAD_LETTER)),
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-delivery-limit", DELIVERY_LIMIT.into()),
    ])
}

fn waiting_queue() -> FieldTable {
    quorum_queue([("x-delivery-limit", NO_DELIVERY_LIMIT.into())])
}

/// Arguments of a quorum queue. The broker places members and leader once, when the queue is
/// declared, on the nodes that run at the time.
fn quorum_queue<const N: usize>(others: [(&str, AMQPValue); N]) -> FieldTable {
    let mut arguments = table(others);
    for (name, value) in [
        ("x-queue-type", text("quorum")),
        ("x-overflow", text("reject-publish")),
        ("x-quorum-initial-group-size", i32::from(MEMBERS).into()),
        ("x-queue-leader-locator", text("balanced")),
    ] {
        arguments.insert(name.into(), value);
    }
    arguments
}

/// Arguments of the queue of settings: starting processes read all of it, one after the other.
fn settings_queue() -> FieldTable {
    let mut arguments = waiting_queue();
    arguments.insert("x-single-active-consumer".into(), true.into());
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

fn table<const N: usize>(entries: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in entries {
        table.insert(key.into(), value);
    }
    table
}

async fn declare_exchange(
    amqp: &lapin::Channel,
    name: &'static str,
    kind: ExchangeKind,
    arguments: FieldTable,
) -> Result<(), TopologyError> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..Default::default()
    };
    amqp.exchange_declare(name.into(), kind, options, arguments)
        .await
        .map_err(TopologyError::of(name))
}

async fn declare_queue(
    amqp: &lapin::Channel,
    name: &'static str,
    arguments: FieldTable,
) -> Result<(), TopologyError> {
    let options = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    amqp.queue_declare(name.into(), options, arguments)
        .await
        .map_err(TopologyError::of(name))?;
    Ok(())
}

async fn bind(
    amqp: &lapin::Channel,
    queue: &'static str,
    exchange: &'static str,
    routing_key: &str,
) -> Result<(), TopologyError> {
    let options = QueueBindOptions::default();
    amqp.queue_bind(
        queue.into(),
        exchange.into(),
        routing_key.into(),
        options,
        FieldTable::default(),
    )
    .await
    .map_err(TopologyError::of(queue))
}
