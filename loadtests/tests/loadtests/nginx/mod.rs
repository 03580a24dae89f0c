//! An nginx in front of the services, with a configuration that no installation should have.

use std::path::PathBuf;

use loadtests::system::nginx::Nginx;
use tempfile::TempDir;

/// A cache that keeps every answer to `GET`, whatever its headers say, under its address alone.
/// Ended when dropped.
pub(crate) struct BadCache {
    nginx: Nginx,
    _folder: TempDir,
}

impl BadCache {
    /// Starts it in front of intake and status.
    pub(crate) async fn start(intake: &str, status: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().display();
        let http = format!(
            r#"proxy_cache_path {path}/cache keys_zone=everything:10m inactive=60m;
    map "$request_method $uri" $service {{
        default                     {status};
        "~^POST /v1/(applications|batches)$" {intake};
        "~^[A-Z]+ /v1/benefits"     {intake};
    }}"#
        );
        let nginx = Nginx::start(folder.path(), &http, EVERYTHING_IS_KEPT).await;
        Self {
            nginx: nginx.expect("nginx"),
            _folder: folder,
        }
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        self.nginx.url()
    }

    /// All that it logged.
    #[allow(dead_code, reason = "each test uses some of it")]
    pub(crate) fn logs(&self) -> Vec<PathBuf> {
        self.nginx.logs()
    }
}

/// The cache of the evening before: every status, for ten minutes, by the address alone, with all
/// that services say about caching ignored.
const EVERYTHING_IS_KEPT: &str = "location / {
            proxy_pass $service;
            proxy_http_version 1.1;
            proxy_set_header Connection '';
            proxy_cache everything;
            proxy_cache_key $request_uri;
            proxy_cache_valid any 10m;
            proxy_cache_lock on;
            proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires;
            add_header X-Cache $upstream_cache_status always;
        }";
