//! Compares what the console showed with what was known outside, second by second.

use std::ops::Range;

use crate::scenario::run_report::{Event, OperatorSecond, Second};

/// After a fault the console may need so many seconds to read all again.
const RECOVERY: usize = 15;
/// The automatic never turns round within so many seconds.
const STEADY_SECONDS: usize = 300;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Seconds in which the console's counts were compared: no fault, and nothing unknown.
    pub compared: usize,
    /// Of these: the number of answers was none of the last seconds.
    pub answered_off: usize,
    /// Of these: the number of registered applications was none of the last seconds.
    pub registered_off: usize,
    /// Of these: the backlog does not follow from the numbers of the last seconds.
    pub backlog_off: usize,
    /// Seconds in which the console was asked.
    pub asked: usize,
    /// Seconds in which it did not answer, or knew no backlog.
    pub unknown: usize,
    /// Most seconds in a row in which the equation did not hold.
    pub broken_in_a_row: usize,
    /// Seconds in which a loss was shown.
    pub lost: usize,
    /// Changes of the automatic's number.
    pub changes: usize,
    /// Changes that took back an earlier one too early.
    pub turned: usize,
}

/// The spans in which a fault was there, in seconds; one that was not undone lasts to the end.
#[must_use]
pub fn faults(events: &[Event]) -> Vec<Range<f64>> {
    let mut faults: Vec<(&str, Range<f64>)> = Vec::new();
    for Event { at_s, what } in events {
        let Some((part, deed)) = what.split_once(' ') else {
            continue;
        };
        if let Some(open) = (faults.iter_mut()).find(|(of, span)| *of == part && span.end.is_infinite()) {
            open.1.end = *at_s;
        }
        if ["stopped", "killed", "frozen"].contains(&deed) {
            faults.push((part, *at_s..f64::INFINITY));
        }
    }
    faults.into_iter().map(|(_, span)| span).collect()
}

impl Agreement {
    /// Compares. The console may be behind by so many seconds.
    #[must_use]
    pub fn of(seconds: &[Second], faults: &[Range<f64>], behind: usize) -> Self {
        let mut found = Self::default();
        for (at, second) in seconds.iter().enumerate() {
            let Some(shown) = &second.operator else {
                continue;
            };
            found.asked += 1;
            found.unknown += usize::from(shown.outstanding.is_none());
            found.lost += usize::from(shown.verdict.as_deref() == Some("lost"));
            let since = at.saturating_sub(behind.max(RECOVERY));
            if !faults.iter().any(|span| touches(span, since, at)) {
                found.compare(seconds, at, behind);
            }
        }
        found.broken_in_a_row = longest(seconds, |shown| shown.is_whole == Some(false));
        (found.changes, found.turned) = turns(seconds);
        found
    }

    fn compare(&mut self, seconds: &[Second], at: usize, behind: usize) {
        let outside = |at: usize| seconds.get(at).and_then(|second| second.operator.as_ref());
        let nothing = OperatorSecond {
            outside_registered: Some(0),
            ..OperatorSecond::default()
        };
        let before = at.checked_sub(behind).map_or(Some(&nothing), outside);
        let (Some(before), Some(shown)) = (before, outside(at)) else {
            return;
        };
        // the console is asked first: what it shows may be newer by what was under way
        let after = outside(at + 1).unwrap_or(shown);
        let all = |one: &OperatorSecond| one.outside_accepted + one.outside_again;
        let (Some(was), Some(is)) = (before.outside_registered, after.outside_registered) else {
            return;
        };
        let shown_backlog = shown.outstanding.zip(shown.spooled);
        let (Some(answered), Some(registered), Some((outstanding, spooled))) =
            (shown.answered, shown.registered, shown_backlog)
        else {
            return;
        };
        self.compared += 1;
        self.answered_off += usize::from(!(all(before)..=all(after)).contains(&answered));
        self.registered_off += usize::from(!(was..=is).contains(&registered));
        let least = before.outside_accepted.saturating_sub(is);
        let most = (all(after) + after.outside_in_doubt).saturating_sub(was);
        self.backlog_off += usize::from(!(least..=most).contains(&(outstanding + spooled)));
    }
}

fn touches(span: &Range<f64>, from: usize, to: usize) -> bool {
    span.start <= to as f64 && span.end >= from as f64
}

/// Returns the most seconds in a row in which this holds.
fn longest(seconds: &[Second], is: impl Fn(&OperatorSecond) -> bool) -> usize {
    let (mut longest, mut row) = (0, 0);
    for shown in seconds.iter().filter_map(|second| second.operator.as_ref()) {
        row = if is(shown) { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    longest
}

/// Returns how often the automatic changed its number, and how often it took an earlier change back
/// too early. Numbers that an operator chose are not its own.
fn turns(seconds: &[Second]) -> (usize, usize) {
    let (mut changes, mut turned) = (0, 0);
    let mut number: Option<u16> = None;
    let mut last: Option<(usize, bool)> = None;
    for (at, second) in seconds.iter().enumerate() {
        let Some(shown) = &second.operator else { continue };
        let Some(wanted) = shown.wanted else { continue };
        if shown.reason.as_deref() == Some("manual") {
            (number, last) = (None, None);
            continue;
        }
        let Some(before) = number.replace(wanted).filter(|before| *before != wanted) else {
            continue;
        };
        changes += 1;
        let is_up = wanted > before;
        turned += usize::from(last.is_some_and(|(then, up)| up != is_up && at - then < STEADY_SECONDS));
        last = Some((at, is_up));
    }
    (changes, turned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 are accepted and 80 registered each second; the console is two seconds behind.
    fn day() -> Vec<Second> {
        let second = |at: u64| {
            let late = at.saturating_sub(2);
            Second {
                operator: Some(OperatorSecond {
                    answered: Some(100 * late),
                    registered: Some(80 * late),
                    outstanding: Some(20 * late),
                    spooled: Some(0),
                    is_whole: Some(true),
                    verdict: Some("whole".to_owned()),
                    wanted: Some(1),
                    outside_accepted: 100 * at,
                    outside_registered: Some(80 * at),
                    ..OperatorSecond::default()
                }),
                ..Second::default()
            }
        };
        (0..600).map(second).collect()
    }

    fn shown(seconds: &mut [Second], at: usize) -> &mut OperatorSecond {
        seconds[at].operator.as_mut().unwrap()
    }

    #[test]
    fn a_console_that_is_a_little_behind_agrees() {
        let found = Agreement::of(&day(), &[], 3);
        let expected = Agreement {
            compared: 600,
            asked: 600,
            ..Agreement::default()
        };
        assert_eq!(found, expected);
        let too_late = Agreement::of(&day(), &[], 1);
        assert_eq!((too_late.answered_off, too_late.registered_off), (598, 598));
    }

    #[test]
    fn what_does_not_follow_from_the_outside_is_counted() {
        let mut day = day();
        shown(&mut day, 100).answered = Some(10_500);
        shown(&mut day, 200).registered = Some(0);
        shown(&mut day, 300).outstanding = Some(9_000);
        shown(&mut day, 400).verdict = Some("lost".to_owned());
        for at in 500..504 {
            shown(&mut day, at).is_whole = Some(false);
        }
        let found = Agreement::of(&day, &[], 3);
        assert_eq!(
            (found.answered_off, found.registered_off, found.backlog_off),
            (1, 1, 1)
        );
        assert_eq!((found.lost, found.broken_in_a_row), (1, 4));
    }

    #[test]
    fn nothing_is_compared_during_a_fault_and_its_recovery() {
        let event = |at_s: f64, what: &str| Event {
            at_s,
            what: what.to_owned(),
        };
        let events = [event(100.0, "rabbitmq killed"), event(110.0, "rabbitmq started")];
        let faults = faults(&events);
        assert_eq!(faults, [100.0..110.0]);
        let mut day = day();
        shown(&mut day, 105).answered = Some(0);
        shown(&mut day, 124).answered = Some(0);
        assert_eq!(Agreement::of(&day, &faults, 3).answered_off, 0);
    }

    #[test]
    fn turning_round_within_five_minutes_is_flapping() {
        let mut day = day();
        for (from, workers) in [(100, 4), (500, 3)] {
            (from..600).for_each(|at| shown(&mut day, at).wanted = Some(workers));
        }
        let found = Agreement::of(&day, &[], 3);
        assert_eq!((found.changes, found.turned), (2, 0));
        (520..600).for_each(|at| shown(&mut day, at).wanted = Some(4));
        let found = Agreement::of(&day, &[], 3);
        assert_eq!((found.changes, found.turned), (3, 1));
        for at in 300..560 {
            shown(&mut day, at).reason = Some("manual".to_owned());
        }
        assert_eq!(Agreement::of(&day, &[], 3).turned, 0);
    }
}
