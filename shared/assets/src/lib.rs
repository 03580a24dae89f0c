//! Scripts, styles and fonts of a build, from memory, as portal and console serve them.

mod kept;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::web::Bytes;

pub use kept::Kept;

/// The file with the hashed names of a build.
pub const MANIFEST: &str = "manifest.json";
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
    /// The build lacks what a page needs.
    #[error("the build has no {0}: `npm run build` in services/portal/web builds it")]
    Lacking(&'static str),
}

/// A file as it is served, plain and compressed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asset {
    /// The file.
    pub plain: Bytes,
    /// It, compressed with Brotli.
    pub brotli: Option<Bytes>,
    /// It, compressed with gzip.
    pub gzip: Option<Bytes>,
}

/// The assets of the current build, by hashed name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Assets {
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
    pub fn load(folder: &Path) -> Result<Self, AssetsError> {
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
    pub fn is_build_of(&self, folder: &Path) -> Result<bool, AssetsError> {
        Ok(self.names == manifest(folder)?)
    }

    /// Checks that the build has these, by their plain names.
    ///
    /// # Errors
    /// [`AssetsError::Lacking`] names the first that it has not.
    pub fn with(self, needed: &[&'static str]) -> Result<Self, AssetsError> {
        match needed.iter().find(|name| !self.names.contains_key(**name)) {
            Some(lacking) => Err(AssetsError::Lacking(lacking)),
            None => Ok(self),
        }
    }

    /// Returns the address of an asset by its plain name, if the build has it.
    #[must_use]
    pub fn url(&self, name: &str) -> Option<String> {
        self.names.get(name).map(|hashed| format!("/assets/{hashed}"))
    }

    /// Returns the addresses of what a script imports at its start, which the page loads ahead.
    #[must_use]
    pub fn parts(&self, name: &str) -> Vec<String> {
        let hashed = self.names.get(name);
        let imports = hashed.and_then(|hashed| self.imports.get(hashed));
        let imports = imports.into_iter().flatten();
        imports.map(|part| format!("/assets/{part}")).collect()
    }

    /// Returns the styles, as they stand in each page: a request for them would delay the first
    /// thing that a phone far from a mast shows by half a second.
    #[must_use]
    pub fn styles(&self) -> &str {
        &self.styles
    }

    /// Returns the addresses of the fonts that every page needs.
    #[must_use]
    pub fn fonts(&self) -> Vec<String> {
        FONTS.iter().filter_map(|name| self.url(name)).collect()
    }

    /// Returns the files by hashed name.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, Asset> {
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

impl Asset {
    /// Returns the smallest form that the caller accepts, with its coding.
    #[must_use]
    pub fn accepted(&self, request: &HttpRequest) -> (Option<&'static str>, Bytes) {
        let codings = request.headers().get_all(ACCEPT_ENCODING);
        let codings: Vec<&str> = codings.filter_map(|value| value.to_str().ok()).collect();
        let accepts = |coding: &str| codings.iter().any(|header| accepts(header, coding));
        let compressed = [("br", &self.brotli), ("gzip", &self.gzip)];
        let found = compressed.into_iter().find_map(|(coding, content)| {
            content
                .as_ref()
                .filter(|_| accepts(coding))
                .map(|it| (coding, it))
        });
        match found {
            Some((coding, content)) => (Some(coding), content.clone()),
            None => (None, self.plain.clone()),
        }
    }
}

/// Whether a header `Accept-Encoding` names a coding, and not with the weight 0 (RFC 9110, section
/// 12.5.3).
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse().unwrap_or(1.0);
        name.trim().eq_ignore_ascii_case(coding) && weight > 0.0
    })
}

/// Returns the media type of a file by its name.
#[must_use]
pub fn media_type(name: &str) -> &'static str {
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

    #[test]
    fn a_coding_with_weight_zero_is_not_accepted() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("GZIP;q=0.5", "gzip"));
        assert!(!accepts("gzip;q=0", "gzip"));
        assert!(!accepts("", "gzip"));
        assert!(!accepts("xgzip", "gzip"));
    }

    pub(super) fn build(files: &[(&str, &str)]) -> tempfile::TempDir {
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
}
