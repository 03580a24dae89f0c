//! Cargo commands in the checkout.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{root, shown};

/// The programs of the services.
pub const SERVICES: [&str; 5] = ["intake", "worker", "status", "portal", "console"];

/// Makes a cargo command in the checkout, with the toolchain that runs this one.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    // these describe this program, not the built ones
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(name);
        }
    }
    command
}

/// Builds programs of the workspace. All commands build with all members selected, so that features
/// are the same each time and no dependency is built twice.
///
/// # Errors
///
/// A program can't be built.
pub fn build(programs: &[&str], profile: &str) -> Result<()> {
    let mut command = cargo(&["build", "--profile", profile]);
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    for program in programs {
        command.args(["--bin", program]);
    }
    shown(&mut command).context("the programs can't be built")
}

/// Returns cargo's target folder.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}
