//! A private PostgreSQL server: on 127.0.0.1 only, durable, not run by root.

mod pair;

use std::fs;
use std::future::ready;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

pub use pair::Pair;

use crate::run_as::RunAs;
use crate::{Error, Process, Result, Spec, folders, ports, procfs, rights, state};

const OLDEST_MAJOR: u32 = 15;
const USER: &str = "sportello";
const DATABASE: &str = "sportello";
/// After a crash the write-ahead log is replayed first: `max_wal_size` bounds that to about two
/// minutes.
const READY_WITHIN: Duration = Duration::from_secs(240);
/// A fast shutdown writes a checkpoint.
const GRACE: Duration = Duration::from_secs(60);
const ATTEMPTS: u32 = 3;

/// TCP only, as the names of Unix sockets are limited to 107 bytes.
const SETTINGS: [&str; 10] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    // memory is allocated on first use: only a register of millions needs all of it
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    // ids and tax codes come in random order, so after a checkpoint every page of their indexes is
    // logged whole once more
    "checkpoint_timeout=15min",
    "fsync=on",
    "log_min_messages=warning",
    // failing statements and the details of errors ("Key (tax_code)=(...) already exists") are
    // personal data
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
];

/// A server with its data in one folder.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    process: Process,
    memory: Memory,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    port: u16,
    password: String,
    /// Whether the services' users exist.
    #[serde(default)]
    users: bool,
}

impl Postgres {
    /// Opens the server with its data in `folder`, running or not, logging to `log`.
    ///
    /// # Errors
    ///
    /// When its state file can't be read.
    pub fn at(folder: &Path, log: &Path) -> Result<Self> {
        // its folder's name says which one of a pair it is
        let number = folder.file_name().and_then(|name| name.to_str()?.split_once('-'));
        let name = number.map_or_else(
            || "PostgreSQL".to_owned(),
            |(_, number)| format!("PostgreSQL-{number}"),
        );
        let process = Process::new(&name, folder.join("pid"), log.to_owned());
        Ok(Self {
            folder: folder.to_owned(),
            process: process.stopped_by(Signal::SIGINT),
            memory: state::load(&folder.join("state.json"))?,
        })
    }

    /// Returns the address of its database, for its owner. The port may change at
    /// [`Postgres::start`].
    #[must_use]
    pub fn url(&self) -> String {
        let Memory { port, password, .. } = &self.memory;
        format!("postgres://{USER}:{password}@127.0.0.1:{port}/{DATABASE}")
    }

    /// Returns the process, to kill, freeze and thaw it.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Starts it, unless it runs, and waits until it takes connections. The first time it makes the
    /// database. It keeps its port unless another program has taken it.
    ///
    /// # Errors
    ///
    /// When a program is missing, root can't be dropped, or the server does not come up.
    pub async fn start(&mut self) -> Result<()> {
        let mut attempt = 1;
        loop {
            match self.try_start().await {
                // another program took its port, or children of a killed server still hold its
                // memory
                Err(Error::Ended { .. }) if attempt < ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }

    async fn try_start(&mut self) -> Result<()> {
        if !self.process.is_running() {
            let programs = programs()?;
            let run_as = RunAs::owner_of(&self.folder, &["postgres", "nobody"])?;
            // a link leads to a small disk: if the disk is gone, so are the data, and new ones
            // would hide the loss
            if !self.data().exists() && !self.data().is_symlink() {
                self.initialise(&programs, &run_as)?;
            }
            self.remove_stale_lock()?;
            if !self.memory.users {
                self.make_users(&programs, &run_as)?;
            }
            ports::keep_or_change(&mut self.memory.port)?;
            self.remember()?;
            self.process.start(&self.spec(&programs, &run_as)).await?;
        }
        self.process.thaw();
        let lock = self.lock();
        self.process
            .wait_ready(READY_WITHIN, || ready(says_ready(&lock)))
            .await
    }

    /// Stops it in order (a fast shutdown).
    ///
    /// # Errors
    ///
    /// When it does not stop.
    pub async fn stop(&self) -> Result<()> {
        self.process.terminate(GRACE).await
    }

    /// Returns the folder of its data files.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Returns the user that owns its files and runs it.
    ///
    /// # Errors
    ///
    /// The folder can't be given to such a user.
    pub fn run_as(&self) -> Result<RunAs> {
        RunAs::owner_of(&self.folder, &["postgres", "nobody"])
    }

    /// Returns the process that keeps its data reachable, for the small disk of a fault. It ends
    /// with the server's folder.
    #[must_use]
    pub fn companion(&self) -> Process {
        let path = |name| self.folder.join(name);
        Process::new("the small disk", path("disk.pid"), path("disk.log"))
    }

    fn lock(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    fn remember(&self) -> Result<()> {
        state::save(&self.folder.join("state.json"), &self.memory)
    }

    /// Makes the data folder under a temporary name first, so that a killed run leaves no partial
    /// folder.
    fn initialise(&mut self, programs: &Path, run_as: &RunAs) -> Result<()> {
        self.memory.password = state::password();
        self.remember()?;
        let (new, password) = (self.folder.join("data.new"), self.folder.join("password"));
        folders::remove(&new)?;
        state::write_private(&password, self.memory.password.as_bytes())?;
        run_as.hand_over(&password)?;

        let mut initdb = run_as.command(&programs.join("initdb"));
        initdb.args([
            "--username",
            USER,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--no-locale",
        ]);
        initdb.arg("--pwfile").arg(&password).arg("--pgdata").arg(&new);
        let made = initdb.output().map_err(Error::io("run initdb"))?;
        succeeded("initdb", &made)?;

        let mut single = run_as.command(&programs.join("postgres"));
        single.arg("--single").arg("-D").arg(&new).arg("postgres");
        feed(single, &format!("CREATE DATABASE {DATABASE}\n"))?;

        fs::remove_file(&password).map_err(Error::io(format!("remove {}", password.display())))?;
        fs::rename(&new, self.data()).map_err(Error::io(format!("rename {}", new.display())))
    }

    /// Makes the services' users while the server is stopped.
    fn make_users(&mut self, programs: &Path, run_as: &RunAs) -> Result<()> {
        let mut single = run_as.command(&programs.join("postgres"));
        single
            .args(["--single", "-j", "-D"])
            .arg(self.data())
            .arg("postgres");
        feed(single, &rights::database_users(USER, &self.memory.password))?;
        self.memory.users = true;
        self.remember()
    }

    /// Removes a killed server's lock file. PostgreSQL would refuse to start if another process of
    /// the same user now has the process id in it.
    fn remove_stale_lock(&self) -> Result<()> {
        let Ok(lock) = fs::read_to_string(self.lock()) else {
            return Ok(());
        };
        let pid: i32 = lock
            .lines()
            .next()
            .and_then(|line| line.parse().ok())
            .unwrap_or_default();
        let data = self.data();
        if procfs::command_line(pid).is_some_and(|line| line.contains(&*data.to_string_lossy())) {
            return Err(Error::InUse { pid, data });
        }
        fs::remove_file(self.lock()).map_err(Error::io(format!("remove {}", self.lock().display())))
    }

    fn spec(&self, programs: &Path, run_as: &RunAs) -> Spec {
        let mut command = run_as.prefix();
        command.extend([programs.join("postgres").into(), "-D".into(), self.data().into()]);
        let port = format!("port={}", self.memory.port);
        for setting in SETTINGS.into_iter().chain([port.as_str()]) {
            command.extend(["-c".into(), setting.into()]);
        }
        Spec {
            command,
            ..Spec::default()
        }
    }
}

/// Returns whether the server, primary or standby, is ready: `pg_ctl` reads the same last line of
/// the lock file.
fn says_ready(lock: &Path) -> bool {
    let is_ready = |line: &str| ["ready", "standby"].contains(&line.trim());
    fs::read_to_string(lock).is_ok_and(|lock| lock.lines().nth(7).is_some_and(is_ready))
}

/// Returns the folder of the newest server programs: Debian's, or the one in PATH.
fn programs() -> Result<PathBuf> {
    let mut majors: Vec<u32> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|major| *major >= OLDEST_MAJOR)
        .collect();
    majors.sort_unstable_by(|a, b| b.cmp(a));
    let debian: Vec<PathBuf> = majors
        .iter()
        .map(|major| format!("/usr/lib/postgresql/{major}/bin").into())
        .collect();
    folders::find_program("initdb", &debian)
        .and_then(|initdb| fs::canonicalize(initdb).ok()?.parent().map(Path::to_owned))
        .ok_or(Error::Missing {
            program: "PostgreSQL 15 or later".to_owned(),
            package: "postgresql",
        })
}

fn feed(mut command: std::process::Command, input: &str) -> Result<()> {
    let mut run = || {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child
            .stdin
            .take()
            .map_or(Ok(()), |mut stdin| stdin.write_all(input.as_bytes()))?;
        child.wait_with_output()
    };
    let output = run().map_err(Error::io("run postgres --single"))?;
    succeeded("postgres --single", &output)
}

fn succeeded(command: &str, output: &Output) -> Result<()> {
    if output.status.success() {
        return Ok(());
    }
    Err(Error::Command {
        command: command.to_owned(),
        status: output.status.to_string(),
        output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
