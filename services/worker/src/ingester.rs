//! Takes dead letters and unrouted messages from their queues into the table.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sportello_domain::{BenefitCounts, Channel, DeadLetterReason, LetterStamp, Stamp};
use sportello_queue::{Framed, LetterBox, LetterBoxError, Part, TakenLetter, WaitingQueue, parts};
use sportello_store::{
    Holds, Ingested, LedgerArrival, LetterSource, NewDeadLetter, SettledCounts, Store, StoreError,
};

use crate::backoff::Backoff;
use crate::letter_sums::LetterSums;
use crate::metrics::Task;

/// Most messages of one transaction.
const SLICE: usize = 100;
/// Pause after a pass that found no more to do.
const PAUSE: Duration = Duration::from_secs(1);

/// Why letters were not taken in. They are in their queue.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The database can't keep them now.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The broker can't be asked now.
    #[error(transparent)]
    Broker(#[from] LetterBoxError),
}

/// The result of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IngestStep {
    /// Letters that are new in the table.
    pub new: usize,
    /// Letters that were there already.
    pub existing: usize,
    /// Messages that stay in their queue: the database refuses them, or they have no channel.
    pub left: usize,
    /// Whether to call again at once.
    pub more: bool,
}

/// Takes letters into the table, one worker at a time. A message is acknowledged after the commit:
/// a crash between the two makes a redelivery, which the table recognises.
#[derive(Clone)]
pub struct Ingester {
    store: Store,
    letter_box: Arc<LetterBox>,
    sums: LetterSums,
}

impl Ingester {
    /// Makes one for these queues and this table.
    #[must_use]
    pub fn new(store: Store, letter_box: LetterBox) -> Self {
        Self {
            sums: LetterSums::new(store.clone()),
            store,
            letter_box: Arc::new(letter_box),
        }
    }

    /// Makes one pass over both queues.
    ///
    /// # Errors
    /// [`IngestError`]: the pass may be made again.
    pub async fn step(&self) -> Result<IngestStep, IngestError> {
        let mut step = IngestStep::default();
        for queue in WaitingQueue::ALL {
            let taken = self.drain(queue, &mut step).await;
            if taken.is_err() {
                // the broker has again what is in hand
                self.letter_box.close().await;
            }
            taken?;
        }
        Ok(step)
    }

    async fn drain(&self, queue: WaitingQueue, step: &mut IngestStep) -> Result<(), IngestError> {
        let Some(turn) = self.store.dead_letter_turn().await? else {
            return Ok(());
        };
        let taken = self.letter_box.take(queue, SLICE).await?;
        step.more |= taken.len() == SLICE;
        let (mut kept, mut letters, mut settled) = (Vec::new(), Vec::new(), Vec::new());
        for one in taken {
            match letters_of(queue, &one) {
                Some(of_one) => {
                    letters.extend(of_one.clone());
                    settled.extend(arrival(&one, &of_one));
                    kept.push((one, of_one));
                }
                None => leave(one, step).await,
            }
        }
        match turn.ingest(&letters, &settled).await {
            Ok(ingested) => {
                step.add(ingested);
                for (one, _) in kept {
                    acknowledge(one).await;
                }
            }
            Err(StoreError::Fail(_)) => self.drain_one_by_one(kept, step).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Finds the message that the database refuses: it stays in its queue, and no other with it.
    async fn drain_one_by_one(
        &self,
        taken: Vec<(TakenLetter, Vec<NewDeadLetter>)>,
        step: &mut IngestStep,
    ) -> Result<(), IngestError> {
        // or it would be taken again at once
        step.more = false;
        for (one, letters) in taken {
            let Some(turn) = self.store.dead_letter_turn().await? else {
                one.give_back().await;
                continue;
            };
            match turn.ingest(&letters, arrival(&one, &letters).as_slice()).await {
                Ok(ingested) => {
                    step.add(ingested);
                    acknowledge(one).await;
                }
                Err(StoreError::Fail(refusal)) => {
                    tracing::error!(%refusal, "a dead letter can't be taken into the table: it stays in its queue");
                    leave(one, step).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Makes one pass after the other until the process is to end. No application waits for it.
    pub(crate) async fn run(self, backoff: Backoff) {
        loop {
            let Ok(step) = backoff.until_done(Task::Ingest, || self.step()).await else {
                break;
            };
            self.sums.refresh().await;
            if step.more {
                continue;
            }
            tokio::select! {
                biased;
                () = backoff.stop.cancelled() => break,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        self.letter_box.close().await;
    }
}

impl IngestStep {
    fn add(&mut self, ingested: Ingested) {
        self.new += ingested.new;
        self.existing += ingested.existing;
    }
}

/// Returns the record for the ledger of a message that no worker had in hand: of its publisher, to
/// a queue that was missing, or taken away by the broker. Workers record all others.
fn arrival(taken: &TakenLetter, letters: &[NewDeadLetter]) -> Option<LedgerArrival> {
    let stamp = taken.stamp.filter(|stamp| stamp.item.is_none())?.message;
    let applications = u64::from(taken.applications);
    Some(LedgerArrival {
        channel: letters.first()?.channel,
        numbers: vec![(stamp.process, vec![(stamp.number, taken.applications)])],
        unnumbered: 0,
        applications,
        benefits: letters.iter().filter_map(|letter| letter.benefit.clone()).fold(
            BenefitCounts::default(),
            |mut benefits, benefit| {
                *benefits.entry(benefit).or_default() += 1;
                benefits
            },
        ),
        settled: SettledCounts {
            dead: applications,
            ..SettledCounts::default()
        },
    })
}

async fn acknowledge(letter: TakenLetter) {
    if !letter.ack().await {
        tracing::info!("a dead letter is in the table, but not acknowledged: it comes again");
    }
}

async fn leave(letter: TakenLetter, step: &mut IngestStep) {
    step.left += 1;
    letter.give_back().await;
}

/// Returns the letters of a message, each with one item. `None` where no channel can be read.
fn letters_of(queue: WaitingQueue, taken: &TakenLetter) -> Option<Vec<NewDeadLetter>> {
    let found = parts(&taken.body).filter(|found| !found.is_empty());
    let Some(found) = found else {
        return Some(vec![message(queue, taken)?]);
    };
    let items = found.len();
    let letters = found.into_iter().enumerate();
    let letters = letters.map(|(index, part)| {
        let item = place(taken.stamp, index, items);
        Some(NewDeadLetter {
            item,
            ..letter(queue, taken, part)?
        })
    });
    letters.collect()
}

/// Returns the place of an item in the message that intake sent: a worker says it, or the message
/// is that one.
fn place(stamp: Option<LetterStamp>, index: usize, items: usize) -> Option<u32> {
    let index = u32::try_from(index).ok();
    match stamp.and_then(|stamp| stamp.item) {
        Some(item) if items == 1 => Some(item),
        Some(_) | None => index,
    }
}

/// A message that can't be read.
fn message(queue: WaitingQueue, taken: &TakenLetter) -> Option<NewDeadLetter> {
    let whole = bare(queue, taken, taken.channel?, Holds::Message, taken.body.to_vec());
    Some(NewDeadLetter {
        item: taken.stamp.and_then(|stamp| stamp.item),
        applications: taken.applications,
        ..whole
    })
}

fn letter(queue: WaitingQueue, taken: &TakenLetter, part: Part) -> Option<NewDeadLetter> {
    Some(match part {
        Part::Application(framed, envelope) => {
            let channel = taken.channel.unwrap_or(framed.channel);
            let Framed {
                id,
                received_at,
                content_digest,
                benefit,
                ..
            } = framed;
            NewDeadLetter {
                application_id: Some(id),
                benefit,
                received_at: Some(received_at),
                sent_digest: content_digest,
                ..bare(queue, taken, channel, Holds::Application, envelope)
            }
        }
        Part::Withdrawal(id, channel, requested_at, envelope) => {
            let channel = taken.channel.unwrap_or(channel);
            NewDeadLetter {
                application_id: Some(id),
                received_at: Some(requested_at),
                ..bare(queue, taken, channel, Holds::Withdrawal, envelope)
            }
        }
        Part::Unreadable(envelope) => bare(queue, taken, taken.channel?, Holds::Message, envelope),
    })
}

fn bare(
    queue: WaitingQueue,
    taken: &TakenLetter,
    channel: Channel,
    holds: Holds,
    message: Vec<u8>,
) -> NewDeadLetter {
    let (source, reason) = match queue {
        WaitingQueue::DeadLetters => (LetterSource::DeadLetter, taken.reason),
        WaitingQueue::Unrouted => (LetterSource::Unrouted, Some(DeadLetterReason::Unrouted)),
    };
    let reason = reason.unwrap_or(DeadLetterReason::Unstated);
    let detail = taken.detail.clone();
    NewDeadLetter {
        source,
        holds,
        channel,
        stamp: taken.stamp.map(|stamp| Stamp {
            channel,
            ..stamp.message
        }),
        item: None,
        returned_from: taken.returned_from,
        applications: 1,
        application_id: None,
        benefit: None,
        reason,
        detail: detail.unwrap_or_else(|| words(reason).into()),
        received_at: None,
        dead_lettered_at: taken.dead_lettered_at.unwrap_or_else(Timestamp::now),
        sent_digest: None,
        message,
    }
}

/// What a reason says where no worker has written more.
fn words(reason: DeadLetterReason) -> &'static str {
    match reason {
        DeadLetterReason::DeliveryLimit => "the broker delivered it too often",
        DeadLetterReason::Unrouted => "the broker had no queue for it: a binding was missing",
        DeadLetterReason::Refused
        | DeadLetterReason::Slow
        | DeadLetterReason::UnknownBenefit
        | DeadLetterReason::RetentionEnded
        | DeadLetterReason::Envelope
        | DeadLetterReason::UnknownVersion
        | DeadLetterReason::Frame
        | DeadLetterReason::Submitter
        | DeadLetterReason::DigestMismatch
        | DeadLetterReason::Content
        | DeadLetterReason::Conflict
        | DeadLetterReason::Unstated => "its sender did not say why",
    }
}
