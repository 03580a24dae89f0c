//! KEDA, which asks for the wanted number by itself.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Hand, HandError, Kubernetes};
use crate::observed::Observed;

/// What KEDA's `metrics-api` trigger reads (`valueLocation: wanted`, `targetValue: "1"`), and what
/// an agent beside docker or systemd asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WantedWorkers {
    /// Workers that are wanted.
    #[schema(minimum = 0, maximum = 1_000, example = 4)]
    pub wanted: u16,
}

/// A deployment that KEDA scales: seen here, changed there.
pub struct Keda(Kubernetes);

impl Keda {
    /// The deployment.
    #[must_use]
    pub fn new(deployment: Kubernetes) -> Self {
        Self(deployment)
    }
}

impl Hand for Keda {
    /// Returns how many run. The number that KEDA asks of the deployment is its own matter.
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>> {
        Box::pin(async {
            let seen = self.0.observe().await?;
            Ok(Observed {
                running: seen.running,
                ..Observed::default()
            })
        })
    }

    /// Does nothing: KEDA asks for the number.
    fn scale_to<'a>(&'a self, _: u16, _: &'a Observed) -> BoxFuture<'a, Result<(), HandError>> {
        Box::pin(async { Ok(()) })
    }
}
