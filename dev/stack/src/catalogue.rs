//! The shipped catalogue, with its benefits open today.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{Datetime, DocumentMut, Table, TomlError, value};

use crate::{Error, Result, folders};

/// The period in which development and tests run.
const OPENS: &str = "2020-01-01T00:00:00+01:00";
const CLOSES: &str = "2100-01-01T00:00:00+01:00";

/// Returns the folder of the shipped catalogue.
#[must_use]
pub fn shipped() -> PathBuf {
    folders::workspace().join("catalogue")
}

/// Copies the benefits in `from` into the folder `to`, each open day and night from 2020 to the end
/// of the century: the shipped ones were open for some weeks of 2020. Files that `to` already holds
/// stay as they are.
///
/// # Errors
///
/// A file that can't be read as TOML or written.
pub fn reopened(from: &Path, to: &Path) -> Result<()> {
    folders::create(to)?;
    let entries = fs::read_dir(from).map_err(Error::io(format!("read {}", from.display())))?;
    for entry in entries {
        let path = entry
            .map_err(Error::io(format!("read {}", from.display())))?
            .path();
        let Some(name) = path
            .file_name()
            .filter(|_| path.extension() == Some("toml".as_ref()))
        else {
            continue;
        };
        let copy = to.join(name);
        if !copy.exists() {
            write_whole(&copy, &open_today(&path)?)?;
        }
    }
    Ok(())
}

/// Returns the benefit's file with its opening moved; keeps every comment in place.
fn open_today(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path).map_err(Error::io(format!("read {}", path.display())))?;
    let bad = |source: TomlError| Error::Benefit {
        path: path.to_owned(),
        source: Box::new(source),
    };
    let mut benefit: DocumentMut = text.parse().map_err(bad)?;
    benefit.remove("windows");
    let opening = benefit.entry("opening").or_insert_with(toml_edit::table);
    if let Some(opening) = opening.as_table_mut() {
        set(opening, "opens", OPENS);
        set(opening, "closes", CLOSES);
    }
    // a seed can't be published before the benefit has closed
    if let Some(order) = benefit.get_mut("order").and_then(|order| order.as_table_mut()) {
        order.remove("seed");
        order.remove("seed_published_at");
    }
    Ok(benefit.to_string())
}

/// Changes only the instant: the comment after it belongs to the old value.
fn set(table: &mut Table, key: &str, instant: &str) {
    let Ok(instant) = instant.parse::<Datetime>() else {
        return;
    };
    let mut new = value(instant);
    if let (Some(old), Some(new)) = (table.get(key).and_then(|old| old.as_value()), new.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    table[key] = new;
}

/// Writes the file in one step: a service may be reading the folder.
fn write_whole(path: &Path, text: &str) -> Result<()> {
    let draft = path.with_added_extension(format!("{}.draft", std::process::id()));
    let write = || -> io::Result<()> {
        fs::write(&draft, text)?;
        fs::rename(&draft, path)
    };
    write().map_err(Error::io(format!("write {}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BENEFIT: &str = r#"# what it is
id = "bicycle-bonus-2026" # its id

[opening] # by decree
opens = 2020-04-01T00:00:00+02:00 # the first day
closes = 2020-06-04T00:00:00+02:00

[windows]
citizen = ["16:00-08:00"]

[order]
policy = "lottery"
seed = "0123456789abcdef"
seed_published_at = 2020-06-05T00:00:00+02:00
"#;

    #[test]
    fn a_benefit_is_open_and_its_comments_stay() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(from.path().join("bicycle-bonus-2026.toml"), BENEFIT).unwrap();
        fs::write(from.path().join("README.md"), "no benefit").unwrap();
        let to = to.path().join("new");
        reopened(from.path(), &to).unwrap();
        let copy = fs::read_to_string(to.join("bicycle-bonus-2026.toml")).unwrap();
        assert_eq!(
            copy,
            r#"# what it is
id = "bicycle-bonus-2026" # its id

[opening] # by decree
opens = 2020-01-01T00:00:00+01:00 # the first day
closes = 2100-01-01T00:00:00+01:00

[order]
policy = "lottery"
"#
        );
        assert_eq!(fs::read_dir(&to).unwrap().count(), 1);
    }

    #[test]
    fn what_a_developer_changed_stays() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["a.toml", "b.toml"] {
            fs::write(from.path().join(name), "id = \"a\"\n").unwrap();
        }
        fs::write(to.path().join("a.toml"), "mine").unwrap();
        reopened(from.path(), to.path()).unwrap();
        assert_eq!(fs::read_to_string(to.path().join("a.toml")).unwrap(), "mine");
        assert!(to.path().join("b.toml").exists());
    }

    #[test]
    fn a_file_that_is_no_toml_is_named() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(from.path().join("a.toml"), "id = ").unwrap();
        let error = reopened(from.path(), to.path()).unwrap_err();
        assert!(error.to_string().contains("a.toml"), "{error}");
    }
}
