//! When a benefit is open: its opening, and the daily hours of each channel.
//!
//! Hours are Italian local time. In the March night that skips 02:00 to 03:00, a window lacks these
//! hours. In the October night that repeats them, it is open both times.

use jiff::civil::{Date, Time};
use jiff::tz::{self, TimeZone};
use jiff::{Timestamp, ToSpan as _, Zoned};
use serde::{Serialize, Serializer};
use sportello_domain::{Channel, PerChannel, Reason};
use utoipa::ToSchema;

static ROME: TimeZone = tz::get!("Europe/Rome");

/// When applications are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Opening {
    /// First instant at which applications are accepted.
    #[serde(serialize_with = "serialize_in_rome")]
    #[schema(value_type = String, format = DateTime)]
    pub opens: Timestamp,
    /// First instant at which applications are too late.
    #[serde(serialize_with = "serialize_in_rome")]
    #[schema(value_type = String, format = DateTime)]
    pub closes: Timestamp,
}

/// Daily hours, the first inclusive, the last exclusive; past midnight if `to` is not after `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    from: Time,
    to: Time,
}

/// The daily hours of each channel; a channel without hours is open all day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Windows(pub(crate) PerChannel<Vec<Window>>);

/// A text that is not a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("hours are two times of the day, such as 08:00-16:00")]
pub(crate) struct WindowError;

impl Window {
    /// Parses `HH:MM-HH:MM`; `24:00` is the midnight at which the day ends.
    pub(crate) fn parse(text: &str) -> Result<Self, WindowError> {
        let (from, to) = text.split_once('-').ok_or(WindowError)?;
        let (from, to) = (time(from)?, time(if to == "24:00" { "00:00" } else { to })?);
        if from == to {
            Err(WindowError)
        } else {
            Ok(Self { from, to })
        }
    }

    fn contains(self, time: Time) -> bool {
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }

    /// Returns the window as a benefit's file writes it.
    pub(crate) fn written(self) -> String {
        let time = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
        format!("{}-{}", time(self.from), time(self.to))
    }
}

fn time(text: &str) -> Result<Time, WindowError> {
    let digits = |range| {
        text.get(range)
            .filter(|part: &&str| part.bytes().all(|b| b.is_ascii_digit()))
    };
    let parts = (text.len() == 5 && text.get(2..3) == Some(":"))
        .then(|| Some((digits(0..2)?, digits(3..5)?)))
        .flatten();
    let (hour, minute) = parts.ok_or(WindowError)?;
    let number = |text: &str| text.parse::<i8>().map_err(|_| WindowError);
    Time::new(number(hour)?, number(minute)?, 0, 0).map_err(|_| WindowError)
}

impl Windows {
    /// Returns the hours of a channel; empty if it is open all day.
    pub(crate) fn of(&self, channel: Channel) -> &[Window] {
        &self.0[channel]
    }
}

/// Returns why a channel is closed at an instant, if it is.
pub(crate) fn closed(opening: &Opening, windows: &[Window], at: Timestamp) -> Option<Reason> {
    if at < opening.opens {
        return Some(Reason::BeforeOpening);
    }
    if at >= opening.closes {
        return Some(Reason::AfterClosing);
    }
    let clock = in_rome(at).time();
    let open = windows.is_empty() || windows.iter().any(|window| window.contains(clock));
    (!open).then_some(Reason::OutsideWindow)
}

/// Returns the first instant from `at` on at which a channel is open.
pub(crate) fn next_opening(opening: &Opening, windows: &[Window], at: Timestamp) -> Option<Timestamp> {
    let start = at.max(opening.opens);
    let today = in_rome(start).date();
    // a window may vanish on the day on which the clocks go forward
    let days = (0..3).filter_map(|days| today.checked_add(days.days()).ok());
    let starts = days.flat_map(|day| windows.iter().flat_map(move |window| instants(day, window.from)));
    // and one may begin where the clocks jump
    let jump = ROME
        .following(start)
        .next()
        .map(|transition| transition.timestamp());
    std::iter::once(start)
        .chain(starts)
        .chain(jump)
        .filter(|candidate| *candidate >= start && closed(opening, windows, *candidate).is_none())
        .min()
}

/// Returns the first instant after `at` at which a channel that is open at `at` is closed; nothing
/// if it is closed then.
pub(crate) fn next_closing(opening: &Opening, windows: &[Window], at: Timestamp) -> Option<Timestamp> {
    if closed(opening, windows, at).is_some() {
        return None;
    }
    let today = in_rome(at).date();
    // windows that follow each other may keep it open for days, but windows are the same each day
    let days = (0..3).filter_map(|days| today.checked_add(days.days()).ok());
    let ends = days.flat_map(|day| windows.iter().flat_map(move |window| instants(day, window.to)));
    // and one may end where the clocks jump
    let jump = ROME.following(at).next().map(|transition| transition.timestamp());
    std::iter::once(opening.closes)
        .chain(ends)
        .chain(jump)
        .filter(|candidate| *candidate > at && closed(opening, windows, *candidate).is_some())
        .min()
}

/// Returns the instants of a local time in Italy: two in the repeated hour.
fn instants(day: Date, time: Time) -> impl Iterator<Item = Timestamp> {
    let ambiguous = ROME.to_ambiguous_timestamp(day.to_datetime(time));
    [ambiguous.earlier(), ambiguous.later()].into_iter().flatten()
}

/// Converts an instant to Italian local time.
pub(crate) fn in_rome(at: Timestamp) -> Zoned {
    at.to_zoned(ROME.clone())
}

/// Returns an instant with Italy's offset from UTC.
pub(crate) fn written_in_rome(at: Timestamp) -> String {
    in_rome(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Serialises an instant with Italy's offset from UTC.
pub(crate) fn serialize_in_rome<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&written_in_rome(*at))
}

#[cfg(test)]
mod tests;
