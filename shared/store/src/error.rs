//! Errors of the database.

use std::fmt;

use sportello_domain::ApplicationId;

/// Why a call failed. No text holds personal data: PostgreSQL's own messages may repeat a value, so
/// they are left out if a value is to blame.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Temporary: no connection, no answer in time, a deadlock, no room, a missing schema. Nothing
    /// of the call is known to be stored; the same call may be repeated.
    #[error("the database can't serve the call now, try again later: {0}")]
    Retry(String),
    /// Timeout: a statement, the call or the wait for a lock took too long, or other transactions
    /// interfered again and again. Nothing of the call is known to be stored; a smaller call may
    /// succeed.
    #[error("the database did not finish in time: {0}")]
    TooSlow(String),
    /// Permanent: at least one row breaks a rule of the database. Nothing of the call is stored.
    #[error("the database refuses a row: {0}")]
    Fail(Refusal),
    /// The database holds a value that this version of the program does not know.
    #[error("the database holds {0}, which this version can't read; run the version that wrote it")]
    Unreadable(String),
}

/// The rule that a row breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// PostgreSQL's error code (SQLSTATE), five characters.
    pub code: String,
    /// The constraint's name, if one is to blame.
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
/// A restored sequence lags behind its table: no row is to blame, and the next number may be free.
const PROTOCOL_KEY: &str = "applications_protocol_key";

/// The primary key of the applications.
pub(crate) const APPLICATIONS_KEY: &str = "applications_pkey";

const UNIQUE_VIOLATION: &str = "23505";
/// Forgotten applications keep their id in this table for ever.
const FORGOTTEN: &str = "forgotten_pkey";

impl StoreError {
    pub(crate) fn unreadable(what: impl Into<String>) -> Self {
        Self::Unreadable(what.into())
    }

    /// Refuses a redelivered application that was forgotten: inserting it would bring it back.
    pub(crate) fn forgotten() -> Self {
        Self::Fail(Refusal {
            code: UNIQUE_VIOLATION.into(),
            constraint: Some(FORGOTTEN.into()),
        })
    }

    /// Refuses an id of another person's application: ids are made from submitter and applicant.
    pub(crate) fn taken() -> Self {
        Self::Fail(Refusal {
            code: UNIQUE_VIOLATION.into(),
            constraint: Some(APPLICATIONS_KEY.into()),
        })
    }

    /// Refuses a value that the database can't hold.
    pub(crate) fn cannot_be_sent() -> Self {
        Self::Fail(Refusal {
            code: CANNOT_BE_SENT.into(),
            constraint: None,
        })
    }

    /// Reports an application that should have been loaded and is missing.
    pub(crate) fn vanished(id: ApplicationId) -> Self {
        Self::Retry(format!("application {id} vanished"))
    }

    fn of_database(error: &dyn sqlx::error::DatabaseError) -> Self {
        let code = error.code().unwrap_or_default();
        let constraint = error.constraint();
        if is_a_rows_fault(&code) && constraint != Some(PROTOCOL_KEY) {
            Self::Fail(Refusal {
                code: code.into(),
                constraint: constraint.map(str::to_owned),
            })
        } else if is_too_slow(&code) {
            Self::TooSlow(format!("{} (SQLSTATE {code})", error.message()))
        } else {
            Self::Retry(format!("{} (SQLSTATE {code})", error.message()))
        }
    }
}

/// Returns whether a value caused this SQLSTATE: classes 22 (data exception), 23 (integrity
/// constraint violation) and 54 (program limit exceeded). All others are the state of the server,
/// the connection or the schema.
fn is_a_rows_fault(code: &str) -> bool {
    ["22", "23", "54"].iter().any(|class| code.starts_with(class))
}

/// Returns whether it is `query_canceled` (statement timeout) or `lock_not_available` (lock
/// timeout).
fn is_too_slow(code: &str) -> bool {
    ["57014", "55P03"].contains(&code)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(error) = &error {
            return Self::of_database(error.as_ref());
        }
        if let sqlx::Error::Encode(_) = &error {
            return Self::cannot_be_sent();
        }
        Self::Retry(error.to_string())
    }
}

/// Parses a value of the database; `what` names it in the error.
pub(crate) fn stored<T, E>(parsed: Result<T, E>, what: &str) -> Result<T, StoreError> {
    parsed.map_err(|_| StoreError::unreadable(what))
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
            assert_eq!(is_too_slow(code), code == "57014" || code == "55P03", "{code}");
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
