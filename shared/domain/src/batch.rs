//! Batches: many applications that an intermediary sends at once.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{BatchId, HolderTag};

/// The place of an application in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRow {
    /// The batch.
    pub id: BatchId,
    /// The row, from 1.
    pub row: u32,
}

/// Proof, once signed, of how many applications of a batch were accepted. It names no person:
/// `holders` are tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchReceipt {
    /// The batch's id.
    #[serde(rename = "jti")]
    pub batch_id: BatchId,
    /// When its last row was answered.
    pub received_at: Timestamp,
    /// Number of rows.
    pub rows: u32,
    /// Number of rows whose application was accepted; each has its own receipt.
    pub accepted: u32,
    /// The parts that it covers, if the file came in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<BatchParts>,
    /// The tags of those who may use the receipt: the submitter.
    pub holders: Vec<HolderTag>,
}

/// Parts of a file that follow each other, numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchParts {
    /// The first of them.
    #[schema(minimum = 1, maximum = 100_000)]
    pub first: u32,
    /// The last of them.
    #[schema(minimum = 1, maximum = 100_000)]
    pub last: u32,
    /// Whether the file ends with the last of them.
    pub end: bool,
    /// The file's row that the first part begins with, from 1.
    #[schema(minimum = 1, maximum = 100_001)]
    pub first_row: u32,
    /// The file's row that the last part ends with; for an empty part, the row before its first.
    #[schema(minimum = 0, maximum = 100_000)]
    pub last_row: u32,
}

/// Why receipts do not add up. The texts name parts by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// No receipt was given.
    #[error("there is no receipt")]
    Empty,
    /// A receipt is for a whole file, or for another batch.
    #[error("a receipt does not belong to a part of this batch")]
    NotAPart,
    /// Parts are missing between others.
    #[error("parts {first} to {last} are missing")]
    Missing {
        /// The first of them.
        first: u32,
        /// The last of them.
        last: u32,
    },
    /// Two receipts share a part, and neither covers all parts of the other.
    #[error("two receipts share part {0}, and neither covers the other")]
    Shared(u32),
    /// A part comes after the last part of the file.
    #[error("part {0} comes after the end")]
    AfterEnd(u32),
    /// The rows of a part do not come after those of the part before it.
    #[error("the rows of part {0} do not come after those of the part before")]
    Rows(u32),
}

impl BatchReceipt {
    /// Whether it covers the whole batch.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.parts.is_none_or(BatchParts::are_all)
    }

    /// Adds up receipts of parts of one batch, in any order. If several receipts cover a part, one
    /// of them counts: the one with most parts, then the one with most accepted rows.
    ///
    /// # Errors
    /// [`JoinError`] if the parts overlap or have gaps.
    pub fn join(receipts: Vec<Self>) -> Result<Self, JoinError> {
        let mut spans = Vec::new();
        for receipt in receipts {
            spans.push((receipt.parts.ok_or(JoinError::NotAPart)?, receipt));
        }
        spans.sort_by_key(|(parts, receipt)| {
            (parts.first, Reverse((parts.last, parts.end, receipt.accepted)))
        });
        let mut spans = spans.into_iter();
        let (mut parts, mut joined) = spans.next().ok_or(JoinError::Empty)?;
        for (next, receipt) in spans {
            if receipt.batch_id != joined.batch_id {
                return Err(JoinError::NotAPart);
            }
            if next.last > parts.last {
                parts = parts.followed_by(next)?;
                joined.rows = joined.rows.saturating_add(receipt.rows);
                joined.accepted = joined.accepted.saturating_add(receipt.accepted);
                joined.received_at = joined.received_at.max(receipt.received_at);
            }
        }
        joined.parts = Some(parts);
        Ok(joined)
    }
}

impl BatchParts {
    /// Whether these are all parts of the file.
    #[must_use]
    pub fn are_all(self) -> bool {
        self.first == 1 && self.end
    }

    fn followed_by(self, next: Self) -> Result<Self, JoinError> {
        let expected = self.last + 1;
        if next.first < expected {
            return Err(JoinError::Shared(next.first));
        }
        if self.end {
            return Err(JoinError::AfterEnd(next.first));
        }
        if next.first > expected {
            return Err(JoinError::Missing {
                first: expected,
                last: next.first - 1,
            });
        }
        if next.first_row <= self.last_row {
            return Err(JoinError::Rows(next.first));
        }
        Ok(Self {
            last: next.last,
            end: next.end,
            last_row: next.last_row,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The receipt of parts with these rows, of which one was refused if there are any.
    fn receipt(first: u32, last: u32, end: bool, first_row: u32, rows: u32) -> BatchReceipt {
        BatchReceipt {
            batch_id: uuid::Uuid::from_u128(7).into(),
            received_at: "2020-04-01T00:00:00Z".parse().unwrap(),
            rows,
            accepted: rows.saturating_sub(1),
            parts: Some(BatchParts {
                first,
                last,
                end,
                first_row,
                last_row: first_row + rows - 1,
            }),
            holders: Vec::new(),
        }
    }

    /// The receipts of parts with these numbers of rows.
    fn receipts(rows: &[u32]) -> Vec<BatchReceipt> {
        let mut first_row = 1;
        let mut receipts = Vec::new();
        for (number, rows) in (1..).zip(rows) {
            receipts.push(receipt(number, number, false, first_row, *rows));
            first_row += rows;
        }
        if let Some(parts) = receipts.last_mut().and_then(|last| last.parts.as_mut()) {
            parts.end = true;
        }
        receipts
    }

    #[test]
    fn the_answer_to_receipts_that_do_not_add_up_says_why() {
        let parts = receipts(&[10, 10, 10, 10]);
        let of = |numbers: &[usize]| numbers.iter().map(|n| parts[n - 1].clone()).collect::<Vec<_>>();
        let with = |numbers: &[usize], more: BatchReceipt| [of(numbers), vec![more]].concat();
        let whole = BatchReceipt {
            parts: None,
            ..parts[0].clone()
        };
        let foreign = BatchReceipt {
            batch_id: uuid::Uuid::from_u128(8).into(),
            ..parts[1].clone()
        };
        for (receipts, error) in [
            (vec![], JoinError::Empty),
            (with(&[1], whole), JoinError::NotAPart),
            (with(&[1], foreign), JoinError::NotAPart),
            (of(&[1, 4]), JoinError::Missing { first: 2, last: 3 }),
            (
                vec![receipt(1, 2, false, 1, 20), receipt(2, 3, false, 11, 20)],
                JoinError::Shared(2),
            ),
            (with(&[3, 4], receipt(5, 5, false, 41, 1)), JoinError::AfterEnd(5)),
            (with(&[1, 2], receipt(3, 3, true, 20, 10)), JoinError::Rows(3)),
        ] {
            assert_eq!(BatchReceipt::join(receipts), Err(error));
        }
        let two = BatchReceipt::join(of(&[2, 3])).unwrap();
        assert!(!two.is_whole());
        // numbers of rows may leave some out, such as blank lines
        let later = BatchReceipt::join(with(&[1, 2], receipt(3, 3, true, 25, 10))).unwrap();
        assert_eq!((later.rows, later.is_whole()), (30, true));
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole_in_any_order_however_often_they_come(
            rows in proptest::collection::vec(1..50_u32, 1..12),
            again in proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..12),
            seed in any::<prop::sample::Index>(),
        ) {
            let single = receipts(&rows);
            let mut sent = single.clone();
            for (index, joined) in again {
                let from = index.index(single.len());
                let to = if joined { single.len() } else { from + 1 };
                sent.push(BatchReceipt::join(single[from..to].to_vec()).unwrap());
            }
            // another answer to the same part, from when its rows were refused
            let mut refused = single[0].clone();
            refused.accepted = 0;
            sent.push(refused);
            let middle = seed.index(sent.len());
            sent.rotate_left(middle);
            sent.reverse();
            let whole = BatchReceipt::join(sent).unwrap();
            prop_assert!(whole.is_whole());
            let all = rows.iter().sum::<u32>();
            prop_assert_eq!(whole.rows, all);
            prop_assert_eq!(whole.accepted, all - u32::try_from(rows.len()).unwrap());
            let parts = whole.parts.unwrap();
            prop_assert_eq!((parts.first_row, parts.last_row), (1, all));
        }
    }
}
