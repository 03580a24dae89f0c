//! Registers a batch, and finds the applications in it that can't be.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use sportello_catalogue::{Catalogue, LiveCatalogue};
use sportello_domain::{ApplicationId, Channel};
use sportello_queue::Received;
use sportello_store::{Arrival, Refusal, Registrable, Registration, Store, StoreError};

use crate::metrics::Task;
use crate::patience::{Patience, Stopped};
use crate::rulings::{Item, Ruled};
use crate::turns::{Turn, Turns};

/// How long after its receipt an application may wait for its benefit's file, which intake may have seen first.
const FILE_WITHIN: Duration = Duration::from_secs(60);

/// The file of a benefit has not come yet.
#[derive(Debug, thiserror::Error)]
#[error("an application's benefit is not in the catalogue: put its file into this worker's folder too")]
struct FileMissing;

/// What became of a batch.
#[derive(Default)]
pub(crate) struct Verdict<'a> {
    /// Applications that are on the register now and were not before.
    pub(crate) new: usize,
    /// Applications that were there already.
    pub(crate) known: usize,
    /// Applications that the database refuses.
    pub(crate) refused: Vec<(&'a Received, Refusal)>,
    /// Applications for a benefit that is not in the catalogue, and has had time to get there.
    pub(crate) unknown: Vec<&'a Received>,
    /// Applications that were never registered, for a benefit whose applications are not kept any more.
    pub(crate) overdue: Vec<&'a Received>,
}

pub(crate) struct Registrar {
    pub(crate) channel: Channel,
    pub(crate) store: Store,
    pub(crate) catalogue: LiveCatalogue,
    pub(crate) patience: Patience,
    pub(crate) turns: Turns,
}

impl Registrar {
    /// Registers all that can be. Applications for a benefit that the catalogue does not have do not hold up the
    /// others: they wait for its file afterwards.
    pub(crate) async fn register<'a>(&self, batch: &'a [Received]) -> Result<Verdict<'a>, Stopped> {
        let mut verdict = Verdict::default();
        let mut ruled = Ruled::new(batch, self.catalogue.current());
        if !ruled.unknown.is_empty() {
            self.catalogue.refresh().await;
            ruled.look_again(self.catalogue.current());
        }
        self.register_ruled(&ruled, &mut verdict).await?;
        let unknown = std::mem::take(&mut ruled.unknown);
        if !unknown.is_empty() {
            self.wait_for_files(&unknown).await?;
            let ruled = Ruled::new(unknown, self.catalogue.current());
            self.register_ruled(&ruled, &mut verdict).await?;
            verdict.unknown = ruled.unknown;
        }
        Ok(verdict)
    }

    /// Waits until each of these applications has its benefit's file or was received too long ago.
    async fn wait_for_files(&self, unknown: &[&Received]) -> Result<(), Stopped> {
        let began = Instant::now();
        let settled = |catalogue: &Catalogue, received: &&Received| {
            // its clock may be ahead of this one's
            let overdue = began.elapsed() >= FILE_WITHIN || age(received) >= FILE_WITHIN;
            overdue || catalogue.get(&received.application.application.benefit).is_some()
        };
        let attempt = async || {
            self.catalogue.refresh().await;
            let catalogue = self.catalogue.current();
            let all = unknown.iter().all(|received| settled(&catalogue, received));
            all.then_some(()).ok_or(FileMissing)
        };
        self.patience.until_done(Task::FindBenefit, attempt).await
    }

    /// A part that the database refuses is halved until the applications to blame stand alone; the others are
    /// registered.
    async fn register_ruled<'a>(&self, ruled: &Ruled<'a>, verdict: &mut Verdict<'a>) -> Result<(), Stopped> {
        self.recognise(&ruled.overdue, verdict).await?;
        let mut pending = vec![ruled.items.as_slice()];
        while let Some(part) = pending.pop() {
            match (self.register_part(part, &ruled.catalogue).await?, part) {
                (Ok(registrations), _) => self.count(part, &registrations, verdict),
                (Err(refusal), [poison]) => verdict.refused.push((poison.received, refusal)),
                (Err(_), _) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    pending.extend([second, first]);
                }
            }
        }
        Ok(())
    }

    /// Tells those that were registered once, and may be forgotten by now, from those that come too late for it.
    async fn recognise<'a>(
        &self,
        overdue: &[&'a Received],
        verdict: &mut Verdict<'a>,
    ) -> Result<(), Stopped> {
        if overdue.is_empty() {
            return Ok(());
        }
        let id = |received: &Received| received.application.id;
        let ids: Vec<ApplicationId> = overdue.iter().map(|received| id(received)).collect();
        let look = || self.store.ever_registered(&ids);
        let registered = self.patience.until_done(Task::Register, look).await?;
        let (known, late): (Vec<&Received>, Vec<&Received>) =
            (overdue.iter()).partition(|received| registered.contains(&id(received)));
        self.patience.metrics.recognised(self.channel, known.len());
        verdict.known += known.len();
        verdict.overdue.extend(late);
        Ok(())
    }

    /// The database's answer to one transaction, however long it takes to get one.
    async fn register_part(
        &self,
        part: &[Item<'_>],
        catalogue: &Catalogue,
    ) -> Result<Result<Vec<Registration>, Refusal>, Stopped> {
        let batch: Vec<Registrable<'_>> = part.iter().map(Item::registrable).collect();
        let attempt = async || {
            // given back after each attempt: while this one waits for the database to come back, the others may try
            let Ok(_turn) = self.turn(batch.len()).await else {
                return Ok(Err(Stopped));
            };
            self.attempt(&batch, catalogue).await.map(Ok)
        };
        self.patience.until_done(Task::Register, attempt).await?
    }

    /// Waits for a turn, unless the process is to end.
    async fn turn(&self, applications: usize) -> Result<Turn, Stopped> {
        let began = Instant::now();
        tokio::select! {
            biased;
            turn = self.turns.turn(self.channel, applications) => {
                self.patience.metrics.got_turn(self.channel, began.elapsed());
                Ok(turn)
            }
            () = self.patience.stop.cancelled() => Err(Stopped),
        }
    }

    async fn attempt(
        &self,
        batch: &[Registrable<'_>],
        catalogue: &Catalogue,
    ) -> Result<Result<Vec<Registration>, Refusal>, StoreError> {
        let began = Instant::now();
        match self.store.register(batch, catalogue.incompatibilities()).await {
            Ok(registrations) => {
                self.patience
                    .metrics
                    .committed(self.channel, batch.len(), began.elapsed());
                Ok(Ok(registrations))
            }
            Err(StoreError::Fail(refusal)) => Ok(Err(refusal)),
            // a row of a newer version can't be read by this one; a newer worker may come
            Err(error @ (StoreError::Retry(_) | StoreError::Unreadable(_))) => Err(error),
        }
    }

    fn count(&self, part: &[Item<'_>], registrations: &[Registration], verdict: &mut Verdict<'_>) {
        for (item, registration) in part.iter().zip(registrations) {
            let received_at = item.received.application.received_at;
            let delay = registration.registered_at.duration_since(received_at);
            self.patience.metrics.arrived(self.channel, registration, delay);
            match registration.arrival {
                Arrival::New => verdict.new += 1,
                Arrival::Again | Arrival::Earlier | Arrival::Conflict => verdict.known += 1,
            }
        }
    }
}

fn age(received: &Received) -> Duration {
    let age = Timestamp::now().duration_since(received.application.received_at);
    age.try_into().unwrap_or_default()
}
