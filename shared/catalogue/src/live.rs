//! Follows the folder of the catalogue while a service runs.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::time::MissedTickBehavior;

use crate::benefit::Benefit;
use crate::catalogue::{BrokenCatalogue, Catalogue, ReadFile, files_of, read};
use crate::metrics::metrics;
use crate::mistake::{Mistake, Place};

/// Interval between two looks at the folder.
const INTERVAL: Duration = Duration::from_secs(1);
/// A file that changed this shortly before it was read may change again with the same timestamp, so
/// it is read again.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// The catalogue of a folder, as it is now.
///
/// A tokio task looks at the folder each second, and ends with the last clone. While the files have
/// mistakes, the previous catalogue stays in use and [`LiveCatalogue::broken`] returns true.
#[derive(Clone)]
pub struct LiveCatalogue(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    current: ArcSwap<Catalogue>,
    broken: AtomicBool,
    seen: Mutex<Seen>,
}

/// The last known state of the folder.
#[derive(Default)]
struct Seen {
    files: BTreeMap<PathBuf, SeenFile>,
    /// The mistakes that were logged, so that each is logged once.
    told: Option<String>,
}

#[derive(Clone)]
struct SeenFile {
    stamp: Stamp,
    bytes: Vec<u8>,
    benefit: Result<Arc<Benefit>, Vec<Mistake>>,
}

/// Shows without reading that a file is unchanged.
#[derive(Clone, Copy, PartialEq)]
struct Stamp {
    length: u64,
    modified: SystemTime,
    /// Whether the file was old enough when it was read.
    settled: bool,
}

impl LiveCatalogue {
    /// Loads the catalogue of a folder and follows it. Call it within a tokio runtime.
    ///
    /// # Errors
    /// [`BrokenCatalogue`] if the folder can't be used at the start.
    pub fn start(folder: PathBuf) -> Result<Self, BrokenCatalogue> {
        let mut seen = Seen::default();
        let catalogue = seen.load(&folder)?;
        tracing::info!(version = %catalogue.version(), files = %names(&catalogue), "catalogue loaded");
        metrics().broken(false);
        metrics().uses(catalogue.version());
        let shared = Arc::new(Shared {
            folder,
            current: ArcSwap::from_pointee(catalogue),
            broken: AtomicBool::new(false),
            seen: Mutex::new(seen),
        });
        tokio::spawn(follow(Arc::downgrade(&shared)));
        Ok(Self(shared))
    }

    /// Returns the current catalogue. Keep it for the whole of one application.
    #[must_use]
    pub fn current(&self) -> Arc<Catalogue> {
        self.0.current.load_full()
    }

    /// Returns whether the files on disk have mistakes and the previous catalogue is in use.
    #[must_use]
    pub fn broken(&self) -> bool {
        self.0.broken.load(Ordering::Relaxed)
    }

    /// Looks at the folder now.
    pub async fn refresh(&self) {
        refresh(Arc::clone(&self.0)).await;
    }
}

async fn follow(shared: Weak<Shared>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        refresh(shared).await;
    }
}

async fn refresh(shared: Arc<Shared>) {
    // a panic there is a bug of this crate: it is logged, and the catalogue stays
    if let Err(error) = tokio::task::spawn_blocking(move || shared.look()).await {
        tracing::error!(%error, "the catalogue folder could not be read");
    }
}

impl Shared {
    fn look(&self) {
        let mut seen = self.seen.lock();
        match seen.load(&self.folder) {
            Ok(catalogue) => {
                if self.current.load().version() != catalogue.version() {
                    let (version, files) = (catalogue.version(), names(&catalogue));
                    tracing::info!(%version, %files, "catalogue changed");
                    metrics().changed();
                    metrics().replaced(self.current.load().version());
                    metrics().uses(catalogue.version());
                    self.current.store(Arc::new(catalogue));
                }
                self.set_broken(false);
                seen.told = None;
            }
            Err(broken) => {
                self.set_broken(true);
                let mistakes = broken.to_string();
                if seen.told.as_ref() != Some(&mistakes) {
                    let version = self.current.load().version().clone();
                    tracing::error!(
                        %version,
                        %mistakes,
                        "the catalogue has mistakes: the previous version stays in use"
                    );
                    seen.told = Some(mistakes);
                }
            }
        }
    }

    fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::Relaxed);
        metrics().broken(broken);
    }
}

impl Seen {
    /// Reads the changed files and builds the catalogue.
    fn load(&mut self, folder: &std::path::Path) -> Result<Catalogue, BrokenCatalogue> {
        let paths = files_of(folder).map_err(|source| BrokenCatalogue::Folder {
            folder: folder.to_owned(),
            source,
        })?;
        let mut files = BTreeMap::new();
        let mut read: Vec<ReadFile> = Vec::new();
        for path in paths {
            match look_at(&path, self.files.remove(&path)) {
                Ok(file) => {
                    read.push((path.clone(), file.benefit.clone()));
                    files.insert(path, file);
                }
                Err(error) => {
                    let mistake = Place::START.mistake(
                        format!("the file can't be read: {error}"),
                        "check its name and its permissions",
                    );
                    read.push((path, Err(vec![mistake])));
                }
            }
        }
        self.files = files;
        Catalogue::of_files(folder, read)
    }
}

/// Returns the file's current state; reads it only if it may have changed.
fn look_at(path: &std::path::Path, before: Option<SeenFile>) -> io::Result<SeenFile> {
    let metadata = std::fs::metadata(path)?;
    let modified = metadata.modified()?;
    let stamp = Stamp {
        length: metadata.len(),
        modified,
        settled: modified.elapsed().is_ok_and(|age| age >= SETTLED_AFTER),
    };
    if let Some(before) = &before
        && before.stamp.settled
        && before.stamp == stamp
    {
        return Ok(before.clone());
    }
    let bytes = read(path)?;
    if let Some(before) = before
        && before.bytes == bytes
    {
        return Ok(SeenFile { stamp, ..before });
    }
    let benefit = Benefit::of_bytes(path, &bytes).map(Arc::new);
    Ok(SeenFile {
        stamp,
        bytes,
        benefit,
    })
}

fn names(catalogue: &Catalogue) -> String {
    let names: Vec<String> = catalogue
        .benefits()
        .map(|benefit| format!("{}.toml {}", benefit.id(), benefit.version()))
        .collect();
    names.join(", ")
}
