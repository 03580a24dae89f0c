//! An owner's part in the ledger: its book, its file, and its statements.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sportello_domain::{BenefitCounts, Channel, EdgeCounts, ProcessId, Stamp, Statement};

use super::book::Book;
use super::tail::{Closing, Tail, TailFile};
use crate::metrics::PublisherMetrics;

/// Interval between two statements while something changes.
const STATE_EVERY: Duration = Duration::from_secs(1);
/// Interval between two statements while nothing does: so that a process that ends without a word
/// is noticed.
const REPEAT_EVERY: Duration = Duration::from_secs(30);

/// Counts what a process does beside its messages, for its statements.
#[derive(Clone)]
pub struct Edge {
    counts: Arc<dyn Fn(Channel) -> EdgeCounts + Send + Sync>,
    benefits: Arc<dyn Fn(Channel) -> BenefitCounts + Send + Sync>,
}

impl Edge {
    /// Makes an edge of functions that return the present counts of a channel, and what it answered
    /// by benefit.
    pub fn new(
        counts: impl Fn(Channel) -> EdgeCounts + Send + Sync + 'static,
        benefits: impl Fn(Channel) -> BenefitCounts + Send + Sync + 'static,
    ) -> Self {
        Self {
            counts: Arc::new(counts),
            benefits: Arc::new(benefits),
        }
    }
}

impl Default for Edge {
    fn default() -> Self {
        Self::new(|_| EdgeCounts::default(), |_| BenefitCounts::default())
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edge")
    }
}

/// An owner's share of what its channel states. The first queue's owner states what the process
/// counts beside its messages; the others state their messages alone.
pub(super) struct Share {
    /// Of the first queue's owner alone.
    edge: Option<Edge>,
    /// Applications that the other owners of the channel have confirms of.
    confirmed_by_others: Arc<AtomicU64>,
}

impl Share {
    /// Returns the shares of a channel's owners, the first queue's first. Endless.
    pub(super) fn of_channel(edge: Edge) -> impl Iterator<Item = Self> {
        let confirmed = Arc::new(AtomicU64::new(0));
        let edges = std::iter::once(Some(edge)).chain(std::iter::repeat(None));
        edges.map(move |edge| Self {
            edge,
            confirmed_by_others: Arc::clone(&confirmed),
        })
    }

    fn counts(&self, channel: Channel) -> EdgeCounts {
        let counts = self.edge.as_ref().map(|edge| (edge.counts)(channel));
        counts.unwrap_or_default()
    }

    fn benefits(&self, channel: Channel) -> BenefitCounts {
        let benefits = self.edge.as_ref().map(|edge| (edge.benefits)(channel));
        benefits.unwrap_or_default()
    }

    /// Records a confirm where the first queue's owner can't see it.
    fn confirmed(&self, applications: usize) {
        if self.edge.is_none() {
            self.confirmed_by_others
                .fetch_add(applications as u64, Ordering::Relaxed);
        }
    }
}

/// The ledger of one owner.
pub(super) struct Ledger {
    channel: Channel,
    book: Book,
    share: Share,
    file: Option<TailFile>,
    /// The closing statements of earlier processes, until they are kept.
    closings: Vec<Closing>,
    /// What was last stated and kept, and when one was last sent.
    stated: Option<(Tail, EdgeCounts)>,
    sent: Option<Instant>,
    metrics: Arc<PublisherMetrics>,
}

impl Ledger {
    /// Opens the book of a new process. With a folder, keeps a file there; the first queue's owner
    /// closes the books of the processes before, so it comes first.
    pub(super) fn open(
        process: ProcessId,
        channel: Channel,
        folder: Option<&Path>,
        share: Share,
        metrics: Arc<PublisherMetrics>,
    ) -> Self {
        let book = Book::new(process, channel);
        let (mut file, mut closings) = (None, Vec::new());
        if let Some(folder) = folder {
            let before = match share.edge {
                Some(_) => Closing::all(folder, channel),
                None => Ok(Vec::new()),
            };
            let opened =
                before.and_then(|closings| Ok((closings, TailFile::create(folder, channel, book.tail())?)));
            match opened {
                Ok((found, made)) => (file, closings) = (Some(made), found),
                Err(error) => {
                    tracing::warn!(%error, "the ledger has no file: a crash would leave an open tail");
                }
            }
        }
        Self {
            channel,
            book,
            share,
            file,
            closings,
            stated: None,
            sent: None,
            metrics,
        }
    }

    /// Returns the number of a message that is sent now.
    pub(super) fn next(&mut self) -> Stamp {
        let stamp = self.book.next();
        self.write();
        stamp
    }

    /// Records what became of a message, before its senders learn it: confirmed with so many
    /// applications, or never to be.
    pub(super) fn decide(&mut self, number: u64, confirmed: Option<usize>) {
        self.book.decide(number, confirmed);
        if let Some(applications) = confirmed {
            self.share.confirmed(applications);
        }
        self.write();
    }

    fn write(&mut self) {
        if let Some(file) = &mut self.file {
            file.write(self.book.tail());
        }
    }

    /// Returns the statement that is due.
    pub(super) fn due(&mut self) -> Option<Statement> {
        if let Some(closing) = self.closings.last() {
            return Some(closing.statement.clone());
        }
        if self.sent.is_some_and(|sent| sent.elapsed() < STATE_EVERY) {
            return None;
        }
        let edge = self.share.counts(self.channel);
        let pause = if self.stated == Some((self.book.tail(), edge)) {
            REPEAT_EVERY
        } else {
            STATE_EVERY
        };
        if self.sent.is_some_and(|sent| sent.elapsed() < pause) {
            return None;
        }
        if self.share.edge.is_some() {
            let by_others = self.share.confirmed_by_others.load(Ordering::Relaxed);
            let confirmed = self.book.confirmed_applications() + by_others + edge.spool_put;
            self.metrics
                .answered_without_confirm(self.channel, edge.answered.saturating_sub(confirmed));
        }
        self.sent = Some(Instant::now());
        Some(self.statement(edge, false))
    }

    /// Returns the process's last statement.
    pub(super) fn last(&self) -> Statement {
        self.statement(self.share.counts(self.channel), true)
    }

    fn statement(&self, edge: EdgeCounts, is_final: bool) -> Statement {
        Statement {
            benefits: self.share.benefits(self.channel),
            ..self.book.statement(edge, is_final)
        }
    }

    /// Records that a statement is kept.
    pub(super) fn is_kept(&mut self, statement: &Statement) {
        if let Some(closing) = self.closings.pop_if(|closing| closing.statement == *statement) {
            closing.remove_file();
            return;
        }
        self.book.is_kept(statement);
        // as far as it is still so
        let tail = Tail {
            decided_below: statement.decided_below,
            ..self.book.tail()
        };
        self.stated = Some((tail, statement.edge));
        if statement.is_final
            && let Some(file) = self.file.take()
        {
            file.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::print_stdout, reason = "its figures are its output")]

    use std::hint::black_box;

    use super::*;

    const MESSAGES: u64 = 1_000_000;
    /// Messages without a confirm, as at a peak.
    const IN_FLIGHT: u64 = 8;
    /// Applications of a message at a peak.
    const TOGETHER: usize = 64;

    /// Numbers messages and decides them, as their owner does. Returns the nanoseconds of each, and
    /// the bytes that its number has on the wire.
    fn cost(folder: Option<&Path>) -> (f64, usize) {
        let metrics = Arc::new(PublisherMetrics::new());
        let process = ProcessId::random();
        let share = Share::of_channel(Edge::default()).next().unwrap();
        let mut ledger = Ledger::open(process, Channel::Citizen, folder, share, metrics);
        let mut bytes = 0;
        let begun = Instant::now();
        for message in 0..MESSAGES {
            // one byte of it is the length
            bytes = 1 + black_box(ledger.next().message_id()).len();
            if let Some(confirmed) = message.checked_sub(IN_FLIGHT) {
                ledger.decide(confirmed, Some(TOGETHER));
            }
        }
        (begun.elapsed().as_secs_f64() * 1e9 / MESSAGES as f64, bytes)
    }

    #[test]
    #[ignore = "a measurement: cargo test --release --workspace --lib costs_of_the_ledger -- --ignored --nocapture"]
    fn costs_of_the_ledger() {
        let folder = tempfile::tempdir().unwrap();
        for (what, folder) in [("without a file", None), ("with a file", Some(folder.path()))] {
            let (nanoseconds, bytes) = cost(folder);
            let each = TOGETHER as f64;
            println!(
                "{what}: {nanoseconds:.0} ns and {bytes} bytes a message; at a peak {:.3} µs and {:.2} bytes an application",
                nanoseconds / each / 1e3,
                bytes as f64 / each,
            );
        }
    }
}
