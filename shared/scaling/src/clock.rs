//! The clocks of Italy.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{self, TimeZone};

static ROME: TimeZone = tz::get!("Europe/Rome");

/// Returns the day in Italy.
pub(crate) fn day(at: Timestamp) -> Date {
    at.to_zoned(ROME.clone()).date()
}

/// Writes an instant for a sentence: `08:00 on 1 April (+02:00)`. The offset tells the two hours
/// apart that the October night repeats.
pub(crate) fn written(at: Timestamp) -> String {
    let zoned = at.to_zoned(ROME.clone());
    zoned.strftime("%H:%M on %-d %B (%:z)").to_string()
}
