//! `cargo xtask deny`: cargo-deny with licences, bans, sources and the security advisories.
//!
//! A test of this crate checks licences, bans and sources too, in seconds and without installing
//! anything; the advisories need their database.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::cargo::{cargo, target};
use crate::command::{root, shown};

/// The version to install if none is present.
const VERSION: &str = "0.20.2";

/// Checks all rules of deny.toml.
pub fn run() -> Result<ExitCode> {
    let program = program()?;
    let mut deny = Command::new(program);
    shown(deny.arg("check").current_dir(root()))?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the program; installs it into `target/tools` if it is missing, which compiles for
/// minutes, once for each version.
fn program() -> Result<PathBuf> {
    let installed = Path::new("cargo-deny");
    if is_there(installed) {
        return Ok(installed.to_owned());
    }
    let folder = target().join(format!("tools/cargo-deny-{VERSION}"));
    let program = folder.join("bin/cargo-deny");
    if !is_there(&program) {
        eprintln!("installing cargo-deny {VERSION} into target/tools (takes minutes, once)");
        // without optimisation, which would only lengthen the build
        let mut install = cargo(&["install", "--debug", "--locked", "--version", VERSION, "--root"]);
        shown(install.arg(&folder).arg("cargo-deny")).context("cargo-deny can't be installed")?;
    }
    Ok(program)
}

fn is_there(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").output();
    output.is_ok_and(|output| output.status.success())
}
