//! Folders, and their creation and removal.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Returns the root of the checkout: the workspace that cargo runs, or else the one this was built
/// from.
#[must_use]
pub fn workspace() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file());
    root.unwrap_or(&package).to_owned()
}

/// Makes a folder and its parents.
///
/// # Errors
///
/// When it can't be made.
pub fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(Error::io(format!("make {}", folder.display())))
}

/// Removes a folder with its content; does nothing if there is none.
///
/// # Errors
///
/// When something in it can't be removed.
pub fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io(format!("remove {}", folder.display()))(error))
        }
        _ => Ok(()),
    }
}

/// Returns the first executable file of this name in `folders` or PATH.
pub(crate) fn find_program(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = folders.iter().cloned().chain(std::env::split_paths(&path));
    candidates.find_map(|folder| Some(folder.join(name)).filter(|file| file.is_file()))
}
