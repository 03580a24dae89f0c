//! Scripts, styles and fonts of one build, from memory.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::web::Bytes;

/// The file with the hashed names of a build.
const MANIFEST: &str = "manifest.json";

/// Why assets can't be used.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    /// A file is missing or can't be read.
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
    /// The build lacks what the page needs.
    #[error("the build has no {0}: `npm run build` in services/portal/web builds it")]
    Missing(&'static str),
}

/// A file as it is served.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asset {
    plain: Bytes,
    brotli: Option<Bytes>,
}

/// The assets of a build.
#[derive(Debug)]
pub(crate) struct Assets {
    /// Hashed names by plain name.
    names: BTreeMap<String, String>,
    files: BTreeMap<String, Asset>,
    styles: String,
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> AssetsError {
    let path = path.to_owned();
    move |source| AssetsError::File { path, source }
}

impl Assets {
    /// What the pages name.
    const NEEDED: [&str; 5] = [
        "console.js",
        "callback.js",
        "main.css",
        "console.css",
        "icons.svg",
    ];

    /// Reads a build's folder.
    ///
    /// # Errors
    /// [`AssetsError`], where the folder is not a whole build.
    pub(crate) fn load(folder: &Path) -> Result<Self, AssetsError> {
        let path = folder.join(MANIFEST);
        let manifest = fs::read(&path).map_err(failed(&path))?;
        let names: BTreeMap<String, String> =
            serde_json::from_slice(&manifest).map_err(|source| AssetsError::Manifest { path, source })?;
        let mut files = BTreeMap::new();
        for name in names.values() {
            files.insert(name.clone(), read(folder, name)?);
        }
        let is_there = |name: &&'static str| names.contains_key(*name);
        if let Some(missing) = Self::NEEDED.iter().find(|name| !is_there(name)) {
            return Err(AssetsError::Missing(missing));
        }
        let styles = styles(&names, &files);
        Ok(Self { names, files, styles })
    }

    /// Returns the address of an asset by its plain name.
    pub(crate) fn url(&self, name: &str) -> String {
        let hashed = self.names.get(name).map_or(name, String::as_str);
        format!("/assets/{hashed}")
    }

    /// Returns the styles that stand in the page, so that it is never seen without them.
    pub(crate) fn styles(&self) -> &str {
        &self.styles
    }

    /// Returns a file by its hashed name.
    pub(crate) fn file(&self, name: &str) -> Option<&Asset> {
        self.files.get(name)
    }
}

/// Reads a file, and its compressed form where the build has one.
fn read(folder: &Path, name: &str) -> Result<Asset, AssetsError> {
    let path = folder.join(name);
    let plain = fs::read(&path).map_err(failed(&path))?;
    let brotli = fs::read(folder.join(format!("{name}.br"))).ok();
    Ok(Asset {
        plain: plain.into(),
        brotli: brotli.map(Bytes::from),
    })
}

/// Returns the styles with the addresses of fonts as a page needs them; nothing where they could
/// end the element in which they stand.
fn styles(names: &BTreeMap<String, String>, files: &BTreeMap<String, Asset>) -> String {
    let file = names.get("main.css").and_then(|name| files.get(name));
    let text = file.map(|asset| String::from_utf8_lossy(&asset.plain));
    let text = text.filter(|text| !text.contains("</")).unwrap_or_default();
    names.values().fold(text.into_owned(), |text, name| {
        text.replace(&format!("url({name})"), &format!("url(/assets/{name})"))
    })
}

impl Asset {
    /// Returns the smallest form that the caller accepts, with its coding.
    pub(crate) fn accepted(&self, request: &HttpRequest) -> (Option<&'static str>, Bytes) {
        let codings = request.headers().get_all(ACCEPT_ENCODING);
        let mut codings = codings.filter_map(|value| value.to_str().ok());
        let takes_brotli = codings.any(|header| header.split(',').any(|coding| coding.trim() == "br"));
        match &self.brotli {
            Some(brotli) if takes_brotli => (Some("br"), brotli.clone()),
            Some(_) | None => (None, self.plain.clone()),
        }
    }
}

/// Returns the media type of a file by its name.
pub(crate) fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
