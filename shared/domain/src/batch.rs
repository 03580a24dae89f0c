//! Many applications that an intermediary sends at once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{BatchId, HolderTag};

/// Where an application stood among others that were sent at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRow {
    /// The batch.
    pub id: BatchId,
    /// The row, from 1.
    pub row: u32,
}

/// Proof, once signed, of how many applications of a batch were accepted. It names nobody: `holders` are tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchReceipt {
    /// The batch's id.
    #[serde(rename = "jti")]
    pub batch_id: BatchId,
    /// When its last row was answered.
    pub received_at: Timestamp,
    /// Rows that it had.
    pub rows: u32,
    /// Rows whose application was accepted; each has a receipt of its own.
    pub accepted: u32,
    /// Who may use the receipt: the submitter.
    pub holders: Vec<HolderTag>,
}
