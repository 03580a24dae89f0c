//! No hand: people start and stop workers.

use futures_util::future::BoxFuture;

use super::{Hand, HandError};
use crate::observed::Observed;

/// People start and stop workers; the console says how many are wanted.
#[derive(Debug, Clone, Copy)]
pub struct NoHand;

impl Hand for NoHand {
    /// Returns that nothing can be seen.
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>> {
        Box::pin(async { Ok(Observed::default()) })
    }

    fn scale_to<'a>(&'a self, _: u16, _: &'a Observed) -> BoxFuture<'a, Result<(), HandError>> {
        Box::pin(async { Err(HandError::None) })
    }
}
