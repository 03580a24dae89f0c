//! What operators do to dead letters, where the queue and the register meet: mend a content, send
//! letters again. The console runs it.
//!
//! # Promises
//!
//! [`Mender`] judges a new content as intake would have, and keeps id, sender, receipt and instant.
//!
//! [`Requeuer`] sends what the outbox holds. A letter counts as sent after the broker's confirm, in
//! the transaction that took it from the outbox; a crash between the two sends it once more, and
//! its id is registered once.

mod mend;
mod requeuer;

pub use mend::{Mender, Mending};
pub use requeuer::{RequeueError, Requeued, Requeuer};
