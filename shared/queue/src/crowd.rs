//! The word that there is a crowd: intake sends people away because it comes to them too late. Where registering takes from
//! the same processors or disks, workers that wait meanwhile let more people in; what is in the queue is kept.
//!
//! The word goes beside the applications, to whoever listens: in a backlog they themselves would bring it too late.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use tokio::sync::{Notify, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::broker::{BrokerUri, ConnectError, Link, MAX_DELAY, delays, in_time};
use crate::news::news;
use crate::properties;
use crate::sender::Sender;
use crate::topology::CROWD;

/// While there is a crowd, the word is sent so often.
const TOLD_EVERY: Duration = Duration::from_millis(500);
/// So long after the last word the crowd is over: longer than a word or two may be late on a machine that is busy.
const LASTS: Duration = Duration::from_secs(2);
/// How often the connection is looked at when it says nothing: a stream of deliveries doesn't always end with its connection.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Tells that there is a crowd, until it is dropped.
pub struct CrowdTeller {
    _task: DropGuard,
}

impl CrowdTeller {
    /// Tells it whenever `seen` is notified, twice a second at most, to whoever listens at the time. To be called on a runtime of
    /// several threads. `name` is what the broker's operators see.
    #[must_use]
    pub fn start(uri: BrokerUri, name: &str, seen: Arc<Notify>) -> Self {
        let sender = Sender::new(uri, format!("{name} (tells of a crowd)"));
        let closing = CancellationToken::new();
        let until_closed = closing.clone();
        tokio::spawn(async move {
            until_closed.run_until_cancelled(tell(&sender, &seen)).await;
            sender.close().await;
        });
        Self {
            _task: closing.drop_guard(),
        }
    }
}

async fn tell(sender: &Sender, seen: &Notify) {
    loop {
        seen.notified().await;
        let told = sender.send(CROWD, "", b"{}", properties::crowd()).await;
        if let Err(error) = told {
            // refused is what nobody listens to
            tracing::debug!(%error, "the word of a crowd came to nobody");
        }
        tokio::time::sleep(TOLD_EVERY).await;
    }
}

/// Hears whether there is a crowd, from the processes that tell it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Crowd {
    until: watch::Receiver<Option<Instant>>,
    _task: Arc<DropGuard>,
}

/// What has been heard of.
#[derive(Debug, Clone, Copy)]
struct Heard {
    /// The first word after none had come for as long as patience lasts: a crowd that comes and goes is one crowd.
    first: Instant,
    last: Instant,
}

impl Heard {
    /// What has been heard of with a word that comes now.
    fn with(before: Option<Self>, now: Instant, patience: Duration) -> Self {
        let goes_on = before.filter(|before| now - before.last < patience.max(LASTS));
        Self {
            first: goes_on.map_or(now, |before| before.first),
            last: now,
        }
    }

    /// Until when there is a crowd to wait for, unless more is heard.
    fn until(self, patience: Duration) -> Instant {
        (self.last + LASTS).min(self.first + patience)
    }
}

impl Crowd {
    /// Starts listening on the current runtime, which must have several threads. Returns at once; while the broker is away
    /// there is no crowd. Whoever waits does so for `patience` at most, and again once as much time has passed without a crowd.
    /// `name` is what the broker's operators see.
    #[must_use]
    pub fn start(uri: BrokerUri, name: &str, patience: Duration) -> Self {
        let (says, until) = watch::channel(None);
        let closing = CancellationToken::new();
        let (until_closed, name) = (closing.clone(), format!("{name} (hears of a crowd)"));
        let mut listener = Listener {
            says,
            heard: None,
            patience,
        };
        let listening = async move { listener.listen(&uri, &name).await };
        tokio::spawn(async move { until_closed.run_until_cancelled(listening).await });
        Self {
            until,
            _task: Arc::new(closing.drop_guard()),
        }
    }

    /// Whether there is a crowd to wait for.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.until().is_some()
    }

    /// Waits while there is a crowd, or until its patience is over. Cancel-safe.
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
    patience: Duration,
}

impl Listener {
    async fn listen(&mut self, uri: &BrokerUri, name: &str) {
        let mut delays = delays();
        loop {
            match self.hear(uri, name).await {
                Ok(()) => delays = crate::broker::delays(),
                Err(error) => tracing::warn!(%uri, %error, "no connection to hear of a crowd"),
            }
            tokio::time::sleep(delays.next().unwrap_or(MAX_DELAY)).await;
        }
    }

    /// Hears until the connection ends.
    async fn hear(&mut self, uri: &BrokerUri, name: &str) -> Result<(), ConnectError> {
        let link = Link::open(uri, name).await?;
        let mut words = in_time(news(&link.channel, CROWD)).await?;
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
        let heard = Heard::with(self.heard, Instant::now(), self.patience);
        if heard.first == heard.last {
            tracing::info!("intake sends people away: registering gives way to the crowd for a while");
        }
        self.heard = Some(heard);
        self.says.send_replace(Some(heard.until(self.patience)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From when until when somebody waits who hears words at these seconds.
    fn waits(words: &[u64], patience: u64) -> Vec<(u64, u64)> {
        let (begin, patience) = (Instant::now(), Duration::from_secs(patience));
        let mut heard = None;
        let mut waits: Vec<(u64, u64)> = Vec::new();
        for &second in words {
            let now = begin + Duration::from_secs(second);
            let with = Heard::with(heard, now, patience);
            heard = Some(with);
            let until = with.until(patience);
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
    fn a_crowd_is_over_two_seconds_after_the_last_word_or_with_ones_patience() {
        let all_the_time: Vec<u64> = (0..100).collect();
        assert_eq!(waits(&[0, 1, 2], 60), [(0, 4)]);
        assert_eq!(waits(&all_the_time, 60), [(0, 60)]);
        assert_eq!(waits(&all_the_time, 1), [(0, 1)]);
    }

    #[test]
    fn who_comes_and_goes_does_not_keep_others_waiting_for_ever() {
        let on_and_off: Vec<u64> = (0..200).filter(|second| second % 20 < 10).collect();
        assert_eq!(waits(&on_and_off, 60), [(0, 11), (20, 31), (40, 51)]);
        // a new patience after as long without a word
        assert_eq!(waits(&[0, 70], 60), [(0, 2), (70, 72)]);
    }
}
