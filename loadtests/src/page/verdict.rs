//! The verdict on a run, in a sentence.

use super::units::{count, plural};
use crate::scenario::run_report::{RunReport, Sums};

/// The verdict on a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether every promise was kept; none if no promise was checked.
    pub is_well: Option<bool>,
    /// The same as a sentence.
    pub sentence: String,
}

impl Verdict {
    /// Returns the verdict on a run.
    #[must_use]
    pub fn of(report: &RunReport) -> Self {
        let broken = report.promises.iter().filter(|promise| !promise.kept);
        let broken: Vec<_> = broken.map(|promise| promise.promise.as_str()).collect();
        let unexplained = wrong_sum(&report.sums).filter(|_| broken.is_empty());
        let promises = report.promises.len();
        let (is_well, sentence) = if let Some(wrong) = unexplained {
            (Some(false), format!("The sums are wrong: {wrong}."))
        } else if promises == 0 {
            (None, "No promise was checked.".to_owned())
        } else if broken.is_empty() {
            let all = plural(promises, "promise", "promises");
            (Some(true), format!("Every promise was kept ({all})."))
        } else {
            let were = if broken.len() == 1 { "was" } else { "were" };
            let of = plural(promises, "promise", "promises");
            let which = broken.join("; ");
            (
                Some(false),
                format!("{} of {of} {were} broken: {which}.", broken.len()),
            )
        };
        Self { is_well, sentence }
    }

    /// Returns its class in the page.
    pub(crate) fn class(&self) -> &'static str {
        match self.is_well {
            Some(true) => "well",
            Some(false) => "broken",
            None => "unknown",
        }
    }
}

/// Returns the error in the sums, if any, whatever the promises.
fn wrong_sum(sums: &Sums) -> Option<String> {
    let found = sums.registered + sums.dead_lettered + sums.taken + sums.lost;
    if found != sums.accepted {
        let (accepted, found) = (count(sums.accepted), count(found));
        return Some(format!("{accepted} were accepted and {found} are accounted for"));
    }
    let (lost, twice) = (count(sums.lost), count(sums.twice));
    (sums.lost + sums.twice > 0).then(|| format!("{lost} were lost and {twice} registered twice"))
}

/// Returns whether `accepted` is the sum of the others.
#[must_use]
pub fn adds_up(sums: &Sums) -> bool {
    sums.registered + sums.dead_lettered + sums.taken + sums.lost == sums.accepted
}
