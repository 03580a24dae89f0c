//! Receipts that share a signature.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Most receipts that share one: a signature costs each of them an eighth, and a receipt grows by 61 bytes for each that it shares with.
const MOST: usize = 8;

/// The digests of receipts that wait for their signature, and the signed token once it is there.
#[derive(Debug, Default)]
pub(crate) struct Group {
    digests: Mutex<Vec<String>>,
    signed: OnceLock<String>,
}

/// The group that can be joined now.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    open: Mutex<Arc<Group>>,
}

impl Groups {
    /// Puts a digest among those that are signed next, and gives the group that it is in.
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

    /// The group's token, which `sign` makes of its digests when it is asked for first. From then on nobody joins. Who asks for it meanwhile
    /// waits for as long as a signature takes.
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
            // as RFC 9901, section 4.2.4.1, wants: their order says nothing
            digests.sort_unstable();
            sign(&digests)
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
