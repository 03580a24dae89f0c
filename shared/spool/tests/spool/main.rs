//! A spool keeps its items when its process or its disk fails.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by it, and helpers tell what they do"
)]

mod disk;
mod helper;
mod keeping;
mod measure;
mod opening;

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use sportello_spool::{Key, Spool, SpoolConfig};

fn config(folder: &Path) -> SpoolConfig {
    SpoolConfig {
        folder: folder.to_owned(),
        capacity_bytes: 1 << 30,
        // a test of the deadline alone meets it
        deadline: Duration::from_secs(30),
    }
}

fn open(folder: &Path) -> Spool {
    Spool::open(&config(folder)).unwrap()
}

/// An item like an application: some 2 kB that begin with its number.
fn item(number: usize) -> Bytes {
    format!("{number:<2000}").into()
}

fn number(item: &[u8]) -> usize {
    std::str::from_utf8(item).unwrap().trim_end().parse().unwrap()
}

/// Everything that is there, in order.
async fn everything(spool: &Spool) -> (Vec<Key>, Vec<usize>) {
    let items = spool.oldest(None, usize::MAX).await.unwrap();
    items.iter().map(|item| (item.key, number(&item.item))).unzip()
}
