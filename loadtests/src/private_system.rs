//! A whole system of one's own, that is gone with its data when dropped.

use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use sportello_local::abandoned::{claim, discard};
use sportello_local::mint::Mint;
use sportello_local::{Identity, Setup, System, catalogue, folders};

const PROGRAMS: [&str; 3] = ["intake", "worker", "status"];

/// A test asks again and again as one person, and an intermediary's load comes from one organisation: limits that nobody
/// reaches, and whose headers are there.
const HIGH_LIMITS: [(&str, &str); 3] = [
    ("CITIZEN_REQUESTS_PER_MINUTE", "100000000"),
    ("ORGANISATION_REQUESTS_PER_MINUTE", "100000000"),
    ("OPERATOR_REQUESTS_PER_MINUTE", "100000000"),
];

/// A running system that nobody else uses. Dropped, it ends as `kill -9` would; [`System::stop`] ends it in order before.
#[derive(Debug)]
pub struct PrivateSystem {
    folder: PathBuf,
    system: System,
}

impl PrivateSystem {
    /// Starts everything, with limits on requests that nobody reaches, and returns when all is ready: about 15 s. Removes
    /// what killed runs left behind.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&[]).await
    }

    /// The same with these environment variables for every service, also for one that is started again later.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_with(settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::start_nice(settings, 0).await
    }

    /// The same with services that leave the cores to others, so much (from 0 to 9).
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_nice(settings: &[(&str, &str)], niceness: u8) -> anyhow::Result<Self> {
        let setup = Setup {
            niceness,
            ..setup(settings)?
        };
        let parent = folders::workspace().join("target/loadtests");
        sweep(&parent).await?;
        let folder = claim(&parent)?;
        // from here on a failure removes it
        let mut private = Self {
            system: System::at(&folder)?,
            folder,
        };
        private.set_up(setup)?;
        private.system.start().await?;
        Ok(private)
    }

    /// Where it keeps everything; a place for files that are to go with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The mint of invented citizens whose tokens it accepts.
    ///
    /// # Errors
    /// Its key can't be read.
    pub fn mint(&self) -> anyhow::Result<Mint> {
        Ok(Mint::open(&self.identity_folder())?)
    }
}

impl Deref for PrivateSystem {
    type Target = System;

    fn deref(&self) -> &System {
        &self.system
    }
}

impl DerefMut for PrivateSystem {
    fn deref_mut(&mut self) -> &mut System {
        &mut self.system
    }
}

impl Drop for PrivateSystem {
    fn drop(&mut self) {
        // there is nobody to tell; the next run removes what is left
        let _ = on_own_runtime(remove(&self.folder));
    }
}

/// Runs it to its end, also within another runtime.
fn on_own_runtime<T: Send>(future: impl Future<Output = anyhow::Result<T>> + Send) -> anyhow::Result<T> {
    let run = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(future)
    };
    std::thread::scope(|scope| scope.spawn(run).join())
        .map_err(|_| anyhow::anyhow!("the clean-up panicked"))?
}

/// Ends and removes the systems of runs that were killed.
async fn sweep(parent: &Path) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let owner = Identity::read(&folder.with_extension("owner"));
        if !owner.is_some_and(|owner| owner.is_alive()) {
            remove(&folder).await?;
        }
    }
    Ok(())
}

/// Ends the system as `kill -9` would, and removes its data.
async fn remove(folder: &Path) -> anyhow::Result<()> {
    let system = System::at(folder)?;
    for part in system.recorded_parts() {
        system.process(part).kill().await?;
    }
    discard(folder).await?;
    Ok(())
}

/// The folder of the services, as they were built beside this program.
///
/// # Errors
/// One of them is missing.
pub fn programs() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("this program does not know where it is")?;
    let programs = this
        .ancestors()
        .skip(1)
        .find(|folder| !folder.ends_with("deps"))
        .unwrap_or(&this)
        .to_owned();
    let release = if programs.ends_with("release") {
        " --release"
    } else {
        ""
    };
    for program in PROGRAMS {
        ensure!(
            programs.join(program).is_file(),
            "{} is missing: run `cargo build{release} --bins` in the checkout",
            programs.join(program).display()
        );
    }
    Ok(programs)
}

fn setup(settings: &[(&str, &str)]) -> anyhow::Result<Setup> {
    let programs = programs()?;
    let identity_provider = folders::workspace().join("deploy/identity-provider");
    ensure!(
        identity_provider.join("node_modules").is_dir(),
        "the identity provider's packages are missing: run `npm ci` in {}",
        identity_provider.display()
    );
    Ok(Setup {
        programs,
        identity_provider,
        catalogue: catalogue::shipped(),
        settings: HIGH_LIMITS
            .iter()
            .chain(settings)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Setup::default()
    })
}
