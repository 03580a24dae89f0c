//! Servers for a single test, to kill, freeze and fill.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use sportello_stack::abandoned::{
    claim, discard, pair as pair_in, postgres as postgres_in, rabbitmq as rabbitmq_in, rabbitmq_cluster,
    sweep,
};
use sportello_stack::test_servers::private_folder;
use sportello_stack::{Cluster, Pair, Postgres, RabbitMq, Result};

use crate::sandbox::on_own_runtime;

/// A private server, removed with its data when dropped.
#[derive(Debug)]
pub struct Private<T> {
    folder: PathBuf,
    server: T,
}

/// A private RabbitMQ node.
pub type Broker = Private<RabbitMq>;
/// Three private RabbitMQ nodes that make one broker.
pub type BrokerCluster = Private<Cluster>;
/// A private PostgreSQL server.
pub type DatabaseServer = Private<Postgres>;
/// A private PostgreSQL primary with its standby.
pub type DatabasePair = Private<Pair>;

/// Starts a RabbitMQ node for one test: 6 to 9 s on an idle machine.
///
/// # Panics
///
/// When it does not start.
pub async fn broker() -> Broker {
    let mut broker = new(rabbitmq_in).await;
    broker.start().await.expect("a broker of one's own");
    broker
}

/// Starts three RabbitMQ nodes for one test: 10 to 15 s on an idle machine.
///
/// # Panics
///
/// When they do not start.
pub async fn broker_cluster() -> BrokerCluster {
    let mut brokers = new(rabbitmq_cluster).await;
    brokers.prepare(false).expect("a new cluster");
    brokers.start().await.expect("a cluster of one's own");
    brokers
}

/// Starts a PostgreSQL server for one test: 2 to 4 s on an idle machine.
///
/// # Panics
///
/// When it does not start.
pub async fn postgres() -> DatabaseServer {
    let mut database = new(postgres_in).await;
    database.start().await.expect("a database server of one's own");
    database
}

/// Starts a PostgreSQL primary with its standby for one test: 4 to 8 s on an idle machine.
///
/// # Panics
///
/// When they do not start.
pub async fn database_pair() -> DatabasePair {
    let mut pair = new(pair_in).await;
    pair.start().await.expect("two database servers of one's own");
    pair
}

impl<T> Deref for Private<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.server
    }
}

impl<T> DerefMut for Private<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.server
    }
}

impl<T> Drop for Private<T> {
    fn drop(&mut self) {
        let folder = &self.folder;
        on_own_runtime(async { discard(folder).await.expect("the server and its data go") });
    }
}

/// Opens a server in a new folder; from here on a failure removes it.
async fn new<T>(open: impl Fn(&Path) -> Result<T>) -> Private<T> {
    let parent = private_folder();
    sweep(&parent).await.expect("no servers of killed tests");
    let folder = claim(&parent).expect("a folder for a server of one's own");
    Private {
        server: open(&folder).expect("a new server"),
        folder,
    }
}
