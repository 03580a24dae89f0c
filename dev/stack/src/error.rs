//! Errors, with advice.

use std::io;
use std::path::PathBuf;

/// The result of every function in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a server, a process or a request to one failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A required program is not installed.
    #[error("{program} was not found: install the package {package}")]
    Missing {
        /// The program, and where it was searched.
        program: String,
        /// The Debian package that holds it.
        package: &'static str,
    },
    /// The operating system refused an action.
    #[error("cannot {action}")]
    Io {
        /// The action, with its path.
        action: String,
        /// The error of the operating system.
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
        /// The end of its output.
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
    /// A process runs but did not become ready.
    #[error("{name} is not ready after {seconds} s: see {}", log.display())]
    NotReady {
        /// The process.
        name: String,
        /// Length of the wait, in seconds.
        seconds: u64,
        /// Its log file.
        log: PathBuf,
    },
    /// A process survived SIGKILL for seconds, so it hangs in the kernel.
    #[error("{name} (process {pid}) does not stop: see what it waits for in /proc/{pid}/stack")]
    Unkillable {
        /// The process.
        name: String,
        /// Its id.
        pid: i32,
    },
    /// PostgreSQL already runs on these data, but not as the recorded process.
    #[error("process {pid} already uses {}: end it first", data.display())]
    InUse {
        /// The process that uses them.
        pid: i32,
        /// The data folder.
        data: PathBuf,
    },
    /// No user without root's rights can reach the folder.
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
    /// No file system can be mounted, or none is mounted.
    #[error(
        "there is no small disk ({0}): the kernel must let users make namespaces (`unshare --user --map-root-user --mount true` \
         tells; Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; Docker: --privileged)"
    )]
    NoSmallDisk(String),
    /// A state file does not have this version's format.
    #[error("{} is damaged: remove its folder and all data in it", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// The error of the parser.
        #[source]
        source: serde_json::Error,
    },
    /// A benefit's file is not TOML.
    #[error("{} can't be read as TOML", path.display())]
    Benefit {
        /// The file.
        path: PathBuf,
        /// Place and reason.
        #[source]
        source: Box<toml_edit::TomlError>,
    },
    /// An HTTP request to a local server failed.
    #[error("{request} failed")]
    Http {
        /// Method and path.
        request: String,
        /// The error of the client.
        #[source]
        source: reqwest::Error,
    },
    /// An HTTP request to a local server was refused.
    #[error("{request} returned {status}: {body}")]
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
    Mint(#[from] sportello_people::mint::MintError),
    /// A server has no address yet.
    #[error("{0} was never started here: start it first")]
    NeverStarted(&'static str),
    /// No node of the cluster leads a queue now.
    #[error("no running node knows a leader of the queue {0}")]
    NoLeader(String),
    /// No free port was found.
    #[error("no free port was found between {0} and {1}: stop a program that listens there")]
    NoPort(u16, u16),
}

impl Error {
    /// Makes an I/O error that names the action.
    pub fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}
