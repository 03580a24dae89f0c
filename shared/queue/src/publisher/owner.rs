//! The task that owns a channel's connection: connects, publishes, reconnects.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::inbox::{Inbox, Job, Limits};
use super::ledger::Ledger;
use super::session::{Session, end_all};
use super::status::StatusCell;
use super::{PublishError, PublisherConfig, Status};
use crate::broker::{MAX_DELAY, delays};
use crate::metrics::{PublishResult, PublisherMetrics};
use crate::shards::ShardQueue;

/// Interval between two looks at a silent connection.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longest wait for the confirm of the last statement.
const LAST_STATEMENT: Duration = Duration::from_secs(2);
/// Life of a connection after which the next one is opened without a delay. Nodes that take
/// connections and end them at once would be asked without end.
const WORKED: Duration = Duration::from_secs(1);

pub(super) struct Owner {
    pub(super) queue: ShardQueue,
    pub(super) config: Arc<PublisherConfig>,
    pub(super) inbox: Inbox,
    pub(super) status: Arc<StatusCell>,
    pub(super) metrics: Arc<PublisherMetrics>,
    pub(super) closing: CancellationToken,
    pub(super) ledger: Ledger,
    /// Until when arrivals wait for another node instead of being refused.
    pub(super) failing_over: Option<Instant>,
}

/// Why a session is over.
#[derive(PartialEq)]
enum End {
    /// Every arrival is answered, and no more can arrive.
    Drained,
    /// The connection is gone or not usable.
    Broken,
}

impl Owner {
    pub(super) async fn run(mut self) {
        let mut delays = delays();
        loop {
            let name = format!("{} ({})", self.config.name, self.queue.key());
            let opening = Session::open(self.config.uri.clone(), name, self.queue);
            match self.meanwhile(opening).await {
                None => break,
                Some(Ok(session)) => {
                    let opened = Instant::now();
                    delays = crate::broker::delays();
                    if self.serve(session).await == End::Drained {
                        break;
                    }
                    tracing::warn!(channel = self.queue.key(), "the connection to the broker ended");
                    self.metrics.reconnects(self.queue.channel());
                    if self.failing_over.is_some() && opened.elapsed() > WORKED {
                        continue;
                    }
                }
                Some(Err(error)) => {
                    tracing::warn!(channel = self.queue.key(), uri = %self.config.uri, %error, "no connection");
                    self.metrics.reconnects(self.queue.channel());
                }
            }
            let delay = delays.next().unwrap_or(MAX_DELAY);
            if self.meanwhile(tokio::time::sleep(delay)).await.is_none() {
                break;
            }
        }
        self.inbox.close();
        self.give_up();
    }

    /// Does `work` without a connection: arrivals wait while another node may still take them in
    /// time, then they are refused at once. `None` when the publisher closes.
    async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let closing = self.closing.clone();
        let mut work = pin!(work);
        if let Some(until) = self.failing_over {
            tokio::select! {
                () = closing.cancelled() => return None,
                done = &mut work => return Some(done),
                () = tokio::time::sleep_until(until.into()) => self.give_up(),
            }
        }
        loop {
            tokio::select! {
                () = closing.cancelled() => return None,
                done = &mut work => return Some(done),
                job = self.inbox.next() => self.end(vec![job?], PublishError::Unavailable),
            }
        }
    }

    /// Publishes until the connection is gone or everything is drained, then closes it.
    async fn serve(&mut self, mut session: Session) -> End {
        self.failing_over = None;
        let end = self.publish(&mut session).await;
        if end == End::Drained {
            self.status.set(Status::Disconnected);
            self.state_the_last(&mut session).await;
        }
        if end == End::Broken && self.config.uri.has_several_nodes() {
            session.avoid_node();
            self.failing_over = Some(Instant::now() + self.config.deadline);
        } else {
            self.give_up();
        }
        let left = session.close(&self.metrics, &mut self.ledger).await;
        if self.failing_over.is_some() {
            self.inbox.put_back(left);
        } else {
            self.end(left, PublishError::Unavailable);
        }
        end
    }

    /// Publishes until the connection is gone or everything is drained.
    async fn publish(&mut self, session: &mut Session) -> End {
        let (metrics, closing) = (Arc::clone(&self.metrics), self.closing.clone());
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut draining, mut exhausted) = (false, false);
        let mut rested = Instant::now();
        loop {
            let refused = session.take_refused();
            exhausted &= refused.is_empty();
            self.inbox.put_back(refused);
            if session.needs_channel() && session.in_flight() == 0 && !self.renew_channel(session).await {
                break End::Broken;
            }
            let status = session.status();
            match status {
                Status::Connected => {}
                Status::Blocked => self.refuse_arrivals(PublishError::Blocked),
                Status::Disconnected => break End::Broken,
            }
            self.status
                .set(if draining { Status::Disconnected } else { status });
            if exhausted && session.in_flight() == 0 {
                break End::Drained;
            }
            if session.is_stalled() {
                tracing::warn!(channel = self.queue.key(), "the broker has stopped confirming");
                break End::Broken;
            }
            let has_capacity = session.in_flight() < self.config.messages_in_flight;
            let may_send = session.may_send() && has_capacity && !exhausted;
            tokio::select! {
                () = session.progress(&metrics, &mut self.ledger) => {}
                job = self.inbox.next_after(rested), if may_send => match job {
                    Some(job) => rested = Instant::now() + self.send(session, job),
                    None => exhausted = true,
                },
                _ = look.tick() => self.state(session),
                () = closing.cancelled(), if !draining => {
                    draining = true;
                    self.inbox.close();
                }
            }
        }
    }

    /// Opens an AMQP channel in place of one that refuses. Returns whether there is one.
    async fn renew_channel(&self, session: &mut Session) -> bool {
        let renewed = session.renew_channel().await;
        if let Err(error) = &renewed {
            tracing::warn!(channel = self.queue.key(), %error, "no AMQP channel in place of one that refuses");
        }
        renewed.is_ok()
    }

    /// Refuses arrivals from now on, until there is a connection.
    fn give_up(&mut self) {
        self.failing_over = None;
        self.status.set(Status::Disconnected);
        self.refuse_arrivals(PublishError::Unavailable);
    }

    /// Sends the statement that is due.
    fn state(&mut self, session: &mut Session) {
        if !session.is_stating()
            && let Some(statement) = self.ledger.due()
        {
            session.state(statement);
        }
    }

    /// Sends the last statement, and waits until it is kept.
    async fn state_the_last(&mut self, session: &mut Session) {
        let metrics = Arc::clone(&self.metrics);
        let stating = async {
            while session.is_stating() {
                session.progress(&metrics, &mut self.ledger).await;
            }
            session.state(self.ledger.last());
            while session.is_stating() {
                session.progress(&metrics, &mut self.ledger).await;
            }
        };
        if tokio::time::timeout(LAST_STATEMENT, stating).await.is_err() {
            tracing::warn!(
                "the ledger's last statement was not confirmed: the tail of this process stays open"
            );
        }
    }

    /// Sends `first` and the arrivals gathered behind it, without those whose senders have given
    /// up. Returns the pause until the next message.
    fn send(&mut self, session: &mut Session, first: Job) -> Duration {
        let limits = Limits {
            applications: self.config.message_applications,
            bytes: self.config.message_bytes,
        };
        let now = Instant::now();
        let (jobs, expired): (Vec<_>, Vec<_>) = self
            .inbox
            .gather(first, limits)
            .into_iter()
            .partition(|job| job.expires > now);
        self.metrics
            .ended(self.queue.channel(), PublishResult::Expired, expired.len());
        drop(expired);
        let is_shared = (2..limits.applications).contains(&jobs.len());
        if !jobs.is_empty() {
            session.send(jobs, self.ledger.next());
        }
        if is_shared {
            self.config.pause
        } else {
            Duration::ZERO
        }
    }

    fn refuse_arrivals(&mut self, error: PublishError) {
        let jobs = self.inbox.take_all();
        self.end(jobs, error);
    }

    fn end(&self, jobs: Vec<Job>, error: PublishError) {
        end_all(jobs, Err(error), self.queue.channel(), &self.metrics);
    }
}
