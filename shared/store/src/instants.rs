//! Converts instants between this program and the database: `timestamptz` counts microseconds.

use jiff::Timestamp;
use jiff::civil::Date;
use time::OffsetDateTime;

use crate::error::StoreError;

/// Converts an instant, cut to microseconds.
pub(crate) fn to_database(instant: Timestamp) -> Result<OffsetDateTime, StoreError> {
    // both types cover the years -9999 to 9999
    OffsetDateTime::from_unix_timestamp_nanos(whole_microseconds(instant))
        .map_err(|_| StoreError::cannot_be_sent())
}

/// Converts a day for the database.
pub(crate) fn date_to_database(date: Date) -> Result<time::Date, StoreError> {
    let month = u8::try_from(date.month())
        .ok()
        .and_then(|month| time::Month::try_from(month).ok());
    let day = u8::try_from(date.day()).ok();
    month
        .zip(day)
        .and_then(|(month, day)| time::Date::from_calendar_date(date.year().into(), month, day).ok())
        .ok_or_else(StoreError::cannot_be_sent)
}

pub(crate) fn date_from_database(date: time::Date) -> Result<Date, StoreError> {
    let parts = (
        i16::try_from(date.year()),
        i8::try_from(u8::from(date.month())),
        i8::try_from(date.day()),
    );
    let (Ok(year), Ok(month), Ok(day)) = parts else {
        return Err(StoreError::unreadable("a day out of range"));
    };
    Date::new(year, month, day).map_err(|_| StoreError::unreadable("a day out of range"))
}

pub(crate) fn from_database(instant: OffsetDateTime) -> Result<Timestamp, StoreError> {
    Timestamp::from_nanosecond(instant.unix_timestamp_nanos())
        .map_err(|_| StoreError::unreadable("an instant out of range"))
}

/// Returns the instant as the database will hold it: whole microseconds.
pub(crate) fn stored(instant: Timestamp) -> Timestamp {
    Timestamp::from_nanosecond(whole_microseconds(instant)).unwrap_or(instant)
}

/// Returns nanoseconds since 1970, cut to whole microseconds.
fn whole_microseconds(instant: Timestamp) -> i128 {
    i128::from(instant.as_microsecond()) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_keep_their_microseconds_only() {
        for text in ["2020-04-01T06:00:00.123456789Z", "1969-12-31T23:59:59.999999999Z"] {
            let instant: Timestamp = text.parse().unwrap();
            assert_eq!(
                from_database(to_database(instant).unwrap()).unwrap(),
                stored(instant)
            );
        }
        for extreme in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(
                from_database(to_database(extreme).unwrap()).unwrap(),
                stored(extreme)
            );
        }
    }

    #[test]
    fn days_are_read_back() {
        for text in ["1900-01-01", "2000-02-29", "2099-12-31"] {
            let day: Date = text.parse().unwrap();
            assert_eq!(date_from_database(date_to_database(day).unwrap()).unwrap(), day);
        }
    }
}
