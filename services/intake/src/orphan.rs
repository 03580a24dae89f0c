//! `intake replay`: publishes what a spool holds whose process does not come back.

use std::future::Future;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sportello_queue::{BrokerUri, Publisher, Status};

use crate::answered::Answered;
use crate::fallback::{Fallback, Replay};
use crate::{DRAIN, StartError, publisher};

/// Interval between two looks at the spool.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Configuration of `intake replay`.
#[derive(Debug, Clone, clap::Parser)]
#[command(
    name = "intake replay",
    about = "Publishes the applications of a spool whose process does not come back, and ends"
)]
pub struct ReplayConfig {
    /// The broker: amqp://user:password@host:port/virtual-host.
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    pub amqp_url: BrokerUri,

    /// Allow clear text to a broker on another machine. For trusted networks.
    #[arg(long, env = "ALLOW_CLEAR_TEXT")]
    pub allow_clear_text: bool,

    /// The folder of the spool. No other process may have it open.
    #[arg(long, env = "SPOOL_FOLDER")]
    pub spool_folder: PathBuf,
}

/// Why a spool is not empty afterwards, or could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A setting is wrong.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The command was stopped before the end.
    #[error("{0} applications are still in the spool: run it again")]
    Left(u64),
    /// Some applications can't be read. They are whole in files of their own.
    #[error("{} has {files} files unreadable-…: accepted applications that can't be read; keep them", .folder.display())]
    Unreadable {
        /// The spool's folder.
        folder: PathBuf,
        /// How many there are.
        files: usize,
    },
}

/// Publishes the oldest first until the spool is empty or `stop` ends. Waits for a broker that is
/// away. Returns how many were there.
///
/// # Errors
/// [`ReplayError`]; what was not published stays in the spool.
pub async fn replay_spool(config: ReplayConfig, stop: impl Future<Output = ()>) -> Result<u64, ReplayError> {
    let folder = config.spool_folder;
    // nothing is put into it, so room and time do not matter
    let fallback =
        Fallback::at(folder.clone(), NonZeroU32::MIN, NonZeroU32::MIN).map_err(StartError::from)?;
    let uri = config.amqp_url.guarded(config.allow_clear_text);
    let uri = uri.map_err(StartError::from)?;
    let edge = Answered::default().edge(Some(fallback.clone()));
    let publisher = publisher(uri, Some(folder.clone()), edge);
    let found = fallback.spool().holding().items;
    let replay = Replay::start(fallback.clone(), publisher.clone());
    tokio::select! {
        () = emptied(&fallback, &publisher) => {}
        () = stop => {}
    }
    let left = fallback.spool().holding().items;
    close(replay, &publisher).await;
    if left > 0 {
        return Err(ReplayError::Left(left));
    }
    match unreadable(&folder) {
        0 => Ok(found),
        files => Err(ReplayError::Unreadable { folder, files }),
    }
}

/// Also of an empty spool the connection is awaited: it closes the book of the process before.
async fn emptied(fallback: &Fallback, publisher: &Publisher) {
    while publisher.status() != Status::Connected || fallback.spool().holding().items > 0 {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn close(replay: Replay, publisher: &Publisher) {
    replay.close().await;
    if let Err(error) = publisher.drain(DRAIN).await {
        tracing::warn!(%error, "some applications in flight were not confirmed: they stay in the spool");
    }
}

/// Counts the files of applications that were set aside, now or by an earlier process.
fn unreadable(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    names
        .filter(|name| name.as_encoded_bytes().starts_with(b"unreadable-"))
        .count()
}
