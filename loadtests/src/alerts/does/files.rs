//! Files: the catalogue's, and one that fills the broker's disk.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use nix::fcntl::{FallocateFlags, fallocate};
use sportello_stack::Alarm;

use crate::alerts::stage::Stage;

/// Bytes that the file grows by in a second, and seconds for which it does.
const GROWS_BY: i64 = 50_000_000;
const GROWS_FOR: i64 = 75;
/// Bytes between what is free on the disk and the broker's limit: more than the file gets.
const ROOM: f64 = 4_000_000_000.0;

/// A file that grows. Dropping it removes the file.
pub(super) struct Filling {
    file: PathBuf,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Filling {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // it only writes the file
            let _ = thread.join();
        }
        let _ = fs::remove_file(&self.file);
    }
}

pub(super) fn break_catalogue(stage: &Stage) -> anyhow::Result<()> {
    Ok(fs::write(broken_benefit(stage), "this is no benefit")?)
}

pub(super) fn mend_catalogue(stage: &Stage) -> anyhow::Result<()> {
    Ok(fs::remove_file(broken_benefit(stage))?)
}

fn broken_benefit(stage: &Stage) -> PathBuf {
    stage.scene.system.catalogue_folder().join("broken-benefit.toml")
}

/// Sets the broker's limit near what is free, and lets a file grow towards it.
pub(super) async fn fill_disk(stage: &mut Stage) -> anyhow::Result<()> {
    let free = stage
        .monitoring
        .query("rabbitmq_disk_space_available_bytes")
        .await?;
    let free = free.first().context("the broker does not say what is free")?;
    ensure!(
        *free > 2.0 * ROOM,
        "the disk is too full for this trial: {free} bytes are free"
    );
    let limit = format!("{:.0}", free - ROOM);
    stage
        .scene
        .system
        .rabbitmq()
        .control(&["set_disk_free_limit", &limit])?;
    let path = stage.scene.system.folder().join("grows");
    let file = File::create(&path)?;
    let (stop, stopped) = channel::<()>();
    let grow = move || {
        for second in 0..GROWS_FOR {
            // a disk that is full ends it
            let _ = fallocate(&file, FallocateFlags::empty(), second * GROWS_BY, GROWS_BY);
            if stopped.recv_timeout(Duration::from_secs(1)) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    };
    stage.held.filling = Some(Filling {
        file: path,
        stop: Some(stop),
        thread: Some(std::thread::spawn(grow)),
    });
    Ok(())
}

pub(super) fn free_disk(stage: &mut Stage) -> anyhow::Result<()> {
    stage.held.filling = None;
    Ok(stage.scene.system.rabbitmq().clear(Alarm::Disk)?)
}
