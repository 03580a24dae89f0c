//! A process with its own session, identified by its pid file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};

use crate::{Error, Identity, Result, folders, state, wait};

/// Longest time until a process is frozen.
const FROZEN_WITHIN: Duration = Duration::from_secs(5);
/// Longest time from the spawn to the pid file: three programs run one after another.
const PID_FILE_WITHIN: Duration = Duration::from_secs(20);
/// Longest time from SIGKILL to the end: the kernel frees the memory.
const DEATH_WITHIN: Duration = Duration::from_secs(20);

/// Writes the pid file, then becomes the program. So the pid file comes first, and a killed caller
/// leaves no untraceable process. Where the kernel schedules sessions against each other (`man 7
/// sched`, autogroups), the session gets the process's niceness, which `nice` prints.
const LAUNCHER: &str = r#"{ nice >"/proc/$$/autogroup"; } 2>/dev/null; cat "/proc/$$/stat" /proc/sys/kernel/random/boot_id >"$0.new" && mv "$0.new" "$0" && exec "$@""#;

/// The caller's variables that every process gets. Others are not passed on, so that settings for
/// other servers (PGPORT, RABBITMQ_NODENAME) don't change ours.
const PASSED_ON: [&str; 6] = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "RUST_BACKTRACE"];

/// The command and environment of a process.
#[derive(Clone, Default)]
pub struct Spec {
    /// The words of the command line: the program first.
    pub command: Vec<OsString>,
    /// Its environment, in addition to the variables passed on.
    pub environment: BTreeMap<String, OsString>,
    /// Niceness, from 0 to 19.
    pub niceness: u8,
    /// Files that it depends on: when one changes, [`Process::start_as`] restarts it.
    pub made_of: Vec<PathBuf>,
}

impl Spec {
    /// Makes the spec of a program without arguments.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            command: vec![program.into()],
            ..Self::default()
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, word: impl Into<OsString>) -> Self {
        self.command.push(word.into());
        self
    }

    /// Sets the niceness (from 0 to 19).
    #[must_use]
    pub fn nice(mut self, niceness: u8) -> Self {
        self.niceness = niceness;
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }
}

// the environment holds passwords
impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec")
            .field("command", &self.command)
            .finish_non_exhaustive()
    }
}

impl Spec {
    /// Returns a digest of the spec and of its files' timestamps, to detect a change.
    fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.command, &self.environment, self.niceness).hash(&mut hasher);
        for file in &self.made_of {
            let changed = file
                .metadata()
                .ok()
                .map(|data| (data.ino(), data.mtime(), data.mtime_nsec()));
            (file, changed).hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }
}

/// A process that may or may not run, identified by its pid file.
#[derive(Clone, Debug)]
pub struct Process {
    name: String,
    pid_file: PathBuf,
    log: PathBuf,
    stop_signal: Signal,
}

impl Process {
    /// Makes a handle for the process with this pid file, whose output is appended to `log`.
    #[must_use]
    pub fn new(name: &str, pid_file: PathBuf, log: PathBuf) -> Self {
        Self {
            name: name.to_owned(),
            pid_file,
            log,
            stop_signal: Signal::SIGTERM,
        }
    }

    /// Sets the signal that stops it in order; the default is SIGTERM.
    #[must_use]
    pub fn stopped_by(mut self, signal: Signal) -> Self {
        self.stop_signal = signal;
        self
    }

    /// Returns its name in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the file with its output.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Returns its identity, if it runs.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Identity::read(&self.pid_file).filter(Identity::is_alive)
    }

    /// Returns whether it runs (perhaps frozen).
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.identity().is_some()
    }

    /// Starts it unless it runs. Returns once the pid file exists, before it is ready.
    ///
    /// # Errors
    ///
    /// When its files can't be written, or it ended at once.
    pub async fn start(&self, spec: &Spec) -> Result<()> {
        if self.is_running() {
            return Ok(());
        }
        for file in [&self.pid_file, &self.log] {
            file.parent().map_or(Ok(()), folders::create)?;
        }
        let _ = fs::remove_file(&self.pid_file);
        let mut child = self
            .launcher(spec)?
            .spawn()
            .map_err(Error::io(format!("start setsid for {}", self.name)))?;
        let on_record = || self.pid_file.exists() || !matches!(child.try_wait(), Ok(None));
        wait::until(PID_FILE_WITHIN, on_record).await;
        if self.pid_file.exists() {
            Ok(())
        } else {
            Err(self.ended())
        }
    }

    /// Starts it. Restarts it if it runs with another spec or its files have changed.
    ///
    /// # Errors
    ///
    /// When its files can't be written, or it ended at once.
    pub async fn start_as(&self, spec: &Spec, grace: Duration) -> Result<()> {
        let (record, fingerprint) = (self.pid_file.with_extension("spec"), spec.fingerprint());
        if fs::read_to_string(&record).ok().as_ref() != Some(&fingerprint) {
            self.terminate(grace).await?;
        }
        self.start(spec).await?;
        state::write_private(&record, fingerprint.as_bytes())
    }

    fn launcher(&self, spec: &Spec) -> Result<Command> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log);
        let log = log.map_err(Error::io(format!("open {}", self.log.display())))?;
        let errors = log
            .try_clone()
            .map_err(Error::io(format!("open {}", self.log.display())))?;
        let passed_on = PASSED_ON
            .iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        let mut command = Command::new("setsid");
        command
            .args(["nice", "-n", &spec.niceness.to_string()])
            .args(["sh", "-c", LAUNCHER])
            .arg(&self.pid_file)
            .args(&spec.command)
            .env_clear()
            .envs(passed_on)
            .envs(&spec.environment)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        Ok(command)
    }

    /// Waits until `ready` holds.
    ///
    /// # Errors
    ///
    /// When the process ends before, or `limit` passes.
    pub async fn wait_ready<F>(&self, limit: Duration, mut ready: impl FnMut() -> F) -> Result<()>
    where
        F: Future<Output = bool>,
    {
        let deadline = Instant::now() + limit;
        while self.is_running() {
            if ready().await {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let (name, log) = (self.name.clone(), self.log.clone());
                return Err(Error::NotReady {
                    name,
                    seconds: limit.as_secs(),
                    log,
                });
            }
            tokio::time::sleep(wait::BETWEEN_LOOKS).await;
        }
        Err(self.ended())
    }

    fn ended(&self) -> Error {
        Error::Ended {
            name: self.name.clone(),
            log: self.log.clone(),
            last_lines: last_lines(&self.log),
        }
    }

    /// Stops it in order; kills it and its descendants if it still runs after `grace`.
    ///
    /// # Errors
    ///
    /// When it survives even SIGKILL.
    pub async fn terminate(&self, grace: Duration) -> Result<()> {
        let Some(identity) = self.identity() else {
            return Ok(());
        };
        let tree = identity.tree();
        self.thaw();
        let _ = kill(identity.pid(), self.stop_signal);
        wait::until(grace, || !identity.is_alive()).await;
        self.end(&tree).await
    }

    /// Kills it and its descendants by SIGKILL, as `kill -9` or a power cut would.
    ///
    /// # Errors
    ///
    /// When it survives.
    pub async fn kill(&self) -> Result<()> {
        let Some(identity) = self.identity() else {
            return Ok(());
        };
        self.end(&identity.tree()).await
    }

    async fn end(&self, tree: &[Identity]) -> Result<()> {
        signal(tree, Signal::SIGKILL);
        for process in tree {
            if !wait::until(DEATH_WITHIN, || !process.is_alive()).await {
                return Err(Error::Unkillable {
                    name: self.name.clone(),
                    pid: process.pid().as_raw(),
                });
            }
        }
        let _ = fs::remove_file(&self.pid_file);
        Ok(())
    }

    /// Freezes it and its descendants (SIGSTOP): connections stay open and silent. Waits until all
    /// of them are stopped: on a busy machine a thread may run for a moment after the signal.
    pub fn freeze(&self) {
        let stands_still = || {
            self.signal_all(Signal::SIGSTOP);
            let tree = self
                .identity()
                .map(|identity| identity.tree())
                .unwrap_or_default();
            tree.iter().all(Identity::is_stopped)
        };
        let deadline = Instant::now() + FROZEN_WITHIN;
        while !stands_still() && Instant::now() < deadline {
            std::thread::yield_now();
        }
    }

    /// Resumes it after [`Process::freeze`].
    pub fn thaw(&self) {
        self.signal_all(Signal::SIGCONT);
    }

    fn signal_all(&self, what: Signal) {
        if let Some(identity) = self.identity() {
            signal(&identity.tree(), what);
        }
    }
}

/// Returns the last lines of a log, enough to see why its process ended.
fn last_lines(log: &Path) -> String {
    const LINES: usize = 5;
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut lines: Vec<&str> = text
        .lines()
        .rev()
        .filter(|line| !line.is_empty())
        .take(LINES)
        .collect();
    lines.reverse();
    lines.join("\n")
}

/// Sends a signal to the processes that still run.
fn signal(processes: &[Identity], what: Signal) {
    for process in processes.iter().filter(|process| process.is_alive()) {
        let _ = kill(process.pid(), what);
    }
}
