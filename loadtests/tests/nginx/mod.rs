//! A real nginx in front of the services, set up as nobody should.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sportello_local::ports;
use sportello_testkit::eventually;
use tempfile::TempDir;

const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// A cache that keeps every answer to `GET`, whatever its headers say, under its address alone. Ended when dropped.
pub(crate) struct BadCache {
    process: Child,
    url: String,
    folder: TempDir,
}

impl BadCache {
    /// Starts it in front of intake and status.
    pub(crate) async fn start(intake: &str, status: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = ports::free_port().expect("a free port");
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration(folder.path(), port, intake, status)).expect("its configuration");
        let process = Command::new(program())
            .args(["-p".as_ref(), folder.path(), "-c".as_ref(), file.as_path()])
            .args(["-e".as_ref(), folder.path().join("error.log").as_path()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx starts");
        let cache = Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
            folder,
        };
        eventually(STARTS_WITHIN, async || reqwest::get(cache.url()).await.is_ok()).await;
        cache
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// All that it logged.
    #[allow(dead_code, reason = "each test uses some of it")]
    pub(crate) fn logs(&self) -> Vec<PathBuf> {
        ["access.log", "error.log"]
            .map(|name| self.folder.path().join(name))
            .to_vec()
    }
}

impl Drop for BadCache {
    fn drop(&mut self) {
        // an ended process can't be killed, and that is fine
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Debian puts it where a plain user's path does not lead.
fn program() -> &'static str {
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .unwrap_or("nginx")
}

/// One process, everything in one folder, and the cache of the evening before: every status, for ten minutes, by the
/// address alone, with all that services say about caching ignored.
fn configuration(folder: &Path, port: u16, intake: &str, status: &str) -> String {
    let folder = folder.display();
    format!(
        r#"
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log info;
events {{ worker_connections 1024; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/cache keys_zone=everything:10m inactive=60m;
    map "$request_method $uri" $service {{
        default                     {status};
        "~^POST /v1/(applications|batches)$" {intake};
        "~^[A-Z]+ /v1/benefits"     {intake};
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass $service;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_cache everything;
            proxy_cache_key $request_uri;
            proxy_cache_valid any 10m;
            proxy_cache_lock on;
            proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires;
            add_header X-Cache $upstream_cache_status always;
        }}
    }}
}}
"#
    )
}
