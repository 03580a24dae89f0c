//! The pool of connections.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Postgres, Transaction};
use tokio::runtime::Handle;

use crate::error::StoreError;
use crate::hosts::Hosts;

/// Deadline of a call. A server whose machine is gone sends nothing, not even its own timeout.
const CALL_DEADLINE: Duration = Duration::from_secs(30);

/// Limits of a pool.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Name of the connections in `pg_stat_activity`.
    pub application_name: String,
    /// Most connections at once.
    pub max_connections: u32,
    /// Longest wait for a connection, connecting included.
    pub acquire_timeout: Duration,
    /// Longest run of one statement on the server.
    pub statement_timeout: Duration,
    /// Longest wait of a statement for a lock.
    pub lock_timeout: Duration,
    /// Whether a connection to another machine may be unencrypted.
    pub allow_clear_text: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            application_name: "sportello".into(),
            max_connections: 4,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            allow_clear_text: false,
        }
    }
}

/// An unusable address of a database. The error never repeats it, because it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// It can't be parsed.
    #[error(
        "the database's address is not of the form postgres://user:password@host:port/database, with commas between \
         several hosts"
    )]
    Form,
    /// The connection could be unencrypted. Without a setting, the server decides.
    #[error(
        "the connection to the database on another machine could be in clear text: add \
         ?sslmode=verify-full to its address (and &sslrootcert=FILE where its authority is your own), or set \
         ALLOW_CLEAR_TEXT=true where the network is trusted"
    )]
    ClearText,
}

/// The benefits database. Clones share the pool.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: PgPool,
    /// The years whose sequence is known to exist.
    pub(crate) years: Arc<Mutex<BTreeSet<i16>>>,
    hosts: Arc<Hosts>,
    /// The runtime that owns the connections.
    home: Handle,
}

impl Store {
    /// Makes a pool for the database at `url` (`postgres://user:password@host:port/database`, with
    /// commas between several hosts). It connects at the first call, and again after a connection
    /// is lost; of several hosts, to the one that can be written to.
    ///
    /// Call it on a tokio runtime that outlives the store: the connections belong to that runtime,
    /// whichever runtime uses them.
    ///
    /// # Errors
    /// [`InvalidUrl`] for an address that can't be used.
    pub fn connect(url: &str, options: &StoreOptions) -> Result<Self, InvalidUrl> {
        let milliseconds = |limit: Duration| limit.as_millis().to_string();
        let set = |host: PgConnectOptions| {
            host.application_name(&options.application_name)
                .options([
                    ("statement_timeout", milliseconds(options.statement_timeout)),
                    ("lock_timeout", milliseconds(options.lock_timeout)),
                    ("idle_in_transaction_session_timeout", milliseconds(CALL_DEADLINE)),
                ])
                // the span's duration shows a slow statement; sqlx would log its text
                .disable_statement_logging()
        };
        let hosts = Hosts::parse(url, set).ok_or(InvalidUrl::Form)?;
        if !options.allow_clear_text && hosts.all().iter().any(may_be_clear_text) {
            return Err(InvalidUrl::ClearText);
        }
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout);
        let pool = hosts.pool(pool);
        Ok(Self {
            pool,
            years: Arc::default(),
            hosts: Arc::new(hosts),
            home: Handle::current(),
        })
    }

    /// Checks that the database answers.
    ///
    /// # Errors
    /// [`StoreError::Retry`] if it does not.
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

    /// Returns a connection from the pool. New ones are made on the home runtime. Otherwise a
    /// socket would die with the runtime of its first user, such as an HTTP server's thread, while
    /// others use it.
    pub(crate) async fn connection(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        let (pool, hosts) = (self.pool.clone(), Arc::clone(&self.hosts));
        let acquiring = async move { hosts.acquired(&pool, pool.acquire()).await };
        let acquired = self.home.spawn(acquiring).await;
        Ok(acquired.map_err(|_| StoreError::Retry("the runtime of the connections has ended".into()))??)
    }

    /// Begins a transaction that owns its connection.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let (pool, hosts) = (self.pool.clone(), Arc::clone(&self.hosts));
        let beginning = async move { hosts.acquired(&pool, pool.begin()).await };
        let begun = self.home.spawn(beginning).await;
        Ok(begun.map_err(|_| StoreError::Retry("the runtime of the connections has ended".into()))??)
    }

    /// Closes the connections, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Returns whether traffic to another machine could be unencrypted.
fn may_be_clear_text(connection: &PgConnectOptions) -> bool {
    let host = connection
        .get_host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    let is_loopback = host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let is_here = is_loopback || host == "localhost" || host.starts_with('/');
    let is_encrypted = matches!(
        connection.get_ssl_mode(),
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull
    );
    !is_here && !is_encrypted && connection.get_socket().is_none()
}

/// Returns the call's result, or an error after the deadline; its transaction is then rolled back.
pub(crate) async fn within_deadline<T>(
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(CALL_DEADLINE, call)
        .await
        .unwrap_or_else(|_| Err(StoreError::TooSlow(format!("no answer within {CALL_DEADLINE:?}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn clear_text_leaves_this_machine_only_by_consent() {
        let connect = |url: &str, allow_clear_text| {
            let options = StoreOptions {
                allow_clear_text,
                ..StoreOptions::default()
            };
            Store::connect(url, &options).err()
        };
        for clear in ["", "?sslmode=prefer", "?sslmode=allow", "?sslmode=disable"] {
            let url = format!("postgres://u:p@db.example/d{clear}");
            assert_eq!(connect(&url, false), Some(InvalidUrl::ClearText), "{url}");
            assert_eq!(connect(&url, true), None);
        }
        let one_elsewhere = "postgres://u:p@127.0.0.1,db.example/d";
        assert_eq!(connect(one_elsewhere, false), Some(InvalidUrl::ClearText));
        for good in [
            "postgres://u:p@db.example/d?sslmode=require",
            "postgres://u:p@db.example/d?sslmode=verify-full",
            "postgres://u:p@127.0.0.1/d",
            "postgres://u:p@[::1]/d",
            "postgres://u:p@localhost/d",
            "postgres://u:p@127.0.0.1:1,localhost:2/d",
            "postgres://u:p@%2Frun%2Fpostgresql/d",
        ] {
            assert_eq!(connect(good, false), None, "{good}");
        }
    }
}
