//! The system on which contenders are measured, one at a time.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use lapin::options::QueuePurgeOptions;
use sportello_domain::Channel;
use sportello_people::mint::TokenSignature;
use sportello_queue::topology::queue_name;
use sportello_stack::{Identity, Part};
use tokio::runtime::Builder;

use super::Contender;
use super::broker::{Broker, NAIVE, RAW, delete_queue, publish_all_the_time, quorum_queue};
use super::child::Child;
use super::envelopes::{Packing, envelopes, one_envelope};
use super::generator::{Window, closed_loop};
use super::meter::Meter;
use super::requests::{Requests, prepare};
use crate::http::aside::aside;
use crate::people::applications::Applications;
use crate::system::private_system::PrivateSystem;

const GRACE: Duration = Duration::from_secs(30);
/// Requests prepared for each millisecond of load: more than two cores answer, so that intake gets
/// none twice.
const PREPARED_A_MILLISECOND: u64 = 16;

/// The size of a measurement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) window: Duration,
    pub(super) connections: usize,
    /// Applications that a worker drains.
    pub(super) applications: u64,
    pub(super) seed: u64,
    pub(super) signature: TokenSignature,
}

/// The result of a turn.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    rate: f64,
    /// Microseconds of processor time for each application, by process.
    cpu_us: BTreeMap<&'static str, f64>,
}

impl Measured {
    pub(super) fn new(applications: u64, elapsed: Duration, meter: &Meter) -> Self {
        let each = applications.max(1) as f64;
        let seconds = meter.read().into_iter();
        Self {
            rate: applications as f64 / elapsed.as_secs_f64(),
            cpu_us: seconds
                .map(|(name, seconds)| (name, seconds * 1e6 / each))
                .collect(),
        }
    }

    /// Returns the same result with a more accurate rate.
    pub(super) fn at_rate(self, rate: f64) -> Self {
        Self { rate, ..self }
    }

    /// Returns applications a second.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    pub(super) fn cpu_us(&self) -> &BTreeMap<&'static str, f64> {
        &self.cpu_us
    }
}

/// A private system whose intake runs and whose worker does not.
pub(super) struct Bench {
    pub(super) system: PrivateSystem,
    size: Size,
    applications: Arc<Applications>,
    /// Prepared at first use; the same in each round.
    requests: Option<Arc<Requests>>,
    envelopes: BTreeMap<Packing, Arc<Vec<(Bytes, u32)>>>,
}

impl Bench {
    pub(super) async fn start(size: Size) -> anyhow::Result<Self> {
        let system = PrivateSystem::start().await?;
        system.process(Part::Worker(1)).terminate(GRACE).await?;
        let applications = Arc::new(Applications::new(
            size.seed,
            system.mint()?.signing(size.signature),
        ));
        Ok(Self {
            system,
            size,
            applications,
            requests: None,
            envelopes: BTreeMap::new(),
        })
    }

    /// Stops the system in order.
    pub(super) async fn end(self) -> anyhow::Result<()> {
        Ok(self.system.stop().await?)
    }

    pub(super) async fn measure(&mut self, contender: Contender) -> anyhow::Result<Measured> {
        let measured = match contender {
            Contender::Broker => self.broker().await,
            Contender::Http => self.http().await,
            Contender::Naive => self.naive().await,
            Contender::Intake => self.intake().await,
            Contender::BareWorker => self.bare_worker().await,
            Contender::Worker => self.worker().await,
        };
        measured.with_context(|| contender.to_string())
    }

    async fn broker(&mut self) -> anyhow::Result<Measured> {
        self.on_broker(|broker| async move { quorum_queue(&broker, RAW).await })
            .await?;
        let (url, window) = (self.amqp_url(), self.window());
        let body = one_envelope(&self.applications)?;
        let mut meter = Meter::new(self.servers());
        let publishing = on_threads(move || publish_all_the_time(url, body, window));
        let (confirmed, ()) = tokio::try_join!(publishing, meter.over(window))?;
        let measured = Measured::new(confirmed, window.length, &meter);
        self.on_broker(|broker| async move { delete_queue(&broker, RAW).await })
            .await?;
        Ok(measured)
    }

    async fn http(&mut self) -> anyhow::Result<Measured> {
        let child = Child::start("http", &[]).await?;
        let measured = self.load(child.says(), child.identity().ok()).await?;
        child.end().await?;
        Ok(measured)
    }

    async fn naive(&mut self) -> anyhow::Result<Measured> {
        let child = Child::start("naive", &[("AMQP_URL", &self.amqp_url())]).await?;
        let measured = self.load(child.says(), child.identity().ok()).await?;
        child.end().await?;
        self.on_broker(|broker| async move { delete_queue(&broker, NAIVE).await })
            .await?;
        Ok(measured)
    }

    async fn intake(&mut self) -> anyhow::Result<Measured> {
        let url = self.system.url(Part::Intake).context("intake has no address")?;
        let process = self.system.process(Part::Intake).identity();
        let measured = self.load(url.trim_start_matches("http://"), process).await;
        // keeps its bindings: without them, later messages would be unrouted
        let purge = |broker: Broker| async move {
            let queue = queue_name(Channel::Citizen).into();
            broker
                .channel
                .queue_purge(queue, QueuePurgeOptions::default())
                .await?;
            Ok(())
        };
        self.on_broker(purge).await?;
        measured
    }

    /// Puts an HTTP server at an address under load.
    async fn load(&mut self, address: &str, process: Option<Identity>) -> anyhow::Result<Measured> {
        let (requests, window) = (self.requests().await?.again(), self.window());
        let (address, connections) = (address.parse()?, self.size.connections);
        let mut meter = Meter::new(self.servers());
        meter.add("contender", process);
        let load = aside(move || closed_loop(address, requests, connections, window));
        let (good, ()) = tokio::try_join!(load, meter.over(window))?;
        Ok(Measured::new(good, window.length, &meter))
    }

    async fn requests(&mut self) -> anyhow::Result<Arc<Requests>> {
        if let Some(requests) = &self.requests {
            return Ok(Arc::clone(requests));
        }
        let count = u64::try_from(self.window().whole().as_millis())? * PREPARED_A_MILLISECOND;
        let made = prepare(Arc::clone(&self.applications), 0, count).await?;
        Ok(Arc::clone(self.requests.insert(Arc::new(made))))
    }

    /// Returns the messages that workers drain: the same in each round, with the same applications
    /// in every packing.
    pub(super) async fn envelopes(&mut self, packing: Packing) -> anyhow::Result<Arc<Vec<(Bytes, u32)>>> {
        if let Some(envelopes) = self.envelopes.get(&packing) {
            return Ok(Arc::clone(envelopes));
        }
        let made = envelopes(Arc::clone(&self.applications), self.size.applications, packing).await?;
        let made = Arc::new(made);
        self.envelopes.insert(packing, Arc::clone(&made));
        Ok(made)
    }

    /// Returns how many applications a worker drains.
    pub(super) fn applications(&self) -> u64 {
        self.size.applications
    }

    fn window(&self) -> Window {
        Window::of(self.size.window)
    }

    pub(super) fn amqp_url(&self) -> String {
        self.system.amqp_url()
    }

    pub(super) fn database_url(&self) -> String {
        self.system.database_url()
    }

    /// Returns the servers' processes.
    pub(super) fn servers(&mut self) -> [(&'static str, Option<Identity>); 2] {
        [
            ("rabbitmq", self.system.rabbitmq().process().identity()),
            ("postgres", self.system.postgres().process().identity()),
        ]
    }
}

/// Runs the work on a multi-threaded runtime, which a connection to the broker needs.
pub(crate) async fn on_threads<T, F>(work: impl FnOnce() -> F + Send + 'static) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>>,
{
    let run = || Builder::new_multi_thread().enable_all().build()?.block_on(work());
    tokio::task::spawn_blocking(run).await?
}
