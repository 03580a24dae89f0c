//! What is to be tested, where that is not everything.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::command::root;

/// The folders that hold crates, and the crates that stand by themselves.
const FOLDERS: [&str; 3] = ["services", "shared", "dev"];
const CRATES: [&str; 2] = ["loadtests", "xtask"];

/// One crate, or the tests of some crates whose names contain a text.
pub struct Selection {
    /// The crates, by their folders.
    crates: Vec<PathBuf>,
    /// The text.
    filter: Option<String>,
}

impl Selection {
    /// Looks for a crate of this name, then for functions whose names contain it.
    ///
    /// # Errors
    ///
    /// There is neither.
    pub fn find(name: &str) -> Result<Self> {
        let crates = crates()?;
        let short = name.strip_prefix("sportello-").unwrap_or(name);
        if let Some(found) = crates.iter().find(|folder| folder.ends_with(short)) {
            return Ok(Self {
                crates: vec![found.clone()],
                filter: None,
            });
        }
        let function = name.rsplit("::").next().unwrap_or(name);
        let holds = |folder: &PathBuf| holds_test(folder, function);
        let crates: Vec<PathBuf> = crates.into_iter().filter(holds).collect();
        if crates.is_empty() {
            bail!("neither a crate nor a test is called {name}");
        }
        Ok(Self {
            crates,
            filter: Some(name.to_owned()),
        })
    }

    /// Whether a crate is among them.
    pub fn has(&self, folder: &Path) -> bool {
        self.crates.iter().any(|one| one == folder)
    }

    /// The text that a test's name has to contain.
    pub fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    /// What cargo has to build of the workspace: its integration tests are one program a crate,
    /// named after it; unit tests are built together.
    pub fn targets(&self) -> Vec<String> {
        let mut words = vec!["--lib".to_owned(), "--bins".to_owned()];
        for folder in &self.crates {
            let programs = fs::read_dir(folder.join("tests")).into_iter().flatten().flatten();
            for program in programs.filter_map(|entry| entry.file_name().into_string().ok()) {
                words.extend(["--test".to_owned(), program]);
            }
        }
        words
    }
}

fn crates() -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = CRATES.map(|name| root().join(name)).into();
    for folder in FOLDERS {
        for entry in fs::read_dir(root().join(folder))? {
            found.push(entry?.path());
        }
    }
    found.retain(|folder| folder.join("Cargo.toml").is_file());
    Ok(found)
}

/// Whether a source file has a function whose name contains this.
fn holds_test(folder: &Path, name: &str) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            return holds_test(&path, name);
        }
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        is_source && fs::read_to_string(&path).is_ok_and(|text| has_function(&text, name))
    })
}

fn has_function(source: &str, name: &str) -> bool {
    source.lines().any(|line| {
        let mut parts = line.split("fn ");
        parts.next();
        let called = parts.next().and_then(|rest| rest.split('(').next());
        called.is_some_and(|called| called.contains(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_found_by_its_folder_and_a_test_by_a_part_of_its_name() {
        let queue = Selection::find("sportello-queue").unwrap();
        assert!(queue.has(&root().join("shared/queue")) && queue.filter().is_none());

        let name = "a_crate_is_found_by_its_folder";
        let this = Selection::find(name).unwrap();
        assert!(this.has(&root().join("xtask")) && !this.has(&root().join("shared/queue")));
        assert_eq!(this.filter(), Some(name));
        assert!(Selection::find("nothing is called so").is_err());
    }
}
