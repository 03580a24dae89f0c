//! What `GET /v1/now` of the console shows, as far as it is compared.

use serde::Deserialize;

use crate::scenario::run_report::{NamedGap, OperatorSecond};

/// A value that may be unknown.
#[derive(Debug, Deserialize)]
struct Reading<T> {
    value: Option<T>,
}

/// One second of the console.
#[derive(Debug, Deserialize)]
pub struct Now {
    ledger: Ledger,
    channels: Vec<Channel>,
    time_to_drain: TimeToDrain,
    workers: Workers,
}

#[derive(Debug, Deserialize)]
struct Ledger {
    verdict: Reading<String>,
    equations: Vec<Equation>,
    gaps: Vec<Gap>,
}

#[derive(Debug, Deserialize)]
struct Equation {
    answered: u64,
    confirmed: u64,
    unconfirmed: u64,
    unnumbered: u64,
    repeated: u64,
    spooled: u64,
    new: u64,
    existing: u64,
    withdrawals: u64,
    dead: u64,
    outstanding: u64,
    lost: u64,
}

#[derive(Debug, Deserialize)]
struct Gap {
    verdict: String,
    process: Option<String>,
    numbers: String,
    applications: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Channel {
    arrivals_per_second: Reading<f64>,
    settled_per_second: Reading<f64>,
    outstanding: Reading<u64>,
    oldest_age_seconds: Reading<f64>,
}

#[derive(Debug, Deserialize)]
struct TimeToDrain {
    state: String,
    least: Option<u64>,
    most: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Workers {
    wanted: Reading<u16>,
    running: Reading<u16>,
    busy: Reading<u16>,
    why: Vec<Why>,
}

#[derive(Debug, Deserialize)]
struct Why {
    code: String,
}

impl Equation {
    fn is_whole(&self) -> bool {
        let came = self.confirmed + self.unconfirmed + self.unnumbered + self.repeated;
        let went = self.new + self.existing + self.withdrawals + self.dead;
        came == went + self.outstanding + self.lost
    }
}

impl Now {
    /// Returns the figures that are compared, both channels together.
    #[must_use]
    pub fn figures(&self) -> OperatorSecond {
        let equations = &self.ledger.equations;
        let sum = |of: fn(&Equation) -> u64| {
            let is_read = !equations.is_empty();
            is_read.then(|| equations.iter().map(of).sum::<u64>())
        };
        let channels = |of: fn(&Channel) -> Option<f64>| self.channels.iter().map(of).sum::<Option<f64>>();
        let mut ages = self.channels.iter().map(|one| one.oldest_age_seconds.value);
        OperatorSecond {
            arrivals: channels(|one| one.arrivals_per_second.value),
            settled: channels(|one| one.settled_per_second.value),
            outstanding: (self.channels.iter())
                .map(|one| one.outstanding.value)
                .sum::<Option<u64>>(),
            spooled: sum(|one| one.spooled),
            oldest_s: ages.try_fold(0.0_f64, |oldest, age| Some(oldest.max(age?))),
            answered: sum(|one| one.answered),
            registered: sum(|one| one.new),
            is_whole: self
                .ledger
                .verdict
                .value
                .is_some()
                .then(|| equations.iter().all(Equation::is_whole)),
            verdict: self.ledger.verdict.value.clone(),
            gap: self.gap(),
            drains_in_s: self.drains_in(),
            wanted: self.workers.wanted.value,
            running: self.workers.running.value,
            busy: self.workers.busy.value,
            reason: self.workers.why.first().map(|why| why.code.clone()),
            ..OperatorSecond::default()
        }
    }

    /// Returns the first loss with a name.
    fn gap(&self) -> Option<NamedGap> {
        let lost = (self.ledger.gaps.iter()).find(|gap| gap.verdict == "lost" && gap.process.is_some())?;
        Some(NamedGap {
            process: lost.process.clone().unwrap_or_default(),
            numbers: lost.numbers.clone(),
            applications: lost.applications.unwrap_or_default(),
        })
    }

    fn drains_in(&self) -> Option<[u64; 2]> {
        match (self.time_to_drain.least, self.time_to_drain.most) {
            (Some(least), Some(most)) if self.time_to_drain.state == "clears" => Some([least, most]),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_unknown_is_no_zero() {
        let unknown = json!({ "unknown_since": "2026-11-30T08:00:00Z" });
        let now = json!({
            "ledger": { "verdict": unknown, "equations": [], "gaps": [] },
            "channels": [{
                "arrivals_per_second": unknown, "settled_per_second": { "value": 2.5 },
                "outstanding": unknown, "oldest_age_seconds": unknown,
            }],
            "time_to_drain": { "state": "unknown" },
            "workers": { "wanted": { "value": 3 }, "running": unknown, "busy": unknown, "why": [] },
        });
        let figures = serde_json::from_value::<Now>(now).unwrap().figures();
        let expected = OperatorSecond {
            settled: Some(2.5),
            wanted: Some(3),
            ..OperatorSecond::default()
        };
        assert_eq!(figures, expected);
    }
}
