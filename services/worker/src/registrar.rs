//! Registers the applications of a transaction, and finds those that can't be registered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sportello_catalogue::{Catalogue, LiveCatalogue};
use sportello_domain::{ApplicationId, Channel, Withdrawal};
use sportello_queue::{Received, ReceivedWithdrawal};
use sportello_store::{
    Arrival, LedgerArrival, Registrable, Registration, Store, StoreError, WithdrawalArrival,
};

use crate::backoff::{Backoff, Stopped};
use crate::clock::RegisterClock;
use crate::metrics::Task;
use crate::rulings::{Item, Ruled};
use crate::transactions::{Fault, Transactions, Work};

/// Time from its receipt for which an application may wait for its benefit's file. Intake may have
/// the file first.
const FILE_WITHIN: Duration = Duration::from_secs(60);

/// The file of a benefit is missing so far.
#[derive(Debug, thiserror::Error)]
#[error("an application's benefit is not in the catalogue: put its file into this worker's folder too")]
struct FileMissing;

/// The outcome of a transaction's applications.
#[derive(Default)]
pub(crate) struct Verdict<'a> {
    /// Applications that were registered.
    pub(crate) new: usize,
    /// Applications that were on the register already.
    pub(crate) existing: usize,
    /// Applications that the database refuses, or can't register in time.
    pub(crate) faults: Vec<(&'a Received, Fault)>,
    /// Applications for a benefit that the catalogue still lacks after [`FILE_WITHIN`].
    pub(crate) unknown: Vec<&'a Received>,
    /// Applications that were never registered, for a benefit past its retention.
    pub(crate) overdue: Vec<&'a Received>,
    /// Whether the messages were recorded together with their applications.
    pub(crate) recorded: bool,
}

pub(crate) struct Registrar {
    pub(crate) channel: Channel,
    pub(crate) store: Store,
    pub(crate) catalogue: LiveCatalogue,
    pub(crate) clock: RegisterClock,
    pub(crate) backoff: Backoff,
    pub(crate) transactions: Transactions,
}

impl Registrar {
    /// Registers all applications that can be. Those for a benefit that the catalogue lacks do not
    /// hold up the others: they wait for its file afterwards. Where one transaction registers all,
    /// it records `arrival` too.
    pub(crate) async fn register<'a>(
        &self,
        batch: &'a [Received],
        arrival: Option<&LedgerArrival>,
    ) -> Result<Verdict<'a>, Stopped> {
        let mut verdict = Verdict::default();
        let now = self.now().await?;
        let mut ruled = Ruled::new(batch, self.catalogue.current(), now);
        if !ruled.unknown.is_empty() {
            self.catalogue.refresh().await;
            ruled.look_again(self.catalogue.current());
        }
        let arrival = arrival.filter(|_| ruled.items.len() == batch.len());
        self.register_ruled(&ruled, arrival, &mut verdict).await?;
        let unknown = std::mem::take(&mut ruled.unknown);
        if !unknown.is_empty() {
            self.wait_for_files(&unknown, now).await?;
            let ruled = Ruled::new(unknown, self.catalogue.current(), self.now().await?);
            self.register_ruled(&ruled, None, &mut verdict).await?;
            verdict.unknown = ruled.unknown;
        }
        Ok(verdict)
    }

    async fn now(&self) -> Result<Timestamp, Stopped> {
        self.backoff.until_done(Task::Register, || self.clock.now()).await
    }

    /// Waits until each of these applications has its benefit's file or was received too long ago.
    async fn wait_for_files(&self, unknown: &[&Received], now: Timestamp) -> Result<(), Stopped> {
        let began = Instant::now();
        let settled = |catalogue: &Catalogue, received: &&Received| {
            // the clock of the intake that received it may be ahead
            let overdue =
                began.elapsed() >= FILE_WITHIN || age(received, now) + began.elapsed() >= FILE_WITHIN;
            overdue || catalogue.get(&received.application.application.benefit).is_some()
        };
        let attempt = async || {
            self.catalogue.refresh().await;
            let catalogue = self.catalogue.current();
            let all = unknown.iter().all(|received| settled(&catalogue, received));
            all.then_some(()).ok_or(FileMissing)
        };
        self.backoff.until_done(Task::FindBenefit, attempt).await
    }

    /// Withdraws applications for their holders. Returns the withdrawals that can't be done.
    pub(crate) async fn withdraw<'a>(
        &self,
        withdrawals: &'a [ReceivedWithdrawal],
    ) -> Result<Vec<(&'a ReceivedWithdrawal, Fault)>, Stopped> {
        let catalogue = self.catalogue.current();
        let work = Withdrawing {
            registrar: self,
            catalogue: &catalogue,
        };
        let settled = self.transactions.run(withdrawals, &work).await?;
        for (items, _) in settled.done {
            self.backoff.metrics.withdrawals(self.channel, items.len());
        }
        Ok(settled.faults)
    }

    async fn register_ruled<'a>(
        &self,
        ruled: &Ruled<'a>,
        arrival: Option<&LedgerArrival>,
        verdict: &mut Verdict<'a>,
    ) -> Result<(), Stopped> {
        self.recognise(&ruled.overdue, verdict).await?;
        let work = Registering {
            registrar: self,
            catalogue: &ruled.catalogue,
            whole: arrival.map(|arrival| (arrival, ruled.items.len())),
            recorded: AtomicBool::new(false),
        };
        let settled = self.transactions.run(&ruled.items, &work).await?;
        verdict.recorded |= work.recorded.into_inner();
        for (items, registrations) in settled.done {
            self.count(items, &registrations, verdict);
        }
        let faults = settled.faults.into_iter();
        let faults = faults.map(|(item, fault)| (item.received, fault));
        verdict.faults.extend(faults);
        Ok(())
    }

    /// Separates applications that were registered once, and may be forgotten by now, from those
    /// that come after their benefit's retention.
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
        let registered = self.backoff.until_done(Task::Register, look).await?;
        let (existing, late): (Vec<&Received>, Vec<&Received>) =
            (overdue.iter()).partition(|received| registered.contains(&id(received)));
        self.backoff.metrics.recognised(self.channel, existing.len());
        verdict.existing += existing.len();
        verdict.overdue.extend(late);
        Ok(())
    }

    fn count(&self, part: &[Item<'_>], registrations: &[Registration], verdict: &mut Verdict<'_>) {
        for (item, registration) in part.iter().zip(registrations) {
            let received_at = item.received.application.received_at;
            let delay = registration.registered_at.duration_since(received_at);
            self.backoff.metrics.arrived(self.channel, registration, delay);
            match registration.arrival {
                Arrival::New => verdict.new += 1,
                Arrival::Again | Arrival::Earlier | Arrival::Replaced | Arrival::Conflict => {
                    verdict.existing += 1
                }
            }
        }
    }
}

/// Registers items.
struct Registering<'r> {
    registrar: &'r Registrar,
    catalogue: &'r Catalogue,
    /// Messages to record with their applications, and how many these are.
    whole: Option<(&'r LedgerArrival, usize)>,
    recorded: AtomicBool,
}

impl<'a> Work<Item<'a>> for Registering<'_> {
    type Done = Vec<Registration>;

    async fn attempt(&self, items: &[Item<'a>]) -> Result<Vec<Registration>, StoreError> {
        let Registrar {
            store,
            backoff,
            channel,
            ..
        } = self.registrar;
        let batch: Vec<Registrable<'_>> = items.iter().map(Item::registrable).collect();
        let began = Instant::now();
        let incompatibilities = self.catalogue.incompatibilities();
        let registrations = match self.whole.filter(|(_, all)| *all == batch.len()) {
            Some((arrival, _)) => {
                let registrations = store
                    .register_and_record(&batch, incompatibilities, arrival)
                    .await?;
                self.recorded.store(true, Ordering::Relaxed);
                registrations
            }
            None => store.register(&batch, incompatibilities).await?,
        };
        backoff.metrics.committed(*channel, batch.len(), began.elapsed());
        Ok(registrations)
    }
}

/// Withdraws applications.
struct Withdrawing<'r> {
    registrar: &'r Registrar,
    catalogue: &'r Catalogue,
}

impl Work<ReceivedWithdrawal> for Withdrawing<'_> {
    type Done = Vec<WithdrawalArrival>;

    async fn attempt(&self, items: &[ReceivedWithdrawal]) -> Result<Vec<WithdrawalArrival>, StoreError> {
        let asked: Vec<Withdrawal> = items.iter().map(|item| item.withdrawal.clone()).collect();
        let incompatibilities = self.catalogue.incompatibilities();
        self.registrar.store.withdraw(&asked, incompatibilities).await
    }
}

fn age(received: &Received, now: Timestamp) -> Duration {
    let age = now.duration_since(received.application.received_at);
    age.try_into().unwrap_or_default()
}
