//! Scripts, styles and fonts: those of the current build, and those of earlier builds for pages
//! that are still open.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::web::Bytes;

/// The file with the hashed names of a build.
pub(crate) const MANIFEST: &str = "manifest.json";
/// How long the assets of earlier builds stay after their build was last in use.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// Fonts that every page needs at once.
const FONTS: [&str; 2] = ["titillium-400.woff2", "titillium-600.woff2"];

/// Why assets can't be used.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    /// A file is missing or can't be read or written.
    #[error("{path} can't be used: {source}; `npm run build` in services/portal/web builds the assets", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The manifest is not a JSON object of names.
    #[error("{path} is not an object of names: {source}", path = path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// The error of the parser.
        source: serde_json::Error,
    },
    /// The manifest names a file that is not in the folder.
    #[error("{MANIFEST} names {0}, which is not in its folder")]
    Missing(String),
}

/// A file as it is served, plain and compressed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asset {
    pub(crate) plain: Bytes,
    pub(crate) brotli: Option<Bytes>,
    pub(crate) gzip: Option<Bytes>,
}

/// The assets of the current build, by hashed name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Assets {
    /// Hashed names by plain name.
    names: BTreeMap<String, String>,
    files: BTreeMap<String, Asset>,
    /// For each script of a page, the parts that it imports at its start.
    imports: BTreeMap<String, BTreeSet<String>>,
    /// The styles, as they stand in each page.
    styles: String,
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> AssetsError {
    let path = path.to_owned();
    move |source| AssetsError::File { path, source }
}

impl Assets {
    /// Reads a build's folder.
    ///
    /// # Errors
    /// [`AssetsError`], where the folder is not a whole build.
    pub(crate) fn load(folder: &Path) -> Result<Self, AssetsError> {
        let names = manifest(folder)?;
        let files = read(folder)?;
        if let Some(missing) = names.values().find(|name| !files.contains_key(*name)) {
            return Err(AssetsError::Missing(missing.clone()));
        }
        let scripts = names.values().filter(|name| name.ends_with(".js"));
        let imports = scripts
            .map(|name| (name.clone(), imported(name, &files)))
            .collect();
        let styles = styles(&names, &files);
        Ok(Self {
            names,
            files,
            imports,
            styles,
        })
    }

    /// Whether the folder still holds this build: names change with contents.
    ///
    /// # Errors
    /// [`AssetsError`], where the folder holds no build.
    pub(crate) fn is_build_of(&self, folder: &Path) -> Result<bool, AssetsError> {
        Ok(self.names == manifest(folder)?)
    }

    /// Returns the address of an asset by its plain name, if the build has it.
    pub(crate) fn url(&self, name: &str) -> Option<String> {
        self.names.get(name).map(|hashed| format!("/assets/{hashed}"))
    }

    /// Returns the addresses of what a script imports at its start, which the page loads ahead.
    pub(crate) fn parts(&self, name: &str) -> Vec<String> {
        let hashed = self.names.get(name);
        let imports = hashed.and_then(|hashed| self.imports.get(hashed));
        let imports = imports.into_iter().flatten();
        imports.map(|part| format!("/assets/{part}")).collect()
    }

    /// Returns the styles, as they stand in each page: a request for them would delay the first
    /// thing that a phone far from a mast shows by half a second.
    pub(crate) fn styles(&self) -> &str {
        &self.styles
    }

    /// Returns the addresses of the fonts that every page needs.
    pub(crate) fn fonts(&self) -> Vec<String> {
        FONTS.iter().filter_map(|name| self.url(name)).collect()
    }

    /// Returns the files by hashed name.
    pub(crate) fn files(&self) -> &BTreeMap<String, Asset> {
        &self.files
    }
}

/// Reads the hashed names by plain name.
fn manifest(folder: &Path) -> Result<BTreeMap<String, String>, AssetsError> {
    let path = folder.join(MANIFEST);
    let manifest = fs::read(&path).map_err(failed(&path))?;
    serde_json::from_slice(&manifest).map_err(|source| AssetsError::Manifest { path, source })
}

/// Reads all files of a folder, each with its compressed forms `.br` and `.gz`.
fn read(folder: &Path) -> Result<BTreeMap<String, Asset>, AssetsError> {
    let mut files: BTreeMap<String, Asset> = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name == MANIFEST || name.starts_with('.') || !path.is_file() {
            continue;
        }
        let content = Bytes::from(fs::read(&path).map_err(failed(&path))?);
        if let Some(name) = name.strip_suffix(".br") {
            files.entry(name.to_owned()).or_default().brotli = Some(content);
        } else if let Some(name) = name.strip_suffix(".gz") {
            files.entry(name.to_owned()).or_default().gzip = Some(content);
        } else {
            files.entry(name.to_owned()).or_default().plain = content;
        }
    }
    // a compressed form alone is of no use
    files.retain(|_, asset| !asset.plain.is_empty());
    Ok(files)
}

/// Returns the styles with the addresses of fonts and images as a page needs them; nothing where
/// they could end the element in which they stand.
fn styles(names: &BTreeMap<String, String>, files: &BTreeMap<String, Asset>) -> String {
    let file = names.get("main.css").and_then(|name| files.get(name));
    let text = file.map(|asset| String::from_utf8_lossy(&asset.plain));
    let text = text.filter(|text| !text.contains("</")).unwrap_or_default();
    names.values().fold(text.into_owned(), |text, name| {
        text.replace(&format!("url({name})"), &format!("url(/assets/{name})"))
    })
}

/// Returns the parts that a script imports at its start, and those that they import.
fn imported(script: &str, files: &BTreeMap<String, Asset>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut to_read = vec![script.to_owned()];
    while let Some(name) = to_read.pop() {
        let text = files
            .get(&name)
            .map(|asset| String::from_utf8_lossy(&asset.plain));
        for part in static_imports(&text.unwrap_or_default()) {
            if files.contains_key(part) && found.insert(part.to_owned()) {
                to_read.push(part.to_owned());
            }
        }
    }
    found
}

/// Returns the files that follow `from"./` or `import"./`; those of `import(…)` are loaded later.
fn static_imports(text: &str) -> impl Iterator<Item = &str> {
    let after = |word: &'static str| {
        let rests = text.split(word).skip(1);
        rests.filter_map(|rest| rest.split_once('"').map(|(name, _)| name))
    };
    after("from\"./").chain(after("import\"./"))
}

/// The assets of earlier builds, in a folder of their own.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    folder: Option<PathBuf>,
}

impl Kept {
    pub(crate) fn in_folder(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// Keeps the current build, forgets those that were last in use seven days ago, and returns
    /// the files of all others.
    ///
    /// # Errors
    /// [`AssetsError`], where the folder can't be read or written.
    pub(crate) fn keep(&self, current: &Assets) -> Result<Arc<BTreeMap<String, Asset>>, AssetsError> {
        let Some(folder) = &self.folder else {
            return Ok(Arc::default());
        };
        fs::create_dir_all(folder).map_err(failed(folder))?;
        for (name, asset) in &current.files {
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

/// Returns the media type of a file by its name.
pub(crate) fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    #[test]
    fn what_a_script_imports_at_its_start_is_known_ahead() {
        let folder = build(&[
            (MANIFEST, r#"{"form.js":"form.A.js"}"#),
            (
                "form.A.js",
                r#"import{a as b}from"./part.A.js";import("./part.C.js")"#,
            ),
            ("part.A.js", r#"import"./part.B.js";"#),
            ("part.B.js", "1"),
            ("part.C.js", "2"),
        ]);
        let assets = Assets::load(folder.path()).unwrap();
        assert_eq!(
            assets.parts("form.js"),
            ["/assets/part.A.js", "/assets/part.B.js"]
        );
    }

    #[test]
    fn a_build_that_is_not_whole_is_refused() {
        let folder = build(&[(MANIFEST, r#"{"form.js":"form.A.js"}"#)]);
        let error = Assets::load(folder.path()).unwrap_err();
        assert!(error.to_string().contains("form.A.js"), "{error}");
        let nothing = tempfile::tempdir().unwrap();
        let error = Assets::load(nothing.path()).unwrap_err();
        assert!(error.to_string().contains("npm run build"), "{error}");
    }

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
