//! The test programs that cargo builds.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::selection::Selection;
use crate::cargo::cargo;
use crate::command::root;
use crate::lints;

const UNIT_TESTS: &str = " (unit tests)";

/// A test program of one crate: its unit tests, or its integration tests.
#[derive(Debug)]
pub struct Program {
    /// As people call it: `services/intake`, `services/intake (unit tests)`.
    pub name: String,
    /// The crate's folder.
    pub folder: PathBuf,
    /// The program.
    pub path: PathBuf,
    /// Whether its tests that need a special machine run, too.
    pub with_ignored: bool,
}

/// Builds the tests, and lints everything where all of them are built.
///
/// # Errors
///
/// Something does not compile, or a lint has something to say.
pub fn build(selection: Option<&Selection>) -> Result<Vec<Program>> {
    let mut command = cargo(&["test", "--workspace", "--no-run"]);
    command.arg("--message-format=json-render-diagnostics");
    match selection {
        Some(selection) => command.args(selection.targets()),
        None => lints::lint(command.arg("--all-targets"))?,
    };
    let mut cargo = command.stdout(Stdio::piped()).spawn()?;
    let output = cargo.stdout.take().context("cargo has no output")?;
    let mut programs = Vec::new();
    for line in BufReader::new(output).lines() {
        // what is no message of cargo names no program
        programs.extend(
            serde_json::from_str(&line?)
                .ok()
                .as_ref()
                .and_then(Program::parse),
        );
    }
    let status = cargo.wait()?;
    if !status.success() {
        bail!("the tests can't be built ({status})");
    }
    if let Some(selection) = selection {
        programs.retain(|program| selection.has(&program.folder));
    }
    programs.sort_by_key(Program::is_unit);
    Ok(programs)
}

impl Program {
    /// Reads one of cargo's messages.
    fn parse(message: &Value) -> Option<Self> {
        let path = message["executable"].as_str()?;
        let kind = &message["target"]["kind"][0];
        if message["profile"]["test"] != true || kind == "bench" {
            return None;
        }
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
        let is_unit = kind != "test";
        let short = folder.strip_prefix(root()).unwrap_or(folder).display();
        Some(Self {
            name: if is_unit {
                format!("{short}{UNIT_TESTS}")
            } else {
                short.to_string()
            },
            folder: folder.to_owned(),
            path: path.into(),
            with_ignored: false,
        })
    }

    /// Whether its tests put a whole system under load, and so must have the machine to themselves.
    pub fn is_alone(&self) -> bool {
        ["loadtests", "dev/containers"].contains(&self.name.as_str())
    }

    /// Unit tests are over in a moment, and come last.
    fn is_unit(&self) -> bool {
        self.name.ends_with(UNIT_TESTS)
    }
}
