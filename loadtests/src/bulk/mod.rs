//! An intermediary uploads a file of many applications while citizens apply one by one.

pub mod batches;
pub mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sportello_domain::OrganisationId;
use sportello_stack::{Memory, Part};
use tokio::sync::watch;

use crate::bulk::batches::{Batch, Upload, Uploader};
use crate::bulk::report::{BulkReport, Seen};
use crate::http::aside::aside;
use crate::http::client::Intake;
use crate::http::open_loop::Schedule;
use crate::http::persistence::Senders;
use crate::people::applications::{Applications, BATCHES};
use crate::proof::ledger::Ledger;
use crate::proof::reconcile::reconcile;
use crate::proof::register;
use crate::system::backlog::drained;
use crate::system::private_system::PrivateSystem;

/// Deadline of the whole run.
const DEADLINE: Duration = Duration::from_secs(900);
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
const ORGANISATION: &str = "patronato-esempio";

/// The size of a run.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    /// Rows of the file.
    pub rows: u32,
    /// Citizens who apply each second, from the upload's start until all its rows are registered.
    pub citizens: u32,
    /// Seed of the people.
    pub seed: u64,
}

/// Sends the load to a private system, and compares ledger and register.
///
/// # Errors
/// Something other than the promises failed: a part does not start, or a query of the database
/// fails.
pub async fn run(bulk: Bulk) -> anyhow::Result<BulkReport> {
    let system = PrivateSystem::start().await?;
    let intake = system.url(Part::Intake).context("intake has no address")?;
    let ledger = Ledger::begin(&system.folder().join("ledger.jsonl"))?;
    let mint = system.mint()?;
    let token = mint.organisation_token(&OrganisationId::parse(ORGANISATION)?)?;
    let senders = Senders::new(Applications::new(bulk.seed, mint), Intake::at(&intake)?, ledger);
    let uploader = Uploader::new(Arc::clone(&senders), &intake, token)?;
    let batch = Batch::new(senders.applications(), 0..bulk.rows);

    let stop = Stop::default();
    let citizens = citizens(Arc::clone(&senders), bulk.citizens, stop.clone());
    let upload = upload_until_registered(&system, &uploader, &batch, stop);
    let ((), (upload, registered_after)) = tokio::try_join!(citizens, upload)?;

    let lines = senders.ledger().read()?;
    let accepted = reconcile(&lines, &[], senders.applications()).accepted(&(0..u64::MAX));
    let (_, backlog) = drained(&system, accepted as u64, 0, DEADLINE).await?;
    let mut database = register::connect(&system.database_url()).await?;
    let rows = register::rows(&mut database).await?;
    let reconciliation = reconcile(&lines, &rows, senders.applications());
    let report = BulkReport::new(&Seen {
        batch: &batch,
        upload: &upload,
        registered_after,
        backlog,
        lines: &lines,
        reconciliation: &reconciliation,
        waits: register::waits(&mut database, "citizen").await?,
        intake: memory(&system, Part::Intake)?,
        worker: memory(&system, Part::Worker(1))?,
    });
    system.stop().await?;
    Ok(report)
}

/// Stops the arrivals of citizens.
#[derive(Debug, Clone, Default)]
struct Stop(Arc<AtomicBool>);

/// Sends citizens' applications until stopped; each waits for its answer.
async fn citizens(senders: Arc<Senders>, rate: u32, stop: Stop) -> anyhow::Result<()> {
    let schedule = Schedule {
        rate,
        duration: DEADLINE,
    };
    ensure!(
        schedule.total() < BATCHES,
        "at most {BATCHES} citizens are invented"
    );
    let preparing = Arc::clone(&senders);
    // prepared on arrival: their number is unknown
    let arrivals = (0..)
        .take_while(move |_| !stop.0.load(Ordering::Relaxed))
        .map_while(move |number| preparing.applications().prepare(number).ok());
    let arrive = move |application, due| {
        let senders = Arc::clone(&senders);
        async move { senders.insist(&application, due).await }
    };
    aside(move || async move {
        schedule.run(arrivals, arrive).await;
        Ok(())
    })
    .await
}

/// Uploads the file, waits until the register holds its accepted applications or the deadline
/// passes, and stops the citizens. Returns the answer and the time of both steps.
async fn upload_until_registered(
    system: &PrivateSystem,
    uploader: &Arc<Uploader>,
    batch: &Batch,
    stop: Stop,
) -> anyhow::Result<(Upload, Duration)> {
    let begun = Instant::now();
    let upload = uploader.send(batch, 1, watch::Sender::new(0)).await?;
    let mut database = register::connect(&system.database_url()).await?;
    while register::count_of(&mut database, "intermediary").await? < upload.accepted
        && begun.elapsed() < DEADLINE
    {
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    stop.0.store(true, Ordering::Relaxed);
    Ok((upload, begun.elapsed()))
}

fn memory(system: &PrivateSystem, part: Part) -> anyhow::Result<Memory> {
    let process = system.process(part).identity();
    process
        .and_then(|process| process.memory())
        .with_context(|| format!("{part} has ended"))
}
