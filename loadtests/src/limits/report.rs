//! The results of all turns.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::bench::Measured;
use super::{Contender, Options, Token};
use crate::system::made::{Made, profile};

/// Processes of the table's columns.
const PROCESSES: [&str; 4] = ["loadtests", "contender", "rabbitmq", "postgres"];

/// Ratios to report, with their goals (at least).
const RATIOS: [(Contender, Contender, Option<f64>); 5] = [
    (Contender::Intake, Contender::Naive, Some(1.0)),
    (Contender::Worker, Contender::BareWorker, Some(0.5)),
    (Contender::Intake, Contender::Http, None),
    (Contender::Naive, Contender::Http, None),
    (Contender::Intake, Contender::Broker, None),
];

/// All figures of a run.
#[derive(Debug, Clone, Serialize)]
pub struct LimitsReport {
    /// The machine and the command.
    pub made: Made,
    /// Cores shared by all programs, this one included.
    pub cores: usize,
    /// `debug` or `release`.
    pub profile: &'static str,
    /// Seconds of a turn.
    pub seconds: u64,
    /// Connections over HTTP.
    pub connections: usize,
    /// Signature of the tokens.
    pub token: Token,
    /// Figures of the contenders, in order.
    pub contenders: Vec<Figures>,
    /// Their ratios.
    pub ratios: Vec<Ratio>,
}

/// The figures of one contender.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// The contender.
    pub contender: Contender,
    /// Applications a second of each round, in order.
    pub rounds: Vec<f64>,
    /// Their median.
    pub median: f64,
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
    /// Microseconds of processor time for an application, by process: medians of the rounds.
    pub cpu_us: BTreeMap<&'static str, f64>,
}

/// The ratio of two contenders.
#[derive(Debug, Clone, Serialize)]
pub struct Ratio {
    /// Numerator.
    pub of: Contender,
    /// Denominator.
    pub to: Contender,
    /// The ratio of the medians.
    pub of_medians: f64,
    /// The median of each round's ratio: more robust on a machine that drifts.
    pub median_of_rounds: f64,
    /// The lowest of a round.
    pub min: f64,
    /// The highest of a round.
    pub max: f64,
    /// Goal: at least this.
    pub goal: Option<f64>,
    /// Whether the median of the rounds reaches the goal.
    pub met: Option<bool>,
}

impl LimitsReport {
    pub(super) fn new(options: &Options, turns: &[(Contender, Measured)]) -> Self {
        let of = |contender: Contender| {
            let own: Vec<&Measured> = turns
                .iter()
                .filter(|(of, _)| *of == contender)
                .map(|(_, m)| m)
                .collect();
            (!own.is_empty()).then(|| Figures::new(contender, &own))
        };
        let contenders: Vec<Figures> = Contender::ALL.into_iter().filter_map(of).collect();
        let find = |contender| contenders.iter().find(|figures| figures.contender == contender);
        let ratios = RATIOS
            .iter()
            .filter_map(|(of, to, goal)| Some(Ratio::new(find(*of)?, find(*to)?, *goal)));
        Self {
            made: Made::here(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            profile: profile(),
            seconds: options.seconds.get(),
            connections: options.connections,
            token: options.token,
            ratios: ratios.collect(),
            contenders,
        }
    }

    /// Returns the report as two tables.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "\n{:<22} {:>10} {:>10} {:>10}  ",
            "applications/s", "median", "min", "max"
        );
        // writing to a string does not fail
        let _ = write!(text, "| µs of processor time:");
        for process in PROCESSES {
            let _ = write!(text, " {process:>10}");
        }
        text.push('\n');
        for figures in &self.contenders {
            figures.line(&mut text);
        }
        text.push('\n');
        for ratio in &self.ratios {
            ratio.line(&mut text);
        }
        text
    }
}

impl Figures {
    fn new(contender: Contender, rounds: &[&Measured]) -> Self {
        let rates: Vec<f64> = rounds.iter().map(|round| round.rate()).collect();
        let processes = rounds.iter().flat_map(|round| round.cpu_us().keys().copied());
        let cpu_of = |process| {
            let each = rounds
                .iter()
                .filter_map(|round| round.cpu_us().get(process).copied());
            (process, median(each))
        };
        Self {
            contender,
            median: median(rates.iter().copied()),
            min: rates.iter().copied().fold(f64::INFINITY, f64::min),
            max: rates.iter().copied().fold(0.0, f64::max),
            cpu_us: processes.map(cpu_of).collect(),
            rounds: rates,
        }
    }

    fn line(&self, text: &mut String) {
        let Self {
            contender,
            median,
            min,
            max,
            ..
        } = self;
        let _ = write!(
            text,
            "{contender:<22} {median:>10.0} {min:>10.0} {max:>10.0}  |{:22}",
            ""
        );
        for process in PROCESSES {
            let _ = match self.cpu_us.get(process) {
                Some(cpu_us) => write!(text, " {cpu_us:>10.1}"),
                None => write!(text, " {:>10}", "-"),
            };
        }
        text.push('\n');
    }
}

impl Ratio {
    fn new(of: &Figures, to: &Figures, goal: Option<f64>) -> Self {
        let each: Vec<f64> = of.rounds.iter().zip(&to.rounds).map(|(of, to)| of / to).collect();
        let median_of_rounds = median(each.iter().copied());
        Self {
            of: of.contender,
            to: to.contender,
            of_medians: of.median / to.median,
            median_of_rounds,
            min: each.iter().copied().fold(f64::INFINITY, f64::min),
            max: each.iter().copied().fold(0.0, f64::max),
            goal,
            met: goal.map(|goal| median_of_rounds >= goal),
        }
    }

    fn line(&self, text: &mut String) {
        let _ = write!(
            text,
            "{:<31} of medians {:>5.2}, median of rounds {:>5.2} ({:.2} to {:.2})",
            format!("{} / {}", self.of, self.to),
            self.of_medians,
            self.median_of_rounds,
            self.min,
            self.max,
        );
        if let (Some(goal), Some(met)) = (self.goal, self.met) {
            let _ = write!(text, "; goal {goal:.1}: {}", if met { "met" } else { "missed" });
        }
        text.push('\n');
    }
}

/// Returns the median; of an even number of values, the mean of the middle two.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    f64::midpoint(at(sorted.len().saturating_sub(1) / 2), at(sorted.len() / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert_eq!(median(std::iter::empty()), 0.0);
    }
}
