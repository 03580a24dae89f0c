//! `stack servers`: the servers for `cargo xtask test`.

use std::io;
use std::path::Path;

use anyhow::Result;
use clap::Args;
use sportello_stack::abandoned::{discard, postgres, rabbitmq, sweep};
use sportello_stack::{folders, test_servers};
use tokio::sync::oneshot;

use super::interrupt::Interrupts;

/// Options of `servers`.
#[derive(Debug, Args)]
pub struct Options {
    /// Only stop servers that earlier tests left running, and remove their data
    #[arg(long)]
    stop: bool,
}

/// Starts both, prints their addresses as KEY=value lines and an empty line, and stops both at the
/// end of standard input.
///
/// A caller that is killed closes the input, so no server outlives its caller.
pub async fn run(options: &Options) -> Result<()> {
    let folder = folders::workspace().join("target/test");
    if options.stop {
        discard(&test_servers::shared_folder()).await?;
    } else {
        let mut interrupts = Interrupts::take_over()?;
        // left by a killed run
        discard(&folder).await?;
        let used = interrupts.unless(serve(&folder)).await;
        discard(&folder).await?;
        used?;
    }
    discard(&folder).await?;
    Ok(sweep(&test_servers::private_folder()).await?)
}

async fn serve(folder: &Path) -> Result<()> {
    let (mut database, mut broker) = (postgres(folder)?, rabbitmq(folder)?);
    let (started, others) = tokio::join!(database.start(), broker.start());
    started?;
    others?;
    println!("{}={}", test_servers::DATABASE_URL, database.url());
    println!("{}={}", test_servers::AMQP_URL, broker.url());
    println!("{}={}", test_servers::MANAGEMENT_URL, broker.management_url());
    println!();
    input_ends().await
}

/// Waits for the end of standard input on its own thread: the read can't be cancelled, and would
/// block the runtime.
async fn input_ends() -> Result<()> {
    let (ends, ended) = oneshot::channel();
    std::thread::spawn(move || ends.send(io::copy(&mut io::stdin(), &mut io::sink())));
    ended.await??;
    Ok(())
}
