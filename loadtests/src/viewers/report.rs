//! The figures of a measurement.

use std::fmt::Write as _;

use serde::Serialize;

use super::Options;
use crate::scenario::run_report::Promise;

/// No statement of the console takes as long, in milliseconds.
const STATEMENT_MS: f64 = 50.0;
/// What all viewers cost is what one costs, but for so much.
const MORE: f64 = 1.1;

/// All measurements.
#[derive(Debug, Clone, Serialize)]
pub struct ViewersReport {
    /// Viewers.
    pub viewers: u32,
    /// Applications on the register beforehand.
    pub rows: u64,
    /// Citizens who applied each second.
    pub citizens: u32,
    /// Each measurement, in its order.
    pub measured: Vec<Measured>,
}

/// One measurement.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    /// Viewers; none without the console.
    pub viewers: Option<u32>,
    /// Statements of the console's database user.
    pub console_statements_per_second: f64,
    /// The longest of them, in milliseconds.
    pub longest_statement_ms: f64,
    /// The beginning of its text, without values.
    pub longest_statement: String,
    /// Transactions of all users.
    pub transactions_per_second: f64,
    /// Requests of the console for the broker's metrics.
    pub broker_requests_per_second: f64,
    /// Events that a viewer got a second.
    pub frames_per_viewer_second: f64,
    /// Half of intake's answers came within, in milliseconds.
    pub intake_p50_ms: f64,
    /// 99 of 100 came within.
    pub intake_p99_ms: f64,
}

impl Measured {
    /// Returns it in a line.
    #[must_use]
    pub fn line(&self) -> String {
        let viewers = match self.viewers {
            None => "no console".to_owned(),
            Some(viewers) => format!("{viewers} viewers"),
        };
        format!(
            "{viewers:>11}: {:6.1} statements/s, longest {:6.1} ms, {:6.1} transactions/s of all, \
             {:4.1} requests/s at the broker, {:4.2} events/s each; intake {:.1} and {:.1} ms",
            self.console_statements_per_second,
            self.longest_statement_ms,
            self.transactions_per_second,
            self.broker_requests_per_second,
            self.frames_per_viewer_second,
            self.intake_p50_ms,
            self.intake_p99_ms,
        )
    }
}

impl ViewersReport {
    pub(super) fn of(options: &Options) -> Self {
        Self {
            viewers: options.viewers,
            rows: options.rows,
            citizens: options.citizens,
            measured: Vec::new(),
        }
    }

    /// Returns the median of a figure over all rounds.
    fn median(&self, viewers: Option<u32>, of: fn(&Measured) -> f64) -> f64 {
        let measured = self.measured.iter().filter(|one| one.viewers == viewers);
        let mut values: Vec<f64> = measured.map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn longest(&self) -> Option<&Measured> {
        let longest = |one: &&Measured, other: &&Measured| {
            one.longest_statement_ms.total_cmp(&other.longest_statement_ms)
        };
        self.measured.iter().max_by(longest)
    }

    /// Returns each promise, and whether it was kept.
    #[must_use]
    pub fn promises(&self) -> Vec<Promise> {
        let all = Some(self.viewers);
        let same = |text: &str, of: fn(&Measured) -> f64| {
            let (one, all) = (self.median(Some(1), of), self.median(all, of));
            Promise {
                promise: text.to_owned(),
                kept: all <= one * MORE,
                detail: format!("one {one:.1}, all {all:.1} a second"),
            }
        };
        let longest = self.longest();
        vec![
            same("all viewers cost the database what one costs", |one| {
                one.console_statements_per_second
            }),
            same("all viewers cost the broker what one costs", |one| {
                one.broker_requests_per_second
            }),
            Promise {
                promise: format!("no statement of the console takes {STATEMENT_MS} ms"),
                kept: longest.is_some_and(|one| one.longest_statement_ms < STATEMENT_MS),
                detail: longest.map_or_else(String::new, |one| {
                    format!("{:.1} ms: {}", one.longest_statement_ms, one.longest_statement)
                }),
            },
        ]
    }

    /// Returns it for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} applications on the register, {} citizens a second; medians of all rounds\n",
            self.rows, self.citizens
        );
        for viewers in [None, Some(1), Some(self.viewers)] {
            let of = |of| self.median(viewers, of);
            let median = Measured {
                viewers,
                console_statements_per_second: of(|one| one.console_statements_per_second),
                longest_statement_ms: of(|one| one.longest_statement_ms),
                longest_statement: String::new(),
                transactions_per_second: of(|one| one.transactions_per_second),
                broker_requests_per_second: of(|one| one.broker_requests_per_second),
                frames_per_viewer_second: of(|one| one.frames_per_viewer_second),
                intake_p50_ms: of(|one| one.intake_p50_ms),
                intake_p99_ms: of(|one| one.intake_p99_ms),
            };
            // writing to a string does not fail
            let _ = writeln!(text, "{}", median.line());
        }
        for Promise {
            promise,
            kept,
            detail,
        } in self.promises()
        {
            let word = if kept { "kept" } else { "BROKEN" };
            let _ = writeln!(text, "{word:<7} {promise}: {detail}");
        }
        text
    }

    /// Returns whether every promise was kept.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.promises().iter().all(|promise| promise.kept)
    }
}
