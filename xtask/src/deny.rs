//! `cargo xtask deny`: cargo-deny with licences, bans, sources and the security advisories.
//!
//! A test of this crate checks licences, bans and sources too, in seconds and without installing
//! anything; the advisories need their database.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::command::{root, shown};
use crate::tools::Tool;

const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
};

/// Checks all rules of deny.toml.
pub fn run() -> Result<ExitCode> {
    let mut deny = Command::new(program()?);
    shown(deny.arg("check").current_dir(root()))?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the program, any version of it that is there.
fn program() -> Result<PathBuf> {
    let installed = Command::new("cargo-deny").arg("--version").output();
    if installed.is_ok_and(|output| output.status.success()) {
        return Ok(PathBuf::from("cargo-deny"));
    }
    CARGO_DENY.program()
}
