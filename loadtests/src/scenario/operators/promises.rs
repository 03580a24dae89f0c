//! The verdict on both: what the operator saw, and what was known outside.

use super::agreement::{Agreement, faults};
use super::estimates::judged;
use super::setting::Setting;
use super::taken::Taken;
use crate::scenario::run_report::{Event, OperatorSecond, Promise, Second};

/// The audit writes a round in several statements: the equation may not hold while it does.
const IN_A_ROW: usize = 2;
/// Largest error of an estimate.
const ERROR: f64 = 0.2;

/// A run with a console.
pub struct Shown<'a> {
    /// The console of the scenario.
    pub setting: &'a Setting,
    /// All seconds.
    pub seconds: &'a [Second],
    /// All events.
    pub events: &'a [Event],
    /// Seconds in which the rate of arrivals changes.
    pub changes: &'a [usize],
    /// The message that was taken by hand.
    pub taken: Option<&'a Taken>,
}

impl Shown<'_> {
    /// Returns each promise about the console, and whether it was kept.
    #[must_use]
    pub fn promises(&self) -> Vec<Promise> {
        let faults = faults(self.events);
        let found = Agreement::of(self.seconds, &faults, self.setting.behind_s);
        let equation = promise(
            &format!("the equation is never broken for more than {IN_A_ROW} s"),
            (
                found.broken_in_a_row <= IN_A_ROW,
                format!("{} s in a row at most", found.broken_in_a_row),
            ),
        );
        if let Some(taken) = self.taken {
            return self.of_taken(taken).into_iter().chain([equation]).collect();
        }
        let mut promises = Vec::from(self.of_counts(&found));
        promises.extend([
            equation,
            promise(
                "the console shows no loss where nothing is lost",
                (
                    found.lost == 0,
                    format!("{} of {} seconds", found.lost, found.asked),
                ),
            ),
            promise(
                "the automatic never turns round within five minutes",
                (
                    found.turned == 0,
                    format!("{} turns in {} changes", found.turned, found.changes),
                ),
            ),
            self.of_estimates(&faults),
            self.of_the_end(),
        ]);
        promises
    }

    fn of_counts(&self, found: &Agreement) -> [Promise; 3] {
        let behind = self.setting.behind_s;
        let compared = |off: usize| {
            let kept = off == 0 && found.compared > 0;
            (kept, format!("{off} of {} seconds off", found.compared))
        };
        [
            promise(
                &format!("the console counts answers as the outside, at most {behind} s late"),
                compared(found.answered_off),
            ),
            promise(
                &format!("the console counts the register as it is, at most {behind} s late"),
                compared(found.registered_off),
            ),
            promise(
                "the console's backlog is what is accepted and not registered",
                compared(found.backlog_off),
            ),
        ]
    }

    fn of_estimates(&self, faults: &[std::ops::Range<f64>]) -> Promise {
        let mut unsteady = self.changes.to_vec();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "seconds of a run"
        )]
        unsteady.extend(
            (faults.iter())
                .flat_map(|span| [span.start, span.end])
                .filter(|second| second.is_finite())
                .map(|second| second as usize),
        );
        let mut errors: Vec<f64> = (judged(self.seconds, &unsteady).iter())
            .map(|estimate| 100.0 * estimate.error())
            .collect();
        errors.sort_by(f64::total_cmp);
        let at = |place: usize| errors.get(place).copied().unwrap_or_default();
        let (half, largest) = (at(errors.len() / 2), errors.last().copied().unwrap_or_default());
        let kept = largest <= 100.0 * ERROR && errors.len() >= self.setting.estimates;
        let found = match errors.len() {
            0 => "no estimate was steady enough".to_owned(),
            judged => format!("{judged} judged: half within {half:.0} %, all within {largest:.0} %"),
        };
        promise("estimates of the time to drain are within 20 %", (kept, found))
    }

    fn of_the_end(&self) -> Promise {
        let text = "in the end the console shows all that is outside, and nothing that waits";
        let Some(last) = self.last() else {
            return promise(text, (false, "it showed nothing".to_owned()));
        };
        let kept = last.verdict.as_deref() == Some("whole")
            && last.is_whole == Some(true)
            && (last.outstanding, last.spooled) == (Some(0), Some(0))
            && last.registered == last.outside_registered
            && last.answered == Some(last.outside_accepted + last.outside_again);
        let shown = |number: Option<u64>| number.map_or("unknown".to_owned(), |number| number.to_string());
        let found = format!(
            "{}; {} answered of {}, {} registered of {}, {} wait",
            last.verdict.as_deref().unwrap_or("unknown"),
            shown(last.answered),
            last.outside_accepted + last.outside_again,
            shown(last.registered),
            shown(last.outside_registered),
            shown(last.outstanding),
        );
        promise(text, (kept, found))
    }

    fn of_taken(&self, taken: &Taken) -> Vec<Promise> {
        let named = |shown: &OperatorSecond| {
            shown.gap.as_ref().is_some_and(|gap| {
                (&gap.process, &gap.numbers, gap.applications)
                    == (&taken.process, &taken.number, taken.applications)
            })
        };
        let within = self.setting.named_within_s.unwrap_or_default();
        let drained = self.first(|shown| {
            let left = shown
                .outside_registered
                .map(|rows| shown.outside_accepted.saturating_sub(rows));
            shown.outside_accepted > 0 && left == Some(taken.applications)
        });
        let after = |name: &str, is: &dyn Fn(&OperatorSecond) -> bool| {
            let seconds = self
                .first(is)
                .zip(drained)
                .map(|(at, drained)| at.saturating_sub(drained));
            let kept = seconds.is_some_and(|seconds| seconds as f64 <= within);
            let found = seconds.map_or("never".to_owned(), |seconds| format!("{seconds} s"));
            promise(&format!("{name} within {within} s of the drain"), (kept, found))
        };
        vec![
            after(
                "process, number and applications of what was taken are shown",
                &named,
            ),
            after("the metric says that a message is lost", &|shown| {
                shown.metric_lost == Some(1)
            }),
            after("the alert fires", &|shown| shown.alert == Some(true)),
        ]
    }

    fn last(&self) -> Option<&OperatorSecond> {
        self.seconds
            .iter()
            .rev()
            .find_map(|second| second.operator.as_ref())
    }

    fn first(&self, is: impl Fn(&OperatorSecond) -> bool) -> Option<usize> {
        let is = |second: &Second| second.operator.as_ref().is_some_and(&is);
        self.seconds.iter().position(is)
    }
}

fn promise(text: &str, (kept, detail): (bool, String)) -> Promise {
    Promise {
        promise: text.to_owned(),
        kept,
        detail,
    }
}
