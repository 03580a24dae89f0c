//! What the test of the packages needs: root, Debian's engine, and packages of the programs that
//! are tested.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::containers;
use super::programs::Program;
use crate::cargo::{SERVICES, target};
use crate::command::{hidden, root};
use crate::dist::{CARGO_DEB, Packages, Source};
use crate::needs::{self, Need};
use crate::progress::part;

/// The test.
const TEST: &str = "bare_debian_registers_and_loses_nothing_until_it_is_purged";
/// Revisions of the packages: the first is installed, the second updates it.
const REVISIONS: [&str; 2] = ["1", "2"];

/// Returns whether a part of a test's name means the test.
pub fn is_meant(part: &str) -> bool {
    TEST.contains(part)
}

/// Makes the packages and has the test run, or prints why it can't run here.
pub fn prepare(programs: &mut [Program]) -> Result<()> {
    let Some(program) = programs.iter_mut().find(|program| program.is_called("machine")) else {
        return Ok(());
    };
    if let Some(obstacle) = containers::obstacle() {
        eprintln!("  - the packages are not tested here: {obstacle}");
        return Ok(());
    }
    needs::ensure(&[Need::Engine, Need::Bootstrap])?;
    part("packages of the tested programs", make)?;
    program.with_ignored = true;
    Ok(())
}

/// Makes the packages of each revision in `target/containers/packages`.
fn make() -> Result<()> {
    let folder = target().join("containers");
    let stage = folder.join("stage");
    stage_programs(&stage.join("release"))?;
    let cargo_deb = CARGO_DEB.program()?;
    for revision in REVISIONS {
        let output = folder.join("packages").join(revision);
        let _absent = fs::remove_dir_all(&output);
        fs::create_dir_all(&output)?;
        let source = Source {
            folder: &root(),
            target: &stage,
            epoch: "0",
        };
        let packages = Packages {
            cargo_deb: &cargo_deb,
            revision,
            fast: true,
            output: &output,
        };
        packages.make(&source, &SERVICES)?;
        packages.checksums()?;
    }
    Ok(())
}

/// Copies the programs to where cargo-deb looks for them, without debug information.
fn stage_programs(release: &Path) -> Result<()> {
    fs::create_dir_all(release)?;
    for service in SERVICES {
        let mut strip = Command::new("strip");
        strip.arg("--strip-debug").arg("-o").arg(release.join(service));
        hidden(strip.arg(target().join("debug").join(service)))?;
    }
    let licences = "The packages of a release list the licences of all dependencies here.\n";
    Ok(fs::write(release.join("licences.txt"), licences)?)
}
