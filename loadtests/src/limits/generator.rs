//! A closed loop: connections with one request each at a time, as fast as the answers come.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::task::JoinSet;

use super::requests::Requests;
use crate::http::aside::never_interrupt;
use crate::http::http1::Connection;

/// Status of a good answer.
const ACCEPTED: u16 = 202;
/// Pause before a failed connection is reopened.
const PAUSE: Duration = Duration::from_millis(10);

/// The time in which answers count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) warm_up: Duration,
    pub(super) length: Duration,
}

impl Window {
    /// Makes a window after a warm-up of a fifth of its length, at most 2 s.
    pub(super) fn of(length: Duration) -> Self {
        Self {
            warm_up: (length / 5).min(Duration::from_secs(2)),
            length,
        }
    }

    pub(super) fn whole(&self) -> Duration {
        self.warm_up + self.length
    }
}

struct Load {
    address: SocketAddr,
    requests: Arc<Requests>,
    begun: Instant,
    window: Window,
    good: AtomicU64,
    bad: AtomicU64,
}

/// Sends the requests over these connections. Returns the good answers within the window.
///
/// # Errors
/// At least 1 % of the answers were bad.
pub(super) async fn closed_loop(
    address: SocketAddr,
    requests: Arc<Requests>,
    connections: usize,
    window: Window,
) -> anyhow::Result<u64> {
    let load = Arc::new(Load {
        address,
        requests,
        begun: Instant::now(),
        window,
        good: AtomicU64::new(0),
        bad: AtomicU64::new(0),
    });
    never_interrupt()?;
    let mut senders = JoinSet::new();
    for _ in 0..connections {
        senders.spawn(send(Arc::clone(&load)));
    }
    senders.join_all().await;
    let (good, bad) = (
        load.good.load(Ordering::Relaxed),
        load.bad.load(Ordering::Relaxed),
    );
    ensure!(
        good > 0 && bad * 100 < good,
        "{bad} bad answers beside {good} good ones"
    );
    Ok(good)
}

async fn send(load: Arc<Load>) {
    let mut open = None;
    while load.begun.elapsed() < load.window.whole() {
        let mut connection = match open.take() {
            Some(connection) => connection,
            None => match Connection::open(load.address).await {
                Ok(connection) => connection,
                Err(_) => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
        };
        let answer = connection.send(load.requests.next()).await;
        let good = answer.is_ok_and(|answer| answer.status == ACCEPTED);
        let elapsed = load.begun.elapsed();
        if (load.window.warm_up..load.window.whole()).contains(&elapsed) {
            let counter = if good { &load.good } else { &load.bad };
            counter.fetch_add(1, Ordering::Relaxed);
        }
        if !connection.is_over() {
            open = Some(connection);
        }
    }
}
