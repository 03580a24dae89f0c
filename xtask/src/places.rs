//! Where things are, and who may change them.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use cargo_metadata::MetadataCommand;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use sportello_local::{System, folders};

const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Everything that the local system writes.
pub fn local() -> PathBuf {
    folders::workspace().join("target/local")
}

/// The folder of the identity provider.
pub fn identity_provider() -> PathBuf {
    folders::workspace().join("deploy/identity-provider")
}

/// Where cargo puts what it builds.
pub fn programs(release: bool) -> Result<PathBuf> {
    let mut command = MetadataCommand::new();
    let metadata = command
        .manifest_path(folders::workspace().join("Cargo.toml"))
        .no_deps()
        .exec();
    let target = metadata
        .context("cannot ask cargo for its target folder")?
        .target_directory;
    Ok(target.join(if release { "release" } else { "debug" }).into())
}

/// The local system, which must have been started once.
pub fn system() -> Result<System> {
    let system = System::at(&local())?;
    if !system.exists() {
        bail!("nothing was started here yet: run `cargo xtask up`");
    }
    Ok(system)
}

/// Waits until no other command starts or ends processes: two at the same time would undo each other's work.
pub async fn lock() -> Result<Flock<File>> {
    let mut told = false;
    loop {
        if let Some(lock) = try_lock()? {
            return Ok(lock);
        }
        if !told {
            eprintln!("waiting for another `cargo xtask` that is starting or ending the system");
            told = true;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Whether a command starts or ends processes right now.
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
