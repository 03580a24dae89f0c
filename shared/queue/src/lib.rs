//! Applications over RabbitMQ: topology, envelope, publisher with confirms, consumer, dead letters.
//!
//! Invariants: nothing counts as published before the broker confirms it; no connection recovers
//! unnoticed by its user; the content of an application never gets into a log.

mod broker;
mod consumer;
mod dead_letter;
mod depth;
mod envelope;
mod item;
mod letter_box;
mod management;
mod members;
mod metrics;
mod place;
mod poison;
mod properties;
mod publisher;
mod requeue;
mod sender;
mod shards;
mod statements;
pub mod topology;
mod totals;

/// Connections for other users of the same broker.
pub mod connection {
    pub use crate::broker::{Link, MAX_DELAY, delays, in_time};
    pub use crate::metrics::reconnects;
    pub use crate::properties::{TRANSIENT, of_type};
    pub use crate::sender::{SendError, Sender};
}

pub use broker::{BrokerUri, BrokerUriError, ClearTextError, ConnectError, declare_topology};
pub use consumer::{AckError, Attachment, Consumer, ConsumerConfig, Delivery, ack_all};
pub use dead_letter::{DeadLetter, DeadLetterError, DeadLetters};
pub use depth::{DepthProbe, Depths, depths};
pub use envelope::{
    Cover, Decoded, Framed, ItemUnreadable, NEWEST_VERSION, NewerVersion, Part, Received, ReceivedWithdrawal,
    Submission, decode, decode_up_to, encode, parts,
};
pub use letter_box::{LetterBox, LetterBoxError, TakenLetter, WaitingQueue};
pub use management::{InvalidManagementUrl, Management};
pub use members::{Members, Membership};
pub use poison::{Poison, PoisonReason};
pub use publisher::{
    DrainError, Edge, PublishError, Publisher, PublisherConfig, Status, open_thread_replies,
};
pub use requeue::Requeues;
pub use shards::{ShardQueue, Shards, ShardsError};
pub use statements::StatementInbox;
pub use totals::{Totals, TotalsError, TotalsProbe};
