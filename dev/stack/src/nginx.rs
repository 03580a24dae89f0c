//! nginx as one process of a user, with all its files in one folder.

use std::path::Path;

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
