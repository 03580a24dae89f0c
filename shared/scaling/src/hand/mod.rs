//! Hands: what starts and stops workers. They decide nothing.

mod compose;
mod error;
mod keda;
mod kubernetes;
mod local;
mod none;
mod program;
mod systemd;

use futures_util::future::BoxFuture;

pub use compose::Compose;
pub use error::HandError;
pub use keda::{Keda, WantedWorkers};
pub use kubernetes::Kubernetes;
pub use local::Local;
pub use none::NoHand;
pub use systemd::Systemd;

use crate::observed::Observed;

/// Starts and stops workers on one platform.
pub trait Hand: Send + Sync {
    /// Returns what is there.
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>>;

    /// Asks the platform for so many workers. `seen` is what was last observed: a number that
    /// somebody else changed since is not overwritten. Call it once at a time.
    fn scale_to<'a>(&'a self, wanted: u16, seen: &'a Observed) -> BoxFuture<'a, Result<(), HandError>>;
}
