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
/// What matters most of the pages, on a whole system, in Chromium.
const CORE: Scripts = Scripts {
    name: "services/portal/web (in a browser)",
    command: "test:browser",
};
/// Every page and state, on whole systems, in Chromium.
const IN_FULL: Scripts = Scripts {
    name: "services/portal/web (in a browser, in full)",
    command: "test:browser:all",
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

/// Tests the pages in a browser: what matters most, or all.
pub fn in_a_browser(in_full: bool) -> Totals {
    let (scripts, takes) = if in_full {
        (IN_FULL, "twenty")
    } else {
        (CORE, "six")
    };
    eprintln!("  … pages in Chromium: about {takes} minutes");
    scripts.run()
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
