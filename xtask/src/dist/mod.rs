//! `cargo xtask dist`: a release of the last commit, with packages, checksums, bills of materials
//! and licences. Its recipe keeps folder and time of the build out of it; `--twice` compares two.

mod compare;
mod licences;
mod packages;
mod recipe;
mod sbom;
mod tarball;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use self::recipe::Recipe;
use crate::cargo::{SERVICES, target};
use crate::command::{hidden, shown};
use crate::needs::{self, Need};
use crate::progress::{part, step};
use crate::tools::Tool;

pub use packages::{Packages, Source};

/// Makes the packages.
pub const CARGO_DEB: Tool = Tool {
    name: "cargo-deb",
    version: "3.8.0",
};
/// Writes the list of dependencies into the programs.
const CARGO_AUDITABLE: Tool = Tool {
    name: "cargo-auditable",
    version: "0.7.7",
};
/// Writes bills of materials.
const CARGO_CYCLONEDX: Tool = Tool {
    name: "cargo-cyclonedx",
    version: "0.5.9",
};

/// Options of `dist`.
#[derive(Debug, Args)]
pub struct Options {
    /// Build the release a second time, in another folder, and compare every byte
    #[arg(long)]
    twice: bool,
    /// Build this service alone; can be given several times
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(SERVICES))]
    only: Vec<String>,
}

/// Builds, and prints the folder of the release.
pub fn run(options: &Options) -> Result<ExitCode> {
    needs::ensure(&[Need::Node])?;
    let tools = Tools::install()?;
    let services: Vec<&str> = SERVICES
        .into_iter()
        .filter(|service| options.only.is_empty() || options.only.iter().any(|only| only == service))
        .collect();
    let commit = recipe::last_commit()?;
    let release = build("first", &commit, &services, &tools)?;
    if options.twice {
        let again = build("second", &commit, &services, &tools)?;
        step("comparing both releases", || compare::same(&release, &again))?;
    }
    println!("{}", release.display());
    Ok(ExitCode::SUCCESS)
}

/// Cargo's additional commands.
struct Tools {
    deb: PathBuf,
    auditable: PathBuf,
    cyclonedx: PathBuf,
}

impl Tools {
    fn install() -> Result<Self> {
        Ok(Self {
            deb: CARGO_DEB.program()?,
            auditable: CARGO_AUDITABLE.program()?,
            cyclonedx: CARGO_CYCLONEDX.program()?,
        })
    }
}

/// Builds a release in a folder of its own, and returns the folder of its files.
fn build(name: &str, commit: &str, services: &[&str], tools: &Tools) -> Result<PathBuf> {
    let workshop = target().join("dist").join(name);
    let recipe = step("the sources of the last commit", || {
        Recipe::prepare(&workshop, commit)
    })?;
    step("scripts of the portal", || scripts(&recipe))?;
    part("building the programs (takes minutes)", || {
        programs(&recipe, services, tools)
    })?;
    let programs = recipe.programs();
    let licences = licences::list(&recipe, services)?;
    fs::write(programs.join("licences.txt"), &licences)?;

    let release = workshop.join(format!("sportello-{}", recipe.version));
    empty(&release)?;
    let source = Source {
        folder: &recipe.source,
        target: &recipe.target,
        epoch: &recipe.epoch,
    };
    let packages = Packages {
        cargo_deb: &tools.deb,
        revision: "1",
        fast: false,
        output: &release,
    };
    part("packages", || packages.make(&source, services))?;
    step("bills of materials", || {
        sbom::write(&recipe, services, &tools.cyclonedx, &release)
    })?;
    fs::write(release.join("licences.txt"), licences)?;
    step("tarball and checksums", || {
        tarball::write(&recipe, services, &release)?;
        packages.checksums()
    })?;
    Ok(release)
}

/// Builds the portal's scripts as `npm ci` finds them.
fn scripts(recipe: &Recipe) -> Result<()> {
    let npm = |arguments: &[&str]| {
        let mut npm = recipe.command("npm");
        hidden(
            npm.args(arguments)
                .current_dir(recipe.source.join(packages::PORTAL_WEB)),
        )
    };
    npm(&["ci", "--no-audit", "--no-fund"])?;
    npm(&["run", "--silent", "build"])
}

fn programs(recipe: &Recipe, services: &[&str], tools: &Tools) -> Result<()> {
    let mut cargo = recipe.command(&tools.auditable);
    cargo.args(["auditable", "build", "--release", "--locked"]);
    for service in services {
        cargo.args(["--bin", service]);
    }
    shown(&mut cargo).context("the programs can't be built")
}

/// Makes an empty folder.
fn empty(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove {}", folder.display()));
        }
        _ => {}
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::CARGO_AUDITABLE;

    #[test]
    fn images_and_releases_list_dependencies_with_the_same_program() {
        let dockerfile = include_str!("../../../deploy/Dockerfile");
        let install = format!("--version {} {}\n", CARGO_AUDITABLE.version, CARGO_AUDITABLE.name);
        assert!(dockerfile.contains(&install), "it installs another version");
    }
}
