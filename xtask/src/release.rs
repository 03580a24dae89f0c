//! `cargo xtask release`: builds the shipped programs, optimised by a training load.
//!
//! Profile-guided optimisation, as the rustc book describes it. A first build counts which code
//! runs while a private system of these programs is under load. A second build is optimised for
//! these counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::cargo::{SERVICES, cargo, target};
use crate::command::{hidden, shown};
use crate::needs::{self, Need};
use crate::progress::step;
use crate::stack;

/// The training load. Code that it misses is treated as cold, so it must cover every hot path.
const TRAINING: [&[&str]; 3] = [
    &["limits", "--rounds", "1", "--seconds", "5", "--seed", "1"],
    &["run", "training", "--seed", "1"],
    &["bulk", "--rows", "20000", "--citizens", "100", "--seed", "1"],
];

/// Cargo's profile of the shipped programs, and its folder in any target folder.
const PROFILE: &str = "shipped";

/// Builds twice, in separate folders beside cargo's other builds, and prints the folder of the
/// programs.
pub fn run() -> Result<ExitCode> {
    needs::ensure(&[Need::Postgres, Need::RabbitMq, Need::Node])?;
    let merge = profile_tool()?;
    step("packages and scripts of Node.js", stack::node_programs)?;

    let target = target();
    let (instrumented, shipped) = (target.join("instrumented"), target.join("trained"));
    let counts = instrumented.join("counts");
    eprintln!("building the instrumented programs (the first build takes long)");
    programs(&instrumented, &format!("-Cprofile-generate={}", counts.display()))?;
    // removes counts of macros, build scripts and earlier runs
    remove(&counts)?;
    for load in TRAINING {
        shown(Command::new(instrumented.join(PROFILE).join("loadtests")).args(load))
            .context("the training failed")?;
    }
    let profile = instrumented.join("counts.profdata");
    hidden(
        Command::new(merge)
            .arg("merge")
            .arg("-o")
            .arg(&profile)
            .args(written(&counts)?),
    )?;
    eprintln!("building the optimised programs");
    // removes everything built with an earlier profile
    remove(&shipped)?;
    programs(&shipped, &format!("-Cprofile-use={}", profile.display()))?;
    println!("{}", shipped.join(PROFILE).display());
    Ok(ExitCode::SUCCESS)
}

/// Builds the services and the load generator, with this flag of rustc.
fn programs(target: &Path, flag: &str) -> Result<()> {
    let mut command = cargo(&["build", "--profile", PROFILE, "--locked", "--bin", "loadtests"]);
    for service in SERVICES {
        command.args(["--bin", service]);
    }
    // unlike RUSTFLAGS it takes a path with spaces
    shown(
        command
            .arg("--target-dir")
            .arg(target)
            .env("CARGO_ENCODED_RUSTFLAGS", flag),
    )
    .context("the programs can't be built")
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Returns the profiles that the programs wrote at their end.
fn written(counts: &Path) -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(counts)
        .with_context(|| format!("the training wrote no profile in {}", counts.display()))?;
    let files: Vec<PathBuf> = files.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    ensure!(
        !files.is_empty(),
        "the training wrote no profile in {}",
        counts.display()
    );
    Ok(files)
}

/// Returns `llvm-profdata` of the toolchain in use: another version may not read its profiles.
fn profile_tool() -> Result<PathBuf> {
    if let Some(tool) = installed_profile_tool()? {
        return Ok(tool);
    }
    shown(Command::new("rustup").args(["component", "add", "llvm-tools"]))
        .context("llvm-profdata is missing: install the component llvm-tools")?;
    installed_profile_tool()?
        .context("llvm-profdata is missing, though the component llvm-tools is installed")
}

fn installed_profile_tool() -> Result<Option<PathBuf>> {
    let asked = Command::new("rustc").args(["--print", "target-libdir"]).output();
    let asked = asked.context("cannot ask rustc for its folder")?;
    let libraries = PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim());
    let tool = libraries.with_file_name("bin").join("llvm-profdata");
    Ok(Some(tool).filter(|tool| tool.is_file()))
}
