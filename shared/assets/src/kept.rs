//! The assets of earlier builds, for pages that are still open.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::{Asset, Assets, AssetsError, failed, read};

/// How long the assets of earlier builds stay after their build was last in use.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// The assets of earlier builds, in a folder of their own.
#[derive(Debug, Default)]
pub struct Kept {
    folder: Option<PathBuf>,
}

impl Kept {
    /// Makes it; without a folder nothing is kept.
    #[must_use]
    pub fn in_folder(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// Keeps the current build, forgets those that were last in use seven days ago, and returns
    /// the files of all others.
    ///
    /// # Errors
    /// [`AssetsError`], where the folder can't be read or written.
    pub fn keep(&self, current: &Assets) -> Result<Arc<BTreeMap<String, Asset>>, AssetsError> {
        let Some(folder) = &self.folder else {
            return Ok(Arc::default());
        };
        fs::create_dir_all(folder).map_err(failed(folder))?;
        for (name, asset) in current.files() {
            let path = folder.join(name);
            write_once(&path, &asset.plain)?;
            for (ending, content) in [("br", &asset.brotli), ("gz", &asset.gzip)] {
                if let Some(content) = content {
                    write_once(&folder.join(format!("{name}.{ending}")), content)?;
                }
            }
        }
        forget(folder)?;
        read(folder).map(Arc::new)
    }
}

/// Writes a file unless it exists, and notes that it is in use now.
fn write_once(path: &Path, content: &[u8]) -> Result<(), AssetsError> {
    if !path.exists() {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let whole = path.with_file_name(format!(".{name}"));
        fs::write(&whole, content).map_err(failed(&whole))?;
        fs::rename(&whole, path).map_err(failed(path))?;
    }
    let file = File::options().append(true).open(path).map_err(failed(path))?;
    file.set_modified(SystemTime::now()).map_err(failed(path))
}

fn forget(folder: &Path) -> Result<(), AssetsError> {
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
        let age = modified.map_err(failed(&path))?.elapsed().unwrap_or_default();
        if age > KEPT {
            fs::remove_file(&path).map_err(failed(&path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MANIFEST;
    use crate::tests::build;

    #[test]
    fn assets_of_earlier_builds_stay_for_seven_days() {
        let kept_in = tempfile::tempdir().unwrap();
        let kept = Kept::in_folder(Some(kept_in.path().to_owned()));
        for name in ["main.A.css", "main.B.css"] {
            let manifest = format!(r#"{{"main.css":"{name}"}}"#);
            let folder = build(&[
                (MANIFEST, &manifest),
                (name, "body{}"),
                (&format!("{name}.br"), "b"),
            ]);
            kept.keep(&Assets::load(folder.path()).unwrap()).unwrap();
        }
        let long_ago = SystemTime::now() - KEPT - Duration::from_secs(1);
        let old = File::create(kept_in.path().join("main.OLD.css")).unwrap();
        old.set_modified(long_ago).unwrap();
        let files = kept.keep(&Assets::default()).unwrap();
        let names: Vec<&String> = files.keys().collect();
        assert_eq!(names, ["main.A.css", "main.B.css"]);
        assert_eq!(files["main.A.css"].brotli.as_deref(), Some(b"b".as_slice()));
    }
}
