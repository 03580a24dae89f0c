//! Debian's packages, by cargo-deb: what is in each stands in the service's `Cargo.toml`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::compare::names;
use crate::command::hidden;

/// The portal's scripts.
pub const PORTAL_WEB: &str = "services/portal/web";
/// The pages' bill of materials, which their build writes.
pub const PAGES_BILL: &str = "build/pages.cdx.json";

/// Options of cargo-deb for packages that are made soon.
const FAST: [&str; 3] = ["--fast", "--compress-type", "gz"];

/// What packages are made of.
#[derive(Debug)]
pub struct Source<'a> {
    /// The sources, with the portal's scripts built.
    pub folder: &'a Path,
    /// The folder that holds `release/` with the programs and `licences.txt`.
    pub target: &'a Path,
    /// The time of every file, in seconds.
    pub epoch: &'a str,
}

/// How packages are made.
#[derive(Debug)]
pub struct Packages<'a> {
    /// The program.
    pub cargo_deb: &'a Path,
    /// What follows the project's version in that of the packages.
    pub revision: &'a str,
    /// Whether they may be larger, and made sooner.
    pub fast: bool,
    /// The folder to write them to.
    pub output: &'a Path,
}

impl Packages<'_> {
    /// Makes the package of each service, and the one that they share.
    ///
    /// # Errors
    ///
    /// cargo-deb fails; a file that a package names is missing.
    pub fn make(&self, source: &Source<'_>, services: &[&str]) -> Result<()> {
        // it has no program, and stands in the worker's manifest
        self.package(source, "worker", &["--variant", "common"])?;
        for service in services {
            self.package(source, service, &[])?;
        }
        Ok(())
    }

    /// Writes `SHA256SUMS` of all files in the folder, for `sha256sum --check`.
    ///
    /// # Errors
    ///
    /// A file can't be read.
    pub fn checksums(&self) -> Result<()> {
        let mut sum = Command::new("sha256sum");
        let output = sum.args(names(self.output)?).current_dir(self.output).output()?;
        ensure!(output.status.success(), "sha256sum failed ({})", output.status);
        Ok(fs::write(self.output.join("SHA256SUMS"), output.stdout)?)
    }

    fn package(&self, source: &Source<'_>, service: &str, more: &[&str]) -> Result<()> {
        let mut deb = Command::new(self.cargo_deb);
        deb.args(["--no-build", "--no-strip", "--locked", "--quiet"])
            .args(["--compress-system", "--package", service, "--deb-revision"])
            .arg(self.revision)
            .args(more)
            .args(if self.fast { FAST.as_slice() } else { &[] })
            .arg("--output")
            .arg(self.output)
            .current_dir(source.folder)
            .env("CARGO_TARGET_DIR", source.target)
            .env("SOURCE_DATE_EPOCH", source.epoch);
        hidden(&mut deb).with_context(|| format!("the package of {service} can't be made"))
    }
}
