//! The tarball, for systems without Debian's packages.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::empty;
use super::packages::PORTAL_WEB;
use super::recipe::Recipe;
use crate::command::{hidden, shown};

/// What is in it beside the programs, and its place there.
const FILES: [(&str, &str); 8] = [
    ("CHANGELOG.md", "CHANGELOG.md"),
    ("LICENSE", "LICENSE"),
    ("catalogue", "catalogue"),
    ("deploy/gateway", "deploy/gateway"),
    ("deploy/observability", "deploy/observability"),
    ("deploy/packages", "deploy/packages"),
    ("deploy/systemd", "deploy/systemd"),
    ("docs", "docs"),
];

/// Writes `sportello-VERSION-x86_64-linux.tar.gz`.
///
/// # Errors
///
/// A file is missing, or tar fails.
pub fn write(recipe: &Recipe, services: &[&str], release: &Path) -> Result<()> {
    let stage = recipe.target.join("tarball");
    let name = format!("sportello-{}", recipe.version);
    let folder = stage.join(&name);
    empty(&folder.join("bin"))?;
    for service in services {
        copy(
            &recipe.programs().join(service),
            &folder.join("bin").join(service),
        )?;
    }
    for (from, to) in FILES {
        copy(&recipe.source.join(from), &folder.join(to))?;
    }
    copy(
        &recipe.programs().join("licences.txt"),
        &folder.join("licences.txt"),
    )?;
    copy(&recipe.source.join(PORTAL_WEB).join("dist"), &folder.join("web"))?;

    let system = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let mut tar = Command::new("tar");
    tar.args([
        "--create",
        "--sort=name",
        "--format=gnu",
        "--owner=0",
        "--group=0",
    ])
    .args([
        "--numeric-owner",
        "--mode=u=rwX,go=rX",
        "--use-compress-program=gzip -9 --no-name",
    ])
    .arg(format!("--mtime=@{}", recipe.epoch))
    .arg("--file")
    .arg(release.join(format!("{name}-{system}.tar.gz")))
    .arg("--directory")
    .arg(&stage)
    .arg(&name);
    hidden(&mut tar)?;
    Ok(fs::remove_dir_all(stage)?)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut copy = Command::new("cp");
    shown(copy.arg("--recursive").arg(from).arg(to)).with_context(|| format!("{} is missing", from.display()))
}
