//! Records what workers settled.

use sportello_domain::{BenefitCounts, Channel, NumberSet, ProcessId};
use sqlx::PgConnection;

use super::LedgerState;
use crate::arrival::{Arrival, Registration};
use crate::connection::{Store, within_deadline};
use crate::error::{StoreError, stored};

/// What became of applications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettledCounts {
    /// Registered.
    pub new: u64,
    /// On the register already.
    pub existing: u64,
    /// Withdrawals that were processed.
    pub withdrawals: u64,
    /// Dead-lettered.
    pub dead: u64,
}

impl SettledCounts {
    /// Counts registrations.
    #[must_use]
    pub fn of(registrations: &[Registration]) -> Self {
        let is_new = |one: &&Registration| one.arrival == Arrival::New;
        let new = registrations.iter().filter(is_new).count();
        Self {
            new: new as u64,
            existing: (registrations.len() - new) as u64,
            ..Self::default()
        }
    }

    /// Returns all of them.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.new + self.existing + self.withdrawals + self.dead
    }

    /// Adds others.
    pub fn add(&mut self, others: &Self) {
        self.new += others.new;
        self.existing += others.existing;
        self.withdrawals += others.withdrawals;
        self.dead += others.dead;
    }
}

/// Messages that a worker settles together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerArrival {
    /// Their channel.
    pub channel: Channel,
    /// The numbers of each process, each with its number of applications, in order.
    pub numbers: Vec<(ProcessId, Vec<(u64, u32)>)>,
    /// Applications in messages without a number.
    pub unnumbered: u64,
    /// Applications in all the messages, as they were sent.
    pub applications: u64,
    /// Those of each benefit, as far as they could be read; without dead letters that were sent
    /// again.
    pub benefits: BenefitCounts,
    /// What became of them. The database refuses an arrival where that is not all of them.
    pub settled: SettledCounts,
}

impl Store {
    /// Records messages that are settled, in a transaction of its own: before they are
    /// acknowledged, and after everything in them is registered or dead-lettered.
    /// [`Store::register_and_record`] does the same together with registering.
    ///
    /// # Errors
    /// [`StoreError::Fail`] where not all applications of the messages are settled: an error of the
    /// program. [`StoreError::Retry`] while the database is away.
    pub async fn record_arrival(&self, arrival: &LedgerArrival) -> Result<(), StoreError> {
        within_deadline(async {
            let mut connection = self.connection().await?;
            insert_arrival(&mut connection, arrival).await
        })
        .await
    }
}

pub(crate) async fn insert_arrival(
    connection: &mut PgConnection,
    arrival: &LedgerArrival,
) -> Result<(), StoreError> {
    let processes: Vec<i64> = arrival
        .numbers
        .iter()
        .map(|(process, _)| process.to_bits())
        .collect();
    let set = |numbers: &[(u64, u32)]| numbers.iter().map(|(number, _)| *number).collect::<NumberSet>();
    let numbers: Vec<String> = (arrival.numbers.iter())
        .map(|(_, numbers)| set(numbers).to_string())
        .collect();
    let sizes = arrival.numbers.iter().flat_map(|(_, numbers)| numbers);
    let sizes: Vec<i32> = sizes
        .map(|(_, size)| i32::try_from(*size).unwrap_or(i32::MAX))
        .collect();
    let benefits: Vec<String> = arrival.benefits.keys().map(ToString::to_string).collect();
    let of_benefits: Vec<i64> = arrival
        .benefits
        .values()
        .map(|applications| count(*applications))
        .collect();
    let SettledCounts {
        new,
        existing,
        withdrawals,
        dead,
    } = arrival.settled;
    sqlx::query!(
        "
        insert into ledger_arrivals (
            channel, processes, numbers, sizes, unnumbered, applications, new, existing, withdrawals, dead,
            benefits, benefit_applications
        )
        values ($1, $2, $3::text[]::int8multirange[], $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ",
        arrival.channel.as_str(),
        &processes,
        &numbers,
        &sizes,
        count(arrival.unnumbered),
        count(arrival.applications),
        count(new),
        count(existing),
        count(withdrawals),
        count(dead),
        &benefits,
        &of_benefits,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes what workers recorded since the last time.
pub(super) async fn take_arrivals(connection: &mut PgConnection) -> Result<Vec<LedgerArrival>, StoreError> {
    let rows = sqlx::query!(
        r#"
        with taken as (
            delete from ledger_arrivals where entry in (select entry from ledger_arrivals order by entry limit 5000)
            returning *
        )
        select
            channel, processes, numbers::text[] as "numbers!", sizes, unnumbered, applications, new, existing,
            withdrawals, dead, benefits, benefit_applications
        from taken order by entry
        "#
    );
    let rows = rows.fetch_all(connection).await?;
    let arrivals = rows.into_iter().map(|row| {
        Ok(LedgerArrival {
            channel: stored(row.channel.parse(), "a channel")?,
            numbers: numbers(&row.processes, &row.numbers, &row.sizes)?,
            unnumbered: number(row.unnumbered),
            applications: number(row.applications),
            benefits: benefits(&row.benefits, &row.benefit_applications)?,
            settled: SettledCounts {
                new: number(row.new),
                existing: number(row.existing),
                withdrawals: number(row.withdrawals),
                dead: number(row.dead),
            },
        })
    });
    arrivals.collect()
}

/// The numbers of each process, each with its number of applications.
type Numbers = Vec<(ProcessId, Vec<(u64, u32)>)>;

fn numbers(processes: &[i64], numbers: &[String], sizes: &[i32]) -> Result<Numbers, StoreError> {
    let mut sizes = sizes.iter().map(|size| u32::try_from(*size).unwrap_or_default());
    let mut all = Vec::with_capacity(processes.len());
    for (process, set) in processes.iter().zip(numbers) {
        let set: NumberSet = stored(set.parse(), "a set of numbers")?;
        let sized = set
            .iter()
            .map(|number| (number, sizes.next().unwrap_or_default()));
        all.push((ProcessId::from_bits(*process), sized.collect()));
    }
    Ok(all)
}

fn benefits(names: &[String], applications: &[i64]) -> Result<BenefitCounts, StoreError> {
    let named = names.iter().zip(applications);
    named
        .map(|(name, applications)| Ok((stored(name.parse(), "a benefit")?, number(*applications))))
        .collect()
}

/// Converts a count for the database.
pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Converts a count from the database, where none is negative.
pub(super) fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

impl LedgerState {
    /// Returns the processes that arrivals name.
    pub(super) fn named(arrivals: &[LedgerArrival]) -> Vec<(ProcessId, Channel)> {
        let of = |arrival: &LedgerArrival| {
            let channel = arrival.channel;
            let processes = arrival
                .numbers
                .iter()
                .map(move |(process, _)| (*process, channel));
            processes.collect::<Vec<_>>()
        };
        arrivals.iter().flat_map(of).collect()
    }
}
