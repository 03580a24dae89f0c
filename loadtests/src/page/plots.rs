//! The plots of a run.

use super::bins::{Bin, Bins};
use super::kinds::{KINDS, look, name};
use super::plot::{Plot, Series, Shape};
use super::processes;
use super::scale::Scale;
use super::summaries;
use super::units::{count, figure, milliseconds};
use crate::scenario::run_report::{AnswerKind, Latency, RunReport};

/// Returns all plots of a run, from these bins.
#[must_use]
pub fn all(report: &RunReport, bins: &Bins) -> Vec<Plot> {
    let mut plots = vec![
        arrivals(report, bins),
        latency(report, bins),
        settling(report, bins),
    ];
    plots.push(backlog(report, bins));
    if report.seconds.iter().any(|second| second.spooled.is_some()) {
        plots.push(spool(report, bins));
    }
    plots.push(processes::cores(report, bins));
    plots.push(processes::memory(report, bins));
    plots
}

/// Returns a value of each bin.
pub(crate) fn values(bins: &Bins, value: impl Fn(&Bin) -> Option<f64>) -> Vec<Option<f64>> {
    bins.bins.iter().map(value).collect()
}

pub(crate) fn largest<'a>(series: impl IntoIterator<Item = &'a Series>) -> f64 {
    let values = series.into_iter().flat_map(|series| &series.values);
    values.filter_map(|value| *value).fold(0.0, f64::max)
}

fn arrivals(report: &RunReport, bins: &Bins) -> Plot {
    let a_second = |number: u64, bin: &Bin| Some(number as f64 / bin.seconds as f64);
    let answers = |kind: AnswerKind| {
        let of = |bin: &Bin| bin.answers.get(&kind).copied().unwrap_or_default();
        let whole: u64 = bins.bins.iter().map(of).sum();
        let (colour, shape) = look(kind);
        let series = Series {
            name: name(kind).to_owned(),
            colour,
            shape,
            values: values(bins, |bin| a_second(of(bin), bin)),
            whole: count(whole),
        };
        (whole > 0 || kind == AnswerKind::Accepted).then_some(series)
    };
    let mut series: Vec<_> = KINDS.into_iter().filter_map(answers).collect();
    series.push(Series {
        name: "due".to_owned(),
        colour: "ink",
        shape: Shape::Plain,
        values: values(bins, |bin| a_second(bin.due, bin)),
        whole: count(bins.bins.iter().map(|bin| bin.due).sum()),
    });
    let answered = bins.bins.iter().map(|bin| {
        let answers: u64 = bin.answers.values().sum();
        answers.max(bin.due) as f64 / bin.seconds as f64
    });
    Plot {
        id: "arrivals",
        title: "Arrivals and answers",
        unit: "a second",
        summary: summaries::arrivals(report),
        scale: Scale::linear(answered.fold(0.0, f64::max)),
        format: figure,
        series,
        level: None,
    }
}

fn latency(report: &RunReport, bins: &Bins) -> Plot {
    let line = |name: &str, colour, shape, of: fn(&Latency) -> f64, whole: f64| Series {
        name: name.to_owned(),
        colour,
        shape,
        values: values(bins, |bin| bin.latency.as_ref().map(of)),
        whole: milliseconds(whole),
    };
    let all = &report.latency;
    let series = vec![
        line("p50", "blue", Shape::Plain, |latency| latency.p50_ms, all.p50_ms),
        line(
            "p99",
            "orange",
            Shape::Dashed,
            |latency| latency.p99_ms,
            all.p99_ms,
        ),
        line(
            "longest",
            "red",
            Shape::Dotted,
            |latency| latency.max_ms,
            all.max_ms,
        ),
    ];
    let medians = series.first().into_iter().flat_map(|series| &series.values);
    let shortest = medians.filter_map(|value| *value).fold(f64::INFINITY, f64::min);
    Plot {
        id: "latency",
        title: "Time to the answer",
        unit: "from the intended start, logarithmic",
        summary: summaries::latency(report),
        scale: Scale::log(
            if shortest.is_finite() { shortest } else { 1.0 },
            largest(&series),
        ),
        format: milliseconds,
        series,
        level: None,
    }
}

fn settling(report: &RunReport, bins: &Bins) -> Plot {
    let last = |values: &[Option<f64>]| {
        let known = values.iter().rev().find_map(|value| *value);
        known.map_or_else(|| "not known".to_owned(), figure)
    };
    let line = |name: &str, colour, shape, values: Vec<_>| Series {
        name: name.to_owned(),
        colour,
        shape,
        whole: last(&values),
        values,
    };
    let registered = values(bins, |bin| bin.registered.map(|number| number as f64));
    let accepted = values(bins, |bin| Some(bin.accepted as f64));
    let series = vec![
        line("registered", "green", Shape::Stacked, registered),
        line("accepted", "blue", Shape::Plain, accepted),
    ];
    Plot {
        id: "settling",
        title: "Accepted and registered",
        unit: "applications since the beginning",
        summary: summaries::settling(report),
        scale: Scale::linear(largest(&series)),
        format: figure,
        series,
        level: None,
    }
}

fn backlog(report: &RunReport, bins: &Bins) -> Plot {
    let values = values(bins, |bin| bin.backlog_messages.map(|number| number as f64));
    Plot {
        id: "backlog",
        title: "Backlog in the broker",
        unit: "messages; one may hold many applications",
        summary: summaries::waiting(report, |second| second.backlog_messages, ["message", "messages"]),
        ..waiting("messages", "orange", values)
    }
}

fn spool(report: &RunReport, bins: &Bins) -> Plot {
    let values = values(bins, |bin| bin.spooled.map(|number| number as f64));
    Plot {
        id: "spool",
        title: "Spooled by intake",
        unit: "applications",
        summary: summaries::waiting(report, |second| second.spooled, ["application", "applications"]),
        ..waiting("applications", "sky", values)
    }
}

fn waiting(name: &str, colour: &'static str, values: Vec<Option<f64>>) -> Plot {
    let mut series = Series {
        name: name.to_owned(),
        colour,
        shape: Shape::Stacked,
        values,
        whole: String::new(),
    };
    let most = largest([&series]);
    series.whole = format!("{} at most", figure(most));
    Plot {
        id: "",
        title: "",
        unit: "",
        summary: String::new(),
        scale: Scale::linear(most.max(4.0)),
        format: figure,
        series: vec![series],
        level: None,
    }
}
