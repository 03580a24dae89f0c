//! A service's real process, for tests over HTTP.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use sportello_stack::catalogue;
use sportello_stack::{Identity, Memory};

use crate::waiting::eventually;

/// Deadline for a process to start, get ready and end.
const WITHIN: Duration = Duration::from_secs(30);

/// A process on a free port; stopped when dropped. It logs at the highest level, so that tests see
/// everything that could be logged.
#[derive(Debug)]
pub struct Service {
    process: Child,
    log: PathBuf,
    url: String,
    internal_url: String,
    client: reqwest::Client,
}

/// The paths of a service's internal address.
const INTERNAL: [&str; 3] = ["/livez", "/readyz", "/metrics"];

impl Service {
    /// Starts `binary` with these variables and waits until it listens. Its log goes to a file in
    /// `folder`, and the folder `catalogue` there holds the shipped benefits, open today. The
    /// binary must log a field `internal_address`, and `address` if it has another.
    ///
    /// # Panics
    ///
    /// When it does not start or does not listen.
    pub async fn start(binary: &str, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let name = Path::new(binary)
            .file_name()
            .expect("a program's path")
            .to_string_lossy();
        let log = folder.join(format!("{name}.log"));
        let benefits = folder.join("catalogue");
        catalogue::reopened(&catalogue::shipped(), &benefits).expect("a copy of the catalogue");
        let output = File::create(&log).expect("a log file");
        let process = Command::new(binary)
            .env("RUST_LOG", "trace")
            .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT")
            .env("CATALOGUE", benefits)
            .env("INTERNAL_ADDR", "127.0.0.1:0")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stderr(output.try_clone().expect("a second handle"))
            .stdout(output)
            .spawn()
            .expect("the program starts");
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(WITHIN)
            .build()
            .expect("an HTTP client");
        let mut service = Self {
            process,
            log,
            url: String::new(),
            internal_url: String::new(),
            client,
        };
        let line = eventually(WITHIN, async || service.listens()).await;
        let url = |name: &str| Some(format!("http://{}", line.get(name)?.as_str()?));
        service.internal_url = url("internal_address").expect("an address");
        service.url = url("address").unwrap_or_else(|| service.internal_url.clone());
        service
    }

    /// Waits until `/readyz` succeeds.
    ///
    /// # Panics
    ///
    /// When it does not get ready.
    pub async fn ready(self) -> Self {
        eventually(WITHIN, async || self.get("/readyz").await.status() == 200).await;
        self
    }

    /// Returns its address: `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns a client that follows no redirects.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Gets a path without a token; internal paths at the internal address.
    ///
    /// # Panics
    ///
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        let base = if INTERNAL.contains(&path) {
            &self.internal_url
        } else {
            &self.url
        };
        self.client
            .get(format!("{base}{path}"))
            .send()
            .await
            .expect("an answer")
    }

    /// Returns its log so far.
    ///
    /// # Panics
    ///
    /// When the log can't be read.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log")
    }

    /// Sends SIGTERM and waits for a clean end.
    ///
    /// # Panics
    ///
    /// When it does not end, or ends with a failure.
    pub async fn stop(mut self) {
        let pid = i32::try_from(self.process.id()).expect("a process id");
        kill(Pid::from_raw(pid), Signal::SIGTERM).expect("the process is there");
        let status = eventually(WITHIN, async || self.process.try_wait().expect("a child")).await;
        assert!(status.success(), "ended with {status}");
    }

    /// Returns its memory.
    ///
    /// # Panics
    ///
    /// When it has ended.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let process = Identity::of(self.process.id()).expect("the process is there");
        process.memory().expect("the process goes on")
    }

    /// Returns the line of its log with its addresses.
    fn listens(&mut self) -> Option<Value> {
        let log = self.log();
        if let Some(status) = self.process.try_wait().expect("a child") {
            panic!("ended with {status} at its start: {log}");
        }
        let mut lines = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.find(|line| line.get("internal_address").is_some())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // an ended process can't be killed, and that is fine
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
