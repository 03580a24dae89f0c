//! Comparing two releases.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Returns the names of a folder's files, in order.
///
/// # Errors
///
/// It can't be read.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Compares every file of two folders.
///
/// # Errors
///
/// They differ: the error names each file, and its first byte that is another.
pub fn same(one: &Path, other: &Path) -> Result<()> {
    let (names_of_one, names_of_other) = (names(one)?, names(other)?);
    ensure!(
        names_of_one == names_of_other,
        "the releases have other files: {names_of_one:?} and {names_of_other:?}"
    );
    let mut differences = Vec::new();
    for name in names_of_one {
        let (first, second) = (fs::read(one.join(&name))?, fs::read(other.join(&name))?);
        if let Some(at) = first_difference(&first, &second) {
            differences.push(format!("\n  {name}, from byte {at} on"));
        }
    }
    ensure!(
        differences.is_empty(),
        "the releases are not the same:{}",
        differences.concat()
    );
    Ok(())
}

fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    let differs = one.iter().zip(other).position(|(one, other)| one != other);
    differs.or_else(|| (one.len() != other.len()).then(|| one.len().min(other.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_differs_is_found() {
        assert_eq!(first_difference(b"same", b"same"), None);
        assert_eq!(first_difference(b"same", b"sane"), Some(2));
        assert_eq!(first_difference(b"same", b"same and more"), Some(4));
    }
}
