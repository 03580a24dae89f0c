//! The pool of connections.

use std::collections::BTreeSet;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Postgres};
use tokio::runtime::Handle;

use crate::error::StoreError;

/// The longest that a call may take, whatever the server does: a server whose machine is gone answers nothing, not
/// even that the statement took too long.
const CALL_DEADLINE: Duration = Duration::from_secs(30);

/// Limits of a pool.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// How the connections are called in `pg_stat_activity`.
    pub application_name: String,
    /// Most connections at once.
    pub max_connections: u32,
    /// How long a call waits for a connection, connecting included.
    pub acquire_timeout: Duration,
    /// How long the server works on one statement.
    pub statement_timeout: Duration,
    /// How long a statement waits for a lock.
    pub lock_timeout: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            application_name: "sportello".into(),
            max_connections: 4,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
        }
    }
}

/// A text that is no address of a database. It is not repeated, since it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database's address is not of the form postgres://user:password@host:port/database")]
pub struct InvalidUrl;

/// The benefits database. Clones share the pool.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: PgPool,
    /// The years whose sequence is known to be there.
    pub(crate) years: Arc<Mutex<BTreeSet<i16>>>,
    /// Where the connections live.
    home: Handle,
}

impl Store {
    /// A pool to the database at `url` (`postgres://user:password@host:port/database`). It connects at the first call
    /// and again whenever a connection is lost.
    ///
    /// Must be called on a tokio runtime that outlives every use of the store: connections belong to it, whatever
    /// runtime they are asked from.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub fn connect(url: &str, options: &StoreOptions) -> Result<Self, InvalidUrl> {
        let connection = PgConnectOptions::from_str(url).map_err(|_| InvalidUrl)?;
        let milliseconds = |limit: Duration| limit.as_millis().to_string();
        let connection = connection
            .application_name(&options.application_name)
            .options([
                ("statement_timeout", milliseconds(options.statement_timeout)),
                ("lock_timeout", milliseconds(options.lock_timeout)),
                ("idle_in_transaction_session_timeout", milliseconds(CALL_DEADLINE)),
            ])
            // a slow statement is in the span's duration; sqlx would log its text
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            .connect_lazy_with(connection);
        Ok(Self {
            pool,
            years: Arc::default(),
            home: Handle::current(),
        })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Retry`] where it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        within_deadline(async {
            let mut connection = self.connection().await?;
            sqlx::query!(r#"select 1 as "one!""#)
                .fetch_one(&mut *connection)
                .await?;
            Ok(())
        })
        .await
    }

    /// A connection from the pool. A new one is made on the home runtime: its socket would otherwise die with the
    /// runtime of whoever asked first, such as a thread of an HTTP server, while others are using it.
    pub(crate) async fn connection(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        let pool = self.pool.clone();
        let acquired = self.home.spawn(async move { pool.acquire().await }).await;
        Ok(acquired.map_err(|_| StoreError::Retry("the runtime of the connections has ended".into()))??)
    }

    /// Closes the connections, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// The call's result, or that it took too long. What it was doing is rolled back.
pub(crate) async fn within_deadline<T>(
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(CALL_DEADLINE, call)
        .await
        .unwrap_or_else(|_| Err(StoreError::Retry(format!("no answer within {CALL_DEADLINE:?}"))))
}
