//! Building what is run.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use sportello_local::folders;

/// The programs that the system is made of.
pub const SERVICES: [&str; 3] = ["intake", "worker", "status"];

/// Runs a command that shows its own progress; an error where it fails.
pub fn shown(command: &mut Command) -> Result<()> {
    let name = command_line(command);
    let status = command.status().with_context(|| format!("cannot run `{name}`"))?;
    if !status.success() {
        bail!("`{name}` failed ({status})");
    }
    Ok(())
}

/// Runs a command without showing what it prints, unless it fails.
pub fn hidden(command: &mut Command) -> Result<()> {
    let name = command_line(command);
    let output = command.output().with_context(|| format!("cannot run `{name}`"))?;
    if !output.status.success() {
        let printed = [output.stdout, output.stderr].concat();
        bail!(
            "`{name}` failed ({}):\n{}",
            output.status,
            String::from_utf8_lossy(&printed).trim()
        );
    }
    Ok(())
}

/// A cargo command in the checkout.
pub fn cargo(arguments: &[&str]) -> Command {
    // the cargo that runs this command, so the same toolchain
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(folders::workspace());
    command
}

/// Builds the services; cargo shows its own progress.
pub fn services(release: bool) -> Result<()> {
    let mut command = cargo(&["build", "--quiet"]);
    if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        command = cargo(&["build"]);
    }
    for service in SERVICES {
        command.args(["--bin", service]);
    }
    if release {
        command.arg("--release");
    }
    shown(&mut command).context("the services can't be built")
}

/// Installs the packages of the identity provider, unless those of its lock file are there.
pub fn identity_provider(folder: &Path) -> Result<()> {
    let (lock, modules) = (folder.join("package-lock.json"), folder.join("node_modules"));
    let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    // written last, so that an installation cut short is done again
    let record = modules.join(".installed-lock.json");
    if fs::read(&record).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    hidden(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    fs::write(&record, wanted).with_context(|| format!("cannot write {}", record.display()))
}

fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
