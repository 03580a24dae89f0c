//! Hands: what starts and stops workers. They decide nothing.

mod error;

use futures_util::future::BoxFuture;

pub use error::HandError;

use crate::observed::Observed;

/// Starts and stops workers on one platform.
pub trait Hand: Send + Sync {
    /// Returns what is there.
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>>;

    /// Asks the platform for so many workers, and returns before they are ready. `seen` is what was
    /// last observed: a number that somebody else changed since is not overwritten.
    fn scale_to<'a>(&'a self, wanted: u16, seen: &'a Observed) -> BoxFuture<'a, Result<(), HandError>>;
}
