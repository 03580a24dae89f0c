//! `portal render DIR`: the site as files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sportello_catalogue::{BrokenCatalogue, Catalogue};

use crate::assets::{Asset, Assets, AssetsError};
use crate::client::Services;
use crate::config::{Config, ServeConfig};
use crate::document::Document;
use crate::keys::ReceiptKeys;
use crate::site::Site;

/// The file from which servers of static sites read the headers of all answers.
const HEADERS: &str = "_headers";

/// Why the pages can't be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The catalogue can't be used.
    #[error(transparent)]
    Catalogue(#[from] BrokenCatalogue),
    /// The assets can't be used.
    #[error("ASSETS: {0}")]
    Assets(#[from] AssetsError),
    /// A benefit's document lacks what the pages say of it.
    #[error("a benefit can't be shown: {0}")]
    Benefit(#[from] serde_json::Error),
    /// The client that asks intake can't be made.
    #[error("INTAKE_INTERNAL_URL: {0}")]
    Client(#[from] reqwest::Error),
    /// A file can't be written.
    #[error("{path} can't be written: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
}

/// Writes all pages as they are now, the forms, the receipt keys and the assets, each also
/// compressed, and returns their number. The pages say what is open now: render again when a
/// benefit opens or closes. The keys are intake's, or those of `KEYS_KEPT` while it is away.
///
/// # Errors
/// [`RenderError`] says what can't be read or written.
pub async fn render(config: &Config, folder: &Path) -> Result<usize, RenderError> {
    let catalogue = Catalogue::load(&config.site.catalogue)?;
    let assets = Assets::load(&config.site.assets)?;
    let site = Site::render(&config.site, &catalogue, &assets, Timestamp::now())?;
    let keys = receipt_keys(&config.serve).await?;
    let checks = keys
        .as_deref()
        .map(|keys| site.check_pages(&config.site, &assets, keys));
    let checks = checks.unwrap_or_default();
    let keys = keys
        .as_deref()
        .map(|keys| ("data/keys.json".to_owned(), &keys.content));
    let pages = site
        .files(&checks)
        .map(|(file, document)| (file, &document.content));
    let assets = assets.files().iter();
    let assets = assets.map(|(name, content)| (format!("assets/{name}"), content));
    let headers: Vec<String> = site.headers.lines().map(|line| format!("  {line}\n")).collect();
    let headers = Asset {
        plain: format!("/*\n{}", headers.concat()).into(),
        ..Asset::default()
    };
    write(folder, HEADERS, &headers)?;
    let mut written = 0;
    for (file, content) in pages.chain(keys).chain(assets) {
        write(folder, &file, content)?;
        written += 1;
    }
    Ok(written)
}

async fn receipt_keys(config: &ServeConfig) -> Result<Option<Arc<Document>>, reqwest::Error> {
    let keys = ReceiptKeys::kept(config);
    keys.fetch(&Services::new(config)?).await;
    let document = keys.document();
    if document.is_none() {
        tracing::warn!(
            "no receipt keys are written: intake does not answer at INTAKE_INTERNAL_URL, and KEYS_KEPT holds none"
        );
    }
    Ok(document)
}

fn write(folder: &Path, file: &str, content: &Asset) -> Result<(), RenderError> {
    let forms = [
        (file.to_owned(), Some(&content.plain)),
        (format!("{file}.br"), content.brotli.as_ref()),
        (format!("{file}.gz"), content.gzip.as_ref()),
    ];
    for (file, content) in forms {
        let path = folder.join(file);
        let Some(content) = content else {
            continue;
        };
        let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
        parent
            .and_then(|()| fs::write(&path, content))
            .map_err(|source| RenderError::File { path, source })?;
    }
    Ok(())
}
