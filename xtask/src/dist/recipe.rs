//! What a release is built from, and the environment in which it comes out the same each time.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::empty;
use crate::command::{printed, root};

/// The sources of a commit in a folder of their own, and where they are built.
pub struct Recipe {
    /// The sources.
    pub source: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// The commit's time, in seconds: the time of every file of the release.
    pub epoch: String,
    /// The project's version.
    pub version: &'static str,
    home: PathBuf,
}

impl Recipe {
    /// Writes the sources of a commit into `workshop`; what is not committed is not in a
    /// release.
    ///
    /// # Errors
    ///
    /// This is no git checkout.
    pub fn prepare(workshop: &Path, commit: &str) -> Result<Self> {
        let epoch = git(&["log", "-1", "--format=%ct", commit])?;
        if !git(&["status", "--porcelain"])?.is_empty() {
            eprintln!("  changes that are not committed are not in the release");
        }
        let (source, target) = (workshop.join("source"), workshop.join("target"));
        empty(&source)?;
        extract(commit, &source)?;
        fs::create_dir_all(&target)?;
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
        Ok(Self {
            // as compilers see it
            source: fs::canonicalize(source)?,
            target: fs::canonicalize(target)?,
            epoch,
            version: env!("CARGO_PKG_VERSION"),
            home: home.context("neither CARGO_HOME nor HOME is set")?,
        })
    }

    /// The folder of the built programs.
    pub fn programs(&self) -> PathBuf {
        self.target.join("release")
    }

    /// Makes a command in the sources. Compilers write no path of this machine into what they
    /// build, and the programs keep their symbols, for the names in a panic, but no debug
    /// information.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let paths = [
            (&self.source, "/sportello"),
            (&self.target, "/target"),
            (&self.home, "/cargo"),
        ];
        let flags = |option: &str, between: &str| {
            let flags = paths.map(|(from, to)| format!("{option}={}={to}", from.display()));
            flags.join(between)
        };
        let of_c = flags("-ffile-prefix-map", " ");
        let mut command = Command::new(program);
        command
            .current_dir(&self.source)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_RELEASE_STRIP", "debuginfo")
            .env("CARGO_ENCODED_RUSTFLAGS", flags("--remap-path-prefix", "\u{1f}"))
            .env("CFLAGS", &of_c)
            .env("CXXFLAGS", &of_c)
            .env("SOURCE_DATE_EPOCH", &self.epoch)
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC");
        command
    }
}

/// Returns the last commit. A release is built from it, whatever is committed meanwhile.
///
/// # Errors
///
/// This is no git checkout.
pub fn last_commit() -> Result<String> {
    git(&["rev-parse", "HEAD"])
}

/// Writes the committed files. Each is as old as this build, so that cargo builds what changed.
fn extract(commit: &str, source: &Path) -> Result<()> {
    let mut archive = Command::new("git");
    archive
        .args(["archive", "--format=tar", commit])
        .current_dir(root());
    let mut archive = archive.stdout(Stdio::piped()).spawn().context("cannot run git")?;
    let files = archive.stdout.take().context("git has no output")?;
    let mut tar = Command::new("tar");
    let extracted = tar.args(["-x", "-m", "-C"]).arg(source).stdin(files).status()?;
    ensure!(
        archive.wait()?.success() && extracted.success(),
        "the sources of the last commit can't be written"
    );
    Ok(())
}

fn git(arguments: &[&str]) -> Result<String> {
    let root = root();
    let root = root.to_string_lossy();
    let words = [&["-C", &root], arguments].concat();
    let text = printed("git", &words);
    Ok(text.context("a release needs a git checkout")?.trim().to_owned())
}
