//! Stride scheduling (Waldspurger and Weihl, 1995) in units of applications: it chooses the next
//! transaction.
//!
//! Each channel has a *pass*, which grows by the applications granted to it, divided by its weight.
//! The lowest pass is next. The pass of an idle channel is lifted to the present when it asks
//! again: an idle channel earns no credit.

use std::collections::{BTreeSet, VecDeque};

use sportello_domain::{Channel, PerChannel};

use super::weights::Weights;

/// Growth of the pass for one application of a channel of weight 1; divisible by most weights with
/// little remainder.
const STRIDE: u64 = 10_080;

/// A place in the schedule, until it is left.
pub(super) type Ticket = u64;

/// Chooses the next transaction.
#[derive(Debug)]
pub(super) struct Schedule {
    at_once: usize,
    next_ticket: Ticket,
    granted: BTreeSet<Ticket>,
    /// The pass of the last granted turn.
    now: u64,
    shares: PerChannel<Share>,
}

#[derive(Debug)]
struct Share {
    weight: u64,
    pass: u64,
    waiting: VecDeque<Request>,
}

#[derive(Debug)]
struct Request {
    ticket: Ticket,
    applications: usize,
}

impl Schedule {
    pub(super) fn new(at_once: usize, weights: Weights) -> Self {
        let share = |channel| Share {
            weight: u64::from(weights.of(channel)),
            pass: 0,
            waiting: VecDeque::new(),
        };
        Self {
            at_once,
            next_ticket: 0,
            granted: BTreeSet::new(),
            now: 0,
            shares: PerChannel::from_fn(share),
        }
    }

    /// Asks for a turn, behind the earlier requests of the same channel.
    pub(super) fn ask(&mut self, channel: Channel, applications: usize) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let now = self.now;
        let share = &mut self.shares[channel];
        if share.waiting.is_empty() {
            share.pass = share.pass.max(now);
        }
        share.waiting.push_back(Request { ticket, applications });
        self.grant();
        ticket
    }

    /// Returns whether the ticket's turn has come.
    pub(super) fn is_granted(&self, ticket: Ticket) -> bool {
        self.granted.contains(&ticket)
    }

    /// Ends a turn, or gives up waiting for it, which costs nothing.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        if !self.granted.remove(&ticket) {
            for channel in Channel::ALL {
                self.shares[channel]
                    .waiting
                    .retain(|request| request.ticket != ticket);
            }
        }
        self.grant();
    }

    /// Grants the free turns. No turn stays free while a request waits.
    fn grant(&mut self) {
        while self.granted.len() < self.at_once {
            let Some((pass, request)) = self.next() else {
                return;
            };
            self.now = pass;
            self.granted.insert(request.ticket);
        }
    }

    /// Removes the next request, with the pass that its channel had.
    fn next(&mut self) -> Option<(u64, Request)> {
        let waiting = self.shares.iter().filter(|(_, share)| !share.waiting.is_empty());
        // of two equal passes the first: citizens
        let (channel, _) = waiting.min_by_key(|(_, share)| share.pass)?;
        let share = &mut self.shares[channel];
        let (pass, request) = (share.pass, share.waiting.pop_front()?);
        share.pass += request.applications.max(1) as u64 * STRIDE / share.weight;
        Some((pass, request))
    }
}

#[cfg(test)]
mod tests;
