//! Receipts that share a signature.

use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, MutexGuard};
/// Most receipts that share a signature. Each then costs an eighth of a signature, and grows by 61
/// bytes for each other receipt in the group.
const MOST: usize = 8;

/// The digests of receipts that wait for their signature, and the signed token once it is made.
#[derive(Debug, Default)]
pub(crate) struct Group {
    digests: Mutex<Vec<String>>,
    signed: OnceLock<String>,
}

/// The group that is open to new receipts.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    open: Mutex<Arc<Group>>,
}

impl Groups {
    /// Adds a digest to those that are signed next, and returns its group.
    pub(crate) fn join(&self, digest: String) -> Arc<Group> {
        let mut open = lock(&self.open);
        let mut digests = lock(&open.digests);
        digests.push(digest);
        let full = digests.len() == MOST;
        drop(digests);
        if full {
            std::mem::take(&mut *open)
        } else {
            Arc::clone(&open)
        }
    }

    /// Returns the group's token. The first call closes the group and makes the token from its
    /// digests with `sign`; calls meanwhile wait for that signature.
    pub(crate) fn signed<'a>(
        &self,
        group: &'a Arc<Group>,
        sign: impl FnOnce(&[String]) -> String,
    ) -> &'a str {
        group.signed.get_or_init(|| {
            let mut open = lock(&self.open);
            if Arc::ptr_eq(&open, group) {
                *open = Arc::default();
            }
            drop(open);
            let mut digests = lock(&group.digests);
            // RFC 9901, section 4.2.4.1: their order must reveal nothing
            digests.sort_unstable();
            sign(&digests)
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock()
}
