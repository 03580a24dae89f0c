//! nginx as one process of a user, with all its files in one folder.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::wait::{self, until};
use crate::{Error, Result, folders};

const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// One process of nginx. Stopped when dropped.
#[derive(Debug)]
pub struct Nginx(Child);

impl Nginx {
    /// Starts it with the content of its block `http`, and returns when it listens on a port of
    /// 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When it is not installed, or does not start.
    pub async fn start(folder: &Path, http: &str, port: u16) -> Result<Self> {
        folders::create(folder)?;
        let file = folder.join("nginx.conf");
        let write = fs::write(&file, configuration(folder, http));
        write.map_err(Error::io(format!("write {}", file.display())))?;
        let log = folder.join("error.log");
        let process = Command::new(program())
            .args(["-p".as_ref(), folder, "-c".as_ref(), file.as_path()])
            .args(["-e".as_ref(), log.as_path()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Error::io("start nginx: is it installed?"))?;
        let nginx = Self(process);
        if until(STARTS_WITHIN, || wait::listens(port)).await {
            return Ok(nginx);
        }
        Err(Error::NotReady {
            name: "nginx".to_owned(),
            seconds: STARTS_WITHIN.as_secs(),
            log,
        })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // an ended process can't be killed, and that is fine
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns the program: Debian's folder is not in a normal user's PATH.
#[must_use]
pub fn program() -> &'static str {
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .unwrap_or("nginx")
}

/// Returns a configuration; `http` is the content of its block `http`.
#[must_use]
pub fn configuration(folder: &Path, http: &str) -> String {
    let folder = folder.display();
    format!(
        r"
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log info;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
}}
"
    )
}
