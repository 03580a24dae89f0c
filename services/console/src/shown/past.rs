//! The seconds of the last hour and the minutes of the last day.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use sportello_domain::Channel;

use crate::views::history::{Column, ColumnName, History};
use crate::views::now::Now;
use crate::views::reading::Reading;

/// Seconds that are kept.
const SECONDS: usize = 3600;
/// Minutes that are kept.
const MINUTES: usize = 24 * 60;
const MINUTE: i64 = 60;

/// The columns, in the order of a point's values.
pub(crate) const COLUMNS: [(ColumnName, Option<Channel>); 15] = {
    use Channel::{Citizen, Intermediary};
    [
        (ColumnName::Arrivals, Some(Citizen)),
        (ColumnName::Arrivals, Some(Intermediary)),
        (ColumnName::Confirms, Some(Citizen)),
        (ColumnName::Confirms, Some(Intermediary)),
        (ColumnName::Settled, Some(Citizen)),
        (ColumnName::Settled, Some(Intermediary)),
        (ColumnName::Outstanding, Some(Citizen)),
        (ColumnName::Outstanding, Some(Intermediary)),
        (ColumnName::OldestAge, Some(Citizen)),
        (ColumnName::OldestAge, Some(Intermediary)),
        (ColumnName::WorkersWanted, None),
        (ColumnName::WorkersRunning, None),
        (ColumnName::WorkersBusy, None),
        (ColumnName::DeadLetters, None),
        (ColumnName::SubmitP99, None),
    ]
};

/// The values of one second or one minute, in the order of [`COLUMNS`].
pub(crate) type Values = [Option<f64>; COLUMNS.len()];

/// The past, of which each reading has a copy.
#[derive(Default)]
pub(crate) struct Past {
    seconds: VecDeque<(i64, Values)>,
    minutes: BTreeMap<i64, Values>,
}

/// A minute that has ended, to be kept in the database.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Minute {
    /// Its beginning, in seconds since 1970.
    pub(crate) at: i64,
    pub(crate) values: Values,
}

impl Past {
    /// Adds a second. Returns the minute before, where this second begins another.
    pub(crate) fn add(&mut self, now: &Now) -> Option<Minute> {
        let at = now.at.as_second();
        let before = self.seconds.back().map(|(second, _)| second.div_euclid(MINUTE));
        let ended = before.filter(|minute| *minute < at.div_euclid(MINUTE));
        let minute = ended.map(|minute| self.mean(minute * MINUTE));
        if let Some(minute) = minute {
            self.take(minute);
        }
        while self.seconds.len() >= SECONDS {
            self.seconds.pop_front();
        }
        self.seconds.push_back((at, values(now)));
        minute
    }

    /// Takes in a minute from the database, or of its own.
    pub(crate) fn take(&mut self, minute: Minute) {
        self.minutes.insert(minute.at, minute.values);
        while self.minutes.len() > MINUTES {
            self.minutes.pop_first();
        }
    }

    /// Returns the mean of each value in the minute that begins at this second.
    fn mean(&self, at: i64) -> Minute {
        let of_it = |second: &&(i64, Values)| (at..at + MINUTE).contains(&second.0);
        let points: Vec<&Values> = self
            .seconds
            .iter()
            .filter(of_it)
            .map(|(_, values)| values)
            .collect();
        let values = std::array::from_fn(|column| mean(points.iter().filter_map(|values| values[column])));
        Minute { at, values }
    }

    /// Returns the seconds from an instant until before another.
    pub(crate) fn seconds(&self, from: Timestamp, to: Timestamp) -> History {
        let wanted = from.as_second()..to.as_second();
        let points = self.seconds.iter().filter(|(at, _)| wanted.contains(at));
        history(1, points.map(|(at, values)| (*at, values)))
    }

    /// Returns the minutes from an instant until before another.
    pub(crate) fn minutes(&self, from: Timestamp, to: Timestamp) -> History {
        let (from, to) = (from.as_second(), to.as_second());
        let wanted = if from < to { from..to } else { from..from };
        history(60, self.minutes.range(wanted).map(|(at, values)| (*at, values)))
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, number) = values.fold((0.0, 0_u32), |(sum, number), value| (sum + value, number + 1));
    (number > 0).then(|| sum / f64::from(number))
}

fn history<'a>(step_seconds: u32, points: impl Iterator<Item = (i64, &'a Values)>) -> History {
    let (at, values): (Vec<i64>, Vec<&Values>) = points.unzip();
    let columns = COLUMNS.iter().enumerate().map(|(index, (name, channel))| Column {
        name: *name,
        channel: *channel,
        values: values.iter().map(|values| values[index]).collect(),
    });
    History {
        step_seconds,
        at,
        columns: columns.collect(),
    }
}

fn values(now: &Now) -> Values {
    COLUMNS.map(|(name, channel)| {
        let of = channel.and_then(|channel| now.channels.iter().find(|it| it.channel == channel));
        match name {
            ColumnName::Arrivals => known(&of?.arrivals_per_second),
            ColumnName::Confirms => known(&of?.confirms_per_second),
            ColumnName::Settled => known(&of?.settled_per_second),
            ColumnName::Outstanding => count(&of?.outstanding),
            ColumnName::OldestAge => known(&of?.oldest_age_seconds),
            ColumnName::WorkersWanted => small(&now.workers.wanted),
            ColumnName::WorkersRunning => small(&now.workers.running),
            ColumnName::WorkersBusy => small(&now.workers.busy),
            ColumnName::DeadLetters => count(&now.dead_letters),
            ColumnName::SubmitP99 => {
                let submit = now.latencies.iter().find(|latency| latency.what == "submit");
                known(&submit?.p99_seconds)
            }
        }
    })
}

fn known(reading: &Reading<f64>) -> Option<f64> {
    reading.known().copied()
}

fn small(reading: &Reading<u16>) -> Option<f64> {
    reading.known().copied().map(f64::from)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a chart has no use for more than 53 bits"
)]
fn count(reading: &Reading<u64>) -> Option<f64> {
    reading.known().map(|count| *count as f64)
}
