//! A rolling restart behind a load balancer: an update while citizens apply.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::header::AUTHORIZATION;
use sha2::{Digest as _, Sha256};
use sportello_people::Person;
use sportello_stack::Part;
use tokio::sync::oneshot;

use super::{Fault, Place};
use crate::faults::scene::Scene;
use crate::http::aside::aside;
use crate::proof::promises::Promise;
use crate::system::nginx::Nginx;

/// Longer than a worker needs for the transaction in hand.
const GRACE: Duration = Duration::from_secs(30);
/// Pause between two reads through the load balancer.
const BETWEEN_READS: Duration = Duration::from_millis(10);
/// Seed of the reader, who applies in no load.
const SEED: u64 = 20_200_404;

/// The processes of a rolling restart.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// Two intakes, two workers, two status services.
    Services,
}

/// The faults of this family.
pub const FAULTS: &[Fault] = &[Fault {
    name: "rolling-restart",
    sentence: "Two intakes, two workers and two status services behind nginx are restarted in order, one process after \
               the other.",
    promise: Promise::NoFailedRequest,
    place: Place::Everything,
    does: super::Does::Rolling(Does::Services),
}];

/// The processes, in the order of their restarts.
const ROLLED: [Part; 6] = [
    Part::Intake,
    Part::SecondIntake,
    Part::Worker(1),
    Part::Worker(2),
    Part::Status,
    Part::SecondStatus,
];

impl Does {
    pub(super) async fn prepare(self, scene: &mut Scene) -> anyhow::Result<()> {
        scene.system.set_workers(2).await?;
        scene.system.start_part(Part::SecondIntake).await?;
        scene.system.start_part(Part::SecondStatus).await?;
        let nginx = Nginx::balance(&scene.system).await?;
        scene.door = Some(nginx.url().to_owned());
        scene.balancer = Some(nginx);
        Ok(())
    }

    pub(super) async fn begin(self, scene: &mut Scene) -> anyhow::Result<()> {
        let reader = Reader::new(scene)?;
        let (stop, stopped) = oneshot::channel();
        let reading = tokio::spawn(aside(move || reader.read_until(stopped)));
        for part in ROLLED {
            scene.system.process(part).terminate(GRACE).await?;
            scene.system.start_part(part).await?;
        }
        // if the reader has ended, its result holds the reason
        let _ = stop.send(());
        scene.failed_reads = reading.await??;
        Ok(())
    }

    pub(super) async fn leave(self, scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        scene.door = None;
        scene.balancer = None;
        for part in [Part::SecondIntake, Part::SecondStatus] {
            scene.system.process(part).terminate(GRACE).await?;
        }
        scene.system.set_workers(1).await?;
        let failed = std::mem::take(&mut scene.failed_reads);
        let text = |what: String| format!("no failed request to the status service: {what}");
        Ok(failed.into_iter().take(1).map(text).collect())
    }
}

/// A citizen who reads their list again and again.
struct Reader {
    client: reqwest::Client,
    address: String,
    authorization: String,
}

impl Reader {
    fn new(scene: &Scene) -> anyhow::Result<Self> {
        let token = scene.system.mint()?.token(&Person::invent(SEED, 0))?;
        let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&token));
        Ok(Self {
            client: reqwest::Client::builder().no_proxy().build()?,
            address: format!("{}/v1/tokens/{hash}/applications", scene.door()?),
            authorization: format!("Bearer {token}"),
        })
    }

    /// Reads until stopped. Returns the failures.
    async fn read_until(self, mut stopped: oneshot::Receiver<()>) -> anyhow::Result<Vec<String>> {
        let mut failed = Vec::new();
        while matches!(stopped.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
            let read = self.client.get(&self.address);
            match read.header(AUTHORIZATION, &self.authorization).send().await {
                Ok(answer) if answer.status().is_success() => {}
                Ok(answer) => failed.push(answer.status().to_string()),
                Err(error) => failed.push(error.to_string()),
            }
            tokio::time::sleep(BETWEEN_READS).await;
        }
        Ok(failed)
    }
}
