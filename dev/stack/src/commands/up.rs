//! `cargo xtask up`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use sportello_stack::{Setup, System, catalogue};

use super::interrupt::Interrupts;
use super::steps::step;
use super::{addresses, example, places};

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Options of `up`.
#[derive(Debug, Args)]
pub struct Options {
    /// Return when the system is ready, and leave it running
    #[arg(long)]
    detach: bool,
    /// Run three RabbitMQ nodes, and PostgreSQL with a standby; their data are apart from those of
    /// a single node
    #[arg(long)]
    cluster: bool,
    /// The folder of the programs `intake`, `worker`, `status`, `portal` and `console`
    #[arg(long, value_name = "FOLDER")]
    programs: PathBuf,
}

/// Starts everything; without `--detach`, stops it on Ctrl-C.
pub async fn run(options: &Options) -> Result<()> {
    let mut interrupts = Interrupts::take_over()?;
    let setup = setup(options);
    let lock = interrupts.unless(places::lock()).await?;
    let mut system = System::at(&places::local())?;
    system.set_up(setup)?;
    if let Err(error) = interrupts.unless(start(&mut system)).await {
        eprintln!("stopping what was started; the data stay");
        system.stop().await?;
        return Err(error);
    }
    drop(lock);
    println!("{}\n{}", addresses::summary(&system), example::text(&system));
    if options.detach {
        println!("Sportello runs until `cargo xtask down`.");
        return Ok(());
    }
    println!("Ctrl-C stops it; the data stay.");
    stay(&mut interrupts).await
}

fn setup(options: &Options) -> Setup {
    Setup {
        programs: options.programs.clone(),
        identity_provider: places::identity_provider(),
        catalogue: catalogue::shipped(),
        portal_assets: Some(places::portal_assets()),
        worker_command: this_program().map(|program| format!("{program} workers")),
        cluster: options.cluster,
        database_url: set("DATABASE_URL"),
        amqp_url: set("AMQP_URL"),
        // in the system's folder, so that `down --wipe` removes it
        settings: [("SPOOL_FOLDER".into(), "spool".into())].into(),
        ..Setup::default()
    }
}

async fn start(system: &mut System) -> Result<()> {
    step("PostgreSQL", async { Ok(system.start_postgres().await?) }).await?;
    step("RabbitMQ", async { Ok(system.start_rabbitmq().await?) }).await?;
    step("migrations", async { Ok(system.migrate()?) }).await?;
    step("exchanges and queues", async { Ok(system.declare_topology()?) }).await?;
    for part in system.parts() {
        step(&part.to_string(), async { Ok(system.start_part(part).await?) }).await?;
    }
    Ok(())
}

/// Watches until Ctrl-C, or until another command has stopped everything.
async fn stay(interrupts: &mut Interrupts) -> Result<()> {
    let mut known = Vec::new();
    loop {
        tokio::select! {
            () = interrupts.next() => break,
            () = tokio::time::sleep(BETWEEN_LOOKS) => {}
        }
        // read again each time: `workers` and `down` may run beside this
        let system = System::at(&places::local())?;
        if !system.exists() || !system.is_running() {
            eprintln!("another command stopped the system");
            return Ok(());
        }
        if places::is_locked()? {
            // another command is at work: a missing process may be starting or stopping
            continue;
        }
        let missing = system.missing();
        for name in missing.iter().filter(|name| !known.contains(*name)) {
            eprintln!(
                "{name} has ended: `cargo xtask logs {name}` shows why, `cargo xtask up` starts it again"
            );
        }
        known = missing;
    }
    let _lock = places::lock().await?;
    step("stopping everything in order", async {
        Ok(System::at(&places::local())?.stop().await?)
    })
    .await
}

/// Returns this program's path, by which the console sets the number of workers; a path with spaces
/// is no command line.
fn this_program() -> Option<String> {
    let path = std::env::current_exe()
        .ok()?
        .into_os_string()
        .into_string()
        .ok()?;
    (!path.contains(' ')).then_some(path)
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
