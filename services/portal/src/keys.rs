//! The receipt keys as intake last published them. They stay in a file, so that receipts can be
//! checked after a restart while intake is away, too.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use serde_json::Value;

use crate::client::Services;
use crate::config::ServeConfig;
use crate::document::{Document, MINUTE};

/// The receipt keys, in memory and in their file.
pub(crate) struct ReceiptKeys {
    file: Option<PathBuf>,
    document: ArcSwapOption<Document>,
    /// Whether the file holds what the memory holds.
    is_kept: AtomicBool,
}

impl ReceiptKeys {
    /// Reads the keys that an earlier process kept.
    pub(crate) fn kept(config: &ServeConfig) -> Self {
        let file = config.keys_kept.clone();
        let kept = file.as_deref().and_then(read);
        Self {
            is_kept: AtomicBool::new(kept.is_some()),
            document: ArcSwapOption::new(kept.as_ref().map(|keys| Arc::new(document(keys)))),
            file,
        }
    }

    /// Returns the document at `/data/keys.json`, if intake ever published keys.
    pub(crate) fn document(&self) -> Option<Arc<Document>> {
        self.document.load_full()
    }

    /// Asks intake, and keeps its answer; without one the keys stay as they are.
    pub(crate) async fn fetch(&self, services: &Services) {
        let answer: Option<Value> = services.intake("/.well-known/jwks.json").await;
        let Some(keys) = answer.filter(has_keys) else {
            return;
        };
        let new = document(&keys);
        let is_same = self.document().is_some_and(|known| known.content == new.content);
        if is_same && self.is_kept.load(Ordering::Relaxed) {
            return;
        }
        self.document.store(Some(Arc::new(new)));
        let written = match self.file.clone() {
            Some(file) => tokio::task::spawn_blocking(move || write(&file, &keys))
                .await
                .ok(),
            None => Some(true),
        };
        self.is_kept.store(written == Some(true), Ordering::Relaxed);
    }
}

fn document(keys: &Value) -> Document {
    Document::data(keys.to_string(), "application/jwk-set+json", MINUTE)
}

fn has_keys(document: &Value) -> bool {
    document["keys"].as_array().is_some_and(|keys| !keys.is_empty())
}

/// Reads the file; logs what is wrong with it, but for a first start.
fn read(file: &Path) -> Option<Value> {
    let read = match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        read => read,
    };
    let keys = read.and_then(|content| Ok(serde_json::from_slice(&content)?));
    match keys {
        Ok(keys) if has_keys(&keys) => return Some(keys),
        Ok(_) => tracing::warn!(file = %file.display(), "KEYS_KEPT holds no receipt keys: intake is asked"),
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "KEYS_KEPT can't be read: intake is asked");
        }
    }
    None
}

/// Writes the file whole, and returns whether it did.
fn write(file: &Path, keys: &Value) -> bool {
    let new = file.with_added_extension("new");
    let written = fs::write(&new, keys.to_string()).and_then(|()| fs::rename(&new, file));
    if let Err(error) = &written {
        tracing::warn!(
            file = %file.display(),
            %error,
            "KEYS_KEPT can't be written: a restart while intake is away loses the receipt keys"
        );
    }
    written.is_ok()
}
