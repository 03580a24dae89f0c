//! The portal's own tests: its scripts by themselves, and pages in a browser.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use super::run::Totals;
use crate::command::{root, shown};

const FOLDER: &str = "services/portal/web";

/// Tests of the scripts by themselves, which node runs.
pub const UNIT: Scripts = Scripts {
    name: "services/portal/web (unit tests)",
    command: "test",
};
/// Tests of the pages on a whole system, in Chromium.
pub const BROWSER: Scripts = Scripts {
    name: "services/portal/web (in a browser)",
    command: "test:browser",
};

/// A command of the package.
#[derive(Debug, Clone, Copy)]
pub struct Scripts {
    name: &'static str,
    command: &'static str,
}

impl Scripts {
    /// Runs them, and shows what they print where one fails.
    pub fn run(self) -> Totals {
        let begun = Instant::now();
        let mut npm = Command::new("npm");
        npm.args(["run", "--silent", self.command]).current_dir(folder());
        Totals::of(self.name, &npm.output(), begun.elapsed())
    }
}

/// Checks types, which the build does not.
///
/// # Errors
///
/// A type is wrong.
pub fn types() -> Result<()> {
    let mut npm = Command::new("npm");
    shown(npm.args(["run", "--silent", "check"]).current_dir(folder()))
}

fn folder() -> PathBuf {
    root().join(FOLDER)
}
