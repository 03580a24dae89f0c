//! What was measured at each size of the register.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::page::units::{bytes, count, figure};
use crate::system::made::Made;

/// Relations shown in the terminal.
const RELATIONS_SHOWN: usize = 12;
/// Statements shown in the terminal, of each user.
const STATEMENTS_SHOWN: usize = 5;

/// A measurement of a register that grows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegisterReport {
    /// The machine and the command.
    pub made: Made,
    /// PostgreSQL's settings that decide, by name.
    pub settings: BTreeMap<String, String>,
    /// Bytes of an application in a shared message.
    pub message_bytes: f64,
    /// The register at each size, growing.
    pub fills: Vec<Fill>,
}

/// The register at one size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fill {
    /// Applications on the register before the measurement.
    pub rows: u64,
    /// Rows that one `insert` of many added a second, up to this size.
    pub filled_per_second: f64,
    /// The shipped worker registers applications of new persons.
    pub registering: Registering,
    /// Tables and indexes, largest first.
    pub relations: Vec<Relation>,
    /// Statements of each user while one viewed the console, citizens applied and holders read.
    pub statements: Vec<Statement>,
    /// A retention that has ended, if it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgetting: Option<Forgetting>,
}

/// What registering costs at a size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registering {
    /// Applications that were drained.
    pub applications: u64,
    /// Applications a second.
    pub per_second: f64,
    /// Microseconds of PostgreSQL's processor time for an application.
    pub postgres_us: f64,
    /// Microseconds of the worker's.
    pub worker_us: f64,
    /// Bytes of write-ahead log for an application, right after a checkpoint.
    pub log_bytes: f64,
}

/// A table or an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Its name.
    pub name: String,
    /// Whether it is an index.
    pub is_index: bool,
    /// Its size on disk.
    pub bytes: u64,
}

/// A statement as `pg_stat_statements` counted it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The service whose user sent it.
    pub user: String,
    /// How often.
    pub calls: u64,
    /// Mean milliseconds.
    pub mean_ms: f64,
    /// Milliseconds of the longest.
    pub longest_ms: f64,
    /// Pages of 8 KiB that it touched, in the mean.
    pub pages: f64,
    /// The beginning of its text.
    pub text: String,
}

/// What forgetting costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forgetting {
    /// Applications that were forgotten.
    pub applications: u64,
    /// Applications a second.
    pub per_second: f64,
}

impl Fill {
    /// Returns the bytes of all tables and indexes, or of indexes alone.
    #[must_use]
    pub fn bytes(&self, indexes_alone: bool) -> u64 {
        let counts = |relation: &&Relation| relation.is_index || !indexes_alone;
        self.relations
            .iter()
            .filter(counts)
            .map(|relation| relation.bytes)
            .sum()
    }
}

impl RegisterReport {
    /// Returns the report for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "\n{} bytes of a message for each application\n",
            figure(self.message_bytes)
        );
        for fill in &self.fills {
            fill.write(&mut text);
        }
        text
    }
}

impl Fill {
    fn write(&self, text: &mut String) {
        let Registering {
            applications,
            per_second,
            postgres_us,
            worker_us,
            log_bytes,
        } = &self.registering;
        // writing to a string does not fail
        let _ = writeln!(
            text,
            "\n{} applications on the register (filled at {} a second): {}, of it indexes {}",
            count(self.rows),
            figure(self.filled_per_second),
            bytes(self.bytes(false) as f64),
            bytes(self.bytes(true) as f64),
        );
        let _ = writeln!(
            text,
            "{} more at {} a second: PostgreSQL {} µs, worker {} µs, log {} bytes each",
            count(*applications),
            figure(*per_second),
            figure(*postgres_us),
            figure(*worker_us),
            figure(*log_bytes),
        );
        if let Some(Forgetting {
            applications,
            per_second,
        }) = &self.forgetting
        {
            let _ = writeln!(
                text,
                "{} forgotten, {} a second",
                count(*applications),
                figure(*per_second)
            );
        }
        for relation in self.relations.iter().take(RELATIONS_SHOWN) {
            let _ = writeln!(
                text,
                "  {:<42} {:>10}",
                relation.name,
                bytes(relation.bytes as f64)
            );
        }
        let mut users: Vec<&str> = self.statements.iter().map(|statement| &*statement.user).collect();
        users.dedup();
        for user in users {
            let of_user = self.statements.iter().filter(|statement| statement.user == user);
            for statement in of_user.take(STATEMENTS_SHOWN) {
                let _ = writeln!(
                    text,
                    "  {user:<9} {:>9.2} ms at most, {:>8.2} in the mean of {:>7}, {:>6.0} pages: {}",
                    statement.longest_ms, statement.mean_ms, statement.calls, statement.pages, statement.text,
                );
            }
        }
    }
}
