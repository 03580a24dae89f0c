//! Protocol numbers: the year of a number, and the sequence of that year.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::{self, TimeZone};
use sqlx::PgConnection;

use crate::connection::Store;
use crate::error::StoreError;
use crate::registrable::Registrable;

static ROME: TimeZone = tz::get!("Europe/Rome");

/// Returns the calendar year in Italy of the receipt (D.P.R. 445/2000, art. 57).
pub(crate) fn protocol_year(received_at: Timestamp) -> i16 {
    ROME.to_datetime(received_at).year()
}

/// Returns the name of the sequence that `ensure_protocol_sequence` makes.
pub(crate) fn sequence_name(year: i16) -> String {
    format!("protocol_numbers_{year}")
}

impl Store {
    /// Makes the sequences that these applications need, once a process.
    pub(crate) async fn ensure_sequences<'a>(
        &self,
        connection: &mut PgConnection,
        batch: impl Iterator<Item = &'a Registrable<'a>>,
    ) -> Result<(), StoreError> {
        let needed: BTreeSet<i16> = batch
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

    /// Forgets which sequences exist: a backup may have replaced the database.
    pub(crate) fn forget_sequences(&self) {
        self.with_years(BTreeSet::clear);
    }

    fn known_years(&self) -> BTreeSet<i16> {
        self.with_years(|years| years.clone())
    }

    fn with_years<T>(&self, change: impl FnOnce(&mut BTreeSet<i16>) -> T) -> T {
        change(&mut self.years.lock())
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
