//! Containers of a service of docker compose.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};

use super::program::Program;
use super::{Hand, HandError};
use crate::observed::Observed;

/// Longest time of a look.
const LOOK: Duration = Duration::from_secs(30);
/// Longest time of a change: compose waits for the containers that it stops, 30 s each at most.
const CHANGE: Duration = Duration::from_secs(120);

/// Containers of a service, by `docker compose up --scale`.
///
/// Docker's socket gives all rights on the machine. So this hand belongs into an agent beside it,
/// and never into the console's container.
#[derive(Debug)]
pub struct Compose {
    compose: Program,
    service: String,
}

impl Compose {
    /// The command line of compose, with `--file` where it needs one, and the service's name.
    #[must_use]
    pub fn new(compose: &str, service: &str) -> Self {
        Self {
            compose: Program::parse(compose),
            service: service.to_owned(),
        }
    }
}

impl Hand for Compose {
    fn observe(&self) -> BoxFuture<'_, Result<Observed, HandError>> {
        async {
            let arguments = ["ps", "--quiet", "--status", "running", &self.service];
            let listed = self.compose.run(&arguments, LOOK).await?;
            let running = listed.lines().filter(|line| !line.trim().is_empty()).count();
            Ok(Observed::count(u16::try_from(running).unwrap_or(u16::MAX)))
        }
        .boxed()
    }

    fn scale_to<'a>(&'a self, wanted: u16, _: &'a Observed) -> BoxFuture<'a, Result<(), HandError>> {
        async move {
            let scale = format!("{}={wanted}", self.service);
            // without these two, compose recreates workers and restarts what they depend on
            let careful = ["--no-deps", "--no-recreate"];
            let arguments = [
                "up",
                "--detach",
                careful[0],
                careful[1],
                "--scale",
                &scale,
                &self.service,
            ];
            let change = self.compose.run(&arguments, CHANGE).await;
            change.map(|_printed| ())
        }
        .boxed()
    }
}
