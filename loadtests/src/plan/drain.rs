//! Arrivals, backlog and drain over a night, in steps.

use serde::Serialize;

use super::curve::Curve;
use super::packing;

/// Length of a step in seconds.
const STEP_S: f64 = 10.0;
/// Less than this many applications is nothing: a rounding, not a person.
const NOTHING: f64 = 0.5;
/// Halvings of the range of rates: to less than a millionth of it.
const HALVINGS: u32 = 40;

/// What arrives, and how it is published.
#[derive(Debug, Clone, Copy)]
pub(super) struct Night {
    pub(super) curve: Curve,
    /// Share of the applications that intermediaries send, in a queue of their own.
    pub(super) intermediaries: f64,
    pub(super) intakes: u32,
    pub(super) shards: u32,
}

/// One instant of the night.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Seconds after the opening.
    pub at_s: f64,
    /// Applications that arrive a second.
    pub arrivals: f64,
    /// Applications registered a second.
    pub registered: f64,
    /// Applications that wait.
    pub backlog: f64,
    /// Messages that hold them.
    pub backlog_messages: f64,
}

/// A night with workers that register at most so many a second.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drained {
    pub(super) points: Vec<Point>,
    pub(super) most_backlog: f64,
    pub(super) most_messages: f64,
    /// Seconds after the opening at which nothing waits any more.
    pub(super) done_s: f64,
    /// Seconds that an application waited at most.
    pub(super) longest_s: f64,
}

impl Night {
    /// Returns messages a second of both channels.
    pub(super) fn messages(&self, applications: f64) -> f64 {
        [1.0 - self.intermediaries, self.intermediaries]
            .map(|share| packing::messages(applications * share, self.intakes, self.shards))
            .iter()
            .sum()
    }

    /// Returns messages a second of the busiest queue's leader, of so many applications a second in
    /// both channels.
    pub(super) fn messages_of_a_leader(&self, applications: f64) -> f64 {
        let busiest = (1.0 - self.intermediaries).max(self.intermediaries);
        packing::messages(applications * busiest, self.intakes, self.shards) / f64::from(self.shards)
    }

    /// Returns all messages of the night: the backlog of a night on which nothing drains.
    pub(super) fn all_messages(&self) -> f64 {
        let steps = steps(self.curve.lasts_s);
        steps
            .map(|at_s| self.messages(self.arrivals(at_s)) * STEP_S)
            .sum()
    }

    /// Returns the mean arrivals a second of the step from an instant on.
    fn arrivals(&self, at_s: f64) -> f64 {
        (self.curve.until(at_s + STEP_S) - self.curve.until(at_s)) / STEP_S
    }

    /// Lets the night pass at this rate, at least until an instant, and then until nothing waits.
    pub(super) fn at_rate(&self, rate: f64, until_s: f64) -> Drained {
        let mut points = Vec::new();
        let (mut backlog, mut messages): (f64, f64) = (0.0, 0.0);
        let (mut most_backlog, mut most_messages, mut done_s): (f64, f64, f64) = (0.0, 0.0, 0.0);
        let end_s = until_s.max(self.curve.lasts_s);
        let last_s = end_s + self.curve.applications / rate.max(1.0);
        for at_s in steps(last_s) {
            if at_s > end_s && backlog < NOTHING {
                break;
            }
            let arrivals = self.arrivals(at_s);
            backlog += arrivals * STEP_S;
            messages += self.messages(arrivals) * STEP_S;
            let registered = backlog.min(rate * STEP_S);
            // the oldest go first; all are taken to be packed as the mean of what waits
            messages *= 1.0 - registered / backlog.max(registered).max(f64::MIN_POSITIVE);
            backlog -= registered;
            if backlog >= NOTHING || arrivals > 0.0 {
                done_s = at_s + STEP_S;
            }
            most_backlog = most_backlog.max(backlog);
            most_messages = most_messages.max(messages);
            points.push(Point {
                at_s,
                arrivals,
                registered: registered / STEP_S,
                backlog,
                backlog_messages: messages,
            });
        }
        Drained {
            points,
            most_backlog,
            most_messages,
            done_s,
            longest_s: most_backlog / rate,
        }
    }

    /// Returns the lowest rate at which everything is registered by an instant, and at most so many
    /// messages wait. `None` if no rate is enough: then the last arrival is too late.
    pub(super) fn needed(&self, by_s: f64, most_messages: f64) -> Option<f64> {
        let is_enough = |rate: f64| {
            let drained = self.at_rate(rate, by_s);
            drained.done_s <= by_s + STEP_S && drained.most_messages <= most_messages
        };
        let (mut low, mut high) = (0.0, self.curve.peak() * 1.01 + 1.0);
        if !is_enough(high) {
            return None;
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if is_enough(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }
}

fn steps(until_s: f64) -> impl Iterator<Item = f64> {
    (0_u32..)
        .map(|step| f64::from(step) * STEP_S)
        .take_while(move |at_s| *at_s < until_s)
}

#[cfg(test)]
mod tests {
    use super::super::curve::{HOUR, MINUTE};
    use super::*;

    fn night() -> Night {
        Night {
            curve: Curve {
                applications: 5_350_000.0,
                lasts_s: 7.5 * HOUR,
                rush_s: 30.0 * MINUTE,
                rush_share: 0.25,
                peak_factor: 2.5,
            },
            intermediaries: 0.15,
            intakes: 2,
            shards: 1,
        }
    }

    #[test]
    fn the_needed_rate_is_enough_and_a_lower_one_is_not() {
        let by_s = 8.0 * HOUR;
        let needed = night().needed(by_s, f64::INFINITY).unwrap();
        assert!(night().at_rate(needed, by_s).done_s <= by_s + STEP_S);
        assert!(night().at_rate(needed * 0.99, by_s).done_s > by_s + STEP_S);
        let sum: f64 = night()
            .at_rate(needed, by_s)
            .points
            .iter()
            .map(|point| point.registered)
            .sum();
        assert!((sum * STEP_S - 5_350_000.0).abs() < 1.0, "{sum}");
    }

    #[test]
    fn fewer_messages_may_wait_at_a_higher_rate_alone() {
        let by_s = 8.0 * HOUR;
        let limits = [f64::INFINITY, 1e6, 1e5, 1e4];
        let needed = limits.map(|limit| night().needed(by_s, limit).unwrap());
        assert!(needed.is_sorted(), "{needed:?}");
        let drained = night().at_rate(needed[2], by_s);
        assert!(drained.most_messages <= 1e5, "{}", drained.most_messages);
    }

    #[test]
    fn applications_after_the_deadline_are_not_registered_by_it() {
        assert_eq!(night().needed(7.0 * HOUR, f64::INFINITY), None);
    }

    #[test]
    fn a_faster_drain_leaves_less_waiting_and_ends_earlier() {
        let nights = [200.0, 300.0, 600.0, 2_000.0].map(|rate| night().at_rate(rate, 0.0));
        assert!(nights.is_sorted_by(|one, next| one.most_backlog >= next.most_backlog));
        assert!(nights.is_sorted_by(|one, next| one.done_s >= next.done_s));
    }
}
