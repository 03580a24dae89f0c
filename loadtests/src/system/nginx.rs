//! A real nginx in front of the services.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sportello_stack::{Part, nginx, ports};

use crate::system::private_system::PrivateSystem;

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

    /// Starts one in front of two intakes and two status services.
    ///
    /// A request that fails at one process is tried at the other, also a `POST` that may have been
    /// accepted: with the same `Idempotency-Key` it is the same application. Both are tried twice
    /// (`backup`): a request that fails at both in turn is retried at the first, which is back by
    /// then.
    ///
    /// A failure excludes no process (`max_fails=0`): the other may be the next to stop.
    /// Connections to the services are kept for less time than the services keep them (5 s).
    ///
    /// # Errors
    /// A process was never started, or nginx does not start.
    pub async fn balance(system: &PrivateSystem) -> anyhow::Result<Self> {
        let address = |part| {
            let url = system.url(part).context("it has no address")?;
            anyhow::Ok(url.trim_start_matches("http://").to_owned())
        };
        let upstream = |name: &str, one: Part, other: Part| {
            let (one, other) = (address(one)?, address(other)?);
            anyhow::Ok(format!(
                "upstream {name} {{
        server {one} max_fails=0; server {other} max_fails=0;
        server {one} max_fails=0 backup; server {other} max_fails=0 backup;
        keepalive 256; keepalive_timeout 3s;
    }}
    "
            ))
        };
        let http = upstream("intakes", Part::Intake, Part::SecondIntake)?
            + &upstream("statuses", Part::Status, Part::SecondStatus)?;
        let server = "proxy_http_version 1.1;
        proxy_set_header Connection '';
        proxy_next_upstream error timeout http_503 non_idempotent;
        location / { proxy_pass http://intakes; }
        location /v1/tokens/ { proxy_pass http://statuses; }";
        Self::start(&system.folder().join("nginx"), &http, server).await
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
