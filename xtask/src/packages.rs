//! The programs that the system needs, installed where they are missing and that is possible.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use nix::unistd::Uid;
use sportello_local::{FakeClock, Postgres, RabbitMq};

use crate::build::shown;

const OLDEST_NODE: u32 = 20;

/// Something that has to be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// PostgreSQL 15 or later.
    Postgres,
    /// RabbitMQ 3.10 or later.
    RabbitMq,
    /// Node.js 20 or later, with npm.
    Node,
    /// nginx, which a test puts in front of the services.
    Nginx,
    /// libfaketime, by which a test has the clock of one process jump.
    FakeClock,
}

impl Need {
    fn is_met(self) -> bool {
        match self {
            Self::Postgres => Postgres::check_installed().is_ok(),
            Self::RabbitMq => RabbitMq::check_installed().is_ok(),
            Self::Nginx => ["nginx", "/usr/sbin/nginx"]
                .into_iter()
                .any(|program| says_its_version(program, "-v")),
            Self::FakeClock => FakeClock::check_installed().is_ok(),
            Self::Node => node_major().is_some_and(|major| major >= OLDEST_NODE) && runs("npm"),
        }
    }

    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgresql"],
            Self::RabbitMq => &["rabbitmq-server"],
            Self::Node => &["nodejs", "npm"],
            Self::Nginx => &["nginx-light"],
            Self::FakeClock => &["libfaketime"],
        }
    }

    /// The first number of the oldest version that will do.
    fn oldest_major(self) -> u32 {
        match self {
            Self::Postgres => 15,
            Self::RabbitMq => 3,
            Self::Node => OLDEST_NODE,
            Self::Nginx => 1,
            Self::FakeClock => 0,
        }
    }

    fn by_hand(self) -> &'static str {
        match self {
            Self::Postgres => {
                "PostgreSQL 15 or later (Debian and Ubuntu: package postgresql), or set DATABASE_URL to a database of yours"
            }
            Self::RabbitMq => {
                "RabbitMQ 3.10 or later (Debian and Ubuntu: package rabbitmq-server), or set AMQP_URL to a virtual host of yours"
            }
            Self::Node => "Node.js 20 or later with npm (https://nodejs.org/en/download)",
            Self::Nginx => "nginx (Debian and Ubuntu: package nginx-light)",
            Self::FakeClock => "libfaketime (Debian and Ubuntu: package libfaketime)",
        }
    }
}

/// Installs what is missing with apt-get, after saying so.
///
/// # Errors
///
/// Where that can't be done, says exactly what to install.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let missing = unmet(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let Some(mut apt) = Apt::find() else {
        return Err(advice(&missing, "apt-get can't be used here"));
    };
    apt.install(&missing)?;
    match unmet(&missing).as_slice() {
        [] => Ok(()),
        still => Err(advice(
            still,
            "the packages were installed, but are too old or incomplete",
        )),
    }
}

fn unmet(needs: &[Need]) -> Vec<Need> {
    needs.iter().copied().filter(|need| !need.is_met()).collect()
}

fn advice(missing: &[Need], why: &str) -> anyhow::Error {
    let list: Vec<String> = missing
        .iter()
        .map(|need| format!("\n  - {}", need.by_hand()))
        .collect();
    anyhow::anyhow!(
        "{why}. Install these, then try again:{}\nor run it in containers: docker compose up",
        list.concat()
    )
}

/// apt-get, as root or through sudo.
struct Apt {
    sudo: bool,
    updated: bool,
}

impl Apt {
    fn find() -> Option<Self> {
        let root = Uid::effective().is_root();
        (runs("apt-get") && (root || runs("sudo"))).then_some(Self {
            sudo: !root,
            updated: false,
        })
    }

    fn install(&mut self, missing: &[Need]) -> Result<()> {
        for need in missing {
            self.check_version(*need, missing)?;
        }
        let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages()).copied().collect();
        let arguments = [
            &["install", "--yes", "--no-install-recommends"],
            packages.as_slice(),
        ]
        .concat();
        if self.run(&arguments).is_ok() {
            return Ok(());
        }
        // the lists may name versions that the archive no longer has
        self.update(missing)?;
        self.run(&arguments)
            .map_err(|error| advice(missing, &format!("{error:#}")))
    }

    /// Refuses to install what would be too old.
    fn check_version(&mut self, need: Need, missing: &[Need]) -> Result<()> {
        for package in need.packages() {
            if candidate(package).is_none() {
                self.update(missing)?;
            }
        }
        let first = need.packages().first().copied().unwrap_or_default();
        match candidate(first) {
            None => Err(advice(missing, &format!("apt-get knows no package {first}"))),
            Some(version) if major(&version).is_some_and(|major| major < need.oldest_major()) => Err(advice(
                missing,
                &format!("the package {first} is too old here ({version})"),
            )),
            Some(_) => Ok(()),
        }
    }

    fn update(&mut self, missing: &[Need]) -> Result<()> {
        if self.updated {
            return Ok(());
        }
        self.updated = true;
        self.run(&["update"])
            .map_err(|error| advice(missing, &format!("{error:#}")))
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let mut words = Vec::new();
        if self.sudo {
            words.push("sudo");
        }
        // the servers that the packages bring are not started: ours are private ones
        words.extend([
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "RUNLEVEL=1",
            "SYSTEMD_OFFLINE=1",
            "apt-get",
        ]);
        words.extend(["--quiet"].iter().chain(arguments));
        eprintln!("installing what is missing: {}", words.join(" "));
        shown(Command::new(words[0]).args(&words[1..]).stdout(std::io::stderr()))
            .context("apt-get did not work")
    }
}

/// The version that apt-get would install.
fn candidate(package: &str) -> Option<String> {
    let output = Command::new("apt-cache")
        .args(["policy", package])
        .env("LC_ALL", "C")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate: "))?
        .to_owned();
    (version != "(none)").then_some(version)
}

/// The first number of a Debian version: 20 of `20.19.2+dfsg-1`, 16 of `1:16+257`.
fn major(version: &str) -> Option<u32> {
    let upstream = version.split_once(':').map_or(version, |(_epoch, rest)| rest);
    upstream
        .split(|letter: char| !letter.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

fn node_major() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    major(String::from_utf8(output.stdout).ok()?.trim().strip_prefix('v')?)
}

fn runs(program: &str) -> bool {
    says_its_version(program, "--version")
}

fn says_its_version(program: &str, option: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg(option)
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_first_number_of_a_version_is_read_past_its_epoch() {
        for (version, expected) in [
            ("20.19.2+dfsg-1", 20),
            ("15+248", 15),
            ("1:16+257build1.1", 16),
            ("3.10.8-1.1", 3),
        ] {
            assert_eq!(major(version), Some(expected));
        }
        assert_eq!(major("unknown"), None);
    }
}
