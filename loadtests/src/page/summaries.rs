//! Summaries of the plots in words.

use super::units::{bytes, clock, count, duration, figure, milliseconds, share};
use crate::scenario::run_report::{AnswerKind, RunReport, Second};

/// Returns the largest value of a second, and its time.
fn most<T: PartialOrd + Copy>(report: &RunReport, of: impl Fn(&Second) -> Option<T>) -> Option<(T, String)> {
    let mut found: Option<(T, usize)> = None;
    for (index, second) in report.seconds.iter().enumerate() {
        if let Some(value) = of(second)
            && found.is_none_or(|(largest, _)| value > largest)
        {
            found = Some((value, index));
        }
    }
    found.map(|(value, index)| (value, clock(index as f64)))
}

/// Returns the busiest second: the attempts due, and its time.
pub(crate) fn busiest(report: &RunReport) -> Option<(u32, String)> {
    most(report, |second| Some(second.due))
}

pub(crate) fn arrivals(report: &RunReport) -> String {
    let Some((due, at)) = busiest(report) else {
        return String::new();
    };
    let all: u64 = report.seconds.iter().map(|second| u64::from(second.due)).sum();
    let answers: u64 = report.answers.values().sum();
    let of = |kind| report.answers.get(&kind).copied().unwrap_or_default();
    let accepted = of(AnswerKind::Accepted) + of(AnswerKind::AcceptedAgain);
    format!(
        "{} attempts were due, {} of them in the busiest second, at {at}. {} of {} answers accepted an application.",
        count(all),
        count(u64::from(due)),
        share(accepted, answers),
        count(answers),
    )
}

pub(crate) fn latency(report: &RunReport) -> String {
    let all = &report.latency;
    let longest = most(report, |second| second.latency.map(|latency| latency.max_ms));
    let Some((longest, at)) = longest else {
        return String::new();
    };
    format!(
        "Half of all answers came within {}, 99 of 100 within {}. The longest took {} and came at {at}.",
        milliseconds(all.p50_ms),
        milliseconds(all.p99_ms),
        milliseconds(all.max_ms.max(longest)),
    )
}

pub(crate) fn settling(report: &RunReport) -> String {
    let sums = &report.sums;
    let mut accepted = 0;
    let mut widest: Option<(u64, usize)> = None;
    for (index, second) in report.seconds.iter().enumerate() {
        accepted += u64::from(
            second
                .answers
                .get(&AnswerKind::Accepted)
                .copied()
                .unwrap_or_default(),
        );
        let Some(registered) = second.registered else {
            continue;
        };
        let between = accepted.saturating_sub(registered);
        if widest.is_none_or(|(most, _)| between > most) {
            widest = Some((between, index));
        }
    }
    let widest = widest.map(|(between, index)| {
        let at = clock(index as f64);
        format!(" At most {} were on their way, at {at}.", count(between))
    });
    format!(
        "In the end {} were accepted and {} registered, {} after the first arrival.{}",
        count(sums.accepted),
        count(sums.registered),
        duration(report.settled_after_s),
        widest.unwrap_or_default(),
    )
}

pub(crate) fn waiting(report: &RunReport, of: fn(&Second) -> Option<u64>, [one, many]: [&str; 2]) -> String {
    let Some((largest, at)) = most(report, of) else {
        return String::new();
    };
    if largest == 0 {
        return format!("No {one} ever waited.");
    }
    let last = report.seconds.iter().rev().find_map(of).unwrap_or_default();
    let unknown = report
        .seconds
        .iter()
        .filter(|second| of(second).is_none())
        .count();
    let word = |number: u64| if number == 1 { one } else { many };
    let end = if last == 0 {
        "none at the end".to_owned()
    } else {
        format!("{} at the end", count(last))
    };
    let unknown = match unknown {
        0 => String::new(),
        seconds => format!(" For {} it was not known.", duration(seconds as f64)),
    };
    format!(
        "{} {} at most, at {at}; {end}.{unknown}",
        count(largest),
        word(largest)
    )
}

pub(crate) fn cores(report: &RunReport) -> String {
    let sum = |second: &Second| {
        let cores = second.processes.values().map(|usage| usage.cores);
        (!second.processes.is_empty()).then(|| cores.sum::<f64>())
    };
    let Some((largest, at)) = most(report, sum) else {
        return String::new();
    };
    let all: Vec<_> = report.seconds.iter().filter_map(sum).collect();
    let average = all.iter().sum::<f64>() / all.len() as f64;
    format!(
        "{} of {} cores on average, {} at most, at {at}. The load generator is one of the processes.",
        figure(average),
        report.machine.cores,
        figure(largest),
    )
}

pub(crate) fn memory(report: &RunReport) -> String {
    let mut peaks: Vec<_> = report.peak_memory_bytes.iter().collect();
    peaks.sort_by_key(|(_, peak)| std::cmp::Reverse(**peak));
    let peaks = peaks
        .iter()
        .map(|(name, peak)| format!("{name} {}", bytes(**peak as f64)));
    let peaks: Vec<_> = peaks.collect();
    if peaks.is_empty() {
        return String::new();
    }
    format!("The most that each had: {}.", peaks.join(", "))
}
