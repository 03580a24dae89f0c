//! Servers for a single test, to kill, freeze and fill.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

use sportello_stack::abandoned::{claim, discard, postgres as postgres_in, rabbitmq as rabbitmq_in, sweep};
use sportello_stack::test_servers::private_folder;
use sportello_stack::{Postgres, RabbitMq};

use crate::sandbox::on_own_runtime;

/// A private RabbitMQ node, removed with its data when dropped.
#[derive(Debug)]
pub struct Broker {
    folder: PathBuf,
    node: RabbitMq,
}

/// A private PostgreSQL server, removed with its data when dropped.
#[derive(Debug)]
pub struct DatabaseServer {
    folder: PathBuf,
    server: Postgres,
}

/// Starts a RabbitMQ node for one test: 6 to 9 s on an idle machine.
///
/// # Panics
///
/// When it does not start.
pub async fn broker() -> Broker {
    let folder = new_folder().await;
    let node = rabbitmq_in(&folder).expect("a new broker");
    // from here on a failure removes it
    let mut broker = Broker { folder, node };
    broker.start().await.expect("a broker of one's own");
    broker
}

/// Starts a PostgreSQL server for one test: 2 to 4 s on an idle machine.
///
/// # Panics
///
/// When it does not start.
pub async fn postgres() -> DatabaseServer {
    let folder = new_folder().await;
    let server = postgres_in(&folder).expect("a new database server");
    let mut database = DatabaseServer { folder, server };
    database.start().await.expect("a database server of one's own");
    database
}

impl Deref for Broker {
    type Target = RabbitMq;

    fn deref(&self) -> &RabbitMq {
        &self.node
    }
}

impl DerefMut for Broker {
    fn deref_mut(&mut self) -> &mut RabbitMq {
        &mut self.node
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        on_own_runtime(async { discard(&self.folder).await.expect("the broker and its data go") });
    }
}

impl Deref for DatabaseServer {
    type Target = Postgres;

    fn deref(&self) -> &Postgres {
        &self.server
    }
}

impl DerefMut for DatabaseServer {
    fn deref_mut(&mut self) -> &mut Postgres {
        &mut self.server
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        on_own_runtime(async { discard(&self.folder).await.expect("the server and its data go") });
    }
}

async fn new_folder() -> PathBuf {
    let parent = private_folder();
    sweep(&parent).await.expect("no servers of killed tests");
    claim(&parent).expect("a folder for a server of one's own")
}
