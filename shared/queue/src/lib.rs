//! RabbitMQ: topology, envelope, publisher with confirms, consumer, dead letters, switches, the word of a crowd.
//!
//! What it never does: call something published that the broker hasn't confirmed; recover a connection
//! behind the back of whoever uses it; write the content of an application to a log.

mod broker;
mod consumer;
mod crowd;
mod dead_letter;
mod depth;
mod envelope;
mod metrics;
mod news;
mod poison;
mod properties;
mod publisher;
mod sender;
mod switches;
pub mod topology;

pub use broker::{BrokerUri, BrokerUriError, ConnectError};
pub use consumer::{AckError, Attachment, Consumer, ConsumerConfig, Delivery, ack_all};
pub use crowd::{Crowd, CrowdTeller};
pub use dead_letter::{DeadLetter, DeadLetterError, DeadLetters};
pub use depth::{Depths, depths};
pub use envelope::{Cover, ItemUnreadable, Received, Submission, decode, encode};
pub use poison::{Poison, PoisonReason};
pub use publisher::{DrainError, PublishError, Publisher, PublisherConfig, Status, open_desk};
pub use sender::SendError;
pub use switches::{SetError, Switches};
