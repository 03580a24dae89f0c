//! Work on its own thread, which other tasks can't delay.

use std::future::Future;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use nix::unistd::gettid;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::oneshot;

/// Runs the work on a thread with its own runtime, where it can `spawn_local`, and returns its
/// result. Dropping the future stops the work and closes its connections, as if the process had
/// ended.
///
/// # Errors
/// Those of the work, or no thread can be started.
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
                _ = nobody_waits => bail!("the caller has ended"),
            }
        })
    };
    tokio::task::spawn_blocking(run).await?
}

/// Makes this thread wait for a free core (`SCHED_BATCH`, `man 7 sched`). Otherwise each answer
/// would interrupt a service at work, and both would pay for the switch.
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
