//! What the database can answer instead of doing it.

use std::fmt;

/// Why the database did not do it. No text holds personal data: PostgreSQL's own messages, which may repeat a value,
/// are left out where a value is to blame.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not now: no connection, no answer in time, a deadlock, no room, a schema that is not there. Nothing of the
    /// call is known to be stored; the same call may be made again.
    #[error("the database can't do it now, so try again later: {0}")]
    Retry(String),
    /// Never: at least one of the rows is against the rules of the database. Nothing of the call is stored.
    #[error("the database refuses a row: {0}")]
    Fail(Refusal),
    /// The database holds something that this version of the program does not know.
    #[error("the database holds {0}, which this version can't read; run the version that wrote it")]
    Unreadable(String),
}

/// The rule that a row is against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// PostgreSQL's error code (SQLSTATE), five characters.
    pub code: String,
    /// The constraint's name, where one is to blame.
    pub constraint: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.constraint {
            Some(constraint) => write!(f, "constraint {constraint} (SQLSTATE {})", self.code),
            None => write!(f, "SQLSTATE {}", self.code),
        }
    }
}

/// A value that can't be sent at all has no SQLSTATE; this one is "invalid parameter value".
const CANNOT_BE_SENT: &str = "22023";
/// A restored sequence that lags behind its table: no row is to blame, and the next number may be free.
const PROTOCOL_KEY: &str = "applications_protocol_key";

const UNIQUE_VIOLATION: &str = "23505";
/// What is not kept any more has its id there for ever.
const FORGOTTEN: &str = "forgotten_pkey";

impl StoreError {
    pub(crate) fn unreadable(what: impl Into<String>) -> Self {
        Self::Unreadable(what.into())
    }

    /// A row of an application that is not kept any more, delivered again: putting it there would bring it back.
    pub(crate) fn forgotten() -> Self {
        Self::Fail(Refusal {
            code: UNIQUE_VIOLATION.into(),
            constraint: Some(FORGOTTEN.into()),
        })
    }

    fn of_database(error: &dyn sqlx::error::DatabaseError) -> Self {
        let code = error.code().unwrap_or_default();
        let constraint = error.constraint();
        if is_a_rows_fault(&code) && constraint != Some(PROTOCOL_KEY) {
            Self::Fail(Refusal {
                code: code.into(),
                constraint: constraint.map(str::to_owned),
            })
        } else {
            Self::Retry(format!("{} (SQLSTATE {code})", error.message()))
        }
    }
}

/// Classes of SQLSTATE that a value can cause: 22 data exception, 23 integrity constraint violation, 54 program
/// limit exceeded. Everything else is the state of the server, the connection or the schema.
fn is_a_rows_fault(code: &str) -> bool {
    ["22", "23", "54"].iter().any(|class| code.starts_with(class))
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(error) = &error {
            return Self::of_database(error.as_ref());
        }
        if let sqlx::Error::Encode(_) = &error {
            return Self::Fail(Refusal {
                code: CANNOT_BE_SENT.into(),
                constraint: None,
            });
        }
        Self::Retry(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_value_can_cause_is_a_rows_fault() {
        for code in ["22021", "22P05", "23505", "23514", "54000"] {
            assert!(is_a_rows_fault(code), "{code}");
        }
        for code in [
            "08006", "25006", "28P01", "40001", "40P01", "42P01", "53100", "53200", "53300", "55P03",
            "57014", "57P01", "57P02", "57P03", "57P05", "58030", "XX000", "",
        ] {
            assert!(!is_a_rows_fault(code), "{code}");
        }
    }

    #[test]
    fn what_the_client_can_not_reach_is_tried_again() {
        for error in [
            sqlx::Error::PoolTimedOut,
            sqlx::Error::PoolClosed,
            sqlx::Error::WorkerCrashed,
        ] {
            assert!(matches!(StoreError::from(error), StoreError::Retry(_)));
        }
    }
}
