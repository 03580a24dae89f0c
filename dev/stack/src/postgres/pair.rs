//! A primary and its synchronous standby: a commit waits until both have it on disk.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde::{Deserialize, Serialize};

use super::{Postgres, USER, programs, succeeded};
use crate::{Error, Result, folders, state};

/// The standby's name at the primary.
const STANDBY: &str = "standby";
const STATE: &str = "postgres-pair.json";

/// Two servers with the same data; which of them is the primary changes at a failover.
#[derive(Debug)]
pub struct Pair {
    folder: PathBuf,
    servers: [Postgres; 2],
    memory: Memory,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// The primary, counted from 0.
    primary: usize,
}

impl Pair {
    /// Opens the servers with their data in `postgres-1` and `postgres-2` of a folder, running or
    /// not; `log` is the log file of each by its name.
    ///
    /// # Errors
    ///
    /// When a state file can't be read.
    pub fn at(folder: &Path, log: impl Fn(&str) -> PathBuf) -> Result<Self> {
        let server = |number: usize| {
            let name = format!("postgres-{number}");
            Postgres::at(&folder.join(&name), &log(&name))
        };
        Ok(Self {
            folder: folder.to_owned(),
            servers: [server(1)?, server(2)?],
            memory: state::load(&folder.join(STATE))?,
        })
    }

    /// Returns the address of the database for its owner, which names both servers.
    #[must_use]
    pub fn url(&self) -> String {
        let [one, two] = self.servers.each_ref().map(|server| server.memory.port);
        let password = &self.primary().memory.password;
        format!(
            "postgres://{USER}:{password}@127.0.0.1:{one},127.0.0.1:{two}/{}",
            super::DATABASE
        )
    }

    /// Returns the present primary.
    #[must_use]
    pub fn primary(&self) -> &Postgres {
        &self.servers[self.memory.primary]
    }

    /// Returns the present primary, to break it.
    pub fn primary_mut(&mut self) -> &mut Postgres {
        &mut self.servers[self.memory.primary]
    }

    /// Returns both servers.
    #[must_use]
    pub fn all(&self) -> &[Postgres; 2] {
        &self.servers
    }

    /// Starts both. A server that was the primary before a failover is made anew from the present
    /// one.
    ///
    /// # Errors
    ///
    /// When one does not come up.
    pub async fn start(&mut self) -> Result<()> {
        let [one, two] = &mut self.servers;
        let (primary, standby) = match self.memory.primary {
            0 => (one, two),
            _ => (two, one),
        };
        primary.start().await?;
        if !standby.is_standby() {
            standby.process().kill().await?;
            // until the new standby is there, commits don't wait for it
            primary.await_standby(false)?;
            standby.follow(primary)?;
        }
        standby.start().await?;
        primary.await_standby(true)
    }

    /// Makes the standby the primary. The primary must be gone, or both would take writes.
    ///
    /// # Errors
    ///
    /// When the standby can't be promoted.
    pub fn fail_over(&mut self) -> Result<()> {
        let next = 1 - self.memory.primary;
        self.servers[next].promote()?;
        self.memory.primary = next;
        state::save(&self.folder.join(STATE), &self.memory)
    }

    /// Stops both in order: a primary waits for its standby.
    ///
    /// # Errors
    ///
    /// When one does not stop.
    pub async fn stop(&self) -> Result<()> {
        self.primary().stop().await?;
        self.servers[1 - self.memory.primary].stop().await
    }

    /// Kills both, as `kill -9` would.
    ///
    /// # Errors
    ///
    /// When one does not stop.
    pub async fn kill(&self) -> Result<()> {
        for server in &self.servers {
            server.process().kill().await?;
        }
        Ok(())
    }
}

impl Postgres {
    fn is_standby(&self) -> bool {
        self.data().join("standby.signal").exists()
    }

    /// Makes it a standby of a running primary, with a copy of its data instead of its own.
    fn follow(&mut self, primary: &Self) -> Result<()> {
        let run_as = self.run_as()?;
        let new = self.folder.join("data.new");
        folders::remove(&new)?;
        folders::remove(&self.data())?;
        self.memory.password.clone_from(&primary.memory.password);
        self.memory.users = true;
        self.remember()?;
        let address = format!(
            "host=127.0.0.1 port={} user={USER} application_name={STANDBY}",
            primary.memory.port
        );
        let mut copy = run_as.command(&programs()?.join("pg_basebackup"));
        copy.args([
            "--write-recovery-conf",
            "--wal-method=stream",
            "--checkpoint=fast",
        ])
        .args(["--dbname", &address])
        .arg("--pgdata")
        .arg(&new)
        .env("PGPASSWORD", &self.memory.password);
        let output = copy.output().map_err(Error::io("run pg_basebackup"))?;
        succeeded("pg_basebackup", &output)?;
        std::fs::rename(&new, self.data()).map_err(Error::io(format!("rename {}", new.display())))
    }

    fn promote(&self) -> Result<()> {
        let mut promote = self.run_as()?.command(&programs()?.join("pg_ctl"));
        promote
            .args(["promote", "--wait", "--silent", "--pgdata"])
            .arg(self.data());
        let output = promote.output().map_err(Error::io("run pg_ctl"))?;
        succeeded("pg_ctl promote", &output)
    }

    /// Makes commits wait for the standby, or no longer.
    fn await_standby(&self, waits: bool) -> Result<()> {
        let name = if waits { STANDBY } else { "" };
        let set = format!("alter system set synchronous_standby_names = '{name}'");
        for statement in [&*set, "select pg_reload_conf()"] {
            succeeded("psql", &self.query(statement)?)?;
        }
        Ok(())
    }

    fn query(&self, statement: &str) -> Result<Output> {
        let port = self.memory.port.to_string();
        let mut psql = self.run_as()?.command(&programs()?.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--host", "127.0.0.1", "--port", &port])
            .args([
                "--username",
                USER,
                "--dbname",
                super::DATABASE,
                "--command",
                statement,
            ])
            .env("PGPASSWORD", &self.memory.password);
        psql.output().map_err(Error::io("run psql"))
    }
}
