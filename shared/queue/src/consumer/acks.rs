//! Acknowledging: one frame for a whole batch wherever that is right.

use std::collections::BTreeSet;
use std::time::Duration;

use lapin::Acker;
use lapin::options::BasicAckOptions;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Why a delivery isn't acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    /// Its connection has ended. Harmless: the broker delivers it again, and what was done with it is
    /// recognised by its id.
    #[error("the connection of this delivery has ended; the broker delivers it again")]
    Stale,
}

/// How long an acknowledgement may take to be sent: on a connection that the broker has stopped reading it would
/// wait for ever.
const SENT_WITHIN: Duration = Duration::from_secs(10);

/// The acknowledgements of one connection.
#[derive(Default)]
pub(super) struct Acks {
    ledger: Mutex<Ledger>,
    /// Set when the connection is over, or when it must be so that open deliveries come again.
    pub(super) over: CancellationToken,
}

impl Acks {
    /// Acknowledges these deliveries of this connection.
    pub(super) async fn ack(&self, deliveries: &[(u64, Acker)]) -> Result<(), AckError> {
        // also where whoever acknowledges leaves midway
        let over = self.over.clone().drop_guard();
        timeout(SENT_WITHIN, self.send(deliveries))
            .await
            .unwrap_or(Err(AckError::Stale))?;
        over.disarm();
        Ok(())
    }

    async fn send(&self, deliveries: &[(u64, Acker)]) -> Result<(), AckError> {
        // held until it is sent: an acknowledgement of many must not overtake one of a delivery among them
        let mut ledger = self.ledger.lock().await;
        let Some((last, acker)) = deliveries.iter().max_by_key(|(tag, _)| *tag) else {
            return Ok(());
        };
        ledger.settle(deliveries.iter().map(|(tag, _)| *tag));
        if ledger.is_settled_through(*last) {
            return send_one(acker, true).await;
        }
        for (_, acker) in deliveries {
            send_one(acker, false).await?;
        }
        Ok(())
    }
}

async fn send_one(acker: &Acker, multiple: bool) -> Result<(), AckError> {
    match acker.ack(BasicAckOptions { multiple }).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(AckError::Stale),
        Err(error) => {
            tracing::debug!(%error, "a delivery can't be acknowledged");
            Err(AckError::Stale)
        }
    }
}

/// Which delivery tags are settled. The broker counts them from 1 for each channel.
#[derive(Default)]
struct Ledger {
    /// All up to this one.
    through: u64,
    /// And these.
    beyond: BTreeSet<u64>,
}

impl Ledger {
    fn settle(&mut self, tags: impl Iterator<Item = u64>) {
        self.beyond.extend(tags);
        while self.beyond.remove(&(self.through + 1)) {
            self.through += 1;
        }
    }

    /// Whether nothing up to `tag` is open, so that one acknowledgement of `tag` and all before it touches
    /// no delivery that somebody is still at.
    fn is_settled_through(&self, tag: u64) -> bool {
        self.through >= tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_acknowledged_at_once_only_where_none_before_them_is_open() {
        let mut ledger = Ledger::default();
        let mut settle = |tags: &[u64]| {
            ledger.settle(tags.iter().copied());
            ledger.is_settled_through(*tags.iter().max().unwrap())
        };
        assert!(settle(&[1, 2, 3]));
        assert!(!settle(&[5]));
        assert!(!settle(&[7, 8]));
        assert!(settle(&[4, 6]), "5 was settled before");
        assert!(settle(&[9]));
        assert!(!settle(&[11]));
    }
}
