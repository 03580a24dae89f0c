//! What became of the messages of one owner: the publisher's side of the ledger.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sportello_domain::{BenefitCounts, Channel, EdgeCounts, NumberSet, ProcessId, Stamp, Statement};

use super::tail::Tail;

/// Numbers the messages of one process and channel, and keeps what became of them.
pub(super) struct Book {
    process: ProcessId,
    channel: Channel,
    next: u64,
    decided_below: u64,
    /// Decided, while a smaller number is not: the applications of a confirmed message, or none.
    early: BTreeMap<u64, Option<u64>>,
    /// Not confirmed, and in no statement that is known to be kept.
    exceptions: NumberSet,
    confirmed_messages: u64,
    confirmed_applications: u64,
}

impl Book {
    pub(super) fn new(process: ProcessId, channel: Channel) -> Self {
        Self {
            process,
            channel,
            next: 0,
            decided_below: 0,
            early: BTreeMap::new(),
            exceptions: NumberSet::default(),
            confirmed_messages: 0,
            confirmed_applications: 0,
        }
    }

    /// Returns the next number, for a message that is sent for sure.
    pub(super) fn next(&mut self) -> Stamp {
        let number = self.next;
        self.next += 1;
        Stamp {
            process: self.process,
            channel: self.channel,
            number,
        }
    }

    /// Records that a message with so many applications is confirmed, or (`None`) that it is not
    /// and never will be.
    pub(super) fn decide(&mut self, number: u64, confirmed: Option<usize>) {
        self.early
            .insert(number, confirmed.map(|applications| applications as u64));
        while let Some(decided) = self.early.remove(&self.decided_below) {
            match decided {
                Some(applications) => {
                    self.confirmed_messages += 1;
                    self.confirmed_applications += applications;
                }
                None => drop(self.exceptions.insert(self.decided_below)),
            }
            self.decided_below += 1;
        }
    }

    /// Returns how many applications are confirmed, those ahead of an undecided message too.
    pub(super) fn confirmed_applications(&self) -> u64 {
        self.confirmed_applications + self.early.values().flatten().sum::<u64>()
    }

    pub(super) fn statement(&self, edge: EdgeCounts, is_final: bool) -> Statement {
        Statement {
            process: self.process,
            channel: self.channel,
            decided_below: self.decided_below,
            exceptions: self.exceptions.clone(),
            confirmed_messages: self.confirmed_messages,
            confirmed_applications: self.confirmed_applications,
            edge,
            benefits: BenefitCounts::default(),
            stated_at: Timestamp::now(),
            is_final,
        }
    }

    /// Leaves out of later statements what this one, which is kept, has named.
    pub(super) fn is_kept(&mut self, statement: &Statement) {
        statement
            .exceptions
            .ranges()
            .for_each(|range| self.exceptions.remove_range(&range));
    }

    /// Returns what a start after a crash has to know.
    pub(super) fn tail(&self) -> Tail {
        Tail {
            process: self.process,
            next: self.next,
            decided_below: self.decided_below,
            confirmed_messages: self.confirmed_messages,
            confirmed_applications: self.confirmed_applications,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn book() -> Book {
        Book::new(ProcessId::from_bits(1), Channel::Citizen)
    }

    #[test]
    fn a_number_counts_once_all_smaller_ones_are_decided() {
        let mut book = book();
        for _ in 0..4 {
            book.next();
        }
        book.decide(1, Some(64));
        book.decide(3, None);
        let before = book.statement(EdgeCounts::default(), false);
        assert_eq!((before.decided_below, before.confirmed_applications), (0, 0));
        assert_eq!(book.confirmed_applications(), 64);
        book.decide(0, Some(2));
        book.decide(2, Some(3));
        let after = book.statement(EdgeCounts::default(), true);
        assert_eq!((after.decided_below, after.confirmed_messages), (4, 3));
        assert_eq!(after.confirmed_applications, 69);
        assert_eq!(after.exceptions, [3].into_iter().collect());
        book.is_kept(&after);
        assert!(book.statement(EdgeCounts::default(), true).exceptions.is_empty());
    }

    proptest! {
        #[test]
        fn confirmed_and_exceptions_are_all_that_is_decided(
            decided in prop::collection::vec(prop::option::of(1_usize..65), 0..60).prop_shuffle(),
            order in any::<u64>(),
        ) {
            let mut book = book();
            let mut numbers: Vec<u64> = decided.iter().map(|_| book.next().number).collect();
            // any order in which confirms may come
            numbers.sort_by_key(|number| number.wrapping_mul(order | 1).rotate_left(17));
            for number in numbers {
                book.decide(number, decided[usize::try_from(number).unwrap()]);
                let statement = book.statement(EdgeCounts::default(), false);
                let known = statement.confirmed_messages + statement.exceptions.count();
                prop_assert_eq!(known, statement.decided_below);
            }
            let statement = book.statement(EdgeCounts::default(), true);
            prop_assert_eq!(statement.decided_below, decided.len() as u64);
            let applications: usize = decided.iter().flatten().sum();
            prop_assert_eq!(statement.confirmed_applications, applications as u64);
        }
    }
}
