//! What can go wrong, with what to do about it.

use std::io;
use std::path::PathBuf;

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a server, a process or a request to one failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program that is needed is not installed.
    #[error("{program} was not found: install the package {package}")]
    Missing {
        /// What was looked for, and where.
        program: String,
        /// The Debian package that holds it.
        package: &'static str,
    },
    /// The operating system refused something.
    #[error("cannot {action}")]
    Io {
        /// What was being done, with its path.
        action: String,
        /// The refusal.
        #[source]
        source: io::Error,
    },
    /// A short-lived command ended with an error.
    #[error("{command} failed ({status}): {output}")]
    Command {
        /// The program's name.
        command: String,
        /// Its exit status.
        status: String,
        /// The end of what it printed.
        output: String,
    },
    /// A process ended while it was being started.
    #[error("{name} ended while it was starting; the end of its log {}:\n{last_lines}", log.display())]
    Ended {
        /// The process.
        name: String,
        /// Its log file.
        log: PathBuf,
        /// The last of its lines.
        last_lines: String,
    },
    /// A process is there but did not become ready.
    #[error("{name} is not ready after {seconds} s: see {}", log.display())]
    NotReady {
        /// The process.
        name: String,
        /// How long it was waited for.
        seconds: u64,
        /// Its log file.
        log: PathBuf,
    },
    /// A process survived SIGKILL for seconds, so it hangs in the kernel.
    #[error("{name} (process {pid}) does not end: look at what it waits for in /proc/{pid}/stack")]
    Unkillable {
        /// The process.
        name: String,
        /// Its id.
        pid: i32,
    },
    /// PostgreSQL runs on these data, but was not started by the process on record.
    #[error("process {pid} already uses {}: end it first", data.display())]
    InUse {
        /// The process that uses them.
        pid: i32,
        /// The data folder.
        data: PathBuf,
    },
    /// Root can't be dropped in a way that leaves the folder reachable.
    #[error("user {user} cannot write in {}, even with capabilities: use a folder that it can enter", folder.display())]
    Unreachable {
        /// The user who would own the server.
        user: String,
        /// The folder for its data.
        folder: PathBuf,
    },
    /// Neither the package's own user nor `nobody` exists.
    #[error("there is no unprivileged user to run as (looked for {0}): create one of them")]
    NoUser(String),
    /// No file system can be mounted, or none is.
    #[error(
        "there is no small disk ({0}): the kernel must let users make namespaces (`unshare --user --map-root-user --mount true` \
         tells; Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; Docker: --privileged)"
    )]
    NoSmallDisk(String),
    /// A state file is not what this version writes.
    #[error("{} is damaged: remove the folder that it is in (its data go with it)", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A benefit's file is not TOML.
    #[error("{} can't be read as TOML", path.display())]
    Benefit {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml_edit::TomlError>,
    },
    /// An HTTP request to a local server failed.
    #[error("{request} failed")]
    Http {
        /// Method and path.
        request: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// An HTTP request to a local server was refused.
    #[error("{request} was answered {status}: {body}")]
    Refused {
        /// Method and path.
        request: String,
        /// The status code.
        status: u16,
        /// The start of the answer.
        body: String,
    },
    /// The keys of the mint are not usable.
    #[error("the mint of invented citizens can't be opened")]
    Mint(#[from] crate::mint::MintError),
    /// No free port was found.
    #[error("no free port was found between {0} and {1}: end something that listens there")]
    NoPort(u16, u16),
}

impl Error {
    /// Makes an I/O error that says what was being done.
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}
