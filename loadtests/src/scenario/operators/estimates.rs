//! The console's estimates of the time to drain, beside the time that it took.

use crate::scenario::arrivals::exact;
use crate::scenario::run_report::Second;

/// The estimate looks at the arrivals and the drain of about a minute: these have to be steady for
/// two.
const STEADY: usize = 120;
/// So long the same workers have to run.
const SAME_WORKERS: usize = 60;
/// A shorter time is not judged: the console looks once a second.
const SHORTEST: usize = 20;
/// What is on its way in a second in which nothing waits: the arrivals of so many seconds.
const ON_THE_WAY: usize = 3;

/// An estimate, and what it was of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The second in which it was shown.
    pub at: usize,
    /// The middle of the range that was shown, in seconds.
    pub said: f64,
    /// The seconds that it took.
    pub took: f64,
}

impl Estimate {
    /// Returns its error as a share of what it took.
    #[must_use]
    pub fn error(&self) -> f64 {
        (self.said - self.took).abs() / self.took
    }
}

/// Returns the estimates that can be judged: arrivals and workers were steady before, and until
/// nothing waited. `unsteady` are the seconds in which the arrivals changed or a fault was there.
#[must_use]
pub fn judged(seconds: &[Second], unsteady: &[usize]) -> Vec<Estimate> {
    let judge = |at: usize| {
        let shown = seconds[at].operator.as_ref()?;
        let [least, most] = shown.drains_in_s?;
        let drained = (at..seconds.len()).find(|second| is_drained(seconds, *second))?;
        let is_steady = |since: usize| !unsteady.iter().any(|second| (since..=drained).contains(second));
        let same = |second: &Second| {
            let running = second.operator.as_ref().map(|other| other.running);
            running.is_none_or(|running| running == shown.running)
        };
        let judged = drained - at >= SHORTEST
            && at >= STEADY
            && is_steady(at - STEADY)
            && seconds[at - SAME_WORKERS..=drained].iter().all(same);
        judged.then(|| Estimate {
            at,
            said: (exact(least) + exact(most)) / 2.0,
            took: exact((drained - at) as u64),
        })
    };
    (0..seconds.len()).filter_map(judge).collect()
}

/// Whether no more waits outside than what is on its way. Unknown is no.
fn is_drained(seconds: &[Second], at: usize) -> bool {
    let accepted = |at: usize| seconds[at].operator.as_ref().map(|one| one.outside_accepted);
    let registered = seconds[at]
        .operator
        .as_ref()
        .and_then(|one| one.outside_registered);
    let (Some(now), Some(registered)) = (accepted(at), registered) else {
        return false;
    };
    let before = accepted(at.saturating_sub(ON_THE_WAY)).unwrap_or(now);
    now.saturating_sub(registered) <= now - before.min(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::run_report::OperatorSecond;

    /// 100 come each second and 200 are settled, of 20,000 that wait after the first minute; the
    /// console shows what `says` makes of the seconds that are left.
    fn drain(says: impl Fn(u64) -> u64) -> Vec<Second> {
        let second = |at: u64| {
            let accepted = 20_000 + 100 * at;
            let left = 200_u64.saturating_sub(at);
            Second {
                operator: Some(OperatorSecond {
                    outside_accepted: accepted,
                    outside_registered: Some(accepted - 100 * left),
                    drains_in_s: (left > 0).then(|| [says(left), says(left)]),
                    running: Some(2),
                    ..OperatorSecond::default()
                }),
                ..Second::default()
            }
        };
        (0..230).map(second).collect()
    }

    #[test]
    fn estimates_are_judged_by_when_nothing_waited() {
        let right = judged(&drain(|left| left), &[]);
        // from the third minute on, and until 20 s are left
        assert_eq!((right.first().unwrap().at, right.last().unwrap().at), (120, 177));
        assert!(right.iter().all(|one| one.error() < 0.2), "{right:?}");
        let wrong = judged(&drain(|left| 2 * left), &[]);
        assert!(wrong.iter().all(|one| one.error() > 0.8), "{wrong:?}");
    }

    #[test]
    fn nothing_is_judged_while_something_changes() {
        assert_eq!(judged(&drain(|left| left), &[100, 190]), []);
        let mut other_workers = drain(|left| left);
        other_workers[150].operator.as_mut().unwrap().running = Some(3);
        assert_eq!(judged(&other_workers, &[]), []);
    }
}
