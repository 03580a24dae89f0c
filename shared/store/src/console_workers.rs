//! The operators' setting of the workers, and what the automatic remembers.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::Connection as _;

use crate::audit::{self, Deed, Repeated};
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;
use crate::instants::from_database;

/// The setting, and who changed it last.
#[derive(Clone, PartialEq)]
pub struct WorkersSetting {
    /// Counts its changes.
    pub version: i64,
    /// The setting.
    pub setting: Value,
    /// The operator's subject.
    pub operator: String,
    /// The instant of the change.
    pub at: Timestamp,
    /// The reason.
    pub reason: String,
}

impl std::fmt::Debug for WorkersSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WorkersSetting(version {}, ***)", self.version)
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is made.
    Made,
    /// The same request made it before.
    MadeBefore,
    /// The key belongs to another request: nothing is changed.
    KeyReused,
    /// The version is older than what is there: nothing is changed.
    Stale,
}

impl From<Repeated> for Change {
    fn from(repeated: Repeated) -> Self {
        match repeated {
            Repeated::Same(_) => Self::MadeBefore,
            Repeated::Other => Self::KeyReused,
        }
    }
}

impl Store {
    /// Returns the setting; `None` before the first change.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn workers_setting(&self) -> Result<Option<WorkersSetting>, StoreError> {
        let row = within_deadline(async {
            let row = sqlx::query!(
                "select version, setting, operator, at, reason
                from console_workers join console_audit using (entry)"
            );
            Ok(row.fetch_optional(&mut *self.connection().await?).await?)
        })
        .await?;
        row.map(|row| {
            Ok(WorkersSetting {
                version: row.version,
                setting: row.setting,
                operator: row.operator,
                at: from_database(row.at)?,
                reason: row.reason,
            })
        })
        .transpose()
    }

    /// Changes the setting where its version is still `seen`, 0 before the first change, with its
    /// entry in the audit.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Fail`] for a value beyond
    /// its bounds. Nothing is changed.
    pub async fn set_workers(&self, seen: i64, setting: &Value, deed: &Deed) -> Result<Change, StoreError> {
        within_deadline(async {
            let mut connection = self.connection().await?;
            let mut transaction = connection.begin().await?;
            let entry = match audit::add(&mut transaction, deed).await? {
                Ok(entry) => entry,
                Err(repeated) => return Ok(repeated.into()),
            };
            let set = sqlx::query!(
                "insert into console_workers (version, setting, entry) select 1, $2, $3 where $1 = 0::bigint
                on conflict on constraint console_workers_pkey do nothing",
                seen,
                setting,
                entry,
            );
            let mut changed = set.execute(&mut *transaction).await?.rows_affected();
            if seen > 0 {
                let set = sqlx::query!(
                    "update console_workers set version = version + 1, setting = $2, entry = $3 where version = $1",
                    seen,
                    setting,
                    entry,
                );
                changed = set.execute(&mut *transaction).await?.rows_affected();
            }
            if changed == 0 {
                transaction.rollback().await?;
                return Ok(Change::Stale);
            }
            transaction.commit().await?;
            Ok(Change::Made)
        })
        .await
    }

    /// Returns what the automatic remembers, if it ever ran.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn scaling_state(&self) -> Result<Option<Value>, StoreError> {
        within_deadline(async {
            let state = sqlx::query_scalar!("select state from console_scaling");
            Ok(state.fetch_optional(&mut *self.connection().await?).await?)
        })
        .await
    }

    /// Keeps what the automatic remembers.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn keep_scaling_state(&self, state: &Value) -> Result<(), StoreError> {
        within_deadline(async {
            let keep = sqlx::query!(
                "insert into console_scaling (state) values ($1)
                on conflict (one) do update set state = excluded.state, at = clock_timestamp()",
                state
            );
            keep.execute(&mut *self.connection().await?).await?;
            Ok(())
        })
        .await
    }
}
