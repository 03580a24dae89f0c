//! The development system, by its own program `stack` (`dev/stack`).

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};
use std::thread;

use anyhow::{Result, anyhow};
use clap::Args;

use crate::cargo::{self, SERVICES, target};
use crate::command::{hidden, root};
use crate::needs::{self, Need};
use crate::progress::part;

const STACK: &str = "stack";
const PORTAL_WEB: &str = "services/portal/web";

/// Options of `up`.
#[derive(Debug, Args)]
pub struct UpOptions {
    /// Return when the system is ready, and leave it running
    #[arg(long)]
    detach: bool,
    /// Build the services optimised (takes minutes longer)
    #[arg(long)]
    release: bool,
    /// Run three RabbitMQ nodes, and PostgreSQL with a standby; their data are apart from those of
    /// a single node
    #[arg(long)]
    cluster: bool,
}

/// Installs and builds what is missing, then becomes `stack up`.
pub fn up(options: &UpOptions) -> Result<ExitCode> {
    let is_set = |name| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let mut needed = vec![Need::Node, Need::Nginx];
    needed.extend((!is_set("DATABASE_URL")).then_some(Need::Postgres));
    needed.extend((!is_set("AMQP_URL")).then_some(Need::RabbitMq));
    needs::ensure(&needed)?;
    beside(node_programs, || build_services(options.release))?;

    let mut arguments = vec!["--programs".into(), programs(options.release).into_os_string()];
    arguments.extend(options.detach.then(|| "--detach".into()));
    arguments.extend(options.cluster.then(|| "--cluster".into()));
    Err(become_stack("up", &arguments))
}

/// Builds the program, then becomes it.
pub fn call(command: &str, arguments: &[OsString]) -> Result<ExitCode> {
    build()?;
    Err(become_stack(command, arguments))
}

/// Returns the program as a command in the checkout.
pub fn program(command: &str) -> Command {
    let mut program = Command::new(target().join("debug").join(STACK));
    program.arg(command).current_dir(root());
    program
}

/// Replaces this process by the program, which then owns signals and the terminal.
fn become_stack(command: &str, arguments: &[OsString]) -> anyhow::Error {
    let mut program = program(command);
    let error = program.args(arguments).exec();
    anyhow!(error).context(format!("cannot run {}", program.get_program().display()))
}

fn programs(release: bool) -> std::path::PathBuf {
    target().join(if release { "release" } else { "debug" })
}

/// Builds the program.
pub fn build() -> Result<()> {
    cargo::build(&[STACK], "dev")
}

fn build_services(release: bool) -> Result<()> {
    part("building the services (the first time takes minutes)", || {
        if release {
            cargo::build(&SERVICES, "release")?;
            return build();
        }
        cargo::build(&[SERVICES.as_slice(), &[STACK]].concat(), "dev")
    })
}

/// Runs a small task beside a large one that shows its progress.
pub fn beside(small: fn() -> Result<()>, large: impl FnOnce() -> Result<()>) -> Result<()> {
    thread::scope(|scope| {
        let small = scope.spawn(small);
        let large = large();
        let small = small.join().map_err(|_panic| anyhow!("a thread has ended"))?;
        large.and(small)
    })
}

/// Installs the packages of the identity provider and of the portal's scripts, and builds these.
pub fn node_programs() -> Result<()> {
    node_packages("deploy/identity-provider")?;
    node_packages(PORTAL_WEB)?;
    let mut build = Command::new("npm");
    hidden(
        build
            .args(["run", "--silent", "build"])
            .current_dir(root().join(PORTAL_WEB)),
    )
}

/// Installs the packages of a lock file, unless they are installed.
fn node_packages(folder: &str) -> Result<()> {
    let folder = root().join(folder);
    let (lock, modules) = (folder.join("package-lock.json"), folder.join("node_modules"));
    let wanted = std::fs::read(&lock)?;
    // written last, so that an interrupted installation is repeated
    let record = modules.join(".installed-lock.json");
    if std::fs::read(&record).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    hidden(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    Ok(std::fs::write(&record, wanted)?)
}
