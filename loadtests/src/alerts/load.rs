//! A small load: citizens who apply at a rate that trials change, and files of an intermediary.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::StatusCode;
use serde::Deserialize;
use sportello_domain::OrganisationId;
use sportello_stack::Part;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use uuid::Uuid;

use crate::bulk::batches::{Batch, Uploader};
use crate::http::client::Intake;
use crate::http::persistence::Senders;
use crate::people::applications::{Applications, Prepared};
use crate::proof::ledger::Ledger;
use crate::system::private_system::PrivateSystem;

const ORGANISATION: &str = "patronato-esempio";
/// Pause between two looks at the rate, while it is 0.
const IDLE: Duration = Duration::from_millis(100);

/// Arrivals until it is dropped.
pub(super) struct Load {
    senders: Arc<Senders>,
    uploader: Arc<Uploader>,
    rate: Arc<AtomicU32>,
    next: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

/// An application that was answered with `202`.
#[derive(Deserialize)]
pub(super) struct Accepted {
    pub(super) id: Uuid,
    pub(super) receipt: String,
    #[serde(skip)]
    pub(super) token: String,
}

impl Load {
    pub(super) fn start(system: &PrivateSystem) -> anyhow::Result<Self> {
        let intake = system.url(Part::Intake).context("intake has no address")?;
        let mint = system.mint()?;
        let token = mint.organisation_token(&OrganisationId::parse(ORGANISATION)?)?;
        let ledger = Ledger::begin(&system.folder().join("ledger.jsonl"))?;
        let client = Intake::at(&intake)?;
        let applications = Applications::new(rand::random(), mint);
        let senders = Senders::new(applications, client.clone(), ledger);
        let (rate, next) = (Arc::<AtomicU32>::default(), Arc::<AtomicU64>::default());
        let arrivals = arrive(Arc::clone(&senders), client, Arc::clone(&rate), Arc::clone(&next));
        Ok(Self {
            uploader: Uploader::new(Arc::clone(&senders), &intake, token)?,
            senders,
            rate,
            next,
            task: tokio::spawn(arrivals),
        })
    }

    /// Sets how many apply each second.
    pub(super) fn set(&self, rate: u32) {
        self.rate.store(rate, Ordering::Relaxed);
    }

    /// Sends one application to the intake at this address, which must accept it.
    pub(super) async fn apply(&self, intake: &str) -> anyhow::Result<Accepted> {
        let prepared = self.prepare()?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let request = client
            .post(format!("{intake}/v1/applications"))
            .headers(prepared.headers.clone())
            .body(prepared.body);
        let answer = request.send().await?;
        let status = answer.status();
        ensure!(status == StatusCode::ACCEPTED, "an application got {status}");
        let token = prepared.headers["authorization"].to_str()?.to_owned();
        Ok(Accepted {
            token,
            ..answer.json().await?
        })
    }

    /// Uploads a file of these rows, and returns how many were accepted.
    pub(super) async fn upload(&self, rows: Range<u32>) -> anyhow::Result<u64> {
        upload(&self.senders, &self.uploader, rows).await
    }

    /// Uploads `first` rows, then some more again and again, until the handle is aborted.
    pub(super) fn upload_on(&self, first: u32) -> JoinHandle<()> {
        const MORE: u32 = 500;
        const PAUSE: Duration = Duration::from_secs(4);
        let (senders, uploader) = (Arc::clone(&self.senders), Arc::clone(&self.uploader));
        tokio::spawn(async move {
            let (mut begin, mut rows) = (1_000, first);
            // one that fails shows in the backlog that does not grow
            while upload(&senders, &uploader, begin..begin + rows).await.is_ok() {
                begin += rows;
                rows = MORE;
                sleep(PAUSE).await;
            }
        })
    }

    fn prepare(&self) -> anyhow::Result<Prepared> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.senders.applications().prepare(number)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn upload(senders: &Senders, uploader: &Arc<Uploader>, rows: Range<u32>) -> anyhow::Result<u64> {
    let batch = Batch::new(senders.applications(), rows);
    let upload = uploader.send(&batch, 1, watch::Sender::new(0)).await?;
    Ok(upload.accepted)
}

/// Sends each application once: what becomes of its answer is for the alerts to tell.
async fn arrive(senders: Arc<Senders>, intake: Intake, rate: Arc<AtomicU32>, next: Arc<AtomicU64>) {
    loop {
        let rate = rate.load(Ordering::Relaxed);
        if rate == 0 {
            sleep(IDLE).await;
            continue;
        }
        let number = next.fetch_add(1, Ordering::Relaxed);
        if let Ok(prepared) = senders.applications().prepare(number) {
            let intake = intake.clone();
            tokio::spawn(async move { intake.submit(&prepared).await });
        }
        sleep(Duration::from_secs(1) / rate).await;
    }
}
