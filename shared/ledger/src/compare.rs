//! Compares what is confirmed with what arrived and with the broker's queues. No input or output.
//!
//! A message that was confirmed before the queues were counted was then in a queue, or is recorded
//! as settled before that: workers record before they acknowledge. So if more confirmed messages
//! are missing than the queues held, the difference is lost, in whatever order they are delivered.
//! If the queues held nothing, exactly the missing ones are lost.
//!
//! The broker counts every five seconds. So what is compared was confirmed ten seconds before a
//! count, and a count of zero that follows a start of the broker is not believed.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sportello_domain::{Channel, PerChannel, ProcessId};
use sportello_store::LedgerState;

use crate::fold;

/// How long something was confirmed before the queues are counted: twice the broker's interval.
const CONFIRMED_BEFORE: Duration = Duration::from_secs(10);
/// Counts without a break, at least.
const READINGS: usize = 3;
/// A broker that has just started may report empty queues while it recovers them.
const RECOVERY: Duration = Duration::from_secs(30);

/// The messages that the broker has in its queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueTotals {
    /// In the queue of each channel, those that workers have in hand included.
    pub channels: PerChannel<u64>,
    /// In the queues of unrouted messages and of dead letters, of either channel.
    pub others: u64,
    /// Time for which each of the broker's nodes has run, at least.
    pub uptime: Duration,
}

/// What was decided before an instant.
struct Baseline {
    at: Instant,
    decided_below: HashMap<(ProcessId, Channel), u64>,
}

/// The readings without a break until now.
#[derive(Default)]
pub struct Comparison {
    readings: VecDeque<Baseline>,
    uptime: Duration,
    since: Option<Timestamp>,
}

impl Comparison {
    /// Compares, and notes in the state what is proved to be lost. `asked_at` is the instant at
    /// which the counting of the queues began: after the statements in `state` were read.
    pub fn compare(&mut self, state: &mut LedgerState, totals: Option<&QueueTotals>, asked_at: Instant) {
        let Some(totals) = totals.filter(|totals| self.is_believed(totals)) else {
            *self = Self::default();
            state.compared_since = None;
            state.letters_kept_since = None;
            for channel in Channel::ALL {
                state.channels[channel].queue_messages = None;
            }
            return;
        };
        self.uptime = totals.uptime;
        self.readings.push_back(Baseline {
            at: Instant::now(),
            decided_below: (state.processes.iter())
                .map(|(key, process)| (*key, process.decided_below))
                .collect(),
        });
        self.since.get_or_insert(state.now);
        let kept_since = state.letters_kept_since.unwrap_or(state.now);
        state.letters_kept_since = (totals.others == 0).then_some(kept_since);
        for (channel, messages) in totals.channels.iter() {
            state.channels[channel].queue_messages = Some(*messages);
        }
        // the newest that is old enough
        let is_old = |one: &Baseline| asked_at.saturating_duration_since(one.at) >= CONFIRMED_BEFORE;
        while self.readings.get(1).is_some_and(is_old) && self.readings.len() > READINGS {
            self.readings.pop_front();
        }
        if let Some(baseline) = self.readings.front().filter(|one| is_old(one))
            && self.readings.len() >= READINGS
        {
            state.compared_since = self.since;
            for channel in Channel::ALL {
                judge(state, channel, baseline, totals.channels[channel] + totals.others);
            }
        }
    }

    /// A broker that has run for less time than at the last reading was started anew.
    fn is_believed(&self, totals: &QueueTotals) -> bool {
        totals.uptime >= RECOVERY && totals.uptime >= self.uptime
    }
}

fn judge(state: &mut LedgerState, channel: Channel, baseline: &Baseline, in_queues: u64) {
    let now = state.now;
    let below = |key: &(ProcessId, Channel)| baseline.decided_below.get(key).copied().unwrap_or(0);
    let of_channel = |key: &(ProcessId, Channel)| key.1 == channel;
    let processes = state.processes.iter().filter(|(key, _)| of_channel(key));
    let missing: u64 = processes
        .map(|(key, process)| fold::missing(process, below(key)).messages)
        .sum();
    let sums = &mut state.channels[channel];
    if in_queues > 0 {
        sums.lost_unnamed = sums.lost_unnamed.max(missing.saturating_sub(in_queues));
        return;
    }
    sums.lost_unnamed = 0;
    for (key, process) in state.processes.iter_mut().filter(|(key, _)| of_channel(key)) {
        fold::lose(process, below(key), now);
    }
}

#[cfg(test)]
mod tests;
