//! A day second by second: applications arrive, workers start and settle, the automatic decides.

use jiff::{SignedDuration, Timestamp};
use sportello_domain::PerChannel;
use sportello_scaling::{
    Ceiling, Decision, Drain, Inputs, Limit, Load, Manual, Observed, Policy, Raise, Rate, Sample, State,
    Target, decide,
};

/// Seconds that a worker takes to start.
const STARTUP: i64 = 10;
/// Applications of a message.
const PACKED: f64 = 16.0;

/// What happens in a simulated day.
pub(crate) struct Day {
    pub policy: Policy,
    pub target: Target,
    pub manual: Option<Manual>,
    /// The calendar's raise at a second.
    pub raise: Box<dyn Fn(i64) -> Option<Raise>>,
    /// Applications that arrive in a second.
    pub arrivals: Box<dyn Fn(i64) -> f64>,
    /// Applications that so many workers can settle in a second.
    pub drain: Box<dyn Fn(i64, u16) -> f64>,
    /// What waits at the beginning.
    pub backlog: f64,
    /// Workers that run at the beginning.
    pub workers: u16,
    /// Whether the broker's messages can be read.
    pub messages: bool,
}

/// One second of a day that was simulated.
pub(crate) struct Moment {
    pub second: i64,
    pub backlog: f64,
    pub decision: Decision,
}

/// When simulated days begin.
pub(crate) fn morning() -> Timestamp {
    "2026-04-01T06:00:00+02:00".parse().unwrap()
}

pub(crate) fn after(seconds: i64) -> Timestamp {
    morning() + SignedDuration::from_secs(seconds)
}

pub(crate) fn rate(per_second: f64) -> Rate {
    Rate::per_second(per_second).unwrap()
}

/// Bounds with a ceiling that operators set.
pub(crate) fn policy(floor: u16, ceiling: u16) -> Policy {
    let ceiling = Ceiling {
        workers: ceiling,
        limit: Limit::Setting,
    };
    Policy::new(floor, ceiling).unwrap()
}

impl Default for Day {
    /// One worker settles 50 a second, nothing arrives, and applications wait 5 minutes at most.
    fn default() -> Self {
        Self {
            policy: policy(1, 20),
            target: Target::NeverBehind { seconds: 300 },
            manual: None,
            raise: Box::new(|_| None),
            arrivals: Box::new(|_| 0.0),
            drain: Box::new(|_, workers| 50.0 * f64::from(workers)),
            backlog: 0.0,
            workers: 1,
            messages: false,
        }
    }
}

impl Day {
    /// Simulates so many seconds.
    pub(crate) fn run(&self, seconds: i64) -> Vec<Moment> {
        let mut state = State::new(self.workers);
        let (mut backlog, mut running) = (self.backlog, self.workers);
        let mut starting: Vec<(i64, u16)> = Vec::new();
        let (mut series, mut moments) = (Vec::new(), Vec::new());
        let mut average = (self.arrivals)(0);
        for second in 0..seconds {
            starting.retain(|(at, workers)| {
                let ready = *at <= second;
                running = if ready { *workers } else { running };
                !ready
            });
            let arrivals = (self.arrivals)(second);
            average += (arrivals - average) / 60.0;
            backlog += arrivals;
            let settled = backlog.min((self.drain)(second, running));
            backlog -= settled;
            series.push(Some(sample(settled, backlog, running)));
            let load = self.load(backlog, average, &series);
            let observed = Observed::count(running);
            let raise = (self.raise)(second);
            let inputs = Inputs {
                policy: &self.policy,
                target: self.target,
                manual: self.manual,
                raise: raise.as_ref(),
                load: Some(&load),
                observed: Some(&observed),
            };
            let (decision, next) = decide(&inputs, &state, after(second));
            state = next;
            match decision.order {
                Some(wanted) if wanted < running => running = wanted,
                Some(wanted) if starting.is_empty() => starting.push((second + STARTUP, wanted)),
                Some(_) | None => {}
            }
            moments.push(Moment {
                second,
                backlog,
                decision,
            });
        }
        moments
    }

    fn load(&self, backlog: f64, arrivals: f64, series: &[Option<Sample>]) -> Load {
        Load {
            backlog: count(backlog),
            messages: self
                .messages
                .then(|| PerChannel::from_fn(|_| count(backlog / PACKED))),
            arrivals: rate(arrivals),
            arrivals_end: None,
            drain: Drain::measure(series),
            saturation: None,
        }
    }
}

fn sample(settled: f64, outstanding: f64, workers: u16) -> Sample {
    Sample {
        settled: count(settled),
        outstanding: count(outstanding),
        workers,
        held_back: false,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of applications"
)]
fn count(applications: f64) -> u64 {
    applications.round() as u64
}

/// The wanted numbers in order, each with the second since which it was wanted.
pub(crate) fn changes(moments: &[Moment]) -> Vec<(i64, u16)> {
    let mut changes: Vec<(i64, u16)> = Vec::new();
    for moment in moments {
        let wanted = moment.decision.wanted;
        if changes.last().is_none_or(|(_, before)| *before != wanted) {
            changes.push((moment.second, wanted));
        }
    }
    changes
}

/// The wanted numbers alone.
pub(crate) fn numbers(moments: &[Moment]) -> Vec<u16> {
    changes(moments).into_iter().map(|(_, wanted)| wanted).collect()
}
