//! The measured drain, from samples of a second.

use sportello_scaling::{Drain, Sample};

fn second(settled: u64, workers: u16) -> Option<Sample> {
    Some(Sample {
        settled,
        outstanding: 10_000,
        workers,
        held_back: false,
    })
}

fn seconds(count: usize, settled: u64, workers: u16) -> Vec<Option<Sample>> {
    vec![second(settled, workers); count]
}

fn median(series: &[Option<Sample>]) -> Option<(u16, f64)> {
    Drain::measure(series).map(|drain| (drain.workers.get(), drain.median.get()))
}

#[test]
fn half_a_minute_of_saturation_is_a_drain() {
    assert_eq!(median(&seconds(29, 100, 2)), None);
    assert_eq!(median(&seconds(30, 100, 2)), Some((2, 100.0)));
    assert_eq!(Drain::measure(&seconds(30, 100, 2)).unwrap().each().get(), 50.0);
}

#[test]
fn only_seconds_with_enough_to_do_count() {
    let starved = |mut sample: Sample| {
        sample.outstanding = sample.settled - 1;
        Some(sample)
    };
    let held_back = |mut sample: Sample| {
        sample.held_back = true;
        Some(sample)
    };
    for spoil in [&starved as &dyn Fn(Sample) -> Option<Sample>, &held_back, &|_| {
        None
    }] {
        let mut series = seconds(30, 100, 2);
        series[15] = spoil(series[15].unwrap());
        assert_eq!(median(&series), None, "two measurements are left");
        series.splice(0..0, seconds(10, 100, 2));
        assert_eq!(median(&series), Some((2, 100.0)));
    }
    assert_eq!(median(&seconds(60, 0, 0)), None, "nobody works");
}

#[test]
fn a_new_number_of_workers_is_measured_by_itself() {
    let mut series = seconds(200, 100, 2);
    series.extend(seconds(20, 180, 4));
    assert_eq!(median(&series), Some((2, 100.0)), "not measured yet");
    series.extend(seconds(10, 180, 4));
    assert_eq!(median(&series), Some((4, 180.0)));
}

#[test]
fn a_range_holds_the_middle_half() {
    let mut series = Vec::new();
    for settled in [10, 20, 30, 40, 50] {
        series.extend(seconds(10, settled, 1));
    }
    let drain = Drain::measure(&series).unwrap();
    let range = [drain.low, drain.median, drain.high].map(|rate| rate.get());
    assert_eq!(range, [20.0, 30.0, 40.0]);
}

#[test]
fn a_drain_that_changed_is_known_within_a_minute() {
    let mut series = seconds(300, 100, 2);
    series.extend(seconds(60, 50, 2));
    assert_eq!(median(&series), Some((2, 50.0)));
    // a small change is part of the range
    let mut series = seconds(300, 100, 2);
    series.extend(seconds(60, 90, 2));
    assert_eq!(median(&series), Some((2, 100.0)));
}

#[test]
fn what_is_older_than_five_minutes_is_forgotten() {
    let mut series = seconds(300, 100, 2);
    series.extend(vec![None; 271]);
    assert_eq!(median(&series), None);
}
