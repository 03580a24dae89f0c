//! The numbers of the messages in hand, for the ledger.

use std::collections::BTreeMap;

use sportello_domain::{BenefitCounts, BenefitId, Channel, ProcessId};
use sportello_queue::{Decoded, Delivery};
use sportello_store::{LedgerArrival, SettledCounts};

/// The messages of a batch, by number, with how many applications each was sent with.
pub(crate) struct Arrivals {
    channel: Channel,
    numbers: BTreeMap<ProcessId, BTreeMap<u64, u32>>,
    unnumbered: u64,
    applications: u64,
    /// Applications in messages that can't be read, beyond the one dead letter of each.
    unread: u64,
    benefits: BenefitCounts,
}

impl Arrivals {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            channel,
            numbers: BTreeMap::new(),
            unnumbered: 0,
            applications: 0,
            unread: 0,
            benefits: BenefitCounts::default(),
        }
    }

    /// Adds a message, with what was found in it. It counts as many applications as its sender
    /// says, so that one that is not found is missed.
    pub(crate) fn add(&mut self, delivery: &Delivery, found: &Decoded) {
        let declared = delivery.declared_applications().unwrap_or(found.count());
        let size = u32::try_from(declared).unwrap_or(u32::MAX);
        self.applications += u64::from(size);
        if found.poison.iter().any(sportello_queue::Poison::is_whole) {
            self.unread += u64::from(size) - 1;
        }
        let stamp = delivery.stamp().filter(|stamp| stamp.channel == self.channel);
        let taken = stamp.is_some_and(|stamp| {
            let numbers = self.numbers.entry(stamp.process).or_default();
            // a copy that somebody made by hand has no number of its own
            numbers.contains_key(&stamp.number) || numbers.insert(stamp.number, size).is_some()
        });
        if stamp.is_none() || taken {
            self.unnumbered += u64::from(size);
        }
        // what an operator sent again was settled once as a dead letter
        if delivery.letter().is_none() {
            for one in &found.received {
                self.add_benefit(&one.application.application.benefit);
            }
        }
    }

    fn add_benefit(&mut self, benefit: &BenefitId) {
        match self.benefits.get_mut(benefit) {
            Some(count) => *count += 1,
            None => {
                self.benefits.insert(benefit.clone(), 1);
            }
        }
    }

    /// Returns the record of these messages, where they hold applications alone, and all of them
    /// could be read: to be written together with registering them.
    pub(crate) fn together(&self, found: &Decoded) -> Option<LedgerArrival> {
        let alone = found.poison.is_empty() && found.withdrawals.is_empty();
        let all = found.received.len() as u64 == self.applications;
        (alone && all).then(|| self.settled(SettledCounts::default()))
    }

    /// Returns the record of these messages, with what became of their applications. `dead` counts
    /// the dead letters.
    pub(crate) fn settled(&self, settled: SettledCounts) -> LedgerArrival {
        let numbers = self.numbers.iter();
        LedgerArrival {
            channel: self.channel,
            numbers: numbers
                .map(|(process, numbers)| {
                    (
                        *process,
                        numbers.iter().map(|(&number, &size)| (number, size)).collect(),
                    )
                })
                .collect(),
            unnumbered: self.unnumbered,
            applications: self.applications,
            benefits: self.benefits.clone(),
            settled: SettledCounts {
                dead: settled.dead + self.unread,
                ..settled
            },
        }
    }
}
