//! The totals of the disk, shared by the thread that owns the file.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

/// The place of an item in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(crate) u64);

/// An item that is on the disk.
#[derive(Clone)]
pub struct Spooled {
    /// Its place in the order of arrival.
    pub key: Key,
    /// The bytes, unchanged.
    pub item: Bytes,
}

impl std::fmt::Debug for Spooled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Spooled({}, {} bytes)", self.key.0, self.item.len())
    }
}

/// The totals of a spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Items on the disk.
    pub items: u64,
    /// Bytes of these items.
    pub bytes: u64,
    /// Age of the oldest item; zero where there is none.
    pub oldest_age: Duration,
    /// Whether the last access to the disk succeeded.
    pub writable: bool,
}

/// Written by the owner of the file, read by all threads.
#[derive(Default)]
pub(crate) struct Stored {
    items: AtomicU64,
    bytes: AtomicU64,
    /// Milliseconds since 1970; zero where there is no item.
    oldest: AtomicU64,
    writable: AtomicBool,
}

impl Stored {
    pub(crate) fn set(&self, items: u64, bytes: u64, oldest: Option<u64>) {
        self.items.store(items, Ordering::Release);
        self.bytes.store(bytes, Ordering::Release);
        self.oldest.store(oldest.unwrap_or(0), Ordering::Release);
    }

    pub(crate) fn set_writable(&self, writable: bool) {
        self.writable.store(writable, Ordering::Release);
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.writable.load(Ordering::Acquire)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Acquire)
    }

    pub(crate) fn holding(&self) -> Holding {
        let oldest = match self.oldest.load(Ordering::Acquire) {
            0 => Duration::ZERO,
            oldest => Duration::from_millis(now_ms().saturating_sub(oldest)),
        };
        Holding {
            items: self.items.load(Ordering::Acquire),
            bytes: self.bytes(),
            oldest_age: oldest,
            writable: self.is_writable(),
        }
    }
}

/// Returns the current time in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}
