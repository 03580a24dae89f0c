//! Promises and goals of a run, and their results.

use super::arrivals::exact;
use super::audit::{Audit, Settled};
use super::file::{Deed, PlannedEvent, Scenario, Target};
use super::record::Answers;
use super::tabs::{Tab, are_spread, fullest_second};
use crate::scenario::run_report::{AnswerKind, Goal, Promise, RunReport};
use sportello_stack::Part;

const MIB: f64 = 1_048_576.0;

/// The observations of a run.
pub struct Seen<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The answers.
    pub answers: &'a Answers,
    /// What the tabs of a browser sent and got.
    pub tabs: &'a [Tab],
    /// The end of the backlog.
    pub settled: Settled,
    /// The audit.
    pub audit: &'a Audit,
}

impl Seen<'_> {
    /// Returns each promise and whether it was kept.
    #[must_use]
    pub fn promises(&self) -> Vec<Promise> {
        let mut promises = Vec::from(self.of_what_is_kept());
        promises.extend(self.of_answers());
        if !self.tabs.is_empty() {
            promises.extend(self.of_tabs());
        }
        promises.push(self.of_the_backlog());
        promises
    }

    fn of_what_is_kept(&self) -> [Promise; 6] {
        let sums = &self.audit.sums;
        [
            promise(
                "every application with a 202 is registered",
                sums.lost,
                sums.accepted,
            ),
            promise("nothing is registered twice", sums.twice, sums.registered),
            promise(
                "no application is in the dead letters",
                sums.dead_lettered,
                sums.accepted,
            ),
            promise(
                "the register holds what was sent, under the ids and times of the receipts, and nothing else",
                sums.other_findings,
                sums.registered,
            ),
            promise(
                "every receipt is signed by the office",
                sums.receipts_bad,
                sums.receipts_checked,
            ),
            promise(
                "only its holder can read the status of an application",
                sums.statuses_bad,
                sums.statuses_checked,
            ),
        ]
    }

    fn of_answers(&self) -> Vec<Promise> {
        let total = self.answers.latency.count;
        let count = |kind| self.answers.kinds.get(&kind).copied().unwrap_or_default();
        let within = self.scenario.promises.answer_within_ms;
        let mut promises = vec![
            promise(
                &format!("every answer comes within {within} ms"),
                self.answers.late,
                total,
            ),
            promise(
                "every answer is one that the API promises",
                count(AnswerKind::Wrong),
                total,
            ),
            promise(
                "every request gets an answer in time",
                count(AnswerKind::TimedOut),
                total,
            ),
        ];
        if !self.ends_intake() {
            let broken = count(AnswerKind::Broken);
            promises.push(promise("no connection ends without an answer", broken, total));
        }
        if self.scenario.promises.all_accepted {
            let sent_away = count(AnswerKind::TooMany) + count(AnswerKind::Unavailable);
            promises.push(promise("no valid request is refused", sent_away, total));
        }
        promises
    }

    fn of_tabs(&self) -> [Promise; 4] {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let without = self.tabs.iter().filter(|tab| !tab.has_one_receipt());
        let early = self.tabs.iter().map(Tab::too_early).sum();
        let (fullest, all) = fullest_second(self.tabs);
        let tabs = count(self.tabs.len());
        [
            promise(
                "each tab has one receipt, for one key, without another click",
                count(without.count()),
                tabs,
            ),
            promise("no tab tries again before Retry-After", count(early), count(all)),
            Promise {
                promise: "no second has more than 30 % of the tabs' further tries".to_owned(),
                kept: are_spread(self.tabs),
                detail: format!("{fullest} of {all} in the fullest"),
            },
            promise(
                "what the tabs have receipts for is registered once",
                self.audit.tabs_not_once,
                tabs,
            ),
        ]
    }

    fn of_the_backlog(&self) -> Promise {
        let left = self.settled.backlog.queued;
        Promise {
            promise: format!(
                "the backlog is empty within {} s",
                self.scenario.promises.drained_within_s
            ),
            kept: self.settled.at.is_some() && left == 0,
            detail: if left == 0 {
                String::new()
            } else {
                format!("{left} messages are left")
            },
        }
    }

    fn ends_intake(&self) -> bool {
        let ends = |event: &PlannedEvent| {
            event.part == Target::Part(Part::Intake) && matches!(event.deed, Deed::Kill | Deed::Stop)
        };
        self.scenario.events.iter().any(ends)
    }
}

/// Makes a promise that is kept if there are no cases against it.
fn promise(text: &str, cases: u64, of: u64) -> Promise {
    Promise {
        promise: text.to_owned(),
        kept: cases == 0,
        detail: if cases == 0 {
            String::new()
        } else {
            format!("{cases} of {of}")
        },
    }
}

/// Returns each goal with its figure; `goodput` if a capacity was multiplied.
#[must_use]
pub fn goals(scenario: &Scenario, report: &RunReport, goodput: Option<f64>) -> Vec<Goal> {
    let wanted = &scenario.goals;
    let mut goals = Vec::new();
    let mut goal = |name: String, measured: f64, goal: Option<f64>, at_least: bool| {
        goals.extend(goal.map(|goal| Goal {
            name,
            measured,
            goal,
            at_least,
        }));
    };
    goal(
        "99 of 100 accepted within, ms".into(),
        report.accepted_latency.p99_ms,
        wanted.p99_ms,
        false,
    );
    goal(
        "everything settled after, s".into(),
        report.settled_after_s,
        wanted.settled_s,
        false,
    );
    if let Some(goodput) = goodput {
        goal(
            "goodput under flood ÷ capacity".into(),
            goodput,
            wanted.goodput,
            true,
        );
    }
    for (process, most) in &wanted.memory_mib {
        let peak = report.peak_memory_bytes.get(process).copied().unwrap_or_default();
        goal(
            format!("most memory of {process}, MiB"),
            exact(peak) / MIB,
            Some(*most),
            false,
        );
    }
    goals
}
