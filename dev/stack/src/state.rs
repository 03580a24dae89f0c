//! The state of an instance between runs (ports, passwords): a JSON file that only its owner can
//! read.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// Reads the file; returns the default if there is none.
///
/// # Errors
///
/// When it can't be read or does not have the format of [`save`].
pub fn load<T: DeserializeOwned + Default>(path: &Path) -> Result<T> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| Error::State {
            path: path.to_owned(),
            source,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(source) => Err(Error::io(format!("read {}", path.display()))(source)),
    }
}

/// Writes the file whole, so that a killed run leaves the old or the new one.
///
/// # Errors
///
/// When it can't be written.
pub fn save<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let bytes = serde_json::to_vec_pretty(value).map_err(|source| Error::State {
        path: path.to_owned(),
        source,
    })?;
    write_private(path, &bytes)
}

/// Writes a file that only its owner can read (mode 600), whole.
///
/// # Errors
///
/// When it can't be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = path.with_added_extension("new");
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(Error::io(format!("write {}", path.display())))
}

/// Returns a password of 128 random bits, in hexadecimal.
#[must_use]
pub fn password() -> String {
    format!("{:032x}", rand::random::<u128>())
}
