//! One consumer of one queue, one batch at a time.

use std::sync::Arc;
use std::time::Duration;

use sportello_catalogue::LiveCatalogue;
use sportello_domain::Channel;
use sportello_queue::{
    Attachment, BrokerUri, Consumer, ConsumerConfig, Crowd, DeadLetters, Delivery, Poison, Received, ack_all,
    decode,
};
use sportello_store::Store;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::letters::Letter;
use crate::metrics::{Metrics, Task};
use crate::patience::{Patience, Stopped};
use crate::registrar::Registrar;
use crate::traces;
use crate::turns::Turns;

/// How long a lane lets messages gather after a batch that had room left: few large transactions cost less than many small
/// ones (docs/PERFORMANCE.md), and nobody waits long for it.
const REST: Duration = Duration::from_millis(50);

/// What a lane works with.
#[derive(Debug, Clone)]
pub struct LaneConfig {
    /// The broker.
    pub uri: BrokerUri,
    /// Whose queue is drained.
    pub channel: Channel,
    /// Messages that the broker hands out before any is acknowledged.
    pub prefetch: u16,
    /// Applications of one transaction; the last message is taken whole, so that there may be some more.
    pub batch: usize,
    /// Shared with the other lanes of the process.
    pub turns: Turns,
    /// What it gives way to, if to anything.
    pub crowd: Option<Crowd>,
}

/// Drains one channel's queue.
pub struct Lane {
    consumer: Consumer,
    batch: usize,
    crowd: Option<Crowd>,
    registrar: Registrar,
    dead_letters: Arc<DeadLetters>,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Took a batch and settled everything in it.
    Done(Done),
    /// Nothing: the process is to end. What was taken is delivered again.
    Stopped,
}

/// What became of the applications of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// Put on the register.
    pub registered: usize,
    /// On the register already.
    pub known: usize,
    /// Put into the dead-letter queue: applications, or whole messages that can't be read.
    pub dead_lettered: usize,
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
            turns,
            crowd,
        } = config;
        let consumer = Consumer::start(ConsumerConfig {
            uri,
            channel,
            prefetch,
            name: "worker".into(),
        });
        let patience = Patience {
            stop,
            metrics: Arc::new(Metrics::new()),
        };
        Self {
            consumer,
            batch,
            crowd,
            registrar: Registrar {
                channel,
                store,
                catalogue,
                patience,
                turns,
            },
            dead_letters,
        }
    }

    /// Whether the lane's consumer is attached to its queue, now and later on.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        self.consumer.attachment()
    }

    /// Waits until there is no crowd to give way to, and for messages, takes what is there up to the batch, and settles it: every application is registered or
    /// dead-lettered, then the messages are acknowledged.
    ///
    /// Told to stop, it ends at once while it waits for any of that, for its turn, or for the database or the broker to come
    /// back; what it is doing it does to the end.
    pub async fn step(&mut self) -> Step {
        let taken = tokio::select! {
            biased;
            () = self.registrar.patience.stop.cancelled() => None,
            taken = take(&mut self.consumer, self.batch, self.crowd.as_ref()) => taken,
        };
        let Some(deliveries) = taken else {
            return Step::Stopped;
        };
        let had_room = self.consumer.had_room(&deliveries, self.batch);
        match self.settle(&deliveries).await {
            Ok(done) => {
                acknowledge(deliveries).await;
                if had_room {
                    self.rest().await;
                }
                Step::Done(done)
            }
            Err(Stopped) => Step::Stopped,
        }
    }

    async fn rest(&self) {
        tokio::select! {
            () = self.registrar.patience.stop.cancelled() => {}
            () = tokio::time::sleep(REST) => {}
        }
    }

    /// Closes the connection. What was taken and not settled is delivered again.
    pub async fn close(self) {
        self.consumer.close().await;
    }

    async fn settle(&self, deliveries: &[Delivery]) -> Result<Done, Stopped> {
        let (received, poison) = decode_all(deliveries);
        let span = traces::batch(self.registrar.channel, deliveries.len(), &received);
        self.settle_decoded(&received, &poison).instrument(span).await
    }

    /// Registers first, so that letters are sent just before the acknowledgement: a crash between the two makes a
    /// letter twice.
    async fn settle_decoded(&self, received: &[Received], poison: &[Poison]) -> Result<Done, Stopped> {
        let channel = self.registrar.channel;
        let verdict = self.registrar.register(received).await?;
        let undecodable = poison.iter().map(|poison| Letter::undecodable(channel, poison));
        let refused = verdict
            .refused
            .iter()
            .map(|(received, refusal)| Letter::refused(channel, received, refusal));
        let unknown = verdict
            .unknown
            .iter()
            .map(|received| Letter::unknown_benefit(channel, received));
        let overdue = verdict
            .overdue
            .iter()
            .map(|received| Letter::retention_ended(channel, received));
        let mut dead_lettered = 0;
        for letter in undecodable.chain(refused).chain(unknown).chain(overdue) {
            self.dead_letter(&letter).await?;
            dead_lettered += 1;
        }
        Ok(Done {
            registered: verdict.new,
            known: verdict.known,
            dead_lettered,
        })
    }

    async fn dead_letter(&self, letter: &Letter) -> Result<(), Stopped> {
        let patience = &self.registrar.patience;
        patience
            .until_done(Task::DeadLetter, || self.dead_letters.send(&letter.letter))
            .await?;
        patience
            .metrics
            .dead_lettered(self.registrar.channel, letter.kind);
        let id = letter.letter.id.map(tracing::field::display);
        tracing::warn!(
            application_id = id,
            reason = letter.letter.reason,
            "dead-lettered"
        );
        Ok(())
    }
}

async fn take(consumer: &mut Consumer, batch: usize, crowd: Option<&Crowd>) -> Option<Vec<Delivery>> {
    if let Some(crowd) = crowd {
        crowd.is_gone().await;
    }
    consumer.take(batch).await
}

fn decode_all(deliveries: &[Delivery]) -> (Vec<Received>, Vec<Poison>) {
    let (mut received, mut poison) = (Vec::new(), Vec::new());
    for application in deliveries.iter().flat_map(|delivery| decode(delivery.body())) {
        match application {
            Ok(application) => received.push(application),
            Err(undecodable) => poison.push(undecodable),
        }
    }
    (received, poison)
}

async fn acknowledge(deliveries: Vec<Delivery>) {
    if let Err(error) = ack_all(deliveries).await {
        tracing::info!(%error, "a batch is registered, and not acknowledged");
    }
}
