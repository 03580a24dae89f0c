//! The overload signal: intake sheds requests because they wait too long for a thread. Where
//! registering takes from the same processors or disks, workers that pause meanwhile let intake
//! accept more. Messages in the queue are kept.
//!
//! The signal goes beside the applications, by broadcast: in a backlog of applications it would
//! arrive too late.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use tokio::sync::{Notify, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::broadcast::subscribe;
use sportello_queue::connection::Sender;
use sportello_queue::connection::{Link, MAX_DELAY, delays, in_time};
use sportello_queue::connection::{TRANSIENT, of_type};
use sportello_queue::topology::OVERLOAD;
use sportello_queue::{BrokerUri, ConnectError};

/// Interval between two signals while intake is overloaded.
const TOLD_EVERY: Duration = Duration::from_millis(500);
/// Time after the last signal at which the overload ends. Longer than the delay of a signal or two
/// on a busy machine.
const LASTS: Duration = Duration::from_secs(2);
/// Interval between two looks at a silent connection: a stream of deliveries does not always end
/// with its connection.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Broadcasts that intake is overloaded, until it is dropped.
pub struct OverloadReporter {
    _task: DropGuard,
}

impl OverloadReporter {
    /// Broadcasts the signal whenever `seen` is notified, twice a second at most. To be called on a
    /// runtime of several threads. `name` is part of the connection's name at the broker.
    #[must_use]
    pub fn start(uri: BrokerUri, name: &str, seen: Arc<Notify>) -> Self {
        let sender = Sender::new(uri, format!("{name} (reports overload)"));
        let closing = CancellationToken::new();
        let until_closed = closing.clone();
        tokio::spawn(async move {
            until_closed.run_until_cancelled(publish(&sender, &seen)).await;
            sender.close().await;
        });
        Self {
            _task: closing.drop_guard(),
        }
    }
}

async fn publish(sender: &Sender, seen: &Notify) {
    loop {
        seen.notified().await;
        let told = sender
            .send(
                OVERLOAD,
                "",
                b"{}",
                of_type("overload").with_delivery_mode(TRANSIENT),
            )
            .await;
        if let Err(error) = told {
            // the broker refuses a broadcast that has no listener
            tracing::debug!(%error, "no process receives the overload signal");
        }
        tokio::time::sleep(TOLD_EVERY).await;
    }
}

/// Follows whether intake is overloaded. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Overload {
    until: watch::Receiver<Option<Instant>>,
    _task: Arc<DropGuard>,
}

/// The signals received so far.
#[derive(Debug, Clone, Copy)]
struct Heard {
    /// First signal after a time without any that is as long as the longest pause: an overload that
    /// comes and goes is one overload.
    first: Instant,
    last: Instant,
}

impl Heard {
    /// Adds a signal that arrives now.
    fn with(before: Option<Self>, now: Instant, longest_pause: Duration) -> Self {
        let goes_on = before.filter(|before| now - before.last < longest_pause.max(LASTS));
        Self {
            first: goes_on.map_or(now, |before| before.first),
            last: now,
        }
    }

    /// Returns until when to pause, unless another signal arrives.
    fn until(self, longest_pause: Duration) -> Instant {
        (self.last + LASTS).min(self.first + longest_pause)
    }
}

impl Overload {
    /// Starts listening on the current runtime, which must have several threads. Returns at once;
    /// while the broker is away there is no overload. A caller waits for `longest_pause` at most,
    /// and again once as much time has passed without overload. `name` is part of the connection's
    /// name at the broker.
    #[must_use]
    pub fn start(uri: BrokerUri, name: &str, longest_pause: Duration) -> Self {
        let (says, until) = watch::channel(None);
        let closing = CancellationToken::new();
        let (until_closed, name) = (closing.clone(), format!("{name} (follows overload)"));
        let mut listener = Listener {
            says,
            heard: None,
            longest_pause,
        };
        let listening = async move { listener.listen(&uri, &name).await };
        tokio::spawn(async move { until_closed.run_until_cancelled(listening).await });
        Self {
            until,
            _task: Arc::new(closing.drop_guard()),
        }
    }

    /// Returns whether there is an overload to wait for.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.until().is_some()
    }

    /// Waits until the overload ends, for the longest pause at most. Cancel-safe.
    pub async fn is_gone(&self) {
        while let Some(until) = self.until() {
            tokio::time::sleep_until(until.into()).await;
        }
    }

    fn until(&self) -> Option<Instant> {
        let until = *self.until.borrow();
        until.filter(|until| *until > Instant::now())
    }
}

struct Listener {
    says: watch::Sender<Option<Instant>>,
    heard: Option<Heard>,
    longest_pause: Duration,
}

impl Listener {
    async fn listen(&mut self, uri: &BrokerUri, name: &str) {
        let mut delays = delays();
        loop {
            match self.hear(uri, name).await {
                Ok(()) => delays = sportello_queue::connection::delays(),
                Err(error) => tracing::warn!(%uri, %error, "no connection for the overload signal"),
            }
            tokio::time::sleep(delays.next().unwrap_or(MAX_DELAY)).await;
        }
    }

    /// Receives signals until the connection ends.
    async fn hear(&mut self, uri: &BrokerUri, name: &str) -> Result<(), ConnectError> {
        let link = Link::open(uri, name).await?;
        let mut words = in_time(subscribe(&link.channel, OVERLOAD)).await?;
        let mut look = tokio::time::interval(LOOK_EVERY);
        while link.is_open() {
            tokio::select! {
                _ = look.tick() => {}
                word = words.next() => match word {
                    Some(Ok(_)) => self.take_in(),
                    Some(Err(_)) | None => break,
                },
            }
        }
        link.close().await;
        Ok(())
    }

    fn take_in(&mut self) {
        let heard = Heard::with(self.heard, Instant::now(), self.longest_pause);
        if heard.first == heard.last {
            tracing::info!("intake sheds requests: registering pauses for a while");
        }
        self.heard = Some(heard);
        self.says.send_replace(Some(heard.until(self.longest_pause)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the pauses, from when until when, of a follower that receives signals at these
    /// seconds.
    fn waits(words: &[u64], longest_pause: u64) -> Vec<(u64, u64)> {
        let (begin, longest_pause) = (Instant::now(), Duration::from_secs(longest_pause));
        let mut heard = None;
        let mut waits: Vec<(u64, u64)> = Vec::new();
        for &second in words {
            let now = begin + Duration::from_secs(second);
            let with = Heard::with(heard, now, longest_pause);
            heard = Some(with);
            let until = with.until(longest_pause);
            if until <= now {
                continue;
            }
            let until = (until - begin).as_secs();
            match waits.last_mut() {
                Some((_, end)) if *end >= second => *end = until,
                _ => waits.push((second, until)),
            }
        }
        waits
    }

    #[test]
    fn an_overload_ends_two_seconds_after_the_last_signal_or_after_the_longest_pause() {
        let all_the_time: Vec<u64> = (0..100).collect();
        assert_eq!(waits(&[0, 1, 2], 60), [(0, 4)]);
        assert_eq!(waits(&all_the_time, 60), [(0, 60)]);
        assert_eq!(waits(&all_the_time, 1), [(0, 1)]);
    }

    #[test]
    fn an_overload_that_comes_and_goes_is_one_overload() {
        let on_and_off: Vec<u64> = (0..200).filter(|second| second % 20 < 10).collect();
        assert_eq!(waits(&on_and_off, 60), [(0, 11), (20, 31), (40, 51)]);
        // a new pause after as long a time without a signal
        assert_eq!(waits(&[0, 70], 60), [(0, 2), (70, 72)]);
    }
}
