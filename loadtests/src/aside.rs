//! Work that nothing else holds up.

use std::future::Future;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use nix::unistd::gettid;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;

/// Does the work on a thread with a runtime of its own, where it can `spawn_local`, and gives what it gives. When nobody waits for it any more it
/// ends where it is, and its connections are gone as if the process had been.
///
/// # Errors
/// Those of the work, or the thread can't be had.
pub async fn aside<T, F>(work: impl FnOnce() -> F + Send + 'static) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>>,
{
    let (_waiting, nobody_waits) = oneshot::channel::<()>();
    let run = move || {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build_local(LocalOptions::default())?;
        runtime.block_on(async {
            tokio::select! {
                result = work() => result,
                _ = nobody_waits => bail!("nobody waits for it any more"),
            }
        })
    };
    tokio::task::spawn_blocking(run).await?
}

/// From now on this thread waits for a core until it is free (`SCHED_BATCH`, `man 7 sched`). Otherwise each answer interrupts
/// whoever has others to give, and both pay for the change.
///
/// # Errors
/// `chrt`, of util-linux, is missing or fails.
pub fn never_interrupt() -> anyhow::Result<()> {
    let thread = gettid().to_string();
    let done = Command::new("chrt")
        .args(["--batch", "--pid", "0", &thread])
        .status();
    ensure!(
        done.context("run chrt, of util-linux")?.success(),
        "chrt has failed"
    );
    Ok(())
}
