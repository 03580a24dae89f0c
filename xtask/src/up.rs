//! `cargo xtask up`.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use sportello_local::{Setup, System, catalogue};

use crate::interrupt::Interrupts;
use crate::packages::{self, Need};
use crate::steps::step;
use crate::{build, example, places, show};

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Options of `up`.
#[derive(Debug, Args)]
pub struct Options {
    /// Return when all is ready, and leave it running
    #[arg(long)]
    detach: bool,
    /// Build the services optimised (takes minutes longer)
    #[arg(long)]
    release: bool,
}

/// Starts everything; without `--detach`, ends it on Ctrl-C.
pub async fn run(options: &Options) -> Result<()> {
    let mut interrupts = Interrupts::take_over()?;
    let setup = prepare(options)?;
    let lock = interrupts.unless(places::lock()).await?;
    step("packages of the identity provider", async {
        build::identity_provider(&setup.identity_provider)
    })
    .await?;
    let mut system = System::at(&places::local())?;
    system.set_up(setup)?;
    if let Err(error) = interrupts.unless(start(&mut system)).await {
        eprintln!("what was started is being ended; the data stay");
        system.stop().await?;
        return Err(error);
    }
    drop(lock);
    println!("{}\n{}", show::summary(&system), example::text(&system));
    if options.detach {
        println!("It runs until `cargo xtask down`.");
        return Ok(());
    }
    println!("Ctrl-C ends it; the data stay.");
    stay(&mut interrupts).await
}

/// Installs and builds what is needed.
fn prepare(options: &Options) -> Result<Setup> {
    let setup = Setup {
        programs: places::programs(options.release)?,
        identity_provider: places::identity_provider(),
        catalogue: catalogue::shipped(),
        database_url: set("DATABASE_URL"),
        amqp_url: set("AMQP_URL"),
        // in the system's folder, so that `down --wipe` removes it
        settings: [("SPOOL_FOLDER".into(), "spool".into())].into(),
        ..Setup::default()
    };
    let mut needs = vec![Need::Node];
    if setup.database_url.is_none() {
        needs.push(Need::Postgres);
    }
    if setup.amqp_url.is_none() {
        needs.push(Need::RabbitMq);
    }
    packages::ensure(&needs)?;
    eprintln!("building the services (the first time takes minutes)");
    build::services(options.release)?;
    Ok(setup)
}

async fn start(system: &mut System) -> Result<()> {
    step("PostgreSQL", async { Ok(system.start_postgres().await?) }).await?;
    step("RabbitMQ", async { Ok(system.start_rabbitmq().await?) }).await?;
    step("migrations", async { Ok(system.migrate()?) }).await?;
    for part in system.parts() {
        step(&part.to_string(), async { Ok(system.start_part(part).await?) }).await?;
    }
    Ok(())
}

/// Watches until Ctrl-C or until another command has ended everything.
async fn stay(interrupts: &mut Interrupts) -> Result<()> {
    let mut known = Vec::new();
    loop {
        tokio::select! {
            () = interrupts.next() => break,
            () = tokio::time::sleep(BETWEEN_LOOKS) => {}
        }
        // read anew: `workers` and `down` run beside this
        let system = System::at(&places::local())?;
        if !system.exists() || !system.is_running() {
            eprintln!("ended by another command");
            return Ok(());
        }
        if places::is_locked()? {
            // another command is at work: what is missing may be about to come or meant to go
            continue;
        }
        let missing = system.missing();
        for name in missing.iter().filter(|name| !known.contains(*name)) {
            eprintln!(
                "{name} has ended: `cargo xtask logs {name}` says why, `cargo xtask up` starts it again"
            );
        }
        known = missing;
    }
    let _lock = places::lock().await?;
    step("ending everything in order", async {
        Ok(System::at(&places::local())?.stop().await?)
    })
    .await
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
