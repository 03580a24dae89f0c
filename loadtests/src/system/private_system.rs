//! A private system, removed with its data when dropped.

use std::fs;
use std::future::Future;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use sportello_faults::Proxy;
use sportello_people::Mint;
use sportello_stack::abandoned::{claim, discard};
use sportello_stack::{Identity, Link, Part, Setup, System, catalogue, folders};

const PROGRAMS: [&str; 5] = ["intake", "worker", "status", "portal", "console"];

/// Limits out of reach, with their headers still present: a test sends many requests as one person,
/// and an intermediary's load comes from one organisation.
const HIGH_LIMITS: [(&str, &str); 6] = [
    ("CITIZEN_REQUESTS_PER_MINUTE", "100000000"),
    ("ORGANISATION_REQUESTS_PER_MINUTE", "100000000"),
    ("OPERATOR_REQUESTS_PER_MINUTE", "100000000"),
    ("CITIZEN_REQUESTS_AT_ONCE", "100000000"),
    ("ORGANISATION_REQUESTS_AT_ONCE", "100000000"),
    ("OPERATOR_REQUESTS_AT_ONCE", "100000000"),
];

/// The proxies between the nodes of a cluster: to the port mapper, and to the node itself.
pub type Links = Vec<(Link, [Proxy; 2])>;

/// A running system for one user. Dropping it kills it, as `kill -9` would; [`System::stop`] stops
/// it in order before.
#[derive(Debug)]
pub struct PrivateSystem {
    folder: PathBuf,
    system: System,
}

impl PrivateSystem {
    /// Starts everything, with request limits out of reach, and returns when all parts are ready:
    /// about 15 s. Removes the rest of killed runs.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&[]).await
    }

    /// As [`PrivateSystem::start`], with these environment variables for every service, also after
    /// a later restart.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_with(settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::start_nice(settings, 0).await
    }

    /// As [`PrivateSystem::start_with`], with this niceness of the services (from 0 to 9).
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_nice(settings: &[(&str, &str)], niceness: u8) -> anyhow::Result<Self> {
        Self::start_as(Setup {
            niceness,
            ..setup(settings)?
        })
        .await
    }

    /// As [`PrivateSystem::start`], with the console's API, and without its page.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_with_console() -> anyhow::Result<Self> {
        Self::start_as(Setup {
            console: true,
            ..setup(&[])?
        })
        .await
    }

    /// As [`PrivateSystem::start`], with the portal and the gateway, whose scripts must be built.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_with_portal() -> anyhow::Result<Self> {
        Self::start_nice_with_portal(&[], 0).await
    }

    /// As [`PrivateSystem::start_nice`], with the portal and the gateway.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_nice_with_portal(settings: &[(&str, &str)], niceness: u8) -> anyhow::Result<Self> {
        let setup = Setup {
            niceness,
            ..with_portal(settings)?
        };
        Self::start_as(setup).await
    }

    /// As [`PrivateSystem::start_with_portal`], with portal, API and identity provider at three
    /// sites with TLS.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_at_three_sites() -> anyhow::Result<Self> {
        let setup = Setup {
            three_sites: true,
            ..with_portal(&[])?
        };
        Self::start_as(setup).await
    }

    /// As [`PrivateSystem::start_with_portal`], with a console that starts and stops the workers.
    /// Their transactions are of single messages, so that the backlog shrinks evenly also where the
    /// database is slow.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_with_hand() -> anyhow::Result<Self> {
        let folder = Self::claim().await?;
        let this = std::env::current_exe().context("the path of this program is unknown")?;
        let command = format!("{} workers {}", this.display(), folder.display());
        let setup = Setup {
            worker_command: Some(command),
            // operators sign in at the identity provider, and only one issuer may speak for them
            generated_operators: false,
            ..with_portal(&[("PREFETCH", "4")])?
        };
        Self::start_in(folder, setup).await
    }

    /// As [`PrivateSystem::start`], with three broker nodes and a database with its standby.
    /// Returns also the proxies between the nodes, which must live as long as the system.
    ///
    /// # Errors
    /// A program is missing, or a part does not start.
    pub async fn start_cluster() -> anyhow::Result<(Self, Links)> {
        let folder = Self::claim().await?;
        let setup = Setup {
            cluster: true,
            has_links: true,
            ..setup(&[])?
        };
        let mut private = Self {
            system: System::at(&folder)?,
            folder,
        };
        private.set_up(setup)?;
        private.cluster().prepare(true)?;
        let proxies = |link: Link| {
            let [one, other] = link
                .ports
                .map(|port| Proxy::at((link.address, port).into(), port));
            anyhow::Ok((link, [one?, other?]))
        };
        let links = private.cluster().links().into_iter().map(proxies);
        let links = links.collect::<anyhow::Result<_>>()?;
        private.system.start().await?;
        Ok((private, links))
    }

    async fn start_as(setup: Setup) -> anyhow::Result<Self> {
        Self::start_in(Self::claim().await?, setup).await
    }

    async fn claim() -> anyhow::Result<PathBuf> {
        let parent = folders::workspace().join("target/loadtests");
        sweep(&parent).await?;
        Ok(claim(&parent)?)
    }

    async fn start_in(folder: PathBuf, mut setup: Setup) -> anyhow::Result<Self> {
        // from here on a failure removes it
        let mut private = Self {
            system: System::at(&folder)?,
            folder,
        };
        if let Some(built) = &setup.portal_assets {
            copy_files(built, &private.assets_folder())?;
            setup.portal_assets = Some(private.assets_folder());
        }
        private.set_up(setup)?;
        private.system.start().await?;
        Ok(private)
    }

    /// Returns its folder; files added there are removed with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder of the portal's scripts: a copy of its own, so that a test can deploy
    /// another build.
    #[must_use]
    pub fn assets_folder(&self) -> PathBuf {
        self.folder.join("portal-build")
    }

    /// Returns the mint of invented citizens whose tokens it accepts.
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
        // no caller to report to; the next run removes the rest
        let _ = on_own_runtime(remove(&self.folder));
    }
}

/// Runs a future to its end, also inside another runtime.
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

/// Kills and removes the systems of killed runs.
async fn sweep(parent: &Path) -> anyhow::Result<()> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let owner = Identity::read(&folder.with_extension("owner"));
        if !owner.is_some_and(|owner| owner.is_alive()) {
            remove(&folder).await?;
        }
    }
    Ok(())
}

/// Kills the system, as `kill -9` would, and removes its data.
async fn remove(folder: &Path) -> anyhow::Result<()> {
    let system = System::at(folder)?;
    let mut parts = system.recorded_parts();
    // first the console, which would start workers again
    parts.sort_by_key(|part| *part != Part::Console);
    for part in parts {
        system.process(part).kill().await?;
    }
    discard(folder).await?;
    Ok(())
}

/// Returns the folder of the services built with this program.
///
/// # Errors
/// A program is missing.
pub fn programs() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("the path of this program is unknown")?;
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

/// Copies the files of a folder that has no folders.
fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copy = || {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
        Ok::<(), io::Error>(())
    };
    copy().with_context(|| format!("{} can't be copied to {}", from.display(), to.display()))
}

/// Returns the setup with portal and gateway.
fn with_portal(settings: &[(&str, &str)]) -> anyhow::Result<Setup> {
    let assets = folders::workspace().join("services/portal/web/dist");
    ensure!(
        assets.join("manifest.json").is_file(),
        "the portal's scripts are not built: run `npm ci && npm run build` in services/portal/web"
    );
    Ok(Setup {
        portal_assets: Some(assets),
        ..setup(settings)?
    })
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
        generated_operators: true,
        settings: HIGH_LIMITS
            .iter()
            .chain(settings)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Setup::default()
    })
}
