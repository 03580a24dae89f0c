//! The database's hosts: connections go to the one that can be written to.
//!
//! That is libpq's `target_session_attrs=read-write`, which sqlx does not have. The pool connects
//! to one host at a time. While it gets no connection in time, all hosts are asked in turn, and the
//! pool goes on with the one that can be written to.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

/// Time without a connection from the pool after which the hosts are asked.
const PATIENCE: Duration = Duration::from_millis(200);
/// Limit for the answer of one host. A frozen one takes connections and never answers.
const HOST_TIMEOUT: Duration = Duration::from_secs(1);
/// Pause where the present host turned out to be the right one: the pool is only busy.
const PAUSE: Duration = Duration::from_secs(1);

/// The values of `target_session_attrs` that mean what is done here.
const READ_WRITE: [&str; 2] = ["read-write", "primary"];

/// The hosts of a pool; there is at least one.
pub(crate) struct Hosts {
    hosts: Vec<PgConnectOptions>,
    /// The host to which the pool connects.
    present: AtomicUsize,
    is_looking: AtomicBool,
}

// their options hold a password
impl fmt::Debug for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hosts")
    }
}

impl Hosts {
    /// Reads `postgres://user:password@one:port,two:port/database`, and applies `set` to each host.
    /// `None` where it can't be parsed.
    pub(crate) fn parse(url: &str, set: impl Fn(PgConnectOptions) -> PgConnectOptions) -> Option<Self> {
        let hosts = each_host(&without_target(url)?)?;
        let host = |url: &String| PgConnectOptions::from_str(url).ok();
        let hosts: Vec<_> = hosts.iter().map(host).collect::<Option<_>>()?;
        Some(Self {
            hosts: hosts.into_iter().map(set).collect(),
            present: AtomicUsize::new(0),
            is_looking: AtomicBool::new(false),
        })
    }

    pub(crate) fn all(&self) -> &[PgConnectOptions] {
        &self.hosts
    }

    /// Makes a pool that connects at the first call. Of several hosts it refuses those that can't
    /// be written to.
    pub(crate) fn pool(&self, options: PgPoolOptions) -> PgPool {
        let options = if self.is_single() {
            options
        } else {
            options.after_connect(|connection, _| {
                Box::pin(async move {
                    let refused = || sqlx::Error::Configuration("the host can't be written to now".into());
                    is_writable(connection).await?.then_some(()).ok_or_else(refused)
                })
            })
        };
        options.connect_lazy_with(self.hosts[0].clone())
    }

    fn is_single(&self) -> bool {
        self.hosts.len() == 1
    }

    /// Waits for a connection of the pool. Looks for another host where that takes long or fails.
    pub(crate) async fn acquired<T>(
        self: &Arc<Self>,
        pool: &PgPool,
        acquiring: impl Future<Output = sqlx::Result<T>>,
    ) -> sqlx::Result<T> {
        if self.is_single() {
            return acquiring.await;
        }
        let mut acquiring = pin!(acquiring);
        loop {
            let acquired = tokio::time::timeout(PATIENCE, &mut acquiring).await;
            if !matches!(acquired, Ok(Ok(_))) {
                self.look(pool);
            }
            if let Ok(acquired) = acquired {
                return acquired;
            }
        }
    }

    /// Looks for the right host in the background, once at a time: the caller may not have the time
    /// to wait for it.
    fn look(self: &Arc<Self>, pool: &PgPool) {
        if self.is_looking.swap(true, Ordering::AcqRel) {
            return;
        }
        let (hosts, pool) = (Arc::clone(self), pool.clone());
        tokio::spawn(async move {
            let present = hosts.present.load(Ordering::Relaxed);
            match hosts.writable(present).await {
                Some(host) if host != present => {
                    hosts.present.store(host, Ordering::Relaxed);
                    pool.set_connect_options(hosts.hosts[host].clone());
                    let port = hosts.hosts[host].get_port();
                    tracing::warn!(
                        host = hosts.hosts[host].get_host(),
                        port,
                        "going to another database host"
                    );
                }
                Some(_) => tokio::time::sleep(PAUSE).await,
                None => {}
            }
            hosts.is_looking.store(false, Ordering::Release);
        });
    }

    /// Returns the first host that can be written to, beginning with the present one.
    async fn writable(&self, present: usize) -> Option<usize> {
        for step in 0..self.hosts.len() {
            let host = (present + step) % self.hosts.len();
            let asking = is_writable_at(&self.hosts[host]);
            if let Ok(Ok(true)) = tokio::time::timeout(HOST_TIMEOUT, asking).await {
                return Some(host);
            }
        }
        None
    }
}

async fn is_writable_at(host: &PgConnectOptions) -> sqlx::Result<bool> {
    let mut connection = host.connect().await?;
    let is_writable = is_writable(&mut connection).await?;
    connection.close().await?;
    Ok(is_writable)
}

/// Returns whether transactions can write: not on a standby.
async fn is_writable(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select current_setting('transaction_read_only') = 'off' as "is_writable!""#)
        .fetch_one(connection)
        .await
}

/// Returns an address for each host; `None` where one of several is empty.
fn each_host(url: &str) -> Option<Vec<String>> {
    let (scheme, rest) = url.split_at(url.find("://").map_or(0, |at| at + 3));
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let hosts: Vec<&str> = hosts.split(',').collect();
    let is_empty = |host: &&str| host.is_empty() || host.starts_with(':');
    if hosts.len() > 1 && hosts.iter().any(is_empty) {
        return None;
    }
    let address_of = |host| format!("{scheme}{user}{host}{path}");
    Some(hosts.into_iter().map(address_of).collect())
}

/// Returns the address without `target_session_attrs`; `None` where it means anything else.
fn without_target(url: &str) -> Option<String> {
    let Some((address, parameters)) = url.split_once('?') else {
        return Some(url.to_owned());
    };
    let (targets, others): (Vec<&str>, Vec<&str>) = parameters
        .split('&')
        .partition(|parameter| parameter.starts_with("target_session_attrs="));
    let is_known = |target: &&str| {
        READ_WRITE
            .iter()
            .any(|known| target.ends_with(&format!("={known}")))
    };
    let address = if others.is_empty() {
        address.to_owned()
    } else {
        format!("{address}?{}", others.join("&"))
    };
    targets.iter().all(is_known).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(url: &str) -> Option<Vec<(String, u16)>> {
        let hosts = Hosts::parse(url, |host| host)?;
        let host = |host: &PgConnectOptions| (host.get_host().to_owned(), host.get_port());
        Some(hosts.all().iter().map(host).collect())
    }

    #[test]
    fn an_address_names_each_host() {
        let expected = vec![("one".to_owned(), 5432), ("two".to_owned(), 6432)];
        for url in [
            "postgres://u:p@one,two:6432/d",
            "postgres://u:p@one:5432,two:6432/d?target_session_attrs=read-write",
            "postgres://u:p@one:5432,two:6432/d?sslmode=require&target_session_attrs=primary",
        ] {
            assert_eq!(hosts(url).as_ref(), Some(&expected), "{url}");
        }
    }

    #[test]
    fn a_host_without_a_name_or_another_target_is_refused() {
        for url in [
            "postgres://u:p@one,,two/d",
            "postgres://u:p@one,/d",
            "postgres://u:p@one,two/d?target_session_attrs=any",
            "postgres://u:p@one,two/d?target_session_attrs=standby",
        ] {
            assert_eq!(hosts(url), None, "{url}");
        }
    }
}
