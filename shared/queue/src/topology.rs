//! Exchanges and queues, declared at every connect by whoever connects.
//!
//! ```text
//! applications (direct) ── citizen ──────▶ applications.citizen ──────┐ over the delivery limit
//!        │             └── intermediary ─▶ applications.intermediary ─┤
//!        │ no such queue                                              ▼
//!        ▼                                        applications.dead-letter (fanout)
//! applications.unrouted (fanout) ─▶ applications.unrouted             └─▶ applications.dead-letter
//!
//! applications.switches (fanout) ─┬▶ applications.switches
//!                                 └▶ applications.switches.<uuid>, of each process that follows them
//!
//! applications.crowd (fanout) ────▶ applications.crowd.<uuid>, of each worker that gives way to a crowd
//! ```
//!
//! All queues that last are quorum queues, and only what can't be a policy is an argument, since an argument can't be
//! changed later. How much a queue may hold is an operator policy on `max-length-bytes`: with the overflow
//! declared here, a full queue refuses publishes and never drops what it holds.
//!
//! The user that connects needs the permissions configure, write and read on `applications.*`.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{ErrorKind, ExchangeKind};
use sportello_domain::Channel;

/// The exchange that applications are published to, with the channel's word as routing key.
pub const EXCHANGE: &str = "applications";
/// Exchange and queue of what no queue took. Anything in it is an alarm: a binding is missing.
pub const UNROUTED: &str = "applications.unrouted";
/// Exchange and queue of applications that can't be processed.
pub const DEAD_LETTER: &str = "applications.dead-letter";
/// Exchange and queue of what operators set channels to.
pub const SWITCHES: &str = "applications.switches";

/// Exchange of the word that intake sends people away.
pub const CROWD: &str = "applications.crowd";

/// Deliveries of one message before it is dead-lettered. It only stops a message that kills every worker: a
/// crash counts against all messages that the worker had prefetched, good ones too, so the number lies well
/// above the crashes and restarts that a message may live through while it waits for a long drain.
const DELIVERY_LIMIT: i32 = 100;
/// In effect none: in the queues where messages wait for a person, every look counts as a delivery.
/// (`RabbitMQ` 4 has a limit of 20 where none is given, and 3.10 doesn't know -1.)
const NO_DELIVERY_LIMIT: i32 = i32::MAX;

/// The queue of a channel.
#[must_use]
pub fn queue_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Citizen => "applications.citizen",
        Channel::Intermediary => "applications.intermediary",
    }
}

/// Why the topology isn't there.
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
        /// What the broker says.
        source: lapin::Error,
    },
    /// The broker refused for another reason, or the connection ended.
    #[error("{name} can't be declared: {source}")]
    Broker {
        /// The exchange or queue.
        name: &'static str,
        /// What the broker says.
        source: lapin::Error,
    },
}

impl TopologyError {
    fn of(name: &'static str) -> impl Fn(lapin::Error) -> Self {
        move |source| {
            if is_precondition_failed(&source) {
                Self::Mismatch { name, source }
            } else {
                Self::Broker { name, source }
            }
        }
    }
}

fn is_precondition_failed(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error)
        if *error.kind() == AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED))
}

/// Declares everything; what is there already stays as it is.
pub(crate) async fn declare(amqp: &lapin::Channel) -> Result<(), TopologyError> {
    declare_exchange(amqp, UNROUTED, ExchangeKind::Fanout, FieldTable::default()).await?;
    declare_exchange(amqp, DEAD_LETTER, ExchangeKind::Fanout, FieldTable::default()).await?;
    declare_exchange(
        amqp,
        EXCHANGE,
        ExchangeKind::Direct,
        table([("alternate-exchange", text(UNROUTED))]),
    )
    .await?;
    for name in [UNROUTED, DEAD_LETTER] {
        declare_queue(amqp, name, waiting_queue()).await?;
        bind(amqp, name, name, "").await?;
    }
    for channel in Channel::ALL {
        let name = queue_name(channel);
        declare_queue(amqp, name, work_queue()).await?;
        bind(amqp, name, EXCHANGE, channel.as_str()).await?;
    }
    declare_exchange(amqp, SWITCHES, ExchangeKind::Fanout, FieldTable::default()).await?;
    declare_queue(amqp, SWITCHES, switches_queue()).await?;
    bind(amqp, SWITCHES, SWITCHES, "").await?;
    declare_exchange(amqp, CROWD, ExchangeKind::Fanout, FieldTable::default()).await
}

/// At-least-once dead-lettering holds only together with `reject-publish` and a dead-letter exchange.
fn work_queue() -> FieldTable {
    table([
        ("x-queue-type", text("quorum")),
        ("x-overflow", text("reject-publish")),
        ("x-dead-letter-exchange", text(DEAD_LETTER)),
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-delivery-limit", DELIVERY_LIMIT.into()),
    ])
}

fn waiting_queue() -> FieldTable {
    table([
        ("x-queue-type", text("quorum")),
        ("x-overflow", text("reject-publish")),
        ("x-delivery-limit", NO_DELIVERY_LIMIT.into()),
    ])
}

/// Whoever starts reads all of it, one process after the other.
fn switches_queue() -> FieldTable {
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
