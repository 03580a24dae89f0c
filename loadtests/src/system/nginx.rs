//! A real nginx in front of the services.

use std::path::{Path, PathBuf};

use sportello_stack::{nginx, ports};

/// One process of nginx, with all its files in one folder. Stopped when dropped.
#[derive(Debug)]
pub struct Nginx {
    _process: nginx::Nginx,
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
        let port = ports::free_port()?;
        let http = configuration(folder, port, http, server);
        Ok(Self {
            _process: nginx::Nginx::start(folder, &http, port).await?,
            url: format!("http://127.0.0.1:{port}"),
            folder: folder.to_owned(),
        })
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

/// Returns the content of the block `http` with one server.
fn configuration(folder: &Path, port: u16, http: &str, server: &str) -> String {
    format!(
        r"access_log {}/access.log;
    {http}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        {server}
    }}",
        folder.display()
    )
}
