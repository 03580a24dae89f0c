//! Servers that one test has to itself, to kill, freeze and fill them.

use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use sportello_local::{Identity, Postgres, RabbitMq, Result, folders};
use uuid::Uuid;

use crate::sandbox::on_own_runtime;

/// A RabbitMQ node of one's own, that is gone with its data when dropped.
#[derive(Debug)]
pub struct Broker {
    folder: PathBuf,
    node: RabbitMq,
}

/// A PostgreSQL server of one's own, that is gone with its data when dropped.
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
    let node = node_in(&folder).expect("a new broker");
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
    let server = server_in(&folder).expect("a new database server");
    let mut database = DatabaseServer { folder, server };
    database.start().await.expect("a database server of one's own");
    database
}

/// Ends the private servers of test processes that were killed, and removes their data.
///
/// # Errors
///
/// When one does not end, or its data can't be removed.
pub async fn sweep() -> Result<()> {
    let entries = fs::read_dir(private_folder()).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let owner = Identity::read(&owner_file(&folder));
        if !owner.is_some_and(|owner| owner.is_alive()) {
            server_in(&folder)?.process().kill().await?;
            node_in(&folder)?.kill().await?;
            remove(&folder)?;
        }
    }
    Ok(())
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
        on_own_runtime(async {
            self.node.kill().await.expect("the broker ends");
            remove(&self.folder).expect("its data go");
        });
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
        on_own_runtime(async {
            self.server
                .process()
                .kill()
                .await
                .expect("the database server ends");
            remove(&self.folder).expect("its data go");
        });
    }
}

fn private_folder() -> PathBuf {
    folders::workspace().join("target/test-private")
}

/// A folder that says whose it is, so that [`sweep`] can tell when that process is gone.
async fn new_folder() -> PathBuf {
    sweep().await.expect("no servers of killed tests");
    let folder = private_folder().join(Uuid::new_v4().simple().to_string());
    folders::create(&private_folder()).expect("a folder for the servers of one's own");
    // before the folder: another process may be sweeping
    Identity::write_own(&owner_file(&folder)).expect("a note of the owner");
    folders::create(&folder).expect("a folder for a server of one's own");
    folder
}

fn owner_file(folder: &Path) -> PathBuf {
    folder.with_extension("owner")
}

fn remove(folder: &Path) -> Result<()> {
    folders::remove(folder)?;
    // without its folder the note harms nobody
    let _ = fs::remove_file(owner_file(folder));
    Ok(())
}

fn node_in(folder: &Path) -> Result<RabbitMq> {
    RabbitMq::at(&folder.join("rabbitmq"), &folder.join("rabbitmq.log"))
}

fn server_in(folder: &Path) -> Result<Postgres> {
    Postgres::at(&folder.join("postgres"), &folder.join("postgres.log"))
}
