//! What the test of an update needs: the programs of an earlier revision.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::programs::Program;
use crate::cargo::{cargo, target};
use crate::command::{hidden, root, shown};
use crate::progress::part;

/// The services that read or write what another revision has written.
const PROGRAMS: [&str; 3] = ["intake", "worker", "status"];

/// Builds the programs of a revision, and has the test run.
pub fn prepare(programs: &mut [Program], revision: &str) -> Result<()> {
    let test = programs.iter_mut().find(|program| program.is_called("upgrade"));
    let test = test.context("the test of an update is not built")?;
    part("programs of the earlier revision", || make(revision))?;
    test.with_ignored = true;
    Ok(())
}

/// Makes them in `target/upgrade/previous`, with the revision's own benefits.
fn make(revision: &str) -> Result<()> {
    let folder = target().join("upgrade");
    let (source, output) = (folder.join("source"), folder.join("previous"));
    remove_source(&source);
    fs::create_dir_all(&folder)?;
    hidden(
        git(&["worktree", "add", "--force", "--detach"])
            .arg(&source)
            .arg(revision),
    )?;
    let built = build(&source, &folder.join("target"));
    let copied = built.and_then(|()| copy(&source, &folder.join("target/debug"), &output));
    remove_source(&source);
    copied
}

fn build(source: &Path, target: &Path) -> Result<()> {
    let mut build = cargo(&["build", "--locked", "--quiet"]);
    for program in PROGRAMS {
        build.args(["--bin", program]);
    }
    build.current_dir(source).env("CARGO_TARGET_DIR", target);
    shown(&mut build).context("the earlier revision can't be built")
}

fn copy(source: &Path, built: &Path, output: &Path) -> Result<()> {
    let _absent = fs::remove_dir_all(output);
    let catalogue = output.join("catalogue");
    fs::create_dir_all(&catalogue)?;
    for program in PROGRAMS {
        fs::copy(built.join(program), output.join(program))?;
    }
    for entry in fs::read_dir(source.join("catalogue"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), catalogue.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// One that an ended run has left goes, too.
fn remove_source(source: &Path) {
    let mut remove = git(&["worktree", "remove", "--force"]);
    // it may not be there
    let _absent = hidden(remove.arg(source));
}

fn git(arguments: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(root());
    git
}
