//! The auditor: one process at a time, once a second.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sportello_domain::{Channel, ProcessId, Statement};
use sportello_store::{LedgerArrival, LedgerProcess, LedgerState, Store, StoreError};

use crate::backlog;
use crate::compare::{Comparison, QueueTotals};
use crate::fold::{self, Delivered};
use crate::metrics::Metrics;
use crate::read::{self, Ledger};

/// Time for which the auditor keeps its place without a round.
const LEASE: Duration = Duration::from_secs(5);

/// Folds statements and arrivals, compares both with the broker's queues, and reports.
pub struct Auditor {
    store: Store,
    id: ProcessId,
    comparison: Comparison,
    metrics: Metrics,
}

/// The result of a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// The ledger after it.
    pub ledger: Ledger,
}

impl Auditor {
    /// Makes an auditor.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            id: ProcessId::random(),
            comparison: Comparison::default(),
            metrics: Metrics::new(),
        }
    }

    /// Takes the auditor's place, or keeps it. Returns false where another has it. One that is
    /// `counting` the broker's queues takes it from one that is not, since only it can prove a
    /// loss.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn take_place(&mut self, counting: bool) -> Result<bool, StoreError> {
        let taken = self.store.take_auditors_place(self.id, LEASE, counting).await?;
        if !taken {
            self.comparison = Comparison::default();
            self.metrics.forget();
        }
        Ok(taken)
    }

    /// Gives the place back, so that another auditor need not wait for the end of a lease.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn leave_place(&self) -> Result<(), StoreError> {
        self.store.leave_auditors_place(self.id).await
    }

    /// Makes one round. `totals`, where they could be read, were asked for at `asked_at`, after the
    /// statements had been taken.
    ///
    /// # Errors
    /// [`StoreError`]: the round may be made again, with the same statements.
    pub async fn round(
        &mut self,
        statements: &[Statement],
        totals: Option<&QueueTotals>,
        asked_at: Instant,
    ) -> Result<Audited, StoreError> {
        let named: BTreeSet<(ProcessId, Channel)> = (statements.iter())
            .map(|statement| (statement.process, statement.channel))
            .collect();
        let named: Vec<_> = named.into_iter().collect();
        let comparison = &mut self.comparison;
        let fold = |state: &mut LedgerState| {
            fold_all(state, statements);
            comparison.compare(state, totals, asked_at);
        };
        self.store.audit(&named, fold).await?;
        let ledger = read::ledger(&self.store).await?;
        self.metrics.report(&ledger);
        Ok(Audited { ledger })
    }
}

/// Adds statements and what workers recorded.
fn fold_all(state: &mut LedgerState, statements: &[Statement]) {
    for statement in statements {
        let now = state.now;
        let process = (state.processes)
            .entry((statement.process, statement.channel))
            .or_insert_with(|| LedgerProcess::new(statement.process, statement.channel, now));
        fold::state(process, statement, now);
        backlog::answer(&mut state.benefits, process, &statement.benefits);
    }
    for arrival in std::mem::take(&mut state.arrivals) {
        add(state, &arrival);
    }
    for process in state.processes.values_mut() {
        fold::settle_ended(process);
        fold::suspect(process, state.now);
    }
    backlog::agree(state);
}

fn add(state: &mut LedgerState, arrival: &LedgerArrival) {
    let (channel, now) = (arrival.channel, state.now);
    let mut repeated = 0;
    for (id, numbers) in &arrival.numbers {
        let process = (state.processes)
            .entry((*id, channel))
            .or_insert_with(|| LedgerProcess::new(*id, channel, now));
        for (number, size) in numbers {
            if fold::arrive(process, *number, *size) == Delivered::Again {
                repeated += u64::from(*size);
            }
        }
    }
    let sums = &mut state.channels[channel];
    sums.settled.add(&arrival.settled);
    sums.unnumbered += arrival.unnumbered;
    sums.repeated += repeated;
    backlog::settle(&mut state.benefits, channel, &arrival.benefits);
    if arrival.settled.dead > 0 {
        // its letter is on its way
        state.letters_kept_since = None;
    }
}
