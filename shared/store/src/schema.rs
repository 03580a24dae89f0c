//! The schema and its migrations.

use sqlx::ConnectOptions as _;
use sqlx::migrate::{Migrate as _, MigrateError, Migrator};

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;

static MIGRATOR: Migrator = sqlx::migrate!();

/// PostgreSQL's code for a missing table.
const UNDEFINED_TABLE: &str = "42P01";

/// Why the schema can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A migration that this version needs has not run.
    #[error("migration {0} is missing in the database; run `worker migrate`")]
    Missing(i64),
    /// A migration ran with a text that differs from this version's.
    #[error(
        "migration {0} in the database differs from this version's; migrations never change once they have run"
    )]
    Changed(i64),
    /// A migration failed.
    #[error("migration {version} failed and was rolled back: {reason}")]
    Failed {
        /// Its number.
        version: i64,
        /// The database's message.
        reason: String,
    },
    /// The database can't be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Runs the pending migrations. If several processes call it at once, one runs them and the
    /// others wait. Leaves migrations of a newer version as they are.
    ///
    /// # Errors
    /// [`SchemaError`] if a migration fails or was changed, or the database is away.
    pub async fn migrate(&self) -> Result<(), SchemaError> {
        let options = self.pool.connect_options();
        // other processes wait for the lock, and a migration may rewrite a large table
        let unlimited = options
            .as_ref()
            .clone()
            .options([("statement_timeout", "0"), ("lock_timeout", "0")]);
        let mut connection = unlimited.connect().await.map_err(StoreError::from)?;
        let mut migrator = Migrator::with_migrations(MIGRATOR.iter().cloned().collect());
        migrator.set_ignore_missing(true);
        migrator
            .run_direct(None, &mut connection, false)
            .await
            .map_err(schema_error)
    }

    /// Checks that every migration of this version has run.
    ///
    /// # Errors
    /// [`SchemaError::Missing`] and [`SchemaError::Changed`]; [`SchemaError::Store`] while the
    /// database is away.
    pub async fn check_schema(&self) -> Result<(), SchemaError> {
        let applied = within_deadline(self.applied()).await?;
        for migration in MIGRATOR.iter() {
            match applied.iter().find(|(version, _)| *version == migration.version) {
                None => return Err(SchemaError::Missing(migration.version)),
                Some((version, checksum)) if migration.checksum != *checksum => {
                    return Err(SchemaError::Changed(*version));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Returns numbers and checksums of the migrations that have run.
    async fn applied(&self) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let mut connection = self.connection().await?;
        match connection.list_applied_migrations(&MIGRATOR.table_name).await {
            Ok(applied) => Ok(applied
                .into_iter()
                .map(|m| (m.version, m.checksum.into_owned()))
                .collect()),
            Err(MigrateError::Execute(sqlx::Error::Database(error)))
                if error.code().as_deref() == Some(UNDEFINED_TABLE) =>
            {
                Ok(Vec::new())
            }
            Err(MigrateError::Execute(error)) => Err(error.into()),
            Err(error) => Err(StoreError::Retry(error.to_string())),
        }
    }
}

fn schema_error(error: MigrateError) -> SchemaError {
    if let MigrateError::ExecuteMigration(error, version) = error {
        return SchemaError::Failed {
            version,
            reason: StoreError::from(error).to_string(),
        };
    }
    if let MigrateError::VersionMismatch(version) = error {
        return SchemaError::Changed(version);
    }
    SchemaError::Store(StoreError::Retry(error.to_string()))
}
