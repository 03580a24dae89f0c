//! Programs that the system needs, installed if missing and possible.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{printed, shown};

/// A program that must be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// PostgreSQL 15 or later.
    Postgres,
    /// RabbitMQ 3.10 or later.
    RabbitMq,
    /// Node.js 20 or later, with npm.
    Node,
    /// nginx, the gateway.
    Nginx,
    /// libfaketime, with which a test makes the clock of a process jump.
    FakeClock,
    /// Chromium, in which the portal's pages are tested.
    Browser,
    /// openssl, which makes the certificate of the portal's three sites in a browser.
    Certificates,
    /// Readers of printed codes: zbarimg, and pdftoppm, which makes pictures of pages.
    CodeReader,
    /// strace, with which a test sees syncs to the disk.
    Trace,
    /// Prometheus with promtool, and Alertmanager, in which alerts are tested.
    Prometheus,
    /// Python with pip, which fetches the schemas of Kubernetes.
    Python,
    /// curl and jq, in which the examples of the API's page are written.
    Shell,
}

/// All programs that the tests need, but those in a browser.
pub const ALL: [Need; 9] = [
    Need::Postgres,
    Need::RabbitMq,
    Need::Node,
    Need::Nginx,
    Need::FakeClock,
    Need::Trace,
    Need::Prometheus,
    Need::Python,
    Need::Shell,
];

impl Need {
    fn is_met(self) -> bool {
        let exists = |paths: &[&str]| paths.iter().any(|path| Path::new(path).exists());
        match self {
            Self::Postgres => {
                newest_postgres().is_some_and(|major| major >= 15) || has("initdb", "--version")
            }
            Self::RabbitMq => {
                exists(&["/usr/lib/rabbitmq/bin/rabbitmq-server"]) || in_path("rabbitmq-server")
            }
            Self::Node => node_major().is_some_and(|major| major >= 20) && has("npm", "--version"),
            Self::Nginx => exists(&["/usr/sbin/nginx"]) || in_path("nginx"),
            Self::FakeClock => faketime(),
            Self::Browser => exists(&["/usr/bin/chromium"]),
            Self::Certificates => has("openssl", "version"),
            Self::CodeReader => in_path("zbarimg") && in_path("pdftoppm"),
            Self::Trace => has("strace", "-V"),
            Self::Prometheus => has("promtool", "--version") && has("amtool", "--version"),
            Self::Python => printed("python3", &["-m", "pip", "--version"]).is_some(),
            Self::Shell => has("curl", "--version") && has("jq", "--version"),
        }
    }

    /// Packages of Debian and Ubuntu.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgresql"],
            Self::RabbitMq => &["rabbitmq-server"],
            Self::Node => &["nodejs", "npm"],
            Self::Nginx => &["nginx-light"],
            Self::FakeClock => &["libfaketime"],
            Self::Browser => &["chromium"],
            Self::Certificates => &["openssl"],
            Self::CodeReader => &["zbar-tools", "poppler-utils"],
            Self::Trace => &["strace"],
            Self::Prometheus => &["prometheus", "prometheus-alertmanager"],
            Self::Python => &["python3", "python3-pip"],
            Self::Shell => &["curl", "jq"],
        }
    }

    fn by_hand(self) -> &'static str {
        match self {
            Self::Postgres => {
                "PostgreSQL 15 or later (package postgresql), or set DATABASE_URL to a database of yours"
            }
            Self::RabbitMq => {
                "RabbitMQ 3.10 or later (package rabbitmq-server), or set AMQP_URL to a virtual host of yours"
            }
            Self::Node => "Node.js 20 or later with npm (https://nodejs.org/en/download)",
            Self::Nginx => "nginx (package nginx-light)",
            Self::FakeClock => "libfaketime (package libfaketime)",
            Self::Browser => "Chromium at /usr/bin/chromium (package chromium)",
            Self::Certificates => "openssl (package openssl)",
            Self::CodeReader => "zbarimg and pdftoppm (packages zbar-tools and poppler-utils)",
            Self::Trace => "strace (package strace)",
            Self::Prometheus => "Prometheus and Alertmanager (packages prometheus, prometheus-alertmanager)",
            Self::Python => "Python 3 with pip (packages python3, python3-pip)",
            Self::Shell => "curl 7.82 or later, and jq (packages curl, jq)",
        }
    }
}

/// Installs what is missing with apt-get, and prints the command first.
///
/// # Errors
///
/// If that fails, the error lists the packages to install.
pub fn ensure(needed: &[Need]) -> Result<()> {
    let missing = unmet(needed);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages()).copied().collect();
    let installed = if in_path("apt-get") {
        let install = [
            &["install", "--yes", "--no-install-recommends"],
            packages.as_slice(),
        ]
        .concat();
        // the lists may be missing, or name versions that the archive no longer has
        apt(&install).or_else(|_outdated| apt(&["update"]).and_then(|()| apt(&install)))
    } else {
        Err(anyhow::anyhow!("apt-get can't be used here"))
    };
    match (unmet(&missing).as_slice(), installed) {
        ([], _) => Ok(()),
        (still, result) => {
            let why = result
                .err()
                .map_or("the packages of this system are too old".to_owned(), |error| {
                    format!("{error:#}")
                });
            let list: Vec<String> = still
                .iter()
                .map(|need| format!("\n  - {}", need.by_hand()))
                .collect();
            bail!(
                "{why}. Install these, then try again:{}\nor run it in containers: docker compose up",
                list.concat()
            )
        }
    }
}

fn unmet(needed: &[Need]) -> Vec<Need> {
    needed.iter().copied().filter(|need| !need.is_met()).collect()
}

/// Runs apt-get as root, or through sudo. Does not start the servers of the packages: ours are
/// private ones.
fn apt(arguments: &[&str]) -> Result<()> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let environment = [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "RUNLEVEL=1",
        "SYSTEMD_OFFLINE=1",
    ];
    let sudo: &[&str] = if is_root { &[] } else { &["sudo"] };
    let words = [sudo, &environment, &["apt-get", "--quiet"], arguments].concat();
    eprintln!("installing missing packages: {}", words.join(" "));
    shown(Command::new(words[0]).args(&words[1..]).stdout(std::io::stderr())).context("apt-get failed")
}

/// Returns the newest major version in Debian's folders.
fn newest_postgres() -> Option<u32> {
    let folders = fs::read_dir("/usr/lib/postgresql").ok()?;
    let majors = folders.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    majors.max()
}

fn node_major() -> Option<u32> {
    let version = printed("node", &["--version"])?;
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn faketime() -> bool {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut folders = folders.map(|entry| entry.path());
    folders.any(|folder| folder.join("faketime/libfaketime.so.1").exists())
        || Path::new("/usr/local/lib/faketime/libfaketime.so.1").exists()
}

fn has(program: &str, option: &str) -> bool {
    printed(program, &[option]).is_some()
}

fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
