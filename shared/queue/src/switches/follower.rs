//! The task that follows the settings: reads those that there are, then hears of new ones.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lapin::message::Delivery;
use tokio_util::sync::CancellationToken;

use super::message::{self, Message, Setting};
use super::table::Table;
use super::turn::Turn;
use super::{Known, send};
use crate::broker::{BrokerUri, ConnectError, Link, MAX_DELAY, delays, in_time};
use crate::metrics::FollowerMetrics;
use crate::news::news;
use crate::sender::Sender;
use crate::topology::SWITCHES;

/// How often the connection is looked at when it says nothing: a stream of deliveries doesn't always end
/// with its connection.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// For the turn at reading, with the wait for it: many processes may start at once, and each takes a few milliseconds.
const TURN_LIMIT: Duration = Duration::from_secs(60);

pub(super) struct Follower {
    uri: BrokerUri,
    name: String,
    known: Arc<Known>,
    sender: Arc<Sender>,
    metrics: FollowerMetrics,
    /// What has been heard of, also while it isn't all yet.
    table: Table,
}

/// A connection over which new settings come.
struct Session {
    link: Link,
    news: lapin::Consumer,
    /// Until everything that there was has been read.
    turn: Option<Turn>,
    since: Instant,
}

impl Session {
    async fn open(uri: &BrokerUri, name: &str, sender: &Sender) -> Result<Self, ConnectError> {
        let link = Link::open(uri, name).await?;
        // first the queue of what is new, so that nothing falls between it and what there was
        let news = in_time(news(&link.channel, SWITCHES)).await?;
        let turn = in_time(Turn::take(&link.connection, sender)).await?;
        Ok(Self {
            link,
            news,
            turn: Some(turn),
            since: Instant::now(),
        })
    }

    /// The next message, new or of before. Cancel-safe.
    async fn next(&mut self) -> Heard {
        let of_before = async {
            match &mut self.turn {
                Some(turn) => turn.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = self.news.next() => Heard::New(message),
            message = of_before => Heard::Before(message),
        }
    }

    fn is_useless(&self) -> bool {
        !self.link.is_open() || (self.turn.is_some() && self.since.elapsed() > TURN_LIMIT)
    }
}

/// What came, or that nothing can come any more.
enum Heard {
    New(Option<lapin::Result<Delivery>>),
    Before(Option<lapin::Result<Delivery>>),
}

/// The connection is of no more use.
struct Broken;

impl Follower {
    pub(super) fn new(uri: BrokerUri, name: String, known: Arc<Known>, sender: Arc<Sender>) -> Self {
        Self {
            uri,
            name,
            known,
            sender,
            metrics: FollowerMetrics::new(),
            table: Table::default(),
        }
    }

    pub(super) async fn run(mut self, closing: &CancellationToken) {
        // whatever it is at: a connection that is dropped is closed, and gives back what it was given
        closing.run_until_cancelled(self.follow()).await;
        self.known.following.store(false, Ordering::Release);
    }

    async fn follow(&mut self) {
        let mut delays = delays();
        loop {
            match Session::open(&self.uri, &self.name, &self.sender).await {
                Ok(mut session) => {
                    if self.serve(&mut session).await {
                        delays = crate::broker::delays();
                    }
                    self.known.following.store(false, Ordering::Release);
                    session.link.close().await;
                    tracing::warn!("the connection for the channels' settings ended");
                }
                Err(error) => {
                    tracing::warn!(uri = %self.uri, %error, "no connection for the channels' settings");
                }
            }
            self.metrics.reconnects();
            tokio::time::sleep(delays.next().unwrap_or(MAX_DELAY)).await;
        }
    }

    /// Follows until the connection is gone; says whether it came to follow.
    async fn serve(&mut self, session: &mut Session) -> bool {
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            let heard = tokio::select! {
                _ = look.tick() => if session.is_useless() { Err(Broken) } else { Ok(()) },
                heard = session.next() => match heard {
                    Heard::New(message) => self.hear(message),
                    Heard::Before(message) => self.read(session, message).await,
                },
            };
            if heard.is_err() {
                return session.turn.is_none();
            }
        }
    }

    /// Takes in what is new.
    fn hear(&mut self, message: Option<lapin::Result<Delivery>>) -> Result<(), Broken> {
        let message = delivered(message)?;
        if let Some(Message::Setting(setting)) = readable(&message) {
            self.merge(&Arc::new(setting));
        }
        Ok(())
    }

    /// Takes in what was there before; when that was all, follows.
    async fn read(
        &mut self,
        session: &mut Session,
        message: Option<lapin::Result<Delivery>>,
    ) -> Result<(), Broken> {
        let message = delivered(message)?;
        let Some(turn) = &mut session.turn else {
            return Ok(());
        };
        match readable(&message) {
            Some(Message::Setting(setting)) => {
                let setting = Arc::new(setting);
                self.merge(&setting);
                turn.hold(setting, message.acker).await.map_err(|_| Broken)
            }
            Some(Message::Marker(marker)) => {
                if turn.settle(marker, &message.acker).await.map_err(|_| Broken)? {
                    self.end_turn(session).await
                } else {
                    Ok(())
                }
            }
            None => Ok(()),
        }
    }

    /// Everything that there was has been read.
    async fn end_turn(&mut self, session: &mut Session) -> Result<(), Broken> {
        let Some(turn) = session.turn.take() else {
            return Ok(());
        };
        let forgotten = turn.forgotten(&self.table);
        turn.end().await;
        for setting in forgotten {
            tracing::warn!(benefit = %setting.benefit, channel = setting.channel.as_str(),
                "the broker had forgotten what a channel is set to: it is told again");
            send(&self.sender, &setting.encode()).await.map_err(|_| Broken)?;
        }
        self.known.publish(&self.table);
        self.known.following.store(true, Ordering::Release);
        tracing::info!("the channels' settings are known and followed");
        Ok(())
    }

    fn merge(&mut self, setting: &Arc<Setting>) {
        if !self.table.merge(setting) {
            return;
        }
        let (benefit, channel) = (&setting.benefit, setting.channel.as_str());
        let position = setting.position.as_str();
        tracing::info!(%benefit, channel, position, "a channel is set");
        // what was heard of before stays in use until everything has been read once
        if self.known.table.load().is_some() {
            self.known.publish(&self.table);
        }
    }
}

fn delivered(message: Option<lapin::Result<Delivery>>) -> Result<Delivery, Broken> {
    match message {
        Some(Ok(message)) => Ok(message),
        Some(Err(error)) => {
            tracing::debug!(%error, "deliveries have ended");
            Err(Broken)
        }
        None => Err(Broken),
    }
}

fn readable(message: &Delivery) -> Option<Message> {
    message::decode(&message.data)
        .inspect_err(|error| tracing::warn!(%error, "a message about channels is passed over"))
        .ok()
}
