//! A real nginx in front of the services.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sportello_stack::{folders, nginx, ports};

const STARTS_WITHIN: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// One process of nginx, with all its files in one folder. Stopped when dropped.
#[derive(Debug)]
pub struct Nginx {
    process: Child,
    url: String,
    folder: PathBuf,
}

impl Nginx {
    /// Starts it, and returns when it answers. `http` is the content of the block `http` in
    /// addition to the servers; `server` is the content of its one server's block.
    ///
    /// # Errors
    /// It is not installed, or does not start.
    pub async fn start(folder: &Path, http: &str, server: &str) -> anyhow::Result<Self> {
        folders::create(folder)?;
        let port = ports::free_port()?;
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration(folder, port, http, server))?;
        let process = Command::new(nginx::program())
            .args(["-p".as_ref(), folder, "-c".as_ref(), file.as_path()])
            .args(["-e".as_ref(), folder.join("error.log").as_path()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("nginx does not start: is it installed?")?;
        let nginx = Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
            folder: folder.to_owned(),
        };
        let begun = Instant::now();
        let client = reqwest::Client::builder().no_proxy().build()?;
        while client.get(nginx.url()).send().await.is_err() {
            ensure!(begun.elapsed() < STARTS_WITHIN, "nginx does not answer");
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Ok(nginx)
    }

    /// Returns its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns its log files.
    #[must_use]
    pub fn logs(&self) -> Vec<PathBuf> {
        ["access.log", "error.log"]
            .map(|name| self.folder.join(name))
            .to_vec()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // an ended process can't be killed, and that is fine
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns a configuration with one server.
fn configuration(folder: &Path, port: u16, http: &str, server: &str) -> String {
    let http = format!(
        r"access_log {}/access.log;
    {http}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        {server}
    }}",
        folder.display()
    );
    nginx::configuration(folder, &http)
}
