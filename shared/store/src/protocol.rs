//! Protocol numbers: which year an application's number is of, and that the year's sequence is there.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::{self, TimeZone};
use sqlx::PgConnection;

use crate::batch::Registrable;
use crate::connection::Store;
use crate::error::StoreError;

static ROME: TimeZone = tz::get!("Europe/Rome");

/// The calendar year in Italy in which an application was received (D.P.R. 445/2000, art. 57).
pub(crate) fn protocol_year(received_at: Timestamp) -> i16 {
    ROME.to_datetime(received_at).year()
}

/// The sequence that `ensure_protocol_sequence` makes.
pub(crate) fn sequence_name(year: i16) -> String {
    format!("protocol_numbers_{year}")
}

impl Store {
    /// Makes the sequences that the batch needs, once a process.
    pub(crate) async fn ensure_sequences(
        &self,
        connection: &mut PgConnection,
        batch: &[Registrable<'_>],
    ) -> Result<(), StoreError> {
        let needed: BTreeSet<i16> = batch
            .iter()
            .map(|sent| protocol_year(sent.application.received_at))
            .collect();
        let missing: Vec<i16> = needed.difference(&self.known_years()).copied().collect();
        for year in missing {
            sqlx::query!("select ensure_protocol_sequence($1)", year)
                .execute(&mut *connection)
                .await?;
            self.with_years(|years| years.insert(year));
        }
        Ok(())
    }

    /// Makes the process look for the sequences again: the database may have been replaced by a backup.
    pub(crate) fn forget_sequences(&self) {
        self.with_years(BTreeSet::clear);
    }

    fn known_years(&self) -> BTreeSet<i16> {
        self.with_years(|years| years.clone())
    }

    fn with_years<T>(&self, change: impl FnOnce(&mut BTreeSet<i16>) -> T) -> T {
        // a set of numbers is whole whatever panicked while it was locked
        change(
            &mut self
                .years
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_begins_at_midnight_in_italy() {
        let year = |text: &str| protocol_year(text.parse().unwrap());
        assert_eq!(year("2020-12-31T22:59:59.999Z"), 2020);
        assert_eq!(year("2020-12-31T23:00:00Z"), 2021);
        assert_eq!(year("2020-12-31T23:30:00Z"), 2021);
    }
}
