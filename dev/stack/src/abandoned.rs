//! Folders of servers that belong to one process, and their removal after it was killed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Cluster, Identity, Pair, Postgres, RabbitMq, Result, folders, state};

/// Makes a new folder in `parent` that belongs to this process.
///
/// # Errors
///
/// When it can't be made.
pub fn claim(parent: &Path) -> Result<PathBuf> {
    let folder = parent.join(state::password());
    folders::create(parent)?;
    // written before the folder: another process may be sweeping
    Identity::write_own(&owner_file(&folder))?;
    folders::create(&folder)?;
    Ok(folder)
}

/// Opens the PostgreSQL server in a folder from [`claim`].
///
/// # Errors
///
/// When its state file can't be read.
pub fn postgres(folder: &Path) -> Result<Postgres> {
    Postgres::at(&folder.join("postgres"), &folder.join("postgres.log"))
}

/// Opens the RabbitMQ node in a folder from [`claim`].
///
/// # Errors
///
/// When its state file can't be read.
pub fn rabbitmq(folder: &Path) -> Result<RabbitMq> {
    RabbitMq::at(&folder.join("rabbitmq"), &folder.join("rabbitmq.log"))
}

/// Opens the PostgreSQL primary and its standby in a folder from [`claim`].
///
/// # Errors
///
/// When a state file can't be read.
pub fn pair(folder: &Path) -> Result<Pair> {
    Pair::at(folder, |name| folder.join(name).with_extension("log"))
}

/// Opens the RabbitMQ cluster in a folder from [`claim`].
///
/// # Errors
///
/// When a state file can't be read.
pub fn rabbitmq_cluster(folder: &Path) -> Result<Cluster> {
    Cluster::at(folder, |name| folder.join(name).with_extension("log"))
}

/// Kills the servers in a folder from [`claim`], as `kill -9` would, and removes the folder.
///
/// # Errors
///
/// When one does not end, or the folder can't be removed.
pub async fn discard(folder: &Path) -> Result<()> {
    let postgres = postgres(folder)?;
    postgres.process().kill().await?;
    postgres.companion().kill().await?;
    rabbitmq(folder)?.kill().await?;
    pair(folder)?.kill().await?;
    rabbitmq_cluster(folder)?.kill().await?;
    folders::remove(folder)?;
    // without its folder the file is harmless
    let _ = fs::remove_file(owner_file(folder));
    Ok(())
}

/// Discards the folders in `parent` whose owners have ended.
///
/// # Errors
///
/// When one can't be discarded.
pub async fn sweep(parent: &Path) -> Result<()> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let owner = Identity::read(&owner_file(&folder));
        if !owner.is_some_and(|owner| owner.is_alive()) {
            discard(&folder).await?;
        }
    }
    Ok(())
}

fn owner_file(folder: &Path) -> PathBuf {
    folder.with_extension("owner")
}
