//! Viewers of the console's live stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use reqwest::{Client, Response, StatusCode};
use sportello_stack::Part;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::http::aside::aside;
use crate::system::private_system::PrivateSystem;

/// Streams that one operator may have open (`STREAMS_PER_OPERATOR`).
const EACH: u32 = 8;
const OPENED_WITHIN: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
const AGAIN_AFTER: Duration = Duration::from_millis(200);
/// Begins each event.
const EVENT: &[u8] = b"event: ";

/// Open streams, read on a thread of their own.
pub(super) struct Streams {
    frames: Arc<AtomicU64>,
    stop: watch::Sender<bool>,
    reading: JoinHandle<anyhow::Result<()>>,
}

impl Streams {
    /// Opens so many streams, and waits for as many events.
    pub(super) async fn open(system: &PrivateSystem, viewers: u32) -> anyhow::Result<Self> {
        let url = system.url(Part::Console).unwrap_or_default() + "/v1/live";
        let mint = system.mint()?;
        let token = |viewer: u32| mint.operator_token(&format!("sportello-{}", viewer / EACH));
        let tokens: Vec<String> = (0..viewers).map(token).collect::<Result<_, _>>()?;
        let frames = Arc::<AtomicU64>::default();
        let (stop, stopped) = watch::channel(false);
        let counter = Arc::clone(&frames);
        let read = move || async move { read_all(url, tokens, counter, stopped).await };
        let streams = Self {
            frames,
            stop,
            reading: tokio::spawn(aside(read)),
        };
        let begun = Instant::now();
        while streams.frames() < u64::from(viewers) {
            if streams.reading.is_finished() {
                streams.reading.await?.context("a stream was not opened")?;
                bail!("no stream was opened");
            }
            ensure!(begun.elapsed() < OPENED_WITHIN, "not every viewer got an event");
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Ok(streams)
    }

    /// Returns how many events all viewers got.
    pub(super) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Closes them.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        self.reading.await?
    }
}

async fn read_all(
    url: String,
    tokens: Vec<String>,
    frames: Arc<AtomicU64>,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let client = Client::builder().no_proxy().build()?;
    let mut viewers = JoinSet::new();
    for token in tokens {
        let answer = open(&client, &url, &token).await?;
        viewers.spawn(read(answer, Arc::clone(&frames)));
    }
    let ended = async {
        match viewers.join_next().await {
            Some(ended) => anyhow::Ok(ended??),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        // an error: its sender was dropped
        _ = stopped.wait_for(|stopped| *stopped) => Ok(()),
        ended = ended => ended.and_then(|()| bail!("a stream has ended")),
    }
}

/// Opens a stream; comes again while the console sheds requests, or still counts the streams of an
/// earlier measurement.
async fn open(client: &Client, url: &str, token: &str) -> anyhow::Result<Response> {
    loop {
        let answer = client.get(url).bearer_auth(token).send().await?;
        let comes_again = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS];
        if !comes_again.contains(&answer.status()) {
            return answer.error_for_status().context("a stream is refused");
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn read(mut answer: Response, frames: Arc<AtomicU64>) -> anyhow::Result<()> {
    while let Some(chunk) = answer.chunk().await? {
        let events = chunk.windows(EVENT.len()).filter(|window| *window == EVENT);
        frames.fetch_add(events.count() as u64, Ordering::Relaxed);
    }
    Ok(())
}
