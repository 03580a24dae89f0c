//! Cargo's additional commands, each in a pinned version.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::cargo::{cargo, target};
use crate::command::shown;

/// A program that cargo installs.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// Name of the crate and of its program.
    pub name: &'static str,
    /// The version that is installed.
    pub version: &'static str,
}

impl Tool {
    /// Returns the program; installs it into `target/tools` if it is missing, which compiles for
    /// minutes, once for each version.
    ///
    /// # Errors
    ///
    /// It can't be installed.
    pub fn program(self) -> Result<PathBuf> {
        let Self { name, version } = self;
        let folder = target().join(format!("tools/{name}-{version}"));
        let program = folder.join("bin").join(name);
        // cargo puts it there when it is whole
        if !program.is_file() {
            eprintln!("installing {name} {version} into target/tools (takes minutes, once)");
            // without optimisation, which would only lengthen the build
            let mut install = cargo(&["install", "--debug", "--locked", "--version", version, "--root"]);
            shown(install.arg(&folder).arg(name)).with_context(|| format!("{name} can't be installed"))?;
        }
        Ok(program)
    }
}
