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

/// Hears whether there is a crowd, from the process that tells it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Crowd {
    heard: watch::Receiver<Option<Heard>>,
    patience: Duration,
    _task: Arc<DropGuard>,
}

/// The last crowd.
#[derive(Debug, Clone, Copy)]
struct Heard {
    /// The first word of it.
    first: Instant,
    last: Instant,
}

impl Heard {
    fn again(before: Option<Self>) -> Self {
        let last = Instant::now();
        let first = before
            .filter(|before| last - before.last < LASTS)
            .map_or(last, |before| before.first);
        Self { first, last }
    }
}

impl Crowd {
    /// Starts listening on the current runtime, which must have several threads. Returns at once; while the broker is away
    /// there is no crowd. Whoever waits does so for `patience` of one crowd at most. `name` is what the broker's operators see.
    #[must_use]
    pub fn start(uri: BrokerUri, name: &str, patience: Duration) -> Self {
        let (says, heard) = watch::channel(None);
        let closing = CancellationToken::new();
        let (until_closed, name) = (closing.clone(), format!("{name} (hears of a crowd)"));
        tokio::spawn(async move { until_closed.run_until_cancelled(listen(&uri, &name, &says)).await });
        Self {
            heard,
            patience,
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

    /// Until when there is a crowd to wait for, unless more is heard.
    fn until(&self) -> Option<Instant> {
        let heard = (*self.heard.borrow())?;
        let until = (heard.last + LASTS).min(heard.first + self.patience);
        (until > Instant::now()).then_some(until)
    }
}

async fn listen(uri: &BrokerUri, name: &str, says: &watch::Sender<Option<Heard>>) {
    let mut delays = delays();
    loop {
        match hear(uri, name, says).await {
            Ok(()) => delays = crate::broker::delays(),
            Err(error) => tracing::warn!(%uri, %error, "no connection to hear of a crowd"),
        }
        tokio::time::sleep(delays.next().unwrap_or(MAX_DELAY)).await;
    }
}

/// Hears until the connection ends.
async fn hear(uri: &BrokerUri, name: &str, says: &watch::Sender<Option<Heard>>) -> Result<(), ConnectError> {
    let link = Link::open(uri, name).await?;
    let mut words = in_time(news(&link.channel, CROWD)).await?;
    let mut look = tokio::time::interval(LOOK_EVERY);
    while link.is_open() {
        tokio::select! {
            _ = look.tick() => {}
            word = words.next() => match word {
                Some(Ok(_)) => take_in(says),
                Some(Err(_)) | None => break,
            },
        }
    }
    link.close().await;
    Ok(())
}

fn take_in(says: &watch::Sender<Option<Heard>>) {
    let heard = Heard::again(*says.borrow());
    if heard.first == heard.last {
        tracing::info!("intake sends people away: registering gives way to the crowd for a while");
    }
    says.send_replace(Some(heard));
}
