//! One consumer of one queue, one transaction at a time.

use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Duration;

use sportello_catalogue::LiveCatalogue;
use sportello_domain::{Channel, LetterId};
use sportello_queue::{
    Attachment, BrokerUri, Consumer, ConsumerConfig, DeadLetters, Decoded, Delivery, ReceivedWithdrawal,
    ack_all, decode_up_to,
};
use sportello_signals::Overload;
use sportello_store::{DeadLetterRow, LedgerArrival, SettledCounts, Store, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::arrivals::Arrivals;
use crate::backoff::{Backoff, Stopped};
use crate::clock::RegisterClock;
use crate::dead_letters::Letter;
use crate::fair_share::FairShare;
use crate::metrics::{Metrics, Task};
use crate::newer::{Kept, Newer};
use crate::registrar::{Registrar, Verdict};
use crate::traces;
use crate::transactions::{Fault, Progress, Transactions};

/// Pause after messages that left room in a transaction, so that more gather: few large
/// transactions cost less than many small ones (docs/PERFORMANCE.md). The pause is short enough for
/// no caller to notice.
const REST: Duration = Duration::from_millis(50);

/// Configuration of a lane.
#[derive(Debug, Clone)]
pub struct LaneConfig {
    /// The broker.
    pub uri: BrokerUri,
    /// The channel whose queue is drained.
    pub channel: Channel,
    /// Messages that the broker hands out before any is acknowledged.
    pub prefetch: u16,
    /// Applications of one transaction; the last message is taken whole, so there may be some more.
    pub batch: usize,
    /// Shared with the other lanes of the process.
    pub fair_share: FairShare,
    /// Shared with the other lanes of the process.
    pub progress: Progress,
    /// The overload signal to pause for, if any.
    pub overload: Option<Overload>,
    /// The newest version of the envelope that it reads:
    /// [`NEWEST_VERSION`](sportello_queue::NEWEST_VERSION), or less in tests of an older worker.
    pub newest: u64,
}

/// Drains one channel's queue.
pub struct Lane {
    consumer: Consumer,
    batch: usize,
    overload: Option<Overload>,
    newest: u64,
    newer: Newer,
    registrar: Registrar,
    dead_letters: Arc<DeadLetters>,
}

/// Messages in hand, with what was found in them.
struct Taken {
    deliveries: Vec<Delivery>,
    decoded: Decoded,
    arrivals: Arrivals,
}

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Took messages and settled everything in them.
    Done(Done),
    /// Took nothing, or did not settle everything: the process is to end. The broker delivers the
    /// messages again that were not settled.
    Stopped,
}

/// The outcome of a step's applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// Applications that were registered.
    pub registered: usize,
    /// Applications that were on the register already.
    pub existing: usize,
    /// Withdrawals that were processed, with or without effect.
    pub withdrawals: usize,
    /// Dead letters: applications, withdrawals, or whole messages that can't be read.
    pub dead_lettered: usize,
}

impl From<Done> for SettledCounts {
    fn from(done: Done) -> Self {
        Self {
            new: done.registered as u64,
            existing: done.existing as u64,
            withdrawals: done.withdrawals as u64,
            dead: done.dead_lettered as u64,
        }
    }
}

impl AddAssign for Done {
    fn add_assign(&mut self, other: Self) {
        self.registered += other.registered;
        self.existing += other.existing;
        self.withdrawals += other.withdrawals;
        self.dead_lettered += other.dead_lettered;
    }
}

impl Lane {
    /// Starts consuming. Must be called on a runtime of several threads.
    #[must_use]
    pub fn start(
        config: LaneConfig,
        store: Store,
        catalogue: LiveCatalogue,
        dead_letters: Arc<DeadLetters>,
        stop: CancellationToken,
    ) -> Self {
        let LaneConfig {
            uri,
            channel,
            prefetch,
            batch,
            fair_share,
            progress,
            overload,
            newest,
        } = config;
        let consumer = Consumer::start(ConsumerConfig {
            uri,
            channel,
            prefetch,
            name: "worker".into(),
        });
        let backoff = Backoff {
            stop,
            metrics: Arc::new(Metrics::new()),
        };
        Self {
            consumer,
            batch,
            overload,
            newest,
            newer: Newer::default(),
            registrar: Registrar {
                channel,
                clock: RegisterClock::new(store.clone()),
                catalogue,
                transactions: Transactions {
                    channel,
                    store: store.clone(),
                    backoff: backoff.clone(),
                    fair_share,
                    progress,
                },
                store,
                backoff,
            },
            dead_letters,
        }
    }

    /// Returns a handle that shows whether the lane's consumer is attached to its queue.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        self.consumer.attachment()
    }

    /// Returns a handle that shows how many messages the lane keeps for a newer worker.
    #[must_use]
    pub fn kept(&self) -> Kept {
        self.newer.kept()
    }

    /// Waits until there is no overload to pause for, and for messages. Takes messages for one
    /// transaction and settles them: every application is registered or dead-lettered, then the
    /// messages are acknowledged. Messages of a newer version are kept.
    ///
    /// When the process is to end, the step stops waiting at once: for messages, for its turn, or
    /// for the database or the broker to come back. Work that has begun is finished.
    pub async fn step(&mut self) -> Step {
        let Some(deliveries) = self.next().await else {
            return Step::Stopped;
        };
        let had_capacity = self.consumer.had_capacity(&deliveries, self.batch);
        match self.settle_taken(deliveries).await {
            Ok(done) => {
                if had_capacity {
                    self.rest().await;
                }
                Step::Done(done)
            }
            Err(Stopped) => Step::Stopped,
        }
    }

    /// Returns the next messages; `None` where the process is to end.
    async fn next(&mut self) -> Option<Vec<Delivery>> {
        loop {
            let metrics = &self.registrar.backoff.metrics;
            tokio::select! {
                biased;
                () = self.registrar.backoff.stop.cancelled() => return None,
                () = self.newer.due() => {}
                taken = take(&mut self.consumer, self.batch, self.overload.as_ref(), metrics) => return taken,
            }
            self.newer.give_back().await;
        }
    }

    /// Decodes messages; keeps those that only a newer worker can read.
    fn read(&mut self, taken: Vec<Delivery>) -> Taken {
        let (mut deliveries, mut decoded) = (Vec::with_capacity(taken.len()), Decoded::default());
        let mut arrivals = Arrivals::new(self.registrar.channel);
        for delivery in taken {
            match decode_up_to(self.newest, delivery.body()) {
                Ok(found) => {
                    arrivals.add(&delivery, &found);
                    decoded.extend(match delivery.stamp() {
                        Some(stamp) => found.of_message(stamp),
                        None => found,
                    });
                    deliveries.push(delivery);
                }
                Err(version) => self.newer.keep(delivery, version),
            }
        }
        Taken {
            deliveries,
            decoded,
            arrivals,
        }
    }

    async fn rest(&self) {
        tokio::select! {
            () = self.registrar.backoff.stop.cancelled() => {}
            () = tokio::time::sleep(REST) => {}
        }
    }

    /// Closes the connection. The broker delivers unsettled messages again.
    pub async fn close(self) {
        self.consumer.close().await;
    }

    /// Settles messages together, then each that is a dead letter sent again by itself, so that its
    /// result is known.
    async fn settle_taken(&mut self, taken: Vec<Delivery>) -> Result<Done, Stopped> {
        let (requeued, others): (Vec<_>, Vec<_>) = taken
            .into_iter()
            .partition(|delivery| delivery.letter().is_some());
        let mut done = self.settle_messages(others, None).await?;
        for delivery in requeued {
            let letter = delivery.letter();
            done += self.settle_messages(vec![delivery], letter).await?;
        }
        Ok(done)
    }

    /// Settles messages, and acknowledges them. `requeued` is the dead letter that was sent again
    /// with them.
    async fn settle_messages(
        &mut self,
        messages: Vec<Delivery>,
        requeued: Option<LetterId>,
    ) -> Result<Done, Stopped> {
        let taken = self.read(messages);
        if taken.deliveries.is_empty() {
            return Ok(Done::default());
        }
        let span = traces::batch(
            self.registrar.channel,
            taken.deliveries.len(),
            &taken.decoded.received,
        );
        let done = self.settle_decoded(&taken, requeued).instrument(span).await?;
        acknowledge(taken.deliveries).await;
        Ok(done)
    }

    /// Registers first, then withdraws, since a withdrawal's application may be in the same
    /// messages. Sends dead letters after that: a crash before the acknowledgement makes a letter
    /// twice. Records the messages last, unless that was done together with registering: what is
    /// acknowledged is recorded.
    async fn settle_decoded(&self, taken: &Taken, requeued: Option<LetterId>) -> Result<Done, Stopped> {
        let Taken {
            decoded, arrivals, ..
        } = taken;
        let together = arrivals.together(decoded);
        let verdict = self
            .registrar
            .register(&decoded.received, together.as_ref())
            .await?;
        let not_withdrawn = self.registrar.withdraw(&decoded.withdrawals).await?;
        let letters = self.letters(decoded, &verdict, &not_withdrawn);
        let letters = letters.into_iter();
        let letters: Vec<Letter> = letters.map(|letter| letter.returned_from(requeued)).collect();
        self.dead_letter_all(&letters).await?;
        if letters.is_empty() {
            self.settle_letter(requeued).await?;
        }
        let done = Done {
            registered: verdict.new,
            existing: verdict.existing,
            withdrawals: decoded.withdrawals.len() - not_withdrawn.len(),
            dead_lettered: letters.len(),
        };
        if !verdict.recorded {
            self.record(&arrivals.settled(done.into())).await?;
        }
        Ok(done)
    }

    /// Records messages. Where the database refuses that because not all of their applications are
    /// settled, an error of this program, the messages stay unacknowledged.
    async fn record(&self, arrival: &LedgerArrival) -> Result<(), Stopped> {
        let record = async || {
            let recorded = self.registrar.store.record_arrival(arrival).await;
            if let Err(StoreError::Fail(refusal)) = &recorded {
                tracing::error!(
                    %refusal,
                    applications = arrival.applications,
                    settled = arrival.settled.sum(),
                    "not all applications of these messages are settled: they are not acknowledged"
                );
            }
            recorded
        };
        self.registrar.backoff.until_done(Task::Record, record).await
    }

    fn letters(
        &self,
        decoded: &Decoded,
        verdict: &Verdict<'_>,
        not_withdrawn: &[(&ReceivedWithdrawal, Fault)],
    ) -> Vec<Letter> {
        let channel = self.registrar.channel;
        let undecodable = decoded.poison.iter();
        let undecodable = undecodable.map(|poison| Letter::undecodable(channel, poison));
        let faulty = verdict.faults.iter();
        let faulty = faulty.map(|(received, fault)| Letter::faulty(channel, received, fault));
        let not_withdrawn = not_withdrawn.iter();
        let not_withdrawn =
            not_withdrawn.map(|(withdrawal, fault)| Letter::not_withdrawn(channel, withdrawal, fault));
        let unknown = verdict.unknown.iter();
        let unknown = unknown.map(|received| Letter::unknown_benefit(channel, received));
        let overdue = verdict.overdue.iter();
        let overdue = overdue.map(|received| Letter::retention_ended(channel, received));
        undecodable
            .chain(faulty)
            .chain(not_withdrawn)
            .chain(unknown)
            .chain(overdue)
            .collect()
    }

    /// Records first the rows of batches that the letters are of, so that a batch counts every
    /// letter.
    async fn dead_letter_all(&self, letters: &[Letter]) -> Result<(), Stopped> {
        let rows: Vec<DeadLetterRow> = letters.iter().filter_map(|letter| letter.row.clone()).collect();
        let store = &self.registrar.store;
        let record = async || match store.record_dead_letters(&rows).await {
            Err(StoreError::Fail(refusal)) => {
                // the letters are kept whole all the same
                tracing::error!(%refusal, "rows of dead letters can't be recorded: their batches do not count them");
                Ok(())
            }
            recorded => recorded,
        };
        self.registrar
            .backoff
            .until_done(Task::DeadLetter, record)
            .await?;
        for letter in letters {
            self.dead_letter(letter).await?;
        }
        Ok(())
    }

    /// Records that a dead letter is settled. One that comes back is another letter.
    async fn settle_letter(&self, requeued: Option<LetterId>) -> Result<(), Stopped> {
        let store = &self.registrar.store;
        let settled: Vec<LetterId> = requeued.into_iter().collect();
        let settle = || store.settle_dead_letters(&settled);
        self.registrar.backoff.until_done(Task::DeadLetter, settle).await
    }

    async fn dead_letter(&self, letter: &Letter) -> Result<(), Stopped> {
        let backoff = &self.registrar.backoff;
        backoff
            .until_done(Task::DeadLetter, || self.dead_letters.send(&letter.letter))
            .await?;
        backoff
            .metrics
            .dead_lettered(self.registrar.channel, letter.letter.code);
        // without its id, the part of an address that can't be guessed: the letter has it
        tracing::warn!(reason = letter.letter.reason, "dead-lettered");
        Ok(())
    }
}

async fn take(
    consumer: &mut Consumer,
    batch: usize,
    overload: Option<&Overload>,
    metrics: &Metrics,
) -> Option<Vec<Delivery>> {
    if let Some(overload) = overload {
        let _giving_way = metrics.give_way();
        overload.is_gone().await;
    }
    consumer.take(batch).await
}

async fn acknowledge(deliveries: Vec<Delivery>) {
    if let Err(error) = ack_all(deliveries).await {
        tracing::info!(%error, "messages are registered, but not acknowledged");
    }
}
