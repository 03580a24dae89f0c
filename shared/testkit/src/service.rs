//! A service's real process, for tests that ask it over HTTP.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use sportello_local::catalogue;
use sportello_local::{Identity, Memory};

use crate::waiting::eventually;

/// How long a process may take to start, to get ready and to end.
const WITHIN: Duration = Duration::from_secs(30);

/// A process on a free port; ended when dropped. It logs all it can, so that a test sees what would be logged.
#[derive(Debug)]
pub struct Service {
    process: Child,
    log: PathBuf,
    url: String,
    client: reqwest::Client,
}

impl Service {
    /// Starts `binary` with these variables and waits until it listens; its log goes to a file in `folder`, where
    /// `catalogue` holds the shipped benefits, open today. The binary must log a field `address`.
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
            client,
        };
        let address = eventually(WITHIN, async || service.address()).await;
        service.url = format!("http://{address}");
        service
    }

    /// Waits until `/readyz` says that it can work.
    ///
    /// # Panics
    ///
    /// When it does not get ready.
    pub async fn ready(self) -> Self {
        eventually(WITHIN, async || self.get("/readyz").await.status() == 200).await;
        self
    }

    /// Its address: `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client that follows no redirects.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// What a path answers to anybody.
    ///
    /// # Panics
    ///
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .expect("an answer")
    }

    /// All that it logged so far.
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

    /// How much memory it has.
    ///
    /// # Panics
    ///
    /// When it has ended.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let process = Identity::of(self.process.id()).expect("the process is there");
        process.memory().expect("the process goes on")
    }

    fn address(&mut self) -> Option<String> {
        let log = self.log();
        if let Some(status) = self.process.try_wait().expect("a child") {
            panic!("ended with {status} at its start: {log}");
        }
        let lines = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter_map(|line| Some(line.get("address")?.as_str()?.to_owned()))
            .next()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // an ended process can't be killed, and that is fine
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
