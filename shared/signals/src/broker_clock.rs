//! The broker's clock, by which a process finds out that its own clock is wrong. The order of
//! arrival depends on clocks.
//!
//! The broker writes its time, in whole seconds, into a message that it dead-letters (`x-death`,
//! since RabbitMQ 3.0). So this process rejects a message of its own in a queue of its own, and the
//! message comes back with the broker's time. No worker and no database takes part: intake may not
//! depend on them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicRejectOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use sportello_domain::ClockDifference;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use sportello_queue::connection::{Link, MAX_DELAY, delays, in_time};
use sportello_queue::connection::{TRANSIENT, of_type};
use sportello_queue::topology::CLOCK;
use sportello_queue::{BrokerUri, ConnectError};

/// Number of questions in quick succession, to narrow the bounds.
const FIRST_QUESTIONS: u32 = 8;
/// Pause between the first questions, and between later ones. Neither divides a second. So the
/// answers, which are cut to whole seconds, come from all parts of it and bound the difference to a
/// fraction of a second.
const SOON: Duration = Duration::from_millis(370);
const LATER: Duration = Duration::from_millis(10_370);
/// Limit for an answer; without one the connection is built anew.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// Largest part that the broker cuts off its time.
const CUT: SignedDuration = SignedDuration::from_secs(1);

/// Compares this process's clock with the broker's. Cheap to clone.
#[derive(Clone)]
pub struct BrokerClock {
    shared: Arc<Shared>,
    _task: Arc<DropGuard>,
}

/// A monotonic clock: it starts at this process's time, and no setting of a clock moves it. The
/// difference to the broker's clock is kept in its time. So the difference stays right when this
/// process's clock jumps, at once and while the broker is away.
#[derive(Clone, Copy)]
struct Steady {
    began: Instant,
    at: Timestamp,
}

impl Steady {
    fn start() -> Self {
        Self {
            began: Instant::now(),
            at: Timestamp::now(),
        }
    }

    fn now(self) -> Timestamp {
        self.at.saturating_add(self.began.elapsed()).unwrap_or(self.at)
    }
}

struct Shared {
    steady: Steady,
    /// Difference of the broker's clock to the monotonic one; nothing before the first answer.
    known: ArcSwapOption<ClockDifference>,
}

impl BrokerClock {
    /// Starts comparing on the current runtime, which must have several threads. Returns at once.
    /// `name` is part of the connection's name at the broker.
    #[must_use]
    pub fn start(uri: BrokerUri, name: &str) -> Self {
        let shared = Arc::new(Shared {
            steady: Steady::start(),
            known: ArcSwapOption::empty(),
        });
        let closing = CancellationToken::new();
        let (until_closed, name) = (closing.clone(), format!("{name} (compares clocks)"));
        let asking = ask(uri, name, Arc::clone(&shared));
        tokio::spawn(async move { until_closed.run_until_cancelled(asking).await });
        Self {
            shared,
            _task: Arc::new(closing.drop_guard()),
        }
    }

    /// Returns how far the broker's clock is ahead of this process's: the part of the difference
    /// that is certain, which no delay explains. `None` before the first answer.
    #[must_use]
    pub fn difference(&self) -> Option<SignedDuration> {
        let known = self.shared.known.load_full()?;
        let ahead = Timestamp::now().duration_since(self.shared.steady.now());
        Some(known.seen_from(ahead).certain())
    }
}

async fn ask(uri: BrokerUri, name: String, shared: Arc<Shared>) {
    let mut delays = delays();
    loop {
        match ask_over(&uri, &name, &shared).await {
            Ok(()) => delays = sportello_queue::connection::delays(),
            Err(error) => tracing::debug!(%uri, %error, "no connection to compare clocks"),
        }
        tokio::time::sleep(delays.next().unwrap_or(MAX_DELAY)).await;
    }
}

/// Compares until the connection ends.
async fn ask_over(uri: &BrokerUri, name: &str, shared: &Shared) -> Result<(), ConnectError> {
    let link = Link::open(uri, name).await?;
    let mut mirror = in_time(Mirror::open(&link.channel)).await?;
    for asked in 0_u32.. {
        let answer = tokio::time::timeout(ANSWER_LIMIT, mirror.ask(shared.steady)).await;
        let Ok(Some(answer)) = answer else {
            break;
        };
        shared.learn(answer);
        tokio::time::sleep(if asked < FIRST_QUESTIONS { SOON } else { LATER }).await;
    }
    link.close().await;
    Ok(())
}

impl Shared {
    /// Narrows the bounds by an answer. An answer that contradicts them shows that a clock was set:
    /// then only this answer counts.
    fn learn(&self, answer: ClockDifference) {
        let known = self.known.load_full();
        let both = known.and_then(|known| known.and(answer));
        self.known.store(Some(Arc::new(both.unwrap_or(answer))));
    }
}

/// A queue that returns each message with the broker's time.
struct Mirror {
    channel: lapin::Channel,
    queue: String,
    deliveries: lapin::Consumer,
}

impl Mirror {
    async fn open(channel: &lapin::Channel) -> Result<Self, ConnectError> {
        let queue = format!("{CLOCK}.{}", Uuid::new_v4());
        let options = QueueDeclareOptions {
            exclusive: true,
            auto_delete: true,
            ..Default::default()
        };
        let mut arguments = FieldTable::default();
        for (argument, value) in [
            ("x-queue-type", "classic"),
            ("x-dead-letter-exchange", CLOCK),
            ("x-dead-letter-routing-key", queue.as_str()),
        ] {
            arguments.insert(argument.into(), AMQPValue::LongString(value.into()));
        }
        channel
            .queue_declare(queue.as_str().into(), options, arguments)
            .await?;
        let (bind, none) = (QueueBindOptions::default(), FieldTable::default());
        let key = queue.as_str().into();
        channel
            .queue_bind(queue.as_str().into(), CLOCK.into(), key, bind, none)
            .await?;
        let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
        let deliveries = channel.basic_consume(queue.as_str().into(), "".into(), options, none);
        Ok(Self {
            deliveries: deliveries.await?,
            channel: channel.clone(),
            queue,
        })
    }

    /// Makes one comparison. `None` where the connection is not usable any more.
    async fn ask(&mut self, steady: Steady) -> Option<ClockDifference> {
        let options = BasicPublishOptions::default();
        let key = self.queue.as_str().into();
        let question = of_type("clock").with_delivery_mode(TRANSIENT);
        let publish = self
            .channel
            .basic_publish(CLOCK.into(), key, options, b"{}", question);
        publish.await.ok()?;
        let mut asked = steady.now();
        loop {
            let message = self.deliveries.next().await?.ok()?;
            let answered = steady.now();
            let Some(broker) = time_of_death(&message) else {
                asked = steady.now();
                message.reject(BasicRejectOptions::default()).await.ok()?;
                continue;
            };
            message.ack(BasicAckOptions::default()).await.ok()?;
            return Some(ClockDifference::between(
                broker.duration_since(answered),
                broker.duration_since(asked).saturating_add(CUT),
            ));
        }
    }
}

/// Returns when the broker dead-lettered a message, if it did.
fn time_of_death(message: &Delivery) -> Option<Timestamp> {
    let headers = message.properties.headers().as_ref()?;
    let AMQPValue::FieldArray(deaths) = headers.inner().get("x-death")? else {
        return None;
    };
    let AMQPValue::FieldTable(death) = deaths.as_slice().first()? else {
        return None;
    };
    let AMQPValue::Timestamp(seconds) = death.inner().get("time")? else {
        return None;
    };
    Timestamp::from_second(i64::try_from(*seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    /// Returns the difference for a process whose clock was put forward by this much since its
    /// start, after these answers about the monotonic clock.
    fn difference(put_forward: SignedDuration, answers: &[ClockDifference]) -> Option<SignedDuration> {
        let steady = Steady {
            began: Instant::now(),
            at: Timestamp::now() - put_forward,
        };
        let shared = Shared {
            steady,
            known: ArcSwapOption::empty(),
        };
        answers.iter().for_each(|answer| shared.learn(*answer));
        let clock = BrokerClock {
            shared: Arc::new(shared),
            _task: Arc::new(CancellationToken::new().drop_guard()),
        };
        clock.difference()
    }

    fn about(difference: Option<SignedDuration>, wanted: SignedDuration) -> bool {
        difference.is_some_and(|difference| (difference - wanted).abs() < SignedDuration::from_millis(500))
    }

    #[test]
    fn a_late_answer_is_not_a_wrong_clock() {
        // asked at 0, the broker's answer of 0 comes after a minute
        let late = ClockDifference::between(seconds(-60), seconds(1));
        assert_eq!(difference(seconds(0), &[late]), Some(seconds(0)));
    }

    #[test]
    fn without_an_answer_nothing_is_known_of_the_clock() {
        assert_eq!(difference(seconds(0), &[]), None);
        assert_eq!(difference(seconds(3_000), &[]), None);
    }

    #[test]
    fn a_clock_that_jumped_is_noticed_without_another_answer() {
        let right = ClockDifference::between(seconds(0), seconds(1));
        assert!(about(difference(seconds(3_000), &[right]), seconds(-2_999)));
        assert!(about(difference(seconds(-3_000), &[right]), seconds(3_000)));
    }

    #[test]
    fn answers_bound_the_difference_until_one_contradicts_them() {
        let wide = ClockDifference::between(seconds(-1), seconds(6));
        let narrow = ClockDifference::between(seconds(4), seconds(9));
        assert!(about(difference(seconds(0), &[wide, narrow]), seconds(4)));
        let set_right = ClockDifference::between(seconds(-1), seconds(1));
        assert_eq!(
            difference(seconds(0), &[wide, narrow, set_right]),
            Some(seconds(0))
        );
    }
}
