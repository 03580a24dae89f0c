//! `cargo xtask test`: everything that the project tests.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, Result};
use clap::Args;
use sportello_local::abandoned::{discard, postgres, rabbitmq, sweep};
use sportello_local::{folders, test_servers};

use crate::build::{self, cargo, shown};
use crate::interrupt::Interrupts;
use crate::packages::{self, Need};
use crate::places;
use crate::steps::step;

/// Options of `test`.
#[derive(Debug, Args)]
pub struct Options {
    /// Only end the servers that plain `cargo test` left running, and remove their data
    #[arg(long)]
    stop_servers: bool,
}

/// Ends with the tests' own exit status and closing lines.
pub async fn run(options: &Options) -> Result<ExitCode> {
    if options.stop_servers {
        stop_servers().await?;
        return Ok(ExitCode::SUCCESS);
    }
    // Ctrl-C ends cargo, and then the servers are ended here
    let _interrupts = Interrupts::take_over()?;
    packages::ensure(&[
        Need::Postgres,
        Need::RabbitMq,
        Need::Node,
        Need::Nginx,
        Need::FakeClock,
    ])?;
    check_sources()?;
    let provider = places::identity_provider();
    step("packages of the identity provider", async {
        build::identity_provider(&provider)
    })
    .await?;

    let folder = folders::workspace().join("target/test");
    let status = on_own_servers(&folder).await;
    discard(&folder).await?;
    sweep(&test_servers::private_folder()).await?;
    let code = status?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Format, lints, advisories: what needs no servers.
fn check_sources() -> Result<()> {
    for (component, tool) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !cargo(&[tool, "--version"])
            .output()
            .is_ok_and(|output| output.status.success())
        {
            shown(Command::new("rustup").args(["component", "add", component]))
                .with_context(|| format!("cargo {tool} is missing: install the component {component}"))?;
        }
    }
    shown(&mut cargo(&["fmt", "--all", "--check"])).context("run `cargo fmt --all`")?;
    shown(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    if cargo(&["deny", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return shown(&mut cargo(&["deny", "check"]));
    }
    eprintln!(
        "cargo-deny is not installed, so security advisories are not looked up \
         (the licences and the banned crates are checked by xtask/tests/architecture.rs)"
    );
    Ok(())
}

async fn on_own_servers(folder: &Path) -> Result<ExitStatus> {
    // of a run that was killed
    discard(folder).await?;
    let (mut database, mut broker) = (postgres(folder)?, rabbitmq(folder)?);
    step("PostgreSQL for the tests", async { Ok(database.start().await?) }).await?;
    step("RabbitMQ for the tests", async { Ok(broker.start().await?) }).await?;
    // one program that fails does not hide what the others would say
    cargo(&["test", "--workspace", "--no-fail-fast"])
        .env(test_servers::DATABASE_URL, database.url())
        .env(test_servers::AMQP_URL, broker.url())
        .env(test_servers::MANAGEMENT_URL, broker.management_url())
        .status()
        .context("cannot run cargo test")
}

async fn stop_servers() -> Result<()> {
    let folders: [PathBuf; 2] = [
        test_servers::shared_folder(),
        folders::workspace().join("target/test"),
    ];
    for folder in folders {
        discard(&folder).await?;
    }
    sweep(&test_servers::private_folder()).await?;
    Ok(())
}
