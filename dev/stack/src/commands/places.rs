//! Folders of the local system, and the lock for changing it.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use sportello_stack::{System, folders};

const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Returns the folder of all files of the local system.
pub fn local() -> PathBuf {
    folders::workspace().join("target/local")
}

/// Returns the folder of the identity provider.
pub fn identity_provider() -> PathBuf {
    folders::workspace().join("deploy/identity-provider")
}

/// Returns the folder of the portal's built scripts and styles.
pub fn portal_assets() -> PathBuf {
    folders::workspace().join("services/portal/web/dist")
}

/// Opens the local system, which must have been started before.
pub fn system() -> Result<System> {
    let system = System::at(&local())?;
    if !system.exists() {
        bail!("nothing was started here yet: run `cargo xtask up`");
    }
    Ok(system)
}

/// Waits until no other command starts or stops processes: two at a time would undo each other's
/// work.
pub async fn lock() -> Result<Flock<File>> {
    let mut told = false;
    loop {
        if let Some(lock) = try_lock()? {
            return Ok(lock);
        }
        if !told {
            eprintln!("waiting for another `cargo xtask` that is starting or stopping the system");
            told = true;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Returns whether a command is starting or stopping processes.
pub fn is_locked() -> Result<bool> {
    Ok(try_lock()?.is_none())
}

fn try_lock() -> Result<Option<Flock<File>>> {
    let path = local().with_extension("lock");
    folders::create(&folders::workspace().join("target"))?;
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Some(lock)),
        Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}
