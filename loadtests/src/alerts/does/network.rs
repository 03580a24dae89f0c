//! Slow networks.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::Url;
use sportello_faults::{Manner, Proxy};
use sportello_stack::{Account, Part};

use super::Task;
use crate::alerts::stage::Stage;
use crate::faults::scene::Wire;

const WORKER: Part = Part::Worker(1);
/// Delay of each direction.
const SLOW_DATABASE: Duration = Duration::from_millis(150);
/// A confirm takes twice as long: less than the 800 ms for which intake waits.
const SLOW_BROKER: Duration = Duration::from_millis(280);
/// Rows of the first file: more than the alert's threshold.
const ROWS: u32 = 11_000;
/// A worker that settles little in a second when each statement takes long.
const SMALL_STEPS: [(&str, &str); 3] = [
    ("WORKER_TRANSACTION_SIZE", "10"),
    ("WORKER_LANES", "1"),
    ("PREFETCH", "4"),
];

pub(super) async fn slow_database(stage: &mut Stage) -> anyhow::Result<()> {
    let address = stage.scene.system.database_url_of(Account::Worker);
    let by_proxy = proxy(stage, Wire::WorkerPostgres, &address)?;
    let settings = SMALL_STEPS.map(|(name, value)| (name.to_owned(), Some(value.to_owned())));
    let proxied = [("DATABASE_URL".to_owned(), Some(by_proxy))];
    stage
        .scene
        .set(WORKER, settings.into_iter().chain(proxied))
        .await?;
    set(stage, Wire::WorkerPostgres, Manner::Slow(SLOW_DATABASE))?;
    stage.held.uploads = Some(Task(stage.load.upload_on(ROWS)));
    Ok(())
}

pub(super) async fn quick_database(stage: &mut Stage) -> anyhow::Result<()> {
    stage.held.uploads = None;
    set(stage, Wire::WorkerPostgres, Manner::Pass)?;
    let names = SMALL_STEPS
        .map(|(name, _)| name)
        .into_iter()
        .chain(["DATABASE_URL"]);
    let settings: Vec<_> = names.map(|name| (name.to_owned(), None)).collect();
    stage.scene.set(WORKER, settings).await?;
    stage.scene.wires.remove(&Wire::WorkerPostgres);
    Ok(())
}

pub(super) async fn slow_broker(stage: &mut Stage) -> anyhow::Result<()> {
    let address = stage.scene.system.amqp_url_of(Account::Intake);
    let by_proxy = proxy(stage, Wire::IntakeRabbitMq, &address)?;
    let proxied = [("AMQP_URL".to_owned(), Some(by_proxy))];
    stage.scene.set(Part::Intake, proxied).await?;
    set(stage, Wire::IntakeRabbitMq, Manner::Slow(SLOW_BROKER))
}

pub(super) async fn quick_broker(stage: &mut Stage) -> anyhow::Result<()> {
    set(stage, Wire::IntakeRabbitMq, Manner::Pass)?;
    stage
        .scene
        .set(Part::Intake, [("AMQP_URL".to_owned(), None)])
        .await?;
    stage.scene.wires.remove(&Wire::IntakeRabbitMq);
    Ok(())
}

/// Starts a proxy to this server, and returns its address as the part's.
fn proxy(stage: &mut Stage, wire: Wire, server: &str) -> anyhow::Result<String> {
    let mut server = Url::parse(server)?;
    let proxy = Proxy::to(server.port().context("an address without a port")?)?;
    let port = Some(proxy.port());
    server
        .set_port(port)
        .ok()
        .context("an address that has no port")?;
    stage.scene.wires.insert(wire, proxy);
    Ok(server.into())
}

fn set(stage: &Stage, wire: Wire, manner: Manner) -> anyhow::Result<()> {
    stage
        .scene
        .wires
        .get(&wire)
        .context("there is no proxy")?
        .set(manner);
    Ok(())
}
