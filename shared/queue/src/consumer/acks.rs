//! Acknowledges deliveries, with one frame for several wherever that is safe.

use std::collections::BTreeSet;
use std::time::Duration;

use lapin::Acker;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Why a delivery is not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    /// Its connection has ended. Harmless: the broker delivers it again, and the register
    /// recognises its applications by their ids.
    #[error("the connection of this delivery has ended; the broker delivers it again")]
    Stale,
}

/// Limit for sending an acknowledgement: on a connection that the broker does not read any more it
/// would wait for ever.
const SENT_WITHIN: Duration = Duration::from_secs(10);

/// The acknowledgements of one connection.
#[derive(Default)]
pub(super) struct Acks {
    ledger: Mutex<Ledger>,
    /// Set when the connection is over, or must end so that open deliveries come again.
    pub(super) over: CancellationToken,
}

impl Acks {
    /// Acknowledges deliveries of this connection.
    pub(super) async fn ack(&self, deliveries: &[(u64, Acker)]) -> Result<(), AckError> {
        // also where the caller's future is dropped midway
        let over = self.over.clone().drop_guard();
        timeout(SENT_WITHIN, self.send(deliveries))
            .await
            .unwrap_or(Err(AckError::Stale))?;
        over.disarm();
        Ok(())
    }

    /// Returns a delivery of this connection to its queue.
    pub(super) async fn give_back(&self, (tag, acker): (u64, Acker)) -> Result<(), AckError> {
        let over = self.over.clone().drop_guard();
        let options = BasicNackOptions {
            requeue: true,
            ..Default::default()
        };
        let giving_back = async {
            let mut ledger = self.ledger.lock().await;
            ledger.settle(std::iter::once(tag));
            acker.nack(options).await
        };
        match timeout(SENT_WITHIN, giving_back).await {
            Ok(Ok(true)) => {
                over.disarm();
                Ok(())
            }
            Ok(Ok(false) | Err(_)) | Err(_) => Err(AckError::Stale),
        }
    }

    async fn send(&self, deliveries: &[(u64, Acker)]) -> Result<(), AckError> {
        // held until it is sent: an acknowledgement of several must not overtake one of a delivery
        // among them
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

/// The settled delivery tags. The broker counts them from 1 for each AMQP channel.
#[derive(Default)]
struct Ledger {
    /// All tags up to this one.
    through: u64,
    /// Further tags.
    beyond: BTreeSet<u64>,
}

impl Ledger {
    fn settle(&mut self, tags: impl Iterator<Item = u64>) {
        self.beyond.extend(tags);
        while self.beyond.remove(&(self.through + 1)) {
            self.through += 1;
        }
    }

    /// Returns whether nothing up to `tag` is open. Then one acknowledgement of `tag` and all
    /// before it touches no delivery that is still in hand.
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
