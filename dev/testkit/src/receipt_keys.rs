//! Keys to sign receipts with.

use std::path::{Path, PathBuf};

use sportello_receipt::KeyFile;

/// Returns the file with the receipt keys in `folder`; makes it if it is missing.
///
/// # Panics
///
/// When it can't be written.
#[must_use]
pub fn receipt_keys(folder: &Path) -> PathBuf {
    let path = folder.join("receipt-keys.json");
    let file = KeyFile::lock(&path).expect("a folder");
    if !file.exists() {
        file.add_key().expect("a key");
    }
    drop(file);
    path
}
