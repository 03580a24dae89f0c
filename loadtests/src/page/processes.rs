//! Plots of the processes' resources.

use std::collections::BTreeMap;

use super::bins::Bins;
use super::kinds::process_colour;
use super::plot::{Plot, Series, Shape};
use super::plots::{largest, values};
use super::scale::Scale;
use super::summaries;
use super::units::{bytes, figure};
use crate::scenario::run_report::{RunReport, Usage};

/// Most processes with their own colour; the smallest others are shown as one.
const SHOWN: usize = 8;
const OTHERS: &str = "others";

/// Plots used cores, with the machine's total.
pub(crate) fn cores(report: &RunReport, bins: &Bins) -> Plot {
    let series = by_process(bins, |usage| usage.cores, |one, other| one + other);
    let series: Vec<_> = series
        .into_iter()
        .map(|(name, values)| Series {
            colour: process_colour(&name),
            name,
            shape: Shape::Stacked,
            whole: format!("{} on average", figure(average(&values))),
            values,
        })
        .collect();
    let sums = (0..bins.bins.len()).map(|index| {
        let at = series
            .iter()
            .filter_map(|series| series.values.get(index).copied().flatten());
        at.sum::<f64>()
    });
    let cores = report.machine.cores as f64;
    let most = sums.fold(cores, f64::max);
    Plot {
        id: "cores",
        title: "Processor",
        unit: "cores in use, by process",
        summary: summaries::cores(report),
        scale: Scale::linear(most),
        format: figure,
        series,
        level: (cores > 0.0).then(|| (cores, format!("all {} cores", report.machine.cores))),
    }
}

/// Plots resident memory.
pub(crate) fn memory(report: &RunReport, bins: &Bins) -> Plot {
    let series = by_process(bins, |usage| usage.memory_bytes as f64, f64::max);
    let shapes = [Shape::Plain, Shape::Dashed, Shape::Dotted].into_iter().cycle();
    let series: Vec<_> = series
        .into_iter()
        .zip(shapes)
        .map(|((name, values), shape)| {
            let most = values.iter().filter_map(|value| *value).fold(0.0, f64::max);
            let peak = report.peak_memory_bytes.get(&name).map(|peak| *peak as f64);
            Series {
                colour: process_colour(&name),
                name,
                shape,
                whole: format!("{} at most", bytes(peak.unwrap_or(most))),
                values,
            }
        })
        .collect();
    Plot {
        id: "memory",
        title: "Memory",
        unit: "resident, by process",
        summary: summaries::memory(report),
        scale: Scale::linear(largest(&series)),
        format: bytes,
        series,
        level: None,
    }
}

/// Returns a row of values for each process, the largest at the bottom of the stack.
fn by_process(
    bins: &Bins,
    of: fn(&Usage) -> f64,
    together: fn(f64, f64) -> f64,
) -> Vec<(String, Vec<Option<f64>>)> {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for (name, usage) in bins.bins.iter().flat_map(|bin| &bin.processes) {
        *sums.entry(name).or_default() += of(usage);
    }
    let mut order: Vec<_> = sums.into_iter().collect();
    order.sort_by(|one, other| other.1.total_cmp(&one.1));
    let names: Vec<_> = order.iter().map(|(name, _)| *name).collect();
    let (shown, others) = names.split_at(if names.len() > SHOWN {
        SHOWN - 1
    } else {
        names.len()
    });
    let row = |names: &[&str]| {
        values(bins, |bin| {
            let of = names.iter().filter_map(|name| bin.processes.get(*name)).map(of);
            of.reduce(together)
        })
    };
    let mut rows: Vec<_> = shown
        .iter()
        .map(|name| ((*name).to_owned(), row(&[name])))
        .collect();
    if !others.is_empty() {
        rows.push((OTHERS.to_owned(), row(others)));
    }
    rows
}

fn average(values: &[Option<f64>]) -> f64 {
    let known = values.iter().filter_map(|value| *value);
    let (number, sum) = known.fold((0.0, 0.0), |(number, sum), value| (number + 1.0, sum + value));
    if number > 0.0 { sum / number } else { 0.0 }
}
