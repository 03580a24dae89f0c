//! Whose transaction is next: stride scheduling (Waldspurger and Weihl, 1995) in units of applications.
//!
//! Each channel has a *pass*, which grows by what is granted to it, divided by its weight. The lowest pass is next. A
//! channel that has nothing waiting falls behind, and is lifted to the present when it asks again: what it did not use
//! it has not saved up.

use std::collections::{BTreeSet, VecDeque};

use sportello_domain::Channel;

use super::weights::Weights;

/// By how much the pass grows for one application of a channel of weight 1; divided by each weight without much of a
/// rest.
const STRIDE: u64 = 10_080;

/// A place in the schedule, until it is left.
pub(super) type Ticket = u64;

/// Tells whose transaction is next.
#[derive(Debug)]
pub(super) struct Schedule {
    at_once: usize,
    next_ticket: Ticket,
    granted: BTreeSet<Ticket>,
    /// The pass of whoever was granted a turn last.
    now: u64,
    citizen: Share,
    intermediary: Share,
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
            citizen: share(Channel::Citizen),
            intermediary: share(Channel::Intermediary),
        }
    }

    /// Asks for a turn, behind those of the same channel who asked before.
    pub(super) fn ask(&mut self, channel: Channel, applications: usize) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let now = self.now;
        let share = self.share(channel);
        if share.waiting.is_empty() {
            share.pass = share.pass.max(now);
        }
        share.waiting.push_back(Request { ticket, applications });
        self.grant();
        ticket
    }

    /// Whether the ticket's turn has come.
    pub(super) fn is_granted(&self, ticket: Ticket) -> bool {
        self.granted.contains(&ticket)
    }

    /// Ends a turn, or gives up waiting for it, which costs nothing.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        if !self.granted.remove(&ticket) {
            for channel in Channel::ALL {
                self.share(channel)
                    .waiting
                    .retain(|request| request.ticket != ticket);
            }
        }
        self.grant();
    }

    fn share(&mut self, channel: Channel) -> &mut Share {
        match channel {
            Channel::Citizen => &mut self.citizen,
            Channel::Intermediary => &mut self.intermediary,
        }
    }

    /// Grants what is free. Nothing stays free while anybody waits.
    fn grant(&mut self) {
        while self.granted.len() < self.at_once {
            let Some((pass, request)) = self.next() else {
                return;
            };
            self.now = pass;
            self.granted.insert(request.ticket);
        }
    }

    /// Takes the next request away, with the pass that its channel had.
    fn next(&mut self) -> Option<(u64, Request)> {
        let waiting = [&mut self.citizen, &mut self.intermediary].into_iter();
        let waiting = waiting.filter(|share| !share.waiting.is_empty());
        // of two alike the first: citizens
        let share = waiting.min_by_key(|share| share.pass)?;
        let (pass, request) = (share.pass, share.waiting.pop_front()?);
        share.pass += request.applications.max(1) as u64 * STRIDE / share.weight;
        Some((pass, request))
    }
}

#[cfg(test)]
mod tests;
