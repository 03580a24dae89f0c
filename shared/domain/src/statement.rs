//! What a publisher states about the messages that it sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifiers::BenefitId;
use crate::number_set::NumberSet;
use crate::stamp::ProcessId;
use crate::submitter::Channel;

/// What one process has sent to one channel so far. Cumulative, so a lost statement does no harm:
/// the next says the same and more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The start of the publisher.
    pub process: ProcessId,
    /// The channel.
    pub channel: Channel,
    /// All smaller numbers are decided: confirmed, refused, or never to be confirmed.
    pub decided_below: u64,
    /// Numbers among them that are not confirmed: the broker refused them, or the connection ended
    /// before an answer. Those that an earlier statement, known to be kept, named are left out.
    pub exceptions: NumberSet,
    /// How many of the decided messages are confirmed.
    pub confirmed_messages: u64,
    /// How many applications they hold, withdrawals included.
    pub confirmed_applications: u64,
    /// What the process did beside its messages.
    #[serde(default)]
    pub edge: EdgeCounts,
    /// Applications answered with `202`, by benefit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub benefits: BenefitCounts,
    /// When it was made, by the process's clock.
    pub stated_at: Timestamp,
    /// Whether it is the process's last one: all that it ever sent is decided.
    #[serde(rename = "final")]
    pub is_final: bool,
}

/// How many applications there are of each benefit.
pub type BenefitCounts = BTreeMap<BenefitId, u64>;

/// What a process counts at its edges, for one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeCounts {
    /// Applications and withdrawals answered with `202`.
    pub answered: u64,
    /// Put into the spool, in all.
    pub spool_put: u64,
    /// In the spool now.
    pub spool_held: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_short_json() {
        let statement = Statement {
            process: ProcessId::from_bits(17),
            channel: Channel::Citizen,
            decided_below: 12,
            exceptions: [3, 4, 9].into_iter().collect(),
            confirmed_messages: 9,
            confirmed_applications: 300,
            edge: EdgeCounts {
                answered: 310,
                spool_put: 4,
                spool_held: 2,
            },
            benefits: BenefitCounts::default(),
            stated_at: "2020-04-01T06:00:00Z".parse().unwrap(),
            is_final: false,
        };
        let json = serde_json::to_string(&statement).unwrap();
        assert!(json.len() < 350, "{json}");
        assert!(json.contains(r#""exceptions":"{[3,5),[9,10)}""#), "{json}");
        assert_eq!(serde_json::from_str::<Statement>(&json).unwrap(), statement);
    }
}
