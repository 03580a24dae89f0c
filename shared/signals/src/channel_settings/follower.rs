//! The task that follows the settings: it reads the existing ones, then receives new ones.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lapin::message::Delivery;
use tokio_util::sync::CancellationToken;

use super::message::{self, Message, Setting};
use super::table::Table;
use super::turn::Turn;
use super::{State, send};
use crate::broadcast::subscribe;
use crate::metrics::FollowerMetrics;
use sportello_queue::connection::Sender;
use sportello_queue::connection::{Link, MAX_DELAY, delays, in_time};
use sportello_queue::topology::CHANNEL_SETTINGS;
use sportello_queue::{BrokerUri, ConnectError};

/// Interval between two looks at a silent connection: a stream of deliveries does not always end
/// with its connection.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Limit for the turn at reading, with the wait for it: many processes may start at once, and each
/// takes a few milliseconds.
const TURN_LIMIT: Duration = Duration::from_secs(60);

pub(super) struct Follower {
    uri: BrokerUri,
    name: String,
    known: Arc<State>,
    sender: Arc<Sender>,
    metrics: FollowerMetrics,
    /// The settings received so far, perhaps not all yet.
    table: Table,
}

/// A connection that receives new settings.
struct Session {
    link: Link,
    broadcast: lapin::Consumer,
    /// `None` once all existing settings have been read.
    turn: Option<Turn>,
    since: Instant,
}

impl Session {
    async fn open(uri: &BrokerUri, name: &str, sender: &Sender) -> Result<Self, ConnectError> {
        let link = Link::open(uri, name).await?;
        // first the queue of new settings, so that none is lost between it and the existing ones
        let broadcast = in_time(subscribe(&link.channel, CHANNEL_SETTINGS)).await?;
        let turn = in_time(Turn::take(&link.connection, sender)).await?;
        Ok(Self {
            link,
            broadcast,
            turn: Some(turn),
            since: Instant::now(),
        })
    }

    /// Waits for the next message, new or existing. Cancel-safe.
    async fn next(&mut self) -> Heard {
        let of_before = async {
            match &mut self.turn {
                Some(turn) => turn.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = self.broadcast.next() => Heard::New(message),
            message = of_before => Heard::Before(message),
        }
    }

    fn is_useless(&self) -> bool {
        !self.link.is_open() || (self.turn.is_some() && self.since.elapsed() > TURN_LIMIT)
    }
}

/// A message, or the end of them.
enum Heard {
    New(Option<lapin::Result<Delivery>>),
    Before(Option<lapin::Result<Delivery>>),
}

/// The connection is not usable any more.
struct Broken;

impl Follower {
    pub(super) fn new(uri: BrokerUri, name: String, known: Arc<State>, sender: Arc<Sender>) -> Self {
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
        // at any moment: dropping a connection closes it and gives back its messages
        closing.run_until_cancelled(self.follow()).await;
        self.known.following.store(false, Ordering::Release);
    }

    async fn follow(&mut self) {
        let mut delays = delays();
        loop {
            match Session::open(&self.uri, &self.name, &self.sender).await {
                Ok(mut session) => {
                    if self.serve(&mut session).await {
                        delays = sportello_queue::connection::delays();
                    }
                    self.known.following.store(false, Ordering::Release);
                    session.link.close().await;
                    tracing::warn!("the connection for the channel settings ended");
                }
                Err(error) => {
                    tracing::warn!(uri = %self.uri, %error, "no connection for the channel settings");
                }
            }
            self.metrics.reconnects();
            tokio::time::sleep(delays.next().unwrap_or(MAX_DELAY)).await;
        }
    }

    /// Follows until the connection is gone. Returns whether it came to follow.
    async fn serve(&mut self, session: &mut Session) -> bool {
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            let heard = tokio::select! {
                _ = look.tick() => self.look(session).await,
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

    /// Fails where the connection is not usable any more; else reminds the queue that this process
    /// waits.
    async fn look(&self, session: &mut Session) -> Result<(), Broken> {
        if session.is_useless() {
            return Err(Broken);
        }
        match &mut session.turn {
            Some(turn) => turn.mark_again(&self.sender).await.map_err(|_| Broken),
            None => Ok(()),
        }
    }

    /// Takes in a new setting.
    fn hear(&mut self, message: Option<lapin::Result<Delivery>>) -> Result<(), Broken> {
        let message = delivered(message)?;
        if let Some(Message::Setting(setting)) = readable(&message) {
            self.merge(&Arc::new(setting));
        }
        Ok(())
    }

    /// Takes in an existing setting; follows after the last one.
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

    /// Ends the turn: all existing settings have been read.
    async fn end_turn(&mut self, session: &mut Session) -> Result<(), Broken> {
        let Some(turn) = session.turn.take() else {
            return Ok(());
        };
        let forgotten = turn.forgotten(&self.table);
        turn.end().await;
        for setting in forgotten {
            tracing::warn!(benefit = %setting.benefit, channel = setting.channel.as_str(),
                "the broker had lost a channel setting: publishing it again");
            send(&self.sender, &setting.encode()).await.map_err(|_| Broken)?;
        }
        self.known.publish(&self.table);
        self.known.following.store(true, Ordering::Release);
        tracing::info!("all channel settings are read; following changes");
        Ok(())
    }

    fn merge(&mut self, setting: &Arc<Setting>) {
        if !self.table.merge(setting) {
            return;
        }
        let (benefit, channel) = (&setting.benefit, setting.channel.as_str());
        let position = setting.position.as_str();
        tracing::info!(%benefit, channel, position, "a channel is set");
        // the last known settings stay in use until all have been read once
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
        .inspect_err(
            |error| tracing::warn!(%error, "a message about channel settings can't be read: ignoring it"),
        )
        .ok()
}
