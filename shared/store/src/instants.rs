//! Instants as this program and as the database hold them: `timestamptz` counts microseconds.

use jiff::Timestamp;
use time::OffsetDateTime;

use crate::error::StoreError;

/// The instant, cut to what the database holds.
pub(crate) fn to_database(instant: Timestamp) -> OffsetDateTime {
    // both types reach from the year -9999 to 9999
    OffsetDateTime::from_unix_timestamp_nanos(whole_microseconds(instant))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

pub(crate) fn from_database(instant: OffsetDateTime) -> Result<Timestamp, StoreError> {
    Timestamp::from_nanosecond(instant.unix_timestamp_nanos())
        .map_err(|_| StoreError::unreadable("an instant out of range"))
}

/// The instant as the database will hold it.
pub(crate) fn stored(instant: Timestamp) -> Timestamp {
    Timestamp::from_nanosecond(whole_microseconds(instant)).unwrap_or(instant)
}

/// In nanoseconds since 1970.
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
            assert_eq!(from_database(to_database(instant)).unwrap(), stored(instant));
        }
        for extreme in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(from_database(to_database(extreme)).unwrap(), stored(extreme));
        }
    }
}
