//! The file with the receipt keys, which the commands `intake keys …` change.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::keys::{KeyFileError, StoredKey, StoredKeys};

/// A file with receipt keys, which may not exist yet.
///
/// The folder is locked, so changes happen one at a time. When a call returns, its change is either
/// completely on the disk or not at all.
#[derive(Debug)]
pub struct KeyFile<'a> {
    path: &'a Path,
    /// Locked until it is dropped.
    folder: File,
}

/// A newly generated key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Its id, as in the headers of receipts.
    pub id: String,
    /// Whether it signs from the next start of intake on. Only the first key does; a later key is
    /// only published.
    pub signs: bool,
}

impl<'a> KeyFile<'a> {
    /// Locks the folder of the file, and waits while another process holds the lock.
    ///
    /// # Errors
    /// [`KeyFileError::Io`] if the folder does not exist or can't be locked.
    pub fn lock(path: &'a Path) -> Result<Self, KeyFileError> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = File::open(parent.unwrap_or(Path::new("."))).map_err(failed(path))?;
        folder.lock().map_err(failed(path))?;
        Ok(Self { path, folder })
    }

    /// Whether the file exists.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Generates a key. The first key of a file signs; a later one is only published until
    /// [`sign_with`](Self::sign_with) selects it.
    ///
    /// # Errors
    /// [`KeyFileError`]; the file is as before then.
    pub fn add_key(&self) -> Result<NewKey, KeyFileError> {
        let mut keys = if self.exists() {
            self.read()?
        } else {
            StoredKeys { keys: Vec::new() }
        };
        let key = StoredKey::generate()?;
        let id = key.id().ok_or(KeyFileError::Random)?;
        let signs = keys.keys.is_empty();
        keys.keys.push(key);
        self.write(&keys)?;
        Ok(NewKey { id, signs })
    }

    /// Selects the key that signs from the next start of intake on. Removes the private half of the
    /// previous key; its public half stays published, so that its receipts can be verified.
    ///
    /// # Errors
    /// [`KeyFileError`]; the file is as before then.
    pub fn sign_with(&self, id: &str) -> Result<(), KeyFileError> {
        let mut keys = self.read()?;
        let place = keys.keys.iter().position(|key| key.signs_as(id));
        let Some(place) = place else {
            return Err(KeyFileError::NoSuchKey {
                path: self.path.to_owned(),
                ids: keys.able_to_sign(),
            });
        };
        if place == 0 {
            return Ok(());
        }
        if let Some(before) = keys.keys.first_mut() {
            before.forget_private_half();
        }
        let key = keys.keys.remove(place);
        keys.keys.insert(0, key);
        self.write(&keys)
    }

    fn read(&self) -> Result<StoredKeys, KeyFileError> {
        StoredKeys::read(self.path)
    }

    /// Writes a draft and renames it, so that no process reads half a file.
    fn write(&self, keys: &StoredKeys) -> Result<(), KeyFileError> {
        let draft = self.path.with_added_extension("draft");
        let text = serde_json::to_vec(keys).map_err(|error| failed(self.path)(error.into()))?;
        write_private(&draft, &text)
            .and_then(|()| fs::rename(&draft, self.path))
            // without it a power cut could undo the rename after receipts were issued
            .and_then(|()| self.folder.sync_all())
            .map_err(failed(self.path))
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> KeyFileError {
    |source| KeyFileError::Io {
        path: path.to_owned(),
        source,
    }
}

fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReceiptKeys;
    use std::os::unix::fs::PermissionsExt as _;

    fn add(path: &Path) -> NewKey {
        KeyFile::lock(path).unwrap().add_key().unwrap()
    }

    fn published(path: &Path) -> Vec<String> {
        let keys = ReceiptKeys::load(path).unwrap().public.keys;
        keys.into_iter().filter_map(|key| key.common.key_id).collect()
    }

    #[test]
    fn a_key_is_published_before_it_signs_and_after_it_signed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt-keys.json");
        let (first, second) = (add(&path), add(&path));
        assert_eq!((first.signs, second.signs), (true, false));
        let keys = ReceiptKeys::load(&path).unwrap();
        assert_eq!(keys.key_id, first.id);
        assert_eq!(published(&path), [first.id.as_str(), &second.id]);

        KeyFile::lock(&path).unwrap().sign_with(&second.id).unwrap();
        assert_eq!(ReceiptKeys::load(&path).unwrap().key_id, second.id);
        assert_eq!(published(&path), [second.id.as_str(), &first.id]);
        // its private half is gone
        let back = KeyFile::lock(&path).unwrap().sign_with(&first.id);
        let KeyFileError::NoSuchKey { ids, .. } = back.unwrap_err() else {
            panic!("another error")
        };
        assert_eq!(ids, [second.id]);
    }

    #[test]
    fn the_file_is_private_and_no_draft_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt-keys.json");
        add(&path);
        add(&path);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let public = ReceiptKeys::load(&path).unwrap().public;
        assert!(!serde_json::to_string(&public).unwrap().contains("\"d\""));
    }

    #[test]
    fn keys_made_at_once_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt-keys.json");
        let made: Vec<NewKey> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| add(&path))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(published(&path).len(), 8);
        assert_eq!(made.iter().filter(|key| key.signs).count(), 1);
    }
}
