//! `cargo xtask release`: the programs as they are shipped, optimised for what they do under load.
//!
//! Profile-guided optimisation, as the rustc book describes it: a first build counts which code runs, a private system of these
//! programs is put under load, and a second build is laid out for what was counted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sportello_local::folders;

use crate::build::{self, SERVICES, cargo, hidden, shown};
use crate::packages::{self, Need};
use crate::places;
use crate::steps::step;

/// What the programs are put under while it is counted. Code that none of it reaches counts as hardly ever used: so all that
/// has to be fast is in it.
const TRAINING: [&[&str]; 3] = [
    &["limits", "--rounds", "1", "--seconds", "5", "--seed", "1"],
    &["run", "training", "--seed", "1"],
    &["bulk", "--rows", "20000", "--citizens", "100", "--seed", "1"],
];

/// Cargo's folder of release builds, in any target folder.
const RELEASE: &str = "release";

/// Builds twice, in folders of their own beside cargo's other builds, and prints where the programs are.
pub async fn run() -> Result<()> {
    packages::ensure(&[Need::Postgres, Need::RabbitMq, Need::Node])?;
    let merge = profile_tool()?;
    let provider = places::identity_provider();
    step("packages of the identity provider", async {
        build::identity_provider(&provider)
    })
    .await?;

    let plain = places::programs(true)?;
    let target = plain.parent().context("cargo has no target folder")?;
    let (instrumented, shipped) = (target.join("instrumented"), target.join("shipped"));
    let counts = instrumented.join("counts");
    eprintln!("building the programs that count (the first time takes long)");
    programs(&instrumented, &format!("-Cprofile-generate={}", counts.display()))?;
    // what macros and build scripts counted, and an earlier run
    folders::remove(&counts)?;
    for load in TRAINING {
        shown(Command::new(instrumented.join(RELEASE).join("loadtests")).args(load))
            .context("the training failed")?;
    }
    let profile = instrumented.join("release.profdata");
    hidden(
        Command::new(merge)
            .arg("merge")
            .arg("-o")
            .arg(&profile)
            .args(written(&counts)?),
    )?;
    eprintln!("building the programs that are shipped");
    // nothing that was built with an earlier profile is kept
    folders::remove(&shipped)?;
    programs(&shipped, &format!("-Cprofile-use={}", profile.display()))?;
    println!("{}", shipped.join(RELEASE).display());
    Ok(())
}

/// Builds the services, and what puts them under load, with this flag of rustc.
fn programs(target: &Path, flag: &str) -> Result<()> {
    let mut command = cargo(&["build", "--release", "--locked", "--bin", "loadtests"]);
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

/// What the programs wrote when they ended.
fn written(counts: &Path) -> Result<Vec<PathBuf>> {
    let files =
        fs::read_dir(counts).with_context(|| format!("nothing was counted in {}", counts.display()))?;
    let files: Vec<PathBuf> = files.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    ensure!(!files.is_empty(), "nothing was counted in {}", counts.display());
    Ok(files)
}

/// `llvm-profdata` of the toolchain in use: no other is sure to read what its programs write.
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
